package syntax

import "mocban/graph"

// String returns the request as text that reads back as an equal tree.
func (u *Update) String() string {
	w := new(printer)
	base := graph.IRI("")
	for i, o := range u.Operations {
		if i > 0 {
			w.words(";")
		}
		if m, ok := o.(*Modify); ok && m.Base != base {
			base = m.Base
			w.words("BASE", iriText(base))
		}
		w.operation(o)
	}
	return w.String()
}

func (w *printer) operation(o Operation) {
	switch o := o.(type) {
	case *InsertData:
		w.words("INSERT DATA")
		w.quads(o.Quads)
	case *DeleteData:
		w.words("DELETE DATA")
		w.quads(o.Quads)
	case *DeleteWhere:
		w.words("DELETE WHERE")
		w.quads(o.Quads)
	case *Modify:
		w.modify(o)
	case *LoadGraph:
		w.words("LOAD")
		w.silent(o.Silent)
		w.words(iriText(o.From))
		if o.Into != "" {
			w.words("INTO GRAPH", iriText(o.Into))
		}
	case *ClearGraphs:
		if o.Drop {
			w.words("DROP")
		} else {
			w.words("CLEAR")
		}
		w.silent(o.Silent)
		w.graphs(o.Graphs)
	case *CreateGraph:
		w.words("CREATE")
		w.silent(o.Silent)
		w.words("GRAPH", iriText(o.Graph))
	case *CopyGraph:
		w.words(o.Name)
		w.silent(o.Silent)
		w.graphs(o.From)
		w.words("TO")
		w.graphs(o.To)
	}
}

func (w *printer) silent(silent bool) {
	if silent {
		w.words("SILENT")
	}
}

func (w *printer) graphs(g Graphs) {
	switch g.Kind {
	case OneGraph:
		w.words("GRAPH", iriText(g.IRI))
	case DefaultGraph:
		w.words("DEFAULT")
	case NamedGraphs:
		w.words("NAMED")
	case AllGraphs:
		w.words("ALL")
	}
}

func (w *printer) modify(m *Modify) {
	if m.With != "" {
		w.words("WITH", iriText(m.With))
	}
	if m.HasDelete {
		w.words("DELETE")
		w.quads(m.Delete)
	}
	if m.HasInsert {
		w.words("INSERT")
		w.quads(m.Insert)
	}
	for _, c := range m.Using {
		w.words("USING")
		if c.Named {
			w.words("NAMED")
		}
		w.words(iriText(c.IRI))
	}
	w.words("WHERE")
	w.group(m.Where)
}

// quads writes quads in braces, those of one graph together.
func (w *printer) quads(quads []Quad) {
	w.words("{")
	for i := 0; i < len(quads); {
		g := quads[i].Graph
		var triples []Triple
		for ; i < len(quads) && sameNode(quads[i].Graph, g); i++ {
			triples = append(triples, quads[i].Triple)
		}
		if g.Var == "" && g.Term.IsZero() {
			w.triples(triples)
			continue
		}
		w.words("GRAPH")
		w.node(g)
		w.template(triples)
	}
	w.words("}")
}

func sameNode(a, b Node) bool { return a.Var == b.Var && a.Term == b.Term }
