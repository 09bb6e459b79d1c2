package jsonld

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"mocban/graph"
	"mocban/graph/rdfio/iri"
	"mocban/graph/rdfio/tree"
)

const (
	// arranged is how many quads are arranged for reading. A longer document is written as
	// it comes.
	arranged = 8192
	outBytes = 64 << 10
)

// A Writer writes JSON-LD: an object with "@graph", in which named graphs are objects with
// a "@graph" of their own. Short documents are arranged, with blank nodes and lists where
// they are spoken of; in long ones what comes together stands together. Where a list is written
// as one, that its cells are called an rdf:List is left out (JSON-LD 1.1 API, 8.4.2).
type Writer struct {
	printer
	w    io.Writer
	held []graph.Quad
	flat bool
	any  bool       // an object was written
	node graph.Quad // the first of the node that is open
	open bool
	in   graph.Term // the graph that is open
	deep bool       // in it a node was written
}

// NewWriter returns a writer by a context, which may be nil.
func NewWriter(w io.Writer, c *Context) *Writer {
	return &Writer{w: w, printer: printer{names: newNames(c)}}
}

// Write writes quads. Triple terms, base directions and ill-formed literals of rdf:JSON cannot be
// written.
func (w *Writer) Write(quads ...graph.Quad) error {
	if len(quads) > 1 && !w.flat {
		w.held = slices.Grow(w.held, min(len(quads), arranged-len(w.held)))
	}
	for i := range quads {
		if err := w.check(&quads[i]); err != nil {
			return err
		}
		if !w.flat && len(w.held) < arranged {
			w.held = append(w.held, quads[i])
			continue
		}
		if !w.flat {
			w.startFlat()
		}
		w.writeFlat(quads[i])
		if err := w.flush(outBytes); err != nil {
			return err
		}
	}
	return w.err
}

// check tells whether JSON-LD can say a quad.
func (p *printer) check(q *graph.Quad) error {
	if err := p.checker.Check(q); err != nil {
		return err
	}
	if q.O.Kind() == graph.KindTriple || q.O.Dir() != graph.NoDir {
		return &graph.QuadError{Quad: *q, Detail: "JSON-LD has neither triple terms nor base directions of RDF"}
	}
	if q.O.Datatype() == rdfJSON && !json.Valid([]byte(q.O.Value())) {
		return &graph.QuadError{Quad: *q, Detail: "JSON-LD cannot say what is called JSON and is none"} // JSON-LD 1.1 API, 8.5.2
	}
	for _, t := range [...]graph.Term{q.S, q.P.Term(), q.O, q.G} {
		if s, ok := t.IRI(); ok && (iri.Scheme(string(s)) == 0 || strings.Count(string(s), "#") > 1) {
			return &graph.QuadError{Quad: *q, Detail: fmt.Sprintf("JSON-LD drops what is no absolute IRI: %.80q", string(s))}
		}
	}
	return nil
}

func (w *Writer) flush(over int) error {
	if w.err == nil && len(w.b) > over {
		if _, err := w.w.Write(w.b); err != nil {
			w.err = fmt.Errorf("write RDF: %w", err)
		}
		w.b = w.b[:0]
	}
	return w.err
}

// Close ends the document.
func (w *Writer) Close() error {
	switch {
	case w.err != nil:
		return w.err
	case w.flat:
		w.closeNode()
		w.enter(graph.Term{})
	default:
		body := w.body(func() { w.writeArranged() })
		w.b = append(w.header(w.b, false), body...)
	}
	w.b = append(w.b, "\n]}\n"...)
	return w.flush(0)
}

// body returns what f writes, instead of writing it.
func (p *printer) body(f func()) []byte {
	before := p.b
	p.b = make([]byte, 0, 4<<10)
	f()
	after := p.b
	p.b = before
	return after
}

// header begins the document, up to the first object.
func (p *printer) header(b []byte, all bool) []byte {
	b = append(b, '{')
	if context := p.context(all); context != nil {
		b = append(append(append(b, `"@context":`...), context...), ",\n"...)
	}
	return append(b, `"@graph":[`...)
}

// context returns the value of @context, or nil if there is none to tell.
func (p *printer) context(all bool) []byte {
	if p.ref != "" {
		return appendString(nil, string(p.ref))
	}
	var b []byte
	for _, e := range p.defined {
		if !e.used && !all {
			continue
		}
		if b == nil {
			b = append(b, '{')
		} else {
			b = append(b, ',')
		}
		b = append(appendString(append(b, "\n  "...), e.key), ':')
		if e.Type == "" {
			b = appendString(b, string(e.IRI))
			continue
		}
		b = appendString(append(b, `{"@id":`...), string(e.IRI))
		b = appendString(append(b, `,"@type":`...), string(e.Type))
		b = append(b, '}')
	}
	if b == nil {
		return nil
	}
	return append(b, "\n}"...)
}

func (w *Writer) writeArranged() {
	for _, g := range tree.Arrange(w.held, tree.Options{Typed: true}) {
		w.tree = g
		if !g.Name.IsZero() {
			w.enter(g.Name)
		}
		for _, n := range g.Nodes {
			w.separate()
			w.object(n, !g.Unnamed(n), 0)
		}
	}
	w.enter(graph.Term{})
	w.held = nil
}

// separate writes what stands before an object of a graph.
func (w *Writer) separate() {
	written := &w.any
	if !w.in.IsZero() {
		written = &w.deep
	}
	if *written {
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, '\n')
	*written = true
}

// enter closes the named graph that is open and opens another.
func (w *Writer) enter(g graph.Term) {
	if !w.in.IsZero() {
		w.b = append(w.b, "\n]}"...)
	}
	w.in, w.deep = graph.Term{}, false
	if g.IsZero() {
		return
	}
	w.separate()
	w.in = g
	w.b = append(w.b, `{"@id":`...)
	w.id(g)
	w.b = append(w.b, `,"@graph":[`...)
}

func (w *Writer) startFlat() {
	w.flat = true
	w.b = w.header(w.b, true)
	for _, q := range w.held {
		w.writeFlat(q)
	}
	w.held = nil
}

// writeFlat goes on with the node that is open, or begins another. A node is held until it
// ends, since a key must stand only once in an object.
func (w *Writer) writeFlat(q graph.Quad) {
	if !w.open || w.node.G != q.G || w.node.S != q.S || len(w.pairs) == flatRun {
		w.closeNode()
		if w.in != q.G {
			w.enter(q.G)
		}
		w.node, w.open = q, true
	}
	w.pair(q.P, q.O)
}

// flatRun is how many triples of one node are held in flat form.
const flatRun = 1024

// closeNode writes the node that is open.
func (w *Writer) closeNode() {
	if !w.open {
		return
	}
	w.tree = nil
	w.separate()
	w.entries(0, w.node.S, true, 0)
	w.open = false
}
