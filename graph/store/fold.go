package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"mocban/graph"
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
		err := s.fold(s.ctx, false, s.gentle())
		if err == nil {
			s.compactSoon(s.ctx)
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
	return s.fold(ctx, false, nil)
}

// A fold in the background works for a few milliseconds and then leaves the processor to
// others for as long, unless changes come faster than it gets done.
const foldSlice = 4 * time.Millisecond

// gentle returns a function that is called after each block and pauses now and then.
func (s *Store) gentle() func(context.Context) {
	start := time.Now()
	return func(ctx context.Context) {
		took := time.Since(start)
		if took < foldSlice {
			return
		}
		s.mu.Lock()
		haste := s.current == nil || s.current.deltas[0].items > hasteFactor*s.foldAt(s.current)
		s.mu.Unlock()
		if haste {
			runtime.Gosched()
		} else {
			select {
			case <-time.After(took):
			case <-ctx.Done():
			}
		}
		start = time.Now()
	}
}

// fold makes the base anew from the base and the delta. Changes that are committed
// meanwhile stay in the delta. Whoever holds the right to write says so.
func (s *Store) fold(ctx context.Context, holdsWriter bool, pause func(context.Context)) (err error) {
	sn, err := s.Snapshot()
	if err != nil {
		return err
	}
	defer sn.Close()
	from := sn.(*snapshot).state
	if from.version == from.base.version {
		return nil
	}
	if err := s.checkSpace(from.foldBytes()); err != nil {
		return err
	}
	first := s.last.Load()
	defer func() {
		if err != nil { // the next fold writes over what this one wrote
			s.last.Store(first)
		}
	}()
	var batch kv.Batch
	set := s.setter(&batch)
	next := &base{version: from.version, refs: 1}
	var dead []deadID
	for x := range indexes {
		f := newFolder(s, x, from.base.dirs[x], set)
		f.pause = pause
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
		if err := checkFold(x, from.base.sums[x], &f.tally, from.sums.of(x)); err != nil {
			return err
		}
		next.sums[x] = from.sums.of(x)
	}
	if err := s.db.Write(&batch); err != nil {
		return err
	}
	// Most of what was committed meanwhile is put on the new base before the right to write
	// is taken, and the little that came since, after.
	s.mu.Lock()
	soon := s.current
	s.mu.Unlock()
	if soon == nil {
		return graph.ErrClosed
	}
	var rest [indexes]*delta
	for x := range indexes {
		rest[x] = soon.deltas[x].without(from.deltas[x])
	}
	if !holdsWriter {
		if err := s.takeAlone(ctx); err != nil {
			return err
		}
		defer s.giveAlone()
	}
	sn.Close()
	s.mu.Lock()
	now := s.current
	s.mu.Unlock()
	if now == nil {
		return graph.ErrClosed
	}
	for x := range indexes {
		rest[x] = rest[x].apply(now.deltas[x].since(soon.deltas[x]))
	}
	return s.rebase(now, next, rest, dead, s.dict.Meta())
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
	old.dead, old.record = dead, s.last.Add(1)
	for i, part := range encodeDead(dead) {
		b.Set(deadKey(old.record<<16|uint64(i)), part)
	}
	return s.db.Write(&b)
}

func (s *impression) deleteRange(low, high []byte) error {
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
		err := old.imp.deleteRange(setKey(old.version+1, 0), setKey(next.version+1, 0))
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
