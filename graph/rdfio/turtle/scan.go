package turtle

import (
	"strings"
	"unicode/utf8"

	"mocban/graph"
	"mocban/graph/rdfio/document"
	"mocban/graph/rdfio/iri"
)

// scanner reads the tokens that the four formats share. Every method begins at the place
// of the input, where the caller has seen what kind of token stands there, and moves it
// behind the token. A token that reaches the end of the window is begun again with more.
type scanner struct {
	document.Input
	arena  document.Arena
	blanks document.Blanks
}

func newScanner(in document.Input, o document.Options) scanner {
	return scanner{Input: in, blanks: document.NewBlanks(o)}
}

// iriref reads <...> and returns what is inside, escapes resolved.
func (p *scanner) iriref() (string, bool) {
again:
	s := p.S[p.I+1:]
	i := 0
	for i < len(s) && is(s[i], plainIRI) {
		i++
	}
	switch {
	case i == len(s):
		if p.More() {
			goto again
		}
		return "", p.Unclosed("IRI")
	case s[i] == '>':
		ok := p.Size(p.I, i)
		p.I += i + 2
		return s[:i], ok
	case s[i] == '\\':
		return p.escapedIRI()
	}
	return "", p.badInIRI(p.I + 1 + i)
}

func (p *scanner) badInIRI(i int) bool {
	switch c := p.S[i]; {
	case c == ' ':
		return p.Fail(i, "space in IRI")
	case c < ' ':
		return p.Fail(i, "U+%04X is not allowed in an IRI", c)
	default:
		return p.Fail(i, "%q is not allowed in an IRI", c)
	}
}

// escapedIRI reads an IRI with escapes.
func (p *scanner) escapedIRI() (string, bool) {
	for {
		end := strings.IndexByte(p.S[p.I:], '>')
		if end >= 0 {
			return p.unescapeIRI(p.S[p.I+1 : p.I+end])
		}
		if !p.More() {
			return "", p.Unclosed("IRI")
		}
	}
}

func (p *scanner) unescapeIRI(raw string) (string, bool) {
	b := p.arena.Grow(len(raw))
	for i := 0; i < len(raw); {
		if is(raw[i], plainIRI) {
			b = append(b, raw[i])
			i++
			continue
		}
		at := p.I + 1 + i
		if raw[i] != '\\' {
			return "", p.badInIRI(at)
		}
		r, n := unicodeEscape(raw[i:])
		if n == 0 {
			return "", p.badEscape(at, raw[i:])
		}
		if !iri.Allowed(r) {
			return "", p.Fail(at, "U+%04X is not allowed in an IRI", r)
		}
		b = utf8.AppendRune(b, r)
		i += n
	}
	ok := p.Size(p.I, len(b))
	p.I += len(raw) + 2
	return p.arena.Keep(b), ok
}

// badEscape tells what is wrong with the escape that s begins with, at byte i.
func (p *scanner) badEscape(i int, s string) bool {
	if escapeBytes(s) > 0 {
		return p.Fail(i, "%s is not a character", s[:min(len(s), escapeBytes(s))])
	}
	return p.Fail(i, "unknown escape %.5s", s)
}

// unicodeEscape returns the character of a \u or \U escape at the beginning of s and the
// length of the escape, which is 0 if there is none.
func unicodeEscape(s string) (r rune, n int) {
	if n = escapeBytes(s); n == 0 || len(s) < n {
		return 0, 0
	}
	for _, c := range []byte(s[2:n]) {
		if !is(c, hexDigit) || r > utf8.MaxRune {
			return 0, 0
		}
		d := rune(c & 15)
		if c > '9' {
			d += 9
		}
		r = r<<4 | d
	}
	if !utf8.ValidRune(r) {
		return 0, 0
	}
	return r, n
}

// escapeBytes returns the length of the \u or \U escape that s begins with, or 0.
func escapeBytes(s string) int {
	switch {
	case strings.HasPrefix(s, `\u`):
		return 6
	case strings.HasPrefix(s, `\U`):
		return 10
	}
	return 0
}

// short reads a string between one quote each side, on one line.
func (p *scanner) short() (string, bool) {
	quote := p.S[p.I]
	escaped := false
again:
	s := p.S[p.I+1:]
	for i := 0; i < len(s); i++ {
		if is(s[i], plainShort) {
			continue
		}
		switch s[i] {
		case quote:
			if escaped {
				return p.unescape(s[:i], 1)
			}
			ok := p.Size(p.I, i)
			p.I += i + 2
			return s[:i], ok
		case '\\':
			escaped = true
			i++
		case '\n', '\r':
			return "", p.Fail(p.I, "string opened here is not closed on its line")
		}
	}
	if p.More() {
		goto again
	}
	return "", p.Unclosed("string")
}

// long reads a string between three quotes each side.
func (p *scanner) long() (string, bool) {
	quotes := p.S[p.I : p.I+3]
	escaped := false
again:
	s := p.S[p.I+3:]
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			escaped = true
			i++
		case s[i] == quotes[0] && strings.HasPrefix(s[i:], quotes):
			if escaped {
				return p.unescape(s[:i], 3)
			}
			ok := p.Size(p.I, i)
			p.I += i + 6
			return s[:i], ok
		}
	}
	if p.More() {
		goto again
	}
	return "", p.Unclosed("string")
}

// unescape resolves the escapes of a string that has quotes each side.
func (p *scanner) unescape(raw string, quotes int) (string, bool) {
	b := p.arena.Grow(len(raw))
	for i := 0; i < len(raw); {
		next := strings.IndexByte(raw[i:], '\\')
		if next < 0 {
			b = append(b, raw[i:]...)
			break
		}
		b = append(b, raw[i:i+next]...)
		i += next
		if r, n := unicodeEscape(raw[i:]); n > 0 {
			b = utf8.AppendRune(b, r)
			i += n
			continue
		}
		c, ok := charEscape(raw[i+1])
		if !ok {
			return "", p.badEscape(p.I+quotes+i, raw[i:])
		}
		b = append(b, c)
		i += 2
	}
	ok := p.Size(p.I, len(b))
	p.I += len(raw) + 2*quotes
	return p.arena.Keep(b), ok
}

// charEscape is ECHAR.
func charEscape(c byte) (byte, bool) {
	switch c {
	case 't':
		return '\t', true
	case 'b':
		return '\b', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 'f':
		return '\f', true
	case '"', '\'', '\\':
		return c, true
	}
	return 0, false
}

// language reads @ and a language tag, and a base direction if there is one.
func (p *scanner) language(text string) (graph.Term, bool) {
again:
	s := p.S[p.I+1:]
	end, word := 0, 0 // word is where the last subtag begins
	for end < len(s) && (is(s[end], letter) || word > 0 && is(s[end], digit) || s[end] == '-') {
		if s[end] == '-' {
			if end == word {
				break
			}
			word = end + 1
		}
		end++
		if end-word > 8 {
			return graph.Term{}, p.Fail(p.I, "%q is not a language tag (BCP 47)", s[:end])
		}
	}
	if end == len(s) && p.More() {
		goto again
	}
	dir := graph.NoDir
	lang, after := s[:end], end
	if end < len(s) && s[end] == '-' && end == word && end > 1 {
		lang = s[:end-1] // what follows is --ltr or --rtl
		if len(s)-end < 5 && p.More() {
			goto again
		}
		switch rest := s[end:]; {
		case strings.HasPrefix(rest, "-ltr"):
			dir = graph.LTR
		case strings.HasPrefix(rest, "-rtl"):
			dir = graph.RTL
		default:
			return graph.Term{}, p.Fail(p.I+1+end, "a base direction is ltr or rtl")
		}
		after = end + 4
		if after < len(s) && nameCharAt(s, after) > 0 {
			return graph.Term{}, p.Fail(p.I+1+end, "a base direction is ltr or rtl")
		}
	}
	if lang == "" || lang[len(lang)-1] == '-' {
		return graph.Term{}, p.Fail(p.I, "%q is not a language tag (BCP 47)", lang)
	}
	p.I += 1 + after
	return graph.DirText(text, lang, dir), true
}

// typed returns the literal with a datatype, which was read.
func (p *scanner) typed(text, datatype string) (graph.Term, bool) {
	if len(datatype) > len(rdfNS) && datatype[:len(rdfNS)] == rdfNS {
		switch datatype[len(rdfNS):] {
		case "langString", "dirLangString":
			return graph.Term{}, p.Fail(p.I, "a literal of rdf:%s has a language", datatype[len(rdfNS):])
		}
	}
	return graph.Literal(text, graph.IRI(datatype)), true
}

// blank reads _: and a label.
func (p *scanner) blank() (graph.Term, bool) {
	if !p.Starts("_:") {
		return graph.Term{}, p.Unexpected(`"_:"`)
	}
again:
	s := p.S[p.I+2:]
	end := 0
	for i := 0; i < len(s); {
		n := 0
		switch {
		case i == 0 && is(s[0], digit):
			n = 1
		case i == 0:
			n = nameStartAt(s, 0)
		case s[i] == '.':
			i++
			continue
		default:
			n = nameCharAt(s, i)
		}
		if n == 0 {
			return p.label(s[:end])
		}
		i += n
		end = i
	}
	if p.More() {
		goto again
	}
	return p.label(s[:end])
}

func (p *scanner) label(label string) (graph.Term, bool) {
	if label == "" {
		return graph.Term{}, p.Fail(p.I, "a blank node label begins with a letter, a digit or _")
	}
	if !p.Size(p.I, len(label)) {
		return graph.Term{}, false
	}
	p.I += 2 + len(label)
	return p.blanks.Named(label), true
}

const rdfNS = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
