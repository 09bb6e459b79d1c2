package syntax

import (
	"errors"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/vocab/xsd"
)

// What the errors of a person's first queries say.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", `line 1 column 1: no query given`},
		{"# nothing\n", `line 2 column 1: no query given`},
		{"SELECT * {\n  ?s ?p ?o\n  FILTER ?o\n}", `line 3 column 10: expected "(" or a function, found "?o" (the condition stands in brackets)`},
		{"SELECT * { ?s ?p ?o FILTER(?o<2000&&?o>1900) }", `line 1 column 30: expected ")", found "<2000&&?o>" (this reads as an IRI: put spaces around < and >)`},
		{"SELECT * { FILTER(?o==1) }", `line 1 column 22: expected an expression, found "=" (equal is =, and no more)`},
		{"SELECT ?a, ?b {}", `line 1 column 10: expected WHERE, found "," (variables stand side by side, without commas)`},
		{"SELECT * { ?s ?p “Kiều” }", `line 1 column 18: the character '“' cannot stand here (text stands in straight quotes: "…")`},
		{"SELECT * { ?s ?p ?o", `line 1 column 20: expected ".", a graph pattern or "}", found the end of the text`},
		{"SELECT * { ?s ?p ?o ?x ?y ?z }", `line 1 column 21: expected ".", found "?x"`},
		{"SELECT ?x WHERE ?s ?p ?o", `line 1 column 17: expected "{", found "?s"`},
		{"SELECT COUNT(*) {}", `line 1 column 8: expected a variable, "(" or "*", found "COUNT" (expressions stand in brackets: (COUNT(*) AS ?count))`},
		{"SELECT * { ?s bf:title ?t }", `line 1 column 15: prefix "bf:" is not declared (add PREFIX bf: <http://id.loc.gov/ontologies/bibframe/>)`},
		{"SELECT * { ?s x:y ?t }", `line 1 column 15: prefix "x:" is not declared`},
		{"SELECT * { <a> ?p ?t }", `line 1 column 12: relative IRI <a> and no base (begin with BASE <http://...>)`},
		{"INSERT DATA { <http://a> <http://a> 1 }", `line 1 column 1: expected SELECT, ASK, CONSTRUCT or DESCRIBE, found "INSERT" (this is an update, no query)`},
		{"ASK { ?s ?p \"Kiều }", `line 1 column 13: string opened here is never closed`},
		{"ASK { ?s ?p \"Kiều\n\" }", `line 1 column 13: string opened here is not closed on its line (text of several lines stands in """)`},
		{"ASK { ?s ?p \"\\q\" }", `line 1 column 14: unknown escape \q`},
		{"ASK { ?s ?p \"\\uD800\" }", `line 1 column 14: unknown escape \u`},
		{"ASK { ?s ?p \"Ki\xe1\xbb\" }", `line 1 column 16: invalid UTF-8 (E1)`},
		{"ASK { ?s ?p 1 . } ?", `line 1 column 19: expected the end of the query, found "?"`},
		{"ASK { ?s ?p ‽ }", `line 1 column 13: the character '‽' cannot stand here`},
		{"ASK { ?s ?p § }", `line 1 column 13: the character '§' cannot stand here`},
		{"ASK { ?s ?p 1 } LIMIT 99999999999999999999", `line 1 column 23: LIMIT out of range`},
		{"ASK { ?s ?p 1 } LIMIT -1", `line 1 column 23: expected a number of solutions, found "-1"`},
		{"SELECT ?x ?x {}", `line 1 column 11: ?x is selected twice`},
		{"SELECT ?s { ?s ?p ?o } GROUP BY ?p", `line 1 column 8: ?s is neither grouped by nor aggregated (add it to GROUP BY, or use SAMPLE(?s))`},
		{"SELECT (COUNT(?s) + ?o AS ?n) { ?s ?p ?o }", `line 1 column 21: ?o is neither grouped by nor aggregated (add it to GROUP BY, or use SAMPLE(?o))`},
		{"SELECT * { ?s ?p ?o } GROUP BY ?s", `line 1 column 1: SELECT * cannot be grouped (name what to select)`},
		{"SELECT (1 AS ?s) { ?s ?p ?o }", `line 1 column 14: ?s has a value already (give the result of AS another name)`},
		{"SELECT * { ?s ?p ?o BIND(1 AS ?o) }", `line 1 column 31: ?o is bound by what stands before BIND (give it another name)`},
		{"SELECT (SUM(COUNT(*)) AS ?n) {}", `line 1 column 13: COUNT stands inside of another aggregate (use a query within the query)`},
		{"SELECT * { FILTER(COUNT(?x) > 1) }", `line 1 column 19: COUNT cannot stand here (aggregates stand in SELECT, HAVING and ORDER BY)`},
		{"SELECT * { ?s ?p _:a { _:a ?p ?o } }", `line 1 column 24: blank node _:a stands in two graph patterns (use a variable instead)`},
		{"SELECT * { VALUES (?a ?b) { (1) } }", `line 1 column 29: 1 values for 2 variables`},
		{"SELECT * { VALUES (?a ?a) { (1 1) } }", `line 1 column 23: ?a stands twice in VALUES`},
		{"SELECT * { FILTER(STRLEN(?a, 1)) }", `line 1 column 19: STRLEN takes 1 argument, not 2`},
		{"SELECT * { FILTER(REGEX(?a)) }", `line 1 column 19: REGEX takes 2 to 3 arguments, not 1`},
		{"CONSTRUCT { ?s <http://a>/<http://b> ?o } {}", `line 1 column 26: expected a variable, an IRI, a literal or a blank node, found "/"`},
		{"CONSTRUCT { ?s ^<http://a> ?o } {}", `line 1 column 16: expected an IRI or a variable, found "^" (a template has no property paths)`},
		{"ASK { ?s <http://a b> 1 }", `line 1 column 10: expected a predicate, found "<"`},
	} {
		_, err := Parse(c.text)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if err.Error() != c.want {
			t.Errorf("%s\n%s, want\n%s", c.text, err, c.want)
		}
		if line, column := e.Pos.Place(c.text); line != e.Line || column != e.Column {
			t.Errorf("%s: %d is at %d:%d", c.text, e.Pos, line, column)
		}
	}
}

// object returns the object of the one triple of a query.
func object(t *testing.T, text string) graph.Term {
	t.Helper()
	q, err := Options{Base: "http://e/d/f"}.Parse("PREFIX : <#> PREFIX a.b-c: <x/> ASK { :s :p " + text + " }")
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return graph.Term{}
	}
	return q.Where.Elements[0].(*TriplesBlock).Triples[0].O.Term
}

func TestTerms(t *testing.T) {
	for text, want := range map[string]graph.Term{
		`1`: graph.Literal("1", xsd.Integer), `-01`: graph.Literal("-01", xsd.Integer), `+1.50`: graph.Literal("+1.50", xsd.Decimal), `.5`: graph.Literal(".5", xsd.Decimal),
		`1.e0`: graph.Literal("1.e0", xsd.Double), `1E-7`: graph.Literal("1E-7", xsd.Double), `1.`: graph.Literal("1", xsd.Integer), `TRUE`: graph.Literal("true", xsd.Boolean),
		`"x"`: graph.String("x"), `'x"'`: graph.String(`x"`), `"""a"b""c"""`: graph.String(`a"b""c`), "'''a\nb'''": graph.String("a\nb"), `""`: graph.String(""), `''''''`: graph.String(""),
		`"\t\b\n\r\f\\\"\'\u0041\U0001D11E"`: graph.String("\t\b\n\r\f\\\"'A𝄞"), `"\\u0041"`: graph.String(`\u0041`),
		`"x"@vi-VN`: graph.Text("x", "vi-VN"), `"x"@he--rtl`: graph.DirText("x", "he", graph.RTL), `"1"^^:t`: graph.Literal("1", "http://e/d/f#t"), `"1"^^<http://www.w3.org/2001/XMLSchema#string>`: graph.String("1"),
		`<g>`: graph.IRI("http://e/d/g").Term(), `<>`: graph.IRI("http://e/d/f").Term(), `<../h?q#f>`: graph.IRI("http://e/h?q#f").Term(), `<\u0061\U0001D11E>`: graph.IRI("http://e/d/a𝄞").Term(),
		`:`: graph.IRI("http://e/d/f#").Term(), `:a.`: graph.IRI("http://e/d/f#a").Term(), `:a.b`: graph.IRI("http://e/d/f#a.b").Term(), `:1:2`: graph.IRI("http://e/d/f#1:2").Term(),
		`:a\,b\-c`: graph.IRI("http://e/d/f#a,b-c").Term(), `:%41%cc`: graph.IRI("http://e/d/f#%41%cc").Term(), `:Truyện_Kiều`: graph.IRI("http://e/d/f#Truyện_Kiều").Term(), `a.b-c:d`: graph.IRI("http://e/d/x/d").Term(),
		`_:a.b.`: graph.Blank("a.b"), `()`: graph.IRI("http://www.w3.org/1999/02/22-rdf-syntax-ns#nil").Term(),
	} {
		if got := object(t, text); got != want {
			t.Errorf("%s is %v, want %v", text, got, want)
		}
	}
}

func TestParseTerm(t *testing.T) {
	for _, text := range []string{`<http://a>`, `_:b`, `"x"@vi`, `"1"^^<http://t>`, `<<( <http://s> <http://p> <<( _:b <http://p> "o" )>> )>>`} {
		if term, err := ParseTerm(text); err != nil || term.String() != text {
			t.Errorf("%s is %v (%v)", text, term, err)
		}
	}
	for _, text := range []string{``, `?x`, `1 2`, `a`, `<<( "s" <http://p> 1 )>>`, `<<( <http://s> _:b 1 )>>`, `(1)`, `[]`, strings.Repeat("<<( _:b <http://p> ", 1000)} {
		if term, err := ParseTerm(text); err == nil {
			t.Errorf("%s is %v", text, term)
		}
	}
}

// What nests too deep is an error, whatever it nests by; what is only long is none.
func TestDepth(t *testing.T) {
	for _, c := range []struct{ before, nest string }{
		{"ASK ", "{"}, {"ASK { FILTER", "("}, {"ASK {", "OPTIONAL {"}, {"ASK { ?s ?p", "[ ?p "}, {"ASK { ?s ?p", "("}, {"ASK { ?s ", "("}, {"ASK { ?s ", "^("},
		{"ASK ", "{ FILTER EXISTS "}, {"ASK { FILTER(", "!"}, {"ASK { FILTER(", "STR("}, {"ASK ", "{ SELECT * "}, {"ASK {", "{} UNION {"}, {"ASK { FILTER(", "1 IN ("}, {"ASK { FILTER(", "-("}, {"ASK { MINUS", "{ GRAPH ?g"},
		{"ASK {", "<< "}, {"ASK {", "<<( "}, {"ASK { ?s ?p ?o ", "{| ?p ?o "}, {"ASK { ?s ?p ?o ", "~ {| ?p ?o "}, {"ASK { FILTER(", "<<( ?s ?p "}, {"ASK { VALUES ?x { ", "<<( <http://a> a "},
	} {
		for _, n := range []int{300, 100_000} {
			_, err := Parse(c.before + strings.Repeat(c.nest, n))
			if err == nil || !strings.Contains(err.Error(), "nests deeper than 256") {
				t.Errorf("%s, and %d times %s: %v", c.before, n, c.nest, err)
			}
		}
	}
}

// Who sets limits of its own can read texts of any length.
func TestLong(t *testing.T) {
	any := Options{Parts: 1 << 20, Operators: 1 << 20, Rows: 1 << 20}
	for _, c := range []struct{ text, want string }{
		{"ASK { FILTER(1" + strings.Repeat("+1", 10_000) + ") }", "more than 5000 operators and functions"},
		{"ASK { FILTER(1" + strings.Repeat("*1", 10_000) + ") }", "more than 5000 operators and functions"},
		{"ASK { FILTER(1" + strings.Repeat("-1", 10_000) + ") }", "more than 5000 operators and functions"},
		{"ASK { FILTER(1" + strings.Repeat("||1", 10_000) + ") }", "more than 5000 operators and functions"},
		{"ASK { FILTER(1 IN (1" + strings.Repeat(",NOW()", 10_000) + ")) }", "more than 5000 operators and functions"},
		{"ASK { FILTER(1 IN (1" + strings.Repeat(",1", 10_000) + ")) }", ""},
		{"ASK {" + strings.Repeat("OPTIONAL{}", 10_000) + "}", "more than 1000 patterns and columns"},
		{"ASK { ?s <http://p>" + strings.Repeat("/<http://p>", 10_000) + " ?o }", "more than 1000 patterns and columns"},
		{"ASK { ?s !(<http://p>" + strings.Repeat("|<http://p>", 10_000) + ") ?o }", "more than 1000 patterns and columns"},
		{"ASK { {}" + strings.Repeat("UNION{}", 10_000) + "}", "more than 1000 patterns and columns"},
		{"ASK { ?s ?p 1" + strings.Repeat(";?p 1", 10_000) + "}", "more than 1000 patterns and columns"},
		{"SELECT ?x {} ORDER BY" + strings.Repeat(" ?x", 10_000), "more than 1000 patterns and columns"},
		{"ASK {} GROUP BY" + strings.Repeat(" ?x", 10_000), "more than 1000 patterns and columns"},
		{"ASK { VALUES ?x {" + strings.Repeat(" 1", 10_001) + "} }", "more than 10000 rows in VALUES"},
	} {
		q, err := any.Parse(c.text)
		if err != nil {
			t.Errorf("%.30s…: %v", c.text, err)
		} else if again, err := any.Parse(q.String()); err != nil || !again.Equal(q) {
			t.Errorf("%.30s… does not read back: %v", c.text, err)
		}
		_, err = Parse(c.text)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.HasSuffix(err.Error(), ": "+c.want)) {
			t.Errorf("%.30s…: %v, want %s", c.text, err, c.want)
		}
	}
	if _, err := ParseUpdate("INSERT DATA { " + strings.Repeat("<http://a> <http://b> 1 .", 10_000) + "}"); err != nil {
		t.Errorf("much data: %v", err)
	}
}

func TestVars(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT * { ?a ?b [ ?c _:d ] OPTIONAL { ?e ?a ?b } MINUS { ?f ?a ?b } FILTER(?g) FILTER EXISTS { ?h ?a ?b } } VALUES ?i {}":          "a b c e i",
		"SELECT * { GRAPH ?g { { SELECT ?x (1 AS ?y) { ?x ?z 1 } } } SERVICE ?s { BIND(1 AS ?t) } VALUES (?u ?v) {} {} UNION { ?w !() 1 } }": "g x y s t u v w",
		"SELECT (1 AS ?x) ?y (COUNT(?q) AS ?z) { ?x ?y ?q } GROUP BY ?y":                                                                     "x y z",
	} {
		q, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := strings.Join(q.Vars(), " "); got != want {
			t.Errorf("%s selects %s, want %s", text, got, want)
		}
	}
}

// Two trees that differ anywhere are not equal.
func TestEqual(t *testing.T) {
	texts := []string{
		"ASK {}", "ASK { ?s ?p ?o }", "ASK { ?s ?p ?x }", "ASK { ?s ?p 1 }", "ASK { ?s ?p 01 }", "ASK { {} }", "ASK { OPTIONAL {} }", "ASK { MINUS {} }", "SELECT * {}", "SELECT DISTINCT * {}", "SELECT REDUCED * {}",
		"SELECT * {} LIMIT 1", "SELECT * {} OFFSET 1", "SELECT ?x {}", "SELECT (1 AS ?x) {}", "SELECT * { BIND(1 AS ?x) }", "SELECT ?x {} ORDER BY ?x", "SELECT ?x {} ORDER BY DESC(?x)", "SELECT ?x {} GROUP BY ?x", "SELECT ?x {} HAVING(?x)",
		"SELECT (COUNT(*) AS ?x) {}", "SELECT (COUNT(DISTINCT *) AS ?x) {}", "SELECT (COUNT(?y) AS ?x) {}", `SELECT (GROUP_CONCAT(?y) AS ?x) {}`, `SELECT (GROUP_CONCAT(?y; SEPARATOR=",") AS ?x) {}`, `SELECT (GROUP_CONCAT(?y; SEPARATOR="") AS ?x) {}`,
		"ASK { FILTER(?x IN (1)) }", "ASK { FILTER(?x NOT IN (1)) }", "ASK { FILTER EXISTS {} }", "ASK { FILTER NOT EXISTS {} }", "ASK { FILTER(1+(2+3)) }", "ASK { FILTER(1+2+3) }", "ASK { FILTER(-(1)) }", "ASK { FILTER(-1) }",
		"ASK { ?s <http://p>* ?o }", "ASK { ?s <http://p>+ ?o }", "ASK { ?s ^(<http://p>*) ?o }", "ASK { ?s (^<http://p>)* ?o }", "ASK { ?s !<http://p> ?o }", "ASK { ?s !^<http://p> ?o }", "ASK { ?s (!<http://p>)* ?o }",
		"CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }", "DESCRIBE * {}", "DESCRIBE ?x {}", "DESCRIBE ?x", "ASK FROM <http://g> {}", "ASK FROM NAMED <http://g> {}", "BASE <http://b> ASK {}", "PREFIX : <http://b> ASK {}",
		"ASK {} VALUES ?x {}", "VERSION \"1.2\" ASK {}", "ASK { ?s ?p <<( ?s ?p ?o )>> }", "ASK { << ?s ?p ?o >> ?p ?o }", "ASK { << ?s ?p ?o ~ ?r >> ?p ?o }", "ASK { ?s ?p ?o {| ?p ?o |} }", "ASK { FILTER(<<( ?s ?p ?o )>>) }", "ASK { VALUES ?x { <<( <http://s> a 1 )>> } }", "ASK {} VALUES ?x { UNDEF }", "ASK { VALUES ?x {} }", "ASK { SERVICE <http://s> {} }", "ASK { SERVICE SILENT <http://s> {} }", "ASK { GRAPH <http://s> {} }",
	}
	for i, a := range texts {
		x, err := Parse(a)
		if err != nil {
			t.Errorf("%s: %v", a, err)
			continue
		}
		if again, err := Parse(x.String()); err != nil || !again.Equal(x) {
			t.Errorf("%s is printed as %s, which reads back as %v (%v)", a, x, again, err)
		}
		for j, b := range texts {
			y, err := Parse("\n " + strings.ReplaceAll(b, " ", "  "))
			if err == nil && x.Equal(y) != (i == j) {
				t.Errorf("%s equals %s: %v", a, b, x.Equal(y))
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range queries(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Options{Base: "http://e/"}.Parse(text)
		if err != nil {
			return // refusing is fine; panicking is not
		}
		// brackets that the printer adds may nest deeper than the text did
		again, err := Options{Depth: 4 * MaxDepth, Parts: 4 * MaxParts}.Parse(q.String())
		if err != nil || !again.Equal(q) {
			t.Fatalf("%s\nreads back as\n%v (%v)", q, again, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	const text = `PREFIX bf: <http://id.loc.gov/ontologies/bibframe/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?work ?title (COUNT(?instance) AS ?n) WHERE {
  ?work a bf:Work ; bf:title/bf:mainTitle ?title ; bf:contribution [ bf:agent ?agent ] .
  ?agent rdfs:label "Nguyễn Du"@vi . OPTIONAL { ?work bf:hasInstance ?instance FILTER(?instance != ?work) }
} GROUP BY ?work ?title HAVING(COUNT(?instance) > 1) ORDER BY DESC(?n) LIMIT 20`
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
