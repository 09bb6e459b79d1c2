package plan

import (
	"strconv"

	"mocban/graph"
	"mocban/sparql/algebra"
)

// maxQueryVars is how many variables a query may have, blank nodes of patterns among them.
// Sets of variables are small lists here, so that more of them would be planned for minutes.
const maxQueryVars = maxVars

// checkSize returns an error for a query of too many variables. It takes no longer than
// reading the query.
func checkSize(q *algebra.Query) error {
	c := counter{known: map[algebra.Var]bool{}}
	c.op(q.Pattern)
	if len(c.known) > maxQueryVars {
		return &graph.LimitError{Limit: "variables", Max: strconv.Itoa(maxQueryVars), Where: "planning"}
	}
	return nil
}

// A counter notes all variables of a pattern, each time it meets one.
type counter struct{ known map[algebra.Var]bool }

func (c counter) vars(vs ...algebra.Var) {
	for _, v := range vs {
		if v != "" {
			c.known[v] = true
		}
	}
}

func (c counter) slots(slots ...algebra.Slot) {
	for _, s := range slots {
		c.vars(s.Var)
		if s.Triple != nil {
			c.slots(s.Triple.S, s.Triple.P, s.Triple.O)
		}
	}
}

func (c counter) exprs(es ...algebra.Expr) {
	for _, e := range es {
		walkExpr(e, func(e algebra.Expr) {
			switch e := e.(type) {
			case *algebra.VarExpr:
				c.vars(e.Var)
			case *algebra.Exists:
				c.op(e.Pattern)
			}
		})
	}
}

func (c counter) op(op algebra.Op) {
	switch op := op.(type) {
	case *algebra.BGP:
		for _, t := range op.Patterns {
			c.slots(t.S, t.P, t.O)
		}
	case *algebra.Path:
		c.slots(op.S, op.O)
	case *algebra.Join:
		c.both(op.Left, op.Right)
	case *algebra.LeftJoin:
		c.both(op.Left, op.Right)
		c.exprs(op.Expr)
	case *algebra.Union:
		c.both(op.Left, op.Right)
	case *algebra.Minus:
		c.both(op.Left, op.Right)
	case *algebra.Filter:
		c.op(op.Input)
		c.exprs(op.Expr)
	case *algebra.Graph:
		c.op(op.Input)
		c.slots(op.Name)
	case *algebra.Service:
		c.op(op.Input)
		c.slots(op.Name)
	case *algebra.Extend:
		c.op(op.Input)
		c.vars(op.Var)
		c.exprs(op.Expr)
	case *algebra.Values:
		c.vars(op.Vars...)
	case *algebra.Group:
		c.op(op.Input)
		for _, k := range op.Keys {
			c.vars(k.Var)
			c.exprs(k.Expr)
		}
		for _, a := range op.Aggregates {
			c.vars(a.Var)
			c.exprs(a.Arg)
		}
	case *algebra.OrderBy:
		c.op(op.Input)
		for _, k := range op.Keys {
			c.exprs(k.Expr)
		}
	case *algebra.Project:
		c.op(op.Input)
		c.vars(op.Vars...)
	case *algebra.Distinct:
		c.op(op.Input)
	case *algebra.Reduced:
		c.op(op.Input)
	case *algebra.Slice:
		c.op(op.Input)
	}
}

func (c counter) both(left, right algebra.Op) {
	c.op(left)
	c.op(right)
}
