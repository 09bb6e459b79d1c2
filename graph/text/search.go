package text

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	index "github.com/blevesearch/bleve_index_api"

	"mocban/graph"
)

// Search implements graph.Searcher. A thing is found if one name or several hold every word
// of the text, with any marks, or if the text is its IRI or an identifier of it. Text
// without a word finds nothing. Of the text the first 256 characters and 32 words count.
//
// A damaged index is a *graph.CorruptError; the next [Index.CatchUp] builds it anew.
//
// Hits of one score are in the order of their first names without marks, then of IRIs, so
// that equal indexes give equal pages. Classes beyond the 100 most common are not counted.
func (x *Index) Search(ctx context.Context, s graph.Search) (graph.Found, error) {
	return x.find(ctx, s, func(*reading) (*query, error) { return x.newQuery(s.Text, s.Types), nil })
}

// find answers the query that ask makes.
func (x *Index) find(ctx context.Context, s graph.Search, ask func(*reading) (*query, error)) (found graph.Found, err error) {
	page, err := newPage(s)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return found, fmt.Errorf("search: %w", err)
	}
	v, err := x.acquire()
	if err != nil || v == nil {
		return found, err
	}
	defer v.release()
	r := &reading{ctx: ctx, reader: v.reader}
	found, err = v.attempt(r, page, ask)
	if err == nil {
		return found, nil
	}
	if ctx.Err() != nil {
		return found, fmt.Errorf("search: %w", ctx.Err())
	}
	v.build.damaged.Store(true)
	return found, &graph.CorruptError{Place: "search index " + x.dir, Detail: err.Error()}
}

// attempt answers the query that ask makes. Bleve trusts the bytes of its files, so damage
// may also make it panic.
func (v *view) attempt(r *reading, p *page, ask func(*reading) (*query, error)) (found graph.Found, err error) {
	defer r.close()
	err = guard(func() error {
		q, err := ask(r)
		if err == nil {
			found, err = v.answer(r, q, p)
		}
		return err
	})
	if err != nil {
		return graph.Found{}, err
	}
	return found, nil
}

// answer finds, counts and ranks.
func (v *view) answer(r *reading, q *query, p *page) (found graph.Found, err error) {
	found.Version = v.stamp.Version
	match, err := q.match(r)
	if err != nil || match == nil {
		return found, err
	}
	if err := v.rank(r, q, match, p); err != nil {
		return found, err
	}
	found.Total = p.total
	if found.Types, err = v.countTypes(r, q); err != nil {
		return found, err
	}
	found.Hits, err = v.hits(r, q, p)
	return found, err
}

// match returns what a query finds, or nil if it looks for nothing.
func (q *query) match(r *reading) (set, error) {
	var all, either []set
	for _, c := range q.must {
		s, err := r.any(c.field, c.terms)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	if len(all) > 0 {
		s, err := r.intersection(all...)
		if err != nil {
			return nil, err
		}
		either = append(either, s)
	}
	for _, c := range q.or {
		s, err := r.any(c.field, c.terms)
		if err != nil {
			return nil, err
		}
		either = append(either, s)
	}
	if len(either) == 0 {
		return nil, nil
	}
	match, err := r.union(either...)
	if err != nil || len(q.classes) == 0 {
		return match, err
	}
	classes, err := r.any(termField, q.classes)
	if err != nil {
		return nil, err
	}
	return r.intersection(match, classes)
}

// rank reads what was found and leaves the best in the page.
func (v *view) rank(r *reading, q *query, match set, p *page) error {
	m := cursor{set: match}
	clauses := make([]cursor, len(q.rank))
	for i, c := range q.rank {
		has, err := r.any(c.field, c.terms)
		if err != nil {
			return err
		}
		if clauses[i].set, err = r.intersection(match, has); err != nil {
			return err
		}
	}
	for i := range clauses {
		if err := clauses[i].next(); err != nil {
			return err
		}
	}
	keys, err := v.reader.DocValueReader([]string{keyField})
	if err != nil {
		return err
	}
	p.keys, p.reader = keys, v.reader
	for err = m.next(); m.more && err == nil; err = m.next() {
		if p.total++; p.total%blockSize == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		score := 0.0
		for i := range clauses {
			if c := &clauses[i]; c.more && c.at == m.at {
				score += q.rank[i].weight
				if err := c.next(); err != nil {
					return err
				}
			}
		}
		if err := p.offer(m.at, score); err != nil {
			return err
		}
	}
	return err
}

// countTypes counts what was found by class. The sets are made anew, as rank has read them.
func (v *view) countTypes(r *reading, q *query) (counts []graph.TypeCount, err error) {
	types, err := v.commonTypes()
	if err != nil {
		return nil, err
	}
	match, err := q.match(r)
	if err != nil {
		return nil, err
	}
	for _, t := range types {
		class, err := r.term(termField, t)
		if err != nil {
			return nil, err
		}
		both, err := r.intersection(match, class)
		if err != nil {
			return nil, err
		}
		n, err := r.count(both)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			iri := graph.IRI(strings.TrimPrefix(t, classTerm))
			counts = append(counts, graph.TypeCount{Type: iri, Count: n})
		}
	}
	slices.SortFunc(counts, func(a, b graph.TypeCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(string(a.Type), string(b.Type)))
	})
	return counts, nil
}

// commonTypes returns the terms of the most common classes.
func (v *view) commonTypes() ([]string, error) {
	v.once.Do(func() { v.types, v.err = commonTerms(v.reader, termField, classTerm, maxClasses) })
	return v.types, v.err
}

// hits reads the names of a page.
func (v *view) hits(r *reading, q *query, p *page) (hits []graph.Hit, err error) {
	best, err := p.best()
	if err != nil {
		return nil, err
	}
	for _, c := range best {
		names, err := v.names(c.iri)
		if err == nil {
			err = r.ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		hits = append(hits, graph.Hit{Thing: graph.IRI(c.iri).Term(), Score: c.score, Name: q.bestName(names)})
	}
	return hits, nil
}

func (v *view) names(iri string) (names []named, err error) {
	d, err := v.reader.Document(iri)
	if err != nil || d == nil {
		return nil, err
	}
	d.VisitFields(func(f index.Field) {
		if value := f.Value(); f.Name() == nameField && len(value) > 0 {
			names = append(names, named{value[0], string(value[1:])})
		}
	})
	return names, nil
}
