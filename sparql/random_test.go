package sparql_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/sparql"
	"mocban/sparql/algebra"
	"mocban/sparql/plan"
	"mocban/sparql/ref"
	"mocban/sparql/syntax"
)

var randomQueries = flag.Int("queries", 600, "how many queries TestRandomQueries makes")

// A dice makes data and queries at random. Queries are text, so that a failure can be tried
// by hand.
type dice struct {
	*rand.Rand
	vars int // made for BIND
}

func (d *dice) pick(options ...string) string { return options[d.IntN(len(options))] }

func (d *dice) variable() string { return d.pick("?a", "?b", "?c", "?d", "?e") }
func (d *dice) subject() string  { return fmt.Sprintf(":s%d", d.IntN(6)) }
func (d *dice) property() string { return fmt.Sprintf(":p%d", d.IntN(4)) }

func (d *dice) literal() string {
	return d.pick("1", "2", "3", "1.0", `"01"^^xsd:integer`, `"a"`, `"a"@en`, `"b"@vi`, "true", `"2020-01-01"^^xsd:date`)
}

func (d *dice) term() string {
	if d.IntN(2) == 0 {
		return d.subject()
	}
	return d.literal()
}

// data makes TriG.
func (d *dice) data(triples int) string {
	var b strings.Builder
	for range triples {
		o := d.term()
		if d.IntN(8) == 0 {
			o = fmt.Sprintf("_:b%d", d.IntN(3))
		}
		t := fmt.Sprintf("%s %s %s .", d.subject(), d.property(), o)
		if d.IntN(3) == 0 {
			t = fmt.Sprintf(":g%d { %s }", d.IntN(2), t)
		}
		b.WriteString(t + "\n")
	}
	return b.String()
}

func (d *dice) slot() string {
	if d.IntN(3) == 0 {
		return d.term()
	}
	return d.variable()
}

func (d *dice) triple() string {
	s, p, o := d.variable(), d.property(), d.slot()
	if d.IntN(4) == 0 {
		s = d.subject()
	}
	switch d.IntN(12) {
	case 0:
		p = d.variable()
	case 1:
		p = d.pick(":p0*", ":p1+", ":p0?", "(:p0|:p1)", "^:p1", ":p0/:p1", "!:p0", "!(:p0|^:p1)", "(:p0|^:p1)+", "(:p0/:p1)*", "(:p0|:p2)?")
	}
	return s + " " + p + " " + o + " . "
}

func (d *dice) expression(depth int) string {
	if depth <= 0 {
		return d.pick(d.variable(), d.variable(), d.literal(), d.subject())
	}
	sub := func() string { return d.expression(depth - 1) }
	switch d.IntN(16) {
	case 0, 1, 2:
		return d.variable() + d.pick(" = ", " != ", " < ", " >= ") + d.term()
	case 3, 4:
		return d.variable() + d.pick(" = ", " != ", " < ", " >= ") + d.variable()
	case 5:
		return "(" + sub() + " && " + sub() + ")"
	case 6:
		return "(" + sub() + " || " + sub() + ")"
	case 7:
		return "!(" + sub() + ")"
	case 8:
		return "BOUND(" + d.variable() + ")"
	case 9:
		return d.variable() + d.pick(" IN (", " NOT IN (") + d.term() + ", " + d.term() + ")"
	case 10:
		return d.pick("ISIRI(", "ISLITERAL(", "ISBLANK(") + d.variable() + ")"
	case 11:
		return d.pick(`LANG(`, `STR(`) + d.variable() + d.pick(`) = "en"`, `) = "a"`, `) != ""`)
	case 12:
		return `CONTAINS(STR(` + d.variable() + `), "s1")`
	case 13:
		return "STR(" + d.variable() + ") < STR(" + d.variable() + ")"
	case 14:
		return d.pick("EXISTS ", "NOT EXISTS ") + d.group(depth-1)
	}
	return "COALESCE(" + sub() + ", " + sub() + ")"
}

// group makes a group graph pattern.
func (d *dice) group(depth int) string {
	var b strings.Builder
	b.WriteString("{ ")
	for range 1 + d.IntN(3) {
		b.WriteString(d.triple())
	}
	if depth > 0 {
		for range d.IntN(3) {
			b.WriteString(d.element(depth - 1))
		}
	}
	b.WriteString("} ")
	return b.String()
}

func (d *dice) element(depth int) string {
	switch d.IntN(15) {
	case 0, 1, 2:
		return "OPTIONAL " + d.group(depth)
	case 3, 4:
		return d.group(depth) + "UNION " + d.group(depth)
	case 5:
		return "MINUS " + d.group(depth)
	case 6, 7, 8:
		return "FILTER(" + d.expression(2) + ") "
	case 9:
		d.vars++
		return fmt.Sprintf("BIND(%s AS ?x%d) ", d.expression(1), d.vars)
	case 10:
		return fmt.Sprintf("VALUES (%s ?v) { (%s 1) (UNDEF 2) (%s UNDEF) } ", d.variable(), d.term(), d.term())
	case 11:
		return "GRAPH " + d.pick("?g", ":g0", d.variable()) + " " + d.group(depth)
	case 12:
		vars := d.pick("?a", "?a ?b", "?b ?c", "*")
		return "{ SELECT " + d.pick("", "DISTINCT ") + vars + " " + d.group(depth) + "} "
	case 13:
		return "{ SELECT ?a (" + d.pick("COUNT(?b)", "COUNT(*)", "MIN(STR(?b))", "COUNT(DISTINCT ?c)") + " AS ?n) " + d.group(depth) + "GROUP BY ?a } "
	}
	return d.group(depth)
}

func (d *dice) query() string {
	d.vars = 0
	switch d.IntN(10) {
	case 0:
		return "ASK " + d.group(2)
	case 1:
		return "SELECT ?a (COUNT(*) AS ?n) (SUM(?b) AS ?s) (MAX(STR(?c)) AS ?m) (COUNT(DISTINCT ?b) AS ?d) " + d.group(2) + "GROUP BY ?a"
	case 2:
		return "SELECT DISTINCT ?a ?b " + d.group(2)
	case 3:
		return "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p"
	case 4:
		return "SELECT * " + d.group(2) + "ORDER BY ?a DESC(?b) LIMIT 100000"
	case 5:
		return "CONSTRUCT { ?a :q ?b . ?b ?c ?d } WHERE " + d.group(2)
	}
	return "SELECT * " + d.group(3)
}

// lines returns what a query gives as sorted lines.
func lines(rows [][]graph.Term) []string {
	out := strings.Split(strings.TrimSuffix(table(rows), "\n"), "\n")
	slices.Sort(out)
	return out
}

func reference(a *algebra.Query, d *ref.Dataset) ([]string, error) {
	r, err := ref.Run(a, d, ref.Options{Work: 300_000})
	if err != nil {
		return nil, err
	}
	switch a.Form {
	case algebra.Ask:
		return []string{fmt.Sprint(r.Boolean)}, nil
	case algebra.Construct:
		var rows [][]graph.Term
		for _, t := range r.Triples {
			rows = append(rows, []graph.Term{t.S, t.P.Term(), t.O})
		}
		return lines(rows), nil
	}
	return lines(r.Rows()), nil
}

func answer(e *sparql.Engine, snap graph.Snapshot, text string) ([]string, error) {
	q, err := e.Prepare(sparql.Request{Text: text})
	if err != nil {
		return nil, err
	}
	switch q.Form() {
	case algebra.Ask:
		yes, err := q.Ask(context.Background(), snap)
		return []string{fmt.Sprint(yes)}, err
	case algebra.Construct:
		rows, err := triples(q, snap)
		return lines(rows), err
	}
	rows, err := selected(q, snap)
	return lines(rows), err
}

// TestRandomQueries asks the reference evaluator and the engine the same: with all rules,
// without any, without one, in batches of a few rows, from blocks of a few rows.
func TestRandomQueries(t *testing.T) {
	seed := rand.Uint64()
	d := &dice{Rand: rand.New(rand.NewPCG(seed, 1))}
	var names []string
	for _, r := range plan.Rules {
		names = append(names, r.Name)
	}
	given := 0
	for n := 0; n < *randomQueries; n++ {
		strict := d.IntN(2) == 0
		store := load(t, d.data(10+d.IntN(40)))
		snap, _ := store.Snapshot()
		dataset, err := ref.Snapshot(context.Background(), snap, strict)
		if err != nil {
			t.Fatal(err)
		}
		all := sparql.New(sparql.Options{Strict: strict})
		for range 4 {
			text := prefixes + d.query()
			tree, err := syntax.Parse(text)
			if err != nil {
				continue // BIND of a variable in scope, and the like
			}
			a, err := algebra.Translate(tree)
			if err != nil {
				t.Fatal(err)
			}
			want, err := reference(a, dataset)
			if errors.Is(err, ref.ErrTooMuch) {
				continue
			}
			if err != nil {
				t.Fatalf("reference: %v\n%s", err, text)
			}
			given++
			one := names[d.IntN(len(names))]
			for name, e := range map[string]*sparql.Engine{
				"all rules": all, "no rules": all.Without(names...), "without " + one: all.Without(one),
				"small batches": all.Batches(1 + d.IntN(4)), "small batches without rules": all.Batches(2).Without(names...),
			} {
				from := snap
				if d.IntN(2) == 0 {
					from = &chopped{snap, 1 + d.IntN(5)}
				}
				got, err := answer(e, from, text)
				if err != nil || !slices.Equal(got, want) {
					report(t, seed, name, store, e, text, got, want, err)
				}
			}
		}
	}
	if given < *randomQueries {
		t.Errorf("only %d queries had an answer", given)
	}
}

func report(t *testing.T, seed uint64, name string, store graph.Store, e *sparql.Engine, text string, got, want []string, err error) {
	t.Helper()
	snap, _ := store.Snapshot()
	var explain string
	if q, err := e.Prepare(sparql.Request{Text: text}); err == nil {
		explain, _ = q.Explain(context.Background(), snap, false)
	}
	var data strings.Builder
	for c, err := range store.Changes(context.Background(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		for op := range c.Ops() {
			data.WriteString(op.Quad.String() + "\n")
		}
	}
	t.Fatalf("seed %d, %s: %v\n%s\ndata\n%s\ngot %d\n%s\nwant %d\n%s\nplan\n%s", seed, name, err, strings.TrimPrefix(text, prefixes),
		data.String(), len(got), strings.Join(got, "\n"), len(want), strings.Join(want, "\n"), explain)
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

