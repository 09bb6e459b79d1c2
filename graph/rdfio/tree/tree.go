// Package tree arranges quads as people write them: by graph, subject and predicate, with
// blank nodes that are spoken of once inside what speaks of them, and lists as lists. The
// writers of Turtle, TriG and JSON-LD share it for documents that fit in memory.
package tree

import (
	"slices"

	"mocban/graph"
)

const (
	rdfNS    = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	rdfType  = rdfNS + "type"
	rdfList  = rdfNS + "List"
	rdfFirst = rdfNS + "first"
	rdfRest  = rdfNS + "rest"
	rdfNil   = rdfNS + "nil"
)

// maxDepth is how deep nodes are nested. Deeper ones get a label.
const maxDepth = 32

// A Graph is the quads of one graph. The zero Name is the default graph.
type Graph struct {
	Name  graph.Term
	Nodes []*Node // that are not nested, in order of appearance

	all    []*Node
	bySubj map[graph.Term]*Node
	shared map[graph.Term]*use // blank nodes of the whole dataset
	isList func([]graph.Term) bool
	typed  bool
}

// A Node is a subject and what is said of it.
type Node struct {
	Subject    graph.Term
	Properties []Property // rdf:type first, the others in order of appearance

	byPred map[graph.IRI]int // once there are many
	nested bool
	placed bool
}

// A Property is a predicate and its objects, each once, in order of appearance.
type Property struct {
	P      graph.IRI
	Values []graph.Term
}

// use counts where a blank node stands.
type use struct {
	times int    // as an object
	in    *Graph // where it is an object, or a subject
	fixed bool   // it needs a label
}

// Options say how to arrange. The zero value nests all it can.
type Options struct {
	Label []graph.Term                  // nodes that are not nested
	List  func(items []graph.Term) bool // whether a list can be written as one; nil is yes
	Typed bool                          // cells may be called an rdf:List, which is left out then
}

// Arrange returns the graphs of a dataset, the default graph first if there is one.
func Arrange(quads []graph.Quad, o Options) []*Graph {
	a := arranger{Options: o, byName: map[graph.Term]*Graph{}, blanks: map[graph.Term]*use{}, seen: map[graph.Quad]struct{}{}}
	for _, q := range quads {
		a.add(q)
	}
	for _, t := range o.Label {
		a.fix(t)
	}
	for i, g := range a.graphs {
		if g.Name.IsZero() {
			copy(a.graphs[1:i+1], a.graphs[:i])
			a.graphs[0] = g
			break
		}
	}
	for _, g := range a.graphs {
		g.nest()
	}
	return a.graphs
}

type arranger struct {
	Options
	graphs []*Graph
	byName map[graph.Term]*Graph
	blanks map[graph.Term]*use
	last   *Graph
	seen   map[graph.Quad]struct{} // of properties of many values
}

func (a *arranger) add(q graph.Quad) {
	g := a.graph(q.G)
	n := g.node(q.S)
	if !a.addTo(n, q) {
		return
	}
	a.use(g, q.S, 0)
	a.use(g, q.O, 1)
	a.fix(q.G)
}

// graph returns the graph of a name. Quads of one graph mostly come together.
func (a *arranger) graph(name graph.Term) *Graph {
	if a.last != nil && a.last.Name == name {
		return a.last
	}
	g := a.byName[name]
	if g == nil {
		g = &Graph{Name: name, bySubj: map[graph.Term]*Node{}, shared: a.blanks, isList: a.List, typed: a.Typed}
		a.byName[name] = g
		a.graphs = append(a.graphs, g)
	}
	a.last = g
	return g
}

// node returns the node of a subject. Quads of one subject mostly come together.
func (g *Graph) node(s graph.Term) *Node {
	if k := len(g.all); k > 0 && g.all[k-1].Subject == s {
		return g.all[k-1]
	}
	n := g.bySubj[s]
	if n == nil {
		n = &Node{Subject: s}
		g.bySubj[s] = n
		g.all = append(g.all, n)
	}
	return n
}

// fewValues is how many values of a property are looked through; of more, all quads are
// remembered.
const fewValues = 16

// addTo adds a quad to its node, and tells whether it is new.
func (a *arranger) addTo(n *Node, q graph.Quad) bool {
	p := n.property(q.P)
	if len(p.Values) < fewValues {
		if slices.Contains(p.Values, q.O) {
			return false
		}
		p.Values = append(p.Values, q.O)
		return true
	}
	if len(p.Values) == fewValues {
		for _, o := range p.Values {
			a.seen[graph.Quad{S: q.S, P: q.P, O: o, G: q.G}] = struct{}{}
		}
	}
	if _, again := a.seen[q]; again {
		return false
	}
	a.seen[q] = struct{}{}
	p.Values = append(p.Values, q.O)
	return true
}

// property returns the property of a predicate, a new one if the node has none.
func (n *Node) property(p graph.IRI) *Property {
	i := n.index(p)
	if i < 0 {
		i = len(n.Properties)
		n.Properties = append(n.Properties, Property{P: p})
		if n.byPred != nil {
			n.byPred[p] = i
		}
		if p == rdfType && i > 0 {
			copy(n.Properties[1:], n.Properties[:i])
			n.Properties[0] = Property{P: p}
			n.byPred, i = nil, 0
		}
	}
	return &n.Properties[i]
}

func (n *Node) index(p graph.IRI) int {
	if len(n.Properties) <= 16 {
		for i := range n.Properties {
			if n.Properties[i].P == p {
				return i
			}
		}
		return -1
	}
	if n.byPred == nil {
		n.byPred = make(map[graph.IRI]int)
		for i := range n.Properties {
			n.byPred[n.Properties[i].P] = i
		}
	}
	if i, ok := n.byPred[p]; ok {
		return i
	}
	return -1
}

// use notes that t stands in g, as an object so many times.
func (a *arranger) use(g *Graph, t graph.Term, times int) {
	if !t.IsBlank() {
		a.fixInner(t)
		return
	}
	u := a.blanks[t]
	if u == nil {
		u = &use{in: g}
		a.blanks[t] = u
	}
	u.times += times
	u.fixed = u.fixed || u.in != g
}

// fix notes that a blank node needs a label.
func (a *arranger) fix(t graph.Term) {
	if t.IsBlank() {
		u := a.blanks[t]
		if u == nil {
			u = &use{}
			a.blanks[t] = u
		}
		u.fixed = true
	}
}

// fixInner notes the blank nodes inside a triple term.
func (a *arranger) fixInner(t graph.Term) {
	if tr, ok := t.Triple(); ok {
		a.fix(tr.S)
		a.fix(tr.O)
		a.fixInner(tr.O)
	}
}

// nest decides which nodes stand inside others. Every node must be reached from one that
// has a name or that nothing speaks of; where nodes only speak of each other in a circle,
// one of them gets a label.
func (g *Graph) nest() {
	for _, n := range g.all {
		u := g.shared[n.Subject]
		n.nested = u != nil && u.times == 1 && !u.fixed
	}
	place := func(n *Node) {
		if !n.placed {
			n.nested, n.placed = false, true
			g.descend(n, 0)
		}
	}
	for _, n := range g.all {
		if !n.nested {
			place(n)
		}
	}
	for _, n := range g.all {
		place(n)
	}
	for _, n := range g.all {
		if !n.nested {
			g.Nodes = append(g.Nodes, n)
		}
	}
}

// descend places what is nested in n, which is nested so deep itself.
func (g *Graph) descend(n *Node, depth int) {
	for _, p := range n.Properties {
		for _, v := range p.Values {
			g.place(v, depth+1)
		}
	}
}

func (g *Graph) place(t graph.Term, depth int) {
	n := g.bySubj[t]
	if n == nil || !n.nested || n.placed {
		return
	}
	if items, cells := g.list(n); items != nil && depth < maxDepth {
		for _, c := range cells {
			c.placed = true
		}
		for _, item := range items {
			g.place(item, depth+1)
		}
		return
	}
	n.placed = true
	if depth == maxDepth {
		n.nested, depth = false, 0
	}
	g.descend(n, depth)
}

// list returns the items of the list that begins at n, and its cells; nil if it is none.
func (g *Graph) list(n *Node) (items []graph.Term, cells []*Node) {
	for n != nil && n.nested {
		properties := n.Properties
		if g.typed && len(properties) == 3 && properties[0].isListType() {
			properties = properties[1:]
		}
		if len(properties) != 2 {
			return nil, nil
		}
		first, rest := properties[0], properties[1]
		if first.P != rdfFirst {
			first, rest = rest, first
		}
		if first.P != rdfFirst || rest.P != rdfRest || len(first.Values) != 1 || len(rest.Values) != 1 {
			return nil, nil
		}
		items, cells = append(items, first.Values[0]), append(cells, n)
		if iri, _ := rest.Values[0].IRI(); iri == rdfNil {
			if g.isList != nil && !g.isList(items) {
				return nil, nil
			}
			return items, cells
		}
		if n = g.bySubj[rest.Values[0]]; len(cells) > len(g.all) {
			return nil, nil // a circle
		}
	}
	return nil, nil
}

// isListType tells whether a property says that a node is an rdf:List, and nothing else.
func (p *Property) isListType() bool {
	if p.P != rdfType || len(p.Values) != 1 {
		return false
	}
	iri, _ := p.Values[0].IRI()
	return iri == rdfList
}

// List returns the items of the list that an object stands for, if it is one that can be
// written as a list. rdf:nil is the empty list.
func (g *Graph) List(t graph.Term) (items []graph.Term, ok bool) {
	if iri, _ := t.IRI(); iri == rdfNil {
		return nil, true
	}
	if n := g.bySubj[t]; n != nil {
		items, _ = g.list(n)
	}
	return items, items != nil
}

// Nested returns the node that is written in place of an object. It may be a node of which
// nothing is said.
func (g *Graph) Nested(t graph.Term) (n *Node, ok bool) {
	if n := g.bySubj[t]; n != nil {
		return n, n.nested
	}
	u := g.shared[t]
	if u == nil || u.times != 1 || u.fixed {
		return nil, false
	}
	return &Node{Subject: t}, true
}

// Node returns what is said of a term, or nil.
func (g *Graph) Node(t graph.Term) *Node { return g.bySubj[t] }

// Unnamed tells whether a node needs no label: nothing speaks of it.
func (g *Graph) Unnamed(n *Node) bool {
	u := g.shared[n.Subject]
	return u != nil && u.times == 0 && !u.fixed
}
