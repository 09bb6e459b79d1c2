package sparql_test

import (
	"context"
	"fmt"
	"testing"

	"mocban/graph"
	"mocban/graph/store"
	"mocban/sparql"
)

// A lookupCounter counts the keys that its snapshots look up by themselves, and how often
// triples between keys are counted.
type lookupCounter struct {
	graph.Store
	keys, triples int
}

type lookupCounted struct {
	graph.Snapshot
	c *lookupCounter
}

func (c *lookupCounter) Snapshot() (graph.Snapshot, error) {
	s, err := c.Store.Snapshot()
	return &lookupCounted{s, c}, err
}

func (s *lookupCounted) Lookup(ctx context.Context, l *graph.Lookup) error {
	s.c.keys += len(l.Keys)
	return s.Snapshot.(interface {
		Lookup(context.Context, *graph.Lookup) error
	}).Lookup(ctx, l)
}

func (s *lookupCounted) Count(ctx context.Context, p graph.Pattern) (uint64, bool, error) {
	if p.Union && !p.Range.IsZero() {
		s.c.triples++
	}
	return s.Snapshot.Count(ctx, p)
}

// Keys next to each other are read in one go, however many rows there are elsewhere; those that are
// far from each other are looked up, and what lies between them is not read. To tell them apart no
// triples are counted, which would mean to look at each change of the store since the last fold.
func TestNearKeysAreReadInOneGo(t *testing.T) {
	const subjects, near = 40_000, 800
	s, err := store.Open(t.TempDir(), store.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	iri := func(kind string, n int) graph.Term {
		return graph.IRI(fmt.Sprintf("http://lib.example/%s/%05d", kind, n)).Term()
	}
	if _, err := s.Load(context.Background(), func(l graph.Loader) error {
		for i := range subjects {
			add := []graph.Quad{{S: iri("work", i), P: "http://lib.example/title", O: graph.Text(fmt.Sprint("Nhan đề ", i), "vi")}}
			if i < near {
				add = append(add, graph.Quad{S: iri("work", i), P: "http://lib.example/near", O: iri("mark", 1)})
			}
			if i%(subjects/near) == 0 {
				add = append(add, graph.Quad{S: iri("work", i), P: "http://lib.example/far", O: iri("mark", 1)})
			}
			if err := l.Add(add...); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for property, wantKeys := range map[string]int{"near": 0, "far": near} {
		c := &lookupCounter{Store: s}
		a, err := askWithin(sparql.New(sparql.Options{}), c, `PREFIX : <http://lib.example/>
			SELECT ?w ?t { ?w :`+property+` <http://lib.example/mark/00001> OPTIONAL { ?w :title ?t FILTER(STRLEN(?t) > 0) } }`, sparql.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if len(a.rows) != near {
			t.Errorf("%s: %d rows, want %d", property, len(a.rows), near)
		}
		for _, row := range a.rows {
			if row[1].IsZero() {
				t.Fatalf("%s: %v has no title", property, row[0])
			}
		}
		if c.triples > 0 {
			t.Errorf("%s: triples between keys are counted %d times", property, c.triples)
		}
		if c.keys != wantKeys {
			t.Errorf("%s: %d keys are looked up, want %d", property, c.keys, wantKeys)
		}
	}
}
