package exec

import (
	"context"
	"math/bits"
	"slices"

	"mocban/graph"
)

// A rowSet keeps rows of IDs by column, and finds those whose key columns are equal.
type rowSet struct {
	r     *Run
	where string
	cols  columns
	len   int
	keys  []int    // columns that are the key
	slots []uint64 // for a key: the upper half of its hash, and row+1 of its first row
	next  []int32  // row+1 of the next row of the key
	held  int64

	merged  bool     // rows of one key are one, the first of them
	weight  int      // of merged: the column with what a row stands for, or -1
	weights []uint64 // of merged: what the rows of the key of a row stand for together
}

func (s *rowSet) grow() error {
	bytes := int64(cap(s.slots))*8 + int64(cap(s.next))*4 + int64(cap(s.weights))*8
	for _, c := range s.cols {
		bytes += int64(cap(c)) * 8
	}
	if bytes <= s.held {
		return nil
	}
	err := s.r.account.grow(bytes-s.held, s.where)
	s.held = bytes
	return err
}

func (s *rowSet) clear() {
	s.len = 0
	for i := range s.cols {
		s.cols[i] = s.cols[i][:0]
	}
	s.next = s.next[:0]
	clear(s.slots)
}

func (s *rowSet) free() {
	s.r.account.release(s.held)
	s.cols, s.slots, s.next, s.weights, s.len, s.held = nil, nil, nil, nil, 0, 0
}

// add appends the rows of a batch.
func (s *rowSet) add(b *Batch) error {
	if s.cols == nil {
		s.cols = make(columns, len(b.Cols))
	}
	for i, c := range b.Cols {
		s.cols[i] = append(s.cols[i], c[:b.Len]...)
	}
	s.len += b.Len
	return s.grow()
}

// fill reads an operator to its end.
func (s *rowSet) fill(ctx context.Context, in operator) error {
	var b Batch
	for {
		if err := s.r.check(ctx, s.where); err != nil {
			return err
		}
		ok, err := in.next(ctx, &b)
		if !ok || err != nil {
			return err
		}
		if err := s.add(&b); err != nil {
			return err
		}
	}
}

const (
	hashFactor = 0x9E3779B97F4A7C15
	hashFold   = 32
)

func mix(h uint64, id graph.ID) uint64 {
	h = (h ^ uint64(id)) * hashFactor
	return h ^ h>>hashFold
}

// index makes the table of all rows. Rows of one key are found in the order they came.
func (s *rowSet) index() error {
	if s.merged {
		return s.indexMerged()
	}
	size := 16
	for size < 2*s.len {
		size *= 2
	}
	if cap(s.slots) >= size {
		s.slots = s.slots[:size]
		clear(s.slots)
	} else {
		s.slots = make([]uint64, size)
	}
	if cap(s.next) < s.len {
		s.next = make([]int32, s.len)
	}
	s.next = s.next[:s.len]
	if err := s.grow(); err != nil {
		return err
	}
	mask := uint64(size - 1)
	for i := s.len - 1; i >= 0; i-- {
		h := uint64(0)
		for _, k := range s.keys {
			h = mix(h, s.cols[k][i])
		}
		tag := h &^ rowMask
		at := h & mask
		for s.slots[at] != 0 && (s.slots[at]&^rowMask != tag || !s.equal(int32(s.slots[at]&rowMask)-1, int32(i))) {
			at = (at + 1) & mask
		}
		s.next[i] = int32(s.slots[at] & rowMask)
		s.slots[at] = tag | uint64(i+1)
	}
	return nil
}

// indexMerged is index where rows of one key are one. Rows that have no key are all one.
func (s *rowSet) indexMerged() error {
	size := 16
	for len(s.keys) > 0 && size < 2*s.len {
		size *= 2
	}
	s.slots = make([]uint64, size)
	s.weights, s.next = s.weights[:0], s.next[:0]
	if len(s.keys) > 0 { // as many as there may be
		s.weights, s.next = slices.Grow(s.weights, s.len), slices.Grow(s.next, s.len)
	}
	if err := s.grow(); err != nil {
		return err
	}
	mask := uint64(size - 1)
	last := int32(-1) // row of the key of the row before
	for i := range s.len {
		one := uint64(1)
		if s.weight >= 0 {
			one = uint64(s.cols[s.weight][i])
		}
		if last < 0 || !s.equal(int32(i), last) {
			h := uint64(0)
			for _, k := range s.keys {
				h = mix(h, s.cols[k][i])
			}
			tag := h &^ rowMask
			at := h & mask
			for s.slots[at] != 0 && (s.slots[at]&^rowMask != tag || !s.equal(int32(s.slots[at]&rowMask)-1, int32(i))) {
				at = (at + 1) & mask
			}
			if s.slots[at] == 0 {
				last = s.move(i, one)
				s.slots[at] = tag | uint64(last+1)
				continue
			}
			last = int32(s.slots[at]&rowMask) - 1
		}
		if s.weights[last] <= maxWeight-one {
			s.weights[last] += one
			continue
		}
		full := s.move(i, s.weights[last])
		s.weights[last] = one
		s.next[full], s.next[last] = s.next[last], full+1
	}
	s.len = len(s.weights)
	for c := range s.cols {
		s.cols[c] = s.cols[c][:s.len]
	}
	return s.grow()
}

// move moves a row to the end of those that stay.
func (s *rowSet) move(i int, weight uint64) (row int32) {
	row = int32(len(s.weights))
	if int(row) != i {
		for _, col := range s.cols {
			col[row] = col[i]
		}
	}
	s.weights, s.next = append(s.weights, weight), append(s.next, 0)
	return row
}

// maxWeight is how many rows one can stand for.
const maxWeight = 1 << 60

// timesWeight returns how often a row is given, and which weight it has then, that stands for as
// many rows as the product says.
func timesWeight(a, b uint64) (times, weight uint64) {
	if high, low := bits.Mul64(a, b); high == 0 && low <= maxWeight {
		return 1, low
	}
	return min(a, b), max(a, b)
}

// rowMask is the half of a slot that holds the row.
const rowMask = 1<<32 - 1

// equal tells whether two rows have the same key.
func (s *rowSet) equal(a, b int32) bool {
	for _, k := range s.keys {
		if s.cols[k][a] != s.cols[k][b] {
			return false
		}
	}
	return true
}

// first returns row+1 of the first row with the key that row i of other columns has in keys, 0
// if there is none; the others follow in next.
func (s *rowSet) first(cols [][]graph.ID, keys []int, i int) int32 {
	h := uint64(0)
	for _, k := range keys {
		h = mix(h, cols[k][i])
	}
	mask := uint64(len(s.slots) - 1)
	tag := h &^ rowMask
	for at := h & mask; s.slots[at] != 0; at = (at + 1) & mask {
		if slot := s.slots[at]; slot&^rowMask == tag && s.same(int32(slot&rowMask)-1, cols, keys, i) {
			return int32(slot & rowMask)
		}
	}
	return 0
}

// same tells whether a row has the key.
func (s *rowSet) same(row int32, cols [][]graph.ID, keys []int, i int) bool {
	for n, k := range s.keys {
		if s.cols[k][row] != cols[keys[n]][i] {
			return false
		}
	}
	return true
}

// A numbering numbers different tuples of IDs in the order they come.
type numbering struct {
	r     *Run
	where string
	width int
	cols  columns
	slots []int32
	len   int
	held  int64
}

// of returns the number of a tuple, which stands in row i of cols at the places at; fresh is
// set if it was not there.
func (t *numbering) of(cols [][]graph.ID, at []int, i int) (n int32, fresh bool, err error) {
	if t.slots == nil {
		t.slots = make([]int32, 64)
		t.cols = make(columns, t.width)
	}
	h := t.seat(cols, at, i)
	if n := t.slots[h] - 1; n >= 0 {
		return n, false, nil
	}
	n = int32(t.len)
	t.slots[h] = n + 1
	t.len++
	for c, k := range at {
		t.cols[c] = append(t.cols[c], cols[k][i])
	}
	if 2*t.len > len(t.slots) {
		err = t.double()
	}
	return n, true, err
}

// find returns the number of a tuple, as of does, or -1 if it has none.
func (t *numbering) find(cols [][]graph.ID, at []int, i int) int32 {
	if t.slots == nil {
		return -1
	}
	return t.slots[t.seat(cols, at, i)] - 1
}

// seat returns the slot that a tuple has, or would get.
func (t *numbering) seat(cols [][]graph.ID, at []int, i int) uint64 {
	h := uint64(0)
	for _, k := range at {
		h = mix(h, cols[k][i])
	}
	mask := uint64(len(t.slots) - 1)
probe:
	for h &= mask; t.slots[h] != 0; h = (h + 1) & mask {
		n := t.slots[h] - 1
		for c, k := range at {
			if t.cols[c][n] != cols[k][i] {
				continue probe
			}
		}
		return h
	}
	return h
}

func (t *numbering) double() error {
	bytes := int64(len(t.slots))*8 + int64(t.width)*int64(len(t.slots))*8
	if bytes > t.held {
		if err := t.r.account.grow(bytes-t.held, t.where); err != nil {
			return err
		}
		t.held = bytes
	}
	t.slots = make([]int32, 2*len(t.slots))
	mask := uint64(len(t.slots) - 1)
	for n := range t.len {
		h := uint64(0)
		for _, c := range t.cols {
			h = mix(h, c[n])
		}
		for h &= mask; t.slots[h] != 0; h = (h + 1) & mask {
		}
		t.slots[h] = int32(n + 1)
	}
	return nil
}

// clear forgets the tuples, and keeps the memory if it is no more than what is not accounted for.
func (t *numbering) clear() {
	if t.held > 0 {
		t.free()
		return
	}
	clear(t.slots)
	for c := range t.cols {
		t.cols[c] = t.cols[c][:0]
	}
	t.len = 0
}

func (t *numbering) free() {
	t.r.account.release(t.held)
	t.slots, t.cols, t.len, t.held = nil, nil, 0, 0
}

// all returns the numbers below n, for tuples that are whole rows.
func all(n int) []int {
	at := make([]int, n)
	for i := range at {
		at[i] = i
	}
	return at
}
