package sparql

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/exec"
	"mocban/sparql/plan"
	"mocban/sparql/syntax"
)

// A form letter is what queries of one shape share (syntax.ShapeOf): programs ask the same
// question again and again, about another record each time. Such a query need not be read
// again, and can run by the plan of an earlier one if the counts that the plan was made from
// are about the same for its own terms.
//
// A term is a parameter if it stands only where triples and paths have subjects and objects,
// in VALUES, and in what CONSTRUCT and DESCRIBE make: there another term changes the answer
// and not what has to be done. All other terms must be the same.
type letter struct {
	algebra  *algebra.Query // of the first query
	params   []graph.Term   // of the first query, different ones
	listed   []bool         // which of them stand only in VALUES, so that the store need not know them
	at       []int          // which parameter each term of the shape is, -1 for none
	others   map[graph.Term]bool
	volatile bool
	unknown  []graph.IRI // functions that do not exist

	mu    sync.Mutex
	plans []*letterPlan // used last first
}

// A letterPlan is a plan with runs of it that have ended.
type letterPlan struct {
	*plan.Template
	spare exec.Spare
}

// maxLetters is how many letters an engine keeps, maxOfShape how many of one shape, and maxPlans how
// many plans of one letter.
const (
	maxLetters = 2048
	maxOfShape = 128
	maxPlans   = 4
)

// letters are those that an engine knows.
type letters struct {
	mu    sync.Mutex
	known map[string]*shaped
	n     int
}

// shaped are the letters of one shape. Which terms are parameters is found out from the first
// one; the others are told apart by the rest of their terms.
type shaped struct {
	fixed   []int // places of terms that are no parameters
	letters map[string]*letter
}

// find returns the letter of a shape and its parameters, nil if it is not known.
func (l *letters) find(key string, terms []graph.Term) (*letter, []graph.Term) {
	l.mu.Lock()
	s := l.known[key]
	var found *letter
	if s != nil {
		found = s.letters[fixedKey(s.fixed, terms)]
	}
	l.mu.Unlock()
	if found == nil {
		return nil, nil
	}
	params := found.bind(terms)
	if params == nil {
		return nil, nil
	}
	return found, params
}

func fixedKey(fixed []int, terms []graph.Term) string {
	switch len(fixed) {
	case 0:
		return ""
	case 1:
		return terms[fixed[0]].Value()
	}
	var b strings.Builder
	for _, i := range fixed {
		b.WriteString(terms[i].Value())
		b.WriteByte(0)
	}
	return b.String()
}

// bind returns the parameters of a query, or nil if its terms are not those of the letter:
// two of them are equal where those of the letter are not, or the other way round.
func (l *letter) bind(terms []graph.Term) []graph.Term {
	params := make([]graph.Term, len(l.params))
	for i, t := range terms {
		n := l.at[i]
		switch {
		case n < 0:
		case params[n].IsZero():
			if l.others[t] || slices.Contains(params, t) {
				return nil
			}
			params[n] = t
		case params[n] != t:
			return nil
		}
	}
	return params
}

// add makes a letter of a query that was read, and returns it with its parameters; nil if it
// can have none.
func (l *letters) add(e *Engine, r Request, shape syntax.Shape, q *algebra.Query) (*letter, []graph.Term) {
	key, terms := shapeKey(r, shape), shape.Terms
	n := &letter{algebra: q, others: otherTerms(q), volatile: volatile(q.Pattern), unknown: unknownFunctions(q.Pattern)}
	inside, sought := paramTerms(q)
	var fixed []int
	for i, t := range terms {
		at := -1
		if inside[t] && !n.others[t] {
			if at = slices.Index(n.params, t); at < 0 {
				at = len(n.params)
				n.params = append(n.params, t)
				n.listed = append(n.listed, !sought[t])
			}
		} else {
			fixed = append(fixed, i)
		}
		n.at = append(n.at, at)
	}
	if len(n.params) > 0 && n.spelledOtherwise(e, r, shape) {
		return nil, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known == nil || l.n >= maxLetters {
		l.known, l.n = map[string]*shaped{}, 0
	}
	s := l.known[key]
	if s == nil {
		s = &shaped{fixed: fixed, letters: map[string]*letter{}}
		l.known[key] = s
	}
	if slices.Equal(s.fixed, fixed) {
		if len(s.letters) >= maxOfShape { // its other terms are never the same again, it seems
			l.n -= len(s.letters)
			s.letters = map[string]*letter{}
		}
		s.letters[fixedKey(fixed, terms)] = n
		l.n++
	}
	return n, n.params
}

// spelledOtherwise tells whether a parameter of a letter also stands in its query in another
// spelling, as a name with a prefix does: there it would not change with the others. The query
// is read again with new terms to see whether an old one is left.
func (l *letter) spelledOtherwise(e *Engine, r Request, s syntax.Shape) bool {
	terms := slices.Clone(s.Terms)
	for i, at := range l.at {
		switch {
		case at < 0:
		case terms[i].IsLiteral():
			terms[i] = graph.String("..other " + strconv.Itoa(at))
		default:
			terms[i] = graph.IRI("urn:x-other:" + strconv.Itoa(at)).Term()
		}
	}
	r.Text = s.With(terms)
	q, err := e.read(r)
	if err != nil {
		return true
	}
	left := false
	look := func(t graph.Term) { left = left || slices.Contains(l.params, t) }
	eachTerm(q, look, look, look)
	return left
}

// paramTerms returns the terms that stand where parameters may, and those of them that stand
// elsewhere than in VALUES; otherTerms those that stand where parameters may not.
func paramTerms(q *algebra.Query) (terms, sought map[graph.Term]bool) {
	terms, sought = map[graph.Term]bool{}, map[graph.Term]bool{}
	eachTerm(q, func(t graph.Term) { terms[t], sought[t] = true, true }, func(t graph.Term) { terms[t] = true }, func(graph.Term) {})
	return terms, sought
}

func otherTerms(q *algebra.Query) map[graph.Term]bool {
	terms := map[graph.Term]bool{}
	eachTerm(q, func(graph.Term) {}, func(graph.Term) {}, func(t graph.Term) { terms[t] = true })
	return terms
}

// mostListed is how many terms a VALUES has at most for them to be parameters: each is compared with
// each.
const mostListed = 100

// eachTerm calls inside for the terms that stand where parameters may, listed for those in VALUES,
// and other for all others. A term within a triple term is another one.
func eachTerm(q *algebra.Query, inside, listed, other func(graph.Term)) {
	plainInside, plainOther := inside, other
	// The datatype of a literal stands in the text, too.
	inside = func(t graph.Term) {
		plainInside(t)
		plainOther(t.Datatype().Term())
	}
	other = func(t graph.Term) {
		plainOther(t)
		plainOther(t.Datatype().Term())
	}
	slot := func(f func(graph.Term), s algebra.Slot) {
		if s.Triple != nil {
			otherSlots(other, s.Triple)
		} else if !s.IsVar() {
			f(s.Term)
		}
	}
	var walk func(op algebra.Op)
	walk = func(op algebra.Op) {
		switch op := op.(type) {
		case *algebra.BGP:
			for i := range op.Patterns {
				t := &op.Patterns[i]
				slot(inside, t.S)
				slot(other, t.P)
				slot(inside, t.O)
			}
		case *algebra.Path:
			slot(inside, op.S)
			slot(inside, op.O)
			for _, iri := range plan.PathIRIs(op.Path) {
				other(iri.Term())
			}
		case *algebra.Graph:
			slot(other, op.Name)
		case *algebra.Service:
			slot(other, op.Name)
		case *algebra.Group:
			for _, a := range op.Aggregates {
				other(graph.String(a.Separator))
			}
		case *algebra.Values:
			for _, row := range op.Rows {
				for _, t := range row {
					switch {
					case t.IsIRI() || t == graph.String(t.Value()):
						if len(op.Rows)*len(op.Vars) <= mostListed {
							listed(t)
							plainOther(t.Datatype().Term())
							continue
						}
						other(t)
					default:
						other(t)
					}
				}
			}
		}
		for _, e := range algebra.Exprs(op) {
			algebra.WalkExpr(e, func(e algebra.Expr) {
				switch e := e.(type) {
				case *algebra.TermExpr:
					other(e.Term)
				case *algebra.Call:
					other(e.IRI.Term())
				case *algebra.Exists:
					walk(e.Pattern)
				}
			})
		}
		for _, in := range algebra.Inputs(op) {
			walk(in)
		}
	}
	walk(q.Pattern)
	for i := range q.Template {
		t := &q.Template[i]
		slot(inside, t.S)
		slot(other, t.P)
		slot(inside, t.O)
	}
	for _, s := range q.Describe {
		slot(inside, s)
	}
	if q.Dataset != nil {
		for _, g := range slices.Concat(q.Dataset.Default, q.Dataset.Named) {
			other(g.Term())
		}
	}
}

func otherSlots(other func(graph.Term), t *algebra.TriplePattern) {
	for _, s := range []algebra.Slot{t.S, t.P, t.O} {
		if s.Triple != nil {
			otherSlots(other, s.Triple)
		} else if !s.IsVar() {
			other(s.Term)
		}
	}
}

func shapeKey(r Request, s syntax.Shape) string { return string(r.Base) + "\x00" + s.Key }

// prepare returns the query of a letter that is known, or nil.
func (e *Engine) prepare(r Request, s syntax.Shape) *Query {
	l, params := e.letters.find(shapeKey(r, s), s.Terms)
	if l == nil {
		return nil
	}
	return &Query{engine: e, request: r, limits: e.limits(r.Limits), algebra: l.algebra, letter: l, params: params}
}

// own returns the algebra of the query with its own terms. That of a letter has those of the
// first query.
func (q *Query) own() (*algebra.Query, error) {
	if q.letter == nil || slices.Equal(q.params, q.letter.params) {
		return q.algebra, nil
	}
	return q.engine.read(q.request)
}

// alone returns the query without a letter, so that its plan shows its own terms.
func (q *Query) alone() (*Query, error) {
	a, err := q.own()
	own := *q
	own.algebra, own.letter = a, nil
	return &own, err
}

// bound returns slots with the terms of the query in place of those of its letter.
func (q *Query) bound(s algebra.Slot) algebra.Slot {
	if q.letter == nil || s.IsVar() || s.Triple != nil {
		return s
	}
	if i := slices.Index(q.letter.params, s.Term); i >= 0 {
		s.Term = q.params[i]
	}
	return s
}

// template returns what the query makes of a solution, if it is a CONSTRUCT.
func (q *Query) template() []algebra.TriplePattern {
	out := slices.Clone(q.algebra.Template)
	for i := range out {
		out[i].S, out[i].O = q.bound(out[i].S), q.bound(out[i].O)
	}
	return out
}

// described returns what the query asks for, if it is a DESCRIBE.
func (q *Query) described() []algebra.Slot {
	out := slices.Clone(q.algebra.Describe)
	for i := range out {
		out[i] = q.bound(out[i])
	}
	return out
}

// like returns a plan of the letter that serves for the parameters of the query, with their IDs;
// nil if there is none. That takes a few counts.
func (q *Query) like(ctx context.Context, s graph.Snapshot) (*planned, error) {
	ids, err := q.paramIDs(ctx, s)
	if ids == nil {
		return nil, err
	}
	l := q.letter
	var plans [maxPlans]*letterPlan
	l.mu.Lock()
	n := copy(plans[:], l.plans)
	l.mu.Unlock()
	for _, t := range plans[:n] {
		switch fits, err := t.Fits(ctx, s, ids); {
		case err != nil:
			return nil, err
		case fits:
			return t.planned(s, ids), nil
		}
	}
	return nil, nil
}

// paramIDs returns the IDs of the parameters, nil if the query has to be planned alone.
func (q *Query) paramIDs(ctx context.Context, s graph.Snapshot) ([]graph.ID, error) {
	if q.letter == nil || q.request.DefaultGraphs != nil || q.request.NamedGraphs != nil {
		return nil, nil
	}
	ids := make([]graph.ID, len(q.params))
	if len(ids) > 0 {
		if err := s.IDs(ctx, q.params, ids); err != nil {
			return nil, err
		}
	}
	for i, id := range ids {
		if id == graph.None && !q.letter.listed[i] { // which most plans end at once for
			return nil, nil
		}
	}
	return ids, nil
}

func (t *letterPlan) planned(s graph.Snapshot, ids []graph.ID) *planned {
	return &planned{s.Version(), s.Time(), t.Plan, ids, &t.spare}
}

// build makes a plan of the query for a snapshot, with the IDs of its parameters. It is kept with
// the letter, if there is one.
func (q *Query) build(ctx context.Context, s graph.Snapshot) (*planned, error) {
	src, o := q.engine.counts.of(s), q.planOptions()
	ids, err := q.paramIDs(ctx, s)
	if err != nil {
		return nil, err
	}
	a, err := q.own()
	if err != nil {
		return nil, err
	}
	if ids == nil {
		p, err := plan.Build(ctx, src, a, o)
		return &planned{version: s.Version(), time: s.Time(), plan: p}, err
	}
	o.Params = q.params
	made, err := plan.BuildTemplate(ctx, src, s, a, o)
	if err != nil {
		return nil, err
	}
	t, l := &letterPlan{Template: made}, q.letter
	l.mu.Lock()
	l.plans = append([]*letterPlan{t}, l.plans[:min(len(l.plans), maxPlans-1)]...)
	l.mu.Unlock()
	return t.planned(s, ids), nil
}
