package plan

import (
	"slices"

	"mocban/sparql/algebra"
)

// pass finds the terms that a query makes of which nobody compares the IDs, and that nobody looks
// at once their row has gone: the rule passing-terms. What is written, or goes into an expression,
// is looked at as a term and then forgotten; what is joined, grouped, sorted, or made different
// is compared or kept. Kept are the variables of which the nodes above n do that.
func pass(n Node, kept Vars) {
	switch n := n.(type) {
	case *Project:
		pass(n.Input, kept.common(columns(n)))
		return
	case *Slice:
		pass(n.Input, kept)
		return
	case *Filter: // conditions may be judged by IDs
		pass(n.Input, exprVars(slices.Clone(kept), n.Conditions...))
		return
	case *Extend:
		switch e := n.Expr.(type) {
		case *algebra.VarExpr: // the term of another variable
			if kept.Has(n.Var) {
				kept = kept.plus(e.Var)
			}
		case *algebra.TermExpr:
		default:
			n.Passing = !kept.Has(n.Var)
		}
		pass(n.Input, kept)
		return
	case *Group:
		for _, a := range n.Aggregates {
			if makesTerms(a) && !kept.Has(a.Var) {
				n.Passing = append(n.Passing, a.Var)
			}
		}
	}
	for _, in := range n.Inputs() {
		pass(in, columns(in))
	}
}

// makesTerms tells whether an aggregate makes new terms, and more than a few of them.
func makesTerms(a algebra.Aggregation) bool {
	switch a.Func {
	case "GROUP_CONCAT", "SUM", "AVG":
		return true
	}
	return false
}
