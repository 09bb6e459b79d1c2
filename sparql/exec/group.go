package exec

import (
	"context"
	"fmt"
	"math/bits"
	"slices"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/expr"
	"mocban/sparql/expr/xsd"
	"mocban/sparql/plan"
)

// groupOp makes a row of each group. Groups are numbered as they come; each aggregate keeps
// what it knows of them by number.
type groupOp struct {
	r      *Run
	n      *plan.Group
	in     operator
	keyAt  []int
	groups numbering
	aggs   []aggregate
	number []int32 // of the groups of a batch
	batch  Batch
	read   bool
	given  int
	none   []graph.ID
	out    columns
	spill  *spillGroups // nil as long as there is room
}

// An aggregate is a set function over all groups.
type aggregate interface {
	// grow makes room for n groups.
	grow(n int) error
	// add takes the rows of a batch; groups[i] is the group of row i.
	add(ctx context.Context, b *Batch, groups []int32) error
	// results appends the results of the groups from low up to high.
	results(ctx context.Context, low, high int, ids []graph.ID) ([]graph.ID, error)
	// clear forgets all groups.
	clear()
}

func newGroup(ctx context.Context, r *Run, n *plan.Group, in operator) (*groupOp, error) {
	x := n.Input.Base()
	o := &groupOp{r: r, n: n, in: in}
	for _, k := range n.Keys {
		at := x.Index(k)
		if at < 0 {
			at = len(x.Cols) // a column of what is never bound, behind the others
		}
		o.keyAt = append(o.keyAt, at)
	}
	o.groups = numbering{r: r, where: "GROUP BY", width: len(n.Keys)}
	for _, a := range n.Aggregates {
		g, err := r.aggregate(a, x, n)
		if err != nil {
			return nil, err
		}
		o.aggs = append(o.aggs, g)
	}
	return o, nil
}

func (o *groupOp) next(ctx context.Context, b *Batch) (bool, error) {
	for {
		if o.given < o.groups.len {
			// Of ordered input only the newest group may go on.
			high := o.groups.len
			switch {
			case o.read:
			case o.n.Ordered:
				high--
			default:
				high = 0
			}
			if high > o.given && (o.read || high-o.given >= o.r.batch) {
				return true, o.give(ctx, b, min(high, o.given+o.r.batch))
			}
		}
		if o.read {
			ok, err := o.nextPart(ctx)
			if !ok || err != nil {
				return false, err
			}
			continue
		}
		if err := o.take(ctx); err != nil {
			return false, err
		}
	}
}

// take reads a batch, or notes the end of the input.
func (o *groupOp) take(ctx context.Context) error {
	if err := o.r.check(ctx, "GROUP BY"); err != nil {
		return err
	}
	ok, err := o.in.next(ctx, &o.batch)
	if err != nil {
		return err
	}
	if !ok {
		o.read = true
		if o.n.Implicit && o.groups.len == 0 {
			o.groups.len = 1
			for _, a := range o.aggs {
				if err := a.grow(1); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return o.group(ctx)
}

// group adds the rows of the batch to their groups.
func (o *groupOp) group(ctx context.Context) error {
	for len(o.none) < o.batch.Len {
		o.none = append(o.none, graph.None)
	}
	o.batch.Cols = append(o.batch.Cols, o.none[:o.batch.Len])
	if !o.read {
		if o.spill == nil && o.full() {
			o.spill = &spillGroups{rows: spilled{spill: spill{r: o.r, where: "GROUP BY"}}}
		}
		if o.spill != nil {
			if err := o.putOthers(ctx); err != nil {
				return err
			}
		}
	}
	o.number = o.number[:0]
	if len(o.keyAt) == 0 {
		o.groups.len = 1
		for range o.batch.Len {
			o.number = append(o.number, 0)
		}
	} else if err := o.numberRows(); err != nil {
		return err
	}
	for _, a := range o.aggs {
		if err := a.grow(o.groups.len); err != nil {
			return err
		}
		if err := a.add(ctx, &o.batch, o.number); err != nil {
			return err
		}
	}
	return nil
}

func (o *groupOp) numberRows() error {
	last := int32(-1)
rows:
	for i := range o.batch.Len {
		if i > 0 {
			same := true
			for _, k := range o.keyAt {
				if o.batch.Cols[k][i] != o.batch.Cols[k][i-1] {
					same = false
					break
				}
			}
			if same {
				o.number = append(o.number, last)
				continue rows
			}
		}
		n, _, err := o.groups.of(o.batch.Cols, o.keyAt, i)
		if err != nil {
			return err
		}
		last = n
		o.number = append(o.number, n)
	}
	return nil
}

func (o *groupOp) give(ctx context.Context, b *Batch, high int) error {
	low := o.given
	o.given = high
	o.out.clear(len(o.n.Cols))
	for c := range o.n.Cols {
		if c < len(o.keyAt) {
			o.out[c] = append(o.out[c], o.groups.cols[c][low:high]...)
			continue
		}
		var err error
		if o.out[c], err = o.aggs[c-len(o.keyAt)].results(ctx, low, high, o.out[c]); err != nil {
			return err
		}
	}
	b.Len, b.Cols = high-low, append(b.Cols[:0], o.out...)
	return nil
}

func (o *groupOp) reset(all bool) {
	o.dropSpill()
	o.groups.free()
	for _, a := range o.aggs {
		a.clear()
	}
	o.read, o.given = false, 0
	o.in.reset(all)
}

func (o *groupOp) close() {
	o.dropSpill()
	o.groups.free()
	for _, a := range o.aggs {
		a.clear()
	}
	o.in.close()
}

var setFunctions = map[string]expr.SetFunction{
	"COUNT": expr.Count, "SUM": expr.Sum, "AVG": expr.Avg, "MIN": expr.Min, "MAX": expr.Max,
	"SAMPLE": expr.Sample, "GROUP_CONCAT": expr.GroupConcat,
}

func (r *Run) aggregate(a algebra.Aggregation, x *plan.Info, n *plan.Group) (aggregate, error) {
	f, ok := setFunctions[a.Func]
	if !ok {
		return nil, fmt.Errorf("no set function %s", a.Func)
	}
	var at []int
	if v, ok := a.Arg.(*algebra.VarExpr); ok {
		at = []int{x.Index(v.Var)}
	} else if a.Distinct {
		for i, c := range x.Cols {
			if c.Var[0] != '.' {
				at = append(at, i)
			}
		}
	}
	if a.Arg != nil && at[0] < 0 {
		return &unboundAgg{r: r, a: expr.Aggregate{Func: f}}, nil
	}
	if f == expr.Count {
		c := &countAgg{r: r, at: at, star: a.Arg == nil, weight: x.Index(n.Weight)}
		v, isVar := a.Arg.(*algebra.VarExpr)
		switch {
		case a.Distinct && isVar && slices.Contains(n.Runs, v.Var):
			c.runs = true
		case a.Distinct && len(at) == 1:
			c.ids = &pairSet{r: r, where: "COUNT(DISTINCT)"}
		case a.Distinct:
			c.seen = &numbering{r: r, where: "COUNT(DISTINCT)", width: len(at) + 1}
			c.all = all(len(at) + 1)
		}
		return c, nil
	}
	switch f {
	case expr.Min, expr.Max, expr.Sample: // DISTINCT makes no difference, nor how often a value comes
		return &chosenAgg{r: r, a: expr.Aggregate{Func: f}, col: at[0]}, nil
	}
	g := &valueAgg{r: r, col: at[0], a: expr.Aggregate{Func: f, Separator: a.Separator}, weight: -1}
	if f == expr.Sum || f == expr.Avg {
		g.weight = x.Index(n.Weight)
	}
	if a.Distinct {
		g.seen = &pairSet{r: r, where: a.Func + "(DISTINCT)"}
	}
	if slices.Contains(n.Passing, a.Var) {
		g.pass = r.dict.newPassing()
	}
	return g, nil
}

// unboundAgg is for an argument that is never bound.
type unboundAgg struct {
	r *Run
	a expr.Aggregate
	n []int64
}

func (g *unboundAgg) grow(n int) error {
	for len(g.n) < n {
		g.n = append(g.n, 0)
	}
	return nil
}

func (g *unboundAgg) add(_ context.Context, _ *Batch, groups []int32) error {
	for _, k := range groups {
		g.n[k]++
	}
	return nil
}

func (g *unboundAgg) results(ctx context.Context, low, high int, ids []graph.ID) ([]graph.ID, error) {
	for k := low; k < high; k++ {
		var s expr.State
		if g.n[k] > 0 {
			if err := g.a.Add(&s, expr.Value{}); err != nil {
				return ids, err
			}
		}
		var id [1]graph.ID
		if err := g.r.dict.fromValues(ctx, []expr.Value{g.a.Result(&s)}, id[:]); err != nil {
			return ids, err
		}
		ids = append(ids, id[0])
	}
	return ids, nil
}

func (g *unboundAgg) clear() { g.n = nil }

// countAgg is COUNT.
type countAgg struct {
	r    *Run
	at   []int
	star bool
	runs bool // of DISTINCT: equal values come one after the other
	last graph.ID
	of   int32 // group of last
	n    []int64
	ids  *pairSet   // of group and ID, for DISTINCT of one column
	seen *numbering // of group and columns, for DISTINCT of several
	row  [][]graph.ID
	all  []int

	weight int                   // column that tells how many rows a row stands for, or -1
	more   map[int32]xsd.Decimal // of groups, what n could not hold
}

func (g *countAgg) grow(n int) error {
	for len(g.n) < n {
		g.n = append(g.n, 0)
	}
	return nil
}

func (g *countAgg) add(_ context.Context, b *Batch, groups []int32) error {
	if g.runs {
		for i, id := range b.Cols[g.at[0]][:b.Len] {
			if k := groups[i]; (id != g.last || k != g.of) && id != graph.None {
				g.last, g.of = id, k
				g.n[k]++
			}
		}
		return nil
	}
	if g.ids != nil {
		for i, id := range b.Cols[g.at[0]][:b.Len] {
			if id == graph.None && !g.star {
				continue
			}
			fresh, err := g.ids.add(groups[i], id)
			if err != nil {
				return err
			}
			if fresh {
				g.n[groups[i]]++
			}
		}
		return nil
	}
	if g.seen == nil && g.weight >= 0 {
		return g.addWeights(b, groups)
	}
	if g.seen == nil {
		if g.star {
			for _, k := range groups {
				g.n[k]++
			}
			return nil
		}
		for i, id := range b.Cols[g.at[0]][:b.Len] {
			if id != graph.None {
				g.n[groups[i]]++
			}
		}
		return nil
	}
	if len(g.row) < len(g.at)+1 {
		g.row = make([][]graph.ID, len(g.at)+1)
	}
	g.row[0] = g.row[0][:0]
	for _, k := range groups {
		g.row[0] = append(g.row[0], graph.ID(k))
	}
	for c, at := range g.at {
		g.row[c+1] = b.Cols[at]
	}
	for i, k := range groups {
		if !g.star && g.row[1][i] == graph.None {
			continue
		}
		_, fresh, err := g.seen.of(g.row, g.all, i)
		if err != nil {
			return err
		}
		if fresh {
			g.n[k]++
		}
	}
	return nil
}

// maxCount is where a count goes on beyond what an inlined integer holds.
const maxCount = 1 << 58

// addWeights counts each row as often as it stands for.
func (g *countAgg) addWeights(b *Batch, groups []int32) error {
	weights := b.Cols[g.weight][:b.Len]
	for i, w := range weights {
		k := groups[i]
		if !g.star && b.Cols[g.at[0]][i] == graph.None {
			continue
		}
		if g.n[k] += int64(w); g.n[k] < maxCount {
			continue
		}
		if g.more == nil {
			g.more = map[int32]xsd.Decimal{}
		}
		sum, ok := g.more[k].Add(xsd.Int(g.n[k]))
		if !ok {
			return &graph.LimitError{Limit: "digits", Max: "those of a decimal", Where: "COUNT"}
		}
		g.more[k], g.n[k] = sum, 0
	}
	return nil
}

func (g *countAgg) results(ctx context.Context, low, high int, ids []graph.ID) ([]graph.ID, error) {
	for k := low; k < high; k++ {
		id, _ := graph.IntegerID(g.n[k])
		if more, ok := g.more[int32(k)]; ok {
			var one [1]graph.ID
			sum, _ := more.Add(xsd.Int(g.n[k]))
			if err := g.r.dict.fromValues(ctx, []expr.Value{expr.BigInteger(sum)}, one[:]); err != nil {
				return ids, err
			}
			id = one[0]
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (g *countAgg) clear() {
	g.n, g.last, g.more = g.n[:0], graph.None, nil
	if g.ids != nil {
		g.ids.free()
	}
	if g.seen != nil {
		g.seen.free()
	}
}

// valueAgg is a set function over values.
type valueAgg struct {
	r      *Run
	a      expr.Aggregate
	col    int
	states []expr.State
	ints   []intState // of SUM and AVG, as long as there are integers only
	seen   *pairSet   // of group and ID, for DISTINCT
	sel    []int32
	p      program // for its buffers
	values []expr.Value
	held   int64
	weight int      // column that tells how many rows a row stands for, or -1
	pass   *passing // of the results, or nil
}

// intState is the sum of integers that are inlined.
type intState struct{ sum, n int64 }

const stateBytes = 120

func (g *valueAgg) grow(n int) error {
	if n <= len(g.states) {
		return nil
	}
	g.a.Account = g.r.account
	bytes := int64(n-len(g.states)) * stateBytes
	if err := g.r.account.grow(bytes, g.a.Func.String()); err != nil {
		return err
	}
	g.held += bytes
	for len(g.states) < n {
		g.states = append(g.states, expr.State{})
		g.ints = append(g.ints, intState{})
	}
	return nil
}

func (g *valueAgg) add(ctx context.Context, b *Batch, groups []int32) error {
	col := b.Cols[g.col]
	sums := g.a.Func == expr.Sum || g.a.Func == expr.Avg
	g.sel = g.sel[:0]
	if g.weight >= 0 && g.seen == nil {
		return g.addWeights(ctx, b, groups)
	}
	for i, k := range groups {
		if g.seen != nil {
			fresh, err := g.seen.add(k, col[i])
			if err != nil {
				return err
			}
			if !fresh {
				continue
			}
		}
		if v, ok := col[i].Integer(); ok && sums && g.ints[k].n >= 0 {
			if s := &g.ints[k]; s.sum < maxIntSum && s.sum > -maxIntSum {
				s.sum += v
				s.n++
				continue
			}
		}
		if sums && g.ints[k].n >= 0 {
			if err := g.leaveInts(k); err != nil {
				return err
			}
		}
		ok, err := g.a.AddID(&g.states[k], col[i])
		if err != nil {
			return err
		}
		if !ok {
			g.sel = append(g.sel, int32(i))
		}
	}
	return g.addTerms(ctx, b, groups)
}

// addWeights adds each value as often as its row stands for: integers at once, others one after
// the other.
func (g *valueAgg) addWeights(ctx context.Context, b *Batch, groups []int32) error {
	var one [1]graph.ID
	single := Batch{Len: 1, Cols: make([][]graph.ID, len(b.Cols))}
	single.Cols[g.col] = one[:]
	for i, w := range b.Cols[g.weight][:b.Len] {
		k := groups[i]
		v, ok := b.Cols[g.col][i].Integer()
		if s := &g.ints[k]; ok && s.n >= 0 && s.sum < maxIntSum && s.sum > -maxIntSum {
			if high, low := bits.Mul64(magnitude(v), uint64(w)); high == 0 && low < maxIntSum && s.n < maxIntSum {
				s.sum += v * int64(w)
				s.n += int64(w)
				continue
			}
		}
		if g.ints[k].n >= 0 {
			if err := g.leaveInts(k); err != nil {
				return err
			}
		}
		one[0] = b.Cols[g.col][i]
		for n := range uint64(w) {
			if n&0xfff == 0xfff {
				if err := g.r.check(ctx, g.a.Func.String()); err != nil {
					return err
				}
			}
			ok, err := g.a.AddID(&g.states[k], one[0])
			if err != nil {
				return err
			}
			if ok {
				continue
			}
			g.sel = append(g.sel[:0], 0)
			if err := g.addTerms(ctx, &single, groups[i:i+1]); err != nil {
				return err
			}
		}
	}
	return nil
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return uint64(-v)
	}
	return uint64(v)
}

// maxIntSum is how far a sum of inlined integers may go without overflow.
const maxIntSum = 1 << 61

// leaveInts makes the state of a group from its sum of integers, which are added as one
// value and counted as many.
func (g *valueAgg) leaveInts(k int32) error {
	s := &g.ints[k]
	if s.n > 0 {
		if err := g.a.Add(&g.states[k], expr.Integer(s.sum)); err != nil {
			return err
		}
		g.a.AddRows(&g.states[k], int(s.n-1))
	}
	s.n = -1
	return nil
}

// addTerms adds the values that are not in their IDs.
func (g *valueAgg) addTerms(ctx context.Context, b *Batch, groups []int32) error {
	if len(g.sel) == 0 {
		return nil
	}
	for len(g.values) < b.Len {
		g.values = append(g.values, expr.Value{})
	}
	if err := g.r.values(ctx, b.Cols[g.col], g.sel, g.values, &g.p); err != nil {
		return err
	}
	for _, i := range g.sel {
		if err := g.a.Add(&g.states[groups[i]], g.values[i]); err != nil {
			return err
		}
	}
	return nil
}

func (g *valueAgg) results(ctx context.Context, low, high int, ids []graph.ID) ([]graph.ID, error) {
	values := make([]expr.Value, 0, high-low)
	for k := low; k < high; k++ {
		if s := g.ints[k]; s.n > 0 {
			if err := g.leaveInts(int32(k)); err != nil {
				return ids, err
			}
		}
		values = append(values, g.a.Result(&g.states[k]))
	}
	out := make([]graph.ID, len(values))
	var err error
	if g.pass != nil {
		err = g.r.dict.passValues(g.pass, values, out)
	} else {
		err = g.r.dict.fromValues(ctx, values, out)
	}
	return append(ids, out...), err
}

func (g *valueAgg) clear() {
	g.r.account.release(g.held)
	g.states, g.ints, g.held = nil, nil, 0
	g.r.dict.forget(g.pass)
	if g.seen != nil {
		g.seen.free()
	}
}
