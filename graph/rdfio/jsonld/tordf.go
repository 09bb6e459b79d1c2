package jsonld

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/graph/rdfio/document"
	"mocban/graph/rdfio/iri"
)

// converter makes quads of an expanded document (JSON-LD 1.1 API, 8). json-gold could, but
// it drops IRIs that it takes for no URLs, and numbers beyond a float64.
type converter struct {
	blanks    document.Blanks
	tags      tags
	from      *preparer
	direction string     // see api
	graph     graph.Term // the one that is being filled
	quads     []graph.Quad
	err       error
}

func toRDF(nodes []any, o document.Options, from *preparer, seen tags, direction string) ([]graph.Quad, error) {
	c := converter{tags: seen, blanks: document.NewBlanks(o), from: from, graph: o.Graph, direction: direction}
	for _, n := range nodes {
		c.node(n, 0)
	}
	return c.quads, c.err
}

func (c *converter) fail(format string, args ...any) {
	if c.err == nil {
		c.err = broken(format, args...)
	}
}

// ref returns the term of an IRI or a blank node. What is no absolute IRI is none, as the
// standard has it; but that a document needs a base it has not is told.
func (c *converter) ref(s string) (graph.Term, bool) {
	if label, ok := strings.CutPrefix(s, "_:"); ok {
		return c.blanks.Named(label), true
	}
	rest, relative := strings.CutPrefix(s, noBase)
	switch {
	case s == "": // nothing that could be a name
		return graph.Term{}, false
	case c.from.atTop && c.from.base != "":
		if s == unresolved {
			s = "" // which names the document
		}
		s = c.from.resolve(s)
	case relative, c.from.atTop && !c.from.moved && iri.Scheme(s) == 0:
		c.fail("relative IRI %.80q and no base", rest)
		return graph.Term{}, false
	}
	return graph.IRI(s).Term(), wellFormed(s)
}

// wellFormed tells whether s is an IRI that RDF can hold.
func wellFormed(s string) bool {
	return iri.Check(s) && strings.Count(s, "#") <= 1 // "##" comes of gluing a vocabulary to a fragment
}

func (c *converter) add(s graph.Term, p graph.IRI, o graph.Term) {
	c.quads = append(c.quads, graph.Quad{S: s, P: p, O: o, G: c.graph})
}

// node adds what a node object says and returns its subject.
func (c *converter) node(v any, depth int) (subject graph.Term, ok bool) {
	object, isObject := v.(map[string]any)
	if !isObject || depth > 4*document.MaxDepth {
		c.fail("a node object is expected")
		return graph.Term{}, false
	}
	if id, has := object["@id"].(string); has {
		subject, ok = c.ref(id)
	} else {
		subject, ok = c.blanks.Fresh(), true
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		c.entry(subject, ok, key, object[key], depth)
	}
	return subject, ok
}

// entry adds one entry of a node object, whose subject may be none that RDF has.
func (c *converter) entry(s graph.Term, ok bool, key string, value any, depth int) {
	switch {
	case key == "@type":
		for _, class := range array(value) {
			if text, isText := class.(string); isText {
				if o, good := c.ref(text); good && ok {
					c.add(s, rdfType, o)
				}
			}
		}
	case key == "@graph":
		outer := c.graph
		c.graph = s
		from := len(c.quads)
		for _, v := range array(value) {
			c.node(v, depth+1)
		}
		if c.graph = outer; !ok {
			c.quads = c.quads[:from]
		}
	case key == "@included":
		for _, v := range array(value) {
			c.node(v, depth+1)
		}
	case key == "@reverse":
		reverse, _ := value.(map[string]any)
		for _, p := range slices.Sorted(maps.Keys(reverse)) {
			for _, v := range array(reverse[p]) {
				if from, good := c.node(v, depth+1); good && ok && wellFormed(p) {
					c.add(from, graph.IRI(p), s)
				}
			}
		}
	case strings.HasPrefix(key, "@"):
	default:
		for _, v := range array(value) {
			if o, good := c.object(v, depth+1); good && ok && wellFormed(key) {
				c.add(s, graph.IRI(key), o)
			}
		}
	}
}

// array returns the elements of an array.
func array(v any) []any {
	if a, ok := v.([]any); ok {
		return a
	}
	return []any{v}
}

// object returns the term of a value, and adds what that says itself.
func (c *converter) object(v any, depth int) (graph.Term, bool) {
	object, ok := v.(map[string]any)
	if !ok {
		c.fail("a value object is expected")
		return graph.Term{}, false
	}
	if value, ok := object["@value"]; ok {
		return c.literal(value, object)
	}
	if list, ok := object["@list"]; ok {
		return c.list(array(list), depth), true
	}
	return c.node(v, depth)
}

func (c *converter) list(items []any, depth int) graph.Term {
	const rdfNS = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	cells := make([]graph.Term, len(items)+1)
	for i := range items {
		cells[i] = c.blanks.Fresh()
	}
	cells[len(items)] = graph.IRI(rdfNil).Term()
	for i, item := range items {
		if o, ok := c.object(item, depth+1); ok {
			c.add(cells[i], rdfNS+"first", o)
		}
		c.add(cells[i], rdfNS+"rest", cells[i+1])
	}
	return cells[0]
}

// tag is a language tag that RDF can hold.
var tag = regexp.MustCompile(`^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$`)

// literal returns the literal of a value object (JSON-LD 1.1 API, 8.3).
func (c *converter) literal(value any, object map[string]any) (graph.Term, bool) {
	datatype, isText := object["@type"].(string)
	if _, has := object["@type"]; has && !isText {
		c.fail("the type of a value is one IRI")
		return graph.Term{}, false
	}
	if datatype == "@json" {
		b, err := appendCanonical(nil, value)
		if err != nil {
			c.fail("%v", err)
		}
		return graph.Literal(string(b), rdfJSON), err == nil
	}
	if datatype != "" && !iri.Check(datatype) {
		c.fail("datatype %.80q is no absolute IRI", datatype)
		return graph.Term{}, false
	}
	or := func(implied string) graph.IRI {
		if datatype != "" {
			return graph.IRI(datatype)
		}
		return graph.IRI(implied)
	}
	switch v := value.(type) {
	case string:
		if dir, ok := object["@direction"].(string); ok && c.direction != "" {
			return c.directed(v, dir, object["@language"])
		}
		if lang, ok := object["@language"].(string); ok {
			return graph.Text(v, c.tags.written(lang)), tag.MatchString(lang)
		}
		return graph.Literal(v, graph.IRI(datatype)), true
	case bool:
		return graph.Literal(strconv.FormatBool(v), or(xsdBoolean)), true
	case json.Number:
		text, implied := number(v, datatype)
		return graph.Literal(text, or(implied)), true
	case float64:
		text, implied := number(json.Number(strconv.FormatFloat(v, 'g', -1, 64)), datatype)
		return graph.Literal(text, or(implied)), true
	}
	return graph.Term{}, false
}

// directed returns a text with a base direction as the API has it (JSON-LD 1.1 API, 8.3, 12 and 13):
// in a datatype, or as a node of its own.
func (c *converter) directed(text, dir string, language any) (graph.Term, bool) {
	lang, _ := language.(string)
	lang = strings.ToLower(lang)
	if c.direction == "i18n-datatype" {
		return graph.Literal(text, graph.IRI("https://www.w3.org/ns/i18n#"+lang+"_"+dir)), true
	}
	const rdfNS = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	node := c.blanks.Fresh()
	c.add(node, rdfNS+"value", graph.String(text))
	if lang != "" {
		c.add(node, rdfNS+"language", graph.String(lang))
	}
	c.add(node, rdfNS+"direction", graph.String(dir))
	return node, true
}

// number returns the lexical form of a number, and the datatype it implies.
func number(n json.Number, datatype string) (text, implied string) {
	f, _ := n.Float64()
	if datatype != xsdDouble {
		if s := string(n); !strings.ContainsAny(s, ".eE") && len(strings.TrimPrefix(s, "-")) <= 21 {
			if s == "-0" {
				s = "0"
			}
			return s, xsdInteger // as written, beyond what a float64 can hold
		}
		if f == math.Trunc(f) && math.Abs(f) < 1e21 {
			return strconv.FormatFloat(f+0, 'f', 0, 64), xsdInteger
		}
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'E', -1, 64), "E")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	e, _ := strconv.Atoi(exponent)
	return fmt.Sprintf("%sE%d", mantissa, e), xsdDouble
}
