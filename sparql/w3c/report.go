package w3c

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/vocab/rdf"
	"mocban/vocab/xsd"
)

// An Outcome is what came of a test. Err is nil if it passed.
type Outcome struct {
	Test *Test
	Err  error
}

// A Report gathers outcomes.
type Report []Outcome

// A tally counts the tests of one row of a table.
type tally struct{ passed, run int }

// tallies counts tests by what name gives for them.
func (r Report) tallies(name func(*Test) string) (names []string, counts map[string]tally) {
	counts = map[string]tally{}
	for _, o := range r {
		n := name(o.Test)
		c, ok := counts[n]
		if !ok {
			names = append(names, n)
		}
		c.run++
		if o.Err == nil {
			c.passed++
		}
		counts[n] = c
	}
	slices.Sort(names)
	return names, counts
}

// Table writes how many tests of each group passed, and the failures.
func (r Report) Table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, by := range []func(*Test) string{(*Test).suite, func(t *Test) string { return t.Group }} {
		names, counts := r.tallies(by)
		for _, n := range names {
			fmt.Fprintf(t, "%s\t%d\tof %d\n", n, counts[n].passed, counts[n].run)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, o := range r {
		if o.Err != nil {
			if _, err := fmt.Fprintf(w, "%s: %v\n", o.Test.Key(), o.Err); err != nil {
				return err
			}
		}
	}
	return nil
}

// suite names the suite and the kind of a test, for people.
func (t *Test) suite() string {
	name := "SPARQL " + t.Version()
	switch t.Kind {
	case Evaluation:
		if t.Service {
			return name + " federated"
		}
		if f := t.folder(); f == "csv-tsv-res" || f == "json-res" {
			return name + " result formats"
		}
		return name + " evaluation"
	case UpdateEvaluation:
		return name + " update"
	case PositiveUpdateSyntax, NegativeUpdateSyntax:
		return name + " update syntax"
	case Protocol:
		return name + " protocol"
	case GraphStore:
		if t.folder() == "http-rdf-update" {
			return name + " graph store, older tests"
		}
		return name + " graph store"
	case ServiceDescription:
		return name + " service description"
	}
	return name + " syntax"
}

// Markdown writes the outcomes as a page of the documentation: how many tests pass, and why
// the others do not.
func (r Report) Markdown(w io.Writer) error {
	b := new(strings.Builder)
	b.WriteString(markdownHead)
	excuses := Excused()
	byValue := map[string]int{}
	for _, o := range r {
		if o.Err != nil && excuses[o.Test.Key()].ByValue {
			byValue[o.Test.suite()]++
		}
	}
	names, counts := r.tallies((*Test).suite)
	for _, n := range names {
		fmt.Fprintf(b, "| %s | %d | %d | %d |\n", n, counts[n].run, counts[n].passed, counts[n].passed+byValue[n])
	}
	b.WriteString("\nTests that do not pass:\n\n| test | why |\n| --- | --- |\n")
	for _, o := range r {
		if o.Err == nil {
			continue
		}
		e := excuses[o.Test.Key()]
		reason := strings.ReplaceAll(e.Reason, "|", "\\|")
		if e.ByValue {
			reason = "Passes by value. " + reason
		}
		fmt.Fprintf(b, "| %s | %s |\n", o.Test.Key(), reason)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

const markdownHead = `# The W3C's tests of SPARQL, and all others

Through the Badger store, with the strict dataset (an empty default graph is empty), compared
by the letter: lexical forms, datatypes, language tags, how often a row comes, order where
the query asks for one, blank nodes by one bijection. Every answer goes through the writer and
the reader of the format that the test expects. Updates are compared by all quads of the store
and by its named graphs. The same tests pass in memory and over HTTP. Those of the protocols
run over HTTP only.

Entailment regimes are not run. Texts are read by the version of SPARQL that a suite is of, where
1.2 takes back what 1.1 has. This page is written by

    go test ./sparql/w3c -run TestSPARQL -args -update

(.ci/conformance writes all pages anew and prints this one) and the test fails when it is out of date, when a test fails that is not listed here, and
when one passes that is. The reasons stand in sparql/w3c/excused.tsv.

The last column counts those as well whose numbers have the right value and type, and whose
language tags differ in case only.

| suite | tests | passed | by value |
| --- | --: | --: | --: |
`

const earl graph.IRI = "http://www.w3.org/ns/earl#"

// EARL writes the outcomes as Turtle in the vocabulary that the W3C gathers reports in.
// subject is the IRI of the software.
func (r Report) EARL(w io.Writer, subject graph.IRI, at time.Time) error {
	out, err := rdfio.NewWriter(rdfio.Turtle, w, rdfio.WriteOptions{Prefixes: map[string]graph.IRI{"earl": earl, "xsd": xsd.NS, "dcterms": "http://purl.org/dc/terms/"}})
	if err != nil {
		return err
	}
	sorted := slices.Clone(r)
	slices.SortStableFunc(sorted, func(a, b Outcome) int { return cmp.Compare(a.Test.ID, b.Test.ID) })
	for i, o := range sorted {
		outcome := earl + "passed"
		if o.Err != nil {
			outcome = earl + "failed"
		}
		a, res := graph.Blank(fmt.Sprintf("a%d", i)), graph.Blank(fmt.Sprintf("r%d", i))
		err := out.Write(
			graph.Quad{S: a, P: rdf.Type, O: (earl + "Assertion").Term()},
			graph.Quad{S: a, P: earl + "subject", O: subject.Term()},
			graph.Quad{S: a, P: earl + "test", O: o.Test.ID.Term()},
			graph.Quad{S: a, P: earl + "mode", O: (earl + "automatic").Term()},
			graph.Quad{S: a, P: earl + "result", O: res},
			graph.Quad{S: res, P: rdf.Type, O: (earl + "TestResult").Term()},
			graph.Quad{S: res, P: earl + "outcome", O: outcome.Term()},
			graph.Quad{S: res, P: "http://purl.org/dc/terms/date", O: graph.Literal(at.UTC().Format(time.RFC3339), xsd.DateTime)},
		)
		if err != nil {
			return err
		}
	}
	return out.Close()
}
