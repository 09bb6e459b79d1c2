package store

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"mocban/graph"
	"mocban/graph/dict"
	"mocban/graph/kv"
	"mocban/graph/log"
)

// A proposal is a change set that stands in the log and is not synced yet.
type proposal struct {
	from graph.Version // before it: more than one less where those of the log were put together
	next *state        // after it
	set  *changeSet
	done chan struct{} // closed when it is kept, or err tells why not
	err  error
}

// propose writes a change set to the log and makes what comes of it the tip, from which the
// next change set starts. The caller holds the right to write. One that is replayed stands
// in the log already, at the place given.
func (s *Store) propose(from *state, set *changeSet, replayed *log.Mark) (*proposal, error) {
	set.sort()
	applied := from.applySoon(set)
	at, sums, err := s.say(from, set, replayed)
	next := applied()
	if err != nil {
		return nil, err
	}
	next.sums = sums
	next.version, next.time, next.mark = at.Version, at.Time, *at
	if err := next.checkTotal(at); err != nil {
		return nil, s.fail(err)
	}
	set.grow.Seal()
	p := &proposal{from: from.version, next: next, set: set, done: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tip = next
	s.queue = append(s.queue, p)
	return p, nil
}

// say puts a change set in words, tells the sums after it, and writes it to the log unless it
// stands there.
func (s *Store) say(from *state, set *changeSet, replayed *log.Mark) (*log.Mark, sums, error) {
	if err := set.describe(); err != nil {
		return nil, sums{}, err
	}
	if err := s.checkSpace(set.bytes()); err != nil && replayed == nil {
		return nil, sums{}, fmt.Errorf("write to store %s: %w", s.dir, err)
	}
	after := from.sums.after(set)
	if replayed != nil {
		return replayed, after, nil
	}
	quads := from.rows(0) + uint64(len(set.added)) - uint64(len(set.removed))
	m, err := s.writeLog(set, log.Total{Known: true, Quads: quads, Sum: after.quads})
	return &m, after, err
}

// manyChanges are worth the while of applying beside what else is done with a change set.
const manyChanges = 1000 // rows

// applySoon is apply, beside what else is done until the state is asked for, where that pays.
func (st *state) applySoon(set *changeSet) func() *state {
	if len(set.added)+len(set.removed) < manyChanges {
		return func() *state { return st.apply(set) }
	}
	done := make(chan *state)
	go func() { done <- st.apply(set) }()
	return func() *state { return <-done }
}

// await returns when a proposal is kept. Of those that wait, one keeps what all of them
// proposed: they share a sync of the log.
func (s *Store) await(p *proposal) (graph.Version, error) {
	select {
	case <-p.done:
	case <-s.keeper:
		s.settle()
		s.keeper <- struct{}{}
		<-p.done
	}
	if p.err != nil {
		return p.from, p.err
	}
	return p.next.version, nil
}

// awaitVersion returns when a version that was proposed is kept.
func (s *Store) awaitVersion(v graph.Version) error {
	s.mu.Lock()
	kept := s.current == nil || s.current.version >= v
	s.mu.Unlock()
	if kept {
		return nil
	}
	<-s.keeper
	s.settle()
	s.keeper <- struct{}{}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil && s.current.version < v {
		return s.failed
	}
	return nil
}

// settle keeps what was proposed: first in the log, then in the impression of it, then in
// memory. The caller holds the right to keep.
func (s *Store) settle() {
	s.mu.Lock()
	group, err := s.queue, s.failed
	s.queue = nil
	s.mu.Unlock()
	if len(group) == 0 {
		return
	}
	if err == nil {
		err = s.keep(group)
	}
	for _, p := range group {
		p.err = err
		close(p.done)
	}
}

func (s *Store) keep(group []*proposal) error {
	last := group[len(group)-1].next
	if last.version > s.log.Last().Version {
		if err := s.log.Sync(); err != nil {
			return s.fail(err)
		}
	}
	terms, err := s.write(group)
	if err != nil {
		return s.fail(fmt.Errorf("apply change set %d: %w", last.version, err))
	}
	s.dict.Done(terms)
	s.publish(last)
	s.foldSoon(last)
	s.reclaimSoon()
	return nil
}

func (s *Store) writeLog(set *changeSet, total log.Total) (log.Mark, error) {
	w, err := s.log.Begin(false)
	if err != nil {
		return log.Mark{}, err
	}
	for _, op := range set.ops {
		if err := w.Op(op); err != nil {
			if e := w.Abort(); e != nil {
				return log.Mark{}, s.fail(e)
			}
			return log.Mark{}, err
		}
	}
	set.ops = nil
	m, err := w.End(graph.Change{
		Time: time.Now().UTC(), Source: set.source, Added: uint64(len(set.added)), Removed: uint64(len(set.removed)),
	}, total)
	if err != nil {
		return m, s.fail(err)
	}
	return m, nil
}

// apply returns the state after a change set, without its version.
func (st *state) apply(set *changeSet) *state {
	next := &state{base: st.base}
	for x := range indexes {
		next.deltas[x] = st.deltas[x].apply(set.edits(x))
	}
	return next
}

// edits returns what the change set does to the rows of an index, in order.
func (c *changeSet) edits(x index) []item {
	add, remove := c.added, c.removed
	if x == graphsIndex {
		add, remove = graphRows(c.created), graphRows(c.dropped)
	}
	items := make([]item, 0, len(add)+len(remove))
	for i := range add {
		items = append(items, item{x.key(&add[i]), true})
	}
	for i := range remove {
		items = append(items, item{x.key(&remove[i]), false})
	}
	slices.SortFunc(items, func(a, b item) int { return a.key.Compare(&b.key) })
	return items
}

// write writes what change sets brought, and returns how many terms are new. What the last
// batch does not say is not there.
func (s *Store) write(group []*proposal) (terms int, err error) {
	var b kv.Batch
	put := s.setter(&b)
	for _, p := range group {
		terms += p.set.grow.Len()
		for v := p.from + 1; v < p.next.version; v++ {
			if err := put(setKey(v, 0), []byte{setVersion}); err != nil {
				return 0, err
			}
		}
		for i, part := range encodeSet(p.set) {
			if err := put(setKey(p.next.version, uint32(i)), part); err != nil {
				return 0, err
			}
		}
	}
	meta, err := s.dict.Write(put, terms)
	if err != nil {
		return 0, err
	}
	b.Set(stateKey, encodeState(s.log.ID(), group[len(group)-1].next, meta))
	return terms, s.db.Write(&b)
}

// setter returns a function that collects values in a batch, and writes it when it is full.
func (s *Store) setter(b *kv.Batch) dict.Setter {
	return func(key, value []byte) error {
		if value == nil {
			b.Delete(key)
		} else {
			b.Set(key, value)
		}
		if !b.Full() {
			return nil
		}
		defer b.Reset()
		return s.db.Write(b)
	}
}

// The rows of a change set are kept in parts: a version (1), then a list of a kind (1 byte, those
// of graph.OpKind) and how far each ID of the row lies from that of the row before (4 varints,
// zigzag). Stores of format 2 had no version and the IDs themselves (4 varints).
const (
	setVersion   = 0x80 // no kind
	setPartBytes = 128 << 10
)

func encodeSet(set *changeSet) (parts [][]byte) {
	b := []byte{setVersion}
	var last graph.Row
	say := func(kind graph.OpKind, rows []graph.Row) {
		for i := range rows {
			b = append(b, byte(kind))
			for pos, id := range rows[i] {
				b = binary.AppendVarint(b, int64(id-last[pos]))
			}
			last = rows[i]
			if len(b) >= setPartBytes {
				parts = append(parts, b)
				b, last = []byte{setVersion}, graph.Row{}
			}
		}
	}
	say(graph.OpAdd, set.added)
	say(graph.OpRemove, set.removed)
	say(graph.OpCreateGraph, graphRows(set.created))
	say(graph.OpDropGraph, graphRows(set.dropped))
	if len(b) > 1 || len(parts) == 0 { // one of nothing tells that there was a change set
		parts = append(parts, b)
	}
	return parts
}

func (c *changeSet) parse(b []byte) error {
	near := len(b) > 0 && b[0] == setVersion
	if near {
		b = b[1:]
	}
	r := numbers{b: b}
	var row graph.Row
	for len(r.b) > 0 && r.err == nil {
		kind := graph.OpKind(r.take(1)[0])
		for pos := range row {
			if near {
				row[pos] += graph.ID(r.int())
			} else {
				row[pos] = graph.ID(r.uint())
			}
		}
		switch kind {
		case graph.OpAdd:
			c.added = append(c.added, row)
		case graph.OpRemove:
			c.removed = append(c.removed, row)
		case graph.OpCreateGraph:
			c.created = append(c.created, row[graph.PosG])
		case graph.OpDropGraph:
			c.dropped = append(c.dropped, row[graph.PosG])
		default:
			return fmt.Errorf("a row of kind %d", kind)
		}
	}
	return r.err
}

// publish makes a state the current one.
func (s *Store) publish(next *state) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil {
		return // closed meanwhile
	}
	if old := s.current.base; old != next.base {
		next.base.imp = s.impression
		old.refs--
		s.bases = append(s.bases, next.base)
	}
	s.current = next
	if len(s.queue) == 0 {
		s.tip = next
	}
}
