package memstore

import (
	"context"
	"slices"
	"time"

	"mocban/graph"
)

type snapshot struct {
	*state
	dict *dict
}

func (s *snapshot) Version() graph.Version { return s.version }
func (s *snapshot) Time() time.Time        { return s.time }
func (s *snapshot) Close() error           { return nil }

func (s *snapshot) IDs(ctx context.Context, terms []graph.Term, ids []graph.ID) error {
	for i, t := range terms {
		ids[i] = s.dict.id(t)
	}
	return ctx.Err()
}

func (s *snapshot) Terms(ctx context.Context, ids []graph.ID, terms []graph.Term) error {
	for i, id := range ids {
		t, err := s.dict.term(id)
		if err != nil {
			return err
		}
		terms[i] = t
	}
	return ctx.Err()
}

// match returns the rows of a pattern, sorted.
func (s *snapshot) match(p graph.Pattern, o graph.Order) (rows []graph.Row) {
	o = p.In(o)
	all := s.in(o)
	n := p.Prefix(o)
	positions := o.Positions()
	var low graph.Row
	for _, pos := range positions[:n] {
		low[pos] = p.At(pos)
	}
	start, _ := slices.BinarySearchFunc(all, low, func(a, b graph.Row) int { return o.Compare(&a, &b) })
	for _, r := range all[start:] {
		if n > 0 && !within(&r, &low, o, n) {
			break
		}
		if !p.Matches(&r) {
			continue
		}
		if p.Union {
			r[graph.PosG] = graph.None
			if k := len(rows); k > 0 && rows[k-1] == r {
				continue
			}
		}
		rows = append(rows, r)
	}
	return rows
}

func within(r, low *graph.Row, o graph.Order, n int) bool {
	positions := o.Positions()
	for _, pos := range positions[:n] {
		if r[pos] != low[pos] {
			return false
		}
	}
	return true
}

func (s *snapshot) Scan(ctx context.Context, p graph.Pattern, o graph.Order, columns graph.Columns) (graph.Cursor, error) {
	o = p.In(o)
	columns &^= p.Bound()
	if p.Union {
		columns &^= graph.Cols(graph.PosG)
	}
	return &cursor{ctx: ctx, rows: s.match(p, o), order: o, columns: columns, pattern: p}, nil
}

func (s *snapshot) Count(ctx context.Context, p graph.Pattern) (uint64, bool, error) {
	return uint64(len(s.match(p, graph.NoOrder))), true, ctx.Err()
}

func (s *snapshot) Distinct(ctx context.Context, p graph.Pattern, at graph.Pos) (uint64, bool, error) {
	seen := make(map[graph.ID]struct{})
	for _, r := range s.match(p, graph.NoOrder) {
		seen[r[at]] = struct{}{}
	}
	return uint64(len(seen)), true, ctx.Err()
}

func (s *snapshot) Graphs(ctx context.Context) (graph.Cursor, error) {
	rows := make([]graph.Row, len(s.graphs))
	for i, g := range s.graphs {
		rows[i][graph.PosG] = g
	}
	return &cursor{ctx: ctx, rows: rows, order: graph.GSPO, columns: graph.Cols(graph.PosG)}, nil
}

const blockRows = 1024

type cursor struct {
	ctx     context.Context // of the one scan that the cursor is
	rows    []graph.Row
	order   graph.Order
	columns graph.Columns
	pattern graph.Pattern
	cols    [4][blockRows]graph.ID
	err     error
}

func (c *cursor) Next(b *graph.Block) bool {
	*b = graph.Block{}
	if c.err = c.ctx.Err(); c.err != nil || len(c.rows) == 0 {
		return false
	}
	b.Len = min(len(c.rows), blockRows)
	for pos := range b.Cols {
		if !c.columns.Has(graph.Pos(pos)) {
			continue
		}
		for i, r := range c.rows[:b.Len] {
			c.cols[pos][i] = r[pos]
		}
		b.Cols[pos] = c.cols[pos][:b.Len]
	}
	c.rows = c.rows[b.Len:]
	return true
}

func (c *cursor) Seek(row graph.Row) {
	for pos := range row {
		if id := c.pattern.At(graph.Pos(pos)); id != graph.None {
			row[pos] = id
		}
	}
	n, _ := slices.BinarySearchFunc(c.rows, row, func(a, b graph.Row) int { return c.order.Compare(&a, &b) })
	c.rows = c.rows[n:]
}

func (c *cursor) Err() error   { return c.err }
func (c *cursor) Close() error { c.rows = nil; return nil }
