package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"mocban/graph"
	"mocban/graph/store"
)

// How a command opens the store.
type storeUse uint8

const (
	storeRead   storeUse = iota // it must be there
	storeWrite                  // it must be there
	storeCreate                 // it is made if it is not there
)

// The data folder:
//
//	mocban.toml   settings
//	store/        the store, with its log
//	text/         the search index, which can be made anew
//	aside/        records that were set aside
//	dumps/        files to be downloaded
func (s *settings) place(part string) string { return filepath.Join(s.location, part) }

// openStore opens the store in the data folder.
func (a *app) openStore(use storeUse) (graph.Store, error) {
	location, err := a.settings.needLocation()
	if err != nil {
		return nil, err
	}
	dir := a.settings.place("store")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if use != storeCreate {
			return nil, wrongf("chưa có dữ liệu trong %[1]s; hãy nạp trước: mocban load --location %[1]s TỆP",
				"there is no data in %[1]s; load some first: mocban load --location %[1]s FILE", location)
		}
		if err := os.MkdirAll(location, 0o755); err != nil {
			return nil, usagef("cannot make the data folder: %w", err)
		}
	} else if err != nil {
		return nil, fmt.Errorf("open data folder: %w", err)
	}
	p := a.newProgress()
	defer p.done()
	s, err := store.Open(dir, store.Options{
		ReadOnly: use == storeRead,
		Progress: func(s store.Progress) {
			if p.due() {
				a.storeLine(p, s)
			}
		},
	})
	if errors.Is(err, store.ErrInUse) {
		return nil, wrongf("một mocban khác đang dùng dữ liệu trong %s. Nếu đó là trang web (mocban serve): hãy dừng nó, làm việc này, rồi mở lại; muốn truy vấn thì hỏi ngay trang web, tại /sparql",
			"another mocban is using the data in %s. If it is the site (mocban serve): stop it, do this, and start it again; to ask a query, ask the site, at /sparql", location)
	}
	return s, err
}

// storeSteps are the steps of the store's long work, in Vietnamese and English.
var storeSteps = map[string][2]string{
	"replay": {"phát lại nhật ký", "replaying the log"},
	"sort":   {"sắp xếp và ghi", "sorting and writing"},
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
	snapshot, err := s.Snapshot()
	if err != nil {
		return err
	}
	defer snapshot.Close()
	return f(s, snapshot)
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
