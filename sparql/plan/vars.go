package plan

import (
	"slices"

	"mocban/sparql/algebra"
)

// Vars is a small set of variables.
type Vars []algebra.Var

// Has tells whether v is in the set.
func (s Vars) Has(v algebra.Var) bool { return slices.Contains(s, v) }

// HasAll tells whether all of t are in the set, and HasAny whether one is.
func (s Vars) HasAll(t Vars) bool {
	for _, v := range t {
		if !s.Has(v) {
			return false
		}
	}
	return true
}

// HasAny tells whether the sets have a variable in common.
func (s Vars) HasAny(t Vars) bool { return slices.ContainsFunc(t, s.Has) }

// with adds variables, to the set itself if it has room.
func (s Vars) with(vs ...algebra.Var) Vars {
	for i, v := range vs {
		if v == "" || s.Has(v) {
			continue
		}
		if len(s) == cap(s) {
			s = slices.Grow(s, len(vs)-i)
		}
		s = append(s, v)
	}
	return s
}

// plus is with for a set that others hold, too.
func (s Vars) plus(vs ...algebra.Var) Vars {
	for i, v := range vs {
		if v != "" && !s.Has(v) {
			own := append(make(Vars, 0, len(s)+len(vs)-i), s...)
			return own.with(vs[i:]...)
		}
	}
	return s
}

func (s Vars) common(t Vars) (c Vars) {
	for _, v := range s {
		if t.Has(v) {
			c = append(c, v)
		}
	}
	return c
}

func (s Vars) without(t Vars) (c Vars) {
	for _, v := range s {
		if !t.Has(v) {
			c = append(c, v)
		}
	}
	return c
}

func slotVars(s Vars, slots ...algebra.Slot) Vars {
	for _, slot := range slots {
		if slot.Triple != nil {
			s = slotVars(s, slot.Triple.S, slot.Triple.P, slot.Triple.O)
		}
		s = s.with(slot.Var)
	}
	return s
}

// inScope returns the variables that solutions of op may bind; with certain, those only that
// every solution binds (SPARQL 1.1, 18.2.1).
func inScope(op algebra.Op, certain bool) Vars { return addScope(nil, op, certain) }

// addScope adds what inScope returns. It takes one set through the whole of op: deep patterns
// would be copied at each of their levels.
func addScope(s Vars, op algebra.Op, certain bool) Vars {
	switch op := op.(type) {
	case *algebra.BGP:
		for _, t := range op.Patterns {
			s = slotVars(s, t.S, t.P, t.O)
		}
	case *algebra.Path:
		s = slotVars(s, op.S, op.O)
	case *algebra.Join:
		s = addScope(addScope(s, op.Left, certain), op.Right, certain)
	case *algebra.LeftJoin:
		s = addScope(s, op.Left, certain)
		if !certain {
			s = addScope(s, op.Right, false)
		}
	case *algebra.Filter:
		s = addScope(s, op.Input, certain)
	case *algebra.Union:
		if certain {
			return s.with(inScope(op.Left, true).common(inScope(op.Right, true))...)
		}
		s = addScope(addScope(s, op.Left, false), op.Right, false)
	case *algebra.Minus:
		s = addScope(s, op.Left, certain)
	case *algebra.Graph:
		s = slotVars(addScope(s, op.Input, certain), op.Name)
	case *algebra.Extend:
		s = addScope(s, op.Input, certain)
		if _, constant := op.Expr.(*algebra.TermExpr); constant || !certain {
			s = s.with(op.Var)
		}
	case *algebra.Text:
		s = s.with(op.Vars()...)
	case *algebra.Values:
		for i, v := range op.Vars {
			if !certain || !slices.ContainsFunc(op.Rows, func(r []term) bool { return r[i].IsZero() }) {
				s = s.with(v)
			}
		}
	case *algebra.Service:
		if !certain {
			s = slotVars(addScope(s, op.Input, false), op.Name)
		}
	case *algebra.Group:
		below := inScope(op.Input, true)
		for _, k := range op.Keys {
			v, isVar := k.Expr.(*algebra.VarExpr)
			if !certain || isVar && below.Has(v.Var) {
				s = s.with(k.Var)
			}
		}
		for _, a := range op.Aggregates {
			if !certain || a.Func == "COUNT" {
				s = s.with(a.Var)
			}
		}
	case *algebra.Project:
		if !certain {
			return s.with(op.Vars...)
		}
		s = s.with(inScope(op.Input, true).common(op.Vars)...)
	case *algebra.OrderBy:
		s = addScope(s, op.Input, certain)
	case *algebra.Distinct:
		s = addScope(s, op.Input, certain)
	case *algebra.Reduced:
		s = addScope(s, op.Input, certain)
	case *algebra.Slice:
		s = addScope(s, op.Input, certain)
	}
	return s
}

// exprVars adds the variables that an expression mentions, those within EXISTS among them.
func exprVars(s Vars, exprs ...algebra.Expr) Vars {
	for _, e := range exprs {
		switch e := e.(type) {
		case *algebra.VarExpr:
			s = s.with(e.Var)
		case *algebra.Unary:
			s = exprVars(s, e.Arg)
		case *algebra.Binary:
			s = exprVars(s, e.Left, e.Right)
		case *algebra.In:
			s = exprVars(exprVars(s, e.Arg), e.Items...)
		case *algebra.Call:
			s = exprVars(s, e.Args...)
		case *algebra.TripleExpr:
			s = exprVars(s, e.S, e.P, e.O)
		case *algebra.Exists:
			s = mentioned(s, e.Pattern)
		}
	}
	return s
}

// mentioned adds every variable that stands anywhere in op but inside subqueries, of which
// only the projected ones count.
func mentioned(s Vars, op algebra.Op) Vars {
	switch op := op.(type) {
	case *algebra.Join:
		s = mentioned(mentioned(s, op.Left), op.Right)
	case *algebra.LeftJoin:
		s = mentioned(mentioned(s, op.Left), op.Right)
		if op.Expr != nil {
			s = exprVars(s, op.Expr)
		}
	case *algebra.Filter:
		s = exprVars(mentioned(s, op.Input), op.Expr)
	case *algebra.Union:
		s = mentioned(mentioned(s, op.Left), op.Right)
	case *algebra.Minus:
		s = mentioned(mentioned(s, op.Left), op.Right)
	case *algebra.Graph:
		s = slotVars(mentioned(s, op.Input), op.Name)
	case *algebra.Extend:
		s = exprVars(mentioned(s, op.Input), op.Expr).with(op.Var)
	default:
		s = addScope(s, op, false)
	}
	return s
}

// conjuncts takes an && apart.
func conjuncts(e algebra.Expr, into []algebra.Expr) []algebra.Expr {
	if b, ok := e.(*algebra.Binary); ok && b.Op == "&&" {
		return conjuncts(b.Right, conjuncts(b.Left, into))
	}
	return append(into, e)
}

// conjunction puts conditions together; nil if there are none.
func conjunction(es []algebra.Expr) algebra.Expr {
	if len(es) == 0 {
		return nil
	}
	e := es[0]
	for _, f := range es[1:] {
		e = &algebra.Binary{Op: "&&", Left: e, Right: f}
	}
	return e
}

// hasExists tells whether EXISTS stands somewhere in an expression.
func hasExists(e algebra.Expr) (found bool) {
	algebra.WalkExpr(e, func(e algebra.Expr) {
		if _, ok := e.(*algebra.Exists); ok {
			found = true
		}
	})
	return found
}

// mapExpr replaces the expressions for which f gives another.
func mapExpr(e algebra.Expr, f func(algebra.Expr) algebra.Expr) algebra.Expr {
	if r := f(e); r != nil {
		return r
	}
	all := func(es []algebra.Expr) []algebra.Expr {
		out := make([]algebra.Expr, len(es))
		for i := range es {
			out[i] = mapExpr(es[i], f)
		}
		return out
	}
	switch e := e.(type) {
	case *algebra.Unary:
		return &algebra.Unary{Op: e.Op, Arg: mapExpr(e.Arg, f)}
	case *algebra.Binary:
		return &algebra.Binary{Op: e.Op, Left: mapExpr(e.Left, f), Right: mapExpr(e.Right, f)}
	case *algebra.In:
		return &algebra.In{Not: e.Not, Arg: mapExpr(e.Arg, f), Items: all(e.Items)}
	case *algebra.Call:
		return &algebra.Call{Name: e.Name, IRI: e.IRI, Args: all(e.Args)}
	case *algebra.TripleExpr:
		return &algebra.TripleExpr{S: mapExpr(e.S, f), P: mapExpr(e.P, f), O: mapExpr(e.O, f)}
	}
	return e
}
