package resource

import (
	"context"

	"mocban/graph"
	"mocban/vocab/rdf"
)

// A Tally tells how often a class or property is used.
type Tally struct {
	Term  graph.Term
	Count uint64
}

// Properties counts the statements of each property.
func Properties(ctx context.Context, s graph.Snapshot) ([]Tally, error) {
	return tally(ctx, s, graph.Pattern{}, graph.PSO, graph.PosP)
}

// Classes counts the things of each class.
func Classes(ctx context.Context, s graph.Snapshot) ([]Tally, error) {
	ids := make([]graph.ID, 1)
	if err := s.IDs(ctx, []graph.Term{graph.IRI(rdf.Type).Term()}, ids); err != nil || ids[0] == graph.None {
		return nil, err
	}
	return tally(ctx, s, graph.Pattern{P: ids[0]}, graph.POS, graph.PosO)
}

// tally counts the rows of each ID at a position, jumping from one ID to the next.
func tally(ctx context.Context, s graph.Snapshot, p graph.Pattern, o graph.Order, at graph.Pos) (all []Tally, err error) {
	c, err := s.Scan(ctx, p, o, graph.Cols(at))
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var b graph.Block
	var ids []graph.ID
	for c.Next(&b) {
		for _, id := range b.Cols[at] {
			if n := len(ids); n == 0 || ids[n-1] != id {
				ids = append(ids, id)
			}
		}
		var next graph.Row
		next[at] = ids[len(ids)-1] + 1
		c.Seek(next)
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	terms := make([]graph.Term, len(ids))
	if err := s.Terms(ctx, ids, terms); err != nil {
		return nil, err
	}
	for i, id := range ids {
		n, _, err := s.Distinct(ctx, p.With(at, id), graph.PosS)
		if at == graph.PosP {
			n, _, err = s.Count(ctx, graph.Pattern{P: id, Union: true})
		}
		if err != nil {
			return nil, err
		}
		all = append(all, Tally{terms[i], n})
	}
	return all, nil
}

// A Member is a thing of a class, and the graph that says so.
type Member struct{ Thing, Graph graph.Term }

// Members returns the things of a class from a place on, at most limit, in the order of IDs.
// A thing comes as often as it is said to be of the class.
func Members(ctx context.Context, s graph.Snapshot, class graph.IRI, skip, limit int) ([]Member, error) {
	ids := make([]graph.ID, 2)
	if err := s.IDs(ctx, []graph.Term{graph.IRI(rdf.Type).Term(), class.Term()}, ids); err != nil {
		return nil, err
	}
	if ids[0] == graph.None || ids[1] == graph.None {
		return nil, nil
	}
	rows, err := scan(ctx, s, graph.Pattern{P: ids[0], O: ids[1]}, graph.POS, skip, limit)
	if err != nil {
		return nil, err
	}
	flat := make([]graph.ID, 0, 2*len(rows))
	for _, row := range rows {
		flat = append(flat, row[graph.PosS], row[graph.PosG])
	}
	terms := make([]graph.Term, len(flat))
	if err := s.Terms(ctx, flat, terms); err != nil {
		return nil, err
	}
	members := make([]Member, len(rows))
	for i := range members {
		members[i] = Member{terms[2*i], terms[2*i+1]}
	}
	return members, nil
}
