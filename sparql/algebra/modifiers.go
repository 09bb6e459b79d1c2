package algebra

import (
	"fmt"

	"mocban/sparql/syntax"
)

// selection translates a SELECT, or the pattern and the solution modifiers of another form
// (18.2.3 to 18.2.5).
func (t *translator) selection(s *syntax.Select, form syntax.Form) Op {
	outerGroup, outerKnown := t.group, t.known
	defer func() { t.group, t.known = outerGroup, outerKnown }()
	t.group, t.known = nil, nil

	var op Op = &BGP{}
	if s.Where != nil {
		op = t.pattern(s.Where)
	}
	if s.Grouped() {
		op = t.grouping(op, s)
	}
	var having Expr
	for _, h := range s.Having {
		having = and(having, t.expr(h))
	}
	op = filtered(op, having)
	if s.Values != nil {
		op = join(op, values(s.Values))
	}
	for _, i := range s.Items {
		if i.Expr != nil {
			op = &Extend{op, Var(i.Var), t.expr(i.Expr)}
		}
	}
	op = t.order(op, s.OrderBy)
	if form == syntax.SelectForm {
		op = &Project{op, t.star(s.Vars())}
	}
	switch {
	case s.Distinct:
		op = &Distinct{op}
	case s.Reduced:
		op = &Reduced{op}
	}
	if s.Offset > 0 || s.Limit != syntax.NoLimit {
		op = &Slice{op, s.Offset, s.Limit}
	}
	return op
}

func (t *translator) order(op Op, keys []syntax.OrderKey) Op {
	if len(keys) == 0 {
		return op
	}
	o := &OrderBy{Input: op}
	for _, k := range keys {
		o.Keys = append(o.Keys, OrderKey{t.expr(k.Expr), k.Desc})
	}
	return o
}

// grouping makes the Group of a query (18.2.4.1). Its aggregates are added as the
// expressions that hold them are translated.
func (t *translator) grouping(op Op, s *syntax.Select) Op {
	g := &Group{Input: op, Implicit: len(s.GroupBy) == 0}
	seen := map[Var]bool{}
	for _, k := range s.GroupBy {
		b := Binding{Var: Var(k.Var), Expr: t.expr(k.Expr)}
		if v, ok := b.Expr.(*VarExpr); ok && b.Var == "" {
			b.Var = v.Var
		}
		if b.Var == "" {
			b.Var = t.fresh("k")
		}
		if !seen[b.Var] {
			seen[b.Var] = true
			g.Keys = append(g.Keys, b)
		}
	}
	t.group, t.known = g, map[string]Var{}
	return g
}

// aggregate gives the variable that an aggregate of the group at hand binds. Equal ones
// share it, unless their values are drawn by chance.
func (t *translator) aggregate(a Aggregation) Expr {
	if t.group == nil {
		t.fail("%s where nothing is grouped", a.Func)
		return &VarExpr{}
	}
	text := a.String()
	if v, ok := t.known[text]; ok {
		return &VarExpr{v}
	}
	a.Var = t.fresh("a")
	t.group.Aggregates = append(t.group.Aggregates, a)
	if a.Arg == nil || !volatile(a.Arg) {
		t.known[text] = a.Var
	}
	return &VarExpr{a.Var}
}

func (t *translator) fail(format string, args ...any) {
	if t.err == nil {
		t.err = fmt.Errorf(format, args...)
	}
}

// volatile tells whether an expression may have another value each time.
func volatile(e Expr) bool {
	switch e := e.(type) {
	case *Unary:
		return volatile(e.Arg)
	case *Binary:
		return volatile(e.Left) || volatile(e.Right)
	case *In:
		return volatile(e.Arg) || anyVolatile(e.Items)
	case *Call:
		switch e.Name {
		case "RAND", "UUID", "STRUUID", "BNODE":
			return true
		}
		return anyVolatile(e.Args)
	case *Exists:
		return true // perhaps; it costs little to think so
	case *TripleExpr:
		return volatile(e.S) || volatile(e.P) || volatile(e.O)
	}
	return false
}

func anyVolatile(es []Expr) bool {
	for _, e := range es {
		if volatile(e) {
			return true
		}
	}
	return false
}

// expr translates an expression (18.2.2.2, 18.2.4.1).
func (t *translator) expr(e syntax.Expr) Expr {
	switch e := e.(type) {
	case *syntax.TermExpr:
		return &TermExpr{e.Term}
	case *syntax.VarExpr:
		return &VarExpr{Var(e.Var)}
	case *syntax.Unary:
		return &Unary{e.Op, t.expr(e.Arg)}
	case *syntax.Binary:
		return &Binary{e.Op, t.expr(e.Left), t.expr(e.Right)}
	case *syntax.In:
		return &In{e.Not, t.expr(e.Arg), t.exprs(e.Items)}
	case *syntax.Call:
		if e.Distinct {
			return t.named(e)
		}
		return &Call{e.Name, e.IRI, t.exprs(e.Args)}
	case *syntax.Aggregate:
		return t.setFunction(e)
	case *syntax.Exists:
		return &Exists{e.Not, t.exists(e.Group)}
	case *syntax.TripleExpr:
		return &TripleExpr{t.expr(e.S), t.expr(e.P), t.expr(e.O)}
	}
	panic(fmt.Sprintf("no translation of %T", e)) // one of ours was forgotten
}

func (t *translator) exprs(es []syntax.Expr) []Expr {
	all := make([]Expr, len(es))
	for i, e := range es {
		all[i] = t.expr(e)
	}
	return all
}

// exists translates the pattern of EXISTS, to which no group around it belongs.
func (t *translator) exists(g *syntax.Group) Op {
	group, known := t.group, t.known
	t.group, t.known = nil, nil
	op := t.pattern(g)
	t.group, t.known = group, known
	return op
}

func (t *translator) setFunction(e *syntax.Aggregate) Expr {
	a := Aggregation{Func: e.Name, Distinct: e.Distinct}
	if e.Arg != nil {
		a.Arg = t.expr(e.Arg)
	}
	if e.Name == "GROUP_CONCAT" {
		a.Separator = " "
		if e.Separator != nil {
			a.Separator = *e.Separator
		}
	}
	return t.aggregate(a)
}

// named translates an aggregate with an IRI.
func (t *translator) named(e *syntax.Call) Expr {
	if len(e.Args) != 1 {
		t.fail("aggregate %s has %d arguments, not 1", e.IRI.Term(), len(e.Args))
		return &VarExpr{}
	}
	return t.aggregate(Aggregation{Func: string(e.IRI), Distinct: true, Arg: t.expr(e.Args[0])})
}
