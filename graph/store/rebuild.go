package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"mocban/graph"
	"mocban/graph/disk"
	"mocban/graph/kv"
	"mocban/graph/log"
)

// Data are made anew in a folder of their own. When they are whole and synced, the old ones
// are put aside and the new ones take their place; then the old ones are removed. So where
// there is a folder put aside and none in its place, the new one is whole.
const (
	madeFolder  = "kv.new"
	asideFolder = "kv.old"
)

// A DataError tells that the data of a store cannot be read. They can be made anew from the
// log: see [Rebuild].
type DataError struct {
	Dir string // of the store
	Err error
}

func (e *DataError) Error() string {
	return fmt.Sprintf("the data cannot be read and must be made anew from the log (mocban rebuild): %v", e.Err)
}

func (e *DataError) Unwrap() error { return e.Err }

// dataError makes an error one that Rebuild mends, unless it has another cause.
func (s *Store) dataError(err error) error {
	for _, other := range [...]error{kv.ErrUnclean, kv.ErrClosed, fs.ErrPermission, syscall.ENOSPC, syscall.EIO, syscall.EMFILE, syscall.ENOMEM, context.Canceled} {
		if err == nil || errors.Is(err, other) {
			return err
		}
	}
	return &DataError{s.dir, damage(err)}
}

// Rebuild makes the data of the store in a folder anew from its log, verifies them in full,
// and puts them in the place of the old ones. Killed at any time, it leaves either. Nobody
// else may have the store open.
func Rebuild(ctx context.Context, dir string, o Options) (Report, error) {
	if _, err := log.IDOf(filepath.Join(dir, logFolder)); err != nil && !isStore(dir) {
		return Report{}, fmt.Errorf("%s holds no store: %w", dir, graph.ErrNotFound)
	}
	o.ReadOnly = false
	s := newStore(dir, o)
	r, err := s.rebuild(ctx)
	if e := s.closeFiles(); err == nil {
		err = e
	}
	if err != nil {
		return r, fmt.Errorf("rebuild store %s: %w", dir, err)
	}
	return r, nil
}

func (s *Store) rebuild(ctx context.Context) (r Report, err error) {
	if err := s.openLock(); err != nil {
		return r, err
	}
	if err := s.takeSums(); err != nil {
		return r, err
	}
	if err := s.endSwap(); err != nil {
		return r, err
	}
	id, err := s.rebuildID()
	if err != nil {
		return r, err
	}
	if r, err = s.remake(ctx, id, s.oldMark(id)); err != nil {
		return r, err
	}
	if err := os.Remove(filepath.Join(s.dir, damageFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return r, err
	}
	s.whole = true
	return r, s.putMarker(id)
}

// rebuildID returns the id of the store. Where the marker is damaged or missing it is that of the
// log, of which all is made; and where the marker has another one, but log and data agree.
func (s *Store) rebuildID() (log.ID, error) {
	marked, version, err := parseMarker(filepath.Join(s.dir, markerFile))
	if version > Format {
		_, _, err := s.readMarker() // which refuses it
		return marked, err
	}
	id, e := log.IDOf(filepath.Join(s.dir, logFolder))
	var damaged *graph.CorruptError
	switch {
	case e != nil:
		id, _, err = s.readMarker()
		return id, err
	case errors.As(err, &damaged), errors.Is(err, fs.ErrNotExist):
		return id, nil
	case err == nil && id != marked && s.oldMark(id) != log.Mark{}:
		return id, nil
	}
	return marked, err
}

// oldMark returns the place that the data had come to, if they can be read so far: the log
// must hold it.
func (s *Store) oldMark(id log.ID) (m log.Mark) {
	if _, err := os.Stat(filepath.Join(s.dir, kvFolder)); err != nil {
		return m
	}
	old := newStore(s.dir, s.o)
	defer old.closeFiles()
	old.o.Warn, old.o.Damaged = nil, nil
	if err := old.openKV(); err != nil {
		return m
	}
	if st, _, err := old.readState(id); err == nil {
		m = st.mark
	}
	return m
}

// remake makes the data anew, and puts them in place. Known is a place that the log must hold.
func (s *Store) remake(ctx context.Context, id log.ID, known log.Mark) (r Report, err error) {
	if err := os.RemoveAll(filepath.Join(s.dir, madeFolder)); err != nil {
		return r, err
	}
	n := newStore(s.dir, s.o)
	n.data = madeFolder
	if err = s.reach("begin"); err == nil {
		r, err = n.make(ctx, id, known)
	}
	if e := n.closeFiles(); err == nil {
		err = e
	}
	if err != nil {
		return r, err
	}
	return r, s.swap()
}

// make makes the data from the log.
func (s *Store) make(ctx context.Context, id log.ID, known log.Mark) (r Report, err error) {
	if err := s.openData(ctx, id, known); err != nil {
		return r, err
	}
	if err := s.reach("replayed"); err != nil {
		return r, err
	}
	var first *Finding
	r, err = s.Verify(ctx, VerifyOptions{Full: true, Found: func(f Finding) {
		if first == nil {
			first = &f
		}
	}})
	if err == nil && first != nil {
		err = &graph.CorruptError{Place: first.Place, Detail: first.Detail}
	}
	if err != nil {
		return r, err
	}
	return r, s.db.Sync()
}

// swap puts the new data in the place of the old ones.
func (s *Store) swap() error {
	steps := [...]struct {
		point string
		do    func() error
	}{
		{"made", func() error { return s.syncFolder(filepath.Join(s.dir, madeFolder)) }},
		{"synced", func() error { return os.RemoveAll(filepath.Join(s.dir, asideFolder)) }},
		{"ready", func() error {
			err := os.Rename(filepath.Join(s.dir, kvFolder), filepath.Join(s.dir, asideFolder))
			if errors.Is(err, os.ErrNotExist) {
				return os.Mkdir(filepath.Join(s.dir, asideFolder), 0o755)
			}
			return err
		}},
		{"put aside", func() error { return os.Rename(filepath.Join(s.dir, madeFolder), filepath.Join(s.dir, kvFolder)) }},
		{"in place", func() error { return s.syncFolder(s.dir) }},
		{"kept", func() error { return os.RemoveAll(filepath.Join(s.dir, asideFolder)) }},
	}
	for _, step := range steps {
		err := s.reach(step.point)
		if err == nil {
			err = step.do()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// endSwap ends a swap that was cut short, and removes data that were not made to the end.
func (s *Store) endSwap() error {
	if err := s.endCompact(); err != nil {
		return err
	}
	path := func(name string) string { return filepath.Join(s.dir, name) }
	there := func(name string) bool {
		_, err := os.Stat(path(name))
		return err == nil
	}
	made, aside := there(madeFolder), there(asideFolder)
	switch {
	case !made && !aside:
		return nil
	case s.o.ReadOnly:
		return fmt.Errorf("data were being made anew: %w", kv.ErrUnclean)
	case !there(kvFolder) && made && aside:
		if err := errors.Join(os.Rename(path(madeFolder), path(kvFolder)), s.syncFolder(s.dir)); err != nil {
			return err
		}
	}
	return errors.Join(os.RemoveAll(path(madeFolder)), os.RemoveAll(path(asideFolder)))
}

// reach tells a test where the store is; what it answers ends the work there.
func (s *Store) reach(point string) error {
	if s.o.reached == nil {
		return nil
	}
	return s.o.reached(point)
}

func (s *Store) syncFolder(name string) error {
	if s.o.Volatile {
		return nil
	}
	return disk.SyncFolder(name)
}
