package algebra

import (
	"strconv"

	"mocban/graph"
)

// ExpandTriples returns an equal query whose patterns hold no triple terms with variables: one
// is a variable of its own, of which SUBJECT, PREDICATE and OBJECT are asked (SPARQL 1.2,
// 18.3). Whoever can match triple terms as they are has no need of it. The template stays.
func ExpandTriples(q *Query) *Query {
	out := *q
	made := 0
	out.Pattern = Rewrite(q.Pattern, func(op Op) Op {
		if p, ok := op.(*Path); ok && (p.S.Triple != nil || p.O.Triple != nil) {
			x := &expander{made: &made, bound: map[Var]bool{}}
			return x.path(*p)
		}
		b, ok := op.(*BGP)
		if !ok {
			return op
		}
		var plain []TriplePattern
		var rest Op = &BGP{}
		for _, t := range b.Patterns {
			if t.S.Triple == nil && t.O.Triple == nil {
				plain = append(plain, t)
				continue
			}
			x := &expander{made: &made, bound: map[Var]bool{}}
			rest = join(rest, x.pattern(t))
		}
		return join(&BGP{plain}, rest)
	})
	return &out
}

// An expander expands one triple pattern, or one path.
type expander struct {
	made  *int
	bound map[Var]bool
	op    Op
}

func (x *expander) pattern(t TriplePattern) Op {
	return x.slots(func() Op { return &BGP{[]TriplePattern{t}} }, &t.S, &t.P, &t.O)
}

func (x *expander) path(p Path) Op {
	return x.slots(func() Op { return &p }, &p.S, &p.O)
}

// slots puts variables for the triple terms of slots, makes what they are slots of, and
// matches the parts of the variables.
func (x *expander) slots(op func() Op, slots ...*Slot) Op {
	var terms []TriplePattern // triple terms, and the variables in the place of them
	var vars []Var
	for _, s := range slots {
		if s.Triple != nil {
			*x.made++
			v := Var("..q" + strconv.Itoa(*x.made))
			terms, vars = append(terms, *s.Triple), append(vars, v)
			*s = Slot{Var: v}
		}
		if s.Var != "" {
			x.bound[s.Var] = true
		}
	}
	x.op = op()
	for i, inner := range terms {
		x.parts(vars[i], inner)
	}
	return x.op
}

// parts matches the parts of the triple term that a variable is.
func (x *expander) parts(v Var, t TriplePattern) {
	x.op = &Filter{&Call{Name: "ISTRIPLE", Args: []Expr{&VarExpr{v}}}, x.op}
	for _, part := range []struct {
		name string
		slot Slot
	}{{"SUBJECT", t.S}, {"PREDICATE", t.P}, {"OBJECT", t.O}} {
		value := &Call{Name: part.name, Args: []Expr{&VarExpr{v}}}
		switch s := part.slot; {
		case s.Triple != nil:
			*x.made++
			inner := Var("..q" + strconv.Itoa(*x.made))
			x.op = &Extend{x.op, inner, value}
			x.parts(inner, *s.Triple)
		case s.Var == "":
			x.op = &Filter{&Call{Name: "SAMETERM", Args: []Expr{value, &TermExpr{s.Term}}}, x.op}
		case x.bound[s.Var]:
			x.op = &Filter{&Call{Name: "SAMETERM", Args: []Expr{value, &VarExpr{s.Var}}}, x.op}
		default:
			x.bound[s.Var] = true
			x.op = &Extend{x.op, s.Var, value}
		}
	}
}

// ground returns a triple term without variables as a term.
func ground(t *TriplePattern) (term graph.Term, ok bool) {
	p, isIRI := t.P.Term.IRI()
	tr := graph.Triple{S: t.S.Term, P: p, O: t.O.Term}
	if !isIRI || tr.In(graph.Term{}).Check() != nil {
		return graph.Term{}, false
	}
	return graph.TripleTerm(tr), true
}
