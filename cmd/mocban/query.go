package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/graph/text"
	"mocban/sparql"
	"mocban/sparql/results"
	"mocban/vocab"
)

func (a *app) queryCommand() *cobra.Command {
	var file, text, format, output string
	var timeout time.Duration
	var explain, strict bool
	cmd := &cobra.Command{
		Use:   "query [SPARQL]",
		Short: "chạy truy vấn SPARQL · run a SPARQL query",
		Example: `  mocban query -l data 'SELECT ?w { ?w a <http://id.loc.gov/ontologies/bibframe/Work> } LIMIT 5'
  mocban query -l data --query-file q.rq --results-format csv > out.csv`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				text = args[0]
			}
			q, err := a.queryText(text, file)
			if err != nil {
				return err
			}
			o := queryOptions{format: format, output: output, explain: explain, strict: strict, timeout: timeout}
			return a.query(cmd.Context(), q, o)
		},
	}
	a.atFlag(cmd)
	f := cmd.Flags()
	f.StringVar(&text, "query", "", "câu truy vấn · the query")
	f.StringVar(&file, "query-file", "", "tệp chứa truy vấn, - cho đầu vào chuẩn · file that holds the query, - for standard input")
	f.StringVar(&format, "results-format", "", "json, xml, csv, tsv; ttl, nt, nq, trig, rdf, jsonld cho CONSTRUCT và DESCRIBE · for graphs")
	f.StringVarP(&output, "results-file", "o", "", "ghi vào tệp · write to a file")
	f.DurationVar(&timeout, "timeout", 0, "giới hạn thời gian, ví dụ 30s (mặc định: không) · time limit, such as 30s (default: none)")
	f.BoolVar(&explain, "explain", false, "in kế hoạch và số đo thay cho kết quả · print the plan and what it did instead of results")
	f.BoolVar(&strict, "strict-default-graph", false, "đồ thị mặc định không gồm các đồ thị có tên · default graph without the named ones")
	return cmd
}

// queryText returns the query that the flags name.
func (a *app) queryText(text, file string) (string, error) {
	switch {
	case text != "" && file != "":
		return "", usagef("a query and --query-file: give one of them")
	case text != "":
		return text, nil
	case file == "":
		return "", wrongf("chưa có truy vấn: viết sau lệnh, hoặc chỉ tệp bằng --query-file", "no query given: write it behind the command, or name a file with --query-file")
	}
	in, err := a.open(file)
	if err != nil {
		return "", err
	}
	defer in.Close()
	b, err := io.ReadAll(io.LimitReader(in, 1<<20))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", in.name, err)
	}
	if strings.TrimSpace(string(b)) == "" {
		return "", usagef("%s holds no query", in.name)
	}
	return string(b), nil
}

type queryOptions struct {
	format, output  string
	explain, strict bool
	timeout         time.Duration
}

// query runs one query and writes what it gives.
func (a *app) query(ctx context.Context, request string, o queryOptions) (err error) {
	if o.timeout <= 0 {
		o.timeout = 1000 * time.Hour // who sits at the machine can stop it
	}
	base, err := a.settings.base()
	if err != nil {
		return err
	}
	words := &lazySearch{dir: a.settings.place("text")}
	defer func() { err = errors.Join(err, words.close()) }()
	options := sparql.Options{Strict: o.strict, Search: words, Disk: a.queryDisk(), Limits: sparql.Limits{Time: o.timeout}}
	if err := a.mayAsk(&options); err != nil {
		return err
	}
	engine := sparql.New(options)
	q, err := engine.Prepare(sparql.Request{Text: request, Base: base, Limits: sparql.Limits{Time: o.timeout}})
	if err != nil {
		return &usageError{err}
	}
	write, err := a.answerWriter(q, o.format)
	if err != nil {
		return err
	}
	return a.withStore(func(s graph.Store, snapshot graph.Snapshot) error {
		words.store = s
		if err := options.Disk.Clean(); err != nil {
			return err
		}
		return a.write(o.output, func(out io.Writer) error {
			if !o.explain {
				return write(ctx, q, snapshot, out)
			}
			plan, err := q.Explain(ctx, snapshot, true) // of a query that a limit ended, what it did until then
			if plan != "" {
				_, e := fmt.Fprintln(out, strings.TrimRight(plan, "\n"))
				err = errors.Join(err, e)
			}
			return err
		})
	})
}

// A lazySearch opens the index of words when a query asks for it, and brings it up to date.
type lazySearch struct {
	dir   string
	store graph.Store
	index *text.Index
}

func (l *lazySearch) Search(ctx context.Context, s graph.Search) (graph.Found, error) {
	if l.index == nil {
		index, err := text.Open(l.dir, indexed())
		if err != nil {
			return graph.Found{}, err
		}
		l.index = index
		if _, err := index.CatchUp(ctx, l.store); err != nil {
			return graph.Found{}, err
		}
	}
	return l.index.Search(ctx, s)
}

func (l *lazySearch) close() error {
	if l.index == nil {
		return nil
	}
	return l.index.Close()
}

// An answer writes what a query gives.
type answer func(ctx context.Context, q *sparql.Query, s graph.Snapshot, w io.Writer) error

// answerWriter returns how the answer of a query is written, by the form of the query.
func (a *app) answerWriter(q *sparql.Query, format string) (answer, error) {
	if q.Form() == sparql.Select || q.Form() == sparql.Ask {
		if format == "" && q.Form() == sparql.Ask {
			return writeAsk(nil), nil
		}
		f, err := resultFormat(format)
		if err != nil {
			return nil, err
		}
		if q.Form() == sparql.Ask {
			return writeAsk(f), nil
		}
		return writeRows(f), nil
	}
	f := rdfio.Turtle
	if format != "" {
		var ok bool
		if f, ok = rdfio.ByExtension(format); !ok {
			if f, ok = rdfio.ByMediaType(format); !ok {
				return nil, usagef("--results-format: %q is none of ttl, nt, nq, trig, rdf, jsonld, which a %s can be written in", format, q.Form())
			}
		}
	}
	return writeGraph(f), nil
}

func resultFormat(name string) (*results.Format, error) {
	switch strings.ToLower(name) {
	case "json":
		return results.JSON, nil
	case "xml":
		return results.XML, nil
	case "", "tsv":
		return results.TSV, nil
	case "csv":
		return results.CSV, nil
	}
	if f, ok := results.ByMediaType(name); ok {
		return f, nil
	}
	return nil, usagef("--results-format: %q is none of json, xml, csv, tsv", name)
}

func writeAsk(f *results.Format) answer {
	return func(ctx context.Context, q *sparql.Query, s graph.Snapshot, w io.Writer) error {
		yes, err := q.Ask(ctx, s)
		if err != nil {
			return err
		}
		if f == nil || !f.Boolean {
			_, err = fmt.Fprintln(w, yes)
			return err
		}
		rw, err := results.NewWriter(f, w)
		if err != nil {
			return err
		}
		if err := rw.Boolean(yes); err != nil {
			return err
		}
		return rw.Close()
	}
}

func writeRows(f *results.Format) answer {
	return func(ctx context.Context, q *sparql.Query, s graph.Snapshot, w io.Writer) error {
		rows, err := q.Select(ctx, s)
		if err != nil {
			return err
		}
		defer rows.Close()
		rw, err := results.NewWriter(f, w)
		if err != nil {
			return err
		}
		if err := rw.Begin(rows.Vars()); err != nil {
			return err
		}
		for rows.Next() {
			if err := rw.Row(rows.Row()); err != nil {
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		return rw.Close()
	}
}

func writeGraph(f *rdfio.Format) answer {
	return func(ctx context.Context, q *sparql.Query, s graph.Snapshot, w io.Writer) error {
		triples, err := q.Graph(ctx, s)
		if err != nil {
			return err
		}
		defer triples.Close()
		rw, err := rdfio.NewWriter(f, w, rdfio.WriteOptions{Prefixes: vocab.Prefixes})
		if err != nil {
			return err
		}
		for triples.Next() {
			if err := rw.Write(triples.Triple().In(graph.Term{})); err != nil {
				return err
			}
		}
		if err := triples.Err(); err != nil {
			return err
		}
		return rw.Close()
	}
}

// create opens a file to write to, or standard output for "" and "-". The function flushes
// and closes it.
func (a *app) create(path string) (io.Writer, func() error, error) {
	var w io.Writer = a.out
	closeFile := func() error { return nil }
	if path != "" && path != "-" {
		f, err := os.Create(path)
		if err != nil {
			return nil, nil, usagef("cannot write %s: %w", path, errors.Unwrap(err))
		}
		w, closeFile = f, f.Close
	}
	b := bufio.NewWriterSize(w, 32<<10)
	return b, func() error { return errors.Join(b.Flush(), closeFile()) }, nil
}

// queryDisk is where queries put rows that do not fit into memory. Who cleans it holds the store.
func (a *app) queryDisk() *sparql.Disk {
	return &sparql.Disk{Dir: a.settings.place("tmp"), Max: max(0, cmp.Or(a.settings.QueryDisk, 4096)) << 20}
}
