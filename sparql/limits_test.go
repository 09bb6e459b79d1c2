package sparql_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/sparql"
	"mocban/sparql/ref/random"
)

// heavy are queries that nobody should wait for, by what is heavy in them. The data are a
// ring of :p with chords of :q, and a number :n for each node.
var heavy = map[string]string{
	"product":             `SELECT * { ?a :p ?b . ?c :p ?d . ?e :p ?f }`,
	"sorted product":      `SELECT * { ?a :p ?b . ?c :p ?d } ORDER BY ?d ?a`,
	"product by text":     `SELECT * { ?a :p ?b . ?c :p ?d } ORDER BY CONCAT(STR(?a), STR(?d))`,
	"distinct product":    `SELECT DISTINCT ?a ?d { ?a :p ?b . ?c :p ?d }`,
	"grouped product":     `SELECT ?a ?d (COUNT(*) AS ?n) { ?a :p ?b . ?c :p ?d } GROUP BY ?a ?d`,
	"distinct count":      `SELECT (COUNT(DISTINCT *) AS ?n) { ?a :p ?b . ?c :p ?d }`,
	"counted product":     `SELECT (COUNT(*) AS ?n) { ?a :p ?b . ?c :p ?d . ?e :p ?f . FILTER(?a != ?c) }`,
	"joined text":         `SELECT (GROUP_CONCAT(STR(?a)) AS ?t) { ?a :p ?b . ?c :p ?d }`,
	"summed product":      `SELECT (SUM(?x + ?y) AS ?s) { ?a :n ?x . ?b :n ?y . ?c :n ?z }`,
	"filtered product":    `SELECT * { ?a :n ?x . ?b :n ?y . ?c :n ?z FILTER(?x + ?y + ?z < 0) }`,
	"pattern of text":     `SELECT * { ?a :n ?x . ?b :n ?y FILTER(REGEX(CONCAT(STR(?a), STR(?b)), "(a|aa)*b$")) }`,
	"optional product":    `SELECT * { ?a :p ?b OPTIONAL { ?c :p ?d OPTIONAL { ?e :p ?f FILTER(?f = ?a) } } }`,
	"minus product":       `SELECT * { ?a :p ?b . ?c :p ?d MINUS { ?a :nowhere ?x . ?y :p ?z } MINUS { ?a :q ?d . ?e :p ?f } }`,
	"exists product":      `SELECT * { ?a :n ?x FILTER(NOT EXISTS { ?b :n ?y . ?c :n ?z FILTER(?x + ?y + ?z < 0) }) }`,
	"union product":       `SELECT * { { ?a :p ?b } UNION { ?a :q ?b } { ?c :p ?d } UNION { ?c :q ?d } { ?e :p ?f } UNION { ?e :q ?f } }`,
	"subquery product":    `SELECT * { { SELECT DISTINCT ?a ?c { ?a :p ?b . ?c :p ?d } } ?a :p ?c }`,
	"closure":             `SELECT * { ?a :p+ ?b }`,
	"sorted closure":      `SELECT * { ?a (:p|:q)* ?b } ORDER BY ?b ?a`,
	"closure of closures": `SELECT * { ?a ((:p/:q*)+|^:p)* ?b . ?b (:p|!:q)* ?c }`,
	"two closures":        `SELECT (COUNT(*) AS ?n) { ?a :p* ?b . ?c :q* ?d }`,
	"path in EXISTS":      `SELECT * { ?a :n ?x . ?b :n ?y FILTER(EXISTS { ?a :p+/:q+ ?c . ?c :nowhere* ?b }) }`,
	"all paths":           `SELECT * { ?a (:p|:q)/(:p|:q)/(:p|:q)/(:p|:q)/(:p|:q)/(:p|:q)/(:p|:q)/(:p|:q)/(:p|:q)/(:p|:q)/(:p|:q)/(:p|:q)/(:p|:q)/(:p|:q)/(:p|:q)/(:p|:q) ?b }`,
	"growing text":        `SELECT ?z { ?a :n ?x BIND(STR(?a) AS ?t) ` + growing(30) + ` BIND(?t30 AS ?z) }`,
	"constructed product": `CONSTRUCT { ?a :x ?d . ?c :y [ :z ?b ] } { ?a :p ?b . ?c :p ?d }`,
	"many joins":          `SELECT * { ` + strings.Repeat("?a :p ?b . ?b :q ?c . ?c ?x ?d . ?d :p ?a . ", 12) + ` }`,
	"many variables":      `SELECT * { ` + star(40) + ` }`,
	"many unions":         `SELECT * { ` + strings.Repeat("{ ?a :p ?b } UNION { ?b :q ?a } ", 20) + ` }`,
	"many names":          `SELECT * { ` + star(300) + ` }`,
	"many values":         `SELECT * { VALUES (?a ?x) { ` + strings.Repeat("(UNDEF UNDEF) (:node1 UNDEF) (UNDEF 2) ", 3000) + ` } ?b :n ?x . ?a :p ?c . VALUES ?d { ` + strings.Repeat("UNDEF :node5 ", 3000) + ` } }`,
	"many items":          `SELECT * { ?a :n ?x . ?b :n ?y FILTER(?x + ?y IN (` + strings.Repeat("?a, ?b, ", 3000) + ` 1)) }`,
	"nested optionals":    `SELECT * { ?a :p ?b ` + strings.Repeat("OPTIONAL { ?b :p ?c . ?a :q ?b ", 60) + strings.Repeat("}", 60) + ` }`,
	"nested EXISTS":       `SELECT * { ?a :p ?b ` + strings.Repeat("FILTER(EXISTS { ?c :p ?d . ", 60) + strings.Repeat("})", 60) + ` }`,
	"nested subqueries":   `SELECT * { ?a :p ?b ` + strings.Repeat("{ SELECT DISTINCT * { ?c :p ?d . ", 60) + strings.Repeat("} }", 60) + ` }`,
	"nested unions":       `SELECT * { ?a :p ?b ` + strings.Repeat("{ ?b :p ?c } UNION { ?c :q ?d ", 60) + strings.Repeat("}", 60) + ` }`,
	"nested mix":          `SELECT * { ?a :p ?b ` + strings.Repeat("OPTIONAL { { ?b :p ?c } UNION { ?c :q ?d . GRAPH ?g { ?a :p ?b FILTER(EXISTS { ?b :q ?c } || ?c = 1) } MINUS { ?x :p ?b ", 20) + strings.Repeat("} } }", 20) + ` }`,
	"many optionals":      `SELECT * { ?a :p ?b ` + strings.Repeat("OPTIONAL { ?b :q ?c OPTIONAL { ?c :p ?d } } ", 40) + ` }`,
}

// growing doubles a text n times.
func growing(n int) string {
	var b strings.Builder
	last := "?t"
	for i := range n {
		fmt.Fprintf(&b, "BIND(CONCAT(%s, %s) AS ?t%d) ", last, last, i+1)
		last = fmt.Sprintf("?t%d", i+1)
	}
	return b.String()
}

// star has n patterns with a variable in common, and as many without.
func star(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "?a :p ?b%d . ?c%d :q ?d%d . ", i, i, i)
	}
	return b.String()
}

// ring makes a store for heavy queries.
func ring(n int) graph.Store {
	const ns graph.IRI = "http://example.org/"
	node := func(i int) graph.Term { return (ns + graph.IRI(fmt.Sprint("node", i%n))).Term() }
	var quads []graph.Quad
	for i := range n {
		number, _ := graph.IntegerID(int64(i))
		value, _ := number.Term()
		quads = append(quads,
			graph.Quad{S: node(i), P: ns + "p", O: node(i + 1)},
			graph.Quad{S: node(i), P: ns + "q", O: node(i * 7)},
			graph.Quad{S: node(i), P: ns + "n", O: value})
	}
	return memstore.New(quads...)
}

// run answers a query to its end and counts what it gives.
func run(ctx context.Context, e *sparql.Engine, snap graph.Snapshot, text string, limits sparql.Limits) (n int, err error) {
	q, err := e.Prepare(sparql.Request{Text: random.Prefixes + text, Limits: limits})
	if err != nil {
		return 0, err
	}
	if q.Form() == sparql.Construct {
		ts, err := q.Graph(ctx, snap)
		if err != nil {
			return 0, err
		}
		defer ts.Close()
		for ts.Next() {
			n++
		}
		return n, ts.Err()
	}
	rows, err := q.Select(ctx, snap)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

// Every limit ends a heavy query within a second, with an error that names it; so does
// whoever does not wait any longer. What does not end so must have ended by itself.
func TestLimits(t *testing.T) {
	snap, err := ring(1500).Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	e := sparql.New(sparql.Options{})
	before := runtime.NumGoroutine()
	for name, text := range heavy {
		t.Run(name, func(t *testing.T) {
			t.Run("time", func(t *testing.T) {
				inTime(t, func() error {
					_, err := run(context.Background(), e, snap, text, sparql.Limits{Time: 50 * time.Millisecond})
					return ended(err, "time", "value size", "variables")
				})
			})
			t.Run("cancel", func(t *testing.T) {
				inTime(t, func() error {
					ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
					defer cancel()
					_, err := run(ctx, e, snap, text, sparql.Limits{})
					if errors.Is(err, context.DeadlineExceeded) {
						return nil
					}
					return ended(err, "value size", "variables")
				})
			})
			t.Run("rows", func(t *testing.T) {
				inTime(t, func() error {
					n, err := run(context.Background(), e, snap, text, sparql.Limits{Rows: 1000, Time: 50 * time.Millisecond})
					if n > 1000 {
						return fmt.Errorf("%d rows at a limit of 1000", n)
					}
					return ended(err, "rows", "time", "value size", "variables")
				})
			})
			t.Run("memory", func(t *testing.T) { heldMemory(t, e, snap, text) })
		})
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// ended tells what is wrong with the end of a query that may end at limits.
func ended(err error, limits ...string) error {
	var limit *graph.LimitError
	if err == nil {
		return nil
	}
	if !errors.As(err, &limit) {
		return err
	}
	for _, l := range limits {
		if limit.Limit == l {
			return nil
		}
	}
	return err
}

// inTime tells when f takes more than a second longer than it may. Machines stumble, so it
// has three tries.
func inTime(t *testing.T, f func() error) {
	t.Helper()
	var took time.Duration
	for range 3 {
		start := time.Now()
		if err := f(); err != nil {
			t.Error(err)
			return
		}
		if took = time.Since(start); took < 1050*time.Millisecond {
			return
		}
	}
	t.Errorf("ended after %v", took)
}

// heldMemory runs a query with little memory, and looks at the heap beside it.
func heldMemory(t *testing.T, e *sparql.Engine, snap graph.Snapshot, text string) {
	const most = 16 << 20
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	base := m.HeapAlloc
	done := make(chan error, 1)
	go func() {
		_, err := run(context.Background(), e, snap, text, sparql.Limits{Memory: most, Time: 150 * time.Millisecond})
		done <- ended(err, "memory", "time", "value size", "variables")
	}()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var peak uint64
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			if peak > base+8*most {
				t.Errorf("%d MiB of heap at a limit of %d", (peak-base)>>20, most>>20)
			}
			return
		case <-tick.C:
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
	}
}
