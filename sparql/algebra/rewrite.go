package algebra

// Rewrite returns a copy of op in which f has replaced every node, those below a node before
// the node itself, and those of EXISTS within expressions as well.
func Rewrite(op Op, f func(Op) Op) Op {
	r := func(o Op) Op { return Rewrite(o, f) }
	e := func(x Expr) Expr { return rewriteExpr(x, f) }
	switch o := op.(type) {
	case *Join:
		op = &Join{r(o.Left), r(o.Right)}
	case *LeftJoin:
		op = &LeftJoin{r(o.Left), r(o.Right), e(o.Expr)}
	case *Filter:
		op = &Filter{e(o.Expr), r(o.Input)}
	case *Union:
		op = &Union{r(o.Left), r(o.Right)}
	case *Minus:
		op = &Minus{r(o.Left), r(o.Right)}
	case *Graph:
		op = &Graph{o.Name, r(o.Input)}
	case *Extend:
		op = &Extend{r(o.Input), o.Var, e(o.Expr)}
	case *Service:
		op = &Service{o.Name, o.Silent, r(o.Input), o.Text}
	case *Group:
		op = rewriteGroup(o, f)
	case *OrderBy:
		keys := make([]OrderKey, len(o.Keys))
		for i, k := range o.Keys {
			keys[i] = OrderKey{e(k.Expr), k.Desc}
		}
		op = &OrderBy{r(o.Input), keys}
	case *Project:
		op = &Project{r(o.Input), o.Vars}
	case *Distinct:
		op = &Distinct{r(o.Input)}
	case *Reduced:
		op = &Reduced{r(o.Input)}
	case *Slice:
		op = &Slice{r(o.Input), o.Offset, o.Limit}
	}
	return f(op)
}

func rewriteGroup(g *Group, f func(Op) Op) *Group {
	out := &Group{Input: Rewrite(g.Input, f), Implicit: g.Implicit}
	for _, k := range g.Keys {
		out.Keys = append(out.Keys, Binding{k.Var, rewriteExpr(k.Expr, f)})
	}
	for _, a := range g.Aggregates {
		a.Arg = rewriteExpr(a.Arg, f)
		out.Aggregates = append(out.Aggregates, a)
	}
	return out
}

// rewriteExpr rewrites the patterns within an expression.
func rewriteExpr(x Expr, f func(Op) Op) Expr {
	e := func(x Expr) Expr { return rewriteExpr(x, f) }
	switch x := x.(type) {
	case *Unary:
		return &Unary{x.Op, e(x.Arg)}
	case *Binary:
		return &Binary{x.Op, e(x.Left), e(x.Right)}
	case *In:
		return &In{x.Not, e(x.Arg), rewriteExprs(x.Items, f)}
	case *Call:
		return &Call{x.Name, x.IRI, rewriteExprs(x.Args, f)}
	case *Exists:
		return &Exists{x.Not, Rewrite(x.Pattern, f)}
	case *TripleExpr:
		return &TripleExpr{e(x.S), e(x.P), e(x.O)}
	}
	return x
}

func rewriteExprs(xs []Expr, f func(Op) Op) []Expr {
	out := make([]Expr, len(xs))
	for i, x := range xs {
		out[i] = rewriteExpr(x, f)
	}
	return out
}
