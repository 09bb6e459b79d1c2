package sparql_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/sparql"
)

// ring is a graph of n nodes in a ring, with short cuts and long texts.
func ring(n int) graph.Store {
	var quads []graph.Quad
	node := func(i int) graph.Term { return graph.IRI(fmt.Sprintf("http://example.org/n%d", i%n)).Term() }
	long := strings.Repeat("a", 5000)
	for i := range n {
		quads = append(quads,
			graph.Quad{S: node(i), P: "http://example.org/next", O: node(i + 1)},
			graph.Quad{S: node(i), P: "http://example.org/jump", O: node(i * 7)},
			graph.Quad{S: node(i), P: "http://example.org/text", O: graph.String(fmt.Sprint(long, i))})
	}
	return memstore.New(quads...)
}

// hostile queries ask for more than anybody should: time, memory, depth.
func hostile() map[string]string {
	repeat := func(n int, f func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(f(i))
		}
		return b.String()
	}
	all := "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . "
	return map[string]string{
		"product":           "SELECT (COUNT(*) AS ?n) { " + all + "}",
		"product sorted":    "SELECT * { " + all + "} ORDER BY ?c ?f ?i",
		"product top":       "SELECT * { " + all + "} ORDER BY DESC(STR(?c)) LIMIT 10",
		"product distinct":  "SELECT DISTINCT ?a ?d ?g { " + all + "}",
		"product grouped":   "SELECT ?a ?d ?g (COUNT(*) AS ?n) { " + all + "} GROUP BY ?a ?d ?g",
		"product counted":   "SELECT (COUNT(DISTINCT *) AS ?n) { " + all + "}",
		"product filtered":  "SELECT * { " + all + `FILTER(CONCAT(STR(?c), STR(?f), STR(?i)) = "x") }`,
		"product without":   "SELECT * { ?a ?b ?c . ?d ?e ?f MINUS { ?a ?x ?y . ?d ?z ?w } MINUS { ?g ?h ?c } }",
		"product far":       "SELECT * { " + all + "} OFFSET 9223372036854775807",
		"product described": "DESCRIBE * { " + all + "}",
		"product made":      "CONSTRUCT { ?a ?b _:x . _:x ?e ?i } { " + all + "}",
		"product optional":  "SELECT * { ?a ?b ?c OPTIONAL { ?d ?e ?f OPTIONAL { ?g ?h ?i } } }",
		"product exists":    "SELECT * { ?a ?b ?c . ?d ?e ?f FILTER NOT EXISTS { ?g ?h ?i FILTER(?i = ?nope) } }",
		"tables":            "SELECT * { VALUES ?a { " + repeat(4900, func(i int) string { return fmt.Sprint(i, " ") }) + "} VALUES ?b { " + repeat(4900, func(i int) string { return fmt.Sprint(i, " ") }) + "} FILTER(?a + ?b < 0) }",
		"paths of all":      "SELECT (COUNT(*) AS ?n) { ?a (:next|:jump)* ?b }",
		"paths of paths":    "SELECT (COUNT(*) AS ?n) { ?a ((:next*)/(:jump*))* ?b . ?b (:next|^:jump)+ ?c }",
		"paths of others":   "SELECT (COUNT(*) AS ?n) { ?a (!:x|!^:x)* ?b }",
		"paths from each":   "SELECT (COUNT(*) AS ?n) { ?x :next ?a . ?a :next* ?b . ?b :jump* ?c . ?c :next* ?d }",
		"pattern":           `SELECT * { ?a :text ?t . ?b :text ?u FILTER(REGEX(CONCAT(?t, ?u), "(a+)+(a+)+b$")) }`,
		"pattern counted":   `SELECT * { ?a :text ?t . ?b :text ?u FILTER(REGEX(?t, "(a{0,500}x){2}")) FILTER(REGEX(?u, "(.{0,300}y){2}")) }`,
		"text doubled":      `SELECT (STRLEN(?t30) AS ?n) { :n1 :text ?t0 ` + repeat(30, func(i int) string { return fmt.Sprintf("BIND(CONCAT(?t%d, ?t%d) AS ?t%d) ", i, i, i+1) }) + "}",
		"text gathered":     `SELECT (GROUP_CONCAT(?t) AS ?n) { ?a :text ?t . ?b :text ?u . ?c :text ?v }`,
		"text replaced":     `SELECT (REPLACE(?t, "a", "` + strings.Repeat("b", 10000) + `") AS ?n) { ?a :text ?t }`,
		"texts made":        `SELECT DISTINCT ?x { ?a :text ?t . ?b :text ?u BIND(CONCAT(?t, STR(?b), STR(RAND())) AS ?x) }`,
		"deep optional":     "SELECT * { ?a :next ?b0 " + repeat(120, func(i int) string { return fmt.Sprintf("OPTIONAL { ?b%d :next ?b%d ", i, i+1) }) + strings.Repeat("} ", 120) + "}",
		"deep exists":       "SELECT * { ?a :next ?b0 " + repeat(60, func(i int) string { return fmt.Sprintf("FILTER EXISTS { ?b%d :jump ?b%d ", i, i+1) }) + strings.Repeat("} ", 60) + "}",
		"deep subqueries":   "SELECT * { " + strings.Repeat("{ SELECT * { ", 100) + all + strings.Repeat("} } ", 100) + "}",
		"many unions":       "SELECT (COUNT(*) AS ?n) { " + strings.TrimSuffix(repeat(2000, func(i int) string { return fmt.Sprintf("{ ?a ?p%d ?b . ?c :jump ?d } UNION ", i) }), "UNION ") + "}",
		"many patterns":     "SELECT * { " + repeat(400, func(i int) string { return fmt.Sprintf("?v%d :next ?v%d . ", i, i+1) }) + "}",
		"many apart":        "SELECT * { " + repeat(60, func(i int) string { return fmt.Sprintf("?v%d :next ?w%d . ", i, i) }) + "}",
		"star":              "SELECT * { " + repeat(40, func(i int) string { return fmt.Sprintf("?v :jump ?w%d . ?w%d :jump ?x%d . ", i, i, i) }) + "}",
		"clique": "SELECT * { " + repeat(12, func(i int) string {
			return repeat(i, func(k int) string { return fmt.Sprintf("?v%d ?p%dx%d ?v%d . ", i, i, k, k) })
		}) + "}",
		"many names":     "SELECT * { " + repeat(20_000, func(i int) string { return fmt.Sprintf("?a%d :next ?b%d . ?c%d :jump ?z . ", i, i, i) }) + "}",
		"many bound":     "SELECT * { " + repeat(500, func(i int) string { return fmt.Sprintf("BIND(%d AS ?v%d) FILTER(?v%d >= 0) ", i, i, i) }) + "}",
		"many triples":   "SELECT * { " + repeat(20_000, func(i int) string { return fmt.Sprintf("?a :next ?b . ?b ?p :n%d . ", i) }) + "}",
		"many optionals": "SELECT * { ?a :next ?b " + repeat(5000, func(i int) string { return fmt.Sprintf("OPTIONAL { ?b :jump ?c . ?c ?p %d } ", i) }) + "}",
		"many values":    "SELECT * { VALUES (?a ?x) { " + strings.Repeat("(UNDEF UNDEF) (:n1 UNDEF) (UNDEF 2) ", 3000) + "} ?a :next ?c VALUES ?d { " + strings.Repeat("UNDEF :n5 ", 3000) + "} }",
		"many items":     "SELECT * { ?a :text ?x . ?b :text ?y FILTER(CONCAT(?x, ?y) IN (" + strings.Repeat("?a, ?b, ", 3000) + " 1)) }",
		"nested parts": "SELECT * { ?a :next ?b " + strings.Repeat("OPTIONAL { { ?b :next ?c } UNION { ?c :jump ?d . GRAPH ?g { ?a :next ?b FILTER(EXISTS { ?b :jump ?c } || ?c = 1) } MINUS { ?x :next ?b ", 20) +
			strings.Repeat("} } }", 20) + "}",
		"many conditions":     "SELECT * { " + all + "FILTER(" + repeat(2000, func(i int) string { return fmt.Sprintf("?c = %d || ", i) }) + "false) }",
		"long texts made":     `SELECT * { ?a :text ?t . ?b :text ?u BIND(REPLACE(?t, "a", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb") AS ?x) }`,
		"long texts sorted":   `SELECT * { ?a :text ?t } ORDER BY REPLACE(?t, "a", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")`,
		"nodes without end":   "SELECT ?x { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i BIND(BNODE() AS ?x) } ORDER BY ?x",
		"grouped by anything": "SELECT ?k (SAMPLE(?c) AS ?s) (GROUP_CONCAT(DISTINCT ?f) AS ?t) { ?a ?b ?c . ?d ?e ?f } GROUP BY (CONCAT(STR(?a), STR(?d), STR(RAND())) AS ?k)",
	}
}

// TestHostileQueries checks that every query ends within its time and a second, and within
// its memory.
func TestHostileQueries(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	store := ring(1500)
	limits := sparql.Limits{Time: 100 * time.Millisecond, Memory: 48 << 20}
	e := sparql.New(sparql.Options{Limits: limits})
	for name, text := range hostile() {
		t.Run(name, func(t *testing.T) {
			start, before := time.Now(), processorTime()
			err := exhaust(e, store, text)
			took := min(time.Since(start), processorTime()-before) // others may have the machine
			var limit *graph.LimitError
			var tooMuch *sparql.SyntaxError // of patterns and the like
			isTooMuch := errors.As(err, &tooMuch) && strings.HasPrefix(tooMuch.Detail, "more than ")
			if err != nil && !errors.As(err, &limit) && !isTooMuch {
				t.Errorf("ended by %v", err)
			}
			if limit != nil && (limit.Where == "" || len(limit.Where) > 500) {
				t.Errorf("the limit does not say where, in short: %v", err)
			}
			if slow := limits.Time + time.Second; took > slow {
				t.Errorf("took %v (%v)", took, err)
			}
			var m runtime.MemStats
			if runtime.ReadMemStats(&m); m.HeapAlloc > 400<<20 {
				t.Errorf("%d MiB are in use", m.HeapAlloc>>20)
			}
		})
	}
}

// processorTime returns how long processors have worked for this process.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 1 << 62
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// slack is for machines on which much else runs: times are for those that are idle.
func slack() time.Duration { return 3 }

// exhaust reads an answer to its end.
func exhaust(e *sparql.Engine, store graph.Store, text string) error {
	snap, err := store.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	q, err := e.Prepare(sparql.Request{Text: prefixes + text})
	if err != nil {
		return err
	}
	if q.Form() == sparql.Select {
		rows, err := q.Select(context.Background(), snap)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
		}
		return rows.Err()
	}
	ts, err := q.Graph(context.Background(), snap)
	if err != nil {
		return err
	}
	defer ts.Close()
	for ts.Next() {
	}
	return ts.Err()
}

func TestRowLimit(t *testing.T) {
	e := sparql.New(sparql.Options{Limits: sparql.Limits{Rows: 100}})
	for _, text := range []string{"SELECT * { ?a :next ?b }", "CONSTRUCT { ?a :x ?b } { ?a :next ?b }"} {
		var limit *graph.LimitError
		if err := exhaust(e, ring(150), text); !errors.As(err, &limit) || limit.Limit != "rows" {
			t.Errorf("%s: ended by %v", text, err)
		}
		if err := exhaust(e, ring(100), text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestRequestLimits checks that a request can only make limits lower.
func TestRequestLimits(t *testing.T) {
	e := sparql.New(sparql.Options{Limits: sparql.Limits{Rows: 10}})
	snap, _ := ring(50).Snapshot()
	for _, c := range []struct {
		rows int64
		want int
	}{{0, 10}, {5, 5}, {20, 10}} {
		q, err := e.Prepare(sparql.Request{Text: prefixes + "SELECT * { ?a :next ?b } LIMIT 10", Limits: sparql.Limits{Rows: c.rows}})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := selected(q, snap)
		if (err == nil) != (c.want == 10) {
			t.Errorf("with %d rows: %d, %v", c.rows, len(rows), err)
		}
	}
}

func TestCancel(t *testing.T) {
	snap, _ := ring(1000).Snapshot()
	q, err := sparql.New(sparql.Options{}).Prepare(sparql.Request{Text: prefixes + "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c < ?f && ?f < ?i) }"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	rows, err := q.Select(ctx, snap)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	time.AfterFunc(50*time.Millisecond, cancel)
	start := time.Now()
	for rows.Next() {
	}
	if err := rows.Err(); !errors.Is(err, context.Canceled) {
		t.Errorf("ended by %v", err)
	}
	if took := time.Since(start); took > slack()*time.Second {
		t.Errorf("took %v", took)
	}
}

// TestConcurrent runs one prepared query many times at once, some of them left early, and
// looks for goroutines that stay.
func TestConcurrent(t *testing.T) {
	before := runtime.NumGoroutine()
	store := ring(300)
	q, err := sparql.New(sparql.Options{}).Prepare(sparql.Request{Text: prefixes + `SELECT ?a (COUNT(?t) AS ?n) {
		?a :next/:jump* ?b OPTIONAL { ?b :text ?t FILTER(REGEX(?t, "1$")) } } GROUP BY ?a ORDER BY ?a`})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for n := range 16 {
		wg.Go(func() {
			snap, _ := store.Snapshot()
			defer snap.Close()
			rows, err := q.Select(context.Background(), snap)
			if err != nil {
				t.Error(err)
				return
			}
			defer rows.Close()
			got := 0
			for rows.Next() {
				if got++; n%2 == 1 && got == 10 {
					return
				}
			}
			if err := rows.Err(); err != nil || got != 300 {
				t.Errorf("%d rows, %v", got, err)
			}
		})
	}
	wg.Wait()
	for range 50 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

func TestVolatile(t *testing.T) {
	for text, want := range map[string]bool{
		"SELECT * { ?a :next ?b }":                                                  false,
		"SELECT (NOW() AS ?t) {}":                                                   true,
		"SELECT * { ?a :next ?b FILTER(RAND() < 0.5) }":                             true,
		"SELECT * { ?a :next ?b FILTER EXISTS { ?b :next ?c BIND(UUID() AS ?u) } }": true,
		"SELECT (COUNT(STRUUID()) AS ?n) { ?a :next ?b }":                           true,
		"SELECT (SHA1(STR(?a)) AS ?h) { ?a :next ?b }":                              false,
	} {
		q, err := sparql.New(sparql.Options{}).Prepare(sparql.Request{Text: prefixes + text})
		if err != nil {
			t.Fatal(err)
		}
		if q.Volatile() != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
}

// TestSameLabels checks that blank nodes of a CONSTRUCT are named alike each time.
func TestSameLabels(t *testing.T) {
	e, store := sparql.New(sparql.Options{}), ring(3)
	text := prefixes + "CONSTRUCT { ?a :of _:x . _:x :to ?b } { ?a :next ?b }"
	first, err := ask(e, store, text)
	if err != nil {
		t.Fatal(err)
	}
	second, err := ask(e, store, text)
	if err != nil || !slices.Equal(first.triples, second.triples) || len(first.triples) != 6 {
		t.Errorf("%v and %v (%v)", first.triples, second.triples, err)
	}
}

// TestParts runs a query over parts of a scan: its rows are the same and in the same order, its
// memory is accounted for, and who stops reading stops it.
func TestParts(t *testing.T) {
	const n = 5_000
	var quads []graph.Quad
	for i := range n {
		quads = append(quads,
			graph.Quad{S: graph.IRI(fmt.Sprintf("http://example.org/n%d", i)).Term(), P: "http://example.org/of", O: graph.IRI(fmt.Sprintf("http://example.org/c%d", i*i%977)).Term()},
			graph.Quad{S: graph.IRI(fmt.Sprintf("http://example.org/c%d", i*i%977)).Term(), P: "http://example.org/name", O: graph.String(fmt.Sprint("class ", i%7))})
	}
	s := memstore.New(quads...)
	e := sparql.New(sparql.Options{})
	before := runtime.NumGoroutine()
	for _, text := range []string{
		"SELECT ?c (COUNT(DISTINCT ?n) AS ?all) (SAMPLE(?n) AS ?one) { ?n :of ?c . ?c :name ?t FILTER(CONTAINS(?t, \"s 3\")) } GROUP BY ?c",
		"SELECT ?n ?c { ?n :of ?c FILTER NOT EXISTS { ?c :name \"class 4\" } } ORDER BY ?c",
		"SELECT (COUNT(*) AS ?all) { ?n :of ?c . ?c :name ?t MINUS { ?c :name \"class 2\" } }",
		"SELECT ?n { ?n :of ?c } ORDER BY ?c LIMIT 7 OFFSET 3",
	} {
		want, err := ask(e.Without("parallel-parts"), s, prefixes+text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ask(e.Parts(4), s, prefixes+text)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got.rows) != fmt.Sprint(want.rows) {
			t.Errorf("%s: %d rows in parts are not the %d of one", text, len(got.rows), len(want.rows))
		}
	}
	snap, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	text := prefixes + "SELECT ?a ?c { ?a :of ?x . ?x :name ?t . ?b :of ?y . ?y :name ?t . ?c :of ?z } ORDER BY ?c ?a"
	q, err := e.Parts(4).Prepare(sparql.Request{Text: text, Limits: sparql.Limits{Time: 2 * time.Second, Memory: 8 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	rows, err := q.Select(context.Background(), snap)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
	}
	var limit *graph.LimitError
	if err := rows.Err(); !errors.As(err, &limit) {
		t.Errorf("a product ended with %v", err)
	}
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("it ended after %v", d)
	}
	rows.Close()
	for k := 0; runtime.NumGoroutine() > before; k++ {
		if k > 100 {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// TestOnDisk asks for more than fits into memory: what is sorted, told apart or grouped goes to
// disk, and the answer is the one of a query with memory for all of it.
func TestOnDisk(t *testing.T) {
	s := numbered(210)
	snap, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	disk := &sparql.Disk{Dir: t.TempDir(), Max: 1 << 30}
	run := func(text string, d *sparql.Disk, memory int64) (rows []string, peak int64, err error) {
		q, err := sparql.New(sparql.Options{Disk: d}).Prepare(sparql.Request{Text: prefixes + text, Limits: sparql.Limits{Memory: memory, Time: time.Minute}})
		if err != nil {
			return nil, 0, err
		}
		r, err := q.Select(context.Background(), snap)
		if err != nil {
			return nil, 0, err
		}
		defer r.Close()
		for r.Next() {
			rows = append(rows, fmt.Sprint(r.Row()))
			if d != nil {
				peak = max(peak, d.Used())
			}
		}
		return rows, peak, r.Err()
	}
	for _, text := range []string{
		"SELECT * { ?a :p ?x . ?b :p ?y } ORDER BY ?y DESC(?a) ?b",
		"SELECT ?a ?b { ?a :p ?x . ?b :p ?y } ORDER BY DESC(CONCAT(?x, ?y)) LIMIT 30000 OFFSET 100",
		"SELECT DISTINCT ?a ?y { ?a :p ?x . ?b :p ?y }",
		"SELECT ?a ?y (COUNT(*) AS ?n) (MIN(?b) AS ?least) (SUM(?i) AS ?sum) { ?a :p ?x . ?b :p ?y BIND(3 AS ?i) } GROUP BY ?a ?y",
	} {
		want, _, err := run(text, nil, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		memory := int64(1400 << 10)
		if strings.Contains(text, "ORDER") {
			memory = 3 << 20
		}
		var limit *graph.LimitError
		if _, _, err := run(text, nil, memory); !errors.As(err, &limit) || limit.Limit != "memory" {
			t.Errorf("%s: without a disk it ends with %v", text, err)
		}
		got, peak, err := run(text, disk, memory)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if peak == 0 {
			t.Errorf("%s: nothing was put on the disk", text)
		}
		if strings.Contains(text, "GROUP") {
			slices.Sort(got)
			slices.Sort(want)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d rows are not the %d of memory", text, len(got), len(want))
		}
		if _, _, err := run(text, &sparql.Disk{Dir: disk.Dir, Max: 200 << 10}, memory); !errors.As(err, &limit) || limit.Limit != "disk" {
			t.Errorf("%s: with little disk it ends with %v", text, err)
		}
		if left, err := os.ReadDir(disk.Dir); err != nil || len(left) > 0 || disk.Used() != 0 {
			t.Errorf("%s: %d files and %d bytes stay, %v", text, len(left), disk.Used(), err)
		}
	}
	if err := os.WriteFile(filepath.Join(disk.Dir, "rows-17.tmp"), []byte("left behind"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := disk.Clean(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(disk.Dir); err != nil || len(left) > 0 {
		t.Errorf("%d files stay after a start, %v", len(left), err)
	}
}

// numbered returns a store of things, each of which has a number as a string.
func numbered(n int) *memstore.Store {
	var quads []graph.Quad
	for i := range n {
		quads = append(quads, graph.Quad{S: graph.IRI(fmt.Sprintf("http://example.org/n%d", i)).Term(), P: "http://example.org/p", O: graph.String(fmt.Sprint(i * 7919 % n))})
	}
	return memstore.New(quads...)
}

// TestManyRuns sorts rows that come two at a time, of which each two go to the disk as a run of
// their own, with less memory than it takes to read all runs side by side.
func TestManyRuns(t *testing.T) {
	s := numbered(120)
	for _, text := range []string{
		"SELECT * { ?a :p ?x . ?b :p ?y } ORDER BY STRLEN(?y) DESC(STRLEN(?x))",
		"SELECT ?b { ?a :p ?x . ?b :p ?y } ORDER BY DESC(CONCAT(?x, ?y))",
		"SELECT ?a ?b { ?a :p ?x . ?b :p ?y } ORDER BY STRLEN(?x) LIMIT 9000 OFFSET 5",
	} {
		want, err := askWithin(sparql.New(sparql.Options{}).Batches(2), s, prefixes+text, sparql.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := askWithin(sparql.New(sparql.Options{}).Spilling(t.TempDir()), s, prefixes+text, sparql.Limits{Memory: 3 << 20, Time: time.Minute})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if !slices.EqualFunc(got.rows, want.rows, func(a, b []graph.Term) bool { return slices.Equal(a, b) }) {
			t.Errorf("%s: %d rows are not the %d of memory", text, len(got.rows), len(want.rows))
		}
	}
}
