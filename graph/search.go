package graph

import "context"

// A Searcher finds things by the words of their names. Its index follows the store by
// reading changes, so it may lag behind: Found says which version it answers for.
type Searcher interface {
	Search(ctx context.Context, q Search) (Found, error)
}

// A Search is what somebody looks for. Text is words, never a query language: every
// character is allowed and none has a meaning of its own.
type Search struct {
	Text   string
	Types  []IRI // only things of one of these classes; none means all
	Offset int
	Limit  int // 0 means 20
}

// Found is one page of an answer.
type Found struct {
	Version Version
	Total   uint64 // of all pages
	Types   []TypeCount
	Hits    []Hit
}

// A TypeCount tells how many of all that was found are of a class.
type TypeCount struct {
	Type  IRI
	Count uint64
}

// A Hit is one thing that was found.
type Hit struct {
	Thing Term
	Score float64 // higher is better; comparable within one answer only
	Name  string  // the name that matched best
}
