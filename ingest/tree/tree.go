// Package tree holds records that are trees, as those in XML and JSON are: elements with
// attributes, text and elements inside. Dublin Core, MODS, METS, EAD, EAC-CPF, TEI, LIDO, EDM,
// IIIF manifests and the rows of sheets are read into the same few types, which ingest/mapping
// walks by the rows of ontology.
//
// Text is UTF-8 in Unicode normal form C, with one blank for any run of white space. Where
// text and elements are mixed, a stretch of text is a child without a name, so that nothing
// of it is lost and its order is kept.
package tree

import (
	"iter"
	"strings"
)

// A Record is one record. Kind names the table that maps it.
type Record struct {
	Kind   Kind
	Format string // the media type of the bytes it came as
	Root   *Element

	// ID is the identifier that the record, or the envelope around it, gives; Stamp the date
	// in the envelope; Sets the sets it is in. Each may be empty.
	ID    string
	Stamp string
	Sets  []string

	// Head is what must stand before the bytes of the record so that they can be read by
	// themselves: the headers of a sheet.
	Head []byte
}

// A Kind is a format of records.
type Kind string

// The kinds.
const (
	DC    Kind = "dc" // simple and qualified, as XML, DIM, the internal form of DSpace, and CSV
	MODS  Kind = "mods"
	METS  Kind = "mets"
	EAD   Kind = "ead" // 2002 and 3
	EAC   Kind = "eac"
	TEI   Kind = "tei"
	LIDO  Kind = "lido"
	EDM   Kind = "edm"
	IIIF  Kind = "iiif" // Presentation 2 and 3
	Sheet Kind = "sheet"
)

// Kinds are all of them.
var Kinds = []Kind{DC, MODS, METS, EAD, EAC, TEI, LIDO, EDM, IIIF, Sheet}

// An Element is a node. One without a name is a stretch of text.
type Element struct {
	Name     string // without prefix; empty for text
	Space    string // the namespace, where there is one
	Attrs    []Attr
	Text     string // of an element without a name
	Children []*Element
}

// An Attr is an attribute. The prefix is left out of its name, but for xml:lang, xml:id and
// the like.
type Attr struct{ Name, Value string }

// New returns an element with text in it, if that is not empty.
func New(name, text string, children ...*Element) *Element {
	e := &Element{Name: name, Children: children}
	if text != "" {
		e.Children = append([]*Element{{Text: text}}, children...)
	}
	return e
}

// Attr returns the value of an attribute, or "".
func (e *Element) Attr(name string) string {
	for i := range e.Attrs {
		if e.Attrs[i].Name == name {
			return e.Attrs[i].Value
		}
	}
	return ""
}

// HasAttr tells whether there is an attribute.
func (e *Element) HasAttr(name string) bool {
	for i := range e.Attrs {
		if e.Attrs[i].Name == name {
			return true
		}
	}
	return false
}

// Set sets an attribute.
func (e *Element) Set(name, value string) {
	for i := range e.Attrs {
		if e.Attrs[i].Name == name {
			e.Attrs[i].Value = value
			return
		}
	}
	e.Attrs = append(e.Attrs, Attr{name, value})
}

// Child returns the first child with a name, or nil.
func (e *Element) Child(name string) *Element {
	for _, c := range e.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// At returns the first element at the end of a path of names, or nil: At("did", "unittitle").
func (e *Element) At(path ...string) *Element {
	for _, name := range path {
		if e == nil {
			return nil
		}
		e = e.Child(name)
	}
	return e
}

// Elements gives the children that are no text.
func (e *Element) Elements() iter.Seq[*Element] {
	return func(yield func(*Element) bool) {
		for _, c := range e.Children {
			if c.Name != "" && !yield(c) {
				return
			}
		}
	}
}

// Named gives the children with a name.
func (e *Element) Named(name string) iter.Seq[*Element] {
	return func(yield func(*Element) bool) {
		for _, c := range e.Children {
			if c.Name == name && !yield(c) {
				return
			}
		}
	}
}

// All gives the element and all below it, in the order of the document.
func (e *Element) All() iter.Seq[*Element] {
	return func(yield func(*Element) bool) { e.all(yield) }
}

func (e *Element) all(yield func(*Element) bool) bool {
	if !yield(e) {
		return false
	}
	for _, c := range e.Children {
		if !c.all(yield) {
			return false
		}
	}
	return true
}

// OwnText returns the text that stands in the element itself, and not in elements inside.
func (e *Element) OwnText() string {
	if e.Name == "" {
		return e.Text
	}
	first, more := "", []string(nil)
	for _, c := range e.Children {
		switch {
		case c.Name != "":
		case first == "":
			first = c.Text
		default:
			more = append(more, c.Text)
		}
	}
	if more == nil {
		return first
	}
	return join(append([]string{first}, more...))
}

// Value returns all text in the element and below it.
func (e *Element) Value() string {
	if e == nil {
		return ""
	}
	if e.Name == "" {
		return e.Text
	}
	if len(e.Children) == 1 && e.Children[0].Name == "" {
		return e.Children[0].Text
	}
	var parts []string
	for x := range e.All() {
		if x.Name == "" {
			parts = append(parts, x.Text)
		}
	}
	return join(parts)
}

// join puts stretches of text together: with a blank between, but before what closes and
// after what opens.
func join(parts []string) string {
	var b strings.Builder
	for _, p := range parts {
		if p == "" {
			continue
		}
		if b.Len() > 0 && !strings.ContainsRune(".,;:!?)]", rune(p[0])) && !strings.HasSuffix(b.String(), "(") && !strings.HasSuffix(b.String(), "[") {
			b.WriteByte(' ')
		}
		b.WriteString(p)
	}
	return b.String()
}
