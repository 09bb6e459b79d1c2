package store

import (
	"fmt"
	"testing"

	"mocban/graph"
)

// TestCuts holds that the parts between cuts have all rows, each once, and none most of them.
func TestCuts(t *testing.T) {
	s, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	iri := func(kind string, i int) graph.Term {
		return graph.IRI(fmt.Sprintf("http://example.org/%s%d", kind, i)).Term()
	}
	_, err = s.Load(t.Context(), func(l graph.Loader) error {
		for i := range 30_000 {
			if err := l.Add(graph.Quad{S: iri("s", i), P: graph.IRI(fmt.Sprint("http://example.org/p", i%3)), O: iri("o", i*i%500)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	snap, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	var id [1]graph.ID
	if err := snap.IDs(t.Context(), []graph.Term{iri("p", 1)}, id[:]); err != nil {
		t.Fatal(err)
	}
	for _, p := range []graph.Pattern{{}, {Union: true}, {P: id[0]}, {P: id[0], Union: true}} {
		all, _, err := snap.Count(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range []graph.Order{graph.SPO, graph.PSO, graph.POS, graph.OSP} {
			pos := o.Positions()[p.Prefix(o)]
			low, sum := graph.ID(0), uint64(0)
			cuts := snap.(*snapshot).Cuts(p, o, 8)
			if pos != graph.PosP && p.Prefix(o) == int(min(p.P, 1)) && len(cuts) < 4 {
				t.Errorf("%v in %v has %d cuts", p, o, len(cuts))
			}
			for _, high := range append(cuts, maxID) {
				part := p
				part.Range = graph.Range{At: pos, Low: low, High: high - 1}
				if high <= low {
					t.Fatalf("%v in %v: cut %v after %v", p, o, high, low)
				}
				c, err := snap.Scan(t.Context(), part, o, graph.Cols(pos))
				if err != nil {
					t.Fatal(err)
				}
				rows := uint64(0)
				for b := (graph.Block{}); c.Next(&b); {
					rows += uint64(b.Len)
				}
				if err := c.Err(); err != nil {
					t.Fatal(err)
				}
				c.Close()
				if len(cuts) >= 4 && rows > all/2 {
					t.Errorf("%v in %v: a part has %d of %d rows", p, o, rows, all)
				}
				sum += rows
				low = high
			}
			if sum != all {
				t.Errorf("%v in %v: %d rows in parts, %d in all", p, o, sum, all)
			}
		}
	}
}
