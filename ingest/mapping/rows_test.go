package mapping

import (
	"fmt"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/ontology"
	"mocban/vocab/rdf"
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
	ran := 0
	for _, kind := range []string{"bib", "auth", "unimarc"} {
		tables, err := ontology.MARC(kind)
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range tables {
			for i := range table.Rows {
				row := &table.Rows[i]
				if row.Cell("expected") == "" {
					continue
				}
				ran++
				if err := runExample(m, kind, row); err != nil {
					t.Error(row.Error("expected", err))
				}
			}
		}
	}
	if ran < 100 {
		t.Errorf("only %d rows have an example", ran)
	}
}

func runExample(m *Mapper, kind string, row *ontology.Row) error {
	r, err := exampleRecord(kind, row.Cell("example"))
	if err != nil {
		return err
	}
	return meets(m, r, row.Cell("expected"))
}

// meets tells whether a record gives what a row expects.
func meets(m *Mapper, r *marc.Record, expected string) error {
	quads, _, err := m.Append(nil, r)
	if err != nil {
		return err
	}
	for _, want := range expectations(expected) {
		node, rest, ok := strings.Cut(strings.TrimSpace(want), " ")
		end := pathEnd(rest)
		if !ok || end < 0 {
			return fmt.Errorf("%q is not a node, a path and a term", want)
		}
		path, err := ontology.ParsePath(rest[:end])
		if err != nil {
			return err
		}
		term, err := ontology.ParseTerm(rest[end+1:])
		if err != nil {
			return err
		}
		start := exampleNode(m, r, quads, node)
		if !leads(quads, start, path, term) {
			return fmt.Errorf("%s is not there; there is\n%s", want, dump(quads))
		}
	}
	return nil
}

// expectations takes apart what a row expects: "W path term ; I path term".
func expectations(s string) []string {
	var all []string
	for _, part := range strings.Split(s, " ; ") {
		if len(part) > 2 && strings.IndexByte("WIRA", part[0]) >= 0 && part[1] == ' ' {
			all = append(all, part)
		} else if len(all) > 0 {
			all[len(all)-1] += " ; " + part
		}
	}
	return all
}

// pathEnd returns where the path at the beginning of s ends: at a blank outside brackets.
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
	return -1
}

// exampleRecord returns a record with one field, and with what every record has.
func exampleRecord(kind, line string) (*marc.Record, error) {
	r := &marc.Record{Leader: "00000nam a2200000 i 4500"}
	fixed := "260101s2020    vm            000 | vie d"
	fields := []string{"001 1", "040 ## $aVN-TEST$bvie"}
	if kind == "auth" {
		r.Leader = "00000nz  a2200000n  4500"
		fixed = "260101n| azznnaabn           a aaa     d"
		fields = append(fields, "150 ## $aCó tên")
		if strings.HasPrefix(line, "024") || strings.HasPrefix(line, "046") || strings.HasPrefix(line, "37") || strings.HasPrefix(line, "400") {
			fields[2] = "100 0# $aCó tên"
		}
	}
	if kind == "unimarc" {
		r.Leader = "00000nam0 2200000   450 "
		fields = []string{"001 1", "100 ## $a20260101d2020    m##y0viey50######ba"}
		if !strings.HasPrefix(line, "200") {
			fields = append(fields, "200 1# $aNhan đề")
		}
	} else if !strings.HasPrefix(line, "008") {
		fields = append(fields, "008 "+fixed)
	}
	if kind == "bib" && !strings.HasPrefix(line, "245") {
		fields = append(fields, "245 00 $aNhan đề")
	}
	if line != "" {
		fields = append(fields, line)
	}
	for _, l := range fields {
		if strings.HasPrefix(line, "040") && strings.HasPrefix(l, "040") && l != line {
			continue
		}
		f, err := exampleField(l)
		if err != nil {
			return nil, err
		}
		r.Fields = append(r.Fields, f)
	}
	return r, nil
}

// exampleField reads "245 10 $aTắt đèn". A # is a blank in indicators and control fields.
func exampleField(l string) (marc.Field, error) {
	f := marc.Field{Tag: l[:3]}
	if strings.HasPrefix(l, "00") {
		f.Data = strings.ReplaceAll(l[4:], "#", " ")
		return f, nil
	}
	if len(l) < 8 || l[7] != '$' && !strings.HasPrefix(l[6:], " $") {
		return f, fmt.Errorf("%q is no field: tag, indicators, $ and subfields", l)
	}
	blank := func(c byte) byte {
		if c == '#' {
			return ' '
		}
		return c
	}
	f.Ind1, f.Ind2 = blank(l[4]), blank(l[5])
	for _, s := range strings.Split(l[7:], "$")[1:] {
		f.Subfields = append(f.Subfields, marc.Subfield{Code: s[0], Value: s[1:]})
	}
	return f, nil
}

// exampleNode finds the work, the instance or the thing of an authority record.
func exampleNode(m *Mapper, r *marc.Record, quads []graph.Quad, node string) graph.Term {
	prefix := map[string]string{"W": "id/work/", "I": "id/instance/"}[node]
	if node == "R" {
		return m.Record(r).Term()
	}
	for _, q := range quads {
		if node == "A" && q.P == "http://id.loc.gov/ontologies/bibframe/adminMetadata" {
			return q.S
		}
		if prefix != "" && strings.HasPrefix(q.S.Value(), testBase+prefix) {
			return q.S
		}
	}
	return graph.Term{}
}

// leads tells whether a path leads from s to a term.
func leads(quads []graph.Quad, s graph.Term, path ontology.Path, want graph.Term) bool {
	step := path[0]
	for _, q := range quads {
		if q.S != s || q.P != step.Property || step.Node && !fits(quads, q.O, step) {
			continue
		}
		if len(path) == 1 && q.O == want || len(path) > 1 && leads(quads, q.O, path[1:], want) {
			return true
		}
	}
	return false
}

func fits(quads []graph.Quad, n graph.Term, step ontology.Step) bool {
	has := func(p graph.IRI, o graph.Term) bool {
		for _, q := range quads {
			if q.S == n && q.P == p && q.O == o {
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
	return true
}

func dump(quads []graph.Quad) string {
	var b strings.Builder
	for _, q := range quads {
		fmt.Fprintln(&b, q.Triple())
	}
	return b.String()
}
