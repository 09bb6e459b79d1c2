package plan

import (
	"slices"

	"mocban/graph"
	"mocban/sparql/algebra"
)

// lookUpTerms asks for the IDs of all terms of patterns at once.
func (b *builder) lookUpTerms(q *algebra.Query) {
	var terms []graph.Term
	b.ids = map[graph.Term]graph.ID{}
	add := func(t graph.Term) {
		if _, known := b.ids[t]; !known && !t.IsZero() {
			b.ids[t] = graph.None
			terms = append(terms, t)
		}
	}
	patternTerms(q.Pattern, add)
	for _, g := range slices.Concat(b.o.Default, b.o.Named) {
		add(g.Term())
	}
	if len(terms) == 0 {
		return
	}
	ids := make([]graph.ID, len(terms))
	if err := b.src.IDs(b.ctx, terms, ids); err != nil {
		b.fail(err)
	}
	for i, t := range terms {
		b.ids[t] = ids[i]
	}
}

// patternTerms calls add for the terms of all patterns within op.
func patternTerms(op algebra.Op, add func(graph.Term)) {
	switch op := op.(type) {
	case *algebra.BGP:
		for _, t := range op.Patterns {
			add(t.S.Term)
			add(t.P.Term)
			add(t.O.Term)
		}
	case *algebra.Path:
		add(op.S.Term)
		add(op.O.Term)
		for _, iri := range pathIRIs(op.Path, nil) {
			add(iri.Term())
		}
	case *algebra.Graph:
		add(op.Name.Term)
	}
	for _, e := range algebra.Exprs(op) {
		algebra.WalkExpr(e, func(e algebra.Expr) {
			switch e := e.(type) {
			case *algebra.Exists:
				patternTerms(e.Pattern, add)
			case *algebra.TermExpr:
				add(e.Term)
			}
		})
	}
	for _, input := range algebra.Inputs(op) {
		patternTerms(input, add)
	}
}

// PathIRIs returns the IRIs of a path.
func PathIRIs(p algebra.PathExpr) []graph.IRI { return pathIRIs(p, nil) }

// pathIRIs adds the IRIs of a path.
func pathIRIs(p algebra.PathExpr, into []graph.IRI) []graph.IRI {
	switch p := p.(type) {
	case *algebra.PathIRI:
		return append(into, p.IRI)
	case *algebra.Inverse:
		return pathIRIs(p.Path, into)
	case *algebra.Sequence:
		return pathIRIs(p.Right, pathIRIs(p.Left, into))
	case *algebra.Alternative:
		return pathIRIs(p.Right, pathIRIs(p.Left, into))
	case *algebra.ZeroOrMore:
		return pathIRIs(p.Path, into)
	case *algebra.OneOrMore:
		return pathIRIs(p.Path, into)
	case *algebra.ZeroOrOne:
		return pathIRIs(p.Path, into)
	case *algebra.NegatedSet:
		return append(append(into, p.Forward...), p.Backward...)
	}
	return into
}

func (b *builder) slot(s algebra.Slot) Slot {
	if s.IsVar() {
		return Slot{Var: s.Var}
	}
	return Slot{Term: s.Term, ID: b.ids[s.Term], Param: 1 + slices.Index(b.o.Params, s.Term)}
}

// defaultGraphs says what the default graph of the query is (SPARQL 1.1, 13.2).
func (b *builder) defaultGraphs() Graphs {
	switch {
	case b.o.HasDataset:
		ids := b.known(b.o.Default)
		if len(ids) == 1 {
			return Graphs{Kind: GraphOne, IDs: ids}
		}
		return Graphs{Kind: GraphMerge, IDs: ids}
	case b.o.Strict:
		return Graphs{Kind: GraphOne, IDs: []graph.ID{graph.DefaultGraph}}
	}
	return Graphs{Kind: GraphUnion}
}

// namedGraphs says what the named graphs are.
func (b *builder) namedGraphs(v algebra.Var) Graphs {
	if b.o.HasDataset && !b.o.AllNamed {
		return Graphs{Kind: GraphNamed, Var: v, IDs: b.named()}
	}
	return Graphs{Kind: GraphNamed, Var: v, All: true}
}

// known returns the IDs of graphs, sorted. A graph that the store does not know is empty.
func (b *builder) known(graphs []graph.IRI) (ids []graph.ID) {
	for _, g := range graphs {
		if id := b.ids[g.Term()]; id != graph.None {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// named returns the named graphs of a dataset: those listed that the store has.
func (b *builder) named() []graph.ID {
	return slices.DeleteFunc(b.known(b.o.Named), func(id graph.ID) bool { return !b.stored(id) })
}

// isNamed tells whether a graph is one of the named graphs of the query.
func (b *builder) isNamed(id graph.ID) bool {
	switch {
	case id == graph.None:
		return false
	case b.o.HasDataset && !b.o.AllNamed:
		return slices.Contains(b.named(), id)
	}
	return b.stored(id)
}

// stored tells whether the store has a named graph. A name may well be a known term and none
// of a graph, and a graph may be empty.
func (b *builder) stored(id graph.ID) bool {
	if known, ok := b.graphs[id]; ok {
		return known
	}
	c := b.count(graph.Pattern{G: id})
	found := c.exact && c.n > 0
	if !found {
		cursor, err := b.src.Graphs(b.ctx)
		if err != nil {
			b.fail(err)
			return false
		}
		defer cursor.Close()
		cursor.Seek(graph.Row{graph.PosG: id})
		var block graph.Block
		found = cursor.Next(&block) && block.Cols[graph.PosG][0] == id
		if err := cursor.Err(); err != nil {
			b.fail(err)
		}
	}
	if b.graphs == nil {
		b.graphs = map[graph.ID]bool{}
	}
	b.graphs[id] = found
	return found
}

// graph matches a pattern in a named graph, or in each of them (SPARQL 1.1, 18.6).
func (b *builder) graph(op *algebra.Graph, sc scope) Node {
	inner := sc
	if !op.Name.IsVar() {
		id := b.ids[op.Name.Term]
		if !b.isNamed(id) {
			return b.empty("no such graph", op, sc)
		}
		inner.graphs = Graphs{Kind: GraphOne, IDs: []graph.ID{id}}
		return b.build(op.Input, inner)
	}
	v := op.Name.Var
	list := &GraphList{Graphs: b.namedGraphs(v)}
	list.Cols, list.Rows, list.Cost = []Col{{Var: v}}, 100, 1000
	if bgp, ok := op.Input.(*algebra.BGP); ok && len(bgp.Patterns) == 0 {
		return b.join(sc.fed(), list)
	}
	if graphColumn(op.Input) && !mentioned(nil, op.Input).Has(v) && b.on(graphColumns) {
		inner.graphs = list.Graphs
		return b.build(op.Input, inner)
	}
	loop := sc.unseeded()
	if !apart(op.Input, sc.outer) {
		loop = sc.alone()
	}
	loop.graphs = Graphs{Kind: GraphLooped}
	in := b.build(op.Input, loop)
	n := &GraphLoop{Input: in, Var: v, Graphs: list.Graphs}
	x := in.Base()
	n.Cols, n.Rows, n.Cost = slices.Clone(x.Cols), x.Rows*10, x.Cost*100
	if i := x.Index(v); i >= 0 {
		n.Cols[i].Maybe = false
	} else {
		n.Cols = append(n.Cols, Col{Var: v})
	}
	return b.join(sc.fed(), n)
}

// graphColumn tells whether every solution of op comes with the graph that it was found in,
// so that all graphs can be matched at once.
func graphColumn(op algebra.Op) bool {
	switch op := op.(type) {
	case *algebra.BGP:
		return len(op.Patterns) > 0
	case *algebra.Join:
		if _, ok := op.Left.(*algebra.Text); ok {
			return graphColumn(op.Right)
		}
		if _, ok := op.Right.(*algebra.Text); ok {
			return graphColumn(op.Left)
		}
		return graphColumn(op.Left) && graphColumn(op.Right)
	case *algebra.Filter:
		return graphColumn(op.Input) && !hasExists(op.Expr)
	case *algebra.LeftJoin:
		return graphColumn(op.Left) && graphColumn(op.Right) && (op.Expr == nil || !hasExists(op.Expr))
	case *algebra.Union:
		return graphColumn(op.Left) && graphColumn(op.Right)
	case *algebra.Extend:
		return graphColumn(op.Input) && !hasExists(op.Expr)
	}
	return false
}

// empty returns the node of a pattern that cannot match.
func (b *builder) empty(why string, op algebra.Op, sc scope) Node {
	n := &Empty{Why: why}
	vars := inScope(op, false)
	if sc.seed != nil {
		vars = columns(sc.seed).with(vars...)
	}
	for _, v := range vars {
		n.Cols = append(n.Cols, Col{v, true})
	}
	return n
}
