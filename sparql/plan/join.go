package plan

import (
	"math"
	"slices"

	"mocban/graph"
	"mocban/sparql/algebra"
)

// maxDynamic is the number of relations up to which all orders of joins are looked at.
const maxDynamic = 12

// cheapEnough is the cost of a plan that is not worth more planning.
const cheapEnough = 100_000

// maxBushy is the number of relations up to which joins of joins are looked at.
const maxBushy = 9

// A state is a join of some relations, and what came before it.
type state struct {
	mask    uint64
	vars    bitset
	bound   bitset // those of vars that every row binds
	filters uint64 // applied
	rows    float64
	cost    float64
	order   []algebra.Var
	dist    []float64
	prev    *state
	right   *state // of stepBush
	how     step
}

// A step is how a relation is joined.
type step struct {
	kind   stepKind
	rel    int
	access access
}

type stepKind uint8

const (
	stepSeed   stepKind = iota // the seed of the scope
	stepScan                   // a pattern is read
	stepNode                   // a node, or a path from a known end, is taken as it is
	stepLookup                 // rows of a pattern are looked up
	stepMerge                  // so too, in one pass
	stepHash                   // a table is made of a pattern, node or path
	stepWalk                   // a path is walked from each row
	stepBush                   // a table is made of another state
)

// arrange finds an order for the joins and builds them.
func (g *group) arrange() Node {
	if len(g.rels) > 64 {
		return g.chain()
	}
	var best *state
	if len(g.rels) > 0 || g.sc.seed != nil {
		best = g.search()
	}
	var node Node
	var applied uint64
	if best != nil {
		node = g.replay(best)
		applied = best.filters
	}
	node = g.attach(node, g.others)
	var rest []algebra.Expr
	for i := range g.filters {
		if i >= 64 || applied>>i&1 == 0 {
			rest = append(rest, g.filters[i].expr)
		}
	}
	if node == nil {
		node = &Unit{Info{Rows: 1}}
	}
	return g.b.filter(node, rest, g.sc)
}

// chain joins very many relations as they are written, each to the one before that it shares
// a variable with.
func (g *group) chain() Node {
	rels, filters := g.rels, g.filters
	node := g.sc.seed
	for len(rels) > 0 {
		if err := g.b.ctx.Err(); err != nil {
			g.b.fail(err)
			g.nothing = "planning failed"
			return node
		}
		i := 0
		if node != nil {
			i = max(0, slices.IndexFunc(rels, func(r *relation) bool { return columns(node).HasAny(r.variables()) }))
		}
		part := &group{b: g.b, sc: g.sc, rels: rels[i : i+1]}
		part.sc.seed = node
		rels = append(slices.Clone(rels[:i]), rels[i+1:]...)
		if part.number(); part.nothing != "" {
			g.nothing = part.nothing
			return node
		}
		node = part.arrange()
	}
	rest := &group{b: g.b, sc: g.sc}
	node = rest.attach(node, g.others)
	var conditions []algebra.Expr
	for _, f := range filters {
		conditions = append(conditions, f.expr)
	}
	return g.b.filter(node, conditions, g.sc)
}

// search finds the best order: among all up to maxDynamic relations, else one step after the
// other. What the second way finds bounds what the first has to look at.
func (g *group) search() *state {
	bound := g.greedy()
	if len(g.rels) > maxDynamic || len(g.rels) < 2 || bound.cost < cheapEnough || !g.b.on(joinOrder) {
		return bound
	}
	return g.dynamic(bound)
}

func (g *group) starts() (list []*state) {
	if g.sc.seed != nil {
		x := g.sc.seed.Base()
		s := &state{vars: g.bitsOf(columns(g.sc.seed)), bound: g.bitsOf(boundColumns(g.sc.seed)), rows: x.Rows, cost: x.Cost, dist: make([]float64, len(g.vars)), how: step{kind: stepSeed}}
		for i := range s.dist {
			if s.vars.has(i) {
				s.dist[i] = x.Rows
			}
		}
		return []*state{g.filtered(s)}
	}
	for i, r := range g.rels {
		if !g.b.on(joinOrder) && i > 0 {
			break
		}
		list = append(list, g.start(i, r)...)
	}
	return list
}

// start reads one relation.
func (g *group) start(i int, r *relation) (list []*state) {
	s := state{mask: 1 << min(i, 63), vars: r.vars, bound: r.bound, rows: r.rows, dist: r.dist}
	if r.node != nil || r.path != nil {
		s.how = step{kind: stepNode, rel: i}
		if r.node != nil {
			s.cost, s.order = r.node.Base().Cost, r.node.Base().Order
		} else {
			s.rows, s.cost = pathRows(r.path, r.base)
			if order := pathOrder(r.path); order != "" {
				s.order = []algebra.Var{order}
			}
		}
		return []*state{g.filtered(&s)}
	}
	for _, a := range r.accesses {
		t := s
		t.how = step{kind: stepScan, rel: i, access: a}
		t.order = a.order
		t.cost = costOpen + a.read*costScan
		list = append(list, g.filtered(&t))
	}
	return list
}

// pathRows guesses what a path gives that is not walked from other rows.
func pathRows(p *Path, base float64) (rows, cost float64) {
	switch {
	case !p.S.IsVar() && !p.O.IsVar():
		return 1, 20 * costWalk
	case !p.S.IsVar() || !p.O.IsVar():
		rows = max(2, math.Sqrt(base))
		return rows, rows * costWalk
	}
	return base * 4, base * costWalk
}

// pathOrder returns the variable by which the rows of a path from a known end are sorted.
func pathOrder(p *Path) algebra.Var {
	switch {
	case !p.S.IsVar():
		return p.O.Var
	case !p.O.IsVar():
		return p.S.Var
	}
	return ""
}

// filtered applies the filters that have all their variables.
func (g *group) filtered(s *state) *state {
	copied := false
	for i := range g.filters {
		f := &g.filters[i]
		if i >= 64 || s.filters>>i&1 == 1 || !f.vars.in(s.bound) {
			continue
		}
		s.filters |= 1 << i
		s.cost += s.rows * f.cost * g.nearness(s, f)
		if f.ranged {
			continue
		}
		s.rows = max(1, s.rows*f.sel)
		if !copied {
			s.dist, copied = slices.Clone(s.dist), true
		}
		for k := range s.dist {
			s.dist[k] = min(s.dist[k], s.rows)
		}
	}
	return s
}

// nearTerms is what fetching terms costs where they come in the order of their IDs, as they
// stand in the dictionary, by what it costs elsewhere.
const nearTerms = 0.4

// nearness returns what part of its cost a filter takes on the rows of a state.
func (g *group) nearness(s *state, f *groupFilter) float64 {
	if f.cost >= costText && len(s.order) > 0 && f.vars == g.bitsOf(s.order[:1]) {
		return nearTerms
	}
	return 1
}

// connected tells whether a relation that is left shares a variable with s.
func (g *group) connected(s *state) bool {
	for i, r := range g.rels {
		if s.mask>>i&1 == 0 && !r.vars.and(s.vars).empty() {
			return true
		}
	}
	return false
}

// next joins a relation to a state in every way there is.
func (g *group) next(s *state, i int, found func(*state)) {
	r := g.rels[i]
	shared := r.vars.and(s.vars)
	out := s.rows * r.rows
	keys := 1.0
	shared.each(func(v int) {
		out /= g.spread(v, max(1, s.dist[v], r.dist[v]), s.mask, 1<<i)
		keys = max(keys, min(s.dist[v], s.rows))
	})
	out = max(out, 0.01)
	base := state{mask: s.mask | 1<<i, vars: s.vars.or(r.vars), bound: s.bound.or(r.bound), filters: s.filters, rows: out, order: s.order, prev: s}
	try := func(kind stepKind, a access, cost float64) {
		t := base
		t.how = step{kind: kind, rel: i, access: a}
		t.cost = s.cost + cost + out*costOut
		t.dist = slices.Clone(s.dist)
		for v := range t.dist {
			switch {
			case t.dist[v] == 0:
				t.dist[v] = r.dist[v]
			case r.dist[v] > 0:
				t.dist[v] = min(t.dist[v], r.dist[v])
			}
			t.dist[v] = min(t.dist[v], max(1, out))
		}
		found(g.filtered(&t))
	}
	switch {
	case r.node != nil:
		try(stepHash, access{}, r.node.Base().Cost+r.rows*costBuild+s.rows*costProbe)
		return
	case r.path != nil:
		if !shared.empty() {
			try(stepWalk, access{}, keys*costWalk)
		}
		if !r.path.S.IsVar() || !r.path.O.IsVar() || shared.empty() {
			rows, cost := pathRows(r.path, r.base)
			try(stepHash, access{}, cost+rows*costBuild+s.rows*costProbe)
		}
		return
	}
	whole := slices.MinFunc(r.accesses, func(a, b access) int { return compare(a.read, b.read) })
	if shared.empty() || g.b.on(hashJoin) || !g.b.on(lookupJoin) {
		try(stepHash, whole, costOpen+whole.read*costScan+r.rows*costBuild+s.rows*costProbe)
	}
	if shared.empty() || !g.b.on(lookupJoin) {
		return
	}
	a := g.lookupAccess(s, r)
	if len(s.order) > 0 && len(a.order) > 0 && s.order[0] == a.order[0] && g.b.on(mergeJoin) {
		try(stepMerge, a, costOpen+seekCost(keys, r.base)+s.rows*costOut)
		return
	}
	passes := batches(s.rows)
	each := min(keys, BatchRows)
	try(stepLookup, a, passes*(costOpen+seekCost(each, r.base))+s.rows*costKey)
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// lookupAccess returns the order in which a pattern is read to look up rows of a state: that
// of which terms and keys are the longest prefix, terms first where that can be.
func (g *group) lookupAccess(s *state, r *relation) access {
	var probe graph.Pattern
	for pos, slot := range r.slots {
		if !slot.IsVar() || s.vars.has(slices.Index(g.vars, slot.Var)) {
			probe = probe.With(graph.Pos(pos), 1)
		}
	}
	constant := graph.Pattern{S: r.pattern.S, P: r.pattern.P, O: r.pattern.O}
	best, score := graph.SPO, -1
	for _, o := range graph.Orders {
		if o == graph.GSPO {
			continue
		}
		if n := 4*probe.Prefix(o) + constant.Prefix(o); n > score {
			best, score = o, n
		}
	}
	a := access{by: best}
	positions := best.Positions()
	for _, pos := range positions[constant.Prefix(best):] {
		if pos != graph.PosG && r.slots[pos].IsVar() {
			a.order = Vars(a.order).with(r.slots[pos].Var)
		}
	}
	return a
}

// maxStarts is from how many relations greedy begins at most.
const maxStarts = 8

// greedy takes the cheapest step each time. It begins with the relation that is cheapest to
// read, and where that does not give a plan that is cheap, with others that are cheap too:
// what is small by itself may lead to what is large.
func (g *group) greedy() *state {
	starts := g.starts()
	slices.SortStableFunc(starts, func(a, b *state) int {
		return compare(a.cost+a.rows*costOut, b.cost+b.rows*costOut)
	})
	best := g.greedyFrom(starts[0])
	if best.cost < cheapEnough || !g.b.on(joinOrder) {
		return best
	}
	seen := starts[0].mask
	for tried := 1; tried < len(starts) && bitCount(seen) < maxStarts; tried++ {
		s := starts[tried]
		if s.mask&seen == s.mask || g.b.ctx.Err() != nil {
			continue
		}
		seen |= s.mask
		if s = g.greedyFrom(s); s.cost < best.cost {
			best = s
		}
	}
	return best
}

// greedyFrom joins the rest to a state.
func (g *group) greedyFrom(s *state) *state {
	for n := bitCount(s.mask); n < len(g.rels); n++ {
		var best *state
		connected := g.connected(s)
		for i, r := range g.rels {
			if s.mask>>i&1 == 1 || connected && r.vars.and(s.vars).empty() && !r.vars.empty() {
				continue
			}
			g.next(s, i, func(t *state) {
				if best == nil || t.cost+t.rows*costSeek < best.cost+best.rows*costSeek {
					best = t
				}
			})
			if !g.b.on(joinOrder) {
				break
			}
		}
		s = best
	}
	return s
}

func bitCount(m uint64) (n int) {
	for ; m != 0; m &= m - 1 {
		n++
	}
	return n
}

// dynamic keeps the best states for every set of relations: one for each order of rows that
// may be worth something.
func (g *group) dynamic(bound *state) *state {
	best := make([][]*state, 1<<len(g.rels))
	add := func(s *state) {
		if s.cost > bound.cost {
			return
		}
		list := best[s.mask]
		for i, t := range list {
			if sameLead(s.order, t.order) {
				if s.cost < t.cost {
					list[i] = s
				}
				return
			}
		}
		best[s.mask] = append(list, s)
	}
	for _, s := range g.starts() {
		add(s)
	}
	all := len(best) - 1
	bushy := g.sc.seed == nil && len(g.rels) <= maxBushy && g.b.on(bushyJoins)
	for mask := 0; mask < all; mask++ {
		if g.b.ctx.Err() != nil {
			return bound
		}
		if bushy {
			g.bush(mask, best, add)
		}
		for _, s := range best[mask] {
			connected := g.connected(s)
			for i, r := range g.rels {
				if mask>>i&1 == 0 && (!connected || r.vars.empty() || !r.vars.and(s.vars).empty()) {
					g.next(s, i, add)
				}
			}
		}
	}
	if bushy {
		g.bush(all, best, add)
	}
	for _, s := range best[all] {
		if s.cost < bound.cost {
			bound = s
		}
	}
	return bound
}

// bush joins the states of the parts of a set of relations, two relations or more each.
func (g *group) bush(mask int, best [][]*state, found func(*state)) {
	for part := (mask - 1) & mask; part > 0; part = (part - 1) & mask {
		rest := mask ^ part
		if len(best[part]) == 0 || len(best[rest]) == 0 || part&(part-1) == 0 || rest&(rest-1) == 0 {
			continue
		}
		right := best[rest][0]
		for _, s := range best[rest][1:] {
			if s.cost < right.cost {
				right = s
			}
		}
		for _, left := range best[part] {
			if s := g.bushed(left, right); s != nil {
				found(s)
			}
		}
	}
}

// bushed returns the join of two states by a table of the right one, nil if they have no
// variable in common.
func (g *group) bushed(left, right *state) *state {
	shared := left.vars.and(right.vars)
	if shared.empty() {
		return nil
	}
	out := left.rows * right.rows
	shared.each(func(v int) { out /= g.spread(v, max(1, left.dist[v], right.dist[v]), left.mask, right.mask) })
	out = max(out, 0.01)
	s := &state{
		mask: left.mask | right.mask, vars: left.vars.or(right.vars), bound: left.bound.or(right.bound),
		filters: left.filters | right.filters, rows: out, order: left.order, prev: left, right: right,
		cost: left.cost + right.cost + right.rows*costBuild + left.rows*costProbe + out*costOut,
		how:  step{kind: stepBush}, dist: make([]float64, len(left.dist)),
	}
	for v := range s.dist {
		switch l, r := left.dist[v], right.dist[v]; {
		case l == 0 || r == 0:
			s.dist[v] = min(l+r, max(1, out))
		default:
			s.dist[v] = min(l, r, max(1, out))
		}
	}
	return g.filtered(s)
}

func sameLead(a, b []algebra.Var) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	return a[0] == b[0]
}

// replay builds the nodes of a state.
func (g *group) replay(s *state) Node {
	var n Node
	before := uint64(0)
	if s.prev != nil {
		n, before = g.replay(s.prev), s.prev.filters
	}
	if s.right != nil {
		before |= s.right.filters
		n = g.b.joinRight(n, g.replay(s.right))
	} else {
		n = g.step(n, s)
	}
	if x := n.Base(); s.how.kind != stepSeed && s.how.kind != stepNode {
		x.Rows, x.Cost = s.rows, s.cost
	}
	var conditions []algebra.Expr
	for i := range g.filters {
		if i < 64 && (s.filters&^before)>>i&1 == 1 {
			conditions = append(conditions, g.filters[i].expr)
		}
	}
	if len(conditions) > 0 {
		n = g.b.filter(n, conditions, g.sc)
		if f, ok := n.(*Filter); ok {
			f.Rows, f.Cost = s.rows, s.cost
		}
	}
	return n
}

// step builds the node of one join.
func (g *group) step(in Node, s *state) Node {
	if s.how.kind == stepSeed {
		return g.sc.fed()
	}
	r := g.rels[s.how.rel]
	switch s.how.kind {
	case stepScan:
		return r.scanNode(s.how.access)
	case stepNode:
		if r.node != nil {
			return r.node
		}
		return r.pathNode(nil)
	case stepWalk:
		return r.pathNode(in)
	case stepHash:
		switch {
		case r.node != nil:
			return g.b.join(in, r.node)
		case r.path != nil:
			return g.b.join(in, r.pathNode(nil))
		}
		return g.b.joinRight(in, r.scanNode(s.how.access))
	}
	scan := r.scanNode(s.how.access)
	n := &LookupJoin{Input: in, Scan: scan, Merge: s.how.kind == stepMerge}
	n.Cols, n.Order = joinCols(in.Base(), scan.Base()), in.Base().Order
	return n
}

func (r *relation) scanNode(a access) *Scan {
	n := &Scan{Slots: r.slots, Graphs: r.graphs, By: a.by}
	n.Rows, n.Cost, n.Order = r.rows, costOpen+a.read*costScan, a.order
	for _, v := range r.variables() {
		n.Cols = append(n.Cols, Col{Var: v})
	}
	if a.ranges {
		n.At, n.Ranges = r.at, r.ranges
	}
	return n
}

func (r *relation) pathNode(in Node) *Path {
	n := *r.path
	n.Rows, n.Cost = pathRows(&n, r.base)
	if in != nil {
		n.Input = in
		n.Cols, n.Order = slices.Clone(in.Base().Cols), in.Base().Order
		n.Rows, n.Cost = in.Base().Rows*4, in.Base().Cost+in.Base().Rows*costWalk
	} else if order := pathOrder(&n); order != "" {
		n.Order = []algebra.Var{order}
	}
	for _, v := range r.variables() {
		if i := n.Index(v); i >= 0 {
			n.Cols[i].Maybe = false
		} else {
			n.Cols = append(n.Cols, Col{Var: v})
		}
	}
	return &n
}

// joinRight is join with the table made of the right side.
func (b *builder) joinRight(l, r Node) Node {
	l.Base().Rows, r.Base().Rows = max(l.Base().Rows, 1), max(r.Base().Rows, 1)
	x, y := l.Base(), r.Base()
	n := &HashJoin{Left: l, Right: r}
	n.Cols, n.Order = joinCols(x, y), x.Order
	for _, c := range x.Cols {
		if !c.Maybe && y.Certain(c.Var) {
			n.Keys = append(n.Keys, c.Var)
		}
	}
	return n
}

// attach joins what is no plain pattern, each in the cheaper of two ways: on its own and by
// a table, or with the rows so far fed into it.
func (g *group) attach(node Node, others []algebra.Op) Node {
	for _, op := range others {
		sc := g.sc
		switch {
		case node == nil && sc.seed != nil:
			node = g.b.build(op, sc)
			continue
		case node == nil:
			node = g.b.build(op, sc.unseeded())
			continue
		case isEmpty(node):
			return node
		}
		node = g.attached(node, op)
	}
	return node
}

func (g *group) attached(node Node, op algebra.Op) Node {
	b, sc := g.b, g.sc
	b.depth++
	defer func() { b.depth-- }()
	apart := apart(op, sc.outer)
	var fed *Apply
	if !apart || b.on(seededOptional) && seedable(op, columns(node).without(sc.outer)) {
		fed = b.seeded(ApplyInner, node, op, nil, sc, sc.outer)
		fed.rightCols(false)
		fed.Rows = fed.Right.Base().Rows * batches(node.Base().Rows)
		if b.depth > maxAttempts || !apart {
			return fed
		}
	}
	joined := b.join(node, b.build(op, sc.unseeded()))
	if fed != nil && fed.Cost < joined.Base().Cost {
		return fed
	}
	return joined
}
