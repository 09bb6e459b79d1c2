package store

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"mocban/graph"
	"mocban/graph/block"
)

// deltaItems lists what a delta holds, and checks what its nodes say.
func deltaItems(t testing.TB, d *delta) (items []item) {
	t.Helper()
	for p := d.begin(); p.key() != nil; p.next() {
		if b := p.before(); b.items != len(items) {
			t.Fatalf("%d items before the place after %d", b.items, len(items))
		}
		items = append(items, item{*p.key(), p.adds()})
	}
	for i := 1; i < len(items); i++ {
		if items[i-1].key.Compare(&items[i].key) >= 0 {
			t.Fatalf("%v stands before %v", items[i-1], items[i])
		}
	}
	if len(items) != d.items {
		t.Fatalf("it says it has %d items and has %d", d.items, len(items))
	}
	return items
}

func randomKey(r *rand.Rand, n int) block.Key {
	return block.Key{graph.ID(r.IntN(n)), graph.ID(r.IntN(4)), graph.ID(r.IntN(4)), graph.ID(r.IntN(2))}
}

// A delta is a map of keys with an order: whatever is done to it, it holds, finds and counts
// the same; older ones stay as they were, and two tell what made one of the other.
func TestDelta(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	d, want := new(delta), map[block.Key]bool{}
	type old struct {
		d     *delta
		items []item
	}
	var olds []old
	for step := range 120 {
		edits := make(map[block.Key]bool)
		for range 1 + r.IntN(1+r.IntN(600)) {
			k := randomKey(r, 200)
			if was, ok := want[k]; ok {
				edits[k] = !was // cancels it
			} else if _, ok := edits[k]; !ok {
				edits[k] = k[0]%3 > 0 // the base has a row or has not
			}
		}
		var sorted []item
		for k, add := range edits {
			sorted = append(sorted, item{k, add})
			if _, ok := want[k]; ok {
				delete(want, k)
			} else {
				want[k] = add
			}
		}
		slices.SortFunc(sorted, func(a, b item) int { return a.key.Compare(&b.key) })
		d = d.apply(sorted)
		items := deltaItems(t, d)
		if len(items) != len(want) {
			t.Fatalf("step %d: %d items, want %d", step, len(items), len(want))
		}
		for _, it := range items {
			if add, ok := want[it.key]; !ok || add != it.add {
				t.Fatalf("step %d: it has %v", step, it)
			}
		}
		for range 20 {
			checkDelta(t, r, d, items)
		}
		olds = append(olds, old{d, items})
		o := olds[r.IntN(len(olds))]
		if got := deltaItems(t, o.d); !slices.Equal(got, o.items) {
			t.Fatal("an older delta has changed")
		}
		if back := o.d.apply(d.since(o.d)); !slices.Equal(deltaItems(t, back), items) {
			t.Fatal("what was changed since does not lead to it")
		}
	}
}

func checkDelta(t *testing.T, r *rand.Rand, d *delta, items []item) {
	t.Helper()
	low, high := randomKey(r, 210), randomKey(r, 210)
	n, net := 0, 0
	first := -1
	for i, it := range items {
		if it.key.Compare(&low) < 0 {
			continue
		}
		if first < 0 {
			first = i
		}
		if it.key.Compare(&high) > 0 {
			break
		}
		n++
		if net--; it.add {
			net += 2
		}
	}
	if a, b := d.sum(&low, &high); a != n || b != net {
		t.Fatalf("from %v to %v it counts %d and %d, want %d and %d", low, high, a, b, n, net)
	}
	p := d.seek(&low)
	if k := p.key(); (k == nil) != (first < 0) || k != nil && (item{*k, p.adds()}) != items[first] {
		t.Fatalf("at %v it finds %v", low, k)
	}
	adds, ok := d.find(&low)
	if want := first >= 0 && items[first].key == low; want != ok || ok && adds != items[first].add {
		t.Fatalf("it finds %v, %v for %v", adds, ok, low)
	}
}

// A delta that came of many small changes takes little more memory than its keys: what a change
// made is not kept by what a later one left of it.
func TestDeltaMemory(t *testing.T) {
	const changes, rows = 10_000, 20
	r := rand.New(rand.NewPCG(2, 2))
	held := func() int64 {
		runtime.GC()
		runtime.GC() // what is in pools outlives the first
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before, d := held(), new(delta)
	for range changes {
		at := graph.ID(r.IntN(1 << 40))
		var edits []item
		for i := range rows {
			edits = append(edits, item{block.Key{at >> (20 * graph.ID(i%2)), at, graph.ID(i)}, true})
		}
		slices.SortFunc(edits, func(a, b item) int { return a.key.Compare(&b.key) })
		d = d.apply(edits)
	}
	each := float64(held()-before) / float64(d.items)
	t.Logf("%d items, %.1f bytes each", d.items, each)
	if each > 42 {
		t.Errorf("an item takes %.1f bytes, its key 32", each)
	}
}

// BenchmarkDelta changes one record's rows in a delta that is full.
func BenchmarkDelta(b *testing.B) {
	for _, full := range []int{100_000, 1_000_000} {
		r := rand.New(rand.NewPCG(1, 1))
		key := func() block.Key { return block.Key{graph.ID(r.IntN(1 << 30)), graph.ID(r.IntN(1 << 30))} }
		some := func(n int) (items []item) {
			for range n {
				items = append(items, item{key(), true})
			}
			slices.SortFunc(items, func(a, b item) int { return a.key.Compare(&b.key) })
			return items
		}
		d := new(delta)
		for range full / 1000 {
			d = d.apply(some(1000))
		}
		b.Run(fmt.Sprintf("apply100/%d", full), func(b *testing.B) {
			b.ReportAllocs()
			edits := some(100)
			for b.Loop() {
				d.apply(edits)
			}
		})
		b.Run(fmt.Sprintf("sum/%d", full), func(b *testing.B) {
			low, high := block.Key{}, block.Key{1 << 29}
			for b.Loop() {
				d.sum(&low, &high)
			}
		})
	}
}
