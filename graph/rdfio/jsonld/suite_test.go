package jsonld

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/piprate/json-gold/ld"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/conformance"
	"mocban/graph/rdfio/document"
	"mocban/graph/rdfio/turtle"
)

const (
	suite     = "../../../../shared/suites/json-ld-api/tests"
	suiteBase = "https://w3c.github.io/json-ld-api/tests/"
)

// suiteLoader serves the files of the suite under their addresses.
type suiteLoader struct{}

func (suiteLoader) LoadDocument(url string) (*ld.RemoteDocument, error) {
	path, ok := strings.CutPrefix(url, suiteBase)
	if !ok {
		return nil, ld.NewJsonLdError(ld.LoadingDocumentFailed, url)
	}
	data, err := os.ReadFile(filepath.Join(suite, path))
	if err != nil {
		return nil, ld.NewJsonLdError(ld.LoadingDocumentFailed, err)
	}
	value, err := decode(data, 1<<20)
	if err != nil {
		return nil, ld.NewJsonLdError(ld.LoadingDocumentFailed, err)
	}
	return &ld.RemoteDocument{DocumentURL: url, Document: value}, nil
}

type toRDFTest struct {
	ID            string   `json:"@id"`
	Type          []string `json:"@type"`
	Input, Expect string
	Option        struct {
		Base, ProcessingMode, SpecVersion, ExpandContext, RDFDirection string
		ProduceGeneralizedRDF                                          bool
	}
}

func TestToRDFSuite(t *testing.T) {
	suiteRows[0] = runSuite(t, "toRdf", excuses, (*toRDFTest).run)
}

// runSuite runs the tests of a manifest, those of JSON-LD 1.0 alone left out. What fails has an
// excuse, and what has one fails.
func runSuite(t *testing.T, name string, excuses map[string]string, do func(*toRDFTest) error) conformance.Row {
	data, err := os.ReadFile(filepath.Join(suite, name+"-manifest.jsonld"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the W3C suites are not beside the project: %v", err)
	}
	var manifest struct{ Sequence []toRDFTest }
	if err := json.Unmarshal(data, &manifest); err != nil {
		t.Fatal(err)
	}
	passed, run := 0, 0
	for _, test := range manifest.Sequence {
		if test.Option.SpecVersion == "json-ld-1.0" {
			continue
		}
		run++
		t.Run(test.ID, func(t *testing.T) {
			err := do(&test)
			why, excused := excuses[strings.TrimPrefix(test.ID, "#t")]
			switch {
			case err == nil && excused:
				t.Errorf("passes, though %s: take it off the list", why)
			case err != nil && !excused:
				t.Error(err)
			case err == nil:
				passed++
			}
		})
	}
	t.Logf("%d/%d", passed, run)
	return conformance.Row{Suite: "JSON-LD 1.1 " + name, Tests: run, Passed: passed}
}

func (test *toRDFTest) run() error {
	data, err := os.ReadFile(filepath.Join(suite, test.Input))
	if err != nil {
		return err
	}
	base := suiteBase + test.Input
	if test.Option.Base != "" {
		base = test.Option.Base
	}
	r := NewReader(bytes.NewReader(data), document.Options{Base: graph.IRI(base)})
	r.loader = suiteLoader{}
	r.api = api{mode: test.Option.ProcessingMode, direction: test.Option.RDFDirection}
	if test.Option.ExpandContext != "" {
		d, err := r.loader.LoadDocument(suiteBase + test.Option.ExpandContext)
		if err != nil {
			return err
		}
		r.api.context = d.Document
	}
	got, err := readAll(r)
	if slices.Contains(test.Type, "jld:NegativeEvaluationTest") {
		if err == nil {
			return fmt.Errorf("%s was read", data)
		}
		return nil
	}
	if err != nil || test.Expect == "" {
		return err
	}
	want, err := os.ReadFile(filepath.Join(suite, test.Expect))
	if err != nil {
		return err
	}
	expected, err := readAll(turtle.NewLines(bytes.NewReader(want), true, document.Options{}))
	if err != nil {
		return err
	}
	if !canon.Isomorphic(lowerTags(got), lowerTags(expected)) {
		return fmt.Errorf("%s\ngives %v\nnot %s", data, got, want)
	}
	return nil
}

// lowerTags returns the quads with language tags in lower case.
func lowerTags(quads []graph.Quad) []graph.Quad {
	quads = slices.Clone(quads)
	for i, q := range quads {
		if lang := q.O.Lang(); lang != "" {
			quads[i].O = graph.Text(q.O.Value(), strings.ToLower(lang))
		}
	}
	return quads
}

func readAll(r interface {
	Read([]graph.Quad) (int, error)
}) (quads []graph.Quad, err error) {
	buf := make([]graph.Quad, 16)
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

// excuses lists the tests that we do not pass, and why.
var excuses = func() map[string]string {
	m := map[string]string{}
	for why, tests := range map[string]string{
		"asks for triples whose predicates are blank nodes, which RDF has not (RDF 1.1 Concepts, 3.1); JSON-LD 1.1 API, 9.3, calls the option obsolete": "e075",
	} {
		for _, test := range strings.Fields(tests) {
			m[test] = why
		}
	}
	return m
}()

// TestFromRDFSuite writes the datasets of the suite, and reads what is written: it must say what
// the expected document says. The writer has a shape of its own, compact and arranged, so that
// documents are compared by what they say, and lists by that they are written as lists.
func TestFromRDFSuite(t *testing.T) {
	suiteRows[1] = runSuite(t, "fromRdf", fromExcuses, (*toRDFTest).fromRDF)
}

func (test *toRDFTest) fromRDF() error {
	data, err := os.ReadFile(filepath.Join(suite, test.Input))
	if err != nil {
		return err
	}
	quads, err := readAll(turtle.NewLines(bytes.NewReader(data), true, document.Options{}))
	if err != nil {
		return err
	}
	var b bytes.Buffer
	w := NewWriter(&b, nil)
	err = errors.Join(w.Write(quads...), w.Close())
	if slices.Contains(test.Type, "jld:NegativeEvaluationTest") {
		if err == nil {
			return fmt.Errorf("%s was written as %s", data, &b)
		}
		return nil
	}
	if err != nil {
		return err
	}
	got, err := readAll(NewReader(&b, document.Options{}))
	if err != nil {
		return err
	}
	expect, err := os.ReadFile(filepath.Join(suite, test.Expect))
	if err != nil {
		return err
	}
	r := NewReader(bytes.NewReader(expect), document.Options{Base: suiteBase})
	r.api.direction = test.Option.RDFDirection
	want, err := readAll(r)
	if err != nil {
		return err
	}
	if !canon.Isomorphic(canonicalJSON(lowerTags(got)), canonicalJSON(lowerTags(want))) {
		return fmt.Errorf("%s\nis written %v\nnot %v", data, got, want)
	}
	return nil
}

// canonicalJSON returns the quads with literals of rdf:JSON in canonical form: the suite compares
// their values.
func canonicalJSON(quads []graph.Quad) []graph.Quad {
	quads = slices.Clone(quads)
	for i, q := range quads {
		if q.O.Datatype() != rdfJSON {
			continue
		}
		v, err := decode([]byte(q.O.Value()), 1<<20)
		if err != nil {
			continue
		}
		if b, err := appendCanonical(nil, v); err == nil {
			quads[i].O = graph.Literal(string(b), q.O.Datatype())
		}
	}
	return quads
}

// suiteRows are what the suites gave that were run.
var suiteRows [2]conformance.Row

var update = flag.Bool("update", false, "write docs/conformance-jsonld.md")

// TestSuitePage comes behind the suites.
func TestSuitePage(t *testing.T) {
	for _, r := range suiteRows {
		if r.Tests == 0 {
			t.Skip("a suite was not run")
		}
	}
	page := conformance.Page{
		File: "../../../docs/conformance-jsonld.md", Title: "The W3C's tests of JSON-LD", Rows: suiteRows[:], Excuse: map[string]string{},
		Intro: "Reading goes through json-gold, with what we mend before and after it, and is compared by RDF.\n" +
			"The writer has a shape of its own, so that what it writes is read again and compared with what\n" +
			"the expected document says. Tests of JSON-LD 1.0 alone are left out.",
		Write: "go test ./graph/rdfio/jsonld -run Suite -args -update",
	}
	for test, why := range excuses {
		page.Excuse["toRdf#t"+test] = why
	}
	for test, why := range fromExcuses {
		page.Excuse["fromRdf#t"+test] = why
	}
	page.Check(t, *update)
}

// fromExcuses are those of writing.
var fromExcuses = map[string]string{
	"0027": `Wants true of "1" with useNativeTypes, as a draft behind the Recommendation has it. JSON-LD 1.1 API (16 July 2020), 8.5.2, makes true and false of these words alone, and so do we, with or without the option.`,
}
