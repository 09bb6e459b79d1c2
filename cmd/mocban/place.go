package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"mocban/graph"
	"mocban/graph/store"
)

// How a command opens the store.
type storeUse uint8

const (
	storeRead   storeUse = iota // it must be there
	storeWrite                  // it must be there
	storeServe                  // storeWrite, and looks for damage meanwhile
	storeCreate                 // it is made if it is not there
)

// The data folder:
//
//	mocban.toml   settings
//	mapping/      tables of the library's own rules
//	coverage.tsv  what became of each field of each library, once it was counted
//	store/        the store, with its log
//	text/         the search index, which can be made anew
//	aside/        records that were set aside
//	harvest/      a folder for each source: how far it is, its log, its quality
//	dumps/        files to be downloaded
//	links.txt     short addresses of queries
func (s *settings) place(part string) string { return filepath.Join(s.location, part) }

// openStore opens the store in the data folder.
func (a *app) openStore(use storeUse) (graph.Store, error) {
	var dir string
	var err error
	if use == storeCreate {
		dir, err = a.makeFolder()
	} else {
		dir, err = a.storeFolder()
	}
	if err != nil {
		return nil, err
	}
	p := a.newProgress()
	defer p.done()
	o := a.storeOptions(p)
	o.ReadOnly = use == storeRead
	if use == storeServe {
		o.Scrub = a.settings.scrub()
	}
	s, err := store.Open(dir, o)
	if err != nil {
		return nil, a.openError(err)
	}
	return s, nil
}

// storeFolder returns the folder of the store, which must be there.
func (a *app) storeFolder() (string, error) {
	location, err := a.settings.needLocation()
	if err != nil {
		return "", err
	}
	dir := a.settings.place("store")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return "", wrongf("chưa có dữ liệu trong %[1]s; hãy nạp trước: mocban load --location %[1]s TỆP",
			"there is no data in %[1]s; load some first: mocban load --location %[1]s FILE", location)
	} else if err != nil {
		return "", fmt.Errorf("open data folder: %w", err)
	}
	return dir, nil
}

// makeFolder returns the folder of the store, and makes the one that it is to be in.
func (a *app) makeFolder() (string, error) {
	location, err := a.settings.needLocation()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(location, 0o755); err != nil {
		return "", usagef("cannot make the data folder: %w", err)
	}
	return a.settings.place("store"), nil
}

// storeOptions returns the options of a store that tells its progress.
func (a *app) storeOptions(p *progress) store.Options {
	return store.Options{
		Memory: a.memory,
		Progress: func(s store.Progress) {
			if p.due() {
				a.storeLine(p, s)
			}
		},
		Damaged: func(n int, first store.Finding) {
			a.sayf("Cảnh báo: có hư hỏng chưa sửa (%[1]d chỗ); chỗ đầu tiên: %[2]v. Xem hết và cách sửa: mocban verify -l %[3]s\n",
				"Warning: damage was found and is not mended (places: %[1]d); the first: %[2]v. To see all and how to mend it: mocban verify -l %[3]s\n", n, first, a.settings.location)
		},
		Warn: func(text string) { a.sayf("Cảnh báo: %s\n", "Warning: %s\n", text) },
	}
}

// storeSteps are the steps of the store's long work, in Vietnamese and English.
var storeSteps = map[string][2]string{
	"replay":  {"phát lại nhật ký", "replaying the log"},
	"backup":  {"sao lưu", "backing up"},
	"restore": {"phục hồi", "restoring"},
	"fold":    {"gộp nhật ký", "folding the log"},
	"verify":  {"kiểm tra", "verifying"},
	"terms":   {"đánh số thuật ngữ", "numbering terms"},
	"sort":    {"sắp xếp và ghi", "sorting and writing"},
}

// storeLine tells how far the store's own work has come. What is read for it is told by who
// reads.
func (a *app) storeLine(p *progress, s store.Progress) {
	words, ok := storeSteps[s.Step]
	switch {
	case !ok:
	case s.Total > 0:
		p.line("%s: %d %%", "%s: %d %%", a.pick(words[0], words[1]), 100*s.Done/s.Total)
	default:
		p.line("%s: %s", "%s: %s", a.pick(words[0], words[1]), a.number(s.Done))
	}
}

// withSnapshot calls f with the newest state of the store, for reading.
func (a *app) withSnapshot(f func(graph.Snapshot) error) error {
	return a.withStore(func(_ graph.Store, snapshot graph.Snapshot) error { return f(snapshot) })
}

// withStore is withSnapshot for who needs the store, too.
func (a *app) withStore(f func(graph.Store, graph.Snapshot) error) (err error) {
	s, err := a.openStore(storeRead)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	snapshot, err := a.snapshot(s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, snapshot.Close()) }()
	return f(s, snapshot)
}

// snapshot returns the version of a store that --at asks for, or the newest.
func (a *app) snapshot(s graph.Store) (graph.Snapshot, error) {
	if a.at == "" {
		return s.Snapshot()
	}
	v, err := strconv.ParseUint(a.at, 10, 64)
	if err != nil {
		return nil, usagef("--at: %q is no number of a version", a.at)
	}
	traveller, ok := s.(graph.Traveller)
	if !ok {
		return nil, wrongf("dữ liệu này không giữ phiên bản cũ", "these data keep no older versions")
	}
	p := a.newProgress()
	defer p.done()
	snapshot, err := traveller.At(context.Background(), graph.Version(v))
	if errors.Is(err, graph.ErrNotFound) {
		return nil, wrongf("không có phiên bản %[1]d: %[2]w", "there is no version %[1]d: %[2]w", v, err)
	}
	return snapshot, err
}

// atFlag gives a command the flag --at.
func (a *app) atFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.at, "at", "", "phiên bản cũ, theo số của nó; bản rất cũ được làm lại từ nhật ký · an older version, by its number; a very old one is made anew from the log")
}

// write calls f with what writes to a file, or to standard output for "" and "-". What the
// file's name asks for is compressed.
func (a *app) write(path string, f func(io.Writer) error) (err error) {
	w, closeOut, err := a.create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeOut()) }()
	w, closePacked, err := packed(w, path)
	if err != nil {
		return err
	}
	return errors.Join(f(w), closePacked())
}
