package plan

import (
	"fmt"
	"slices"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/expr"
)

// counting replaces counts over a single pattern by what the source knows: the rule
// count-statistics.
func (b *builder) counting(n Node) Node {
	switch n := n.(type) {
	case *Group:
		if r := b.countRows(n); r != nil {
			return r
		}
		if r := b.countRuns(n); r != nil {
			return r
		}
		if r := b.countKinds(n); r != nil {
			return r
		}
		if r := b.countDistinct(n); r != nil {
			return r
		}
		n.Input = b.counting(n.Input)
	case *Sort:
		n.Input = b.counting(n.Input)
	case *Project:
		n.Input = b.counting(n.Input)
	case *Filter:
		n.Input = b.counting(n.Input)
	case *Extend:
		n.Input = b.counting(n.Input)
	case *Slice:
		n.Input = b.counting(n.Input)
	case *Distinct:
		if r := b.distinctRuns(n); r != nil {
			return r
		}
		n.Input = b.counting(n.Input)
	case *HashJoin:
		n.Left, n.Right = b.counting(n.Left), b.counting(n.Right)
	}
	return n
}

// countsOf returns the variables of a group whose aggregates are all COUNT of the rows of
// one scan, without DISTINCT.
func countsOf(n *Group, input Node) (scan *Scan, counts []algebra.Var) {
	scan, ok := input.(*Scan)
	if !ok || !scan.countable() || len(n.Aggregates) == 0 {
		return nil, nil
	}
	for _, a := range n.Aggregates {
		if a.Func != "COUNT" || a.Distinct {
			return nil, nil
		}
		if v, isVar := a.Arg.(*algebra.VarExpr); a.Arg != nil && (!isVar || !scan.Has(v.Var)) {
			return nil, nil
		}
		counts = append(counts, a.Var)
	}
	return scan, counts
}

// countable tells whether the rows of a scan are those that the source counts for its pattern.
func (n *Scan) countable() bool {
	return len(n.Ranges) == 0 && n.Graphs.Kind <= GraphOne && n.plain()
}

// plain tells whether no variable stands twice in the pattern.
func (n *Scan) plain() bool {
	s := n.Slots
	same := func(a, b Slot) bool { return a.IsVar() && a.Var == b.Var }
	return !same(s[0], s[1]) && !same(s[1], s[2]) && !same(s[0], s[2])
}

// Pattern returns the pattern of the terms of a scan.
func (n *Scan) Pattern() graph.Pattern {
	p := graph.Pattern{S: n.Slots[0].ID, P: n.Slots[1].ID, O: n.Slots[2].ID, Union: n.Graphs.Kind == GraphUnion}
	if n.Graphs.Kind == GraphOne {
		p.G = n.Graphs.IDs[0]
	}
	return p
}

// countRows answers COUNT without GROUP BY.
func (b *builder) countRows(n *Group) Node {
	scan, _ := countsOf(n, n.Input)
	if scan == nil || !n.Implicit {
		return nil
	}
	c := b.count(scan.Pattern())
	if !c.exact {
		return nil
	}
	r := &CountRows{Scan: scan}
	r.Cols, r.Rows, r.Cost = n.Cols, 1, costOpen
	return r
}

// countKinds answers COUNT where a filter asks nothing but of what kind a term is: the IDs of
// the terms of one kind stand together.
func (b *builder) countKinds(n *Group) Node {
	f, ok := n.Input.(*Filter)
	if !ok || !n.Implicit {
		return nil
	}
	scan, _ := countsOf(n, f.Input)
	if scan == nil {
		return nil
	}
	at, kinds := graph.PosG, expr.AllKinds
	for _, c := range f.Conditions {
		v, k, ok := kindsOf(c)
		pos := slices.IndexFunc(scan.Slots[:], func(s Slot) bool { return s.IsVar() && s.Var == v })
		if !ok || pos < 0 || at != graph.PosG && at != graph.Pos(pos) {
			return nil
		}
		at, kinds = graph.Pos(pos), kinds&k
	}
	r := &CountRows{Scan: scan, At: at, Ranges: kinds.Ranges()}
	for _, x := range r.Ranges {
		p := scan.Pattern()
		p.Range = graph.Range{At: at, Low: x.Low, High: x.High}
		if !b.count(p).exact {
			return nil
		}
	}
	if len(r.Ranges) == 0 {
		return nil
	}
	r.Cols, r.Rows, r.Cost = n.Cols, 1, costOpen
	return r
}

// kindsOf returns the variable of which an expression asks only of what kind its term is, and for
// which kinds it is true.
func kindsOf(e algebra.Expr) (v algebra.Var, k expr.Kinds, ok bool) {
	switch e := e.(type) {
	case *algebra.Call:
		k, ok = expr.KindsOf(e.Name)
		if !ok || e.IRI != "" || len(e.Args) != 1 {
			return "", 0, false
		}
		x, isVar := e.Args[0].(*algebra.VarExpr)
		if !isVar {
			return "", 0, false
		}
		return x.Var, k, true
	case *algebra.Unary:
		if e.Op == "!" {
			v, k, ok = kindsOf(e.Arg)
			return v, expr.AllKinds &^ k, ok
		}
	case *algebra.Binary:
		x, a, okA := kindsOf(e.Left)
		y, c, okB := kindsOf(e.Right)
		if !okA || !okB || x != y {
			return "", 0, false
		}
		switch e.Op {
		case "&&":
			return x, a & c, true
		case "||":
			return x, a | c, true
		}
	}
	return "", 0, false
}

// countDistinct answers COUNT(DISTINCT ?x) over a single pattern from what the store knows of its
// blocks, or at least from rows in the order of ?x, so that no table of its values is needed.
func (b *builder) countDistinct(n *Group) Node {
	if !n.Implicit || len(n.Aggregates) != 1 || n.Aggregates[0].Func != "COUNT" || !n.Aggregates[0].Distinct {
		return nil
	}
	v, isVar := n.Aggregates[0].Arg.(*algebra.VarExpr)
	scan, ok := n.Input.(*Scan)
	if !ok || !isVar || len(scan.Ranges) > 0 || scan.Graphs.Kind > GraphOne || !scan.plain() {
		return nil
	}
	pos := slices.IndexFunc(scan.Slots[:], func(s Slot) bool { return s.IsVar() && s.Var == v.Var })
	if pos < 0 {
		return nil
	}
	at := graph.Pos(pos)
	by, ok := orderWith(scan.Pattern(), at)
	if !ok {
		return nil
	}
	distinct, exact, err := b.src.Distinct(b.ctx, scan.Pattern(), at)
	if err != nil {
		b.fail(err)
	}
	s := *scan
	s.By = by
	if exact {
		r := &CountRows{Scan: &s, At: at, Distinct: true}
		r.Cols, r.Rows, r.Cost = n.Cols, 1, costOpen
		return r
	}
	if float64(distinct)*10*costSeek <= b.count(scan.Pattern()).n*costScan {
		r := &CountRuns{Scan: &s, At: at, Key: v.Var}
		r.Cols, r.Rows, r.Order = []Col{{v.Var, false}}, float64(distinct), []algebra.Var{v.Var}
		r.Cost = r.Rows * 10 * costSeek
		n.Input, n.Runs = r, r.Order
	} else if b.on(orderedDistinct) {
		s.Order = []algebra.Var{v.Var}
		n.Input, n.Runs = &s, s.Order
	}
	return n
}

// countRuns answers COUNT by one variable, if that variable follows the terms in some order
// and has few values. A count of a range reads the two blocks at its edges.
func (b *builder) countRuns(n *Group) Node {
	scan, counts := countsOf(n, n.Input)
	if scan == nil || len(n.Keys) != 1 {
		return nil
	}
	p := scan.Pattern()
	for pos, s := range scan.Slots {
		if s.Var != n.Keys[0] {
			continue
		}
		by, ok := orderWith(p, graph.Pos(pos))
		if !ok {
			return nil
		}
		if c := b.count(p.With(graph.Pos(pos), 1)); !c.exact { // in a union of graphs that may overlap
			return nil
		}
		distinct, _, err := b.src.Distinct(b.ctx, p, graph.Pos(pos))
		if err != nil {
			b.fail(err)
		}
		if float64(distinct)*20*costSeek > b.count(p).n*(costScan+costProbe) {
			return nil
		}
		s := *scan
		s.By = by
		r := &CountRuns{Scan: &s, At: graph.Pos(pos), Key: n.Keys[0], Count: counts}
		r.Cols, r.Rows = n.Cols, float64(distinct)
		r.Cost = r.Rows * 20 * costSeek
		r.Order = []algebra.Var{n.Keys[0]}
		return r
	}
	return nil
}

// distinctRuns answers DISTINCT of one variable of a single pattern, going from value to
// value, if there are few of them among many rows.
func (b *builder) distinctRuns(n *Distinct) Node {
	p, ok := n.Input.(*Project)
	if !ok || len(p.Cols) != 1 {
		return nil
	}
	scan, ok := p.Input.(*Scan)
	if !ok || !scan.countable() {
		return nil
	}
	for pos, s := range scan.Slots {
		if s.Var != p.Cols[0].Var {
			continue
		}
		pattern, at := scan.Pattern(), graph.Pos(pos)
		by, ok := orderWith(pattern, at)
		if !ok {
			return nil
		}
		distinct, _, err := b.src.Distinct(b.ctx, pattern, at)
		if err != nil {
			b.fail(err)
		}
		if float64(distinct)*10*costSeek > b.count(pattern).n*costScan {
			return nil
		}
		s := *scan
		s.By = by
		r := &CountRuns{Scan: &s, At: at, Key: p.Cols[0].Var}
		r.Cols, r.Rows, r.Order = p.Cols, float64(distinct), []algebra.Var{p.Cols[0].Var}
		r.Cost = r.Rows * 10 * costSeek
		return r
	}
	return nil
}

// orderWith returns an order in which the terms of a pattern come first and a position next.
func orderWith(p graph.Pattern, at graph.Pos) (graph.Order, bool) {
	terms := graph.Pattern{S: p.S, P: p.P, O: p.O}
	bound := 0
	for pos := graph.PosS; pos <= graph.PosO; pos++ {
		if terms.At(pos) != graph.None {
			bound++
		}
	}
	for _, o := range graph.Orders {
		if n := terms.Prefix(o); o != graph.GSPO && n == bound && o.Positions()[n] == at {
			return o, true
		}
	}
	return graph.NoOrder, false
}

// patternText writes a pattern for people.
func patternText(slots [3]Slot) string {
	return fmt.Sprintf("%s %s %s", slots[0], slots[1], slots[2])
}
