package ref

import (
	"maps"
	"slices"
	"strings"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/expr"
)

// key is the text of a solution, equal for equal ones. Made-up variables do not count: they
// are no part of what a query asks for.
func key(s Solution) string {
	var b []byte
	for _, v := range slices.Sorted(maps.Keys(s.Terms)) {
		if strings.HasPrefix(string(v), ".") {
			continue
		}
		b = append(b, v...)
		b = append(b, ' ')
		b = graph.AppendTerm(b, s.Terms[v])
		b = append(b, ' ')
	}
	return string(b)
}

// group is Group, Aggregation and AggregateJoin (18.5.1) in one: the solutions by the values
// of the keys, an error being a value of its own, and one solution for each group.
func (e *evaluator) group(op *algebra.Group, sc scope) (all []Solution) {
	type members struct {
		key  Solution
		rows []Solution
	}
	var groups []*members
	byKey := map[string]*members{}
	for _, s := range e.eval(op.Input, sc) {
		k := Solution{Terms: map[algebra.Var]graph.Term{}}
		var text []byte
		for _, b := range op.Keys {
			t, ok := e.value(b.Expr, s, sc).Term()
			if ok {
				k.Terms[b.Var] = t
			}
			text = append(graph.AppendTerm(text, t), ' ')
		}
		g := byKey[string(text)]
		if g == nil {
			g = &members{key: k}
			byKey[string(text)] = g
			groups = append(groups, g)
		}
		g.rows = append(g.rows, s)
	}
	if len(groups) == 0 && op.Implicit {
		groups = []*members{{key: Solution{Terms: map[algebra.Var]graph.Term{}}}}
	}
	for _, g := range groups {
		s := e.fresh(g.key)
		for _, a := range op.Aggregates {
			if t, ok := e.aggregate(a, g.rows, sc).Term(); ok {
				s = s.with(a.Var, t)
			}
		}
		all = append(all, s)
	}
	return all
}

var setFunctions = map[string]expr.SetFunction{
	"COUNT": expr.Count, "SUM": expr.Sum, "AVG": expr.Avg, "MIN": expr.Min, "MAX": expr.Max,
	"SAMPLE": expr.Sample, "GROUP_CONCAT": expr.GroupConcat,
}

// aggregate is one set function over one group (18.5.1).
func (e *evaluator) aggregate(a algebra.Aggregation, rows []Solution, sc scope) expr.Value {
	if a.Arg == nil {
		if a.Distinct {
			rows = distinct(rows)
		}
		return expr.Integer(int64(len(rows)))
	}
	f, ok := setFunctions[a.Func]
	if !ok {
		return expr.Fail(expr.UnknownFunction)
	}
	set := expr.Aggregate{Func: f, Distinct: a.Distinct, Separator: a.Separator}
	var state expr.State
	var values []expr.Value
	for _, s := range rows {
		if !e.spend(1) {
			break
		}
		v := e.value(a.Arg, s, sc)
		values = append(values, v)
		if err := set.Add(&state, v); err != nil && e.err == nil {
			e.err = err
		}
	}
	result := set.Result(&state)
	e.chosen = e.chosen || choice(f, values, result)
	return result
}

// choice tells whether a set function may have another result, too, or had it if the values
// came in another order.
func choice(f expr.SetFunction, values []expr.Value, result expr.Value) bool {
	terms := map[graph.Term]bool{}
	for _, v := range values {
		t, ok := v.Term()
		switch {
		case !ok:
		case f == expr.Sample, f == expr.GroupConcat:
			terms[t] = true
		case (f == expr.Min || f == expr.Max) && expr.Order(v, result) == 0:
			terms[t] = true
		}
	}
	return len(terms) > 1
}

// orderBy is OrderBy (15.1, 18.5).
func (e *evaluator) orderBy(op *algebra.OrderBy, sc scope) []Solution {
	type keyed struct {
		keys []expr.Value
		Solution
	}
	in := e.eval(op.Input, sc)
	sorted := make([]keyed, len(in))
	for i, s := range in {
		sorted[i].Solution = s
		for _, k := range op.Keys {
			sorted[i].keys = append(sorted[i].keys, e.value(k.Expr, s, sc))
		}
	}
	compare := func(a, b keyed) int {
		for i, k := range op.Keys {
			c := expr.Order(a.keys[i], b.keys[i])
			if k.Desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	}
	slices.SortStableFunc(sorted, compare)
	rank := 0
	for i := range sorted {
		if i > 0 && compare(sorted[i-1], sorted[i]) != 0 {
			rank++
		}
		in[i] = sorted[i].Solution
		in[i].Rank = rank
	}
	return in
}
