package shacl

import (
	"context"
	"slices"

	"mocban/graph"
)

// A Run judges graphs, one after the other.
type Run struct {
	// MaxSteps bounds what judging one graph may cost; 0 is a hundred million and a
	// thousand for each triple.
	MaxSteps int64

	data
	shapes *Shapes
	ctx    context.Context
	left   int64

	stack   []node   // values of the shapes that are being judged
	active  []pair   // those that lead to others
	pending []uint64 // shapes and their focus nodes, as numbers
	supers  map[node][]node

	silent  bool // nothing is reported, only told: failed
	failed  bool
	results []Result
	err     error
}

// NewRun returns a run.
func (s *Shapes) NewRun() *Run { return &Run{data: s.base.clone(), shapes: s} }

// Validate judges a graph. The report is valid until the next call. The error tells that
// there is no answer: the context is done, or a limit was reached.
func (r *Run) Validate(ctx context.Context, quads []graph.Quad) (Report, error) {
	r.ctx, r.err, r.left = ctx, nil, r.MaxSteps
	if r.left <= 0 {
		r.left = 100_000_000 + 1000*int64(len(quads))
	}
	clear(r.results)
	r.results, r.stack, r.active, r.pending = r.results[:0], r.stack[:0], r.active[:0], r.pending[:0]
	r.silent, r.failed, r.supers = false, false, nil
	r.load(quads, r.shapes.inverse)
	r.targets()
	for _, p := range r.pending {
		r.validate(r.shapes.shapes[p>>32], node(p&0xFFFF_FFFF))
		if r.err != nil {
			break
		}
	}
	r.ctx = nil
	if r.err != nil {
		return Report{}, r.err
	}
	return Report{r.results}, nil
}

// step counts what was done, and tells whether to go on.
func (r *Run) step(n int64) bool {
	if r.err != nil {
		return false
	}
	before := r.left
	r.left -= n
	if before>>12 != r.left>>12 {
		if r.left <= 0 {
			r.err = ErrTooLong
		} else if err := r.ctx.Err(); err != nil {
			r.err = err
		}
	}
	return r.err == nil
}

// targets finds the focus nodes of all shapes (SHACL, 2.1.3), each once.
func (r *Run) targets() {
	s := r.shapes
	for _, p := range s.nodes {
		r.aim([]*shape{p.shape}, p.node)
	}
	r.findSupers()
	for n := range r.terms {
		for _, e := range r.edges(node(n)) {
			if int(e.p) >= r.consts {
				continue
			}
			r.aim(s.subjects.of(e.p), node(n))
			r.aim(s.objects.of(e.p), e.o)
			if e.p != s.typ {
				continue
			}
			r.aim(s.classes.of(e.o), node(n))
			for _, class := range r.supers[e.o] {
				r.aim(s.classes.of(class), node(n))
			}
		}
	}
	slices.Sort(r.pending)
	r.pending = slices.Compact(r.pending)
}

// aim has a node judged by shapes.
func (r *Run) aim(shapes []*shape, n node) {
	for _, s := range shapes {
		r.pending = append(r.pending, uint64(s.number)<<32|uint64(n))
	}
}

// findSupers finds the classes above each class, if the data have such.
func (r *Run) findSupers() {
	sub := r.shapes.sub
	for i := range r.triples {
		if t := &r.triples[i]; t.p == sub {
			if r.supers == nil {
				r.supers = map[node][]node{}
			}
			r.supers[t.s] = nil
		}
	}
	for n := range r.supers {
		from := len(r.stack)
		r.eval(&path{kind: predicatePath, node: sub}, n, false)
		r.closure(&path{kind: predicatePath, node: sub}, from, false)
		r.supers[n] = slices.Clone(r.stack[from:])
		r.stack = r.stack[:from]
	}
}

// isA tells whether a node is a SHACL instance of a class (SHACL, 1.1).
func (r *Run) isA(n, class node) bool {
	for _, e := range r.data.values(n, r.shapes.typ) {
		if e.p == r.shapes.typ && (e.o == class || slices.Contains(r.supers[e.o], class)) {
			return true
		}
	}
	return false
}

// validate judges a node by a shape.
func (r *Run) validate(s *shape, focus node) {
	if s.deactivated || r.done() || !r.step(1) {
		return
	}
	if s.nests {
		p := pair{s, focus}
		if slices.Contains(r.active, p) {
			return
		}
		if len(r.active) >= maxDepth {
			r.err = ErrTooDeep
			return
		}
		r.active = append(r.active, p)
	}
	from := len(r.stack)
	if s.path == nil {
		r.stack = append(r.stack, focus)
	} else {
		r.eval(s.path, focus, false)
	}
	to := len(r.stack)
	values := r.stack[from:to:to] // stays as it is, also where the stack moves
	for _, c := range s.constraints {
		if r.done() || !r.step(int64(to-from+1)) {
			break
		}
		c.check(r, s, focus, values)
	}
	r.stack = r.stack[:from]
	if s.nests {
		r.active = r.active[:len(r.active)-1]
	}
}

// done tells that nothing more needs to be known.
func (r *Run) done() bool { return r.err != nil || r.silent && r.failed }

// conforms tells whether a node conforms to a shape (SHACL, 3.4.2).
func (r *Run) conforms(s *shape, n node) bool {
	silent, failed := r.silent, r.failed
	r.silent, r.failed = true, false
	r.validate(s, n)
	ok := !r.failed
	r.silent, r.failed = silent, failed
	return ok
}

// report adds a result. A value of none is none.
func (r *Run) report(s *shape, c constraint, component graph.IRI, focus, value node) {
	r.reportAt(s, c, component, focus, value, s.path)
}

func (r *Run) reportAt(s *shape, c constraint, component graph.IRI, focus, value node, p *path) {
	if r.silent {
		r.failed = true
		return
	}
	if !r.step(1) {
		return
	}
	res := Result{Focus: r.terms[focus], Path: Path{p}, Component: component, shape: s, constraint: c}
	if value != none {
		res.Value = r.terms[value]
	}
	r.results = append(r.results, res)
}
