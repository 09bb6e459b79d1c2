package sparql

import "mocban/sparql/algebra"

// exprs calls f for every expression within a pattern.
func exprs(op algebra.Op, f func(algebra.Expr)) {
	each := func(es ...algebra.Expr) {
		for _, e := range es {
			subexprs(e, f)
		}
	}
	switch op := op.(type) {
	case *algebra.Join:
		exprs(op.Left, f)
		exprs(op.Right, f)
	case *algebra.LeftJoin:
		exprs(op.Left, f)
		exprs(op.Right, f)
		each(op.Expr)
	case *algebra.Filter:
		exprs(op.Input, f)
		each(op.Expr)
	case *algebra.Union:
		exprs(op.Left, f)
		exprs(op.Right, f)
	case *algebra.Minus:
		exprs(op.Left, f)
		exprs(op.Right, f)
	case *algebra.Graph:
		exprs(op.Input, f)
	case *algebra.Extend:
		exprs(op.Input, f)
		each(op.Expr)
	case *algebra.Service:
		exprs(op.Input, f)
	case *algebra.Group:
		exprs(op.Input, f)
		for _, k := range op.Keys {
			each(k.Expr)
		}
		for _, a := range op.Aggregates {
			each(a.Arg)
		}
	case *algebra.OrderBy:
		exprs(op.Input, f)
		for _, k := range op.Keys {
			each(k.Expr)
		}
	case *algebra.Project:
		exprs(op.Input, f)
	case *algebra.Distinct:
		exprs(op.Input, f)
	case *algebra.Reduced:
		exprs(op.Input, f)
	case *algebra.Slice:
		exprs(op.Input, f)
	}
}

// subexprs calls f for an expression and all within it.
func subexprs(e algebra.Expr, f func(algebra.Expr)) {
	if e == nil {
		return
	}
	f(e)
	switch e := e.(type) {
	case *algebra.Unary:
		subexprs(e.Arg, f)
	case *algebra.Binary:
		subexprs(e.Left, f)
		subexprs(e.Right, f)
	case *algebra.In:
		subexprs(e.Arg, f)
		for _, i := range e.Items {
			subexprs(i, f)
		}
	case *algebra.Call:
		for _, a := range e.Args {
			subexprs(a, f)
		}
	case *algebra.TripleExpr:
		subexprs(e.S, f)
		subexprs(e.P, f)
		subexprs(e.O, f)
	case *algebra.Exists:
		exprs(e.Pattern, f)
	}
}
