package ref

import (
	"fmt"
	"slices"

	"mocban/graph"
	"mocban/sparql/algebra"
)

// A pair is where a path begins and ends.
type pair struct{ from, to graph.Term }

// An end is an end of a path: a term, or free if it is the zero Term.
type end = graph.Term

// path is the evaluation of a property path pattern (18.4). Within EXISTS, a variable of the
// solution at hand is its term.
func (e *evaluator) path(op *algebra.Path, sc scope) (all []Solution) {
	bound := func(s algebra.Slot) end {
		if !s.IsVar() {
			return s.Term
		}
		return sc.outer.get(s.Var)
	}
	for _, p := range e.walk(bound(op.S), op.Path, bound(op.O), sc.graph) {
		s, ok := matchSlot(op.S, p.from, Solution{}, Solution{})
		if ok {
			s, ok = matchSlot(op.O, p.to, s, Solution{})
		}
		if ok && e.spend(1) {
			all = append(all, e.fresh(s))
		}
	}
	return all
}

// walk is eval(Path(x, p, y)) of 18.4 for terms or variables x and y, the ends of the
// solutions.
func (e *evaluator) walk(x end, p algebra.PathExpr, y end, g *Graph) []pair {
	if e.err != nil {
		return nil
	}
	switch p := p.(type) {
	case *algebra.PathIRI:
		return e.steps(x, y, g, func(iri graph.IRI) bool { return iri == p.IRI })
	case *algebra.Inverse:
		return turned(e.walk(y, p.Path, x, g))
	case *algebra.Sequence:
		return e.sequence(x, p, y, g)
	case *algebra.Alternative:
		return append(e.walk(x, p.Left, y, g), e.walk(x, p.Right, y, g)...)
	case *algebra.ZeroOrOne:
		return e.zeroOrOne(x, p, y, g)
	case *algebra.ZeroOrMore:
		return e.closure(x, y, g, func(n graph.Term) []graph.Term { return e.reach(n, p.Path, g) })
	case *algebra.OneOrMore:
		return e.closure(x, y, g, func(n graph.Term) []graph.Term { return e.reachOne(n, p.Path, g) })
	case *algebra.NegatedSet:
		return e.negated(x, p, y, g)
	}
	panic(fmt.Sprintf("no evaluation of %T", p)) // one of ours was forgotten
}

// steps gives the ends of the triples whose predicate is one that is asked for.
func (e *evaluator) steps(x, y end, g *Graph, predicate func(graph.IRI) bool) (all []pair) {
	for _, t := range g.Triples {
		if !e.spend(1) {
			return nil
		}
		if predicate(t.P) && (x.IsZero() || x == t.S) && (y.IsZero() || y == t.O) {
			all = append(all, pair{t.S, t.O})
		}
	}
	return all
}

func turned(pairs []pair) []pair {
	for i, p := range pairs {
		pairs[i] = pair{p.to, p.from}
	}
	return pairs
}

// sequence joins two paths over a fresh variable, which is then projected away.
func (e *evaluator) sequence(x end, p *algebra.Sequence, y end, g *Graph) (all []pair) {
	left := e.walk(x, p.Left, end{}, g)
	right := e.walk(end{}, p.Right, y, g)
	for _, a := range left {
		for _, b := range right {
			if !e.spend(1) {
				return nil
			}
			if a.to == b.from {
				all = append(all, pair{a.from, b.to})
			}
		}
	}
	return all
}

// zeroOrOne is ZeroOrOnePath: a term reaches itself, known to the graph or not; a variable at
// both ends is any node of the graph. It is a set.
func (e *evaluator) zeroOrOne(x end, p *algebra.ZeroOrOne, y end, g *Graph) []pair {
	all := e.walk(x, p.Path, y, g)
	switch {
	case !x.IsZero() && !y.IsZero():
		if x == y {
			all = append(all, pair{x, y})
		}
	case !x.IsZero():
		all = append(all, pair{x, x})
	case !y.IsZero():
		all = append(all, pair{y, y})
	default:
		for _, n := range g.nodes() {
			all = append(all, pair{n, n})
		}
	}
	return unique(all)
}

func unique(pairs []pair) (all []pair) {
	known := map[pair]bool{}
	for _, p := range pairs {
		if !known[p] {
			known[p] = true
			all = append(all, p)
		}
	}
	return all
}

// closure evaluates ZeroOrMorePath and OneOrMorePath, given what they reach from a term. From
// a variable they begin at any node of the graph; but if only the other end is a term, the
// inverse path begins there, and for OneOrMorePath that comes to the same.
func (e *evaluator) closure(x, y end, g *Graph, reach func(graph.Term) []graph.Term) (all []pair) {
	starts := []graph.Term{x}
	if x.IsZero() {
		starts = g.nodes()
		if !y.IsZero() && !slices.Contains(starts, y) {
			starts = append(starts, y)
		}
	}
	for _, start := range starts {
		for _, n := range reach(start) {
			if y.IsZero() || y == n {
				all = append(all, pair{start, n})
			}
		}
	}
	return all
}

// reach is ALP(x, path) of 18.4.
func (e *evaluator) reach(x graph.Term, p algebra.PathExpr, g *Graph) []graph.Term {
	v := new(visited)
	e.alp(x, p, v, g)
	return v.order
}

// reachOne is what OneOrMorePath reaches from a term.
func (e *evaluator) reachOne(x graph.Term, p algebra.PathExpr, g *Graph) []graph.Term {
	v := new(visited)
	for _, step := range e.walk(x, p, end{}, g) {
		e.alp(step.to, p, v, g)
	}
	return v.order
}

type visited struct {
	known map[graph.Term]bool
	order []graph.Term
}

// alp is ALP(x, path, V) of 18.4.
func (e *evaluator) alp(x graph.Term, p algebra.PathExpr, v *visited, g *Graph) {
	if v.known[x] || !e.spend(1) {
		return
	}
	if v.known == nil {
		v.known = map[graph.Term]bool{}
	}
	v.known[x] = true
	v.order = append(v.order, x)
	for _, step := range e.walk(x, p, end{}, g) {
		e.alp(step.to, p, v, g)
	}
}

// negated is NegatedPropertySet, and its inverse for what stands behind ^ (18.2.2.3, 18.4).
func (e *evaluator) negated(x end, p *algebra.NegatedSet, y end, g *Graph) (all []pair) {
	if len(p.Forward) > 0 || len(p.Backward) == 0 {
		all = e.steps(x, y, g, func(iri graph.IRI) bool { return !slices.Contains(p.Forward, iri) })
	}
	if len(p.Backward) > 0 {
		all = append(all, turned(e.steps(y, x, g, func(iri graph.IRI) bool { return !slices.Contains(p.Backward, iri) }))...)
	}
	return all
}
