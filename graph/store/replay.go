package store

import (
	"context"
	"fmt"

	"mocban/graph"
	"mocban/graph/log"
)

// A replayer applies change sets of the log, many small ones as one: each by itself would cost a
// write, a new tip of all deltas, and a new last page of the dictionary.
type replayer struct {
	s    *Store
	most uint64 // rows, from which on what was gathered is applied

	txn   *txn // of what was gathered, if there is any; then it has the right to write
	first log.Change
	last  log.Mark
	rows  uint64
}

// How many rows are gathered.
const (
	replayRows = 20_000
	gentleRows = 500 // while others work beside
)

// apply applies a change set, now or with those that follow. It must be the next one.
func (r *replayer) apply(ctx context.Context, c *log.Change) error {
	// Only sums can tell whether a change set did among others what it did when it was made.
	alone := !c.Mark.Total.Known || c.Bulk || c.All
	if alone {
		if err := r.flush(); err != nil {
			return err
		}
	}
	switch {
	case c.All && c.Mark.Total.Sum == (log.Sum{}) && c.Added == 0:
		return r.s.replayNothing(c.Mark)
	case c.Bulk || c.All:
		return r.s.replayLoad(ctx, *c)
	}
	if r.txn == nil {
		r.begin(ctx, c)
	}
	if err := r.txn.replay(c); err != nil {
		r.end()
		return err
	}
	r.last = c.Mark
	if r.rows += c.Added + c.Removed; alone || r.rows >= r.most {
		return r.flush()
	}
	return nil
}

func (r *replayer) begin(ctx context.Context, c *log.Change) {
	<-r.s.writer // a fold of what was replayed before may be running
	r.s.mu.Lock()
	snap := &snapshot{s: r.s, state: r.s.current}
	r.s.mu.Unlock()
	r.txn = newTxn(ctx, r.s, snap)
	r.txn.most = 0 // each was within the limit of its time
	r.first, r.rows = *c, 0
}

// replay does what a change set did.
func (t *txn) replay(c *log.Change) error {
	for op, err := range c.Raw() {
		if err != nil {
			return err
		}
		switch op.Kind {
		case graph.OpAdd:
			err = t.Add(op.Quad)
		case graph.OpRemove:
			err = t.Remove(op.Quad)
		case graph.OpCreateGraph:
			err = t.CreateGraph(op.Quad.G)
		case graph.OpDropGraph:
			err = t.DropGraph(op.Quad.G)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// flush applies what was gathered, as the version of the last change set.
func (r *replayer) flush() error {
	if r.txn == nil {
		return nil
	}
	defer r.end()
	set, err := r.txn.changes()
	if err != nil {
		return err
	}
	if c := &r.first; c.Version == r.last.Version && (uint64(len(set.added)) != c.Added || uint64(len(set.removed)) != c.Removed) {
		return fmt.Errorf("change set %d adds %d quads and removes %d, the log says %d and %d",
			c.Version, len(set.added), len(set.removed), c.Added, c.Removed)
	}
	p, err := r.s.propose(r.txn.snap.state, set, &r.last)
	if err != nil {
		return err
	}
	_, err = r.s.await(p)
	return err
}

// end forgets what was gathered and gives the right to write back.
func (r *replayer) end() {
	if r.txn != nil {
		r.txn = nil
		r.s.give()
	}
}
