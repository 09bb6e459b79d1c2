package sparql_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/sparql"
)

// Texts that a query makes of each row and only writes take memory for one batch, however many there
// are, and are the right ones beside those of the store and of other columns.
func TestPassingTerms(t *testing.T) {
	const n = 30_000
	var quads []graph.Quad
	for i := range n {
		quads = append(quads, graph.Quad{S: graph.IRI(fmt.Sprintf("http://example.org/%05d", i)).Term(), P: "http://example.org/title",
			O: graph.Text(fmt.Sprintf("Tập %d", i), "vi")})
	}
	quads = append(quads, graph.Quad{S: graph.IRI("http://example.org/00007").Term(), P: "http://example.org/shout", O: graph.Text("TẬP 7", "vi")})
	s := memstore.New(quads...)
	e := sparql.New(sparql.Options{Limits: sparql.Limits{Memory: 2 << 20}})
	read := func(e *sparql.Engine, text string, row func(i int, row []graph.Term)) error {
		snap, err := s.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		defer snap.Close()
		q, err := e.Prepare(sparql.Request{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := q.Select(context.Background(), snap)
		if err != nil {
			return err
		}
		defer rows.Close()
		k := 0
		for ; rows.Next(); k++ {
			row(k, rows.Row())
		}
		if rows.Err() == nil && k != n {
			t.Errorf("%d rows, want %d", k, n)
		}
		return rows.Err()
	}
	long := strings.Repeat("x", 200)
	text := `PREFIX : <http://example.org/> SELECT ?t (UCASE(?t) AS ?u) (CONCAT(STR(?s), "` + long + `") AS ?c) (STRLEN(?c) AS ?l) { ?s :title ?t }`
	check := func(i int, row []graph.Term) {
		want := []graph.Term{
			graph.Text(fmt.Sprintf("Tập %d", i), "vi"), graph.Text(fmt.Sprintf("TẬP %d", i), "vi"),
			graph.String(fmt.Sprintf("http://example.org/%05d%s", i, long)),
			graph.Literal(fmt.Sprint(len("http://example.org/00000")+len(long)), "http://www.w3.org/2001/XMLSchema#integer"),
		}
		for c := range want {
			if row[c] != want[c] {
				t.Fatalf("row %d, column %d is %v, want %v", i, c, row[c], want[c])
			}
		}
	}
	if err := read(e, text, check); err != nil {
		t.Error(err)
	}
	if err := read(e.Batches(3), text, check); err != nil {
		t.Error(err)
	}
	var limit *graph.LimitError
	if err := read(e.Without("passing-terms"), text, func(int, []graph.Term) {}); !errors.As(err, &limit) || limit.Limit != "memory" {
		t.Errorf("without the rule they fit as well: %v", err)
	}
}

// What is joined after it was made is not passing: it meets the term of the store.
func TestMadeTermsAreJoined(t *testing.T) {
	s := memstore.New(
		graph.Quad{S: graph.IRI("http://example.org/a").Term(), P: "http://example.org/title", O: graph.String("kiều")},
		graph.Quad{S: graph.IRI("http://example.org/a").Term(), P: "http://example.org/shout", O: graph.String("KIỀU")},
	)
	for text, want := range map[string]int{
		`SELECT ?u ?s { { SELECT (UCASE(?t) AS ?u) { ?a :title ?t } } ?s :shout ?u }`:                                     1,
		`SELECT ?u ?s { ?a :title ?t BIND(UCASE(?t) AS ?u) BIND(?u AS ?v) OPTIONAL { ?s :shout ?v } FILTER(BOUND(?s)) }`:  1,
		`SELECT DISTINCT ?u { { ?a :title ?t BIND(UCASE(?t) AS ?u) } UNION { ?a :shout ?u } }`:                            1,
		`SELECT ?u { ?a :title ?t BIND(UCASE(?t) AS ?u) MINUS { ?b :shout ?u } }`:                                         0,
		`SELECT ?u { ?a :title ?t BIND(UCASE(?t) AS ?u) FILTER(?u = "KIỀU") }`:                                            1,
		`SELECT ?u (COUNT(*) AS ?n) { { ?a :title ?t } UNION { ?a :shout ?t } BIND(UCASE(?t) AS ?u) } GROUP BY ?u`:        1,
		`SELECT ?u ?m { { SELECT (MAX(?v) AS ?m) { ?a :title ?t BIND(UCASE(?t) AS ?v) } } ?a :shout ?u FILTER(?u = ?m) }`: 1,
		`SELECT ?u { { SELECT (GROUP_CONCAT(?v) AS ?u) { ?a :title ?t BIND(UCASE(?t) AS ?v) } } ?a :shout ?u }`:           1,
	} {
		a, err := askWithin(sparql.New(sparql.Options{}), s, "PREFIX : <http://example.org/> "+text, sparql.Limits{})
		if err != nil || len(a.rows) != want {
			t.Errorf("%s gives %v (%v), want %d rows", text, a.rows, err, want)
		}
	}
}
