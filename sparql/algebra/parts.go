package algebra

// Inputs returns the patterns that a node is made of, the left one first.
func Inputs(op Op) []Op {
	switch o := op.(type) {
	case *Join:
		return []Op{o.Left, o.Right}
	case *LeftJoin:
		return []Op{o.Left, o.Right}
	case *Union:
		return []Op{o.Left, o.Right}
	case *Minus:
		return []Op{o.Left, o.Right}
	case *Filter:
		return []Op{o.Input}
	case *Graph:
		return []Op{o.Input}
	case *Extend:
		return []Op{o.Input}
	case *Service:
		return []Op{o.Input}
	case *Group:
		return []Op{o.Input}
	case *OrderBy:
		return []Op{o.Input}
	case *Project:
		return []Op{o.Input}
	case *Distinct:
		return []Op{o.Input}
	case *Reduced:
		return []Op{o.Input}
	case *Slice:
		return []Op{o.Input}
	}
	return nil
}

// Exprs returns the expressions of a node itself. Some are nil, where there is none.
func Exprs(op Op) (es []Expr) {
	switch o := op.(type) {
	case *LeftJoin:
		return []Expr{o.Expr}
	case *Filter:
		return []Expr{o.Expr}
	case *Extend:
		return []Expr{o.Expr}
	case *Group:
		for _, k := range o.Keys {
			es = append(es, k.Expr)
		}
		for _, a := range o.Aggregates {
			es = append(es, a.Arg)
		}
	case *OrderBy:
		for _, k := range o.Keys {
			es = append(es, k.Expr)
		}
	}
	return es
}

// WalkExpr calls f for an expression and all within it, if there is one. The pattern of
// EXISTS is not gone into.
func WalkExpr(e Expr, f func(Expr)) {
	if e == nil {
		return
	}
	f(e)
	walk := func(es ...Expr) {
		for _, e := range es {
			WalkExpr(e, f)
		}
	}
	switch e := e.(type) {
	case *Unary:
		walk(e.Arg)
	case *Binary:
		walk(e.Left, e.Right)
	case *In:
		walk(e.Arg)
		walk(e.Items...)
	case *Call:
		walk(e.Args...)
	case *TripleExpr:
		walk(e.S, e.P, e.O)
	}
}
