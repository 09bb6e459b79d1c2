package log

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"mocban/graph"
)

// PartBytes is how much text should go in one part.
const PartBytes = 1 << 20

// AddByte begins the line of a quad that is added.
const AddByte = '+'

// A Writer writes one change set. It must be ended by Commit, End or Abort.
type Writer struct {
	l     *Log
	start Mark

	mu   sync.Mutex
	sum  hash.Hash
	out  []byte // frames not yet written
	text []byte
	at   int64
	err  error
}

var errOpen = errors.New("another change set is being written")

// Begin starts the next change set. A bulk load takes its lines in any order.
func (l *Log) Begin(bulk bool) (*Writer, error) {
	l.mu.Lock()
	full := l.full()
	l.mu.Unlock()
	if full {
		l.syncing.Lock()
		defer l.syncing.Unlock()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.failed != nil:
		return nil, fmt.Errorf("write log: %w", l.failed)
	case l.open:
		return nil, fmt.Errorf("write log: %w", errOpen)
	case l.o.ReadOnly:
		return nil, errors.New("write log: it was opened for reading only")
	}
	if full && l.full() {
		if err := l.roll(); err != nil {
			return nil, fmt.Errorf("begin a segment of the log: %w", err)
		}
	}
	w := &Writer{l: l, start: l.tip, sum: newSum(l.tip.Hash), at: l.tip.Offset}
	p := binary.LittleEndian.AppendUint64(nil, uint64(w.start.Version+1))
	flags := uint64(0)
	if bulk {
		flags |= flagBulk
	}
	p = binary.LittleEndian.AppendUint64(p, flags)
	p = append(p, w.start.Hash[:]...)
	w.out = appendFrame(nil, frameBegin, p)
	l.open = true
	return w, nil
}

// full tells whether the next change set begins a segment.
func (l *Log) full() bool { return l.file == nil || l.old || l.tip.Offset >= l.o.segmentBytes() }

// AppendOp appends the line of a step to the text of a part.
func AppendOp(b []byte, op graph.Op) []byte {
	b = append(b, opBytes[op.Kind])
	if op.Kind == graph.OpAdd || op.Kind == graph.OpRemove {
		b = graph.AppendQuad(b, op.Quad)
	} else {
		b = graph.AppendTerm(b, op.Quad.G)
	}
	return append(b, '\n')
}

// AppendKnown appends the line of a quad that was added though it was there before.
func AppendKnown(b []byte, q graph.Quad) []byte {
	b = append(b, knownByte)
	return append(graph.AppendQuad(b, q), '\n')
}

const knownByte = '='

var opBytes = [...]byte{graph.OpAdd: AddByte, graph.OpRemove: '-', graph.OpCreateGraph: 'g', graph.OpDropGraph: 'x'}

// Op adds a step.
func (w *Writer) Op(op graph.Op) error {
	w.text = AppendOp(w.text, op)
	return w.full()
}

// Known adds a quad that was added though it was there before.
func (w *Writer) Known(q graph.Quad) error {
	w.text = AppendKnown(w.text, q)
	return w.full()
}

func (w *Writer) full() error {
	if len(w.text) < PartBytes {
		return nil
	}
	err := w.Part(w.text)
	w.text = w.text[:0]
	return err
}

// encoders compress parts, each for one goroutine at a time.
var encoders = sync.Pool{New: func() any {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false))
	if err != nil {
		panic(fmt.Sprintf("zstd refuses constant options: %v", err))
	}
	return e
}}

func pack(text []byte) []byte {
	e := encoders.Get().(*zstd.Encoder)
	defer encoders.Put(e)
	return e.EncodeAll(text, make([]byte, 0, len(text)/4+64))
}

// Part adds lines that AppendOp and AppendKnown made. Any number of goroutines may call it.
func (w *Writer) Part(text []byte) error {
	packed := pack(text)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	w.sum.Write(packed)
	w.out = appendFrame(w.out, framePart, packed)
	if len(w.out) < PartBytes {
		return nil
	}
	return w.flush()
}

func (w *Writer) flush() error {
	n, err := w.l.file.WriteAt(w.out, w.at)
	w.at += int64(n)
	w.out = w.out[:0]
	if err != nil {
		w.err = fmt.Errorf("write log: %w", err)
	}
	return w.err
}

// Commit ends the change set, after which there is what the total tells, and syncs it. If
// it fails, the log takes no more change sets: whether this one is kept is known when the log
// is opened again.
func (w *Writer) Commit(c graph.Change, total Total) (Mark, error) {
	m, err := w.End(c, total)
	if err != nil {
		return w.start, err
	}
	if err := w.l.Sync(); err != nil {
		return w.start, err
	}
	return m, nil
}

// End ends the change set without syncing it: it is kept, and can be read, once Sync was
// called. So others may be written before one Sync for all of them.
func (w *Writer) End(c graph.Change, total Total) (Mark, error) {
	if len(w.text) > 0 {
		if err := w.Part(w.text); err != nil {
			return w.start, errors.Join(err, w.Abort())
		}
	}
	version := w.start.Version + 1
	p := binary.LittleEndian.AppendUint64(nil, uint64(version))
	p = binary.LittleEndian.AppendUint64(p, uint64(c.Time.UnixNano()))
	p = binary.LittleEndian.AppendUint64(p, c.Added)
	p = binary.LittleEndian.AppendUint64(p, c.Removed)
	p = appendTotal(p, total)
	w.sum.Write(p)
	w.sum.Write([]byte(c.Source))
	h := Hash(w.sum.Sum(nil))
	w.out = appendFrame(w.out, frameEnd, p, h[:], []byte(c.Source))
	err := w.flush()
	l := w.l
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = false
	if err != nil {
		l.fail(err)
		return w.start, err
	}
	l.tip = Mark{Version: version, Time: time.Unix(0, c.Time.UnixNano()).UTC(), Hash: h, Segment: w.start.Segment, Offset: w.at, Total: total}
	l.tip.Total.Known = true
	return l.tip, nil
}

// fail makes the log take no more change sets.
func (l *Log) fail(err error) {
	if l.failed == nil {
		l.failed = fmt.Errorf("an earlier change set could not be written, open the store again: %w", err)
	}
}

// Sync syncs the change sets that were ended before. If it fails, the log takes no more:
// which of them are kept is known when the log is opened again.
func (l *Log) Sync() error {
	l.syncing.Lock()
	defer l.syncing.Unlock()
	l.mu.Lock()
	f, tip, done, failed := l.file, l.tip, l.last.Version == l.tip.Version, l.failed
	l.mu.Unlock()
	if failed != nil || done {
		return failed
	}
	err := l.sync(f)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.fail(err)
		return err
	}
	l.last = tip
	return nil
}

// Abort takes back what was written.
func (w *Writer) Abort() error {
	l := w.l
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = false
	if w.at == w.start.Offset {
		return nil
	}
	if err := l.cut(); err != nil {
		l.failed = fmt.Errorf("a change set could not be taken back, open the store again: %w", err)
		return l.failed
	}
	return nil
}
