package regex

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A node is a part of a pattern.
type node struct {
	kind     nodeKind
	char     rune // of a char
	class    set
	inGo     string // how Go writes the class, if not by its spans
	subs     []*node
	min, max int // of a repeat; max is -1 for no end
	lazy     bool
}

type nodeKind uint8

const (
	charNode   nodeKind = iota // one character, with the flag i in any case
	classNode                  // one character of a class
	startNode                  // ^
	endNode                    // $
	groupNode                  // (...)
	bareNode                   // (?:...)
	sequence                   // one after the other
	branches                   // one of several
	repetition                 // ? * + {n,m}
)

// A parser reads a pattern (XSD 1.1 part 2, G.2, as changed by XPath F&O 3.1, 5.6.1).
type parser struct {
	text   []rune
	at     int
	flags  flags
	depth  int
	groups int
	err    error
}

// parse reads the whole of a pattern.
func parse(pattern string, f flags) (tree *node, groups int, err error) {
	switch {
	case len(pattern) > MaxPattern:
		return nil, 0, &Error{In: "regular expression", Reason: fmt.Sprintf("longer than %d bytes", MaxPattern)}
	case !utf8.ValidString(pattern):
		return nil, 0, &Error{In: "regular expression", Reason: "not UTF-8"}
	}
	p := &parser{text: []rune(pattern), flags: f}
	if f.q {
		return p.quoted(), 0, nil
	}
	if f.x {
		p.text = withoutSpace(p.text)
	}
	tree = p.alternatives()
	if p.at < len(p.text) {
		p.fail("this parenthesis was never opened")
	}
	if p.err != nil {
		return nil, 0, p.err
	}
	return tree, p.groups, nil
}

// fail notes the first mistake and goes to the end, so that whoever is reading finds nothing
// more to read.
func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = &Error{"regular expression", p.at + 1, fmt.Sprintf(format, args...)}
	}
	p.at = len(p.text)
}

// withoutSpace is the flag x: white space does not count outside of classes.
func withoutSpace(text []rune) []rune {
	var out []rune
	depth, escape := 0, false
	for _, c := range text {
		switch {
		case depth == 0 && spaces.holds(c):
			continue
		case escape:
			escape = false
		case c == '\\':
			escape = true
		case c == '[':
			depth++
		case c == ']' && depth > 0:
			depth--
		}
		out = append(out, c)
	}
	return out
}

// quoted is the flag q: every character is itself.
func (p *parser) quoted() *node {
	n := &node{kind: sequence}
	for _, c := range p.text {
		n.subs = append(n.subs, p.char(c))
	}
	return n
}

func (p *parser) peek() rune {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return -1
}

// eat takes the next character if it is c.
func (p *parser) eat(c rune) bool {
	if p.peek() == c {
		p.at++
		return true
	}
	return false
}

func (p *parser) char(c rune) *node {
	if p.flags.i {
		if s := one(c).fold(); len(s) > 1 || s[0].low < s[0].high {
			return &node{kind: classNode, class: s, char: c}
		}
	}
	return &node{kind: charNode, char: c}
}

func (p *parser) alternatives() *node {
	n := &node{kind: branches, subs: []*node{p.sequence()}}
	for p.eat('|') {
		n.subs = append(n.subs, p.sequence())
	}
	if len(n.subs) == 1 {
		return n.subs[0]
	}
	return n
}

func (p *parser) sequence() *node {
	n := &node{kind: sequence}
	for p.at < len(p.text) && p.peek() != '|' && p.peek() != ')' {
		n.subs = append(n.subs, p.quantified(p.atom()))
	}
	return n
}

// quantified reads what may follow an atom.
func (p *parser) quantified(atom *node) *node {
	n := &node{kind: repetition, subs: []*node{atom}, max: -1}
	switch {
	case p.eat('?'):
		n.max = 1
	case p.eat('*'):
	case p.eat('+'):
		n.min = 1
	case p.eat('{'):
		p.quantity(n)
	default:
		return atom
	}
	n.lazy = p.eat('?')
	return n
}

// quantity reads {n}, {n,} or {n,m} behind its brace.
func (p *parser) quantity(n *node) {
	n.min = p.count()
	n.max = n.min
	if p.eat(',') {
		n.max = -1
		if p.peek() != '}' {
			n.max = p.count()
		}
	}
	switch {
	case !p.eat('}'):
		p.fail("expected } at the end of the quantifier")
	case n.max >= 0 && n.max < n.min:
		p.fail("the quantifier {%d,%d} ends before it begins", n.min, n.max)
	}
}

func (p *parser) count() int {
	start, v := p.at, 0
	for p.peek() >= '0' && p.peek() <= '9' {
		if v = v*10 + int(p.peek()-'0'); v > maxRepeat {
			p.fail("more than %d repetitions", maxRepeat)
		}
		p.at++
	}
	if p.at == start {
		p.fail("expected a number; write \\{ for the brace itself")
	}
	return v
}

func (p *parser) atom() *node {
	c := p.peek()
	switch c {
	case '(':
		return p.group()
	case '[':
		p.at++
		return &node{kind: classNode, class: p.class()}
	case '\\':
		return p.escape()
	case '?', '*', '+', '{':
		p.fail("nothing stands before %c to be repeated; write \\%c for the character itself", c, c)
	case '}', ']':
		p.fail("%c closes nothing; write \\%c for the character itself", c, c)
	}
	p.at++
	switch c {
	case '^':
		return &node{kind: startNode, lazy: p.flags.m}
	case '$':
		return &node{kind: endNode, lazy: p.flags.m}
	case '.':
		if p.flags.s {
			return &node{kind: classNode, class: anything}
		}
		return &node{kind: classNode, class: noBreak}
	}
	return p.char(c)
}

func (p *parser) group() *node {
	p.at++
	if p.depth++; p.depth > maxDepth {
		p.fail("more than %d parentheses inside each other", maxDepth)
	}
	n := &node{kind: groupNode}
	if p.peek() == '?' {
		p.at++
		if !p.eat(':') {
			p.fail("XPath knows (?: and nothing else that begins with (?; flags are an argument of their own")
		}
		n.kind = bareNode
	} else {
		p.groups++
	}
	open := p.at
	n.subs = []*node{p.alternatives()}
	if !p.eat(')') {
		p.at = open - 1
		p.fail("this parenthesis is never closed")
	}
	p.depth--
	return n
}

// escape reads what begins with a backslash, outside of classes.
func (p *parser) escape() *node {
	p.at++
	c := p.peek()
	if c >= '0' && c <= '9' {
		p.fail("back-references are not supported, since they can take longer than linear time")
	}
	if single, ok := p.single(); ok {
		return p.char(single)
	}
	n := &node{kind: classNode}
	n.class, n.inGo = p.many()
	return n
}

// single reads an escape of one character behind its backslash (XSD 1.1 part 2, G.4.2.4).
func (p *parser) single() (c rune, ok bool) {
	c = p.peek()
	switch c {
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	default:
		if c < 0 || !strings.ContainsRune(`\|.?*+(){}$-[]^`, c) {
			return 0, false
		}
	}
	p.at++
	return c, true
}

// many reads an escape for many characters behind its backslash, and tells how Go writes it
// if that is shorter than the spans.
func (p *parser) many() (s set, inGo string) {
	c := p.peek()
	if c == 'p' || c == 'P' {
		return p.property(c == 'P')
	}
	s, inGo, ok := escaped(c)
	switch {
	case c < 0:
		p.fail(`nothing follows the backslash; write \\ for the character itself`)
	case !ok:
		p.fail(`\%c is no escape of XPath regular expressions`, c)
	}
	p.at++
	return s, inGo
}

// property reads \p{...} behind its backslash.
func (p *parser) property(negate bool) (s set, inGo string) {
	start := p.at
	p.at++
	if !p.eat('{') {
		p.fail("expected { and the name of a category or block")
	}
	open := p.at
	for p.at < len(p.text) && p.peek() != '}' {
		p.at++
	}
	name := string(p.text[open:p.at])
	s, ok := property(name)
	if !p.eat('}') || !ok {
		p.at = start
		p.fail("there is no category or block of Unicode named %q", name)
	}
	if len(s) > 8 && name != "C" {
		inGo = pick(negate, `\P{`, `\p{`) + name + `}`
	}
	if negate {
		return s.not(), inGo
	}
	return s, inGo
}

// class reads a class behind its bracket, and the bracket that closes it.
func (p *parser) class() set {
	if p.depth++; p.depth > maxDepth {
		p.fail("more than %d brackets inside each other", maxDepth)
	}
	negate := p.eat('^')
	var parts []set
	var less set
	for p.err == nil && !p.eat(']') {
		if len(parts) > 0 && p.peek() == '-' && p.at+1 < len(p.text) && p.text[p.at+1] == '[' {
			p.at += 2
			less = p.class()
			if !p.eat(']') {
				p.fail("a subtraction is the last part of its class")
			}
			break
		}
		parts = append(parts, p.part())
	}
	if len(parts) == 0 && p.err == nil {
		p.fail("a class holds at least one character")
	}
	p.depth--
	s := union(parts...)
	if negate {
		s = s.not()
	}
	return s.minus(less)
}

// part reads a character, a range or an escape of a class.
func (p *parser) part() set {
	if p.eat('\\') {
		if c, ok := p.single(); ok {
			return p.rangeFrom(c)
		}
		s, _ := p.many()
		return s
	}
	c := p.peek()
	switch c {
	case -1:
		p.fail("the class is never closed")
	case '[':
		p.fail(`write \[ for the bracket itself`)
	}
	p.at++
	return p.rangeFrom(c)
}

// rangeFrom reads what may follow the first character of a range. A hyphen before the
// closing bracket or before a subtraction is not of a range.
func (p *parser) rangeFrom(low rune) set {
	high := low
	if p.peek() == '-' && p.at+1 < len(p.text) && p.text[p.at+1] != ']' && p.text[p.at+1] != '[' {
		p.at++
		high = p.rangeEnd()
		if high < low {
			p.fail("the range %c-%c ends before it begins", low, high)
		}
	}
	s := set{{low, high}}
	if p.flags.i {
		return s.fold()
	}
	return s
}

func (p *parser) rangeEnd() rune {
	c := p.peek()
	p.at++
	if c != '\\' {
		return c
	}
	c, ok := p.single()
	if !ok {
		p.fail("a range ends with one character")
	}
	return c
}
