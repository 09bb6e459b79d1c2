package ingest

import "mocban/graph"

// A quadWriter writes canonical N-Quads ([graph.AppendQuad]). The quads of a record share
// their graph, those of a thing follow one another, and IRIs come again all the time. So it
// keeps the last subject and graph as they are written, and knows the IRIs of late that need
// no escapes.
type quadWriter struct {
	subject, graph       graph.Term
	subjectText, endText []byte // with a blank behind the subject, and all behind the object
	plain                [1 << 11]string
}

func (w *quadWriter) append(b []byte, q *graph.Quad) []byte {
	if q.S != w.subject || w.subjectText == nil {
		w.subject = q.S
		w.subjectText = append(w.appendTerm(w.subjectText[:0], q.S), ' ')
	}
	if q.G != w.graph || w.endText == nil {
		w.graph = q.G
		w.endText = append(w.endText[:0], ' ')
		if !q.G.IsZero() {
			w.endText = append(graph.AppendTerm(w.endText, q.G), ' ')
		}
		w.endText = append(w.endText, '.', '\n')
	}
	b = append(b, w.subjectText...)
	b = append(w.appendIRI(b, string(q.P)), ' ')
	b = w.appendTerm(b, q.O)
	return append(b, w.endText...)
}

func (w *quadWriter) appendTerm(b []byte, t graph.Term) []byte {
	if iri, ok := t.IRI(); ok {
		return w.appendIRI(b, string(iri))
	}
	return graph.AppendTerm(b, t)
}

func (w *quadWriter) appendIRI(b []byte, iri string) []byte {
	at := &w.plain[slot(iri)]
	if *at != iri || iri == "" {
		from := len(b)
		b = graph.AppendTerm(b, graph.IRI(iri).Term())
		if len(b)-from == len(iri)+len("<>") {
			*at = iri
		}
		return b
	}
	b = append(b, '<')
	b = append(b, iri...)
	return append(b, '>')
}

// slot is where an IRI is kept. IRIs differ in length and in their last bytes.
func slot(iri string) uint64 {
	h := uint64(len(iri))
	if len(iri) >= 8 {
		s := iri[len(iri)-8:]
		h ^= uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	}
	return h * 0x9E3779B97F4A7C15 >> (64 - 11)
}
