package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/memstore"
)

// A Trial is a long random history of a store, compared with a naive one all along: what each
// change leads to by samples, and now and then all of it.
type Trial struct {
	Open  Open
	Seed  uint64
	Steps int           // operations; a quad that is added or removed is part of one
	Last  time.Duration // the trial ends after that, if it is not 0

	// Each may be nil. Fold compacts the store. Crash returns a folder as the death of the
	// process would leave it, and gives the store up. Break makes the n-th write from now on
	// and all after it fail; 0 mends.
	Fold  func(graph.Store) error
	Crash func(s graph.Store, dir string) string
	Break func(n int)
}

// Run runs the trial, and returns what was done how often.
func (tr Trial) Run(t testing.TB) map[string]int {
	t.Helper()
	h := &trial{Trial: tr, done: make(map[string]int)}
	h.history = history{t: t, r: rand.New(rand.NewPCG(tr.Seed, 2)), dir: t.TempDir(), open: tr.Open, naive: memstore.New()}
	h.store = tr.Open(t, h.dir)
	defer func() { h.store.Close() }()
	start, told := time.Now(), 0
	for h.steps < tr.Steps && (tr.Last == 0 || time.Since(start) < tr.Last) {
		h.turn()
		if t.Failed() {
			t.Fatalf("after %d operations of seed %d", h.steps, tr.Seed)
		}
		if h.steps >= told+50_000 {
			told = h.steps
			fmt.Fprintf(os.Stderr, "random operations: %d in %v; %v\n", h.steps, time.Since(start).Round(time.Second), h.done)
		}
	}
	h.check()
	for _, k := range h.held {
		k.snap.Close()
	}
	h.done["operations"] = h.steps
	return h.done
}

type trial struct {
	history
	Trial
	steps  int
	done   map[string]int
	offset graph.Version // of the store before the naive one
	rows   []graph.Quad  // some that are there
	broken bool
}

func (h *trial) did(what string) { h.steps++; h.done[what]++ }

// turn makes one change and asks a few things.
func (h *trial) turn() {
	h.t.Helper()
	switch n := h.r.IntN(2000); {
	case n < 8:
		h.load()
	case n < 12 && h.Fold != nil:
		h.did("fold")
		if err := h.Fold(h.store); err != nil {
			h.t.Fatal(err)
		}
	case n < 15:
		h.did("reopen")
		h.reopen()
	case n < 17 && h.Crash != nil:
		h.did("crash")
		h.letGo()
		h.dir = h.Crash(h.store, h.dir)
		h.store = h.open(h.t, h.dir)
	case n < 20 && h.Break != nil:
		h.breakDown()
	case n < 26:
		h.did("full comparison")
		h.checkAll()
	case n < 28:
		h.did("changes")
		h.recentChanges()
	case n < 29:
		h.refresh()
	default:
		h.update(h.change())
	}
	for range 2 + h.r.IntN(4) {
		h.ask()
	}
}

func (h *trial) letGo() {
	for _, k := range h.held {
		k.snap.Close()
	}
	h.held = nil
}

// sample keeps some quads that are there, to remove and to ask for.
func (h *trial) sample(sn graph.Snapshot) {
	h.t.Helper()
	all := rows(h.t, sn, graph.Pattern{}, graph.GSPO, graph.AllColumns)
	h.rows = h.rows[:0]
	for range min(16, len(all)) {
		row := all[h.r.IntN(len(all))]
		var terms [4]graph.Term
		if err := sn.Terms(context.Background(), row[:], terms[:]); err != nil {
			h.t.Fatal(err)
		}
		p, _ := terms[graph.PosP].IRI()
		h.rows = append(h.rows, graph.Quad{S: terms[0], P: p, O: terms[2], G: terms[3]})
	}
}

const manyRows = 1200 // in a trial: more take the naive store too long

// change returns a change set that is the same each time it is made.
func (h *trial) change() func(graph.Txn) error {
	sn := snapshot(h.t, h.naive)
	defer sn.Close()
	n, _, err := sn.Count(context.Background(), graph.Pattern{})
	if err != nil {
		h.t.Fatal(err)
	}
	h.sample(sn)
	var steps []func(graph.Txn) error
	for range 1 + h.r.IntN(12) {
		g := iri(fmt.Sprint("g", h.r.IntN(16)))
		quads := make([]graph.Quad, 1+h.r.IntN(4))
		for i := range quads {
			quads[i] = randomQuad(h.r)
		}
		known := slices.Clone(h.rows[:min(len(h.rows), 1+h.r.IntN(4))])
		h.r.Shuffle(len(h.rows), func(i, j int) { h.rows[i], h.rows[j] = h.rows[j], h.rows[i] })
		kind := h.r.IntN(24)
		switch {
		case kind < 10 && n < manyRows:
			h.did("add")
			steps = append(steps, func(t graph.Txn) error { return t.Add(quads...) })
		case kind < 17:
			h.did("remove")
			steps = append(steps, func(t graph.Txn) error { return t.Remove(known...) })
		case kind == 17:
			h.did("add known")
			steps = append(steps, func(t graph.Txn) error { return t.Add(known...) })
		case kind == 18:
			h.did("remove unknown")
			steps = append(steps, func(t graph.Txn) error { return t.Remove(quads...) })
		case kind == 19:
			h.did("create graph")
			steps = append(steps, func(t graph.Txn) error { return t.CreateGraph(g) })
		case kind == 20:
			h.did("drop graph")
			steps = append(steps, func(t graph.Txn) error { return t.DropGraph(g) })
		case kind == 21 && h.r.IntN(40) == 0:
			h.did("drop default graph")
			steps = append(steps, func(t graph.Txn) error { return t.DropGraph(graph.Term{}) })
		default:
			h.did("replace graph")
			for i := range quads {
				quads[i].G = g
			}
			steps = append(steps, func(t graph.Txn) error { return errors.Join(t.DropGraph(g), t.Add(quads...)) })
		}
	}
	return func(t graph.Txn) error {
		for _, step := range steps {
			if err := step(t); err != nil {
				return err
			}
		}
		return nil
	}
}

func (h *trial) update(plan func(graph.Txn) error) {
	h.t.Helper()
	ctx := context.Background()
	h.both(func(s graph.Store) (graph.Version, error) { return s.Update(ctx, plan) })
}

func (h *trial) load() {
	h.t.Helper()
	h.did("load")
	quads := make([]graph.Quad, h.r.IntN(150))
	for i := range quads {
		quads[i] = randomQuad(h.r)
	}
	h.both(func(s graph.Store) (graph.Version, error) {
		return s.Load(context.Background(), func(l graph.Loader) error { return errors.Join(l.Add(quads...), l.CreateGraph(iri("made"))) })
	})
}

// both makes a change in both stores. Where writes are broken the store may refuse it; it then
// goes on answering for what it held, and when it is opened again it holds the change as a
// whole or not at all.
func (h *trial) both(f func(graph.Store) (graph.Version, error)) {
	h.t.Helper()
	v, err := f(h.store)
	if err == nil {
		want, err := f(h.naive)
		if err != nil || v != want+h.offset {
			h.t.Fatalf("version %d, want %d (%v)", v, want+h.offset, err)
		}
		return
	}
	if !h.broken {
		h.t.Fatal(err)
	}
	h.did("failed change")
	h.checkAll()
	h.letGo()
	h.store.Close() // which may fail too
	h.mend()
	h.store = h.open(h.t, h.dir)
	sn := snapshot(h.t, h.store)
	defer sn.Close()
	before := snapshot(h.t, h.naive)
	defer before.Close()
	switch sn.Version() - h.offset - before.Version() {
	case 0:
	case 1:
		if _, err := f(h.naive); err != nil {
			h.t.Fatal(err)
		}
	default:
		h.t.Fatalf("version %d after a failed write, want %d or one more", sn.Version(), before.Version()+h.offset)
	}
	h.checkAll()
}

func (h *trial) breakDown() {
	h.t.Helper()
	h.Break(1 + h.r.IntN(12))
	h.broken = true
	for i := 0; i < 40 && h.broken; i++ {
		if h.r.IntN(6) == 0 {
			h.load()
		} else {
			h.update(h.change())
		}
		h.ask()
	}
	h.mend()
}

func (h *trial) mend() { h.broken = false; h.Break(0) }

// checkAll compares all that both stores hold.
func (h *trial) checkAll() {
	h.t.Helper()
	a, b := snapshot(h.t, h.store), snapshot(h.t, h.naive)
	defer b.Close()
	if a.Version() != b.Version()+h.offset {
		h.t.Fatalf("version %d, want %d", a.Version(), b.Version()+h.offset)
	}
	want := Quads(h.t, b)
	if got := Quads(h.t, a); !slices.Equal(got, want) {
		h.t.Fatalf("%d quads, want %d", len(got), len(want))
	}
	same(h.t, "graphs", graphs(h.t, h.store), graphs(h.t, h.naive))
	CheckPatterns(h.t, a, h.r, 3)
	for _, k := range h.held {
		if got := Quads(h.t, k.snap); !slices.Equal(got, k.want) {
			h.t.Fatalf("a snapshot of version %d changed", k.snap.Version())
		}
	}
	if h.held = append(h.held, held{a, want}); len(h.held) > 3 {
		h.held[0].snap.Close()
		h.held = h.held[1:]
	}
}

func (h *trial) check() { h.checkAll() }

// recentChanges compares the newest change sets.
func (h *trial) recentChanges() {
	h.t.Helper()
	sn := snapshot(h.t, h.naive)
	defer sn.Close()
	since := sn.Version() - min(sn.Version(), graph.Version(1+h.r.IntN(20)))
	if h.offset > 0 {
		since = max(since, 1) // the first change set of a naive store that was made anew is none
	}
	count := func(s graph.Store, since, offset graph.Version) (out []string) {
		for c, err := range s.Changes(context.Background(), since) {
			if err != nil {
				h.t.Fatal(err)
			}
			out = append(out, fmt.Sprint("version ", c.Version-offset, " adds ", c.Added, " removes ", c.Removed))
			for op, err := range c.Ops() {
				if err != nil {
					h.t.Fatal(err)
				}
				out = append(out, fmt.Sprint(op.Kind, op.Quad))
			}
		}
		return out
	}
	same(h.t, "changes", count(h.store, since+h.offset, h.offset), count(h.naive, since, 0))
}

// refresh makes the naive store anew, since it keeps all changes in memory.
func (h *trial) refresh() {
	h.t.Helper()
	old := snapshot(h.t, h.naive)
	defer old.Close()
	var quads []graph.Quad
	for _, row := range rows(h.t, old, graph.Pattern{}, graph.GSPO, graph.AllColumns) {
		quads = append(quads, quadOf(h.t, old, row))
	}
	c, err := old.Graphs(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	names := drain(h.t, c, graph.Cols(graph.PosG))
	next := memstore.New()
	update(h.t, next, func(txn graph.Txn) error {
		if err := txn.Add(quads...); err != nil {
			return err
		}
		for _, row := range names {
			var g [1]graph.Term
			if err := old.Terms(context.Background(), row[graph.PosG:], g[:]); err != nil {
				return err
			}
			if err := txn.CreateGraph(g[0]); err != nil {
				return err
			}
		}
		return nil
	})
	sn := snapshot(h.t, next)
	defer sn.Close()
	h.offset += old.Version() - sn.Version()
	h.naive = next
}

func quadOf(t testing.TB, sn graph.Snapshot, row graph.Row) graph.Quad {
	t.Helper()
	var terms [4]graph.Term
	if err := sn.Terms(context.Background(), row[:], terms[:]); err != nil {
		t.Fatal(err)
	}
	p, _ := terms[graph.PosP].IRI()
	return graph.Quad{S: terms[0], P: p, O: terms[2], G: terms[3]}
}

// ask asks both stores one thing.
func (h *trial) ask() {
	h.t.Helper()
	a, b := snapshot(h.t, h.store), snapshot(h.t, h.naive)
	defer a.Close()
	defer b.Close()
	q := randomQuad(h.r)
	if len(h.rows) > 0 && h.r.IntN(8) > 0 {
		q = h.rows[h.r.IntN(len(h.rows))]
	}
	mask := 1 + h.r.IntN(15)
	union := h.r.IntN(4) == 0
	pa, oka := patternOf(h.t, a, q, mask, union)
	pb, okb := patternOf(h.t, b, q, mask, union)
	if !okb {
		return // it would ask for anything
	}
	o := graph.Order(h.r.IntN(6))
	want := rows(h.t, b, pb, o, graph.AllColumns)
	if !oka {
		if len(want) > 0 {
			h.t.Fatalf("a term of %v is not known", q)
		}
		return
	}
	switch h.r.IntN(5) {
	case 0:
		h.did("count")
		if n, exact, err := a.Count(context.Background(), pa); err != nil || exact && n != uint64(len(want)) || mustBeExact(pa) && !exact {
			h.t.Errorf("count of %v, mask %d, union %v: %d, %v, %v, want %d", q, mask, union, n, exact, err, len(want))
		}
	case 1:
		h.did("seek")
		h.seek(a, pa, o, len(want))
	default:
		h.did("scan")
		got := rows(h.t, a, pa, o, graph.AllColumns)
		in := pa.In(o)
		if len(got) != len(want) || !slices.IsSortedFunc(got, func(x, y graph.Row) int { return in.Compare(&x, &y) }) {
			h.t.Errorf("scan of %v, mask %d, union %v in order %v gives %d rows, want %d; or they are out of order", q, mask, union, o, len(got), len(want))
			return
		}
		if len(want) < 60 {
			same(h.t, "rows", linesOf(h.t, a, got), linesOf(h.t, b, want))
		}
	}
}

func linesOf(t testing.TB, sn graph.Snapshot, rows []graph.Row) (out []string) {
	t.Helper()
	for _, r := range rows {
		out = append(out, line(t, sn, r))
	}
	slices.Sort(out)
	return out
}

// seek reads a scan by seeking each of its rows, which must give the rows from there on.
func (h *trial) seek(sn graph.Snapshot, p graph.Pattern, o graph.Order, want int) {
	h.t.Helper()
	all := rows(h.t, sn, p, o, graph.AllColumns)
	if len(all) != want {
		h.t.Errorf("scan gives %d rows, want %d", len(all), want)
	}
	checkSeek(h.t, sn, h.r, full(all, p), p, o, full(all, p))
}

// full fills in what a pattern binds.
func full(rows []graph.Row, p graph.Pattern) []graph.Row {
	out := slices.Clone(rows)
	for i := range out {
		for pos := range out[i] {
			if id := p.At(graph.Pos(pos)); id != graph.None {
				out[i][pos] = id
			}
		}
	}
	return out
}

// patternOf binds some positions of a quad. It tells whether all their terms are known.
func patternOf(t testing.TB, sn graph.Snapshot, q graph.Quad, mask int, union bool) (p graph.Pattern, ok bool) {
	t.Helper()
	ids := make([]graph.ID, 4)
	if err := sn.IDs(context.Background(), []graph.Term{q.S, q.P.Term(), q.O, q.G}, ids); err != nil {
		t.Fatal(err)
	}
	p.Union = union
	for pos, id := range ids {
		if mask>>pos&1 == 0 || union && pos == int(graph.PosG) {
			continue
		}
		if id == graph.None {
			return p, false
		}
		p = p.With(graph.Pos(pos), id)
	}
	return p, true
}
