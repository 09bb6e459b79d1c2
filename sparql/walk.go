package sparql

import "mocban/sparql/algebra"

// exprs calls f for every expression within a pattern, those of EXISTS among them.
func exprs(op algebra.Op, f func(algebra.Expr)) {
	for _, e := range algebra.Exprs(op) {
		algebra.WalkExpr(e, func(e algebra.Expr) {
			f(e)
			if x, ok := e.(*algebra.Exists); ok {
				exprs(x.Pattern, f)
			}
		})
	}
	for _, input := range algebra.Inputs(op) {
		exprs(input, f)
	}
}
