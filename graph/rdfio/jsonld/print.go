package jsonld

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"mocban/graph"
	"mocban/graph/rdfio/document"
	"mocban/graph/rdfio/tree"
	"mocban/graph/rdfio/turtle"
)

const (
	rdfType    = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
	rdfNil     = "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil"
	rdfJSON    = "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON"
	xsdNS      = "http://www.w3.org/2001/XMLSchema#"
	xsdString  = xsdNS + "string"
	xsdInteger = xsdNS + "integer"
	xsdBoolean = xsdNS + "boolean"
	xsdDouble  = xsdNS + "double"
)

// printer writes nodes of a graph by a context.
type printer struct {
	*names
	checker document.Checker
	b       []byte
	err     error
	tree    *tree.Graph // nil in flat form: nothing is nested

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
