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
type seen struct{ raw string }

// NewLines returns a reader of N-Triples, or of N-Quads.
func NewLines(r io.Reader, quads bool, o document.Options) *Lines {
	return &Lines{scanner: newScanner(document.NewInput(r, o), o), quads: quads, graph: o.Graph}
}

// Read fills quads. See rdfio.Reader.
func (p *Lines) Read(quads []graph.Quad) (n int, err error) {
	for n < len(quads) && p.Fault == nil {
		if !p.line(&quads[n]) {
			break
		}
		n++
	}
	if n > 0 || p.Fault == nil && len(quads) == 0 {
		return n, nil
	}
	if p.Fault == nil {
		p.Fault = io.EOF
		if p.Cause() != nil {
			p.Fault = p.Cause()
		}
	}
	return 0, p.Fault
}

// line reads the next statement, and returns false at the end or a mistake.
func (p *Lines) line(q *graph.Quad) bool {
	for {
		p.blankLines()
		c, ok := p.Peek()
		if !ok {
			return false
		}
		if c != 'V' || !p.Starts("VERSION") {
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
	c, ok := p.Peek()
	if ok && c != '.' && p.quads {
		if q.G, ok = p.node(`graph name or "."`, &p.name); !ok {
			return false
		}
		p.spaces()
		c, ok = p.Peek()
	}
	if !ok || c != '.' {
		return p.Unexpected(`"."`)
	}
	p.I++
	return true
}

// version reads the rest of a VERSION directive (RDF 1.2 N-Triples).
func (p *Lines) version() bool {
	p.I += len("VERSION")
	p.spaces()
	if c, ok := p.Peek(); !ok || c != '"' {
		return p.Unexpected("version in quotes")
	}
	if _, ok := p.short(); !ok {
		return false
	}
	return p.endLine()
}

// spaces skips blanks and tabs.
func (p *Lines) spaces() {
	for {
		for p.I < len(p.S) && (p.S[p.I] == ' ' || p.S[p.I] == '\t') {
			p.I++
		}
		if p.I < len(p.S) || !p.More() {
			return
		}
	}
}

// blankLines skips white space, line ends and comments.
func (p *scanner) blankLines() {
	for {
		for p.I < len(p.S) && is(p.S[p.I], space) {
			p.I++
		}
		c, ok := p.Peek()
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
		if end := strings.IndexAny(p.S[p.I:], "\r\n"); end >= 0 {
			p.I += end
			return
		}
		p.I = len(p.S)
		if !p.More() {
			return
		}
	}
}

// endLine wants nothing but a comment before the end of the line.
func (p *Lines) endLine() bool {
	p.spaces()
	c, ok := p.Peek()
	if ok && c != '\n' && c != '\r' && c != '#' {
		return p.Unexpected("the end of the line")
	}
	return true
}

// node reads a subject or a graph name.
func (p *Lines) node(what string, last *seen) (graph.Term, bool) {
	c, ok := p.Peek()
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
	return graph.Term{}, p.Unexpected(what)
}

// iri reads an absolute IRI.
func (p *Lines) iri(what string, last *seen) (graph.IRI, bool) {
	if last.raw != "" && strings.HasPrefix(p.S[p.I:], last.raw) {
		p.I += len(last.raw)
		return graph.IRI(last.raw[1 : len(last.raw)-1]), true
	}
	if c, ok := p.Peek(); !ok || c != '<' {
		return "", p.Unexpected(what)
	}
	text, ok := p.iriref()
	if !ok {
		return "", false
	}
	if iri.Scheme(text) == 0 {
		return "", p.Fail(p.I-1, "relative IRI %.80q", text)
	}
	last.raw = ""
	if from := p.I - len(text) - 2; from >= 0 && p.S[from:from+1] == "<" && p.S[from+1:p.I-1] == text {
		last.raw = p.S[from:p.I]
	}
	return graph.IRI(text), true
}

func (p *Lines) object(depth int) (graph.Term, bool) {
	c, ok := p.Peek()
	switch {
	case ok && c == '<':
		if p.Starts("<<(") {
			return p.tripleTerm(depth)
		}
		text, ok := p.iriref()
		if ok && iri.Scheme(text) == 0 {
			ok = p.Fail(p.I-1, "relative IRI %.80q", text)
		}
		return graph.IRI(text).Term(), ok
	case ok && c == '"':
		return p.literal()
	case ok && c == '_':
		return p.blank()
	}
	return graph.Term{}, p.Unexpected("object")
}

func (p *Lines) literal() (graph.Term, bool) {
	text, ok := p.short()
	if !ok {
		return graph.Term{}, false
	}
	p.spaces()
	c, ok := p.Peek()
	switch {
	case ok && c == '@':
		return p.language(text)
	case ok && c == '^':
		if !p.Accept("^^") {
			return graph.Term{}, p.Unexpected(`"^^"`)
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
		return graph.Term{}, p.Fail(p.I, "nests deeper than %d", document.MaxDepth)
	}
	p.Accept("<<(")
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
	if !p.Accept(")>>") {
		return graph.Term{}, p.Unexpected(`")>>"`)
	}
	return graph.TripleTerm(graph.Triple{S: s, P: pred, O: o}), true
}
