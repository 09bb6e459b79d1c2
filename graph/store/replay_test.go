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

// A store does not begin to compact itself while it is made anew from its log, however much of
// the dictionary is of no use then, nor does the copy that compacting makes.
func TestReplayDoesNotCompact(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	o := Options{Volatile: true, foldAt: 500, deadTerms: 3000}
	s := mustOpen(t, dir, o)
	s.compacts.Store(true) // it is left to what makes it anew
	from, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	const rows, editions = 10_000, 6
	subject := graph.IRI("http://example.org/much").Term()
	for e := range editions {
		quads := make([]graph.Quad, rows)
		for i := range quads {
			quads[i] = graph.Quad{S: subject, P: "http://example.org/p", O: graph.String(fmt.Sprintf("value %d, edition %d", i, e)), G: graph.IRI("http://example.org/g").Term()}
		}
		_, err := s.Update(ctx, func(txn graph.Txn) error {
			if err := txn.DropGraph(quads[0].G); err != nil {
				return err
			}
			return txn.Add(quads...)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	n, err := s.shadow(s.current.version)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.copyFrom(ctx, from.(*snapshot), nil); err != nil {
		t.Fatal(err)
	}
	r := replayer{s: n, most: 1}
	for c, err := range s.log.Read(ctx, n.current.version) {
		if err != nil {
			t.Fatal(err)
		}
		if err := r.apply(ctx, &c); err != nil {
			t.Fatal(err)
		}
		n.work.Wait() // for a fold
	}
	if !n.needsCompact(0) {
		t.Fatal("nothing is tried: compacting would not pay")
	}
	if n.current.version != s.current.version || n.current.total() != s.current.total() {
		t.Errorf("the copy comes to version %d, %v, want %d, %v", n.current.version, n.current.total(), s.current.version, s.current.total())
	}
	n.stop()
	n.work.Wait()
	if err := n.remove(n.impression); err != nil {
		t.Fatal(err)
	}
	want := s.current
	from.Close()
	s.Close()
	if err := os.RemoveAll(filepath.Join(dir, kvFolder)); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, dir, o)
	if got := s.current; got.version != want.version || got.total() != want.total() {
		t.Errorf("made anew: version %d, %v, want %d, %v", got.version, got.total(), want.version, want.total())
	}
	if late := s.dict.Meta().Late; late < rows*editions {
		t.Errorf("it has %d late terms: it was compacted", late)
	}
	s.Close()
	if found := findings(t, dir, o, true); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}
