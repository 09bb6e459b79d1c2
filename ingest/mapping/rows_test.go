package mapping

import (
	"fmt"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ontology"
)

const testBase = "https://data.example.vn/"

func newMapper(t testing.TB) *Mapper {
	t.Helper()
	m, err := New(Options{Base: testBase, Source: "VN-TEST"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestRowExamples runs the example of each row: a record with that field alone must give
// what the row expects.
func TestRowExamples(t *testing.T) {
	m := newMapper(t)
	three, err := New(Options{Base: testBase, Source: "VN-TEST", BIBFRAME: BIBFRAME3})
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, kind := range []string{"bib", "auth", "hold", "unimarc", "unimarc-auth"} {
		tables, err := ontology.MARC(kind)
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range tables {
			for i := range table.Rows {
				row := &table.Rows[i]
				m := m
				if row.Cell("profile") == "bf-3" {
					m = three
				}
				if row.Cell("expected") == "" {
					continue
				}
				ran++
				if err := m.tryExample(kind, row); err != nil {
					t.Error(err)
				}
			}
		}
	}
	if ran < 100 {
		t.Errorf("only %d rows have an example", ran)
	}
}

func dump(quads []graph.Quad) string {
	var b strings.Builder
	for _, q := range quads {
		fmt.Fprintln(&b, q.Triple())
	}
	return b.String()
}
