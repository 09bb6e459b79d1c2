package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"mocban/graph"
	"mocban/graph/log"
)

// mostUndone is how many quads may have been changed since a version for it to be made by
// undoing them.
const mostUndone = 200_000

// At returns the state of a version that the log still tells of, for reading. It implements
// [graph.Traveller].
//
// A version after which little was changed is made from the newest one, by undoing in memory
// what was changed since: some microseconds and some hundred bytes a quad. An older one is
// made from the log in a folder for temporary files: that takes as long as the loads before
// it took, and as much space; it is removed when the snapshot is closed.
func (s *Store) At(ctx context.Context, v graph.Version) (graph.Snapshot, error) {
	sn, err := s.snapshot()
	if err != nil {
		return nil, err
	}
	if v == sn.version {
		return sn, nil
	}
	at, err := s.at(ctx, sn, v)
	if err != nil {
		sn.Close()
		return nil, fmt.Errorf("version %d of store %s: %w", v, s.dir, err)
	}
	return at, nil
}

// at makes the state of a version. It takes over the snapshot of a newer one.
func (s *Store) at(ctx context.Context, sn *snapshot, v graph.Version) (graph.Snapshot, error) {
	if v > sn.version {
		return nil, fmt.Errorf("there is none yet, the newest is %d: %w", sn.version, graph.ErrNotFound)
	}
	mark, undone, err := s.markOf(ctx, v, sn.version)
	if err != nil {
		return nil, err
	}
	if most := s.mostUndone(); most >= 0 && undone <= uint64(most) {
		st, err := s.undo(ctx, sn, mark)
		if err == nil {
			return &snapshot{s: s, state: st}, nil
		}
		if !errors.Is(err, errUnknownTerm) {
			return nil, err
		}
	}
	old, err := s.again(ctx, mark)
	if err == nil {
		sn.Close()
	}
	return old, err
}

func (s *Store) mostUndone() int {
	if s.o.mostUndone != 0 {
		return s.o.mostUndone
	}
	return mostUndone
}

// markOf returns the place of a version in the log, and how many quads were changed from then
// until another.
func (s *Store) markOf(ctx context.Context, v, until graph.Version) (m log.Mark, changed uint64, err error) {
	since := v
	if v > 0 {
		since--
	}
	if v > 0 && v == s.log.Folded() {
		since = 0
	}
	for c, err := range s.log.Read(ctx, since) {
		switch {
		case err != nil:
			return m, 0, err
		case c.All && v < c.Version:
			return m, 0, &log.FoldedError{Since: v, Folded: c.Version}
		case c.Version > until:
			return m, changed, nil
		case c.Version == v:
			m = c.Mark
		case c.Version > v:
			changed += c.Added + c.Removed
		}
	}
	return m, changed, nil
}

var errUnknownTerm = errors.New("a term of an older version is not in the dictionary any more")

// undo undoes what was changed since a version.
func (s *Store) undo(ctx context.Context, sn *snapshot, m log.Mark) (*state, error) {
	var h quadHash
	quads := sn.sums.quads
	net := new(netChange)
	for c, err := range s.log.Read(ctx, m.Version) {
		if err != nil {
			return nil, err
		}
		if c.Version > sn.version {
			break
		}
		set := new(changeSet)
		for op, err := range c.Ops() {
			if err != nil {
				return nil, err
			}
			if err := sn.resolve(set, &op); err != nil {
				return nil, err
			}
			quads = quads.Minus(h.op(log.Sum{}, &op))
		}
		net.add(set)
		h = quadHash{} // its terms hold the text of the log
	}
	set := net.take()
	back := &changeSet{added: set.removed, removed: set.added, created: set.dropped, dropped: set.created}
	st := sn.state.apply(back)
	st.version, st.time, st.mark = m.Version, m.Time, m
	st.sums = sn.sums.after(back)
	st.sums.quads = quads
	return st, st.checkTotal(&m)
}

// resolve adds a step to a change set, by IDs.
func (sn *snapshot) resolve(set *changeSet, op *graph.Op) error {
	var r graph.Row
	for pos, t := range [...]graph.Term{op.Quad.S, op.Quad.P.Term(), op.Quad.O, op.Quad.G} {
		if pos != int(graph.PosG) && (op.Kind == graph.OpCreateGraph || op.Kind == graph.OpDropGraph) {
			continue
		}
		id, err := sn.base.imp.dict.ID(t)
		if err != nil {
			return damage(err)
		}
		if id == graph.None {
			return errUnknownTerm
		}
		r[pos] = id
	}
	switch op.Kind {
	case graph.OpAdd:
		set.added = append(set.added, r)
	case graph.OpRemove:
		set.removed = append(set.removed, r)
	case graph.OpCreateGraph:
		set.created = append(set.created, r[graph.PosG])
	case graph.OpDropGraph:
		set.dropped = append(set.dropped, r[graph.PosG])
	}
	return nil
}

// again makes a version from the log, in a folder of its own.
func (s *Store) again(ctx context.Context, m log.Mark) (graph.Snapshot, error) {
	dir, err := os.MkdirTemp("", "mocban-version-*")
	if err != nil {
		return nil, err
	}
	o := s.o
	o.ReadOnly, o.Volatile, o.Scrub, o.Warn = false, true, 0, nil
	n := newStore(dir, o)
	n.old, n.until, n.logDir = true, m.Version, s.log.Dir()
	remove := func() {
		n.closeFiles()
		os.RemoveAll(dir)
	}
	if err := n.openData(ctx, s.log.ID(), log.Mark{}); err != nil {
		remove()
		return nil, err
	}
	sn, err := n.snapshot()
	if err != nil {
		remove()
		return nil, err
	}
	sn.then = func() error { return errors.Join(n.Close(), os.RemoveAll(dir)) }
	return sn, nil
}

// logPlace returns the folder of the log.
func (s *Store) logPlace() string {
	if s.old {
		return s.logDir
	}
	return filepath.Join(s.dir, logFolder)
}

// A netChange is what change sets, one after another, change together.
type netChange struct {
	changed map[graph.Row]bool // added; a graph is a row of its own
}

func (n *netChange) add(set *changeSet) {
	if n.changed == nil {
		n.changed = make(map[graph.Row]bool)
	}
	for _, part := range [...]struct {
		rows []graph.Row
		add  bool
	}{{set.added, true}, {set.removed, false}, {graphRows(set.created), true}, {graphRows(set.dropped), false}} {
		for _, r := range part.rows {
			if was, ok := n.changed[r]; ok && was != part.add {
				delete(n.changed, r)
			} else {
				n.changed[r] = part.add
			}
		}
	}
}

func (n *netChange) take() *changeSet {
	set := new(changeSet)
	for r, add := range n.changed {
		isGraph := r[graph.PosS] == graph.None
		switch {
		case isGraph && add:
			set.created = append(set.created, r[graph.PosG])
		case isGraph:
			set.dropped = append(set.dropped, r[graph.PosG])
		case add:
			set.added = append(set.added, r)
		default:
			set.removed = append(set.removed, r)
		}
	}
	n.changed = nil
	return set
}
