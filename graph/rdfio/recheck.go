package rdfio

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/knakk/rdf"

	"mocban/graph"
)

// recheckLines is how many lines are given to the other reader at a time.
const recheckLines = 1000

// Recheck reads a document that we wrote in canonical N-Triples or N-Quads with a reader
// that is not ours, knakk/rdf, and tells where the two would understand a line differently.
// It returns how many lines it read. It is for files of our own only: on those of others
// that reader can end the process.
func Recheck(ctx context.Context, f *Format, r io.Reader) (lines uint64, err error) {
	if f != NTriples && f != NQuads {
		return 0, fmt.Errorf("recheck %s: %w", f, ErrFormat)
	}
	in := bufio.NewReaderSize(r, 1<<20)
	for {
		if err := ctx.Err(); err != nil {
			return lines, err
		}
		chunk, err := someLines(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return lines, err
		}
		if len(chunk) > 0 {
			n, err := recheckChunk(f, chunk)
			lines += n
			if err != nil {
				return lines, fmt.Errorf("line %d: %w", lines+1, err)
			}
		}
		if err != nil {
			return lines, nil
		}
	}
}

// someLines reads up to recheckLines lines, of any length.
func someLines(in *bufio.Reader) (chunk []byte, err error) {
	for range recheckLines {
		for {
			part, err := in.ReadSlice('\n')
			chunk = append(chunk, part...)
			if err == nil {
				break
			}
			if !errors.Is(err, bufio.ErrBufferFull) {
				return chunk, err
			}
		}
	}
	return chunk, nil
}

// recheckChunk compares lines with what the other reader makes of them. It reads to the end:
// what is abandoned leaves a goroutine behind.
func recheckChunk(f *Format, chunk []byte) (n uint64, err error) {
	d := otherReader(f, chunk)
	for line := range bytes.Lines(chunk) {
		q, e := d()
		if err != nil {
			continue
		}
		if e != nil {
			err = fmt.Errorf("another reader refuses it: %w", e)
			continue
		}
		if again := graph.AppendQuad(nil, q); !bytes.Equal(again, bytes.TrimSuffix(line, []byte("\n"))) {
			err = fmt.Errorf("another reader understands %s", again)
			continue
		}
		n++
	}
	for _, e := d(); !errors.Is(e, io.EOF); _, e = d() {
		if err == nil {
			err = errors.New("another reader finds more in it than there is")
		}
	}
	return n, err
}

// otherReader returns what reads the next quad by knakk/rdf.
func otherReader(f *Format, text []byte) func() (graph.Quad, error) {
	if f == NQuads {
		d := rdf.NewQuadDecoder(bytes.NewReader(text), rdf.NQuads)
		return func() (graph.Quad, error) {
			q, err := d.Decode()
			if err != nil {
				return graph.Quad{}, err
			}
			return fromOther(q.Triple, q.Ctx)
		}
	}
	d := rdf.NewTripleDecoder(bytes.NewReader(text), rdf.NTriples)
	return func() (graph.Quad, error) {
		t, err := d.Decode()
		if err != nil {
			return graph.Quad{}, err
		}
		return fromOther(t, nil)
	}
}

// fromOther returns a quad of knakk/rdf as one of ours. What names no graph it puts into one
// that it calls _:defaultGraph.
func fromOther(t rdf.Triple, g rdf.Term) (q graph.Quad, err error) {
	p, ok := t.Pred.(rdf.IRI)
	if !ok {
		return q, fmt.Errorf("predicate %v is no IRI", t.Pred)
	}
	q = graph.Quad{S: termFromOther(t.Subj), P: graph.IRI(p.String()), O: termFromOther(t.Obj)}
	if g != nil {
		q.G = termFromOther(g)
	}
	if q.G == graph.Blank("defaultGraph") {
		q.G = graph.Term{}
	}
	return q, nil
}

func termFromOther(t rdf.Term) graph.Term {
	switch t := t.(type) {
	case rdf.IRI:
		return graph.IRI(t.String()).Term()
	case rdf.Blank:
		return graph.Blank(strings.TrimPrefix(t.Serialize(rdf.NTriples), "_:"))
	case rdf.Literal:
		if t.Lang() != "" {
			return graph.Text(t.String(), t.Lang())
		}
		return graph.Literal(t.String(), graph.IRI(t.DataType.String()))
	}
	return graph.Term{}
}
