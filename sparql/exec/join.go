package exec

import (
	"context"
	"slices"

	"mocban/graph"
	"mocban/sparql/plan"
)

// hashJoinOp keeps the rows of its right side in a table and looks those of the left up.
type hashJoinOp struct {
	r           *Run
	n           *plan.HashJoin
	left, right operator
	static      bool // the right side does not depend on a seed
	built       bool
	shared      bool // the table is that of another operator; there is no right side
	table       rowSet
	leftKeys    []int
	loose       [][2]int // columns in common that may be unbound: left, right
	from        []int    // of the output: left column, or -1
	other       []int    // right column, or -1
	batch       Batch
	row         int
	chain       int32 // row+1 of the table that comes next, for the row at hand
	probing     bool
	out         columns

	pickLeft, pickRight []int32 // rows that are joined

	weight                  int // column of the output with the weights, or -1
	leftWeight, rightWeight int // those of the inputs, or -1
	pickWeight              []graph.ID
	again                   uint64 // how often the row at hand is still given
	each                    uint64 // and with which weight
}

func newHashJoin(r *Run, n *plan.HashJoin, left, right operator) *hashJoinOp {
	o := &hashJoinOp{r: r, n: n, left: left, right: right, static: !plan.CarriesSeed(n.Right)}
	x, y := n.Left.Base(), n.Right.Base()
	o.table = rowSet{r: r, where: n.Label()}
	if t := r.tables[n]; t != nil {
		o.table, o.built, o.shared = *t, true, true
	}
	isKey := map[int]bool{}
	for _, v := range n.Keys {
		o.leftKeys = append(o.leftKeys, x.Index(v))
		if !o.shared {
			o.table.keys = append(o.table.keys, y.Index(v))
		}
		isKey[x.Index(v)] = true
	}
	for i, c := range x.Cols {
		if k := y.Index(c.Var); k >= 0 && !isKey[i] && c.Var != n.Weight {
			o.loose = append(o.loose, [2]int{i, k})
		}
	}
	o.from, o.other = places(n.Cols, x.Cols), places(n.Cols, y.Cols)
	o.weight, o.leftWeight, o.rightWeight = n.Index(n.Weight), x.Index(n.Weight), y.Index(n.Weight)
	if n.Counted {
		o.table.merged, o.table.weight = true, o.rightWeight
	}
	return o
}

func (o *hashJoinOp) next(ctx context.Context, b *Batch) (bool, error) {
	if !o.built {
		if err := o.build(ctx); err != nil {
			return false, err
		}
	}
	if o.table.len == 0 {
		return false, nil
	}
	if err := o.r.checkAt(ctx, o.n); err != nil { // whoever reads a product may never ask
		return false, err
	}
	o.out.clear(len(o.n.Cols))
	rows, tried := 0, 0
	for rows < o.r.batch {
		if o.row >= o.batch.Len {
			if rows >= (o.r.batch+1)/2 {
				break
			}
			if err := o.r.checkAt(ctx, o.n); err != nil {
				return false, err
			}
			ok, err := o.left.next(ctx, &o.batch)
			if err != nil {
				return false, err
			}
			if !ok {
				o.batch.Len, o.row = 0, 0
				break
			}
			o.row, o.probing = 0, false
		}
		if tried > 1<<16 {
			tried = 0
			if err := o.r.checkAt(ctx, o.n); err != nil {
				return false, err
			}
		}
		n, t := o.probe(o.r.batch - rows)
		rows += n
		tried += t
		o.r.saw(t)
	}
	b.Len, b.Cols = rows, append(b.Cols[:0], o.out...)
	return rows > 0, nil
}

func (o *hashJoinOp) build(ctx context.Context) error {
	o.table.clear()
	if err := o.table.fill(ctx, o.right); err != nil {
		return err
	}
	o.built = true
	return o.table.index()
}

// probe gives at most most rows, and looks at some more.
func (o *hashJoinOp) probe(most int) (rows, tried int) {
	o.pickLeft, o.pickRight, o.pickWeight = o.pickLeft[:0], o.pickRight[:0], o.pickWeight[:0]
	defer o.emit()
	for ; o.row < o.batch.Len; o.row++ {
		if !o.probing {
			o.chain, o.probing = o.table.first(o.batch.Cols, o.leftKeys, o.row), true
		}
		for ; o.chain != 0; o.chain = o.table.next[o.chain-1] {
			if rows == most || tried > 1<<14 {
				return rows, tried
			}
			tried++
			if o.loose != nil && !o.matches(o.chain-1) {
				continue
			}
			o.pickLeft, o.pickRight = append(o.pickLeft, int32(o.row)), append(o.pickRight, o.chain-1)
			rows++
			if o.weight >= 0 && o.weigh() {
				return rows, tried // and the same again
			}
		}
		o.probing = false
	}
	return rows, tried
}

// weigh notes how many rows the joined row at hand stands for. Where that is too much for one
// row, it is given several times: again is true then.
func (o *hashJoinOp) weigh() (again bool) {
	if o.again == 0 {
		left, right := uint64(1), uint64(1)
		if o.leftWeight >= 0 {
			left = uint64(o.batch.Cols[o.leftWeight][o.row])
		}
		switch row := o.chain - 1; {
		case o.n.Counted:
			right = o.table.weights[row]
		case o.rightWeight >= 0:
			right = uint64(o.table.cols[o.rightWeight][row])
		}
		o.again, o.each = timesWeight(left, right)
	}
	o.pickWeight = append(o.pickWeight, graph.ID(o.each))
	o.again--
	return o.again > 0
}

func (o *hashJoinOp) matches(row int32) bool {
	for _, l := range o.loose {
		x, y := o.batch.Cols[l[0]][o.row], o.table.cols[l[1]][row]
		if x != y && x != graph.None && y != graph.None {
			return false
		}
	}
	return true
}

// emit gives the pairs of rows that were picked, column by column.
func (o *hashJoinOp) emit() {
	n := len(o.pickLeft)
	for c := range o.out {
		if c == o.weight {
			o.out[c] = append(o.out[c], o.pickWeight...)
			continue
		}
		out := slices.Grow(o.out[c], n)
		at := len(out)
		out = out[:at+n]
		left, right := o.from[c], o.other[c]
		switch {
		case left >= 0:
			col := o.batch.Cols[left]
			for i, row := range o.pickLeft {
				out[at+i] = col[row]
			}
		case right < 0:
			clear(out[at:])
		}
		if right >= 0 {
			col := o.table.cols[right]
			for i, row := range o.pickRight {
				if left < 0 || out[at+i] == graph.None {
					out[at+i] = col[row]
				}
			}
		}
		o.out[c] = out
	}
}

func (o *hashJoinOp) reset(all bool) {
	o.batch.Len, o.row, o.probing, o.again = 0, 0, false, 0
	o.left.reset(all)
	if !o.shared && (all || !o.static) {
		o.built = false
		o.right.reset(all)
	}
}

func (o *hashJoinOp) close() {
	o.left.close()
	if !o.shared {
		o.table.free()
		o.right.close()
	}
}

// minusOp leaves out rows of its left side for which the right one has a compatible row with
// a bound variable in common.
type minusOp struct {
	r           *Run
	n           *plan.Minus
	left, right operator
	static      bool
	built       bool
	shared      bool
	table       rowSet
	leftKeys    []int
	loose       [][2]int
	from        []int
	batch       Batch
	out         columns
}

func newMinus(r *Run, n *plan.Minus, left, right operator) *minusOp {
	o := &minusOp{r: r, n: n, left: left, right: right, static: !plan.CarriesSeed(n.Right)}
	x, y := n.Left.Base(), n.Right.Base()
	o.table = rowSet{r: r, where: "MINUS"}
	if t := r.tables[n]; t != nil {
		o.table, o.built, o.shared = *t, true, true
	}
	for _, v := range slices.Concat(n.Keys, n.Within) {
		o.leftKeys = append(o.leftKeys, x.Index(v))
		if !o.shared {
			o.table.keys = append(o.table.keys, y.Index(v))
		}
	}
	for _, v := range n.Loose {
		if y.Has(v) { // else the planner found out that nothing binds it
			o.loose = append(o.loose, [2]int{x.Index(v), y.Index(v)})
		}
	}
	o.from = places(n.Cols, x.Cols)
	return o
}

func (o *minusOp) next(ctx context.Context, b *Batch) (bool, error) {
	if !o.built {
		if err := o.build(ctx); err != nil {
			return false, err
		}
	}
	for {
		ok, err := o.left.next(ctx, &o.batch)
		if !ok || err != nil {
			return false, err
		}
		o.out.clear(len(o.n.Cols))
		rows := 0
		for i := range o.batch.Len {
			if i&15 == 0 {
				if err := o.r.check(ctx, "MINUS"); err != nil {
					return false, err
				}
			}
			if o.removes(i) {
				continue
			}
			rows++
			for c, from := range o.from {
				o.out[c] = append(o.out[c], o.batch.Cols[from][i])
			}
		}
		if rows > 0 {
			b.Len, b.Cols = rows, append(b.Cols[:0], o.out...)
			return true, nil
		}
	}
}

func (o *minusOp) build(ctx context.Context) error {
	o.table.clear()
	if err := o.table.fill(ctx, o.right); err != nil {
		return err
	}
	o.built = true
	return o.table.index()
}

func (o *minusOp) removes(i int) bool {
	for k := o.table.first(o.batch.Cols, o.leftKeys, i); k != 0; k = o.table.next[k-1] {
		if o.compatible(k-1, i) {
			return true
		}
	}
	return false
}

func (o *minusOp) compatible(row int32, i int) bool {
	common := len(o.n.Keys) > 0
	for _, l := range o.loose {
		x, y := o.batch.Cols[l[0]][i], o.table.cols[l[1]][row]
		if x == graph.None || y == graph.None {
			continue
		}
		if x != y {
			return false
		}
		common = true
	}
	return common
}

func (o *minusOp) reset(all bool) {
	o.left.reset(all)
	if !o.shared && (all || !o.static) {
		o.built = false
		o.right.reset(all)
	}
}

func (o *minusOp) close() {
	o.left.close()
	if !o.shared {
		o.table.free()
		o.right.close()
	}
}
