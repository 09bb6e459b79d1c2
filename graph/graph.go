// Package graph holds the words of the house: terms, quads, the IDs that stand for terms,
// and the contract between those who keep quads and those who ask for them.
//
// It follows RDF 1.2 Concepts: IRIs, blank nodes, literals with language and base
// direction, triple terms, and datasets of named graphs, empty ones among them. It imports
// the standard library only, and nothing here reads a file or starts a goroutine.
//
// What to hold in mind:
//
//   - The lexical form is identity. "01"^^xsd:integer and "1"^^xsd:integer are two terms,
//     "x"@vi and "x"@VI are two terms, and nothing here normalises Unicode. Values are
//     compared by the query language, text is cleaned at ingest.
//   - A [Term] is comparable with ==, which is RDF term equality, and can be a map key.
//   - Bulk data move as [ID]s in [Block]s; terms are fetched last, and in bulk.
//   - The zero Term as a graph name is the default graph.
package graph

// An IRI is an absolute IRI (RFC 3987) as written. It is a string type of its own so that
// vocabularies are constants and a predicate cannot be anything else.
type IRI string

// Term returns the IRI as a term.
func (i IRI) Term() Term { return Term{string(i), iriForm} }

// A Triple is subject, predicate and object. The subject is an IRI or a blank node.
type Triple struct {
	S Term
	P IRI
	O Term
}

// A Quad is a triple in a graph. G is an IRI or a blank node, or the zero Term for the
// default graph.
type Quad struct {
	S Term
	P IRI
	O Term
	G Term
}

// Triple returns the quad without its graph.
func (q Quad) Triple() Triple { return Triple{q.S, q.P, q.O} }

// In returns the triple as a quad of graph g.
func (t Triple) In(g Term) Quad { return Quad{t.S, t.P, t.O, g} }

// String returns the quad as one line of canonical N-Quads, without the line end.
func (q Quad) String() string { return string(AppendQuad(nil, q)) }

// String returns the triple as one line of canonical N-Triples, without the line end.
func (t Triple) String() string { return t.In(Term{}).String() }

// CompareQuads orders quads by graph, subject, predicate, object: the order of dumps.
// The default graph comes first.
func CompareQuads(a, b Quad) int {
	if c := Compare(a.G, b.G); c != 0 {
		return c
	}
	if c := Compare(a.S, b.S); c != 0 {
		return c
	}
	if a.P != b.P {
		if a.P < b.P {
			return -1
		}
		return 1
	}
	return Compare(a.O, b.O)
}

// Check tells what is wrong with the quad, if anything: positions that hold a kind of term
// which RDF does not allow there.
func (q Quad) Check() error {
	switch {
	case !q.S.IsIRI() && !q.S.IsBlank():
		return &QuadError{q, "a subject is an IRI or a blank node"}
	case q.P == "":
		return &QuadError{q, "a predicate is an IRI"}
	case q.O.IsZero():
		return &QuadError{q, "the object is missing"}
	case !q.G.IsZero() && !q.G.IsIRI() && !q.G.IsBlank():
		return &QuadError{q, "a graph name is an IRI or a blank node"}
	}
	return nil
}
