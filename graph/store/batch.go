package store

import (
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"mocban/graph"
	"mocban/graph/log"
)

// A quadBatch holds quads with a copy of all their text.
type quadBatch struct {
	quads []graph.Quad
	text  []byte
}

const (
	batchQuads = 4096
	batchText  = 1 << 20 // bytes
)

func newQuadBatch() *quadBatch {
	return &quadBatch{quads: make([]graph.Quad, 0, batchQuads), text: make([]byte, 0, batchText)}
}

func textBytes(q *graph.Quad) int {
	n := len(q.P)
	for _, t := range [...]*graph.Term{&q.S, &q.O, &q.G} {
		n += len(t.Value()) + len(t.Datatype()) + len(t.Lang())
	}
	return n
}

func (b *quadBatch) full(q *graph.Quad) bool {
	return len(b.quads) == batchQuads || len(b.quads) > 0 && len(b.text)+textBytes(q) > cap(b.text)
}

// add copies a quad. Text that is the same as in the quad before is copied once.
func (b *quadBatch) add(q *graph.Quad) {
	if n := textBytes(q); len(b.text)+n > cap(b.text) {
		b.text = make([]byte, 0, n) // one huge quad
	}
	var c graph.Quad
	if n := len(b.quads); n > 0 {
		c = b.quads[n-1]
	}
	if q.S != c.S {
		c.S = b.term(q.S)
	}
	if q.P != c.P {
		c.P = graph.IRI(b.copy(string(q.P)))
	}
	c.O = b.term(q.O)
	if q.G != c.G {
		c.G = b.term(q.G)
	}
	b.quads = append(b.quads, c)
}

func (b *quadBatch) copy(s string) string {
	start := len(b.text)
	b.text = append(b.text, s...)
	return unsafe.String(unsafe.SliceData(b.text[start:]), len(s))
}

func (b *quadBatch) term(t graph.Term) graph.Term {
	switch graph.ClassOf(t) {
	case graph.ClassSpecial:
		return t
	case graph.ClassTriple:
		return t.Clone()
	case graph.ClassTyped:
		return graph.Literal(b.copy(t.Value()), graph.IRI(b.copy(string(t.Datatype()))))
	}
	switch {
	case t.IsIRI():
		return graph.IRI(b.copy(t.Value())).Term()
	case t.IsBlank():
		return graph.Blank(b.copy(t.Value()))
	case t.Lang() != "":
		return graph.DirText(b.copy(t.Value()), b.copy(t.Lang()), t.Dir())
	}
	return graph.String(b.copy(t.Value()))
}

func (b *quadBatch) reset() {
	clear(b.quads)
	b.quads = b.quads[:0]
	if cap(b.text) != batchText {
		b.text = make([]byte, 0, batchText)
	}
	b.text = b.text[:0]
}

// A chunkWriter numbers quads and writes them to the log. It is for one goroutine at a time.
type chunkWriter struct {
	l     *loader
	max   int // bytes of a chunk
	chunk chunkBuilder
	text  []byte // for the log
}

// take takes quads, of which nothing is kept.
func (p *chunkWriter) take(quads []graph.Quad) error {
	var last *graph.Quad
	from, to := 0, 0 // the subject of the last quad in the text
	for i := range quads {
		q := &quads[i]
		p.chunk.add(q, last)
		if p.l.w != nil {
			from, to = p.say(q, last, from, to)
			if len(p.text) >= log.PartBytes {
				if err := p.flush(); err != nil {
					return err
				}
				from, to = 0, 0
			}
		}
		last = q
		if p.chunk.bytes() >= p.max || len(p.chunk.text) >= maxChunkText {
			if err := p.seal(); err != nil {
				return err
			}
			last = nil
		}
	}
	return nil
}

// flush writes the text to the log.
func (p *chunkWriter) flush() error {
	if len(p.text) == 0 {
		return nil
	}
	err := p.l.w.Part(p.text)
	p.text = p.text[:0]
	return err
}

// say writes the line of the last row to the text, as log.AppendOp does. A subject that was
// just written, and IRIs that need no escapes, are copied.
func (p *chunkWriter) say(q, last *graph.Quad, from, to int) (start, end int) {
	r := &p.chunk.rows[len(p.chunk.rows)-1]
	b := append(p.text, log.AddByte)
	start = len(b)
	if to > 0 && last != nil && q.S == last.S {
		b = append(b, b[from:to]...)
	} else {
		b = p.appendTerm(b, q.S, r[graph.PosS])
	}
	end = len(b)
	b = p.appendTerm(append(b, ' '), q.P.Term(), r[graph.PosP])
	b = p.appendTerm(append(b, ' '), q.O, r[graph.PosO])
	if !q.G.IsZero() {
		b = p.appendTerm(append(b, ' '), q.G, r[graph.PosG])
	}
	p.text = append(b, ' ', '.', '\n')
	return start, end
}

func (p *chunkWriter) appendTerm(b []byte, t graph.Term, n uint32) []byte {
	iri, ok := t.IRI()
	if !ok {
		return graph.AppendTerm(b, t)
	}
	known := &p.chunk.terms[n]
	if known.plain {
		b = append(b, '<')
		b = append(b, iri...)
		return append(b, '>')
	}
	from := len(b)
	b = graph.AppendTerm(b, t)
	known.plain = len(b)-from == len(iri)+len("<>")
	return b
}

// seal ends a chunk, if there is one.
func (p *chunkWriter) seal() error {
	if len(p.chunk.terms) == 0 {
		return nil
	}
	if err := p.l.keepChunk(p.chunk.seal()); err != nil {
		return fmt.Errorf("put a chunk aside: %w", err)
	}
	return nil
}

// keepChunk takes over a chunk, and puts it in files if memory is short.
func (l *loader) keepChunk(c *chunk) error {
	l.chunkM.Lock()
	defer l.chunkM.Unlock()
	l.chunks = append(l.chunks, c)
	if n := int64(c.bytes()); l.held+n < l.budget/2 {
		l.held += n
		return nil
	}
	if err := l.s.checkSpace(int64(c.bytes())); err != nil {
		return err
	}
	dir, err := l.scrapFolder()
	if err != nil {
		return err
	}
	return c.spill(dir)
}

// scrapFolder returns the folder for what does not fit in memory. The caller holds chunkM.
func (l *loader) scrapFolder() (string, error) {
	if l.scrap != "" {
		return l.scrap, nil
	}
	dir, err := os.MkdirTemp(l.s.dir, scrapPrefix+"*")
	l.scrap = dir
	return dir, err
}

const scrapPrefix = "load-"

// removeScrap removes what an earlier load left behind.
func removeScrap(dir string) {
	old, _ := filepath.Glob(filepath.Join(dir, scrapPrefix+"*"))
	for _, f := range old {
		os.RemoveAll(f)
	}
}
