package store

import (
	"context"

	"mocban/graph"
	"mocban/vocab/rdf"
)

// Statistics need no keeping of their own: the directories hold with every block how many
// rows it has and how many different beginnings of them, and so with every commit. What a
// delta changes is looked up row by row, as long as it is small.

// exactItems is how many items of a delta are looked up.
const exactItems = 4096

// Statistics implements graph.Counted.
func (sn *snapshot) Statistics(ctx context.Context) (*graph.Statistics, error) {
	if err := sn.check(); err != nil {
		return nil, err
	}
	if st := sn.stats.Load(); st != nil {
		return st, nil
	}
	c := &counter{sn: sn, exact: sn.deltas[0].items <= exactItems}
	st := &graph.Statistics{
		Version: sn.version, Exact: c.exact, Quads: sn.rows(0), Graphs: sn.rows(graphsIndex),
		Triples: c.count(graph.Pattern{}, graph.SPO, 3), Subjects: c.count(graph.Pattern{}, graph.SPO, 1),
		Objects: c.count(graph.Pattern{}, graph.OSP, 1),
	}
	b := boundsOf(graph.Pattern{G: graph.DefaultGraph}, graph.GSPO)
	n, err := sn.count(&b)
	st.Default = n
	c.fail(err)
	for _, p := range c.list(ctx, graph.Pattern{}, graph.PSO, graph.PosP) {
		of := graph.Pattern{P: p}
		st.Properties = append(st.Properties, graph.PropertyStatistics{
			Property: p, Triples: c.count(of, graph.PSO, 3), Subjects: c.count(of, graph.PSO, 2), Objects: c.count(of, graph.POS, 2),
		})
	}
	typeID, err := sn.s.dict.ID(rdf.Type.Term())
	c.fail(err)
	if typeID != graph.None {
		of := graph.Pattern{P: typeID}
		for _, class := range c.list(ctx, of, graph.POS, graph.PosO) {
			n := c.count(of.With(graph.PosO, class), graph.POS, 3)
			st.Classes = append(st.Classes, graph.ClassStatistics{Class: class, Instances: n})
		}
	}
	if c.err != nil {
		return nil, damage(c.err)
	}
	sn.stats.Store(st)
	return st, nil
}

// A counter counts for statistics. After an error it does nothing.
type counter struct {
	sn    *snapshot
	exact bool
	err   error
}

func (c *counter) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// count returns how many different beginnings of so many columns the rows of a pattern have
// in an order.
func (c *counter) count(p graph.Pattern, o graph.Order, columns int) uint64 {
	if c.err != nil {
		return 0
	}
	b := boundsOf(p, o)
	n, err := c.sn.distinct(&b, columns)
	c.fail(err)
	items, net := c.sn.deltas[b.index].sum(&b.low, &b.high)
	switch {
	case items == 0:
		return n
	case !c.exact:
		return uint64(max(int64(n)+int64(net), 1))
	}
	n, err = c.sn.changedDistinct(&b, n, columns)
	c.fail(err)
	return n
}

// list returns the different IDs at a position, which an order has next to what a pattern
// binds. It jumps from one to the next.
func (c *counter) list(ctx context.Context, p graph.Pattern, o graph.Order, at graph.Pos) (ids []graph.ID) {
	if c.err != nil {
		return nil
	}
	cursor, err := c.sn.Scan(ctx, p, o, graph.Cols(at))
	if err != nil {
		c.fail(err)
		return nil
	}
	defer cursor.Close()
	var b graph.Block
	for cursor.Next(&b) {
		for _, id := range b.Cols[at][:b.Len] {
			if n := len(ids); n == 0 || ids[n-1] != id {
				ids = append(ids, id)
			}
		}
		var next graph.Row
		next[at] = ids[len(ids)-1] + 1
		cursor.Seek(next)
	}
	c.fail(cursor.Err())
	return ids
}
