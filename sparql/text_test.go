package sparql_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/sparql"
)

// shelf is a search over a few names: a thing is found if a name holds the text.
type shelf struct {
	names map[string]string // by IRI
	asked int
}

func (s *shelf) Search(_ context.Context, q graph.Search) (graph.Found, error) {
	s.asked++
	var hits []graph.Hit
	for iri, name := range s.names {
		if strings.Contains(strings.ToLower(name), strings.ToLower(q.Text)) {
			hits = append(hits, graph.Hit{Thing: graph.IRI(iri).Term(), Score: 1 / float64(len(name)), Name: name})
		}
	}
	slices.SortFunc(hits, func(a, b graph.Hit) int { return strings.Compare(a.Name, b.Name) })
	found := graph.Found{Total: uint64(len(hits))}
	found.Hits = hits[min(q.Offset, len(hits)):min(q.Offset+q.Limit, len(hits))]
	return found, nil
}

func TestTextQuery(t *testing.T) {
	s := load(t, `
<http://e/kieu> <http://e/name> "Kiều"@vi . <http://e/kieu> <http://e/by> <http://e/du> .
<http://e/kieu2> <http://e/name> "Kiều"@en . <http://e/kieu2> <http://e/other> "x" .
<http://e/kieu3> <http://e/other> "Kiều loan"@vi . <http://e/kieu3> <http://e/by> <http://e/can> .
GRAPH <http://e/graph> { <http://e/g> <http://e/in> <http://e/kieu> }
`)
	words := &shelf{names: map[string]string{
		"http://e/kieu": "Kiều", "http://e/kieu2": "Kiều", "http://e/kieu3": "Kiều loan", "http://e/gone": "Kiều đã mất",
	}}
	e := sparql.New(sparql.Options{Search: words})
	for _, c := range []struct {
		pattern string
		want    int
	}{
		{`?s text:query "kiều"`, 3}, // one is not in the store
		{`(?s) text:query ("kiều")`, 3},
		{`(?s ?score ?name) text:query ("kiều" 2)`, 2},
		{`(?s ?score) text:query "kiều" . ?s <http://e/by> ?by`, 2},
		{`?s <http://e/by> ?by . (?s ?score ?name) text:query "kiều" FILTER(?name = "Kiều")`, 1},
		{`?s text:query ("kiều" "lang:vi")`, 2},
		{`?s text:query "kiều"@vi`, 2},
		{`?s text:query ("kiều" "lang:fr")`, 0},
		{`?s text:query (<http://e/name> "kiều")`, 2},
		{`?s text:query (<http://e/name> "kiều" "lang:vi" 10)`, 1},
		{`(<http://e/kieu3> ?score ?name) text:query "kiều"`, 1},
		{`<http://e/du> text:query "kiều"`, 0},
		{`?s text:query "loan" . ?t text:query "kiều"`, 3},
		{`?t <http://e/by> ?by OPTIONAL { ?t text:query "loan" . ?t <http://e/other> ?x }`, 2},
		{`?s <http://e/by> ?by FILTER EXISTS { ?s text:query "loan" }`, 1},
		{`?s <http://e/by> ?by MINUS { ?s text:query "loan" }`, 1},
		{`?s text:query "nothing has this"`, 0},
		{`GRAPH ?g { ?x <http://e/in> ?s . ?s text:query "kiều" }`, 1},
	} {
		a, err := ask(e, s, `PREFIX text: <http://jena.apache.org/text#> SELECT * { `+c.pattern+` }`)
		if err != nil || len(a.rows) != c.want {
			t.Errorf("%s: %d rows, want %d; %v", c.pattern, len(a.rows), c.want, err)
		}
	}
	q, err := e.Prepare(sparql.Request{Text: `SELECT * { ?s <http://jena.apache.org/text#query> "kiều" }`})
	if err != nil || !q.Volatile() {
		t.Errorf("an answer of an index that may lag behind must not be kept: %v", err)
	}
	asked := words.asked
	for range 2 {
		if _, err := ask(e, s, `SELECT * { ?s <http://jena.apache.org/text#query> "kiều" }`); err != nil {
			t.Fatal(err)
		}
	}
	if words.asked != asked+2 {
		t.Errorf("two queries made %d searches", words.asked-asked)
	}
}

func TestTextQueryMistakes(t *testing.T) {
	e := sparql.New(sparql.Options{Search: &shelf{}})
	for _, pattern := range []string{
		`?s text:query ?words`, `?s text:query ()`, `?s text:query 5`, `?s text:query ("a" "b")`, `?s text:query ("a" 0)`,
		`(?s ?s) text:query "a"`, `(?s 1) text:query "a"`, `(?s ?a ?b ?c) text:query "a"`, `?s text:query <http://e/p>`,
	} {
		var wrong *sparql.TextError
		_, err := e.Prepare(sparql.Request{Text: `PREFIX text: <http://jena.apache.org/text#> SELECT * { ` + pattern + ` }`})
		if !errors.As(err, &wrong) || !strings.Contains(fmt.Sprint(err), "it is written") {
			t.Errorf("%s: %v", pattern, err)
		}
	}
	if _, err := ask(sparql.New(sparql.Options{}), load(t, ""), `SELECT * { ?s <http://jena.apache.org/text#query> "a" }`); !errors.Is(err, sparql.ErrNoSearch) {
		t.Errorf("without an index: %v", err)
	}
}
