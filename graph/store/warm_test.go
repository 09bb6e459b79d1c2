package store

import (
	"context"
	"fmt"
	"testing"

	"mocban/graph"
)

// Once a store was warmed, questions read nothing from the data any more.
func TestWarm(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	open := func(cache int64) *Store {
		s, err := Open(dir, Options{Volatile: true, Cache: cache})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s.(*Store)
	}
	s := open(0)
	const n = 5000
	book := func(i int) graph.Term { return graph.IRI(fmt.Sprint("http://example.org/book/", i)).Term() }
	if _, err := s.Load(ctx, func(l graph.Loader) error {
		for i := range n {
			if err := l.Add(
				graph.Quad{S: book(i), P: "http://example.org/title", O: graph.Text(fmt.Sprint("Tập ", i), "vi")},
				graph.Quad{S: book(i), P: "http://example.org/after", O: book((i + 7) % n)},
			); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	ask := func(s *Store) Reads {
		before := s.Reads()
		snap, err := s.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		defer snap.Close()
		for i := 0; i < n; i += 97 {
			terms, ids := []graph.Term{book(i)}, make([]graph.ID, 1)
			if err := snap.IDs(ctx, terms, ids); err != nil {
				t.Fatal(err)
			}
			for _, p := range []graph.Pattern{{S: ids[0]}, {O: ids[0]}} {
				c, err := snap.Scan(ctx, p, graph.NoOrder, graph.AllColumns)
				if err != nil {
					t.Fatal(err)
				}
				for b := (graph.Block{}); c.Next(&b); {
					if err := snap.Terms(ctx, b.Cols[graph.PosO], make([]graph.Term, len(b.Cols[graph.PosO]))); err != nil {
						t.Fatal(err)
					}
				}
				if c.Err() != nil {
					t.Fatal(c.Err())
				}
				c.Close()
			}
		}
		after := s.Reads()
		return Reads{after.Blocks - before.Blocks, after.Pages - before.Pages}
	}
	s = open(0)
	if err := s.Warm(ctx); err != nil {
		t.Fatal(err)
	}
	if got := ask(s); got != (Reads{}) {
		t.Errorf("warm, %+v were read", got)
	}
	s.Close()
	s = open(1)
	if err := s.Warm(ctx); err != nil {
		t.Fatal(err)
	}
	if got := s.Reads(); got != (Reads{}) {
		t.Errorf("%+v were read into a cache that holds nothing", got)
	}
	if got := ask(s); got.Blocks == 0 || got.Pages == 0 {
		t.Errorf("without a cache, %+v were read", got)
	}
	stop, cancel := context.WithCancel(ctx)
	cancel()
	s.Close()
	if err := open(0).Warm(stop); err == nil {
		t.Error("it goes on when nobody waits")
	}
}
