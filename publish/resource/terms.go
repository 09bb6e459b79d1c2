package resource

import (
	"context"
	"slices"

	"mocban/graph"
)

// terms holds the terms of the IDs that a resource speaks of.
type terms map[graph.ID]graph.Term

func (t terms) at(id graph.ID) graph.Term { return t[id] }

// fetch gets, in one call, the terms of all IDs of the columns of rows that are not known.
func (t terms) fetch(ctx context.Context, s graph.Snapshot, rows []graph.Row, columns graph.Columns) error {
	var want []graph.ID
	var last graph.Row
	for i := range rows {
		for p := graph.PosS; p <= graph.PosG; p++ {
			id := rows[i][p]
			if id == last[p] || id == graph.None || id == graph.DefaultGraph || !columns.Has(p) {
				continue
			}
			last[p] = id
			if _, ok := t[id]; !ok {
				t[id] = graph.Term{}
				want = append(want, id)
			}
		}
	}
	if len(want) == 0 {
		return nil
	}
	slices.Sort(want) // neighbours share pages of the dictionary
	got := make([]graph.Term, len(want))
	if err := s.Terms(ctx, want, got); err != nil {
		return err
	}
	for i, id := range want {
		t[id] = got[i]
	}
	return nil
}

// scan returns the rows of a pattern from a place on, at most limit of them (0: all).
func scan(ctx context.Context, s graph.Snapshot, p graph.Pattern, o graph.Order, skip, limit int) ([]graph.Row, error) {
	return appendScan(ctx, s, nil, p, o, skip, limit)
}

// appendScan appends the rows of a pattern.
func appendScan(ctx context.Context, s graph.Snapshot, rows []graph.Row, p graph.Pattern, o graph.Order, skip, limit int) ([]graph.Row, error) {
	start := len(rows)
	c, err := s.Scan(ctx, p, o, graph.AllColumns&^p.Bound())
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var b graph.Block
	for c.Next(&b) {
		if skip >= b.Len {
			skip -= b.Len
			continue
		}
		for i := skip; i < b.Len; i++ {
			rows = append(rows, bind(b.Row(i), p))
			if len(rows)-start == limit {
				return rows, nil
			}
		}
		skip = 0
	}
	return rows, c.Err()
}

// bind puts what the pattern binds into a row.
func bind(r graph.Row, p graph.Pattern) graph.Row {
	for pos := graph.PosS; pos <= graph.PosG; pos++ {
		if id := p.At(pos); id != graph.None {
			r[pos] = id
		}
	}
	return r
}
