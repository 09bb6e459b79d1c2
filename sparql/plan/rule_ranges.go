package plan

import (
	"slices"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/expr"
)

// narrow finds where the IDs lie that the filters of a variable let through: the rule
// filter-ranges. The filters are still asked.
func (g *group) narrow(r *relation) {
	for _, pos := range []graph.Pos{graph.PosO, graph.PosS} {
		s := r.slots[pos]
		if !s.IsVar() {
			continue
		}
		var ranges []expr.IDRange
		var used []int
		for i := range g.filters {
			if narrower, ok := g.rangesOf(g.filters[i].expr, s.Var); ok {
				if len(used) > 0 {
					narrower = intersect(ranges, narrower)
				}
				ranges = narrower
				used = append(used, i)
			}
		}
		if len(used) == 0 {
			continue
		}
		rows := 0.0
		var kept []expr.IDRange
		for _, x := range ranges {
			p := r.pattern
			p.Range = graph.Range{At: pos, Low: x.Low, High: x.High}
			if c := g.b.count(p); !c.exact || c.n > 0 {
				kept = append(kept, x)
				rows += c.n
			}
		}
		if len(kept) == 0 {
			g.nothing = "no value in " + patternText(r.slots) + " passes the filters"
			return
		}
		r.ranges, r.at, r.rows = kept, pos, max(1, min(rows, r.base))
		for _, i := range used {
			g.filters[i].ranged = true
		}
		return
	}
}

// rangesOf returns the ranges of a comparison of a variable with a constant.
func (g *group) rangesOf(e algebra.Expr, v algebra.Var) ([]expr.IDRange, bool) {
	c, ok := e.(*algebra.Binary)
	if !ok {
		return nil, false
	}
	op, ok := Comparison(c.Op)
	if !ok {
		return nil, false
	}
	left, right := c.Left, c.Right
	if _, constant := left.(*algebra.TermExpr); constant {
		left, right, op = right, left, op.Mirror()
	}
	x, isVar := left.(*algebra.VarExpr)
	t, isTerm := right.(*algebra.TermExpr)
	if !isVar || !isTerm || x.Var != v {
		return nil, false
	}
	return op.Ranges(expr.NewConstant(expr.FromTerm(t.Term), g.b.ids[t.Term]))
}

// Comparison returns the operator that is written so.
func Comparison(op string) (expr.Operator, bool) {
	i := slices.Index([]string{"=", "!=", "<", "<=", ">", ">="}, op)
	return expr.Operator(max(i, 0)), i >= 0
}

// intersect returns what lies in a range of a and a range of b, both in order.
func intersect(a, b []expr.IDRange) (c []expr.IDRange) {
	for _, x := range a {
		for _, y := range b {
			if low, high := max(x.Low, y.Low), min(x.High, y.High); low <= high {
				c = append(c, expr.IDRange{Low: low, High: high})
			}
		}
	}
	return c
}
