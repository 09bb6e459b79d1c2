package exec

import (
	"context"
	"slices"

	"mocban/graph"
	"mocban/sparql/plan"
)

// unitOp gives one row without columns.
type unitOp struct{ done bool }

func (o *unitOp) next(ctx context.Context, b *Batch) (bool, error) {
	if o.done {
		return false, nil
	}
	o.done = true
	*b = Batch{Len: 1}
	return true, ctx.Err()
}

func (o *unitOp) reset(bool) { o.done = false }
func (o *unitOp) close()     {}

// emptyOp gives nothing.
type emptyOp struct{}

func (o *emptyOp) next(context.Context, *Batch) (bool, error) { return false, nil }
func (o *emptyOp) reset(bool)                                 {}
func (o *emptyOp) close()                                     {}

// A seedOp holds the batch that an Apply feeds to its right side, for all Seed nodes there.
type seedOp struct {
	cols  []plan.Col
	batch Batch
}

// seedReader gives the batch of a seed, once after each reset.
type seedReader struct {
	seed *seedOp
	at   []int
	done bool
}

func newSeedReader(n *plan.Seed, seed *seedOp) *seedReader {
	return &seedReader{seed: seed, at: places(n.Cols, seed.cols)}
}

func (o *seedReader) next(ctx context.Context, b *Batch) (bool, error) {
	if o.done || o.seed.batch.Len == 0 {
		return false, nil
	}
	o.done = true
	b.Len = o.seed.batch.Len
	b.Cols = b.Cols[:0]
	for _, i := range o.at {
		b.Cols = append(b.Cols, o.seed.batch.Cols[i])
	}
	return true, ctx.Err()
}

func (o *seedReader) reset(bool) { o.done = false }
func (o *seedReader) close()     {}

// valuesOp gives rows that stand in the query.
type valuesOp struct {
	r     *Run
	n     *plan.Values
	rows  columns
	len   int
	at    int
	bound bool // the parameters are in the rows
}

func newValues(ctx context.Context, r *Run, n *plan.Values) (*valuesOp, error) {
	o := &valuesOp{r: r, n: n, len: len(n.Terms)}
	o.rows.clear(len(n.Cols))
	terms, ids := make([]graph.Term, len(n.Terms)), make([]graph.ID, len(n.Terms))
	for c := range n.Cols {
		for i, row := range n.Terms {
			terms[i] = row[c]
			if n.Params != nil && n.Params[i] != nil && n.Params[i][c] > 0 {
				terms[i] = graph.Term{} // bind sets it
			}
		}
		if err := r.dict.intern(ctx, terms, ids); err != nil {
			return nil, err
		}
		o.rows[c] = append(o.rows[c], ids...)
	}
	return o, nil
}

// bind puts the IDs of the parameters into the rows.
func (o *valuesOp) bind() error {
	o.bound = true
	for i, row := range o.n.Params {
		for c, n := range row {
			if n == 0 {
				continue
			}
			id := o.r.params[n-1]
			if id == graph.None {
				t := o.r.terms[n-1]
				if err := o.r.dict.note(t, id); err != nil {
					return err
				}
				id = o.r.dict.ids[t]
			}
			o.rows[c][i] = id
		}
	}
	return nil
}

func (o *valuesOp) next(ctx context.Context, b *Batch) (bool, error) {
	if !o.bound {
		if err := o.bind(); err != nil {
			return false, err
		}
	}
	if o.at >= o.len {
		return false, nil
	}
	end := min(o.at+o.r.batch, o.len)
	b.Len, b.Cols = end-o.at, b.Cols[:0]
	for _, c := range o.rows {
		b.Cols = append(b.Cols, c[o.at:end])
	}
	o.at = end
	return true, ctx.Err()
}

func (o *valuesOp) reset(all bool) {
	o.at = 0
	o.bound = o.bound && (!all || o.n == nil) // another run may have other parameters
}

func (o *valuesOp) close() {}

// namedGraphs returns the named graphs of a query.
func (r *Run) namedGraphs(ctx context.Context, g plan.Graphs) ([]graph.ID, error) {
	if !g.All {
		return g.IDs, nil
	}
	c, err := r.snap.Graphs(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var ids []graph.ID
	var b graph.Block
	for c.Next(&b) {
		if err := r.account.grow(int64(b.Len)*8, "listing graphs"); err != nil {
			return nil, err
		}
		ids = append(ids, b.Cols[graph.PosG]...)
	}
	return ids, c.Err()
}

// graphListOp gives the names of the named graphs.
type graphListOp struct {
	r    *Run
	n    *plan.GraphList
	ids  []graph.ID
	open bool
	at   int
}

func (o *graphListOp) next(ctx context.Context, b *Batch) (bool, error) {
	if !o.open {
		ids, err := o.r.namedGraphs(ctx, o.n.Graphs)
		if err != nil {
			return false, err
		}
		o.ids, o.open = ids, true
	}
	if o.at >= len(o.ids) {
		return false, nil
	}
	end := min(o.at+o.r.batch, len(o.ids))
	b.Len, b.Cols = end-o.at, b.Cols[:0]
	if len(o.n.Cols) > 0 {
		b.Cols = append(b.Cols, o.ids[o.at:end])
	}
	o.at = end
	return true, o.r.check(ctx, "listing graphs")
}

func (o *graphListOp) reset(bool) { o.at = 0 }
func (o *graphListOp) close()     {}

// graphLoopOp runs its input for one named graph after the other.
type graphLoopOp struct {
	r     *Run
	n     *plan.GraphLoop
	in    operator
	ids   []graph.ID
	open  bool
	at    int
	inner int   // place of the loop's variable in the input, or -1
	outer int   // and in the output
	from  []int // places of the others
	batch Batch
	out   columns
}

func newGraphLoop(r *Run, n *plan.GraphLoop, in operator) *graphLoopOp {
	return &graphLoopOp{r: r, n: n, in: in, at: -1, inner: n.Input.Base().Index(n.Var),
		outer: n.Index(n.Var), from: places(n.Cols, n.Input.Base().Cols)}
}

func (o *graphLoopOp) next(ctx context.Context, b *Batch) (bool, error) {
	if !o.open {
		ids, err := o.r.namedGraphs(ctx, o.n.Graphs)
		if err != nil {
			return false, err
		}
		o.ids, o.open = ids, true
	}
	for o.at < len(o.ids) {
		if o.at >= 0 {
			ok, err := o.step(ctx, b)
			if ok || err != nil {
				return ok, err
			}
		}
		o.at++
		o.in.reset(true)
	}
	return false, nil
}

// step gives rows of the graph at hand: those that bind the variable to its name, or leave
// it unbound.
func (o *graphLoopOp) step(ctx context.Context, b *Batch) (bool, error) {
	g := o.ids[o.at]
	for {
		if err := o.r.check(ctx, "GRAPH"); err != nil {
			return false, err
		}
		outside := o.r.loop
		o.r.loop = g
		ok, err := o.in.next(ctx, &o.batch)
		o.r.loop = outside
		if !ok || err != nil {
			return false, err
		}
		o.out.clear(len(o.n.Cols))
		rows := 0
		for i := range o.batch.Len {
			if o.inner >= 0 && o.batch.Cols[o.inner][i] != graph.None && o.batch.Cols[o.inner][i] != g {
				continue
			}
			rows++
			for c, from := range o.from {
				if c == o.outer {
					o.out[c] = append(o.out[c], g)
				} else {
					o.out[c] = append(o.out[c], o.batch.Cols[from][i])
				}
			}
		}
		if rows > 0 {
			b.Len, b.Cols = rows, append(b.Cols[:0], o.out...)
			return true, nil
		}
	}
}

func (o *graphLoopOp) reset(bool) { o.at = -1 }
func (o *graphLoopOp) close()     { o.in.close() }

// unionOp gives the rows of its parts one after the other.
type unionOp struct {
	parts []operator
	from  [][]int
	at    int
	batch Batch
	none  []graph.ID
}

func newUnion(_ *Run, n *plan.Union, parts []operator) *unionOp {
	o := &unionOp{parts: parts}
	for _, p := range n.Parts {
		o.from = append(o.from, places(n.Cols, p.Base().Cols))
	}
	return o
}

func (o *unionOp) next(ctx context.Context, b *Batch) (bool, error) {
	for ; o.at < len(o.parts); o.at++ {
		ok, err := o.parts[o.at].next(ctx, &o.batch)
		if err != nil {
			return false, err
		}
		if !ok {
			continue
		}
		b.Len, b.Cols = o.batch.Len, b.Cols[:0]
		if len(o.none) < b.Len {
			o.none = make([]graph.ID, b.Len)
		}
		for _, i := range o.from[o.at] {
			if i < 0 {
				b.Cols = append(b.Cols, o.none[:b.Len])
			} else {
				b.Cols = append(b.Cols, o.batch.Cols[i])
			}
		}
		return true, nil
	}
	return false, nil
}

func (o *unionOp) reset(all bool) {
	o.at = 0
	for _, p := range o.parts {
		p.reset(all)
	}
}

func (o *unionOp) close() {
	for _, p := range o.parts {
		p.close()
	}
}

// projectOp keeps some columns.
type projectOp struct {
	in    operator
	from  []int
	batch Batch
	none  []graph.ID
}

func newProject(n *plan.Project, in operator) *projectOp {
	return &projectOp{in: in, from: places(n.Cols, n.Input.Base().Cols)}
}

func (o *projectOp) next(ctx context.Context, b *Batch) (bool, error) {
	ok, err := o.in.next(ctx, &o.batch)
	if !ok || err != nil {
		return false, err
	}
	b.Len, b.Cols = o.batch.Len, b.Cols[:0]
	for _, i := range o.from {
		if i >= 0 {
			b.Cols = append(b.Cols, o.batch.Cols[i])
			continue
		}
		if len(o.none) < b.Len {
			o.none = make([]graph.ID, b.Len)
		}
		b.Cols = append(b.Cols, o.none[:b.Len])
	}
	return true, nil
}

func (o *projectOp) reset(all bool) { o.in.reset(all) }
func (o *projectOp) close()         { o.in.close() }

// sliceOp skips rows, and ends after some.
type sliceOp struct {
	n     *plan.Slice
	in    operator
	from  []int // places of the columns: a SELECT below may have more
	seen  int64 // rows of the input
	batch Batch
}

func (o *sliceOp) next(ctx context.Context, b *Batch) (bool, error) {
	for {
		given := max(0, o.seen-o.n.Offset)
		if o.n.Limit >= 0 && given >= o.n.Limit {
			return false, nil
		}
		ok, err := o.in.next(ctx, &o.batch)
		if !ok || err != nil {
			return false, err
		}
		low := min(max(0, o.n.Offset-o.seen), int64(o.batch.Len))
		high := int64(o.batch.Len)
		if o.n.Limit >= 0 {
			high = min(high, low+o.n.Limit-given)
		}
		o.seen += int64(o.batch.Len)
		if low >= high {
			continue
		}
		b.Len, b.Cols = int(high-low), b.Cols[:0]
		for _, from := range o.from {
			b.Cols = append(b.Cols, o.batch.Cols[from][low:high])
		}
		return true, nil
	}
}

func (o *sliceOp) reset(all bool) {
	o.seen = 0
	o.in.reset(all)
}

func (o *sliceOp) close() { o.in.close() }

// countRowsOp gives the number of rows of a pattern.
type countRowsOp struct {
	r    *Run
	n    *plan.CountRows
	done bool
}

func (o *countRowsOp) next(ctx context.Context, b *Batch) (bool, error) {
	if o.done {
		return false, nil
	}
	o.done = true
	n, err := o.count(ctx)
	if err != nil {
		return false, err
	}
	id, _ := graph.IntegerID(int64(n))
	if o.n.Weight {
		if n == 0 {
			return false, nil
		}
		id = graph.ID(n)
	}
	b.Len, b.Cols = 1, b.Cols[:0]
	for range o.n.Cols {
		b.Cols = append(b.Cols, []graph.ID{id})
	}
	return true, ctx.Err()
}

func (o *countRowsOp) count(ctx context.Context) (n uint64, err error) {
	p := o.r.pattern(o.n.Scan)
	switch {
	case o.n.Distinct:
		return o.r.countDistinct(ctx, p, o.n.Scan.By, o.n.At)
	case len(o.n.Ranges) == 0:
		return o.r.count(ctx, p)
	}
	for _, x := range o.n.Ranges {
		p.Range = graph.Range{At: o.n.At, Low: x.Low, High: x.High}
		some, err := o.r.count(ctx, p)
		if err != nil {
			return 0, err
		}
		n += some
	}
	return n, nil
}

func (o *countRowsOp) reset(bool) { o.done = false }
func (o *countRowsOp) close()     {}

// countRunsOp goes from one value of a position to the next by seeking, and counts each.
type countRunsOp struct {
	r    *Run
	n    *plan.CountRuns
	out  columns
	done bool
}

func (o *countRunsOp) next(ctx context.Context, b *Batch) (bool, error) {
	if o.done {
		return false, nil
	}
	o.done = true
	p := o.r.pattern(o.n.Scan)
	c, err := o.r.snap.Scan(ctx, p, o.n.Scan.By, graph.Cols(o.n.At))
	if err != nil {
		return false, err
	}
	defer c.Close()
	o.out.clear(len(o.n.Cols))
	rows := 0
	var block graph.Block
	for c.Next(&block) {
		// Values within the block are taken one by one; what lies beyond is sought.
		o.r.saw(block.Len)
		col := block.Cols[o.n.At]
		id := col[len(col)-1]
		for i := 0; i < len(col); {
			id = col[i]
			count := graph.None
			if len(o.n.Count) > 0 {
				n, err := o.r.count(ctx, p.With(o.n.At, id))
				if err != nil {
					return false, err
				}
				count, _ = graph.IntegerID(int64(n))
			}
			for k, c := range o.n.Cols {
				if c.Var == o.n.Key {
					o.out[k] = append(o.out[k], id)
				} else {
					o.out[k] = append(o.out[k], count)
				}
			}
			rows++
			more, _ := slices.BinarySearch(col[i:], id+1)
			i += more
		}
		var row graph.Row
		row[o.n.At] = id + 1
		c.Seek(row)
		if err := o.r.check(ctx, "counting"); err != nil {
			return false, err
		}
	}
	if err := c.Err(); err != nil || rows == 0 {
		return false, err
	}
	b.Len, b.Cols = rows, append(b.Cols[:0], o.out...)
	return true, nil
}

func (o *countRunsOp) reset(bool) { o.done = false }
func (o *countRunsOp) close()     {}

// count counts the rows of a pattern, by reading them if the store does not know.
func (r *Run) count(ctx context.Context, p graph.Pattern) (n uint64, err error) {
	n, exact, err := r.snap.Count(ctx, p)
	if exact || err != nil {
		return n, err
	}
	c, err := r.snap.Scan(ctx, p, graph.NoOrder, 0)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	n = 0
	var b graph.Block
	for c.Next(&b) {
		r.saw(b.Len)
		n += uint64(b.Len)
	}
	return n, c.Err()
}

// countDistinct counts the different terms at a position, by reading all in an order in which
// equal ones stand together if the store does not know.
func (r *Run) countDistinct(ctx context.Context, p graph.Pattern, by graph.Order, at graph.Pos) (n uint64, err error) {
	n, exact, err := r.snap.Distinct(ctx, p, at)
	if exact || err != nil {
		return n, err
	}
	c, err := r.snap.Scan(ctx, p, by, graph.Cols(at))
	if err != nil {
		return 0, err
	}
	defer c.Close()
	n = 0
	last := graph.None
	var b graph.Block
	for c.Next(&b) {
		r.saw(b.Len)
		for _, id := range b.Cols[at] {
			if id != last {
				last = id
				n++
			}
		}
		if err := r.check(ctx, "counting"); err != nil {
			return 0, err
		}
	}
	return n, c.Err()
}
