package syntax

import (
	"strings"
	"unicode/utf8"

	"mocban/graph"
)

// A Shape is the text of a query with holes where its terms stood. Queries of one shape differ
// in these terms only, so what was found out about one of them may serve the others.
type Shape struct {
	Key   string // the text without the terms
	Terms []graph.Term
}

// maxShape is the longest text that has a shape, in bytes.
const maxShape = 8 << 10

// ShapeOf returns the shape of a text. Holes are IRIs in angle brackets that begin with http,
// https or urn, but for those of the prologue, and strings in short quotes without escapes,
// language or datatype; all else stays as it is written. A text that is too long, or wrong in
// a way that is seen while looking for terms, has none. Whether the text is a query is not
// asked: two texts of one shape are queries, or neither is.
func ShapeOf(text string) (s Shape, ok bool) {
	if len(text) > maxShape || strings.IndexByte(text, hole) >= 0 || !utf8.ValidString(text) {
		return s, false
	}
	key := make([]byte, 0, len(text))
	from := 0 // of what is not yet in the key
	prologue := false
	l := lexer{text: text}
	for {
		l.space()
		start := l.at
		if start == len(text) {
			break
		}
		var t graph.Term
		switch c := text[start]; c {
		case '<':
			iri, found := l.iri()
			if !found {
				l.at++
				break
			}
			if !prologue && isPlainIRI(iri.value) && len(iri.value) == l.at-start-2 {
				t = graph.IRI(iri.value).Term()
			}
		case '"', '\'':
			str := l.string(c)
			if l.err != nil {
				return s, false
			}
			if next := l.peek(0); len(str.value) == l.at-start-2 && !l.tagged() && next != c {
				t = graph.String(str.value)
			}
		case '\\': // in a name, where it takes what follows as it is
			l.at = min(l.at+2, len(text))
		default:
			if isLetter(c) || isDigit(c) {
				l.skipWord()
			} else {
				l.at++
			}
		}
		prologue = text[start] == ':' || isLetter(text[start]) && strings.EqualFold(text[start:l.at], "BASE")
		if t.IsZero() {
			continue
		}
		key = append(append(key, text[from:start]...), hole, text[start])
		from = l.at
		s.Terms = append(s.Terms, t)
	}
	s.Key = string(append(key, text[from:]...))
	return s, l.err == nil
}

// With returns the text of the shape with other terms.
func (s Shape) With(terms []graph.Term) string {
	var b strings.Builder
	key := s.Key
	for _, t := range terms {
		before, after, _ := strings.Cut(key, string(rune(hole)))
		b.WriteString(before)
		b.WriteString(t.String())
		key = after[1:]
	}
	return b.String() + key
}

// hole stands in the key before the first character of a term.
const hole = 0

// isPlainIRI tells whether a reference is an IRI with a scheme, which no base changes.
func isPlainIRI(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "urn:")
}

// tagged tells whether a language or datatype follows.
func (l *lexer) tagged() bool {
	at := l.at
	l.space()
	next := l.peek(0)
	l.at = at
	return next == '@' || next == '^'
}

// skipWord passes over letters and digits.
func (l *lexer) skipWord() {
	for l.at < len(l.text) && (isLetter(l.text[l.at]) || isDigit(l.text[l.at])) {
		l.at++
	}
}

// Spaced returns a text without its comments, and with one blank wherever there is white space
// between words: texts that differ in nothing else are the same query. A text that is wrong in a
// way that is seen while looking for words comes back as it is.
func Spaced(text string) string {
	b := make([]byte, 0, len(text))
	l := lexer{text: text}
	for {
		from := l.at
		l.space()
		start := l.at
		if start == len(text) {
			return string(b)
		}
		if start > from && len(b) > 0 {
			b = append(b, ' ')
		}
		switch c := text[start]; c {
		case '<':
			if _, found := l.iri(); !found {
				l.at = start + 1
			}
		case '"', '\'':
			if l.string(c); l.err != nil {
				return text
			}
		case '\\': // in a name, where it takes what follows as it is
			l.at = min(l.at+2, len(text))
		default:
			if isLetter(c) || isDigit(c) {
				l.skipWord()
			} else {
				l.at++
			}
		}
		b = append(b, text[start:l.at]...)
	}
}
