package plan

import (
	"context"
	"errors"
	"fmt"

	"mocban/graph"
	"mocban/sparql/algebra"
)

// ErrNoSearch tells that a query looks for words and that there is no index of them.
var ErrNoSearch = errors.New("there is no index of words here, so text:query has no answer")

// MostHits is how many things a text:query finds at most.
const MostHits = 10_000

// TextHits gives what a search found: the search is made while the query is planned, so that the
// joins are arranged by what there is. Names under another property, or in another language,
// than the query asks for are left out when it runs.
type TextHits struct {
	Info
	Text *algebra.Text
	Hits []graph.Hit
}

// Inputs implements Node.
func (*TextHits) Inputs() []Node { return nil }

// Label implements Node.
func (n *TextHits) Label() string {
	return fmt.Sprintf("Text %q%s, %d hits", n.Text.Words, colVars(n.Cols), len(n.Hits))
}

// text searches.
func (b *builder) text(op *algebra.Text) Node {
	n := &TextHits{Text: op}
	for _, v := range op.Vars() {
		n.Cols = append(n.Cols, Col{Var: v})
	}
	if b.o.Search == nil {
		b.fail(ErrNoSearch)
		return n
	}
	limit := MostHits
	if op.Limit > 0 && op.Property == "" && op.Lang == "" && op.Thing.IsVar() {
		limit = min(limit, op.Limit)
	}
	const page = 1000
	for len(n.Hits) < limit {
		found, err := b.o.Search.Search(b.ctx, graph.Search{Text: op.Words, Offset: len(n.Hits), Limit: min(page, limit-len(n.Hits))})
		if err != nil {
			b.fail(fmt.Errorf("text:query: %w", err))
			return n
		}
		n.Hits = append(n.Hits, found.Hits...)
		if len(found.Hits) == 0 || uint64(len(n.Hits)) >= found.Total {
			break
		}
	}
	n.Rows = float64(len(n.Hits))
	n.Cost = n.Rows * costBuild
	return n
}

// A Searcher finds things by words; a graph.Searcher is one.
type Searcher interface {
	Search(ctx context.Context, s graph.Search) (graph.Found, error)
}
