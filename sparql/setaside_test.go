package sparql_test

import (
	"fmt"
	"slices"

	"mocban/graph"
	"mocban/sparql/syntax"
)

// A reading is something that another engine is known to do otherwise than the standard says.
// SetAside writes a query anew so that this no longer matters, whatever else it asks: if the two
// engines then agree, and did not before, the reading is why. A change need not keep what the
// query asks, since both are asked the new one. It tells whether it changed anything.
type reading struct {
	why      string
	setAside func(q *syntax.Query) bool
}

// unused gives names of variables that queries do not have.
type unused int

func (u *unused) name() string { *u++; return fmt.Sprint("aside", int(*u)) }

func iriPath(iri graph.IRI) *syntax.Path { return &syntax.Path{Op: syntax.PathIRI, IRI: iri} }

// oxigraphReadings are those of Oxigraph 0.5.
var oxigraphReadings = []reading{
	{"refuses the empty negated property set !() (SPARQL 1.1, 19.8, [95])", func(q *syntax.Query) bool {
		return eachPath(q, func(p *syntax.Path) bool {
			if p.Op != syntax.PathNegated || len(p.Args) > 0 {
				return false
			}
			p.Args = []*syntax.Path{iriPath("urn:none")}
			return true
		})
	}},
	{"refuses to select a key (?x AS ?k) of GROUP BY (SPARQL 1.1, 19.8, [20]; 11.4)", func(q *syntax.Query) bool {
		return eachSelect(q, func(s *syntax.Select) (changed bool) {
			for i, k := range s.GroupBy {
				if _, isVar := k.Expr.(*syntax.VarExpr); isVar && k.Var != "" {
					s.GroupBy[i].Expr, changed = call("COALESCE", k.Expr), true
				}
			}
			return changed
		})
	}},
	{"counts the ways of an alternative, and of a path between two known terms, once (SPARQL 1.1, 9.3; 18.4)", pathsOnce},
	{"finds no path of no steps between terms that are not in the graph (SPARQL 1.1, 18.4, ZeroLengthPath)", func(q *syntax.Query) bool {
		return eachPath(q, func(p *syntax.Path) bool {
			switch p.Op {
			case syntax.PathZeroOrMore:
				p.Op = syntax.PathOneOrMore
			case syntax.PathZeroOrOne:
				*p = *p.Args[0]
			default:
				return false
			}
			return true
		})
	}},
	{"has triples twice in the merge of graphs of FROM (SPARQL 1.1, 13.2.1; RDF 1.1 Concepts, 3: a graph is a set)", func(q *syntax.Query) bool {
		var kept []syntax.DatasetClause
		one := false
		for _, c := range q.Dataset {
			if c.Named || !one {
				kept = append(kept, c)
			}
			one = one || !c.Named
		}
		changed := len(kept) < len(q.Dataset)
		q.Dataset = kept
		return changed
	}},
	{"compares a term with itself by <= and >=, of whatever kind it is (SPARQL 1.1, 17.3)", func(q *syntax.Query) bool {
		return eachExpr(q, func(e *syntax.Expr) bool {
			b, ok := (*e).(*syntax.Binary)
			if !ok || b.Op != "<" && b.Op != "<=" && b.Op != ">" && b.Op != ">=" {
				return false
			}
			*e = call("IF", call("SAMETERM", b.Left, b.Right), failing, b)
			return true
		})
	}},
	{"loses the one group of no rows (SPARQL 1.1, 11.2; 18.5.1)", func(q *syntax.Query) bool {
		return eachSelect(q, func(s *syntax.Select) bool {
			if len(s.GroupBy) > 0 || !aggregating(s) {
				return false
			}
			s.GroupBy = []syntax.GroupKey{{Expr: number(1), Var: aside.name()}}
			return true
		})
	}},
	{"takes an error in COUNT and MAX for the error of all of it (SPARQL 1.1, 11.2, 18.5.1.2: errors are not counted; 18.5.1.6, 15.1: they are lowest)", func(q *syntax.Query) bool {
		return eachExpr(q, func(e *syntax.Expr) bool {
			a, ok := (*e).(*syntax.Aggregate)
			if !ok || a.Name != "MAX" && a.Name != "COUNT" || a.Arg == nil {
				return false
			}
			a.Arg = call("COALESCE", a.Arg, number(0)) // which is counted, by both
			return true
		})
	}},
	{"tells solutions apart by the blank nodes of patterns in COUNT(DISTINCT *) (SPARQL 1.1, 18.3.1: a solution has variables only)", func(q *syntax.Query) bool {
		counts := eachExpr(q, func(e *syntax.Expr) bool {
			a, ok := (*e).(*syntax.Aggregate)
			return ok && a.Distinct && a.Arg == nil
		})
		return counts && unblankAll(q)
	}},
	{"asks for the value on the left of IN (), with which nothing is compared (SPARQL 1.1, 17.4.1.9)", func(q *syntax.Query) bool {
		return eachExpr(q, func(e *syntax.Expr) bool {
			in, ok := (*e).(*syntax.In)
			if !ok || len(in.Items) > 0 {
				return false
			}
			*e = &syntax.Binary{Op: "=", Left: number(1), Right: number(map[bool]int{false: 2, true: 1}[in.Not])}
			return true
		})
	}},
	{"makes one node of BNODE of a text for all solutions (SPARQL 1.1, 17.4.2.9)", func(q *syntax.Query) bool {
		return eachExpr(q, func(e *syntax.Expr) bool {
			c, ok := (*e).(*syntax.Call)
			if !ok || c.Name != "BNODE" || len(c.Args) == 0 {
				return false
			}
			*e = call("STR", c.Args[0])
			return true
		})
	}},
	{"fails where a triple term would have a subject that cannot be one (SPARQL 1.1, 18.3.1: what is no triple is in no graph)", func(q *syntax.Query) bool {
		return eachTriple(q, func(t *syntax.Triple) (changed bool) {
			for _, n := range []*syntax.Node{&t.S, &t.O} {
				if n.Triple != nil {
					*n, changed = syntax.Node{Var: aside.name()}, true
				}
			}
			return changed
		})
	}},
	{"answers GRAPH of a name that is no graph, if no triples are asked for there (SPARQL 1.1, 18.6, Graph)", func(q *syntax.Query) bool {
		return eachGraph(q, func(g *syntax.GraphGroup) bool {
			any := syntax.Triple{S: syntax.Node{Var: aside.name()}, P: syntax.Node{Var: aside.name()}, O: syntax.Node{Var: aside.name()}}
			block := &syntax.Group{Elements: []syntax.Element{&syntax.TriplesBlock{Triples: []syntax.Triple{any}}}}
			g.Group.Elements = append([]syntax.Element{block}, g.Group.Elements...)
			return true
		})
	}},
	{"takes ?g for a variable that both sides of MINUS within GRAPH ?g have (SPARQL 1.1, 18.5, Minus; 18.6, Graph)", func(q *syntax.Query) bool {
		return eachGraph(q, func(g *syntax.GraphGroup) bool {
			if !g.Name.IsVar() {
				return false
			}
			isMinus := func(e syntax.Element) bool { _, ok := e.(*syntax.Minus); return ok }
			return eachGroup(&syntax.Query{Select: syntax.Select{Where: g.Group}}, func(g *syntax.Group) bool {
				found := slices.ContainsFunc(g.Elements, isMinus)
				g.Elements = slices.DeleteFunc(g.Elements, isMinus)
				return found
			})
		})
	}},
	{"asks a subquery within GRAPH ?g of all graphs, not of the same (SPARQL 1.1, 18.6, Graph)", func(q *syntax.Query) bool {
		return eachGraph(q, selectName)
	}},
	{"sees within GRAPH what is bound outside: its own name, and variables of which the group has no pattern (SPARQL 1.1, 18.6, Graph; 18.2.2)", func(q *syntax.Query) bool {
		return eachGraph(q, hideOuter)
	}},
}

// selectName selects the name of GRAPH in the subqueries within: it is not bound there by the
// standard, and so says nothing.
func selectName(g *syntax.GraphGroup) (changed bool) {
	if !g.Name.IsVar() {
		return false
	}
	w := walker{selects: func(s *syntax.Select) {
		if s.Star || len(s.GroupBy) > 0 || aggregating(s) || slices.ContainsFunc(s.Items, func(i syntax.Item) bool { return i.Var == g.Name.Var }) {
			return
		}
		s.Items, changed = append(s.Items, syntax.Item{Var: g.Name.Var}), true
	}}
	w.pattern(g.Group)
	return changed
}

// hideOuter puts variables that nothing binds in the place of those that expressions within
// GRAPH should not see, and another name in the place of one that stands within, too.
func hideOuter(g *syntax.GraphGroup) (changed bool) {
	rename := func(e *syntax.Expr, which func(string) bool) {
		if v, ok := (*e).(*syntax.VarExpr); ok && which(v.Var) {
			*e, changed = &syntax.VarExpr{Var: aside.name()}, true
		}
	}
	bound := map[string]bool{}
	w := walker{selects: func(s *syntax.Select) {
		for _, i := range s.Items {
			bound[i.Var] = true
		}
	}, group: func(g *syntax.Group) {
		for _, e := range g.Elements {
			switch e := e.(type) {
			case *syntax.TriplesBlock:
				for _, t := range e.Triples {
					mention(t, bound)
				}
			case *syntax.Bind:
				bound[e.Var] = true
			case *syntax.Values:
				for _, v := range e.Vars {
					bound[v] = true
				}
			case *syntax.GraphGroup:
				bound[e.Name.Var] = true
			}
		}
	}}
	w.pattern(g.Group)
	if g.Name.IsVar() && (bound[g.Name.Var] || mentioned(g.Group, g.Name.Var)) {
		g.Name, changed = syntax.Node{Var: aside.name()}, true
	}
	own := walker{shallow: true, expr: func(e *syntax.Expr) { rename(e, func(v string) bool { return !bound[v] }) }}
	for _, e := range g.Group.Elements {
		switch e := e.(type) {
		case *syntax.Filter:
			own.value(&e.Expr)
		case *syntax.Bind:
			own.value(&e.Expr)
		}
	}
	return changed
}

// mentioned tells whether an expression within a group has a variable.
func mentioned(g *syntax.Group, name string) (found bool) {
	w := walker{expr: func(e *syntax.Expr) {
		v, ok := (*e).(*syntax.VarExpr)
		found = found || ok && v.Var == name
	}}
	w.pattern(g)
	return found
}

func mention(t syntax.Triple, names map[string]bool) {
	for _, n := range []syntax.Node{t.S, t.P, t.O} {
		names[n.Var] = true
		if n.Triple != nil {
			mention(*n.Triple, names)
		}
	}
}

var aside unused

// failing is an expression that is always an error.
var failing = &syntax.Binary{Op: "+", Left: text("no"), Right: number(1)}

func call(name string, args ...syntax.Expr) *syntax.Call {
	return &syntax.Call{Name: name, Args: args}
}

func text(s string) syntax.Expr { return &syntax.TermExpr{Term: graph.String(s)} }

func number(n int) syntax.Expr {
	return &syntax.TermExpr{Term: graph.Literal(fmt.Sprint(n), "http://www.w3.org/2001/XMLSchema#integer")}
}

// pathsOnce makes each path a subquery with DISTINCT. Blank nodes become variables first, since a
// label may not stand in two patterns.
func pathsOnce(q *syntax.Query) bool {
	unblankAll(q)
	changed := eachGroup(q, func(g *syntax.Group) (changed bool) {
		var out []syntax.Element
		for _, e := range g.Elements {
			b, ok := e.(*syntax.TriplesBlock)
			if !ok {
				out = append(out, e)
				continue
			}
			rest := &syntax.TriplesBlock{}
			var paths []syntax.Element
			for _, t := range b.Triples {
				if t.Path == nil || t.S.Triple != nil || t.O.Triple != nil {
					rest.Triples = append(rest.Triples, t)
					continue
				}
				changed = true
				s := syntax.Select{Distinct: true, Limit: syntax.NoLimit, Where: &syntax.Group{Elements: []syntax.Element{&syntax.TriplesBlock{Triples: []syntax.Triple{t}}}}}
				for _, n := range []syntax.Node{t.S, t.O} {
					if n.IsVar() && (len(s.Items) == 0 || s.Items[0].Var != n.Var) {
						s.Items = append(s.Items, syntax.Item{Var: n.Var})
					}
				}
				if len(s.Items) == 0 {
					s.Items = []syntax.Item{{Expr: number(1), Var: aside.name()}}
				}
				paths = append(paths, &syntax.Group{Elements: []syntax.Element{&syntax.SubSelect{Select: s}}})
			}
			if len(rest.Triples) > 0 {
				out = append(out, rest)
			}
			out = append(out, paths...)
		}
		g.Elements = out
		return changed
	})
	if changed {
		eachGraph(q, selectName)
	}
	return changed
}

// unblankAll makes variables of the blank nodes of patterns.
func unblankAll(q *syntax.Query) bool {
	names := map[graph.Term]string{}
	return eachTriple(q, func(t *syntax.Triple) bool {
		a, b := unblank(&t.S, names), unblank(&t.O, names)
		return a || b
	})
}

func unblank(n *syntax.Node, names map[graph.Term]string) bool {
	switch {
	case n.Triple != nil:
		a, b := unblank(&n.Triple.S, names), unblank(&n.Triple.O, names)
		return a || b
	case !n.Term.IsBlank():
		return false
	case names[n.Term] == "":
		names[n.Term] = aside.name()
	}
	*n = syntax.Node{Var: names[n.Term]}
	return true
}

// aggregating tells whether a SELECT has a set function of its own.
func aggregating(s *syntax.Select) (found bool) {
	w := walker{expr: func(e *syntax.Expr) {
		if _, ok := (*e).(*syntax.Aggregate); ok {
			found = true
		}
	}, shallow: true}
	w.exprs(s)
	return found
}

// A walker visits the parts of a query, those inside before what holds them.
type walker struct {
	selects func(*syntax.Select)
	group   func(*syntax.Group)
	expr    func(*syntax.Expr)
	shallow bool // groups within expressions are left out
}

func each[T any](q *syntax.Query, set func(*walker, func(T)), f func(T) bool) (changed bool) {
	w := new(walker)
	set(w, func(x T) { changed = f(x) || changed })
	w.selection(&q.Select)
	return changed
}

func eachSelect(q *syntax.Query, f func(*syntax.Select) bool) bool {
	return each(q, func(w *walker, f func(*syntax.Select)) { w.selects = f }, f)
}

func eachGroup(q *syntax.Query, f func(*syntax.Group) bool) bool {
	return each(q, func(w *walker, f func(*syntax.Group)) { w.group = f }, f)
}

func eachExpr(q *syntax.Query, f func(*syntax.Expr) bool) bool {
	return each(q, func(w *walker, f func(*syntax.Expr)) { w.expr = f }, f)
}

func eachGraph(q *syntax.Query, f func(*syntax.GraphGroup) bool) bool {
	return eachGroup(q, func(g *syntax.Group) (changed bool) {
		for _, e := range g.Elements {
			if g, ok := e.(*syntax.GraphGroup); ok {
				changed = f(g) || changed
			}
		}
		return changed
	})
}

func eachTriple(q *syntax.Query, f func(*syntax.Triple) bool) bool {
	return eachGroup(q, func(g *syntax.Group) (changed bool) {
		for _, e := range g.Elements {
			if b, ok := e.(*syntax.TriplesBlock); ok {
				for i := range b.Triples {
					changed = f(&b.Triples[i]) || changed
				}
			}
		}
		return changed
	})
}

func eachPath(q *syntax.Query, f func(*syntax.Path) bool) bool {
	var path func(p *syntax.Path) bool
	path = func(p *syntax.Path) (changed bool) {
		for _, a := range p.Args {
			changed = path(a) || changed
		}
		return f(p) || changed
	}
	return eachTriple(q, func(t *syntax.Triple) bool { return t.Path != nil && path(t.Path) })
}

func (w *walker) selection(s *syntax.Select) {
	if s.Where != nil {
		w.pattern(s.Where)
	}
	w.exprs(s)
	if w.selects != nil {
		w.selects(s)
	}
}

// exprs visits the expressions of a SELECT, but not those of its pattern.
func (w *walker) exprs(s *syntax.Select) {
	for i := range s.Items {
		w.value(&s.Items[i].Expr)
	}
	for i := range s.GroupBy {
		w.value(&s.GroupBy[i].Expr)
	}
	for i := range s.Having {
		w.value(&s.Having[i])
	}
	for i := range s.OrderBy {
		w.value(&s.OrderBy[i].Expr)
	}
}

func (w *walker) pattern(g *syntax.Group) {
	for _, e := range g.Elements {
		switch e := e.(type) {
		case *syntax.Group:
			w.pattern(e)
		case *syntax.SubSelect:
			w.selection(&e.Select)
		case *syntax.Union:
			for _, part := range e.Groups {
				w.pattern(part)
			}
		case *syntax.Optional:
			w.pattern(e.Group)
		case *syntax.Minus:
			w.pattern(e.Group)
		case *syntax.GraphGroup:
			w.pattern(e.Group)
		case *syntax.Service:
			w.pattern(e.Group)
		case *syntax.Filter:
			w.value(&e.Expr)
		case *syntax.Bind:
			w.value(&e.Expr)
		}
	}
	if w.group != nil {
		w.group(g)
	}
}

func (w *walker) value(e *syntax.Expr) {
	switch x := (*e).(type) {
	case nil:
		return
	case *syntax.Unary:
		w.value(&x.Arg)
	case *syntax.Binary:
		w.value(&x.Left)
		w.value(&x.Right)
	case *syntax.In:
		w.value(&x.Arg)
		for i := range x.Items {
			w.value(&x.Items[i])
		}
	case *syntax.Call:
		for i := range x.Args {
			w.value(&x.Args[i])
		}
	case *syntax.Aggregate:
		w.value(&x.Arg)
	case *syntax.TripleExpr:
		w.value(&x.S)
		w.value(&x.P)
		w.value(&x.O)
	case *syntax.Exists:
		if !w.shallow {
			w.pattern(x.Group)
		}
	}
	if w.expr != nil {
		w.expr(e)
	}
}
