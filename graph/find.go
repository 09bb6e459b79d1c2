package graph

import (
	"context"
	"errors"
)

// FindGraph returns the ID of a graph, and whether it exists, be it empty. The default graph
// does.
func FindGraph(ctx context.Context, s Snapshot, g Term) (id ID, exists bool, err error) {
	if g.IsZero() {
		return DefaultGraph, true, nil
	}
	var ids [1]ID
	if err := s.IDs(ctx, []Term{g}, ids[:]); err != nil || ids[0] == None {
		return None, false, err
	}
	c, err := s.Graphs(ctx)
	if err != nil {
		return None, false, err
	}
	defer c.Close()
	c.Seek(Row{PosG: ids[0]})
	var b Block
	exists = c.Next(&b) && b.Cols[PosG][0] == ids[0]
	return ids[0], exists, c.Err()
}

// EachRow gives the rows of a pattern to f, with the columns asked for, in whatever order is
// cheapest. It ends with the first error, f's too.
func EachRow(ctx context.Context, s Snapshot, p Pattern, columns Columns, f func(Row) error) (err error) {
	c, err := s.Scan(ctx, p, NoOrder, columns)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	var b Block
	for c.Next(&b) {
		for i := range b.Len {
			if err := f(b.Row(i)); err != nil {
				return err
			}
		}
	}
	return c.Err()
}
