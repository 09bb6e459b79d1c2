package sparql_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/sparql"
	"mocban/sparql/ref/random"
)

// TestRandomBatches is TestRandom in batches of a few rows, from blocks of a few rows, so
// that what goes on from one to the next is tried.
func TestRandomBatches(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	var tally tally
	for n := 0; n < *randomQueries/4 && tally.wrong < 10; n += perData {
		seed := *randomSeed + uint64(n/perData) + 1<<32
		w := newWorld(t, seed, inMemory)
		whole := w.store
		for k := range min(perData, *randomQueries/4-n) {
			r := rand.New(rand.NewPCG(seed, uint64(k+1)))
			text := random.Prefixes + random.Query(r)
			w.store = &choppedStore{whole, 1 + r.IntN(5)}
			if out := w.compare(text, &tally, "small batches", "small batches, no rules"); out != "" {
				tally.wrong++
				t.Errorf("seed %d, query %d: %s", seed, k+1, w.explain(text, out))
			}
		}
	}
	t.Logf("%+v", tally)
}

// TestRuns checks what is found by going from value to value, in a graph that is large enough
// for that.
func TestRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	whole := library(9500)
	e := sparql.New(sparql.Options{})
	for text, step := range map[string]string{
		"SELECT DISTINCT ?p { ?s ?p ?o }":                     "Runs PSO",
		"SELECT DISTINCT ?l { ?l ^bf:language ?w }":           "Runs POS",
		"SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p": "CountRuns PSO",
		"SELECT (COUNT(?s) AS ?n) { ?s a bf:Work }":           "CountRows",
	} {
		for _, s := range []graph.Store{whole, &choppedStore{whole, 700}} {
			got, err := ask(e, s, prefixes+text)
			if err != nil {
				t.Fatal(err)
			}
			want, err := ask(e.Without("count-statistics"), whole, prefixes+text)
			if err != nil || !sameRows(got.rows, want.rows, false, map[graph.Term]graph.Term{}) || len(want.rows) == 0 {
				t.Errorf("%s: got\n%swant (%v)\n%s", text, table(got.rows), err, table(want.rows))
			}
		}
		snap, _ := whole.Snapshot()
		q, _ := e.Prepare(sparql.Request{Text: prefixes + text})
		if plan, err := q.Explain(context.Background(), snap, false); err != nil || !strings.Contains(plan, step) {
			t.Errorf("%s: no step %s (%v)\n%s", text, step, err, plan)
		}
	}
}

// choppedStore gives snapshots that give rows in blocks of a few.
type choppedStore struct {
	graph.Store
	rows int
}

func (c *choppedStore) Snapshot() (graph.Snapshot, error) {
	s, err := c.Store.Snapshot()
	return &chopped{s, c.rows}, err
}

// chopped gives its rows in blocks of a few.
type chopped struct {
	graph.Snapshot
	rows int
}

func (c *chopped) Scan(ctx context.Context, p graph.Pattern, o graph.Order, columns graph.Columns) (graph.Cursor, error) {
	in, err := c.Snapshot.Scan(ctx, p, o, graph.AllColumns)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	k := &choppedCursor{pattern: p, order: p.In(o), columns: columns &^ p.Bound(), most: c.rows}
	if p.Union {
		k.columns &^= graph.Cols(graph.PosG)
	}
	var b graph.Block
	for in.Next(&b) {
		for i := range b.Len {
			row := b.Row(i)
			for pos := range row {
				if id := p.At(graph.Pos(pos)); id != graph.None {
					row[pos] = id
				}
			}
			k.left = append(k.left, row)
		}
	}
	return k, in.Err()
}

type choppedCursor struct {
	pattern graph.Pattern
	order   graph.Order
	columns graph.Columns
	most    int
	left    []graph.Row
}

func (k *choppedCursor) Next(b *graph.Block) bool {
	*b = graph.Block{Len: min(k.most, len(k.left))}
	for pos := range b.Cols {
		if k.columns.Has(graph.Pos(pos)) {
			for _, row := range k.left[:b.Len] {
				b.Cols[pos] = append(b.Cols[pos], row[pos])
			}
		}
	}
	k.left = k.left[b.Len:]
	return b.Len > 0
}

func (k *choppedCursor) Seek(row graph.Row) {
	for pos := range row {
		if id := k.pattern.At(graph.Pos(pos)); id != graph.None {
			row[pos] = id
		}
	}
	for len(k.left) > 0 && k.order.Compare(&k.left[0], &row) < 0 {
		k.left = k.left[1:]
	}
}

func (k *choppedCursor) Err() error   { return nil }
func (k *choppedCursor) Close() error { return nil }
