package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"mocban/graph/disk"
	"mocban/graph/log"
	"mocban/graph/store"
)

func (a *app) backupCommand() *cobra.Command {
	var since string
	cmd := &cobra.Command{
		Use:   "backup FOLDER",
		Short: "sao lưu, cả khi trang web đang mở · back up, also while the site is open",
		Long: `Chép nhật ký (từ đó làm lại được mọi thứ), tệp cấu hình, các bảng quy tắc riêng và các địa chỉ ngắn của truy vấn vào một thư mục. Lần sau, vào cùng thư mục, chỉ chép
phần mới. --since để phần mới vào một thư mục khác, nối tiếp bản sao lưu đã có.

Copies the log, from which all else can be made, the settings, your own tables of rules and the short addresses of queries to a folder. The next time, into the same
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
	for _, name := range a.besideStore() {
		if err := copyFile(a.settings.place(name), filepath.Join(to, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("back up %s: %w", name, err)
		}
	}
	a.tellReport(store.Report{Version: r.Last.Version, Hash: r.Last.Hash, Total: r.Last.Total})
	a.sayf("Đã sao lưu: thêm %s byte, tất cả %d tệp.\n", "Backed up: %s bytes added, %d files in all.\n", a.number(uint64(r.Added)), len(r.Parts))
	return nil
}

// besideStore lists the files of the data folder that no log holds and nobody can make anew:
// settings, short addresses, and the library's own tables of rules.
func (a *app) besideStore() []string {
	names := []string{settingsTOM, linksFile}
	tables, _ := filepath.Glob(filepath.Join(globQuoted(a.settings.place("mapping")), "*.tsv"))
	for _, t := range tables {
		names = append(names, filepath.Join("mapping", filepath.Base(t)))
	}
	for _, t := range a.settings.Rules {
		if filepath.IsLocal(t) && a.settings.file == a.settings.place(settingsTOM) {
			names = append(names, t)
		}
	}
	return names
}

// copyFile copies a file, for good when it returns.
func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close(), disk.SyncFolder(filepath.Dir(to)))
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
	for _, folder := range from {
		if _, err := os.Stat(filepath.Join(folder, log.ManifestFile)); errors.Is(err, fs.ErrNotExist) {
			return wrongf("%[1]s không phải bản sao lưu: không có tệp %[2]s trong đó", "%[1]s is no backup: there is no file %[2]s in it", folder, log.ManifestFile)
		}
	}
	dir, err := a.makeFolder()
	if err != nil {
		return err
	}
	if there, err := os.ReadDir(dir); err == nil && len(there) > 0 {
		return wrongf("đã có dữ liệu trong %s; chỉ phục hồi vào thư mục trống hoặc chưa có", "there are data in %s: a backup is restored to a folder that is empty or not there", a.settings.location)
	}
	p := a.newProgress()
	r, err := store.Restore(ctx, from, dir, a.storeOptions(p))
	p.done()
	if err != nil {
		return err
	}
	if err := a.restoreBeside(from[len(from)-1]); err != nil {
		return err
	}
	a.tellReport(r)
	a.sayf("Đã phục hồi: chuỗi băm, số câu và tổng đúng như bản sao lưu.\n", "Restored: hash chain, count and sum are those of the backup.\n")
	return nil
}

// restoreBeside copies what stands beside the log in a backup. What is there is not replaced.
func (a *app) restoreBeside(from string) error {
	return fs.WalkDir(os.DirFS(from), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == log.ManifestFile || filepath.Ext(name) == ".log" || filepath.Ext(name) == ".tmp" {
			return err
		}
		to := a.settings.place(filepath.FromSlash(name))
		if _, err := os.Stat(to); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := copyFile(filepath.Join(from, filepath.FromSlash(name)), to); err != nil {
			return fmt.Errorf("restore %s: %w", name, err)
		}
		return nil
	})
}
