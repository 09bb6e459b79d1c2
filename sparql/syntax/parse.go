package syntax

import (
	"errors"
	"fmt"
	"strings"

	"mocban/graph"
	"mocban/vocab/rdf"
)

// MaxDepth is how deep a text may nest unless [Options] say otherwise.
const MaxDepth = 256

// maxChain is how many operands may follow each other: trees of operators are walked by
// recursion, too.
const maxChain = 20_000

// Options say how a text is read. The zero value is fine for a text that needs no base.
type Options struct {
	Base  graph.IRI // against which relative IRIs are resolved; a BASE in the text comes first
	Depth int       // how deep the text may nest; 0 means MaxDepth
}

// Parse reads a query (SPARQL 1.1, 19.8: QueryUnit). An error is an [*Error].
func Parse(text string) (*Query, error) { return Options{}.Parse(text) }

// Parse reads a query with options.
func (o Options) Parse(text string) (*Query, error) {
	p, err := newParser(text, o)
	if err != nil {
		return nil, err
	}
	q := p.query()
	if p.err != nil {
		return nil, p.err
	}
	return q, nil
}

// A parser reads tokens. Its first error stays, and moves it to the end of the text, so that
// everything that reads on comes to an end.
type parser struct {
	text   string
	tokens []token
	at     int
	err    *Error

	base     graph.IRI
	prefixes map[string]graph.IRI
	depth    int
	maxDepth int

	scope  *vars          // variables in scope in the group at hand (18.2.1)
	bgp    int            // number of the basic graph pattern at hand
	bgps   int            // how many there are
	labels map[string]int // blank node labels, and the pattern each belongs to
	used   map[string]bool
	made   int // blank nodes

	aggregates aggregates
}

// aggregates says whether set functions may stand where the parser is.
type aggregates uint8

const (
	forbidden aggregates = iota
	allowed
	nested
)

func newParser(text string, o Options) (*parser, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{text: text, tokens: tokens, base: o.Base, maxDepth: o.Depth}
	if p.maxDepth == 0 {
		p.maxDepth = MaxDepth
	}
	p.prefixes = map[string]graph.IRI{}
	p.labels = map[string]int{}
	p.scope = new(vars)
	return p, nil
}

func (p *parser) tok() *token { return &p.tokens[p.at] }

// ahead returns the token i places ahead.
func (p *parser) ahead(i int) *token { return &p.tokens[min(p.at+i, len(p.tokens)-1)] }

// take returns the token and goes on to the next.
func (p *parser) take() *token {
	t := p.tok()
	if t.kind != end {
		p.at++
	}
	return t
}

// failAt keeps the first error. Others are returned, and forgotten.
func (p *parser) failAt(at Pos, format string, args ...any) *Error {
	if p.err != nil {
		return new(Error)
	}
	p.err = newError(p.text, at, format, args...)
	p.at = len(p.tokens) - 1
	return p.err
}

// expected says what could stand where the parser is.
func (p *parser) expected(what string) *Error {
	t := p.tok()
	e := p.failAt(t.pos, "")
	e.Expected = what
	e.Found = shorten(p.text[t.pos:t.end])
	return e
}

// accept takes an operator if it stands here.
func (p *parser) accept(op string) bool {
	if !p.tok().is(op) {
		return false
	}
	p.at++
	return true
}

func (p *parser) expect(op string) Pos {
	pos := p.tok().pos
	if !p.accept(op) {
		p.expected(`"` + op + `"`)
	}
	return pos
}

// acceptWord takes a keyword if it stands here.
func (p *parser) acceptWord(keyword string) bool {
	if !p.tok().keyword(keyword) {
		return false
	}
	p.at++
	return true
}

func (p *parser) expectWord(keyword string) {
	if !p.acceptWord(keyword) {
		p.expected(`"` + keyword + `"`)
	}
}

// enter is called where the text nests; leave must follow.
func (p *parser) enter() {
	if p.depth++; p.depth > p.maxDepth {
		p.failAt(p.tok().pos, "nests deeper than %d", p.maxDepth)
	}
}

func (p *parser) leave() { p.depth-- }

// chain counts the operands of one operator.
func (p *parser) chain(n int) {
	if n > maxChain {
		p.failAt(p.tok().pos, "more than %d operands follow each other", maxChain)
	}
}

// prologue reads BASE and PREFIX, and VERSION of SPARQL 1.2.
func (p *parser) prologue(q *Query) {
	for {
		switch {
		case p.acceptWord("BASE"):
			t := p.tok()
			if t.kind != iriRef {
				p.expected("an IRI in <>")
				return
			}
			p.base = p.resolve(t)
			p.at++
		case p.acceptWord("PREFIX"):
			q.Prefixes = append(q.Prefixes, p.prefix())
		case p.acceptWord("VERSION"):
			q.Version = p.version()
		default:
			q.Base = p.base
			return
		}
		if p.err != nil {
			return
		}
	}
}

// version reads a VersionSpecifier: a string in short quotes.
func (p *parser) version() string {
	t := p.tok()
	if t.kind != str || int(t.end-t.pos) > 5 && p.text[t.pos:t.pos+3] == strings.Repeat(p.text[t.pos:t.pos+1], 3) {
		p.expected(`a version, like "1.2",`)
		return ""
	}
	p.at++
	return t.value
}

func (p *parser) prefix() Prefix {
	t := p.tok()
	if t.kind != pname || t.local != "" {
		p.expected("a prefix and a colon")
		return Prefix{}
	}
	p.at++
	ref := p.tok()
	if ref.kind != iriRef {
		p.expected("an IRI in <>")
		return Prefix{}
	}
	p.at++
	iri := p.resolve(ref)
	p.prefixes[t.value] = iri
	return Prefix{t.value, iri}
}

// resolve makes an IRI of an IRIREF.
func (p *parser) resolve(t *token) graph.IRI {
	iri, err := p.base.Resolve(t.value)
	if errors.Is(err, graph.ErrRelative) {
		p.failAt(t.pos, "relative IRI <%s> and no base", shorten(t.value)).hint("begin with BASE <http://...>")
	}
	return iri
}

// isIRI tells whether an iri stands here.
func (t *token) isIRI() bool { return t.kind == iriRef || t.kind == pname }

// iri reads an iri (SPARQL 1.1, 19.8 [136]).
func (p *parser) iri() graph.IRI {
	t := p.tok()
	switch t.kind {
	case iriRef:
		p.at++
		return p.resolve(t)
	case pname:
		p.at++
		ns, ok := p.prefixes[t.value]
		if !ok {
			e := p.failAt(t.pos, "prefix %q is not declared", shorten(t.value)+":")
			e.Found = shorten(p.text[t.pos:t.end])
			if known, ok := wellKnown[t.value]; ok {
				e.hint("add PREFIX %s: <%s>", t.value, known)
			}
		}
		return ns + graph.IRI(t.local)
	}
	p.expected("an IRI")
	return ""
}

// wellKnown are prefixes that hints explain.
var wellKnown = map[string]graph.IRI{
	"bf":      "http://id.loc.gov/ontologies/bibframe/",
	"bflc":    "http://id.loc.gov/ontologies/bflc/",
	"dcterms": "http://purl.org/dc/terms/",
	"foaf":    "http://xmlns.com/foaf/0.1/",
	"madsrdf": "http://www.loc.gov/mads/rdf/v1#",
	"owl":     "http://www.w3.org/2002/07/owl#",
	"rdf":     "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
	"rdfs":    "http://www.w3.org/2000/01/rdf-schema#",
	"schema":  "http://schema.org/",
	"skos":    "http://www.w3.org/2004/02/skos/core#",
	"xsd":     "http://www.w3.org/2001/XMLSchema#",
}

// vars is a set of variables, in the order in which they came.
type vars struct {
	names []string
	has   map[string]bool
}

func (v *vars) add(names ...string) {
	for _, n := range names {
		if v.has[n] {
			continue
		}
		if v.has == nil {
			v.has = make(map[string]bool)
		}
		v.has[n] = true
		v.names = append(v.names, n)
	}
}

// variable reads a Var.
func (p *parser) variable() string {
	t := p.tok()
	if t.kind != variable {
		p.expected("a variable")
		return ""
	}
	p.at++
	return t.value
}

// fresh returns the label of a new blank node, one that the text does not use.
func (p *parser) fresh() graph.Term {
	if p.used == nil {
		p.used = map[string]bool{}
		for i := range p.tokens {
			if t := &p.tokens[i]; t.kind == blank {
				p.used[t.value] = true
			}
		}
	}
	for {
		p.made++
		if label := fmt.Sprintf("b%d", p.made); !p.used[label] {
			return graph.Blank(label)
		}
	}
}

// label returns the blank node with a label, which may stand in one basic graph pattern
// only (SPARQL 1.1, 4.1.4).
func (p *parser) label(t *token) graph.Term {
	if in, ok := p.labels[t.value]; ok && in != p.bgp {
		p.failAt(t.pos, "blank node _:%s stands in two graph patterns", shorten(t.value)).hint("use a variable instead")
	}
	p.labels[t.value] = p.bgp
	return graph.Blank(t.value)
}

// nextBGP begins another basic graph pattern.
func (p *parser) nextBGP() {
	p.bgps++
	p.bgp = p.bgps
}

// oneOf tells whether the token is one of some keywords.
func (t *token) oneOf(keywords ...string) bool {
	if t.kind != word {
		return false
	}
	for _, k := range keywords {
		if strings.EqualFold(t.value, k) {
			return true
		}
	}
	return false
}

// ParseTerm reads one term as queries and TSV results write it: an IRI in <>, a blank node, a
// literal, a number, true or false, or a triple term.
func ParseTerm(text string) (graph.Term, error) {
	p, err := newParser(text, Options{})
	if err != nil {
		return graph.Term{}, err
	}
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
		p.at++
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
		p.at++
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
