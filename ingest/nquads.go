package ingest

import "mocban/graph"

// A quadWriter writes canonical N-Quads ([graph.AppendQuad]). The quads of records repeat
// their IRIs all the time, so it keeps those it has written and copies them.
type quadWriter struct {
	written [1 << 10]writtenIRI
}

type writtenIRI struct {
	iri  string
	text []byte
}

func (w *quadWriter) append(b []byte, q graph.Quad) []byte {
	b = append(w.appendTerm(b, q.S), ' ')
	b = append(w.appendIRI(b, string(q.P)), ' ')
	b = append(w.appendTerm(b, q.O), ' ')
	if !q.G.IsZero() {
		b = append(w.appendTerm(b, q.G), ' ')
	}
	return append(b, '.', '\n')
}

func (w *quadWriter) appendTerm(b []byte, t graph.Term) []byte {
	if iri, ok := t.IRI(); ok {
		return w.appendIRI(b, string(iri))
	}
	return graph.AppendTerm(b, t)
}

func (w *quadWriter) appendIRI(b []byte, iri string) []byte {
	at := &w.written[slot(iri)]
	if at.iri != iri || at.text == nil {
		at.iri = iri
		at.text = graph.AppendTerm(at.text[:0], graph.IRI(iri).Term())
	}
	return append(b, at.text...)
}

// slot is where an IRI is kept. IRIs differ in length and in their last bytes.
func slot(iri string) uint {
	h := uint(len(iri)) * 0x9E37
	for i := max(0, len(iri)-8); i < len(iri); i++ {
		h = h*31 + uint(iri[i])
	}
	return h % (1 << 10)
}
