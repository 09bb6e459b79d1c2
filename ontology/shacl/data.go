package shacl

import (
	"cmp"
	"hash/maphash"
	"slices"

	"mocban/graph"
)

// A node is the number of a term in a run.
type node int32

// none is no node.
const none node = -1

// An edge is what leads from a node to another.
type edge struct{ p, o node }

func compareEdges(a, b edge) int {
	return cmp.Or(cmp.Compare(a.p, b.p), cmp.Compare(a.o, b.o))
}

// fewEdges is how many edges of a node are looked through one by one. Those of a node with
// more of them are sorted.
const fewEdges = 16

// data are the triples of a graph, by their subjects.
//
//	terms   | named by shapes | of this graph |
//	outAt, outEnd             where the edges of each term lie in out
type data struct {
	consts  int // terms of shapes, which stay
	terms   []graph.Term
	table   []seat
	round   uint32
	seed    maphash.Seed
	triples []triple
	late    [lateProperties]lateProperty

	out, in       []edge
	outAt, outEnd []int32
	inAt          []int32
}

type triple struct{ s, p, o node }

// A seat is a place in the table of terms. It is taken if its round is that of the table, or
// if it belongs to a term of the shapes, whose round is 0.
type seat struct {
	round uint32
	node  node
}

func (d *data) hash(t graph.Term) uint64 {
	return maphash.String(d.seed, t.Value()) + uint64(t.Kind())
}

// intern returns the number of a term, a new one if it has none.
func (d *data) intern(t graph.Term) node {
	if 2*len(d.terms) >= len(d.table) {
		d.grow()
	}
	mask := uint64(len(d.table) - 1)
	for h := d.hash(t); ; h++ {
		at := &d.table[h&mask]
		if at.round != 0 && at.round != d.round || at.node == none {
			*at = seat{d.round, node(len(d.terms))}
			d.terms = append(d.terms, t)
			return at.node
		}
		if d.terms[at.node] == t {
			return at.node
		}
	}
}

// property is intern for properties, of which there are few that come all the time.
func (d *data) property(p graph.IRI) node {
	at := &d.late[lateSlot(p)]
	if at.iri != p || p == "" || at.round != d.round {
		*at = lateProperty{p, d.intern(p.Term()), d.round}
	}
	return at.node
}

// A lateProperty is a property that was met of late, in a round.
type lateProperty struct {
	iri   graph.IRI
	node  node
	round uint32
}

const lateProperties = 256

// lateSlot is where a property is kept: properties differ in length and in their last bytes.
func lateSlot(p graph.IRI) uint8 {
	n := len(p)
	if n < 4 {
		return uint8(n)
	}
	return uint8(n)*31 ^ p[n-1]*7 ^ p[n-2]*13 ^ p[n-4]
}

// grow doubles the table. The terms of shapes come first, so that none of them is looked for
// behind a seat that becomes free.
func (d *data) grow() {
	size := max(256, 2*len(d.table))
	d.table = make([]seat, size)
	for i := range d.table {
		d.table[i].node = none
	}
	mask := uint64(size - 1)
	for n, t := range d.terms {
		h := d.hash(t)
		for d.table[h&mask].node != none {
			h++
		}
		round := d.round
		if n < d.consts {
			round = 0
		}
		d.table[h&mask] = seat{round, node(n)}
	}
}

// seal makes the terms so far those that stay.
func (d *data) seal() {
	d.consts = len(d.terms)
	d.round = 1
	d.grow()
}

// clone returns data with the terms that stay.
func (d *data) clone() data {
	c := data{consts: d.consts, terms: slices.Clone(d.terms), table: slices.Clone(d.table), round: d.round, seed: d.seed}
	return c
}

// load replaces the triples.
func (d *data) load(quads []graph.Quad, inverse bool) {
	clear(d.terms[d.consts:])
	d.terms = d.terms[:d.consts]
	d.round++
	if d.round == 0 { // after four thousand million graphs
		d.round = 1
		d.grow()
	}
	d.triples = d.triples[:0]
	var last graph.Term
	var s node
	for i := range quads {
		q := &quads[i]
		if i == 0 || q.S != last {
			s, last = d.intern(q.S), q.S
		}
		d.triples = append(d.triples, triple{s, d.property(q.P), d.intern(q.O)})
	}
	d.index()
	if inverse {
		d.invert()
	}
}

// index puts the edges of each node together, each once.
func (d *data) index() {
	n := len(d.terms)
	d.outAt = zeroed(d.outAt, n+1)
	d.outEnd = zeroed(d.outEnd, n)
	d.out = slices.Grow(d.out[:0], len(d.triples))[:len(d.triples)]
	for i := range d.triples {
		d.outAt[d.triples[i].s+1]++
	}
	for i := range n {
		d.outAt[i+1] += d.outAt[i]
		d.outEnd[i] = d.outAt[i]
	}
	for i := range d.triples {
		t := &d.triples[i]
		e := edge{t.p, t.o}
		from, to := d.outAt[t.s], d.outEnd[t.s]
		if to-from < fewEdges && slices.Contains(d.out[from:to], e) {
			continue
		}
		d.out[to] = e
		d.outEnd[t.s]++
	}
	for i := range n {
		if at := d.outAt[i]; d.outEnd[i]-at >= fewEdges {
			edges := d.out[at:d.outEnd[i]]
			slices.SortFunc(edges, compareEdges)
			d.outEnd[i] = at + int32(len(slices.Compact(edges)))
		}
	}
}

// invert makes the edges that lead backwards.
func (d *data) invert() {
	n := len(d.terms)
	d.inAt = zeroed(d.inAt, n+2)
	d.in = slices.Grow(d.in[:0], len(d.triples))[:len(d.triples)]
	for s := range n {
		for _, e := range d.edges(node(s)) {
			d.inAt[e.o+2]++
		}
	}
	for i := range n {
		d.inAt[i+2] += d.inAt[i+1]
	}
	for s := range n {
		for _, e := range d.edges(node(s)) {
			d.in[d.inAt[e.o+1]] = edge{e.p, node(s)}
			d.inAt[e.o+1]++
		}
	}
	for i := range n {
		if edges := d.in[d.inAt[i]:d.inAt[i+1]]; len(edges) >= fewEdges {
			slices.SortFunc(edges, compareEdges)
		}
	}
}

func zeroed(s []int32, n int) []int32 {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}

// edges returns the edges that lead away from a node.
func (d *data) edges(n node) []edge { return d.out[d.outAt[n]:d.outEnd[n]] }

// values returns the edges from a node by a property.
func (d *data) values(n, p node) []edge { return ofProperty(d.edges(n), p) }

// sources returns the edges to a node by a property, backwards.
func (d *data) sources(n, p node) []edge { return ofProperty(d.in[d.inAt[n]:d.inAt[n+1]], p) }

// ofProperty returns a run of edges that holds all those of a property. Where there are few
// it may hold others, too.
func ofProperty(edges []edge, p node) []edge {
	if len(edges) < fewEdges {
		return edges
	}
	from, _ := slices.BinarySearchFunc(edges, p, func(e edge, p node) int { return cmp.Compare(e.p, p) })
	to := from
	for to < len(edges) && edges[to].p == p {
		to++
	}
	return edges[from:to]
}

// has tells whether a triple is there.
func (d *data) has(s, p, o node) bool {
	for _, e := range d.values(s, p) {
		if e.p == p && e.o == o {
			return true
		}
	}
	return false
}
