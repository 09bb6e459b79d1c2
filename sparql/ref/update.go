package ref

import (
	"errors"
	"maps"
	"slices"
	"strconv"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/syntax"
)

// A Store is a graph store (SPARQL 1.1 Update, 2.1): quads, and the names of graphs, empty
// ones among them.
type Store struct {
	Quads  map[graph.Quad]bool
	Graphs map[graph.Term]bool
}

// ErrFails tells that an operation fails, and the whole request with it.
var ErrFails = errors.New("the operation fails")

// An Updater runs update requests one after the other.
type Updater struct {
	Strict bool // see [NewDataset]
	Work   int  // steps of each WHERE; 0 means DefaultWork
	made   int  // blank nodes

	// Chosen is set if the standard allows other results, too; see [Result].
	Chosen bool
}

// Update returns what a request makes of a store (SPARQL 1.1 Update, 4). The store that it is
// given stays as it is.
func (u *Updater) Update(tree *syntax.Update, s *Store) (*Store, error) {
	out := &Store{maps.Clone(s.Quads), maps.Clone(s.Graphs)}
	if out.Quads == nil {
		out.Quads = map[graph.Quad]bool{}
	}
	if out.Graphs == nil {
		out.Graphs = map[graph.Term]bool{}
	}
	labels := map[string]graph.Term{}
	for _, o := range tree.Operations {
		if err := u.operation(o, out, labels); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (u *Updater) operation(o syntax.Operation, s *Store, labels map[string]graph.Term) error {
	silent := false
	var err error
	switch o := o.(type) {
	case *syntax.InsertData:
		for _, q := range o.Quads {
			s.insert(u.data(q, labels))
		}
	case *syntax.DeleteData:
		for _, q := range o.Quads {
			delete(s.Quads, u.data(q, labels))
		}
	case *syntax.Modify:
		m, err := algebra.TranslateModify(o)
		if err != nil {
			return err
		}
		return u.modify(m, s)
	case *syntax.DeleteWhere:
		return u.modify(algebra.TranslateDeleteWhere(o), s)
	case *syntax.ClearGraphs:
		silent, err = o.Silent, s.clear(o)
	case *syntax.CreateGraph:
		silent = o.Silent
		if s.Graphs[o.Graph.Term()] {
			err = ErrFails
		} else {
			s.Graphs[o.Graph.Term()] = true
		}
	case *syntax.CopyGraph:
		silent, err = o.Silent, s.copy(o)
	case *syntax.LoadGraph:
		silent, err = o.Silent, ErrFails
	}
	if silent {
		return nil
	}
	return err
}

func (s *Store) insert(q graph.Quad) {
	s.Quads[q] = true
	if !q.G.IsZero() {
		s.Graphs[q.G] = true
	}
}

func (u *Updater) fresh() graph.Term {
	u.made++
	return graph.Blank("made" + strconv.Itoa(u.made))
}

// data returns a quad of INSERT DATA or DELETE DATA.
func (u *Updater) data(q syntax.Quad, labels map[string]graph.Term) graph.Quad {
	t := u.dataTriple(q.Triple, labels)
	return t.In(q.Graph.Term)
}

func (u *Updater) dataTriple(t syntax.Triple, labels map[string]graph.Term) graph.Triple {
	p, _ := t.P.Term.IRI()
	return graph.Triple{S: u.dataTerm(t.S, labels), P: p, O: u.dataTerm(t.O, labels)}
}

func (u *Updater) dataTerm(n syntax.Node, labels map[string]graph.Term) graph.Term {
	switch {
	case n.Triple != nil:
		return graph.TripleTerm(u.dataTriple(*n.Triple, labels))
	case !n.Term.IsBlank():
		return n.Term
	}
	if _, ok := labels[n.Term.Value()]; !ok {
		labels[n.Term.Value()] = u.fresh()
	}
	return labels[n.Term.Value()]
}

// modify is OpDeleteInsert (4.3.1 of SPARQL 1.1 Update): of the solutions of WHERE on the
// store before, all deletions come first, and then all insertions.
func (u *Updater) modify(m *algebra.Modify, s *Store) error {
	d := u.dataset(m, s)
	r, err := Run(m.Where, d, Options{Work: u.Work})
	if err != nil {
		return err
	}
	u.Chosen = u.Chosen || r.Chosen
	var removed, added []graph.Quad
	for _, solution := range r.Solutions {
		blanks := map[algebra.Var]graph.Term{}
		term := func(v algebra.Var) graph.Term {
			if v[0] != '.' {
				return solution.get(v)
			}
			if _, ok := blanks[v]; !ok {
				blanks[v] = u.fresh()
			}
			return blanks[v]
		}
		removed = append(removed, quadsOf(m.Delete, term)...)
		added = append(added, quadsOf(m.Insert, term)...)
	}
	for _, q := range removed {
		delete(s.Quads, q)
	}
	for _, q := range added {
		s.insert(q)
	}
	return nil
}

// dataset is what WHERE is asked of (4.3.1: Dataset with USING, WITH or neither).
func (u *Updater) dataset(m *algebra.Modify, s *Store) *Dataset {
	strict := u.Strict || m.With != "" && m.Where.Dataset == nil
	d := NewDataset(slices.Collect(maps.Keys(s.Quads)), slices.Collect(maps.Keys(s.Graphs)), strict)
	if m.With != "" && m.Where.Dataset == nil {
		if d.Default = d.Named[m.With.Term()]; d.Default == nil {
			d.Default = new(Graph)
		}
	}
	return d
}

func quadsOf(templates []algebra.QuadPattern, term func(algebra.Var) graph.Term) (quads []graph.Quad) {
	for _, p := range templates {
		t, ok := instance(p.TriplePattern, term)
		g := graph.Term{}
		if p.Graph != (algebra.Slot{}) {
			g = fill(p.Graph, term)
			ok = ok && (g.IsIRI() || g.IsBlank())
		}
		if ok {
			quads = append(quads, t.In(g))
		}
	}
	return quads
}

func (s *Store) drop(g graph.Term) {
	delete(s.Graphs, g)
	maps.DeleteFunc(s.Quads, func(q graph.Quad, _ bool) bool { return q.G == g })
}

// clear is CLEAR and DROP (3.1.5 and 3.2.2).
func (s *Store) clear(o *syntax.ClearGraphs) error {
	var graphs []graph.Term
	switch o.Graphs.Kind {
	case syntax.OneGraph:
		if !s.Graphs[o.Graphs.IRI.Term()] {
			return ErrFails
		}
		graphs = []graph.Term{o.Graphs.IRI.Term()}
	case syntax.DefaultGraph:
		graphs = []graph.Term{{}}
	case syntax.NamedGraphs:
		graphs = slices.Collect(maps.Keys(s.Graphs))
	case syntax.AllGraphs:
		graphs = append(slices.Collect(maps.Keys(s.Graphs)), graph.Term{})
	}
	for _, g := range graphs {
		s.drop(g)
		if !o.Drop && !g.IsZero() {
			s.Graphs[g] = true
		}
	}
	return nil
}

// copy is ADD, MOVE and COPY, written in terms of the others as 3.2.3 to 3.2.5 do.
func (s *Store) copy(o *syntax.CopyGraph) error {
	name := func(g syntax.Graphs) graph.Term {
		if g.Kind == syntax.OneGraph {
			return g.IRI.Term()
		}
		return graph.Term{}
	}
	from, to := name(o.From), name(o.To)
	if !from.IsZero() && !s.Graphs[from] {
		return ErrFails
	}
	if from == to {
		return nil
	}
	if o.Name != "ADD" {
		s.drop(to)
	}
	if !to.IsZero() {
		s.Graphs[to] = true
	}
	for _, q := range slices.Collect(maps.Keys(s.Quads)) {
		if q.G == from {
			s.insert(q.Triple().In(to))
		}
	}
	if o.Name == "MOVE" {
		s.drop(from)
	}
	return nil
}
