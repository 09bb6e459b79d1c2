package turtle

import (
	"strings"

	"mocban/graph"
	"mocban/graph/rdfio/iri"
)

// names resolves relative IRIs and prefixed names.
type names struct {
	scanner
	base     iri.Base
	prefixes map[string]string
	cache    [256]cachedName // of prefixed names, the common ones again and again
}

type cachedName struct{ name, iri string }

// absolute reads <...> and resolves it.
func (p *names) absolute() (string, bool) {
	text, ok := p.iriref()
	if !ok || iri.Scheme(text) > 0 {
		return text, ok
	}
	if p.base.IsZero() {
		return "", p.Fail(max(p.I-1, 0), "relative IRI %.80q and no base", text)
	}
	return p.base.Resolve(text), true
}

// word measures the word at the place of the input: a prefixed name, whose colon stands at
// colon, or a keyword, with colon < 0. end is 0 if there is none.
func (p *names) word() (colon, end int) {
again:
	s := p.S[p.I:]
	i := 0
	for i < len(s) {
		n := 0
		switch {
		case s[i] == ':':
			if i > 0 && s[i-1] == '.' {
				return -1, keyword(s[:i])
			}
			end, ok := local(s, i+1)
			if !ok && p.More() {
				goto again
			}
			return i, end
		case s[i] == '.' && i > 0:
			n = 1
		case i == 0:
			if n = nameStartAt(s, 0); s[0] == '_' {
				n = 0
			}
		default:
			n = nameCharAt(s, i)
		}
		if n == 0 {
			return -1, keyword(s[:i])
		}
		i += n
	}
	if p.More() {
		goto again
	}
	return -1, keyword(s)
}

// keyword returns the length of the word without what stands behind a dot.
func keyword(s string) int {
	if dot := strings.IndexByte(s, '.'); dot >= 0 {
		return dot
	}
	return len(s)
}

// local returns where the local name that begins at s[i] ends. ok is false if it may go on
// behind s.
func local(s string, i int) (end int, ok bool) {
	first := i
	end = i
	for i < len(s) {
		n := 0
		switch c := s[i]; {
		case is(c, nameChar):
			if n = 1; c == '-' && i == first {
				n = 0
			}
		case c == ':':
			n = 1
		case c == '.':
			if i == first {
				return end, true
			}
			i++
			continue
		case c == '%':
			if i+3 > len(s) {
				return end, false
			}
			if is(s[i+1], hexDigit) && is(s[i+2], hexDigit) {
				n = 3
			}
		case c == '\\':
			if i+2 > len(s) {
				return end, false
			}
			if strings.IndexByte("_~.-!$&'()*+,;=/?#@%", s[i+1]) >= 0 {
				n = 2
			}
		case i == first:
			n = nameStartAt(s, i)
		default:
			n = nameCharAt(s, i)
		}
		if n == 0 {
			return end, true
		}
		i += n
		end = i
	}
	return end, false
}

// expand reads a prefixed name that [names.word] measured.
func (p *names) expand(colon, end int) (string, bool) {
	name := p.S[p.I : p.I+end]
	slot := &p.cache[hash(name)]
	if slot.name == name {
		p.I += end
		return slot.iri, true
	}
	ns, ok := p.prefixes[name[:colon]]
	if !ok {
		return "", p.Fail(p.I, "prefix %q is not declared", name[:colon+1])
	}
	local := name[colon+1:]
	if strings.IndexByte(local, '\\') >= 0 {
		local = strings.ReplaceAll(local, `\`, "") // a backslash itself cannot be escaped
	}
	if !p.Size(p.I, len(ns)+len(local)) {
		return "", false
	}
	*slot = cachedName{p.arena.Join(name), p.arena.Join(ns, local)}
	p.I += end
	return slot.iri, true
}

// hash mixes the length and the end of a name, where names differ.
func hash(name string) byte {
	h := uint32(len(name))
	for i := max(0, len(name)-8); i < len(name); i++ {
		h = h*31 + uint32(name[i])
	}
	return byte(h ^ h>>8 ^ h>>16)
}

// iri reads an IRI or a prefixed name.
func (p *names) iri(what string) (string, bool) {
	c, ok := p.Peek()
	if ok && c == '<' && !p.Starts("<<") {
		return p.absolute()
	}
	if ok {
		if colon, end := p.word(); colon >= 0 {
			return p.expand(colon, end)
		}
	}
	return "", p.Unexpected(what)
}

// literal reads a string with its language or datatype.
func (p *names) literal() (graph.Term, bool) {
	text, ok := p.quoted()
	if !ok {
		return graph.Term{}, false
	}
	p.blankLines()
	c, ok := p.Peek()
	switch {
	case ok && c == '@':
		return p.language(text)
	case ok && c == '^':
		if !p.Accept("^^") {
			return graph.Term{}, p.Unexpected(`"^^"`)
		}
		p.blankLines()
		datatype, ok := p.iri("datatype")
		if !ok {
			return graph.Term{}, false
		}
		return p.typed(text, datatype)
	}
	return graph.String(text), true
}

// quoted reads a string in any of the four kinds of quotes.
func (p *names) quoted() (string, bool) {
	if p.Starts(`"""`) || p.Starts(`'''`) {
		return p.long()
	}
	return p.short()
}

const (
	xsdInteger graph.IRI = "http://www.w3.org/2001/XMLSchema#integer"
	xsdDecimal graph.IRI = "http://www.w3.org/2001/XMLSchema#decimal"
	xsdDouble  graph.IRI = "http://www.w3.org/2001/XMLSchema#double"
	xsdBoolean graph.IRI = "http://www.w3.org/2001/XMLSchema#boolean"
)

// number reads an integer, a decimal or a double.
func (p *names) number() (graph.Term, bool) {
again:
	n, datatype, ok := number(p.S[p.I:])
	if !ok && p.More() {
		goto again
	}
	if n == 0 {
		return graph.Term{}, p.Unexpected("number")
	}
	if !p.Size(p.I, n) {
		return graph.Term{}, false
	}
	text := p.S[p.I : p.I+n]
	p.I += n
	return graph.Literal(text, datatype), true
}

// number measures the longest number that s begins with. ok is false if it may go on
// behind s.
func number(s string) (n int, datatype graph.IRI, ok bool) {
	digits := func(i int) int {
		for i < len(s) && is(s[i], digit) {
			i++
		}
		return i
	}
	sign := 0
	if s != "" && (s[0] == '+' || s[0] == '-') {
		sign = 1
	}
	i := digits(sign)
	whole := i > sign
	if whole {
		n, datatype = i, xsdInteger
	}
	if i < len(s) && s[i] == '.' {
		end := digits(i + 1)
		if end > i+1 {
			n, datatype = end, xsdDecimal
		}
		if !whole && end == i+1 {
			return n, datatype, end < len(s)
		}
		i = end
	} else if !whole {
		return 0, "", i < len(s)
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		end := digits(i)
		if end > i {
			n, datatype = end, xsdDouble
		}
		i = end
	}
	return n, datatype, i < len(s)
}
