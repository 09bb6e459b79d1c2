package plan

import (
	"slices"

	"mocban/graph"
)

// spread returns over how many values a join on a variable spreads: distinct of them, unless
// both sides have the variable from the same property (rule skewed-joins). Then a value comes
// with the weight that it has there, and there are as many as would give the rows of the
// property joined with itself: of authors who write together, most write much.
func (g *group) spread(v int, distinct float64, left, right uint64) float64 {
	source, ok := g.b.src.(Skew)
	if !ok || !g.b.on(skewedJoins) {
		return distinct
	}
	for i, r := range g.rels {
		if i > 63 || right>>i&1 == 0 {
			continue
		}
		pos, ok := g.propertyOf(r, v)
		if !ok {
			continue
		}
		for k, l := range g.rels {
			at, ok := g.propertyOf(l, v)
			if k < 64 && left>>k&1 == 1 && ok && at == pos && l.slots[graph.PosP].ID == r.slots[graph.PosP].ID {
				return min(distinct, g.even(source, r, pos))
			}
		}
	}
	return distinct
}

// propertyOf returns where in a pattern of a known property a variable stands.
func (g *group) propertyOf(r *relation, v int) (graph.Pos, bool) {
	if r.node != nil || r.path != nil || r.slots[graph.PosP].IsVar() {
		return 0, false
	}
	for _, pos := range []graph.Pos{graph.PosS, graph.PosO} {
		if r.slots[pos].IsVar() && slices.Index(g.vars, r.slots[pos].Var) == v {
			return pos, true
		}
	}
	return 0, false
}

// even returns how many values there would be if all were as frequent as they are on average
// when each is weighted by its rows.
func (g *group) even(source Skew, r *relation, pos graph.Pos) float64 {
	p := graph.Pattern{P: r.pattern.P, G: r.pattern.G, Union: r.pattern.Union}
	rows := g.b.count(p).n
	squares, err := source.Squares(g.b.ctx, p, pos)
	if err != nil {
		g.b.fail(err)
	}
	return max(1, rows*rows/max(1, squares))
}
