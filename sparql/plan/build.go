package plan

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/sparql/algebra"
)

type term = graph.Term

// BatchRows is how many rows exec takes at a time, on which the cost of an Apply depends.
const BatchRows = 1024

// Options are those of a plan.
type Options struct {
	// Strict makes the default graph that of the store alone, not the union of all.
	Strict bool

	// Default and Named are the dataset of the query if HasDataset is set. With AllNamed,
	// Named does not count: the named graphs are those of the store (WITH of an update).
	HasDataset     bool
	Default, Named []graph.IRI
	AllNamed       bool

	// Off names rules that are not to be used.
	Off []string

	// ParallelRows is how many rows a scan must have for being read in parts, whatever that
	// costs; 0: as many as make it worth it. For tests.
	ParallelRows int

	// Keeps says that who reads the rows keeps their IDs, as an update does.
	Keeps bool

	// Search answers text:query; nil: nothing does.
	Search Searcher

	// Params are terms that the plan should serve other terms for; see [Template]. They stand
	// only where patterns and paths have subjects and objects.
	Params []graph.Term
}

// Build plans a query.
func Build(ctx context.Context, src Source, q *algebra.Query, o Options) (*Plan, error) {
	p, _, err := build(ctx, src, q, o)
	return p, err
}

func build(ctx context.Context, src Source, q *algebra.Query, o Options) (*Plan, *builder, error) {
	if err := checkSize(q); err != nil {
		return nil, nil, err
	}
	b := &builder{ctx: ctx, src: src, o: o, counts: map[graph.Pattern]counted{}}
	b.lookUpTerms(q)
	op := q.Pattern
	if b.on(pushFilters) {
		op = pushFilter(op)
	}
	if b.on(optionalLast) {
		op = liftOptionals(op)
	}
	root := b.build(op, scope{graphs: b.defaultGraphs()})
	root = b.finish(root, q)
	if b.err != nil {
		return nil, nil, fmt.Errorf("plan the query: %w", b.err)
	}
	p := &Plan{Root: root, Graphs: b.defaultGraphs()}
	number(root, &p.Nodes)
	return p, b, nil
}

// finish applies the rules that look at a finished tree.
func (b *builder) finish(root Node, q *algebra.Query) Node {
	keep := Vars{}
	switch q.Form {
	case algebra.Select:
		keep = keep.with(q.Vars...)
	case algebra.Construct:
		for _, t := range q.Template {
			keep = slotVars(keep, t.S, t.P, t.O)
		}
	case algebra.Describe:
		keep = slotVars(keep, q.Describe...)
		if q.Describe == nil {
			keep = inScope(q.Pattern, false)
		}
	}
	if b.on(countFromStatistics) {
		root = b.counting(root)
	}
	if b.on(unusedColumns) {
		prune(root, keep)
	}
	if b.on(countedJoins) {
		b.weigh(root)
	}
	if b.on(parallelParts) {
		b.divide(root)
	}
	if b.on(passingTerms) && q.Form == algebra.Select && !b.o.Keeps {
		pass(root, nil)
	}
	return root
}

func number(n Node, last *int) {
	*last++
	n.Base().ID = *last
	for _, in := range n.Inputs() {
		number(in, last)
	}
}

type builder struct {
	ctx    context.Context // of the one call of Build
	src    Source
	o      Options
	fresh  int
	depth  int // of nested Applies
	ids    map[graph.Term]graph.ID
	counts map[graph.Pattern]counted
	graphs map[graph.ID]bool // whether the store has them
	err    error             // the first of the source
}

type counted struct {
	n     float64
	exact bool
}

// scope is where a pattern stands. What is built there is the join of the seed, if there is
// one, with the pattern.
type scope struct {
	graphs Graphs
	seed   Node
	// outer are the variables of the solutions that an EXISTS is asked for. They are columns
	// of the seed that are seen everywhere within it, as if their values were written there
	// (SPARQL 1.1, 18.6). Other columns of the seed are not.
	outer Vars
}

// fed returns the seed as a node of its own, since a tree may hold it in several places.
func (s scope) fed() Node {
	if seed, ok := s.seed.(*Seed); ok {
		own := *seed
		return &own
	}
	return s.seed
}

func (s scope) unseeded() scope {
	s.seed, s.outer = nil, nil
	return s
}

// local returns the columns of the seed that a pattern must not see before it is joined.
func (s scope) local() Vars {
	if s.seed == nil {
		return nil
	}
	return columns(s.seed).without(s.outer)
}

// alone returns the scope of a pattern that is to be joined with the seed when it is done: it
// has no seed, or within EXISTS one of the outer variables and of the number of the row.
func (s scope) alone() scope {
	seed, ok := s.seed.(*Seed)
	if len(s.outer) == 0 || !ok {
		return s.unseeded()
	}
	part := &Seed{}
	part.Rows = seed.Rows
	for _, c := range seed.Cols {
		if s.outer.Has(c.Var) || isRow(c.Var) {
			part.Cols = append(part.Cols, c)
		}
	}
	s.seed = part
	return s
}

func (b *builder) on(r *Rule) bool { return !slices.Contains(b.o.Off, r.Name) }

func (b *builder) name(prefix string) algebra.Var {
	b.fresh++
	return algebra.Var("..." + prefix + strconv.Itoa(b.fresh))
}

func (b *builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// build returns the join of the seed of the scope with op.
func (b *builder) build(op algebra.Op, sc scope) Node {
	if b.err == nil {
		b.fail(b.ctx.Err())
	}
	if b.err != nil {
		return &Empty{Why: "planning failed"}
	}
	if !seedable(op, sc.local()) {
		return b.join(sc.fed(), b.build(op, sc.alone()))
	}
	switch op := op.(type) {
	case *algebra.BGP, *algebra.Path, *algebra.Join, *algebra.Filter:
		return b.group(op, sc)
	case *algebra.LeftJoin:
		return b.optional(b.build(op.Left, sc), op.Right, op.Expr, sc)
	case *algebra.Minus:
		return b.minus(b.build(op.Left, sc), op.Right, sc)
	case *algebra.Union:
		return b.union(op, sc)
	case *algebra.Graph:
		return b.graph(op, sc)
	case *algebra.Extend:
		if sc.seed != nil && sc.seed.Base().Has(op.Var) {
			return b.join(sc.fed(), b.build(op, sc.unseeded()))
		}
		return b.extend(b.build(op.Input, sc), op.Var, op.Expr, sc)
	case *algebra.Text:
		return b.join(sc.fed(), b.text(op))
	case *algebra.Values:
		return b.join(sc.fed(), b.values(op))
	case *algebra.Service:
		return b.service(op, sc)
	}
	return b.join(sc.fed(), b.modifier(op, sc.unseeded()))
}

// seedable tells whether joining the seed into op from within gives the join of the two: no
// part of op may see a variable of the seed that it does not bind itself.
func seedable(op algebra.Op, seed Vars) bool {
	seen := func(vs, bound Vars) bool { return bound.HasAll(vs.common(seed)) }
	switch op := op.(type) {
	case *algebra.Filter:
		return seen(exprVars(nil, op.Expr), inScope(op.Input, true)) && seedable(op.Input, seed)
	case *algebra.LeftJoin:
		right := mentioned(nil, op.Right)
		if op.Expr != nil {
			right = exprVars(right, op.Expr)
		}
		return seen(right, inScope(op.Left, true)) && seedable(op.Left, seed)
	case *algebra.Minus:
		return seen(mentioned(nil, op.Right), inScope(op.Left, true)) && seedable(op.Left, seed)
	case *algebra.Join:
		return seedable(op.Left, seed) && seedable(op.Right, seed)
	case *algebra.Union:
		return seedable(op.Left, seed) && seedable(op.Right, seed)
	case *algebra.Graph:
		return seedable(op.Input, seed)
	case *algebra.Extend:
		return !seed.Has(op.Var) && seen(exprVars(nil, op.Expr), inScope(op.Input, true)) && seedable(op.Input, seed)
	}
	return true
}

// apart tells whether a pattern within EXISTS can be answered without the outer variables and
// joined with them then.
func apart(op algebra.Op, outer Vars) bool {
	if asksVariable(op) {
		return false
	}
	return len(outer) == 0 || seedable(op, outer) && !givenPath(op, outer)
}

// givenPath tells whether a path in op begins or ends at an outer variable. Its value stands
// for a term, which reaches itself in no steps even if it is no node of the graph.
func givenPath(op algebra.Op, outer Vars) bool {
	switch op := op.(type) {
	case *algebra.Path:
		return outer.HasAny(slotVars(nil, op.S, op.O))
	case *algebra.Join:
		return givenPath(op.Left, outer) || givenPath(op.Right, outer)
	case *algebra.LeftJoin:
		return givenPath(op.Left, outer) || givenPath(op.Right, outer)
	case *algebra.Union:
		return givenPath(op.Left, outer) || givenPath(op.Right, outer)
	case *algebra.Minus:
		return givenPath(op.Left, outer) || givenPath(op.Right, outer)
	case *algebra.Filter:
		return givenPath(op.Input, outer)
	case *algebra.Graph:
		return givenPath(op.Input, outer)
	case *algebra.Extend:
		return givenPath(op.Input, outer)
	}
	return false
}

func columns(n Node) (s Vars) {
	for _, c := range n.Base().Cols {
		s = append(s, c.Var)
	}
	return s
}

// boundColumns returns the columns that every row binds.
func boundColumns(n Node) (s Vars) {
	for _, c := range n.Base().Cols {
		if !c.Maybe {
			s = append(s, c.Var)
		}
	}
	return s
}

// carriesSeed tells whether a node reads a seed that is not its own, and keepsOrder whether
// it gives rows in the order of that seed.
func carriesSeed(n Node) bool {
	switch n := n.(type) {
	case *Seed:
		return true
	case *Apply:
		return carriesSeed(n.Input)
	}
	return slices.ContainsFunc(n.Inputs(), carriesSeed)
}

// CarriesSeed tells whether what a node gives depends on the seed of the Apply it stands in.
func CarriesSeed(n Node) bool { return carriesSeed(n) }

func keepsOrder(n Node) bool {
	switch n := n.(type) {
	case *Seed, *Empty:
		return true
	case *LookupJoin, *Filter, *Extend, *Apply, *Project:
		return keepsOrder(n.Inputs()[0])
	case *HashJoin:
		return keepsOrder(n.Left)
	case *Minus:
		return keepsOrder(n.Left)
	case *Path:
		return n.Input != nil && keepsOrder(n.Input)
	}
	return false
}

// join returns the join of two nodes by a table. A nil node is that of one empty solution.
func (b *builder) join(l, r Node) Node {
	if l == nil || isUnit(l) {
		return r
	}
	if r == nil || isUnit(r) {
		return l
	}
	if !carriesSeed(l) && (carriesSeed(r) || l.Base().Rows < r.Base().Rows) {
		l, r = r, l
	}
	x, y := l.Base(), r.Base()
	n := &HashJoin{Left: l, Right: r}
	n.Cols, n.Order = joinCols(x, y), x.Order
	n.Rows = x.Rows * y.Rows
	for _, c := range x.Cols {
		if y.Has(c.Var) {
			n.Rows /= max(1, min(x.Rows, y.Rows))
			if !c.Maybe && y.Certain(c.Var) {
				n.Keys = append(n.Keys, c.Var)
			}
		}
	}
	n.Cost = x.Cost + y.Cost + x.Rows*costProbe + y.Rows*costBuild + n.Rows*costOut
	if len(n.Keys) == 0 {
		n.Cost += x.Rows * y.Rows * costOut
	}
	return n
}

func isUnit(n Node) bool {
	_, ok := n.(*Unit)
	return ok
}

func joinCols(x, y *Info) []Col {
	cols := slices.Clone(x.Cols)
	for _, c := range y.Cols {
		if i := slices.IndexFunc(cols, func(d Col) bool { return d.Var == c.Var }); i >= 0 {
			cols[i].Maybe = cols[i].Maybe && c.Maybe
		} else {
			cols = append(cols, c)
		}
	}
	return cols
}

const rowPrefix = "row"

// isRow tells whether a variable numbers the rows of a seed.
func isRow(v algebra.Var) bool { return strings.HasPrefix(string(v), "..."+rowPrefix) }

// newSeed returns a seed with those columns of a node that are wanted, and a row number.
func (b *builder) newSeed(of Node, want Vars) (*Seed, algebra.Var) {
	row := b.name(rowPrefix)
	s := &Seed{}
	for _, c := range of.Base().Cols {
		if want.Has(c.Var) {
			s.Cols = append(s.Cols, c)
		}
	}
	s.Cols = append(s.Cols, Col{Var: row})
	s.Rows = max(1, min(BatchRows, of.Base().Rows))
	return s, row
}

// batches returns how many times an Apply runs its right side.
func batches(rows float64) float64 { return math.Ceil(max(1, rows) / BatchRows) }

// applied returns an Apply whose right side is the join of a seed with op, filtered: built
// into op, or by a table of the solutions of op, whichever costs less. Below some depth only
// one of the two is tried, since the attempts multiply. Outer are the variables that op sees
// everywhere.
func (b *builder) applied(kind ApplyKind, in Node, op algebra.Op, conditions []algebra.Expr, sc scope, outer Vars) *Apply {
	b.depth++
	defer func() { b.depth-- }()
	feed := seedable(op, columns(in).without(outer))
	apart := apart(op, outer)
	var n *Apply
	if !apart || feed && b.on(seededOptional) {
		n = b.seeded(kind, in, op, conditions, sc, outer)
	}
	if n == nil || apart && b.on(seededOptional) && b.depth <= maxAttempts && in.Base().Rows > 8 {
		if t := b.tabled(kind, in, op, conditions, sc); n == nil || t.Cost < n.Cost {
			n = t
		}
	}
	return n
}

// maxAttempts is the depth of nested Applies to which both ways are tried.
const maxAttempts = 3

func (b *builder) seeded(kind ApplyKind, in Node, op algebra.Op, conditions []algebra.Expr, sc scope, outer Vars) *Apply {
	seed, row := b.newSeed(in, exprVars(mentioned(nil, op), conditions...).with(sc.graphs.Var))
	right := b.filter(b.build(op, scope{graphs: sc.graphs, seed: seed, outer: outer}), conditions, sc)
	return newApply(kind, in, right, row, right.Base().Cost*batches(in.Base().Rows))
}

func (b *builder) tabled(kind ApplyKind, in Node, op algebra.Op, conditions []algebra.Expr, sc scope) *Apply {
	seed, row := b.newSeed(in, exprVars(mentioned(nil, op), conditions...).with(sc.graphs.Var))
	whole := b.build(op, sc.unseeded())
	right := b.filter(b.join(seed, whole), conditions, sc)
	once := whole.Base().Cost + whole.Base().Rows*costBuild
	return newApply(kind, in, right, row, once+max(0, right.Base().Cost-once)*batches(in.Base().Rows))
}

func newApply(kind ApplyKind, in, right Node, row algebra.Var, cost float64) *Apply {
	n := &Apply{Kind: kind, Input: in, Right: right, Row: row, Sorted: keepsOrder(right)}
	n.Cost = in.Base().Cost + cost + in.Base().Rows*costOut
	n.Order = in.Base().Order
	n.Cols = slices.Clone(in.Base().Cols)
	n.Rows = max(1, in.Base().Rows)
	return n
}

// rightCols adds the columns of the right side of an Apply to its own.
func (n *Apply) rightCols(maybe bool) {
	for _, c := range n.Right.Base().Cols {
		if c.Var == n.Row {
			continue
		}
		if i := n.Base().Index(c.Var); i >= 0 {
			if !maybe && !c.Maybe {
				n.Cols[i].Maybe = false
			}
			continue
		}
		n.Cols = append(n.Cols, Col{c.Var, c.Maybe || maybe})
	}
}

// optional is LeftJoin (SPARQL 1.1, 18.5).
func (b *builder) optional(left Node, right algebra.Op, e algebra.Expr, sc scope) Node {
	if isEmpty(left) {
		return left
	}
	var outside []algebra.Expr // conditions that look at the left side
	if e != nil {
		var inside []algebra.Expr
		bound := inScope(right, true)
		for _, c := range conjuncts(e, nil) {
			if bound.HasAll(exprVars(nil, c)) && !hasExists(c) {
				inside = append(inside, c)
			} else {
				outside = append(outside, c)
			}
		}
		if c := conjunction(inside); c != nil {
			right = &algebra.Filter{Expr: c, Input: right}
		}
	}
	n := b.applied(ApplyLeft, left, right, outside, sc, sc.outer)
	n.rightCols(true)
	n.Rows = max(left.Base().Rows, n.Right.Base().Rows*batches(left.Base().Rows))
	return n
}

func isEmpty(n Node) bool {
	_, ok := n.(*Empty)
	return ok
}

// minus is Minus (SPARQL 1.1, 18.5). Where all common variables are bound on both sides, it
// is the rows that have no match.
func (b *builder) minus(left Node, op algebra.Op, sc scope) Node {
	shared := inScope(op, false).common(columns(left))
	if len(shared) == 0 || isEmpty(left) {
		return left
	}
	var keys, loose Vars
	bound := inScope(op, true)
	for _, v := range shared {
		if bound.Has(v) && left.Base().Certain(v) {
			keys = append(keys, v)
		} else {
			loose = append(loose, v)
		}
	}
	var within Vars
	if g := sc.graphs.Var; g != "" && left.Base().Has(g) {
		within = within.with(g)
	}
	hidden := mentioned(nil, op).common(columns(left)).without(shared)
	apart := apart(op, sc.outer)
	if len(loose) == 0 && (!apart || len(hidden) == 0 && b.on(seededOptional) && seedable(op, columns(left))) {
		return b.applied(ApplyAnti, left, op, nil, sc, sc.outer)
	}
	inner := sc.unseeded()
	if part := sc.alone(); !apart && part.seed != nil && bound.HasAll(loose.common(sc.outer)) {
		inner = part // which sees the solution that an EXISTS is asked for
		for _, v := range columns(part.seed) {
			if isRow(v) {
				within = within.with(v)
			}
		}
	}
	right := b.build(op, inner)
	n := &Minus{Left: left, Right: right, Keys: keys, Loose: loose, Within: within.common(columns(right))}
	n.Cols, n.Order, n.Rows = left.Base().Cols, left.Base().Order, left.Base().Rows
	n.Cost = left.Base().Cost + right.Base().Cost + right.Base().Rows*costBuild + left.Base().Rows*costProbe
	return n
}

// union builds the parts, each with the seed.
func (b *builder) union(op *algebra.Union, sc scope) Node {
	var parts []Node
	var add func(op algebra.Op)
	add = func(op algebra.Op) {
		if u, ok := op.(*algebra.Union); ok {
			add(u.Left)
			add(u.Right)
			return
		}
		if p := b.build(op, sc); !isEmpty(p) {
			parts = append(parts, p)
		}
	}
	add(op)
	return unionOf(parts, inScope(op, false))
}

func unionOf(parts []Node, vars Vars) Node {
	switch len(parts) {
	case 0:
		n := &Empty{Why: "no part of the union has a match"}
		for _, v := range vars {
			n.Cols = append(n.Cols, Col{v, true})
		}
		return n
	case 1:
		return parts[0]
	}
	u := &Union{Parts: parts}
	for _, p := range parts {
		u.Rows += p.Base().Rows
		u.Cost += p.Base().Cost
		for _, c := range p.Base().Cols {
			if !u.Has(c.Var) {
				u.Cols = append(u.Cols, Col{Var: c.Var})
			}
		}
	}
	for i := range u.Cols {
		for _, p := range parts {
			u.Cols[i].Maybe = u.Cols[i].Maybe || !p.Base().Certain(u.Cols[i].Var)
		}
	}
	return u
}

func (b *builder) values(op *algebra.Values) Node {
	n := &Values{Terms: op.Rows}
	n.Rows = float64(len(op.Rows))
	n.Params = b.params(op.Rows)
	certain := inScope(op, true)
	for _, v := range op.Vars {
		n.Cols = append(n.Cols, Col{v, !certain.Has(v)})
	}
	return n
}

// params returns which terms are parameters, nil if none are.
func (b *builder) params(rows [][]graph.Term) (params [][]int) {
	if len(b.o.Params) == 0 {
		return nil
	}
	for i, row := range rows {
		for c, t := range row {
			k := slices.Index(b.o.Params, t)
			if k < 0 {
				continue
			}
			if params == nil {
				params = make([][]int, len(rows))
			}
			if params[i] == nil {
				params[i] = make([]int, len(row))
			}
			params[i][c] = k + 1
		}
	}
	return params
}

// extend binds a variable to an expression.
func (b *builder) extend(in Node, v algebra.Var, e algebra.Expr, sc scope) Node {
	in, es := b.marks(in, []algebra.Expr{e}, sc)
	n := &Extend{Input: in, Var: v, Expr: es[0]}
	_, constant := e.(*algebra.TermExpr)
	x := in.Base()
	n.Cols = append(slices.Clone(x.Cols), Col{v, !constant})
	n.Order, n.Rows, n.Cost = x.Order, x.Rows, x.Cost+x.Rows*costExpr
	return n
}

// filter keeps the rows for which all conditions hold. EXISTS that stand alone become an
// Apply, others a mark.
func (b *builder) filter(in Node, conditions []algebra.Expr, sc scope) Node {
	if len(conditions) == 0 || isEmpty(in) {
		return in
	}
	var plain []algebra.Expr
	var exists []*algebra.Exists
	for _, c := range conditions {
		not := false
		for {
			u, ok := c.(*algebra.Unary)
			if !ok || u.Op != "!" || !isExists(u.Arg) {
				break
			}
			c, not = u.Arg, !not
		}
		if x, ok := c.(*algebra.Exists); ok {
			exists = append(exists, &algebra.Exists{Not: x.Not != not, Pattern: x.Pattern})
		} else {
			plain = append(plain, c)
		}
	}
	in, plain = b.marks(in, plain, sc)
	if len(plain) > 0 {
		x := in.Base()
		n := &Filter{Input: in, Conditions: cheapFirst(plain)}
		n.Cols, n.Order = x.Cols, x.Order
		n.Rows, n.Cost = x.Rows, x.Cost
		for _, c := range plain {
			n.Cost += n.Rows * conditionCost(c)
			n.Rows *= selectivity(c)
		}
		in = n
	}
	for _, x := range exists {
		kind := ApplySemi
		if x.Not {
			kind = ApplyAnti
		}
		in = b.exists(in, x.Pattern, kind, sc)
	}
	return in
}

func isExists(e algebra.Expr) bool {
	switch e := e.(type) {
	case *algebra.Exists:
		return true
	case *algebra.Unary:
		return e.Op == "!" && isExists(e.Arg)
	}
	return false
}

// exists is the one place where EXISTS is answered. Values of the row are seen everywhere in
// the pattern but in subqueries, whose solutions are joined with them; blank nodes are
// values, not variables.
func (b *builder) exists(in Node, pattern algebra.Op, kind ApplyKind, sc scope) *Apply {
	n := b.applied(kind, in, pattern, nil, sc, slices.Clone(sc.outer).with(columns(in)...))
	if kind != ApplyMark {
		n.Rows = max(1, n.Rows/2)
	}
	return n
}

// marks replaces each EXISTS within expressions by a variable that an Apply binds.
func (b *builder) marks(in Node, es []algebra.Expr, sc scope) (Node, []algebra.Expr) {
	if !slices.ContainsFunc(es, hasExists) {
		return in, es
	}
	out := make([]algebra.Expr, len(es))
	for i := range es {
		out[i] = mapExpr(es[i], func(e algebra.Expr) algebra.Expr {
			x, ok := e.(*algebra.Exists)
			if !ok {
				return nil
			}
			n := b.exists(in, x.Pattern, ApplyMark, sc)
			n.Mark = b.name("exists")
			n.Cols = append(n.Cols, Col{Var: n.Mark})
			in = n
			var v algebra.Expr = &algebra.VarExpr{Var: n.Mark}
			if x.Not {
				v = &algebra.Unary{Op: "!", Arg: v}
			}
			return v
		})
	}
	return in, out
}
