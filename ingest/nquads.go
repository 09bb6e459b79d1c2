package ingest

import "mocban/graph"

// A quadWriter writes canonical N-Quads ([graph.AppendQuad]). The quads of a record share
// their graph, those of a thing follow one another, and IRIs come again all the time. So it
// copies subjects and graphs that it has just written, and knows the IRIs of late that need
// no escapes. Its tables are small, so that they stay near the core.
type quadWriter struct {
	graph      graph.Term
	end        []byte // all that stands behind an object, in that graph
	predicates [1 << 8]string
	terms      [1 << 9]string
}

func (w *quadWriter) append(b []byte, quads []graph.Quad) []byte {
	from, to := 0, 0 // the last subject in b, with a blank
	for i := range quads {
		q := &quads[i]
		start := len(b)
		if i > 0 && q.S == quads[i-1].S {
			b = append(b, b[from:to]...)
		} else {
			b = append(w.appendTerm(b, q.S), ' ')
		}
		from, to = start, len(b)
		p := string(q.P)
		b = append(appendIRI(b, p, &w.predicates[slot(p)>>(64-8)]), ' ')
		b = w.appendTerm(b, q.O)
		if q.G != w.graph || w.end == nil {
			w.enter(q.G)
		}
		b = append(b, w.end...)
	}
	return b
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

func (w *quadWriter) appendTerm(b []byte, t graph.Term) []byte {
	if iri, ok := t.IRI(); ok {
		return appendIRI(b, string(iri), &w.terms[slot(string(iri))>>(64-9)])
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
