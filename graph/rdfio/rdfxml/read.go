package rdfxml

import (
	"io"
	"strings"

	"mocban/graph"
	"mocban/graph/rdfio/document"
	"mocban/graph/rdfio/iri"
)

// A Reader reads RDF/XML.
type Reader struct {
	t      *tokens
	o      document.Options
	blanks document.Blanks
	stack  []frame
	ids    map[string]bool // rdf:ID, made absolute: each stands once in a document
	out    []graph.Quad
	inner  [][]graph.Quad // what stands in triple terms that are open, the innermost last
	err    error

	names map[name]graph.IRI // that were seen
}

// NewReader returns a reader of RDF/XML.
func NewReader(r io.Reader, o document.Options) *Reader {
	return &Reader{t: newTokens(r, o), o: o, blanks: document.NewBlanks(o), ids: map[string]bool{}, names: map[name]graph.IRI{}}
}

const itsNS = "http://www.w3.org/2005/11/its"

type kind uint8

const (
	rdfRoot    kind = iota // rdf:RDF: node elements
	nodeElem               // property elements
	property               // text, or one node element
	resource               // rdf:parseType="Resource": property elements
	collection             // rdf:parseType="Collection": node elements
	empty                  // nothing
	xmlLiteral             // anything
	tripleTerm             // rdf:parseType="Triple": one node element, of one triple
	ignored                // a triple term in RDF 1.1: anything, and nothing is said
)

// A frame is an element that is open.
type frame struct {
	kind    kind
	base    iri.Base
	lang    string
	dir     graph.Direction // if version is "1.2"
	version string
	subject graph.Term // of node elements and of properties; of a collection the last cell
	pred    graph.IRI
	li      int        // the last rdf:li
	reifier graph.Term // of the statement of this property, as RDF 1.1 reifies (rdf:ID)
	note    graph.Term // the same, as RDF 1.2 does (rdf:annotation)
	object  graph.Term // of a property, once known
	text    pieces
	typed   graph.IRI // rdf:datatype
	literal *canonicalXML
}

// Read fills quads. See rdfio.Reader.
func (r *Reader) Read(quads []graph.Quad) (n int, err error) {
	for len(r.out) < len(quads) && r.err == nil {
		r.err = r.step()
	}
	n = copy(quads, r.out)
	r.out = append(r.out[:0], r.out[n:]...)
	if n > 0 || len(quads) == 0 {
		return n, nil
	}
	return 0, r.err
}

// step reads one token.
func (r *Reader) step() error {
	tok, ok := r.t.next()
	if !ok && r.t.Fault == nil {
		return io.EOF
	}
	if !ok {
		return r.t.Fault
	}
	if len(r.stack) > 0 && (r.top().kind == xmlLiteral || r.top().kind == ignored) {
		return r.inLiteral(tok)
	}
	switch tok.kind {
	case startTag:
		return r.start(tok.elem)
	case endTag:
		return r.end()
	case charData:
		return r.text(tok.text)
	}
	return nil // comments and processing instructions
}

func (r *Reader) top() *frame { return &r.stack[len(r.stack)-1] }

func (r *Reader) emit(s graph.Term, p graph.IRI, o graph.Term) {
	to := &r.out
	if len(r.inner) > 0 {
		to = &r.inner[len(r.inner)-1]
	}
	*to = append(*to, graph.Quad{S: s, P: p, O: o, G: r.o.Graph})
}

// state emits the statement of a property, and what reifies it.
func (r *Reader) state(f *frame, o graph.Term) {
	s, p := f.subject, f.pred
	r.emit(s, p, o)
	if !f.note.IsZero() {
		r.emit(f.note, rdfNS+"reifies", graph.TripleTerm(graph.Triple{S: s, P: p, O: o}))
	}
	if reifier := f.reifier; !reifier.IsZero() {
		r.emit(reifier, rdfNS+"type", graph.IRI(rdfNS+"Statement").Term())
		r.emit(reifier, rdfNS+"subject", s)
		r.emit(reifier, rdfNS+"predicate", p.Term())
		r.emit(reifier, rdfNS+"object", o)
	}
}

func (r *Reader) text(text string) error {
	f := r.top()
	if f.kind == property && f.object.IsZero() {
		if f.text.len()+len(text) > r.o.Max() {
			return r.t.mistake("longer than %d bytes", r.o.Max())
		}
		f.text.add(text)
		return nil
	}
	if skipBlanks(text) != "" {
		return r.t.mistake("text %.40q does not belong here", strings.TrimSpace(text))
	}
	return nil
}

// blanks are the white space of XML.
const blanks = " \t\r\n"

// pieces is text in pieces. Most text has one.
type pieces struct {
	one  string
	many []byte
}

func (p *pieces) len() int { return len(p.one) + len(p.many) }

func (p *pieces) add(s string) {
	switch {
	case p.many != nil:
		p.many = append(p.many, s...)
	case p.one == "":
		p.one = s
	default:
		p.many = append(append(p.many, p.one...), s...)
		p.one = ""
	}
}

func (p *pieces) String() string {
	if p.many != nil {
		return string(p.many)
	}
	return p.one
}

// start reads a start tag.
func (r *Reader) start(e *element) error {
	var f frame
	if len(r.stack) > 0 {
		outer := r.top()
		f.base, f.lang, f.dir, f.version = outer.base, outer.lang, outer.dir, outer.version
	} else if r.o.Base != "" {
		var ok bool
		if f.base, ok = iri.Parse(string(r.o.Base)); !ok {
			return r.t.mistake("base %q is no absolute IRI", string(r.o.Base))
		}
	}
	attrs, err := r.common(e, &f)
	if err != nil {
		return err
	}
	if len(r.stack) == 0 && e.name == (name{rdfNS, "RDF"}) {
		if len(attrs) > 0 {
			return r.t.mistake("attribute %s does not belong to rdf:RDF", attrs[0].name.local)
		}
		r.stack = append(r.stack, f)
		return nil
	}
	if len(r.stack) == 0 {
		return r.node(e, attrs, f)
	}
	switch outer := r.top(); outer.kind {
	case nodeElem, resource:
		return r.property(e, attrs, f)
	case property:
		if !outer.object.IsZero() || outer.typed != "" || skipBlanks(outer.text.String()) != "" {
			return r.t.mistake("<%s> does not belong here", e.name.local)
		}
		outer.text = pieces{}
		return r.node(e, attrs, f)
	case tripleTerm:
		if !outer.object.IsZero() {
			return r.t.mistake("a triple term is one triple")
		}
	case empty:
		return r.t.mistake("<%s> is in a property that must be empty", e.name.local)
	}
	return r.node(e, attrs, f)
}

// common takes xml:lang, xml:base and what else begins with xml from the attributes of an
// element.
func (r *Reader) common(e *element, f *frame) ([]attr, error) {
	attrs := e.attrs[:0]
	for _, a := range e.attrs {
		switch {
		case a.name == name{xmlNS, "lang"}:
			if a.value != "" && !isTag(a.value) {
				return nil, r.t.mistake("%q is not a language tag (BCP 47)", a.value)
			}
			f.lang = a.value
		case a.name == name{xmlNS, "base"}:
			base := a.value
			if iri.Scheme(base) == 0 && !f.base.IsZero() {
				base = f.base.Resolve(base)
			}
			var ok bool
			if f.base, ok = iri.Parse(base); !ok || !iri.Check(base) {
				return nil, r.t.mistake("base %q is no absolute IRI", a.value)
			}
		case a.name == name{itsNS, "dir"}:
			switch a.value {
			case "ltr":
				f.dir = graph.LTR
			case "rtl":
				f.dir = graph.RTL
			default:
				return nil, r.t.mistake("%q is no base direction", a.value)
			}
		case a.name == name{rdfNS, "version"}:
			f.version = a.value
		case a.name == name{itsNS, "version"}:
		case a.name.space == xmlNS, a.name.space == "" && strings.HasPrefix(strings.ToLower(a.name.local), "xml"):
		case a.name.space == "":
			switch a.name.local {
			case "ID", "about", "resource", "parseType", "type": // RDF/XML, 6.1.4
				a.name.space = rdfNS
				attrs = append(attrs, a)
			default:
				return nil, r.t.mistake("attribute %s has no namespace", a.name.local)
			}
		default:
			attrs = append(attrs, a)
		}
	}
	return attrs, nil
}

func isTag(s string) bool {
	return new(document.Checker).Check(&graph.Quad{S: graph.Blank("s"), P: "p:p", O: graph.Text("", s)}) == nil
}

// ref resolves an IRI reference.
func (r *Reader) ref(f *frame, s string) (graph.Term, error) {
	if iri.Scheme(s) == 0 {
		if f.base.IsZero() {
			return graph.Term{}, r.t.mistake("relative IRI %.80q and no base", s)
		}
		s = f.base.Resolve(s)
	}
	if !iri.Check(s) {
		return graph.Term{}, r.t.mistake("%.80q is no IRI", s)
	}
	if len(s) > r.o.Max() {
		return graph.Term{}, r.t.mistake("longer than %d bytes", r.o.Max())
	}
	return graph.IRI(s).Term(), nil
}

// id returns the IRI of an rdf:ID.
func (r *Reader) id(f *frame, s string) (graph.Term, error) {
	if !isName(s) {
		return graph.Term{}, r.t.mistake("rdf:ID %.80q is no XML name", s)
	}
	t, err := r.ref(f, "#"+s)
	if err == nil && r.ids[t.Value()] {
		err = r.t.mistake("rdf:ID %q stands twice", s)
	}
	r.ids[t.Value()] = true
	return t, err
}

// nodeName returns the blank node of an rdf:nodeID.
func (r *Reader) nodeName(s string) (graph.Term, error) {
	if !isName(s) {
		return graph.Term{}, r.t.mistake("rdf:nodeID %.80q is no XML name", s)
	}
	return r.blanks.Named(s), nil
}

// elementIRI returns the IRI that a name stands for.
func (r *Reader) elementIRI(n name) (graph.IRI, error) {
	if known, ok := r.names[n]; ok {
		return known, nil
	}
	s := n.space + n.local
	if n.space == "" || !iri.Check(s) {
		return "", r.t.mistake("%q is no IRI", s)
	}
	if len(r.names) >= 4096 {
		clear(r.names)
	}
	r.names[name{s[:len(n.space)], s[len(n.space):]}] = graph.IRI(s)
	return graph.IRI(s), nil
}

// node begins a node element (RDF/XML, 7.2.11).
func (r *Reader) node(e *element, attrs []attr, f frame) error {
	class, err := r.elementIRI(e.name)
	if err != nil {
		return err
	}
	if reserved(string(class)) && class != rdfNS+"Description" {
		return r.t.mistake("rdf:%s is no node element", e.name.local)
	}
	f.kind = nodeElem
	named := 0
	rest := attrs[:0]
	for _, a := range attrs {
		switch {
		case a.name == name{rdfNS, "ID"}:
			f.subject, err = r.id(&f, a.value)
		case a.name == name{rdfNS, "about"}:
			f.subject, err = r.ref(&f, a.value)
		case a.name == name{rdfNS, "nodeID"}:
			f.subject, err = r.nodeName(a.value)
		default:
			rest = append(rest, a)
			continue
		}
		if named++; named > 1 {
			err = r.t.mistake("a node has one of rdf:ID, rdf:about and rdf:nodeID")
		}
		if err != nil {
			return err
		}
	}
	if named == 0 {
		f.subject = r.blanks.Fresh()
	}
	r.link(f.subject)
	if class != rdfNS+"Description" {
		r.emit(f.subject, rdfNS+"type", class.Term())
	}
	r.stack = append(r.stack, f)
	return r.propertyAttrs(r.top(), f.subject, rest)
}

// link makes a node the object of the property, or an item of the collection, that it
// stands in.
func (r *Reader) link(node graph.Term) {
	if len(r.stack) == 0 {
		return
	}
	switch outer := r.top(); outer.kind {
	case property:
		outer.object = node
		r.state(outer, node)
	case tripleTerm:
		outer.object = node
	case collection:
		cell := r.blanks.Fresh()
		if outer.object.IsZero() {
			r.state(outer, cell)
		} else {
			r.emit(outer.object, rdfNS+"rest", cell)
		}
		r.emit(cell, rdfNS+"first", node)
		outer.object = cell
	}
}

// plain returns text in the language of an element.
func (f *frame) plain(s string) graph.Term {
	if f.version == "1.2" && f.lang != "" {
		return graph.DirText(s, f.lang, f.dir)
	}
	return graph.Text(s, f.lang)
}

// propertyAttrs adds the attributes that are properties.
func (r *Reader) propertyAttrs(f *frame, subject graph.Term, attrs []attr) error {
	for _, a := range attrs {
		p, err := r.elementIRI(a.name)
		if err != nil {
			return err
		}
		switch {
		case reserved(string(p)):
			return r.t.mistake("attribute rdf:%s does not belong here", a.name.local)
		case p == rdfNS+"type":
			class, err := r.ref(f, a.value)
			if err != nil {
				return err
			}
			r.emit(subject, p, class)
		case len(a.value) > r.o.Max():
			return r.t.mistake("longer than %d bytes", r.o.Max())
		default:
			r.emit(subject, p, f.plain(a.value))
		}
	}
	return nil
}
