// Package random makes data and queries by chance, for tests that compare two ways to answer
// them, and makes a query smaller for as long as the two differ. Equal seeds give equal
// queries.
//
// The data are few and the queries use the same few names, so that most patterns meet
// something: IRIs that stand in every position, blank nodes, and literals that are equal as
// values and not as terms. Nothing that is made depends on a clock or on chance of its own,
// but for BNODE.
package random

import (
	"math/rand/v2"
	"strconv"

	"mocban/graph"
	"mocban/vocab/xsd"
)

const ns graph.IRI = "http://example.org/"

// Prefixes declares what queries use, and is not part of them.
const Prefixes = "PREFIX : <http://example.org/>\nPREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"

// literals are written as in a query.
var literals = []struct {
	text string
	term graph.Term
}{
	{`1`, graph.Literal("1", xsd.Integer)},
	{`2`, graph.Literal("2", xsd.Integer)},
	{`10`, graph.Literal("10", xsd.Integer)},
	{`-1`, graph.Literal("-1", xsd.Integer)},
	{`0`, graph.Literal("0", xsd.Integer)},
	{`"01"^^xsd:integer`, graph.Literal("01", xsd.Integer)},
	{`9223372036854775808`, graph.Literal("9223372036854775808", xsd.Integer)},
	{`"2"^^xsd:byte`, graph.Literal("2", xsd.Byte)},
	{`1.0`, graph.Literal("1.0", xsd.Decimal)},
	{`2.5`, graph.Literal("2.5", xsd.Decimal)},
	{`1e0`, graph.Literal("1e0", xsd.Double)},
	{`"2.5"^^xsd:double`, graph.Literal("2.5", xsd.Double)},
	{`"1.0E0"^^xsd:double`, graph.Literal("1.0E0", xsd.Double)},
	{`"NaN"^^xsd:double`, graph.Literal("NaN", xsd.Double)},
	{`"1.5"^^xsd:float`, graph.Literal("1.5", xsd.Float)},
	{`"one"^^xsd:integer`, graph.Literal("one", xsd.Integer)},
	{`true`, graph.Literal("true", xsd.Boolean)},
	{`"0"^^xsd:boolean`, graph.Literal("0", xsd.Boolean)},
	{`""`, graph.String("")},
	{`"a"`, graph.String("a")},
	{`"b"`, graph.String("b")},
	{`"1"`, graph.String("1")},
	{`"Truyện Kiều"`, graph.String("Truyện Kiều")},
	{`"a"@en`, graph.Text("a", "en")},
	{`"a"@EN`, graph.Text("a", "EN")},
	{`"Truyện Kiều"@vi`, graph.Text("Truyện Kiều", "vi")},
	{`"a"^^:type`, graph.Literal("a", ns+"type")},
	{`"2020-01-01"^^xsd:date`, graph.Literal("2020-01-01", xsd.Date)},
	{`"2020-01-01T00:00:00Z"^^xsd:dateTime`, graph.Literal("2020-01-01T00:00:00Z", xsd.DateTime)},
	{`"2020-01-01T07:00:00+07:00"^^xsd:dateTime`, graph.Literal("2020-01-01T07:00:00+07:00", xsd.DateTime)},
	{`"2020-01-01T00:00:00"^^xsd:dateTime`, graph.Literal("2020-01-01T00:00:00", xsd.DateTime)},
	{`"1820"^^xsd:gYear`, graph.Literal("1820", xsd.GYear)},
}

var (
	nodes      = []string{"a", "b", "c", "d", "e"}
	predicates = []string{"p", "q", "r"}
	graphs     = []string{"g1", "g2", "g3"} // g3 stays empty
	blanks     = []string{"x", "y"}
)

func one[T any](r *rand.Rand, of []T) T { return of[r.IntN(len(of))] }

// Data returns quads, about as many as n says, and the named graphs, one of which is empty.
func Data(r *rand.Rand, n int) (quads []graph.Quad, named []graph.Term) {
	for _, g := range graphs {
		named = append(named, (ns + graph.IRI(g)).Term())
	}
	known := map[graph.Quad]bool{}
	nested := r.IntN(4) == 0
	for range n {
		q := graph.Quad{S: node(r), P: ns + graph.IRI(one(r, predicates)), O: node(r)}
		switch k := r.IntN(20); {
		case k < 10:
			q.O = one(r, literals).term
		case k < 13 && nested && len(quads) > 0:
			q.O = graph.TripleTerm(one(r, quads).Triple())
		}
		switch r.IntN(4) {
		case 0:
			q.G = named[0]
		case 1:
			q.G = named[1]
		case 2:
			if r.IntN(8) == 0 {
				q.G = graph.Blank("g")
			}
		}
		if !known[q] {
			known[q] = true
			quads = append(quads, q)
		}
	}
	return quads, named
}

// Large returns n quads in two named graphs and the default graph, about nodes of which each
// has a few. Those that queries name are among them.
func Large(r *rand.Rand, n int) []graph.Quad {
	pick := func() graph.Term {
		if k := r.IntN(n / 3); k >= len(nodes) {
			return (ns + graph.IRI("n"+strconv.Itoa(k))).Term()
		}
		return (ns + graph.IRI(one(r, nodes))).Term()
	}
	quads := make([]graph.Quad, n)
	for i := range quads {
		q := graph.Quad{S: pick(), P: ns + graph.IRI(one(r, predicates)), O: pick()}
		switch r.IntN(4) {
		case 0:
			q.O = one(r, literals).term
		case 1:
			q.O = graph.Literal(strconv.Itoa(r.IntN(n)), xsd.Integer)
		}
		if g := r.IntN(4); g < 2 {
			q.G = (ns + graph.IRI(graphs[g])).Term()
		}
		quads[i] = q
	}
	return quads
}

// node returns an IRI or a blank node. Names of predicates and graphs are among the IRIs.
func node(r *rand.Rand) graph.Term {
	switch r.IntN(12) {
	case 0, 1:
		return graph.Blank(one(r, blanks))
	case 2:
		return (ns + graph.IRI(one(r, predicates))).Term()
	case 3:
		return (ns + graph.IRI(one(r, graphs[:2]))).Term()
	}
	return (ns + graph.IRI(one(r, nodes))).Term()
}
