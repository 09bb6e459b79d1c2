package exec

import (
	"context"

	"mocban/graph"
	"mocban/sparql/expr"
)

// chosenAgg is MIN, MAX or SAMPLE: each chooses one of the terms that it is given. IDs tell
// which, mostly, so that only terms which IDs do not compare are fetched.
type chosenAgg struct {
	r      *Run
	a      expr.Aggregate
	col    int
	best   []graph.ID // of each group; None before the first
	failed []bool     // of MIN, which an unbound value fails
	open   []expr.State
	held   int64

	left   []graph.ID // to be compared by their terms
	of     []int32    // groups of left
	sel    []int32
	p      program // for its buffers
	values []expr.Value
}

func (g *chosenAgg) grow(n int) error {
	const bytes = 9
	more := int64(n-len(g.best)) * bytes
	if more <= 0 {
		return nil
	}
	if err := g.r.account.grow(more, g.a.Func.String()); err != nil {
		return err
	}
	g.held += more
	for len(g.best) < n {
		g.best, g.failed = append(g.best, graph.None), append(g.failed, false)
	}
	return nil
}

func (g *chosenAgg) add(ctx context.Context, b *Batch, groups []int32) error {
	col := b.Cols[g.col]
	for i, k := range groups {
		id, best := col[i], g.best[k]
		switch {
		case id == graph.None:
			g.failed[k] = g.failed[k] || g.a.Func == expr.Min
		case best == graph.None:
			g.best[k] = id
		case g.a.Func == expr.Sample || id == best:
		default:
			c, ok := expr.OrderIDs(id, best)
			if !ok {
				g.left, g.of = append(g.left, best), append(g.of, k)
			}
			if !ok || c < 0 && g.a.Func == expr.Min || c > 0 && g.a.Func == expr.Max {
				g.best[k] = id
			}
		}
	}
	return g.compare(ctx)
}

// compare adds the terms that are left to the states of their groups.
func (g *chosenAgg) compare(ctx context.Context) error {
	if len(g.left) == 0 {
		return nil
	}
	g.a.Account = g.r.account
	if more := int64(len(g.best)-len(g.open)) * stateBytes; more > 0 {
		if err := g.r.account.grow(more, g.a.Func.String()); err != nil {
			return err
		}
		g.held += more
		g.open = append(g.open, make([]expr.State, len(g.best)-len(g.open))...)
	}
	for len(g.values) < len(g.left) {
		g.values = append(g.values, expr.Value{})
	}
	g.sel = whole(g.sel, len(g.left))
	if err := g.r.values(ctx, g.left, g.sel, g.values, &g.p); err != nil {
		return err
	}
	for i, k := range g.of {
		if err := g.a.Add(&g.open[k], g.values[i]); err != nil {
			return err
		}
	}
	clear(g.values) // or their texts would stay
	g.left, g.of = g.left[:0], g.of[:0]
	return nil
}

func (g *chosenAgg) results(ctx context.Context, low, high int, ids []graph.ID) ([]graph.ID, error) {
	for k := low; k < high; k++ {
		if k < len(g.open) && g.open[k].Any() && !g.failed[k] {
			g.left, g.of = append(g.left, g.best[k]), append(g.of, int32(k))
		}
	}
	if err := g.compare(ctx); err != nil {
		return ids, err
	}
	for k := low; k < high; k++ {
		id := g.best[k]
		switch {
		case g.failed[k]:
			id = graph.None
		case k < len(g.open) && g.open[k].Any():
			var made [1]graph.ID
			if err := g.r.dict.fromValues(ctx, []expr.Value{g.a.Result(&g.open[k])}, made[:]); err != nil {
				return ids, err
			}
			id = made[0]
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (g *chosenAgg) clear() {
	g.r.account.release(g.held)
	g.best, g.failed, g.open, g.held = nil, nil, nil, 0
	g.left, g.of = g.left[:0], g.of[:0]
}
