// Package ref answers queries as section 18 of SPARQL 1.1 says, word for word: slowly, in
// memory, and without a thought about how to be quicker. It is what the engine is compared
// with in tests, and nothing else imports it.
//
// What to hold in mind:
//
//   - Expressions are computed by package expr, as those of the engine are, so a function
//     that is wrong is wrong on both sides. The W3C's tests hold them.
//   - Multisets are slices of solutions. The order of a slice means something only behind
//     ORDER BY; [Solution.Rank] then tells which solutions ORDER BY leaves side by side.
//   - EXISTS is the one thing that the standard leaves open. Here the solution at hand is
//     joined with every pattern inside that mentions its variables, and seen by every
//     expression inside; subqueries and BIND to a variable of the solution are answered on
//     their own and joined. A blank node of the solution is itself, not a variable.
//   - Work is bounded by a number of solutions, since a query made by chance can ask for
//     more than there are atoms.
package ref

import (
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/expr"
	"mocban/sparql/expr/xsd"
	"mocban/sparql/syntax"
)

// A Solution is a solution mapping (18.1.8): RDF terms by variable. Variables that begin
// with a dot are blank nodes of patterns and other made-up ones.
type Solution struct {
	Terms map[algebra.Var]graph.Term

	// Rank is the place that ORDER BY gives the solution; equal ones share it.
	Rank int

	number uint64 // tells BNODE("x") of one solution from that of another
}

// get returns the term of a variable, or the zero Term.
func (s Solution) get(v algebra.Var) graph.Term { return s.Terms[v] }

// with returns the solution with one more variable.
func (s Solution) with(v algebra.Var, t graph.Term) Solution {
	terms := make(map[algebra.Var]graph.Term, len(s.Terms)+1)
	maps.Copy(terms, s.Terms)
	terms[v] = t
	s.Terms = terms
	return s
}

// compatible tells whether two solutions agree on the variables that both have (18.3).
func compatible(a, b Solution) bool {
	for v, t := range a.Terms {
		if u, ok := b.Terms[v]; ok && t != u {
			return false
		}
	}
	return true
}

// disjoint tells whether two solutions have no variable in common.
func disjoint(a, b Solution) bool {
	for v := range a.Terms {
		if _, ok := b.Terms[v]; ok {
			return false
		}
	}
	return true
}

// merge returns the union of two compatible solutions (18.3).
func merge(a, b Solution) Solution {
	terms := make(map[algebra.Var]graph.Term, len(a.Terms)+len(b.Terms))
	maps.Copy(terms, a.Terms)
	maps.Copy(terms, b.Terms)
	return Solution{Terms: terms}
}

// A Result is what a query gives. Which fields are set depends on the form.
type Result struct {
	Form      algebra.Form
	Vars      []algebra.Var
	Solutions []Solution
	Boolean   bool
	Triples   []graph.Triple

	// Chosen is set if the standard allows other answers, too: LIMIT and OFFSET cut between
	// solutions that nothing orders, SAMPLE, MIN or MAX had a choice, GROUP_CONCAT an order,
	// or REDUCED stands within the query.
	Chosen bool
}

// Rows returns the solutions as rows of terms, in the order of Vars.
func (r *Result) Rows() [][]graph.Term {
	rows := make([][]graph.Term, len(r.Solutions))
	for i, s := range r.Solutions {
		rows[i] = s.Row(r.Vars)
	}
	return rows
}

// Row returns the terms of variables, the zero Term for what is unbound.
func (s Solution) Row(vars []algebra.Var) []graph.Term {
	row := make([]graph.Term, len(vars))
	for i, v := range vars {
		row[i] = s.get(v)
	}
	return row
}

// ErrTooMuch tells that a query was given up, since it makes too many solutions.
var ErrTooMuch = errors.New("too many solutions for a test")

// ErrService tells that a query asks another endpoint.
var ErrService = errors.New("SERVICE is not answered here")

// DefaultWork is how many steps a query may take if Options do not say.
const DefaultWork = 5_000_000

// Options are those of a run. The zero value is ready.
type Options struct {
	Work int // steps, about one for each triple or solution looked at
}

// Run answers a query from a dataset. DESCRIBE gives the solutions only, as what it describes
// is for the engine to say.
func Run(q *algebra.Query, d *Dataset, o Options) (*Result, error) {
	e := &evaluator{dataset: d.from(q.Dataset), left: o.Work}
	if e.left == 0 {
		e.left = DefaultWork
	}
	e.env = expr.Env{
		Now:      xsd.DateTime{Seconds: time.Now().Unix()},
		Rand:     rand.New(rand.NewPCG(1, 2)),
		Blanks:   &expr.Blanks{Prefix: "ref"},
		Patterns: new(expr.Patterns),
		Strict:   syntax.Strict(q.Version),
		Resolve:  func(ref string) (graph.IRI, error) { return q.Base.Resolve(ref) },
	}
	solutions := e.eval(q.Pattern, scope{graph: e.dataset.Default})
	r := &Result{Form: q.Form, Vars: q.Vars, Solutions: solutions}
	switch q.Form {
	case algebra.Ask:
		r.Boolean = len(solutions) > 0
	case algebra.Construct:
		r.Triples = e.construct(q.Template, solutions)
	}
	if e.err == nil {
		e.err = e.env.Err()
	}
	if e.err != nil {
		return nil, e.err
	}
	r.Chosen = e.chosen
	return r, nil
}

// An evaluator answers one query.
type evaluator struct {
	dataset *Dataset
	env     expr.Env
	left    int // work that may still be done
	numbers uint64
	chosen  bool // see Result
	err     error
}

// A scope is what eval(D(G), ...) depends on beside the dataset D: the active graph G, and
// within EXISTS the solution at hand.
type scope struct {
	graph *Graph
	outer Solution
}

// alone returns the scope as a subquery sees it.
func (s scope) alone() scope { return scope{graph: s.graph} }

// spend notes work and tells whether the query may go on.
func (e *evaluator) spend(n int) bool {
	if e.left -= n; e.left < 0 && e.err == nil {
		e.err = ErrTooMuch
	}
	return e.err == nil
}

// fresh gives a new solution a number of its own.
func (e *evaluator) fresh(s Solution) Solution {
	e.numbers++
	s.number = e.numbers
	return s
}

// construct makes the graph of a CONSTRUCT (16.2): the template for each solution, with
// blank nodes of its own, without what is no triple.
func (e *evaluator) construct(template []algebra.TriplePattern, solutions []Solution) []graph.Triple {
	var triples []graph.Triple
	known := map[graph.Triple]bool{}
	for _, s := range solutions {
		blanks := map[algebra.Var]graph.Term{}
		term := func(v algebra.Var) graph.Term {
			if v[0] != '.' {
				return s.get(v)
			}
			if _, ok := blanks[v]; !ok {
				blanks[v] = graph.Blank(e.env.Blanks.Fresh())
			}
			return blanks[v]
		}
		for _, p := range template {
			t, ok := instance(p, term)
			if ok && !known[t] && e.spend(1) {
				known[t] = true
				triples = append(triples, t)
			}
		}
	}
	return triples
}

// instance replaces the variables of a triple pattern. It is false for what RDF has no such
// triple of.
func instance(p algebra.TriplePattern, term func(algebra.Var) graph.Term) (t graph.Triple, ok bool) {
	s, p2, o := fill(p.S, term), fill(p.P, term), fill(p.O, term)
	iri, isIRI := p2.IRI()
	if !isIRI || !s.IsIRI() && !s.IsBlank() || o.IsZero() {
		return t, false
	}
	return graph.Triple{S: s, P: iri, O: o}, true
}

// fill returns the term that a slot is for the terms of variables, or the zero Term.
func fill(s algebra.Slot, term func(algebra.Var) graph.Term) graph.Term {
	switch {
	case s.IsVar():
		return term(s.Var)
	case s.Triple == nil:
		return s.Term
	}
	if t, ok := instance(*s.Triple, term); ok {
		return graph.TripleTerm(t)
	}
	return graph.Term{}
}

// sortedGraphs returns names in a fixed order, so that one query gives one answer.
func sortedGraphs(named map[graph.Term]*Graph) []graph.Term {
	return slices.SortedFunc(maps.Keys(named), graph.Compare)
}
