package plan

import (
	"slices"

	"mocban/sparql/algebra"
)

// groupedFirst returns the plan of a group that joins what hangs on one of its keys when the
// groups are made: the rule group-first. A library and its name are keys of many a count; the
// name is looked up once for each library then, and not for each of its books. It returns nil
// where nothing hangs on a key so.
func (b *builder) groupedFirst(op *algebra.Group, sc scope) Node {
	if op.Implicit || len(op.Keys) < 2 || sc.graphs.Kind == GraphNamed {
		return nil
	}
	filters, inner := unfiltered(op.Input)
	if slices.ContainsFunc(filters, hasExists) {
		return nil
	}
	for _, t := range joinedTriples(inner) {
		if t.S.Triple != nil || t.O.Triple != nil || !t.S.IsVar() || t.P.IsVar() || !t.O.IsVar() || t.S.Var == t.O.Var {
			continue
		}
		rest, ok := withoutTriple(inner, t)
		if !ok || !inScope(rest, true).Has(t.S.Var) {
			continue
		}
		for _, f := range filters {
			rest = &algebra.Filter{Expr: f, Input: rest}
		}
		if mentioned(nil, rest).Has(t.O.Var) {
			continue
		}
		if g := groupWithout(op, rest, t.S.Var, t.O.Var); g != nil {
			label := &algebra.BGP{Patterns: []algebra.TriplePattern{t}}
			return b.build(&algebra.Join{Left: g, Right: label}, sc)
		}
	}
	return nil
}

// groupWithout returns a group over other rows, without the key label, if key is another of
// its keys and nothing else looks at the label.
func groupWithout(op *algebra.Group, rest algebra.Op, key, label algebra.Var) *algebra.Group {
	g := &algebra.Group{Input: rest, Aggregates: op.Aggregates}
	has := map[algebra.Var]bool{}
	for _, k := range op.Keys {
		v, isVar := k.Expr.(*algebra.VarExpr)
		isVar = isVar && v.Var == k.Var
		if isVar {
			has[k.Var] = true
		}
		switch {
		case isVar && k.Var == label:
		case k.Var == label || exprVars(nil, k.Expr).Has(label):
			return nil
		default:
			g.Keys = append(g.Keys, k)
		}
	}
	for _, a := range op.Aggregates {
		if a.Arg != nil && exprVars(nil, a.Arg).Has(label) {
			return nil
		}
	}
	if !has[key] || !has[label] {
		return nil
	}
	return g
}

// unfiltered returns a pattern without the filters over it, and these.
func unfiltered(op algebra.Op) (filters []algebra.Expr, inner algebra.Op) {
	for {
		f, ok := op.(*algebra.Filter)
		if !ok {
			return filters, op
		}
		filters, op = append(filters, f.Expr), f.Input
	}
}

// joinedTriples lists the triple patterns of a join of nothing but patterns and paths.
func joinedTriples(op algebra.Op) []algebra.TriplePattern {
	switch op := op.(type) {
	case *algebra.BGP:
		return op.Patterns
	case *algebra.Join:
		return slices.Concat(joinedTriples(op.Left), joinedTriples(op.Right))
	}
	return nil
}

// withoutTriple returns a join without one of its triple patterns, which joinedTriples lists.
func withoutTriple(op algebra.Op, t algebra.TriplePattern) (rest algebra.Op, ok bool) {
	switch op := op.(type) {
	case *algebra.BGP:
		i := slices.Index(op.Patterns, t)
		if i < 0 {
			return op, false
		}
		return &algebra.BGP{Patterns: slices.Delete(slices.Clone(op.Patterns), i, i+1)}, true
	case *algebra.Join:
		if left, ok := withoutTriple(op.Left, t); ok {
			return &algebra.Join{Left: left, Right: op.Right}, true
		}
		right, ok := withoutTriple(op.Right, t)
		return &algebra.Join{Left: op.Left, Right: right}, ok
	}
	return op, false
}
