package memstore

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"mocban/graph"
)

type txn struct {
	snap   *snapshot
	source string
	rows   map[graph.Row]struct{} // the state as the calls so far leave it
	graphs map[graph.ID]struct{}
}

func newTxn(snap *snapshot) *txn {
	t := &txn{
		snap:   snap,
		rows:   make(map[graph.Row]struct{}, len(snap.rows)),
		graphs: make(map[graph.ID]struct{}, len(snap.graphs)),
	}
	for _, r := range snap.rows {
		t.rows[r] = struct{}{}
	}
	for _, g := range snap.graphs {
		t.graphs[g] = struct{}{}
	}
	return t
}

func (t *txn) Snapshot() graph.Snapshot { return t.snap }
func (t *txn) SetSource(source string)  { t.source = source }

// Now sorts all rows, as the end of the update does.
func (t *txn) Now() (graph.Snapshot, error) {
	old := t.snap.state
	now := &state{version: old.version, time: old.time, rows: sortedRows(t.rows), graphs: slices.Sorted(maps.Keys(t.graphs))}
	return &snapshot{state: now, dict: t.snap.dict}, nil
}

func sortedRows(rows map[graph.Row]struct{}) []graph.Row {
	return slices.SortedFunc(maps.Keys(rows), func(a, b graph.Row) int { return graph.GSPO.Compare(&a, &b) })
}

func (t *txn) Add(quads ...graph.Quad) error {
	for _, q := range quads {
		if err := q.Check(); err != nil {
			return err
		}
		d := t.snap.dict
		r := graph.Row{d.give(q.S), d.give(q.P.Term()), d.give(q.O), d.give(q.G)}
		t.rows[r] = struct{}{}
		if g := r[graph.PosG]; g != graph.DefaultGraph {
			t.graphs[g] = struct{}{}
		}
	}
	return nil
}

func (t *txn) Remove(quads ...graph.Quad) error {
	d := t.snap.dict
	for _, q := range quads {
		delete(t.rows, graph.Row{d.id(q.S), d.id(q.P.Term()), d.id(q.O), d.id(q.G)})
	}
	return nil
}

func (t *txn) CreateGraph(g graph.Term) error {
	if !g.IsIRI() && !g.IsBlank() {
		return errors.New("a graph name is an IRI or a blank node")
	}
	t.graphs[t.snap.dict.give(g)] = struct{}{}
	return nil
}

func (t *txn) DropGraph(g graph.Term) error {
	id := t.snap.dict.id(g)
	maps.DeleteFunc(t.rows, func(r graph.Row, _ struct{}) bool { return r[graph.PosG] == id })
	delete(t.graphs, id)
	return nil
}

// apply returns the next state and how it differs, or nil if it does not.
func (t *txn) apply() (*state, graph.Change) {
	old := t.snap.state
	next := &state{
		version: old.version + 1,
		time:    time.Now().UTC(),
		rows:    sortedRows(t.rows),
		graphs:  slices.Sorted(maps.Keys(t.graphs)),
	}
	change := graph.Change{Version: next.version, Time: next.time, Source: t.source}
	var ops []graph.Op
	record := func(kind graph.OpKind, r graph.Row) {
		var q [4]graph.Term
		for i, id := range r {
			term, err := t.snap.dict.term(id)
			if err != nil {
				panic(fmt.Sprintf("memory store lost a term of its own: %v", err))
			}
			q[i] = term
		}
		p, _ := q[graph.PosP].IRI()
		ops = append(ops, graph.Op{Kind: kind, Quad: graph.Quad{S: q[0], P: p, O: q[2], G: q[3]}})
	}
	had := make(map[graph.Row]struct{}, len(old.rows))
	for _, r := range old.rows {
		had[r] = struct{}{}
		if _, ok := t.rows[r]; !ok {
			record(graph.OpRemove, r)
			change.Removed++
		}
	}
	for _, r := range next.rows {
		if _, ok := had[r]; !ok {
			record(graph.OpAdd, r)
			change.Added++
		}
	}
	for _, g := range old.graphs {
		if _, ok := t.graphs[g]; !ok {
			record(graph.OpDropGraph, graph.Row{graph.PosG: g})
		}
	}
	for _, g := range next.graphs {
		if _, ok := slices.BinarySearch(old.graphs, g); !ok {
			record(graph.OpCreateGraph, graph.Row{graph.PosG: g})
		}
	}
	if len(ops) == 0 {
		return nil, change
	}
	slices.SortStableFunc(ops, compareOps)
	change.Ops = func() iter.Seq2[graph.Op, error] {
		return func(yield func(graph.Op, error) bool) {
			for _, op := range ops {
				if !yield(op, nil) {
					return
				}
			}
		}
	}
	return next, change
}

// compareOps orders steps as graph.Change promises.
func compareOps(a, b graph.Op) int {
	if c := graph.Compare(a.Quad.G, b.Quad.G); c != 0 {
		return c
	}
	rank := [...]int{graph.OpRemove: 0, graph.OpDropGraph: 1, graph.OpCreateGraph: 2, graph.OpAdd: 3}
	if c := rank[a.Kind] - rank[b.Kind]; c != 0 {
		return c
	}
	return graph.CompareQuads(a.Quad, b.Quad)
}
