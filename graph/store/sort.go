package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"mocban/graph"
	"mocban/graph/dict"
)

// unknownMemory is taken for the memory of a machine that does not tell.
const unknownMemory = 4 << 30

// build makes the dictionary and the orders.
func (r *result) build() error {
	if err := r.number(); err != nil {
		return fmt.Errorf("sort the terms: %w", err)
	}
	rows, err := r.rows()
	defer rows.close()
	if err != nil {
		return fmt.Errorf("sort the rows: %w", err)
	}
	return r.fold(rows)
}

// A termHeap holds the cursors of all chunks, the one with the lowest term first.
type termHeap []*termCursor

func (h termHeap) less(i, k int) bool {
	if h[i].class != h[k].class {
		return h[i].class < h[k].class
	}
	return bytes.Compare(h[i].key, h[k].key) < 0
}

// sink puts the cursor at i where it belongs among those below it.
func (h termHeap) sink(i int) {
	for {
		k := 2*i + 1
		if k >= len(h) {
			return
		}
		if k+1 < len(h) && h.less(k+1, k) {
			k++
		}
		if !h.less(k, i) {
			return
		}
		h[i], h[k] = h[k], h[i]
		i = k
	}
}

// dictStream is the stream of the dictionary in a large write; the orders have those before.
const dictStream = int(indexes)

var errManyTerms = errors.New("a load can have 2^32 different terms at most: load it in parts")

// number numbers the terms of all chunks, in the order of their IDs.
func (r *result) number() error {
	l := r.l
	r.dict = l.s.dict.Build(func(key, value []byte) error { return r.bulk.Set(dictStream, key, value) })
	defer r.dict.Stop()
	var h termHeap
	total := 0
	for _, c := range l.chunks {
		c.nums = make([]uint32, c.nTerms)
		total += c.nTerms
		t := c.termCursor()
		ok, err := t.next()
		if err != nil {
			return err
		}
		if ok {
			h = append(h, t)
		}
	}
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.sink(i)
	}
	r.ids, r.hashes = make([]graph.ID, 0, total), make([]uint64, 0, total)
	ascending := true
	var class graph.Class
	var key []byte
	for n := 0; len(h) > 0; n++ {
		if n%(1<<16) == 0 {
			l.s.o.progress("terms", uint64(n), uint64(total))
			if err := l.ctx.Err(); err != nil {
				return err
			}
		}
		t := h[0]
		if n == 0 || t.class != class || !bytes.Equal(t.key, key) {
			class, key = t.class, append(key[:0], t.key...)
			id, hash, err := r.id(class, key)
			if err != nil {
				return err
			}
			ascending = ascending && (len(r.ids) == 0 || r.ids[len(r.ids)-1] < id)
			if len(r.ids) == math.MaxUint32 {
				return errManyTerms
			}
			r.ids, r.hashes = append(r.ids, id), append(r.hashes, hash)
		}
		t.c.nums[t.rank] = uint32(len(r.ids) - 1)
		ok, err := t.next()
		if err != nil {
			return err
		}
		if !ok {
			h[0] = h[len(h)-1]
			h = h[:len(h)-1]
		}
		h.sink(0)
	}
	for _, c := range l.chunks {
		closeFile(c.runFile)
		c.run, c.runFile = nil, nil
	}
	if !ascending {
		r.renumber()
	}
	r.graphs = newBitmap(len(r.ids))
	for _, c := range l.chunks {
		for _, n := range c.graphs {
			r.graphs.set(c.nums[n])
		}
	}
	return r.dict.Finish()
}

// id returns the ID and the hash of a term. The ID of an inlined value is its key.
func (r *result) id(class graph.Class, key []byte) (id graph.ID, hash uint64, err error) {
	if class == graph.ClassSpecial || graph.NewID(class, 0).Inlined() {
		id = graph.ID(binary.BigEndian.Uint64(key))
		return id, hashID(id), nil
	}
	id, err = r.dict.Add(class, key)
	return id, dict.Hash(class, key), err
}

// renumber numbers the terms in the order of their IDs, which is not that of terms where
// some were there before.
func (r *result) renumber() {
	order := make([]uint32, len(r.ids))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Compare(r.ids[a], r.ids[b]) })
	nums := make([]uint32, len(order))
	ids, hashes := make([]graph.ID, len(order)), make([]uint64, len(order))
	for i, n := range order {
		nums[n], ids[i], hashes[i] = uint32(i), r.ids[n], r.hashes[n]
	}
	r.ids, r.hashes = ids, hashes
	for _, c := range r.l.chunks {
		for i, n := range c.nums {
			c.nums[i] = nums[n]
		}
	}
}

// A bitmap is a set of numbers.
type bitmap []uint64

func newBitmap(n int) bitmap         { return make(bitmap, (n+63)/64) }
func (b bitmap) set(n uint32)        { b[n/64] |= 1 << (n % 64) }
func (b bitmap) isSet(n uint32) bool { return b[n/64]>>(n%64)&1 == 1 }

// sortedRows are the rows of a load, each once, in memory or as sorted runs of every order.
type sortedRows struct {
	rows  []numRow // in SPO order
	spare []numRow // as long
	runs  [indexes][]*runFile

	workers int // goroutines that sort
}

func (s *sortedRows) close() {
	for _, runs := range s.runs {
		for _, f := range runs {
			f.close()
		}
	}
}

// sortBytes is what sorting takes for each row: itself and a copy, or itself and two pairs of
// lists of numbers of rows.
const sortBytes = 16 + 2*16

// leastRows are sorted at a time at least.
const leastRows = 1 << 16

// rows numbers the rows of all chunks and sorts them.
func (r *result) rows() (*sortedRows, error) {
	l := r.l
	total := 0
	held := 16 * int64(cap(r.ids))
	for _, c := range l.chunks {
		total += c.nRows
		held += 4*int64(len(c.nums)) + int64(c.bytes())
	}
	most := min(total, max(int((l.budget-held)/sortBytes), leastRows))
	s := &sortedRows{rows: make([]numRow, most), spare: make([]numRow, most), workers: l.s.o.parallel()}
	if most == total {
		if err := r.fill(s.rows); err != nil {
			return s, err
		}
		s.sort(len(r.ids))
		return s, nil
	}
	n, done := 0, 0
	for _, c := range l.chunks {
		err := c.eachRows(func(rows []numRow) error {
			for len(rows) > 0 {
				k := min(len(rows), most-n)
				renumberRows(s.rows[n:n+k], rows[:k], c.nums)
				rows, n, done = rows[k:], n+k, done+k
				if n < most {
					continue
				}
				l.s.o.progress("sort", uint64(done), uint64(total))
				if err := l.ctx.Err(); err != nil {
					return err
				}
				if err := s.spill(l, n, len(r.ids)); err != nil {
					return err
				}
				n = 0
			}
			return nil
		})
		if err != nil {
			return s, err
		}
		c.close()
	}
	l.chunks = nil
	if err := s.spill(l, n, len(r.ids)); err != nil {
		return s, err
	}
	s.rows, s.spare = nil, nil
	return s, nil
}

// renumberRows writes rows of a chunk with the numbers of the load.
func renumberRows(to, from []numRow, nums []uint32) {
	to = to[:len(from)]
	for i := range from {
		r, t := &from[i], &to[i]
		t[0], t[1], t[2], t[3] = nums[r[0]], nums[r[1]], nums[r[2]], nums[r[3]]
	}
}

// fill writes the rows of all chunks, several chunks at a time, and lets go of them.
func (r *result) fill(to []numRow) error {
	l := r.l
	starts := make([]int, len(l.chunks)+1)
	for i, c := range l.chunks {
		starts[i+1] = starts[i] + c.nRows
	}
	var done atomic.Int64
	var mu sync.Mutex
	err := inParallel(l.s.o.parallel(), len(l.chunks), func(i int) error {
		at := starts[i]
		c := l.chunks[i]
		err := c.eachRows(func(rows []numRow) error {
			renumberRows(to[at:], rows, c.nums)
			at += len(rows)
			return l.ctx.Err()
		})
		c.close()
		mu.Lock()
		defer mu.Unlock()
		l.s.o.progress("sort", uint64(done.Add(int64(starts[i+1]-starts[i]))), uint64(len(to)))
		return err
	})
	l.chunks = nil
	return err
}

// inParallel calls f with the numbers below n, from so many goroutines.
func inParallel(workers, n int, f func(i int) error) error {
	var next atomic.Int64
	var wait sync.WaitGroup
	var once errorOnce
	for range min(n, workers) {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for i := int(next.Add(1)) - 1; i < n && once.get() == nil; i = int(next.Add(1)) - 1 {
				if err := f(i); err != nil {
					once.set(err)
				}
			}
		}()
	}
	wait.Wait()
	return once.get()
}

// spill puts the first n rows in a file for each order. terms is how many terms there are.
func (s *sortedRows) spill(l *loader, n, terms int) error {
	if n == 0 {
		return nil
	}
	l.chunkM.Lock()
	dir, err := l.scrapFolder()
	l.chunkM.Unlock()
	if err != nil {
		return err
	}
	whole, spare := s.rows, s.spare
	s.rows, s.spare = s.rows[:n], s.spare[:n]
	s.sort(terms)
	var mu sync.Mutex
	err = inParallel(l.s.o.parallel(), len(foldTasks), func(i int) error {
		var o orderings
		for _, x := range foldTasks[i] {
			f, err := writeRun(dir, o.rows(s, x))
			mu.Lock()
			if f != nil {
				s.runs[x] = append(s.runs[x], f)
			}
			mu.Unlock()
			if err != nil {
				return err
			}
		}
		return nil
	})
	s.rows, s.spare = whole, spare
	return err
}
