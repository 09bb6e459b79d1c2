package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mocban/graph"
	"mocban/graph/block"
	"mocban/graph/dict"
	"mocban/graph/kv"
)

// foldAt returns how many items the delta of a state may have: few over a small base, which
// is soon made anew.
func (s *Store) foldAt(st *state) int {
	if s.o.foldAt > 0 {
		return s.o.foldAt
	}
	return min(max(int(st.base.dirs[0].total.rows/8), leastFoldAt), mostFoldAt)
}

// foldSoon begins to fold the delta into the base, in the background, if it has grown.
func (s *Store) foldSoon(st *state) {
	if st.deltas[0].items < s.foldAt(st) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.folds || s.failed != nil || s.foldErr != nil {
		return
	}
	s.folds = true
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		s.folding.Lock()
		defer s.folding.Unlock()
		err := s.fold(s.ctx, false)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.folds = false
		if err != nil && !errors.Is(err, graph.ErrClosed) && !errors.Is(err, context.Canceled) {
			s.foldErr = err
			s.warn(fmt.Sprintf("folding changes into the base failed: %v", err))
		}
	}()
}

// waitForFold waits while the delta is much larger than it should be.
func (s *Store) waitForFold(ctx context.Context) error {
	for {
		s.mu.Lock()
		wait := s.folds && s.current != nil && s.current.deltas[0].items > waitFactor*s.foldAt(s.current)
		s.mu.Unlock()
		if !wait {
			return nil
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Fold folds all changes into the base.
func (s *Store) Fold(ctx context.Context) error {
	s.folding.Lock()
	defer s.folding.Unlock()
	return s.fold(ctx, false)
}

// fold makes the base anew from the base and the delta. Changes that are committed
// meanwhile stay in the delta. Whoever holds the right to write says so.
func (s *Store) fold(ctx context.Context, holdsWriter bool) error {
	sn, err := s.Snapshot()
	if err != nil {
		return err
	}
	defer sn.Close()
	from := sn.(*snapshot).state
	if from.version == from.base.version {
		return nil
	}
	var batch kv.Batch
	set := s.setter(&batch)
	next := &base{version: from.version, refs: 1}
	var dead []deadID
	for x := range indexes {
		f := newFolder(s, x, from.base.dirs[x], set)
		p := from.deltas[x].begin()
		if err := f.run(ctx, func() *item {
			it := p.item()
			if it != nil {
				p.next()
			}
			return it
		}); err != nil {
			return fmt.Errorf("fold order %v: %w", x.order(), err)
		}
		if next.dirs[x], err = f.finish(); err != nil {
			return err
		}
		dead = append(dead, f.dead...)
	}
	if err := s.db.Write(&batch); err != nil {
		return err
	}
	if !holdsWriter {
		if err := s.take(ctx); err != nil {
			return err
		}
		defer s.give()
	}
	sn.Close()
	return s.rebase(from, next, dead, s.dict.Meta())
}

// rebase makes next, into which the delta of a state was folded, the current base.
func (s *Store) rebase(from *state, next *base, dead []deadID, meta dict.Meta) error {
	s.mu.Lock()
	now := s.current
	s.mu.Unlock()
	if now == nil {
		return graph.ErrClosed
	}
	st := &state{version: now.version, time: now.time, mark: now.mark, base: next}
	for x := range indexes {
		st.deltas[x] = now.deltas[x].without(from.deltas[x])
	}
	if err := s.flip(st, now.base, dead, meta); err != nil {
		return s.fail(fmt.Errorf("change to a new base: %w", err))
	}
	s.publish(st)
	s.reclaim()
	return nil
}

// flip writes the root of a state's base, in one batch with the list of what the old base
// had alone.
func (s *Store) flip(st *state, old *base, dead []deadID, meta dict.Meta) error {
	var b kv.Batch
	b.Set(rootKey, encodeRoot(st.base, s.last.Load()))
	b.Set(stateKey, encodeState(s.log.ID(), st, meta))
	old.dead, old.record = dead, s.last.Add(1)
	for i, part := range encodeDead(dead) {
		b.Set(deadKey(old.record<<16|uint64(i)), part)
	}
	return s.db.Write(&b)
}

func (s *Store) deleteRange(low, high []byte) error {
	var b kv.Batch
	err := s.db.Scan(low, high, func(key, value []byte) error {
		b.Delete(key)
		if !b.Full() {
			return nil
		}
		defer b.Reset()
		return s.db.Write(&b)
	})
	if err != nil || b.Len() == 0 {
		return err
	}
	return s.db.Write(&b)
}

const deadPart = 20_000

func encodeDead(dead []deadID) (parts [][]byte) {
	for len(dead) > 0 {
		n := min(deadPart, len(dead))
		var b []byte
		for _, d := range dead[:n] {
			b = appendID(b, d.kind, d.index, d.id)
		}
		parts = append(parts, b)
		dead = dead[n:]
	}
	return parts
}

// reclaim deletes what no snapshot needs any more. The caller holds the right to write. What
// cannot be deleted is deleted when the store is opened again.
func (s *Store) reclaim() {
	for {
		s.mu.Lock()
		if len(s.bases) < 2 || s.bases[0].refs > 0 {
			s.mu.Unlock()
			return
		}
		old, next := s.bases[0], s.bases[1]
		s.bases = s.bases[1:]
		s.mu.Unlock()
		err := s.deleteRange(setKey(old.version+1, 0), setKey(next.version+1, 0))
		if err == nil {
			err = s.deleteDead(old)
		}
		if err != nil {
			s.fail(err)
			s.warn(fmt.Sprintf("deleting what is not needed any more failed: %v", err))
			return
		}
	}
}

func (s *Store) deleteDead(old *base) error {
	var b kv.Batch
	for _, d := range old.dead {
		if d.kind == blockKind {
			s.blocks.Drop(d.id)
		}
		b.Delete(appendID(nil, d.kind, d.index, d.id))
		if b.Full() {
			if err := s.db.Write(&b); err != nil {
				return err
			}
			b.Reset()
		}
	}
	for i := range (len(old.dead) + deadPart - 1) / deadPart {
		b.Delete(deadKey(old.record<<16 | uint64(i)))
	}
	if b.Len() == 0 {
		return nil
	}
	return s.db.Write(&b)
}

// sweep deletes, when a store is opened, what was not needed any more when it was closed,
// and what a fold or load wrote that was cut short.
func (s *Store) sweep() error {
	if s.o.ReadOnly {
		return nil
	}
	var b kv.Batch
	del := func(key []byte) error {
		b.Delete(key)
		if !b.Full() {
			return nil
		}
		defer b.Reset()
		return s.db.Write(&b)
	}
	err := s.db.Scan([]byte{deadKind}, []byte{deadKind + 1}, func(key, value []byte) error {
		for ; len(value) >= idBytes; value = value[idBytes:] {
			if err := del(value[:idBytes]); err != nil {
				return err
			}
		}
		return del(key)
	})
	if err == nil {
		err = s.db.Scan(setKey(0, 0), setKey(s.current.base.version+1, 0), func(key, _ []byte) error { return del(key) })
	}
	for x := range indexes {
		for _, kind := range [...]byte{blockKind, dirKind} {
			if err == nil {
				err = s.db.Scan(appendID(nil, kind, x, s.last.Load()+1), endOfIDs(kind, x), func(key, _ []byte) error { return del(key) })
			}
		}
	}
	if err != nil || b.Len() == 0 {
		return err
	}
	return s.db.Write(&b)
}

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
	known   func(*block.Key) // told of an item that adds a row that is there
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
		if !touched && e.counts.rows >= fewRows && (f.rows.len() == 0 || f.rows.len() >= fewRows) {
			if err := f.flush(); err != nil {
				return err
			}
			f.extents = append(f.extents, *e)
			at = f.old.after(at)
			continue
		}
		b, err := f.s.block(f.x, e.id, false)
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
			case it.add:
				f.rows.add(&it.key)
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
		f.rows.add(&it.key)
		if err := f.spill(); err != nil {
			return err
		}
	}
	return f.flush()
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
