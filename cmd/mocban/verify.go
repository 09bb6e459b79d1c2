package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"mocban/graph"
	"mocban/graph/store"
)

func (a *app) verifyCommand() *cobra.Command {
	var full, sizes bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "tìm hư hỏng trong dữ liệu · look for damage in the data",
		Long: `Đọc mọi khối, trang và khung nhật ký cùng tổng kiểm của chúng, chuỗi băm và các số đếm.
Với --full: giải mã mọi thứ tự và so chúng với nhau, hỏi từ điển cả hai chiều, và so dữ liệu với nhật ký.
Mỗi hư hỏng là một dòng ở đầu ra chuẩn; nếu có, mã thoát là 1.
Với --sizes: chỉ cho biết từng phần chiếm bao nhiêu byte, và bao nhiêu trên mỗi bộ bốn.

Reads every block, page and frame of the log with its checksum, the chain of hashes and the counts.
With --full: decodes all orders and compares them, asks the dictionary both ways, and compares the data
with the log. Each damage is a line of standard output; if there is any, the exit code is 1.
With --sizes: only tells how many bytes each part takes, and how many for each quad.`,
		Example: `  mocban verify -l data
  mocban verify -l data --full
  mocban verify -l data --sizes`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if sizes {
				return a.sizes(cmd.Context())
			}
			return a.verify(cmd.Context(), full)
		},
	}
	cmd.Flags().BoolVar(&full, "full", false, "so cả nội dung, không chỉ tổng kiểm · compare the contents too, not only checksums")
	cmd.Flags().BoolVar(&sizes, "sizes", false, "cho biết byte dùng vào đâu · tell where the bytes go")
	cmd.MarkFlagsMutuallyExclusive("full", "sizes")
	return cmd
}

// sizes tells where the bytes of a store go: values, bytes, and bytes for each quad.
func (a *app) sizes(ctx context.Context) (err error) {
	g, err := a.openStore(storeRead)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	s, ok := g.(*store.Store)
	if !ok {
		return fmt.Errorf("the bytes of a store of type %T cannot be told", g)
	}
	parts, err := s.Sizes(ctx)
	if err != nil {
		return err
	}
	snapshot, err := s.Snapshot()
	if err != nil {
		return err
	}
	defer snapshot.Close()
	quads, _, err := snapshot.Count(ctx, graph.Pattern{})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "part\tvalues\tbytes\tbytes a quad\n")
	var data uint64
	line := func(part string, values, bytes uint64) {
		fmt.Fprintf(a.out, "%s\t%d\t%d\t%.2f\n", part, values, bytes, float64(bytes)/float64(max(quads, 1)))
	}
	for _, p := range parts {
		if p.Part == store.PartLogSize {
			line("data", 0, data)
		}
		data += p.Bytes
		line(p.Part, p.Values, p.Bytes)
	}
	a.sayf("%s bộ bốn.\n", "%s quads.\n", a.number(quads))
	return nil
}

// verify looks for damage and tells what to do about it.
func (a *app) verify(ctx context.Context, full bool) error {
	dir, err := a.storeFolder()
	if err != nil {
		return err
	}
	p := a.newProgress()
	var logs, data int
	r, err := store.Verify(ctx, dir, a.storeOptions(p), store.VerifyOptions{Full: full, Found: func(f store.Finding) {
		p.done()
		if f.Part == store.PartLog {
			logs++
		} else {
			data++
		}
		fmt.Fprintf(a.out, "%s\t%s\t%s\n", f.Part, f.Place, f.Detail)
	}})
	p.done()
	if err != nil {
		return a.openError(err)
	}
	if r.Findings == 0 {
		a.tellReport(r)
		a.sayf("Không thấy hư hỏng: đã đọc %d MiB.\n", "No damage found: %d MiB read.\n", r.Bytes>>20)
		return nil
	}
	location := a.settings.location
	if data > 0 && logs == 0 {
		a.sayf("Nhật ký còn nguyên: mocban rebuild -l %[1]s sẽ làm lại dữ liệu từ nó.\n",
			"The log is whole: mocban rebuild -l %[1]s makes the data anew from it.\n", location)
	}
	if logs > 0 {
		a.sayf("Nhật ký bị hư hỏng. Hãy chép lại %[1]s ra nơi khác trước, rồi phục hồi từ bản sao lưu: mocban restore BẢN_SAO -l THƯ_MỤC_MỚI. Không có bản sao lưu: mocban dump -l %[1]s -o all.nq.gz, rồi nạp vào thư mục mới.\n",
			"The log is damaged. Copy %[1]s elsewhere first, then restore a backup: mocban restore BACKUP -l NEW_FOLDER. Without a backup: mocban dump -l %[1]s -o all.nq.gz, and load that into a new folder.\n", location)
	}
	return &bilingual{fmt.Errorf("số chỗ hư hỏng: %d", r.Findings), fmt.Errorf("places with damage: %d", r.Findings)}
}
