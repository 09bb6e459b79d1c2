package store

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"mocban/graph"
	"mocban/graph/block"
	"mocban/graph/dict"
)

type snapshot struct {
	s *Store
	*state
	grow   *dict.Growth // of the change set that the snapshot shows unfinished, or nil
	closed atomic.Bool
	then   func() error // called when it is closed, or nil
}

func (sn *snapshot) Version() graph.Version { return sn.version }
func (sn *snapshot) Time() time.Time        { return sn.state.time }

func (sn *snapshot) Close() error {
	if sn.grow == nil && !sn.closed.Swap(true) {
		sn.s.release(sn.base)
		if sn.then != nil {
			return sn.then()
		}
	}
	return nil
}

func (sn *snapshot) check() error {
	if sn.closed.Load() {
		return fmt.Errorf("snapshot: %w", graph.ErrClosed)
	}
	return nil
}

func (sn *snapshot) IDs(ctx context.Context, terms []graph.Term, ids []graph.ID) error {
	if sn.grow != nil {
		return damage(sn.grow.IDs(ctx, terms, ids))
	}
	return damage(sn.base.imp.dict.IDs(ctx, terms, ids))
}

func (sn *snapshot) Terms(ctx context.Context, ids []graph.ID, terms []graph.Term) error {
	if sn.grow != nil {
		return damage(sn.grow.Terms(ctx, ids, terms))
	}
	return damage(sn.base.imp.dict.Terms(ctx, ids, terms))
}

// A bounds is the range of an index in which the rows of a pattern are, from low to high,
// both included, and what they must fulfil besides.
type bounds struct {
	index     index
	low, high block.Key
	prefix    int  // columns that the pattern binds
	ranged    bool // the next column is bounded by the range
	rest      []condition
}

// A condition is one that the range of rows does not guarantee.
type condition struct {
	col       int
	low, high graph.ID
	bound     bool // by the pattern, not by its range
}

const maxID = ^graph.ID(0)

func boundsOf(p graph.Pattern, o graph.Order) (b bounds) {
	b.index = indexOf(o)
	b.prefix = p.Prefix(o)
	for c, pos := range o.Positions() {
		id := p.At(pos)
		inRange := !p.Range.IsZero() && p.Range.At == pos
		switch {
		case c < b.prefix:
			b.low[c], b.high[c] = id, id
		case c == b.prefix && inRange:
			b.low[c], b.high[c] = p.Range.Low, p.Range.High
			b.ranged = true
		default:
			b.high[c] = maxID
			if id != graph.None {
				b.rest = append(b.rest, condition{c, id, id, true})
			}
		}
		if inRange && !(c == b.prefix && b.ranged) {
			b.rest = append(b.rest, condition{c, p.Range.Low, p.Range.High, false})
		}
	}
	return b
}

func (sn *snapshot) Scan(ctx context.Context, p graph.Pattern, o graph.Order, columns graph.Columns) (graph.Cursor, error) {
	if err := sn.check(); err != nil {
		return nil, err
	}
	o = p.In(o)
	return newCursor(ctx, sn, boundsOf(p, o), p.Union, columnsOf(p, columns)), nil
}

// Rescan is Scan in the memory of a cursor that is closed and that nobody else uses, if it is
// one of a store.
func (sn *snapshot) Rescan(ctx context.Context, old graph.Cursor, p graph.Pattern, o graph.Order, columns graph.Columns) (graph.Cursor, error) {
	c, ok := old.(*cursor)
	if !ok || !c.closed {
		return sn.Scan(ctx, p, o, columns)
	}
	if err := sn.check(); err != nil {
		return nil, err
	}
	o = p.In(o)
	c.open(ctx, sn, boundsOf(p, o), p.Union, columnsOf(p, columns))
	return c, nil
}

// columnsOf returns the columns that a scan of a pattern fills, of those that are asked for.
func columnsOf(p graph.Pattern, columns graph.Columns) graph.Columns {
	columns &^= p.Bound()
	if p.Union {
		columns &^= graph.Cols(graph.PosG)
	}
	return columns
}

func (sn *snapshot) Graphs(ctx context.Context) (graph.Cursor, error) {
	if err := sn.check(); err != nil {
		return nil, err
	}
	b := bounds{index: graphsIndex, high: block.Key{maxID, maxID, maxID, maxID}}
	return newCursor(ctx, sn, b, false, graph.Cols(graph.PosG)), nil
}

// has tells whether a row is in the store.
func (sn *snapshot) has(x index, k *block.Key) (bool, error) {
	if adds, ok := sn.deltas[x].find(k); ok {
		return adds, nil
	}
	d := sn.base.dirs[x]
	e := d.at(d.seek(k))
	if e == nil || e.first.Compare(k) > 0 {
		return false, nil
	}
	b, err := sn.base.imp.block(x, e, true)
	if err != nil {
		return false, err
	}
	i := b.Search(k, 0)
	return i < b.Len() && b.Key(i) == *k, nil
}

// release gives back a base that was held.
func (s *Store) release(b *base) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.refs--
	if b.imp != s.impression {
		s.retire(b.imp)
	}
}
