package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"mocban/graph"
	"mocban/graph/storetest"
)

// Change sets of the log come to the same whether they are applied one by one or many as one,
// also those that undo what others did; and there is a version for each of them.
func TestReplayTogether(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	o := Options{Volatile: true, foldAt: 1 << 30}
	s := mustOpen(t, dir, o)
	const n = 152 // so that the last is gone
	passing := graph.Quad{S: graph.IRI("http://example.org/passing").Term(), P: "http://example.org/p", O: graph.String("here and gone"), G: graph.IRI("http://example.org/passing").Term()}
	for i := range n {
		if err := count(s, i+1); err != nil {
			t.Fatal(err)
		}
		_, err := s.Update(ctx, func(txn graph.Txn) error {
			switch i % 4 {
			case 0:
				return txn.CreateGraph(graph.IRI(fmt.Sprint("http://example.org/empty/", i)).Term())
			case 1:
				return txn.Add(passing)
			case 2:
				return txn.Remove(passing)
			default:
				return txn.DropGraph(passing.G)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	check := func(what string, s *Store, want *state) {
		t.Helper()
		sn, err := s.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		defer sn.Close()
		if got := sn.(*snapshot).state; got.version != want.version || got.total() != want.total() || got.rows(graphsIndex) != want.rows(graphsIndex) {
			t.Errorf("%s: version %d, %v, %d graphs, want %d, %v, %d", what,
				got.version, got.total(), got.rows(graphsIndex), want.version, want.total(), want.rows(graphsIndex))
		}
		storetest.CheckPatterns(t, sn, rand.New(rand.NewPCG(1, 1)), 10)
	}
	for _, most := range []uint64{1, 100, 1 << 30} {
		one, err := s.shadow(s.current.version)
		if err != nil {
			t.Fatal(err)
		}
		r := replayer{s: one, most: most}
		for c, err := range s.log.Read(ctx, 0) {
			if err != nil {
				t.Fatal(err)
			}
			if err := r.apply(ctx, &c); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.flush(); err != nil {
			t.Fatal(err)
		}
		check(fmt.Sprintf("%d rows at a time", most), one, s.current)
		if got := checkCount(t, &snapshot{s: one, state: one.current}); got != n {
			t.Errorf("%d rows at a time: %d updates are there, want %d", most, got, n)
		}
		one.stop()
		one.work.Wait()
		if err := one.remove(one.impression); err != nil {
			t.Fatal(err)
		}
	}
	want := s.current
	s.Close()
	if err := os.RemoveAll(filepath.Join(dir, kvFolder)); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"made anew from the log", "opened again"} {
		s := mustOpen(t, dir, o)
		check(what, s, want)
		if err := count(s, n+1); err != nil { // it can be written to
			t.Fatal(err)
		}
		want = s.current
		s.Close()
	}
	if found := findings(t, dir, o, true); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}
