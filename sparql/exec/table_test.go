package exec

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"mocban/graph"
	"mocban/graph/memstore"
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
	if run.account.Held() == 0 {
		t.Error("no memory was accounted for")
	}
	if n.free(); run.account.Held() != 0 {
		t.Errorf("%d bytes stay", run.account.Held())
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

// TestMergedRows adds rows of few keys, with weights, up to those that one row cannot stand for.
func TestMergedRows(t *testing.T) {
	for _, least := range []uint64{1, maxWeight / 3} {
		r := rand.New(rand.NewPCG(3, least))
		run := &Run{account: &Account{}}
		s := rowSet{r: run, keys: []int{1}, merged: true, weight: 0}

		want := map[graph.ID]uint64{}
		var b Batch
		b.Cols = make([][]graph.ID, 2)
		for range 500 {
			n, key := uint64(1+r.IntN(3)), graph.ID(r.IntN(40))
			b.Cols[0], b.Cols[1] = append(b.Cols[0], graph.ID(n*least)), append(b.Cols[1], key)
			want[key] += n
		}
		b.Len = len(b.Cols[0])
		if err := s.add(&b); err != nil {
			t.Fatal(err)
		}
		if err := s.index(); err != nil {
			t.Fatal(err)
		}
		if least == 1 && s.len != len(want) {
			t.Errorf("%d rows of %d keys", s.len, len(want))
		}
		for key, n := range want {
			got := uint64(0)
			for row := s.first([][]graph.ID{{key}}, []int{0}, 0); row != 0; row = s.next[row-1] {
				if s.weights[row-1] > maxWeight || s.weights[row-1]%least != 0 {
					t.Fatalf("a row stands for %d", s.weights[row-1])
				}
				got += s.weights[row-1] / least
			}
			if got != n {
				t.Errorf("key %d stands for %d, want %d", key, got, n)
			}
		}
		if s.free(); run.account.Held() != 0 {
			t.Errorf("%d bytes stay", run.account.Held())
		}
	}
}

func TestTimesWeight(t *testing.T) {
	for _, c := range []struct{ a, b, times, weight uint64 }{
		{1, 1, 1, 1}, {3, 5, 1, 15}, {1, maxWeight, 1, maxWeight}, {2, maxWeight, 2, maxWeight}, {maxWeight, 7, 7, maxWeight}, {1 << 40, 1 << 41, 1 << 40, 1 << 41},
	} {
		if times, weight := timesWeight(c.a, c.b); times != c.times || weight != c.weight {
			t.Errorf("%d times %d is %d times %d", c.a, c.b, times, weight)
		}
	}
}

// TestLongCounts adds weights beyond what an integer of 64 bits holds.
func TestLongCounts(t *testing.T) {
	run := &Run{account: &Account{}}
	snap, err := memstore.New().Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	run.dict.snap, run.dict.account = snap, run.account
	g := &countAgg{r: run, star: true, weight: 0}
	if err := g.grow(2); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if err := g.addWeights(&Batch{Len: 2, Cols: [][]graph.ID{{maxWeight, 5}}}, []int32{0, 1}); err != nil {
			t.Fatal(err)
		}
	}
	ids, err := g.results(t.Context(), 0, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	terms := make([]graph.Term, 2)
	if err := run.dict.terms(t.Context(), ids, terms); err != nil {
		t.Fatal(err)
	}
	if a, b := terms[0].Value(), terms[1].Value(); a != "115292150460684697600" || b != "500" {
		t.Errorf("counts are %s and %s", a, b)
	}
}

// TestSortKeys compares the sort of keys by digits with that by comparisons.
func TestSortKeys(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	var spare []sortKey
	for _, n := range []int{1, 2, fewKeysRow - 1, fewKeysRow, 1024, 5000} {
		for _, most := range []uint64{1, 3, 1 << 11, 1<<22 + 1, 1 << 43, 1 << 60} {
			keys := make([]sortKey, n)
			for i := range keys {
				keys[i] = sortKey{graph.NewID(graph.ClassIRI, 0) + graph.ID(r.Uint64N(most)), int32(i)}
			}
			want := slices.Clone(keys)
			slices.SortStableFunc(want, func(a, b sortKey) int { return cmp.Compare(a.id, b.id) })
			var got []sortKey
			if got, spare = sortKeys(keys, spare); !slices.Equal(got, want) {
				t.Fatalf("%d keys below %d are not sorted", n, most)
			}
		}
	}
}
