package syntax

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// A kind is what a token is (SPARQL 1.1, 19.8: productions in capitals).
type kind uint8

const (
	end      kind = iota
	word          // keyword, or what looks like one
	iriRef        // value: the IRI reference, escapes resolved
	pname         // value: prefix, local: the rest, escapes resolved
	blank         // value: the label
	variable      // value: the name
	str           // value: the text, escapes resolved
	langTag       // value: the tag, without @
	integer       // value: as written, sign included
	decimal       //
	double        //
	operator      // value: the characters
)

// A token is one word of the text. It stands from pos to end.
type token struct {
	kind  kind
	pos   Pos
	end   Pos
	value string
	local string
}

// is tells whether the token is an operator or bracket.
func (t token) is(op string) bool { return t.kind == operator && t.value == op }

// keyword tells whether the token is a keyword, in any case.
func (t token) keyword(k string) bool { return t.kind == word && strings.EqualFold(t.value, k) }

// A lexer cuts a text into tokens, one at a time, so that a mistake near the beginning costs
// nothing of what follows. The longest token wins, so `?a<?b&&?c>?d` holds an IRI, as the
// standard says.
type lexer struct {
	text string
	at   int
	err  *Error

	plainNames bool // no \u in names and keywords
}

// next returns the next token, the end again and again once it is reached, and where the
// text is wrong.
func (l *lexer) next() token {
	if l.err != nil {
		return token{kind: end, pos: Pos(l.at), end: Pos(l.at)}
	}
	l.space()
	start := l.at
	t := l.token()
	if l.err != nil {
		t = token{kind: end}
	}
	t.pos, t.end = Pos(start), Pos(l.at)
	return t
}

func invalidUTF8(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return i
			}
		}
	}
	return -1
}

func (l *lexer) fail(at int, format string, args ...any) *Error {
	if l.err == nil {
		l.err = newError(l.text, Pos(at), format, args...)
		l.err.Found = shorten(l.text[at:max(at, l.at)])
	}
	return l.err
}

// space passes over white space and comments.
func (l *lexer) space() {
	for l.at < len(l.text) {
		switch l.text[l.at] {
		case ' ', '\t', '\n', '\r':
			l.at++
		case '#':
			for l.at < len(l.text) && l.text[l.at] != '\n' && l.text[l.at] != '\r' {
				l.at++
			}
		default:
			return
		}
	}
}

// peek returns the byte i places ahead, 0 behind the end.
func (l *lexer) peek(i int) byte {
	if l.at+i < len(l.text) {
		return l.text[l.at+i]
	}
	return 0
}

func (l *lexer) token() token {
	if l.at == len(l.text) {
		return token{kind: end}
	}
	switch c := l.text[l.at]; {
	case c == '<':
		if t, ok := l.iri(); ok {
			return t
		}
	case c == '"' || c == '\'':
		return l.string(c)
	case (c == '?' || c == '$') && l.nameStart(1):
		l.at++
		return token{kind: variable, value: l.name(isVarChar)}
	case c == '@':
		return l.langTag()
	case c == '_' && l.peek(1) == ':':
		return l.blank()
	case isDigit(c), c == '.' && isDigit(l.peek(1)):
		return l.number()
	case (c == '+' || c == '-') && (isDigit(l.peek(1)) || l.peek(1) == '.' && isDigit(l.peek(2))):
		return l.number()
	case c == ':' || c >= utf8.RuneSelf || isLetter(c) || c == '\\':
		return l.wordOrName()
	case c == '_': // no prefix begins so, but a wrong one should be shown whole
		return l.wordOrName()
	}
	return l.operator()
}

// operators lists them, longer ones first.
var operators = []string{
	"<<(", ")>>", "<<", ">>", "{|", "|}", "^^", "||", "&&", "!=", "<=", ">=",
	"{", "}", "(", ")", "[", "]", ".", ";", ",", "*", "/", "|", "^", "!", "?", "+", "-", "=", "<", ">", "~",
}

func (l *lexer) operator() token {
	rest := l.text[l.at:]
	for _, op := range operators {
		if strings.HasPrefix(rest, op) {
			l.at += len(op)
			return token{kind: operator, value: op}
		}
	}
	r, _ := utf8.DecodeRuneInString(rest)
	l.fail(l.at, "the character %q cannot stand here", r)
	return token{}
}

// iri reads an IRIREF; ok is false if what begins with < is none.
func (l *lexer) iri() (t token, ok bool) {
	start := l.at + 1
	for i := start; i < len(l.text); i++ {
		switch c := l.text[i]; {
		case c == '>':
			l.at = i + 1
			value, bad := unescapeIRI(l.text[start:i])
			if bad >= 0 {
				l.fail(start+bad, "%s is not allowed in an IRI", shorten(l.text[start+bad:i]))
			}
			return token{kind: iriRef, value: value}, true
		case c == '\\' && i+1 < len(l.text) && l.text[i+1]|0x20 == 'u':
		case c <= ' ', strings.IndexByte("<\"{}|^`\\", c) >= 0:
			return token{}, false
		}
	}
	return token{}, false
}

// unescapeIRI resolves \u and \U; bad is where one is wrong, or -1.
func unescapeIRI(s string) (value string, bad int) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, -1
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			b = append(b, s[i])
			i++
			continue
		}
		r, n := codePoint(s[i:])
		if n == 0 || r <= ' ' || r < utf8.RuneSelf && strings.ContainsRune("<>\"{}|^`\\", r) {
			return "", i
		}
		b = utf8.AppendRune(b, r)
		i += n
	}
	return string(b), -1
}

// codePoint reads \uXXXX or \UXXXXXXXX at the beginning of s (SPARQL 1.1, 19.2); n is 0 if
// it is no character.
func codePoint(s string) (r rune, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	switch s[1] {
	case 'u':
		n = 6
	case 'U':
		n = 10
	}
	if n == 0 || len(s) < n {
		return 0, 0
	}
	v, err := strconv.ParseUint(s[2:n], 16, 32)
	if err != nil || v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
		return 0, 0
	}
	return rune(v), n
}

// string reads a string in short or long quotes.
func (l *lexer) string(quote byte) token {
	start := l.at
	long := l.peek(1) == quote && l.peek(2) == quote
	size := 1
	if long {
		size = 3
	}
	l.at += size
	closing := l.text[start:l.at]
	var b []byte // nil while nothing was escaped
	from := l.at
	for l.at < len(l.text) {
		c := l.text[l.at]
		switch {
		case strings.HasPrefix(l.text[l.at:], closing):
			b = append(b, l.text[from:l.at]...)
			l.at += size
			return token{kind: str, value: string(b)}
		case !long && (c == '\n' || c == '\r'):
			l.fail(start, "string opened here is not closed on its line")
			l.err.hint("text of several lines stands in %s", strings.Repeat(string(quote), 3))
			return token{}
		case c != '\\':
			l.at++
			continue
		}
		b = append(b, l.text[from:l.at]...)
		if b = l.escape(b); l.err != nil {
			return token{}
		}
		from = l.at
	}
	l.fail(start, "string opened here is never closed")
	return token{}
}

// escape reads an escape within a string (SPARQL 1.1, 19.7) and appends what it means.
func (l *lexer) escape(b []byte) []byte {
	c := l.peek(1)
	if i := strings.IndexByte(`tbnrf\"'`, c); c != 0 && i >= 0 {
		l.at += 2
		return append(b, "\t\b\n\r\f\\\"'"[i])
	}
	r, n := codePoint(l.text[l.at:])
	if n == 0 {
		_, width := utf8.DecodeRuneInString(l.text[l.at+1:])
		l.fail(l.at, "unknown escape %s", l.text[l.at:l.at+1+width])
		return b
	}
	l.at += n
	return utf8.AppendRune(b, r)
}

// langTag reads @tag, and the base direction of SPARQL 1.2 behind it.
func (l *lexer) langTag() token {
	start := l.at
	l.at++
	from := l.at
	for isLetter(l.peek(0)) {
		l.at++
	}
	if l.at == from {
		l.fail(start, "expected a language tag behind @")
		return token{}
	}
	for l.peek(0) == '-' && (isLetter(l.peek(1)) || isDigit(l.peek(1))) {
		for l.at++; isLetter(l.peek(0)) || isDigit(l.peek(0)); l.at++ {
		}
	}
	if l.peek(0) == '-' && l.peek(1) == '-' && isLetter(l.peek(2)) {
		for l.at += 2; isLetter(l.peek(0)); l.at++ {
		}
	}
	return token{kind: langTag, value: l.text[from:l.at]}
}

// number reads an INTEGER, DECIMAL or DOUBLE, with its sign. A dot behind an integer that
// no digit follows is the end of a triple.
func (l *lexer) number() token {
	start := l.at
	k := integer
	if c := l.text[l.at]; c == '+' || c == '-' {
		l.at++
	}
	l.digits()
	if l.peek(0) == '.' && isDigit(l.peek(1)) {
		k = decimal
		l.at++
		l.digits()
	}
	mark := l.at
	if k == integer && l.peek(0) == '.' && l.peek(1)|0x20 == 'e' { // 1.e5
		l.at++
	}
	if l.exponent() {
		k = double
	} else {
		l.at = mark
	}
	return token{kind: k, value: l.text[start:l.at]}
}

func (l *lexer) digits() {
	for isDigit(l.peek(0)) {
		l.at++
	}
}

func (l *lexer) exponent() bool {
	if l.peek(0)|0x20 != 'e' {
		return false
	}
	n := 1
	if c := l.peek(1); c == '+' || c == '-' {
		n = 2
	}
	if !isDigit(l.peek(n)) {
		return false
	}
	l.at += n
	l.digits()
	return true
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
