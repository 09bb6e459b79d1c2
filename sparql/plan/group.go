package plan

import (
	"errors"
	"slices"
	"strconv"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/expr"
)

// A group is a set of patterns that are joined, with the filters over them: what a BGP, a
// Join or a Filter becomes before an order of the joins is found.
type group struct {
	b       *builder
	sc      scope
	rels    []*relation
	others  []algebra.Op // attached last
	filters []groupFilter
	vars    Vars // numbered
	nothing string
}

// A groupFilter is one condition.
type groupFilter struct {
	expr   algebra.Expr
	vars   bitset
	sel    float64
	cost   float64 // a row
	ranged bool    // its selectivity is already in the rows of a relation
}

// A relation is one thing to join: a triple pattern, a path, or a node that was built.
type relation struct {
	slots    [3]Slot
	graphs   Graphs
	pattern  graph.Pattern
	accesses []access
	ranges   []expr.IDRange
	at       graph.Pos // of ranges
	base     float64   // rows of the pattern
	path     *Path
	node     Node
	rows     float64 // with ranges
	vars     bitset
	bound    bitset    // those that every row binds
	dist     []float64 // how many different values, by number of the variable
}

// An access is one way to read a pattern.
type access struct {
	by     graph.Order
	order  []algebra.Var
	read   float64 // rows
	ranges bool
}

// group builds BGPs, paths, joins and filters.
func (b *builder) group(op algebra.Op, sc scope) Node {
	g := &group{b: b, sc: sc}
	g.collect(op, sc.graphs, true)
	if g.nothing != "" {
		return b.empty(g.nothing, op, sc)
	}
	g.number()
	if g.nothing != "" {
		return b.empty(g.nothing, op, sc)
	}
	node := g.arrange()
	if g.nothing != "" {
		return b.empty(g.nothing, op, sc)
	}
	return node
}

// collect takes a pattern apart. Top is set for the filters of the group itself, which see
// all of it.
func (g *group) collect(op algebra.Op, graphs Graphs, top bool) {
	switch op := op.(type) {
	case *algebra.Join:
		g.collect(op.Left, graphs, false)
		g.collect(op.Right, graphs, false)
	case *algebra.BGP:
		for _, t := range op.Patterns {
			g.triple(t, graphs)
		}
	case *algebra.Path:
		switch p := g.b.steps(op.S, op.Path, op.O).(type) {
		case *algebra.Path:
			g.path(p, graphs)
		case *algebra.Union:
			g.other(p, graphs)
		default:
			g.collect(p, graphs, false)
		}
	case *algebra.Filter:
		if top || g.joinsLate(op, graphs) {
			g.collect(op.Input, graphs, top)
			for _, c := range conjuncts(op.Expr, nil) {
				g.filters = append(g.filters, groupFilter{expr: c})
			}
			return
		}
		g.other(op, graphs)
	case *algebra.Graph:
		if inner, ok := g.inGraph(op); ok {
			g.collect(op.Input, inner, false)
			return
		}
		g.other(op, graphs)
	default:
		g.other(op, graphs)
	}
}

// joinsLate tells whether a filter of a group within this one may be tried later, when the
// whole group is joined: it sees no variable that its own group leaves unbound.
func (g *group) joinsLate(op *algebra.Filter, graphs Graphs) bool {
	vars := exprVars(nil, op.Expr).without(g.sc.outer)
	if !sameGraphs(graphs, g.sc.graphs) && hasExists(op.Expr) {
		return false
	}
	return inScope(op.Input, true).HasAll(vars)
}

func sameGraphs(x, y Graphs) bool {
	return x.Kind == y.Kind && x.Var == y.Var && x.All == y.All && slices.Equal(x.IDs, y.IDs)
}

// inGraph returns where the patterns within GRAPH are matched, if they can be joined with
// the others one by one.
func (g *group) inGraph(op *algebra.Graph) (Graphs, bool) {
	if _, ok := op.Input.(*algebra.BGP); !ok || !graphColumn(op.Input) {
		return Graphs{}, false
	}
	if op.Name.IsVar() {
		ok := !mentioned(nil, op.Input).Has(op.Name.Var) && g.b.on(graphColumns)
		return g.b.namedGraphs(op.Name.Var), ok
	}
	id := g.b.ids[op.Name.Term]
	if !g.b.isNamed(id) {
		return Graphs{}, false
	}
	return Graphs{Kind: GraphOne, IDs: []graph.ID{id}}, true
}

// other notes what is neither pattern nor filter. What is small and stands on its own is a
// relation like the others.
func (g *group) other(op algebra.Op, graphs Graphs) {
	sc := g.sc.unseeded()
	sc.graphs = graphs
	alone := false
	switch op := op.(type) {
	case *algebra.Values, *algebra.Text, *algebra.Project, *algebra.Group, *algebra.Distinct, *algebra.Reduced, *algebra.Slice, *algebra.OrderBy:
		alone = true
	case *algebra.Extend:
		bgp, ok := op.Input.(*algebra.BGP)
		alone = ok && len(bgp.Patterns) == 0 && len(g.sc.outer) == 0
	}
	if !alone {
		g.others = append(g.others, op)
		return
	}
	n := g.b.build(op, sc)
	if e, ok := n.(*Empty); ok {
		g.nothing = e.Why
	}
	g.rels = append(g.rels, &relation{node: n, rows: max(1, n.Base().Rows)})
}

// steps writes a path as triple patterns, joins and unions as far as that goes (SPARQL 1.1,
// 18.2.2.4 and 18.4).
func (b *builder) steps(s algebra.Slot, p algebra.PathExpr, o algebra.Slot) algebra.Op {
	switch p := p.(type) {
	case *algebra.PathIRI:
		t := algebra.TriplePattern{S: s, P: algebra.Slot{Term: p.IRI.Term()}, O: o}
		return &algebra.BGP{Patterns: []algebra.TriplePattern{t}}
	case *algebra.Inverse:
		return b.steps(o, p.Path, s)
	case *algebra.Sequence:
		v := algebra.Slot{Var: b.name("step")}
		return &algebra.Join{Left: b.steps(s, p.Left, v), Right: b.steps(v, p.Right, o)}
	case *algebra.Alternative:
		return &algebra.Union{Left: b.steps(s, p.Left, o), Right: b.steps(s, p.Right, o)}
	}
	return &algebra.Path{S: s, Path: p, O: o}
}

var errTripleTerms = errors.New("triple terms with variables are not answered yet")

// triple notes a triple pattern. One that cannot match makes the whole group empty.
func (g *group) triple(t algebra.TriplePattern, graphs Graphs) {
	if t.S.Triple != nil || t.O.Triple != nil {
		g.b.fail(errTripleTerms)
		return
	}
	r := &relation{graphs: graphs, slots: [3]Slot{g.b.slot(t.S), g.b.slot(t.P), g.b.slot(t.O)}}
	for pos, s := range r.slots {
		if !s.IsVar() && s.ID == graph.None {
			g.nothing = s.Term.String() + " is not in the store"
			return
		}
		r.pattern = r.pattern.With(graph.Pos(pos), s.ID)
	}
	switch graphs.Kind {
	case GraphUnion:
		r.pattern.Union = true
	case GraphOne:
		r.pattern.G = graphs.IDs[0]
	case GraphMerge:
		if len(graphs.IDs) == 0 {
			g.nothing = "the default graph is empty"
			return
		}
	case GraphNamed:
		if !graphs.All && len(graphs.IDs) == 0 {
			g.nothing = "there are no named graphs"
			return
		}
	}
	c := g.b.count(r.pattern)
	if c.exact && c.n == 0 {
		g.nothing = "nothing matches " + patternText(r.slots)
		return
	}
	r.base = max(1, c.n)
	r.rows = r.base
	g.rels = append(g.rels, r)
}

func (b *builder) count(p graph.Pattern) counted {
	if c, ok := b.counts[p]; ok {
		return c
	}
	n, exact, err := b.src.Count(b.ctx, p)
	if err != nil {
		b.fail(err)
	}
	c := counted{float64(n), exact}
	b.counts[p] = c
	return c
}

func (g *group) path(p *algebra.Path, graphs Graphs) {
	n := &Path{S: g.b.slot(p.S), O: g.b.slot(p.O), Path: p.Path, Graphs: graphs, IDs: map[graph.IRI]graph.ID{}}
	n.Given = g.sc.outer.HasAny(Vars{p.S.Var, p.O.Var})
	rows := 1.0
	for _, iri := range pathIRIs(p.Path, nil) {
		id := g.b.ids[iri.Term()]
		n.IDs[iri] = id
		if id != graph.None {
			rows += g.b.count(graph.Pattern{P: id, Union: graphs.Kind == GraphUnion}).n
		}
	}
	g.rels = append(g.rels, &relation{path: n, base: rows, rows: rows})
}

// number numbers the variables of the relations, and finds what the relations and filters
// need to know of them.
func (g *group) number() {
	for _, r := range g.rels {
		for _, v := range r.variables() {
			g.vars = g.vars.with(v)
		}
	}
	if g.sc.seed != nil {
		for _, v := range columns(g.sc.seed) {
			g.vars = g.vars.with(v)
		}
	}
	if len(g.vars) > maxVars {
		g.b.fail(&graph.LimitError{Limit: "variables", Max: strconv.Itoa(maxVars), Where: "a group graph pattern"})
		g.nothing = "there are too many variables"
		return
	}
	for _, r := range g.rels {
		r.vars = g.bitsOf(r.variables())
		if r.bound = r.vars; r.node != nil {
			r.bound = g.bitsOf(boundColumns(r.node))
		}
		r.dist = make([]float64, len(g.vars))
	}
	elsewhere := Vars{} // variables that only what is attached last binds
	for _, o := range g.others {
		elsewhere = elsewhere.with(inScope(o, false)...)
	}
	certain := g.certain()
	for i := range g.filters {
		f := &g.filters[i]
		vars := exprVars(nil, f.expr)
		f.sel, f.cost = selectivity(f.expr), conditionCost(f.expr)
		if isExists(f.expr) {
			f.cost = 2 * costSeek
		}
		f.vars = g.bitsOf(vars)
		if vars.without(certain).HasAny(elsewhere.with(g.vars...)) {
			f.vars = never
		}
	}
	for _, r := range g.rels {
		if r.path == nil && r.node == nil {
			g.measure(r)
		}
	}
	for _, r := range g.rels {
		for _, v := range r.variables() {
			i := slices.Index(g.vars, v)
			if r.dist[i] == 0 {
				r.dist[i] = r.rows
			}
			r.dist[i] = max(1, min(r.dist[i], r.rows))
		}
	}
}

// certain returns the variables that relations and seed bind in every row.
func (g *group) certain() (s Vars) {
	for _, r := range g.rels {
		if r.node == nil {
			s = s.with(r.variables()...)
		} else {
			s = s.with(boundColumns(r.node)...)
		}
	}
	if g.sc.seed != nil {
		s = s.with(boundColumns(g.sc.seed)...)
	}
	return s
}

func (r *relation) variables() (s Vars) {
	switch {
	case r.node != nil:
		return columns(r.node)
	case r.path != nil:
		return s.with(r.path.S.Var, r.path.O.Var)
	}
	return make(Vars, 0, 4).with(r.slots[0].Var, r.slots[1].Var, r.slots[2].Var, r.graphs.Var)
}

func (g *group) bitsOf(vs Vars) (m bitset) {
	for _, v := range vs {
		if i := slices.Index(g.vars, v); i >= 0 {
			m.set(i)
		}
	}
	return m
}

// measure asks how many values the variables of a pattern have, which orders it can be read
// in, and how far filters narrow it.
func (g *group) measure(r *relation) {
	free := 0
	for _, s := range r.slots {
		if s.IsVar() {
			free++
		}
	}
	if free > 1 && len(g.rels) > 1 {
		for pos, s := range r.slots {
			if s.IsVar() {
				i := slices.Index(g.vars, s.Var)
				n, _, err := g.b.src.Distinct(g.b.ctx, r.pattern, graph.Pos(pos))
				if err != nil {
					g.b.fail(err)
				}
				r.dist[i] = float64(n)
			}
		}
	}
	if g.b.on(filterRanges) {
		g.narrow(r)
	}
	r.accesses = g.accesses(r)
}

// accesses lists the orders of which the terms of a pattern are a prefix.
func (g *group) accesses(r *relation) (list []access) {
	bound := graph.Pattern{S: r.pattern.S, P: r.pattern.P, O: r.pattern.O}
	best := 0
	for _, o := range graph.Orders {
		if o != graph.GSPO {
			best = max(best, bound.Prefix(o))
		}
	}
	for _, o := range graph.Orders {
		a := access{by: o, read: r.base}
		n := bound.Prefix(o)
		if o == graph.GSPO {
			if r.graphs.Kind != GraphOne {
				continue
			}
			n = r.pattern.Prefix(o)
			if n < 4 && r.pattern.Bound() != r.pattern.Bound()&graph.Cols(orderHead(o, n)...) {
				p := graph.Pattern{G: r.pattern.G}
				if n > 1 {
					p.S = r.pattern.S
				}
				a.read = g.b.count(p).n
			}
		} else {
			if n < best {
				continue
			}
			if r.graphs.Kind == GraphOne && r.pattern.G != graph.DefaultGraph {
				a.read = g.b.count(bound).n
			}
		}
		rest := o.Positions()
		if len(r.ranges) > 0 && n < 4 && rest[n] == r.at {
			a.ranges, a.read = true, r.rows
		}
		for _, pos := range rest[n:] {
			switch {
			case pos == graph.PosG && r.graphs.Var != "":
				a.order = append(a.order, r.graphs.Var)
			case pos == graph.PosG:
			case r.slots[pos].IsVar():
				a.order = Vars(a.order).with(r.slots[pos].Var)
			}
		}
		list = append(list, a)
	}
	return list
}

func orderHead(o graph.Order, n int) []graph.Pos {
	p := o.Positions()
	return p[:n]
}
