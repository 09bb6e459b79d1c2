package w3c

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/sparql"
	"mocban/sparql/algebra"
	"mocban/sparql/syntax"
)

// ut is the vocabulary of the tests of updates.
const ut graph.IRI = "http://www.w3.org/2009/sparql/tests/test-update#"

// Files are what a store holds before a test, or is to hold behind it.
type Files struct {
	Data  []graph.IRI // of the default graph, unless they name graphs themselves
	Named []NamedFile
}

// A NamedFile holds the triples of a named graph.
type NamedFile struct{ Graph, File graph.IRI }

// files reads what ut:data and ut:graphData list.
func (m manifest) files(s graph.Term) (f Files) {
	f.Data = m.iris(s, ut+"data")
	for _, g := range m.get(s, ut+"graphData") {
		if file, ok := m.one(g, ut+"graph").IRI(); ok {
			name := graph.IRI(m.one(g, "http://www.w3.org/2000/01/rdf-schema#label").Value())
			f.Named = append(f.Named, NamedFile{name, file})
		}
	}
	return f
}

// read reads the files as a dataset.
func (r *Runner) read(f Files) (d dataset, err error) {
	for _, file := range f.Data {
		quads, err := readRDF(r.Suites, file, r.RDFXML)
		if err != nil {
			return d, err
		}
		d.quads = append(d.quads, quads...)
	}
	for _, n := range f.Named {
		quads, err := readRDF(r.Suites, n.File, r.RDFXML)
		if err != nil {
			return d, err
		}
		for i := range quads {
			quads[i].G = n.Graph.Term()
		}
		d.quads = append(d.quads, quads...)
		d.graphs = append(d.graphs, n.Graph.Term())
	}
	for _, q := range d.quads {
		if !q.G.IsZero() {
			d.graphs = append(d.graphs, q.G)
		}
	}
	slices.SortFunc(d.graphs, graph.Compare)
	d.graphs = slices.Compact(d.graphs)
	return d, nil
}

// A dataset is quads, and the names of graphs, empty ones among them.
type dataset struct {
	quads  []graph.Quad
	graphs []graph.Term
}

// differ tells how a dataset differs from d, the one that is wanted; nil if it does not. A
// graph that a test empties may stay or go (SPARQL 1.1 Update, 3.2), unless names says that
// graphs are what the test is about.
func (d dataset) differ(got dataset, names bool) error {
	if names && !slices.Equal(d.graphs, got.graphs) {
		return fmt.Errorf("graphs are %v, want %v", got.graphs, d.graphs)
	}
	for _, g := range d.graphs {
		if !slices.Contains(got.graphs, g) {
			return fmt.Errorf("there is no graph %v", g)
		}
	}
	if !canon.Isomorphic(d.quads, got.quads) {
		return fmt.Errorf("quads are not those wanted\nwant %v\ngot  %v", d.quads, got.quads)
	}
	return nil
}

// contents reads all of a store.
func contents(ctx context.Context, store graph.Store) (d dataset, err error) {
	s, err := store.Snapshot()
	if err != nil {
		return d, err
	}
	defer s.Close()
	c, err := s.Scan(ctx, graph.Pattern{}, graph.SPO, graph.AllColumns)
	if err != nil {
		return d, err
	}
	defer c.Close()
	var b graph.Block
	for c.Next(&b) {
		for i := range b.Len {
			row := b.Row(i)
			var t [4]graph.Term
			if err := s.Terms(ctx, row[:], t[:]); err != nil {
				return d, err
			}
			p, _ := t[graph.PosP].IRI()
			d.quads = append(d.quads, graph.Quad{S: t[graph.PosS], P: p, O: t[graph.PosO], G: t[graph.PosG]})
		}
	}
	if err := c.Err(); err != nil {
		return d, err
	}
	g, err := s.Graphs(ctx)
	if err != nil {
		return d, err
	}
	defer g.Close()
	for g.Next(&b) {
		names := make([]graph.Term, b.Len)
		if err := s.Terms(ctx, b.Cols[graph.PosG], names); err != nil {
			return d, err
		}
		d.graphs = append(d.graphs, names...)
	}
	slices.SortFunc(d.graphs, graph.Compare)
	return d, g.Err()
}

// fill loads a dataset.
func (d dataset) fill(to graph.Loader) error {
	for _, g := range d.graphs {
		if err := to.CreateGraph(g); err != nil {
			return err
		}
	}
	return to.Add(d.quads...)
}

func (r *Runner) updateSyntax(t *Test) error {
	text, err := readText(r.Suites, t.Query)
	if err != nil {
		return err
	}
	tree, err := t.options().ParseUpdate(text)
	if err == nil {
		for _, o := range tree.Operations {
			if m, ok := o.(*syntax.Modify); ok && err == nil {
				_, err = algebra.TranslateModify(m)
			}
		}
	}
	if t.Kind == PositiveUpdateSyntax {
		return err
	}
	if err == nil {
		return errors.New("was read, but is no SPARQL")
	}
	return nil
}

// update runs a test of updates.
func (r *Runner) update(ctx context.Context, t *Test) (err error) {
	text, err := readText(r.Suites, t.Query)
	if err != nil {
		return err
	}
	before, err := r.read(t.Before)
	if err != nil {
		return err
	}
	want, err := r.read(t.After)
	if err != nil {
		return err
	}
	store, err := r.Open()
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := store.Close(); err == nil {
			err = closeErr
		}
	}()
	if r.Bulk {
		_, err = store.Load(ctx, before.fill)
	} else {
		_, err = store.Update(ctx, func(txn graph.Txn) error { return before.fill(txn) })
	}
	if err != nil {
		return err
	}
	req := sparql.UpdateRequest{Text: text, Base: t.Query}
	if r.Change != nil {
		err = r.Change(ctx, store, req)
	} else {
		var u *sparql.Update
		if u, err = r.Engine.PrepareUpdate(req); err == nil {
			_, err = u.Run(ctx, store)
		}
	}
	if err != nil {
		return err
	}
	got, err := contents(ctx, store)
	if err != nil {
		return err
	}
	return want.differ(got, wholeGraphs[t.folder()])
}

// wholeGraphs are the folders of tests that are about graphs as such.
var wholeGraphs = map[string]bool{"add": true, "copy": true, "move": true, "drop": true, "clear": true, "update-silent": true}
