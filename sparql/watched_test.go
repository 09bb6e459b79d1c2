package sparql_test

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/sparql"
	"mocban/vocab/xsd"
)

// Who watches a query sees how many rows it has gone through, although it gives none before the
// end: when the first one comes, all that it stands for have been counted.
func TestWatched(t *testing.T) {
	const things = 5000
	var quads []graph.Quad
	for i := range things {
		s := graph.IRI(fmt.Sprintf("http://example.org/%d", i)).Term()
		quads = append(quads,
			graph.Quad{S: s, P: "http://example.org/pages", O: graph.Literal(strconv.Itoa(i%700), xsd.Integer)},
			graph.Quad{S: s, P: "http://example.org/next", O: graph.IRI(fmt.Sprintf("http://example.org/%d", i+1)).Term()})
	}
	store := memstore.New(quads...)
	snap, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	engines := map[string]*sparql.Engine{"alone": sparql.New(sparql.Options{}), "in parts": sparql.New(sparql.Options{}).Parts(3)}
	for name, e := range engines {
		for text, least := range map[string]int64{
			"SELECT ?n (COUNT(?s) AS ?c) { ?s :pages ?n FILTER(?n > 1) } GROUP BY ?n":                           things * 9 / 10,
			"SELECT (SUM(?n) AS ?all) { ?s :pages ?n }":                                                         things,
			"SELECT DISTINCT ?n { ?s :pages ?n } ORDER BY DESC(STR(?n))":                                        things,
			"SELECT ?s { ?s :pages ?n } ORDER BY STR(?n) LIMIT 1":                                               things,
			"SELECT (COUNT(*) AS ?c) { ?s :pages ?n . ?s :next ?o . ?o :pages ?m FILTER(?n + ?m > 3) }":         things,
			"SELECT (COUNT(*) AS ?c) { ?s :pages ?n . ?o :next ?p FILTER(?n < 3 && ?n + STRLEN(STR(?p)) > 3) }": 20 * things,
			"SELECT (COUNT(?o) AS ?c) { <http://example.org/0> :next+ ?o }":                                     things - 1,
		} {
			q, err := e.Prepare(sparql.Request{Text: "PREFIX : <http://example.org/> " + text})
			if err != nil {
				t.Fatal(err)
			}
			var examined atomic.Int64
			rows, err := q.Watched(&examined).Select(context.Background(), snap)
			if err != nil {
				t.Fatal(err)
			}
			if !rows.Next() {
				t.Fatalf("%s: no row, %v", text, rows.Err())
			}
			if n := examined.Load(); n < least {
				t.Errorf("%s, %s: a row came of %d examined, want at least %d", name, text, n, least)
			}
			rows.Close()
		}
	}
}

// An update is watched while it looks for what to change.
func TestWatchedUpdate(t *testing.T) {
	const things = 3000
	var quads []graph.Quad
	for i := range things {
		quads = append(quads, graph.Quad{S: graph.IRI(fmt.Sprintf("http://example.org/%d", i)).Term(), P: "http://example.org/pages", O: graph.Literal(strconv.Itoa(i), xsd.Integer)})
	}
	store := memstore.New(quads...)
	u, err := sparql.New(sparql.Options{}).PrepareUpdate(sparql.UpdateRequest{
		Text: "PREFIX : <http://example.org/> DELETE { ?s :pages ?n } WHERE { ?s :pages ?n FILTER(STR(?n) = '7') }"})
	if err != nil {
		t.Fatal(err)
	}
	var examined atomic.Int64
	if _, err := u.Watched(&examined).Run(context.Background(), store); err != nil {
		t.Fatal(err)
	}
	if n := examined.Load(); n < things {
		t.Errorf("%d rows are told of, want at least %d", n, things)
	}
}
