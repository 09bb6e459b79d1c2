package back_test

import (
	"strings"
	"testing"

	"mocban/ingest/mapping"
	"mocban/ingest/mapping/back"
	"mocban/ingest/marc"
	"mocban/ontology"
)

// comeBackOtherwise are the examples that do not come back as they were, and why.
var comeBackOtherwise = map[string]string{
	"082 04 $a001 DY-V":         "the item number gets its own subfield",
	"336 ## $atext$2rdacontent": "the word is that of the language of the description",
	"651 #7 $aHà Nội$2mocban":   "places are of no scheme",
}

// TestRowsComeBack maps the example of each row and makes a record of the triples: the
// subfields of the example must be in it.
func TestRowsComeBack(t *testing.T) {
	m, err := mapping.New(mapping.Options{Base: "https://data.example.vn/", Source: "VN-TEST"})
	if err != nil {
		t.Fatal(err)
	}
	maker, err := back.New()
	if err != nil {
		t.Fatal(err)
	}
	tables, err := ontology.MARC("bib")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, table := range tables {
		for i := range table.Rows {
			row := &table.Rows[i]
			example := row.Cell("example")
			tag, _, _ := strings.Cut(example, " ")
			if example == "" || strings.HasPrefix(tag, "00") || tag == "LDR" {
				continue
			}
			text := "=LDR  00000nam a2200000 i 4500\n=001  1\n=003  VN-TEST\n"
			if tag != "040" {
				text += "=040  ##$aVN-TEST$bvie\n"
			}
			if tag != "245" {
				text += "=245  10$aNhan đề\n"
			}
			text += "=" + strings.Replace(example, " ", "  ", 1) + "\n"
			reader, err := marc.NewReader(strings.NewReader(strings.Replace(text, "  "+example[4:6]+" $", "  "+example[4:6]+"$", 1)), marc.ReadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			r, err := reader.Next()
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			quads, _, err := m.Append(nil, r)
			if err != nil {
				t.Fatal(err)
			}
			made, err := maker.Make(quads)
			if err != nil {
				t.Fatal(err)
			}
			ran++
			s := newScore()
			s.compare(r, made.Record)
			if why := comeBackOtherwise[example]; why != "" {
				if s.subfields.same == s.subfields.all {
					t.Errorf("%s comes back, but is said not to: %s", example, why)
				}
				continue
			}
			if s.subfields.same < s.subfields.all {
				t.Errorf("%s:%d: %s came back as\n%s", row.File(), row.Line, example, strings.Join(lines(t, made.Record), "\n"))
			}
		}
	}
	if ran < 90 {
		t.Errorf("only %d examples were run", ran)
	}
}
