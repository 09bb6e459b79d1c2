package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"mocban/graph"
	"mocban/graph/store"
)

func (a *app) rebuildCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rebuild",
		Short: "làm lại dữ liệu từ nhật ký · make the data anew from the log",
		Long: `Làm lại mọi thứ ngoài nhật ký (khối, từ điển, thống kê) từ nhật ký, so sánh toàn bộ, rồi thay cái cũ.
Bị dừng giữa chừng thì dữ liệu cũ còn nguyên. Cần chỗ trống bằng dữ liệu hiện có.

Makes all but the log (blocks, dictionary, statistics) anew from the log, verifies it in full, and puts
it in the place of the old data. Stopped midway it leaves the old data. It needs as much space again.`,
		Example: `  mocban rebuild -l data`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.rebuild(cmd.Context()) },
	}
}

func (a *app) rebuild(ctx context.Context) error {
	dir, err := a.storeFolder()
	if err != nil {
		return err
	}
	p := a.newProgress()
	r, err := store.Rebuild(ctx, dir, a.storeOptions(p))
	p.done()
	if err != nil {
		return a.openError(err)
	}
	a.tellReport(r)
	a.sayf("Đã làm lại và kiểm tra xong.\n", "Made anew and verified.\n")
	return nil
}

// tellReport prints what a store holds, for other programs.
func (a *app) tellReport(r store.Report) {
	fmt.Fprintf(a.out, "version\t%d\nquads\t%d\nsum\t%v\nhash\t%x\n", r.Version, r.Total.Quads, r.Total.Sum, r.Hash)
}

// openError says what can be done about a store that does not open.
func (a *app) openError(err error) error {
	location := a.settings.location
	var data *store.DataError
	var damaged *graph.CorruptError
	switch {
	case errors.Is(err, store.ErrInUse):
		return wrongf("một mocban khác đang dùng dữ liệu trong %s. Nếu đó là trang web (mocban serve): hãy dừng nó, làm việc này, rồi mở lại; muốn truy vấn thì hỏi ngay trang web, tại /sparql",
			"another mocban is using the data in %s. If it is the site (mocban serve): stop it, do this, and start it again; to ask a query, ask the site, at /sparql", location)
	case errors.As(err, &data):
		return &bilingual{
			fmt.Errorf("không đọc được dữ liệu trong %[1]s: %[2]w. Hãy làm lại từ nhật ký: mocban rebuild -l %[1]s", location, data.Err),
			fmt.Errorf("the data in %[1]s cannot be read: %[2]w. Make them anew from the log: mocban rebuild -l %[1]s", location, data.Err)}
	case errors.As(err, &damaged):
		return &bilingual{
			fmt.Errorf("%w. Xem hết hư hỏng và cách xử lý: mocban verify -l %s", err, location),
			fmt.Errorf("%w. To see all damage and what to do: mocban verify -l %s", err, location)}
	}
	return err
}
