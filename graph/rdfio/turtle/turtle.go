// Package turtle reads and writes N-Triples, N-Quads, Turtle and TriG, in the versions of
// RDF 1.1 and, where they add to it, of RDF 1.2: triple terms, reifiers, annotations, base
// directions and VERSION.
//
// The readers look at the document through a window of some hundred kilobytes. What they
// give out shares the memory of the window; only what had to be changed, such as text with
// escapes and prefixed names, is copied, many to one allocation. Brackets are kept on a
// stack, not in recursion, so that a statement of any length gives its quads as it goes.
package turtle

import (
	"io"

	"mocban/graph"
	"mocban/graph/rdfio/document"
	"mocban/graph/rdfio/iri"
)

// A Parser reads Turtle or TriG.
type Parser struct {
	names
	trig  bool
	graph graph.Term // of triples that name none

	block   bool       // inside { }
	current graph.Term // graph of the block
	stack   []frame
	ended   bool

	out  []graph.Quad // where quads go
	n    int
	over []graph.Quad // what found no room in out
}

// New returns a parser of Turtle, or of TriG.
func New(r io.Reader, trig bool, o document.Options) *Parser {
	p := &Parser{trig: trig, graph: o.Graph, current: o.Graph}
	p.scanner = newScanner(document.NewInput(r, o), o)
	p.prefixes = map[string]string{}
	if o.Base != "" {
		var ok bool
		if p.base, ok = iri.Parse(string(o.Base)); !ok {
			p.Fail(0, "base %q is no absolute IRI", string(o.Base))
		}
	}
	return p
}

// A frame is a statement, or a bracket in it, that is not closed.
type frame struct {
	kind    kind
	state   state
	subject graph.Term // of a list: the cell
	pred    graph.IRI
	object  graph.Term // the last one, which annotations are about
	reifier graph.Term // the last one of that triple, if no annotation used it
}

type kind uint8

const (
	statement  kind = iota
	blankNode       // [ ]
	list            // ( )
	annotation      // {| |}
)

type state uint8

const (
	wantVerb      state = iota
	wantVerbOrEnd       // behind a subject that can do without
	wantNext            // behind ";": verb, another ";", or the end
	wantObject
	wantMore // behind an object: "," ";" or the end
	wantFirst
	wantItem // behind an item
)

// closers end the frames of each kind.
var closers = [...]string{".", "]", ")", "|}"}

// Read fills quads. See rdfio.Reader.
func (p *Parser) Read(quads []graph.Quad) (n int, err error) {
	p.out, p.n = quads, copy(quads, p.over)
	p.over = append(p.over[:0], p.over[p.n:]...)
	for p.n < len(quads) && p.step() {
	}
	if p.n > 0 || len(quads) == 0 {
		return p.n, nil
	}
	if p.Fault == nil {
		p.Fault = io.EOF
		if p.Cause() != nil {
			p.Fault = p.Cause()
		}
	}
	return 0, p.Fault
}

// step reads some tokens. It returns false at the end or a mistake.
func (p *Parser) step() bool {
	if p.ended || p.Fault != nil {
		return false
	}
	p.blankLines()
	if len(p.stack) == 0 {
		return p.top()
	}
	f := &p.stack[len(p.stack)-1]
	switch f.state {
	case wantObject, wantFirst, wantItem:
		return p.item(f)
	case wantMore:
		return p.after(f)
	}
	return p.verb(f)
}

// emit gives out a triple of the current graph.
func (p *Parser) emit(s graph.Term, pred graph.IRI, o graph.Term) {
	if p.n == len(p.out) {
		p.over = append(p.over, graph.Quad{S: s, P: pred, O: o, G: p.current})
		return
	}
	q := &p.out[p.n]
	q.S, q.P, q.O, q.G = s, pred, o, p.current
	p.n++
}

// push opens a frame.
func (p *Parser) push(f frame) bool {
	if len(p.stack) >= document.MaxDepth {
		return p.Fail(p.I, "nests deeper than %d", document.MaxDepth)
	}
	p.stack = append(p.stack, f)
	return true
}

// pop closes the innermost frame.
func (p *Parser) pop() { p.stack = p.stack[:len(p.stack)-1] }

// verb reads a verb, or the end of the frame where the state allows it.
func (p *Parser) verb(f *frame) bool {
	c, ok := p.Peek()
	if !ok {
		return p.Unexpected("verb")
	}
	if f.state == wantNext && c == ';' {
		p.I++
		return true
	}
	if f.state != wantVerb && (c == '.' || c == ']' || c == '}' || c == '|') {
		return p.close(f)
	}
	pred, ok := p.predicate()
	if !ok {
		return false
	}
	f.pred, f.state = pred, wantObject
	return true
}

func (p *Parser) predicate() (graph.IRI, bool) {
	if c, ok := p.Peek(); ok && c == '<' && !p.Starts("<<") {
		text, ok := p.absolute()
		return graph.IRI(text), ok
	} else if ok {
		colon, end := p.word()
		switch {
		case colon >= 0:
			text, ok := p.expand(colon, end)
			return graph.IRI(text), ok
		case end == 1 && p.S[p.I] == 'a':
			p.I++
			return rdfNS + "type", true
		}
	}
	return "", p.Unexpected("verb")
}

// after reads what may follow an object.
func (p *Parser) after(f *frame) bool {
	c, ok := p.Peek()
	switch {
	case ok && c == ',':
		p.I++
		f.state = wantObject
		return true
	case ok && c == ';':
		p.I++
		f.state = wantNext
		return true
	case ok && c == '~':
		p.I++
		return p.reifier(f)
	case ok && c == '{' && p.Starts("{|"):
		p.I += 2
		return p.annotate(f)
	}
	return p.close(f)
}

// close reads the end of a frame.
func (p *Parser) close(f *frame) bool {
	if f.kind == statement && p.block && p.Starts("}") {
		p.pop() // the last statement of a block needs no dot
		return true
	}
	if !p.Accept(closers[f.kind]) {
		return p.Unexpected(`"` + closers[f.kind] + `"`)
	}
	p.pop()
	return true
}

// item reads an object, or an item of a list or its end.
func (p *Parser) item(f *frame) bool {
	if f.state != wantObject {
		if p.Accept(")") {
			p.emit(f.subject, rdfNS+"rest", graph.IRI(rdfNS+"nil").Term())
			p.pop()
			return true
		}
		if f.state == wantItem {
			next := p.blanks.Fresh()
			p.emit(f.subject, rdfNS+"rest", next)
			f.subject = next
		}
		f.pred = rdfNS + "first"
	}
	c, ok := p.Peek()
	if !ok {
		return p.Unexpected("object")
	}
	switch c {
	case '[':
		return p.openBlank(f)
	case '(':
		return p.openList(f)
	}
	o, ok := p.object(c)
	if ok {
		p.give(f, o)
	}
	return ok
}

// give adds an object to a frame.
func (p *Parser) give(f *frame, o graph.Term) {
	p.emit(f.subject, f.pred, o)
	f.object, f.reifier = o, graph.Term{}
	f.state = wantMore
	if f.kind == list {
		f.state = wantItem
	}
}

func (p *Parser) openBlank(f *frame) bool {
	p.I++
	p.blankLines()
	node := p.blanks.Fresh()
	p.give(f, node)
	if p.Accept("]") {
		return true
	}
	return p.push(frame{kind: blankNode, subject: node})
}

func (p *Parser) openList(f *frame) bool {
	p.I++
	p.blankLines()
	if p.Accept(")") {
		p.give(f, graph.IRI(rdfNS+"nil").Term())
		return true
	}
	node := p.blanks.Fresh()
	p.give(f, node)
	return p.push(frame{kind: list, state: wantFirst, subject: node})
}

// object reads an object that is no bracket; it begins with c.
func (p *Parser) object(c byte) (graph.Term, bool) {
	switch {
	case c == '<':
		if p.Starts("<<(") {
			return p.tripleTerm(0)
		}
		if p.Starts("<<") {
			return p.reified(0)
		}
		text, ok := p.absolute()
		return graph.IRI(text).Term(), ok
	case c == '"' || c == '\'':
		return p.literal()
	case c == '_':
		return p.blank()
	case is(c, digit) || c == '+' || c == '-' || c == '.':
		return p.number()
	}
	colon, end := p.word()
	if colon >= 0 {
		text, ok := p.expand(colon, end)
		return graph.IRI(text).Term(), ok
	}
	switch word := p.S[p.I : p.I+end]; word {
	case "true", "false":
		p.I += end
		return graph.Literal(word, xsdBoolean), true
	}
	return graph.Term{}, p.Unexpected("object")
}
