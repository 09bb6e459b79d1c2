package store

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unsafe"

	"github.com/zeebo/xxh3"

	"mocban/graph"
	"mocban/graph/dict"
)

// A chunk is a part of a bulk load: rows of IDs that hold only here, and the terms that
// they stand for. Inlined values have their own IDs already.
type chunk struct {
	rows  []graph.Row
	terms []localTerm
	table []uint32 // numbers of terms, plus 1, by hash
	slabs [][]byte // keys
	size  int      // bytes of slabs
	text  int      // bytes of keys
	buf   []byte
	last  [4]graph.Term // of the row before
	lastI [4]graph.ID

	order []uint32 // of terms, sorted
	ids   []graph.ID

	termFile, rowFile *os.File // where they are, if not in memory
	nRows             int
}

type localTerm struct {
	key   string // in a slab
	hash  uint32
	class graph.Class
}

const slabBytes = 1 << 20

func newChunk() *chunk { return &chunk{table: make([]uint32, 1<<12)} }

// bytes returns about how much memory the chunk takes.
func (c *chunk) bytes() int {
	return 32*cap(c.rows) + 24*cap(c.terms) + 4*len(c.table) + c.size + 12*len(c.terms)
}

// localID stands for a term of the chunk.
func localID(n int) graph.ID { return graph.NewID(graph.ClassLocal, uint64(n)) }

func (c *chunk) add(q *graph.Quad) {
	var r graph.Row
	for pos, t := range [...]graph.Term{q.S, q.P.Term(), q.O, q.G} {
		if pos != int(graph.PosO) && t == c.last[pos] && c.lastI[pos] != graph.None {
			r[pos] = c.lastI[pos]
			continue
		}
		id := c.id(t)
		r[pos] = id
		if id.Class() == graph.ClassLocal && graph.ClassOf(t) != graph.ClassLang && graph.ClassOf(t) != graph.ClassTyped {
			t = keyTerm(&c.terms[id.Payload()]) // the batch's memory is used again
			c.last[pos], c.lastI[pos] = t, id
		} else {
			c.lastI[pos] = graph.None
		}
	}
	c.rows = append(c.rows, r)
}

func keyTerm(t *localTerm) graph.Term {
	term, err := dict.KeyTerm(t.class, t.key)
	if err != nil {
		panic(fmt.Sprintf("store: a key of its own does not parse: %v", err))
	}
	return term
}

func (c *chunk) id(t graph.Term) graph.ID {
	if t.IsZero() {
		return graph.DefaultGraph
	}
	if id, ok := graph.Inline(t); ok {
		return id
	}
	c.buf = dict.AppendKey(c.buf[:0], t)
	return localID(c.number(graph.ClassOf(t), c.buf))
}

// number returns the number of a key, and gives it one if it has none.
func (c *chunk) number(class graph.Class, key []byte) int {
	h := xxh3.HashSeed(key, uint64(class))
	mask := uint64(len(c.table) - 1)
	i := h & mask
	for ; c.table[i] != 0; i = (i + 1) & mask {
		t := &c.terms[c.table[i]-1]
		if t.hash == uint32(h>>32) && t.class == class && t.key == string(key) {
			return int(c.table[i] - 1)
		}
	}
	c.terms = append(c.terms, localTerm{c.keep(key), uint32(h >> 32), class})
	c.table[i] = uint32(len(c.terms))
	if 4*len(c.terms) > 3*len(c.table) {
		c.enlarge()
	}
	return len(c.terms) - 1
}

func (c *chunk) keep(key []byte) string {
	c.text += len(key)
	n := len(c.slabs) - 1
	if n < 0 || cap(c.slabs[n])-len(c.slabs[n]) < len(key) {
		size := max(slabBytes, len(key))
		c.slabs = append(c.slabs, make([]byte, 0, size))
		c.size += size
		n++
	}
	start := len(c.slabs[n])
	c.slabs[n] = append(c.slabs[n], key...)
	return unsafe.String(unsafe.SliceData(c.slabs[n][start:]), len(key))
}

func (c *chunk) enlarge() {
	c.table = make([]uint32, 2*len(c.table))
	mask := uint64(len(c.table) - 1)
	for n := range c.terms {
		t := &c.terms[n]
		i := xxh3.HashStringSeed(t.key, uint64(t.class)) & mask
		for c.table[i] != 0 {
			i = (i + 1) & mask
		}
		c.table[i] = uint32(n + 1)
	}
}

// sort orders the terms. Nothing can be added any more.
func (c *chunk) sort() {
	c.table, c.nRows = nil, len(c.rows)
	c.order = make([]uint32, len(c.terms))
	for i := range c.order {
		c.order[i] = uint32(i)
	}
	slices.SortFunc(c.order, func(a, b uint32) int { return compareTerms(&c.terms[a], &c.terms[b]) })
	c.ids = make([]graph.ID, len(c.terms))
}

func compareTerms(a, b *localTerm) int {
	if a.class != b.class {
		return int(a.class) - int(b.class)
	}
	return strings.Compare(a.key, b.key)
}

// spill puts terms and rows in files.
func (c *chunk) spill(dir string) (err error) {
	if c.termFile, err = writeFile(dir, func(w *bufio.Writer) error {
		var b []byte
		for _, n := range c.order {
			t := &c.terms[n]
			b = binary.AppendUvarint(append(b[:0], byte(t.class)), uint64(n))
			b = binary.AppendUvarint(b, uint64(len(t.key)))
			w.Write(b)
			if _, err := w.WriteString(t.key); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	c.rowFile, err = writeFile(dir, func(w *bufio.Writer) error { return writeRows(w, c.rows) })
	c.rows, c.terms, c.order, c.slabs, c.size = nil, nil, nil, nil, 0
	return err
}

// writeFile makes a file that is gone when it is closed, and goes back to its beginning.
func writeFile(dir string, write func(*bufio.Writer) error) (*os.File, error) {
	f, err := os.CreateTemp(dir, "part-*")
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriterSize(f, 256<<10)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	return f, err
}

func writeRows(w *bufio.Writer, rows []graph.Row) error {
	var b [32]byte
	for i := range rows {
		for c, id := range rows[i] {
			binary.LittleEndian.PutUint64(b[8*c:], uint64(id))
		}
		if _, err := w.Write(b[:]); err != nil {
			return err
		}
	}
	return nil
}

// A rowReader reads what writeRows wrote.
type rowReader struct {
	r   *bufio.Reader
	buf [32]byte
}

func (r *rowReader) next(row *graph.Row) (ok bool, err error) {
	if _, err := io.ReadFull(r.r, r.buf[:]); err != nil {
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		return false, err
	}
	for c := range row {
		row[c] = graph.ID(binary.LittleEndian.Uint64(r.buf[8*c:]))
	}
	return true, nil
}

// A termCursor gives the terms of a chunk in order.
type termCursor struct {
	c    *chunk
	at   int
	file *bufio.Reader
	key  []byte
	term localTerm
	n    uint32 // the number of the term in the chunk
}

func (c *chunk) termCursor() *termCursor {
	t := &termCursor{c: c}
	if c.termFile != nil {
		t.file = bufio.NewReaderSize(c.termFile, 256<<10)
	}
	return t
}

func (t *termCursor) next() (ok bool, err error) {
	if t.file == nil {
		if t.at == len(t.c.order) {
			return false, nil
		}
		t.n = t.c.order[t.at]
		t.term = t.c.terms[t.n]
		t.at++
		return true, nil
	}
	class, err := t.file.ReadByte()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	n, err := binary.ReadUvarint(t.file)
	if err != nil {
		return false, err
	}
	size, err := binary.ReadUvarint(t.file)
	if err != nil {
		return false, err
	}
	t.key = slices.Grow(t.key[:0], int(size))[:size]
	if _, err := io.ReadFull(t.file, t.key); err != nil {
		return false, err
	}
	t.n = uint32(n)
	t.term = localTerm{key: unsafe.String(unsafe.SliceData(t.key), len(t.key)), class: graph.Class(class)}
	return true, nil
}

// eachRow calls f with the rows of a chunk, their terms having IDs of the store, and lets go
// of the chunk.
func (c *chunk) eachRow(f func(*graph.Row) error) error {
	defer c.close()
	if c.rowFile == nil {
		for i := range c.rows {
			if err := f(c.global(&c.rows[i])); err != nil {
				return err
			}
		}
		return nil
	}
	r := &rowReader{r: bufio.NewReaderSize(c.rowFile, 256<<10)}
	var row graph.Row
	for {
		ok, err := r.next(&row)
		if err != nil || !ok {
			return err
		}
		if err := f(c.global(&row)); err != nil {
			return err
		}
	}
}

func (c *chunk) global(r *graph.Row) *graph.Row {
	for pos, id := range r {
		if id.Class() == graph.ClassLocal {
			r[pos] = c.ids[id.Payload()]
		}
	}
	return r
}

func (c *chunk) close() {
	for _, f := range [...]*os.File{c.termFile, c.rowFile} {
		if f != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}
	*c = chunk{}
}
