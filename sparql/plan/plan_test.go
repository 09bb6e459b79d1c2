package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/sparql/algebra"
	"mocban/sparql/syntax"
)

func translate(t *testing.T, text string) *algebra.Query {
	t.Helper()
	tree, err := syntax.Parse("PREFIX : <http://example.org/> " + text)
	if err != nil {
		t.Fatal(err)
	}
	q, err := algebra.Translate(tree)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules {
		if r.Name == "" || r.Note == "" || seen[r.Name] {
			t.Errorf("rule %q has no name of its own, or no note", r.Name)
		}
		seen[r.Name] = true
	}
}

// broken is a source that fails when it is asked to count.
type broken struct{ Source }

var errBroken = errors.New("the disk is gone")

func (broken) Count(context.Context, graph.Pattern) (uint64, bool, error) {
	return 0, false, errBroken
}

func TestBrokenSource(t *testing.T) {
	snap, _ := memstore.New(graph.Quad{S: graph.IRI("http://example.org/s").Term(), P: "http://example.org/p", O: graph.String("o")}).Snapshot()
	q := translate(t, `SELECT * { ?s :p ?o OPTIONAL { ?s :p ?x FILTER EXISTS { ?x :p ?y } } }`)
	if _, err := Build(context.Background(), broken{snap}, q, Options{}); !errors.Is(err, errBroken) {
		t.Errorf("planning gave %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Build(ctx, snap, q, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("planning gave %v", err)
	}
}

// TestSeedable says of patterns whether rows that bind ?v may be fed into them: not where a
// part would see ?v that does not bind it (SPARQL 1.1, 18.2.1 and 18.6).
func TestSeedable(t *testing.T) {
	for text, want := range map[string]bool{
		"?s :p ?v":                                           true,
		"?s :p ?o FILTER(?o > 1)":                            true,
		"?s :p ?v FILTER(?v > 1)":                            true,
		"?s :p ?o FILTER(?v > 1)":                            false,
		"?s :p ?o OPTIONAL { ?s :q ?v }":                     false,
		"?s :p ?v OPTIONAL { ?s :q ?v }":                     true,
		"?s :p ?o OPTIONAL { ?s :q ?x FILTER(?v = ?x) }":     false,
		"?s :p ?o OPTIONAL { ?s :q ?x FILTER(?o = ?x) }":     true,
		"{ ?s :p ?v } UNION { ?s :q ?x }":                    true,
		"{ ?s :p ?v } UNION { ?s :q ?x FILTER(BOUND(?v)) }":  false,
		"?s :p ?o BIND(1 AS ?v)":                             false,
		"?s :p ?o BIND(?v AS ?w)":                            false,
		"?s :p ?o MINUS { ?s :q ?v }":                        false,
		"?s :p ?v MINUS { ?s :q ?v }":                        true,
		"?s :p ?o FILTER NOT EXISTS { ?s :q ?v }":            false,
		"{ SELECT ?s { ?s :p ?o FILTER(?v > 1) } } ?s :q ?v": true,
		"GRAPH ?g { ?s :p ?o FILTER(?v > 1) }":               false,
	} {
		op := translate(t, "SELECT * { "+text+" }").Pattern
		if p, ok := op.(*algebra.Project); ok {
			op = p.Input
		}
		if got := seedable(op, Vars{"v"}); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// TestOrders checks that the order that a scan promises is that of the store.
func TestOrders(t *testing.T) {
	snap, _ := memstore.New(graph.Quad{S: graph.IRI("http://example.org/s").Term(), P: "http://example.org/p", O: graph.IRI("http://example.org/o").Term()}).Snapshot()
	for text, want := range map[string]Vars{
		"?s :p ?o":  {"s", "o"},
		":s :p ?o":  {"o"},
		"?s :p :o":  {"s"},
		"?x ?p ?x":  {"x", "p"},
		"?s ?p :o":  {"s", "p"},
		":s ?p ?o":  {"p", "o"},
		"?s ?p ?o":  {"s", "p", "o"},
		":s :p? ?o": {"o"},
	} {
		p, err := Build(context.Background(), snap, translate(t, "SELECT * { "+text+" }"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Root.Base().Order; text != "?x ?p ?x" && !slices.Equal(Vars(got), want) {
			t.Errorf("%s: in the order of %v, want %v\n%s", text, got, want, Text(p, nil))
		}
	}
}

func TestBitset(t *testing.T) {
	var a, b bitset
	for _, i := range []int{0, 63, 64, 200, maxVars - 1} {
		a.set(i)
	}
	b.set(64)
	if !b.in(a) || a.in(b) || a.and(b) != b || a.or(b) != a || never.in(a) || !a.has(200) || a.has(199) {
		t.Errorf("%v and %v", a, b)
	}
	var got []int
	a.each(func(i int) { got = append(got, i) })
	if !slices.Equal(got, []int{0, 63, 64, 200, maxVars - 1}) {
		t.Errorf("holds %v", got)
	}
}

// TestDeepPatterns holds that the variables of a deep pattern are collected in one set: with a set
// at each level, planning a hundred nested OPTIONALs took seconds, and nobody asked the time.
func TestDeepPatterns(t *testing.T) {
	const depth = 100
	text := "SELECT * { ?a :p ?b0 "
	for i := range depth {
		text += fmt.Sprintf("OPTIONAL { ?b%d ?p%d ?b%d ", i, i, i+1)
	}
	op := translate(t, text+strings.Repeat("} ", depth+1)).Pattern
	if p, ok := op.(*algebra.Project); ok {
		op = p.Input
	}
	for name, f := range map[string]func() Vars{
		"in scope":  func() Vars { return inScope(op, false) },
		"mentioned": func() Vars { return mentioned(nil, op) },
	} {
		if n := len(f()); n != 2*depth+2 {
			t.Errorf("%s: %d variables", name, n)
		}
		if n := testing.AllocsPerRun(1, func() { f() }); n > 40 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// TestParallel says what is read in parts: what begins with a scan below a group or a sort, and
// nothing that may end early, makes terms, or has tables that run again for each row.
func TestParallel(t *testing.T) {
	snap, _ := memstore.New(
		graph.Quad{S: graph.IRI("http://example.org/s").Term(), P: "http://example.org/p", O: graph.IRI("http://example.org/o").Term()},
		graph.Quad{S: graph.IRI("http://example.org/o").Term(), P: "http://example.org/q", O: graph.String("o")},
	).Snapshot()
	for text, want := range map[string]string{
		"SELECT ?o (COUNT(?x) AS ?n) { ?s :p ?o . ?o :q ?x } GROUP BY ?o":                 "Group HashJoin",
		"SELECT ?o (COUNT(?x) AS ?n) { ?s :p ?o BIND(STR(?o) AS ?x) } GROUP BY ?o":        "Extend Scan",
		"SELECT * { ?s :p ?o FILTER(RAND() < 2) } ORDER BY ?o":                            "Filter Scan",
		"SELECT * { ?s :p ?o FILTER(STR(?o) < \"x\") } ORDER BY ?o LIMIT 5":               "Top Filter",
		"SELECT * { ?s :p ?o } LIMIT 5":                                                   "",
		"SELECT DISTINCT ?o { ?s :p ?o }":                                                 "",
		"SELECT (COUNT(?x) AS ?n) { :s :p+ ?x }":                                          "",
		"SELECT ?s { ?s :p ?o FILTER EXISTS { { SELECT ?o { ?o :q ?z } ORDER BY ?z } } }": "",
		"SELECT ?o { ?s :p ?o OPTIONAL { ?o :q ?x FILTER(STRLEN(?x) > 2) } } ORDER BY ?x": "",
	} {
		p, err := Build(context.Background(), snap, translate(t, text), Options{ParallelRows: 1})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		above := ""
		for line := range strings.Lines(Text(p, nil)) {
			word := strings.Trim(strings.Fields(line)[0], ",")
			switch {
			case word == "Parallel":
				got = above
			case above == "Parallel":
				got += " " + word
			}
			above = word
		}
		if got != want {
			t.Errorf("%s: in parts %q, want %q\n%s", text, got, want, Text(p, nil))
		}
	}
}
