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

// Table writes how many tests of each group passed, and of what kind, and the failures.
func (r Report) Table(w io.Writer) error {
	type row struct{ passed, run int }
	rows := map[string]*row{}
	count := func(name string, passed bool) {
		if rows[name] == nil {
			rows[name] = new(row)
		}
		rows[name].run++
		if passed {
			rows[name].passed++
		}
	}
	for _, o := range r {
		suite, _, _ := strings.Cut(o.Test.Group, "/")
		count(o.Test.Group, o.Err == nil)
		count(suite+" "+o.Test.Kind.String(), o.Err == nil)
	}
	var names []string
	for name := range rows {
		names = append(names, name)
	}
	slices.Sort(names)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, name := range names {
		fmt.Fprintf(t, "%s\t%d\tof %d\n", name, rows[name].passed, rows[name].run)
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
