package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"mocban/graph"
)

// An olderStore shows a version of a store as its newest.
type olderStore struct {
	graph.Store
	v graph.Version
}

func (o olderStore) Snapshot() (graph.Snapshot, error) {
	return o.Store.(graph.Traveller).At(context.Background(), o.v)
}

// Every version can be seen again, by undoing what came after it and by making it anew, also
// by who only reads.
func TestAt(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	whole := t.TempDir()
	filled(t, whole, Options{Volatile: true, foldAt: 300}, 32)
	for i, o := range []Options{{Volatile: true}, {ReadOnly: true}, {Volatile: true, mostUndone: -1}} {
		dir := filepath.Join(t.TempDir(), "store")
		copyFolder(t, whole, dir)
		s := mustOpen(t, dir, o)
		for v := graph.Version(0); v <= 32; v++ {
			if o.mostUndone < 0 && v%5 > 1 {
				continue
			}
			if got := checkState(t, olderStore{s, v}); got != int(v) {
				t.Errorf("version %d instead of %d", got, v)
			}
			checkRecount(t, olderStore{s, v})
		}
		if _, err := s.At(context.Background(), 33); !errors.Is(err, graph.ErrNotFound) {
			t.Errorf("a version to come: %v", err)
		}
		if !o.ReadOnly { // an old version does not move
			sn, err := s.At(context.Background(), 31)
			if err != nil {
				t.Fatal(err)
			}
			before := recount(t, sn, graph.POS)
			if _, err := s.Update(context.Background(), func(txn graph.Txn) error {
				return txn.Add(graph.Quad{S: graph.Blank("new"), P: "http://example.org/p", O: graph.String(fmt.Sprint(i))})
			}); err != nil {
				t.Fatal(err)
			}
			if err := s.Fold(context.Background()); err != nil {
				t.Fatal(err)
			}
			if recount(t, sn, graph.POS) != before {
				t.Error("an old version has changed")
			}
			sn.Close()
			mustVerify(t, s, true)
		}
		s.Close()
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "mocban-version-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
