package turtle

import (
	"strings"

	"mocban/graph"
	"mocban/graph/rdfio/iri"
)

// top reads the beginning of a statement, a directive, or a bracket of a graph.
func (p *Parser) top() bool {
	c, ok := p.Peek()
	if !ok {
		if p.block {
			return p.Unexpected(`"}"`)
		}
		p.ended = true
		return false
	}
	switch c {
	case '@':
		return p.atDirective()
	case '}':
		if !p.block {
			break
		}
		p.I++
		p.block, p.current = false, p.graph
		return true
	case '{':
		if !p.trig || p.block {
			break
		}
		p.I++
		p.block, p.current = true, p.graph
		return true
	case '[':
		return p.topBlank()
	case '(':
		return p.topList()
	case '<':
		if p.Starts("<<") {
			return p.topReified()
		}
		text, ok := p.absolute()
		return ok && p.subject(graph.IRI(text).Term())
	case '_':
		node, ok := p.blank()
		return ok && p.subject(node)
	}
	colon, end := p.word()
	if colon >= 0 {
		text, ok := p.expand(colon, end)
		return ok && p.subject(graph.IRI(text).Term())
	}
	return p.directive(p.S[p.I : p.I+end])
}

// subject begins the statement about a term, or the block of the graph it names.
func (p *Parser) subject(s graph.Term) bool {
	p.blankLines()
	if p.trig && !p.block && p.Accept("{") {
		p.block, p.current = true, s
		return true
	}
	return p.push(frame{subject: s})
}

// topBlank reads [] or the beginning of [ ... ] as a subject.
func (p *Parser) topBlank() bool {
	p.I++
	p.blankLines()
	node := p.blanks.Fresh()
	if p.Accept("]") {
		return p.subject(node)
	}
	return p.push(frame{subject: node, state: wantVerbOrEnd}) && p.push(frame{kind: blankNode, subject: node})
}

// topList reads () or the beginning of ( ... ) as a subject.
func (p *Parser) topList() bool {
	p.I++
	p.blankLines()
	if p.Accept(")") {
		return p.push(frame{subject: graph.IRI(rdfNS + "nil").Term()})
	}
	node := p.blanks.Fresh()
	return p.push(frame{subject: node}) && p.push(frame{kind: list, state: wantFirst, subject: node})
}

// atDirective reads @prefix, @base or @version, which end with a dot.
func (p *Parser) atDirective() bool {
	var ok bool
	switch {
	case p.block:
		return p.Unexpected(`statement or "}"`)
	case p.Accept("@prefix"):
		ok = p.prefix()
	case p.Accept("@base"):
		ok = p.setBase()
	case p.Accept("@version"):
		ok = p.version()
	default:
		return p.Unexpected("directive")
	}
	if !ok {
		return false
	}
	p.blankLines()
	if !p.Accept(".") {
		return p.Unexpected(`"."`)
	}
	return true
}

// directive reads the directives of SPARQL and the graphs of TriG, by their first word.
func (p *Parser) directive(word string) bool {
	if p.block {
		return p.Unexpected(`statement or "}"`)
	}
	switch {
	case strings.EqualFold(word, "PREFIX"):
		p.I += len(word)
		return p.prefix()
	case strings.EqualFold(word, "BASE"):
		p.I += len(word)
		return p.setBase()
	case strings.EqualFold(word, "VERSION"):
		p.I += len(word)
		return p.version()
	case p.trig && strings.EqualFold(word, "GRAPH"):
		p.I += len(word)
		return p.graphName()
	}
	return p.Unexpected("statement")
}

func (p *Parser) prefix() bool {
	p.blankLines()
	if _, ok := p.Peek(); !ok {
		return p.Unexpected("prefix")
	}
	colon, end := p.word()
	if colon < 0 || end != colon+1 {
		return p.Unexpected("prefix")
	}
	prefix := p.arena.Join(p.S[p.I : p.I+colon])
	p.I += end
	p.blankLines()
	if c, ok := p.Peek(); !ok || c != '<' {
		return p.Unexpected("IRI")
	}
	ns, ok := p.absolute()
	if ok {
		p.prefixes[prefix] = p.arena.Join(ns)
		clear(p.cache[:])
	}
	return ok
}

func (p *Parser) setBase() bool {
	p.blankLines()
	if c, ok := p.Peek(); !ok || c != '<' {
		return p.Unexpected("IRI")
	}
	base, ok := p.absolute()
	if ok {
		p.base, _ = iri.Parse(p.arena.Join(base))
	}
	return ok
}

func (p *Parser) version() bool {
	p.blankLines()
	if c, ok := p.Peek(); !ok || c != '"' && c != '\'' || p.Starts(`"""`) || p.Starts("'''") {
		return p.Unexpected("version in quotes")
	}
	_, ok := p.short()
	return ok
}

// graphName reads what follows GRAPH.
func (p *Parser) graphName() bool {
	p.blankLines()
	c, ok := p.Peek()
	var name graph.Term
	switch {
	case ok && c == '_':
		name, ok = p.blank()
	case ok && c == '[':
		p.I++
		p.blankLines()
		name = p.blanks.Fresh()
		if !p.Accept("]") {
			return p.Unexpected(`"]"`)
		}
	default:
		var text string
		text, ok = p.iri("graph name")
		name = graph.IRI(text).Term()
	}
	if !ok {
		return false
	}
	p.blankLines()
	if !p.Accept("{") {
		return p.Unexpected(`"{"`)
	}
	p.block, p.current = true, name
	return true
}
