package algebra

import (
	"fmt"
	"strconv"

	"mocban/sparql/syntax"
)

// Translate makes the algebra of a query, as SPARQL 1.1, 18.2 says. It fails only for what
// the grammar allows and nobody can answer.
func Translate(q *syntax.Query) (*Query, error) {
	t := new(translator)
	a := &Query{Form: Form(q.Form), Base: q.Base, Version: q.Version, Dataset: dataset(q.Dataset)}
	a.Pattern = t.selection(&q.Select, q.Form)
	switch q.Form {
	case syntax.SelectForm:
		a.Vars = t.star(q.Vars())
	case syntax.ConstructForm:
		a.Template = t.template(q)
	case syntax.DescribeForm:
		if q.Star {
			a.Vars = names(q.Vars())
		}
		for _, n := range q.Describe {
			a.Describe = append(a.Describe, slot(n))
		}
	}
	if t.err != nil {
		return nil, t.err
	}
	return a, nil
}

func dataset(clauses []syntax.DatasetClause) *Dataset {
	if len(clauses) == 0 {
		return nil
	}
	d := new(Dataset)
	for _, c := range clauses {
		if c.Named {
			d.Named = append(d.Named, c.IRI)
		} else {
			d.Default = append(d.Default, c.IRI)
		}
	}
	return d
}

func names(vars []string) []Var {
	all := make([]Var, len(vars))
	for i, v := range vars {
		all[i] = Var(v)
	}
	return all
}

// A translator makes up variables: "..p1" between the steps of a path, "..a1" for an
// aggregate, "..k1" for a key of a group. Blank nodes of patterns are ".label", those of
// templates "..tlabel".
type translator struct {
	made int
	err  error

	// group takes the aggregates of the SELECT at hand; nil where there is no grouping.
	group *Group
	known map[string]Var // aggregates of group, by text

	selected []string // what the last * stood for, and the same as variables:
	project  []Var    // queries within queries often share it
}

// star returns what a SELECT selects.
func (t *translator) star(vars []string) []Var {
	if len(vars) == 0 {
		return []Var{}
	}
	if len(vars) != len(t.selected) || &vars[0] != &t.selected[0] {
		t.selected, t.project = vars, names(vars)
	}
	return t.project
}

func (t *translator) fresh(kind string) Var {
	t.made++
	return Var(".." + kind + strconv.Itoa(t.made))
}

func slot(n syntax.Node) Slot {
	switch {
	case n.Var != "":
		return Slot{Var: Var(n.Var)}
	case n.Triple != nil:
		t := &TriplePattern{slot(n.Triple.S), slot(n.Triple.P), slot(n.Triple.O)}
		if term, ok := ground(t); ok {
			return Slot{Term: term}
		}
		return Slot{Triple: t}
	case n.Term.IsBlank():
		return Slot{Var: Var("." + n.Term.Value())}
	}
	return Slot{Term: n.Term}
}

// template makes the triples of a CONSTRUCT.
func (t *translator) template(q *syntax.Query) []TriplePattern {
	triples := q.Template
	if q.Short {
		triples = nil
		for _, e := range q.Where.Elements {
			triples = append(triples, e.(*syntax.TriplesBlock).Triples...)
		}
	}
	all := make([]TriplePattern, len(triples))
	for i, tr := range triples {
		all[i] = TriplePattern{made(slot(tr.S)), made(slot(tr.P)), made(slot(tr.O))}
	}
	return all
}

// made turns the blank nodes of a slot into those of a template.
func made(s Slot) Slot {
	if s.Triple != nil {
		s.Triple = &TriplePattern{made(s.Triple.S), made(s.Triple.P), made(s.Triple.O)}
	}
	if s.Var != "" && s.Var[0] == '.' {
		s.Var = "..t" + s.Var[1:]
	}
	return s
}

// pattern translates a group graph pattern (18.2.2).
func (t *translator) pattern(g *syntax.Group) Op {
	op, filter := t.elements(g)
	return filtered(op, filter)
}

func filtered(op Op, filter Expr) Op {
	if filter == nil {
		return op
	}
	return &Filter{filter, op}
}

// join is Join, simplified: Z is the unit of it (18.2.2.8).
func join(left, right Op) Op {
	switch {
	case isUnit(left):
		return right
	case isUnit(right):
		return left
	}
	return &Join{left, right}
}

func isUnit(op Op) bool {
	b, ok := op.(*BGP)
	return ok && len(b.Patterns) == 0
}

// elements translates the elements of a group (18.2.2.6). The filters of the group, as one
// conjunction, are returned apart: OPTIONAL takes those of its own group and no others.
func (t *translator) elements(g *syntax.Group) (op Op, filter Expr) {
	op = &BGP{}
	var triples []TriplePattern // of the basic graph pattern at hand
	flush := func() {
		if len(triples) > 0 {
			op = join(op, &BGP{triples})
			triples = nil
		}
	}
	for _, e := range g.Elements {
		switch e := e.(type) {
		case *syntax.Filter:
			filter = and(filter, t.expr(e.Expr))
			continue // filters do not end a basic graph pattern
		case *syntax.TriplesBlock:
			for i := range e.Triples {
				tr := &e.Triples[i]
				if tr.Path == nil {
					triples = append(triples, TriplePattern{slot(tr.S), slot(tr.P), slot(tr.O)})
					continue
				}
				t.path(slot(tr.S), tr.Path, slot(tr.O), func(p TriplePattern) {
					triples = append(triples, p)
				}, func(p *Path) {
					flush()
					op = join(op, p)
				})
			}
			continue
		}
		flush()
		op = t.element(op, e)
	}
	flush()
	return op, filter
}

// and is the conjunction of two conditions; nil is true.
func and(a, b Expr) Expr {
	if a == nil {
		return b
	}
	return &Binary{"&&", a, b}
}

// element adds an element to what stands before it.
func (t *translator) element(before Op, e syntax.Element) Op {
	switch e := e.(type) {
	case *syntax.Optional:
		right, condition := t.elements(e.Group)
		return &LeftJoin{before, right, condition}
	case *syntax.Minus:
		return &Minus{before, t.pattern(e.Group)}
	case *syntax.Bind:
		return &Extend{before, Var(e.Var), t.expr(e.Expr)}
	case *syntax.Group:
		return join(before, t.pattern(e))
	case *syntax.Union:
		var u Op
		for i, g := range e.Groups {
			if i == 0 {
				u = t.pattern(g)
				continue
			}
			u = &Union{u, t.pattern(g)}
		}
		return join(before, u)
	case *syntax.GraphGroup:
		return join(before, &Graph{slot(e.Name), t.pattern(e.Group)})
	case *syntax.Service:
		return join(before, &Service{slot(e.Name), e.Silent, t.pattern(e.Group), e.Group.String()})
	case *syntax.SubSelect:
		return join(before, t.selection(&e.Select, syntax.SelectForm))
	case *syntax.Values:
		return join(before, values(e))
	}
	panic(fmt.Sprintf("no translation of %T", e)) // one of ours was forgotten
}

func values(v *syntax.Values) *Values { return &Values{names(v.Vars), v.Rows} }

// path translates a property path pattern (18.2.2.4). What it comes down to are triple
// patterns and paths, in order.
func (t *translator) path(s Slot, p *syntax.Path, o Slot, triple func(TriplePattern), path func(*Path)) {
	switch p.Op {
	case syntax.PathIRI:
		triple(TriplePattern{s, Slot{Term: p.IRI.Term()}, o})
	case syntax.PathInverse:
		t.path(o, p.Args[0], s, triple, path)
	case syntax.PathSequence:
		for i, step := range p.Args {
			end := o
			if i < len(p.Args)-1 {
				end = Slot{Var: t.fresh("p")}
			}
			t.path(s, step, end, triple, path)
			s = end
		}
	default:
		path(&Path{s, pathExpr(p), o})
	}
}

// pathExpr translates a property path expression (18.2.2.3).
func pathExpr(p *syntax.Path) PathExpr {
	switch p.Op {
	case syntax.PathIRI:
		return &PathIRI{p.IRI}
	case syntax.PathInverse:
		return &Inverse{pathExpr(p.Args[0])}
	case syntax.PathSequence:
		e := pathExpr(p.Args[0])
		for _, a := range p.Args[1:] {
			e = &Sequence{e, pathExpr(a)}
		}
		return e
	case syntax.PathAlternative:
		e := pathExpr(p.Args[0])
		for _, a := range p.Args[1:] {
			e = &Alternative{e, pathExpr(a)}
		}
		return e
	case syntax.PathZeroOrMore:
		return &ZeroOrMore{pathExpr(p.Args[0])}
	case syntax.PathOneOrMore:
		return &OneOrMore{pathExpr(p.Args[0])}
	case syntax.PathZeroOrOne:
		return &ZeroOrOne{pathExpr(p.Args[0])}
	}
	n := new(NegatedSet)
	for _, a := range p.Args {
		if a.Op == syntax.PathInverse {
			n.Backward = append(n.Backward, a.Args[0].IRI)
		} else {
			n.Forward = append(n.Forward, a.IRI)
		}
	}
	return n
}
