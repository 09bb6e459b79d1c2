package dump

import (
	"bufio"
	"bytes"
	"container/heap"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
)

// A Sorter sorts lines outside of memory. Chunks are sorted and written to temporary files, a
// length and the bytes for each line; reading merges them. Its zero value is good.
type Sorter struct {
	Memory int    // how many bytes of lines are sorted at once; 0 means 64 MiB
	Dir    string // for temporary files; empty means that of the system

	text  []byte
	ends  []int // where each line of text ends
	files []*os.File
}

// Add takes a copy of a line.
func (t *Sorter) Add(line []byte) error {
	if t.Memory <= 0 {
		t.Memory = 64 << 20
	}
	if len(t.text)+len(line)+8*len(t.ends) > t.Memory && len(t.ends) > 0 {
		if err := t.spill(); err != nil {
			return err
		}
	}
	t.text = append(t.text, line...)
	t.ends = append(t.ends, len(t.text))
	return nil
}

// sorted returns the lines in memory in order, each once.
func (t *Sorter) sorted() [][]byte {
	lines := make([][]byte, len(t.ends))
	start := 0
	for i, end := range t.ends {
		lines[i] = t.text[start:end]
		start = end
	}
	slices.SortFunc(lines, bytes.Compare)
	return slices.CompactFunc(lines, bytes.Equal)
}

// spill writes the lines in memory to a temporary file.
func (t *Sorter) spill() error {
	f, err := os.CreateTemp(t.Dir, "mocban-dump-")
	if err != nil {
		return err
	}
	t.files = append(t.files, f)
	w := bufio.NewWriterSize(f, 1<<18)
	var n [binary.MaxVarintLen64]byte
	for _, line := range t.sorted() {
		w.Write(n[:binary.PutUvarint(n[:], uint64(len(line)))])
		w.Write(line)
	}
	t.text, t.ends = t.text[:0], t.ends[:0]
	return w.Flush()
}

// Lines gives all lines in order, each once. A line holds until f returns.
func (t *Sorter) Lines(ctx context.Context, f func(line []byte) error) error {
	m := make(merge, 0, len(t.files)+1)
	if lines := t.sorted(); len(lines) > 0 {
		m = append(m, &run{memory: lines[1:], line: lines[0]})
	}
	for _, file := range t.files {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		r := &run{file: bufio.NewReaderSize(file, 1<<18)}
		if ok, err := r.next(); err != nil {
			return err
		} else if ok {
			m = append(m, r)
		}
	}
	heap.Init(&m)
	var last []byte
	for n := 0; len(m) > 0; n++ {
		if n%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		r := m[0]
		if n == 0 || !bytes.Equal(r.line, last) {
			if err := f(r.line); err != nil {
				return err
			}
			last = append(last[:0], r.line...)
		}
		ok, err := r.next()
		if err != nil {
			return err
		}
		if ok {
			heap.Fix(&m, 0)
		} else {
			heap.Pop(&m)
		}
	}
	return nil
}

// Remove takes the temporary files away.
func (t *Sorter) Remove() {
	for _, f := range t.files {
		f.Close()
		os.Remove(f.Name())
	}
}

// A run is a chunk of sorted lines that is being read.
type run struct {
	memory [][]byte
	file   *bufio.Reader
	line   []byte
}

// next goes to the next line.
func (r *run) next() (ok bool, err error) {
	if r.file == nil {
		if len(r.memory) == 0 {
			return false, nil
		}
		r.line, r.memory = r.memory[0], r.memory[1:]
		return true, nil
	}
	n, err := binary.ReadUvarint(r.file)
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	r.line = slices.Grow(r.line[:0], int(n))[:n]
	_, err = io.ReadFull(r.file, r.line)
	return err == nil, err
}

// merge is a heap of runs by their current lines.
type merge []*run

func (m merge) Len() int           { return len(m) }
func (m merge) Less(i, j int) bool { return bytes.Compare(m[i].line, m[j].line) < 0 }
func (m merge) Swap(i, j int)      { m[i], m[j] = m[j], m[i] }
func (m *merge) Push(x any)        { *m = append(*m, x.(*run)) }
func (m *merge) Pop() any {
	old := *m
	last := old[len(old)-1]
	*m = old[:len(old)-1]
	return last
}
