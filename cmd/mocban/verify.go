package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"mocban/graph/store"
)

func (a *app) verifyCommand() *cobra.Command {
	var full bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "tìm hư hỏng trong dữ liệu · look for damage in the data",
		Long: `Đọc mọi khối, trang và khung nhật ký cùng tổng kiểm của chúng, chuỗi băm và các số đếm.
Với --full: giải mã mọi thứ tự và so chúng với nhau, hỏi từ điển cả hai chiều, và so dữ liệu với nhật ký.
Mỗi hư hỏng là một dòng ở đầu ra chuẩn; nếu có, mã thoát là 1.

Reads every block, page and frame of the log with its checksum, the chain of hashes and the counts.
With --full: decodes all orders and compares them, asks the dictionary both ways, and compares the data
with the log. Each damage is a line of standard output; if there is any, the exit code is 1.`,
		Example: `  mocban verify -l data
  mocban verify -l data --full`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.verify(cmd.Context(), full) },
	}
	cmd.Flags().BoolVar(&full, "full", false, "so cả nội dung, không chỉ tổng kiểm · compare the contents too, not only checksums")
	return cmd
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
	return &bilingual{fmt.Errorf("thấy %d hư hỏng", r.Findings), fmt.Errorf("%d damages found", r.Findings)}
}
