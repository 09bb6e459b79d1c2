package store

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"mocban/graph"
)

// someQuads returns quads of all kinds of terms, doubles among them, about as many as asked.
func someQuads(r *rand.Rand, n int) (quads []graph.Quad) {
	for range n {
		s := graph.IRI(fmt.Sprintf("http://example.org/thing/%d", r.IntN(n/8+1))).Term()
		if r.IntN(3) == 0 {
			s = graph.Blank(fmt.Sprintf("b%d", r.IntN(n/8+1)))
		}
		var o graph.Term
		switch k := r.IntN(n); r.IntN(6) {
		case 0:
			o = graph.String(fmt.Sprintf("nhan đề %d", k))
		case 1:
			o = graph.Text(fmt.Sprintf("Truyện %d", k), "vi")
		case 2:
			o = graph.Literal(fmt.Sprint(k%1000), "http://www.w3.org/2001/XMLSchema#integer")
		case 3:
			o = graph.Literal(fmt.Sprintf("0%d", k), "http://www.w3.org/2001/XMLSchema#integer")
		default:
			o = graph.IRI(fmt.Sprintf("http://example.org/thing/%d", k/4)).Term()
		}
		var g graph.Term
		if r.IntN(2) == 0 {
			g = graph.IRI(fmt.Sprintf("http://example.org/record/%d", r.IntN(n/50+1))).Term()
		}
		quads = append(quads, graph.Quad{S: s, P: graph.IRI(fmt.Sprintf("http://example.org/p%d", r.IntN(20))), O: o, G: g})
	}
	return quads
}

// TestLoadInFiles loads the same quads in memory by one goroutine, and in files by several.
func TestLoadInFiles(t *testing.T) {
	quads := someQuads(rand.New(rand.NewPCG(1, 2)), 3*leastRows)
	one := mustOpen(t, t.TempDir(), Options{Volatile: true})
	_, err := one.Load(context.Background(), func(l graph.Loader) error { return l.Add(quads...) })
	if err != nil {
		t.Fatal(err)
	}
	many := mustOpen(t, t.TempDir(), Options{Volatile: true, budget: 1})
	_, err = many.Load(context.Background(), func(l graph.Loader) error {
		var wait sync.WaitGroup
		for part := range slices.Chunk(quads, len(quads)/4) {
			wait.Go(func() {
				for some := range slices.Chunk(part, 2*manyQuads) {
					if err := l.Add(some...); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		if l.(*loader).scrap == "" {
			t.Error("nothing was put in files")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	distinct := make(map[graph.Quad]bool)
	for _, q := range quads {
		distinct[q] = true
	}
	for x := range indexes {
		a, b := rowsIn(t, one, x), rowsIn(t, many, x)
		if !slices.Equal(a, b) {
			t.Errorf("order %d: %d rows in memory, %d in files, or others", x, len(a), len(b))
		}
		if x != graphsIndex && len(a) != len(distinct) {
			t.Errorf("order %d: %d rows, want %d", x, len(a), len(distinct))
		}
	}
	for _, r := range rowsIn(t, many, indexOf(graph.SPO)) {
		var terms [4]graph.Term
		snap, err := many.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		if err := snap.Terms(context.Background(), r[:], terms[:]); err != nil {
			t.Fatal(err)
		}
		snap.Close()
		p, _ := terms[1].IRI()
		if q := (graph.Quad{S: terms[0], P: p, O: terms[2], G: terms[3]}); !distinct[q] {
			t.Fatalf("%v was not loaded", q)
		}
	}
}

func rowsIn(t *testing.T, s graph.Store, x index) (rows []graph.Row) {
	t.Helper()
	snap, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	c, err := snap.Scan(context.Background(), graph.Pattern{}, x.order(), graph.AllColumns)
	if x == graphsIndex {
		c, err = snap.Graphs(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var b graph.Block
	for c.Next(&b) {
		for i := range b.Len {
			rows = append(rows, b.Row(i))
		}
	}
	if c.Err() != nil {
		t.Fatal(c.Err())
	}
	return rows
}

// TestTermSort compares the sorting of keys that have much in common with the plain one.
func TestTermSort(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for round := range 40 {
		var c chunkBuilder
		n := 1 + r.IntN(3000)
		for range n {
			key := bytes.Repeat([]byte{byte(r.IntN(2))}, r.IntN(30))
			for range r.IntN(6) {
				key = append(key, byte(r.IntN(3)))
			}
			c.find(graph.Class(1+r.IntN(3)), key)
		}
		var s termSorter
		got := s.sort(&c)
		for i := 1; i < len(got); i++ {
			a, b := &c.terms[got[i-1].n], &c.terms[got[i].n]
			if a.class > b.class || a.class == b.class && bytes.Compare(c.keyOf(a), c.keyOf(b)) >= 0 {
				t.Fatalf("round %d: %d %x stands before %d %x", round, a.class, c.keyOf(a), b.class, c.keyOf(b))
			}
		}
		for i := range got { // the other way, which bad luck leads to
			got[i].word = s.word(got[i].n, 0)
		}
		from := 0
		for from < len(got) && c.terms[got[from].n].class == 1 {
			from++
		}
		r.Shuffle(from, func(i, k int) { got[i], got[k] = got[k], got[i] })
		s.quick(got[:from], 0, 0)
		for i := 1; i < from; i++ {
			if bytes.Compare(c.keyOf(&c.terms[got[i-1].n]), c.keyOf(&c.terms[got[i].n])) >= 0 {
				t.Fatalf("round %d: not sorted without partitions", round)
			}
		}
	}
}
