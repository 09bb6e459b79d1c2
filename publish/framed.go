package publish

import (
	"encoding/json"
	"net/http"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"mocban/graph"
	"mocban/publish/resource"
	"mocban/publish/web"
	"mocban/vocab"
	"mocban/vocab/bf"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
	"mocban/vocab/schema"
	"mocban/vocab/xsd"
)

// contextName is the JSON-LD context of framed JSON. What it says never changes: another one
// gets another name.
const contextName = "thing-v1.jsonld"

// thingContext returns the context that makes framed JSON the triples of the store.
func thingContext() map[string]any {
	terms := map[string]any{
		"@vocab": string(bf.NS), "id": "@id", "type": "@type", "value": "@value", "lang": "@language",
		"graph": "@graph", "reverse": "@reverse", "label": string(rdfs.Label),
	}
	for prefix, ns := range vocab.Prefixes {
		terms[prefix] = string(ns)
	}
	return terms
}

// context serves the context, for everybody and for ever.
func (s *site) context(w http.ResponseWriter, r *http.Request) error {
	if !strings.HasSuffix(r.URL.Path, "/context/"+contextName) {
		return graph.ErrNotFound
	}
	body, err := json.MarshalIndent(map[string]any{"@context": thingContext()}, "", "  ")
	if err != nil {
		return err
	}
	s.send(w, r, answer{contentType: "application/ld+json", body: body, cache: cacheImmutable})
	return nil
}

// framed writes a thing as a tree of JSON: BIBFRAME names as keys, labels beside what is
// pointed at, and under "reverse" what points at the thing. With the context of the Link
// header it is JSON-LD whose triples are those of the store.
func framed(r *resource.Resource, record bool) []byte {
	j := &jsonWriter{r: r}
	if record {
		j.record()
	} else {
		j.node(r.Root, true)
	}
	j.b = append(j.b, '\n')
	return j.b
}

// jsonWriter writes JSON by hand: keys are few and known, values many.
type jsonWriter struct {
	r    *resource.Resource
	b    []byte
	bare bool // whether things are pointed at without labels
}

func (j *jsonWriter) raw(s string) { j.b = append(j.b, s...) }

// text writes a JSON string that may also stand in a script element.
func (j *jsonWriter) text(s string) { j.b = appendJSON(j.b, s) }

func appendJSON(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			switch {
			case r == utf8.RuneError && n == 1:
				b = append(append(b, s[start:i]...), `\ufffd`...)
				start = i + n
			case r == '\u2028' || r == '\u2029':
				b = append(append(b, s[start:i]...), `\u202`...)
				b = append(b, hex[r&15])
				start = i + n
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			b = append(b, `\u00`...)
			b = append(b, hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

// key returns the name of a property, and name that of a class.
func key(p graph.IRI) string {
	if local, ok := strings.CutPrefix(string(p), string(bf.NS)); ok && local != "" && !strings.ContainsAny(local, ":/#?") {
		return local
	}
	if p == rdfs.Label {
		return "label"
	}
	return web.Short(string(p))
}

// node writes a node. The thing itself also says what points at it.
func (j *jsonWriter) node(n *resource.Node, root bool) {
	j.raw("{")
	first := true
	field := func(name string) {
		if !first {
			j.raw(",")
		}
		first = false
		j.text(name)
		j.raw(":")
	}
	if n.Term.IsIRI() {
		field("id")
		j.text(n.Term.Value())
	} else if n.Term.IsBlank() {
		field("id")
		j.text("_:" + n.Term.Value())
	}
	for _, p := range n.Props {
		if p.IRI == rdf.Type && !slices.ContainsFunc(p.Values, func(v resource.Value) bool { return !v.Term.IsIRI() || v.Part != nil }) {
			field("type")
			j.list(len(p.Values), func(i int) { iri, _ := p.Values[i].Term.IRI(); j.text(key(iri)) })
			continue
		}
		if p.IRI == rdf.Type {
			field(string(rdf.Type))
		} else {
			field(key(p.IRI))
		}
		j.list(len(p.Values), func(i int) { j.value(p.Values[i]) })
	}
	if root && len(j.r.In) > 0 {
		field("reverse")
		j.reverse()
	}
	j.raw("}")
}

// list writes one value, or an array of several.
func (j *jsonWriter) list(n int, write func(i int)) {
	if n != 1 {
		j.raw("[")
	}
	for i := range n {
		if i > 0 {
			j.raw(",")
		}
		write(i)
	}
	if n != 1 {
		j.raw("]")
	}
}

func (j *jsonWriter) value(v resource.Value) {
	switch {
	case v.Part != nil:
		j.node(v.Part, false)
	case v.Term.IsLiteral():
		j.literal(v.Term)
	default:
		j.thing(v.Term)
	}
}

func (j *jsonWriter) literal(t graph.Term) {
	dt := t.Datatype()
	switch {
	case t.Lang() != "":
		j.raw(`{"value":`)
		j.text(t.Value())
		j.raw(`,"lang":`)
		j.text(t.Lang())
		j.raw("}")
	case dt == xsd.String:
		j.text(t.Value())
	default:
		j.raw(`{"value":`)
		j.text(t.Value())
		j.raw(`,"type":`)
		j.text(key(dt))
		j.raw("}")
	}
}

// thing points at another thing, with its labels.
func (j *jsonWriter) thing(t graph.Term) {
	j.raw(`{"id":`)
	if t.IsBlank() {
		j.text("_:" + t.Value())
	} else {
		j.text(t.Value())
	}
	if labels := j.r.LabelsOf(t, rdfs.Label); len(labels) > 0 && !j.bare {
		j.raw(`,"label":`)
		j.list(len(labels), func(i int) { j.literal(labels[i]) })
	}
	j.raw("}")
}

// reverse writes what points at the thing, by property. Parts stand between.
func (j *jsonWriter) reverse() {
	type way struct {
		last  graph.IRI
		links []resource.Link
	}
	var ways []way
	for _, l := range j.r.In {
		last := l.Path[len(l.Path)-1]
		i := slices.IndexFunc(ways, func(w way) bool { return w.last == last })
		if i < 0 {
			ways, i = append(ways, way{last: last}), len(ways)
		}
		ways[i].links = append(ways[i].links, l)
	}
	j.raw("{")
	for i, w := range ways {
		if i > 0 {
			j.raw(",")
		}
		j.text(key(w.last))
		j.raw(":")
		j.list(len(w.links), func(k int) { j.link(w.links[k], len(w.links[k].Path)-1) })
	}
	j.raw("}")
}

// link writes who is at the far end of a path of depth properties.
func (j *jsonWriter) link(l resource.Link, depth int) {
	if depth == 0 {
		j.thing(l.From)
		return
	}
	j.raw("{")
	if depth == 1 && l.Part != nil {
		if l.Part.Term.IsBlank() {
			j.raw(`"id":`)
			j.text("_:" + l.Part.Term.Value())
		} else {
			j.raw(`"id":`)
			j.text(l.Part.Term.Value())
		}
		for _, p := range l.Part.Props {
			j.raw(",")
			if p.IRI == rdf.Type {
				j.raw(`"type":`)
				j.list(len(p.Values), func(i int) { iri, _ := p.Values[i].Term.IRI(); j.text(key(iri)) })
				continue
			}
			j.text(key(p.IRI))
			j.raw(":")
			j.list(len(p.Values), func(i int) { j.value(p.Values[i]) })
		}
		j.raw(",")
	}
	j.raw(`"reverse":{`)
	j.text(key(l.Path[depth-1]))
	j.raw(":")
	j.link(l, depth-1)
	j.raw("}}")
}

// record writes all statements of a record as a named graph.
func (j *jsonWriter) record() {
	bySubject := make(map[graph.Term][]graph.Quad)
	var subjects []graph.Term
	for _, q := range j.r.Own() {
		if _, ok := bySubject[q.S]; !ok {
			subjects = append(subjects, q.S)
		}
		bySubject[q.S] = append(bySubject[q.S], q)
	}
	j.raw(`{"id":`)
	j.text(j.r.Thing.Value())
	j.raw(`,"graph":[`)
	j.bare = true // labels may stand in other graphs
	for i, s := range subjects {
		if i > 0 {
			j.raw(",")
		}
		n := &resource.Node{Term: s}
		for _, q := range bySubject[s] {
			if k := len(n.Props); k == 0 || n.Props[k-1].IRI != q.P {
				n.Props = append(n.Props, resource.Prop{IRI: q.P})
			}
			p := &n.Props[len(n.Props)-1]
			p.Values = append(p.Values, resource.Value{Term: q.O})
		}
		j.node(n, false)
	}
	j.raw("]}")
}

// schemaOf writes the Schema.org description of a thing for the head of its page, or nothing
// if the store has none.
func schemaOf(r *resource.Resource) []byte {
	s := &schemaWriter{jsonWriter: jsonWriter{r: r}}
	s.raw(`{"@context":{"@vocab":"`)
	s.raw(string(schema.NS))
	s.raw(`"},"@id":`)
	s.text(r.Thing.Value())
	if !s.props(r.Root) {
		return nil
	}
	s.raw("}")
	return s.b
}

type schemaWriter struct {
	jsonWriter
	brief bool // whether only what is said in words is written, of a thing that is near
}

// inWords tells whether a property says something without pointing at another thing.
func inWords(p resource.Prop) bool {
	return !slices.ContainsFunc(p.Values, func(v resource.Value) bool {
		return !v.Term.IsLiteral() && !strings.HasPrefix(v.Term.Value(), string(schema.NS))
	})
}

// near returns what is known of a thing beside the one that is described: the edition of a
// work with its ISBN, the copy of an instance.
func (s *schemaWriter) near(t graph.Term) *resource.Node {
	i := slices.IndexFunc(s.r.Near, func(n *resource.Node) bool { return n.Term == t })
	if i < 0 || s.brief {
		return nil
	}
	return s.r.Near[i]
}

// props writes the classes and properties of Schema.org that a node has.
func (s *schemaWriter) props(n *resource.Node) (any bool) {
	var types []string
	for _, v := range n.Values(rdf.Type) {
		if local, ok := strings.CutPrefix(v.Term.Value(), string(schema.NS)); ok {
			types = append(types, local)
		}
	}
	sort.Strings(types)
	if len(types) > 0 {
		s.raw(`,"@type":`)
		s.list(len(types), func(i int) { s.text(types[i]) })
		any = true
	}
	for _, p := range n.Props {
		local, ok := strings.CutPrefix(string(p.IRI), string(schema.NS))
		if !ok || s.brief && !inWords(p) {
			continue
		}
		any = true
		s.raw(",")
		s.text(local)
		s.raw(":")
		s.list(len(p.Values), func(i int) { s.value(p.Values[i]) })
	}
	return any
}

func (s *schemaWriter) value(v resource.Value) {
	switch {
	case v.Term.IsLiteral():
		s.literal(v.Term)
	case v.Part != nil:
		s.raw(`{"@id":`)
		if v.Term.IsBlank() {
			s.text("_:" + v.Term.Value())
		} else {
			s.text(v.Term.Value())
		}
		s.props(v.Part)
		s.raw("}")
	default:
		s.raw(`{"@id":`)
		s.text(v.Term.Value())
		if n := s.near(v.Term); n != nil {
			s.brief = true
			s.props(n)
			s.brief = false
		} else if names := s.r.LabelsOf(v.Term, schema.Name); len(names) > 0 {
			s.raw(`,"name":`)
			s.list(len(names), func(i int) { s.literal(names[i]) })
		}
		s.raw("}")
	}
}

func (s *schemaWriter) literal(t graph.Term) {
	switch dt := t.Datatype(); {
	case t.Lang() != "":
		s.raw(`{"@value":`)
		s.text(t.Value())
		s.raw(`,"@language":`)
		s.text(t.Lang())
		s.raw("}")
	case dt == xsd.String:
		s.text(t.Value())
	default:
		s.raw(`{"@value":`)
		s.text(t.Value())
		s.raw(`,"@type":`)
		s.text(string(dt))
		s.raw("}")
	}
}
