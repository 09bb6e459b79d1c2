package store

import (
	"bufio"
	"container/heap"
	"os"

	"mocban/graph"
	"mocban/graph/block"
)

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
