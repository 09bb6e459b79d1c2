package syntax

import (
	"strings"

	"mocban/graph"
	"mocban/vocab/rdf"
	"mocban/vocab/xsd"
)

// group reads a GroupGraphPattern, with a scope of its own that is then added to the one
// around it.
func (p *parser) group() *Group {
	p.enter()
	defer p.leave()
	outer := p.scope
	p.scope = new(vars)
	p.nextBGP()
	g := &Group{Pos: p.expect("{")}
	if p.tok().keyword("SELECT") {
		g.Elements = []Element{p.subSelect()}
	} else {
		p.elements(g)
	}
	g.End = p.tok().end
	p.expect("}")
	p.nextBGP()
	outer.join(p.scope)
	p.scope = outer
	return g
}

// hidden reads a group whose variables are not in scope around it.
func (p *parser) hidden() *Group {
	outer := p.scope
	p.scope = new(vars)
	g := p.group()
	p.scope = outer
	return g
}

// elements reads a GroupGraphPatternSub.
func (p *parser) elements(g *Group) {
	dot := true // whether triples may follow
	for p.err == nil && !p.tok().is("}") {
		t := p.tok()
		if t.startsTriples() {
			if !dot {
				p.expected(`"."`)
				return
			}
			dot = false
			g.Elements = append(g.Elements, &TriplesBlock{p.triples(pattern)})
			continue
		}
		e := p.element()
		if e == nil {
			if dot {
				p.expected(`a graph pattern or "}"`)
			} else {
				p.expected(`".", a graph pattern or "}"`)
			}
			return
		}
		g.Elements = append(g.Elements, e)
		p.part()
		p.accept(".")
		dot = true
	}
}

// element reads a GraphPatternNotTriples or a Filter; nil if none stands here.
func (p *parser) element() Element {
	t := p.tok()
	switch {
	case t.is("{"):
		return p.groupOrUnion()
	case t.keyword("FILTER"):
		p.advance()
		return &Filter{p.filter()}
	case p.acceptWord("OPTIONAL"):
		return &Optional{p.group()}
	case p.acceptWord("MINUS"):
		return &Minus{p.hidden()}
	case p.acceptWord("GRAPH"):
		name := p.varOrIRI()
		p.bind(name)
		return &GraphGroup{name, p.group()}
	case t.keyword("SERVICE"):
		p.advance()
		s := &Service{Pos: t.pos, Silent: p.acceptWord("SILENT")}
		s.Name = p.varOrIRI()
		p.bind(s.Name)
		s.Group = p.group()
		return s
	case p.acceptWord("BIND"):
		return p.bindElement()
	case t.keyword("VALUES"):
		v := p.values()
		p.scope.add(v.Vars...)
		p.nextBGP()
		return v
	}
	return nil
}

func (p *parser) groupOrUnion() Element {
	g := p.group()
	if !p.tok().keyword("UNION") {
		return g
	}
	u := &Union{[]*Group{g}}
	for p.acceptWord("UNION") {
		p.part()
		u.Groups = append(u.Groups, p.group())
	}
	return u
}

// filter reads what follows FILTER. It does not end the basic graph pattern around it.
func (p *parser) filter() Expr {
	bgp := p.bgp
	e := p.constraint()
	p.bgp = bgp
	return e
}

func (p *parser) bindElement() Element {
	p.expect("(")
	b := &Bind{Expr: p.expression()}
	p.expectWord("AS")
	b.Pos = p.tok().pos
	b.Var = p.variable()
	p.expect(")")
	if p.scope.has[b.Var] {
		p.failAt(b.Pos, "?%s is bound by what stands before BIND", shorten(b.Var)).hint("give it another name")
	}
	p.scope.add(b.Var)
	p.nextBGP()
	return b
}

// bind notes that a node binds its variable.
func (p *parser) bind(n Node) {
	if n.Var != "" {
		p.scope.add(n.Var)
	}
}

// subSelect reads a SubSelect.
func (p *parser) subSelect() *SubSelect {
	agg := p.aggregates
	s := new(SubSelect)
	s.Pos = p.take().pos
	p.selectClause(&s.Select)
	outer := p.scope
	p.scope = new(vars)
	p.whereAndModifiers(&s.Select)
	inner := p.scope
	p.scope = outer
	if s.Star {
		p.scope.join(inner)
	}
	for _, item := range s.Items {
		p.scope.add(item.Var)
	}
	p.aggregates = agg
	return s
}

// startsTriples tells whether a TriplesBlock begins here.
func (t token) startsTriples() bool {
	switch t.kind {
	case variable, iriRef, pname, blank:
		return true
	case operator:
		return t.value == "(" || t.value == "[" || t.value == "<<" || t.value == "<<("
	}
	return t.isLiteral()
}

// isLiteral tells whether an RDFLiteral, NumericLiteral or BooleanLiteral stands here.
func (t token) isLiteral() bool {
	switch t.kind {
	case str, integer, decimal, double:
		return true
	}
	return t.oneOf("true", "false")
}

// triples reads a TriplesBlock, a TriplesTemplate, or triples of data.
func (p *parser) triples(role role) []Triple {
	b := &block{parser: p, role: role}
	for {
		b.sameSubject()
		if !p.accept(".") || !p.tok().startsTriples() {
			return b.triples
		}
	}
}

// A block is a run of triples that is being read.
type block struct {
	*parser
	triples []Triple
	role    role
}

// A role says what triples are for: to be matched, made, or data.
type role uint8

const (
	pattern  role = iota // with property paths
	template             // without
	data                 // of an update; however many
)

func (b *block) add(t Triple) {
	if b.role != data {
		b.part()
	}
	b.triples = append(b.triples, t)
}

// sameSubject reads a TriplesSameSubject(Path).
func (b *block) sameSubject() {
	t := b.tok()
	nodes := t.is("<<") || (t.is("[") && !b.peek().is("]")) || (t.is("(") && !b.peek().is(")"))
	s := b.node()
	if nodes && !b.startsVerb() {
		return
	}
	b.properties(s)
}

func (p *parser) startsVerb() bool {
	t := p.tok()
	return t.kind == variable || t.isIRI() || t.kind == word && t.value == "a" || t.is("^") || t.is("!") || t.is("(")
}

// properties reads a PropertyList(Path)NotEmpty of a subject.
func (b *block) properties(s Node) {
	for b.err == nil {
		verb := Triple{S: s}
		b.verb(&verb)
		for {
			at := len(b.triples)
			b.add(verb) // before what the object holds, in the order of the text
			o := b.node()
			b.triples[at].O = o
			b.annotations(at)
			if !b.accept(",") {
				break
			}
		}
		if !b.accept(";") {
			return
		}
		for b.accept(";") {
		}
		if !b.startsVerb() {
			return
		}
	}
}

// verb reads a Verb, or a VerbPath.
func (b *block) verb(t *Triple) {
	tok := b.tok()
	t.P.Pos = tok.pos
	switch {
	case tok.kind == variable:
		t.P.Var = b.variable()
		b.bind(t.P)
	case !b.startsVerb():
		b.expected("a predicate")
	case b.role == pattern:
		path := b.path()
		if b.err == nil && path.Op == PathIRI {
			t.P.Term = path.IRI.Term()
		} else {
			t.P = Node{}
			t.Path = path
		}
	case tok.kind == word:
		b.advance()
		t.P.Term = rdf.Type.Term()
	case tok.isIRI():
		t.P.Term = b.iri().Term()
	default:
		b.expected("an IRI or a variable").hint("a template has no property paths")
	}
}

// node reads a GraphNode: a variable, a term, a collection or a [...].
func (b *block) node() Node {
	t := b.tok()
	n := Node{Pos: t.pos}
	switch {
	case t.kind == variable:
		n.Var = b.variable()
		b.bind(n)
	case t.isIRI():
		n.Term = b.iri().Term()
	case t.isLiteral():
		n.Term = b.literal()
	case t.kind == blank:
		b.advance()
		n.Term = b.label(t)
	case b.accept("["):
		n.Term = b.fresh()
		if !b.accept("]") {
			b.enter()
			b.properties(n)
			b.leave()
			b.expect("]")
		}
	case b.accept("("):
		b.enter()
		n.Term = b.collection(t.pos)
		b.leave()
	case t.is("<<("):
		n.Triple = b.tripleTerm()
	case t.is("<<"):
		n = b.reified()
	default:
		b.expected("a variable, an IRI, a literal or a blank node")
	}
	return n
}

// collection reads a Collection, or NIL, and returns its head.
func (b *block) collection(pos Pos) graph.Term {
	head := rdf.Nil.Term()
	var last Node
	for b.err == nil && !b.accept(")") {
		cell := Node{Pos: b.tok().pos, Term: b.fresh()}
		if last.Term.IsZero() {
			head = cell.Term
		} else {
			b.add(Triple{S: last, P: Node{Pos: cell.Pos, Term: rdf.Rest.Term()}, O: cell})
		}
		at := len(b.triples)
		b.add(Triple{S: cell, P: Node{Pos: cell.Pos, Term: rdf.First.Term()}})
		o := b.node()
		b.triples[at].O = o
		last = cell
	}
	if !last.Term.IsZero() {
		b.add(Triple{S: last, P: Node{Pos: pos, Term: rdf.Rest.Term()}, O: Node{Pos: pos, Term: rdf.Nil.Term()}})
	}
	return head
}

// literal reads an RDFLiteral, a NumericLiteral or a BooleanLiteral.
func (p *parser) literal() graph.Term {
	t := p.take()
	switch t.kind {
	case integer:
		return graph.Literal(t.value, xsd.Integer)
	case decimal:
		return graph.Literal(t.value, xsd.Decimal)
	case double:
		return graph.Literal(t.value, xsd.Double)
	case word:
		return graph.Literal(strings.ToLower(t.value), xsd.Boolean)
	case str:
		if tag := p.tok(); tag.kind == langTag {
			p.advance()
			return p.tagged(t.value, tag)
		}
		if p.accept("^^") {
			return graph.Literal(t.value, p.iri())
		}
	}
	return graph.String(t.value)
}

// tagged returns text in a language, perhaps with a base direction (SPARQL 1.2).
func (p *parser) tagged(text string, tag token) graph.Term {
	lang, dir, ok := strings.Cut(tag.value, "--")
	switch {
	case !ok:
		return graph.Text(text, lang)
	case dir == "ltr":
		return graph.DirText(text, lang, graph.LTR)
	case dir == "rtl":
		return graph.DirText(text, lang, graph.RTL)
	}
	p.failAt(tag.pos, "a base direction is ltr or rtl")
	return graph.Term{}
}
