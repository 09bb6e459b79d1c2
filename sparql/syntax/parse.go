package syntax

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mocban/graph"
)

// What a query may hold unless [Options] say otherwise.
const (
	MaxDepth     = 256
	MaxParts     = 1_000
	MaxOperators = 5_000
	MaxRows      = 10_000
)

// Options say how a text is read. The zero value is fine for a text that needs no base.
//
// The limits are there because the work of a planner grows faster than the text: a query
// over one is a mistake, an [*Error]. Zero means the constants above.
type Options struct {
	Base graph.IRI // against which relative IRIs are resolved; a BASE in the text comes first

	// Version is that of texts which have no VERSION. "1.2" allows escapes \u in IRIs and
	// strings only (SPARQL 1.2, 19.2), others anywhere in names (SPARQL 1.1, 19.2).
	Version string

	Depth     int // how deep the text may nest
	Parts     int // triples, steps of paths, patterns, columns, keys and variables of VALUES, together
	Operators int // operators and functions in expressions
	Rows      int // of all VALUES
}

// Parse reads a query (SPARQL 1.1, 19.8: QueryUnit). An error is an [*Error].
func Parse(text string) (*Query, error) { return Options{}.Parse(text) }

// Parse reads a query with options.
func (o Options) Parse(text string) (*Query, error) {
	p := newParser(text, o)
	q := p.query()
	if p.err != nil {
		return nil, p.err
	}
	return q, nil
}

// A parser reads tokens. Its first error stays, and moves it to the end of the text, so that
// everything that reads on comes to an end.
type parser struct {
	text string
	err  *Error

	lexer      lexer
	cur, ahead token // the token at hand, and the next one if it was looked at
	looked     bool
	last       Pos // where the token before ended

	version  string
	base     graph.IRI
	prefixes map[string]graph.IRI
	limits   Options
	depth    int
	counts   struct{ parts, operators, rows int }

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

func newParser(text string, o Options) *parser {
	p := &parser{text: text, lexer: lexer{text: text}, base: o.Base}
	p.limits = Options{
		Depth: cmp.Or(o.Depth, MaxDepth), Parts: cmp.Or(o.Parts, MaxParts),
		Operators: cmp.Or(o.Operators, MaxOperators), Rows: cmp.Or(o.Rows, MaxRows),
	}
	p.versioned(o.Version)
	p.prefixes = map[string]graph.IRI{}
	p.labels = map[string]int{}
	p.scope = new(vars)
	if i := invalidUTF8(text); i >= 0 {
		p.failAt(Pos(i), "invalid UTF-8 (%X)", text[i])
	}
	if p.err == nil {
		p.cur = p.lex()
	}
	return p
}

// lex returns the next token of the text.
func (p *parser) lex() token {
	t := p.lexer.next()
	if p.err == nil {
		p.err = p.lexer.err
	}
	return t
}

// tok returns the token at hand, and peek the one behind it.
func (p *parser) tok() token { return p.cur }

func (p *parser) peek() token {
	if !p.looked {
		p.ahead, p.looked = p.lex(), true
	}
	return p.ahead
}

// advance goes on to the next token. The end is never passed.
func (p *parser) advance() {
	if p.cur.kind == end {
		return
	}
	p.last = p.cur.end
	p.cur = p.peek()
	p.looked = false
}

// take returns the token and goes on to the next.
func (p *parser) take() token {
	t := p.cur
	p.advance()
	return t
}

// failAt keeps the first error, and moves to the end. Other errors are returned, and
// forgotten.
func (p *parser) failAt(at Pos, format string, args ...any) *Error {
	if p.err != nil {
		return new(Error)
	}
	p.err = newError(p.text, at, format, args...)
	p.cur, p.looked = token{kind: end, pos: Pos(len(p.text)), end: Pos(len(p.text))}, false
	return p.err
}

// expected says what could stand where the parser is.
func (p *parser) expected(what string) *Error {
	t := p.tok()
	e := p.failAt(t.pos, "")
	e.Expected = what
	e.Found = shorten(p.text[t.pos:t.end])
	switch {
	case t.kind == iriRef && strings.ContainsAny(t.value, "?$&|"):
		e.hint("this reads as an IRI: put spaces around < and >")
	case t.is("=") && p.last == t.pos:
		e.hint("equal is =, and no more")
	}
	return e
}

// accept takes an operator if it stands here.
func (p *parser) accept(op string) bool {
	if p.cur.kind != operator || p.cur.value != op {
		return false
	}
	p.advance()
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
	p.advance()
	return true
}

func (p *parser) expectWord(keyword string) {
	if !p.acceptWord(keyword) {
		p.expected(`"` + keyword + `"`)
	}
}

// enter is called where the text nests; leave must follow.
func (p *parser) enter() {
	if p.depth++; p.depth > p.limits.Depth {
		p.failAt(p.cur.pos, "nests deeper than %d", p.limits.Depth)
	}
}

func (p *parser) leave() { p.depth-- }

// part, operator and row count what the limits are of.
func (p *parser) part() {
	if p.counts.parts++; p.counts.parts > p.limits.Parts {
		p.failAt(p.cur.pos, "more than %d patterns and columns", p.limits.Parts)
	}
}

func (p *parser) operator() {
	if p.counts.operators++; p.counts.operators > p.limits.Operators {
		p.failAt(p.cur.pos, "more than %d operators and functions", p.limits.Operators)
	}
}

func (p *parser) row() {
	if p.counts.rows++; p.counts.rows > p.limits.Rows {
		p.failAt(p.cur.pos, "more than %d rows in VALUES", p.limits.Rows)
	}
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

// join adds the variables of another set, which is given up: the larger of the two goes on,
// so that scopes within scopes cost no more than their variables.
func (v *vars) join(other *vars) {
	switch {
	case len(v.names) == 0:
		*v = *other
	case len(v.names) < len(other.names):
		names := slices.Clone(v.names)
		for _, n := range other.names {
			if !v.has[n] {
				names = append(names, n)
			}
		}
		for _, n := range v.names {
			other.has[n] = true
		}
		v.names, v.has = names, other.has
	default:
		v.add(other.names...)
	}
}

// variable reads a Var.
func (p *parser) variable() string {
	t := p.tok()
	if t.kind != variable {
		p.expected("a variable")
		return ""
	}
	p.advance()
	return t.value
}

// fresh returns the label of a new blank node, one that the text does not use.
func (p *parser) fresh() graph.Term {
	if p.used == nil {
		p.used = map[string]bool{}
		l := &lexer{text: p.text}
		for t := l.next(); t.kind != end; t = l.next() {
			if t.kind == blank {
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
func (p *parser) label(t token) graph.Term {
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
func (t token) oneOf(keywords ...string) bool {
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
