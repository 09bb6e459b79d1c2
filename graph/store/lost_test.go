package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"mocban/graph"
	"mocban/graph/kv"
)

// lossy says, once values are gone, what a DB says then.
type lossy struct {
	kv.DB
	gone *bool
}

func (l lossy) Get(key []byte, f func([]byte) error) error {
	if *l.gone {
		return kv.ErrLost
	}
	return l.DB.Get(key, f)
}

// Where the impression lost values, that is remembered; the next to open the store makes it anew
// from the log, and nothing is damaged any more.
func TestLostValues(t *testing.T) {
	dir := t.TempDir()
	var lost func(error)
	gone := false
	o := Options{Volatile: true, openKV: func(dir string, o kv.Options) (kv.DB, error) {
		lost = o.Lost
		db, err := kv.Open(dir, o)
		return lossy{db, &gone}, err
	}}
	s := mustOpen(t, dir, o)
	for v := 1; v <= 25; v++ {
		if err := change(t, s, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	o.Cache = 1
	s = mustOpen(t, dir, o)
	gone = true
	lost(fmt.Errorf("%w (1 of 3 tables)", kv.ErrLost))
	sn, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	var corrupt *graph.CorruptError
	if _, _, err := sumUp(sn, 1, graph.SPO); !errors.As(err, &corrupt) {
		t.Errorf("what is lost is answered from: %v", err)
	}
	sn.Close()
	if s.Damaged() != 1 {
		t.Errorf("%d findings", s.Damaged())
	}
	gone = false
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	first := true
	o.openKV = func(dir string, o kv.Options) (kv.DB, error) {
		if first {
			first = false
			return nil, kv.ErrIncomplete
		}
		return kv.Open(dir, o)
	}
	s = mustOpen(t, dir, o)
	if got := checkState(t, s); got != 25 || s.Damaged() != 0 {
		t.Errorf("version %d with %d findings after it was made anew", got, s.Damaged())
	}
	if _, err := os.Stat(filepath.Join(dir, damageFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the damage is not forgotten: %v", err)
	}
}
