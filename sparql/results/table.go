package results

import (
	"fmt"
	"strings"

	"mocban/graph"
	"mocban/vocab/xsd"
)

// A tableWriter writes SPARQL 1.1 Query Results CSV or TSV.
type tableWriter struct {
	output
	format    *Format
	head      func(b []byte, name string) []byte
	cell      func(b []byte, t *graph.Term) []byte
	separator byte
	lineEnd   string
}

func (w *tableWriter) Begin(vars []string) error {
	for i, v := range vars {
		if i > 0 {
			w.b = append(w.b, w.separator)
		}
		w.b = w.head(w.b, v)
	}
	w.b = append(w.b, w.lineEnd...)
	return w.spill()
}

func (w *tableWriter) Row(terms []graph.Term) error {
	b := w.b
	for i := range terms {
		if i > 0 {
			b = append(b, w.separator)
		}
		if !terms[i].IsZero() {
			b = w.cell(b, &terms[i])
		}
	}
	w.b = append(b, w.lineEnd...)
	return w.spill()
}

// Boolean fails: the standard has no way to write the result of an ASK as a table.
func (w *tableWriter) Boolean(bool) error {
	return w.fail(fmt.Errorf("%s of an ASK: %w", w.format, ErrFormat))
}

func (w *tableWriter) Close() error { return w.flush() }

func csvHead(b []byte, name string) []byte { return append(b, name...) }
func tsvHead(b []byte, name string) []byte { return append(append(b, '?'), name...) }

// csvCell appends the text of a term. An empty literal has quotes, so that it is not taken
// for an unbound variable.
func csvCell(b []byte, t *graph.Term) []byte {
	s := t.Value()
	switch t.Kind() {
	case graph.KindBlank:
		s = "_:" + s
	case graph.KindTriple:
		s = t.String()
	}
	if s != "" && !strings.ContainsAny(s, "\",\r\n") {
		return append(b, s...)
	}
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		if s[i] == '"' {
			b = append(b, '"')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}

// tsvCell appends a term in the syntax of Turtle, numbers as themselves.
func tsvCell(b []byte, t *graph.Term) []byte {
	if t.IsLiteral() {
		switch t.Datatype() {
		case xsd.Integer, xsd.Decimal, xsd.Double:
			if bare(t.Value(), t.Datatype()) {
				return append(b, t.Value()...)
			}
		}
	}
	return graph.AppendTerm(b, *t)
}

// bare tells whether s is a number that Turtle reads as one of the datatype (RDF 1.1 Turtle,
// 6.5: INTEGER, DECIMAL and DOUBLE).
func bare(s string, datatype graph.IRI) bool {
	s = strings.TrimLeft(s[:min(1, len(s))], "+-") + s[min(1, len(s)):]
	whole, rest := digits(s)
	dot, fraction := false, 0
	if strings.HasPrefix(rest, ".") {
		dot = true
		fraction, rest = digits(rest[1:])
	}
	if whole+fraction == 0 {
		return false
	}
	switch datatype {
	case xsd.Integer:
		return !dot && rest == ""
	case xsd.Decimal:
		return dot && fraction > 0 && rest == ""
	}
	if rest == "" || rest[0]|0x20 != 'e' {
		return false
	}
	rest = rest[1:]
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		rest = rest[1:]
	}
	n, rest := digits(rest)
	return n > 0 && rest == ""
}

func digits(s string) (n int, rest string) {
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n, s[n:]
}
