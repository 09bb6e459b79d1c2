package text

import (
	"cmp"
	"container/heap"
	"errors"
	"fmt"
	"slices"
	"strings"

	index "github.com/blevesearch/bleve_index_api"

	"mocban/graph"
)

// Bounds of a page.
const (
	defaultLimit = 20
	maxDepth     = 10_000 // the last hit that can be asked for
)

// A page keeps the best candidates up to its end.
type page struct {
	offset, end int
	total       uint64

	heap   candidates
	keys   index.DocValueReader
	reader index.IndexReader
	id     index.IndexInternalID
}

// A candidate is a document that may be on the page. What orders it among equals is read
// when it matters.
type candidate struct {
	doc   uint64
	score float64
	read  bool
	key   string // the first of its whole names
	iri   string
}

func newPage(s graph.Search) (*page, error) {
	if len(s.Types) > maxClasses {
		return nil, &graph.LimitError{Limit: "classes", Max: fmt.Sprint(maxClasses), Where: "search"}
	}
	if s.Offset < 0 || s.Limit < 0 {
		return nil, errors.New("offset and limit are not negative")
	}
	limit := s.Limit
	if limit == 0 {
		limit = defaultLimit
	}
	if limit > maxDepth || s.Offset > maxDepth-limit {
		return nil, &graph.LimitError{Limit: "rows", Max: fmt.Sprintf("%d hits", maxDepth), Where: "search"}
	}
	p := &page{offset: s.Offset, end: s.Offset + limit}
	p.heap.page = p
	return p, nil
}

// offer takes a document in if it is better than the last of the page.
func (p *page) offer(doc uint64, score float64) error {
	if len(p.heap.all) < p.end {
		heap.Push(&p.heap, &candidate{doc: doc, score: score})
		return p.heap.err
	}
	worst := p.heap.all[0]
	if score < worst.score {
		return nil
	}
	if c := (&candidate{doc: doc, score: score}); p.heap.compare(c, worst) < 0 {
		p.heap.all[0] = c
		heap.Fix(&p.heap, 0)
	}
	return p.heap.err
}

// best returns the candidates of the page, the best first.
func (p *page) best() ([]*candidate, error) {
	all := p.heap.all
	slices.SortFunc(all, p.heap.compare)
	all = all[min(p.offset, len(all)):]
	for _, c := range all {
		p.heap.load(c)
	}
	return all, p.heap.err
}

// candidates is a heap with the worst on top.
type candidates struct {
	all  []*candidate
	page *page
	err  error
}

func (h *candidates) Len() int           { return len(h.all) }
func (h *candidates) Less(i, j int) bool { return h.compare(h.all[i], h.all[j]) > 0 }
func (h *candidates) Swap(i, j int)      { h.all[i], h.all[j] = h.all[j], h.all[i] }
func (h *candidates) Push(c any)         { h.all = append(h.all, c.(*candidate)) }
func (h *candidates) Pop() any           { panic("candidates are replaced, not taken") }

// compare is negative if a stands before b.
func (h *candidates) compare(a, b *candidate) int {
	if a.score != b.score {
		return cmp.Compare(b.score, a.score)
	}
	h.load(a)
	h.load(b)
	return cmp.Or(strings.Compare(a.key, b.key), strings.Compare(a.iri, b.iri))
}

// load reads what orders a candidate among equals. An error is kept.
func (h *candidates) load(c *candidate) {
	if c.read || h.err != nil {
		return
	}
	c.read = true
	p := h.page
	p.id = index.NewIndexInternalID(p.id, c.doc)
	h.err = p.keys.VisitDocValues(p.id, func(_ string, term []byte) {
		if c.key == "" || string(term) < c.key {
			c.key = string(term)
		}
	})
	if h.err == nil {
		c.iri, h.err = p.reader.ExternalID(p.id)
	}
}
