package ontology_test

import (
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ontology"
)

func TestReadTable(t *testing.T) {
	text := "\ufeff# a comment\r\n\r\ncode\ten\tvi\r\na\t\"said \"\"so\"\"\"\t có \r\nb\tx\r\n"
	table, err := ontology.ReadTable("t.tsv", text, "vi", "code", "en")
	if err != nil {
		t.Fatal(err)
	}
	if len(table.Rows) != 2 {
		t.Fatalf("%d rows", len(table.Rows))
	}
	a, b := &table.Rows[0], &table.Rows[1]
	if a.Cell("en") != `said "so"` || a.Cell("vi") != "có" || a.Line != 4 {
		t.Errorf("row a is %q, %q, line %d", a.Cell("en"), a.Cell("vi"), a.Line)
	}
	if b.Cell("vi") != "" || b.Cell("none") != "" {
		t.Errorf("absent cells are %q, %q", b.Cell("vi"), b.Cell("none"))
	}
}

// Mistakes are told with file, row and column.
func TestTableErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                  "t.tsv, row 1: there is no row that names the columns",
		"a\n":               "t.tsv, row 1, column b: the column is missing; found: a",
		"a\tb\tc\n":         "t.tsv, row 1, column c: there is no such column; there are: a, b",
		"a\tb\ta\n":         "t.tsv, row 1, column a: the column stands twice",
		"#x\na\tb\n1\t2\t3": "t.tsv, row 3: 3 cells, but the table has 2 columns",
	} {
		_, err := ontology.ReadTable("t.tsv", text, "a", "b")
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v, not %s", text, err, want)
		}
	}
}

func TestParsePath(t *testing.T) {
	p, err := ontology.ParsePath(`bf:title[bf:Title lc:a/b; bf:status=lc:mstatus/cancinv; bf:note="a/b; c"@en; !bf:role]/+bf:mainTitle`)
	if err == nil {
		t.Fatalf("a semicolon in text should end the item: %v", p)
	}
	p, err = ontology.ParsePath(`bf:title[bf:Title lc:a/b; bf:status=lc:mstatus/cancinv; bf:edition="full/x"@en; !bf:role]/+bf:mainTitle`)
	if err != nil {
		t.Fatal(err)
	}
	s := p[0]
	if len(p) != 2 || !s.Node || s.New || len(s.Classes) != 2 || len(s.Facts) != 2 || len(s.Lacks) != 1 || !p[1].New || p[1].Node {
		t.Errorf("%+v", p)
	}
	if s.Classes[1] != "http://id.loc.gov/vocabulary/a/b" || s.Facts[1].Value != graph.Text("full/x", "en") {
		t.Errorf("%+v", s)
	}
	for text, want := range map[string]string{
		"":              "a path is missing",
		"bf:title/":     "ends in a slash",
		"title":         "is no prefixed name",
		"zz:title":      `the prefix "zz" is not known`,
		"bf:title[bf:T": "the bracket is not closed",
	} {
		if _, err := ontology.ParsePath(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, not %s", text, err, want)
		}
	}
}

func TestParseTerm(t *testing.T) {
	for text, want := range map[string]graph.Term{
		"bf:Work":           graph.IRI("http://id.loc.gov/ontologies/bibframe/Work").Term(),
		"<urn:x>":           graph.IRI("urn:x").Term(),
		`"a"`:               graph.String("a"),
		`"a \"b\""@vi-Hani`: graph.Text(`a \"b\"`, "vi-Hani"),
		`"1"^^xsd:integer`:  graph.Literal("1", "http://www.w3.org/2001/XMLSchema#integer"),
	} {
		if got, err := ontology.ParseTerm(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{`"a`, `"a"x`, "plain"} {
		if got, err := ontology.ParseTerm(text); err == nil {
			t.Errorf("%s: %v", text, got)
		}
	}
}
