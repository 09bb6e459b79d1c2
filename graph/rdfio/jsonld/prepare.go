package jsonld

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"mocban/graph/rdfio/iri"
)

// unresolved is what json-gold is told to be the base. It cannot parse it, and leaves relative
// IRIs as they are, so that we resolve them by RFC 3986 when they come out; the base itself is
// what comes of an empty one.
const unresolved = "no-base://%"

// A preparer changes a document before json-gold sees it, so that json-gold reads it as the
// standard does: it resolves IRIs in another way, has no contexts of @nest, and accepts contexts
// that it should not.
type preparer struct {
	base   string // that IRIs of the document are resolved against; "" for none
	moved  bool   // the document has set it
	atTop  bool   // whether @base stands in the contexts of the outermost object only
	vocab  bool   // a context before has set @vocab
	nested int    // nodes that were made of @nest
	err    error

	json    map[string]bool // terms whose values are JSON, and not ours to change
	aliases map[string]bool // of @id

	scopedNest bool // some term stands for @nest and has a context
}

func (p *preparer) fail(format string, args ...any) {
	if p.err == nil {
		p.err = broken(format, args...)
	}
}

// document prepares a document that was read from base.
func (p *preparer) document(v any, base string) any {
	p.base, p.json, p.aliases = base, map[string]bool{"@value": true}, map[string]bool{"@id": true}
	p.learn(v, false)
	top, _ := v.(map[string]any)
	p.atTop = countBases(v, false) == countTop(top)
	if p.atTop {
		for _, c := range contextsOf(top["@context"]) {
			p.setBase(c)
		}
	}
	p.contexts(v)
	return p.value(v, terms{})
}

// learn notes what terms mean in any context.
func (p *preparer) learn(v any, inContext bool) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			p.learn(e, inContext)
		}
	case map[string]any:
		for k, e := range v {
			if inContext && !strings.HasPrefix(k, "@") {
				entry, _ := e.(map[string]any)
				p.json[k] = p.json[k] || entry["@type"] == "@json"
				p.scopedNest = p.scopedNest || entry["@id"] == "@nest" && entry["@context"] != nil
				p.aliases[k] = p.aliases[k] || e == "@id" || entry["@id"] == "@id"
			}
			p.learn(e, inContext || k == "@context")
		}
	}
}

// contextsOf returns the contexts of an @context: a single one or several.
func contextsOf(c any) []any {
	if list, ok := c.([]any); ok {
		return list
	}
	if c == nil {
		return nil
	}
	return []any{c}
}

func countTop(top map[string]any) (n int) {
	for _, c := range contextsOf(top["@context"]) {
		if m, ok := c.(map[string]any); ok {
			if _, has := m["@base"]; has {
				n++
			}
		}
	}
	return n
}

// countBases counts the entries @base of all contexts in a value.
func countBases(v any, inContext bool) (n int) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			n += countBases(e, inContext)
		}
	case map[string]any:
		for k, e := range v {
			if inContext && k == "@base" {
				n++
			}
			n += countBases(e, inContext || k == "@context")
		}
	}
	return n
}

// setBase notes the base that a context of the outermost object sets (JSON-LD 1.1 API, 4.1.2,
// 5.7), takes it out, and resolves @vocab by it.
func (p *preparer) setBase(c any) {
	m, ok := c.(map[string]any)
	if !ok {
		return
	}
	if b, has := m["@base"]; has {
		delete(m, "@base")
		p.moved = true
		switch b := b.(type) {
		case nil:
			p.base = ""
		case string:
			if p.base == "" && iri.Scheme(b) == 0 {
				p.fail("@base %.80q is relative, and there is none before it", b)
			}
			p.base = p.resolve(b)
		default:
			p.fail("@base is no text")
		}
	}
}

// resolve resolves an IRI against the base, if there is one (RFC 3986, 5.2).
func (p *preparer) resolve(ref string) string {
	if iri.Scheme(ref) > 0 {
		return ref
	}
	if b, ok := iri.Parse(p.base); ok {
		return b.Resolve(ref)
	}
	return ref
}

// keyword is what has the form of a keyword.
var keyword = regexp.MustCompile(`^@[a-zA-Z]+$`)

// keywords are those that there are, and must not be terms. @type may be, in part.
var keywords = strings.Fields("@context @default @direction @embed @explicit @graph @id @import @included @index @json @language @list @nest @none @prefix @propagate @protected @requireAll @reverse @set @value @version @vocab @container @base")

// entries are the keywords that a context may hold.
var entries = strings.Fields("@base @direction @import @language @propagate @protected @type @version @vocab")

// contexts checks all contexts of a value, and mends them.
func (p *preparer) contexts(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			p.contexts(e)
		}
	case map[string]any:
		var protected []string // terms that are null and must stay so
		for _, c := range contextsOf(v["@context"]) {
			if m, ok := c.(map[string]any); ok {
				p.context(m, &protected)
			}
		}
		for k, e := range v {
			if k != "@context" && !p.json[k] {
				p.contexts(e)
			}
		}
	}
}

func (p *preparer) context(m map[string]any, protected *[]string) {
	if v, ok := m["@vocab"].(string); ok && p.atTop {
		if p.base != "" && !p.vocab && relativeVocab(v) {
			m["@vocab"] = p.resolve(v)
		}
		p.vocab = true // to which another one that is relative is added
	}
	all, _ := m["@protected"].(bool)
	for _, term := range slices.Sorted(maps.Keys(m)) {
		definition := m[term]
		entry, _ := definition.(map[string]any)
		switch {
		case term == "":
			p.fail("a context defines the empty term")
		case term == "@type":
			if _, set := entry["@container"]; !set && entry["@protected"] == nil {
				p.fail("a context redefines the keyword @type")
			}
		case slices.Contains(keywords, term) && !slices.Contains(entries, term):
			p.fail("a context redefines the keyword %s", term)
		}
		if slices.Contains(*protected, term) && definition != nil && (entry == nil || entry["@id"] != nil) {
			p.fail("a context redefines the protected term %.80q", term)
		}
		if all && definition == nil && !strings.HasPrefix(term, "@") {
			*protected = append(*protected, term)
		}
		if to, ok := entry["@reverse"].(string); ok && keyword.MatchString(to) {
			delete(m, term) // what looks like a keyword is none, and no term (4.2.2, 14.3)
		}
		var none []string
		for _, c := range contextsOf(entry["@context"]) {
			if scoped, ok := c.(map[string]any); ok {
				p.context(scoped, &none)
			}
		}
	}
}

// relativeVocab tells whether a value of @vocab is a relative IRI, and neither term nor compact
// IRI.
func relativeVocab(v string) bool {
	return v == "" || strings.ContainsAny(v[:1], "/#?.")
}

// terms are those whose values are written otherwise before json-gold sees them, by the context
// that they have.
type terms map[string]rewriting

// A rewriting is one of two: what is nested under a term with a context becomes a node of its own,
// and what a term that clears the context puts into a graph stands in one from the beginning.
type rewriting struct {
	nest    bool
	context any // of nest
}

// with returns the terms with those that a context adds or takes away.
func (p *preparer) with(t terms, context any) terms {
	if context == nil {
		return terms{}
	}
	for _, c := range contextsOf(context) {
		m, ok := c.(map[string]any)
		if c == nil {
			t = terms{}
		}
		if !ok {
			continue
		}
		t = maps.Clone(t)
		for term, definition := range m {
			delete(t, term)
			entry, _ := definition.(map[string]any)
			scoped, has := entry["@context"]
			switch {
			case p.scopedNest && (definition == "@nest" || entry["@id"] == "@nest"):
				if has && scoped == nil {
					scoped = []any{nil} // which clears the context around it
				}
				t[term] = rewriting{nest: true, context: scoped}
			case has && scoped == nil && slices.Equal(contextsOf(entry["@container"]), []any{"@graph"}):
				delete(entry, "@container")
				t[term] = rewriting{}
			}
		}
	}
	return t
}

// value rewrites the values of such terms.
func (p *preparer) value(v any, t terms) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = p.value(v[i], t)
		}
	case map[string]any:
		p.object(v, t)
	}
	return v
}

func (p *preparer) object(v map[string]any, t terms) {
	if c, has := v["@context"]; has {
		t = p.with(t, c)
	}
	var apart []any
	var id any
	for _, term := range slices.Sorted(maps.Keys(v)) {
		r, rewritten := t[term]
		if term == "@nest" && p.scopedNest {
			r, rewritten = rewriting{nest: true}, true
		}
		switch {
		case term == "@context" || p.json[term]:
		case rewritten && r.nest:
			if id == nil {
				id = p.idOf(v)
			}
			apart = append(apart, p.unnest(term, v[term], r.context, id, t)...)
			delete(v, term)
		case rewritten:
			var graphs []any
			for _, inner := range contextsOf(p.value(v[term], terms{})) {
				if _, isObject := inner.(map[string]any); isObject {
					inner = map[string]any{"@graph": []any{inner}}
				}
				graphs = append(graphs, inner)
			}
			v[term] = graphs
		default:
			v[term] = p.value(v[term], t)
		}
	}
	if apart != nil {
		v["@included"] = append(contextsOf(v["@included"]), apart...)
	}
}

// idOf returns what an object is called, and calls one that has no name by a new blank node.
func (p *preparer) idOf(v map[string]any) any {
	for k, id := range v {
		if p.aliases[k] {
			return id
		}
	}
	p.nested++
	id := fmt.Sprintf("_:nest of ours %d", p.nested) // no label of a document has a space
	v["@id"] = id
	return id
}

// unnest returns what is nested under a term with a context as objects of their own: they say of
// the same thing, by another context, what the standard lets the object around them say (JSON-LD
// 1.1 API, 5.1.2, 14.2).
func (p *preparer) unnest(term string, v, context, id any, t terms) (apart []any) {
	for _, inner := range contextsOf(v) {
		object, ok := inner.(map[string]any)
		if !ok {
			p.fail("the value of %.80q, which is nested, is no object", term)
			continue
		}
		if context != nil {
			object["@context"] = slices.Concat(contextsOf(context), contextsOf(object["@context"]))
		}
		object["@id"] = id
		p.object(object, t)
		apart = append(apart, object)
	}
	return apart
}

// scoped calls f for each context that terms have, with those around it, if it holds terms with
// contexts itself: json-gold looks at such only if they are used.
func scoped(around []any, f func(contexts []any)) {
	last, _ := around[len(around)-1].(map[string]any)
	for _, term := range slices.Sorted(maps.Keys(last)) {
		entry, _ := last[term].(map[string]any)
		for _, c := range contextsOf(entry["@context"]) {
			if m, ok := c.(map[string]any); ok && holdsContexts(m) {
				inner := append(slices.Clone(around), m)
				f(inner)
				scoped(inner, f)
			}
		}
	}
}

func holdsContexts(context map[string]any) bool {
	for _, definition := range context {
		if entry, ok := definition.(map[string]any); ok && entry["@context"] != nil {
			return true
		}
	}
	return false
}
