package turtle

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"mocban/graph"
	"mocban/graph/rdfio/document"
	"mocban/graph/rdfio/iri"
	"mocban/graph/rdfio/tree"
)

// arranged is how many quads are arranged for reading. A longer document is written as it
// comes, so that it never has to be held.
const arranged = 8192

// A Writer writes Turtle or TriG. Short documents are arranged: each subject once, blank
// nodes and lists in brackets, and only the prefixes that are of use. In a long one what
// comes together stands together.
type Writer struct {
	output
	check    document.Checker
	trig     bool
	prefixes []*prefix          // the longest namespace first
	cut      map[string]*prefix // those whose namespace ends in / or #, by it
	odd      []*prefix          // the others

	held []graph.Quad // until there are too many to arrange
	flat bool

	last  graph.Quad // written in flat form; its statement is open
	open  bool
	named bool // a block is open
}

// A prefix stands for a namespace.
type prefix struct {
	name, ns string
	used     bool
}

// NewWriter returns a writer of Turtle, or of TriG. Prefixes that cannot be declared are
// left out.
func NewWriter(w io.Writer, trig bool, prefixes map[string]graph.IRI) *Writer {
	t := &Writer{output: output{w: w}, trig: trig, cut: map[string]*prefix{}}
	for name, ns := range prefixes {
		if isPrefix(name) && iri.Check(string(ns)) {
			t.prefixes = append(t.prefixes, &prefix{name: name, ns: string(ns)})
		}
	}
	slices.SortFunc(t.prefixes, func(a, b *prefix) int {
		return cmp.Or(cmp.Compare(len(b.ns), len(a.ns)), cmp.Compare(a.name, b.name)) // the longest fits best
	})
	for _, p := range t.prefixes {
		if last := p.ns[len(p.ns)-1]; last != '/' && last != '#' {
			t.odd = append(t.odd, p)
		} else if t.cut[p.ns] == nil {
			t.cut[p.ns] = p
		}
	}
	return t
}

// isPrefix tells whether s may stand before the colon of a prefixed name (PN_PREFIX).
func isPrefix(s string) bool {
	return s == "" || isLabel(s) && !is(s[0], digit) && s[0] != '_'
}

// Write writes quads.
func (w *Writer) Write(quads ...graph.Quad) error {
	for i := range quads {
		q := quads[i]
		if err := w.check.Check(&q); err != nil {
			return err
		}
		if !w.trig {
			q.G = graph.Term{}
		}
		switch {
		case w.flat:
			w.writeFlat(q)
		case len(w.held) < arranged:
			w.held = append(w.held, q)
			continue
		default:
			w.startFlat()
			w.writeFlat(q)
		}
		if err := w.flush(outBytes); err != nil {
			return err
		}
	}
	return w.err
}

// Close ends the document.
func (w *Writer) Close() error {
	if w.flat {
		w.closeFlat()
	} else {
		w.writeArranged()
	}
	return w.flush(0)
}

// header declares the prefixes in use.
func (w *Writer) header(b []byte) []byte {
	any := false
	names := slices.SortedFunc(slices.Values(w.prefixes), func(a, b *prefix) int { return cmp.Compare(a.name, b.name) })
	for _, p := range names {
		if p.used {
			any = true
			b = append(b, "@prefix "...)
			b = append(b, p.name...)
			b = append(b, ": "...)
			b = graph.AppendTerm(b, graph.IRI(p.ns).Term())
			b = append(b, " .\n"...)
		}
	}
	if any {
		b = append(b, '\n')
	}
	return b
}

// startFlat gives up on arranging and writes what was held.
func (w *Writer) startFlat() {
	w.flat = true
	for i := range w.prefixes {
		w.prefixes[i].used = true
	}
	w.b = w.header(w.b)
	for _, q := range w.held {
		w.writeFlat(q)
	}
	w.held = nil
}

// writeFlat goes on with the statement, or begins another.
func (w *Writer) writeFlat(q graph.Quad) {
	switch {
	case w.open && w.last == q:
		return
	case w.open && w.last.G == q.G && w.last.S == q.S && w.last.P == q.P:
		w.b = append(w.b, ", "...)
	case w.open && w.last.G == q.G && w.last.S == q.S:
		w.b = append(w.b, " ;\n\t"...)
		w.predicate(q.P)
	default:
		if w.open {
			w.b = append(w.b, " .\n"...)
		}
		if !w.open || w.last.G != q.G {
			w.enter(q.G)
		}
		w.term(q.S)
		w.b = append(w.b, ' ')
		w.predicate(q.P)
	}
	w.term(q.O)
	w.last, w.open = q, true
}

// enter closes the block of a graph and opens that of another.
func (w *Writer) enter(g graph.Term) {
	if w.named {
		w.b = append(w.b, "}\n"...)
	}
	w.named = !g.IsZero()
	if w.named {
		w.term(g)
		w.b = append(w.b, " {\n"...)
	}
}

func (w *Writer) closeFlat() {
	if w.open {
		w.b = append(w.b, " .\n"...)
	}
	w.enter(graph.Term{})
}

// predicate writes a predicate and the space behind it.
func (w *Writer) predicate(p graph.IRI) {
	if p == rdfNS+"type" {
		w.b = append(w.b, "a "...)
		return
	}
	w.iri(string(p))
	w.b = append(w.b, ' ')
}

// iri writes an IRI, as a prefixed name if there is one.
func (w *Writer) iri(s string) {
	for _, p := range w.odd {
		if strings.HasPrefix(s, p.ns) && w.prefixed(p, s) {
			return
		}
	}
	// A local name holds neither / nor #, so one namespace can fit.
	if p := w.cut[s[:strings.LastIndexAny(s, "/#")+1]]; p != nil && w.prefixed(p, s) {
		return
	}
	w.b = graph.AppendTerm(w.b, graph.IRI(s).Term())
}

// prefixed writes an IRI by a prefix, if what is left is a local name without escapes.
func (w *Writer) prefixed(p *prefix, s string) bool {
	if end, _ := local(s, len(p.ns)); end < len(s) || strings.IndexByte(s, '\\') >= 0 {
		return false
	}
	p.used = true
	w.b = append(append(append(w.b, p.name...), ':'), s[len(p.ns):]...)
	return true
}

// term writes a term that stands for itself.
func (w *Writer) term(t graph.Term) {
	if s, ok := t.IRI(); ok {
		w.iri(string(s))
		return
	}
	switch dt := t.Datatype(); dt {
	case "", "http://www.w3.org/2001/XMLSchema#string":
	case xsdInteger, xsdDecimal, xsdDouble:
		if n, as, _ := number(t.Value()); n == len(t.Value()) && as == dt {
			w.b = append(w.b, t.Value()...)
			return
		}
		w.typed(t, dt)
		return
	case xsdBoolean:
		if v := t.Value(); v == "true" || v == "false" {
			w.b = append(w.b, v...)
			return
		}
		w.typed(t, dt)
		return
	default:
		if t.Lang() == "" {
			w.typed(t, dt)
			return
		}
	}
	w.b = appendTerm(w.b, t)
}

// typed writes a literal with its datatype.
func (w *Writer) typed(t graph.Term, datatype graph.IRI) {
	w.b = graph.AppendTerm(w.b, graph.String(t.Value()))
	w.b = append(w.b, "^^"...)
	w.iri(string(datatype))
}

// writeArranged writes what was held.
func (w *Writer) writeArranged() {
	for i, g := range tree.Arrange(w.held, tree.Options{}) {
		if i > 0 {
			w.b = append(w.b, '\n')
		}
		indent := 0
		if !g.Name.IsZero() {
			w.term(g.Name)
			w.b = append(w.b, " {\n"...)
			indent = 1
		}
		for i, n := range g.Nodes {
			if i > 0 {
				w.b = append(w.b, '\n')
			}
			w.indent(indent)
			if g.Unnamed(n) {
				w.b = append(w.b, "[]"...)
			} else {
				w.term(n.Subject)
			}
			w.b = append(w.b, ' ')
			w.properties(g, n, indent+1)
			w.b = append(w.b, " .\n"...)
		}
		if indent > 0 {
			w.b = append(w.b, "}\n"...)
		}
	}
	w.b = append(w.header(nil), w.b...)
	w.held = nil
}

func (w *Writer) indent(n int) {
	for range n {
		w.b = append(w.b, '\t')
	}
}

// lineOf is how many objects share a line.
const lineOf = 4

// properties writes what is said of a node, a predicate on each line.
func (w *Writer) properties(g *tree.Graph, n *tree.Node, indent int) {
	for i, p := range n.Properties {
		if i > 0 {
			w.b = append(w.b, " ;\n"...)
			w.indent(indent)
		}
		w.predicate(p.P)
		for i, v := range p.Values {
			switch {
			case i > 0 && len(p.Values) > lineOf:
				w.b = append(w.b, ",\n"...)
				w.indent(indent + 1)
			case i > 0:
				w.b = append(w.b, ", "...)
			}
			w.object(g, v, indent)
		}
	}
}

// object writes an object, in brackets where it can.
func (w *Writer) object(g *tree.Graph, t graph.Term, indent int) {
	if items, ok := g.List(t); ok {
		w.b = append(w.b, '(')
		for _, item := range items {
			w.b = append(w.b, ' ')
			w.object(g, item, indent)
		}
		w.b = append(w.b, " )"...)
		return
	}
	n, ok := g.Nested(t)
	switch {
	case !ok:
		w.term(t)
	case len(n.Properties) == 0:
		w.b = append(w.b, "[]"...)
	default:
		w.b = append(w.b, "[\n"...)
		w.indent(indent + 1)
		w.properties(g, n, indent+1)
		w.b = append(w.b, '\n')
		w.indent(indent)
		w.b = append(w.b, ']')
	}
}
