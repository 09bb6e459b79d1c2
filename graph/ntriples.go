package graph

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// AppendQuad appends q in canonical N-Quads form (RDF 1.2 N-Quads, 4), " ." included and
// without a line end. A quad of the default graph is a line of N-Triples.
func AppendQuad(b []byte, q Quad) []byte {
	b = AppendTerm(b, q.S)
	b = append(b, ' ', '<')
	b = appendIRI(b, string(q.P))
	b = append(b, '>', ' ')
	b = AppendTerm(b, q.O)
	if !q.G.IsZero() {
		b = append(b, ' ')
		b = AppendTerm(b, q.G)
	}
	return append(b, ' ', '.')
}

// AppendTerm appends t in canonical N-Triples form. Characters that the grammar does not
// allow in an IRI are written as escapes, so that no term can end its own line.
func AppendTerm(b []byte, t Term) []byte {
	switch t.kind() {
	case iriTerm:
		b = append(b, '<')
		b = appendIRI(b, t.text)
		return append(b, '>')
	case blankTerm:
		b = append(b, '_', ':')
		return append(b, t.text...)
	case tripleTerm:
		b = append(b, "<<( "...)
		b = append(b, t.text...)
		return append(b, " )>>"...)
	case noTerm:
		return b
	}
	b = append(b, '"')
	b = appendString(b, t.text)
	b = append(b, '"')
	switch f := t.form.Value(); f.kind {
	case langTerm:
		b = append(b, '@')
		b = append(b, f.tag...)
		if f.dir != NoDir {
			b = append(b, '-', '-')
			b = append(b, f.dir.String()...)
		}
	case typedTerm:
		b = append(b, '^', '^', '<')
		b = appendIRI(b, f.tag)
		b = append(b, '>')
	}
	return b
}

// iriUnsafe marks the ASCII characters that must not stand in an IRIREF.
var iriUnsafe = func() (t [256]uint8) {
	for c := range t[:0x21] {
		t[c] = 1
	}
	for _, c := range "<>\"{}|^`\\" {
		t[c] = 1
	}
	return
}()

// clean returns how many bytes of s a table does not mark, from the first on: all of them, or a
// few less than there are. Nearly every text is clean, so it looks at eight bytes at a time.
func clean(s string, marked *[256]uint8) (n int) {
	for ; len(s) >= 8; s = s[8:] {
		if marked[s[0]]|marked[s[1]]|marked[s[2]]|marked[s[3]]|marked[s[4]]|marked[s[5]]|marked[s[6]]|marked[s[7]] != 0 {
			return n
		}
		n += 8
	}
	for i := 0; i < len(s) && marked[s[i]] == 0; i++ {
		n++
	}
	return n
}

func appendIRI(b []byte, s string) []byte {
	start := 0
	for i := clean(s, &iriUnsafe); i < len(s); i++ {
		if c := s[i]; iriUnsafe[c] != 0 {
			b = append(b, s[start:i]...)
			b = appendEscape(b, rune(c))
			start = i + 1
		}
	}
	return append(b, s[start:]...)
}

// stringUnsafe marks the bytes that may not stand for themselves in a string: 0xEF begins
// U+FFFE and U+FFFF, and much else.
var stringUnsafe = func() (t [256]uint8) {
	for c := range t[:0x20] {
		t[c] = 1
	}
	for _, c := range "\"\\\x7f" {
		t[c] = 1
	}
	t[0xef] = 1
	return
}()

func appendString(b []byte, s string) []byte {
	start := 0
	for i := clean(s, &stringUnsafe); i < len(s); i++ {
		c := s[i]
		if stringUnsafe[c] == 0 {
			continue
		}
		if c == 0xef {
			if strings.HasPrefix(s[i:], "\uffff") || strings.HasPrefix(s[i:], "\ufffe") {
				b = append(b, s[start:i]...)
				b = appendEscape(b, 0xff00|rune(s[i+2])|0xc0)
				i += 2
				start = i + 1
			}
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, '\\', 'b')
		case '\t':
			b = append(b, '\\', 't')
		case '\n':
			b = append(b, '\\', 'n')
		case '\f':
			b = append(b, '\\', 'f')
		case '\r':
			b = append(b, '\\', 'r')
		default:
			b = appendEscape(b, rune(c))
		}
		start = i + 1
	}
	return append(b, s[start:]...)
}

func appendEscape(b []byte, r rune) []byte {
	const hex = "0123456789ABCDEF"
	return append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}

var errTerm = errors.New("not a canonical term")

// ParseTerm reads one term in the form that [AppendTerm] writes and returns what follows
// it. It is for text that we wrote; documents are read by graph/rdfio.
func ParseTerm(s string) (t Term, rest string, err error) {
	switch {
	case strings.HasPrefix(s, "<<( "):
		tr, rest, err := parseTriple(s[4:])
		if err != nil {
			return Term{}, "", err
		}
		rest, ok := strings.CutPrefix(rest, " )>>")
		if !ok {
			return Term{}, "", fmt.Errorf("triple term is not closed: %w", errTerm)
		}
		return TripleTerm(tr), rest, nil
	case strings.HasPrefix(s, "<"):
		end := strings.IndexByte(s, '>')
		if end < 0 {
			return Term{}, "", fmt.Errorf("IRI is not closed: %w", errTerm)
		}
		iri, err := unescape(s[1:end])
		return IRI(iri).Term(), s[end+1:], err
	case strings.HasPrefix(s, "_:"):
		end := strings.IndexByte(s, ' ')
		if end < 0 {
			end = len(s)
		}
		return Blank(s[2:end]), s[end:], nil
	case strings.HasPrefix(s, `"`):
		return parseLiteral(s)
	}
	return Term{}, "", errTerm
}

func parseLiteral(s string) (Term, string, error) {
	end := 1
	for end < len(s) && s[end] != '"' {
		if s[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(s) {
		return Term{}, "", fmt.Errorf("literal is not closed: %w", errTerm)
	}
	text, err := unescape(s[1:end])
	if err != nil {
		return Term{}, "", err
	}
	s = s[end+1:]
	switch {
	case strings.HasPrefix(s, "^^"):
		dt, rest, err := ParseTerm(s[2:])
		if err != nil || !dt.IsIRI() {
			return Term{}, "", fmt.Errorf("datatype: %w", errTerm)
		}
		return Literal(text, IRI(dt.text)), rest, nil
	case strings.HasPrefix(s, "@"):
		end := strings.IndexByte(s, ' ')
		if end < 0 {
			end = len(s)
		}
		lang, dir, _ := strings.Cut(s[1:end], "--")
		switch dir {
		case "ltr":
			return DirText(text, lang, LTR), s[end:], nil
		case "rtl":
			return DirText(text, lang, RTL), s[end:], nil
		}
		return Text(text, lang), s[end:], nil
	}
	return String(text), s, nil
}

func parseTriple(s string) (tr Triple, rest string, err error) {
	var terms [3]Term
	for i := range terms {
		if i > 0 {
			var ok bool
			if s, ok = strings.CutPrefix(s, " "); !ok {
				return Triple{}, "", errTerm
			}
		}
		if terms[i], s, err = ParseTerm(s); err != nil {
			return Triple{}, "", err
		}
	}
	p, ok := terms[1].IRI()
	if !ok {
		return Triple{}, "", fmt.Errorf("predicate is no IRI: %w", errTerm)
	}
	return Triple{terms[0], p, terms[2]}, s, nil
}

func unescape(s string) (string, error) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, nil
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b = append(b, s[i])
			continue
		}
		if i++; i == len(s) {
			return "", errTerm
		}
		switch s[i] {
		case 'b':
			b = append(b, '\b')
		case 't':
			b = append(b, '\t')
		case 'n':
			b = append(b, '\n')
		case 'f':
			b = append(b, '\f')
		case 'r':
			b = append(b, '\r')
		case 'u':
			if i+4 >= len(s) {
				return "", errTerm
			}
			r, err := strconv.ParseUint(s[i+1:i+5], 16, 16)
			if err != nil {
				return "", errTerm
			}
			b = utf8.AppendRune(b, rune(r))
			i += 4
		default:
			b = append(b, s[i])
		}
	}
	return string(b), nil
}
