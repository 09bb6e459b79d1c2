package log

import (
	"bufio"
	"container/heap"
	"errors"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"mocban/graph"
)

// sortBytes is how much text of a bulk load is sorted in memory.
var sortBytes = 64 << 20

// Compare orders steps as [graph.Change] promises: by graph, removals before additions.
func Compare(a, b graph.Op) int {
	if c := graph.Compare(a.Quad.G, b.Quad.G); c != 0 {
		return c
	}
	if c := ranks[a.Kind] - ranks[b.Kind]; c != 0 {
		return c
	}
	return graph.CompareQuads(a.Quad, b.Quad)
}

var ranks = [...]int{graph.OpRemove: 0, graph.OpDropGraph: 1, graph.OpCreateGraph: 2, graph.OpAdd: 3}

// compareLines puts a known quad before the same quad added.
func compareLines(a, b Step) int {
	if c := Compare(a.Op, b.Op); c != 0 {
		return c
	}
	switch {
	case a.Known == b.Known:
		return 0
	case a.Known:
		return -1
	}
	return 1
}

// sorted sorts lines in bounded memory, and leaves out doubles and what was known.
func sorted(in iter.Seq2[Step, error]) iter.Seq2[graph.Op, error] {
	return func(yield func(graph.Op, error) bool) {
		runs, err := sortRuns(in)
		defer runs.close()
		if err == nil {
			err = runs.merge(func(op graph.Op) bool { return yield(op, nil) })
		}
		if err != nil {
			yield(graph.Op{}, err)
		}
	}
}

// runList holds sorted lines: in memory, and beyond sortBytes in files.
type runList struct {
	memory []Step
	files  []*os.File
}

func (r *runList) close() {
	for _, f := range r.files {
		f.Close()
		os.Remove(f.Name())
	}
}

func sortRuns(in iter.Seq2[Step, error]) (*runList, error) {
	r, size := new(runList), 0
	for l, err := range in {
		if err != nil {
			return r, err
		}
		r.memory = append(r.memory, l)
		q := &l.Op.Quad
		size += 200 + len(q.S.Value()) + len(q.P) + len(q.O.Value()) + len(q.G.Value())
		if size < 4*sortBytes {
			continue
		}
		if err := r.spill(); err != nil {
			return r, err
		}
		size = 0
	}
	r.sort()
	return r, nil
}

func (r *runList) sort() {
	slices.SortFunc(r.memory, compareLines)
	r.memory = slices.Compact(r.memory)
}

func (r *runList) spill() error {
	r.sort()
	f, err := os.CreateTemp("", "mocban-changes-*")
	if err != nil {
		return err
	}
	r.files = append(r.files, f)
	w := bufio.NewWriterSize(f, 1<<16)
	var b []byte
	for _, l := range r.memory {
		if l.Known {
			b = AppendKnown(b[:0], l.Op.Quad)
		} else {
			b = AppendOp(b[:0], l.Op)
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	r.memory = r.memory[:0]
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = f.Seek(0, io.SeekStart)
	return err
}

// A run gives sorted lines one by one.
type run struct {
	memory []Step
	file   *bufio.Reader
	line   Step
}

func (r *run) next() (ok bool, err error) {
	if r.file == nil {
		if len(r.memory) == 0 {
			return false, nil
		}
		r.line, r.memory = r.memory[0], r.memory[1:]
		return true, nil
	}
	s, err := r.file.ReadString('\n')
	if errors.Is(err, io.EOF) && s == "" {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	r.line, err = parseLine(strings.TrimSuffix(s, "\n"))
	return true, err
}

type runHeap []*run

func (h runHeap) Len() int           { return len(h) }
func (h runHeap) Less(i, j int) bool { return compareLines(h[i].line, h[j].line) < 0 }
func (h runHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *runHeap) Push(x any)        { *h = append(*h, x.(*run)) }
func (h *runHeap) Pop() any          { n := len(*h) - 1; x := (*h)[n]; *h = (*h)[:n]; return x }

func (r *runList) merge(yield func(graph.Op) bool) error {
	var h runHeap
	all := []*run{{memory: r.memory}}
	for _, f := range r.files {
		all = append(all, &run{file: bufio.NewReaderSize(f, 1<<16)})
	}
	for _, one := range all {
		ok, err := one.next()
		if err != nil {
			return err
		}
		if ok {
			h = append(h, one)
		}
	}
	heap.Init(&h)
	var last graph.Op
	for begun := false; len(h) > 0; begun = true {
		l := h[0].line
		if !begun || l.Op != last {
			last = l.Op
			if !l.Known && !yield(l.Op) {
				return nil
			}
		}
		ok, err := h[0].next()
		if err != nil {
			return err
		}
		if ok {
			heap.Fix(&h, 0)
		} else {
			heap.Pop(&h)
		}
	}
	return nil
}
