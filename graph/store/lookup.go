package store

import (
	"context"
	"slices"

	"mocban/graph"
	"mocban/graph/block"
)

// A lookup finds the rows of keys one after the other, further and further on in an index.
// Most keys have their rows within one block and none in the delta: there they are searched
// for and nothing else is read. A cursor finds the others.
type lookup struct {
	*graph.Lookup
	ctx  context.Context
	snap *snapshot
	bounds
	pos   [4]graph.Pos // in the order of the index
	key   graph.Pos    // position of the keys
	dir   *directory
	at    spot         // of the first block that may have rows of the next key
	blk   *block.Block // that one, or nil if it was not read
	row   int          // first row of the block that is not below the next key
	items place
	scan  graph.Cursor // closed
}

// checkKeys is after how many keys it is asked whether the lookup should end.
const checkKeys = 64

// Lookup finds the rows of the keys, up to a key with which there are too many. What is found is
// what a scan of each key would give.
func (sn *snapshot) Lookup(ctx context.Context, l *graph.Lookup) error {
	o := l.Pattern.In(l.Order)
	f := lookup{Lookup: l, ctx: ctx, snap: sn, bounds: boundsOf(l.Pattern, o), pos: o.Positions()}
	f.dir, f.items = sn.base.dirs[f.index], sn.deltas[f.index].begin()
	f.key = f.pos[f.prefix]
	l.Columns = columnsOf(l.Pattern, l.Columns) &^ graph.Cols(f.key)
	for i, key := range l.Keys {
		if i%checkKeys == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := sn.check(); err != nil {
				return err
			}
		}
		start := l.Rows
		if err := f.find(key); err != nil {
			return err
		}
		if l.Rows > l.Most {
			f.forget(start)
			break
		}
		l.Ends = append(l.Ends, int32(l.Rows))
	}
	return nil
}

// forget forgets the rows from n on.
func (f *lookup) forget(n int) {
	f.Rows = n
	for pos, col := range f.Cols {
		if f.Columns.Has(graph.Pos(pos)) {
			f.Cols[pos] = col[:n]
		}
	}
}

// find finds the rows of a key that is above the last one.
func (f *lookup) find(key graph.ID) error {
	f.low[f.prefix], f.high[f.prefix] = key, key
	if f.items.d.items > 0 {
		if k := f.items.key(); k != nil && k.Compare(&f.low) < 0 {
			f.items = f.items.d.seek(&f.low)
		}
		if k := f.items.key(); k != nil && k.Compare(&f.high) <= 0 {
			return f.read(key)
		}
	}
	e := f.dir.at(f.at)
	if e != nil && e.last.Compare(&f.low) < 0 {
		f.at, f.blk = f.dir.seekFrom(f.at, &f.low), nil
		e = f.dir.at(f.at)
	}
	switch {
	case e == nil || e.first.Compare(&f.high) > 0:
		return nil
	case e.last.Compare(&f.high) <= 0:
		return f.read(key) // the next block may have rows too
	}
	if f.blk == nil {
		b, err := f.snap.base.imp.block(f.index, e, true)
		if err != nil {
			return err
		}
		f.blk, f.row = b, 0
	}
	from, to := f.blk.Equal(&f.low, f.prefix+1, f.row)
	f.row = to
	f.take(from, to)
	return nil
}

// take takes up rows of the block: all, unless some stand for a triple that was given or are of
// another graph.
func (f *lookup) take(from, to int) {
	copies := f.Pattern.Union && to-from > 1 && f.blk.Distinct(3) < f.blk.Len()
	if !copies && len(f.rest) == 0 {
		if f.First {
			to = min(to, from+1)
		}
		f.fill(from, to)
		return
	}
	var last block.Key
	for row := from; row < to; row++ {
		k := f.blk.Key(row)
		if copies {
			k[3] = graph.None
			if k == last {
				continue
			}
			last = k
		}
		if !f.fulfils(&k) {
			continue
		}
		f.fill(row, row+1)
		if f.First {
			return
		}
	}
}

func (f *lookup) fulfils(k *block.Key) bool {
	for _, cond := range f.rest {
		if k[cond.col] < cond.low || k[cond.col] > cond.high {
			return false
		}
	}
	return true
}

// fill takes up rows of the block.
func (f *lookup) fill(from, to int) {
	n := to - from
	if f.Rows += n; n == 0 {
		return
	}
	for i, pos := range f.pos {
		if f.Columns.Has(pos) {
			col := f.Cols[pos]
			at := len(col)
			col = slices.Grow(col, n)[:at+n]
			f.blk.Fill(col[at:], i, from)
			f.Cols[pos] = col
		}
	}
}

// read takes up the rows of a key from a cursor.
func (f *lookup) read(key graph.ID) error {
	p := f.Pattern.With(f.key, key)
	c, err := f.snap.Rescan(f.ctx, f.scan, p, f.Order, f.Columns)
	if err != nil {
		return err
	}
	f.scan = c
	defer c.Close()
	start := f.Rows
	for b := (graph.Block{}); f.Rows <= f.Most && !(f.First && f.Rows > start) && c.Next(&b); {
		n := b.Len
		if f.First {
			n = 1
		}
		f.Rows += n
		for pos, col := range b.Cols {
			if f.Columns.Has(graph.Pos(pos)) {
				f.Cols[pos] = append(f.Cols[pos], col[:n]...)
			}
		}
	}
	return c.Err()
}
