package exec

import (
	"context"
	"slices"

	"mocban/graph"
	"mocban/sparql/plan"
)

// pathOp matches a property path: from an end that is known, from each node there is, or for
// each row of its input from the end that the row binds.
type pathOp struct {
	r    *Run
	n    *plan.Path
	in   operator // or nil
	walk walker
	s, o end

	from    []int // of the output: column of the input, or -1
	isS     []bool
	isO     []bool
	batch   Batch
	row     int
	current pathPairs // of the row at hand
	at      int
	begun   bool
	known   map[reachKey][]graph.ID
	held    int64
	out     columns
}

// An end of a path: a term, a parameter of the run, a column of the input, or free.
type end struct {
	id    graph.ID
	param int // from 1, 0 for none
	col   int
}

// idOf returns the ID of an end that is a term, and None for others.
func (r *Run) idOf(e end) graph.ID {
	if e.param > 0 {
		return r.params[e.param-1]
	}
	return e.id
}

type reachKey struct {
	id      graph.ID
	forward bool
}

// pathPairs are solutions: ends that go with one start, or a list of starts still to walk.
type pathPairs struct {
	s, o   []graph.ID // one of them has one entry, or both as many
	len    int
	starts []graph.ID // both ends are free: each is walked in turn
}

func newPath(ctx context.Context, r *Run, n *plan.Path, in operator) (*pathOp, error) {
	o := &pathOp{r: r, n: n, in: in, walk: walker{r: r, graphs: n.Graphs, ids: n.IDs}}
	var cols []plan.Col
	if n.Input != nil {
		cols = n.Input.Base().Cols
	}
	for i, slot := range []plan.Slot{n.S, n.O} {
		e := end{col: -1}
		switch {
		case slot.IsVar() && n.Input != nil:
			e.col = n.Input.Base().Index(slot.Var)
		case slot.Param > 0 && r.params != nil:
			e.param = slot.Param
		case !slot.IsVar():
			// A term that the store does not know reaches itself in zero steps.
			id, err := r.dict.one(ctx, slot.Term)
			if err != nil {
				return nil, err
			}
			e.id = id
		}
		if i == 0 {
			o.s = e
		} else {
			o.o = e
		}
	}
	o.from = places(n.Cols, cols)
	for _, c := range n.Cols {
		o.isS = append(o.isS, c.Var == n.S.Var)
		o.isO = append(o.isO, c.Var == n.O.Var)
	}
	return o, nil
}

func (o *pathOp) next(ctx context.Context, b *Batch) (bool, error) {
	o.out.clear(len(o.n.Cols))
	rows := 0
	for rows < o.r.batch {
		if o.at < o.current.len {
			rows += o.emit(o.r.batch - rows)
			continue
		}
		if len(o.current.starts) > 0 {
			if err := o.nextStart(ctx); err != nil {
				return false, err
			}
			continue
		}
		if rows > 0 && o.in != nil && o.row >= o.batch.Len {
			break
		}
		ok, err := o.nextRow(ctx)
		if err != nil {
			return false, err
		}
		if !ok {
			break
		}
	}
	b.Len, b.Cols = rows, append(b.Cols[:0], o.out...)
	return rows > 0, nil
}

func (o *pathOp) emit(most int) (rows int) {
	pick := func(ids []graph.ID, i int) graph.ID {
		if len(ids) == 1 {
			return ids[0]
		}
		return ids[i]
	}
	for ; o.at < o.current.len && rows < most; o.at++ {
		s, obj := pick(o.current.s, o.at), pick(o.current.o, o.at)
		if o.n.S.IsVar() && o.n.S.Var == o.n.O.Var && s != obj {
			continue
		}
		rows++
		for c, from := range o.from {
			switch {
			case o.isS[c]:
				o.out[c] = append(o.out[c], s)
			case o.isO[c]:
				o.out[c] = append(o.out[c], obj)
			default:
				o.out[c] = append(o.out[c], o.batch.Cols[from][o.row-1])
			}
		}
	}
	return rows
}

// nextRow finds the solutions of the next row of the input, or the only ones.
func (o *pathOp) nextRow(ctx context.Context) (bool, error) {
	if err := o.r.checkAt(ctx, o.n); err != nil {
		return false, err
	}
	if o.in == nil {
		if o.begun {
			return false, nil
		}
		o.begun = true
		return true, o.solve(ctx, o.r.idOf(o.s), o.r.idOf(o.o))
	}
	if o.row >= o.batch.Len {
		ok, err := o.in.next(ctx, &o.batch)
		if !ok || err != nil {
			o.batch.Len, o.row = 0, 0
			return false, err
		}
		o.row = 0
	}
	s, obj := o.r.idOf(o.s), o.r.idOf(o.o)
	if o.s.col >= 0 {
		s = o.batch.Cols[o.s.col][o.row]
	}
	if o.o.col >= 0 {
		obj = o.batch.Cols[o.o.col][o.row]
	}
	o.row++
	return true, o.solve(ctx, s, obj)
}

// solve finds the solutions for two ends, None for one that is free.
func (o *pathOp) solve(ctx context.Context, s, obj graph.ID) error {
	o.at = 0
	o.current = pathPairs{}
	switch {
	case s != graph.None && obj != graph.None:
		forward := o.n.Input == nil || o.o.col >= 0 || o.s.col < 0
		near, far := s, obj
		if !forward { // the end that stays the same is walked from once
			near, far = obj, s
		}
		found, err := o.reach(ctx, near, forward)
		if err != nil {
			return err
		}
		i, _ := slices.BinarySearch(found, far)
		for ; i < len(found) && found[i] == far; i++ {
			o.current.len++
		}
		o.current.s, o.current.o = []graph.ID{s}, []graph.ID{obj}
		return nil
	case s != graph.None:
		found, err := o.reach(ctx, s, true)
		o.current = pathPairs{s: []graph.ID{s}, o: found, len: len(found)}
		return err
	case obj != graph.None:
		found, err := o.reach(ctx, obj, false)
		o.current = pathPairs{s: found, o: []graph.ID{obj}, len: len(found)}
		return err
	}
	starts, err := o.walk.starts(ctx, o.n.Path)
	o.current.starts = starts
	return err
}

func (o *pathOp) nextStart(ctx context.Context) error {
	if err := o.r.checkAt(ctx, o.n); err != nil {
		return err
	}
	id := o.current.starts[0]
	found, err := o.walk.reach(ctx, o.n.Path, id, true)
	o.at = 0
	o.current = pathPairs{s: []graph.ID{id}, o: found, len: len(found), starts: o.current.starts[1:]}
	return err
}

// reach walks from a node, once for each node.
func (o *pathOp) reach(ctx context.Context, id graph.ID, forward bool) ([]graph.ID, error) {
	key := reachKey{id, forward}
	if found, ok := o.known[key]; ok {
		return found, nil
	}
	found, err := o.walk.reach(ctx, o.n.Path, id, forward)
	if err != nil || o.n.Input == nil {
		return found, err
	}
	if len(found) == 1 && found[0] == id && o.n.S.IsVar() && o.n.O.IsVar() && !o.n.Given {
		// Between two variables a path of no steps joins nodes of the graph only.
		if in, err := o.walk.isNode(ctx, id); err != nil || !in {
			return nil, err
		}
	}
	bytes := int64(len(found))*8 + 80
	if o.held+bytes > maxKnown {
		o.r.account.release(o.held)
		o.known, o.held = nil, 0
	}
	if err := o.r.account.grow(bytes, o.n.Label()); err != nil {
		return nil, err
	}
	o.held += bytes
	if o.known == nil {
		o.known = map[reachKey][]graph.ID{}
	}
	o.known[key] = found
	return found, nil
}

// maxKnown is how many bytes of walks are kept to be used again.
const maxKnown = 32 << 20

func (o *pathOp) reset(all bool) {
	o.batch.Len, o.row, o.at, o.begun = 0, 0, 0, false
	o.current = pathPairs{}
	if all {
		o.walk.forget()
		o.r.account.release(o.held)
		o.known, o.held = nil, 0
	}
	if o.in != nil {
		o.in.reset(all)
	}
}

func (o *pathOp) close() {
	o.walk.forget()
	o.r.account.release(o.held)
	o.known, o.held = nil, 0
	if o.in != nil {
		o.in.close()
	}
}
