package rdfio_test

import (
	"bytes"
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
