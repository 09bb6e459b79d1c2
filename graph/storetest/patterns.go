package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"mocban/graph"
	"mocban/vocab/rdf"
)

// testPatterns asks for every kind of pattern in every order.
func testPatterns(t *testing.T, s graph.Store) {
	add(t, s, shelf()...)
	if _, err := s.Load(context.Background(), func(l graph.Loader) error {
		errs := make(chan error, 4)
		for part := range slices.Chunk(generated(500), 125) { // several goroutines add
			go func() { errs <- l.Add(part...) }()
		}
		return errors.Join(<-errs, <-errs, <-errs, <-errs)
	}); err != nil {
		t.Fatal(err)
	}
	add(t, s, generated(700)...)
	sn := snapshot(t, s)
	defer sn.Close()
	CheckPatterns(t, sn, rand.New(rand.NewPCG(1, 2)), 400)
}

// generated returns n quads of which parts are alike.
func generated(n int) []graph.Quad {
	r := rand.New(rand.NewPCG(7, uint64(n)))
	quads := make([]graph.Quad, n)
	for i := range quads {
		quads[i] = randomQuad(r)
	}
	return quads
}

func randomQuad(r *rand.Rand) graph.Quad {
	q := graph.Quad{S: iri(fmt.Sprint("s", r.IntN(60))), P: graph.IRI(ns + fmt.Sprint("p", r.IntN(6)))}
	if q.P == ns+"p0" {
		q.P = rdf.Type
	}
	switch r.IntN(5) {
	case 0:
		q.O = iri(fmt.Sprint("s", r.IntN(60)))
	case 1:
		q.O = graph.Literal(fmt.Sprint(r.IntN(40)), xsd+"integer")
	case 2:
		q.O = graph.Text(fmt.Sprint("tên ", r.IntN(40)), []string{"vi", "en"}[r.IntN(2)])
	case 3:
		q.O = graph.String(fmt.Sprint("text ", r.IntN(40)))
	default:
		q.O = graph.Blank(fmt.Sprint("b", r.IntN(30)))
	}
	if n := r.IntN(5); n > 0 {
		q.G = iri(fmt.Sprint("g", r.IntN(4*n)))
	}
	return q
}

// CheckPatterns compares n random scans, seeks and counts of a snapshot with what follows
// from all of its rows, and lookups where the snapshot has them.
func CheckPatterns(t testing.TB, sn graph.Snapshot, r *rand.Rand, n int) {
	t.Helper()
	all := rows(t, sn, graph.Pattern{}, graph.SPO, graph.AllColumns)
	if !slices.IsSortedFunc(all, func(a, b graph.Row) int { return graph.SPO.Compare(&a, &b) }) {
		t.Fatal("rows are out of order")
	}
	for range n {
		p, o, columns := randomPattern(r, all)
		checkScan(t, sn, r, all, p, o, columns)
		checkCounts(t, sn, all, p)
		checkLookup(t, sn, r, all, p, o, columns)
		if t.Failed() {
			t.Fatalf("pattern %+v in order %v, columns %b", p, o, columns)
		}
	}
}

func randomPattern(r *rand.Rand, all []graph.Row) (p graph.Pattern, o graph.Order, columns graph.Columns) {
	row := graph.Row{2, 3, 4, 5}
	pick := func() graph.Row {
		if len(all) == 0 {
			return row
		}
		return all[r.IntN(len(all))]
	}
	row = pick()
	if p.Union = r.IntN(3) == 0; p.Union {
		row[graph.PosG] = graph.None
	}
	for pos, id := range row {
		if r.IntN(3) == 0 {
			if r.IntN(8) == 0 {
				id = pick()[pos]
			}
			if !p.Union || pos != int(graph.PosG) {
				p = p.With(graph.Pos(pos), id)
			}
		}
	}
	if r.IntN(3) == 0 {
		at := graph.Pos(r.IntN(4))
		if p.At(at) == graph.None && !(p.Union && at == graph.PosG) {
			a, b := pick()[at], pick()[at]
			p.Range = graph.Range{At: at, Low: min(a, b), High: max(a, b)}
		}
	}
	return p, graph.Order(r.IntN(6)), graph.Columns(r.IntN(16))
}

// matching returns the rows of a pattern in order.
func matching(all []graph.Row, p graph.Pattern, o graph.Order) (out []graph.Row) {
	for _, row := range all {
		if p.Matches(&row) {
			if p.Union {
				row[graph.PosG] = graph.None
			}
			out = append(out, row)
		}
	}
	o = p.In(o)
	slices.SortFunc(out, func(a, b graph.Row) int { return o.Compare(&a, &b) })
	if p.Union {
		out = slices.Compact(out)
	}
	return out
}

// only keeps of a row what a scan fills.
func only(row graph.Row, p graph.Pattern, columns graph.Columns) graph.Row {
	for pos := range row {
		if !columns.Has(graph.Pos(pos)) || p.Bound().Has(graph.Pos(pos)) {
			row[pos] = graph.None
		}
	}
	return row
}

func checkScan(t testing.TB, sn graph.Snapshot, r *rand.Rand, all []graph.Row, p graph.Pattern, o graph.Order, columns graph.Columns) {
	t.Helper()
	want := matching(all, p, o)
	filled := make([]graph.Row, len(want))
	for i := range want {
		filled[i] = only(want[i], p, columns)
	}
	asked := columns &^ p.Bound()
	if p.Union {
		asked &^= graph.Cols(graph.PosG)
	}
	c, err := sn.Scan(context.Background(), p, o, columns)
	if err != nil {
		t.Fatal(err)
	}
	if got := drain(t, c, asked); !slices.Equal(got, filled) {
		t.Errorf("scan gives %d rows, want %d", len(got), len(want))
	}
	checkSeek(t, sn, r, all, p, o, want)
}

// checkLookup looks up keys behind those positions that a pattern binds first: most of those that
// there are, and some that are not.
func checkLookup(t testing.TB, sn graph.Snapshot, r *rand.Rand, all []graph.Row, p graph.Pattern, o graph.Order, columns graph.Columns) {
	t.Helper()
	store, ok := sn.(interface {
		Lookup(context.Context, *graph.Lookup) error
	})
	p.Range = graph.Range{}
	if o == graph.NoOrder || o == graph.GSPO {
		return
	}
	n, order := p.Prefix(o), o.Positions()
	for _, pos := range order[min(n, 3):3] {
		p = p.With(pos, graph.None)
	}
	if !ok || n > 2 {
		return
	}
	at := order[n]
	l := graph.Lookup{Pattern: p, Order: o, Columns: columns, First: r.IntN(4) == 0, Most: 1 << 20}
	for _, row := range all {
		if r.IntN(4) > 0 {
			l.Keys = append(l.Keys, row[at])
		}
		if r.IntN(4) == 0 {
			l.Keys = append(l.Keys, row[at]+graph.ID(r.IntN(3))-1, row[(at+1)%4])
		}
	}
	slices.Sort(l.Keys)
	l.Keys = slices.Compact(l.Keys)
	if r.IntN(4) == 0 {
		l.Most = r.IntN(len(all) + 1)
	}
	if err := store.Lookup(context.Background(), &l); err != nil {
		t.Fatal(err)
	}
	row := 0
	for i, key := range l.Keys {
		want := matching(all, p.With(at, key), o)
		if l.First && len(want) > 1 {
			want = want[:1]
		}
		if key == graph.None {
			want = nil
		}
		if i == len(l.Ends) {
			if row+len(want) <= l.Most {
				t.Errorf("lookup ends after %d of %d keys and %d rows", i, len(l.Keys), row)
			}
			break
		}
		if int(l.Ends[i]) != row+len(want) {
			t.Errorf("lookup of key %x: %d rows, want %d", key, int(l.Ends[i])-row, len(want))
			return
		}
		for _, w := range want {
			w = only(w, p.With(at, key), columns)
			var got graph.Row
			for pos, col := range l.Cols {
				if len(col) > 0 {
					got[pos] = col[row]
				}
			}
			if got != w {
				t.Errorf("lookup of key %x gives %x, want %x", key, got, w)
				return
			}
			row++
		}
	}
	if row != l.Rows {
		t.Errorf("lookup has %d rows, want %d", l.Rows, row)
	}
}

// checkSeek reads some rows, seeks, reads on.
func checkSeek(t testing.TB, sn graph.Snapshot, r *rand.Rand, all []graph.Row, p graph.Pattern, o graph.Order, want []graph.Row) {
	t.Helper()
	c, err := sn.Scan(context.Background(), p, o, graph.AllColumns)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	in := p.In(o)
	var b graph.Block
	for range 6 {
		to := graph.Row{}
		switch {
		case len(all) > 0 && r.IntN(4) > 0:
			to = all[r.IntN(len(all))]
		case r.IntN(2) == 0:
			to = graph.Row{^graph.ID(0), ^graph.ID(0), ^graph.ID(0), ^graph.ID(0)}
		}
		if p.Union {
			to[graph.PosG] = graph.None
		}
		for pos := range to {
			if id := p.At(graph.Pos(pos)); id != graph.None {
				to[pos] = id
			}
		}
		c.Seek(to)
		for len(want) > 0 && in.Compare(&want[0], &to) < 0 {
			want = want[1:]
		}
		if r.IntN(2) == 0 {
			continue // seek again
		}
		if c.Next(&b) != (len(want) > 0) {
			t.Errorf("after seeking %x a block of %d rows, want %d in all", to, b.Len, len(want))
			return
		}
		for i := range b.Len {
			if i >= len(want) || b.Row(i) != only(want[i], p, graph.AllColumns) {
				t.Errorf("after seeking %x row %d is %x", to, i, b.Row(i))
				return
			}
		}
		want = want[b.Len:]
	}
}

func checkCounts(t testing.TB, sn graph.Snapshot, all []graph.Row, p graph.Pattern) {
	t.Helper()
	want := matching(all, p, graph.NoOrder)
	n, exact, err := sn.Count(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	if exact && n != uint64(len(want)) {
		t.Errorf("count %d, want %d", n, len(want))
	}
	if mustBeExact(p) && !exact {
		t.Error("a count of a bound prefix is an estimate")
	}
	for pos := graph.PosS; pos <= graph.PosG; pos++ {
		if p.At(pos) != graph.None || p.Union && pos == graph.PosG {
			continue
		}
		seen := make(map[graph.ID]bool)
		for _, row := range want {
			seen[row[pos]] = true
		}
		n, exact, err := sn.Distinct(context.Background(), p, pos)
		if err != nil {
			t.Fatal(err)
		}
		if exact && n != uint64(len(seen)) {
			t.Errorf("distinct %v %d, want %d", pos, n, len(seen))
		}
	}
}

// mustBeExact tells whether the pattern binds a prefix of an order and nothing else.
func mustBeExact(p graph.Pattern) bool {
	o := p.Order()
	n := p.Prefix(o)
	bound := 0
	for pos := graph.PosS; pos <= graph.PosG; pos++ {
		if p.Bound().Has(pos) {
			bound++
		}
	}
	return n == bound && (p.Range.IsZero() || o.Positions()[n] == p.Range.At)
}
