package exec

import (
	"context"
	"errors"
	"slices"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/plan"
)

// A walker follows property paths over IDs, a whole frontier of nodes at a time. What it has
// read of the edges of one property it keeps.
type walker struct {
	r      *Run
	graphs plan.Graphs
	ids    map[graph.IRI]graph.ID
	edges  map[edgeKey]*adjacency
	old    graph.Cursor // closed, whose memory the next scan may use
}

type edgeKey struct {
	property graph.ID
	forward  bool
}

// adjacency holds the neighbours of nodes along one property.
type adjacency struct {
	spans map[graph.ID][2]int32
	to    []graph.ID
	held  int64
	rows  float64 // of the property
}

// An idSet is a set of IDs.
type idSet struct {
	slots []graph.ID
	len   int
}

// add adds an ID and tells whether it is new.
func (s *idSet) add(id graph.ID) bool {
	if 2*s.len >= len(s.slots) {
		s.grow()
	}
	mask := uint64(len(s.slots) - 1)
	for h := mix(0, id) & mask; ; h = (h + 1) & mask {
		switch s.slots[h] {
		case id:
			return false
		case graph.None:
			s.slots[h] = id
			s.len++
			return true
		}
	}
}

// fewIDs is how many slots a set keeps when it is cleared.
const fewIDs = 256

func (s *idSet) clear() {
	if len(s.slots) > fewIDs {
		s.slots = nil
	}
	clear(s.slots)
	s.len = 0
}

func (s *idSet) grow() {
	old := s.slots
	s.slots = make([]graph.ID, max(16, 2*len(old)))
	s.len = 0
	for _, id := range old {
		if id != graph.None {
			s.add(id)
		}
	}
}

// pattern returns the pattern of all triples of the walker's graphs.
func (w *walker) pattern() (p graph.Pattern) {
	switch w.graphs.Kind {
	case plan.GraphUnion:
		p.Union = true
	case plan.GraphOne:
		p.G = w.graphs.IDs[0]
	case plan.GraphLooped:
		p.G = w.r.loop
	}
	return p
}

// read calls f for the rows of a pattern.
func (w *walker) read(ctx context.Context, p graph.Pattern, o graph.Order, columns graph.Columns, f func(row graph.Row) error) error {
	if w.graphs.Kind == plan.GraphMerge && len(w.graphs.IDs) == 0 {
		return nil
	}
	s := newSift([3]plan.Slot{}, w.graphs)
	old := w.old
	w.old = nil // f may read, too
	c, err := w.r.scan(ctx, old, p, o, columns|s.columns())
	if err != nil {
		return err
	}
	defer func() {
		c.Close()
		w.old = c
	}()
	var b graph.Block
	for c.Next(&b) {
		w.r.saw(b.Len)
		for i := range b.Len {
			row := b.Row(i)
			if s == nil || s.keeps(row) {
				if err := f(row); err != nil {
					return err
				}
			}
		}
		if err := w.r.check(ctx, "a property path"); err != nil {
			return err
		}
	}
	return c.Err()
}

// neighbours returns what the nodes reach by one edge of a property, as a set.
func (w *walker) neighbours(ctx context.Context, property graph.ID, from []graph.ID, forward bool) ([]graph.ID, error) {
	if property == graph.None {
		return nil, nil
	}
	key := edgeKey{property, forward}
	a := w.edges[key]
	if a == nil {
		p := w.pattern()
		p.P = property
		n, _, err := w.r.snap.Count(ctx, p)
		if err != nil {
			return nil, err
		}
		a = &adjacency{spans: map[graph.ID][2]int32{}, rows: float64(n)}
		if w.edges == nil {
			w.edges = map[edgeKey]*adjacency{}
		}
		w.edges[key] = a
	}
	var missing []graph.ID
	for _, id := range from {
		if _, ok := a.spans[id]; !ok {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		if err := w.fetch(ctx, a, key, missing); err != nil {
			return nil, err
		}
	}
	var out []graph.ID
	for _, id := range from {
		s := a.spans[id]
		out = append(out, a.to[s[0]:s[1]]...)
	}
	if len(from) > 1 {
		slices.Sort(out)
		out = slices.Compact(out)
	}
	return out, nil
}

// fetch reads the edges of nodes, which are sorted.
func (w *walker) fetch(ctx context.Context, a *adjacency, key edgeKey, nodes []graph.ID) error {
	near, far, order := graph.PosS, graph.PosO, graph.PSO
	if !key.forward {
		near, far, order = graph.PosO, graph.PosS, graph.POS
	}
	p := w.pattern()
	p.P = key.property
	var err error
	if !dense(len(nodes), a.rows, maxGap) || w.graphs.Kind == plan.GraphMerge {
		for _, id := range nodes {
			start := len(a.to)
			if id.Class() != graph.ClassLocal {
				err = w.read(ctx, p.With(near, id), order, graph.Cols(far), func(row graph.Row) error {
					a.to = append(a.to, row[far])
					return nil
				})
			}
			if err != nil {
				return err
			}
			slices.Sort(a.to[start:])
			a.spans[id] = [2]int32{int32(start), int32(len(a.to))}
		}
	} else if err = w.seek(ctx, a, p, order, near, far, nodes); err != nil {
		return err
	}
	bytes := int64(len(a.spans))*40 + int64(cap(a.to))*8
	err = w.r.account.grow(bytes-a.held, "a property path")
	a.held = bytes
	return err
}

// seek reads the edges of many nodes in one pass.
func (w *walker) seek(ctx context.Context, a *adjacency, p graph.Pattern, o graph.Order, near, far graph.Pos, nodes []graph.ID) error {
	c, err := w.r.snap.Scan(ctx, p, o, graph.Cols(near, far))
	if err != nil {
		return err
	}
	defer c.Close()
	var b graph.Block
	at, done := 0, false
	for _, id := range nodes {
		start := len(a.to)
		for !done {
			if at >= b.Len {
				var row graph.Row
				row[near] = id
				c.Seek(row)
				if done, at = !c.Next(&b), 0; done {
					break
				}
				w.r.saw(b.Len)
			}
			col := b.Cols[near][:b.Len]
			at = gallop(col, at, id)
			for ; at < len(col) && col[at] == id; at++ {
				a.to = append(a.to, b.Cols[far][at])
			}
			if at < len(col) {
				break
			}
		}
		a.spans[id] = [2]int32{int32(start), int32(len(a.to))}
	}
	if err := c.Err(); err != nil {
		return err
	}
	return w.r.check(ctx, "a property path")
}

// step returns the set that nodes reach by a path. Sets are sorted.
func (w *walker) step(ctx context.Context, p algebra.PathExpr, from []graph.ID, forward bool) ([]graph.ID, error) {
	if len(from) == 0 {
		return nil, nil
	}
	switch p := p.(type) {
	case *algebra.PathIRI:
		return w.neighbours(ctx, w.ids[p.IRI], from, forward)
	case *algebra.Inverse:
		return w.step(ctx, p.Path, from, !forward)
	case *algebra.Sequence:
		first, second := p.Left, p.Right
		if !forward {
			first, second = second, first
		}
		middle, err := w.step(ctx, first, from, forward)
		if err != nil {
			return nil, err
		}
		return w.step(ctx, second, middle, forward)
	case *algebra.Alternative:
		a, err := w.step(ctx, p.Left, from, forward)
		if err != nil {
			return nil, err
		}
		b, err := w.step(ctx, p.Right, from, forward)
		return union(a, b), err
	case *algebra.ZeroOrOne:
		a, err := w.step(ctx, p.Path, from, forward)
		return union(a, from), err
	case *algebra.ZeroOrMore:
		return w.closure(ctx, p.Path, from, forward)
	case *algebra.OneOrMore:
		first, err := w.step(ctx, p.Path, from, forward)
		if err != nil {
			return nil, err
		}
		return w.closure(ctx, p.Path, first, forward)
	case *algebra.NegatedSet:
		var out []graph.ID
		for _, id := range from {
			if err := w.others(ctx, p, id, forward, &out); err != nil {
				return nil, err
			}
		}
		slices.Sort(out)
		return slices.Compact(out), nil
	}
	return nil, nil
}

// closure returns the nodes and all that they reach by any number of steps.
func (w *walker) closure(ctx context.Context, p algebra.PathExpr, from []graph.ID, forward bool) ([]graph.ID, error) {
	var seen idSet
	reached := slices.Clone(from)
	for _, id := range from {
		seen.add(id)
	}
	frontier := from
	held := int64(0)
	for len(frontier) > 0 {
		if err := w.r.check(ctx, "a property path"); err != nil {
			return nil, err
		}
		next, err := w.step(ctx, p, frontier, forward)
		if err != nil {
			return nil, err
		}
		start := len(reached)
		for _, id := range next {
			if seen.add(id) {
				reached = append(reached, id)
			}
		}
		frontier = reached[start:]
		if bytes := int64(cap(seen.slots)+cap(reached)) * 8; bytes > held {
			if err := w.r.account.grow(bytes-held, "a property path"); err != nil {
				return nil, err
			}
			held = bytes
		}
	}
	w.r.account.release(held)
	slices.Sort(reached)
	return reached, nil
}

// others appends what a node reaches by properties that are not in a set, once for each
// triple.
func (w *walker) others(ctx context.Context, p *algebra.NegatedSet, id graph.ID, forward bool, out *[]graph.ID) error {
	if id.Class() == graph.ClassLocal {
		return nil
	}
	side := func(not []graph.IRI, near, far graph.Pos, order graph.Order) error {
		return w.read(ctx, w.pattern().With(near, id), order, graph.Cols(graph.PosP, far), func(row graph.Row) error {
			for _, iri := range not {
				if w.ids[iri] == row[graph.PosP] {
					return nil
				}
			}
			*out = append(*out, row[far])
			return nil
		})
	}
	along, against := p.Forward, p.Backward
	near, far, order, back := graph.PosS, graph.PosO, graph.SPO, graph.OSP
	if !forward {
		near, far, order, back = far, near, back, order
	}
	if len(along) > 0 || len(against) == 0 {
		if err := side(along, near, far, order); err != nil {
			return err
		}
	}
	if len(against) > 0 {
		return side(against, far, near, back)
	}
	return nil
}

// reach returns what one node reaches by the path of a Path node: a set, but for a negated
// set, whose triples count one by one (SPARQL 1.1, 18.4).
func (w *walker) reach(ctx context.Context, p algebra.PathExpr, id graph.ID, forward bool) ([]graph.ID, error) {
	if n, ok := p.(*algebra.NegatedSet); ok {
		var out []graph.ID
		err := w.others(ctx, n, id, forward, &out)
		slices.Sort(out)
		return out, err
	}
	return w.step(ctx, p, []graph.ID{id}, forward)
}

// union returns the union of two sorted sets.
func union(a, b []graph.ID) []graph.ID {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// nodes returns the subjects and objects of all triples, sorted.
func (w *walker) nodes(ctx context.Context) ([]graph.ID, error) {
	var seen idSet
	var out []graph.ID
	held := int64(0)
	add := func(id graph.ID) error {
		if !seen.add(id) {
			return nil
		}
		out = append(out, id)
		if bytes := int64(cap(seen.slots)+cap(out)) * 8; bytes > held {
			if err := w.r.account.grow(bytes-held, "a property path"); err != nil {
				return err
			}
			held = bytes
		}
		return nil
	}
	err := w.read(ctx, w.pattern(), graph.SPO, graph.Cols(graph.PosS, graph.PosO), func(row graph.Row) error {
		if err := add(row[graph.PosS]); err != nil {
			return err
		}
		return add(row[graph.PosO])
	})
	slices.Sort(out)
	return out, err
}

// isNode tells whether a term is subject or object of a triple.
func (w *walker) isNode(ctx context.Context, id graph.ID) (found bool, err error) {
	if id.Class() == graph.ClassLocal {
		return false, nil
	}
	for _, pos := range []graph.Pos{graph.PosS, graph.PosO} {
		err = w.read(ctx, w.pattern().With(pos, id), graph.NoOrder, 0, func(graph.Row) error {
			found = true
			return errEnough
		})
		if err == errEnough {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

var errEnough = errors.New("enough")

// starts returns the nodes from which a path may lead somewhere.
func (w *walker) starts(ctx context.Context, p algebra.PathExpr) ([]graph.ID, error) {
	m, ok := p.(*algebra.OneOrMore)
	if !ok {
		return w.nodes(ctx)
	}
	at, order := graph.PosS, graph.PSO
	inner := m.Path
	if i, ok := inner.(*algebra.Inverse); ok {
		inner, at, order = i.Path, graph.PosO, graph.POS
	}
	iri, ok := inner.(*algebra.PathIRI)
	if !ok {
		return w.nodes(ctx)
	}
	q := w.pattern()
	if q.P = w.ids[iri.IRI]; q.P == graph.None {
		return nil, nil
	}
	var out []graph.ID
	err := w.read(ctx, q, order, graph.Cols(at), func(row graph.Row) error {
		if n := len(out); n == 0 || out[n-1] != row[at] {
			out = append(out, row[at])
		}
		return nil
	})
	return out, err
}

// fewEdges is how many bytes of edges a walker keeps the memory of when it forgets them.
const fewEdges = 16 << 10

// forget forgets what was read of the edges.
func (w *walker) forget() {
	for key, a := range w.edges {
		w.r.account.release(a.held)
		if a.held > fewEdges || w.graphs.Kind == plan.GraphLooped {
			delete(w.edges, key)
			continue
		}
		clear(a.spans)
		a.to, a.held = a.to[:0], 0
	}
}
