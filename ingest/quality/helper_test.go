package quality_test

import (
	"context"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/ingest/marc"
	"mocban/ontology/shacl"
)

func compileShapes(t *testing.T, text string) *shacl.Shapes {
	t.Helper()
	var all []graph.Quad
	err := rdfio.Scan(context.Background(), rdfio.Turtle, strings.NewReader(text), rdfio.ReadOptions{}, func(quads []graph.Quad) error {
		all = append(all, quads...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	shapes, err := shacl.Compile(all)
	if err != nil {
		t.Fatal(err)
	}
	return shapes
}

func record(t *testing.T, text string) *marc.Record {
	t.Helper()
	in, err := marc.NewReader(strings.NewReader(text), marc.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := in.Next()
	if err != nil {
		t.Fatal(err)
	}
	return r
}
