package turtle

import (
	"mocban/graph"
	"mocban/graph/rdfio/document"
)

// RDF 1.2 Turtle: triple terms, reified triples, annotations.

// tripleTerm reads <<( s p o )>>.
func (p *Parser) tripleTerm(depth int) (graph.Term, bool) {
	p.I += len("<<(")
	t, ok := p.triple(depth, false)
	if !ok {
		return graph.Term{}, false
	}
	p.blankLines()
	if !p.Accept(")>>") {
		return graph.Term{}, p.Unexpected(`")>>"`)
	}
	return graph.TripleTerm(t), true
}

// reified reads << s p o ~ r >> and returns the reifier.
func (p *Parser) reified(depth int) (graph.Term, bool) {
	p.I += len("<<")
	t, ok := p.triple(depth, true)
	if !ok {
		return graph.Term{}, false
	}
	p.blankLines()
	var r graph.Term
	if p.Accept("~") {
		r, ok = p.reifierName()
	} else {
		r = p.blanks.Fresh()
	}
	if !ok {
		return graph.Term{}, false
	}
	p.blankLines()
	if !p.Accept(">>") {
		return graph.Term{}, p.Unexpected(`">>"`)
	}
	p.emit(r, rdfNS+"reifies", graph.TripleTerm(t))
	return r, true
}

// triple reads what stands between the brackets. Only in a reified triple may other
// reified triples stand.
func (p *Parser) triple(depth int, reified bool) (t graph.Triple, ok bool) {
	if depth >= document.MaxDepth {
		return t, p.Fail(p.I, "nests deeper than %d", document.MaxDepth)
	}
	if t.S, ok = p.component(depth, reified, true); !ok {
		return t, false
	}
	p.blankLines()
	if t.P, ok = p.predicate(); !ok {
		return t, false
	}
	t.O, ok = p.component(depth, reified, false)
	return t, ok
}

// component reads the subject or the object of such a triple.
func (p *Parser) component(depth int, reified, subject bool) (graph.Term, bool) {
	p.blankLines()
	c, ok := p.Peek()
	if !ok {
		return graph.Term{}, p.Unexpected("term")
	}
	switch {
	case c == '[':
		p.I++
		p.blankLines()
		if !p.Accept("]") {
			return graph.Term{}, p.Unexpected(`"]"`)
		}
		return p.blanks.Fresh(), true
	case c == '<' && p.Starts("<<("):
		if subject {
			return graph.Term{}, p.Unexpected("subject")
		}
		return p.tripleTerm(depth + 1)
	case c == '<' && p.Starts("<<"):
		if !reified {
			return graph.Term{}, p.Unexpected("term")
		}
		return p.reified(depth + 1)
	}
	t, ok := p.object(c)
	if ok && subject && t.IsLiteral() {
		return t, p.Fail(p.I, "a literal is no subject")
	}
	return t, ok
}

// topReified reads a reified triple as a subject.
func (p *Parser) topReified() bool {
	if p.Starts("<<(") {
		return p.Unexpected("subject")
	}
	r, ok := p.reified(0)
	return ok && p.push(frame{subject: r, state: wantVerbOrEnd})
}

// reifierName reads the name behind ~, and makes one up if there is none.
func (p *Parser) reifierName() (graph.Term, bool) {
	p.blankLines()
	c, ok := p.Peek()
	switch {
	case ok && c == '_':
		return p.blank()
	case ok && c == '[':
		p.I++
		p.blankLines()
		if !p.Accept("]") {
			return graph.Term{}, p.Unexpected(`"]"`)
		}
	case ok && c == '<' && !p.Starts("<<"):
		text, ok := p.absolute()
		return graph.IRI(text).Term(), ok
	case ok:
		if colon, end := p.word(); colon >= 0 {
			text, ok := p.expand(colon, end)
			return graph.IRI(text).Term(), ok
		}
	}
	return p.blanks.Fresh(), true
}

// reifier reads what follows ~ behind an object.
func (p *Parser) reifier(f *frame) bool {
	r, ok := p.reifierName()
	if ok {
		p.reify(f, r)
	}
	return ok
}

func (p *Parser) reify(f *frame, r graph.Term) {
	t := graph.Triple{S: f.subject, P: f.pred, O: f.object}
	p.emit(r, rdfNS+"reifies", graph.TripleTerm(t))
	f.reifier = r
}

// annotate opens {| |}, which speaks of the reifier before it or of a new one.
func (p *Parser) annotate(f *frame) bool {
	if f.reifier.IsZero() {
		p.reify(f, p.blanks.Fresh())
	}
	r := f.reifier
	f.reifier = graph.Term{}
	return p.push(frame{kind: annotation, subject: r})
}
