package ingest

import (
	"sync"

	"mocban/graph"
)

// Text is written into pages of one size that are used again, so nothing is left to the
// collector. A page with less room than pageReserve is full; a line that is longer makes its
// page a larger one, which is not kept.
const (
	pageBytes   = 64 << 10
	pageReserve = 2 << 10
)

// spares are pages that nobody uses. What was used last comes first, for it is near a core
// still.
type spares struct {
	mu   sync.Mutex
	idle [][]byte
}

// page returns an empty page.
func (s *spares) page() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.idle)
	if n == 0 {
		return make([]byte, 0, pageBytes)
	}
	p := s.idle[n-1]
	s.idle = s.idle[:n-1]
	return p
}

// take takes pages back.
func (s *spares) take(pages [][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range pages {
		if cap(p) == pageBytes {
			s.idle = append(s.idle, p[:0])
		}
	}
}

// A quadWriter writes canonical N-Quads ([graph.AppendQuad]). The quads of a record share
// their graph, those of a thing follow one another, and IRIs come again all the time. So it
// copies subjects and graphs that it has just written, has predicates ready with their brackets,
// and knows the IRIs of late that need no escapes. Its tables are small, so that they stay near
// the core.
type quadWriter struct {
	graph      graph.Term
	end        []byte // all that stands behind an object, in that graph
	predicates [1 << 10]predicate
	known      int // of the predicates
	terms      [1 << 9]string
}

// A predicate is one as it is and as it is written, with a blank behind it.
type predicate struct{ iri, text string }

// mostPredicates is how many are kept ready. There are less than 200 in what we make.
const mostPredicates = 1 << 9

// It goes on behind the last of pages, and takes new ones from spare.
func (w *quadWriter) append(pages [][]byte, quads []graph.Quad, spare *spares) [][]byte {
	if len(quads) == 0 {
		return pages
	}
	if len(pages) == 0 {
		pages = append(pages, spare.page())
	}
	b := pages[len(pages)-1]
	from, to := 0, 0 // the last subject in b, with a blank
	for i := range quads {
		if cap(b)-len(b) < pageReserve {
			pages[len(pages)-1] = b
			b = spare.page()
			pages = append(pages, b)
			to = 0
		}
		q := &quads[i]
		start := len(b)
		if to > 0 && q.S == quads[i-1].S {
			b = append(b, b[from:to]...)
		} else {
			b = append(w.appendTerm(b, q.S), ' ')
		}
		from, to = start, len(b)
		b = w.appendPredicate(b, string(q.P))
		b = w.appendTerm(b, q.O)
		if q.G != w.graph || w.end == nil {
			w.enter(q.G)
		}
		b = append(b, w.end...)
	}
	pages[len(pages)-1] = b
	return pages
}

// enter makes ready what stands behind the objects of a graph.
func (w *quadWriter) enter(g graph.Term) {
	w.graph = g
	w.end = append(w.end[:0], ' ')
	if !g.IsZero() {
		w.end = append(graph.AppendTerm(w.end, g), ' ')
	}
	w.end = append(w.end, '.', '\n')
}

// appendPredicate appends a predicate and a blank.
func (w *quadWriter) appendPredicate(b []byte, iri string) []byte {
	at := slot(iri) >> (64 - 10)
	for ; w.predicates[at].text != ""; at = (at + 1) % uint64(len(w.predicates)) {
		if p := &w.predicates[at]; p.iri == iri {
			return append(b, p.text...)
		}
	}
	from := len(b)
	b = append(graph.AppendTerm(b, graph.IRI(iri).Term()), ' ')
	if w.known < mostPredicates {
		w.predicates[at] = predicate{iri, string(b[from:])}
		w.known++
	}
	return b
}

func (w *quadWriter) appendTerm(b []byte, t graph.Term) []byte {
	switch iri, ok := t.IRI(); {
	case ok:
		return appendIRI(b, string(iri), &w.terms[slot(string(iri))>>(64-9)])
	case t.IsBlank():
		return append(append(b, '_', ':'), t.Value()...)
	}
	return graph.AppendTerm(b, t)
}

// appendIRI appends an IRI. At the place given stands one that needs no escapes.
func appendIRI(b []byte, iri string, plain *string) []byte {
	if *plain != iri || iri == "" {
		from := len(b)
		b = graph.AppendTerm(b, graph.IRI(iri).Term())
		if len(b)-from == len(iri)+len("<>") {
			*plain = iri
		}
		return b
	}
	b = append(b, '<')
	b = append(b, iri...)
	return append(b, '>')
}

// slot tells in its upper bits where an IRI is kept. IRIs differ in length and in their last
// bytes.
func slot(iri string) uint64 {
	h := uint64(len(iri))
	if len(iri) >= 8 {
		s := iri[len(iri)-8:]
		h ^= uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	}
	return h * 0x9E3779B97F4A7C15
}
