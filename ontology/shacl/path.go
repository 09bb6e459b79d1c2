package shacl

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mocban/graph"
	"mocban/vocab"
	"mocban/vocab/rdf"
	"mocban/vocab/sh"
)

// A pathKind says how a path is made (SHACL, 2.3.1).
type pathKind uint8

const (
	predicatePath pathKind = iota
	inversePath
	sequencePath
	alternativePath
	zeroOrMorePath
	oneOrMorePath
	zeroOrOnePath
)

// A path is a property path.
type path struct {
	kind     pathKind
	property graph.IRI
	node     node // of the property
	parts    []*path
}

// maxPathDepth bounds how paths stand within one another.
const maxPathDepth = 100

// unary are the properties of paths with one part.
var unary = []struct {
	property graph.IRI
	kind     pathKind
}{
	{sh.InversePath, inversePath},
	{sh.ZeroOrMorePath, zeroOrMorePath},
	{sh.OneOrMorePath, oneOrMorePath},
	{sh.ZeroOrOnePath, zeroOrOnePath},
}

// path compiles a path. Where a node could be several paths, a list wins.
func (c *compiler) path(t graph.Term, depth int) (*path, error) {
	if p, ok := c.paths[t]; ok {
		return p, nil
	}
	if depth > maxPathDepth {
		return nil, fmt.Errorf("a path stands in itself, or in more than %d others", maxPathDepth)
	}
	p, err := c.newPath(t, depth+1)
	if err == nil {
		c.paths[t] = p
	}
	return p, err
}

func (c *compiler) newPath(t graph.Term, depth int) (*path, error) {
	if iri, ok := t.IRI(); ok {
		return &path{kind: predicatePath, property: iri, node: c.base.intern(t)}, nil
	}
	if !t.IsBlank() {
		return nil, fmt.Errorf("%s is no path: an IRI or a blank node is expected", t)
	}
	if c.has(t, rdf.First) {
		members, err := c.list(t)
		if err != nil {
			return nil, err
		}
		return c.manyPaths(sequencePath, members, depth)
	}
	if alternatives := c.get(t, sh.AlternativePath); len(alternatives) == 1 {
		members, err := c.list(alternatives[0])
		if err != nil {
			return nil, err
		}
		return c.manyPaths(alternativePath, members, depth)
	}
	for _, u := range unary {
		inner := c.get(t, u.property)
		if len(inner) == 0 {
			continue
		}
		if len(inner) > 1 {
			return nil, fmt.Errorf("a path has %d values of %s, one is expected", len(inner), short(u.property.Term()))
		}
		part, err := c.path(inner[0], depth)
		if err != nil {
			return nil, err
		}
		c.inverse = c.inverse || u.kind == inversePath
		return &path{kind: u.kind, parts: []*path{part}}, nil
	}
	return nil, errors.New("a blank node is no path: a list, sh:inversePath, sh:alternativePath, sh:zeroOrMorePath, sh:oneOrMorePath or sh:zeroOrOnePath is expected")
}

func (c *compiler) manyPaths(kind pathKind, members []graph.Term, depth int) (*path, error) {
	if len(members) < 2 {
		return nil, errors.New("a path of several parts has at least two of them")
	}
	p := &path{kind: kind}
	for _, m := range members {
		part, err := c.path(m, depth)
		if err != nil {
			return nil, err
		}
		p.parts = append(p.parts, part)
	}
	return p, nil
}

// eval appends the nodes that a path leads to from n, each once, to the stack.
func (r *Run) eval(p *path, n node, back bool) {
	from := len(r.stack)
	switch p.kind {
	case predicatePath:
		r.step(1)
		edges := r.data.values
		if back {
			edges = r.sources
		}
		for _, e := range edges(n, p.node) {
			if e.p == p.node {
				r.stack = append(r.stack, e.o)
			}
		}
		return // edges are there once
	case inversePath:
		r.eval(p.parts[0], n, !back)
	case sequencePath:
		r.sequence(p.parts, n, back)
	case alternativePath:
		for _, part := range p.parts {
			r.eval(part, n, back)
		}
		r.unique(from)
	case zeroOrOnePath:
		r.stack = append(r.stack, n)
		r.eval(p.parts[0], n, back)
		r.unique(from)
	case zeroOrMorePath:
		r.stack = append(r.stack, n)
		r.closure(p.parts[0], from, back)
	case oneOrMorePath:
		r.eval(p.parts[0], n, back)
		r.closure(p.parts[0], from, back)
	}
}

// sequence follows one part after the other.
func (r *Run) sequence(parts []*path, n node, back bool) {
	from := len(r.stack)
	r.stack = append(r.stack, n)
	for i := range parts {
		part := parts[i]
		if back {
			part = parts[len(parts)-1-i]
		}
		to := len(r.stack)
		for j := from; j < to && r.step(1); j++ {
			r.eval(part, r.stack[j], back)
		}
		more := copy(r.stack[from:], r.stack[to:])
		r.stack = r.stack[:from+more]
		if i > 0 {
			r.unique(from)
		}
	}
}

// closure goes on from the nodes on the stack by a path until nothing new is found.
func (r *Run) closure(p *path, from int, back bool) {
	seen := make(map[node]struct{}, len(r.stack)-from)
	for _, n := range r.stack[from:] {
		seen[n] = struct{}{}
	}
	for i := from; i < len(r.stack) && r.step(1); i++ {
		to := len(r.stack)
		r.eval(p, r.stack[i], back)
		kept := to
		for _, n := range r.stack[to:] {
			if _, ok := seen[n]; !ok {
				seen[n] = struct{}{}
				r.stack[kept] = n
				kept++
			}
		}
		r.stack = r.stack[:kept]
	}
}

// unique keeps the first of equal nodes on the stack.
func (r *Run) unique(from int) {
	values := r.stack[from:]
	if len(values) < 2 {
		return
	}
	if len(values) <= 32 {
		kept := 1
		for _, n := range values[1:] {
			if !slices.Contains(values[:kept], n) {
				values[kept] = n
				kept++
			}
		}
		r.stack = r.stack[:from+kept]
		return
	}
	seen := make(map[node]struct{}, len(values))
	kept := 0
	for _, n := range values {
		if _, ok := seen[n]; !ok {
			seen[n] = struct{}{}
			values[kept] = n
			kept++
		}
	}
	r.stack = r.stack[:from+kept]
}

// A Path is a property path of a shape.
type Path struct{ p *path }

// IsZero tells whether there is no path: the finding is about the focus node itself.
func (p Path) IsZero() bool { return p.p == nil }

// Properties returns the properties of a path in the order in which they are written.
func (p Path) Properties() []graph.IRI {
	var list []graph.IRI
	if p.p != nil {
		p.p.properties(&list)
	}
	return list
}

func (p *path) properties(list *[]graph.IRI) {
	if p.kind == predicatePath && len(*list) < 100 {
		*list = append(*list, p.property)
	}
	for _, part := range p.parts {
		if len(*list) < 100 {
			part.properties(list)
		}
	}
}

// maxPathText bounds the text of a path: what is shared in it may come thousandfold.
const maxPathText = 1000

// String returns the path as SPARQL writes it, with the prefixes of vocab.
func (p Path) String() string {
	if p.p == nil {
		return ""
	}
	var b strings.Builder
	p.p.write(&b)
	return b.String()
}

func (p *path) write(b *strings.Builder) {
	if b.Len() > maxPathText {
		return
	}
	group := func(p *path) {
		if len(p.parts) > 0 {
			b.WriteByte('(')
			defer b.WriteByte(')')
		}
		p.write(b)
	}
	switch p.kind {
	case predicatePath:
		b.WriteString(short(p.property.Term()))
	case inversePath:
		b.WriteByte('^')
		group(p.parts[0])
	case sequencePath, alternativePath:
		for i, part := range p.parts {
			if i > 0 {
				b.WriteByte("/|"[p.kind-sequencePath])
			}
			group(part)
		}
	default:
		group(p.parts[0])
		b.WriteByte("*+?"[p.kind-zeroOrMorePath])
	}
}

// short returns a term with one of our prefixes, if there is one for it.
func short(t graph.Term) string {
	iri, ok := t.IRI()
	if !ok {
		return t.String()
	}
	at := strings.LastIndexAny(string(iri), "/#") + 1
	if local := string(iri[at:]); at > 0 && plainName(local) {
		if prefix, ok := prefixes[iri[:at]]; ok {
			return prefix + ":" + local
		}
	}
	return t.String()
}

func plainName(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return s != ""
}

var prefixes = func() map[graph.IRI]string {
	m := map[graph.IRI]string{}
	for prefix, ns := range vocab.Prefixes {
		m[ns] = prefix
	}
	return m
}()
