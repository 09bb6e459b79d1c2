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

// A page is a page as it is in memory. Keys of a late page stand one after another; those of
// a sorted page stay front-coded, so that a dictionary takes half the memory, and every
// markKeys-th is whole, to begin at.
type page struct {
	text    string
	ends    []uint32      // of the keys in the text, or nil of a sorted page
	classes []graph.Class // of a late page

	keys  int      // of a sorted page
	marks []uint32 // where the keys that are whole begin
}

const markKeys = 16

func (p *page) len() int {
	if p.ends == nil {
		return p.keys
	}
	return len(p.ends)
}

func (p *page) key(i int) string {
	if p.ends == nil {
		return p.sortedKey(i)
	}
	start := uint32(0)
	if i > 0 {
		start = p.ends[i-1]
	}
	return p.text[start:p.ends[i]]
}

// bytes returns about how much memory the page takes.
func (p *page) bytes() int {
	return len(p.text) + 4*(len(p.ends)+len(p.marks)) + len(p.classes) + 144
}

// entry returns a key of a sorted page without what it shares with the one before, how many
// bytes those are, and where the next one begins.
func (p *page) entry(at int) (shared int, rest string, next int) {
	shared, at = p.number(at)
	more, at := p.number(at)
	return shared, p.text[at : at+more], at + more
}

// number reads a varint, which is there.
func (p *page) number(at int) (n, next int) {
	c := p.text[at]
	if c < 0x80 {
		return int(c), at + 1
	}
	n = int(c & 0x7f)
	for shift := 7; c >= 0x80; shift += 7 {
		at++
		c = p.text[at]
		n |= int(c&0x7f) << shift
	}
	return n, at + 1
}

func (p *page) sortedKey(i int) string {
	_, key, at := p.entry(int(p.marks[i/markKeys]))
	if i %= markKeys; i == 0 {
		return key
	}
	var buf [256]byte
	b := append(buf[:0], key...)
	for range i {
		shared, rest, next := p.entry(at)
		b, at = append(b[:shared], rest...), next
	}
	return string(b)
}

// search returns the first key of a sorted page that is not below key.
func (p *page) search(key string) (i int, found bool) {
	m := sort.Search(len(p.marks), func(m int) bool {
		_, k, _ := p.entry(int(p.marks[m]))
		return k > key
	}) - 1
	if m < 0 {
		return 0, false
	}
	at, same := int(p.marks[m]), 0 // bytes that the last key below shares with key
	for i = m * markKeys; i < min((m+1)*markKeys, p.keys); i++ {
		shared, rest, next := p.entry(at)
		at = next
		switch {
		case shared > same:
			continue // what tells the one before from key, tells this one too
		case shared < same:
			return i, false
		}
		n := sharedText(rest, key[same:])
		same += n
		switch {
		case n == len(rest) && same == len(key):
			return i, true
		case n < len(rest) && (same == len(key) || rest[n] > key[same]):
			return i, false
		}
	}
	return i, false
}

// sharedText is SharedPrefix of short texts.
func sharedText(a, b string) int {
	n := min(len(a), len(b))
	i := 0
	for i < n && a[i] == b[i] {
		i++
	}
	return i
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

// mostPageBuffer is how large a buffer is kept at most: some pages hold one long text.
const mostPageBuffer = 64 << 10

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

// pageBuffers are for bodies, of which what is kept is copied.
var pageBuffers = sync.Pool{New: func() any { return new([]byte) }}

// unpack returns the body of a page, which is in buf or in b.
func unpack(b []byte, buf *[]byte) (body []byte, err error) {
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
	body, err = d.DecodeAll(b[2:], (*buf)[:0])
	if cap(body) <= mostPageBuffer {
		*buf = body
	}
	return body, err
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
	unpacked := pageBuffers.Get().(*[]byte)
	defer pageBuffers.Put(unpacked)
	body, err := unpack(b, unpacked)
	if err != nil {
		return nil, err
	}
	r := &pageReader{body, true}
	p := &page{keys: r.count()}
	p.marks = make([]uint32, 0, (p.keys+markKeys-1)/markKeys)
	text := make([]byte, 0, len(body)+64*cap(p.marks))
	var buf [256]byte
	key := buf[:0]
	for i := range p.keys {
		shared, more := r.varint(), r.varint()
		rest := r.take(more)
		if shared > len(key) || len(text) > maxPageText {
			return nil, errPage
		}
		key = append(key[:shared], rest...)
		if i%markKeys == 0 {
			p.marks = append(p.marks, uint32(len(text)))
			shared, rest = 0, key
		}
		text = binary.AppendUvarint(text, uint64(shared))
		text = binary.AppendUvarint(text, uint64(len(rest)))
		text = append(text, rest...)
	}
	return p.done(text, r)
}

func parseLate(b []byte) (*page, error) {
	unpacked := pageBuffers.Get().(*[]byte)
	defer pageBuffers.Put(unpacked)
	body, err := unpack(b, unpacked)
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
