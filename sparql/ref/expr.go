package ref

import (
	"fmt"
	"strings"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/expr"
)

// value evaluates an expression for a solution (17).
func (e *evaluator) value(x algebra.Expr, s Solution, sc scope) expr.Value {
	switch x := x.(type) {
	case *algebra.TermExpr:
		return expr.FromTerm(x.Term)
	case *algebra.VarExpr:
		if t, ok := s.Terms[x.Var]; ok {
			return expr.FromTerm(t)
		}
		return expr.FromTerm(sc.outer.get(x.Var))
	case *algebra.Unary:
		return e.unary(x, s, sc)
	case *algebra.Binary:
		return e.binary(x, s, sc)
	case *algebra.In:
		return e.in(x, s, sc)
	case *algebra.Call:
		return e.call(x, s, sc)
	case *algebra.Exists:
		return expr.Bool(e.exists(x.Pattern, s, sc) != x.Not)
	case *algebra.TripleExpr:
		return e.function("TRIPLE", "", []algebra.Expr{x.S, x.P, x.O}, s, sc)
	}
	panic(fmt.Sprintf("no evaluation of %T", x)) // one of ours was forgotten
}

// exists tells whether a pattern has a solution with the values of the one at hand (17.4.1.4,
// 18.6; see the comment of the package).
func (e *evaluator) exists(pattern algebra.Op, s Solution, sc scope) bool {
	return len(e.eval(pattern, scope{sc.graph, merge(sc.outer, s)})) > 0
}

func (e *evaluator) unary(x *algebra.Unary, s Solution, sc scope) expr.Value {
	v := e.value(x.Arg, s, sc)
	switch x.Op {
	case "!":
		return e.env.EBV(v).Not().Value()
	case "-":
		return expr.Neg(v)
	case "+":
		return expr.Plus(v)
	}
	panic("no evaluation of " + x.Op)
}

// binary evaluates both sides always; what an error is depends on both (17.2).
func (e *evaluator) binary(x *algebra.Binary, s Solution, sc scope) expr.Value {
	a, b := e.value(x.Left, s, sc), e.value(x.Right, s, sc)
	switch x.Op {
	case "||":
		return e.env.EBV(a).Or(e.env.EBV(b)).Value()
	case "&&":
		return e.env.EBV(a).And(e.env.EBV(b)).Value()
	case "=":
		return expr.Equal(a, b).Value()
	case "!=":
		return expr.NotEqual(a, b).Value()
	case "<":
		return expr.Less(a, b).Value()
	case "<=":
		return expr.LessOrEqual(a, b).Value()
	case ">":
		return expr.Greater(a, b).Value()
	case ">=":
		return expr.GreaterOrEqual(a, b).Value()
	case "+":
		return expr.Add(a, b)
	case "-":
		return expr.Sub(a, b)
	case "*":
		return expr.Mul(a, b)
	case "/":
		return expr.Div(a, b)
	}
	panic("no evaluation of " + x.Op)
}

// in is IN as the disjunction that 17.4.1.9 says it is, and NOT IN as its negation.
func (e *evaluator) in(x *algebra.In, s Solution, sc scope) expr.Value {
	v := e.value(x.Arg, s, sc)
	any := expr.False
	for _, item := range x.Items {
		any = any.Or(expr.Equal(v, e.value(item, s, sc)))
	}
	if x.Not {
		any = any.Not()
	}
	return any.Value()
}

func (e *evaluator) call(x *algebra.Call, s Solution, sc scope) expr.Value {
	arg := func(i int) expr.Value { return e.value(x.Args[i], s, sc) }
	switch name := strings.ToUpper(x.Name); {
	case name == "BOUND" && len(x.Args) == 1:
		return expr.Bool(arg(0).Bound())
	case name == "IF" && len(x.Args) == 3:
		switch e.env.EBV(arg(0)) {
		case expr.True:
			return arg(1)
		case expr.False:
			return arg(2)
		}
		return expr.Fail(expr.TypeError)
	case name == "COALESCE":
		for i := range x.Args {
			if v := arg(i); !v.IsError() {
				return v
			}
		}
		return expr.Fail(expr.InvalidArgument)
	}
	return e.function(x.Name, x.IRI, x.Args, s, sc)
}

func (e *evaluator) function(name string, iri graph.IRI, args []algebra.Expr, s Solution, sc scope) expr.Value {
	f, ok := expr.Builtin(name)
	if iri != "" {
		f, ok = expr.Named(iri)
	}
	if !ok || !f.Takes(len(args)) {
		return expr.Fail(expr.UnknownFunction)
	}
	values := make([]expr.Value, len(args))
	for i, a := range args {
		values[i] = e.value(a, s, sc)
	}
	e.env.Solution = s.number
	return f.Call(&e.env, values...)
}
