package random

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/sparql/syntax"
)

// Among a thousand queries all that the language has must be found.
func TestQueries(t *testing.T) {
	words := []string{
		"SELECT ", "ASK ", "CONSTRUCT ", "DISTINCT ", "REDUCED ", "FROM :", "FROM NAMED ", "OPTIONAL ", "UNION ", "MINUS ", "GRAPH ?", "GRAPH :",
		"FILTER(", "BIND(", "VALUES ?", "VALUES (", "UNDEF", "EXISTS ", "NOT EXISTS ", "{ SELECT ", "GROUP BY", "HAVING(", "ORDER BY", "DESC(",
		"LIMIT ", "OFFSET ", "COUNT(*)", "COUNT(DISTINCT ", "SUM(", "AVG(", "MIN(", "MAX(", "SAMPLE(", "GROUP_CONCAT(", "BNODE(", "<<( ",
		")*", ")+", ")?", "^(", "!(", "|", "/", "[]", "_:b1", "IN (", "NOT IN (", "COALESCE(", "IF(", "REGEX(", "LANGMATCHES(", "sameTerm(", "SERVICE ",
	}
	found := map[string]bool{}
	for n := range uint64(1000) {
		text := Query(rand.New(rand.NewPCG(1, n)))
		if again := Query(rand.New(rand.NewPCG(1, n))); again != text {
			t.Fatalf("one seed gives %s and %s", text, again)
		}
		for _, w := range words {
			found[w] = found[w] || strings.Contains(text, w)
		}
	}
	for _, w := range words {
		if !found[w] {
			t.Errorf("no query has %q", w)
		}
	}
}

func TestShrink(t *testing.T) {
	text := Prefixes + `SELECT DISTINCT ?s (STR(?v) AS ?m) { ?s :p ?v ; :q/:r* ?w OPTIONAL { ?v :p 1 , 2 FILTER(?v > 1 && BOUND(?s)) }
		{ SELECT * { ?s :q ?t } ORDER BY ?t LIMIT 5 } VALUES (?v ?w) { (1 2) (3 UNDEF) } } ORDER BY ?s LIMIT 3`
	small := Shrink(text, func(text string) bool { return strings.Contains(text, "BOUND") })
	q, err := syntax.Parse(small)
	if err != nil {
		t.Fatal(err)
	}
	want, err := syntax.Parse("SELECT * { FILTER(BOUND(?s)) }")
	if err != nil {
		t.Fatal(err)
	}
	if q.Prefixes, q.Base = want.Prefixes, want.Base; !q.Equal(want) {
		t.Errorf("left is %s", small)
	}
}

func TestShrinkData(t *testing.T) {
	quads, named := Data(rand.New(rand.NewPCG(1, 1)), 80)
	if len(named) != 3 || len(quads) < 60 {
		t.Fatalf("%d quads in %d graphs", len(quads), len(named))
	}
	need := []graph.Quad{quads[3], quads[17], quads[41]}
	left := ShrinkData(quads, func(quads []graph.Quad) bool {
		for _, q := range need {
			if !slices.Contains(quads, q) {
				return false
			}
		}
		return true
	})
	if !slices.Equal(left, need) {
		t.Errorf("left are %v", left)
	}
}
