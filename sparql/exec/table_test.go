package exec

import (
	"math/rand/v2"
	"slices"
	"testing"

	"mocban/graph"
)

func TestGallop(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		col := make([]graph.ID, r.IntN(40))
		for i := range col {
			col[i] = graph.ID(r.IntN(30))
		}
		slices.Sort(col)
		from := r.IntN(len(col) + 1)
		id := graph.ID(r.IntN(32))
		want := from
		for want < len(col) && col[want] < id {
			want++
		}
		if got := gallop(col, from, id); got != want {
			t.Fatalf("gallop(%v, %d, %d) = %d, want %d", col, from, id, got, want)
		}
	}
}

// TestNumbering compares the numbers of tuples with those of a map.
func TestNumbering(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	run := &Run{account: &Account{}}
	n := numbering{r: run, width: 2}
	known := map[[2]graph.ID]int32{}
	cols := [][]graph.ID{nil, nil, nil}
	for range 5000 {
		cols[0] = append(cols[0], graph.ID(r.IntN(60)))
		cols[1] = append(cols[1], 7)
		cols[2] = append(cols[2], graph.ID(r.IntN(60))<<40)
	}
	for i := range cols[0] {
		key := [2]graph.ID{cols[2][i], cols[0][i]}
		want, ok := known[key]
		if !ok {
			want = int32(len(known))
			known[key] = want
		}
		got, fresh, err := n.of(cols, []int{2, 0}, i)
		if err != nil || got != want || fresh == ok {
			t.Fatalf("row %d is number %d (new: %v, %v), want %d", i, got, fresh, err, want)
		}
	}
	if run.account.used == 0 {
		t.Error("no memory was accounted for")
	}
	if n.free(); run.account.used != 0 {
		t.Errorf("%d bytes stay", run.account.used)
	}
}

// TestRowSet compares what a table finds with a search of all rows.
func TestRowSet(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	s := rowSet{r: &Run{account: &Account{}}, keys: []int{1}}
	for range 20 {
		b := Batch{Len: 50, Cols: make([][]graph.ID, 2)}
		for range b.Len {
			b.Cols[0] = append(b.Cols[0], graph.ID(r.Uint64()))
			b.Cols[1] = append(b.Cols[1], graph.ID(r.IntN(100)))
		}
		if err := s.add(&b); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.index(); err != nil {
		t.Fatal(err)
	}
	for id := range graph.ID(110) {
		probe := [][]graph.ID{{id}}
		var got, want []int32
		for k := s.first(probe, []int{0}, 0); k != 0; k = s.next[k-1] {
			if s.same(k-1, probe, []int{0}, 0) {
				got = append(got, k-1)
			}
		}
		for i, other := range s.cols[1] {
			if other == id {
				want = append(want, int32(i))
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("key %d is in rows %v, want %v", id, got, want)
		}
	}
}

func TestIDSet(t *testing.T) {
	var s idSet
	known := map[graph.ID]bool{}
	r := rand.New(rand.NewPCG(4, 4))
	for range 10_000 {
		id := graph.NewID(graph.ClassIRI, uint64(r.IntN(3000)))
		if s.add(id) == known[id] {
			t.Fatalf("%x: known is %v", uint64(id), known[id])
		}
		known[id] = true
	}
	if s.len != len(known) {
		t.Errorf("holds %d, want %d", s.len, len(known))
	}
}

func TestAccount(t *testing.T) {
	a := Account{Max: 100}
	if err := a.grow(60, "DISTINCT"); err != nil {
		t.Fatal(err)
	}
	a.release(20)
	if err := a.grow(61, "DISTINCT"); err == nil {
		t.Error("grew past the limit")
	} else if want := "stopped at the memory limit of 0 KiB at DISTINCT"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
	if a.Peak() != 101 {
		t.Errorf("peak is %d", a.Peak())
	}
}
