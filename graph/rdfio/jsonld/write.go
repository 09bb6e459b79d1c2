package jsonld

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"mocban/graph"
	"mocban/graph/rdfio/document"
	"mocban/graph/rdfio/iri"
	"mocban/graph/rdfio/tree"
	"mocban/graph/rdfio/turtle"
)

const (
	// arranged is how many quads are arranged for reading. A longer document is written as
	// it comes.
	arranged = 8192
	outBytes = 64 << 10

	rdfType    = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
	xsdNS      = "http://www.w3.org/2001/XMLSchema#"
	xsdString  = xsdNS + "string"
	xsdInteger = xsdNS + "integer"
	xsdBoolean = xsdNS + "boolean"
)

// A Writer writes JSON-LD: an object with "@graph", in which named graphs are objects with
// a "@graph" of their own. Short documents are arranged, with blank nodes and lists where
// they are spoken of; in long ones what comes together stands together.
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

// Write writes quads. Triple terms and base directions cannot be written.
func (w *Writer) Write(quads ...graph.Quad) error {
	for i := range quads {
		if err := check(&quads[i]); err != nil {
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
func check(q *graph.Quad) error {
	if err := document.Check(q); err != nil {
		return err
	}
	if q.O.Kind() == graph.KindTriple || q.O.Dir() != graph.NoDir {
		return &graph.QuadError{Quad: *q, Detail: "JSON-LD has neither triple terms nor base directions of RDF"}
	}
	for _, t := range [...]graph.Term{q.S, q.P.Term(), q.O, q.G} {
		if s, ok := t.IRI(); ok && iri.Scheme(string(s)) == 0 {
			return &graph.QuadError{Quad: *q, Detail: "relative IRI"}
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
	p.b = nil
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
	for _, g := range tree.Arrange(w.held) {
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

// printer writes nodes of a graph by a context.
type printer struct {
	*names
	b    []byte
	err  error
	tree *tree.Graph // nil in flat form: nothing is nested

	// pairs are the keys and values of the objects that are being written, those of the
	// innermost last.
	pairs []pair

	// embed has nodes with IRIs written once, where they are first spoken of.
	embed   bool
	written map[graph.Term]bool
}

func (p *printer) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("write JSON-LD: "+format, args...)
	}
}

func (p *printer) line(depth int) {
	if p.tree == nil {
		return
	}
	p.b = append(p.b, '\n')
	for range depth {
		p.b = append(p.b, ' ', ' ')
	}
}

// A pair is a key and one of its values. A key is "" once it was written.
type pair struct {
	key   string
	value graph.Term
}

// pair adds what is said of the innermost object.
func (p *printer) pair(prop graph.IRI, v graph.Term) {
	p.pairs = append(p.pairs, pair{p.keyOf(prop, v), v})
}

// object writes a node object.
func (p *printer) object(n *tree.Node, label bool, depth int) {
	if p.written != nil {
		p.written[n.Subject] = true
	}
	from := len(p.pairs)
	for _, prop := range n.Properties {
		for _, v := range prop.Values {
			p.pair(prop.P, v)
		}
	}
	p.entries(from, n.Subject, label, depth)
}

// entries writes the object of the pairs that begin at from, and takes them away. Two
// properties may share a key, and two keys a property, but a key stands once.
func (p *printer) entries(from int, subject graph.Term, label bool, depth int) {
	pairs := p.pairs[from:]
	if len(pairs) > 64 { // looking for the same key among all others would take long
		slices.SortStableFunc(pairs, func(a, b pair) int { return strings.Compare(a.key, b.key) })
	}
	p.b = append(p.b, '{')
	first := true
	key := func(k string) {
		if !first {
			p.b = append(p.b, ',')
		}
		first = false
		p.line(depth + 1)
		p.b = append(appendString(p.b, k), ':')
	}
	if label {
		key("@id")
		p.id(subject)
	}
	for i := range pairs {
		if k := pairs[i].key; k != "" {
			key(k)
			p.values(pairs[i:], depth+1)
		}
	}
	if !first {
		p.line(depth)
	}
	p.b = append(p.b, '}')
	p.pairs = p.pairs[:from]
}

// values writes the values of the first key, and marks them as written.
func (p *printer) values(pairs []pair, depth int) {
	key := pairs[0].key
	last, several := 0, false
	for i := 1; i < len(pairs); i++ {
		if pairs[i].key == key {
			last, several = i, true
		} else if len(pairs) > 64 {
			break // they are sorted
		}
	}
	if !several {
		pairs[0].key = ""
		p.value(key, pairs[0].value, depth)
		return
	}
	p.b = append(p.b, '[')
	for i := range pairs[:last+1] {
		if pairs[i].key != key {
			continue
		}
		if i > 0 {
			p.b = append(p.b, ',')
		}
		pairs[i].key = ""
		p.line(depth + 1)
		p.value(key, pairs[i].value, depth+1)
	}
	p.line(depth)
	p.b = append(p.b, ']')
}

// keyOf returns the key of a property for a value.
func (p *printer) keyOf(prop graph.IRI, v graph.Term) string {
	if prop == rdfType && p.isClass(v) {
		return "@type"
	}
	key := p.key(prop, valueType(v))
	if len(key) == len(prop) && p.misread(key) {
		p.fail("the context takes <%s> for something else", key)
	}
	return key
}

// isClass tells whether a term can be written as a @type.
func (p *printer) isClass(t graph.Term) bool {
	if t.IsBlank() && p.tree != nil {
		_, nested := p.tree.Nested(t)
		return !nested
	}
	s, ok := t.IRI()
	return ok && s != rdfNil || t.IsBlank()
}

const rdfNil = "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil"

// valueType is the type by which a term of a context suits a value.
func valueType(v graph.Term) graph.IRI {
	switch {
	case v.IsIRI() || v.IsBlank():
		return idType
	case v.Lang() != "" || v.Datatype() == xsdString || native(v):
		return ""
	}
	return v.Datatype()
}

// native tells whether a literal can be a number or a boolean of JSON and come back as it
// was.
func native(v graph.Term) bool {
	s := v.Value()
	switch v.Datatype() {
	case xsdBoolean:
		return s == "true" || s == "false"
	case xsdInteger:
		digits := strings.TrimPrefix(s, "-")
		if digits == "" || len(digits) > 15 || digits[0] == '0' && s != "0" {
			return false
		}
		for _, c := range []byte(digits) {
			if c < '0' || c > '9' {
				return false
			}
		}
		return true
	}
	return false
}

// value writes one value of a key.
func (p *printer) value(key string, v graph.Term, depth int) {
	if key == "@type" {
		p.classRef(v)
		return
	}
	coerced := graph.IRI("")
	if e := p.byName[key]; e != nil && !isNamespace(e.Term) {
		coerced = e.Type
	}
	if v.IsLiteral() {
		p.literal(v, coerced)
		return
	}
	if p.tree != nil && p.bracket(key, v, depth) {
		return
	}
	if coerced == idType {
		p.id(v)
		return
	}
	p.b = append(p.b, `{"@id":`...)
	p.id(v)
	p.b = append(p.b, '}')
}

// bracket writes a list, or a node in place, if v stands for one.
func (p *printer) bracket(key string, v graph.Term, depth int) bool {
	if items, ok := p.tree.List(v); ok {
		p.b = append(p.b, `{"@list":[`...)
		for i, item := range items {
			if i > 0 {
				p.b = append(p.b, ',')
			}
			p.value(key, item, depth)
		}
		p.b = append(p.b, "]}"...)
		return true
	}
	if n, ok := p.tree.Nested(v); ok {
		p.object(n, false, depth)
		return true
	}
	if n := p.tree.Node(v); p.embed && n != nil && !p.written[v] && depth < embedDepth {
		p.object(n, !p.tree.Unnamed(n), depth)
		return true
	}
	return false
}

// embedDepth is how deep nodes with IRIs are embedded.
const embedDepth = 32

func (p *printer) literal(v graph.Term, coerced graph.IRI) {
	datatype, lang := v.Datatype(), v.Lang()
	switch {
	case lang != "":
		p.b = appendString(append(p.b, `{"@value":`...), v.Value())
		p.b = appendString(append(p.b, `,"@language":`...), lang)
	case coerced == datatype || coerced == "" && datatype == xsdString:
		p.b = appendString(p.b, v.Value())
		return
	case coerced == "" && native(v):
		p.b = append(p.b, v.Value()...)
		return
	case datatype == xsdString:
		p.b = appendString(append(p.b, `{"@value":`...), v.Value())
	default:
		p.b = appendString(append(p.b, `{"@value":`...), v.Value())
		p.b = append(p.b, `,"@type":`...)
		p.classRef(graph.IRI(datatype).Term())
	}
	p.b = append(p.b, '}')
}

// classRef writes what a @type says.
func (p *printer) classRef(t graph.Term) {
	s, ok := t.IRI()
	if !ok {
		p.id(t)
		return
	}
	short := p.class(s)
	if short == string(s) && p.misread(short) {
		p.fail("the context takes <%s> for something else", s)
	}
	p.b = appendString(p.b, short)
}

// id writes an IRI or a blank node as a string.
func (p *printer) id(t graph.Term) {
	if s, ok := t.IRI(); ok {
		if prefix, local, _ := strings.Cut(string(s), ":"); !strings.HasPrefix(local, "//") {
			if e := p.byName[prefix]; e != nil && isNamespace(e.Term) {
				p.fail("the context takes <%s> for something else", s)
			}
		}
		p.b = appendString(p.b, string(s))
		return
	}
	p.b = append(p.b, `"_:`...)
	p.b = append(turtle.AppendLabel(p.b, t.Value()), '"')
}

// appendString writes a JSON string that may also stand in a script element of HTML.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' && c < utf8.RuneSelf {
			i++
			continue
		}
		r, n := rune(c), 1
		if c >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
			if r != '\u2028' && r != '\u2029' && (r != utf8.RuneError || n > 1) {
				i += n
				continue
			}
		}
		b = append(b, s[start:i]...)
		switch r {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		}
		i += n
		start = i
	}
	return append(append(b, s[start:]...), '"')
}
