package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mocban/graph"
	"mocban/sparql"
)

type updateOptions struct {
	source         string
	timeout        time.Duration
	strict, dryRun bool
}

func (a *app) updateCommand() *cobra.Command {
	var file, text string
	var o updateOptions
	cmd := &cobra.Command{
		Use:   "update [SPARQL]",
		Short: "sửa dữ liệu bằng SPARQL Update · change the data by SPARQL Update",
		Long: `Sửa dữ liệu bằng SPARQL Update. Một yêu cầu có thể gồm nhiều lệnh; tất cả được ghi, hoặc không lệnh nào.
WHERE hỏi như một truy vấn: đồ thị mặc định gồm mọi đồ thị. Mẫu không có GRAPH hay WITH thì sửa đồ thị mặc định
của kho; biểu ghi đã nạp nằm trong đồ thị có tên, nên hãy viết GRAPH ?g { ... } để sửa chúng.

Change the data by SPARQL Update. A request may hold several operations; all of them are kept, or none.
WHERE asks as a query does: the default graph is all graphs together. A template without GRAPH or WITH is about
the default graph of the store; records that were loaded are named graphs, so write GRAPH ?g { ... } to change them.`,
		Example: `  mocban update -l data 'DELETE { GRAPH ?g { ?s ?p "Nguyễn Du."@vi } } INSERT { GRAPH ?g { ?s ?p "Nguyễn Du"@vi } } WHERE { GRAPH ?g { ?s ?p "Nguyễn Du."@vi } }'
  mocban update -l data -f fix.ru --dry-run`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				text = args[0]
			}
			u, err := a.updateText(text, file)
			if err != nil {
				return err
			}
			if o.source == "" && file != "" && file != "-" {
				o.source = file
			}
			return a.update(cmd.Context(), u, o)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&file, "update-file", "f", "", "tệp chứa lệnh, - cho đầu vào chuẩn · file that holds the request, - for standard input")
	f.StringVar(&o.source, "as", "", "tên của lần sửa trong nhật ký · what the log calls the change (otherwise the file)")
	f.DurationVar(&o.timeout, "timeout", 0, "giới hạn thời gian, ví dụ 30s (mặc định: không) · time limit, such as 30s (default: none)")
	f.BoolVar(&o.strict, "strict-default-graph", false, "đồ thị mặc định của WHERE không gồm các đồ thị có tên · default graph of WHERE without the named ones")
	f.BoolVar(&o.dryRun, "dry-run", false, "chỉ thử, không ghi · try it, and keep nothing")
	return cmd
}

// updateText returns the request that the flags name. It may be longer than a query.
func (a *app) updateText(text, file string) (string, error) {
	switch {
	case text != "" && file != "":
		return "", usagef("a request and --update-file: give one of them")
	case text != "":
		return text, nil
	case file == "":
		return "", wrongf("chưa có lệnh: viết sau update, hoặc chỉ tệp bằng --update-file", "no update given: write it behind the command, or name a file with --update-file")
	}
	in, err := a.open(file)
	if err != nil {
		return "", err
	}
	defer in.Close()
	var b strings.Builder
	const most = 1 << 30
	n, err := io.Copy(&b, io.LimitReader(in, most+1))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", in.name, err)
	}
	if n > most {
		return "", usagef("%s is longer than 1 GiB: use load for so many statements", in.name)
	}
	return b.String(), nil
}

var errDryRun = errors.New("only tried")

// update runs one request and tells what it changed.
func (a *app) update(ctx context.Context, text string, o updateOptions) (err error) {
	if o.timeout <= 0 {
		o.timeout = 1000 * time.Hour // who sits at the machine can stop it
	}
	base, err := a.settings.base()
	if err != nil {
		return err
	}
	words := &lazySearch{dir: a.settings.place("text")}
	options := sparql.Options{Strict: o.strict, Search: words, Limits: sparql.Limits{Memory: 1 << 50}}
	if err := a.mayAsk(&options); err != nil {
		return err
	}
	u, err := sparql.New(options).PrepareUpdate(sparql.UpdateRequest{Text: text, Base: base, Source: o.source, Limits: sparql.Limits{Time: o.timeout}})
	if err != nil {
		return &usageError{err}
	}
	s, err := a.openStore(storeCreate)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, words.close(), s.Close()) }() // what reads the store first
	words.store = s
	var before, after uint64
	var from graph.Version
	v, err := s.Update(ctx, func(t graph.Txn) error {
		from = t.Snapshot().Version()
		if err := u.RunIn(ctx, t); err != nil || !o.dryRun {
			return err
		}
		now, err := t.Now()
		if err != nil {
			return err
		}
		if before, _, err = t.Snapshot().Count(ctx, graph.Pattern{}); err != nil {
			return err
		}
		if after, _, err = now.Count(ctx, graph.Pattern{}); err != nil {
			return err
		}
		return errDryRun
	})
	if errors.Is(err, errDryRun) {
		a.sayf("Chỉ thử: sẽ có %[2]d bộ bốn, bây giờ có %[1]d.\n", "Tried only: there would be %[2]d quads, there are %[1]d.\n", before, after)
		return nil
	}
	if err != nil {
		return err
	}
	return a.tellChange(ctx, s, from, v)
}

// tellChange says what an update changed.
func (a *app) tellChange(ctx context.Context, s graph.Store, from, v graph.Version) error {
	if v == from {
		a.sayf("Không có gì thay đổi.\n", "Nothing has changed.\n")
		return nil
	}
	for c, err := range s.Changes(ctx, from) {
		if err != nil {
			return fmt.Errorf("the change is kept; what it was cannot be read: %w", err)
		}
		a.sayf("Đã thêm %d, xóa %d bộ bốn (phiên bản %d).\n", "%d quads added, %d removed (version %d).\n", c.Added, c.Removed, c.Version)
		break
	}
	return nil
}
