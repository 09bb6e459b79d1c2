package sparql_test

import (
	"testing"

	"mocban/graph/memstore"
	"mocban/sparql"
	"mocban/vocab/xsd"
)

// Where SPARQL 1.2 takes back what 1.1 has, a query is read by the version that it names, or
// else by that of the engine.
func TestVersions(t *testing.T) {
	const ask = `ASK { VALUES ?v { "a"@en } FILTER(?v) }`
	for _, c := range []struct {
		engine, text string
		want         bool
	}{
		{"", ask, true},
		{"", `VERSION "1.1" ` + ask, true},
		{"", `VERSION "1.2" ` + ask, false},
		{"1.2", ask, false},
		{"1.2", `VERSION "1.1" ` + ask, true},
		{"", `VERSION "1.2-basic" ASK { BIND(IF("a"@en, 1, 2) AS ?x) FILTER(!BOUND(?x)) }`, true},
		{"", `VERSION "1.2" ASK { FILTER("1"^^<` + string(xsd.Integer) + `> && !"x"^^<` + string(xsd.Integer) + `>) }`, false},
		{"", `ASK { FILTER("1"^^<` + string(xsd.Integer) + `> && !"x"^^<` + string(xsd.Integer) + `>) }`, true},
	} {
		q, err := sparql.New(sparql.Options{Version: c.engine}).Prepare(sparql.Request{Text: c.text})
		if err != nil {
			t.Fatalf("%s: %v", c.text, err)
		}
		snap, err := memstore.New().Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := q.Ask(t.Context(), snap); err != nil || got != c.want {
			t.Errorf("engine of %q: %s is %v, %v", c.engine, c.text, got, err)
		}
		snap.Close()
	}
	const escaped = `PREFIX e: <http://e/> ASK { e:\u0061 ?p ?o }`
	if _, err := sparql.New(sparql.Options{}).Prepare(sparql.Request{Text: escaped}); err != nil {
		t.Error(err)
	}
	for _, r := range []struct{ engine, text string }{{"", `VERSION '1.2' ` + escaped}, {"1.2", escaped}} {
		if _, err := sparql.New(sparql.Options{Version: r.engine}).Prepare(sparql.Request{Text: r.text}); err == nil {
			t.Errorf("engine of %q reads %s", r.engine, r.text)
		}
	}
}

// An update has a version, too.
func TestVersionOfUpdate(t *testing.T) {
	for text, want := range map[string]int{"": 1, `VERSION "1.2" `: 0} {
		s := memstore.New()
		text += `INSERT { <http://e/s> <http://e/p> ?v } WHERE { VALUES ?v { "a"@en } FILTER(?v) }`
		if err := runUpdate(sparql.New(sparql.Options{}), s, text); err != nil {
			t.Fatal(err)
		}
		if got := quadsOf(t, s); len(got) != want {
			t.Errorf("%s inserts %v", text, got)
		}
	}
}
