package rdfio_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/rdfio"
)

func writeAll(t testing.TB, f *rdfio.Format, o rdfio.WriteOptions, quads ...graph.Quad) []byte {
	t.Helper()
	text, err := tryWrite(f, o, quads...)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func tryWrite(f *rdfio.Format, o rdfio.WriteOptions, quads ...graph.Quad) ([]byte, error) {
	var out bytes.Buffer
	w, err := rdfio.NewWriter(f, &out, o)
	if err != nil {
		return nil, err
	}
	if err := w.Write(quads...); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

// cannot tells whether a format lacks what the quads need.
func cannot(f *rdfio.Format, quads []graph.Quad) bool {
	for _, q := range quads {
		if f == rdfio.JSONLD && (q.O.Kind() == graph.KindTriple || q.O.Dir() != graph.NoDir) {
			return true
		}
		if f == rdfio.RDFXML && (strings.ContainsFunc(q.O.Value(), unicode.IsControl) || !regexp.MustCompile(`[\pL_][^/#?;=@:%&'()*+,!$~]*$`).MatchString(string(q.P))) {
			return true
		}
	}
	return false
}

// suiteGraphs calls f with the dataset of every document of the suites that can be read.
func suiteGraphs(t *testing.T, f func(t *testing.T, quads []graph.Quad)) {
	for dir, format := range map[string]*rdfio.Format{
		"rdf11/rdf-n-quads": rdfio.NQuads, "rdf11/rdf-turtle": rdfio.Turtle, "rdf11/rdf-trig": rdfio.TriG,
		"rdf12/rdf-turtle": rdfio.Turtle, "rdf12/rdf-trig": rdfio.TriG, "rdf12/rdf-n-quads": rdfio.NQuads,
	} {
		for _, test := range manifest(t, dir) {
			data, err := os.ReadFile(filepath.Join(suites, test.action))
			if err != nil {
				t.Fatal(err)
			}
			quads, err := readAll(format, bytes.NewReader(data), rdfio.ReadOptions{Base: testBase})
			if err != nil {
				continue
			}
			t.Run(dir+"/"+test.name, func(t *testing.T) { f(t, quads) })
		}
	}
}

// What is written reads back as the same dataset, in the order it came and in any other.
func TestWriteSuites(t *testing.T) {
	prefixes := map[string]graph.IRI{"": "http://a.example/", "e": "http://example/", "ex": "http://example.org/", "x": "http://www.w3.org/2001/XMLSchema#"}
	suiteGraphs(t, func(t *testing.T, quads []graph.Quad) {
		for _, f := range []*rdfio.Format{rdfio.NTriples, rdfio.NQuads, rdfio.Turtle, rdfio.TriG, rdfio.JSONLD, rdfio.RDFXML} {
			want := quads
			if !f.Quads {
				want = withoutGraphs(quads)
			}
			shuffled := append([]graph.Quad(nil), want...)
			rand.New(rand.NewPCG(1, uint64(len(want)))).Shuffle(len(shuffled), func(i, j int) {
				shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
			})
			for _, in := range [][]graph.Quad{want, shuffled} {
				text, err := tryWrite(f, rdfio.WriteOptions{Prefixes: prefixes}, in...)
				if err != nil && cannot(f, in) {
					continue
				}
				if err != nil {
					t.Fatalf("%s of %v: %v", f, in, err)
				}
				got, err := readAll(f, bytes.NewReader(text), rdfio.ReadOptions{})
				if err != nil {
					t.Fatalf("%s\n%v", text, err)
				}
				if !canon.Isomorphic(got, want) {
					t.Fatalf("%s: %s\nis not %v", f, text, want)
				}
			}
		}
	})
}

func withoutGraphs(quads []graph.Quad) []graph.Quad {
	triples := append([]graph.Quad(nil), quads...)
	for i := range triples {
		triples[i].G = graph.Term{}
	}
	return triples
}

// A document longer than what is arranged is written flat, and is the same.
func TestWriteLong(t *testing.T) {
	var quads []graph.Quad
	for i := range 9000 {
		s := graph.Blank("b" + string(rune('a'+i%26)))
		g := graph.Term{}
		if i%3 == 0 {
			g = graph.IRI("http://g.example/" + string(rune('a'+i%7))).Term()
		}
		o := graph.Literal(strings.Repeat("1", 1+i%50), "http://www.w3.org/2001/XMLSchema#integer")
		if i%5 == 0 {
			o = graph.Blank("b" + string(rune('a'+i/5%26)))
		}
		quads = append(quads, graph.Quad{S: s, P: graph.IRI("http://p.example/" + string(rune('a'+i%11))), O: o, G: g})
	}
	for _, f := range []*rdfio.Format{rdfio.Turtle, rdfio.TriG, rdfio.JSONLD, rdfio.RDFXML} {
		want := quads
		if !f.Quads {
			want = withoutGraphs(quads)
		}
		text := writeAll(t, f, rdfio.WriteOptions{Prefixes: map[string]graph.IRI{"p": "http://p.example/"}}, want...)
		got := parse(t, f, text, rdfio.ReadOptions{})
		if !canon.Isomorphic(got, want) {
			t.Errorf("%s reads back as another dataset", f)
		}
	}
}

func TestWriteTurtle(t *testing.T) {
	quads := parse(t, rdfio.NTriples, []byte(`
<http://lib.example/w1> <http://id.loc.gov/ontologies/bibframe/title> _:t .
<http://lib.example/w1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://id.loc.gov/ontologies/bibframe/Work> .
<http://lib.example/w1> <http://id.loc.gov/ontologies/bibframe/contribution> _:l1 .
_:l1 <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "một\n" .
_:l1 <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:l2 .
_:l2 <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "2"^^<http://www.w3.org/2001/XMLSchema#integer> .
_:l2 <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> <http://www.w3.org/1999/02/22-rdf-syntax-ns#nil> .
_:t <http://id.loc.gov/ontologies/bibframe/mainTitle> "Truyện Kiều"@vi .
_:t <http://id.loc.gov/ontologies/bibframe/mainTitle> "傳翹"@vi-Hani .
`), rdfio.ReadOptions{})
	got := string(writeAll(t, rdfio.Turtle, rdfio.WriteOptions{Prefixes: map[string]graph.IRI{
		"bf": "http://id.loc.gov/ontologies/bibframe/", "unused": "http://unused.example/",
	}}, quads...))
	want := `@prefix bf: <http://id.loc.gov/ontologies/bibframe/> .

<http://lib.example/w1> a bf:Work ;
	bf:title [
		bf:mainTitle "Truyện Kiều"@vi, "傳翹"@vi-Hani
	] ;
	bf:contribution ( "một\n" 2 ) .
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestWriteRefuses(t *testing.T) {
	iri := graph.IRI("http://a.example/").Term()
	for _, q := range []graph.Quad{
		{},
		{S: graph.String("x"), P: "http://p.example/", O: iri},
		{S: iri, P: "http://p.example/"},
		{S: iri, P: "http://p.example/", O: graph.Text("x", "not a tag")},
		{S: iri, P: "http://p.example/", O: graph.Text("x", "en> <http://evil.example/>")},
		{S: iri, P: "http://p.example/", O: iri, G: graph.String("x")},
		{S: graph.IRI("http://a.example/> <b").Term(), P: "http://p.example/", O: iri},
		{S: iri, P: "http://p.example/ x", O: iri},
		{S: iri, P: "http://p.example/", O: graph.IRI("http://a.example/\n").Term()},
		{S: iri, P: "http://p.example/", O: graph.Literal("x", "d:{d}")},
	} {
		for _, f := range []*rdfio.Format{rdfio.NTriples, rdfio.NQuads, rdfio.Turtle, rdfio.TriG, rdfio.JSONLD, rdfio.RDFXML} {
			w, err := rdfio.NewWriter(f, new(bytes.Buffer), rdfio.WriteOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Write(q); err == nil {
				t.Errorf("%s: %v was written", f, q)
			}
		}
	}
}

// JSON-LD has no IRIs with two fragments, and no relative ones: its readers would drop them. Nor
// has it JSON that is none.
func TestWriteJSONLDRefuses(t *testing.T) {
	for text, ok := range map[string]bool{`{"a":[1,null]}`: true, `"x"`: true, "bareword": false, "[{]": false, "": false, "1 2": false} {
		q := graph.Quad{S: graph.Blank("a"), P: "http://p.example/", O: graph.Literal(text, "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON")}
		if out, err := tryWrite(rdfio.JSONLD, rdfio.WriteOptions{}, q); (err == nil) != ok {
			t.Errorf("%q of rdf:JSON: %s, %v", text, out, err)
		}
	}
	for _, iri := range []graph.IRI{"http://a.example/#b#c", "relative"} {
		q := graph.Quad{S: iri.Term(), P: "http://p.example/", O: graph.String("x")}
		if text, err := tryWrite(rdfio.JSONLD, rdfio.WriteOptions{}, q); err == nil {
			t.Errorf("%s", text)
		}
	}
}

// Shapes of blank nodes that must not be nested, or not all the way.
func TestWriteShapes(t *testing.T) {
	const (
		p     = " <http://p.example/p> "
		first = " <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "
		rest  = " <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> "
		null  = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#nil>"
		typ   = " <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
	)
	var chain, list, long strings.Builder
	for i := range 500 {
		fmt.Fprintf(&chain, "_:c%d%s_:c%d .\n", i, p, i+1)
		fmt.Fprintf(&list, "_:l%d%s\"%d\" .\n_:l%d%s_:l%d .\n", i, first, i, i, rest, i+1)
		fmt.Fprintf(&long, "<s:s> <http://p.example/p%d> \"%d\" .\n", i%100, i)
	}
	for name, text := range map[string]string{
		"spoken of twice":           "<s:a>" + p + "_:b .\n<s:c>" + p + "_:b .\n_:b" + p + "\"x\" .",
		"spoken of in two graphs":   "<s:a>" + p + "_:b .\n<g:g> { _:b" + p + "\"x\" }",
		"names a graph":             "<s:a>" + p + "_:b .\n_:b { _:b" + p + "\"x\" }",
		"speaks of itself":          "_:b" + p + "_:b .",
		"a circle":                  "_:a" + p + "_:b .\n_:b" + p + "_:c .\n_:c" + p + "_:a .",
		"a circle with a tail":      "_:a" + p + "_:b .\n_:b" + p + "_:a .\n_:b" + p + "_:t .\n_:t" + p + "\"x\" .",
		"a long chain":              chain.String(),
		"a list":                    "<s:s>" + p + "_:l0 .\n" + list.String() + "_:l500" + rest + null + " .\n_:l500" + first + "\"x\" .",
		"a list without end":        "<s:s>" + p + "_:l0 .\n" + list.String(),
		"a list that comes back":    "<s:s>" + p + "_:l0 .\n" + list.String() + "_:l500" + rest + "_:l0 .\n_:l500" + first + "\"x\" .",
		"a list of two owners":      "<s:s>" + p + "_:l .\n<s:t>" + p + "_:l .\n_:l" + first + "\"x\" .\n_:l" + rest + null + " .",
		"a tail of two owners":      "<s:s>" + p + "_:l .\n<s:t>" + p + "_:m .\n_:l" + first + "\"x\" .\n_:l" + rest + "_:m .\n_:m" + first + "\"y\" .\n_:m" + rest + null + " .",
		"a cell of two items":       "<s:s>" + p + "_:l .\n_:l" + first + "\"x\" .\n_:l" + first + "\"y\" .\n_:l" + rest + null + " .",
		"a cell with a type":        "<s:s>" + p + "_:l .\n_:l" + typ + "<t:t> .\n_:l" + first + "\"x\" .\n_:l" + rest + null + " .",
		"a list in a list":          "<s:s>" + p + "_:l .\n_:l" + first + "_:m .\n_:l" + rest + null + " .\n_:m" + first + "<o:o> .\n_:m" + rest + null + " .",
		"a list of nodes":           "<s:s>" + p + "_:l .\n_:l" + first + "_:n .\n_:l" + rest + null + " .\n_:n" + p + "\"x\" .",
		"a list that is a subject":  "_:l" + first + "\"x\" .\n_:l" + rest + null + " .\n_:l" + p + "\"y\" .",
		"the empty list":            "<s:s>" + p + null + " .\n" + null + p + "\"x\" .",
		"a class without a name":    "<s:s>" + typ + "_:c .\n_:c" + p + "\"x\" .",
		"a class that is a literal": "<s:s>" + typ + "\"c\" .",
		"the class nil":             "<s:s>" + typ + null + " .",
		"nothing is said of it":     "<s:s>" + p + "_:b .",
		"many properties":           long.String(),
		"names of no kind":          "<s:s> <http://p.example/1.> \"1\"^^<http://www.w3.org/2001/XMLSchema#integer> .\n<http://p.example/p?a=b> <http://p.example/@p> <http://p.example/-x> .",
		"numbers":                   `<s:s>` + p + `"01"^^<http://www.w3.org/2001/XMLSchema#integer>, "1."^^<http://www.w3.org/2001/XMLSchema#decimal>, ".5"^^<http://www.w3.org/2001/XMLSchema#decimal>, "1e0"^^<http://www.w3.org/2001/XMLSchema#double>, "1"^^<http://www.w3.org/2001/XMLSchema#double>, "-0"^^<http://www.w3.org/2001/XMLSchema#integer>, "1"^^<http://www.w3.org/2001/XMLSchema#boolean>, "true"^^<http://www.w3.org/2001/XMLSchema#boolean>, "9007199254740993"^^<http://www.w3.org/2001/XMLSchema#integer>, "x"^^<http://www.w3.org/2001/XMLSchema#integer> .`,
		"in a triple term":          "<s:s>" + p + "<<( _:b" + p + "_:c )>> .\n<s:s>" + p + "_:b .\n_:b" + p + "_:c .",
	} {
		quads := parse(t, rdfio.TriG, []byte(text), rdfio.ReadOptions{})
		for _, f := range rdfio.Formats {
			want := quads
			if !f.Quads {
				want = withoutGraphs(quads)
			}
			out, err := tryWrite(f, rdfio.WriteOptions{Prefixes: map[string]graph.IRI{"p": "http://p.example/", "": "s:"}}, want...)
			if err != nil && cannot(f, want) {
				continue
			}
			if err != nil {
				t.Errorf("%s in %s: %v", name, f, err)
				continue
			}
			got, err := readAll(f, bytes.NewReader(out), rdfio.ReadOptions{})
			if err != nil || !canon.Isomorphic(got, want) {
				t.Errorf("%s in %s: %v\n%.3000s", name, f, err, out)
			}
		}
	}
}
