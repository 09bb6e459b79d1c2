package tree

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ParseJSON reads an object: each member becomes an element of its name, each element of an
// array one more of the same name. A member called @id, @type, @context, @value or @language
// is an attribute, and so is one called id or type.
func ParseJSON(text []byte) (*Element, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	p := jsonParser{d: d}
	t, err := d.Token()
	if err != nil {
		return nil, p.at(err)
	}
	if t != json.Delim('{') {
		return nil, errors.New("an object is expected")
	}
	root := &Element{Name: "object"}
	if err := p.object(root, 1); err != nil {
		return nil, p.at(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, p.at(errors.New("something follows the object"))
	}
	return root, nil
}

type jsonParser struct {
	d     *json.Decoder
	count int
}

func (p *jsonParser) at(err error) error { return fmt.Errorf("byte %d: %w", p.d.InputOffset(), err) }

func (p *jsonParser) object(e *Element, depth int) error {
	seen := map[string]bool{}
	for {
		t, err := p.d.Token()
		if err != nil {
			return err
		}
		if t == json.Delim('}') {
			return nil
		}
		name, ok := t.(string)
		if !ok || name == "" {
			return errors.New("a member without a name")
		}
		if seen[name] {
			return fmt.Errorf("the member %q appears twice", name)
		}
		seen[name] = true
		if err := p.member(e, name, depth); err != nil {
			return err
		}
	}
}

// member reads the value of a member: none, one element or several.
func (p *jsonParser) member(e *Element, name string, depth int) error {
	if depth > MaxDepth {
		return fmt.Errorf("values nest deeper than %d", MaxDepth)
	}
	if p.count++; p.count > MaxElements {
		return fmt.Errorf("there are more than %d values", MaxElements)
	}
	t, err := p.d.Token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			child := &Element{Name: name}
			e.Children = append(e.Children, child)
			return p.object(child, depth+1)
		}
		for p.d.More() {
			if err := p.member(e, name, depth+1); err != nil {
				return err
			}
		}
		_, err := p.d.Token()
		return err
	case nil:
		return nil
	default:
		p.scalar(e, name, strings.Join(strings.Fields(fmt.Sprint(t)), " "))
	}
	return nil
}

func (p *jsonParser) scalar(e *Element, name, value string) {
	if bare, ok := attribute(name); ok {
		if have := e.Attr(bare); have != "" {
			value = have + " " + value
		}
		e.Set(bare, value)
		return
	}
	child := &Element{Name: name}
	if value != "" {
		child.Children = []*Element{{Text: value}}
	}
	e.Children = append(e.Children, child)
}

// attribute tells the members that are attributes, and what those are called.
func attribute(name string) (bare string, ok bool) {
	switch name {
	case "id", "type":
		return name, true
	case "@id", "@type", "@context", "@value", "@language":
		return name[1:], true
	}
	return "", false
}
