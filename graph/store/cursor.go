package store

import (
	"context"

	"mocban/graph"
	"mocban/graph/block"
)

// A cursor gives the rows of bounds. Rows of the base are taken block by block; where the
// delta has items, the two are merged.
type cursor struct {
	reading

	cols     [4][]graph.ID
	few      [3][ownRows]graph.ID // memory for the columns of few rows
	selected []bool
}

// A reading is all of a cursor but memory that it may use again.
type reading struct {
	ctx  context.Context // of the one scan that it is
	snap *snapshot
	bounds
	union bool
	pos   [4]graph.Pos
	fill  [4]bool // columns to give, in the order of the index
	read  [4]bool // columns to read: those to give and those of conditions
	now   [4]bool // columns that are read at this place; of a union often more
	apart bool    // the rows at this place are different triples

	dir    *directory
	at     spot // of the block, or of the next one if there is none
	blk    *block.Block
	row    int // next row of the block, up to end
	end    int
	most   int   // rows to read from the block at once; 0 for all
	seeks  int   // keys that were sought in this block, and in those before as they lie near each other
	items  place // of the next item
	keep   bool  // blocks in the cache
	loaded int   // blocks

	triple [3]graph.ID // the last one given of a union
	given  bool
	err    error
	closed bool
}

// keepBlocks returns how many blocks a scan may be from which on it does not keep them in the
// cache: it would drive out what is asked for more often.
func (s *Store) keepBlocks() int { return max(int(s.o.Cache/(4*blockBytesKept)), 64) }

// surelyKept is how many blocks of a scan are kept however long it is.
const surelyKept = 16

// blockBytesKept is about what a block takes in the cache.
const blockBytesKept = 4 << 10

func newCursor(ctx context.Context, sn *snapshot, b bounds, union bool, columns graph.Columns) *cursor {
	c := new(cursor)
	c.open(ctx, sn, b, union, columns)
	return c
}

// open begins a scan, in a cursor that is new or closed.
func (c *cursor) open(ctx context.Context, sn *snapshot, b bounds, union bool, columns graph.Columns) {
	c.reading = reading{ctx: ctx, snap: sn, bounds: b, union: union, pos: b.index.order().Positions(), dir: sn.base.dirs[b.index]}
	for i, pos := range c.pos {
		c.fill[i] = columns.Has(pos)
		c.read[i] = c.fill[i]
	}
	for _, cond := range b.rest {
		c.read[cond.col] = true
	}
	if c.low.Compare(&c.high) > 0 {
		c.closed = true // an empty range
		return
	}
	c.at = c.dir.seek(&c.low)
	c.keep = true
	c.items = sn.deltas[b.index].end()
	if c.items.d.items > 0 {
		c.items = c.items.d.seek(&c.low)
	}
}

// item returns the key of the next item of the delta within the bounds, or nil.
func (c *cursor) item() *block.Key {
	if c.items.d.items == 0 {
		return nil
	}
	k := c.items.key()
	if k == nil || k.Compare(&c.high) > 0 {
		return nil
	}
	return k
}

// load makes the next block with rows in the bounds the current one. Without one, blk is nil.
func (c *cursor) load() error {
	if c.blk != nil {
		c.blk = nil
		c.at = c.dir.after(c.at)
	}
	c.skipCopies()
	for {
		e := c.dir.at(c.at)
		if e == nil || e.first.Compare(&c.high) > 0 {
			return nil
		}
		if c.loaded++; c.loaded == surelyKept {
			c.keep = c.dir.between(c.at, c.dir.seek(&c.high)) < c.snap.s.keepBlocks()
		}
		b, err := c.snap.base.imp.block(c.index, e, c.keep)
		if err != nil {
			return err
		}
		c.row, c.end = 0, b.Len()
		if e.first.Compare(&c.low) < 0 || e.last.Compare(&c.high) > 0 {
			c.row, c.end = b.Range(&c.low, &c.high)
		}
		if c.row < c.end && c.possible(b) {
			c.blk = b
			return nil
		}
		if k := c.item(); c.row < c.end && k != nil && k.Compare(&e.last) <= 0 {
			c.blk = b // its rows matter to the items
			return nil
		}
		c.at = c.dir.after(c.at)
	}
}

// skipCopies passes by the blocks that hold nothing but the triple of a union that was given
// last: what all records say stands in as many graphs. Where the delta differs from them,
// they are read.
func (c *cursor) skipCopies() {
	if !c.union || !c.given {
		return
	}
	e := c.dir.at(c.at)
	if e == nil || [3]graph.ID(e.first[:3]) != c.triple || [3]graph.ID(e.last[:3]) != c.triple {
		return
	}
	end := block.Key{c.triple[0], c.triple[1], c.triple[2], maxID}
	if k := c.item(); k == nil || k.Compare(&end) > 0 {
		c.at = c.dir.seek(&end)
	}
}

// possible tells whether rows of a block can fulfil the conditions.
func (c *cursor) possible(b *block.Block) bool {
	for _, cond := range c.rest {
		if low, high := b.Bounds(cond.col); high < cond.low || cond.high < low {
			return false
		}
	}
	return true
}

// Next implements graph.Cursor.
func (c *cursor) Next(b *graph.Block) bool {
	*b = graph.Block{}
	for c.err == nil && !c.closed {
		if c.err = c.ctx.Err(); c.err != nil {
			return false
		}
		if c.snap.closed.Load() {
			c.err = c.snap.check()
			return false
		}
		if c.blk == nil || c.row == c.end {
			if c.err = c.load(); c.err != nil {
				return false
			}
		}
		n := 0
		switch k := c.item(); {
		case c.blk == nil && k == nil:
			return false
		case c.blk == nil:
			n = c.fromDelta()
		case k == nil || k.Compare(c.lastKey()) > 0:
			n = c.fromBlock()
		default:
			n = c.merge()
		}
		if n = c.choose(n); n > 0 {
			b.Len = n
			for i, pos := range c.pos {
				if c.fill[i] {
					b.Cols[pos] = c.cols[i][:n]
				}
			}
			return true
		}
	}
	return false
}

// lastKey returns a key that is not below the last row that is left of the block, and below
// the next block.
func (c *cursor) lastKey() *block.Key {
	if e := c.dir.at(c.at); e.last.Compare(&c.high) < 0 {
		return &e.last
	}
	return &c.high
}

// grow makes room for n values in the columns to read. All of a triple is read where those of
// a union may stand more than once.
func (c *cursor) grow(n int) {
	c.now = c.read
	if c.union && !c.apart {
		c.now[0], c.now[1], c.now[2] = true, true, true
	}
	for i := range c.cols {
		if c.now[i] && cap(c.cols[i]) < n {
			if n <= ownRows && i < len(c.few) {
				c.cols[i] = c.few[i][:]
			} else {
				c.cols[i] = make([]graph.ID, n)
			}
		}
		c.cols[i] = c.cols[i][:cap(c.cols[i])]
	}
}

// fromBlock reads what is left of the block.
func (c *cursor) fromBlock() int {
	if c.apart = c.union && c.blk.Distinct(3) == c.blk.Len(); c.apart {
		if c.given && c.tripleAt(c.row) == c.triple {
			c.row++
		}
		if end := c.part(); end < c.end || !c.lastBlock() {
			c.triple, c.given = c.tripleAt(end-1), true
		}
	} else if c.union && c.row < c.end && len(c.rest) == 0 {
		if t := c.tripleAt(c.row); t == c.tripleAt(c.end-1) { // copies of one triple
			if c.given && t == c.triple {
				c.row = c.end
				return 0
			}
			c.apart, c.triple, c.given = true, t, true
			c.fill1(t)
			c.row = c.end
			return 1
		}
	}
	end := c.part()
	n := end - c.row
	c.grow(n)
	for i := range c.cols {
		if c.now[i] {
			c.blk.Fill(c.cols[i][:n], i, c.row)
		}
	}
	c.row = end
	c.most *= 4
	return n
}

// lastBlock tells that nothing comes after the rows of the block.
func (c *cursor) lastBlock() bool {
	return c.dir.at(c.at).last.Compare(&c.high) >= 0 && c.item() == nil
}

// ownRows is for how many rows a cursor has memory of its own.
const ownRows = 16

// seekRows is how many rows are read at first where a key was sought: often it has few, and
// the next key lies further on. Where one key after the other is in the same block, more and
// more rows are read, up to all: taking rows out costs less than seeking then.
const (
	seekRows = 16
	maxSeeks = 3
)

// sought notes that a key was sought, in the same block as the last one or in another.
func (c *cursor) sought(same bool) {
	if same {
		c.seeks = min(c.seeks+1, maxSeeks)
	} else {
		c.seeks /= 2
	}
	c.most = seekRows << (2 * c.seeks)
}

// part returns the end of the rows that are read at once.
func (c *cursor) part() int {
	if c.most > 0 && c.end-c.row > c.most {
		return c.row + c.most
	}
	return c.end
}

// fill1 reads the one row that is a triple.
func (c *cursor) fill1(t [3]graph.ID) {
	c.grow(1)
	for i, id := range t {
		if c.now[i] {
			c.cols[i][0] = id
		}
	}
}

// tripleAt returns a triple of the block.
func (c *cursor) tripleAt(row int) [3]graph.ID {
	return [3]graph.ID{c.blk.At(0, row), c.blk.At(1, row), c.blk.At(2, row)}
}

// waiting returns how many items of the delta there are up to a key, at most limit.
func (c *cursor) waiting(high *block.Key, limit int) (n int) {
	if c.items.d.items == 0 {
		return 0
	}
	at := c.items
	for k := at.key(); n < limit && k != nil && k.Compare(high) <= 0; k = at.key() {
		n++
		at.next()
	}
	return n
}

// fromDelta reads items where the base has no more rows.
func (c *cursor) fromDelta() int {
	c.apart = false
	room := c.waiting(&c.high, block.MaxRows)
	c.grow(room)
	n := 0
	for k := c.item(); k != nil && n < room; k = c.item() {
		if c.items.adds() {
			c.set(n, k)
			n++
		}
		c.items.next()
	}
	return n
}

func (c *cursor) set(n int, k *block.Key) {
	for i := range c.cols {
		if c.now[i] {
			c.cols[i][n] = k[i]
		}
	}
}

// merge reads the block and the items that stand in its range.
func (c *cursor) merge() int {
	c.apart = false
	room := c.end - c.row
	room += c.waiting(c.lastKey(), max(block.MaxRows-room, 0))
	c.grow(min(room, block.MaxRows))
	n := 0
	for n < block.MaxRows {
		k := c.item()
		if k == nil || k.Compare(c.lastKey()) > 0 {
			return c.copyRows(n, c.end)
		}
		to := min(c.blk.Search(k, c.row), c.end)
		if n = c.copyRows(n, to); c.row < to {
			return n
		}
		if n == block.MaxRows {
			return n
		}
		if c.items.adds() {
			c.set(n, k)
			n++
		} else {
			c.row++ // the row that it removes
		}
		c.items.next()
	}
	return n
}

// copyRows adds rows of the block before row to, after the n that there are.
func (c *cursor) copyRows(n, to int) int {
	k := min(to-c.row, block.MaxRows-n)
	for i := range c.cols {
		if c.now[i] {
			c.blk.Fill(c.cols[i][n:n+k], i, c.row)
		}
	}
	c.row += k
	return n + k
}

// choose keeps of n rows those that fulfil the conditions and, for a union, the first of
// each triple.
func (c *cursor) choose(n int) int {
	if n == 0 || len(c.rest) == 0 && (!c.union || c.apart) {
		return n
	}
	if len(c.selected) < n {
		c.selected = make([]bool, max(n, 64))
	}
	sel := c.selected[:n]
	for i := range sel {
		sel[i] = true
	}
	for _, cond := range c.rest {
		col := c.cols[cond.col][:n]
		for i, id := range col {
			if id < cond.low || id > cond.high {
				sel[i] = false
			}
		}
	}
	if c.union && !c.apart {
		c.firstOnly(sel)
	}
	return c.compact(sel)
}

func (c *cursor) firstOnly(sel []bool) {
	a, b, o := c.cols[0], c.cols[1], c.cols[2]
	for i := range sel {
		if !sel[i] {
			continue
		}
		t := [3]graph.ID{a[i], b[i], o[i]}
		if c.given && t == c.triple {
			sel[i] = false
			continue
		}
		c.triple, c.given = t, true
	}
}

func (c *cursor) compact(sel []bool) int {
	kept := 0
	for _, ok := range sel {
		if ok {
			kept++
		}
	}
	if kept == len(sel) {
		return kept
	}
	for i := range c.cols {
		if !c.fill[i] {
			continue
		}
		col, k := c.cols[i], 0
		for j, ok := range sel {
			if ok {
				col[k] = col[j]
				k++
			}
		}
	}
	return kept
}

// Seek implements graph.Cursor.
func (c *cursor) Seek(row graph.Row) {
	k := c.index.key(&row)
	copy(k[:c.prefix], c.low[:c.prefix])
	for _, cond := range c.rest {
		if cond.bound {
			k[cond.col] = cond.low
		}
	}
	if c.union && k[3] != graph.None {
		c.triple, c.given = [3]graph.ID(k[:3]), true // its one row stands before
	}
	if k.Compare(&c.low) <= 0 || c.closed {
		return
	}
	c.low = k
	if at := c.items.key(); at != nil && at.Compare(&k) < 0 {
		c.items = c.items.d.seek(&k)
	}
	if c.blk == nil && c.dir.at(c.at) == nil {
		return
	}
	if e := c.dir.at(c.at); c.blk != nil && e.last.Compare(&k) >= 0 {
		c.row = min(c.blk.Search(&k, c.row), c.end)
		c.sought(true)
		return
	}
	c.sought(false)
	c.blk = nil
	if to := c.dir.seek(&k); to.page > c.at.page || to.page == c.at.page && to.extent > c.at.extent {
		c.at = to
	}
}

// Err implements graph.Cursor.
func (c *cursor) Err() error { return c.err }

// Close implements graph.Cursor.
func (c *cursor) Close() error {
	c.closed = true
	c.ctx, c.snap, c.dir, c.blk, c.items = nil, nil, nil, nil, place{}
	return nil
}
