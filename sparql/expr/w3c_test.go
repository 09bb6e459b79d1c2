package expr

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"testing"

	"mocban/graph"
)

// suite is where the W3C's tests of SPARQL stand.
const suite = "../../../shared/suites/rdf-tests/sparql"

// solutions reads a results document of the suite: what holds for the terms in it can be
// asked without the query.
func solutions(t *testing.T, file string) []map[string]graph.Term {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(suite, file))
	if err != nil {
		t.Skip("../shared is not here: ", err)
	}
	var doc struct {
		Results []struct {
			Bindings []struct {
				Name    string  `xml:"name,attr"`
				URI     *string `xml:"uri"`
				Blank   *string `xml:"bnode"`
				Literal *struct {
					Text     string `xml:",chardata"`
					Datatype string `xml:"datatype,attr"`
					Lang     string `xml:"lang,attr"`
				} `xml:"literal"`
			} `xml:"binding"`
		} `xml:"results>result"`
	}
	if err := xml.Unmarshal(text, &doc); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	rows := make([]map[string]graph.Term, len(doc.Results))
	for i, r := range doc.Results {
		rows[i] = map[string]graph.Term{}
		for _, b := range r.Bindings {
			switch {
			case b.URI != nil:
				rows[i][b.Name] = graph.IRI(*b.URI).Term()
			case b.Blank != nil:
				rows[i][b.Name] = graph.Blank(*b.Blank)
			case b.Literal.Lang != "":
				rows[i][b.Name] = graph.Text(b.Literal.Text, b.Literal.Lang)
			default:
				rows[i][b.Name] = graph.Literal(b.Literal.Text, graph.IRI(b.Literal.Datatype))
			}
		}
	}
	if len(rows) == 0 {
		t.Fatalf("%s holds no results", file)
	}
	return rows
}

// expect compares what was computed with what a document says: the same datatype, language
// and value, since the documents write numbers in more than one way.
func expect(t *testing.T, file string, got Value, want graph.Term, isBound bool) {
	t.Helper()
	w := FromTerm(want)
	if !isBound {
		if !got.IsError() {
			t.Errorf("%s: %v where nothing is bound", file, got)
		}
		return
	}
	if got.Kind() != w.Kind() || got.Datatype() != w.Datatype() || got.Lang() != w.Lang() || Order(got, w) != 0 {
		t.Errorf("%s: %v, want %v", file, got, w)
	}
}

func TestW3CFunctions(t *testing.T) {
	type column struct {
		variable, name string
		more           []Value // arguments behind the first
	}
	one := Integer(1)
	for _, c := range []struct {
		file, argument string
		columns        []column
	}{
		{"sparql11/cast/cast-bool.srx", "v", []column{{"boolean", "xsd:boolean", nil}}},
		{"sparql11/cast/cast-decimal.srx", "v", []column{{"decimal", "xsd:decimal", nil}}},
		{"sparql11/cast/cast-double.srx", "v", []column{{"double", "xsd:double", nil}}},
		{"sparql11/cast/cast-float.srx", "v", []column{{"float", "xsd:float", nil}}},
		{"sparql11/cast/cast-int.srx", "v", []column{{"integer", "xsd:integer", nil}}},
		{"sparql11/cast/cast-string.srx", "v", []column{{"string", "xsd:string", nil}}},
		{"sparql11/functions/ceil01.srx", "num", []column{{"ceil", "CEIL", nil}}},
		{"sparql11/functions/floor01.srx", "num", []column{{"floor", "FLOOR", nil}}},
		{"sparql11/functions/round01.srx", "num", []column{{"round", "ROUND", nil}}},
		{"sparql11/functions/encode01.srx", "str", []column{{"encoded", "ENCODE_FOR_URI", nil}}},
		{"sparql11/functions/encode01-non-bmp.srx", "str", []column{{"encoded", "ENCODE_FOR_URI", nil}}},
		{"sparql11/functions/length01.srx", "str", []column{{"len", "STRLEN", nil}}},
		{"sparql11/functions/length01-non-bmp.srx", "str", []column{{"len", "STRLEN", nil}}},
		{"sparql11/functions/substring01.srx", "str", []column{{"substr", "SUBSTR", []Value{one, one}}}},
		{"sparql11/functions/substring01-non-bmp.srx", "str", []column{{"substr", "SUBSTR", []Value{one, one}}}},
		{"sparql11/functions/substring02.srx", "str", []column{{"substr", "SUBSTR", []Value{Integer(2)}}}},
		{"sparql11/functions/strafter02.srx", "str", []column{
			{"ab", "STRAFTER", []Value{String("b")}}, {"aab", "STRAFTER", []Value{String("ab")}}, {"abcy", "STRAFTER", []Value{Text("b", "cy")}}, {"a", "STRAFTER", []Value{String("")}}, {"aen", "STRAFTER", []Value{Text("", "en")}}, {"axyzx", "STRAFTER", []Value{String("xyz")}},
		}},
		{"sparql11/functions/strbefore02.srx", "str", []column{
			{"bb", "STRBEFORE", []Value{String("b")}}, {"bbc", "STRBEFORE", []Value{String("bc")}}, {"bbcy", "STRBEFORE", []Value{Text("b", "cy")}}, {"b", "STRBEFORE", []Value{String("")}}, {"ben", "STRBEFORE", []Value{Text("", "en")}}, {"bxyzx", "STRBEFORE", []Value{String("xyz")}},
		}},
	} {
		for _, row := range solutions(t, c.file) {
			for _, col := range c.columns {
				args := append([]Value{FromTerm(row[c.argument])}, col.more...)
				want, isBound := row[col.variable]
				expect(t, c.file+": "+args[0].String(), call(t, environment(), col.name, args...), want, isBound)
			}
		}
	}
}

func TestW3CArithmetic(t *testing.T) {
	for name, op := range map[string]func(a, b Value) Value{"add": Add, "subtract": Sub, "multiply": Mul, "divide": Div} {
		file := "sparql10/expr-ops/result-" + name + "-numbers-cast.srx"
		for _, row := range solutions(t, file) {
			want, isBound := row["result"]
			expect(t, file, op(FromTerm(row["left"]), FromTerm(row["right"])), want, isBound)
		}
	}
	for name, op := range map[string]func(Value) Value{"unplus": Plus, "unminus": Neg} {
		file := "sparql10/expr-ops/result-" + name + "-2.srx"
		for _, row := range solutions(t, file) {
			want, isBound := row["result"]
			expect(t, file, op(FromTerm(row["v"])), want, isBound)
		}
	}
}

// The pairs for which = or != holds are those that the document lists, and no others.
func TestW3COpenWorld(t *testing.T) {
	for _, c := range []struct {
		file string
		ops  []Operator
	}{
		{"open-eq-07", []Operator{OpEqual}}, {"open-eq-08", []Operator{OpNotEqual}}, {"open-eq-10", []Operator{OpNotEqual}}, {"open-eq-11", []Operator{OpNotEqual, OpEqual}},
	} {
		listed := map[[2]graph.Term]bool{}
		left, right := map[graph.Term]bool{}, map[graph.Term]bool{}
		for _, row := range solutions(t, "sparql10/open-world/"+c.file+"-result.srx") {
			a, b := row["v1"], row["v2"]
			listed[[2]graph.Term{a, b}], left[a], right[b] = true, true, true
		}
		for a := range left {
			for b := range right {
				holds := False
				for _, op := range c.ops {
					holds = holds.Or(op.Apply(FromTerm(a), FromTerm(b)))
				}
				if want := listed[[2]graph.Term{a, b}]; (holds == True) != want {
					t.Errorf("%s: %v and %v: %v, listed %v", c.file, a, b, holds.Value(), want)
				}
			}
		}
	}
}
