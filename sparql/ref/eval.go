package ref

import (
	"fmt"
	"maps"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/expr"
)

// eval is eval(D(G), op) of 18.6.
func (e *evaluator) eval(op algebra.Op, sc scope) []Solution {
	if e.err != nil {
		return nil
	}
	switch op := op.(type) {
	case *algebra.BGP:
		return e.bgp(op.Patterns, sc)
	case *algebra.Path:
		return e.path(op, sc)
	case *algebra.Join:
		return e.join(e.eval(op.Left, sc), e.eval(op.Right, sc))
	case *algebra.LeftJoin:
		return e.leftJoin(op, sc)
	case *algebra.Filter:
		return e.filter(op.Expr, e.eval(op.Input, sc), sc)
	case *algebra.Union:
		return append(e.eval(op.Left, sc), e.eval(op.Right, sc)...)
	case *algebra.Minus:
		return e.minus(e.eval(op.Left, sc), e.eval(op.Right, sc), sc)
	case *algebra.Graph:
		return e.graph(op, sc)
	case *algebra.Extend:
		if _, given := sc.outer.Terms[op.Var]; given {
			return e.given(e.eval(op, sc.alone()), sc)
		}
		return e.extend(op, sc)
	case *algebra.Values:
		return e.given(e.values(op), sc)
	case *algebra.Service:
		return e.service(op, sc)
	}
	return e.given(e.modified(op, sc.alone()), sc)
}

// modified evaluates what only a SELECT has (18.2.4, 18.2.5).
func (e *evaluator) modified(op algebra.Op, sc scope) []Solution {
	switch op := op.(type) {
	case *algebra.Group:
		return e.group(op, sc)
	case *algebra.OrderBy:
		return e.orderBy(op, sc)
	case *algebra.Project:
		in := e.eval(op.Input, sc)
		if _, ordered := op.Input.(*algebra.OrderBy); !ordered {
			unrank(in)
		}
		return project(in, op.Vars)
	case *algebra.Distinct:
		return distinct(e.eval(op.Input, sc))
	case *algebra.Reduced:
		e.chosen = true // any number of copies will do
		return e.eval(op.Input, sc)
	case *algebra.Slice:
		return e.slice(e.eval(op.Input, sc), op.Offset, op.Limit)
	}
	panic(fmt.Sprintf("no evaluation of %T", op)) // one of ours was forgotten
}

// given keeps the solutions that are compatible with the one at hand, within EXISTS.
func (e *evaluator) given(solutions []Solution, sc scope) (kept []Solution) {
	if len(sc.outer.Terms) == 0 {
		return solutions
	}
	for _, s := range solutions {
		if compatible(s, sc.outer) {
			kept = append(kept, s)
		}
	}
	return kept
}

// bgp is basic graph pattern matching (18.3.1): each way to put terms for the variables such
// that all triples are in the active graph is one solution.
func (e *evaluator) bgp(patterns []algebra.TriplePattern, sc scope) []Solution {
	found := []Solution{e.fresh(Solution{})}
	for _, p := range patterns {
		var next []Solution
		for _, s := range found {
			for _, t := range sc.graph.Triples {
				if !e.spend(1) {
					return nil
				}
				if m, ok := matchTriple(p, t, s, sc.outer); ok {
					next = append(next, e.fresh(m))
				}
			}
		}
		found = next
	}
	return found
}

// matchTriple extends a solution such that it makes the triple of the pattern.
func matchTriple(p algebra.TriplePattern, t graph.Triple, s, outer Solution) (Solution, bool) {
	s, ok := matchSlot(p.S, t.S, s, outer)
	if ok {
		s, ok = matchSlot(p.P, t.P.Term(), s, outer)
	}
	if ok {
		s, ok = matchSlot(p.O, t.O, s, outer)
	}
	return s, ok
}

func matchSlot(slot algebra.Slot, t graph.Term, s, outer Solution) (Solution, bool) {
	switch {
	case slot.Triple != nil:
		inner, ok := t.Triple()
		if !ok {
			return s, false
		}
		return matchTriple(*slot.Triple, inner, s, outer)
	case !slot.IsVar():
		return s, slot.Term == t
	}
	if have, ok := s.Terms[slot.Var]; ok {
		return s, have == t
	}
	if have, ok := outer.Terms[slot.Var]; ok && have != t {
		return s, false
	}
	return s.with(slot.Var, t), true
}

// join is Join (18.5).
func (e *evaluator) join(left, right []Solution) (all []Solution) {
	for _, a := range left {
		for _, b := range right {
			if !e.spend(1) {
				return nil
			}
			if compatible(a, b) {
				all = append(all, e.fresh(merge(a, b)))
			}
		}
	}
	return all
}

// leftJoin is LeftJoin, the union of a Filter of a Join and of a Diff (18.5). A solution of
// the left side stays alone if none is compatible with it, or if the condition is false or
// an error for all that are.
func (e *evaluator) leftJoin(op *algebra.LeftJoin, sc scope) (all []Solution) {
	left, right := e.eval(op.Left, sc), e.eval(op.Right, sc)
	for _, a := range left {
		alone := true
		for _, b := range right {
			if !e.spend(1) {
				return nil
			}
			if !compatible(a, b) {
				continue
			}
			m := e.fresh(merge(a, b))
			if op.Expr == nil || e.holds(op.Expr, m, sc) {
				all = append(all, m)
				alone = false
			}
		}
		if alone {
			all = append(all, a)
		}
	}
	return all
}

// filter is Filter (18.5): only what is true is kept, neither false nor an error.
func (e *evaluator) filter(condition algebra.Expr, in []Solution, sc scope) (kept []Solution) {
	for _, s := range in {
		if !e.spend(1) {
			return nil
		}
		if e.holds(condition, s, sc) {
			kept = append(kept, s)
		}
	}
	return kept
}

// minus is Minus (18.5): a solution goes if one of the right side is compatible with it and
// has a variable in common with it. Within EXISTS, the left side has the variables of the
// solution at hand.
func (e *evaluator) minus(left, right []Solution, sc scope) (kept []Solution) {
	for _, a := range left {
		whole := merge(sc.outer, a)
		stays := true
		for _, b := range right {
			if !e.spend(1) {
				return nil
			}
			if compatible(whole, b) && !disjoint(whole, b) {
				stays = false
				break
			}
		}
		if stays {
			kept = append(kept, a)
		}
	}
	return kept
}

// graph is the evaluation of a Graph pattern (18.6): the pattern with another active graph,
// or the union over all of them, each joined with its name.
func (e *evaluator) graph(op *algebra.Graph, sc scope) (all []Solution) {
	if !op.Name.IsVar() {
		g, ok := e.dataset.Named[op.Name.Term]
		if !ok {
			return nil
		}
		return e.eval(op.Input, scope{g, sc.outer})
	}
	for _, name := range sortedGraphs(e.dataset.Named) {
		if t, ok := sc.outer.Terms[op.Name.Var]; ok && t != name {
			continue
		}
		named := []Solution{{Terms: map[algebra.Var]graph.Term{op.Name.Var: name}}}
		all = append(all, e.join(e.eval(op.Input, scope{e.dataset.Named[name], sc.outer}), named)...)
	}
	return all
}

// extend is Extend (18.5): an expression that is an error binds nothing.
func (e *evaluator) extend(op *algebra.Extend, sc scope) []Solution {
	in := e.eval(op.Input, sc)
	all := make([]Solution, len(in))
	for i, s := range in {
		if !e.spend(1) {
			return nil
		}
		all[i] = s
		if t, ok := e.value(op.Expr, s, sc).Term(); ok {
			all[i] = s.with(op.Var, t)
		}
	}
	return all
}

// values is ToMultiSet of inline data (18.2.4.3).
func (e *evaluator) values(op *algebra.Values) []Solution {
	var all []Solution
	for _, row := range op.Rows {
		s := e.fresh(Solution{Terms: map[algebra.Var]graph.Term{}})
		for i, t := range row {
			if !t.IsZero() {
				s.Terms[op.Vars[i]] = t
			}
		}
		all = append(all, s)
	}
	return all
}

// service fails, or is the one empty solution if it is silent (SPARQL 1.1 Federated Query, 2.3).
func (e *evaluator) service(op *algebra.Service, sc scope) []Solution {
	if op.Silent {
		return []Solution{e.fresh(Solution{})}
	}
	if e.err == nil {
		e.err = ErrService
	}
	return nil
}

// holds tells whether a condition is true for a solution (17.2).
func (e *evaluator) holds(condition algebra.Expr, s Solution, sc scope) bool {
	return e.env.EBV(e.value(condition, s, sc)) == expr.True
}

// project is Project (18.5).
func project(in []Solution, vars []algebra.Var) []Solution {
	all := make([]Solution, len(in))
	for i, s := range in {
		all[i] = s
		all[i].Terms = maps.Clone(s.Terms)
		maps.DeleteFunc(all[i].Terms, func(v algebra.Var, _ graph.Term) bool {
			for _, p := range vars {
				if p == v {
					return false
				}
			}
			return true
		})
	}
	return all
}

// distinct is Distinct (18.5): of equal solutions the first.
func distinct(in []Solution) (all []Solution) {
	known := map[string]bool{}
	for _, s := range in {
		if k := key(s); !known[k] {
			known[k] = true
			all = append(all, s)
		}
	}
	return all
}

// unrank forgets the order that a subquery had.
func unrank(solutions []Solution) {
	for i := range solutions {
		solutions[i].Rank = 0
	}
}

// slice is Slice (18.5).
func (e *evaluator) slice(in []Solution, offset, limit int64) []Solution {
	from := min(offset, int64(len(in)))
	to := int64(len(in))
	if limit >= 0 {
		to = min(from+limit, to)
	}
	e.cut(in, from)
	e.cut(in, to)
	return in[from:to]
}

// cut notes whether a cut before a solution could have fallen otherwise.
func (e *evaluator) cut(in []Solution, at int64) {
	if at == 0 || at == int64(len(in)) {
		return
	}
	for _, s := range in {
		if s.Rank == in[at].Rank && in[at-1].Rank == s.Rank && key(s) != key(in[at]) {
			e.chosen = true
		}
	}
}
