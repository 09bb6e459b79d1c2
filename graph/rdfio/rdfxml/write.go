// Package rdfxml reads and writes RDF/XML: that of RDF 1.1, and triple terms, annotations
// and base directions of RDF 1.2.
//
// RDF/XML cannot say everything: a predicate must end in an XML name, and text must be
// without most control characters. What it cannot say is an error, never left out.
//
// The reader has a tokenizer of its own, which looks at the document through the same window
// as the reader of Turtle. It loads no document types and no entities from elsewhere.
package rdfxml

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"mocban/graph"
	"mocban/graph/rdfio/document"
	"mocban/graph/rdfio/iri"
	"mocban/graph/rdfio/tree"
)

const (
	rdfNS     = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	xmlNS     = "http://www.w3.org/XML/1998/namespace"
	xmlnsNS   = "http://www.w3.org/2000/xmlns/"
	xsdString = "http://www.w3.org/2001/XMLSchema#string"

	// arranged is how many quads are arranged for reading. A longer document is written as
	// it comes.
	arranged = 8192
	outBytes = 64 << 10
)

// A Writer writes RDF/XML. Short documents are arranged, with blank nodes and lists inside
// what speaks of them; in long ones what comes together stands together.
type Writer struct {
	w       io.Writer
	checker document.Checker
	b       []byte
	err     error
	held    []graph.Quad
	flat    bool
	last    graph.Term // the subject whose element is open
	open    bool
	tree    *tree.Graph

	spaces []*space          // the longest first
	cut    map[string]*space // those that end in / or #, by namespace
	odd    []*space          // the others
	local  string            // a prefix that is none of them, for namespaces without one
}

// A space is a namespace and its prefix.
type space struct {
	prefix, ns string
	used       bool
}

// NewWriter returns a writer. Prefixes that XML does not allow are left out.
func NewWriter(w io.Writer, prefixes map[string]graph.IRI) *Writer {
	x := &Writer{w: w, cut: map[string]*space{}}
	for prefix, ns := range prefixes {
		if isName(prefix) && !strings.HasPrefix(strings.ToLower(prefix), "xml") && prefix != "rdf" &&
			iri.Check(string(ns)) && ns != rdfNS && ns != xmlNS && ns != xmlnsNS && valid(string(ns)) {
			x.spaces = append(x.spaces, &space{prefix: prefix, ns: string(ns)})
		}
	}
	x.spaces = append(x.spaces, &space{"rdf", rdfNS, true})
	for x.local = "ns"; slices.ContainsFunc(x.spaces, func(s *space) bool { return strings.HasPrefix(s.prefix, x.local) }); {
		x.local += "_"
	}
	slices.SortFunc(x.spaces, func(a, b *space) int {
		return cmp.Or(cmp.Compare(len(b.ns), len(a.ns)), cmp.Compare(a.prefix, b.prefix))
	})
	for _, s := range x.spaces {
		if last := s.ns[len(s.ns)-1]; last != '/' && last != '#' {
			x.odd = append(x.odd, s)
		} else if x.cut[s.ns] == nil {
			x.cut[s.ns] = s
		}
	}
	return x
}

// Write writes quads without their graphs.
func (w *Writer) Write(quads ...graph.Quad) error {
	for i := range quads {
		q := quads[i]
		q.G = graph.Term{}
		if err := w.check(&q); err != nil {
			return err
		}
		if !w.flat && len(w.held) < arranged {
			w.held = append(w.held, q)
			continue
		}
		if !w.flat {
			w.startFlat()
		}
		w.writeFlat(q)
		if err := w.flush(outBytes); err != nil {
			return err
		}
	}
	return w.err
}

// check tells whether RDF/XML can say a quad.
func (w *Writer) check(q *graph.Quad) error {
	if err := w.checker.Check(q); err != nil {
		return err
	}
	if detail := unsayable(q.Triple()); detail != "" {
		return &graph.QuadError{Quad: *q, Detail: detail}
	}
	return nil
}

// unsayable tells what RDF/XML cannot say of a triple, or "".
func unsayable(t graph.Triple) string {
	switch {
	case !valid(t.S.Value()) || !valid(t.O.Value()) || !valid(string(t.P)) || !valid(string(t.O.Datatype())):
		return "RDF/XML cannot hold control characters"
	case split(string(t.P)) == 0:
		return "RDF/XML needs a predicate that ends in an XML name"
	case strings.HasPrefix(string(t.P), xmlnsNS) && split(string(t.P)) == len(xmlnsNS):
		return "RDF/XML cannot declare the namespace of xmlns"
	case reserved(string(t.P)):
		return "RDF/XML keeps this predicate to itself"
	}
	if inner, ok := t.O.Triple(); ok {
		return unsayable(inner)
	}
	return ""
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
	if w.flat {
		w.closeNode()
	} else {
		w.writeArranged()
	}
	w.b = append(w.b, "</rdf:RDF>\n"...)
	return w.flush(0)
}

// header begins the document with the namespaces in use.
func (w *Writer) header(b []byte) []byte {
	b = append(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rdf:RDF"...)
	byPrefix := slices.SortedFunc(slices.Values(w.spaces), func(a, b *space) int { return cmp.Compare(a.prefix, b.prefix) })
	for _, s := range byPrefix {
		if s.used {
			b = append(append(append(b, "\n\txmlns:"...), s.prefix...), `="`...)
			b = append(appendEscaped(b, s.ns, true), '"')
		}
	}
	return append(b, ">\n"...)
}

func (w *Writer) startFlat() {
	w.flat = true
	for i := range w.spaces {
		w.spaces[i].used = true
	}
	w.b = w.header(w.b)
	for _, q := range w.held {
		w.writeFlat(q)
	}
	w.held = nil
}

func (w *Writer) writeFlat(q graph.Quad) {
	if !w.open || w.last != q.S {
		w.closeNode()
		w.b = append(w.b, "<rdf:Description"...)
		w.subject(q.S)
		w.b = append(w.b, ">\n"...)
		w.last, w.open = q.S, true
	}
	w.property(q.P, q.O, 1)
}

func (w *Writer) closeNode() {
	if w.open {
		w.b = append(w.b, "</rdf:Description>\n"...)
	}
	w.open = false
}

// writeArranged writes what was held.
func (w *Writer) writeArranged() {
	graphs := tree.Arrange(w.held, tree.Options{List: isCollection})
	w.held = nil
	for _, g := range graphs { // not more than one
		w.tree = g
		for _, n := range g.Nodes {
			w.node(n, !g.Unnamed(n), 0)
		}
	}
	w.b = append(w.header(nil), w.b...)
}

func (w *Writer) indent(depth int) {
	for range depth {
		w.b = append(w.b, '\t')
	}
}

// subject writes the attribute that names a node.
func (w *Writer) subject(t graph.Term) {
	if t.IsBlank() {
		w.nodeID(t)
		return
	}
	w.attribute("rdf:about", t.Value())
}

func (w *Writer) attribute(name, value string) {
	w.b = append(append(append(w.b, ' '), name...), `="`...)
	w.b = append(appendEscaped(w.b, value, true), '"')
}

// coded begins labels that had to be written in another way.
const coded = "__x"

// nodeID writes the label of a blank node. One that is no XML name of ASCII is written in
// hexadecimal, and so is one that looks as if it had been.
func (w *Writer) nodeID(t graph.Term) {
	label := t.Value()
	ascii := strings.IndexFunc(label, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
	if !ascii || !isName(label) || strings.HasPrefix(label, coded) {
		label = coded + hex.EncodeToString([]byte(label))
	}
	w.attribute("rdf:nodeID", label)
}

// node writes a node element.
func (w *Writer) node(n *tree.Node, label bool, depth int) {
	w.indent(depth)
	class, properties := graph.IRI(rdfNS+"Description"), n.Properties
	if len(properties) > 0 && properties[0].P == rdfNS+"type" {
		if c, ok := properties[0].Values[0].IRI(); ok && isClass(string(c)) {
			class = c
			first := tree.Property{P: properties[0].P, Values: properties[0].Values[1:]}
			properties = append([]tree.Property{first}, properties[1:]...)
		}
	}
	w.b = append(w.b, '<')
	w.name(string(class), true)
	if label {
		w.subject(n.Subject)
	}
	w.b = append(w.b, ">\n"...)
	for _, p := range properties {
		for _, v := range p.Values {
			w.property(p.P, v, depth+1)
		}
	}
	w.indent(depth)
	w.b = append(w.b, "</"...)
	w.name(string(class), false)
	w.b = append(w.b, ">\n"...)
}

// isClass tells whether an IRI can be the name of a node element.
func isClass(s string) bool {
	return split(s) > 0 && !reserved(s) && iri.Scheme(s) > 0 && s != rdfNS+"nil" && !strings.HasPrefix(s, xmlnsNS)
}

// name writes the qualified name of an IRI, and declares its namespace if that has none at
// the root and a tag begins.
func (w *Writer) name(s string, begins bool) {
	for _, sp := range w.odd {
		if strings.HasPrefix(s, sp.ns) && w.prefixed(sp, s) {
			return
		}
	}
	// An XML name holds neither / nor #, so one namespace can fit.
	if sp := w.cut[s[:strings.LastIndexAny(s, "/#")+1]]; sp != nil && w.prefixed(sp, s) {
		return
	}
	at := split(s)
	w.b = append(append(append(w.b, w.local...), ':'), s[at:]...)
	if begins {
		w.b = append(append(append(w.b, " xmlns:"...), w.local...), `="`...)
		w.b = append(appendEscaped(w.b, s[:at], true), '"')
	}
}

// prefixed writes the qualified name of an IRI, if what is left is an XML name.
func (w *Writer) prefixed(s *space, name string) bool {
	local := name[len(s.ns):]
	if !isName(local) {
		return false
	}
	s.used = true
	w.b = append(append(append(w.b, s.prefix...), ':'), local...)
	return true
}

// property writes a property element.
func (w *Writer) property(p graph.IRI, v graph.Term, depth int) {
	w.indent(depth)
	w.b = append(w.b, '<')
	w.name(string(p), true)
	if inner, ok := v.Triple(); ok {
		w.tripleTerm(inner, depth)
	} else if v.IsLiteral() {
		w.literal(v)
	} else if w.tree == nil || !w.inside(v, depth) {
		if v.IsBlank() {
			w.nodeID(v)
		} else {
			w.attribute("rdf:resource", v.Value())
		}
		w.b = append(w.b, "/>\n"...)
		return
	}
	w.b = append(w.b, "</"...)
	w.name(string(p), false)
	w.b = append(w.b, ">\n"...)
}

func (w *Writer) literal(v graph.Term) {
	switch {
	case v.Lang() != "":
		w.attribute("xml:lang", v.Lang())
		if v.Dir() != graph.NoDir {
			w.attribute("rdf:version", "1.2")
			w.attribute("xmlns:"+w.local+"its", itsNS)
			w.attribute(w.local+"its:version", "2.0")
			w.attribute(w.local+"its:dir", v.Dir().String())
		}
	case v.Datatype() != xsdString:
		w.attribute("rdf:datatype", string(v.Datatype()))
	}
	w.b = append(w.b, '>')
	w.b = appendEscaped(w.b, v.Value(), false)
}

// tripleTerm writes a triple term (RDF 1.2 XML Syntax). A reader of RDF 1.1 takes it for an
// XML literal.
func (w *Writer) tripleTerm(t graph.Triple, depth int) {
	w.b = append(w.b, " rdf:version=\"1.2\" rdf:parseType=\"Triple\">\n"...)
	w.indent(depth + 1)
	w.b = append(w.b, "<rdf:Description"...)
	w.subject(t.S)
	w.b = append(w.b, ">\n"...)
	arranged := w.tree
	w.tree = nil // nothing is nested in it
	w.property(t.P, t.O, depth+2)
	w.tree = arranged
	w.indent(depth + 1)
	w.b = append(w.b, "</rdf:Description>\n"...)
	w.indent(depth)
}

// isCollection tells whether rdf:parseType="Collection" can say a list: one of nodes.
func isCollection(items []graph.Term) bool {
	return !slices.ContainsFunc(items, func(t graph.Term) bool { return !t.IsIRI() && !t.IsBlank() })
}

// inside writes the node or the list that v stands for within the property element.
func (w *Writer) inside(v graph.Term, depth int) bool {
	if items, ok := w.tree.List(v); ok && len(items) > 0 {
		w.b = append(w.b, " rdf:parseType=\"Collection\">\n"...)
		for _, item := range items {
			n, nested := w.tree.Nested(item)
			if !nested {
				n = &tree.Node{Subject: item}
			}
			w.node(n, !nested, depth+1)
		}
		w.indent(depth)
		return true
	}
	n, ok := w.tree.Nested(v)
	if ok {
		w.b = append(w.b, ">\n"...)
		w.node(n, false, depth+1)
		w.indent(depth)
	}
	return ok
}

// appendEscaped writes text, or the value of an attribute. White space that a parser would
// change is written by number.
func appendEscaped(b []byte, s string, attribute bool) []byte {
	start := 0
	for i := 0; i < len(s); i++ {
		escape := ""
		switch c := s[i]; {
		case c == '&':
			escape = "&amp;"
		case c == '<':
			escape = "&lt;"
		case c == '>':
			escape = "&gt;"
		case c == '\r':
			escape = "&#xD;"
		case attribute && c == '"':
			escape = "&quot;"
		case attribute && c == '\n':
			escape = "&#xA;"
		case attribute && c == '\t':
			escape = "&#x9;"
		default:
			continue
		}
		b = append(append(b, s[start:i]...), escape...)
		start = i + 1
	}
	return append(b, s[start:]...)
}
