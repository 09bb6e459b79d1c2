package rdfxml

import (
	"cmp"
	"slices"
	"strings"
)

// canonicalXML writes the content of an XML literal in exclusive canonical form with
// comments (Exclusive XML Canonicalization 1.0), as RDF/XML, 7.2.17 wants it.
type canonicalXML struct {
	b     []byte
	max   int
	depth int
	names []string   // of open elements
	shown [][]string // prefix, namespace, ... that each shows
}

func newCanonicalXML(max int) *canonicalXML { return &canonicalXML{max: max} }

// add writes a token and tells whether there was room.
func (c *canonicalXML) add(tok token) bool {
	switch tok.kind {
	case startTag:
		c.start(tok.elem)
	case endTag:
		c.depth--
		c.b = append(append(append(c.b, "</"...), c.names[c.depth]...), '>')
		c.names, c.shown = c.names[:c.depth], c.shown[:c.depth]
	case charData:
		c.text(tok.text)
	case comment:
		c.b = append(append(append(c.b, "<!--"...), lineEnds(tok.text)...), "-->"...)
	case procInst:
		target, data, found := strings.Cut(lineEnds(tok.text), " ")
		c.b = append(append(c.b, "<?"...), target...)
		if found {
			c.b = append(append(c.b, ' '), strings.TrimLeft(data, blanks)...)
		}
		c.b = append(c.b, "?>"...)
	}
	return len(c.b) <= c.max
}

func (c *canonicalXML) start(e *element) {
	name := qualified(e.prefix, e.name.local)
	c.b = append(append(c.b, '<'), name...)
	used := []string{e.prefix}
	for _, a := range e.attrs {
		if a.prefix != "" && a.prefix != "xml" && !slices.Contains(used, a.prefix) {
			used = append(used, a.prefix)
		}
	}
	slices.Sort(used)
	var shown []string
	for _, prefix := range used {
		ns, _ := e.scope.lookup(prefix)
		if prefix == "xml" || c.shows(prefix) == ns {
			continue
		}
		shown = append(shown, prefix, ns)
		c.attribute(strings.TrimSuffix("xmlns:"+prefix, ":"), ns)
	}
	attrs := slices.SortedFunc(slices.Values(e.attrs), func(a, b attr) int {
		return cmp.Or(cmp.Compare(a.name.space, b.name.space), cmp.Compare(a.name.local, b.name.local))
	})
	for _, a := range attrs {
		c.attribute(qualified(a.prefix, a.name.local), a.value)
	}
	c.b = append(c.b, '>')
	c.names, c.shown = append(c.names, name), append(c.shown, shown)
	c.depth++
}

func qualified(prefix, local string) string {
	if prefix == "" {
		return local
	}
	return prefix + ":" + local
}

// shows returns the namespace that a prefix stands for in what was written.
func (c *canonicalXML) shows(prefix string) string {
	for i := len(c.shown) - 1; i >= 0; i-- {
		for j := 0; j < len(c.shown[i]); j += 2 {
			if c.shown[i][j] == prefix {
				return c.shown[i][j+1]
			}
		}
	}
	return ""
}

var (
	textEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;")
	attrEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\t", "&#x9;", "\n", "&#xA;", "\r", "&#xD;")
)

func (c *canonicalXML) text(s string) {
	c.b = append(c.b, textEscapes.Replace(s)...)
}

func (c *canonicalXML) attribute(name, value string) {
	c.b = append(append(append(c.b, ' '), name...), `="`...)
	c.b = append(append(c.b, attrEscapes.Replace(value)...), '"')
}
