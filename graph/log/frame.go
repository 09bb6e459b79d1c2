package log

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"sync"
	"time"

	"mocban/graph"
)

const (
	frameMagic  = "mc"
	frameHeader = 12
	maxFrame    = 64 << 20 // bytes
	beginBytes  = 48
	endStart    = 32 // bytes of an end frame before the total or the hash
	flagBulk    = 1
	flagAll     = 2
)

type frameKind uint16

const (
	frameBegin frameKind = iota + 1
	framePart
	frameEnd
)

func appendFrame(b []byte, kind frameKind, payload ...[]byte) []byte {
	start := len(b)
	b = append(b, frameMagic...)
	b = binary.LittleEndian.AppendUint16(b, uint16(kind))
	n := 0
	for _, p := range payload {
		n += len(p)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(n))
	crc := crc32.Checksum(b[start+2:], castagnoli)
	for _, p := range payload {
		crc = crc32.Update(crc, castagnoli, p)
	}
	b = binary.LittleEndian.AppendUint32(b, crc)
	for _, p := range payload {
		b = append(b, p...)
	}
	return b
}

var (
	errNoHeader = errors.New("the header is missing")
	errFrame    = errors.New("a frame is damaged")
)

// A segment reads a segment file.
type segment struct {
	path     string
	f        *os.File
	format   byte
	id       ID
	first    graph.Version
	previous Hash
}

func openSegment(path string) (*segment, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	s := &segment{path: path, f: f}
	var h [segmentHeader]byte
	if _, err := f.ReadAt(h[:], 0); err != nil {
		f.Close()
		if errors.Is(err, io.EOF) {
			return s, fmt.Errorf("%s: %w", path, errNoHeader)
		}
		return s, err
	}
	if h == [segmentHeader]byte{} { // its name and size came to the disk, what it holds did not
		if info, err := f.Stat(); err == nil && info.Size() == segmentHeader {
			f.Close()
			return s, fmt.Errorf("%s: %w", path, errNoHeader)
		}
	}
	if err := s.parse(h[:]); err != nil {
		f.Close()
		return s, err
	}
	return s, nil
}

func (s *segment) parse(h []byte) error {
	n := segmentHeader - 4
	switch {
	case string(h[:len(segmentMagic)]) != segmentMagic:
		return &graph.CorruptError{Place: s.path, Detail: "it is no segment of a log"}
	case h[7] == 0 || h[7] > format:
		return fmt.Errorf("%s has format %d, this program reads up to %d: use a newer one", s.path, h[7], format)
	case crc32.Checksum(h[:n], castagnoli) != binary.LittleEndian.Uint32(h[n:]):
		return &graph.CorruptError{Place: s.path, Detail: "the checksum of its header is wrong"}
	}
	s.format = h[7]
	copy(s.id[:], h[8:])
	s.first = graph.Version(binary.LittleEndian.Uint64(h[24:]))
	copy(s.previous[:], h[32:])
	return nil
}

func (s *segment) close() { s.f.Close() }

// A change is a change set as it stands in a segment.
type change struct {
	mark           Mark // the place after it
	start          int64
	bulk           bool
	all            bool // it tells all there is, not what was changed
	added, removed uint64
	source         string
	parts          int
	partBytes      int64
}

// A frameReader reads frames one after another.
type frameReader struct {
	r      *bufio.Reader
	offset int64
	buf    []byte
}

// frameReaders are kept for those who read next: most change sets are much smaller than what is
// read at once.
var frameReaders = sync.Pool{New: func() any { return &frameReader{r: bufio.NewReaderSize(nil, 64<<10)} }}

// frames returns a reader that is to be given back by done.
func (s *segment) frames(offset int64) *frameReader {
	r := frameReaders.Get().(*frameReader)
	r.r.Reset(io.NewSectionReader(s.f, offset, 1<<62-offset))
	r.offset = offset
	return r
}

// done gives the reader back. What it has read does not hold any more.
func (r *frameReader) done() {
	r.r.Reset(nil)
	if cap(r.buf) > 2*PartBytes {
		r.buf = nil
	}
	frameReaders.Put(r)
}

// next reads a frame. The payload holds until the next call. io.EOF tells that nothing
// follows.
func (r *frameReader) next() (kind frameKind, payload []byte, err error) {
	var h [frameHeader]byte
	if _, err := io.ReadFull(r.r, h[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = errFrame
		}
		return 0, nil, err
	}
	n := binary.LittleEndian.Uint32(h[4:])
	if string(h[:2]) != frameMagic || n > maxFrame {
		return 0, nil, errFrame
	}
	if cap(r.buf) < int(n) {
		r.buf = make([]byte, n)
	}
	r.buf = r.buf[:n]
	if _, err := io.ReadFull(r.r, r.buf); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errFrame
		}
		return 0, nil, err
	}
	if crc := crc32.Update(crc32.Checksum(h[2:8], castagnoli), castagnoli, r.buf); crc != binary.LittleEndian.Uint32(h[8:]) {
		return 0, nil, errFrame
	}
	r.offset += frameHeader + int64(n)
	return frameKind(binary.LittleEndian.Uint16(h[2:])), r.buf, nil
}

// readChange reads the change set after a place, checks it, and calls part, if not nil, with
// the payload of each part. io.EOF tells that there is none.
func (s *segment) readChange(after Mark, part func([]byte) error) (change, error) {
	c := change{start: after.Offset}
	r := s.frames(after.Offset)
	defer r.done()
	kind, p, err := r.next()
	if err != nil {
		return c, err
	}
	if kind != frameBegin || len(p) != beginBytes {
		return c, fmt.Errorf("%w: a change set must begin here", errFrame)
	}
	version := graph.Version(binary.LittleEndian.Uint64(p))
	flags := binary.LittleEndian.Uint64(p[8:])
	c.bulk, c.all = flags&flagBulk != 0, flags&flagAll != 0
	if version != after.Version+1 || Hash(p[16:]) != after.Hash {
		return c, fmt.Errorf("%w: change set %d does not follow on %d", errFrame, version, after.Version)
	}
	sum := newSum(after.Hash)
	for {
		kind, p, err = r.next()
		if err != nil {
			return c, noEOF(err)
		}
		if kind != framePart {
			break
		}
		sum.Write(p)
		c.parts++
		c.partBytes += int64(len(p))
		if part != nil {
			if err := part(p); err != nil {
				return c, err
			}
		}
	}
	told := endStart // what the hash covers, and the source
	if s.format >= 2 {
		told += totalBytes
	}
	if kind != frameEnd || len(p) < told+hashBytes {
		return c, fmt.Errorf("%w: a change set must end here", errFrame)
	}
	c.mark = Mark{Version: version, Segment: s.first, Offset: r.offset, Hash: Hash(p[told:])}
	if s.format >= 2 {
		c.mark.Total = parseTotal(p[endStart:])
	}
	c.mark.Time = time.Unix(0, int64(binary.LittleEndian.Uint64(p[8:]))).UTC()
	c.added, c.removed = binary.LittleEndian.Uint64(p[16:]), binary.LittleEndian.Uint64(p[24:])
	own, rest := c.mark.Hash, p[told+hashBytes:]
	sum.Write(p[:told])
	if c.all {
		if len(rest) < hashBytes {
			return c, fmt.Errorf("%w: a change set must end here", errFrame)
		}
		sum.Write(c.mark.Hash[:])
		own, rest = Hash(rest), rest[hashBytes:]
	}
	c.source = string(rest)
	sum.Write(rest)
	if graph.Version(binary.LittleEndian.Uint64(p)) != version || Hash(sum.Sum(nil)) != own {
		return c, fmt.Errorf("%w: the hash of change set %d is wrong", errFrame, version)
	}
	return c, nil
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return errFrame
	}
	return err
}

func newSum(previous Hash) hash.Hash {
	sum := sha256.New()
	sum.Write(previous[:])
	return sum
}

// start returns the place before the first change set.
func (s *segment) start() Mark {
	return Mark{Version: s.first - 1, Hash: s.previous, Segment: s.first, Offset: segmentHeader}
}

// folded tells whether the segment begins with all there is instead of what was changed.
func (s *segment) folded() bool { return s.first > 1 && s.previous == Hash{} }

// nextBegin tells whether a change set after a version begins somewhere after an offset: then
// that version was finished once.
func (s *segment) nextBegin(offset int64, after graph.Version) bool {
	const window = 1 << 20
	buf := make([]byte, window+frameHeader+beginBytes)
	pattern := binary.LittleEndian.AppendUint16([]byte(frameMagic), uint16(frameBegin))
	pattern = binary.LittleEndian.AppendUint32(pattern, beginBytes)
	for {
		n, err := s.f.ReadAt(buf, offset)
		for i := 0; ; i++ {
			k := bytes.Index(buf[i:n], pattern)
			if k < 0 || i+k+frameHeader+beginBytes > n {
				break
			}
			i += k
			h, p := buf[i:i+frameHeader], buf[i+frameHeader:i+frameHeader+beginBytes]
			if crc32.Update(crc32.Checksum(h[2:8], castagnoli), castagnoli, p) == binary.LittleEndian.Uint32(h[8:]) &&
				graph.Version(binary.LittleEndian.Uint64(p)) > after {
				return true
			}
		}
		if err != nil {
			return false
		}
		offset += window
	}
}
