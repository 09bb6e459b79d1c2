package exec

import (
	"cmp"
	"context"
	"slices"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/expr"
	"mocban/sparql/plan"
)

// sortOp sorts its input. Rows that compare equal stay in the order they came, so that pages
// fit together. With a top, rows that cannot be among the first so many are dropped as they
// come.
type sortOp struct {
	r    *Run
	n    *plan.Sort
	in   operator
	keys []sortColumn
	from []int

	rows  rowSet // kept, by column of the input
	seq   []int64
	order []int32
	read  bool
	given int
	count int64
	batch Batch
	sel   []int32
	out   columns
	held  int64

	spill   spill
	runs    []spillList // sorted ones, on the disk
	readers []spillReader
	heads   tournament
	ahead   func(ctx context.Context, run int) (bool, error) // goes to the next row of a run
	varies  bool                                             // a key may be another one when it is asked again
	classes []uint32                                         // of the IDs of the keys, in all runs
}

// A sortColumn is one condition of ORDER BY: a column whose IDs are compared as far as they
// decide, or an expression.
type sortColumn struct {
	desc   bool
	col    int // or -1
	p      *program
	ids    []graph.ID   // of the kept rows
	values []expr.Value // of the kept rows, if IDs do not decide
	byID   bool
}

func newSort(ctx context.Context, r *Run, n *plan.Sort, in operator) (*sortOp, error) {
	x := n.Input.Base()
	o := &sortOp{r: r, n: n, in: in, from: places(n.Cols, x.Cols)}
	o.rows, o.spill = rowSet{r: r, where: "ORDER BY"}, spill{r: r, where: "ORDER BY"}
	for _, k := range n.Keys {
		o.varies = o.varies || plan.Varies(k.Expr)
		c := sortColumn{desc: k.Desc, col: -1}
		if v, ok := k.Expr.(*algebra.VarExpr); ok {
			if c.col = x.Index(v.Var); c.col < 0 {
				continue // never bound, so all rows are equal
			}
			c.byID = true
		} else {
			var err error
			if c.p, err = r.compile(ctx, k.Expr, x.Cols); err != nil {
				return nil, err
			}
		}
		o.keys = append(o.keys, c)
	}
	return o, nil
}

func (o *sortOp) next(ctx context.Context, b *Batch) (bool, error) {
	if !o.read {
		if err := o.readAll(ctx); err != nil {
			return false, err
		}
	}
	if o.runs != nil {
		return o.merge(ctx, b)
	}
	if o.given >= len(o.order) {
		return false, nil
	}
	high := min(o.given+o.r.batch, len(o.order))
	o.out.clear(len(o.from))
	for c, from := range o.from {
		col := o.rows.cols[from]
		for _, i := range o.order[o.given:high] {
			o.out[c] = append(o.out[c], col[i])
		}
	}
	b.Len, b.Cols = high-o.given, append(b.Cols[:0], o.out...)
	o.given = high
	return true, nil
}

func (o *sortOp) readAll(ctx context.Context) error {
	for {
		if err := o.r.check(ctx, "ORDER BY"); err != nil {
			return err
		}
		ok, err := o.in.next(ctx, &o.batch)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if err := o.makeRoom(ctx); err != nil {
			return err
		}
		if err := o.take(ctx); err != nil {
			return err
		}
		if o.n.Top > 0 && int64(o.rows.len) >= max(2*o.n.Top, o.n.Top+int64(o.r.batch)) {
			if err := o.cut(ctx); err != nil {
				return err
			}
		}
	}
	o.read = true
	if o.runs != nil {
		return o.startMerge(ctx)
	}
	if err := o.sortRows(ctx); err != nil {
		return err
	}
	if o.n.Top > 0 && int64(len(o.order)) > o.n.Top {
		o.order = o.order[:o.n.Top]
	}
	return nil
}

// take keeps the rows of a batch, and what they are sorted by.
func (o *sortOp) take(ctx context.Context) error {
	n := o.batch.Len
	o.sel = whole(o.sel, n)
	for k := range o.keys {
		c := &o.keys[k]
		if c.col >= 0 {
			continue
		}
		if err := c.p.load(ctx, &o.batch, o.sel, o.r.solution); err != nil {
			return err
		}
		for _, i := range o.sel {
			v := c.p.value(i)
			c.values = append(c.values, v)
			if err := o.hold(valueBytes + textBytes(v)); err != nil {
				return err
			}
		}
	}
	o.r.solution += uint64(n)
	if err := o.hold(int64(n) * 12); err != nil {
		return err
	}
	for range n {
		o.seq = append(o.seq, o.count)
		o.count++
	}
	return o.rows.add(&o.batch)
}

// valueBytes is what a value takes beside its text.
const valueBytes = 56

func (o *sortOp) hold(bytes int64) error {
	o.held += bytes
	return o.r.account.grow(bytes, "ORDER BY")
}

// sortRows sorts the kept rows into order.
func (o *sortOp) sortRows(ctx context.Context) error {
	if o.rows.len == 0 {
		return nil // and so there are no columns
	}
	if err := o.prepare(ctx); err != nil {
		return err
	}
	o.order = o.order[:0]
	for i := range o.rows.len {
		o.order = append(o.order, int32(i))
	}
	asked := 0
	var stop error
	slices.SortFunc(o.order, func(a, b int32) int {
		if asked++; asked&0xffff == 0 && stop == nil {
			stop = o.r.check(ctx, "ORDER BY")
		}
		if stop != nil {
			return 0
		}
		return o.compare(a, b)
	})
	return stop
}

// prepare finds which columns can be compared by their IDs, and fetches the values of those
// that cannot.
func (o *sortOp) prepare(ctx context.Context) error {
	if o.rows.len == 0 {
		return nil // and there are no columns yet
	}
	for k := range o.keys {
		c := &o.keys[k]
		if c.col < 0 {
			continue
		}
		ids := o.rows.cols[c.col]
		c.ids, c.byID = ids, decided(ids)
		if c.byID {
			c.values = c.values[:0] // those of earlier rows: no longer one for each row
			continue
		}
		known := len(c.values)
		var terms int64
		for i := known; i < len(ids); i++ {
			c.values = append(c.values, expr.Value{})
		}
		var p program
		for low := known; low < len(ids); low += o.r.batch {
			high := min(low+o.r.batch, len(ids))
			o.sel = whole(o.sel, high-low)
			if err := o.r.check(ctx, "ORDER BY"); err != nil {
				return err
			}
			if err := o.r.values(ctx, ids[low:high], o.sel, c.values[low:high], &p); err != nil {
				return err
			}
			for _, v := range c.values[low:high] {
				terms += valueBytes + textBytes(v)
			}
		}
		if err := o.hold(terms); err != nil {
			return err
		}
	}
	return nil
}

// decided tells whether expr.OrderIDs can compare any two of the IDs.
func decided(ids []graph.ID) bool { return decide(classesOf(ids)) }

// undecided is a class of IDs that do not decide.
const undecided = 1 << 31

// classesOf returns the classes of IDs as bits.
func classesOf(ids []graph.ID) (classes uint32) {
	for _, id := range ids {
		c := id.Class()
		if c == graph.ClassLocal || c == graph.ClassTyped || c == graph.ClassTriple || !id.Inlined() && id.Late() {
			return undecided
		}
		classes |= 1 << c
	}
	return classes
}

// decide is decided for IDs of these classes.
func decide(classes uint32) bool {
	if classes&undecided != 0 {
		return false
	}
	const texts = 1<<graph.ClassString | 1<<graph.ClassLang
	return classes&texts != texts
}

func (o *sortOp) compare(a, b int32) int {
	for k := range o.keys {
		c := &o.keys[k]
		var d int
		if c.byID {
			d = orderIDs(c.ids[a], c.ids[b])
		} else {
			d = expr.Order(c.values[a], c.values[b])
		}
		if d != 0 {
			if c.desc {
				return -d
			}
			return d
		}
	}
	return cmp.Compare(o.seq[a], o.seq[b])
}

// orderIDs is expr.OrderIDs for IDs that decide.
func orderIDs(a, b graph.ID) int {
	if x := a.Class(); x == b.Class() && x <= graph.ClassDecimal {
		return cmp.Compare(a, b)
	}
	d, _ := expr.OrderIDs(a, b)
	return d
}

// cut keeps the first Top of the rows.
func (o *sortOp) cut(ctx context.Context) error {
	if err := o.sortRows(ctx); err != nil {
		return err
	}
	keep := o.order[:o.n.Top]
	slices.Sort(keep) // so that rows move down only
	for _, col := range o.rows.cols {
		for to, i := range keep {
			col[to] = col[i]
		}
	}
	for to, i := range keep {
		o.seq[to] = o.seq[i]
	}
	for k := range o.keys {
		c := &o.keys[k]
		if len(c.values) > 0 {
			for to, i := range keep {
				c.values[to] = c.values[i]
			}
			c.values = c.values[:len(keep)]
		}
	}
	for i := range o.rows.cols {
		o.rows.cols[i] = o.rows.cols[i][:len(keep)]
	}
	o.rows.len = len(keep)
	o.seq = o.seq[:len(keep)]
	o.r.account.release(o.held)
	o.held = 0
	return o.hold(int64(len(keep)) * (12 + valueBytes*int64(len(o.keys))))
}

func (o *sortOp) reset(all bool) {
	o.drop()
	o.in.reset(all)
}

func (o *sortOp) drop() {
	o.spill.close()
	o.runs, o.readers, o.heads, o.classes = nil, nil, tournament{}, nil
	o.rows.free()
	o.r.account.release(o.held)
	o.held = 0
	o.seq, o.order, o.read, o.given, o.count = nil, nil, false, 0, 0
	for k := range o.keys {
		o.keys[k].values, o.keys[k].ids = nil, nil
	}
}

func (o *sortOp) close() {
	o.drop()
	o.in.close()
}

// distinctOp drops rows that came before.
type distinctOp struct {
	r     *Run
	n     *plan.Distinct
	in    operator
	seen  numbering
	ids   pairSet // in place of seen, of one column
	all   []int
	last  []graph.ID
	any   bool
	batch Batch
	out   columns
	spill *spillDistinct // nil as long as there is room
	ended bool           // the input has
}

func newDistinct(r *Run, n *plan.Distinct, in operator) *distinctOp {
	w := len(n.Input.Base().Cols)
	return &distinctOp{r: r, n: n, in: in, all: all(w), last: make([]graph.ID, w),
		seen: numbering{r: r, where: "DISTINCT", width: w}, ids: pairSet{r: r, where: "DISTINCT"}}
}

func (o *distinctOp) next(ctx context.Context, b *Batch) (bool, error) {
	for {
		if err := o.r.check(ctx, "DISTINCT"); err != nil {
			return false, err
		}
		if o.ended {
			return o.rest(ctx, b)
		}
		ok, err := o.in.next(ctx, &o.batch)
		if err != nil {
			return false, err
		}
		if !ok {
			if o.ended = o.spill != nil; o.ended {
				continue
			}
			return false, nil
		}
		if o.spill == nil && o.full() {
			o.spill = newSpillDistinct(o.r)
		}
		o.out.clear(len(o.all))
		rows := 0
		for i := range o.batch.Len {
			if o.spill != nil {
				if !o.known(i) {
					if err := o.spill.put(ctx, &o.batch, o.all, i); err != nil {
						return false, err
					}
				}
				continue
			}
			fresh, err := o.fresh(i)
			if err != nil {
				return false, err
			}
			if !fresh {
				continue
			}
			rows++
			for c := range o.out {
				o.out[c] = append(o.out[c], o.batch.Cols[c][i])
			}
		}
		if rows > 0 {
			b.Len, b.Cols = rows, append(b.Cols[:0], o.out...)
			return true, nil
		}
	}
}

// fresh tells whether a row is new. One like the row before is not, which is all that has to
// be asked of rows that come in order.
func (o *distinctOp) fresh(i int) (bool, error) {
	same := o.any
	for c := range o.last {
		if id := o.batch.Cols[c][i]; o.last[c] != id {
			o.last[c], same = id, false
		}
	}
	o.any = true
	if same || o.n.Ordered {
		return !same, nil
	}
	if len(o.all) == 1 {
		return o.ids.add(0, o.last[0])
	}
	_, fresh, err := o.seen.of(o.batch.Cols, o.all, i)
	return fresh, err
}

func (o *distinctOp) reset(all bool) {
	o.drop()
	o.any = false
	o.in.reset(all)
}

func (o *distinctOp) close() {
	o.drop()
	o.in.close()
}

func (o *distinctOp) drop() {
	o.seen.free()
	o.ids.free()
	o.spill.drop()
	o.spill, o.ended = nil, false
}
