package syntax

import "slices"

// check applies the rules of what may be selected (SPARQL 1.1, 11.4, 18.2.1 and 19.8, notes
// 12 and 13). p.scope holds the variables of the pattern.
func (p *parser) check(s *Select) {
	grouped := s.Grouped()
	visible := p.scope
	if grouped {
		visible = p.keys(s)
	}
	if s.Values != nil {
		visible.add(s.Values.Vars...)
	}
	if s.Star {
		if grouped {
			p.failAt(s.Pos, "SELECT * cannot be grouped").hint("name what to select")
		}
		s.vars = slices.Clip(visible.names)
		return
	}
	selected := new(vars)
	for _, item := range s.Items {
		if item.Expr == nil {
			if grouped && !visible.has[item.Var] {
				p.ungrouped(item.Pos, item.Var)
			}
		} else {
			if grouped {
				p.checkGrouped(item.Expr, visible)
			}
			if visible.has[item.Var] {
				p.failAt(item.Pos, "?%s has a value already", shorten(item.Var)).hint("give the result of AS another name")
			}
		}
		if selected.has[item.Var] {
			p.failAt(item.Pos, "?%s is selected twice", shorten(item.Var))
		}
		selected.add(item.Var)
		if item.Expr != nil {
			visible.add(item.Var)
		}
	}
}

// keys returns the variables that grouping leaves.
func (p *parser) keys(s *Select) *vars {
	keys := new(vars)
	for _, k := range s.GroupBy {
		if v, ok := k.Expr.(*VarExpr); ok && k.Var == "" {
			keys.add(v.Var)
		}
		if k.Var == "" {
			continue
		}
		if p.scope.has[k.Var] || keys.has[k.Var] {
			p.failAt(k.Pos, "?%s has a value already", shorten(k.Var)).hint("give the result of AS another name")
		}
		keys.add(k.Var)
	}
	return keys
}

func (p *parser) ungrouped(pos Pos, name string) {
	p.failAt(pos, "?%s is neither grouped by nor aggregated", shorten(name)).hint("add it to GROUP BY, or use SAMPLE(?%s)", shorten(name))
}

// checkGrouped looks for variables outside of aggregates that are no keys.
func (p *parser) checkGrouped(e Expr, keys *vars) {
	Walk(e, func(e Expr) bool {
		switch e := e.(type) {
		case *Aggregate:
			return false
		case *Call:
			return !e.Distinct
		case *VarExpr:
			if !keys.has[e.Var] {
				p.ungrouped(e.Pos, e.Var)
			}
		}
		return true
	})
}

// Grouped tells whether the solutions are grouped: there is a GROUP BY, or an aggregate
// (SPARQL 1.1, 18.2.4.1). HAVING alone does not group.
func (s *Select) Grouped() bool {
	if len(s.GroupBy) > 0 {
		return true
	}
	found := false
	find := func(e Expr) bool {
		switch e := e.(type) {
		case *Aggregate:
			found = true
		case *Call:
			found = found || e.Distinct
		}
		return !found
	}
	for _, i := range s.Items {
		Walk(i.Expr, find)
	}
	for _, h := range s.Having {
		Walk(h, find)
	}
	for _, k := range s.OrderBy {
		Walk(k.Expr, find)
	}
	return found
}

// Walk calls f for an expression, and if it returns true for those in it. It does not look
// into the pattern of EXISTS.
func Walk(e Expr, f func(Expr) bool) {
	if e == nil || !f(e) {
		return
	}
	switch e := e.(type) {
	case *Unary:
		Walk(e.Arg, f)
	case *Binary:
		Walk(e.Left, f)
		Walk(e.Right, f)
	case *In:
		Walk(e.Arg, f)
		for _, item := range e.Items {
			Walk(item, f)
		}
	case *Call:
		for _, arg := range e.Args {
			Walk(arg, f)
		}
	case *Aggregate:
		Walk(e.Arg, f)
	case *TripleExpr:
		Walk(e.S, f)
		Walk(e.P, f)
		Walk(e.O, f)
	}
}

// Vars returns the variables that are in scope behind the group (SPARQL 1.1, 18.2.1), in the
// order in which they appear.
func (g *Group) Vars() []string {
	v := new(vars)
	v.group(g)
	return v.names
}

// Vars returns the variables that the query selects, in order.
func (s *Select) Vars() []string {
	if s.vars != nil {
		return s.vars
	}
	v := new(vars)
	if s.Star && s.Where != nil {
		v.group(s.Where)
	}
	if s.Star && s.Values != nil {
		v.add(s.Values.Vars...)
	}
	for _, i := range s.Items {
		v.add(i.Var)
	}
	return v.names
}

func (v *vars) group(g *Group) {
	for _, e := range g.Elements {
		switch e := e.(type) {
		case *TriplesBlock:
			for i := range e.Triples {
				v.triple(&e.Triples[i])
			}
		case *Group:
			v.group(e)
		case *SubSelect:
			v.add(e.Vars()...)
		case *Union:
			for _, g := range e.Groups {
				v.group(g)
			}
		case *Optional:
			v.group(e.Group)
		case *GraphGroup:
			v.node(e.Name)
			v.group(e.Group)
		case *Service:
			v.node(e.Name)
			v.group(e.Group)
		case *Bind:
			v.add(e.Var)
		case *Values:
			v.add(e.Vars...)
		}
	}
}

func (v *vars) triple(t *Triple) {
	v.node(t.S)
	v.node(t.P)
	v.node(t.O)
}

func (v *vars) node(n Node) {
	if n.Var != "" {
		v.add(n.Var)
	}
	if n.Triple != nil {
		v.triple(n.Triple)
	}
}
