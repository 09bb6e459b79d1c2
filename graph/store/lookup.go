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
//
// Blocks lie all over the memory, and waiting for it is most of what a search costs. So some keys
// are looked up together, step by step: what a step reads for one key does not depend on what it
// reads for the others, and the processor waits for all of it at once.
type lookup struct {
	*graph.Lookup
	ctx  context.Context
	snap *snapshot
	bounds
	pos   [4]graph.Pos // in the order of the index
	key   graph.Pos    // position of the keys
	dir   *directory
	at    spot // of the first block that may have rows of the next key
	items place
	scan  graph.Cursor // closed

	found   [groupKeys]sought // of a group of keys
	last    *extent           // the last block that was searched
	blk     *block.Block      // that one
	row     int               // its first row that is not below the next key
	touched uint64            // so that what is touched has to be read
}

// A sought is the rows of a key in a block; without a block there are none.
type sought struct {
	extent   *extent
	blk      *block.Block
	from, to int
}

// groupKeys is how many keys are looked up together.
const groupKeys = 32

// Lookup finds the rows of the keys, up to a key with which there are too many. What is found is
// what a scan of each key would give.
func (sn *snapshot) Lookup(ctx context.Context, l *graph.Lookup) error {
	o := l.Pattern.In(l.Order)
	f := lookup{Lookup: l, ctx: ctx, snap: sn, bounds: boundsOf(l.Pattern, o), pos: o.Positions()}
	f.dir, f.items = sn.base.dirs[f.index], sn.deltas[f.index].begin()
	f.key = f.pos[f.prefix]
	l.Columns = columnsOf(l.Pattern, l.Columns) &^ graph.Cols(f.key)
	for keys := l.Keys; len(keys) > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := sn.check(); err != nil {
			return err
		}
		n, alone := f.locate(keys[:min(len(keys), groupKeys)])
		if err := f.search(keys[:n]); err != nil {
			return err
		}
		if !f.takeAll(n) {
			return nil
		}
		keys = keys[n:]
		if alone {
			start := l.Rows
			if err := f.read(keys[0]); err != nil {
				return err
			}
			if l.Rows > l.Most {
				f.forget(start)
				return nil
			}
			l.Ends = append(l.Ends, int32(l.Rows))
			keys = keys[1:]
		}
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

// locate finds the blocks of keys, up to one that has rows in the delta or, maybe, in more than
// one block. It returns before how many, and whether there is such a one.
func (f *lookup) locate(keys []graph.ID) (n int, alone bool) {
	for i, key := range keys {
		f.low[f.prefix], f.high[f.prefix] = key, key
		if f.items.d.items > 0 {
			if k := f.items.key(); k != nil && k.Compare(&f.low) < 0 {
				f.items = f.items.d.seek(&f.low)
			}
			if k := f.items.key(); k != nil && k.Compare(&f.high) <= 0 {
				return i, true
			}
		}
		e := f.dir.at(f.at)
		if e != nil && e.last.Compare(&f.low) < 0 {
			f.at = f.dir.seekFrom(f.at, &f.low)
			e = f.dir.at(f.at)
		}
		switch {
		case e == nil || e.first.Compare(&f.high) > 0:
			e = nil
		case e.last.Compare(&f.high) <= 0:
			return i, true // the next block may have rows too
		}
		f.found[i] = sought{extent: e}
	}
	return len(keys), false
}

// search finds the rows of located keys.
func (f *lookup) search(keys []graph.ID) error {
	found := f.found[:len(keys)]
	blk, last := f.blk, f.last
	for i := range found {
		e := found[i].extent
		if e == nil {
			continue
		}
		if e != last {
			b, err := f.snap.base.imp.block(f.index, e, true)
			if err != nil {
				return err
			}
			blk, last = b, e
		}
		found[i].blk = blk
	}
	if len(keys) > 1 {
		for i := range found {
			if found[i].blk != nil {
				f.touched += found[i].blk.TouchColumn(f.prefix)
			}
		}
		for i, key := range keys {
			if found[i].blk != nil {
				f.touched += found[i].blk.TouchNear(f.prefix, key)
			}
		}
	}
	for i, key := range keys {
		s := &found[i]
		if s.blk == nil {
			continue
		}
		if s.blk != f.blk {
			f.blk, f.row = s.blk, 0
		}
		f.low[f.prefix] = key
		s.from, s.to = s.blk.Equal(&f.low, f.prefix+1, f.row)
		f.row = s.to
	}
	f.last = last
	return nil
}

// takeAll takes up what was found for the first n keys of the group, until there would be too much.
func (f *lookup) takeAll(n int) bool {
	if n == 0 {
		return true
	}
	found := f.found[:n]
	plain := len(f.rest) == 0
	for i := range found {
		plain = plain && !f.copies(&found[i])
	}
	if !plain {
		for i := range found {
			start := f.Rows
			f.take(&found[i])
			if f.Rows > f.Most {
				f.forget(start)
				return false
			}
			f.Ends = append(f.Ends, int32(f.Rows))
		}
		return true
	}
	start := f.Rows
	for i := range found {
		s := &found[i]
		if f.First {
			s.to = min(s.to, s.from+1)
		}
		if f.Rows+s.to-s.from > f.Most {
			found = found[:i]
			break
		}
		f.Rows += s.to - s.from
		f.Ends = append(f.Ends, int32(f.Rows))
	}
	for i, pos := range f.pos {
		if !f.Columns.Has(pos) {
			continue
		}
		col := slices.Grow(f.Cols[pos], f.Rows-start)[:f.Rows]
		at := start
		for j := range found {
			switch s := &found[j]; s.to - s.from {
			case 0:
			case 1:
				col[at] = s.blk.At(i, s.from)
				at++
			default:
				s.blk.Fill(col[at:at+s.to-s.from], i, s.from)
				at += s.to - s.from
			}
		}
		f.Cols[pos] = col
	}
	return len(found) == n
}

// copies tells whether some rows may stand for a triple that another stands for.
func (f *lookup) copies(s *sought) bool {
	return f.Pattern.Union && s.to-s.from > 1 && s.blk.Distinct(3) < s.blk.Len()
}

// take takes up the rows of a key, but for those that stand for a triple that was given or are of
// another graph.
func (f *lookup) take(s *sought) {
	copies := f.copies(s)
	var last block.Key
	for row := s.from; row < s.to; row++ {
		k := s.blk.Key(row)
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
		f.Rows++
		for i, pos := range f.pos {
			if f.Columns.Has(pos) {
				f.Cols[pos] = append(f.Cols[pos], k[i])
			}
		}
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
