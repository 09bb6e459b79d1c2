package lc

import (
	"fmt"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/ontology"
	"mocban/vocab/rdf"
)

// kept is a sink that keeps what it is given.
type kept struct {
	triples []graph.Triple
	blanks  int
}

func (k *kept) Add(s graph.Term, p graph.IRI, o graph.Term) {
	k.triples = append(k.triples, graph.Triple{S: s, P: p, O: o})
}

func (k *kept) Blank() graph.Term {
	k.blanks++
	return graph.Blank(fmt.Sprint("b", k.blanks))
}

func newConverter(t testing.TB) *Converter {
	t.Helper()
	c, err := New(Options{Base: "https://data.example.vn/"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestRowExamples runs the example of each row: a record with that field alone must give
// what the row expects.
func TestRowExamples(t *testing.T) {
	c := newConverter(t)
	tables, err := ontology.LCRows()
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, table := range tables {
		for i := range table.Rows {
			row := &table.Rows[i]
			if row.Cell("expected") == "" {
				continue
			}
			ran++
			if err := runExample(c, row); err != nil {
				t.Error(row.Error("expected", err))
			}
		}
	}
	if ran < 235 {
		t.Errorf("only %d rows have an example", ran)
	}
}

func runExample(c *Converter, row *ontology.Row) error {
	r, err := exampleRecord(row.Cell("example"))
	if err != nil {
		return err
	}
	k := &kept{}
	iri := c.Record(r)
	if err := c.NewRun().Convert(k, r, iri); err != nil {
		return err
	}
	for _, want := range strings.Split(row.Cell("expected"), " ; ") {
		if len(want) < 2 || want[1] != ' ' {
			return fmt.Errorf("%q does not begin with W or I", want)
		}
		start := iri + "#Work"
		if want[0] == 'I' {
			start = iri + "#Instance"
		}
		at := 2 + pathEnd(want[2:])
		path, err := ontology.ParsePath(want[2:at])
		if err != nil {
			return err
		}
		term, err := ontology.ParseTerm(want[at+1:])
		if err != nil {
			return err
		}
		if !leads(k.triples, start.Term(), path, term) {
			return fmt.Errorf("%s is not there; there is\n%s", want, dump(k.triples))
		}
	}
	return nil
}

// pathEnd returns where a path ends: at a blank outside brackets.
func pathEnd(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '[':
			depth++
		case ']':
			depth--
		case ' ':
			if depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

// exampleRecord returns a record with one field, and with what every record has.
func exampleRecord(line string) (*marc.Record, error) {
	r := &marc.Record{Leader: "00000nam a2200000 i 4500"}
	for _, l := range []string{"001 1", "008 260101s2020    vm            000 | vie d", line} {
		f := marc.Field{Tag: l[:3]}
		if strings.HasPrefix(l, "00") {
			f.Data = l[4:]
			r.Fields = append(r.Fields, f)
			continue
		}
		if len(l) < 8 || l[7] != '$' {
			return nil, fmt.Errorf("%q is no field: tag, indicators, $ and subfields", l)
		}
		f.Ind1, f.Ind2 = blank(l[4]), blank(l[5])
		for _, s := range strings.Split(l[7:], "$")[1:] {
			f.Subfields = append(f.Subfields, marc.Subfield{Code: s[0], Value: s[1:]})
		}
		r.Fields = append(r.Fields, f)
	}
	return r, nil
}

func blank(c byte) byte {
	if c == '#' {
		return ' '
	}
	return c
}

// leads tells whether a path leads from s to a term.
func leads(triples []graph.Triple, s graph.Term, path ontology.Path, want graph.Term) bool {
	step := path[0]
	for _, t := range triples {
		if t.S != s || t.P != step.Property || step.Node && !fits(triples, t.O, step) {
			continue
		}
		if len(path) == 1 && t.O == want || len(path) > 1 && leads(triples, t.O, path[1:], want) {
			return true
		}
	}
	return false
}

func fits(triples []graph.Triple, n graph.Term, step ontology.Step) bool {
	has := func(p graph.IRI, o graph.Term) bool {
		for _, t := range triples {
			if t.S == n && t.P == p && t.O == o {
				return true
			}
		}
		return false
	}
	for _, c := range step.Classes {
		if !has(rdf.Type, c.Term()) {
			return false
		}
	}
	for _, f := range step.Facts {
		if !has(f.Property, f.Value) {
			return false
		}
	}
	return step.Is == "" || n == step.Is.Term()
}

func dump(triples []graph.Triple) string {
	var b strings.Builder
	for _, t := range triples {
		fmt.Fprintln(&b, t)
	}
	return b.String()
}
