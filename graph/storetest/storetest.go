// Package storetest holds what every store must fulfil.
//
// Run asks a store for each promise of the contract. History changes a store at random,
// reopens it between, and compares all that it answers with graph/memstore.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"mocban/graph"
)

// Open opens the store in a folder. A store that keeps nothing ignores it and starts empty.
type Open func(t testing.TB, dir string) graph.Store

const ns = "http://example.org/"

func iri(name string) graph.Term { return graph.IRI(ns + name).Term() }

func quad(s, p string, o graph.Term, g ...string) graph.Quad {
	q := graph.Quad{S: iri(s), P: graph.IRI(ns + p), O: o}
	if len(g) > 0 {
		q.G = iri(g[0])
	}
	return q
}

// shelf is a small dataset with every kind of term.
func shelf() []graph.Quad {
	nested := graph.TripleTerm(graph.Triple{S: iri("kieu"), P: ns + "by", O: iri("nguyendu")})
	return []graph.Quad{
		quad("kieu", "title", graph.Text("Truyện Kiều", "vi")),
		quad("kieu", "title", graph.Text("The Tale of Kieu", "en")),
		quad("kieu", "by", iri("nguyendu")),
		quad("kieu", "by", iri("nguyendu"), "nlv"),
		quad("kieu", "year", graph.Literal("1820", xsd+"gYear"), "nlv"),
		quad("kieu", "pages", graph.Literal("3254", xsd+"integer"), "nlv"),
		quad("kieu", "pages", graph.Literal("03254", xsd+"integer"), "nlv"),
		quad("kieu", "note", graph.DirText("abc", "ar", graph.RTL), "nlv"),
		quad("kieu", "note", graph.String("\x00zero\x00\x01"), "hcm"),
		quad("kieu", "note", graph.Text("\x00\xffodd", "vi"), "hcm"),
		quad("nguyendu", "name", graph.String("Nguyễn Du"), "hcm"),
		quad("nguyendu", "born", graph.Literal("1766-01-03", xsd+"date"), "hcm"),
		{S: graph.Blank("b1"), P: ns + "about", O: nested},
		{S: graph.Blank("b1"), P: ns + "about", O: nested, G: graph.Blank("g1")},
	}
}

const xsd = "http://www.w3.org/2001/XMLSchema#"

// Run checks one store after another.
func Run(t *testing.T, open Open) {
	tests := []struct {
		name string
		test func(*testing.T, graph.Store)
	}{
		{"Empty", testEmpty},
		{"ReadBack", testReadBack},
		{"Patterns", testPatterns},
		{"NoChange", testNoChange},
		{"Failure", testFailure},
		{"Graphs", testGraphs},
		{"Replace", testReplace},
		{"Snapshots", testSnapshots},
		{"Now", testNow},
		{"Changes", testChanges},
		{"Load", testLoad},
		{"LoadMore", testLoadMore},
		{"BadQuads", testBadQuads},
		{"LongTerms", testLongTerms},
		{"UnknownIDs", testUnknownIDs},
		{"Cancel", testCancel},
		{"Closed", testClosed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, t.TempDir())
			defer s.Close()
			tt.test(t, s)
		})
	}
}

func update(t testing.TB, s graph.Store, f func(graph.Txn) error) graph.Version {
	t.Helper()
	v, err := s.Update(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func add(t testing.TB, s graph.Store, quads ...graph.Quad) graph.Version {
	t.Helper()
	return update(t, s, func(txn graph.Txn) error { return txn.Add(quads...) })
}

func snapshot(t testing.TB, s graph.Store) graph.Snapshot {
	t.Helper()
	sn, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return sn
}

// Quads returns all quads of a snapshot as lines, sorted.
func Quads(t testing.TB, sn graph.Snapshot) []string {
	t.Helper()
	var out []string
	for _, r := range rows(t, sn, graph.Pattern{}, graph.SPO, graph.AllColumns) {
		out = append(out, line(t, sn, r))
	}
	slices.Sort(out)
	return out
}

func line(t testing.TB, sn graph.Snapshot, r graph.Row) string {
	t.Helper()
	var terms [4]graph.Term
	if err := sn.Terms(context.Background(), r[:], terms[:]); err != nil {
		t.Fatal(err)
	}
	p, _ := terms[graph.PosP].IRI()
	return graph.Quad{S: terms[0], P: p, O: terms[2], G: terms[3]}.String()
}

func rows(t testing.TB, sn graph.Snapshot, p graph.Pattern, o graph.Order, columns graph.Columns) (out []graph.Row) {
	t.Helper()
	c, err := sn.Scan(context.Background(), p, o, columns)
	if err != nil {
		t.Fatal(err)
	}
	return drain(t, c, columns)
}

func drain(t testing.TB, c graph.Cursor, columns graph.Columns) (out []graph.Row) {
	t.Helper()
	defer c.Close()
	var b graph.Block
	for c.Next(&b) {
		if b.Len == 0 {
			t.Fatal("a block without rows")
		}
		for pos, col := range b.Cols {
			if col != nil && len(col) != b.Len {
				t.Fatalf("column %v has %d values in a block of %d rows", graph.Pos(pos), len(col), b.Len)
			}
			if col != nil && !columns.Has(graph.Pos(pos)) {
				t.Fatalf("column %v was not asked for", graph.Pos(pos))
			}
		}
		for i := range b.Len {
			out = append(out, b.Row(i))
		}
	}
	if err := c.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func lines(quads []graph.Quad) []string {
	var out []string
	for _, q := range quads {
		out = append(out, q.String())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func same(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot  %q\nwant %q", what, got, want)
	}
}

func holds(t testing.TB, s graph.Store, want ...graph.Quad) {
	t.Helper()
	sn := snapshot(t, s)
	defer sn.Close()
	same(t, "quads", Quads(t, sn), lines(want))
}

func graphs(t testing.TB, s graph.Store) (out []string) {
	t.Helper()
	sn := snapshot(t, s)
	defer sn.Close()
	c, err := sn.Graphs(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	last := graph.None
	for _, r := range drain(t, c, graph.Cols(graph.PosG)) {
		if r[graph.PosG] <= last {
			t.Errorf("graphs are out of order: %x after %x", r[graph.PosG], last)
		}
		last = r[graph.PosG]
		var g [1]graph.Term
		if err := sn.Terms(context.Background(), []graph.ID{last}, g[:]); err != nil {
			t.Fatal(err)
		}
		out = append(out, g[0].String())
	}
	slices.Sort(out)
	return out
}

func testEmpty(t *testing.T, s graph.Store) {
	sn := snapshot(t, s)
	defer sn.Close()
	if sn.Version() != 0 || !sn.Time().IsZero() {
		t.Errorf("version %d of %v", sn.Version(), sn.Time())
	}
	if got := rows(t, sn, graph.Pattern{}, graph.NoOrder, graph.AllColumns); len(got) != 0 {
		t.Errorf("%d rows", len(got))
	}
	n, exact, err := sn.Count(context.Background(), graph.Pattern{})
	if n != 0 || !exact || err != nil {
		t.Errorf("count %d, %v, %v", n, exact, err)
	}
	same(t, "graphs", graphs(t, s), nil)
	for c, err := range s.Changes(context.Background(), 0) {
		t.Errorf("change %v, %v", c, err)
	}
}

func testReadBack(t *testing.T, s graph.Store) {
	if v := add(t, s, shelf()...); v != 1 {
		t.Errorf("version %d, want 1", v)
	}
	holds(t, s, shelf()...)
	sn := snapshot(t, s)
	defer sn.Close()
	if sn.Time().IsZero() {
		t.Error("no time")
	}
	terms := []graph.Term{iri("kieu"), iri("nobody"), {}, graph.Literal("7", xsd+"integer"), graph.Text("Truyện Kiều", "vi"), graph.Text("Truyện Kiều", "VI")}
	ids := make([]graph.ID, len(terms))
	if err := sn.IDs(context.Background(), terms, ids); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false, true, true, true, false} {
		if (ids[i] != graph.None) != want {
			t.Errorf("ID of %v is %x", terms[i], ids[i])
		}
	}
	if ids[2] != graph.DefaultGraph {
		t.Errorf("ID of the zero term is %x", ids[2])
	}
	back := make([]graph.Term, 2)
	if err := sn.Terms(context.Background(), []graph.ID{graph.None, graph.DefaultGraph}, back); err != nil || !back[0].IsZero() || !back[1].IsZero() {
		t.Errorf("special IDs give %v, %v", back, err)
	}
}

func testNoChange(t *testing.T, s graph.Store) {
	add(t, s, shelf()...)
	if v := add(t, s, shelf()[0]); v != 1 {
		t.Errorf("adding what is there makes version %d", v)
	}
	v := update(t, s, func(txn graph.Txn) error {
		return errors.Join(txn.Remove(quad("no", "such", iri("quad"))), txn.Add(quad("a", "b", iri("c"))), txn.Remove(quad("a", "b", iri("c"))))
	})
	if v != 1 {
		t.Errorf("doing and undoing makes version %d", v)
	}
	v, err := s.Load(context.Background(), func(l graph.Loader) error { return l.Add(shelf()...) })
	if v != 1 || err != nil {
		t.Errorf("loading what is there makes version %d, %v", v, err)
	}
	holds(t, s, shelf()...)
}

func testFailure(t *testing.T, s graph.Store) {
	add(t, s, shelf()...)
	bad := errors.New("changed my mind")
	_, err := s.Update(context.Background(), func(txn graph.Txn) error {
		txn.Add(quad("x", "y", iri("z")))
		txn.DropGraph(iri("nlv"))
		return bad
	})
	if !errors.Is(err, bad) {
		t.Errorf("error %v", err)
	}
	_, err = s.Load(context.Background(), func(l graph.Loader) error {
		l.Add(quad("x", "y", iri("z")))
		return bad
	})
	if !errors.Is(err, bad) {
		t.Errorf("error %v", err)
	}
	holds(t, s, shelf()...)
	more := quad("x", "y", iri("w"))
	add(t, s, more)
	holds(t, s, append(shelf(), more)...)
}

func testGraphs(t *testing.T, s graph.Store) {
	update(t, s, func(txn graph.Txn) error {
		return errors.Join(txn.CreateGraph(iri("empty")), txn.CreateGraph(graph.Blank("b")), txn.Add(quad("a", "b", iri("c"), "full")))
	})
	same(t, "graphs", graphs(t, s), []string{"<" + ns + "empty>", "<" + ns + "full>", "_:b"})
	update(t, s, func(txn graph.Txn) error { return txn.Remove(quad("a", "b", iri("c"), "full")) })
	same(t, "graphs after the last quad is removed", graphs(t, s), []string{"<" + ns + "empty>", "<" + ns + "full>", "_:b"})
	update(t, s, func(txn graph.Txn) error { return errors.Join(txn.DropGraph(iri("full")), txn.DropGraph(iri("no"))) })
	same(t, "graphs after one is dropped", graphs(t, s), []string{"<" + ns + "empty>", "_:b"})
	if _, err := s.Update(context.Background(), func(txn graph.Txn) error { return txn.CreateGraph(graph.String("x")) }); err == nil {
		t.Error("a literal was taken for a graph")
	}
	_, err := s.Load(context.Background(), func(l graph.Loader) error {
		return errors.Join(l.CreateGraph(iri("loaded")), l.CreateGraph(iri("empty")))
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "graphs after a load", graphs(t, s), []string{"<" + ns + "empty>", "<" + ns + "loaded>", "_:b"})
}

// Replacing a graph by nearly the same is a change of what differs.
func testReplace(t *testing.T, s graph.Store) {
	add(t, s, shelf()...)
	added := quad("kieu", "pages", graph.Literal("3255", xsd+"integer"), "nlv")
	var want []graph.Quad
	update(t, s, func(txn graph.Txn) error {
		if err := txn.DropGraph(iri("nlv")); err != nil {
			return err
		}
		for _, q := range shelf() {
			if q.G != iri("nlv") {
				want = append(want, q)
			} else if q.O != graph.Literal("03254", xsd+"integer") {
				want = append(want, q)
				if err := txn.Add(q); err != nil {
					return err
				}
			}
		}
		want = append(want, added)
		return txn.Add(added)
	})
	holds(t, s, want...)
	same(t, "changes", changes(t, s, 1), []string{
		"2  +1 -1",
		"remove " + quad("kieu", "pages", graph.Literal("03254", xsd+"integer"), "nlv").String(),
		"add " + added.String(),
	})
}

func testSnapshots(t *testing.T, s graph.Store) {
	add(t, s, shelf()...)
	old := snapshot(t, s)
	defer old.Close()
	before := Quads(t, old)
	c, err := old.Scan(context.Background(), graph.Pattern{}, graph.SPO, graph.AllColumns)
	if err != nil {
		t.Fatal(err)
	}
	update(t, s, func(txn graph.Txn) error {
		if got := Quads(t, txn.Snapshot()); !slices.Equal(got, before) {
			t.Errorf("a change sees %q", got)
		}
		return errors.Join(txn.DropGraph(graph.Term{}), txn.DropGraph(iri("nlv")))
	})
	if n := len(drain(t, c, graph.AllColumns)); n != len(before) {
		t.Errorf("a scan that was begun gives %d rows, want %d", n, len(before))
	}
	_, err = s.Load(context.Background(), func(l graph.Loader) error { return l.Add(quad("l", "m", iri("n"))) })
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the old state", Quads(t, old), before)
	if old.Version() != 1 {
		t.Errorf("the old version is %d", old.Version())
	}
}

// An update sees what it did so far where it asks for it, and nowhere else.
func testNow(t *testing.T, s graph.Store) {
	add(t, s, shelf()...)
	before := Quads(t, snapshot(t, s))
	fresh := quad("chinhphu", "title", graph.Text("Chinh phụ ngâm", "vi"), "new")
	gone := quad("kieu", "by", iri("nguyendu"))
	update(t, s, func(txn graph.Txn) error {
		see := func(what string, want ...string) {
			t.Helper()
			now, err := txn.Now()
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(want)
			same(t, what, Quads(t, now), want)
			same(t, what+", from the beginning", Quads(t, txn.Snapshot()), before)
			if now.Version() != 1 {
				t.Errorf("%s, the version is %d", what, now.Version())
			}
			CheckPatterns(t, now, rand.New(rand.NewPCG(1, 2)), 20)
		}
		without := func(lines []string, q graph.Quad) []string {
			return slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return l == q.String() })
		}
		see("with nothing done", before...)
		errs := []error{txn.Add(fresh)}
		see("with a quad added", append(slices.Clone(before), fresh.String())...)
		errs = append(errs, txn.Remove(gone))
		see("with another removed", append(without(before, gone), fresh.String())...)
		errs = append(errs, txn.Remove(fresh), txn.Add(gone))
		see("with both undone", before...)
		errs = append(errs, txn.Add(fresh), txn.DropGraph(iri("nlv")), txn.Add(quad("kieu", "by", iri("nguyendu"), "nlv")), txn.Remove(gone))
		return errors.Join(errs...)
	})
	var removed []string
	for _, q := range shelf() {
		if q.G == iri("nlv") && q.P != ns+"by" {
			removed = append(removed, "remove "+q.String())
		}
	}
	slices.Sort(removed)
	got := changes(t, s, 1)
	want := []string{fmt.Sprintf("2  +1 -%d", len(removed)+1), "add " + fresh.String(), "create graph " + fresh.G.String(), "remove " + gone.String()}
	for _, l := range append(want, removed...) {
		if !slices.Contains(got, l) {
			t.Errorf("changes %q lack %q", got, l)
		}
	}
	if len(got) != len(want)+len(removed) {
		t.Errorf("changes %q", got)
	}
}

// changes lists the changes after a version.
func changes(t testing.TB, s graph.Store, since graph.Version) (out []string) {
	t.Helper()
	for c, err := range s.Changes(context.Background(), since) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%d %s +%d -%d", c.Version, c.Source, c.Added, c.Removed))
		for op, err := range c.Ops() {
			if err != nil {
				t.Fatal(err)
			}
			if op.Quad.P == "" {
				out = append(out, fmt.Sprintf("%v %v", op.Kind, op.Quad.G))
			} else {
				out = append(out, fmt.Sprintf("%v %v", op.Kind, op.Quad))
			}
		}
	}
	return out
}

func testChanges(t *testing.T, s graph.Store) {
	a, b, c := quad("a", "p", iri("o"), "g"), quad("b", "p", iri("o")), quad("c", "p", iri("o"), "g")
	update(t, s, func(txn graph.Txn) error {
		txn.SetSource("one")
		return txn.Add(c, a, b, a)
	})
	update(t, s, func(txn graph.Txn) error {
		txn.SetSource("two")
		return errors.Join(txn.DropGraph(iri("g")), txn.Remove(b))
	})
	g := iri("g").String()
	want := []string{
		"1 one +3 -0", "add " + b.String(), "create graph " + g, "add " + a.String(), "add " + c.String(),
		"2 two +0 -3", "remove " + b.String(), "remove " + a.String(), "remove " + c.String(), "drop graph " + g,
	}
	same(t, "changes", changes(t, s, 0), want)
	same(t, "changes since 1", changes(t, s, 1), want[5:])
	same(t, "changes since 2", changes(t, s, 2), nil)
	same(t, "changes since later", changes(t, s, 9), nil)
}

func testLoad(t *testing.T, s graph.Store) {
	_, err := s.Load(context.Background(), func(l graph.Loader) error {
		l.SetSource("file")
		for _, q := range shelf() {
			if err := l.Add(q, q); err != nil {
				return err
			}
		}
		return l.Add(shelf()...)
	})
	if err != nil {
		t.Fatal(err)
	}
	holds(t, s, shelf()...)
	want := []string{fmt.Sprintf("1 file +%d -0", len(shelf()))}
	var ops []graph.Op
	for _, q := range shelf() {
		ops = append(ops, graph.Op{Quad: q})
	}
	for _, g := range []graph.Term{iri("nlv"), iri("hcm"), graph.Blank("g1")} {
		ops = append(ops, graph.Op{Kind: graph.OpCreateGraph, Quad: graph.Quad{G: g}})
	}
	slices.SortFunc(ops, func(a, b graph.Op) int {
		if c := graph.Compare(a.Quad.G, b.Quad.G); c != 0 || a.Kind == b.Kind {
			return or(c, graph.CompareQuads(a.Quad, b.Quad))
		}
		return int(b.Kind) - int(a.Kind)
	})
	for _, op := range ops {
		if op.Kind == graph.OpAdd {
			want = append(want, "add "+op.Quad.String())
		} else {
			want = append(want, "create graph "+op.Quad.G.String())
		}
	}
	same(t, "changes", changes(t, s, 0), want)
}

func or(a, b int) int {
	if a != 0 {
		return a
	}
	return b
}

// A load into a filled store adds what is not there.
func testLoadMore(t *testing.T, s graph.Store) {
	all := shelf()
	add(t, s, all[:3]...)
	load := func(quads ...graph.Quad) {
		t.Helper()
		if _, err := s.Load(context.Background(), func(l graph.Loader) error { return l.Add(quads...) }); err != nil {
			t.Fatal(err)
		}
	}
	load(all[2:8]...)
	holds(t, s, all[:8]...)
	update(t, s, func(txn graph.Txn) error { return txn.Remove(all[4]) })
	load(all...)
	holds(t, s, all...)
	got := changes(t, s, 3)
	if want := fmt.Sprintf("4  +%d -0", len(all)-7); got[0] != want {
		t.Errorf("change %q, want %q", got[0], want)
	}
}

func testBadQuads(t *testing.T, s graph.Store) {
	for _, q := range []graph.Quad{
		{},
		{S: graph.String("x"), P: ns, O: iri("o")},
		{S: iri("s"), P: ns, O: iri("o"), G: graph.String("g")},
		{S: iri("s"), P: ns},
	} {
		if _, err := s.Update(context.Background(), func(txn graph.Txn) error { return txn.Add(q) }); err == nil {
			t.Errorf("%v was added", q)
		}
		if _, err := s.Load(context.Background(), func(l graph.Loader) error { return l.Add(q) }); err == nil {
			t.Errorf("%v was loaded", q)
		}
	}
	holds(t, s)
}

// Whole records stand in literals of a megabyte.
func testLongTerms(t *testing.T, s graph.Store) {
	long := make([]byte, 3<<20)
	for i := range long {
		long[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(i*i/7)%26]
	}
	var want []graph.Quad
	for i, n := range []int{1000, 70_000, 500_000, 1 << 20, 3 << 20} {
		want = append(want, quad(fmt.Sprint("u", i), "record", graph.String(string(long[:n]))))
	}
	add(t, s, want...)
	holds(t, s, want...)
	for i, n := range []int{900, 71_000, 500_001, 1<<20 + 1, 3<<20 - 1} {
		want = append(want, quad(fmt.Sprint("l", i), "record", graph.String(string(long[:n]))))
	}
	if _, err := s.Load(context.Background(), func(l graph.Loader) error { return l.Add(want...) }); err != nil {
		t.Fatal(err)
	}
	holds(t, s, want...)
	sn := snapshot(t, s)
	defer sn.Close()
	for _, q := range want {
		var id [1]graph.ID
		if err := sn.IDs(context.Background(), []graph.Term{q.O}, id[:]); err != nil || id[0] == graph.None {
			t.Errorf("a literal of %d bytes is not found: %v", len(q.O.Value()), err)
		}
	}
}

func testUnknownIDs(t *testing.T, s graph.Store) {
	add(t, s, shelf()...)
	sn := snapshot(t, s)
	defer sn.Close()
	for _, id := range []graph.ID{graph.NewID(graph.ClassIRI, 1<<40), graph.NewID(graph.ClassIRI, graph.LateBit|1<<40), graph.NewID(graph.ClassLocal, 1)} {
		if err := sn.Terms(context.Background(), []graph.ID{id}, make([]graph.Term, 1)); err == nil {
			t.Errorf("ID %x has a term", id)
		}
	}
}

func testCancel(t *testing.T, s graph.Store) {
	add(t, s, shelf()...)
	ctx, cancel := context.WithCancel(context.Background())
	sn := snapshot(t, s)
	defer sn.Close()
	c, err := sn.Scan(ctx, graph.Pattern{}, graph.SPO, graph.AllColumns)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	cancel()
	if c.Next(new(graph.Block)) || !errors.Is(c.Err(), context.Canceled) {
		t.Errorf("a cancelled scan goes on: %v", c.Err())
	}
	if _, err := s.Update(ctx, func(txn graph.Txn) error { return nil }); err == nil {
		t.Error("a cancelled update succeeds")
	}
	if _, err := s.Load(ctx, func(l graph.Loader) error { return l.Add(quad("x", "y", iri("z"))) }); err == nil {
		t.Error("a cancelled load succeeds")
	}
	holds(t, s, shelf()...)
}

func testClosed(t *testing.T, s graph.Store) {
	add(t, s, shelf()...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Snapshot(); !errors.Is(err, graph.ErrClosed) {
		t.Errorf("a snapshot of a closed store: %v", err)
	}
	if _, err := s.Update(context.Background(), func(graph.Txn) error { return nil }); !errors.Is(err, graph.ErrClosed) {
		t.Errorf("an update of a closed store: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}
