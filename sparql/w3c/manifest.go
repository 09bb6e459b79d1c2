// Package w3c runs the W3C's SPARQL test suites against the engine, over any store: it reads
// the manifests, loads the data of a test, asks, and compares with what is expected, by
// the letter.
//
// What to hold in mind:
//
//   - Two answers are equal if their rows are, each as often, and in order where the query has
//     ORDER BY; terms are compared as they are written, blank nodes by one bijection for the
//     whole answer.
//   - What we get goes through the writer and the reader of the format that the test expects.
//   - A test that we do not pass stands in excused.tsv with a reason; one that stands there
//     and passes is a failure, too.
package w3c

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/vocab/rdf"
)

// Root is the IRI under which the suites are published; files resolve against it.
const Root = "https://w3c.github.io/rdf-tests/"

// The vocabularies of manifests.
const (
	mf graph.IRI = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
	qt graph.IRI = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
)

// A Kind says what a test is of.
type Kind uint8

// The kinds of test.
const (
	Other Kind = iota
	PositiveSyntax
	NegativeSyntax
	Evaluation
	PositiveUpdateSyntax
	NegativeUpdateSyntax
	UpdateEvaluation
	Protocol
	GraphStore
	ServiceDescription
)

func (k Kind) String() string {
	return [...]string{"other", "positive syntax", "negative syntax", "evaluation", "positive update syntax", "negative update syntax", "update", "protocol", "graph store", "service description"}[k]
}

var kinds = map[graph.IRI]Kind{
	mf + "PositiveSyntaxTest": PositiveSyntax, mf + "PositiveSyntaxTest11": PositiveSyntax,
	mf + "NegativeSyntaxTest": NegativeSyntax, mf + "NegativeSyntaxTest11": NegativeSyntax,
	mf + "QueryEvaluationTest": Evaluation, mf + "CSVResultFormatTest": Evaluation,
	mf + "PositiveUpdateSyntaxTest": PositiveUpdateSyntax, mf + "PositiveUpdateSyntaxTest11": PositiveUpdateSyntax,
	mf + "NegativeUpdateSyntaxTest": NegativeUpdateSyntax, mf + "NegativeUpdateSyntaxTest11": NegativeUpdateSyntax,
	mf + "UpdateEvaluationTest": UpdateEvaluation, mf + "ProtocolTest": Protocol,
	mf + "GraphStoreProtocolTest": GraphStore, mf + "ServiceDescriptionTest": ServiceDescription,
}

// A Test is one entry of a manifest. Files are IRIs below Root.
type Test struct {
	ID    graph.IRI
	Name  string
	Group string // folders, "sparql11/aggregates"
	Kind  Kind

	Query   graph.IRI   // or the update
	Data    []graph.IRI // of the default graph
	Graphs  []graph.IRI // named ones, by their own IRIs
	Result  graph.IRI
	Lax     bool // rows may come less often than listed (REDUCED)
	Service bool // asks other endpoints
	Regime  bool // needs an entailment regime

	Services map[graph.IRI][]graph.IRI // files of other endpoints

	Before, After Files // of an update; Before of a protocol, too
	Exchanges     []Exchange
}

// Key is the group and the name of the test's ID: short, and unique in a suite.
func (t *Test) Key() string {
	_, name, _ := strings.Cut(string(t.ID), "#")
	return t.Group + "#" + name
}

// folder is the last part of the group.
func (t *Test) folder() string { return path.Base(t.Group) }

// A manifest is the triples of one, by subject.
type manifest struct {
	about map[graph.Term][]graph.Quad
	iri   graph.IRI
}

// Load reads a manifest, and those that it includes, from the folder of the suites. name is
// a path in it, like "sparql/sparql11/manifest-sparql11-query.ttl".
func Load(suites fs.FS, name string) ([]Test, error) {
	quads, err := readRDF(suites, Root+graph.IRI(name), nil)
	if err != nil {
		return nil, err
	}
	m := manifest{map[graph.Term][]graph.Quad{}, Root + graph.IRI(name)}
	for _, q := range quads {
		m.about[q.S] = append(m.about[q.S], q)
	}
	var tests []Test
	for _, q := range quads { // some manifests are about a blank node, not about themselves
		switch q.P {
		case mf + "include":
			for _, include := range m.list(q.O) {
				inner, err := Load(suites, strings.TrimPrefix(include.Value(), Root))
				if err != nil {
					return nil, err
				}
				tests = append(tests, inner...)
			}
		case mf + "entries":
			for _, entry := range m.list(q.O) {
				tests = append(tests, m.test(entry))
			}
		}
	}
	return tests, nil
}

// get returns the values of a property.
func (m manifest) get(s graph.Term, p graph.IRI) (values []graph.Term) {
	for _, q := range m.about[s] {
		if q.P == p {
			values = append(values, q.O)
		}
	}
	return values
}

// one returns the value of a property, the zero Term if it has none.
func (m manifest) one(s graph.Term, p graph.IRI) graph.Term {
	if v := m.get(s, p); len(v) > 0 {
		return v[0]
	}
	return graph.Term{}
}

// list returns the members of a list.
func (m manifest) list(cell graph.Term) (members []graph.Term) {
	for seen := 0; cell != rdf.Nil.Term() && !cell.IsZero() && seen < 10_000; seen++ {
		members = append(members, m.one(cell, rdf.First))
		cell = m.one(cell, rdf.Rest)
	}
	return members
}

func (m manifest) iris(s graph.Term, p graph.IRI) (iris []graph.IRI) {
	for _, v := range m.get(s, p) {
		iri, _ := v.IRI()
		iris = append(iris, iri)
	}
	return iris
}

func (m manifest) test(entry graph.Term) Test {
	id, _ := entry.IRI()
	folder := path.Dir(strings.TrimPrefix(string(m.iri), Root+"sparql/"))
	t := Test{ID: id, Name: m.one(entry, mf+"name").Value(), Group: folder}
	for _, class := range m.iris(entry, rdf.Type) {
		if k, ok := kinds[class]; ok {
			t.Kind = k
		}
	}
	action := m.one(entry, mf+"action")
	if iri, ok := action.IRI(); ok {
		t.Query = iri
	} else {
		t.Query, _ = m.one(action, qt+"query").IRI()
		t.Data = m.iris(action, qt+"data")
		t.Graphs = m.iris(action, qt+"graphData")
		t.Services = m.services(action)
		t.Service = path.Base(folder) == "service"
		t.Regime = len(m.get(action, "http://www.w3.org/ns/sparql-service-description#entailmentRegime")) > 0
	}
	if t.Kind == UpdateEvaluation {
		t.Query, _ = m.one(action, ut+"request").IRI()
		t.Before, t.After = m.files(action), m.files(m.one(entry, mf+"result"))
	}
	switch t.Kind {
	case Protocol, GraphStore:
		t.Before, t.Exchanges = m.files(entry), m.exchanges(action)
		for _, comment := range m.get(entry, "http://www.w3.org/2000/01/rdf-schema#comment") {
			t.Exchanges = append(t.Exchanges, written(comment.Value())...)
		}
	}
	t.Result, _ = m.one(entry, mf+"result").IRI()
	t.Lax = m.one(entry, mf+"resultCardinality") == (mf + "LaxCardinality").Term()
	return t
}

// open opens a file of the suites by its IRI.
func open(suites fs.FS, file graph.IRI) (fs.File, error) {
	name, ok := strings.CutPrefix(string(file), Root)
	if !ok {
		return nil, fmt.Errorf("%s is no file of the suites", file)
	}
	return suites.Open(name)
}

func readText(suites fs.FS, file graph.IRI) (string, error) {
	f, err := open(suites, file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	return string(text), err
}

// A Reader reads the triples of a document in a format that graph/rdfio does not read.
type Reader func(r io.Reader, base graph.IRI) ([]graph.Quad, error)

// readRDF reads a file of RDF. Its blank nodes are its own.
func readRDF(suites fs.FS, file graph.IRI, rdfxml Reader) ([]graph.Quad, error) {
	f, err := open(suites, file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	format, ok := rdfio.ByExtension(path.Ext(string(file)))
	if !ok {
		return nil, fmt.Errorf("%s: %w", file, rdfio.ErrFormat)
	}
	if format == rdfio.RDFXML && rdfxml != nil {
		quads, err := rdfxml(f, file)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		return quads, nil
	}
	r, err := rdfio.NewReader(format, f, rdfio.ReadOptions{Base: file})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	var quads []graph.Quad
	batch := make([]graph.Quad, 256)
	for {
		n, err := r.Read(batch)
		quads = append(quads, batch[:n]...)
		if err == io.EOF {
			return quads, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
	}
}
