package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"mocban/graph"
	"mocban/graph/storetest"
)

// opener returns a way to open stores that tests can afford.
func opener(o Options) storetest.Open {
	o.Volatile = true
	return func(t testing.TB, dir string) graph.Store {
		t.Helper()
		s, err := Open(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

func TestConformance(t *testing.T) { storetest.Run(t, opener(Options{})) }

func TestConformanceSmall(t *testing.T) {
	storetest.Run(t, opener(Options{Memory: 1, Cache: 1, foldAt: 1}))
}

func TestHistory(t *testing.T) {
	storetest.History(t, opener(Options{}), rand.Uint64(), 60, true, nil)
}

// With a fold after every few changes and little memory.
func TestHistoryFolds(t *testing.T) {
	storetest.History(t, opener(Options{Memory: 1, Cache: 1 << 16, foldAt: 200}), rand.Uint64(), 60, true,
		func(r *rand.Rand, s graph.Store) graph.Store {
			if r.IntN(5) == 0 {
				if err := s.(*Store).Fold(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			return s
		})
}

// The copies of a triple may stand in two blocks, and in more than two.
func TestUnionAcrossBlocks(t *testing.T) {
	const copies = 2500
	var quads []graph.Quad
	at := func(i int) graph.Quad {
		return graph.Quad{S: graph.IRI(fmt.Sprintf("http://example.org/%05d", i)).Term(), P: "http://example.org/p", O: graph.Blank(fmt.Sprint("b", i%7))}
	}
	for i := range 6000 {
		quads = append(quads, at(i))
	}
	for i := 1000; i < 1060; i++ { // around the end of the first block
		for g := range i % 3 {
			q := at(i)
			q.G = graph.Blank(fmt.Sprint("g", g))
			quads = append(quads, q)
		}
	}
	for i := range copies { // one triple in whole blocks of its own
		q := at(3000)
		q.G = graph.Blank(fmt.Sprint("g", i))
		quads = append(quads, q)
	}
	s := mustOpen(t, t.TempDir(), Options{Volatile: true, foldAt: 1 << 30})
	if _, err := s.Load(context.Background(), func(l graph.Loader) error { return l.Add(quads...) }); err != nil {
		t.Fatal(err)
	}
	check := func(want uint64) {
		t.Helper()
		sn, err := s.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		defer sn.Close()
		if n, exact, err := sn.Count(context.Background(), graph.Pattern{Union: true}); n != want || !exact || err != nil {
			t.Errorf("count %d, %v, %v, want %d", n, exact, err, want)
		}
		storetest.CheckPatterns(t, sn, rand.New(rand.NewPCG(3, 3)), 60)
	}
	check(6000)
	_, err := s.Update(context.Background(), func(txn graph.Txn) error {
		for i := 0; i < 6000; i += 500 {
			q := at(i)
			if err := txn.Remove(q); err != nil {
				return err
			}
			q.G = graph.Blank("g0")
			if err := txn.Add(q); err != nil {
				return err
			}
		}
		return txn.Remove(at(1)) // stands nowhere else
	})
	if err != nil {
		t.Fatal(err)
	}
	check(5999)
}

// What every record says stands in as many graphs; to know it, one block is enough.
func TestUnionSkipsCopies(t *testing.T) {
	const copies = 20_000
	said := graph.Quad{S: graph.IRI("http://example.org/english").Term(), P: "http://example.org/p", O: graph.String("English")}
	quads := make([]graph.Quad, copies)
	for i := range quads {
		quads[i] = said
		quads[i].G = graph.IRI(fmt.Sprint("http://example.org/record/", i)).Term()
	}
	s := mustOpen(t, t.TempDir(), Options{Volatile: true, foldAt: 1 << 30})
	if _, err := s.Load(context.Background(), func(l graph.Loader) error { return l.Add(quads...) }); err != nil {
		t.Fatal(err)
	}
	sn, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer sn.Close()
	ids := make([]graph.ID, 2)
	if err := sn.IDs(context.Background(), []graph.Term{said.S, said.P.Term()}, ids); err != nil {
		t.Fatal(err)
	}
	for _, p := range []graph.Pattern{{Union: true}, {S: ids[0], Union: true}, {S: ids[0], P: ids[1], Union: true}} {
		c, err := sn.Scan(context.Background(), p, graph.SPO, graph.AllColumns)
		if err != nil {
			t.Fatal(err)
		}
		var b graph.Block
		rows := 0
		for c.Next(&b) {
			rows += b.Len
		}
		if err := c.Err(); err != nil || rows != 1 {
			t.Errorf("%+v: %d rows, %v, want 1", p, rows, err)
		}
		if n := c.(*cursor).loaded; n > 3 {
			t.Errorf("%+v: %d blocks were read", p, n)
		}
		c.Close()
	}
}
