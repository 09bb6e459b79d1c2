package turtle

import (
	"io"
	"strings"

	"mocban/graph"
	"mocban/graph/rdfio/document"
	"mocban/graph/rdfio/iri"
)

// Lines reads N-Triples or N-Quads (RDF 1.1, and triple terms, base directions and VERSION
// of RDF 1.2).
type Lines struct {
	scanner
	quads bool
	graph graph.Term // of triples

	// The terms of the line before, as they were written: most lines repeat some.
	subject, predicate, datatype, name seen
}

// seen is an IRI that was read, with its brackets.
type seen struct {
	raw  string
	term graph.Term
}

// NewLines returns a reader of N-Triples, or of N-Quads.
func NewLines(r io.Reader, quads bool, o document.Options) *Lines {
	return &Lines{scanner: newScanner(newInput(r, o.Max()), o), quads: quads, graph: o.Graph}
}

// Read fills quads. See rdfio.Reader.
func (p *Lines) Read(quads []graph.Quad) (n int, err error) {
	for n < len(quads) && p.fault == nil {
		if !p.line(&quads[n]) {
			break
		}
		n++
	}
	if n > 0 || p.fault == nil && len(quads) == 0 {
		return n, nil
	}
	if p.fault == nil {
		p.fault = io.EOF
		if p.cause != nil {
			p.fault = p.cause
		}
	}
	return 0, p.fault
}

// line reads the next statement, and returns false at the end or a mistake.
func (p *Lines) line(q *graph.Quad) bool {
	for {
		p.blankLines()
		c, ok := p.peek()
		if !ok {
			return false
		}
		if c != 'V' || !p.starts("VERSION") {
			break
		}
		if !p.version() {
			return false
		}
	}
	return p.statement(q) && p.endLine()
}

func (p *Lines) statement(q *graph.Quad) bool {
	var ok bool
	if q.S, ok = p.node("subject", &p.subject); !ok {
		return false
	}
	p.spaces()
	if q.P, ok = p.iri("predicate", &p.predicate); !ok {
		return false
	}
	p.spaces()
	if q.O, ok = p.object(0); !ok {
		return false
	}
	q.G = p.graph
	p.spaces()
	c, ok := p.peek()
	if ok && c != '.' && p.quads {
		if q.G, ok = p.node(`graph name or "."`, &p.name); !ok {
			return false
		}
		p.spaces()
		c, ok = p.peek()
	}
	if !ok || c != '.' {
		return p.unexpected(`"."`)
	}
	p.i++
	return true
}

// version reads the rest of a VERSION directive (RDF 1.2 N-Triples).
func (p *Lines) version() bool {
	p.i += len("VERSION")
	p.spaces()
	if c, ok := p.peek(); !ok || c != '"' {
		return p.unexpected("version in quotes")
	}
	if _, ok := p.short(); !ok {
		return false
	}
	return p.endLine()
}

// spaces skips blanks and tabs.
func (p *Lines) spaces() {
	for {
		for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\t') {
			p.i++
		}
		if p.i < len(p.s) || !p.more() {
			return
		}
	}
}

// blankLines skips white space, line ends and comments.
func (p *scanner) blankLines() {
	for {
		for p.i < len(p.s) && is(p.s[p.i], space) {
			p.i++
		}
		c, ok := p.peek()
		if ok && c == '#' {
			p.comment()
			continue
		}
		if !ok || !is(c, space) {
			return
		}
	}
}

// comment skips a comment, up to the end of its line.
func (p *scanner) comment() {
	for {
		if end := strings.IndexAny(p.s[p.i:], "\r\n"); end >= 0 {
			p.i += end
			return
		}
		p.i = len(p.s)
		if !p.more() {
			return
		}
	}
}

// endLine wants nothing but a comment before the end of the line.
func (p *Lines) endLine() bool {
	p.spaces()
	c, ok := p.peek()
	if ok && c != '\n' && c != '\r' && c != '#' {
		return p.unexpected("the end of the line")
	}
	return true
}

// node reads a subject or a graph name.
func (p *Lines) node(what string, last *seen) (graph.Term, bool) {
	c, ok := p.peek()
	switch {
	case ok && c == '<':
		iri, ok := p.iri(what, last)
		if !ok {
			return graph.Term{}, false
		}
		return iri.Term(), true
	case ok && c == '_':
		return p.blank()
	}
	return graph.Term{}, p.unexpected(what)
}

// iri reads an absolute IRI.
func (p *Lines) iri(what string, last *seen) (graph.IRI, bool) {
	if last.raw != "" && strings.HasPrefix(p.s[p.i:], last.raw) {
		p.i += len(last.raw)
		return graph.IRI(last.raw[1 : len(last.raw)-1]), true
	}
	if c, ok := p.peek(); !ok || c != '<' {
		return "", p.unexpected(what)
	}
	text, ok := p.iriref()
	if !ok {
		return "", false
	}
	if iri.Scheme(text) == 0 {
		return "", p.fail(p.i-1, "relative IRI %.80q", text)
	}
	last.raw = ""
	if from := p.i - len(text) - 2; from >= 0 && p.s[from:from+1] == "<" && p.s[from+1:p.i-1] == text {
		last.raw = p.s[from:p.i]
	}
	return graph.IRI(text), true
}

func (p *Lines) object(depth int) (graph.Term, bool) {
	c, ok := p.peek()
	switch {
	case ok && c == '<':
		if p.starts("<<(") {
			return p.tripleTerm(depth)
		}
		text, ok := p.iriref()
		if ok && iri.Scheme(text) == 0 {
			ok = p.fail(p.i-1, "relative IRI %.80q", text)
		}
		return graph.IRI(text).Term(), ok
	case ok && c == '"':
		return p.literal()
	case ok && c == '_':
		return p.blank()
	}
	return graph.Term{}, p.unexpected("object")
}

func (p *Lines) literal() (graph.Term, bool) {
	text, ok := p.short()
	if !ok {
		return graph.Term{}, false
	}
	p.spaces()
	c, ok := p.peek()
	switch {
	case ok && c == '@':
		return p.language(text)
	case ok && c == '^':
		if !p.accept("^^") {
			return graph.Term{}, p.unexpected(`"^^"`)
		}
		p.spaces()
		datatype, ok := p.iri("datatype", &p.datatype)
		if !ok {
			return graph.Term{}, false
		}
		return p.typed(text, string(datatype))
	}
	return graph.String(text), true
}

// tripleTerm reads <<( subject predicate object )>>.
func (p *Lines) tripleTerm(depth int) (graph.Term, bool) {
	if depth >= document.MaxDepth {
		return graph.Term{}, p.fail(p.i, "nests deeper than %d", document.MaxDepth)
	}
	p.accept("<<(")
	p.spaces()
	s, ok := p.node("subject", &p.name)
	if !ok {
		return graph.Term{}, false
	}
	p.spaces()
	pred, ok := p.iri("predicate", &p.predicate)
	if !ok {
		return graph.Term{}, false
	}
	p.spaces()
	o, ok := p.object(depth + 1)
	if !ok {
		return graph.Term{}, false
	}
	p.spaces()
	if !p.accept(")>>") {
		return graph.Term{}, p.unexpected(`")>>"`)
	}
	return graph.TripleTerm(graph.Triple{S: s, P: pred, O: o}), true
}
