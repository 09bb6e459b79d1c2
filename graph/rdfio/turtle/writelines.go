package turtle

import (
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"mocban/graph"
	"mocban/graph/rdfio/document"
)

const outBytes = 64 << 10

// output gathers what is written and keeps the first error.
type output struct {
	w   io.Writer
	b   []byte
	err error
}

// flush hands on what was gathered if it is more than some bytes.
func (o *output) flush(over int) error {
	if o.err == nil && len(o.b) > over {
		if _, err := o.w.Write(o.b); err != nil {
			o.err = fmt.Errorf("write RDF: %w", err)
		}
		o.b = o.b[:0]
	}
	return o.err
}

// A LineWriter writes canonical N-Triples or N-Quads.
type LineWriter struct {
	output
	check document.Checker
	quads bool
	lower bool // language tags
}

// fewBytes is the room that a document begins with: most are short.
const fewBytes = 2 << 10

// NewLineWriter returns a writer of N-Triples, or of N-Quads, and with lower one that writes
// language tags in lower case.
func NewLineWriter(w io.Writer, quads, lower bool) *LineWriter {
	return &LineWriter{output: output{w: w, b: make([]byte, 0, fewBytes)}, quads: quads, lower: lower}
}

// Write writes quads, a line each.
func (w *LineWriter) Write(quads ...graph.Quad) error {
	for i := range quads {
		q := &quads[i]
		if err := w.check.Check(q); err != nil {
			return err
		}
		b := appendTerm(w.b, q.S)
		b = append(b, ' ')
		b = graph.AppendTerm(b, q.P.Term())
		b = append(b, ' ')
		o := q.O
		if w.lower {
			o = lowerTags(o)
		}
		b = appendTerm(b, o)
		if w.quads && !q.G.IsZero() {
			b = append(b, ' ')
			b = appendTerm(b, q.G)
		}
		w.b = append(b, " .\n"...)
		if err := w.flush(outBytes); err != nil {
			return err
		}
	}
	return w.err
}

// Close writes what is left.
func (w *LineWriter) Close() error { return w.flush(0) }

// lowerTags returns a term with its language tag, and those of a triple in it, in lower case.
func lowerTags(t graph.Term) graph.Term {
	if inner, ok := t.Triple(); ok {
		inner.O = lowerTags(inner.O)
		return graph.TripleTerm(inner)
	}
	if lang := t.Lang(); lang != "" {
		return graph.DirText(t.Value(), strings.ToLower(lang), t.Dir())
	}
	return t
}

// appendTerm is graph.AppendTerm with blank node labels that the grammar allows.
func appendTerm(b []byte, t graph.Term) []byte {
	if t.IsBlank() {
		return AppendLabel(append(b, "_:"...), t.Value())
	}
	if inner, ok := t.Triple(); ok {
		b = appendTerm(append(b, "<<( "...), inner.S)
		b = graph.AppendTerm(append(b, ' '), inner.P.Term())
		b = appendTerm(append(b, ' '), inner.O)
		return append(b, " )>>"...)
	}
	return graph.AppendTerm(b, t)
}

// coded begins labels that had to be written in another way.
const coded = "__x"

// AppendLabel writes a blank node label. One that the grammar does not allow is written in
// hexadecimal, and so is one that looks as if it had been.
func AppendLabel(b []byte, label string) []byte {
	if isLabel(label) && !strings.HasPrefix(label, coded) {
		return append(b, label...)
	}
	return hex.AppendEncode(append(b, coded...), []byte(label))
}

// isLabel tells whether s is what may follow _: (BLANK_NODE_LABEL).
func isLabel(s string) bool {
	if s == "" || s[len(s)-1] == '.' {
		return false
	}
	for i := 0; i < len(s); {
		n := 0
		switch c := s[i]; {
		case c < utf8.RuneSelf && (is(c, nameStart|digit) || i > 0 && (c == '-' || c == '.')):
			n = 1
		case c < utf8.RuneSelf:
		case i == 0:
			n = nameStartAt(s, i)
		default:
			n = nameCharAt(s, i)
		}
		if n == 0 {
			return false
		}
		i += n
	}
	return true
}
