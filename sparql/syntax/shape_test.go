package syntax

import (
	"fmt"
	"testing"

	"mocban/graph"
)

func TestShapeOf(t *testing.T) {
	for _, c := range []struct{ text, key, terms string }{
		{`ASK { <http://e/a> ?p "x" }`, `ASK { _< ?p _" }`, `[<http://e/a> "x"]`},
		{`PREFIX e: <http://e/> BASE <http://b/> ASK { e:a ?p <urn:x>, 'y' }`, `PREFIX e: <http://e/> BASE <http://b/> ASK { e:a ?p _<, _' }`, `[<urn:x> "y"]`},
		{`ASK { <a> ?p "x"@vi, "1"^^<http://e/t>, "a\n", """z""", "" }`, `ASK { <a> ?p "x"@vi, "1"^^_<, "a\n", """z""", _" }`, `[<http://e/t> ""]`},
		{"ASK { ?s ?p \"x\" # <http://e/a> 'y'\n, e:it\\'s, 'z' }", "ASK { ?s ?p _\" # <http://e/a> 'y'\n, e:it\\'s, _' }", `["x" "z"]`},
		{`ASK { ?s ?p ?o FILTER(?o <?s && ?o> 1) }`, `ASK { ?s ?p ?o FILTER(?o <?s && ?o> 1) }`, `[]`},
	} {
		s, ok := ShapeOf(c.text)
		key := []byte(s.Key)
		for i, b := range key {
			if b == hole {
				key[i] = '_'
			}
		}
		if terms := fmt.Sprint(s.Terms); !ok || string(key) != c.key || terms != c.terms {
			t.Errorf("%s\n is %s %s %v\nnot %s %s", c.text, key, terms, ok, c.key, c.terms)
		}
	}
	for _, text := range []string{"ASK { ?s ?p 'x }", "ASK { ?s ?p <http://e/\\u0020> }", "ASK { ?s ?p '\x00' }", "ASK { ?s ?p '\xff' }"} {
		if s, ok := ShapeOf(text); ok {
			t.Errorf("%q has the shape %q", text, s.Key)
		}
	}
}

// A text that is a query is one with other terms in its holes, too, and differs in these
// terms only.
func FuzzShapeOf(f *testing.F) {
	f.Add(`PREFIX e: <http://e/> SELECT * { <http://e/a> e:p "x", 'y'@vi, <b> FILTER(?a<?b&&?c>?d) # <http://e/c>
 }`)
	f.Add(`DESCRIBE <urn:x> FROM <http://e/g> { ?s e:it\'s "\"", """a"b""", <http://e/a> }`)
	f.Fuzz(func(t *testing.T, text string) {
		s, ok := ShapeOf(text)
		if !ok {
			return
		}
		whole, other := "", ""
		rest := s.Key
		for i, term := range s.Terms {
			at := 0
			for rest[at] != hole {
				at++
			}
			next := graph.IRI(fmt.Sprintf("http://other/%d", i)).Term()
			written := "<" + term.Value() + ">"
			if term.IsLiteral() {
				next = graph.String(fmt.Sprintf("other %d", i))
				written = rest[at+1:at+2] + term.Value() + rest[at+1:at+2]
			}
			whole += rest[:at] + written
			other += rest[:at] + next.String()
			rest = rest[at+2:]
		}
		if whole += rest; whole != text {
			t.Fatalf("%q became %q", text, whole)
		}
		o := Options{Base: "http://base/"}
		_, err := o.Parse(text)
		_, otherErr := o.Parse(other + rest)
		if (err == nil) != (otherErr == nil) {
			t.Fatalf("%q: %v, and %q: %v", text, err, other+rest, otherErr)
		}
	})
}

func TestSpaced(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "",
		" # x":                                "",
		"SELECT *\n\t{ ?s ?p ?o }  # all":     "SELECT * { ?s ?p ?o }",
		"#a\rASK{<http://e/#x> :a\\#b '#  '}": "ASK{<http://e/#x> :a\\#b '#  '}",
		"ASK { FILTER(1 <  2 && 3> 2) }":      "ASK { FILTER(1 < 2 && 3> 2) }",
		"ASK { '''a\n # b''' 'c }":            "ASK { '''a\n # b''' 'c }",
	} {
		if got := Spaced(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// Every query of the corpus reads the same without its white space.
func FuzzSpaced(f *testing.F) {
	f.Add("PREFIX : <#> SELECT * { ?s :a\\#b 'x # y' ; :p \"\"\"z\n\"\"\"@vi . # c\n FILTER(?a<?b) }")
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text)
		if err != nil {
			return
		}
		spaced := Spaced(text)
		if again, err := Parse(spaced); err != nil || !again.Equal(q) {
			t.Fatalf("%q spaced is %q: %v", text, spaced, err)
		}
		if twice := Spaced(spaced); twice != spaced {
			t.Fatalf("%q is spaced %q", spaced, twice)
		}
	})
}
