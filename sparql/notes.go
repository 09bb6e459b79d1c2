package sparql

import (
	"context"
	"fmt"
	"slices"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/expr"
)

// A Note tells of what is no error in a query and still hardly meant: one of its fields is set.
type Note struct {
	// Function is the name of one that does not exist here, so that its value is an error
	// (SPARQL 1.1, 17.6).
	Function graph.IRI

	// Graph is one of the dataset of the query that is not in the store, and so is empty.
	Graph graph.IRI
}

// In says the note in a language, "vi" or "en".
func (n Note) In(lang string) string {
	switch {
	case n.Function != "" && lang == "vi":
		return fmt.Sprintf("Ở đây không có hàm <%s>, nên nó không cho giá trị nào.", n.Function)
	case n.Function != "":
		return fmt.Sprintf("There is no function <%s> here, so it gives no value.", n.Function)
	case lang == "vi":
		return fmt.Sprintf("Đồ thị <%s> không có trong kho này.", n.Graph)
	}
	return fmt.Sprintf("The graph <%s> is not in this store.", n.Graph)
}

// mostNotes bounds the notes of a query, and notedGraphs how many graphs are looked for.
const (
	mostNotes   = 8
	notedGraphs = 16
)

// Notes returns what to tell who wrote the query, for a run on a snapshot.
func (q *Query) Notes(ctx context.Context, s graph.Snapshot) (notes []Note, err error) {
	unknown := q.unknown()
	for _, f := range unknown[:min(len(unknown), mostNotes)] {
		notes = append(notes, Note{Function: f})
	}
	graphs := slices.Concat(q.request.DefaultGraphs, q.request.NamedGraphs)
	if d := q.algebra.Dataset; d != nil && len(graphs) == 0 {
		graphs = slices.Concat(d.Default, d.Named)
	}
	for _, g := range graphs[:min(len(graphs), notedGraphs)] {
		_, exists, err := graph.FindGraph(ctx, s, g.Term())
		if err != nil {
			return nil, err
		}
		if !exists && len(notes) < mostNotes && !slices.Contains(notes, Note{Graph: g}) {
			notes = append(notes, Note{Graph: g})
		}
	}
	return notes, nil
}

// unknown returns the functions of the query that do not exist.
func (q *Query) unknown() []graph.IRI {
	if q.letter != nil {
		return q.letter.unknown
	}
	return unknownFunctions(q.algebra.Pattern)
}

func unknownFunctions(op algebra.Op) (names []graph.IRI) {
	exprs(op, func(e algebra.Expr) {
		c, ok := e.(*algebra.Call)
		if !ok || c.IRI == "" || slices.Contains(names, c.IRI) {
			return
		}
		if _, ok := expr.Named(c.IRI); !ok {
			names = append(names, c.IRI)
		}
	})
	return names
}
