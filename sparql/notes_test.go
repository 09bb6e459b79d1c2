package sparql_test

import (
	"slices"
	"testing"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/sparql"
)

// What is no error and yet gives nothing is told to who wrote the query.
func TestNotes(t *testing.T) {
	g := graph.IRI("urn:g").Term()
	s := memstore.New(graph.Quad{S: graph.IRI("urn:a").Term(), P: "urn:p", O: graph.String("1"), G: g})
	snap, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	e := sparql.New(sparql.Options{})
	xsd := "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
	for _, c := range []struct {
		text   string
		graphs []graph.IRI
		want   []sparql.Note
	}{
		{"SELECT * { ?s ?p ?o }", nil, nil},
		{xsd + "SELECT (xsd:integer(?o) AS ?n) FROM <urn:g> FROM NAMED <urn:g> { ?s ?p ?o }", nil, nil},
		{"SELECT (<urn:f>(?o) AS ?n) { ?s ?p ?o FILTER(<urn:f>(?s) || <urn:h>(1)) }", nil, []sparql.Note{{Function: "urn:f"}, {Function: "urn:h"}}},
		{"SELECT (<urn:f>(?o) AS ?n) { ?s ?p ?o FILTER(<urn:f>(?s) || <urn:h>(1)) }", nil, []sparql.Note{{Function: "urn:f"}, {Function: "urn:h"}}}, // a second time
		{"SELECT * { ?s ?p ?o FILTER EXISTS { ?s ?p ?x FILTER(<urn:f>(?x)) } }", nil, []sparql.Note{{Function: "urn:f"}}},
		{"SELECT ?o (SUM(<urn:f>(?o)) AS ?n) { ?s ?p ?o } GROUP BY ?o", nil, []sparql.Note{{Function: "urn:f"}}},
		{"SELECT * FROM <urn:g> FROM <urn:nowhere> FROM NAMED <urn:nowhere> { ?s ?p ?o }", nil, []sparql.Note{{Graph: "urn:nowhere"}}},
		{"SELECT * FROM <urn:nowhere> { ?s ?p ?o }", []graph.IRI{"urn:g"}, nil},
		{"SELECT * { ?s ?p ?o }", []graph.IRI{"urn:nowhere"}, []sparql.Note{{Graph: "urn:nowhere"}}},
	} {
		q, err := e.Prepare(sparql.Request{Text: c.text, DefaultGraphs: c.graphs})
		if err != nil {
			t.Fatal(err)
		}
		got, err := q.Notes(t.Context(), snap)
		if err != nil || !slices.Equal(sorted(got), sorted(c.want)) {
			t.Errorf("%s: %v, %v", c.text, got, err)
		}
	}
}

func sorted(notes []sparql.Note) (texts []string) {
	for _, n := range notes {
		texts = append(texts, n.In("en"))
	}
	slices.Sort(texts)
	return texts
}
