package w3c

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/sparql/expr"
	"mocban/sparql/results"
	"mocban/vocab/rdf"
	"mocban/vocab/xsd"
)

// An Answer is that of a query: solutions, a truth value, or triples.
type Answer struct {
	*results.Result              // nil if the answer is triples
	Triples         []graph.Quad // a set
	Ordered         bool         // whether the order of the rows counts
	Lax             bool         // whether rows may come less often, see [Test]
	Untyped         bool         // what CSV keeps: text, and no types
	Valued          bool         // whether numbers are compared by value
}

// Differ tells how an answer differs from a, the one that is wanted; nil if it does not.
func (a *Answer) Differ(got *Answer) error {
	if (a.Result == nil) != (got.Result == nil) {
		return fmt.Errorf("is %s, want %s", got.form(), a.form())
	}
	if a.Result == nil {
		if !canon.Isomorphic(a.Triples, got.Triples) {
			return fmt.Errorf("%d triples are not the %d wanted", len(got.Triples), len(a.Triples))
		}
		return nil
	}
	if a.Ask != got.Ask || a.Boolean != got.Boolean {
		return fmt.Errorf("is %s, want %s", got.form(), a.form())
	}
	if want, vars := sorted(a.Vars), sorted(got.Vars); !slices.Equal(want, vars) {
		return fmt.Errorf("columns are %q, want %q", vars, want)
	}
	if a.Lax {
		return a.differLax(got)
	}
	if len(a.Rows) != len(got.Rows) {
		return fmt.Errorf("%d rows, want %d", len(got.Rows), len(a.Rows))
	}
	if !canon.Isomorphic(a.quads(a), got.quads(a)) {
		return fmt.Errorf("rows are not those wanted")
	}
	return nil
}

func (a *Answer) form() string {
	switch {
	case a.Result == nil:
		return "triples"
	case a.Ask:
		return strconv.FormatBool(a.Boolean)
	}
	return "rows"
}

func sorted(vars []string) []string {
	vars = slices.Clone(vars)
	slices.Sort(vars)
	return vars
}

// differLax compares where rows may come less often: each of those wanted at least once, and
// at most as often as it is listed.
func (a *Answer) differLax(got *Answer) error {
	count := func(of *Answer) map[string]int {
		n := map[string]int{}
		for _, row := range of.Rows {
			n[fmt.Sprint(of.arranged(row, a.Vars))]++
		}
		return n
	}
	w, g := count(a), count(got)
	for row, n := range w {
		if g[row] == 0 || g[row] > n {
			return fmt.Errorf("row %s comes %d times, want 1 to %d", row, g[row], n)
		}
	}
	if len(w) != len(g) {
		return fmt.Errorf("%d different rows, want %d", len(g), len(w))
	}
	return nil
}

// arranged returns a row in the order of other columns.
func (a *Answer) arranged(row []graph.Term, vars []string) []graph.Term {
	out := make([]graph.Term, len(vars))
	for i, v := range vars {
		if at := slices.Index(a.Vars, v); at >= 0 {
			out[i] = row[at]
		}
	}
	return out
}

// quads writes the rows as a graph, a blank node for each row, so that two answers are equal
// if their graphs are isomorphic: a row that comes twice is two nodes, and the blank nodes of
// terms keep one bijection for the answer. how tells what counts.
func (a *Answer) quads(how *Answer) []graph.Quad {
	const ns graph.IRI = "urn:row:"
	var quads []graph.Quad
	for n, row := range a.Rows {
		node := graph.Blank("row " + strconv.Itoa(n)) // no label of a term has a space
		kind := graph.String("row")
		if how.Ordered {
			kind = graph.String(strconv.Itoa(n))
		}
		quads = append(quads, graph.Quad{S: node, P: rdf.Type, O: kind})
		for i, t := range row {
			if t.IsZero() {
				continue
			}
			switch {
			case how.Untyped:
				t = untyped(t)
			case how.Valued:
				t = valued(t)
			}
			quads = append(quads, graph.Quad{S: node, P: ns + graph.IRI(a.Vars[i]), O: t})
		}
	}
	return quads
}

// untyped reduces a term to what CSV keeps of it. Numbers are compared by value, since the
// suite expects 1.0E6 of 1.0e6.
func untyped(t graph.Term) graph.Term {
	if t.IsBlank() {
		return t
	}
	if v, err := strconv.ParseFloat(t.Value(), 64); err == nil {
		return graph.Literal(strconv.FormatFloat(v, 'g', -1, 64), xsd.Double)
	}
	return graph.String(t.Value())
}

// valued returns a number in canonical form, and text with its language in small letters.
func valued(t graph.Term) graph.Term {
	if t.Lang() != "" {
		return graph.DirText(t.Value(), strings.ToLower(t.Lang()), t.Dir())
	}
	v := expr.FromTerm(t)
	if !v.IsNumeric() {
		return t
	}
	canonical, _ := expr.Neg(expr.Neg(v)).Term() // a computed value has the canonical form
	return graph.Literal(canonical.Value(), t.Datatype())
}

// through writes rows in a format and reads them back, since formats are part of the answer.
func through(f *results.Format, r *results.Result) (*results.Result, error) {
	var b bytes.Buffer
	w, err := results.NewWriter(f, &b)
	if err != nil {
		return nil, err
	}
	if r.Ask {
		err = w.Boolean(r.Boolean)
	} else if err = w.Begin(r.Vars); err == nil {
		for _, row := range r.Rows {
			if err = w.Row(row); err != nil {
				break
			}
		}
	}
	if err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return results.Read(f, &b)
}

// formatOf returns the format of a file of results; ok is false for RDF.
func formatOf(file graph.IRI) (f *results.Format, ok bool) {
	ext := path.Ext(string(file))
	for _, f := range results.Formats {
		if ext == "."+f.Extension {
			return f, true
		}
	}
	return nil, false
}

// readAnswer reads what a test expects. graphs tells that it is triples; other RDF describes
// a result set.
func readAnswer(suites fs.FS, file graph.IRI, graphs bool, rdfxml Reader) (*Answer, error) {
	if f, ok := formatOf(file); ok {
		in, err := open(suites, file)
		if err != nil {
			return nil, err
		}
		defer in.Close()
		res, err := results.Read(f, in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		return &Answer{Result: res, Untyped: f == results.CSV}, nil
	}
	quads, err := readRDF(suites, file, rdfxml)
	if err != nil || graphs {
		return &Answer{Triples: quads}, err
	}
	res, err := resultSet(quads)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &Answer{Result: res}, nil
}

// rs is the vocabulary in which the tests of SPARQL 1.0 describe results.
const rs graph.IRI = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"

var errNoResultSet = errors.New("there is no rs:ResultSet")

// resultSet reads a rs:ResultSet.
func resultSet(quads []graph.Quad) (*results.Result, error) {
	m := manifest{about: map[graph.Term][]graph.Quad{}}
	var set graph.Term
	for _, q := range quads {
		m.about[q.S] = append(m.about[q.S], q)
		if q.P == rdf.Type && q.O == (rs+"ResultSet").Term() {
			set = q.S
		}
	}
	if set.IsZero() {
		return nil, errNoResultSet
	}
	if b := m.one(set, rs+"boolean"); !b.IsZero() {
		return &results.Result{Ask: true, Boolean: b.Value() == "true" || b.Value() == "1"}, nil
	}
	res := new(results.Result)
	for _, v := range m.get(set, rs+"resultVariable") {
		res.Vars = append(res.Vars, v.Value())
	}
	solutions := m.get(set, rs+"solution")
	index := func(s graph.Term) int {
		n, _ := strconv.Atoi(m.one(s, rs+"index").Value())
		return n
	}
	slices.SortStableFunc(solutions, func(a, b graph.Term) int { return cmp.Compare(index(a), index(b)) })
	for _, s := range solutions {
		row := make([]graph.Term, len(res.Vars))
		for _, b := range m.get(s, rs+"binding") {
			i := slices.Index(res.Vars, m.one(b, rs+"variable").Value())
			if i < 0 {
				return nil, fmt.Errorf("?%s is not listed", m.one(b, rs+"variable").Value())
			}
			row[i] = m.one(b, rs+"value")
		}
		res.Rows = append(res.Rows, row)
	}
	return res, nil
}
