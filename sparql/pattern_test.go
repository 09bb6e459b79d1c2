package sparql_test

import (
	"errors"
	"testing"

	"mocban/sparql"
)

// A regular expression that stands in a query is read before it runs; one that is computed
// is an error of its expression.
func TestPatternsAreReadBefore(t *testing.T) {
	for text, bad := range map[string]bool{
		`SELECT * { ?a ?b ?c FILTER(REGEX(?c, "a{5,3}")) }`:                   true,
		`SELECT * { ?a ?b ?c OPTIONAL { ?c ?d ?e FILTER(!REGEX(?c, "(")) } }`: true,
		`SELECT (REPLACE("a", "[", "b") AS ?x) {}`:                            true,
		`SELECT (REGEX("a", "a", "Z") AS ?x) {}`:                              true,
		`ASK { FILTER EXISTS { ?a ?b ?c FILTER(1 = 1 && REGEX(?c, "*")) } }`:  true,
		`SELECT (COUNT(*) AS ?n) {} HAVING (REGEX("a", ")"))`:                 true,
		`SELECT (REGEX("a", ?p) AS ?x) { VALUES ?p { "(" } }`:                 false,
		`SELECT (REGEX("a", "a", ?f) AS ?x) { VALUES ?f { "Z" } }`:            false,
		`SELECT (REGEX("a", "a{3,5}|\\p{Lu}", "i") AS ?x) {}`:                 false,
		`SELECT (REGEX("a", "("@en) AS ?x) {}`:                                false,
		`SELECT (REPLACE("a", "b", "(") AS ?x) {}`:                            false,
	} {
		_, err := sparql.New(sparql.Options{}).Prepare(sparql.Request{Text: text})
		var pattern *sparql.PatternError
		if errors.As(err, &pattern) != bad || !bad && err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
