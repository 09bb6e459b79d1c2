package turtle

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"

	"mocban/graph"
	"mocban/graph/rdfio/document"
)

// partBytes is how much of a document one worker reads at a time. It is a variable for
// tests.
var partBytes = 512 << 10

// A part is whole lines of a document.
type part struct {
	n     int // from 0
	text  []byte
	lines int // before it
	cause error
	quads []graph.Quad
	err   error
	done  chan struct{}
}

// splitter cuts a document at line ends.
type splitter struct {
	r     io.Reader
	max   int
	rest  []byte
	n     int
	lines int
	ended bool
}

// next returns the next part, or nil at the end. A document that cannot be read further
// gives a last part with the cause.
func (s *splitter) next() *part {
	if s.ended {
		return nil
	}
	p := &part{n: s.n, lines: s.lines, done: make(chan struct{})}
	buf := make([]byte, len(s.rest), len(s.rest)+partBytes)
	copy(buf, s.rest)
	for {
		n, err := document.Fill(s.r, buf[len(buf):cap(buf)])
		fresh := buf[len(buf) : len(buf)+n]
		buf = buf[:len(buf)+n]
		if err != nil {
			s.ended = true
			if err != io.EOF {
				p.cause = fmt.Errorf("read RDF: %w", err)
			}
			break
		}
		if end := bytes.LastIndexByte(fresh, '\n'); end >= 0 {
			whole := len(buf) - len(fresh) + end + 1
			s.rest = buf[whole:]
			buf = buf[:whole]
			break
		}
		if len(buf) > 4*(6*s.max+64) { // four terms, as long as they may be
			s.ended = true
			p.cause = &document.SyntaxError{Line: s.lines + 1, Column: 1, Detail: fmt.Sprintf("line of more than %d bytes", len(buf))}
			buf = nil
			break
		}
		buf = append(make([]byte, 0, 2*len(buf)), buf...)
	}
	s.n++
	p.text = buf
	s.lines += lineEnds(buf)
	return p
}

func lineEnds(b []byte) int {
	n := bytes.Count(b, []byte("\n"))
	if r := bytes.Count(b, []byte("\r")); r > 0 {
		n += r - bytes.Count(b, []byte("\r\n"))
	}
	return n
}

// parse reads the quads of a part.
func (p *part) parse(quads bool, o document.Options) {
	l := &Lines{scanner: newScanner(document.NewPart(p.text, p.lines, p.cause, o), o), quads: quads, graph: o.Graph}
	p.text = nil
	for {
		if len(p.quads) == cap(p.quads) {
			p.quads = append(make([]graph.Quad, 0, max(1024, 2*cap(p.quads))), p.quads...)
		}
		n, err := l.Read(p.quads[len(p.quads):cap(p.quads)])
		p.quads = p.quads[:len(p.quads)+n]
		if err != nil {
			if err != io.EOF {
				p.err = err
			}
			return
		}
	}
}

// ReadParallel reads N-Triples or N-Quads with so many workers and calls f, from several
// goroutines at once, with the quads of the n-th part of the document, n from 0. The slice
// is f's until it returns. It stops at the first error of f or of the document; quads
// before the mistake were given to f, and some behind it may have been. It returns when
// nobody works any more.
func ReadParallel(ctx context.Context, r io.Reader, quads bool, o document.Options, workers int, f func(n int, quads []graph.Quad) error) error {
	if o.Blanks == "" {
		o.Blanks = document.Prefix()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	parts := make(chan *part)
	var wg sync.WaitGroup
	var first failure
	for range workers {
		wg.Go(func() {
			var room []graph.Quad
			for p := range parts {
				p.quads = room[:0]
				p.parse(quads, o)
				err := p.err
				if len(p.quads) > 0 {
					if ferr := f(p.n, p.quads); ferr != nil {
						err = ferr
					}
				}
				if err != nil {
					first.set(p.n, err)
					cancel()
				}
				room = p.quads
			}
		})
	}
	s := splitter{r: r, max: o.Max()}
	for p := s.next(); p != nil && ctx.Err() == nil; p = s.next() {
		select {
		case parts <- p:
		case <-ctx.Done():
		}
	}
	close(parts)
	wg.Wait()
	if first.err != nil {
		return first.err
	}
	return ctx.Err()
}

// failure keeps the error of the first part that has one.
type failure struct {
	mu  sync.Mutex
	n   int
	err error
}

func (f *failure) set(n int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil || n < f.n {
		f.n, f.err = n, err
	}
}

// ReadOrdered is [ReadParallel] with f called from the caller's goroutine, in the order of
// the document. The quads before a mistake are given to f, and none behind it.
func ReadOrdered(ctx context.Context, r io.Reader, quads bool, o document.Options, workers int, f func(quads []graph.Quad) error) error {
	if o.Blanks == "" {
		o.Blanks = document.Prefix()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	parts, order := make(chan *part), make(chan *part, workers)
	free := make(chan []graph.Quad, workers+2)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() {
		defer close(parts)
		defer close(order)
		s := splitter{r: r, max: o.Max()}
		for p := s.next(); p != nil && ctx.Err() == nil; p = s.next() {
			select {
			case parts <- p:
			case <-ctx.Done():
				return
			}
			select {
			case order <- p:
			case <-ctx.Done():
				return
			}
		}
	})
	for range workers {
		wg.Go(func() {
			for p := range parts {
				select {
				case p.quads = <-free:
				default:
				}
				p.parse(quads, o)
				close(p.done)
			}
		})
	}
	for p := range order {
		<-p.done
		if len(p.quads) > 0 {
			if err := f(p.quads); err != nil {
				return err
			}
		}
		if p.err != nil {
			return p.err
		}
		select {
		case free <- p.quads[:0]:
		default:
		}
	}
	return ctx.Err()
}
