package store

import (
	"math/bits"
	"sort"

	"mocban/graph/block"
)

// An item is a row that differs from the base: one that it lacks, or one too many.
type item struct {
	key block.Key
	add bool
}

// A delta is a sorted list of items, in leaves, in nodes. It is not changed: apply makes a
// new one that shares what stays as it is. Each node and leaf knows how many items stand
// before it, so that items are counted without being read.
type delta struct {
	nodes     []branch
	itemCount // of all
}

// An itemCount counts items, and those that add less those that remove.
type itemCount struct{ items, net int }

func (t *itemCount) plus(o itemCount) { t.items, t.net = t.items+o.items, t.net+o.net }

type branch struct {
	*node
	before itemCount // of the nodes before
}

type node struct {
	leaves []leaf
	all    itemCount
}

// A leaf keeps apart which of its items add, since a delta is much of the memory of a store
// that is updated.
type leaf struct {
	keys   []block.Key
	adds   uint32    // bit i tells that the item of keys[i] adds
	before itemCount // of the leaves before, in the node
}

// Leaves and nodes are small, since a change copies those that it touches.
const (
	leafItems  = 16 // and at most twice as many, for which leaf.adds has bits
	nodeLeaves = 32
)

func (l *leaf) add(i int) bool { return l.adds>>i&1 == 1 }

func (l *leaf) first() *block.Key { return &l.keys[0] }

func (l *leaf) last() *block.Key { return &l.keys[len(l.keys)-1] }

// count counts the first n items.
func (l *leaf) count(n int) itemCount {
	return itemCount{n, 2*bits.OnesCount32(l.adds&(1<<n-1)) - n}
}

func (n *node) first() *block.Key { return n.leaves[0].first() }

func (n *node) last() *block.Key { return n.leaves[len(n.leaves)-1].last() }

// cut cuts a list into pieces of about n where it is longer than two of those.
func cut[T any](list []T, n int, f func([]T)) {
	for len(list) > 2*n {
		f(list[:n:n])
		list = list[n:]
	}
	if len(list) > 0 {
		f(list[:len(list):len(list)])
	}
}

// pushLeaves adds leaves, which begin with items.
func (d *delta) pushLeaves(leaves []leaf) {
	cut(leaves, nodeLeaves, func(part []leaf) {
		n := &node{leaves: part}
		for i := range part {
			part[i].before = n.all
			n.all.plus(part[i].count(len(part[i].keys)))
		}
		d.pushNode(n)
	})
}

func (d *delta) pushNode(n *node) {
	d.nodes = append(d.nodes, branch{n, d.itemCount})
	d.plus(n.all)
}

// push adds items.
func (d *delta) push(items []item) { d.pushLeaves(appendLeaves(nil, items)) }

// appendLeaves appends leaves of items, each with memory of its own: no leaf keeps that of
// others.
func appendLeaves(leaves []leaf, items []item) []leaf {
	cut(items, leafItems, func(part []item) {
		l := leaf{keys: make([]block.Key, len(part))}
		for i := range part {
			l.keys[i] = part[i].key
			if part[i].add {
				l.adds |= 1 << i
			}
		}
		leaves = append(leaves, l)
	})
	return leaves
}

// apply returns the delta after further changes, sorted by key, each key once. What adds a
// removed row or removes an added one cancels it.
func (d *delta) apply(edits []item) *delta {
	out := &delta{nodes: make([]branch, 0, len(d.nodes)+len(edits)/(leafItems*nodeLeaves)+1)}
	if len(d.nodes) == 0 {
		out.push(edits)
		return out
	}
	var merged []item
	for i := 0; i < len(d.nodes); i++ {
		if len(edits) == 0 {
			out.share(d.nodes[i:])
			break
		}
		// The node that the first edit belongs to is the last one that does not begin after it.
		first := &edits[0].key
		at := i + sort.Search(len(d.nodes)-i-1, func(k int) bool { return d.nodes[i+1+k].first().Compare(first) > 0 })
		out.share(d.nodes[i:at])
		i = at
		n := len(edits)
		if i+1 < len(d.nodes) {
			n = before(edits, d.nodes[i+1].first())
		}
		out.pushLeaves(d.nodes[i].apply(edits[:n], &merged))
		edits = edits[n:]
	}
	return out
}

// share adds nodes of another delta.
func (d *delta) share(nodes []branch) {
	if len(nodes) == 0 {
		return
	}
	from := len(d.nodes)
	d.nodes = append(d.nodes, nodes...)
	more := itemCount{d.items - nodes[0].before.items, d.net - nodes[0].before.net}
	for i := range d.nodes[from:] {
		d.nodes[from+i].before.plus(more)
	}
	last := &d.nodes[len(d.nodes)-1]
	d.itemCount = last.before
	d.plus(last.all)
}

// before returns how many edits stand before a key.
func before(edits []item, k *block.Key) int {
	if edits[len(edits)-1].key.Compare(k) < 0 {
		return len(edits)
	}
	return sort.Search(len(edits), func(i int) bool { return edits[i].key.Compare(k) >= 0 })
}

// apply returns the leaves of the node after changes. merged is memory for it.
func (n *node) apply(edits []item, merged *[]item) []leaf {
	out := make([]leaf, 0, len(n.leaves)+len(edits)/leafItems+1)
	for i := 0; i < len(n.leaves); i++ {
		if len(edits) == 0 {
			return append(out, n.leaves[i:]...)
		}
		first := &edits[0].key
		at := i + sort.Search(len(n.leaves)-i-1, func(k int) bool { return n.leaves[i+1+k].first().Compare(first) > 0 })
		out = append(out, n.leaves[i:at]...)
		i = at
		k := len(edits)
		if i+1 < len(n.leaves) {
			k = before(edits, n.leaves[i+1].first())
		}
		*merged = n.leaves[i].merge((*merged)[:0], edits[:k])
		out = appendLeaves(out, *merged)
		edits = edits[k:]
	}
	return out
}

// merge appends what comes of the items of a leaf and changes of them.
func (l *leaf) merge(out, edits []item) []item {
	for i := range l.keys {
		k := &l.keys[i]
		c := 1
		for len(edits) > 0 {
			if c = edits[0].key.Compare(k); c >= 0 {
				break
			}
			out = append(out, edits[0])
			edits = edits[1:]
		}
		if len(edits) == 0 || c > 0 {
			out = append(out, item{*k, l.add(i)})
			continue
		}
		if edits[0].add == l.add(i) {
			panic("store: a row was changed twice in the same way")
		}
		edits = edits[1:]
	}
	return append(out, edits...)
}

// without returns what d holds relative to the base into which old was folded: what is in
// old only was undone since.
func (d *delta) without(old *delta) *delta {
	out := new(delta)
	out.push(d.since(old))
	return out
}

// since returns the changes that make d of old.
func (d *delta) since(old *delta) (items []item) {
	x, y := d.begin(), old.begin()
	for {
		if x.skipShared(&y) {
			continue
		}
		a, b := x.key(), y.key()
		switch {
		case a == nil && b == nil:
			return items
		case b == nil || a != nil && a.Compare(b) < 0:
			items = append(items, item{*a, x.adds()})
			x.next()
		case a == nil || b.Compare(a) < 0:
			items = append(items, item{*b, !y.adds()})
			y.next()
		default:
			if x.adds() != y.adds() {
				panic("store: a row was added and removed with nothing between")
			}
			x.next()
			y.next()
		}
	}
}

// A place is a place in a delta.
type place struct {
	d *delta
	n int // node
	c int // leaf in it
	i int // item in that
}

func (d *delta) begin() place { return place{d: d} }

// end returns the place after all items.
func (d *delta) end() place { return place{d: d, n: len(d.nodes)} }

// skipShared passes by a node or leaf that two deltas share, if both places stand before it.
func (p *place) skipShared(o *place) bool {
	if p.i > 0 || o.i > 0 || p.n == len(p.d.nodes) || o.n == len(o.d.nodes) {
		return false
	}
	a, b := p.d.nodes[p.n], o.d.nodes[o.n]
	switch {
	case a.node == b.node && p.c == 0 && o.c == 0:
		p.n, o.n = p.n+1, o.n+1
	case a.leaves[p.c].first() == b.leaves[o.c].first(): // leaves are whole
		p.nextLeaf()
		o.nextLeaf()
	default:
		return false
	}
	return true
}

// seek returns the place of the first item that is not below k.
func (d *delta) seek(k *block.Key) place { return d.bound(k, 0) }

// bound returns the place of the first item whose comparison with k gives least or more.
func (d *delta) bound(k *block.Key, least int) place {
	n := sort.Search(len(d.nodes), func(n int) bool { return d.nodes[n].last().Compare(k) >= least })
	if n == len(d.nodes) {
		return d.end()
	}
	leaves := d.nodes[n].leaves
	c := sort.Search(len(leaves), func(c int) bool { return leaves[c].last().Compare(k) >= least })
	keys := leaves[c].keys
	return place{d, n, c, sort.Search(len(keys), func(i int) bool { return keys[i].Compare(k) >= least })}
}

// key returns the key of the item at a place, or nil at the end.
func (p *place) key() *block.Key {
	if p.n == len(p.d.nodes) {
		return nil
	}
	return &p.d.nodes[p.n].leaves[p.c].keys[p.i]
}

// adds tells whether the item at a place adds a row.
func (p *place) adds() bool { return p.d.nodes[p.n].leaves[p.c].add(p.i) }

func (p *place) next() {
	if p.i++; p.i == len(p.d.nodes[p.n].leaves[p.c].keys) {
		p.nextLeaf()
	}
}

func (p *place) nextLeaf() {
	p.i = 0
	if p.c++; p.c == len(p.d.nodes[p.n].leaves) {
		p.n, p.c = p.n+1, 0
	}
}

// before counts the items before a place.
func (p *place) before() itemCount {
	if p.n == len(p.d.nodes) {
		return p.d.itemCount
	}
	b := &p.d.nodes[p.n]
	l := &b.leaves[p.c]
	t := b.before
	t.plus(l.before)
	t.plus(l.count(p.i))
	return t
}

// sum returns how many items there are from low to high, both included, and their net.
func (d *delta) sum(low, high *block.Key) (items, net int) {
	if d.items == 0 {
		return 0, 0
	}
	p := d.seek(low)
	if k := p.key(); k == nil || k.Compare(high) > 0 {
		return 0, 0
	}
	q := d.bound(high, 1)
	a, b := p.before(), q.before()
	return b.items - a.items, b.net - a.net
}

// find tells whether there is an item of a key, and whether it adds.
func (d *delta) find(k *block.Key) (adds, ok bool) {
	if d.items == 0 {
		return false, false
	}
	p := d.seek(k)
	if at := p.key(); at == nil || *at != *k {
		return false, false
	}
	return p.adds(), true
}
