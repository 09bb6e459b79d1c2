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
		algebra.WalkExpr(e, func(e algebra.Expr) {
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
	case *algebra.Graph:
		c.slots(op.Name)
	case *algebra.Service:
		c.slots(op.Name)
	case *algebra.Extend:
		c.vars(op.Var)
	case *algebra.Text:
		c.vars(op.Vars()...)
	case *algebra.Values:
		c.vars(op.Vars...)
	case *algebra.Group:
		for _, k := range op.Keys {
			c.vars(k.Var)
		}
		for _, a := range op.Aggregates {
			c.vars(a.Var)
		}
	case *algebra.Project:
		c.vars(op.Vars...)
	}
	c.exprs(algebra.Exprs(op)...)
	for _, input := range algebra.Inputs(op) {
		c.op(input)
	}
}
