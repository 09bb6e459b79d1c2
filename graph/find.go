package graph

import "context"

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
