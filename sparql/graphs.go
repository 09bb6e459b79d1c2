package sparql

import (
	"context"
	"fmt"
	"strings"

	"mocban/graph"
	"mocban/sparql/syntax"
)

// The operations on whole graphs (SPARQL 1.1 Update, 3.2). An empty graph exists here, so
// that one of no graph is an error unless it is SILENT.

// A Loader fetches the documents that LOAD names. It says which it fetches at all, and gives
// their quads bit by bit; blank nodes are new ones. Its errors are those of the operation.
type Loader interface {
	Load(ctx context.Context, document graph.IRI, give func(quads ...graph.Quad) error) error
}

// A LoadError tells that a document could not be loaded. SILENT leaves such an operation out.
type LoadError struct {
	Document graph.IRI
	Err      error
}

func (e *LoadError) Error() string { return fmt.Sprintf("LOAD <%s>: %v", e.Document, e.Err) }
func (e *LoadError) Unwrap() error { return e.Err }

// load adds a document to a graph (3.1.4). It is read whole before any of it is added, so that
// a document that breaks off leaves nothing behind.
func (r *updating) load(ctx context.Context, o *syntax.LoadGraph) error {
	loader := r.u.engine.options.Load
	if loader == nil {
		return &LoadError{o.From, ErrLoad}
	}
	var into graph.Term
	if o.Into != "" {
		into = o.Into.Term()
	}
	var quads []graph.Quad
	var full error // of our own account, which SILENT does not cover
	err := loader.Load(ctx, o.From, func(some ...graph.Quad) error {
		if full = r.take(len(some), "LOAD"); full != nil {
			return full
		}
		for _, q := range some {
			q.S, q.P, q.O = q.S.Clone(), graph.IRI(strings.Clone(string(q.P))), q.O.Clone()
			q.G = into
			quads = append(quads, q)
		}
		return nil
	})
	switch {
	case full != nil:
		return full
	case err != nil:
		return &LoadError{o.From, err}
	case !into.IsZero():
		r.changed = true
		if err := r.txn.CreateGraph(into); err != nil {
			return err
		}
	}
	for len(quads) > 0 {
		n := min(len(quads), dataQuads)
		if err := r.txn.Add(quads[:n]...); err != nil {
			return err
		}
		quads = quads[n:]
	}
	return nil
}

// create is CREATE (3.2.1).
func (r *updating) create(ctx context.Context, o *syntax.CreateGraph) error {
	s, err := r.now()
	if err != nil {
		return err
	}
	_, exists, err := graph.FindGraph(ctx, s, o.Graph.Term())
	if err != nil {
		return err
	}
	if exists {
		return &GraphError{"CREATE", o.Graph, true}
	}
	r.changed = true
	return r.txn.CreateGraph(o.Graph.Term())
}

// clear is CLEAR and DROP (3.1.5 and 3.2.2). A graph that was cleared is there, empty.
func (r *updating) clear(ctx context.Context, o *syntax.ClearGraphs) error {
	s, err := r.now()
	if err != nil {
		return err
	}
	name := "CLEAR"
	if o.Drop {
		name = "DROP"
	}
	if o.Graphs.Kind == syntax.OneGraph {
		id, exists, err := graph.FindGraph(ctx, s, o.Graphs.IRI.Term())
		if err != nil {
			return err
		}
		if !exists {
			return &GraphError{name, o.Graphs.IRI, false}
		}
		return r.empty(ctx, s, id, o.Graphs.IRI.Term(), o.Drop)
	}
	if o.Graphs.Kind != syntax.NamedGraphs {
		if err := r.empty(ctx, s, graph.DefaultGraph, graph.Term{}, false); err != nil {
			return err
		}
	}
	if o.Graphs.Kind == syntax.DefaultGraph {
		return nil
	}
	c, err := s.Graphs(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	var b graph.Block
	for c.Next(&b) {
		ids := b.Cols[graph.PosG][:b.Len]
		names := make([]graph.Term, len(ids))
		if err := s.Terms(ctx, ids, names); err != nil {
			return err
		}
		for i, id := range ids {
			if err := r.empty(ctx, s, id, names[i], o.Drop); err != nil {
				return err
			}
		}
	}
	return c.Err()
}

// empty removes the quads of a graph, and a named graph itself if drop is set.
func (r *updating) empty(ctx context.Context, s graph.Snapshot, id graph.ID, name graph.Term, drop bool) error {
	n, _, err := s.Count(ctx, graph.Pattern{G: id})
	if err != nil {
		return err
	}
	if err := r.take(int(n), "DELETE"); err != nil {
		return err
	}
	if err := r.txn.DropGraph(name); err != nil || drop || name.IsZero() {
		return err
	}
	return r.txn.CreateGraph(name)
}

// copy is ADD, MOVE and COPY (3.2.3 to 3.2.5).
func (r *updating) copy(ctx context.Context, o *syntax.CopyGraph) error {
	s, err := r.now()
	if err != nil {
		return err
	}
	var from, to graph.Term
	if o.From.Kind == syntax.OneGraph {
		from = o.From.IRI.Term()
	}
	if o.To.Kind == syntax.OneGraph {
		to = o.To.IRI.Term()
	}
	id, exists, err := graph.FindGraph(ctx, s, from)
	switch {
	case err != nil:
		return err
	case !exists:
		return &GraphError{o.Name, o.From.IRI, false}
	case from == to:
		return nil
	}
	if o.Name != "ADD" {
		target, exists, err := graph.FindGraph(ctx, s, to)
		if err != nil {
			return err
		}
		if exists {
			if err := r.empty(ctx, s, target, to, true); err != nil {
				return err
			}
		}
	}
	if err := r.addAll(ctx, s, id, to); err != nil || o.Name != "MOVE" {
		return err
	}
	return r.empty(ctx, s, id, from, true)
}

// addAll adds the quads of a graph to another, which exists from then on.
func (r *updating) addAll(ctx context.Context, s graph.Snapshot, from graph.ID, to graph.Term) error {
	r.changed = true
	if !to.IsZero() {
		if err := r.txn.CreateGraph(to); err != nil {
			return err
		}
	}
	c, err := s.Scan(ctx, graph.Pattern{G: from}, graph.GSPO, graph.Cols(graph.PosS, graph.PosP, graph.PosO))
	if err != nil {
		return err
	}
	defer c.Close()
	var b graph.Block
	var terms [3][]graph.Term
	for c.Next(&b) {
		quads := make([]graph.Quad, b.Len)
		for pos := range terms {
			terms[pos] = make([]graph.Term, b.Len)
			if err := s.Terms(ctx, b.Cols[pos], terms[pos]); err != nil {
				return err
			}
		}
		for i := range quads {
			p, _ := terms[graph.PosP][i].IRI()
			quads[i] = graph.Quad{S: terms[graph.PosS][i], P: p, O: terms[graph.PosO][i], G: to}
		}
		if err := r.add(quads...); err != nil {
			return err
		}
	}
	return c.Err()
}
