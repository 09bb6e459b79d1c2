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

// A delta is a sorted list of items, in leaves. It is not changed: apply makes a new one
// that shares the leaves that stay as they are.
type delta struct {
	leaves []leaf
	items  int
	net    int // items that add, less those that remove
}

type leaf struct {
	items []item
	net   int
}

const (
	leafItems    = 64
	maxLeafItems = 2 * leafItems
)

func (d *delta) push(items []item) {
	for len(items) > 0 {
		n := len(items)
		if n > maxLeafItems {
			n = leafItems
		}
		c := leaf{items: items[:n:n]}
		for i := range c.items {
			if c.items[i].add {
				c.net++
			} else {
				c.net--
			}
		}
		d.pushLeaf(c)
		items = items[n:]
	}
}

func (d *delta) pushLeaf(c leaf) {
	d.leaves = append(d.leaves, c)
	d.items += len(c.items)
	d.net += c.net
}

// apply returns the delta after further changes, sorted by key, each key once. What adds a
// removed row or removes an added one cancels it.
func (d *delta) apply(edits []item) *delta {
	out := &delta{leaves: make([]leaf, 0, len(d.leaves)+len(edits)/leafItems+1)}
	i := 0
	for len(edits) > 0 {
		first := edits[0].key
		at := i + sort.Search(len(d.leaves)-i, func(k int) bool { return d.leaves[i+k].items[0].key.Compare(&first) > 0 }) - 1
		at = max(at, i)
		for ; i < at; i++ {
			out.pushLeaf(d.leaves[i])
		}
		if i == len(d.leaves) {
			out.push(edits)
			return out
		}
		n := len(edits)
		if i+1 < len(d.leaves) {
			next := &d.leaves[i+1].items[0].key
			n = sort.Search(n, func(k int) bool { return edits[k].key.Compare(next) >= 0 })
		}
		out.push(mergeItems(d.leaves[i].items, edits[:n]))
		edits = edits[n:]
		i++
	}
	for ; i < len(d.leaves); i++ {
		out.pushLeaf(d.leaves[i])
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
	var items []item
	x, y := d.begin(), old.begin()
	for {
		a, b := x.item(), y.item()
		switch {
		case a == nil && b == nil:
			out.push(items)
			return out
		case b == nil || a != nil && a.key.Compare(&b.key) < 0:
			items = append(items, *a)
			x.next()
		case a == nil || b.key.Compare(&a.key) < 0:
			items = append(items, item{b.key, !b.add})
			y.next()
		default:
			x.next()
			y.next()
		}
	}
}

// A place is a place in a delta.
type place struct {
	d *delta
	c int // leaf
	i int // item in it
}

func (d *delta) begin() place { return place{d: d} }

// seek returns the place of the first item that is not below k.
func (d *delta) seek(k *block.Key) place {
	c := sort.Search(len(d.leaves), func(c int) bool {
		items := d.leaves[c].items
		return items[len(items)-1].key.Compare(k) >= 0
	})
	if c == len(d.leaves) {
		return place{d, c, 0}
	}
	items := d.leaves[c].items
	return place{d, c, sort.Search(len(items), func(i int) bool { return items[i].key.Compare(k) >= 0 })}
}

// item returns the item at a place, or nil at the end.
func (p *place) item() *item {
	if p.c == len(p.d.leaves) {
		return nil
	}
	return &p.d.leaves[p.c].items[p.i]
}

func (p *place) next() {
	if p.i++; p.i == len(p.d.leaves[p.c].items) {
		p.c, p.i = p.c+1, 0
	}
}

// sum returns how many items there are from low to high, both included, and their net.
func (d *delta) sum(low, high *block.Key) (items, net int) {
	if d.items == 0 {
		return 0, 0
	}
	p := d.seek(low)
	for p.c < len(d.leaves) {
		c := &d.leaves[p.c]
		if p.i == 0 && c.items[len(c.items)-1].key.Compare(high) <= 0 {
			items += len(c.items)
			net += c.net
			p.c++
			continue
		}
		it := &c.items[p.i]
		if it.key.Compare(high) > 0 {
			break
		}
		items++
		if it.add {
			net++
		} else {
			net--
		}
		p.next()
	}
	return items, net
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
