package plan

import (
	"math"
	"slices"

	"mocban/sparql/algebra"
)

// modifier builds groups and solution modifiers (SPARQL 1.1, 18.2.4 and 18.2.5).
func (b *builder) modifier(op algebra.Op, sc scope) Node {
	switch op := op.(type) {
	case *algebra.Group:
		n := b.grouping(op, sc)
		if b.on(groupFirst) {
			if first := b.groupedFirst(op, sc); first != nil && first.Base().Cost < n.Base().Cost {
				return first
			}
		}
		return n
	case *algebra.OrderBy:
		return b.sort(op, 0, sc)
	case *algebra.Project:
		return b.project(b.build(op.Input, sc), op.Vars)
	case *algebra.Distinct:
		return b.distinct(b.build(op.Input, sc))
	case *algebra.Reduced:
		return b.distinct(b.build(op.Input, sc)) // which is one of the answers that are allowed
	case *algebra.Slice:
		return b.slice(op, sc)
	}
	return &Empty{Why: "no such operator"}
}

func (b *builder) project(in Node, vars []algebra.Var) Node {
	x := in.Base()
	n := &Project{Input: in}
	n.Rows, n.Cost = x.Rows, x.Cost
	for _, v := range vars {
		n.Cols = append(n.Cols, Col{v, !x.Certain(v)})
	}
	for _, v := range x.Order {
		if !slices.Contains(vars, v) {
			break
		}
		n.Order = append(n.Order, v)
	}
	return n
}

// distinct drops equal rows. Rows that come in an order of all columns need no table.
func (b *builder) distinct(in Node) Node {
	x := in.Base()
	n := &Distinct{Input: in}
	n.Info = *x
	n.Ordered = b.on(orderedDistinct) && ordered(x.Order, columns(in))
	n.Cost += x.Rows * costProbe
	return n
}

// ordered tells whether rows in an order have equal values of vars next to each other.
func ordered(order []algebra.Var, vars Vars) bool {
	var seen Vars
	for _, v := range order {
		if len(seen) == len(vars) || !vars.Has(v) {
			break
		}
		seen = seen.with(v)
	}
	return len(seen) == len(vars)
}

func (b *builder) slice(op *algebra.Slice, sc scope) Node {
	top := int64(0)
	if op.Limit >= 0 && op.Offset <= math.MaxInt64-op.Limit && b.on(topRows) {
		top = op.Offset + op.Limit
	}
	in := b.limited(op.Input, top, sc)
	x := in.Base()
	n := &Slice{Input: in, Offset: op.Offset, Limit: op.Limit}
	n.Cols, n.Order, n.Cost = x.Cols, x.Order, x.Cost
	n.Rows = max(0, x.Rows-float64(op.Offset))
	if op.Limit >= 0 {
		n.Rows = min(n.Rows, float64(op.Limit))
	}
	return n
}

// limited builds the input of a slice, of which only top rows are asked.
func (b *builder) limited(op algebra.Op, top int64, sc scope) Node {
	if top > 0 {
		switch op := op.(type) {
		case *algebra.OrderBy:
			return b.sort(op, top, sc)
		case *algebra.Project:
			return b.project(b.limited(op.Input, top, sc), op.Vars)
		}
	}
	return b.build(op, sc)
}

func (b *builder) sort(op *algebra.OrderBy, top int64, sc scope) Node {
	in := b.build(op.Input, sc)
	keys := slices.Clone(op.Keys)
	for i := range keys {
		var es []algebra.Expr
		in, es = b.marks(in, []algebra.Expr{keys[i].Expr}, sc)
		keys[i].Expr = es[0]
	}
	x := in.Base()
	n := &Sort{Input: in, Keys: keys, Top: top}
	n.Cols, n.Rows = x.Cols, x.Rows
	n.Cost = x.Cost + x.Rows*math.Log2(max(2, x.Rows))*10
	return n
}

// grouping is Group (SPARQL 1.1, 18.5.1). Keys and arguments that are expressions are bound
// first, so that what is grouped and aggregated are columns.
func (b *builder) grouping(op *algebra.Group, sc scope) Node {
	in := b.build(op.Input, sc)
	n := &Group{Implicit: op.Implicit && len(op.Keys) == 0}
	for _, k := range op.Keys {
		v, isVar := k.Expr.(*algebra.VarExpr)
		if !isVar || v.Var != k.Var || !in.Base().Has(k.Var) {
			in = b.extend(in, k.Var, k.Expr, sc)
		}
		n.Keys = append(n.Keys, k.Var)
	}
	for _, a := range op.Aggregates {
		if a.Arg != nil {
			if _, isVar := a.Arg.(*algebra.VarExpr); !isVar {
				v := b.name("arg")
				in = b.extend(in, v, a.Arg, sc)
				a.Arg = &algebra.VarExpr{Var: v}
			}
		}
		n.Aggregates = append(n.Aggregates, a)
	}
	n.Input = in
	x := in.Base()
	for _, k := range n.Keys {
		n.Cols = append(n.Cols, Col{k, !x.Certain(k)})
	}
	for _, a := range n.Aggregates {
		n.Cols = append(n.Cols, Col{a.Var, a.Func != "COUNT"})
	}
	n.Ordered = len(n.Keys) > 0 && b.on(orderedGroups) && ordered(x.Order, n.Keys)
	if n.Ordered {
		n.Order = x.Order[:len(n.Keys)]
	}
	if next := len(n.Keys); (n.Ordered || next == 0) && next < len(x.Order) && b.on(orderedDistinct) {
		n.Runs = x.Order[next : next+1]
	}
	n.Rows = 1
	if len(n.Keys) > 0 {
		n.Rows = max(1, math.Sqrt(x.Rows))
	}
	n.Cost = x.Cost + x.Rows*costBuild
	return n
}
