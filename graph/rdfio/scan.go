package rdfio

import (
	"context"
	"io"
	"runtime"

	"mocban/graph"
	"mocban/graph/rdfio/turtle"
)

// scanned is how many quads are read at a time from formats that one core reads.
const scanned = 1024

// Scan reads a document and calls fn with its quads, a batch at a time, in the order of the
// document. The batch is fn's until it returns; its terms stay valid. N-Triples and N-Quads
// are parsed on all cores, ahead of fn. Scan stops at the first error of fn, of the
// document, behind the last quad that could be read, or of ctx.
func Scan(ctx context.Context, f *Format, r io.Reader, o ReadOptions, fn func(quads []graph.Quad) error) error {
	if f == NTriples || f == NQuads {
		return turtle.ReadOrdered(ctx, r, f.Quads, o, runtime.GOMAXPROCS(0), fn)
	}
	reader, err := NewReader(f, r, o)
	if err != nil {
		return err
	}
	quads := make([]graph.Quad, scanned)
	for ctx.Err() == nil {
		n, err := reader.Read(quads)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := fn(quads[:n]); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// ScanParallel is [Scan] for those who do not need the order: fn is called from several
// goroutines at once, with the number of the batch in the document, from 0. After an error
// some batches behind it may have been given to fn. Formats other than N-Triples and
// N-Quads have one goroutine.
func ScanParallel(ctx context.Context, f *Format, r io.Reader, o ReadOptions, fn func(n int, quads []graph.Quad) error) error {
	if f == NTriples || f == NQuads {
		return turtle.ReadParallel(ctx, r, f.Quads, o, runtime.GOMAXPROCS(0), fn)
	}
	n := 0
	return Scan(ctx, f, r, o, func(quads []graph.Quad) error {
		n++
		return fn(n-1, quads)
	})
}
