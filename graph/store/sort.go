package store

import (
	"bufio"
	"container/heap"
	"fmt"
	"os"
	"slices"

	"mocban/graph"
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

type termHeap []*termCursor

func (h termHeap) Len() int           { return len(h) }
func (h termHeap) Less(i, j int) bool { return compareTerms(&h[i].term, &h[j].term) < 0 }
func (h termHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *termHeap) Push(x any)        { *h = append(*h, x.(*termCursor)) }
func (h *termHeap) Pop() any          { n := len(*h) - 1; x := (*h)[n]; *h = (*h)[:n]; return x }

// dictStream is the stream of the dictionary in a large write; the orders have those before.
const dictStream = int(indexes)

// number gives IDs to the terms of all chunks, in order.
func (r *result) number() error {
	l := r.l
	if c, err := l.graphChunk(); err != nil {
		return err
	} else if c != nil {
		l.chunks = append(l.chunks, c)
	}
	r.hashes = newTermHashes(l.s.dict.Meta())
	r.dict = l.s.dict.Build(func(key, value []byte) error { return r.bulk.Set(dictStream, key, value) })
	var h termHeap
	for _, c := range l.chunks {
		t := c.termCursor()
		ok, err := t.next()
		if err != nil {
			return err
		}
		if ok {
			h = append(h, t)
		}
	}
	heap.Init(&h)
	var id graph.ID
	var last localTerm
	var lastKey []byte
	for n := uint64(0); len(h) > 0; n++ {
		t := h[0]
		if n == 0 || t.term.class != last.class || t.term.key != string(lastKey) {
			if n%4096 == 0 && l.ctx.Err() != nil {
				return l.ctx.Err()
			}
			lastKey = append(lastKey[:0], t.term.key...)
			last.class = t.term.class
			var err error
			if id, err = r.dict.Add(last.class, lastKey); err != nil {
				return err
			}
			r.hashes.add(id, lastKey)
		}
		t.c.ids[t.n] = id
		ok, err := t.next()
		if err != nil {
			return err
		}
		if ok {
			heap.Fix(&h, 0)
		} else {
			heap.Pop(&h)
		}
	}
	return r.dict.Finish()
}

// graphChunk returns a chunk of the graphs to be created, as rows without a triple.
func (l *loader) graphChunk() (*chunk, error) {
	if len(l.graphs) == 0 {
		return nil, nil
	}
	c := newChunk()
	for _, g := range l.graphs {
		c.rows = append(c.rows, graph.Row{graph.PosG: c.id(g)})
	}
	c.sort()
	return c, nil
}

// sortedRows are the rows of a load, each once, in memory or as sorted runs of every order.
type sortedRows struct {
	rows   []graph.Row // in SPO order
	spare  []graph.Row // as long
	graphs map[graph.ID]struct{}
	runs   [indexes][]*os.File
}

func (s *sortedRows) close() {
	for _, files := range s.runs {
		for _, f := range files {
			f.Close()
			os.Remove(f.Name())
		}
	}
}

// rowBytes is what sorting takes for each row: itself, a copy, and the numbers of rows in
// two orders at a time.
const rowBytes = 32 + 32 + 32

// rows gives the rows of all chunks their IDs and sorts them.
func (r *result) rows() (*sortedRows, error) {
	l := r.l
	total := 0
	for _, c := range l.chunks {
		total += c.nRows
	}
	most := min(total, max(int(l.memory()/2/rowBytes), 1<<16))
	s := &sortedRows{rows: make([]graph.Row, 0, most), graphs: make(map[graph.ID]struct{})}
	lastGraph := graph.DefaultGraph
	done := uint64(0)
	for _, c := range l.chunks {
		err := c.eachRow(func(row *graph.Row) error {
			if done++; done%(1<<16) == 0 {
				l.s.o.progress("sort", done, uint64(total))
				if err := l.ctx.Err(); err != nil {
					return err
				}
			}
			if g := row[graph.PosG]; g != lastGraph {
				lastGraph = g
				if g != graph.DefaultGraph {
					s.graphs[g] = struct{}{}
				}
			}
			if row[graph.PosS] == graph.None {
				return nil // a graph alone
			}
			if len(s.rows) == most {
				if err := s.spill(l); err != nil {
					return err
				}
			}
			s.rows = append(s.rows, *row)
			return nil
		})
		if err != nil {
			return s, err
		}
	}
	l.chunks = nil
	if s.runs[0] != nil {
		return s, s.spill(l)
	}
	s.sort()
	return s, nil
}

// sort sorts the rows by subject, predicate, object and graph, and leaves out doubles.
func (s *sortedRows) sort() {
	s.spare = make([]graph.Row, len(s.rows))
	for _, pos := range [...]graph.Pos{graph.PosG, graph.PosO, graph.PosP, graph.PosS} {
		s.rows, s.spare = sortBy(s.rows, s.spare, pos)
	}
	s.rows = slices.Compact(s.rows)
}

// spill puts the rows in a file for each order.
func (s *sortedRows) spill(l *loader) error {
	dir, err := l.scrapFolder()
	if err != nil {
		return err
	}
	s.sort()
	var orders orderings
	for _, x := range foldOrder {
		next := orders.rows(s, x)
		f, err := writeFile(dir, func(w *bufio.Writer) error {
			for row := next(); row != nil; row = next() {
				if err := writeRows(w, []graph.Row{*row}); err != nil {
					return err
				}
			}
			return nil
		})
		if f != nil {
			s.runs[x] = append(s.runs[x], f)
		}
		if err != nil {
			return err
		}
	}
	s.rows = s.rows[:0]
	return nil
}
