package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"mocban/graph"
	"mocban/graph/memstore"
)

// History changes a store n times at random and compares it with a naive one. Keeps tells
// that the store is opened again in the same folder as it was closed. Between steps, disturb
// is called, if not nil, and may return another store to go on with.
func History(t testing.TB, open Open, seed uint64, n int, keeps bool, disturb func(*rand.Rand, graph.Store) graph.Store) {
	t.Helper()
	t.Logf("seed %d", seed)
	h := &history{t: t, r: rand.New(rand.NewPCG(seed, 1)), dir: t.TempDir(), open: open, naive: memstore.New()}
	h.store = open(t, h.dir)
	defer func() { h.store.Close() }()
	for i := range n {
		h.step()
		if disturb != nil {
			h.store = disturb(h.r, h.store)
		}
		if keeps && h.r.IntN(12) == 0 {
			h.reopen()
		}
		if h.r.IntN(4) == 0 || i == n-1 {
			h.check()
		}
		if t.Failed() {
			t.Fatalf("step %d of seed %d", i, seed)
		}
	}
	h.checkChanges()
}

type history struct {
	t     testing.TB
	r     *rand.Rand
	dir   string
	open  Open
	store graph.Store
	naive *memstore.Store
	held  []held
	seen  [][]string // by the last update, of what it did
}

// held is a snapshot that is kept, with what it must go on to hold.
type held struct {
	snap graph.Snapshot
	want []string
}

func (h *history) step() {
	h.t.Helper()
	ctx := context.Background()
	if h.r.IntN(8) == 0 {
		quads := make([]graph.Quad, h.r.IntN(3000))
		for i := range quads {
			quads[i] = randomQuad(h.r)
		}
		f := func(l graph.Loader) error { return errors.Join(l.Add(quads...), l.CreateGraph(iri("made"))) }
		a, err := h.store.Load(ctx, f)
		b, _ := h.naive.Load(ctx, f)
		h.same(a, b, err)
		return
	}
	plan := h.plan()
	a, err := h.store.Update(ctx, plan)
	ours := h.seen
	h.seen = nil
	b, _ := h.naive.Update(ctx, plan)
	h.same(a, b, err)
	for i := range h.seen {
		if !slices.Equal(ours[i], h.seen[i]) {
			h.t.Fatalf("after look %d an update sees %d quads, want %d", i, len(ours[i]), len(h.seen[i]))
		}
	}
	h.seen = nil
}

func (h *history) same(a, b graph.Version, err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	if a != b {
		h.t.Fatalf("version %d, want %d", a, b)
	}
}

// plan returns some changes that are the same each time they are made.
func (h *history) plan() func(graph.Txn) error {
	var steps []func(graph.Txn) error
	for range 1 + h.r.IntN(6) {
		quads := make([]graph.Quad, h.r.IntN(60))
		for i := range quads {
			quads[i] = randomQuad(h.r)
		}
		g := iri(fmt.Sprint("g", h.r.IntN(16)))
		switch h.r.IntN(9) {
		case 0, 1, 2:
			steps = append(steps, func(t graph.Txn) error { return t.Add(quads...) })
		case 3, 4:
			steps = append(steps, func(t graph.Txn) error { return t.Remove(quads...) })
		case 5:
			steps = append(steps, func(t graph.Txn) error { return t.CreateGraph(g) })
		case 6:
			steps = append(steps, func(t graph.Txn) error { return t.DropGraph(g) })
		case 7: // replace a graph
			for i := range quads {
				quads[i].G = g
			}
			steps = append(steps, func(t graph.Txn) error { return errors.Join(t.DropGraph(g), t.Add(quads...)) })
		case 8:
			if h.r.IntN(20) == 0 {
				steps = append(steps, func(t graph.Txn) error { return t.DropGraph(graph.Term{}) })
			}
		}
	}
	looks := h.r.IntN(2) == 0 // at what it did so far
	return func(t graph.Txn) error {
		for _, step := range steps {
			if err := step(t); err != nil {
				return err
			}
			if looks {
				now, err := t.Now()
				if err != nil {
					return err
				}
				h.seen = append(h.seen, Quads(h.t, now))
			}
		}
		return nil
	}
}

func (h *history) reopen() {
	h.t.Helper()
	for _, k := range h.held {
		k.snap.Close()
	}
	h.held = nil
	if err := h.store.Close(); err != nil {
		h.t.Fatal(err)
	}
	h.store = h.open(h.t, h.dir)
}

func (h *history) check() {
	h.t.Helper()
	a, b := snapshot(h.t, h.store), snapshot(h.t, h.naive)
	defer b.Close()
	if a.Version() != b.Version() {
		h.t.Fatalf("version %d, want %d", a.Version(), b.Version())
	}
	want := Quads(h.t, b)
	got := Quads(h.t, a)
	if !slices.Equal(got, want) {
		h.t.Fatalf("%d quads, want %d", len(got), len(want))
	}
	same(h.t, "graphs", graphs(h.t, h.store), graphs(h.t, h.naive))
	CheckPatterns(h.t, a, h.r, 12)
	checkStatistics(h.t, a, b)
	for _, k := range h.held {
		if got := Quads(h.t, k.snap); !slices.Equal(got, k.want) {
			h.t.Fatalf("a snapshot of version %d changed", k.snap.Version())
		}
	}
	if h.r.IntN(2) == 0 {
		h.held = append(h.held, held{a, want})
	} else {
		a.Close()
	}
	if len(h.held) > 3 {
		h.held[0].snap.Close()
		h.held = h.held[1:]
	}
}

func (h *history) checkChanges() {
	h.t.Helper()
	for _, k := range h.held {
		k.snap.Close()
	}
	got, want := changes(h.t, h.store, 0), changes(h.t, h.naive, 0)
	if !slices.Equal(got, want) {
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				h.t.Fatalf("change line %d is %q, want %q", i, got[i], want[i])
			}
		}
		h.t.Fatalf("%d lines of changes, want %d", len(got), len(want))
	}
}
