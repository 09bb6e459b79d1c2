package store

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"mocban/graph"
	"mocban/graph/block"
)

// fold folds the rows into the base, several orders at a time, then the graphs.
func (r *result) fold(rows *sortedRows) error {
	rows.spare = nil
	var mu sync.Mutex
	err := inParallel(r.l.s.o.parallel(), len(foldTasks), func(i int) error {
		var o orderings
		for _, x := range foldTasks[i] {
			if err := r.foldOne(x, rows, &o, &mu); err != nil {
				return fmt.Errorf("order %v: %w", x.order(), err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := r.foldGraphs(); err != nil {
		return err
	}
	return r.checkSums()
}

// checkSums tells whether all orders have the same rows.
func (r *result) checkSums() error {
	for x := range graphsIndex {
		if err := checkFold(x, r.next.sums[x], new(tally), r.next.sums[0]); err != nil {
			return err
		}
	}
	return nil
}

func (r *result) foldOne(x index, rows *sortedRows, o *orderings, mu *sync.Mutex) error {
	if rows.runs[0] == nil {
		return r.run(x, o.rows(rows, x), mu)
	}
	m, err := newMerge(rows.runs[x])
	if err != nil {
		return err
	}
	return r.run(x, m.next, mu)
}

// run folds rows that come in order.
func (r *result) run(x index, next rowSource, mu *sync.Mutex) error {
	f := newFolder(r.l.s, x, r.l.from.base.dirs[x], func(key, value []byte) error { return r.bulk.Set(int(x), key, value) })
	n, it := uint64(0), new(item)
	it.add = true
	var rows []numRow
	var keys []block.Key // of them
	at := 0              // behind the one that is folded
	f.known = func(*block.Key) {}
	f.pause = r.l.pause
	if x == indexOf(graph.SPO) {
		f.added = func() {
			h, row := r.hashes, &rows[at-1]
			r.quads = r.quads.Plus(hashRow(h[row[0]], h[row[1]], h[row[2]], h[row[3]]))
		}
		f.known = func(k *block.Key) { r.known = append(r.known, graph.Row(*k)) }
	}
	var failed error
	err := f.run(r.l.ctx, func() *item {
		if at == len(rows) {
			if rows, failed = next(); len(rows) == 0 {
				return nil
			}
			at, keys = 0, slices.Grow(keys[:0], len(rows))[:len(rows)]
			for i := range rows {
				row := &rows[i]
				keys[i] = block.Key{r.ids[row[0]], r.ids[row[1]], r.ids[row[2]], r.ids[row[3]]}
			}
			n += uint64(len(rows))
		}
		it.key = keys[at]
		at++
		return it
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return err
	}
	d, err := f.finish()
	mu.Lock()
	defer mu.Unlock()
	r.next.dirs[x] = d
	r.next.sums[x] = r.l.from.base.sums[x].Plus(f.tally.sum)
	r.dead = append(r.dead, f.dead...)
	if x == indexOf(graph.SPO) {
		r.added = n - uint64(len(r.known))
	}
	return err
}

func (r *result) foldGraphs() error {
	var ids []graph.ID
	var nums []int
	for n, id := range r.ids {
		if r.graphs.isSet(uint32(n)) {
			ids, nums = append(ids, id), append(nums, n)
		}
	}
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
	for k, g := range ids {
		if _, ok := known[g]; !ok {
			r.created = append(r.created, g)
			r.quads = r.quads.Plus(hashRow(0, 0, 0, r.hashes[nums[k]]))
		}
	}
	r.next.sums[x] = r.l.from.base.sums[x].Plus(f.tally.sum)
	r.next.dirs[x], err = f.finish()
	r.dead = append(r.dead, f.dead...)
	return err
}
