package syntax

import "mocban/graph"

// An Update is the tree of an update request: operations that run one after the other
// (SPARQL 1.1 Update, 3).
type Update struct {
	Operations []Operation
}

// An Operation is *[InsertData], *[DeleteData], *[DeleteWhere], *[Modify], *[LoadGraph],
// *[ClearGraphs], *[CreateGraph] or *[CopyGraph].
type Operation interface{ operation() }

// A Quad is a triple of a template, in a graph. The zero Node is the default graph, or that
// of WITH.
type Quad struct {
	Graph  Node
	Triple Triple
}

// A Graphs names graphs: one by its IRI, or all of a kind.
type Graphs struct {
	IRI  graph.IRI
	Kind GraphsKind
}

// A GraphsKind says which graphs are meant.
type GraphsKind uint8

// The kinds of Graphs: one with an IRI, DEFAULT, NAMED and ALL.
const (
	OneGraph GraphsKind = iota
	DefaultGraph
	NamedGraphs
	AllGraphs
)

// The operations (SPARQL 1.1 Update, 3.1 and 3.2).
type (
	// InsertData and DeleteData hold no variables, DeleteData no blank nodes either.
	InsertData struct{ Quads []Quad }
	DeleteData struct{ Quads []Quad }

	// DeleteWhere deletes what its pattern matches.
	DeleteWhere struct{ Quads []Quad }

	// Modify is DELETE, INSERT or both. With is the IRI of WITH, or empty, Base what IRIs
	// made by expressions are resolved against, Version the one in force.
	Modify struct {
		Base           graph.IRI
		Version        string
		With           graph.IRI
		Delete, Insert []Quad
		HasDelete      bool // DELETE { } deletes nothing, but is there
		HasInsert      bool
		Using          []DatasetClause
		Where          *Group
	}

	// LoadGraph is LOAD. Into is empty for the default graph.
	LoadGraph struct {
		Silent bool
		From   graph.IRI
		Into   graph.IRI
	}

	// ClearGraphs is CLEAR, or DROP.
	ClearGraphs struct {
		Drop, Silent bool
		Graphs       Graphs
	}

	CreateGraph struct {
		Silent bool
		Graph  graph.IRI
	}

	// CopyGraph is ADD, MOVE or COPY, as Name says. From and To are one graph, or the
	// default graph.
	CopyGraph struct {
		Name     string
		Silent   bool
		From, To Graphs
	}
)

func (*InsertData) operation()  {}
func (*DeleteData) operation()  {}
func (*DeleteWhere) operation() {}
func (*Modify) operation()      {}
func (*LoadGraph) operation()   {}
func (*ClearGraphs) operation() {}
func (*CreateGraph) operation() {}
func (*CopyGraph) operation()   {}

// ParseUpdate reads an update request (SPARQL 1.1, 19.8: UpdateUnit).
func ParseUpdate(text string) (*Update, error) { return Options{}.ParseUpdate(text) }

// ParseUpdate reads an update request with options.
func (o Options) ParseUpdate(text string) (*Update, error) {
	p := newParser(text, o)
	u := p.update()
	if p.err != nil {
		return nil, p.err
	}
	return u, nil
}

// update reads an Update.
func (p *parser) update() *Update {
	u := new(Update)
	inserted := map[string]int{} // blank node labels of what is inserted, and the operation
	for p.err == nil {
		p.prologue(new(Query))
		if p.tok().kind == end {
			return u
		}
		o := p.operation(inserted, len(u.Operations)+1)
		if p.err != nil {
			return nil
		}
		u.Operations = append(u.Operations, o)
		if !p.accept(";") {
			break
		}
	}
	if p.err == nil && p.tok().kind != end {
		p.expected(`";" or the end of the request`)
	}
	return u
}

func (p *parser) operation(inserted map[string]int, n int) Operation {
	q := &quadReader{parser: p, inserted: inserted, number: n}
	t := p.tok()
	switch {
	case p.acceptWord("LOAD"):
		return p.loadGraph()
	case t.oneOf("CLEAR", "DROP"):
		p.advance()
		return &ClearGraphs{t.keyword("DROP"), p.acceptWord("SILENT"), p.graphs()}
	case p.acceptWord("CREATE"):
		c := &CreateGraph{Silent: p.acceptWord("SILENT")}
		p.expectWord("GRAPH")
		c.Graph = p.iri()
		return c
	case t.oneOf("ADD", "MOVE", "COPY"):
		return p.copyGraph()
	case t.keyword("INSERT") && p.peek().keyword("DATA"):
		p.advance()
		p.advance()
		return &InsertData{q.quads(noVars)}
	case t.keyword("DELETE") && p.peek().keyword("DATA"):
		p.advance()
		p.advance()
		return &DeleteData{q.quads(noVars | noBlanks)}
	case t.keyword("DELETE") && p.peek().keyword("WHERE"):
		p.advance()
		p.advance()
		return &DeleteWhere{q.quads(noBlanks)}
	case t.oneOf("WITH", "DELETE", "INSERT"):
		return q.modify()
	case t.oneOf("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"):
		p.expected("an update operation").hint("this is a query, no update")
	}
	p.expected("an update operation")
	return nil
}

func (p *parser) loadGraph() Operation {
	l := &LoadGraph{Silent: p.acceptWord("SILENT")}
	l.From = p.iri()
	if p.acceptWord("INTO") {
		p.expectWord("GRAPH")
		l.Into = p.iri()
	}
	return l
}

// graphs reads a GraphRefAll.
func (p *parser) graphs() Graphs {
	switch {
	case p.acceptWord("GRAPH"):
		return Graphs{IRI: p.iri()}
	case p.acceptWord("DEFAULT"):
		return Graphs{Kind: DefaultGraph}
	case p.acceptWord("NAMED"):
		return Graphs{Kind: NamedGraphs}
	case p.acceptWord("ALL"):
		return Graphs{Kind: AllGraphs}
	}
	p.expected("GRAPH, DEFAULT, NAMED or ALL")
	return Graphs{}
}

func (p *parser) copyGraph() Operation {
	c := &CopyGraph{}
	switch t := p.take(); {
	case t.keyword("ADD"):
		c.Name = "ADD"
	case t.keyword("MOVE"):
		c.Name = "MOVE"
	default:
		c.Name = "COPY"
	}
	c.Silent = p.acceptWord("SILENT")
	c.From = p.graphOrDefault()
	p.expectWord("TO")
	c.To = p.graphOrDefault()
	return c
}

func (p *parser) graphOrDefault() Graphs {
	if p.acceptWord("DEFAULT") {
		return Graphs{Kind: DefaultGraph}
	}
	p.acceptWord("GRAPH")
	return Graphs{IRI: p.iri()}
}

// Rules of what quads may hold.
const (
	noVars = 1 << iota
	noBlanks
)

// A quadReader reads the quads of one operation.
type quadReader struct {
	*parser
	inserted map[string]int
	number   int
}

// modify reads a Modify.
func (q *quadReader) modify() Operation {
	m := new(Modify)
	if q.acceptWord("WITH") {
		m.With = q.iri()
	}
	if q.acceptWord("DELETE") {
		m.HasDelete = true
		m.Delete = q.quads(noBlanks)
	}
	if q.tok().keyword("INSERT") || !m.HasDelete {
		q.expectWord("INSERT")
		m.HasInsert = true
		m.Insert = q.quads(0)
	}
	for q.tok().keyword("USING") {
		c := DatasetClause{Pos: q.take().pos}
		c.Named = q.acceptWord("NAMED")
		c.IRI = q.iri()
		m.Using = append(m.Using, c)
	}
	q.expectWord("WHERE")
	m.Base, m.Version = q.base, q.version
	q.labels = map[string]int{}
	m.Where = q.group()
	return m
}

// quads reads a QuadPattern or QuadData. A label in the data of two operations is an error
// (SPARQL 1.1, 19.6); templates make new blank nodes for each solution.
func (q *quadReader) quads(rules int) (quads []Quad) {
	q.labels, q.bgp = map[string]int{}, q.number
	if rules&noVars != 0 {
		q.labels = q.inserted
	}
	q.expect("{")
	for q.err == nil && !q.tok().is("}") {
		switch {
		case q.tok().startsTriples():
			quads = q.add(quads, Node{}, rules)
			if t := q.tok(); !t.is("}") && !t.keyword("GRAPH") {
				q.expected(`GRAPH or "}"`)
			}
		case q.acceptWord("GRAPH"):
			g := q.varOrIRI()
			q.rule(g, rules)
			q.expect("{")
			if !q.tok().is("}") {
				quads = q.add(quads, g, rules)
			}
			q.expect("}")
			q.accept(".")
		default:
			q.expected(`triples, GRAPH or "}"`)
		}
	}
	q.expect("}")
	return quads
}

// add reads triples into a graph.
func (q *quadReader) add(quads []Quad, g Node, rules int) []Quad {
	role := template
	if rules&noVars != 0 {
		role = data
	}
	for _, t := range q.triples(role) {
		for _, n := range []Node{t.S, t.P, t.O} {
			q.rule(n, rules)
		}
		if rules&noVars != 0 && t.S.Term.IsLiteral() {
			q.failAt(t.S.Pos, "a subject is an IRI or a blank node")
		}
		quads = append(quads, Quad{g, t})
	}
	return quads
}

// rule fails if a node is what must not stand here.
func (q *quadReader) rule(n Node, rules int) {
	switch {
	case n.Triple != nil:
		q.rule(n.Triple.S, rules)
		q.rule(n.Triple.P, rules)
		q.rule(n.Triple.O, rules)
	case n.Var != "" && rules&noVars != 0:
		q.failAt(n.Pos, "data holds no variables").hint("use INSERT { } WHERE { }, or DELETE { } WHERE { }")
	case n.Term.IsBlank() && rules&noBlanks != 0:
		q.failAt(n.Pos, "what is deleted cannot be a blank node").hint("use a variable")
	}
}
