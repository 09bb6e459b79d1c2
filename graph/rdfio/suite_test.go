package rdfio_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/conformance"
	"mocban/graph/rdfio"
)

const (
	suites   = "../../../shared/suites/rdf-tests/rdf/"
	testBase = "https://w3c.github.io/rdf-tests/rdf/"
	mf       = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
	rdftNS   = "http://www.w3.org/ns/rdftest#"
	rdfNS    = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
)

// A suiteTest is one entry of a manifest.
type suiteTest struct {
	name, kind     string
	action, result string // files
}

// manifest reads the tests that a manifest of the W3C lists, those of included manifests
// too. dir is below suites.
func manifest(t testing.TB, dir string) []suiteTest {
	t.Helper()
	file := filepath.Join(suites, dir, "manifest.ttl")
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("the W3C suites are not beside the project: %v", err)
	}
	base := graph.IRI(testBase + dir + "/manifest.ttl")
	g := map[graph.Term]map[graph.IRI][]graph.Term{}
	for _, q := range parse(t, rdfio.Turtle, data, rdfio.ReadOptions{Base: base}) {
		if g[q.S] == nil {
			g[q.S] = map[graph.IRI][]graph.Term{}
		}
		g[q.S][q.P] = append(g[q.S][q.P], q.O)
	}
	one := func(s graph.Term, p graph.IRI) graph.Term {
		if o := g[s][p]; len(o) == 1 {
			return o[0]
		}
		return graph.Term{}
	}
	path := func(t graph.Term) string { return strings.TrimPrefix(t.Value(), testBase) }
	var tests []suiteTest
	items := func(p graph.IRI, f func(item graph.Term)) {
		for s := range g {
			for cell := one(s, p); g[cell] != nil; cell = one(cell, rdfNS+"rest") {
				f(one(cell, rdfNS+"first"))
			}
		}
	}
	items(mf+"entries", func(e graph.Term) {
		tests = append(tests, suiteTest{
			name: one(e, mf+"name").Value(), kind: strings.TrimPrefix(one(e, rdfNS+"type").Value(), rdftNS),
			action: path(one(e, mf+"action")), result: path(one(e, mf+"result")),
		})
	})
	items(mf+"include", func(m graph.Term) {
		if inner := filepath.Dir(path(m)); strings.HasPrefix(inner, dir) { // not the suites of RDF 1.1
			tests = append(tests, manifest(t, inner)...)
		}
	})
	return tests
}

func parse(t testing.TB, f *rdfio.Format, data []byte, o rdfio.ReadOptions) []graph.Quad {
	t.Helper()
	quads, err := readAll(f, bytes.NewReader(data), o)
	if err != nil {
		t.Fatal(err)
	}
	return quads
}

func readAll(f *rdfio.Format, in io.Reader, o rdfio.ReadOptions) (quads []graph.Quad, err error) {
	r, err := rdfio.NewReader(f, in, o)
	if err != nil {
		return nil, err
	}
	buf := make([]graph.Quad, 7) // odd, to stop in the midst of statements
	for {
		n, err := r.Read(buf)
		if err == io.EOF {
			return quads, nil
		}
		if err != nil {
			return quads, err
		}
		quads = append(quads, buf[:n]...)
	}
}

var update = flag.Bool("update", false, "write docs/conformance-rdf.md")

func TestSuites(t *testing.T) {
	page := conformance.Page{
		File: "../../docs/conformance-rdf.md", Title: "The W3C's tests of RDF",
		Intro: "Every test of the manifests, read in small pieces. Graphs are compared up to the labels of blank\n" +
			"nodes, terms by the letter; canonical forms byte by byte.",
		Write: "go test ./graph/rdfio -run TestSuites -args -update",
	}
	for _, s := range []struct {
		dir    string
		format *rdfio.Format
		tests  int
	}{
		{"rdf11/rdf-n-triples", rdfio.NTriples, 70},
		{"rdf11/rdf-n-quads", rdfio.NQuads, 87},
		{"rdf11/rdf-turtle", rdfio.Turtle, 313},
		{"rdf11/rdf-trig", rdfio.TriG, 356},
		{"rdf11/rdf-xml", rdfio.RDFXML, 166},
		{"rdf12/rdf-n-triples", rdfio.NTriples, 70},
		{"rdf12/rdf-n-quads", rdfio.NQuads, 68},
		{"rdf12/rdf-turtle", rdfio.Turtle, 103},
		{"rdf12/rdf-trig", rdfio.TriG, 60},
		{"rdf12/rdf-xml", rdfio.RDFXML, 31},
	} {
		t.Run(s.dir, func(t *testing.T) {
			tests := manifest(t, s.dir)
			if len(tests) != s.tests {
				t.Errorf("%d tests, not %d", len(tests), s.tests)
			}
			version := "RDF 1." + s.dir[4:5] + " "
			own, canonical := conformance.Row{Suite: version + s.format.Name}, conformance.Row{Suite: version + s.format.Name + ", canonical"}
			for _, test := range tests {
				row := &own
				if strings.HasSuffix(test.kind, "C14N") {
					row = &canonical
				}
				row.Tests++
				if t.Run(test.name, func(t *testing.T) { runSuiteTest(t, s.format, test) }) {
					row.Passed++
				}
			}
			page.Rows = append(page.Rows, own)
			if canonical.Tests > 0 {
				page.Rows = append(page.Rows, canonical)
			}
			t.Logf("%s: %d/%d", s.dir, own.Passed+canonical.Passed, len(tests))
		})
	}
	if len(page.Rows) > 10 {
		page.Check(t, *update)
	}
}

func runSuiteTest(t *testing.T, f *rdfio.Format, test suiteTest) {
	data, err := os.ReadFile(filepath.Join(suites, test.action))
	if err != nil {
		t.Fatal(err)
	}
	o := rdfio.ReadOptions{}
	if f != rdfio.NTriples && f != rdfio.NQuads {
		o.Base = graph.IRI(testBase + filepath.ToSlash(test.action))
	}
	quads, err := readAll(f, bytes.NewReader(data), o)
	switch {
	case strings.Contains(test.kind, "Negative"):
		var syntax *rdfio.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%s was read; error %v", data, err)
		}
		return
	case err != nil:
		t.Errorf("%s: %v", data, err)
		return
	case strings.HasSuffix(test.kind, "C14N"):
		canonical(t, f, test, data)
	case strings.HasSuffix(test.kind, "Eval"):
		want, err := os.ReadFile(filepath.Join(suites, test.result))
		if err != nil {
			t.Fatal(err)
		}
		expected := parse(t, rdfio.NQuads, want, rdfio.ReadOptions{})
		if !canon.Isomorphic(quads, expected) {
			t.Errorf("%s\ngives %v\nnot %s", data, quads, want)
		}
	case !strings.HasSuffix(test.kind, "PositiveSyntax"):
		t.Errorf("unknown kind of test %q", test.kind)
	}
}

// canonical wants the canonical form of the statements, in their order.
func canonical(t *testing.T, f *rdfio.Format, test suiteTest, data []byte) {
	want, err := os.ReadFile(filepath.Join(suites, test.result))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	w, err := rdfio.NewWriter(f, &got, rdfio.WriteOptions{Canonical: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(parse(t, f, data, rdfio.ReadOptions{KeepBlanks: true})...); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s\nis written %s\nnot %s", data, &got, want)
	}
}
