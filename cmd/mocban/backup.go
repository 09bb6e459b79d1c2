package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"mocban/graph/store"
)

func (a *app) backupCommand() *cobra.Command {
	var since string
	cmd := &cobra.Command{
		Use:   "backup FOLDER",
		Short: "sao lưu, cả khi trang web đang mở · back up, also while the site is open",
		Long: `Chép nhật ký (từ đó làm lại được mọi thứ), tệp cấu hình và các địa chỉ ngắn của truy vấn vào một thư mục. Lần sau, vào cùng thư mục, chỉ chép
phần mới. --since để phần mới vào một thư mục khác, nối tiếp bản sao lưu đã có.

Copies the log, from which all else can be made, the settings and the short addresses of queries to a folder. The next time, into the same
folder, only what is new is copied. With --since what is new goes to another folder and follows on that backup.`,
		Example: `  mocban backup -l data /mnt/backup
  mocban backup -l data /mnt/tuesday --since /mnt/monday`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.backup(cmd.Context(), args[0], since) },
	}
	cmd.Flags().StringVar(&since, "since", "", "bản sao lưu mà bản này nối tiếp · backup that this one follows on")
	return cmd
}

func (a *app) backup(ctx context.Context, to, since string) error {
	dir, err := a.storeFolder()
	if err != nil {
		return err
	}
	p := a.newProgress()
	r, err := store.Backup(ctx, dir, to, store.BackupOptions{Since: since, Progress: a.storeOptions(p).Progress})
	p.done()
	if err != nil {
		return a.openError(err)
	}
	for _, name := range []string{settingsTOM, linksFile} {
		if err := copyFile(a.settings.place(name), filepath.Join(to, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("back up %s: %w", name, err)
		}
	}
	a.tellReport(store.Report{Version: r.Last.Version, Hash: r.Last.Hash, Total: r.Last.Total})
	a.sayf("Đã sao lưu: thêm %s byte, tất cả %d tệp.\n", "Backed up: %s bytes added, %d files in all.\n", a.number(uint64(r.Added)), len(r.Parts))
	return nil
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}

func (a *app) restoreCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "restore FOLDER...",
		Short: "phục hồi từ bản sao lưu · restore a backup",
		Long: `Kiểm tra bản sao lưu, chép nhật ký, làm lại dữ liệu từ đó và so với bản sao lưu: chuỗi băm, số câu, tổng.
Nhiều bản nối tiếp nhau (--since) thì kể theo thứ tự. Không ghi đè lên dữ liệu đã có.

Checks the backup, copies the log, makes the data from it and compares them with what the backup tells: the
chain of hashes, the count, the sum. Backups that follow on each other (--since) are named in order. It does not
write over data that are there.`,
		Example: `  mocban restore /mnt/backup -l data
  mocban restore /mnt/monday /mnt/tuesday -l data`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.restore(cmd.Context(), args) },
	}
}

func (a *app) restore(ctx context.Context, from []string) error {
	dir, err := a.makeFolder()
	if err != nil {
		return err
	}
	p := a.newProgress()
	r, err := store.Restore(ctx, from, dir, a.storeOptions(p))
	p.done()
	if err != nil {
		return err
	}
	for _, name := range []string{settingsTOM, linksFile} {
		if _, err := os.Stat(a.settings.place(name)); !errors.Is(err, fs.ErrNotExist) {
			continue // what is there is not replaced
		}
		if err := copyFile(filepath.Join(from[len(from)-1], name), a.settings.place(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("restore %s: %w", name, err)
		}
	}
	a.tellReport(r)
	a.sayf("Đã phục hồi: chuỗi băm, số câu và tổng đúng như bản sao lưu.\n", "Restored: hash chain, count and sum are those of the backup.\n")
	return nil
}
