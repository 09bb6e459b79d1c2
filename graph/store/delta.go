package store

import (
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

func (t *itemCount) count(it *item) {
	t.items++
	if it.add {
		t.net++
	} else {
		t.net--
	}
}

type branch struct {
	*node
	before itemCount // of the nodes before
}

type node struct {
	leaves []leaf
	all    itemCount
}

type leaf struct {
	items  []item
	net    int
	before itemCount // of the leaves before, in the node
}

// Leaves and nodes are small, since a change copies those that it touches.
const (
	leafItems  = 16
	nodeLeaves = 32
)

func (n *node) first() *block.Key { return &n.leaves[0].items[0].key }

func (n *node) last() *block.Key {
	items := n.leaves[len(n.leaves)-1].items
	return &items[len(items)-1].key
}

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
			n.all.plus(itemCount{len(part[i].items), part[i].net})
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

func appendLeaves(leaves []leaf, items []item) []leaf {
	cut(items, leafItems, func(part []item) {
		var t itemCount
		for i := range part {
			t.count(&part[i])
		}
		leaves = append(leaves, leaf{items: part, net: t.net})
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
		out.pushLeaves(d.nodes[i].apply(edits[:n]))
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

// apply returns the leaves of the node after changes.
func (n *node) apply(edits []item) []leaf {
	out := make([]leaf, 0, len(n.leaves)+len(edits)/leafItems+1)
	for i := 0; i < len(n.leaves); i++ {
		if len(edits) == 0 {
			return append(out, n.leaves[i:]...)
		}
		first := &edits[0].key
		at := i + sort.Search(len(n.leaves)-i-1, func(k int) bool { return n.leaves[i+1+k].items[0].key.Compare(first) > 0 })
		out = append(out, n.leaves[i:at]...)
		i = at
		k := len(edits)
		if i+1 < len(n.leaves) {
			k = before(edits, &n.leaves[i+1].items[0].key)
		}
		out = appendLeaves(out, mergeItems(n.leaves[i].items, edits[:k]))
		edits = edits[k:]
	}
	return out
}

func mergeItems(a, b []item) []item {
	out := make([]item, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch c := a[0].key.Compare(&b[0].key); {
		case c < 0:
			out = append(out, a[0])
			a = a[1:]
		case c > 0:
			out = append(out, b[0])
			b = b[1:]
		default:
			if a[0].add == b[0].add {
				panic("store: a row was changed twice in the same way")
			}
			a, b = a[1:], b[1:]
		}
	}
	out = append(out, a...)
	return append(out, b...)
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
		a, b := x.item(), y.item()
		switch {
		case a == nil && b == nil:
			return items
		case b == nil || a != nil && a.key.Compare(&b.key) < 0:
			items = append(items, *a)
			x.next()
		case a == nil || b.key.Compare(&a.key) < 0:
			items = append(items, item{b.key, !b.add})
			y.next()
		default:
			if a.add != b.add {
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
	case &a.leaves[p.c].items[0] == &b.leaves[o.c].items[0]: // leaves are whole
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
	c := sort.Search(len(leaves), func(c int) bool {
		items := leaves[c].items
		return items[len(items)-1].key.Compare(k) >= least
	})
	items := leaves[c].items
	return place{d, n, c, sort.Search(len(items), func(i int) bool { return items[i].key.Compare(k) >= least })}
}

// item returns the item at a place, or nil at the end.
func (p *place) item() *item {
	if p.n == len(p.d.nodes) {
		return nil
	}
	return &p.d.nodes[p.n].leaves[p.c].items[p.i]
}

func (p *place) next() {
	if p.i++; p.i == len(p.d.nodes[p.n].leaves[p.c].items) {
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
	for i := range p.i {
		t.count(&l.items[i])
	}
	return t
}

// sum returns how many items there are from low to high, both included, and their net.
func (d *delta) sum(low, high *block.Key) (items, net int) {
	if d.items == 0 {
		return 0, 0
	}
	p := d.seek(low)
	if it := p.item(); it == nil || it.key.Compare(high) > 0 {
		return 0, 0
	}
	q := d.bound(high, 1)
	a, b := p.before(), q.before()
	return b.items - a.items, b.net - a.net
}

// find returns the item of a key, or nil.
func (d *delta) find(k *block.Key) *item {
	if d.items == 0 {
		return nil
	}
	p := d.seek(k)
	if it := p.item(); it != nil && it.key == *k {
		return it
	}
	return nil
}
