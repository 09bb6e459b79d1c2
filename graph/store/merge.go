package store

import (
	"bufio"
	"encoding/binary"
	"os"
)

// A runFile holds sorted rows that were put aside, each once, with the columns of an order.
// Of each row it has how many columns are those of the row before (1 byte), how far the next
// one lies above (varint), and the others (varints).
type runFile struct {
	file *os.File
	rows int
}

func (f *runFile) close() { closeFile(f.file) }

func writeRun(dir string, next rowSource) (*runFile, error) {
	f := new(runFile)
	file, err := writeFile(dir, func(w *bufio.Writer) error {
		var last numRow
		buf := make([]byte, 0, 1+4*binary.MaxVarintLen32)
		for {
			rows, err := next()
			if err != nil || len(rows) == 0 {
				return err
			}
			for i := range rows {
				row := &rows[i]
				c := 0
				for f.rows > 0 && row[c] == last[c] {
					c++
				}
				buf = append(buf[:0], byte(c))
				buf = binary.AppendUvarint(buf, uint64(row[c]-last[c]))
				for c++; c < len(row); c++ {
					buf = binary.AppendUvarint(buf, uint64(row[c]))
				}
				if _, err := w.Write(buf); err != nil {
					return err
				}
				last = *row
				f.rows++
			}
		}
	})
	if file == nil {
		return nil, err
	}
	f.file = file
	return f, err
}

// A runReader reads a runFile.
type runReader struct {
	in   window
	left int
	row  numRow
}

func (r *runReader) next() (ok bool, err error) {
	if r.left == 0 {
		return false, nil
	}
	r.left--
	if err := r.in.need(1 + 4*binary.MaxVarintLen32); err != nil {
		return false, err
	}
	if len(r.in.b) == 0 || r.in.b[0] > 3 {
		return false, errCut
	}
	c := int(r.in.b[0])
	r.in.b = r.in.b[1:]
	v, err := r.in.varint()
	r.row[c] += uint32(v)
	for c++; c < len(r.row) && err == nil; c++ {
		v, err = r.in.varint()
		r.row[c] = uint32(v)
	}
	return err == nil, err
}

// A merge gives the rows of sorted runs in order, each once.
type merge struct {
	runs []*runReader // a heap
	last numRow
	any  bool
	out  []numRow
}

func newMerge(files []*runFile) (*merge, error) {
	m := new(merge)
	for _, f := range files {
		r := &runReader{in: openWindow(nil, f.file), left: f.rows}
		ok, err := r.next()
		if err != nil {
			return nil, err
		}
		if ok {
			m.runs = append(m.runs, r)
		}
	}
	for i := len(m.runs)/2 - 1; i >= 0; i-- {
		m.sink(i)
	}
	return m, nil
}

// sink puts the run at i where it belongs among those below it.
func (m *merge) sink(i int) {
	h := m.runs
	for {
		k := 2*i + 1
		if k >= len(h) {
			return
		}
		if k+1 < len(h) && compareRows(&h[k+1].row, &h[k].row) < 0 {
			k++
		}
		if compareRows(&h[k].row, &h[i].row) >= 0 {
			return
		}
		h[i], h[k] = h[k], h[i]
		i = k
	}
}

// next is a rowSource.
func (m *merge) next() ([]numRow, error) {
	m.out = m.out[:0]
	for len(m.runs) > 0 && len(m.out) < gathered {
		top := m.runs[0]
		row := top.row
		ok, err := top.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			n := len(m.runs) - 1
			m.runs[0] = m.runs[n]
			m.runs = m.runs[:n]
		}
		m.sink(0)
		if !m.any || row != m.last {
			m.last, m.any = row, true
			m.out = append(m.out, row)
		}
	}
	return m.out, nil
}
