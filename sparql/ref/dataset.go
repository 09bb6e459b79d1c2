package ref

import (
	"context"

	"mocban/graph"
	"mocban/sparql/algebra"
)

// A Graph is an RDF graph: a set of triples, in a fixed order.
type Graph struct {
	Triples []graph.Triple
	known   map[graph.Triple]bool
}

func (g *Graph) add(t graph.Triple) {
	if g.known == nil {
		g.known = map[graph.Triple]bool{}
	}
	if !g.known[t] {
		g.known[t] = true
		g.Triples = append(g.Triples, t)
	}
}

func (g *Graph) addAll(other *Graph) {
	for _, t := range other.Triples {
		g.add(t)
	}
}

// nodes returns nodes(G): the terms that are subject or object of a triple (18.4).
func (g *Graph) nodes() []graph.Term {
	var all []graph.Term
	known := map[graph.Term]bool{}
	for _, t := range g.Triples {
		for _, n := range []graph.Term{t.S, t.O} {
			if !known[n] {
				known[n] = true
				all = append(all, n)
			}
		}
	}
	return all
}

// A Dataset is an RDF dataset (18.1.3): a default graph, and graphs by name.
type Dataset struct {
	Default *Graph
	Named   map[graph.Term]*Graph

	union *Graph // of all graphs
}

// NewDataset returns the dataset of a store that holds quads, and graphs that may be empty.
// Unless it is strict, its default graph is the union of all graphs.
func NewDataset(quads []graph.Quad, graphs []graph.Term, strict bool) *Dataset {
	d := &Dataset{Default: new(Graph), Named: map[graph.Term]*Graph{}, union: new(Graph)}
	for _, g := range graphs {
		d.Named[g] = new(Graph)
	}
	for _, q := range quads {
		d.union.add(q.Triple())
		if q.G.IsZero() {
			d.Default.add(q.Triple())
			continue
		}
		if d.Named[q.G] == nil {
			d.Named[q.G] = new(Graph)
		}
		d.Named[q.G].add(q.Triple())
	}
	if !strict {
		d.Default = d.union
	}
	return d
}

// from returns the dataset that FROM and FROM NAMED describe (13.2): the default graph is the
// merge of the graphs of FROM, the named graphs are those of FROM NAMED. Blank nodes of one
// store are not told apart by graph. A graph that the store does not have is no graph of the
// dataset.
func (d *Dataset) from(clause *algebra.Dataset) *Dataset {
	if clause == nil {
		return d
	}
	described := &Dataset{Default: new(Graph), Named: map[graph.Term]*Graph{}}
	for _, iri := range clause.Default {
		if g := d.Named[iri.Term()]; g != nil {
			described.Default.addAll(g)
		}
	}
	for _, iri := range clause.Named {
		if g := d.Named[iri.Term()]; g != nil {
			described.Named[iri.Term()] = g
		}
	}
	return described
}

// Snapshot returns the dataset of a snapshot.
func Snapshot(ctx context.Context, s graph.Snapshot, strict bool) (*Dataset, error) {
	graphs, err := rows(ctx, s, s.Graphs)
	if err != nil {
		return nil, err
	}
	stored, err := rows(ctx, s, func(ctx context.Context) (graph.Cursor, error) {
		return s.Scan(ctx, graph.Pattern{}, graph.NoOrder, graph.AllColumns)
	})
	if err != nil {
		return nil, err
	}
	var names []graph.Term
	for _, g := range graphs {
		names = append(names, g[graph.PosG])
	}
	var quads []graph.Quad
	for _, r := range stored {
		p, _ := r[graph.PosP].IRI()
		quads = append(quads, graph.Quad{S: r[graph.PosS], P: p, O: r[graph.PosO], G: r[graph.PosG]})
	}
	return NewDataset(quads, names, strict), nil
}

// rows reads a cursor to its end.
func rows(ctx context.Context, s graph.Snapshot, open func(context.Context) (graph.Cursor, error)) (all [][4]graph.Term, err error) {
	c, err := open(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var b graph.Block
	for c.Next(&b) {
		for i := range b.Len {
			var terms [4]graph.Term
			row := b.Row(i)
			if err := s.Terms(ctx, row[:], terms[:]); err != nil {
				return nil, err
			}
			all = append(all, terms)
		}
	}
	return all, c.Err()
}
