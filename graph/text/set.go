package text

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	index "github.com/blevesearch/bleve_index_api"
)

// A set is some documents, in the order of their numbers. Sets are joined before the first
// of them is read.
type set = index.TermFieldReader

// A reading makes sets from one state of an index, and closes them.
type reading struct {
	ctx    context.Context
	reader index.IndexReader
	open   []set
}

func (r *reading) close() {
	for _, s := range r.open {
		s.Close()
	}
}

func (r *reading) keep(s set, err error) (set, error) {
	if err == nil {
		r.open = append(r.open, s)
	}
	return s, err
}

// term returns the documents that have a term.
func (r *reading) term(field, term string) (set, error) {
	return r.keep(r.reader.TermFieldReader(r.ctx, []byte(term), field, false, false, false))
}

// any returns the documents that have one of the terms. There must be one.
func (r *reading) any(field string, terms []string) (set, error) {
	var sets []set
	for _, t := range terms {
		s, err := r.term(field, t)
		if err != nil {
			return nil, err
		}
		sets = append(sets, s)
	}
	return r.union(sets...)
}

// union and intersection join bitmaps, without reading postings one by one.
func (r *reading) union(sets ...set) (set, error) { return r.join("disjunction:unadorned", sets) }

func (r *reading) intersection(sets ...set) (set, error) {
	return r.join("conjunction:unadorned", sets)
}

func (r *reading) join(kind string, sets []set) (set, error) {
	if len(sets) == 1 {
		return sets[0], nil
	}
	var join index.OptimizableContext
	for _, s := range sets {
		o, ok := s.(index.Optimizable)
		if !ok {
			return nil, errJoin
		}
		var err error
		if join, err = o.Optimize(kind, join); err != nil {
			return nil, err
		}
		if join == nil {
			return nil, errJoin
		}
	}
	joined, err := join.Finish()
	if err != nil {
		return nil, err
	}
	s, ok := joined.(set)
	if !ok {
		return nil, errJoin
	}
	return r.keep(s, nil)
}

var errJoin = errors.New("bleve does not join these postings")

// A cursor reads a set.
type cursor struct {
	set  set
	doc  index.TermFieldDoc
	at   uint64 // the document
	more bool
}

func (c *cursor) next() error {
	d, err := c.set.Next(c.doc.Reset())
	c.more = d != nil
	if c.more {
		c.at = d.ID.Value()
	}
	return err
}

// count returns how many documents are in a set, which is read.
func (r *reading) count(s set) (n uint64, err error) {
	c := cursor{set: s}
	for err = c.next(); c.more && err == nil; err = c.next() {
		if n++; n%blockSize == 0 && r.ctx.Err() != nil {
			return n, r.ctx.Err()
		}
	}
	return n, err
}

// blockSize is how many documents are read between two looks at the context.
const blockSize = 1024

// maxLookedAt is how many terms with a prefix are looked at. Bleve does not ask the context
// on the way.
const maxLookedAt = 4096

// commonTerms returns the most common terms with a prefix, at most n.
func commonTerms(r index.IndexReader, field, prefix string, n int) (terms []string, err error) {
	dict, err := r.FieldDictPrefix(field, []byte(prefix))
	if err != nil {
		return nil, err
	}
	defer dict.Close()
	counts := map[string]uint64{}
	for range maxLookedAt {
		e, err := dict.Next()
		if err != nil {
			return nil, err
		}
		if e == nil {
			break
		}
		term := strings.Clone(e.Term)
		counts[term] = e.Count
		terms = append(terms, term)
	}
	slices.SortStableFunc(terms, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	return terms[:min(len(terms), n)], nil
}
