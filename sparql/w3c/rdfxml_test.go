package w3c

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"mocban/graph"
	"mocban/vocab/rdf"
)

// readRDFXML reads what the sixteen RDF/XML files of the suites use: node elements with
// rdf:about, and properties with rdf:resource, rdf:nodeID, rdf:datatype, text, a node, or
// rdf:parseType="Resource". Anything else is an error.
func readRDFXML(r io.Reader, base graph.IRI) ([]graph.Quad, error) {
	x := &rdfxml{d: xml.NewDecoder(r), base: base}
	root, err := x.next()
	if err != nil {
		return nil, err
	}
	if root == nil || name(root) != rdf.NS+"RDF" {
		return nil, fmt.Errorf("the document is no rdf:RDF")
	}
	err = x.each(func(e *xml.StartElement) error {
		_, err := x.node(e)
		return err
	})
	return x.quads, err
}

type rdfxml struct {
	d      *xml.Decoder
	base   graph.IRI
	quads  []graph.Quad
	blanks int
	text   strings.Builder // what stood between elements
}

func name(e *xml.StartElement) graph.IRI { return graph.IRI(e.Name.Space + e.Name.Local) }

// next returns the next element within the one at hand, nil at its end.
func (x *rdfxml) next() (*xml.StartElement, error) {
	for {
		t, err := x.d.Token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			return &t, nil
		case xml.EndElement:
			return nil, nil
		case xml.CharData:
			x.text.Write(t)
		}
	}
}

func (x *rdfxml) each(f func(*xml.StartElement) error) error {
	for {
		e, err := x.next()
		if e == nil || err != nil {
			return err
		}
		if err := f(e); err != nil {
			return err
		}
	}
}

func (x *rdfxml) blank() graph.Term {
	x.blanks++
	return graph.Blank(fmt.Sprintf("x%d", x.blanks))
}

func (x *rdfxml) node(e *xml.StartElement) (graph.Term, error) {
	s := x.blank()
	for _, a := range e.Attr {
		switch graph.IRI(a.Name.Space + a.Name.Local) {
		case rdf.NS + "about":
			iri, err := x.base.Resolve(a.Value)
			if err != nil {
				return s, err
			}
			s = iri.Term()
		default:
			return s, fmt.Errorf("attribute %s is not read", a.Name.Local)
		}
	}
	if name(e) != rdf.NS+"Description" {
		x.quads = append(x.quads, graph.Quad{S: s, P: rdf.Type, O: name(e).Term()})
	}
	return s, x.properties(s)
}

func (x *rdfxml) properties(s graph.Term) error {
	return x.each(func(e *xml.StartElement) error {
		o, err := x.object(e)
		x.quads = append(x.quads, graph.Quad{S: s, P: name(e), O: o})
		return err
	})
}

func (x *rdfxml) object(e *xml.StartElement) (o graph.Term, err error) {
	var datatype graph.IRI
	for _, a := range e.Attr {
		switch graph.IRI(a.Name.Space + a.Name.Local) {
		case rdf.NS + "resource":
			iri, err := x.base.Resolve(a.Value)
			if err != nil {
				return o, err
			}
			return iri.Term(), x.d.Skip()
		case rdf.NS + "nodeID":
			return graph.Blank("n" + a.Value), x.d.Skip()
		case rdf.NS + "parseType":
			if a.Value != "Resource" {
				return o, fmt.Errorf("parseType %s is not read", a.Value)
			}
			o = x.blank()
			return o, x.properties(o)
		case rdf.NS + "datatype":
			datatype = graph.IRI(a.Value)
		default:
			return o, fmt.Errorf("attribute %s is not read", a.Name.Local)
		}
	}
	x.text.Reset()
	err = x.each(func(e *xml.StartElement) error {
		o, err = x.node(e)
		return err
	})
	if o.IsZero() {
		o = graph.Literal(x.text.String(), datatype)
	}
	return o, err
}
