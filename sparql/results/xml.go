package results

import (
	"fmt"
	"unicode/utf8"

	"mocban/graph"
	"mocban/vocab/xsd"
)

// An xmlWriter writes the SPARQL Query Results XML Format. XML 1.0 has no way to write most
// control characters: a literal with one ends the result with an error.
type xmlWriter struct {
	output
	open [][]byte // <binding name="...">
	ask  bool
}

const (
	xmlHead = `<?xml version="1.0" encoding="UTF-8"?>
<sparql xmlns="http://www.w3.org/2005/sparql-results#" xmlns:its="http://www.w3.org/2005/11/its" its:version="2.0">
`
	resultsNS = "http://www.w3.org/2005/sparql-results#"
	itsNS     = "http://www.w3.org/2005/11/its"
	xmlNS     = "http://www.w3.org/XML/1998/namespace"
)

func (x *xmlWriter) Begin(vars []string) error {
	x.b = append(x.b, xmlHead+"<head>"...)
	for _, v := range vars {
		x.b = append(x.b, `<variable name="`...)
		x.b = x.text(x.b, v)
		x.b = append(x.b, `"/>`...)
		x.open = append(x.open, append(x.text([]byte(`<binding name="`), v), `">`...))
	}
	x.b = append(x.b, "</head>\n<results>\n"...)
	return x.spill()
}

func (x *xmlWriter) Row(terms []graph.Term) error {
	b := append(x.b, "<result>"...)
	for i := range terms {
		if terms[i].IsZero() {
			continue
		}
		b = append(b, x.open[i]...)
		b = x.term(b, &terms[i])
		b = append(b, "</binding>"...)
	}
	x.b = append(b, "</result>\n"...)
	return x.spill()
}

func (x *xmlWriter) Boolean(value bool) error {
	x.ask = true
	x.b = fmt.Appendf(x.b, "%s<head></head>\n<boolean>%t</boolean>\n</sparql>\n", xmlHead, value)
	return x.err
}

func (x *xmlWriter) Close() error {
	if !x.ask {
		x.b = append(x.b, "</results>\n</sparql>\n"...)
	}
	return x.flush()
}

func (x *xmlWriter) term(b []byte, t *graph.Term) []byte {
	switch t.Kind() {
	case graph.KindIRI:
		return x.element(b, "<uri>", t.Value(), "</uri>")
	case graph.KindBlank:
		return x.element(b, "<bnode>", t.Value(), "</bnode>")
	case graph.KindTriple:
		tr, _ := t.Triple()
		b = x.term(append(b, "<triple><subject>"...), &tr.S)
		b = x.element(b, "</subject><predicate><uri>", string(tr.P), "</uri></predicate>")
		b = x.term(append(b, "<object>"...), &tr.O)
		return append(b, "</object></triple>"...)
	}
	b = append(b, "<literal"...)
	if lang := t.Lang(); lang != "" {
		b = x.element(b, ` xml:lang="`, lang, `"`)
		if dir := t.Dir(); dir != graph.NoDir {
			b = x.element(b, ` its:dir="`, dir.String(), `"`)
		}
	} else if dt := t.Datatype(); dt != xsd.String {
		b = x.element(b, ` datatype="`, string(dt), `"`)
	}
	return x.element(b, ">", t.Value(), "</literal>")
}

func (x *xmlWriter) element(b []byte, before, s, after string) []byte {
	b = append(b, before...)
	b = x.text(b, s)
	return append(b, after...)
}

// text appends s with what XML needs escaped, and white space that a reader would change.
func (x *xmlWriter) text(b []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 || r == 0xFFFE || r == 0xFFFF {
				x.fail(fmt.Errorf("XML cannot hold U+%04X: %w", r, ErrFormat))
			}
			i += n
			continue
		}
		escape := xmlEscapes[c]
		if escape == "" {
			i++
			continue
		}
		if escape == forbidden {
			x.fail(fmt.Errorf("XML cannot hold U+%04X, JSON can: %w", c, ErrFormat))
		}
		b = append(b, s[start:i]...)
		b = append(b, escape...)
		i++
		start = i
	}
	return append(b, s[start:]...)
}

const forbidden = "\uFFFD"

// xmlEscapes holds what stands for an ASCII character that is not written as it is.
var xmlEscapes = func() (t [utf8.RuneSelf]string) {
	for c := range t[:0x20] {
		t[c] = forbidden
	}
	t['\t'], t['\n'], t['\r'] = "&#9;", "&#10;", "&#13;"
	t['&'], t['<'], t['>'], t['"'] = "&amp;", "&lt;", "&gt;", "&quot;"
	return
}()
