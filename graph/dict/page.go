package dict

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sort"
	"sync"
	"unsafe"

	"github.com/klauspost/compress/zstd"

	"mocban/graph"
)

// A page holds keys. It is kept as
//
//	+---------+------+------------------------------------------+
//	| version | form | body; in form 1 zstd of the body         |
//	| 1 byte  | 1 B  |                                          |
//	+---------+------+------------------------------------------+
//
// The body of a sorted page is the number of keys (varint) and for each how many bytes it
// shares with the one before (varint), how many follow (varint), and those. The body of a
// late page is the number of slots (varint) and for each the class (1 byte, 0 where no term
// has the number), the length of the key (varint), and the key.
const pageVersion = 1

const (
	formPlain = iota
	formZstd
)

// A page is a page as it is in memory.
type page struct {
	text    string
	ends    []uint32
	classes []graph.Class // of a late page
}

func (p *page) len() int { return len(p.ends) }

func (p *page) key(i int) string {
	start := uint32(0)
	if i > 0 {
		start = p.ends[i-1]
	}
	return p.text[start:p.ends[i]]
}

// bytes returns about how much memory the page takes.
func (p *page) bytes() int { return len(p.text) + 4*len(p.ends) + len(p.classes) + 96 }

// search returns the first key that is not below key.
func (p *page) search(key string) (i int, found bool) {
	i = sort.Search(p.len(), func(i int) bool { return p.key(i) >= key })
	return i, i < p.len() && p.key(i) == key
}

var pageEncoders = sync.Pool{New: func() any {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault),
		zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false), zstd.WithWindowSize(1<<17))
	if err != nil {
		panic(fmt.Sprintf("zstd refuses constant options: %v", err))
	}
	return e
}}

const maxPageText = 1 << 30

var pageDecoders = sync.Pool{New: func() any {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxPageText))
	if err != nil {
		panic(fmt.Sprintf("zstd refuses constant options: %v", err))
	}
	return d
}}

// pack returns a body as it is kept.
func pack(body []byte) []byte {
	e := pageEncoders.Get().(*zstd.Encoder)
	out := e.EncodeAll(body, append(make([]byte, 0, len(body)/2+64), pageVersion, formZstd))
	pageEncoders.Put(e)
	if len(out) < len(body) {
		return out
	}
	return append([]byte{pageVersion, formPlain}, body...)
}

func unpack(b []byte) ([]byte, error) {
	switch {
	case len(b) < 2:
		return nil, errPage
	case b[0] != pageVersion:
		return nil, fmt.Errorf("dictionary page of format %d, this program reads %d", b[0], pageVersion)
	case b[1] == formPlain:
		return b[2:], nil
	}
	d := pageDecoders.Get().(*zstd.Decoder)
	defer pageDecoders.Put(d)
	return d.DecodeAll(b[2:], nil)
}

var errPage = errors.New("a dictionary page does not unpack")

// A pageReader reads numbers and bytes from a body.
type pageReader struct {
	b  []byte
	ok bool
}

func (r *pageReader) varint() int {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > maxPageText {
		r.ok, r.b = false, nil
		return 0
	}
	r.b = r.b[n:]
	return int(v)
}

func (r *pageReader) take(n int) []byte {
	if n > len(r.b) {
		r.ok, r.b = false, nil
		return nil
	}
	s := r.b[:n]
	r.b = r.b[n:]
	return s
}

// count reads the number of keys, each of which takes two bytes at least.
func (r *pageReader) count() int {
	n := r.varint()
	if n > len(r.b)/2 {
		r.ok = false
		return 0
	}
	return n
}

func parseSorted(b []byte) (*page, error) {
	body, err := unpack(b)
	if err != nil {
		return nil, err
	}
	r := &pageReader{body, true}
	n := r.count()
	p := &page{ends: make([]uint32, 0, n)}
	text := make([]byte, 0, 3*len(body))
	last := 0 // where the key before begins
	for range n {
		shared, more := r.varint(), r.varint()
		if shared > len(text)-last {
			return nil, errPage
		}
		start := len(text)
		text = append(text, text[last:last+shared]...)
		text = append(text, r.take(more)...)
		if len(text) > maxPageText {
			return nil, errPage
		}
		last = start
		p.ends = append(p.ends, uint32(len(text)))
	}
	return p.done(text, r)
}

func parseLate(b []byte) (*page, error) {
	body, err := unpack(b)
	if err != nil {
		return nil, err
	}
	r := &pageReader{body, true}
	n := r.count()
	p := &page{ends: make([]uint32, 0, n), classes: make([]graph.Class, 0, n)}
	text := make([]byte, 0, len(body))
	for range n {
		class := r.take(1)
		if len(class) == 0 {
			return nil, errPage
		}
		text = append(text, r.take(r.varint())...)
		p.classes = append(p.classes, graph.Class(class[0]))
		p.ends = append(p.ends, uint32(len(text)))
	}
	return p.done(text, r)
}

// done takes over the text, which nobody writes to any more.
func (p *page) done(text []byte, r *pageReader) (*page, error) {
	if !r.ok || len(r.b) > 0 {
		return nil, errPage
	}
	if cap(text) > len(text)+len(text)/4 {
		text = append(make([]byte, 0, len(text)), text...)
	}
	p.text = unsafe.String(unsafe.SliceData(text), len(text))
	return p, nil
}

// SharedPrefix returns how many bytes two keys begin with in common.
func SharedPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	i := 0
	for i+8 <= n && binary.LittleEndian.Uint64(a[i:]) == binary.LittleEndian.Uint64(b[i:]) {
		i += 8
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}
