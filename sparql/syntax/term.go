package syntax

import (
	"mocban/graph"
	"mocban/vocab/rdf"
)

// ParseTerm reads one term as queries and TSV results write it: an IRI in <>, a blank node, a
// literal, a number, true or false, or a triple term.
func ParseTerm(text string) (graph.Term, error) {
	p := newParser(text, Options{})
	t := p.ground()
	if p.err == nil && p.tok().kind != end {
		p.expected("the end of the term")
	}
	if p.err != nil {
		return graph.Term{}, p.err
	}
	return t, nil
}

// tripleVerb reads an IRI, or a.
func (p *parser) tripleVerb() graph.IRI {
	if t := p.tok(); t.kind == word && t.value == "a" {
		p.advance()
		return rdf.Type
	}
	return p.iri()
}

// ground reads a term without variables.
func (p *parser) ground() graph.Term {
	t := p.tok()
	switch {
	case t.isIRI():
		return p.iri().Term()
	case t.isLiteral():
		return p.literal()
	case t.kind == blank:
		p.advance()
		return graph.Blank(t.value)
	case p.accept("<<("):
		p.enter()
		defer p.leave()
		s := p.ground()
		if p.err == nil && !s.IsIRI() && !s.IsBlank() {
			p.failAt(t.pos, "the subject of a triple term is an IRI or a blank node")
		}
		verb := p.tripleVerb()
		triple := graph.Triple{S: s, P: verb, O: p.ground()}
		p.expect(")>>")
		return graph.TripleTerm(triple)
	}
	p.expected("an IRI, a blank node or a literal")
	return graph.Term{}
}
