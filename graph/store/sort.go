package store

import (
	"bufio"
	"container/heap"
	"context"
	"fmt"
	"os"
	"slices"
	"sync"

	"mocban/graph"
	"mocban/graph/block"
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

// sortBy sorts rows by one position, keeping the order of equal ones, and returns them and
// the spare ones.
func sortBy(rows, spare []graph.Row, pos graph.Pos) (sorted, rest []graph.Row) {
	spare = spare[:len(rows)]
	var count [8][256]uint32
	for i := range rows {
		v := uint64(rows[i][pos])
		for b := range count {
			count[b][byte(v>>(8*b))]++
		}
	}
	for b := range count {
		n := &count[b]
		if len(rows) == 0 || n[byte(uint64(rows[0][pos])>>(8*b))] == uint32(len(rows)) {
			continue // all the same
		}
		sum := uint32(0)
		for i, k := range n {
			n[i] = sum
			sum += k
		}
		for i := range rows {
			d := byte(uint64(rows[i][pos]) >> (8 * b))
			spare[n[d]] = rows[i]
			n[d]++
		}
		rows, spare = spare, rows
	}
	return rows, spare
}

// A numbered is the value of a position and the number of the row that it is of.
type numbered struct {
	value graph.ID
	row   uint32
}

// foldOrder is the order in which the orders are made: POS is made of OSP.
var foldOrder = [...]index{indexOf(graph.SPO), indexOf(graph.PSO), indexOf(graph.GSPO), indexOf(graph.OSP), indexOf(graph.POS)}

// orderings sort rows that are in SPO order into the others, all by one position, since the
// rest of the order is kept.
type orderings struct {
	a, b []numbered
	osp  bool // a holds OSP
}

// rows returns a function that gives the rows in an order.
func (o *orderings) rows(s *sortedRows, x index) func() *graph.Row {
	if x != indexOf(graph.SPO) {
		o.sort(s, x)
	}
	i := 0
	return func() *graph.Row {
		if i == len(s.rows) {
			return nil
		}
		i++
		if x == indexOf(graph.SPO) {
			return &s.rows[i-1]
		}
		return &s.rows[o.a[i-1].row]
	}
}

func (o *orderings) sort(s *sortedRows, x index) {
	n := len(s.rows)
	if cap(o.a) < n {
		o.a, o.b = make([]numbered, n), make([]numbered, n)
	}
	o.a, o.b = o.a[:n], o.b[:n]
	pos := x.order().Positions()[0]
	switch {
	case x == indexOf(graph.POS) && o.osp:
		for i := range o.a {
			o.a[i].value = s.rows[o.a[i].row][pos]
		}
	case x == indexOf(graph.POS):
		o.sort(s, indexOf(graph.OSP))
		o.sort(s, x)
		return
	default:
		for i := range o.a {
			o.a[i] = numbered{s.rows[i][pos], uint32(i)}
		}
	}
	o.a, o.b = sortNumbered(o.a, o.b)
	o.osp = x == indexOf(graph.OSP)
}

// sortNumbered is sortBy for numbered values.
func sortNumbered(rows, spare []numbered) (sorted, rest []numbered) {
	var count [8][256]uint32
	for i := range rows {
		v := uint64(rows[i].value)
		for b := range count {
			count[b][byte(v>>(8*b))]++
		}
	}
	for b := range count {
		n := &count[b]
		if len(rows) == 0 || n[byte(uint64(rows[0].value)>>(8*b))] == uint32(len(rows)) {
			continue // all the same
		}
		sum := uint32(0)
		for i, k := range n {
			n[i] = sum
			sum += k
		}
		for i := range rows {
			d := byte(uint64(rows[i].value) >> (8 * b))
			spare[n[d]] = rows[i]
			n[d]++
		}
		rows, spare = spare, rows
	}
	return rows, spare
}

// fold folds the rows into the base: the orders by two goroutines, then the graphs.
func (r *result) fold(rows *sortedRows) error {
	var wait sync.WaitGroup
	var once errorOnce
	var mu sync.Mutex
	for _, orders := range [...][]index{{0, 1, indexOf(graph.GSPO)}, {indexOf(graph.OSP), indexOf(graph.POS)}} {
		wait.Add(1)
		go func() {
			defer wait.Done()
			var o orderings
			for _, x := range orders {
				if err := r.foldOne(x, rows, &o, &mu); err != nil {
					once.set(fmt.Errorf("order %v: %w", x.order(), err))
					return
				}
			}
		}()
	}
	wait.Wait()
	if err := once.get(); err != nil {
		return err
	}
	return r.foldGraphs(rows)
}

func (r *result) foldOne(x index, rows *sortedRows, o *orderings, mu *sync.Mutex) error {
	next := o.rows
	if rows.runs[0] != nil {
		m, err := newMerge(rows.runs[x], x)
		if err != nil {
			return err
		}
		return r.run(x, m.next, func() error { return m.err }, mu)
	}
	return r.run(x, next(rows, x), func() error { return nil }, mu)
}

// run folds rows that come in order.
func (r *result) run(x index, next func() *graph.Row, failed func() error, mu *sync.Mutex) error {
	f := newFolder(r.l.s, x, r.l.from.base.dirs[x], func(key, value []byte) error { return r.bulk.Set(int(x), key, value) })
	n, it := uint64(0), new(item)
	it.add = true
	f.known = func(*block.Key) {}
	if x == indexOf(graph.SPO) {
		f.known = func(k *block.Key) { r.known = append(r.known, graph.Row(*k)) }
	}
	err := f.run(r.l.ctx, func() *item {
		row := next()
		if row == nil {
			return nil
		}
		n++
		it.key = x.key(row)
		return it
	})
	if err == nil {
		err = failed()
	}
	if err != nil {
		return err
	}
	d, err := f.finish()
	mu.Lock()
	defer mu.Unlock()
	r.next.dirs[x] = d
	r.dead = append(r.dead, f.dead...)
	if x == indexOf(graph.SPO) {
		r.added = n - uint64(len(r.known))
	}
	return err
}

func (r *result) foldGraphs(rows *sortedRows) error {
	ids := make([]graph.ID, 0, len(rows.graphs))
	for g := range rows.graphs {
		ids = append(ids, g)
	}
	slices.Sort(ids)
	x := graphsIndex
	f := newFolder(r.l.s, x, r.l.from.base.dirs[x], func(key, value []byte) error { return r.bulk.Set(int(x), key, value) })
	known := make(map[graph.ID]struct{})
	f.known = func(k *block.Key) { known[k[0]] = struct{}{} }
	i := 0
	err := f.run(context.WithoutCancel(r.l.ctx), func() *item {
		if i == len(ids) {
			return nil
		}
		i++
		return &item{x.key(&graph.Row{graph.PosG: ids[i-1]}), true}
	})
	if err != nil {
		return err
	}
	for _, g := range ids {
		if _, ok := known[g]; !ok {
			r.created = append(r.created, g)
		}
	}
	r.next.dirs[x], err = f.finish()
	r.dead = append(r.dead, f.dead...)
	return err
}

// A merge gives the rows of sorted runs in order, each once.
type merge struct {
	x    index
	runs []*mergeRun
	last graph.Row
	any  bool
	err  error
}

type mergeRun struct {
	r   rowReader
	row graph.Row
	key block.Key
}

func newMerge(files []*os.File, x index) (*merge, error) {
	m := &merge{x: x}
	for _, f := range files {
		run := &mergeRun{r: rowReader{r: bufio.NewReaderSize(f, 256<<10)}}
		ok, err := run.r.next(&run.row)
		if err != nil {
			return nil, err
		}
		if ok {
			run.key = x.key(&run.row)
			m.runs = append(m.runs, run)
		}
	}
	heap.Init(m)
	return m, nil
}

func (m *merge) Len() int           { return len(m.runs) }
func (m *merge) Less(i, j int) bool { return m.runs[i].key.Compare(&m.runs[j].key) < 0 }
func (m *merge) Swap(i, j int)      { m.runs[i], m.runs[j] = m.runs[j], m.runs[i] }
func (m *merge) Push(any)           {}
func (m *merge) Pop() any           { m.runs = m.runs[:len(m.runs)-1]; return nil }

func (m *merge) next() *graph.Row {
	for len(m.runs) > 0 && m.err == nil {
		top := m.runs[0]
		row := top.row
		ok, err := top.r.next(&top.row)
		switch {
		case err != nil:
			m.err = err
			return nil
		case ok:
			top.key = m.x.key(&top.row)
			heap.Fix(m, 0)
		default:
			heap.Pop(m)
		}
		if !m.any || row != m.last {
			m.last, m.any = row, true
			return &m.last
		}
	}
	return nil
}
