// Package log keeps every change set of a store, in order. It is the master: what else a
// store holds can be made from it.
//
// A log is a folder of segments. A segment is named after its first version and begins with
//
//	+-----------+--------+----------+---------------+---------------+-----+
//	| "mocbanL" | format | store id | first version | previous hash | crc |
//	| 7 bytes   | 1 byte | 16 bytes | 8 bytes       | 32 bytes      | 4 B |
//	+-----------+--------+----------+---------------+---------------+-----+
//
// and goes on with frames (all numbers little endian, crc is CRC-32C):
//
//	+-------+--------+--------+-----------------+---------+
//	| "mc"  | kind   | length | crc             | payload |
//	| 2 B   | 2 B    | 4 B    | of kind, length | length  |
//	|       |        |        | and payload     | bytes   |
//	+-------+--------+--------+-----------------+---------+
//
// A change set is a begin frame, part frames and an end frame:
//
//	begin  version (8), flags (8; 1 for a bulk load), previous hash (32)
//	part   zstd of lines: "+" or "-" and a line of canonical N-Quads, "g" and a graph that
//	       begins to exist, "x" and one that ceases to, "=" and an added quad that was
//	       there before
//	end    version (8), time in nanoseconds since 1970 (8), quads added (8) and removed (8),
//	       the total after it: quads (8) and sum (16), hash (32), source (the rest)
//
// A log whose beginning was folded begins with a segment whose header has no previous hash.
// Its first change set has the flag 2 and says all there is at its version, as a bulk load
// does; its end frame holds, between the hash that the next change set goes on from and the
// source, the hash of its own bytes (32). Segments of lower versions beside it are the rest
// of what was folded.
//
// The hash is SHA-256 over the previous hash, the payloads of the parts and that of the end
// frame without its hash: whoever changes the past must change all that follows. The
// lines of a change set stand in the order of [graph.Change]; those of a bulk load stand as
// they came, doubles among them, and are sorted when they are read.
//
// A change set is there once its end frame is, and the file is synced before that is told
// to anybody. Segments of format 1 have end frames without totals. What follows the last end frame when a log is opened is the rest of a write
// that was cut short, and is removed. Damage before that is an error.
package log

import (
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"mocban/graph"
)

const (
	segmentMagic  = "mocbanL"
	format        = 2
	segmentHeader = 68
	segmentBytes  = 64 << 20
	suffix        = ".log"
	hashBytes     = 32
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// An ID tells stores apart.
type ID [16]byte

// A Hash stands for a change set and all before it.
type Hash [hashBytes]byte

// A Mark is the place after a change set.
type Mark struct {
	Version graph.Version // of the change set; 0 for the beginning
	Time    time.Time
	Hash    Hash
	Segment graph.Version // first version of the segment
	Offset  int64         // in the segment
	Total   Total
}

// Options are those of a log. The zero value is sensible.
type Options struct {
	ReadOnly bool

	// Volatile leaves out syncing.
	Volatile bool

	// ID is that of the store that the log belongs to; zero means any.
	ID ID

	// Known is a place that was reached before: the log must hold it. Opening reads what
	// follows it.
	Known Mark

	// SegmentBytes is the size after which the next change set begins a new segment; 0 means
	// 64 MiB.
	SegmentBytes int64

	// OpenFile, if not nil, takes the place of os.OpenFile for what is written and synced, so
	// that tests can break it. The folder is synced through it too.
	OpenFile func(name string, flag int, perm os.FileMode) (File, error)
}

// A File is what the log asks of a file that it writes.
type File interface {
	io.Writer
	io.WriterAt
	io.Seeker
	Truncate(size int64) error
	Sync() error
	Close() error
}

func (o *Options) openFile(name string, flag int, perm os.FileMode) (File, error) {
	if o.OpenFile != nil {
		return o.OpenFile(name, flag, perm)
	}
	return os.OpenFile(name, flag, perm)
}

func (o *Options) segmentBytes() int64 {
	if o.SegmentBytes > 0 {
		return o.SegmentBytes
	}
	return segmentBytes
}

// A Log is an open log. Change sets are written one at a time, and may be synced several at a
// time. Any number of goroutines may read meanwhile what is synced.
type Log struct {
	dir string
	o   Options

	mu       sync.Mutex
	id       ID
	segments []graph.Version // first versions, ascending
	folded   graph.Version   // the version that the log begins with all of; 0 for the beginning
	last     Mark            // after the last change set that is synced
	tip      Mark            // after the last one that is written
	file     File            // of the last segment, open for writing
	open     bool            // a change set is being written
	old      bool            // the last segment has an older format or was folded: the next change set begins a new one
	failed   error

	syncing sync.Mutex // held while the file is synced or changed for the next; taken before mu
}

// Open opens the log in a folder, or makes it.
func Open(dir string, o Options) (*Log, error) {
	l := &Log{dir: dir, o: o}
	if !o.ReadOnly {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
	}
	if err := l.start(); err != nil {
		l.Close()
		return nil, fmt.Errorf("open log: %w", err)
	}
	return l, nil
}

func (l *Log) start() error {
	if err := l.list(); err != nil {
		return err
	}
	if len(l.segments) == 0 {
		if l.o.Known.Version > 0 {
			return &graph.CorruptError{Place: l.dir, Detail: fmt.Sprintf("it is empty; version %d was there", l.o.Known.Version)}
		}
		return l.newID()
	}
	if err := l.readTail(); err != nil {
		return err
	}
	if l.last.Version < l.o.Known.Version {
		return &graph.CorruptError{Place: l.dir, Detail: fmt.Sprintf("it ends at version %d; version %d was there", l.last.Version, l.o.Known.Version)}
	}
	l.tip = l.last
	if l.o.ReadOnly || len(l.segments) == 0 { // the first one was not finished
		return nil
	}
	return l.reopen()
}

// newID gives the log of a new store its ID.
func (l *Log) newID() (err error) {
	if l.id = l.o.ID; l.id == (ID{}) {
		_, err = rand.Read(l.id[:])
	}
	return err
}

// reopen opens the last segment for writing and cuts off what was not finished.
func (l *Log) reopen() (err error) {
	f, err := l.o.openFile(l.path(l.last.Segment), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	l.file = f
	size, err := l.file.Seek(0, io.SeekEnd)
	if err != nil || size == l.last.Offset {
		return err
	}
	return l.cut()
}

// cut removes what stands after the last change set.
func (l *Log) cut() error {
	if err := l.file.Truncate(l.tip.Offset); err != nil {
		return err
	}
	_, err := l.file.Seek(l.tip.Offset, io.SeekStart)
	return err
}

func (l *Log) path(first graph.Version) string {
	return filepath.Join(l.dir, fmt.Sprintf("%016d%s", first, suffix))
}

func (l *Log) list() error {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		if !ok {
			if strings.HasSuffix(e.Name(), suffix+".tmp") && !l.o.ReadOnly { // of a fold that was cut short
				if err := os.Remove(filepath.Join(l.dir, e.Name())); err != nil {
					return err
				}
			}
			continue
		}
		first, err := strconv.ParseUint(name, 10, 64)
		if err != nil {
			return fmt.Errorf("%s is no segment of a log", filepath.Join(l.dir, e.Name()))
		}
		l.segments = append(l.segments, graph.Version(first))
	}
	slices.Sort(l.segments)
	return l.dropFolded()
}

// dropFolded leaves out the segments of which a later one holds all.
func (l *Log) dropFolded() error {
	for i := len(l.segments) - 1; i >= 0; i-- {
		s, err := openSegment(l.path(l.segments[i]))
		if err != nil {
			continue // told by who reads it
		}
		s.close()
		if !s.folded() {
			continue
		}
		for _, first := range l.segments[:i] {
			if l.o.ReadOnly {
				break
			}
			if err := os.Remove(l.path(first)); err != nil {
				return err
			}
		}
		l.segments, l.folded = l.segments[i:], s.first
		return nil
	}
	return nil
}

// readTail finds the last change set. A last segment without any is the rest of a write
// that was cut short.
func (l *Log) readTail() error {
	for {
		n := len(l.segments) - 1
		s, err := openSegment(l.path(l.segments[n]))
		if err != nil {
			if !errors.Is(err, errNoHeader) || n == 0 && l.o.Known.Version > 0 {
				return err
			}
			if n == 0 {
				l.segments = nil
				return errors.Join(l.newID(), l.remove(s))
			}
			if err := l.remove(s); err != nil {
				return err
			}
			l.segments = l.segments[:n]
			continue
		}
		defer s.close()
		l.old = s.format < format || s.folded()
		if l.id = s.id; l.o.ID != (ID{}) && l.o.ID != s.id {
			return fmt.Errorf("%s belongs to store %x, the folder to %x", s.path, s.id, l.o.ID)
		}
		l.last = s.start()
		if k := l.o.Known; !s.folded() && k.Segment == s.first && k.Offset >= segmentHeader {
			l.last = k
		}
		return l.follow(s)
	}
}

func (l *Log) remove(s *segment) error {
	if s == nil || l.o.ReadOnly {
		return nil
	}
	return os.Remove(s.path)
}

// follow reads the change sets of the last segment from l.last on.
func (l *Log) follow(s *segment) error {
	for {
		c, err := s.readChange(l.last, nil)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			if s.nextBegin(l.last.Offset+1, l.last.Version+1) {
				return &graph.CorruptError{Place: s.path, Detail: fmt.Sprintf("change set %d at byte %d: %v", l.last.Version+1, l.last.Offset, err)}
			}
			return nil // cut short
		}
		l.last = c.mark
	}
}

// IDOf returns the id of the store whose log is in a folder.
func IDOf(dir string) (id ID, err error) {
	l := &Log{dir: dir, o: Options{ReadOnly: true}}
	if err := l.list(); err != nil {
		return id, err
	}
	if len(l.segments) == 0 {
		return id, os.ErrNotExist
	}
	s, err := openSegment(l.path(l.segments[0]))
	if err != nil {
		return id, err
	}
	defer s.close()
	return s.id, nil
}

// ID tells the store that the log belongs to.
func (l *Log) ID() ID { return l.id }

// Last returns the place after the last change set that is synced.
func (l *Log) Last() Mark {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// Size returns the bytes on disk.
func (l *Log) Size() (n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, first := range l.segments {
		if info, err := os.Stat(l.path(first)); err == nil {
			n += info.Size()
		}
	}
	return n
}

// Close closes the log. Change sets that are being read can be read on.
func (l *Log) Close() error {
	l.syncing.Lock()
	defer l.syncing.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = graph.ErrClosed
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}

// roll begins a new segment. What was written before it is synced.
func (l *Log) roll() error {
	first := l.tip.Version + 1
	if l.file != nil && l.last.Version != l.tip.Version {
		if err := l.sync(l.file); err != nil {
			l.fail(err)
			return err
		}
		l.last = l.tip
	}
	f, err := l.o.openFile(l.path(first), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	h := appendHeader(nil, format, l.id, first, l.tip.Hash)
	if _, err := f.Write(h); err != nil {
		f.Close()
		return err
	}
	if err := l.sync(f); err != nil {
		f.Close()
		return err
	}
	if err := l.syncFolder(); err != nil {
		f.Close()
		return err
	}
	if l.file != nil {
		l.file.Close()
	}
	l.file, l.old = f, false
	if n := len(l.segments); n == 0 || l.segments[n-1] != first {
		l.segments = append(l.segments, first)
	}
	l.tip.Segment, l.tip.Offset = first, segmentHeader
	l.last = l.tip
	return nil
}

func (l *Log) sync(f File) error {
	if l.o.Volatile {
		return nil
	}
	return f.Sync()
}

func (l *Log) syncFolder() error {
	if l.o.Volatile {
		return nil
	}
	d, err := l.o.openFile(l.dir, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && runtime.GOOS != "windows" { // where folders are not synced
		return err
	}
	return nil
}
