package log

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"sort"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"

	"mocban/graph"
)

// A Change is a change set of the log.
type Change struct {
	graph.Change
	Mark Mark
	Bulk bool
	All  bool // it says all there is: what was changed before is no longer in the log

	// Raw returns the steps as they were written: for a bulk load that is as they came,
	// without those that turned out to be known before.
	Raw func() iter.Seq2[graph.Op, error]

	// Steps returns them as they were written with what turned out to be known before.
	Steps func() iter.Seq2[Step, error]
}

// Read returns the change sets after a version, oldest first. What a change set holds can be
// read for as long as its segment is kept. Where the beginning was folded, the first change
// set after version 0 is all there was then, and there are none after the versions between.
func (l *Log) Read(ctx context.Context, since graph.Version) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		if err := l.read(ctx, since, yield); err != nil {
			yield(Change{}, fmt.Errorf("read log: %w", err))
		}
	}
}

func (l *Log) read(ctx context.Context, since graph.Version, yield func(Change, error) bool) error {
	for {
		first, last, err := l.segmentOf(since + 1)
		if err != nil || first == 0 {
			return err
		}
		more, err := l.readSegment(ctx, first, last, &since, yield)
		if errors.Is(err, fs.ErrNotExist) {
			if again, _, e := l.segmentOf(since + 1); again != first || e != nil {
				continue // it was folded meanwhile
			}
		}
		if err != nil || !more {
			return err
		}
	}
}

// segmentOf returns the segment that holds a version, or 0 if the log has not come that far,
// and the last version of the log.
func (l *Log) segmentOf(v graph.Version) (first, last graph.Version, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if v > l.last.Version {
		return 0, 0, nil
	}
	if v > 1 && v <= l.folded {
		return 0, 0, &FoldedError{v - 1, l.folded}
	}
	i := sort.Search(len(l.segments), func(i int) bool { return l.segments[i] > v })
	if i == 0 && v == 1 && l.folded > 0 {
		return l.folded, l.last.Version, nil
	}
	if i == 0 {
		return 0, 0, fmt.Errorf("version %d is not in the log: %w", v, graph.ErrNotFound)
	}
	return l.segments[i-1], l.last.Version, nil
}

// readSegment reads the changes after *since in one segment and moves *since on.
func (l *Log) readSegment(ctx context.Context, first, last graph.Version, since *graph.Version, yield func(Change, error) bool) (more bool, err error) {
	s, err := openSegment(l.path(first))
	if err != nil {
		return false, err
	}
	defer s.close()
	at := s.start()
	for at.Version < last {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		c, err := s.readChange(at, nil)
		if errors.Is(err, io.EOF) && at.Version >= *since {
			return true, nil // the next segment goes on
		}
		if err != nil {
			return false, &graph.CorruptError{Place: s.path, Detail: fmt.Sprintf("change set %d at byte %d: %v", at.Version+1, at.Offset, err)}
		}
		before := at
		at = c.mark
		if at.Version <= *since {
			continue
		}
		*since = at.Version
		if !yield(l.change(ctx, s.path, before, c), nil) {
			return false, nil
		}
	}
	return false, nil
}

func (l *Log) change(ctx context.Context, path string, before Mark, c change) Change {
	raw := func() iter.Seq2[Step, error] { return lines(ctx, path, before) }
	out := Change{Mark: c.mark, Bulk: c.bulk, All: c.all, Steps: raw, Change: graph.Change{
		Version: c.mark.Version, Time: c.mark.Time, Source: c.source, Added: c.added, Removed: c.removed,
	}}
	out.Raw = func() iter.Seq2[graph.Op, error] { return steps(raw()) }
	out.Ops = out.Raw
	if c.bulk || c.all {
		out.Ops = func() iter.Seq2[graph.Op, error] { return sorted(raw()) }
	}
	return out
}

// A Step is a step as it is written.
type Step struct {
	Op    graph.Op
	Known bool // added though it was there before
}

// A FoldedError tells that the changes after a version are no longer kept. It wraps
// graph.ErrNotFound.
type FoldedError struct {
	Since  graph.Version
	Folded graph.Version // the log begins with all there was at this version
}

func (e *FoldedError) Error() string {
	return fmt.Sprintf("what was changed after version %d was folded: the log begins with all there was at version %d", e.Since, e.Folded)
}

func (e *FoldedError) Unwrap() error { return graph.ErrNotFound }

// steps leaves out what was no change.
func steps(in iter.Seq2[Step, error]) iter.Seq2[graph.Op, error] {
	return func(yield func(graph.Op, error) bool) {
		for l, err := range in {
			if err != nil {
				yield(graph.Op{}, err)
				return
			}
			if !l.Known && !yield(l.Op, nil) {
				return
			}
		}
	}
}

var errStop = errors.New("stop")

// lines reads the lines of the change set after a place.
func lines(ctx context.Context, path string, before Mark) iter.Seq2[Step, error] {
	return func(yield func(Step, error) bool) {
		s, err := openSegment(path)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("change set %d was folded meanwhile: %w", before.Version+1, graph.ErrNotFound)
		}
		if err != nil {
			yield(Step{}, err)
			return
		}
		defer s.close()
		_, err = s.readChange(before, func(part []byte) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return readPart(part, yield)
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(Step{}, fmt.Errorf("%s, change set %d: %w", path, before.Version+1, err))
		}
	}
}

// maxPart is how much text one part may hold.
const maxPart = 256 << 20

var decoders = sync.Pool{New: func() any {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxPart))
	if err != nil {
		panic(fmt.Sprintf("zstd refuses constant options: %v", err))
	}
	return d
}}

func readPart(part []byte, yield func(Step, error) bool) error {
	d := decoders.Get().(*zstd.Decoder)
	text, err := d.DecodeAll(part, nil)
	decoders.Put(d)
	if err != nil {
		return fmt.Errorf("a part does not unpack: %w", err)
	}
	return eachLine(string(text), yield)
}

func eachLine(text string, yield func(Step, error) bool) error {
	for text != "" {
		s, rest, ok := strings.Cut(text, "\n")
		if !ok {
			return errors.New("a part ends within a line")
		}
		l, err := parseLine(s)
		if err != nil {
			return fmt.Errorf("line %.80q: %w", s, err)
		}
		if !yield(l, nil) {
			return errStop
		}
		text = rest
	}
	return nil
}

func parseLine(s string) (l Step, err error) {
	if s == "" {
		return l, errors.New("it is empty")
	}
	kind, s := s[0], s[1:]
	switch kind {
	case '+', knownByte:
		l.Op.Kind, l.Known = graph.OpAdd, kind == knownByte
	case '-':
		l.Op.Kind = graph.OpRemove
	case 'g':
		l.Op.Kind = graph.OpCreateGraph
	case 'x':
		l.Op.Kind = graph.OpDropGraph
	default:
		return l, fmt.Errorf("a step of kind %q", kind)
	}
	if l.Op.Kind == graph.OpCreateGraph || l.Op.Kind == graph.OpDropGraph {
		l.Op.Quad.G, s, err = graph.ParseTerm(s)
		if err == nil && s != "" {
			err = errors.New("it goes on after the graph")
		}
		return l, err
	}
	l.Op.Quad, err = parseQuad(s)
	return l, err
}

// parseQuad reads a line of canonical N-Quads.
func parseQuad(s string) (q graph.Quad, err error) {
	var terms [4]graph.Term
	n := 0
	for ; n < len(terms) && s != "."; n++ {
		if terms[n], s, err = graph.ParseTerm(s); err != nil {
			return q, err
		}
		var ok bool
		if s, ok = strings.CutPrefix(s, " "); !ok {
			return q, errors.New("a space is missing")
		}
	}
	p, ok := terms[1].IRI()
	if n < 3 || s != "." || !ok {
		return q, errors.New("it is no quad")
	}
	q = graph.Quad{S: terms[0], P: p, O: terms[2], G: terms[3]}
	return q, q.Check()
}
