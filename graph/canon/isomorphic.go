// Package canon compares datasets whose blank nodes have other labels, and gives blank
// nodes labels that depend on the data alone.
//
// Both see a quad as an edge: its text with a hole for every blank node, those inside
// triple terms included, and the nodes that fill the holes.
package canon

import (
	"hash/maphash"
	"slices"

	"mocban/graph"
)

// Isomorphic tells whether two datasets are the same but for the labels of blank nodes
// (RDF 1.2 Concepts, 3.6.1). Quads are sets: it does not matter how often one is listed,
// or where. Literals are compared as they are written, case of language tags included.
//
// It colours nodes by what stands around them until that tells no more apart, and then
// tries, one piece that hangs together at a time. Only highly symmetric pieces that differ
// after all take long.
func Isomorphic(a, b []graph.Quad) bool {
	x, y := newNet(a), newNet(b)
	if len(x.edges) != len(y.edges) || x.blanks != y.blanks || !sameKeys(x.ground, y.ground) {
		return false
	}
	colours, colours2 := make([]uint64, x.blanks), make([]uint64, y.blanks)
	if _, ok := refine(x, y, colours, colours2); !ok {
		return false
	}
	return matchParts(x, y, colours, colours2)
}

// A piece is the edges that hang together, as a net of its own.
type piece struct {
	net     *net
	colours []uint64
	sum     uint64 // of edges with their colours
}

// matchParts pairs pieces. To be isomorphic is to be equal but for labels, so the first
// piece that fits is as good as any other.
func matchParts(x, y *net, colours, colours2 []uint64) bool {
	seed := maphash.MakeSeed()
	left := map[uint64][]*piece{}
	for _, p := range y.pieces(seed, colours2) {
		left[p.sum] = append(left[p.sum], p)
	}
next:
	for _, p := range x.pieces(seed, colours) {
		alike := left[p.sum]
		for i, q := range alike {
			if len(p.net.edges) == len(q.net.edges) && p.net.blanks == q.net.blanks &&
				match(p.net, q.net, slices.Clone(p.colours), slices.Clone(q.colours)) {
				alike[i] = alike[len(alike)-1]
				left[p.sum] = alike[:len(alike)-1]
				continue next
			}
		}
		return false
	}
	return true
}

// pieces takes a net apart.
func (n *net) pieces(seed maphash.Seed, colours []uint64) []*piece {
	root := make([]int, n.blanks)
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	for _, e := range n.edges {
		for _, end := range e.ends[1:] {
			root[find(end)] = find(e.ends[0])
		}
	}
	var pieces []*piece
	byRoot := map[int]*piece{}
	local := make([]int, n.blanks)
	for i := range local {
		r := find(i)
		p := byRoot[r]
		if p == nil {
			p = &piece{net: &net{known: map[string]bool{}}}
			byRoot[r] = p
			pieces = append(pieces, p)
		}
		local[i] = p.net.blanks
		p.net.blanks++
		p.colours = append(p.colours, colours[i])
	}
	for _, e := range n.edges {
		p := byRoot[find(e.ends[0])]
		b := []byte(e.shape)
		ends := make([]int, len(e.ends))
		for i, end := range e.ends {
			ends[i] = local[end]
			b = appendUint64(b, colours[end])
		}
		p.sum += maphash.Bytes(seed, b)
		p.net.edges = append(p.net.edges, edge{e.shape, ends})
		p.net.known[edgeKey(e.shape, ends)] = true
	}
	return pieces
}

// A net is a dataset as edges.
type net struct {
	ground map[string]struct{} // quads without blank nodes
	edges  []edge
	known  map[string]bool // edges, for adding and asking
	labels map[string]int
	blanks int
}

type edge struct {
	shape string // the quad in N-Quads, with holes
	ends  []int  // the nodes in the holes
}

func newNet(quads []graph.Quad) *net {
	n := &net{ground: map[string]struct{}{}, known: map[string]bool{}, labels: map[string]int{}}
	var b []byte
	for _, q := range quads {
		var ends []int
		b, ends = n.appendShape(b[:0], q)
		if len(ends) == 0 {
			n.ground[string(b)] = struct{}{}
			continue
		}
		key := edgeKey(string(b), ends)
		if !n.known[key] {
			n.known[key] = true
			n.edges = append(n.edges, edge{string(b), ends})
		}
	}
	return n
}

func edgeKey(shape string, ends []int) string {
	b := append([]byte(shape), 0)
	for _, e := range ends {
		b = append(b, byte(e), byte(e>>8), byte(e>>16), byte(e>>24))
	}
	return string(b)
}

func (n *net) appendShape(b []byte, q graph.Quad) ([]byte, []int) {
	var ends []int
	b, ends = n.appendTerm(b, ends, q.S)
	b, ends = n.appendTerm(append(b, ' '), ends, q.P.Term())
	b, ends = n.appendTerm(append(b, ' '), ends, q.O)
	return n.appendTerm(append(b, ' '), ends, q.G)
}

func (n *net) appendTerm(b []byte, ends []int, t graph.Term) ([]byte, []int) {
	if t.IsBlank() {
		return append(b, "_:"...), append(ends, n.node(t.Value()))
	}
	inner, ok := t.Triple()
	if !ok {
		return graph.AppendTerm(b, t), ends
	}
	b, ends = n.appendTerm(append(b, "<<( "...), ends, inner.S)
	b, ends = n.appendTerm(append(b, ' '), ends, inner.P.Term())
	b, ends = n.appendTerm(append(b, ' '), ends, inner.O)
	return append(b, " )>>"...), ends
}

func (n *net) node(label string) int {
	id, ok := n.labels[label]
	if !ok {
		id = n.blanks
		n.labels[label] = id
		n.blanks++
	}
	return id
}

func sameKeys(a, b map[string]struct{}) bool {
	if len(a) != len(b) {
		return false
	}
	for k := range a {
		if _, ok := b[k]; !ok {
			return false
		}
	}
	return true
}

// match tells whether a bijection keeps the colours that nodes have and takes the edges of
// x to those of y.
func match(x, y *net, colours, colours2 []uint64) bool {
	classes, ok := refine(x, y, colours, colours2)
	if !ok {
		return false
	}
	c := smallest(classes)
	if c == nil {
		return x.maps(y, classes)
	}
	const chosen = 0x9e3779b97f4a7c15
	colours, colours2 = slices.Clone(colours), slices.Clone(colours2)
	colours[c.x[0]] ^= chosen
	for _, candidate := range c.y {
		tried := slices.Clone(colours2)
		tried[candidate] ^= chosen
		if match(x, y, slices.Clone(colours), tried) {
			return true
		}
	}
	return false
}

// A class is the nodes of one colour, on both sides.
type class struct {
	colour uint64
	x, y   []int
}

// refine colours the nodes until the number of colours stands still. It returns the nodes
// by colour, and false if the sides differ.
func refine(x, y *net, colours, colours2 []uint64) ([]*class, bool) {
	seed := maphash.MakeSeed()
	for count := 0; ; {
		classes, ok := classify(colours, colours2)
		if !ok {
			return nil, false
		}
		if len(classes) == count || len(classes) == len(colours) {
			return classes, true
		}
		count = len(classes)
		x.recolour(seed, colours)
		y.recolour(seed, colours2)
	}
}

func classify(colours, colours2 []uint64) ([]*class, bool) {
	byColour := map[uint64]*class{}
	var classes []*class
	for node, c := range colours {
		k := byColour[c]
		if k == nil {
			k = &class{colour: c}
			byColour[c] = k
			classes = append(classes, k)
		}
		k.x = append(k.x, node)
	}
	for node, c := range colours2 {
		k := byColour[c]
		if k == nil {
			return nil, false
		}
		k.y = append(k.y, node)
	}
	for _, k := range classes {
		if len(k.x) != len(k.y) {
			return nil, false
		}
	}
	return classes, true
}

// recolour mixes into the colour of every node the edges at it.
func (n *net) recolour(seed maphash.Seed, colours []uint64) {
	next := slices.Clone(colours)
	for i := range next {
		next[i] *= 0xff51afd7ed558ccd
	}
	var b []byte
	for _, e := range n.edges {
		b = append(b[:0], e.shape...)
		for _, node := range e.ends {
			b = appendUint64(b, colours[node])
		}
		for place, node := range e.ends {
			b = appendUint64(b, uint64(place))
			next[node] += maphash.Bytes(seed, b) // sums do not depend on the order of edges
			b = b[:len(b)-8]
		}
	}
	copy(colours, next)
}

func appendUint64(b []byte, v uint64) []byte {
	return append(b, byte(v), byte(v>>8), byte(v>>16), byte(v>>24), byte(v>>32), byte(v>>40), byte(v>>48), byte(v>>56))
}

// smallest returns the smallest class of more than one node, or nil.
func smallest(classes []*class) *class {
	var least *class
	for _, c := range classes {
		if len(c.x) > 1 && (least == nil || len(c.x) < len(least.x)) {
			least = c
		}
	}
	return least
}

// maps tells whether the bijection of classes of one node takes the edges of n to those of y.
func (n *net) maps(y *net, classes []*class) bool {
	to := make([]int, n.blanks)
	for _, c := range classes {
		to[c.x[0]] = c.y[0]
	}
	var ends []int
	for _, e := range n.edges {
		ends = ends[:0]
		for _, node := range e.ends {
			ends = append(ends, to[node])
		}
		if !y.known[edgeKey(e.shape, ends)] {
			return false
		}
	}
	return true
}
