package store

import (
	"bytes"
	"context"
	"fmt"

	"mocban/graph"
	"mocban/graph/block"
	"mocban/graph/dict"
	"mocban/graph/kv"
)

// A folder makes a directory and its blocks anew from the old ones and items. Blocks
// without items stay.
type folder struct {
	s    *Store
	x    index
	old  *directory
	set  dict.Setter
	dead []deadID

	extents []extent // of the new directory
	rows    rowBuffer
	enc     block.Encoder
	out     []byte
	pause   func(context.Context) // if not nil, called after each block
	known   func(*block.Key)      // told of an item that adds a row that is there
	tally   tally                 // of what was changed
	added   func()                // told of an item that adds a row that is not there, if not nil

	carry func(*kv.Slot[*block.Block], *block.Block) // told of blocks that are likely to be asked for, if not nil
	hot   [2]bool                                    // the old block that was read last and the one before were in the cache
}

// A rowBuffer collects rows, by column.
type rowBuffer struct {
	cols [4][]graph.ID
}

func (r *rowBuffer) len() int { return len(r.cols[0]) }

func (r *rowBuffer) add(k *block.Key) {
	for i := range r.cols {
		r.cols[i] = append(r.cols[i], k[i])
	}
}

// addBlock adds rows of a block from one to before another.
func (r *rowBuffer) addBlock(b *block.Block, from, to int) {
	n := r.len()
	for i := range r.cols {
		for cap(r.cols[i]) < n+to-from {
			r.cols[i] = append(r.cols[i][:cap(r.cols[i])], 0)
		}
		r.cols[i] = r.cols[i][:n+to-from]
		b.Fill(r.cols[i][n:], i, from)
	}
}

func (r *rowBuffer) key(i int) (k block.Key) {
	for c := range k {
		k[c] = r.cols[c][i]
	}
	return k
}

func (r *rowBuffer) slice(from, to int) *[4][]graph.ID {
	var cols [4][]graph.ID
	for c := range cols {
		cols[c] = r.cols[c][from:to]
	}
	return &cols
}

func (r *rowBuffer) drop(n int) {
	for c := range r.cols {
		r.cols[c] = r.cols[c][:copy(r.cols[c], r.cols[c][n:])]
	}
}

func newFolder(s *Store, x index, old *directory, set dict.Setter) *folder {
	return &folder{s: s, x: x, old: old, set: set}
}

// fewRows is how many rows a block should have at least, if others follow.
const fewRows = block.MaxRows / 2

// run folds the items, which come in order. Blocks of few rows are joined on the way.
func (f *folder) run(ctx context.Context, next func() *item) error {
	it := next()
	at := spot{}
	for n := 0; ; n++ {
		if n%64 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		e := f.old.at(at)
		if e == nil {
			break
		}
		touched := it != nil && it.key.Compare(&e.last) <= 0
		if touched && f.pause != nil {
			f.pause(ctx)
		}
		if !touched && e.counts.rows >= fewRows && (f.rows.len() == 0 || f.rows.len() >= fewRows) {
			if err := f.flush(); err != nil {
				return err
			}
			f.extents = append(f.extents, *e)
			at = f.old.after(at)
			continue
		}
		b, err := f.read(e)
		if err != nil {
			return err
		}
		f.dead = append(f.dead, deadID{blockKind, f.x, e.id})
		row := 0
		for ; it != nil && it.key.Compare(&e.last) <= 0; it = next() {
			to := b.Search(&it.key, row)
			f.rows.addBlock(b, row, to)
			row = to
			there := b.Key(to) == it.key
			switch {
			case there && it.add:
				if f.known == nil {
					return &graph.CorruptError{Place: fmt.Sprintf("block %d", e.id), Detail: "a row that was added is there already"}
				}
				f.known(&it.key)
			case there:
				row++
				f.tally.remove(f.x, &it.key)
			case it.add:
				f.add(&it.key)
			default:
				return &graph.CorruptError{Place: fmt.Sprintf("block %d", e.id), Detail: "a row that was removed is not there"}
			}
			if err := f.spill(); err != nil {
				return err
			}
		}
		f.rows.addBlock(b, row, b.Len())
		if err := f.spill(); err != nil {
			return err
		}
		at = f.old.after(at)
	}
	for n := 0; it != nil; it = next() {
		if n++; n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		f.add(&it.key)
		if err := f.spill(); err != nil {
			return err
		}
	}
	return f.flush()
}

// read reads an old block. Those in the cache are there for others who ask for them.
func (f *folder) read(e *extent) (*block.Block, error) {
	b, hot := f.s.blocks.Peek(e.slot)
	f.hot[0], f.hot[1] = hot, f.hot[0]
	if hot {
		return b, nil
	}
	return f.s.readBlock(f.x, e.id)
}

// add adds a row that was not there.
func (f *folder) add(k *block.Key) {
	f.rows.add(k)
	f.tally.add(f.x, k)
	if f.added != nil {
		f.added()
	}
}

// spill writes full blocks, but for as many rows as may be needed to fill up the last one.
func (f *folder) spill() error {
	n := 0
	for f.rows.len()-n >= 2*block.MaxRows {
		if err := f.write(n, n+block.MaxRows); err != nil {
			return err
		}
		n += block.MaxRows
	}
	if n > 0 {
		f.rows.drop(n)
	}
	return nil
}

// flush writes all rows, in blocks of about one size.
func (f *folder) flush() error {
	n := f.rows.len()
	blocks := (n + block.MaxRows - 1) / block.MaxRows
	for i := range blocks {
		if err := f.write(n*i/blocks, n*(i+1)/blocks); err != nil {
			return err
		}
	}
	f.rows.drop(n)
	return nil
}

func (f *folder) write(from, to int) error {
	cols := f.rows.slice(from, to)
	f.out = f.enc.Append(f.out[:0], cols)
	id := f.s.last.Add(1)
	e := extent{id: id, first: f.rows.key(from), last: f.rows.key(to - 1)}
	e.counts.rows = uint64(to - from)
	for i, n := range f.enc.Distinct() {
		e.counts.distinct[i] = uint64(n)
	}
	if f.carry != nil && (f.hot[0] || f.hot[1]) {
		b, err := block.Parse(bytes.Clone(f.out))
		if err != nil {
			return err
		}
		e.slot = new(kv.Slot[*block.Block])
		f.carry(e.slot, b)
	}
	f.extents = append(f.extents, e)
	return f.set(appendID(nil, blockKind, f.x, id), f.out)
}

// finish writes the pages of the directory that are new.
func (f *folder) finish() (*directory, error) {
	var pages []*dirPage
	rest := f.extents
	old := f.old.pages
	for len(rest) > 0 {
		// A page whose blocks all stay, stays too.
		for len(old) > 0 && old[0].first().Compare(&rest[0].first) < 0 {
			f.dead = append(f.dead, deadID{dirKind, f.x, old[0].id})
			old = old[1:]
		}
		if len(old) > 0 && samePage(old[0], rest) {
			pages = append(pages, old[0])
			rest = rest[len(old[0].extents):]
			old = old[1:]
			continue
		}
		n := min(pageExtents, len(rest))
		for i := 1; i < n; i++ {
			if k := sameStart(old, rest[i:]); k {
				n = i
			}
		}
		p := newDirPage(f.s.last.Add(1), append([]extent(nil), rest[:n]...))
		if err := f.set(appendID(nil, dirKind, f.x, p.id), p.encode()); err != nil {
			return nil, err
		}
		pages = append(pages, p)
		rest = rest[n:]
	}
	for _, p := range old {
		f.dead = append(f.dead, deadID{dirKind, f.x, p.id})
	}
	return newDirectory(pages), nil
}

// samePage tells whether extents begin with those of a page that is not too small to stay.
func samePage(p *dirPage, extents []extent) bool {
	if len(extents) < len(p.extents) || len(p.extents) < pageExtents/4 {
		return false
	}
	for i := range p.extents {
		if p.extents[i].id != extents[i].id {
			return false
		}
	}
	return true
}

// sameStart tells whether a page that stays begins here.
func sameStart(old []*dirPage, extents []extent) bool {
	for _, p := range old {
		if c := p.first().Compare(&extents[0].first); c >= 0 {
			return c == 0 && samePage(p, extents)
		}
	}
	return false
}
