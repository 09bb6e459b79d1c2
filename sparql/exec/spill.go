package exec

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"

	"mocban/graph"
)

// A Disk is where queries put rows that do not fit into their memory: files of a folder, which
// are gone when the query ends. Any number of goroutines may use it.
type Disk struct {
	Dir string
	Max int64 // bytes, of all queries together; 0 is none at all

	Small bool // few rows go there, too; for tests

	used atomic.Int64
}

// spillName is how the files are called.
const spillName = "rows-*.tmp"

// Clean removes what a process left behind that was ended.
func (d *Disk) Clean() error {
	old, err := filepath.Glob(filepath.Join(d.Dir, spillName))
	for _, name := range old {
		err = errors.Join(err, os.Remove(name))
	}
	if err != nil {
		return fmt.Errorf("remove old temporary files: %w", err)
	}
	return nil
}

// wanted tells whether rows of an operator that holds so many bytes should go to the disk rather
// than take more of them: there is no room, and it holds so much that the pieces are not too small.
func (r *Run) wanted(held, more int64) bool {
	const least = 1 << 18
	d := r.disk
	switch {
	case d == nil || d.Max <= 0:
		return false
	case d.Small:
		return true
	}
	return held >= least && !r.account.room(more)
}

// Used returns how many bytes there are now.
func (d *Disk) Used() int64 { return d.used.Load() }

// A spill is the file of one operator. The zero value with a run has none yet. What is written
// belongs to lists, each of which is read from its beginning.
//
//	+------+------+-----------------------------+
//	| crc  | rows | columns, 8 bytes for an ID  |   for each piece of a list
//	| 4 B  | 4 B  |                             |
//	+------+------+-----------------------------+
type spill struct {
	r     *Run
	where string
	file  *os.File
	size  int64
	buf   []byte
}

// A spillList tells where its pieces are.
type spillList []int64

const spillHead = 8

// put writes rows of columns as the next piece of a list.
func (s *spill) put(ctx context.Context, l *spillList, cols [][]graph.ID, rows []int32) error {
	if err := s.r.check(ctx, s.where); err != nil {
		return err
	}
	n := spillHead + len(rows)*len(cols)*8
	if err := s.open(int64(n)); err != nil {
		return err
	}
	if cap(s.buf) < n {
		s.buf = make([]byte, n)
	}
	b := s.buf[:n]
	binary.LittleEndian.PutUint32(b[4:], uint32(len(rows)))
	at := spillHead
	for _, col := range cols {
		for _, i := range rows {
			binary.LittleEndian.PutUint64(b[at:], uint64(col[i]))
			at += 8
		}
	}
	binary.LittleEndian.PutUint32(b, crc32.Checksum(b[4:], spillTable))
	*l = append(*l, s.size)
	if _, err := s.file.WriteAt(b, s.size); err != nil {
		if errors.Is(err, syscall.ENOSPC) {
			return &graph.LimitError{Limit: "disk", Max: "the space that is free", Where: s.where}
		}
		return fmt.Errorf("write rows to disk: %w", err)
	}
	s.size += int64(n)
	return nil
}

var spillTable = crc32.MakeTable(crc32.Castagnoli)

// open takes bytes of the disk, and makes the file if there is none.
func (s *spill) open(bytes int64) error {
	d := s.r.disk
	if d.used.Add(bytes) > d.Max {
		d.used.Add(-bytes)
		return &graph.LimitError{Limit: "disk", Max: size(d.Max), Where: s.where}
	}
	if s.file != nil {
		return nil
	}
	err := os.MkdirAll(d.Dir, 0o700)
	var f *os.File
	if err == nil {
		f, err = os.CreateTemp(d.Dir, spillName)
	}
	if err != nil {
		d.used.Add(-bytes)
		return fmt.Errorf("make a temporary file: %w", err)
	}
	s.file = f
	return nil
}

// get reads piece i of a list into columns.
func (s *spill) get(l spillList, i int, cols columns) (columns, int, error) {
	var head [spillHead]byte
	if _, err := s.file.ReadAt(head[:], l[i]); err != nil {
		return cols, 0, fmt.Errorf("read rows from disk: %w", err)
	}
	rows := int(binary.LittleEndian.Uint32(head[4:]))
	n := rows * len(cols) * 8
	if int64(n) > s.size {
		return cols, 0, errSpill
	}
	if cap(s.buf) < n {
		s.buf = make([]byte, n)
	}
	b := s.buf[:n]
	if _, err := s.file.ReadAt(b, l[i]+spillHead); err != nil {
		return cols, 0, fmt.Errorf("read rows from disk: %w", err)
	}
	if crc32.Update(crc32.Checksum(head[4:], spillTable), spillTable, b) != binary.LittleEndian.Uint32(head[:]) {
		return cols, 0, errSpill
	}
	for c := range cols {
		col := cols[c][:0]
		for k := range rows {
			col = append(col, graph.ID(binary.LittleEndian.Uint64(b[(c*rows+k)*8:])))
		}
		cols[c] = col
	}
	return cols, rows, nil
}

var errSpill = errors.New("rows that were put on the disk are not what they were")

// close gives the disk back.
func (s *spill) close() {
	if s.file == nil {
		return
	}
	name := s.file.Name()
	s.file.Close()
	os.Remove(name)
	s.r.disk.used.Add(-s.size)
	s.file, s.size, s.buf = nil, 0, nil
}

// A spillReader reads a list piece by piece.
type spillReader struct {
	s    *spill
	list spillList
	next int
	cols columns
	rows int
	at   int
}

// more makes sure that there is a row at hand; false at the end.
func (p *spillReader) more(width int) (fresh, ok bool, err error) {
	if p.at < p.rows {
		return false, true, nil
	}
	if p.next == len(p.list) {
		return false, false, nil
	}
	if p.cols == nil {
		p.cols = make(columns, width)
	}
	p.cols, p.rows, err = p.s.get(p.list, p.next, p.cols)
	p.next++
	p.at = 0
	return true, err == nil, err
}

// A tournament finds the least of many heads, of which one at a time moves on.
type tournament struct {
	heads []int // numbers, the least first, as a heap
	less  func(a, b int) bool
}

func (t *tournament) push(n int) {
	t.heads = append(t.heads, n)
	for i := len(t.heads) - 1; i > 0; {
		up := (i - 1) / 2
		if !t.less(t.heads[i], t.heads[up]) {
			return
		}
		t.heads[i], t.heads[up] = t.heads[up], t.heads[i]
		i = up
	}
}

// sink puts the first head, which has moved on, in its place; pop takes it out.
func (t *tournament) sink() {
	for i := 0; ; {
		least := i
		for k := 2*i + 1; k <= 2*i+2 && k < len(t.heads); k++ {
			if t.less(t.heads[k], t.heads[least]) {
				least = k
			}
		}
		if least == i {
			return
		}
		t.heads[i], t.heads[least] = t.heads[least], t.heads[i]
		i = least
	}
}

func (t *tournament) pop() {
	last := len(t.heads) - 1
	t.heads[0] = t.heads[last]
	if t.heads = t.heads[:last]; last > 0 {
		t.sink()
	}
}

// Rows of a hash go to one of so many lists.
const spillParts = 64

// spilled are rows that are put on the disk by their hash, each into a list.
type spilled struct {
	spill
	lists [spillParts]spillList
	wait  [spillParts]columns // rows that are not written yet
	all   []int32
}

const waitRows = 128

// add puts row i of columns into the list of a hash.
func (s *spilled) add(ctx context.Context, hash uint64, cols [][]graph.ID, i int) error {
	p := hash >> 32 % spillParts
	w := &s.wait[p]
	if *w == nil {
		if err := s.r.account.grow(waitRows*8*int64(len(cols)), s.where); err != nil {
			return err
		}
		*w = make(columns, len(cols))
	}
	for c := range cols {
		(*w)[c] = append((*w)[c], cols[c][i])
	}
	if len((*w)[0]) < waitRows {
		return nil
	}
	return s.flush(ctx, int(p))
}

func (s *spilled) flush(ctx context.Context, p int) error {
	w := s.wait[p]
	if w == nil || len(w[0]) == 0 {
		return nil
	}
	s.all = whole(s.all, len(w[0]))
	err := s.put(ctx, &s.lists[p], w, s.all)
	s.wait[p].clear(len(w))
	return err
}

// written puts the last rows of all lists on the disk.
func (s *spilled) written(ctx context.Context) error {
	for p := range s.wait {
		if err := s.flush(ctx, p); err != nil {
			return err
		}
		if w := s.wait[p]; w != nil {
			s.r.account.release(waitRows * 8 * int64(len(w)))
			s.wait[p] = nil
		}
	}
	return nil
}

func (s *spilled) drop() {
	for p, w := range s.wait {
		if w != nil {
			s.r.account.release(waitRows * 8 * int64(len(w)))
		}
		s.wait[p], s.lists[p] = nil, nil
	}
	s.close()
}
