package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/ingest"
	"mocban/ingest/marc"
	"mocban/ingest/quality"
	"mocban/ontology/shacl"
	"mocban/vocab"
	"mocban/vocab/mocban"
)

// checkFlags are those of the commands that judge what records become.
type checkFlags struct {
	check, strict bool
	shapes        []string
	report        string
}

func (f *checkFlags) add(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.BoolVar(&f.check, "check", false, "đánh giá từng biểu ghi bằng hình dạng SHACL, cho điểm từng thư viện · judge each record by SHACL shapes, and score each library")
	fs.BoolVar(&f.strict, "strict", false, "để riêng biểu ghi có lỗi; gồm cả --check · set records aside that have a violation; means --check")
	fs.StringVar(&f.report, "report", "", "`tệp` báo cáo: .tsv từng phát hiện, .json, hoặc văn bản; gồm cả --check · file for the report: .tsv each finding, .json, or text; means --check")
	f.addShapes(cmd)
}

func (f *checkFlags) addShapes(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.shapes, "shapes", nil, "`tệp` hình dạng SHACL thay cho hình dạng có sẵn · file of SHACL shapes to judge by instead of ours")
}

// judge makes a pipeline judge, if that is asked for. The function that is returned writes the
// report.
func (a *app) judge(p *ingest.Pipeline, f checkFlags) (finish func(quality.Cards) error, err error) {
	finish = func(quality.Cards) error { return nil }
	if !f.check && !f.strict && f.report == "" && len(f.shapes) == 0 {
		return finish, nil
	}
	shapes, err := a.shapes(f.shapes)
	if err != nil {
		return nil, err
	}
	if p.Judge, err = quality.New(shapes); err != nil {
		return nil, err
	}
	p.Strict = f.strict
	if f.report == "" {
		return finish, nil
	}
	w, err := a.newFindings(f.report)
	if err != nil {
		return nil, err
	}
	before := p.Notice
	p.Notice = func(n ingest.Notice) {
		if before != nil {
			before(n)
		}
		w.note(n)
	}
	return w.finish, nil
}

// shapes reads files of shapes; none means ours.
func (a *app) shapes(paths []string) (*shacl.Shapes, error) {
	if len(paths) == 0 {
		return shacl.Own()
	}
	var all []graph.Quad
	for i, path := range paths {
		if err := a.readShapes(path, fmt.Sprintf("s%d", i), &all); err != nil {
			return nil, err
		}
	}
	shapes, err := shacl.Compile(all)
	if err != nil {
		return nil, &usageError{fmt.Errorf("%s: %w", strings.Join(paths, ", "), err)}
	}
	if shapes.Len() == 0 {
		return nil, wrongf("%s không có hình dạng nào có đích (sh:targetClass, sh:targetNode, …)",
			"%s: there is no shape with a target (sh:targetClass, sh:targetNode, …)", strings.Join(paths, ", "))
	}
	for _, what := range shapes.Ignored() {
		a.sayf("bỏ qua %s: không thuộc SHACL Core\n", "%s is passed over: it is no part of SHACL Core\n", what)
	}
	return shapes, nil
}

func (a *app) readShapes(path, blanks string, all *[]graph.Quad) error {
	in, err := a.open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	f, ok, err := in.rdfFormat("")
	if err != nil {
		return err
	}
	if !ok {
		f = rdfio.Turtle
	}
	o := rdfio.ReadOptions{Base: graph.IRI("file:///" + filepath.Base(in.base)), Blanks: blanks}
	err = rdfio.Scan(context.Background(), f, in, o, func(quads []graph.Quad) error {
		*all = append(*all, quads...)
		return nil
	})
	if err != nil {
		return &usageError{fmt.Errorf("%s: %w", in.name, err)}
	}
	return nil
}

// A findingWriter writes the report of what was judged into a file.
type findingWriter struct {
	a     *app
	path  string
	kind  string // "tsv", "json" or ""
	out   io.Writer
	close func() error
	err   error
}

func (a *app) newFindings(path string) (*findingWriter, error) {
	w := &findingWriter{a: a, path: path}
	out, closeOut, err := a.create(path)
	if err != nil {
		return nil, err
	}
	packedOut, closePacked, err := packed(out, path)
	if err != nil {
		return nil, errors.Join(err, closeOut())
	}
	w.out = packedOut
	w.close = func() error { return errors.Join(closePacked(), closeOut()) }
	switch ext := filepath.Ext(strings.TrimSuffix(strings.TrimSuffix(path, ".gz"), ".zst")); ext {
	case ".tsv", ".json":
		w.kind = ext[1:]
	}
	if w.kind == "tsv" {
		w.row("library", "source", "number", "id", "severity", "rule", "field", "subfield", "value", "vi", "en")
	}
	return w, nil
}

// row writes a line of cells. What divides cells and lines becomes a blank.
func (w *findingWriter) row(cells ...string) {
	for i, c := range cells {
		cells[i] = strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, c)
	}
	if _, err := io.WriteString(w.out, strings.Join(cells, "\t")+"\n"); w.err == nil {
		w.err = err
	}
}

// note writes a verdict as a row.
func (w *findingWriter) note(n ingest.Notice) {
	if n.Kind == ingest.Verdict && w.kind == "tsv" {
		w.row(n.Library, n.Source, strconv.Itoa(n.Number), n.ID, n.Severity.String(), n.Rule, n.Tag, n.Code, n.Value, n.Vi, n.En)
	}
}

// finish writes the cards, where the file is not one of rows, and closes it.
func (w *findingWriter) finish(cards quality.Cards) error {
	switch w.kind {
	case "json":
		e := json.NewEncoder(w.out)
		e.SetIndent("", "  ")
		w.err = errors.Join(w.err, e.Encode(scored(cards)))
	case "":
		_, err := io.WriteString(w.out, cards.Text(w.a.settings.lang))
		w.err = errors.Join(w.err, err)
	}
	if err := errors.Join(w.err, w.close()); err != nil {
		return fmt.Errorf("write report %s: %w", w.path, err)
	}
	return nil
}

// scored adds the scores to the cards.
func scored(cards quality.Cards) map[string]any {
	out := map[string]any{}
	for name, card := range cards {
		out[name] = struct {
			Score float64
			*quality.Card
		}{card.Score(), card}
	}
	return out
}

func (a *app) checkCommand() *cobra.Command {
	var r recordFlags
	var f checkFlags
	var whole bool
	cmd := &cobra.Command{
		Use:   "check [FILE…]",
		Short: "đánh giá biểu ghi, RDF hoặc cả kho bằng hình dạng SHACL · judge records, RDF or the store by SHACL shapes",
		Long: `Đánh giá biểu ghi (sau khi chuyển đổi) hoặc tệp RDF bằng hình dạng SHACL: hình dạng có sẵn cho
BIBFRAME và Schema.org, hoặc tệp ở --shapes. Mỗi đồ thị của tệp RDF được đánh giá riêng, trừ khi có --whole.
Không nêu tệp thì đánh giá mọi biểu ghi trong kho, theo từng thư viện.
Báo cáo: .tsv có từng phát hiện, .json, hoặc báo cáo SHACL dạng RDF (.ttl, .nt). Mã thoát là 3 nếu có lỗi.

Judges records (what they become) or files of RDF by SHACL shapes: ours for BIBFRAME and Schema.org, or those
of --shapes. Each graph of a file of RDF is judged on its own, unless --whole is given. Reports: .tsv holds each
finding, .json, or the report of SHACL as RDF (.ttl, .nt). The exit code is 3 if there is a violation.`,
		Example: `  mocban check records.mrc
  mocban check --report findings.tsv --source VN-XYZ records.mrc
  mocban check -l data --report findings.tsv.gz
  mocban check data.ttl --shapes shapes.ttl --report report.ttl`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && a.settings.location == "" {
				return someFiles(cmd, args)
			}
			a.useRecordFlags(r)
			rdf, records, err := a.split(args, r)
			if err != nil {
				return err
			}
			shapes, err := a.shapes(f.shapes)
			if err != nil {
				return err
			}
			c := &checker{app: a, cards: quality.Cards{}, shapes: shapes, whole: whole}
			if c.judge, err = quality.New(shapes); err != nil {
				return err
			}
			return c.run(cmd.Context(), rdf, records, r, f.report)
		},
	}
	r.add(cmd)
	f.addShapes(cmd)
	fs := cmd.Flags()
	fs.StringVarP(&f.report, "report", "o", "", "tệp báo cáo: .tsv, .json, .ttl, .nt, hoặc văn bản · file for the report: .tsv, .json, .ttl, .nt, or text")
	fs.BoolVar(&whole, "whole", false, "đánh giá mọi đồ thị của tệp RDF như một · judge all graphs of a file of RDF as one")
	return cmd
}

// A checker is one run of check.
type checker struct {
	*app
	judge  *quality.Judge
	shapes *shacl.Shapes
	cards  quality.Cards
	whole  bool

	rows    *findingWriter
	rdf     rdfio.Writer // for the report of SHACL, or nil
	graphs  int          // that were judged
	started map[graph.Term]struct{}
}

func (c *checker) run(ctx context.Context, rdf []rdfFile, records []ingest.Source, r recordFlags, report string) error {
	work := func() error {
		if len(rdf)+len(records) == 0 {
			return c.withSnapshot(func(s graph.Snapshot) error { return c.store(ctx, s) })
		}
		for _, f := range rdf {
			if err := c.file(ctx, f); err != nil {
				return err
			}
		}
		return c.records(ctx, records, r)
	}
	var err error
	format, isRDF := rdfio.ByExtension(filepath.Ext(report))
	switch {
	case report == "" || isRDF && len(records) == 0:
	case isRDF:
		return wrongf("báo cáo dạng RDF chỉ có cho tệp RDF; hãy dùng .tsv hoặc .json", "a report in RDF is for files of RDF; use .tsv or .json")
	default:
		if c.rows, err = c.newFindings(report); err != nil {
			return err
		}
	}
	if isRDF && report != "" {
		err = c.write(report, func(w io.Writer) (err error) {
			if c.rdf, err = rdfio.NewWriter(format, w, rdfio.WriteOptions{Prefixes: vocab.Prefixes}); err != nil {
				return err
			}
			return errors.Join(work(), c.rdf.Close())
		})
	} else {
		err = work()
	}
	if c.rows != nil {
		err = errors.Join(err, c.rows.finish(c.cards))
	}
	if err != nil {
		return err
	}
	return c.tell(r.json)
}

// tell prints the cards.
func (c *checker) tell(asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(c.out)
		e.SetIndent("", "  ")
		if err := e.Encode(scored(c.cards)); err != nil {
			return err
		}
	} else if _, err := io.WriteString(c.out, c.cards.Text(c.settings.lang)); err != nil {
		return err
	}
	for _, card := range c.cards {
		if card.Verdicts[quality.Violation] > 0 {
			return errFindings
		}
	}
	return nil
}

// records maps records and judges what they become.
func (c *checker) records(ctx context.Context, records []ingest.Source, r recordFlags) error {
	if len(records) == 0 {
		return nil
	}
	m, err := c.mapper(false, "")
	if err != nil {
		return err
	}
	p := c.pipeline(m, r)
	p.Judge = c.judge
	line := c.newProgress()
	defer line.done()
	p.Progress = c.recordProgress(line)
	if c.rows != nil {
		p.Notice = c.rows.note
	}
	report, err := p.Map(ctx, io.Discard, records...)
	if err != nil {
		return err
	}
	line.done()
	if report.Aside > 0 {
		c.sayf("%d biểu ghi không đọc hoặc không chuyển đổi được\n", "%d records could not be read or mapped\n", report.Aside)
	}
	for name, card := range report.Quality {
		c.cards[name] = card
	}
	return nil
}

// file judges a file of RDF, graph by graph. Those of a file that we wrote follow one another.
func (c *checker) file(ctx context.Context, f rdfFile) error {
	in, err := c.open(f.path)
	if err != nil {
		return err
	}
	defer in.Close()
	base, err := c.settings.base()
	if err != nil {
		return err
	}
	run := c.shapes.NewRun()
	c.started = map[graph.Term]struct{}{}
	var pending []graph.Quad
	flush := func() error {
		if len(pending) == 0 {
			return nil
		}
		g := pending[0].G
		if _, ok := c.started[g]; ok {
			return wrongf("%[1]s: đồ thị %[2]s nằm rải rác trong tệp; hãy sắp xếp tệp, hoặc dùng --whole",
				"%[1]s: the graph %[2]s stands in several places; sort the file, or use --whole", in.name, g)
		}
		c.started[g.Clone()] = struct{}{}
		err := c.graph(ctx, run, in.name, pending)
		pending = pending[:0]
		return err
	}
	err = rdfio.Scan(ctx, f.format, in, rdfio.ReadOptions{Base: base, KeepBlanks: true}, func(quads []graph.Quad) error {
		for _, q := range quads {
			if len(pending) > 0 && q.G != pending[0].G && !c.whole {
				if err := flush(); err != nil {
					return err
				}
			}
			pending = append(pending, q)
		}
		return nil
	})
	var usage *usageError
	switch {
	case errors.As(err, &usage):
		return err
	case err != nil:
		return fmt.Errorf("%s: %w", in.name, err)
	}
	return flush()
}

// store judges the records in a store, in the order of their graphs.
func (c *checker) store(ctx context.Context, s graph.Snapshot) error {
	run := c.shapes.NewRun()
	line := c.newProgress()
	defer line.done()
	return eachGraph(ctx, s, graph.Pattern{}, func(quads []graph.Quad) error {
		if quality.Library(quads) == "" {
			return nil // the vocabulary, or data that are no record
		}
		if line.due() {
			line.line("%s biểu ghi", "%s records", c.number(uint64(c.graphs)))
		}
		return c.graph(ctx, run, c.settings.location, quads)
	})
}

// eachGraph calls f with the quads of each named graph that a pattern allows. Graphs larger than
// any record are left out.
func eachGraph(ctx context.Context, s graph.Snapshot, p graph.Pattern, f func([]graph.Quad) error) (err error) {
	rows, err := s.Scan(ctx, p, graph.GSPO, graph.Cols(graph.PosS, graph.PosP, graph.PosO, graph.PosG))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var ids []graph.ID // four a row, of one graph
	var b graph.Block
	flush := func() error {
		if len(ids) == 0 || len(ids) >= 4*maxRecordQuads {
			ids = ids[:0]
			return nil
		}
		quads, err := quadsOf(ctx, s, ids)
		ids = ids[:0]
		if err != nil {
			return err
		}
		return f(quads)
	}
	for rows.Next(&b) {
		for i := range b.Len {
			r := b.Row(i)
			if p.G != graph.None { // a column that is bound is not filled
				r[graph.PosG] = p.G
			}
			if len(ids) > 0 && r[graph.PosG] != ids[graph.PosG] {
				if err := flush(); err != nil {
					return err
				}
			}
			if r[graph.PosG] != graph.DefaultGraph && len(ids) < 4*maxRecordQuads {
				ids = append(ids, r[:]...)
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return flush()
}

// maxRecordQuads is more than any record has: a larger graph is none.
const maxRecordQuads = 1_000_000

// quadsOf returns the quads of rows of IDs.
func quadsOf(ctx context.Context, s graph.Snapshot, ids []graph.ID) ([]graph.Quad, error) {
	terms := make([]graph.Term, len(ids))
	if err := s.Terms(ctx, ids, terms); err != nil {
		return nil, err
	}
	quads := make([]graph.Quad, 0, len(ids)/4)
	for ; len(terms) > 0; terms = terms[4:] {
		p, _ := terms[graph.PosP].IRI()
		quads = append(quads, graph.Quad{S: terms[graph.PosS], P: p, O: terms[graph.PosO], G: terms[graph.PosG]})
	}
	return quads, nil
}

// original returns the source record that a graph keeps, or nil.
func original(quads []graph.Quad) *marc.Record {
	for i := range quads {
		q := &quads[i]
		if q.P != mocban.Original || q.S != q.G {
			continue
		}
		source, err := base64.StdEncoding.DecodeString(q.O.Value())
		if err != nil {
			return nil
		}
		r, err := readRecord(source)
		if err != nil {
			return nil
		}
		return r
	}
	return nil
}

// graph judges a graph.
func (c *checker) graph(ctx context.Context, run *shacl.Run, source string, quads []graph.Quad) error {
	report, err := run.Validate(ctx, quads)
	if err != nil {
		return fmt.Errorf("judge %s: %w", source, err)
	}
	c.graphs++
	rec := original(quads)
	verdicts := c.judge.Verdicts(report, quads, rec)
	library := quality.Library(quads)
	if library == "" {
		library = source
	}
	id := quads[0].G.Value()
	if rec != nil && rec.ID() != "" {
		id = rec.ID()
	}
	c.cards.Add(library, verdicts, quality.Example{Source: source, Number: c.graphs, ID: id})
	if c.rows != nil {
		for i := range verdicts {
			v := &verdicts[i]
			name := id
			if name == "" {
				name = v.Focus
			}
			c.rows.note(ingest.Notice{Kind: ingest.Verdict, Source: source, Number: c.graphs, ID: name, Rule: v.Rule, Tag: v.Tag, Code: v.Code,
				Value: v.Value, Vi: v.Vi, En: v.En, Library: library, Severity: v.Severity})
		}
	}
	if c.rdf == nil {
		return nil
	}
	return c.rdf.Write(report.Append(nil, fmt.Sprintf("report%dn", c.graphs))...)
}
