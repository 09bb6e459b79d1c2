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

// A chunkWriter numbers the quads of batches.
type chunkWriter struct {
	l     *loader
	max   int // bytes of a chunk
	chunk *chunk
	text  []byte
}

func (p *chunkWriter) run() {
	for b := range p.l.jobs {
		if p.l.err.get() == nil {
			if err := p.take(b); err != nil {
				p.l.err.set(err)
			}
		}
		b.reset()
		select {
		case p.l.free <- b:
		default:
		}
	}
	if p.l.err.get() == nil && p.chunk != nil {
		p.l.err.set(p.seal())
	}
}

func (p *chunkWriter) take(b *quadBatch) error {
	if p.chunk == nil {
		p.chunk = newChunk()
	}
	p.text = p.text[:0]
	for i := range b.quads {
		q := &b.quads[i]
		p.chunk.add(q)
		if p.l.w != nil {
			p.text = log.AppendOp(p.text, graph.Op{Kind: graph.OpAdd, Quad: *q})
		}
	}
	if len(p.text) > 0 {
		if err := p.l.w.Part(p.text); err != nil {
			return err
		}
	}
	if p.chunk.bytes() < p.max {
		return nil
	}
	return p.seal()
}

// seal ends a chunk.
func (p *chunkWriter) seal() error {
	c := p.chunk
	p.chunk = nil
	c.sort()
	if err := p.l.keepChunk(c); err != nil {
		return fmt.Errorf("put a chunk aside: %w", err)
	}
	return nil
}

// keepChunk takes over a chunk, and puts it in files if memory is short.
func (l *loader) keepChunk(c *chunk) error {
	l.chunkM.Lock()
	defer l.chunkM.Unlock()
	held := int64(0)
	for _, o := range l.chunks {
		held += int64(o.bytes())
	}
	l.chunks = append(l.chunks, c)
	if held+int64(c.bytes()) < l.memory()/2 {
		return nil
	}
	dir, err := l.scrapFolder()
	if err != nil {
		return err
	}
	return c.spill(dir)
}

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
