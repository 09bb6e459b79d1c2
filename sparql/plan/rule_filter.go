package plan

import "mocban/sparql/algebra"

// pushFilter moves filters down: the rule filter-push. A condition goes into the left side of
// OPTIONAL and MINUS if the right side cannot change what it sees, into all parts of a
// UNION, and below a BIND of another variable.
func pushFilter(op algebra.Op) algebra.Op {
	if f, ok := op.(*algebra.Filter); ok {
		in := pushFilter(f.Input)
		var stay []algebra.Expr
		for _, c := range conjuncts(f.Expr, nil) {
			if down, ok := pushInto(in, c); ok {
				in = down
			} else {
				stay = append(stay, c)
			}
		}
		if len(stay) == 0 {
			return in
		}
		return &algebra.Filter{Expr: conjunction(stay), Input: in}
	}
	return mapInputs(op, pushFilter)
}

// pushInto puts a condition somewhere below the top of op; ok is false if it cannot.
func pushInto(op algebra.Op, c algebra.Expr) (down algebra.Op, ok bool) {
	if hasExists(c) {
		return nil, false // which would see other variables there
	}
	vars := exprVars(nil, c)
	wrap := func(op algebra.Op) algebra.Op {
		if down, ok := pushInto(op, c); ok {
			return down
		}
		return &algebra.Filter{Expr: c, Input: op}
	}
	switch op := op.(type) {
	case *algebra.LeftJoin:
		if inScope(op.Left, true).HasAll(vars.common(inScope(op.Right, false))) {
			return &algebra.LeftJoin{Left: wrap(op.Left), Right: op.Right, Expr: op.Expr}, true
		}
	case *algebra.Minus:
		return &algebra.Minus{Left: wrap(op.Left), Right: op.Right}, true
	case *algebra.Union:
		return &algebra.Union{Left: wrap(op.Left), Right: wrap(op.Right)}, true
	case *algebra.Extend:
		if !vars.Has(op.Var) {
			return &algebra.Extend{Input: wrap(op.Input), Var: op.Var, Expr: op.Expr}, true
		}
	}
	return nil, false
}

// liftOptionals moves LeftJoin and Extend out of the left or right side of a Join: the rule
// optional-last. The other side may share with what is moved only variables that are bound
// before.
func liftOptionals(op algebra.Op) algebra.Op {
	op = mapInputs(op, liftOptionals)
	j, ok := op.(*algebra.Join)
	if !ok {
		return op
	}
	if up := lift(j.Left, j.Right, false); up != nil {
		return up
	}
	if up := lift(j.Right, j.Left, true); up != nil {
		return up
	}
	return op
}

// lift returns Join(from, other) with the top of from moved above it, or nil. Mirrored says
// that other is the left side.
func lift(from, other algebra.Op, mirrored bool) algebra.Op {
	join := func(below algebra.Op) algebra.Op {
		if mirrored {
			return liftOptionals(&algebra.Join{Left: other, Right: below})
		}
		return liftOptionals(&algebra.Join{Left: below, Right: other})
	}
	switch from := from.(type) {
	case *algebra.LeftJoin:
		inner := mentioned(nil, from.Right)
		if from.Expr != nil {
			inner = exprVars(inner, from.Expr)
		}
		if inScope(from.Left, true).HasAll(inner.common(inScope(other, false))) {
			return &algebra.LeftJoin{Left: join(from.Left), Right: from.Right, Expr: from.Expr}
		}
	case *algebra.Extend:
		seen := exprVars(nil, from.Expr)
		if bgp, unit := from.Input.(*algebra.BGP); unit && len(bgp.Patterns) == 0 {
			return nil // one row, which is a good start
		}
		if !inScope(other, false).Has(from.Var) && inScope(from.Input, true).HasAll(seen.common(inScope(other, false))) && !hasExists(from.Expr) {
			return &algebra.Extend{Input: join(from.Input), Var: from.Var, Expr: from.Expr}
		}
	}
	return nil
}

// mapInputs returns op with f applied to its inputs.
func mapInputs(op algebra.Op, f func(algebra.Op) algebra.Op) algebra.Op {
	switch op := op.(type) {
	case *algebra.Join:
		return &algebra.Join{Left: f(op.Left), Right: f(op.Right)}
	case *algebra.LeftJoin:
		return &algebra.LeftJoin{Left: f(op.Left), Right: f(op.Right), Expr: op.Expr}
	case *algebra.Filter:
		return &algebra.Filter{Expr: op.Expr, Input: f(op.Input)}
	case *algebra.Union:
		return &algebra.Union{Left: f(op.Left), Right: f(op.Right)}
	case *algebra.Minus:
		return &algebra.Minus{Left: f(op.Left), Right: f(op.Right)}
	case *algebra.Graph:
		return &algebra.Graph{Name: op.Name, Input: f(op.Input)}
	case *algebra.Extend:
		return &algebra.Extend{Input: f(op.Input), Var: op.Var, Expr: op.Expr}
	case *algebra.Group:
		return &algebra.Group{Input: f(op.Input), Keys: op.Keys, Aggregates: op.Aggregates, Implicit: op.Implicit}
	case *algebra.OrderBy:
		return &algebra.OrderBy{Input: f(op.Input), Keys: op.Keys}
	case *algebra.Project:
		return &algebra.Project{Input: f(op.Input), Vars: op.Vars}
	case *algebra.Distinct:
		return &algebra.Distinct{Input: f(op.Input)}
	case *algebra.Reduced:
		return &algebra.Reduced{Input: f(op.Input)}
	case *algebra.Slice:
		return &algebra.Slice{Input: f(op.Input), Offset: op.Offset, Limit: op.Limit}
	}
	return op
}
