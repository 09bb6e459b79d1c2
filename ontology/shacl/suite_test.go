package shacl

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/rdfio"
	"mocban/vocab/rdf"
	"mocban/vocab/sh"
)

var update = flag.Bool("update", false, "write docs/conformance-shacl.md")

const (
	suiteFolder = "../../../shared/suites/shacl-2017/tests/"
	suiteRoot   = graph.IRI("https://w3c.github.io/data-shapes/data-shapes-test-suite/tests/")
	page        = "../../docs/conformance-shacl.md"

	mf  graph.IRI = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
	sht graph.IRI = "http://www.w3.org/ns/shacl-test#"
)

// A suite reads files of the W3C's tests, each once, so that the blank nodes of a file have
// the same labels wherever it is used.
type suite struct {
	t     testing.TB
	files map[graph.IRI][]graph.Quad
}

func (s *suite) read(file graph.IRI) []graph.Quad {
	s.t.Helper()
	if quads, ok := s.files[file]; ok {
		return quads
	}
	name, ok := strings.CutPrefix(string(file), string(suiteRoot))
	if !ok {
		s.t.Fatalf("%s is no file of the suite", file)
	}
	text, err := os.ReadFile(filepath.Join(suiteFolder, filepath.FromSlash(name)))
	if err != nil {
		s.t.Fatal(err)
	}
	quads, err := parse(string(text), rdfio.ReadOptions{Base: file, Blanks: fmt.Sprintf("f%d", len(s.files))})
	if err != nil {
		s.t.Fatalf("%s: %v", file, err)
	}
	s.files[file] = quads
	return quads
}

func parse(text string, o rdfio.ReadOptions) (quads []graph.Quad, err error) {
	err = rdfio.Scan(context.Background(), rdfio.Turtle, strings.NewReader(text), o, func(some []graph.Quad) error {
		quads = append(quads, some...)
		return nil
	})
	return quads, err
}

func objects(quads []graph.Quad, s graph.Term, p graph.IRI) (values []graph.Term) {
	for _, q := range quads {
		if q.S == s && q.P == p {
			values = append(values, q.O)
		}
	}
	return values
}

// A suiteTest is one sht:Validate.
type suiteTest struct {
	group, name   string
	data, shapes  graph.IRI
	expected      []graph.Quad
	expectFailure bool
}

// tests reads a manifest and those that it includes.
func (s *suite) tests(manifest graph.IRI) (tests []suiteTest) {
	quads := s.read(manifest)
	for _, include := range objects(quads, manifest.Term(), mf+"include") {
		iri, _ := include.IRI()
		tests = append(tests, s.tests(iri)...)
	}
	for _, entries := range objects(quads, manifest.Term(), mf+"entries") {
		for cell := entries; cell != rdf.Nil.Term(); cell = objects(quads, cell, rdf.Rest)[0] {
			entry := objects(quads, cell, rdf.First)[0]
			action := objects(quads, entry, mf+"action")[0]
			t := suiteTest{group: filepath.Base(filepath.Dir(string(manifest))), name: filepath.Base(entry.Value())}
			t.data, _ = objects(quads, action, sht+"dataGraph")[0].IRI()
			t.shapes, _ = objects(quads, action, sht+"shapesGraph")[0].IRI()
			result := objects(quads, entry, mf+"result")[0]
			t.expectFailure = result == (sht + "Failure").Term()
			t.expected = reportOf(quads, result)
			tests = append(tests, t)
		}
	}
	return tests
}

// reportOf returns the triples of a report: of the report, its results and their paths. Blank
// nodes of the data and the shapes are named, so that they are the same ones in both reports.
func reportOf(quads []graph.Quad, report graph.Term) (out []graph.Quad) {
	own := map[graph.Term]bool{report: true}
	queue := []graph.Term{report}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		for _, q := range quads {
			if q.S != n {
				continue
			}
			out = append(out, graph.Quad{S: q.S, P: q.P, O: q.O})
			part := q.P == sh.Result || q.P == sh.ResultPath || own[n] && strings.HasPrefix(string(q.P), string(rdf.NS)) ||
				strings.HasSuffix(string(q.P), "Path")
			if part && q.O.IsBlank() && !own[q.O] {
				own[q.O] = true
				queue = append(queue, q.O)
			}
		}
	}
	for i := range out {
		if o := out[i].O; o.IsBlank() && !own[o] {
			out[i].O = graph.IRI("blank:" + o.Value()).Term()
		}
	}
	return out
}

// messages keeps those of our messages that the suite expects (message-001: what it does not
// mention is free).
func messages(ours, expected []graph.Quad) []graph.Quad {
	return slices.DeleteFunc(ours, func(q graph.Quad) bool {
		return q.P == sh.ResultMessage && !slices.ContainsFunc(expected, func(e graph.Quad) bool {
			return e.P == sh.ResultMessage && e.O == q.O
		})
	})
}

func (s *suite) run(test suiteTest) error {
	shapes, err := Compile(s.read(test.shapes))
	if err != nil {
		if test.expectFailure {
			return nil
		}
		return err
	}
	if test.expectFailure {
		return errors.New("the shapes are ill-formed and were taken")
	}
	report, err := shapes.NewRun().Validate(context.Background(), s.read(test.data))
	if err != nil {
		return err
	}
	quads := report.Append(nil, "ours")
	ours := messages(reportOf(quads, quads[0].S), test.expected)
	if !canon.Isomorphic(ours, test.expected) {
		var b strings.Builder
		for _, q := range ours {
			fmt.Fprintln(&b, q)
		}
		b.WriteString("expected\n")
		for _, q := range test.expected {
			fmt.Fprintln(&b, q)
		}
		return fmt.Errorf("the report is another one:\n%s", b.String())
	}
	return nil
}

const coreTests = 98

// TestSuite runs the W3C's tests of SHACL Core and writes the page about them.
func TestSuite(t *testing.T) {
	if _, err := os.Stat(suiteFolder); err != nil {
		t.Skip("no SHACL suite beside the project: ", err)
	}
	s := &suite{t, map[graph.IRI][]graph.Quad{}}
	tests := s.tests(suiteRoot + "core/manifest.ttl")
	if len(tests) != coreTests {
		t.Errorf("the manifests list %d tests, want %d", len(tests), coreTests)
	}
	passed, all := map[string]int{}, map[string]int{}
	for _, test := range tests {
		t.Run(test.group+"/"+test.name, func(t *testing.T) {
			all[test.group]++
			if err := s.run(test); err != nil {
				t.Error(err)
				return
			}
			passed[test.group]++
		})
	}
	checkPage(t, passed, all)
}

func checkPage(t *testing.T, passed, all map[string]int) {
	var b bytes.Buffer
	io.WriteString(&b, `# The W3C's tests of SHACL Core

The tests of the data-shapes test suite for SHACL 1.0 Core, all of them. Reports are compared
as graphs up to the names of their own blank nodes; those of shapes and data are the same
ones. This page is written by

    go test ./ontology/shacl -run TestSuite -args -update

and the test fails when it is out of date or a test does not pass. SHACL-SPARQL is not run
here.

| folder | tests | passed |
| --- | --: | --: |
`)
	sum := 0
	for _, group := range []string{"complex", "misc", "node", "path", "property", "targets", "validation-reports"} {
		fmt.Fprintf(&b, "| %s | %d | %d |\n", group, all[group], passed[group])
		sum += passed[group]
	}
	fmt.Fprintf(&b, "| all | %d | %d |\n", coreTests, sum)
	if *update {
		if err := os.WriteFile(page, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(page); err != nil || !bytes.Equal(text, b.Bytes()) {
		t.Errorf("docs/conformance-shacl.md is out of date: run with -args -update (%v)", err)
	}
}
