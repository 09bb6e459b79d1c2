package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	"mocban/graph"
	"mocban/graph/block"
	"mocban/graph/kv"
)

// An index is one of the sorted lists of rows: an order, or the names of graphs as rows of
// which all but the graph is zero.
type index uint8

const (
	graphsIndex index = iota + 5
	indexes
)

// order returns the order of an index.
func (x index) order() graph.Order {
	if x == graphsIndex {
		return graph.GSPO
	}
	return graph.SPO + graph.Order(x)
}

func indexOf(o graph.Order) index { return index(o - graph.SPO) }

// key returns a row as a key of an index.
func (x index) key(r *graph.Row) (k block.Key) {
	p := x.order().Positions()
	return block.Key{r[p[0]], r[p[1]], r[p[2]], r[p[3]]}
}

// row is the other way of key.
func (x index) row(k *block.Key) (r graph.Row) {
	for i, pos := range x.order().Positions() {
		r[pos] = k[i]
	}
	return r
}

// counts are numbers of rows, and of different beginnings of one to three columns.
type counts struct {
	rows     uint64
	distinct [3]uint64
}

func (c *counts) plus(o *counts) {
	c.rows += o.rows
	for i := range c.distinct {
		c.distinct[i] += o.distinct[i]
	}
}

// joint takes off what is counted on both sides where one list of rows follows another.
func (c *counts) joint(last, first *block.Key) {
	for i := range c.distinct {
		if last[i] != first[i] {
			return
		}
		c.distinct[i]--
	}
}

// An extent is a block as the directory knows it.
type extent struct {
	id          uint64
	first, last block.Key
	counts      counts
	slot        *kv.Slot[*block.Block] // of the cache; the same one wherever the block is told of
}

// A dirPage is a page of a directory. It is not changed.
type dirPage struct {
	id      uint64
	extents []extent
	before  []counts // of the extents before each on the page
	total   counts
	lasts   lastKeys // of the extents
}

func newDirPage(id uint64, extents []extent) *dirPage {
	p := &dirPage{id: id, extents: extents, before: make([]counts, len(extents)), lasts: newLastKeys(len(extents))}
	slots := make([]kv.Slot[*block.Block], len(extents))
	for i := range extents {
		if extents[i].slot == nil {
			extents[i].slot = &slots[i]
		}
		p.lasts.set(i, &extents[i].last)
		p.before[i] = p.total
		if i > 0 {
			p.total.joint(&extents[i-1].last, &extents[i].first)
		}
		p.total.plus(&extents[i].counts)
	}
	return p
}

func (p *dirPage) first() *block.Key { return &p.extents[0].first }
func (p *dirPage) last() *block.Key  { return &p.extents[len(p.extents)-1].last }

// pageExtents is how many extents a page of a directory has.
const pageExtents = 256

// A directory is the sorted list of the blocks of an index. It is not changed.
type directory struct {
	pages  []*dirPage
	before []counts // of the pages before each
	total  counts
	lasts  lastKeys // of the pages
}

func newDirectory(pages []*dirPage) *directory {
	d := &directory{pages: pages, before: make([]counts, len(pages)), lasts: newLastKeys(len(pages))}
	for i, p := range pages {
		d.lasts.set(i, p.last())
		d.before[i] = d.total
		if i > 0 {
			d.total.joint(pages[i-1].last(), p.first())
		}
		d.total.plus(&p.total)
	}
	return d
}

// A lastKeys is a list of last rows, to be searched: close together, and their first columns
// once more, since these decide most searches and fit in a few lines of the processor's cache.
type lastKeys struct {
	first []graph.ID
	keys  []block.Key
}

func newLastKeys(n int) lastKeys { return lastKeys{make([]graph.ID, n), make([]block.Key, n)} }

func (l *lastKeys) set(i int, k *block.Key) { l.first[i], l.keys[i] = k[0], *k }

// seek returns the number of the first row that is not below k.
func (l *lastKeys) seek(k *block.Key) int {
	lo, hi := 0, len(l.first)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if l.first[mid] < k[0] {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == len(l.first) || l.keys[lo].Compare(k) >= 0 {
		return lo
	}
	return l.between(lo+1, len(l.keys), k)
}

// between returns the first row from lo to before hi that is not below k, or hi.
func (l *lastKeys) between(lo, hi int, k *block.Key) int {
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if l.keys[mid].Compare(k) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// seekFrom is seek where row i is below k, and what is looked for is not far.
func (l *lastKeys) seekFrom(i int, k *block.Key) int {
	step := 1
	for ; i+step < len(l.keys) && l.keys[i+step].Compare(k) < 0; step *= 2 {
		i += step
	}
	return l.between(i+1, min(i+step, len(l.keys)), k)
}

// A spot is a place in a directory.
type spot struct{ page, extent int }

// seek returns the place of the first block whose last row is not below k.
func (d *directory) seek(k *block.Key) spot {
	p := d.lasts.seek(k)
	if p == len(d.pages) {
		return spot{p, 0}
	}
	return spot{p, d.pages[p].lasts.seek(k)}
}

// seekFrom is seek from a block on whose last row is below k.
func (d *directory) seekFrom(s spot, k *block.Key) spot {
	p := d.pages[s.page]
	if p.last().Compare(k) < 0 {
		return d.seek(k)
	}
	return spot{s.page, p.lasts.seekFrom(s.extent, k)}
}

// at returns the block at a place, or nil at the end.
func (d *directory) at(s spot) *extent {
	if s.page == len(d.pages) {
		return nil
	}
	return &d.pages[s.page].extents[s.extent]
}

func (d *directory) after(s spot) spot {
	if s.extent++; s.extent == len(d.pages[s.page].extents) {
		return spot{s.page + 1, 0}
	}
	return s
}

// between returns how many blocks there are from one place to before another.
func (d *directory) between(a, b spot) (n int) {
	if a.page == b.page {
		return b.extent - a.extent
	}
	n = len(d.pages[a.page].extents) - a.extent + b.extent
	for _, p := range d.pages[a.page+1 : b.page] {
		n += len(p.extents)
	}
	return n
}

// start returns the counts of the rows before a place.
func (d *directory) start(s spot) counts {
	if s.page == len(d.pages) {
		return d.total
	}
	c := d.before[s.page]
	if s.extent > 0 {
		p := d.pages[s.page]
		if s.page > 0 {
			c.joint(d.pages[s.page-1].last(), p.first())
		}
		c.plus(&p.before[s.extent])
	}
	return c
}

// lastBefore returns the last row before a place, or nil.
func (d *directory) lastBefore(s spot) *block.Key {
	switch {
	case s.extent > 0:
		return &d.pages[s.page].extents[s.extent-1].last
	case s.page > 0:
		return d.pages[s.page-1].last()
	}
	return nil
}

// A page of a directory is kept as its number of extents and for each of them the number of
// the block, rows, three distinct counts, then per column the first row minus the last row
// before (or zero), and per column the last row minus the first. All are varints, those of
// differences zigzag.
func (p *dirPage) encode() []byte {
	b := binary.AppendUvarint([]byte{dirVersion}, uint64(len(p.extents)))
	var last block.Key
	for i := range p.extents {
		e := &p.extents[i]
		b = binary.AppendUvarint(b, e.id)
		b = binary.AppendUvarint(b, e.counts.rows)
		for _, n := range e.counts.distinct {
			b = binary.AppendUvarint(b, n)
		}
		for c := range last {
			b = binary.AppendVarint(b, int64(e.first[c]-last[c]))
		}
		for c := range last {
			b = binary.AppendVarint(b, int64(e.last[c]-e.first[c]))
		}
		last = e.last
	}
	return b
}

const dirVersion = 1

var errDirPage = errors.New("a page of a directory does not parse")

func parseDirPage(id uint64, b []byte) (*dirPage, error) {
	if len(b) == 0 || b[0] != dirVersion {
		return nil, errDirPage
	}
	r := numbers{b: b[1:]}
	n := r.uint()
	if n == 0 || n > uint64(len(b)) {
		return nil, errDirPage
	}
	extents := make([]extent, n)
	var last block.Key
	for i := range extents {
		e := &extents[i]
		e.id, e.counts.rows = r.uint(), r.uint()
		for c := range e.counts.distinct {
			e.counts.distinct[c] = r.uint()
		}
		for c := range last {
			e.first[c] = last[c] + graph.ID(r.int())
		}
		for c := range last {
			e.last[c] = e.first[c] + graph.ID(r.int())
		}
		last = e.last
	}
	if r.err != nil || len(r.b) > 0 {
		return nil, errDirPage
	}
	return newDirPage(id, extents), nil
}

// numbers reads numbers.
type numbers struct {
	b   []byte
	err error
}

func (r *numbers) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.err, r.b = fmt.Errorf("a number is missing"), nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *numbers) int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.err, r.b = fmt.Errorf("a number is missing"), nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *numbers) take(n int) []byte {
	if n > len(r.b) {
		r.err, r.b = fmt.Errorf("bytes are missing"), nil
		return make([]byte, n)
	}
	s := r.b[:n]
	r.b = r.b[n:]
	return s
}
