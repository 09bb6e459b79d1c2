package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"mocban/graph"
	"mocban/graph/block"
	"mocban/graph/dict"
	"mocban/graph/kv"
)

// foldAt returns how many items the delta of a state may have: few over a small base, which
// is soon made anew. While it is copied it may have twice as many: the base that is read then is
// kept until the end, however often another takes its place.
func (s *Store) foldAt(st *state) int {
	at := s.o.foldAt
	if at == 0 {
		at = min(max(int(st.base.dirs[0].total.rows/8), leastFoldAt), mostFoldAt)
	}
	if s.copies.Load() {
		at *= 2
	}
	return at
}

// most returns how many items the largest delta has.
func (st *state) most() (n int) {
	for _, d := range st.deltas {
		n = max(n, d.items)
	}
	return n
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
		removed := s.removed()
		err := s.fold(s.ctx, false, s.gentle())
		if err == nil {
			s.compactSoon(s.removed() - removed)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.folds = false
		if errors.Is(err, ErrStorageLow) {
			return // a later change tries again
		}
		if err != nil && !errors.Is(err, graph.ErrClosed) && !errors.Is(err, context.Canceled) {
			s.foldErr = err
			s.warn(fmt.Sprintf("folding changes into the base failed: %v", err))
		}
	}()
}

// waitForFold has an update wait while the delta is larger than it should be: the more, the
// longer, measured by what the last update took, so that updates slow down to what a fold can
// follow instead of standing still until it is done.
func (s *Store) waitForFold(ctx context.Context) error {
	for {
		wait, again := s.foldWait()
		if wait == 0 {
			return nil
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		if !again {
			return nil
		}
	}
}

// foldWait returns how long an update should wait for the fold, and whether it should ask
// again then.
func (s *Store) foldWait() (wait time.Duration, again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.folds || s.current == nil {
		return 0, false
	}
	at := s.foldAt(s.current)
	over, room := s.current.most()-hasteFactor*at, (waitFactor-hasteFactor)*at
	switch {
	case over <= 0:
		return 0, false
	case over >= room:
		return 5 * time.Millisecond, true
	}
	return min(time.Duration(float64(s.took)*float64(over)/float64(room-over)), mostWait), false
}

// mostWait bounds how long an update waits for a fold that is still able to follow.
const mostWait = 200 * time.Millisecond

// Fold folds all changes into the base.
func (s *Store) Fold(ctx context.Context) error {
	s.folding.Lock()
	defer s.folding.Unlock()
	return s.fold(ctx, false, nil)
}

// A fold in the background works for a few milliseconds and then leaves the processor to
// others for half as long, unless changes come faster than it gets done: what takes longer
// leaves more to be done after it.
const foldSlice = 4 * time.Millisecond

// gentle returns a function that is called after each block, lets others go first who wait
// for a processor, and pauses now and then.
func (s *Store) gentle() func(context.Context) {
	start := time.Now()
	return func(ctx context.Context) {
		runtime.Gosched()
		took := time.Since(start)
		if took < foldSlice {
			return
		}
		s.mu.Lock()
		haste := s.current == nil || s.current.most() > hasteFactor*s.foldAt(s.current)
		s.mu.Unlock()
		if !haste {
			select {
			case <-time.After(took / 2):
			case <-ctx.Done():
			}
		}
		start = time.Now()
	}
}

// fold makes the base anew from the base and the delta, one order after another, so that no
// more than one of them is kept twice. Changes that are committed meanwhile stay in the delta.
// Whoever holds the right to write says so.
func (s *Store) fold(ctx context.Context, holdsWriter bool, pause func(context.Context)) error {
	for x := range indexes {
		if err := s.foldOrder(ctx, x, holdsWriter, pause); err != nil {
			return err
		}
	}
	return nil
}

// foldOrder folds one order.
func (s *Store) foldOrder(ctx context.Context, x index, holdsWriter bool, pause func(context.Context)) (err error) {
	sn, err := s.Snapshot()
	if err != nil {
		return err
	}
	defer sn.Close()
	from := sn.(*snapshot).state
	if from.version == from.base.versions[x] {
		return nil
	}
	if err := s.checkSpace(from.foldBytes(x)); err != nil {
		return err
	}
	first := s.last.Load()
	var carried []*kv.Slot[*block.Block]
	defer func() {
		if err != nil { // the next fold writes over what this one wrote
			for _, slot := range carried {
				s.blocks.Drop(slot)
			}
			s.last.Store(first)
		}
	}()
	var batch kv.Batch
	f := newFolder(s, x, from.base.dirs[x], s.setter(&batch))
	f.pause = pause
	f.carry = func(slot *kv.Slot[*block.Block], b *block.Block) {
		carried = append(carried, slot)
		s.keepBlock(slot, b)
	}
	p, it := from.deltas[x].begin(), new(item)
	if err := f.run(ctx, func() *item {
		k := p.key()
		if k == nil {
			return nil
		}
		*it = item{*k, p.adds()}
		p.next()
		return it
	}); err != nil {
		return fmt.Errorf("fold order %v: %w", x.order(), s.lowSpace(err))
	}
	dir, err := f.finish()
	if err != nil {
		return s.lowSpace(err)
	}
	if err := checkFold(x, from.base.sums[x], &f.tally, from.sums.of(x)); err != nil {
		return err
	}
	if err := s.db.Write(&batch); err != nil {
		return s.lowSpace(err)
	}
	// Most of what was committed meanwhile is put on the new base before the right to write
	// is taken, and the little that came since, after.
	s.mu.Lock()
	soon := s.current
	s.mu.Unlock()
	if soon == nil {
		return graph.ErrClosed
	}
	rest := soon.deltas[x].without(from.deltas[x])
	if !holdsWriter {
		if err := s.takeAlone(ctx); err != nil {
			return err
		}
		defer s.giveAlone()
	}
	s.mu.Lock()
	now := s.current
	s.mu.Unlock()
	if now == nil {
		return graph.ErrClosed
	}
	next := &base{versions: from.base.versions, dirs: from.base.dirs, sums: from.base.sums, removed: from.base.removed, refs: 1}
	if x == indexOf(graph.SPO) {
		next.removed += uint64(from.deltas[x].items-from.deltas[x].net) / 2
	}
	next.versions[x], next.dirs[x], next.sums[x] = from.version, dir, from.sums.of(x)
	deltas := now.deltas
	deltas[x] = rest.apply(now.deltas[x].since(soon.deltas[x]))
	sn.Close() // before the base that it holds is one to be deleted
	return s.rebase(now, next, deltas, f.dead, s.dict.Meta())
}

// rebase makes next the current base, from which a state differs by deltas.
func (s *Store) rebase(now *state, next *base, deltas [indexes]*delta, dead []deadID, meta dict.Meta) error {
	st := &state{version: now.version, time: now.time, mark: now.mark, sums: now.sums, base: next, deltas: deltas}
	if err := s.flip(st, now.base, dead, meta); err != nil {
		return s.fail(fmt.Errorf("change to a new base: %w", err))
	}
	s.publish(st)
	s.reclaimSoon()
	return nil
}

// flip writes the root of a state's base, in one batch with the list of what the old base
// had alone.
func (s *Store) flip(st *state, old *base, dead []deadID, meta dict.Meta) error {
	var b kv.Batch
	b.Set(rootKey, encodeRoot(st.base, s.last.Load()))
	b.Set(stateKey, encodeState(s.log.ID(), st, meta))
	parts := encodeDead(dead)
	old.dead, old.record, old.parts = dead, s.last.Add(1), len(parts)
	for i, part := range parts {
		b.Set(deadKey(old.record<<16|uint64(i)), part)
	}
	return s.db.Write(&b)
}

func (s *impression) deleteRange(low, high []byte) error {
	var b kv.Batch
	err := s.db.Keys(low, high, func(key []byte) error {
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

// What is not needed any more is told in parts: a version (1), then runs of numbers, ascending,
// each with its kind (1), index (1), first number and how many there are (varints). Stores of
// format 2 told the keys themselves, which begin with orderKind.
const (
	deadVersion = 1
	deadPart    = 128 << 10 // bytes
)

func encodeDead(dead []deadID) (parts [][]byte) {
	dead = slices.Clone(dead)
	slices.SortFunc(dead, func(a, b deadID) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.index, b.index), cmp.Compare(a.id, b.id))
	})
	var b []byte
	for i := 0; i < len(dead); {
		d, n := dead[i], 1
		for i+n < len(dead) && dead[i+n] == (deadID{d.kind, d.index, d.id + uint64(n)}) {
			n++
		}
		i += n
		if len(b) == 0 {
			b = append(b, deadVersion)
		}
		b = append(b, d.kind, byte(d.index))
		b = binary.AppendUvarint(b, d.id)
		b = binary.AppendUvarint(b, uint64(n))
		if len(b) >= deadPart || i == len(dead) {
			parts = append(parts, b)
			b = nil
		}
	}
	return parts
}

// eachDead calls f with the keys that a part tells of.
func eachDead(part []byte, f func(key []byte) error) error {
	if len(part) == 0 || part[0] != deadVersion {
		for ; len(part) >= idBytes; part = part[idBytes:] {
			if err := f(part[:idBytes]); err != nil {
				return err
			}
		}
		return nil
	}
	r := numbers{b: part[1:]}
	for len(r.b) > 0 {
		head := r.take(2)
		first, n := r.uint(), r.uint()
		if r.err != nil {
			return fmt.Errorf("what is not needed any more: %w", r.err)
		}
		for i := range n {
			if err := f(appendID(nil, head[0], index(head[1]), first+i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// reclaimSoon begins to delete what no snapshot needs any more, in the background.
func (s *Store) reclaimSoon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cleans || s.current == nil || len(s.bases) < 2 || s.bases[0].refs > 0 {
		return
	}
	s.cleans = true
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		s.reclaim()
	}()
}

// reclaim deletes what no snapshot needs any more. What cannot be deleted is deleted when the
// store is opened again.
func (s *Store) reclaim() {
	for {
		s.mu.Lock()
		if len(s.bases) < 2 || s.bases[0].refs > 0 || s.ctx.Err() != nil {
			s.cleans = false
			s.mu.Unlock()
			return
		}
		old, next := s.bases[0], s.bases[1]
		s.bases = s.bases[1:]
		s.mu.Unlock()
		err := old.imp.deleteRange(setKey(old.version()+1, 0), setKey(next.version()+1, 0))
		if err == nil {
			err = old.imp.deleteDead(old)
		}
		if errors.Is(err, kv.ErrClosed) {
			err = nil // it was replaced meanwhile
		}
		if err != nil {
			s.mu.Lock()
			s.cleans = false
			s.mu.Unlock()
			s.fail(err)
			s.warn(fmt.Sprintf("deleting what is not needed any more failed: %v", err))
			return
		}
	}
}

func (s *impression) deleteDead(old *base) error {
	var b kv.Batch
	s.forget(old)
	for _, d := range old.dead {
		b.Delete(appendID(nil, d.kind, d.index, d.id))
		if b.Full() {
			if err := s.db.Write(&b); err != nil {
				return err
			}
			b.Reset()
		}
	}
	for i := range old.parts {
		b.Delete(deadKey(old.record<<16 | uint64(i)))
	}
	if b.Len() == 0 {
		return nil
	}
	return s.db.Write(&b)
}

// forget drops the blocks from the cache that are not needed after a base.
func (s *impression) forget(old *base) {
	dead := make(map[uint64]bool)
	for _, d := range old.dead {
		if d.kind == blockKind {
			dead[d.id] = true
		}
	}
	if len(dead) == 0 {
		return
	}
	for _, dir := range old.dirs {
		for _, p := range dir.pages {
			for i := range p.extents {
				if e := &p.extents[i]; dead[e.id] {
					s.blocks.Drop(e.slot)
				}
			}
		}
	}
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
		if err := eachDead(value, del); err != nil {
			return err
		}
		return del(key)
	})
	if err == nil {
		err = s.db.Keys(setKey(0, 0), setKey(s.current.base.version()+1, 0), del)
	}
	for x := range indexes {
		for _, kind := range [...]byte{blockKind, dirKind} {
			if err == nil {
				err = s.db.Keys(appendID(nil, kind, x, s.last.Load()+1), endOfIDs(kind, x), del)
			}
		}
	}
	if err != nil || b.Len() == 0 {
		return err
	}
	return s.db.Write(&b)
}
