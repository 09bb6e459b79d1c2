package store

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"mocban/graph"
	"mocban/graph/block"
)

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
	if err := r.foldGraphs(rows); err != nil {
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
		f.terms = r.hashes
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
	r.next.sums[x] = r.l.from.base.sums[x].Plus(f.tally.sum)
	r.dead = append(r.dead, f.dead...)
	if x == indexOf(graph.SPO) {
		r.added = n - uint64(len(r.known))
		r.quads = r.quads.Plus(f.quads)
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
	for _, id := range r.created {
		r.quads = r.quads.Plus(hashRow(0, 0, 0, r.hashes.of(id)))
	}
	r.next.sums[x] = r.l.from.base.sums[x].Plus(f.tally.sum)
	r.next.dirs[x], err = f.finish()
	r.dead = append(r.dead, f.dead...)
	return err
}
