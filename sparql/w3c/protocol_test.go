package w3c

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"mocban/graph"
	"mocban/publish"
	"mocban/sparql"
)

// protocolTests returns the tests of protocols. Their number is that of the suites.
func protocolTests(t testing.TB) (report Report) {
	count := map[string]int{}
	for _, manifest := range []string{"protocol/manifest.ttl", "graph-store-protocol/manifest.ttl", "http-rdf-update/manifest.ttl", "service-description/manifest.ttl"} {
		for _, test := range load(t, "sparql/sparql11/"+manifest) {
			count[test.suite()]++
			report = append(report, Outcome{Test: &test})
		}
	}
	for suite, n := range map[string]int{
		"SPARQL 1.1 protocol": 34, "SPARQL 1.1 graph store": 13, "SPARQL 1.1 graph store, older tests": 18,
		"SPARQL 1.1 service description": 3,
	} {
		if count[suite] != n {
			t.Errorf("%d tests of %s, want %d", count[suite], suite, n)
		}
	}
	return report
}

// runProtocols runs the tests of protocols over HTTP, with the Badger store behind. The older
// tests of the graph store go on from each other; others start with the data they name.
func runProtocols(t *testing.T, report Report) {
	open := badger(t)
	store, err := open()
	if err != nil {
		t.Fatal(err)
	}
	site, err := publish.New(publish.Config{
		Base: "http://localhost/", Store: store, Engine: sparql.New(sparql.Options{Strict: true}), Write: new(publish.Write),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	defer server.Close()
	s := &Server{Address: server.URL, Base: "http://localhost", Query: "/sparql", Graphs: "/graph-store"}
	reader := &Runner{Suites: suites(t), RDFXML: readRDFXML}
	group := ""
	judge(t, report, func(test *Test, _ int) error {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if test.folder() != "http-rdf-update" || test.Group != group {
			if err := store.Close(); err != nil { // which empties it
				return err
			}
		}
		group = test.Group
		before, err := reader.read(test.Before)
		if err != nil {
			return err
		}
		if _, err := store.Update(ctx, func(txn graph.Txn) error { return before.fill(txn) }); err != nil {
			return err
		}
		if test.Kind == ServiceDescription {
			return s.Description(ctx, test)
		}
		return s.Protocol(ctx, test)
	})
}
