package plan

import (
	"context"
	"slices"
	"time"

	"mocban/graph"
	"mocban/sparql/algebra"
)

// A Template is a plan that may serve for other terms in place of some that the query names,
// its parameters: [Options.Params]. Slots of the plan say which parameter they are.
type Template struct {
	Plan *Plan

	params  []graph.ID // that the plan was made for
	checks  []check
	version graph.Version
	time    time.Time
}

// A check is a count that the plan was made from, of a pattern with parameters.
type check struct {
	pattern graph.Pattern
	counted
}

// BuildTemplate plans a query for a snapshot; src answers for it, and knows the parameters.
func BuildTemplate(ctx context.Context, src Source, s graph.Snapshot, q *algebra.Query, o Options) (*Template, error) {
	p, b, err := build(ctx, src, q, o)
	if err != nil {
		return nil, err
	}
	t := &Template{Plan: p, version: s.Version(), time: s.Time()}
	for _, term := range o.Params {
		t.params = append(t.params, b.ids[term])
	}
	for pattern, c := range b.counts {
		if mentions(pattern, t.params) {
			t.checks = append(t.checks, check{pattern, c})
		}
	}
	return t, nil
}

// mentions tells whether a pattern has one of some IDs.
func mentions(p graph.Pattern, ids []graph.ID) bool {
	return slices.ContainsFunc(ids, func(id graph.ID) bool { return id != graph.None && (p.S == id || p.O == id) })
}

// bound returns a pattern with other IDs in place of some.
func bound(p graph.Pattern, from, to []graph.ID) graph.Pattern {
	s, o := p.S, p.O
	for i, id := range from {
		if id == graph.None { // it stands in VALUES only
			continue
		}
		if s == id {
			p.S = to[i]
		}
		if o == id {
			p.O = to[i]
		}
	}
	return p
}

// What counts may differ by: a plan serves if all are as exact and as empty as those it was
// made from, and larger or smaller by a factor; few rows are as good as none.
const (
	fewRows    = 64
	likeFactor = 4
)

// Fits tells whether the plan serves for other parameters on a snapshot. The store knows them
// all.
func (t *Template) Fits(ctx context.Context, s graph.Snapshot, ids []graph.ID) (bool, error) {
	if t.version != s.Version() || !t.time.Equal(s.Time()) {
		return false, nil
	}
	if slices.Equal(t.params, ids) {
		return true, nil
	}
	for i := range t.checks {
		c := &t.checks[i]
		n, exact, err := s.Count(ctx, bound(c.pattern, t.params, ids))
		if err != nil {
			return false, err
		}
		now := float64(n)
		if exact != c.exact || now == 0 != (c.n == 0) {
			return false, nil
		}
		if low, high := max(fewRows, min(now, c.n)), max(fewRows, now, c.n); high > low*likeFactor {
			return false, nil
		}
	}
	return true, nil
}
