package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"mocban/graph"
	"mocban/graph/store"
)

func (a *app) compactCommand() *cobra.Command {
	var foldLog, anew bool
	var before uint64
	cmd := &cobra.Command{
		Use:   "compact",
		Short: "dồn dữ liệu cho gọn · make the data compact",
		Long: `Dồn mọi thay đổi vào các khối. Với --data, dữ liệu được viết lại gọn như khi vừa nạp: từ điển theo thứ tự,
không còn từ thừa; cần chỗ trống bằng dữ liệu hiện có. Với --log, các thay đổi cũ trong nhật ký được thay bằng một bản nói mọi thứ có
lúc đó: nhật ký nhỏ lại, nhưng không còn xem được phiên bản cũ hơn, và máy theo dõi thay đổi từ trước phải đọc
lại từ đầu. Chuỗi băm vẫn nối tiếp. Nên sao lưu trước.

Folds all changes into the blocks. With --data, the data are written anew, as compactly as a fresh load: the
dictionary in order and without what nobody uses; that needs as much space again. With --log, old changes in the log are replaced by one that says all there was
at the time: the log becomes smaller, but older versions can no longer be seen, and who follows the changes from
before must read all anew. The chain of hashes goes on. Make a backup first.`,
		Example: `  mocban compact -l data
  mocban compact -l data --data
  mocban compact -l data --log
  mocban compact -l data --log --before 1200`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("before") && !foldLog {
				return wrongf("--before đi cùng --log", "--before goes with --log")
			}
			return a.compact(cmd.Context(), anew, foldLog, graph.Version(before))
		},
	}
	f := cmd.Flags()
	f.BoolVar(&anew, "data", false, "viết lại dữ liệu cho gọn · write the data anew, too")
	f.BoolVar(&foldLog, "log", false, "gộp cả nhật ký · fold the log, too")
	f.Uint64Var(&before, "before", 0, "gộp đến phiên bản này, giữ các phiên bản sau · fold up to this version and keep later ones (default: the newest)")
	return cmd
}

func (a *app) compact(ctx context.Context, anew, foldLog bool, before graph.Version) (err error) {
	g, err := a.openStore(storeWrite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	s, ok := g.(*store.Store)
	if !ok {
		return fmt.Errorf("a store of type %T cannot be made compact", g)
	}
	was := s.Size()
	if anew {
		err = s.Compact(ctx)
	} else {
		err = s.Fold(ctx)
	}
	if err != nil {
		return err
	}
	if foldLog {
		if err := s.FoldLog(ctx, before); err != nil {
			return err
		}
	}
	now := s.Size()
	a.sayf("Nhật ký: %s → %s byte; dữ liệu: %s → %s byte.\n", "Log: %s → %s bytes; data: %s → %s bytes.\n",
		a.number(uint64(was.Log)), a.number(uint64(now.Log)), a.number(uint64(was.Data)), a.number(uint64(now.Data)))
	return nil
}
