package rdfxml

import (
	"strconv"

	"mocban/graph"
)

// property begins a property element (RDF/XML, 7.2.14).
func (r *Reader) property(e *element, attrs []attr, f frame) error {
	outer := r.top()
	p, err := r.elementIRI(e.name)
	if err != nil {
		return err
	}
	if p == rdfNS+"li" {
		outer.li++
		p = rdfNS + "_" + graph.IRI(strconv.Itoa(outer.li))
	} else if reserved(string(p)) {
		return r.t.mistake("rdf:%s is no property", e.name.local)
	}
	f.subject, f.pred = outer.subject, p
	return r.propertyKind(attrs, f)
}

// propertyKind tells by its attributes which kind of property element one is.
func (r *Reader) propertyKind(attrs []attr, f frame) error {
	parseType, parsed := "", false
	var err error
	rest := attrs[:0]
	for _, a := range attrs {
		if a.name.space == rdfNS {
			switch a.name.local {
			case "ID":
				if f.reifier, err = r.id(&f, a.value); err != nil {
					return err
				}
				continue
			case "annotation":
				if f.note, err = r.ref(&f, a.value); err != nil {
					return err
				}
				continue
			case "annotationNodeID":
				if f.note, err = r.nodeName(a.value); err != nil {
					return err
				}
				continue
			case "parseType":
				parseType, parsed = a.value, true
				continue
			case "datatype":
				datatype, err := r.ref(&f, a.value)
				if err != nil {
					return err
				}
				f.typed = graph.IRI(datatype.Value())
				continue
			}
		}
		rest = append(rest, a)
	}
	switch {
	case parsed && (len(rest) > 0 || f.typed != ""):
		return r.t.mistake("rdf:parseType stands with other attributes")
	case parsed:
		return r.parseType(parseType, f)
	case len(rest) > 0 && f.typed != "":
		return r.t.mistake("rdf:datatype stands with other attributes")
	case len(rest) > 0:
		return r.emptyProperty(rest, f)
	}
	f.kind = property
	r.stack = append(r.stack, f)
	return nil
}

func (r *Reader) parseType(value string, f frame) error {
	switch value {
	case "Resource":
		node := r.blanks.Fresh()
		r.state(&f, node)
		f.kind, f.subject = resource, node
	case "Triple":
		if f.kind = ignored; f.version == "1.2" {
			f.kind = tripleTerm
			r.inner = append(r.inner, nil)
			break
		}
		f.literal = newCanonicalXML(r.o.Max())
	case "Collection":
		f.kind = collection
	default: // RDF/XML, 7.2.20: anything else is a literal
		f.kind = xmlLiteral
		f.literal = newCanonicalXML(r.o.Max())
	}
	r.stack = append(r.stack, f)
	return nil
}

// emptyProperty reads a property element whose object is told by attributes (RDF/XML,
// 7.2.21).
func (r *Reader) emptyProperty(attrs []attr, f frame) error {
	var object graph.Term
	var err error
	rest := attrs[:0]
	for _, a := range attrs {
		switch {
		case a.name == name{rdfNS, "resource"} && object.IsZero():
			object, err = r.ref(&f, a.value)
		case a.name == name{rdfNS, "nodeID"} && object.IsZero():
			object, err = r.nodeName(a.value)
		default:
			rest = append(rest, a)
		}
		if err != nil {
			return err
		}
	}
	if object.IsZero() {
		object = r.blanks.Fresh()
	}
	r.state(&f, object)
	f.kind = empty
	r.stack = append(r.stack, f)
	return r.propertyAttrs(r.top(), object, rest)
}

// end closes the innermost element.
func (r *Reader) end() error {
	f := *r.top()
	r.stack = r.stack[:len(r.stack)-1]
	switch f.kind {
	case property:
		if f.object.IsZero() {
			return r.endLiteral(f)
		}
	case collection:
		null := graph.IRI(rdfNS + "nil").Term()
		if f.object.IsZero() {
			r.state(&f, null)
		} else {
			r.emit(f.object, rdfNS+"rest", null)
		}
	case tripleTerm:
		inside := r.inner[len(r.inner)-1]
		r.inner = r.inner[:len(r.inner)-1]
		if len(inside) != 1 {
			return r.t.mistake("a triple term is one triple, not %d", len(inside))
		}
		r.state(&f, graph.TripleTerm(inside[0].Triple()))
	}
	return nil
}

func (r *Reader) endLiteral(f frame) error {
	o := f.plain(f.text.String())
	if f.typed != "" {
		if f.typed == rdfNS+"langString" || f.typed == rdfNS+"dirLangString" {
			return r.t.mistake("a literal of %s has a language", f.typed)
		}
		o = graph.Literal(f.text.String(), f.typed)
	}
	r.state(&f, o)
	return nil
}

// inLiteral adds a token to an XML literal.
func (r *Reader) inLiteral(tok token) error {
	f := r.top()
	if tok.kind == endTag && f.literal.depth == 0 {
		closed := *f
		r.stack = r.stack[:len(r.stack)-1]
		if closed.kind == xmlLiteral {
			r.state(&closed, graph.Literal(string(closed.literal.b), rdfNS+"XMLLiteral"))
		}
		return nil
	}
	if !f.literal.add(tok) {
		return r.t.mistake("longer than %d bytes", r.o.Max())
	}
	return nil
}
