package tree

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits of what is read.
const (
	MaxDepth    = 128     // elements within one another
	MaxElements = 4 << 20 // in one record
)

// Namespaces maps the prefixes that elements around a record declare; "" is the default one.
type Namespaces map[string]string

// ParseXML reads one element with all that is in it. Entities are those of XML and of HTML,
// which catalogues use without declaring them; documents that declare their own are refused
// before they come here.
func ParseXML(text []byte, outer Namespaces) (*Element, error) {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Entity = xml.HTMLEntity
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // decoded before
	p := parser{d: d, outer: outer}
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("there is no element")
		}
		if err != nil {
			return nil, err
		}
		if start, ok := t.(xml.StartElement); ok {
			return p.element(start)
		}
	}
}

type parser struct {
	d     *xml.Decoder
	outer Namespaces
	count int
}

// element reads what follows a start tag. It keeps a stack of its own, so that depth costs
// no stack of Go.
func (p *parser) element(start xml.StartElement) (*Element, error) {
	root := p.start(start)
	stack := []*Element{root}
	texts := []*strings.Builder{{}}
	for {
		t, err := p.d.Token()
		if err != nil {
			return nil, err
		}
		top := stack[len(stack)-1]
		text := texts[len(stack)-1]
		switch t := t.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.StartElement:
			flush(top, text)
			if len(stack) == MaxDepth {
				return nil, fmt.Errorf("elements nest deeper than %d", MaxDepth)
			}
			if p.count++; p.count > MaxElements {
				return nil, fmt.Errorf("there are more than %d elements", MaxElements)
			}
			e := p.start(t)
			top.Children = append(top.Children, e)
			stack = append(stack, e)
			if len(texts) < len(stack) {
				texts = append(texts, &strings.Builder{})
			}
		case xml.EndElement:
			flush(top, text)
			if stack = stack[:len(stack)-1]; len(stack) == 0 {
				return root, nil
			}
		}
	}
}

// flush makes a child of the text that was collected.
func flush(e *Element, text *strings.Builder) {
	if text.Len() == 0 {
		return
	}
	if s := strings.Join(strings.Fields(text.String()), " "); s != "" {
		e.Children = append(e.Children, &Element{Text: s})
	}
	text.Reset()
}

func (p *parser) start(t xml.StartElement) *Element {
	e := &Element{Name: t.Name.Local, Space: p.space(t.Name.Space)}
	for _, a := range t.Attr {
		name := a.Name.Local
		switch {
		case a.Name.Space == "xmlns" || a.Name.Space == "" && name == "xmlns" || a.Name.Space == "http://www.w3.org/2001/XMLSchema-instance" || a.Name.Space == "xsi":
			continue
		case a.Name.Space == "http://www.w3.org/XML/1998/namespace" || a.Name.Space == "xml":
			name = "xml:" + name
		}
		e.Attrs = append(e.Attrs, Attr{name, strings.TrimSpace(a.Value)})
	}
	return e
}

// space returns the namespace that a prefix stands for which was declared outside.
func (p *parser) space(s string) string {
	if uri, ok := p.outer[s]; ok {
		return uri
	}
	return s
}
