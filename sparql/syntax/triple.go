package syntax

import (
	"mocban/graph"
	"mocban/vocab/rdf"
)

// Triple terms, reified triples and annotations (SPARQL 1.2, 4.3).

// inner reads a part of a triple term or reified triple: no collection, and no [...] but
// the empty one.
func (b *block) inner() Node {
	t := b.tok()
	if t.is("(") || t.is("[") && !b.peek().is("]") {
		b.expected("a variable, an IRI, a literal or a blank node")
	}
	return b.node()
}

// innerTriple reads a triple whose predicate is no path.
func (b *block) innerTriple() *Triple {
	b.enter()
	defer b.leave()
	t := &Triple{S: b.inner()}
	outer := b.role
	b.role = max(outer, template)
	b.verb(t)
	b.role = outer
	t.O = b.inner()
	return t
}

// tripleTerm reads a TripleTerm.
func (b *block) tripleTerm() *Triple {
	b.expect("<<(")
	t := b.innerTriple()
	b.expect(")>>")
	return t
}

// reified reads a ReifiedTriple, and returns what stands for it.
func (b *block) reified() Node {
	b.expect("<<")
	t := b.innerTriple()
	r := Node{Pos: b.tok().pos}
	if b.accept("~") {
		r = b.reifier()
	} else {
		r.Term = b.fresh()
	}
	b.expect(">>")
	b.reifies(r, t)
	return r
}

// reifier reads what follows ~, and makes a blank node where nothing does.
func (b *block) reifier() Node {
	t := b.tok()
	n := Node{Pos: t.pos}
	switch {
	case t.kind == variable:
		n.Var = b.variable()
		b.bind(n)
	case t.isIRI():
		n.Term = b.iri().Term()
	case t.kind == blank:
		b.advance()
		n.Term = b.label(t)
	case t.is("[") && b.peek().is("]"):
		b.advance()
		b.advance()
		n.Term = b.fresh()
	default:
		n.Term = b.fresh()
	}
	return n
}

func (b *block) reifies(r Node, t *Triple) {
	b.add(Triple{S: r, P: Node{Pos: r.Pos, Term: rdf.Reifies.Term()}, O: Node{Pos: t.S.Pos, Triple: t}})
}

// annotations reads an Annotation(Path) of the triple at an index. A block is about the
// reifier before it, or one of its own.
func (b *block) annotations(at int) {
	var r Node
	for t := b.tok(); t.is("~") || t.is("{|"); t = b.tok() {
		if b.triples[at].Path != nil {
			b.failAt(t.pos, "a property path has no annotation")
			return
		}
		b.advance()
		triple := b.triples[at]
		if t.is("~") {
			r = b.reifier()
			b.reifies(r, &triple)
			continue
		}
		if r == (Node{}) {
			r = Node{Pos: t.pos, Term: b.fresh()}
			b.reifies(r, &triple)
		}
		b.enter()
		b.properties(r)
		b.leave()
		b.expect("|}")
		r = Node{}
	}
}

// tripleExpr reads an ExprTripleTerm.
func (p *parser) tripleExpr() Expr {
	p.enter()
	defer p.leave()
	e := &TripleExpr{Pos: p.expect("<<(")}
	if t := p.tok(); t.kind != variable && !t.isIRI() {
		p.expected("a variable or an IRI")
	}
	e.S = p.tripleExprPart()
	if p.tok().kind == variable {
		e.P = p.varExpr()
	} else {
		e.P = &TermExpr{p.tok().pos, p.tripleVerb().Term()}
	}
	e.O = p.tripleExprPart()
	p.expect(")>>")
	return e
}

func (p *parser) tripleExprPart() Expr {
	t := p.tok()
	var term graph.Term
	switch {
	case t.kind == variable:
		return p.varExpr()
	case t.isIRI():
		term = p.iri().Term()
	case t.isLiteral():
		term = p.literal()
	case t.is("<<("):
		return p.tripleExpr()
	default:
		p.expected("a variable, an IRI, a literal or a triple term")
	}
	return &TermExpr{t.pos, term}
}
