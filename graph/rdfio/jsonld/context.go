// Package jsonld writes JSON-LD 1.1 with a serialiser of its own, by fixed contexts of
// short names, and reads JSON-LD through json-gold, which it lets load nothing.
package jsonld

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"mocban/graph"
)

// A Context is a fixed JSON-LD context: how terms are written, and where the context can be
// had. Terms maps a key to the IRI of a property or class, or to a namespace, which ends in
// a delimiter such as / or #.
type Context struct {
	IRI   graph.IRI // written as "@context"; empty embeds the terms in use instead
	Terms map[string]Term
}

// A Term is one entry of a context.
type Term struct {
	IRI  graph.IRI
	Type graph.IRI // "@id" for IRIs, a datatype, or "" for none
}

const idType = "@id"

// names is a context made ready for writing.
type names struct {
	ref     graph.IRI
	byIRI   map[graph.IRI][]*name // by name
	byName  map[string]*name
	spaces  []*name // namespaces, the longest first
	defined []*name // by name

	compacted map[graph.IRI]string // what compact returned
}

type name struct {
	key string
	Term
	used bool
}

func newNames(c *Context) *names {
	n := &names{byIRI: map[graph.IRI][]*name{}, byName: map[string]*name{}, compacted: map[graph.IRI]string{}}
	if c == nil {
		return n
	}
	n.ref = c.IRI
	all := make([]name, 0, len(c.Terms))
	for _, key := range slices.Sorted(maps.Keys(c.Terms)) {
		if key == "" || key[0] == '@' || c.Terms[key].IRI == "" {
			continue // not to be had in JSON-LD
		}
		all = append(all, name{key: key, Term: c.Terms[key]})
		e := &all[len(all)-1] // there is room for all: it stays where it is
		n.byName[key] = e
		n.defined = append(n.defined, e)
		if isNamespace(e.Term) {
			n.spaces = append(n.spaces, e)
		} else {
			n.byIRI[e.IRI] = append(n.byIRI[e.IRI], e)
		}
	}
	slices.SortStableFunc(n.spaces, func(a, b *name) int { return cmp.Compare(len(b.IRI), len(a.IRI)) })
	return n
}

// isNamespace tells whether JSON-LD takes a term for the prefix of compact IRIs (JSON-LD
// API, 4.2.2, 14.2.5): its definition is a string that ends in a gen-delim.
func isNamespace(t Term) bool {
	return t.Type == "" && strings.IndexByte(":/?#[]@", t.IRI[len(t.IRI)-1]) >= 0
}

// key returns the key of a property for a value of a type: "@id", a datatype, or "" for
// what needs none.
func (n *names) key(p graph.IRI, valueType graph.IRI) string {
	var best *name
	for _, e := range n.byIRI[p] {
		if e.Type == valueType {
			best = e
			break
		}
		if best == nil || e.Type == "" {
			best = e
		}
	}
	if best == nil {
		return n.compact(p)
	}
	best.used = true
	return best.key
}

// class returns how a class or a datatype is written as a @type.
func (n *names) class(c graph.IRI) string {
	for _, e := range n.byIRI[c] {
		if e.Type == "" {
			e.used = true
			return e.key
		}
	}
	return n.compact(c)
}

// compact returns an IRI by a prefix, or as it is.
func (n *names) compact(iri graph.IRI) string {
	short, ok := n.compacted[iri]
	if !ok {
		if len(n.compacted) >= 4096 {
			clear(n.compacted)
		}
		short = n.byPrefix(iri)
		n.compacted[iri] = short
	}
	return short
}

func (n *names) byPrefix(iri graph.IRI) string {
	for _, e := range n.spaces {
		local, ok := strings.CutPrefix(string(iri), string(e.IRI))
		if !ok || strings.HasPrefix(local, "//") {
			continue
		}
		if short := e.key + ":" + local; n.byName[short] == nil {
			e.used = true
			return short
		}
	}
	return string(iri)
}

// misread tells whether the reader of JSON-LD would take a whole IRI for a compact one, or
// for another term.
func (n *names) misread(iri string) bool {
	if e := n.byName[iri]; e != nil {
		return true
	}
	prefix, local, _ := strings.Cut(iri, ":")
	e := n.byName[prefix]
	return e != nil && isNamespace(e.Term) && !strings.HasPrefix(local, "//")
}
