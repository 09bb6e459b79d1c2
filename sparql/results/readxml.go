package results

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"mocban/graph"
)

// An xmlReader walks through the elements of a document.
type xmlReader struct{ d *xml.Decoder }

func readXML(r io.Reader) (*Result, error) {
	x := xmlReader{xml.NewDecoder(r)}
	root, err := x.child()
	if err != nil {
		return nil, err
	}
	if root == nil || root.Name.Local != "sparql" || root.Name.Space != resultsNS {
		return nil, errors.New("the document is no <sparql>")
	}
	res, err := x.sparql()
	if err != nil {
		return nil, err
	}
	if _, err := x.child(); err != io.EOF {
		return nil, errors.New("there is more behind the result")
	}
	return res, nil
}

// child returns the next element within the one at hand, nil at its end. Text between
// elements is passed over.
func (x xmlReader) child() (*xml.StartElement, error) {
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
		case xml.Directive:
			return nil, errors.New("DOCTYPE is not accepted")
		case xml.CharData:
			if strings.TrimSpace(string(t)) != "" {
				return nil, fmt.Errorf("%.40q stands between elements", t)
			}
		}
	}
}

// each calls f for the elements within the one at hand.
func (x xmlReader) each(f func(e *xml.StartElement) error) error {
	for {
		e, err := x.child()
		if e == nil || err != nil {
			return err
		}
		if err := f(e); err != nil {
			return err
		}
	}
}

// text returns the text of the element at hand.
func (x xmlReader) text() (string, error) {
	var b strings.Builder
	for {
		t, err := x.d.Token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.EndElement:
			return b.String(), nil
		case xml.StartElement:
			return "", fmt.Errorf("<%s> stands within text", t.Name.Local)
		}
	}
}

func attribute(e *xml.StartElement, space, name string) string {
	for _, a := range e.Attr {
		if a.Name.Space == space && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (x xmlReader) sparql() (res *Result, err error) {
	var vars []string
	err = x.each(func(e *xml.StartElement) error {
		var err error
		switch e.Name.Local {
		case "head":
			vars, err = x.head()
		case "boolean":
			res, err = x.boolean()
		case "results":
			res, err = x.results(vars)
		default:
			err = x.d.Skip()
		}
		return err
	})
	if err == nil && res == nil {
		err = errors.New("neither <results> nor <boolean> is there")
	}
	return res, err
}

func (x xmlReader) head() (vars []string, err error) {
	err = x.each(func(e *xml.StartElement) error {
		if e.Name.Local == "variable" {
			vars = append(vars, attribute(e, "", "name"))
		}
		return x.d.Skip()
	})
	return vars, err
}

func (x xmlReader) boolean() (*Result, error) {
	s, err := x.text()
	if err != nil {
		return nil, err
	}
	switch strings.TrimSpace(s) {
	case "true", "1":
		return &Result{Ask: true, Boolean: true}, nil
	case "false", "0":
		return &Result{Ask: true}, nil
	}
	return nil, fmt.Errorf("%.40q is no boolean", s)
}

func (x xmlReader) results(vars []string) (*Result, error) {
	t, err := newTable(vars)
	if err != nil {
		return nil, err
	}
	err = x.each(func(e *xml.StartElement) error {
		if e.Name.Local != "result" {
			return x.d.Skip()
		}
		t.row()
		return x.each(func(e *xml.StartElement) error {
			name := attribute(e, "", "name")
			term, err := x.only(0)
			if err == nil {
				err = t.set(name, term)
			}
			if err != nil {
				return fmt.Errorf("row %d: ?%s: %w", len(t.Rows), name, err)
			}
			return nil
		})
	})
	return &t.Result, err
}

// only returns the one term in the element at hand.
func (x xmlReader) only(depth int) (term graph.Term, err error) {
	err = x.each(func(e *xml.StartElement) error {
		if !term.IsZero() {
			return errors.New("more than one term")
		}
		term, err = x.term(e, depth)
		return err
	})
	if err == nil && term.IsZero() {
		err = errors.New("no term")
	}
	return term, err
}

func (x xmlReader) term(e *xml.StartElement, depth int) (graph.Term, error) {
	if e.Name.Local == "triple" {
		return x.triple(depth)
	}
	s, err := x.text()
	if err != nil {
		return graph.Term{}, err
	}
	switch e.Name.Local {
	case "uri":
		return graph.IRI(s).Term(), nil
	case "bnode":
		return blank(s)
	case "literal":
		return literal(s, attribute(e, xmlNS, "lang"), attribute(e, itsNS, "dir"), graph.IRI(attribute(e, "", "datatype")))
	}
	return graph.Term{}, fmt.Errorf("<%s> is no term", e.Name.Local)
}

func (x xmlReader) triple(depth int) (graph.Term, error) {
	if depth == maxDepth {
		return graph.Term{}, errDeep
	}
	var terms [3]graph.Term
	err := x.each(func(e *xml.StartElement) error {
		i := slices.Index([]string{"subject", "predicate", "object"}, e.Name.Local)
		if i < 0 {
			return fmt.Errorf("<%s> is no part of a triple", e.Name.Local)
		}
		var err error
		terms[i], err = x.only(depth + 1)
		return err
	})
	if err != nil {
		return graph.Term{}, err
	}
	return triple(terms)
}
