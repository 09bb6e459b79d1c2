package store

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"unsafe"

	"github.com/zeebo/xxh3"

	"mocban/graph"
	"mocban/graph/dict"
)

// A numRow is a row of numbers that stand for terms: in a chunk the places of terms in the
// sorted list of the chunk, later those in the list of all terms of the load.
type numRow [4]uint32

// A chunkBuilder numbers the terms of quads as they come. Inlined values, and the name of the
// default graph, are terms like others; their key is their ID. It holds no pointers, so that
// the collector has nothing to look at, and is used again for chunk after chunk.
type chunkBuilder struct {
	rows   []numRow
	terms  []localTerm
	text   []byte             // keys
	table  []uint32           // numbers of terms, plus 1, by hash
	recent [recentIRIs]uint32 // numbers of IRIs that came lately, plus 1
	key    []byte
	sorter termSorter
}

// A localTerm is a term of a chunk.
type localTerm struct {
	at, size uint32 // of the key
	hash     uint32
	class    graph.Class
	plain    bool // an IRI that N-Quads write as it is
	graph    bool // a name of a graph
}

const (
	recentIRIs = 1 << 11
	leastTable = 1 << 12
	// maxChunkText keeps the places of keys below 2^32.
	maxChunkText = 1 << 31
)

// bytes returns about how much memory the builder needs for what it holds.
func (c *chunkBuilder) bytes() int {
	return 16*len(c.rows) + (16+16+4)*len(c.terms) + 4*len(c.table) + len(c.text)
}

func (c *chunkBuilder) reset() {
	c.rows, c.terms, c.text = c.rows[:0], c.terms[:0], c.text[:0]
	clear(c.table)
	clear(c.recent[:])
}

func (c *chunkBuilder) keyOf(t *localTerm) []byte { return c.text[t.at : t.at+t.size] }

// add adds a row. last is the quad before it, whose row is the last one, or nil.
func (c *chunkBuilder) add(q, last *graph.Quad) {
	var r numRow
	if last != nil {
		r = c.rows[len(c.rows)-1]
	}
	if last == nil || q.S != last.S {
		r[graph.PosS] = c.number(q.S)
	}
	if last == nil || q.P != last.P {
		r[graph.PosP] = c.iri(string(q.P))
	}
	r[graph.PosO] = c.number(q.O)
	if last == nil || q.G != last.G {
		r[graph.PosG] = c.graph(q.G)
	}
	c.rows = append(room(c.rows, 1), r)
}

// room returns a list with room for n more. A full one is doubled, which append does not do
// for large ones.
func room[T any](list []T, n int) []T {
	if len(list)+n <= cap(list) {
		return list
	}
	return slices.Grow(list, max(n, cap(list), 1<<10))
}

// graph returns the number of the name of a graph, and notes that it is one.
func (c *chunkBuilder) graph(t graph.Term) uint32 {
	n := c.number(t)
	c.terms[n].graph = !t.IsZero()
	return n
}

func (c *chunkBuilder) number(t graph.Term) uint32 {
	if iri, ok := t.IRI(); ok {
		return c.iri(string(iri))
	}
	id, inline := graph.DefaultGraph, t.IsZero()
	if !inline {
		id, inline = graph.Inline(t)
	}
	if inline {
		c.key = binary.BigEndian.AppendUint64(c.key[:0], uint64(id))
		return c.find(id.Class(), c.key)
	}
	c.key = dict.AppendKey(c.key[:0], t)
	return c.find(graph.ClassOf(t), c.key)
}

// iri returns the number of an IRI. The same ones come again all the time.
func (c *chunkBuilder) iri(s string) uint32 {
	at := &c.recent[recentSlot(s)]
	if *at > 0 {
		if t := &c.terms[*at-1]; string(c.keyOf(t)) == s {
			return *at - 1
		}
	}
	n := c.find(graph.ClassIRI, unsafe.Slice(unsafe.StringData(s), len(s)))
	*at = n + 1
	return n
}

// recentSlot is where an IRI is remembered. IRIs differ in length and in their last bytes.
func recentSlot(s string) uint64 {
	h := uint64(len(s))
	if len(s) >= 8 {
		h ^= binary.LittleEndian.Uint64(unsafe.Slice(unsafe.StringData(s[len(s)-8:]), 8))
	}
	return h * 0x9e3779b97f4a7c15 >> (64 - 11)
}

// find returns the number of a key, and gives it one if it has none.
func (c *chunkBuilder) find(class graph.Class, key []byte) uint32 {
	if len(c.table) == 0 {
		c.table = make([]uint32, leastTable)
	}
	hash := uint32(xxh3.HashSeed(key, uint64(class)))
	mask := uint32(len(c.table) - 1)
	i := hash & mask
	for ; c.table[i] != 0; i = (i + 1) & mask {
		t := &c.terms[c.table[i]-1]
		if t.hash == hash && t.class == class && string(c.keyOf(t)) == string(key) {
			return c.table[i] - 1
		}
	}
	c.terms = append(room(c.terms, 1), localTerm{at: uint32(len(c.text)), size: uint32(len(key)), hash: hash, class: class})
	c.text = append(room(c.text, len(key)), key...)
	c.table[i] = uint32(len(c.terms))
	if 4*len(c.terms) > 3*len(c.table) {
		c.enlarge()
	}
	return uint32(len(c.terms) - 1)
}

func (c *chunkBuilder) enlarge() {
	c.table = make([]uint32, 2*len(c.table))
	mask := uint32(len(c.table) - 1)
	for n := range c.terms {
		i := c.terms[n].hash & mask
		for c.table[i] != 0 {
			i = (i + 1) & mask
		}
		c.table[i] = uint32(n + 1)
	}
}

// A chunk is a part of a bulk load: rows, and the sorted list of their terms. The list is
// front-coded: of each key the number of bytes that it shares with the one before in its
// class (varint), how many follow (varint), and those.
type chunk struct {
	classes [16]uint32 // how many terms there are of each
	nTerms  int
	nRows   int
	text    int      // bytes of keys
	graphs  []uint32 // terms that are names of graphs
	run     []byte
	rows    []numRow
	nums    []uint32 // of the terms, in the load

	runFile, rowFile *os.File // where they are, if not in memory
}

// bytes returns how much memory the chunk takes.
func (c *chunk) bytes() int { return 16*len(c.rows) + len(c.run) + 4*len(c.graphs) }

// seal returns the chunk that was built, and begins a new one.
func (c *chunkBuilder) seal() *chunk {
	order := c.sorter.sort(c)
	out := &chunk{nTerms: len(c.terms), nRows: len(c.rows), text: len(c.text)}
	rank := make([]uint32, len(c.terms))
	out.run = make([]byte, 0, len(c.text)/2+64)
	var last []byte
	class := graph.ClassSpecial
	for i := range order {
		n := order[i].n
		rank[n] = uint32(i)
		t := &c.terms[n]
		out.classes[t.class]++
		key := c.keyOf(t)
		shared := 0
		if t.class == class {
			shared = dict.SharedPrefix(last, key)
		}
		out.run = binary.AppendUvarint(out.run, uint64(shared))
		out.run = binary.AppendUvarint(out.run, uint64(len(key)-shared))
		out.run = append(out.run, key[shared:]...)
		if t.graph {
			out.graphs = append(out.graphs, uint32(i))
		}
		last, class = key, t.class
	}
	if cap(out.run) > len(out.run)+len(out.run)/8 {
		out.run = append(make([]byte, 0, len(out.run)), out.run...)
	}
	out.rows = make([]numRow, len(c.rows))
	for i := range c.rows {
		r, to := &c.rows[i], &out.rows[i]
		to[0], to[1], to[2], to[3] = rank[r[0]], rank[r[1]], rank[r[2]], rank[r[3]]
	}
	c.reset()
	return out
}

// spill puts terms and rows in files.
func (c *chunk) spill(dir string) (err error) {
	if c.runFile, err = writeFile(dir, func(w *bufio.Writer) error {
		_, err := w.Write(c.run)
		return err
	}); err != nil {
		return err
	}
	c.rowFile, err = writeFile(dir, func(w *bufio.Writer) error {
		_, err := w.Write(rowBytesOf(c.rows))
		return err
	})
	c.rows, c.run = nil, nil
	return err
}

// rowBytesOf returns rows as they are in memory. Files of them are read by the process that
// wrote them, and by no other.
func rowBytesOf(rows []numRow) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(rows))), len(rows)*numRowBytes)
}

const numRowBytes = int(unsafe.Sizeof(numRow{}))

// fileBuffer is how much of a file is read or written at a time.
const fileBuffer = 64 << 10

// writeFile makes a file that is gone when it is closed, and goes back to its beginning.
func writeFile(dir string, write func(*bufio.Writer) error) (*os.File, error) {
	f, err := os.CreateTemp(dir, "part-*")
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriterSize(f, 4*fileBuffer)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	return f, err
}

// closeFile removes a file that writeFile made. It may be nil.
func closeFile(f *os.File) {
	if f != nil {
		f.Close()
		os.Remove(f.Name())
	}
}

// eachRows calls f with the rows of a chunk, some at a time and in order. Rows in memory are
// the chunk's own.
func (c *chunk) eachRows(f func([]numRow) error) error {
	if c.rowFile == nil {
		return f(c.rows)
	}
	buf := make([]numRow, fileBuffer/numRowBytes)
	for left := c.nRows; left > 0; {
		rows := buf[:min(left, len(buf))]
		if _, err := io.ReadFull(c.rowFile, rowBytesOf(rows)); err != nil {
			return fmt.Errorf("read rows that were put aside: %w", err)
		}
		if err := f(rows); err != nil {
			return err
		}
		left -= len(rows)
	}
	return nil
}

// close lets go of the chunk.
func (c *chunk) close() {
	closeFile(c.runFile)
	closeFile(c.rowFile)
	*c = chunk{}
}

// A window is what was read of a file and not yet taken, or bytes in memory.
type window struct {
	b    []byte
	buf  []byte
	file *os.File // nil if there is no more
}

func openWindow(b []byte, f *os.File) window {
	if f == nil {
		return window{b: b}
	}
	return window{buf: make([]byte, fileBuffer), file: f}
}

var errCut = errors.New("a file that was put aside is too short")

// need makes sure that there are n bytes, if that many follow.
func (w *window) need(n int) error {
	if len(w.b) >= n || w.file == nil {
		return nil
	}
	if n > len(w.buf) {
		w.buf = make([]byte, 2*n)
	}
	have := copy(w.buf, w.b)
	got, err := io.ReadAtLeast(w.file, w.buf[have:], n-have)
	w.b = w.buf[:have+got]
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		w.file, err = nil, nil
	}
	return err
}

// varint takes a number of the bytes that are there.
func (w *window) varint() (uint64, error) {
	if len(w.b) > 0 && w.b[0] < 0x80 {
		v := w.b[0]
		w.b = w.b[1:]
		return uint64(v), nil
	}
	v, n := binary.Uvarint(w.b)
	if n <= 0 {
		return 0, errCut
	}
	w.b = w.b[n:]
	return v, nil
}

// A termCursor gives the terms of a chunk in order.
type termCursor struct {
	c     *chunk
	in    window
	rank  int    // of the term
	left  uint32 // of its class
	class graph.Class
	key   []byte
}

func (c *chunk) termCursor() *termCursor {
	t := &termCursor{c: c, in: openWindow(c.run, c.runFile), rank: -1}
	t.left = c.classes[0]
	return t
}

// next goes to the next term.
func (t *termCursor) next() (ok bool, err error) {
	if t.rank++; t.rank == t.c.nTerms {
		return false, nil
	}
	for t.left == 0 {
		t.class++
		t.left, t.key = t.c.classes[t.class], t.key[:0]
	}
	t.left--
	if err := t.in.need(2 * binary.MaxVarintLen64); err != nil {
		return false, err
	}
	shared, err := t.in.varint()
	if err != nil {
		return false, err
	}
	more, err := t.in.varint()
	if err != nil {
		return false, err
	}
	n := int(more)
	if err := t.in.need(n); err != nil {
		return false, err
	}
	if n > len(t.in.b) || int(shared) > len(t.key) {
		return false, errCut
	}
	t.key = append(t.key[:shared], t.in.b[:n]...)
	t.in.b = t.in.b[n:]
	return true, nil
}
