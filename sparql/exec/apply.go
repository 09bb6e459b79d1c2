package exec

import (
	"context"
	"slices"

	"mocban/graph"
	"mocban/sparql/plan"
)

// applyOp feeds batches of its input through its right side. Rows of the seed are numbered,
// and the right side carries the number through, so that each of its rows is known to be for
// one row of the input.
type applyOp struct {
	r     *Run
	n     *plan.Apply
	in    operator
	right operator
	seed  *seedOp
	feed  []int // places of the seed's columns in the input

	fromIn    []int // of the output
	fromRight []int
	rowCol    int // of the right side

	batch   Batch
	fed     bool
	matched []bool
	found   Batch
	at      int // of found
	row     int // of batch, that comes next
	rowIDs  []graph.ID
	kept    rowSet  // rows of the right side that came out of order
	byRow   []int32 // their numbers, by row of the input
	out     columns
}

func (r *Run) apply(ctx context.Context, n *plan.Apply, seed *seedOp) (operator, error) {
	o := &applyOp{r: r, n: n, seed: &seedOp{}}
	var err error
	if o.in, err = r.build(ctx, n.Input, seed); err != nil {
		return nil, err
	}
	x, y := n.Input.Base(), n.Right.Base()
	o.seed.cols = append(o.seed.cols, plan.Col{Var: n.Row})
	o.feed = []int{-1}
	for i, c := range x.Cols {
		if c.Var != n.Row {
			o.seed.cols = append(o.seed.cols, c)
			o.feed = append(o.feed, i)
		}
	}
	if o.right, err = r.build(ctx, n.Right, o.seed); err != nil {
		return nil, err
	}
	o.rowCol = y.Index(n.Row)
	o.fromIn, o.fromRight = places(n.Cols, x.Cols), places(n.Cols, y.Cols)
	o.kept = rowSet{r: r, where: n.Label()}
	return o, nil
}

func (o *applyOp) next(ctx context.Context, b *Batch) (bool, error) {
	for {
		if !o.fed {
			if err := o.r.checkAt(ctx, o.n); err != nil {
				return false, err
			}
			ok, err := o.in.next(ctx, &o.batch)
			if !ok || err != nil {
				return false, err
			}
			o.load()
			if o.n.Kind > plan.ApplyLeft || !o.n.Sorted {
				if err := o.drain(ctx); err != nil {
					return false, err
				}
			}
		}
		var rows int
		var err error
		switch {
		case o.n.Kind > plan.ApplyLeft:
			rows = o.tell()
		case o.n.Sorted:
			rows, err = o.stream(ctx)
		default:
			rows = o.collected()
		}
		if err != nil {
			return false, err
		}
		if rows > 0 {
			b.Len, b.Cols = rows, append(b.Cols[:0], o.out...)
			return true, nil
		}
	}
}

// load gives the batch at hand to the seed and begins the right side again.
func (o *applyOp) load() {
	n := o.batch.Len
	for len(o.rowIDs) < n {
		o.rowIDs = append(o.rowIDs, graph.ID(len(o.rowIDs)+1))
	}
	s := &o.seed.batch
	s.Len, s.Cols = n, s.Cols[:0]
	for _, i := range o.feed {
		if i < 0 {
			s.Cols = append(s.Cols, o.rowIDs[:n])
		} else {
			s.Cols = append(s.Cols, o.batch.Cols[i])
		}
	}
	if len(o.matched) < n {
		o.matched = make([]bool, n)
	}
	clear(o.matched)
	o.right.reset(false)
	o.fed, o.row, o.at, o.found.Len = true, 0, 0, 0
}

// drain runs the right side to its end, or until every row has a match if that is all that
// is asked.
func (o *applyOp) drain(ctx context.Context) error {
	o.kept.clear()
	left := o.batch.Len
	for left > 0 || o.n.Kind <= plan.ApplyLeft {
		ok, err := o.right.next(ctx, &o.found)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		for _, id := range o.found.Cols[o.rowCol][:o.found.Len] {
			if !o.matched[id-1] {
				o.matched[id-1] = true
				left--
			}
		}
		if o.n.Kind <= plan.ApplyLeft {
			if err := o.kept.add(&o.found); err != nil {
				return err
			}
		}
	}
	if o.n.Kind <= plan.ApplyLeft {
		o.byRow = o.byRow[:0]
		for i := range o.kept.len {
			o.byRow = append(o.byRow, int32(i))
		}
		if o.kept.len > 0 {
			col := o.kept.cols[o.rowCol]
			slices.SortStableFunc(o.byRow, func(a, b int32) int { return int(col[a]) - int(col[b]) })
		}
	}
	return nil
}

// tell gives the rows of the batch that have a match, or have none, or all with a mark.
func (o *applyOp) tell() (rows int) {
	o.fed = false
	o.out.clear(len(o.n.Cols))
	for i := range o.batch.Len {
		if o.n.Kind != plan.ApplyMark && o.matched[i] != (o.n.Kind == plan.ApplySemi) {
			continue
		}
		rows++
		for c, from := range o.fromIn {
			if from < 0 {
				o.out[c] = append(o.out[c], graph.BooleanID(o.matched[i]))
			} else {
				o.out[c] = append(o.out[c], o.batch.Cols[from][i])
			}
		}
	}
	return rows
}

// stream gives rows while the right side runs, which keeps the order of the input.
func (o *applyOp) stream(ctx context.Context) (rows int, err error) {
	o.out.clear(len(o.n.Cols))
	for rows < o.r.batch {
		if o.at >= o.found.Len {
			ok, err := o.right.next(ctx, &o.found)
			if err != nil {
				return 0, err
			}
			o.at = 0
			if !ok {
				o.found.Len = 0
				for ; o.row < o.batch.Len; o.row++ {
					rows += o.alone()
				}
				o.fed = false
				return rows, nil
			}
		}
		rowIDs := o.found.Cols[o.rowCol][:o.found.Len]
		for ; o.at < len(rowIDs) && rows < o.r.batch; o.at++ {
			for row := int(rowIDs[o.at]) - 1; o.row < row; o.row++ {
				rows += o.alone()
			}
			o.matched[o.row] = true
			o.join(o.found.Cols, o.at)
			rows++
		}
	}
	return rows, nil
}

// collected gives rows that were kept, by row of the input.
func (o *applyOp) collected() (rows int) {
	o.out.clear(len(o.n.Cols))
	for rows < o.r.batch {
		if o.at < len(o.byRow) {
			k := int(o.byRow[o.at])
			for row := int(o.kept.cols[o.rowCol][k]) - 1; o.row < row; o.row++ {
				rows += o.alone()
			}
			o.join(o.kept.cols, k)
			rows++
			o.at++
			continue
		}
		for ; o.row < o.batch.Len; o.row++ {
			rows += o.alone()
		}
		o.fed = false
		break
	}
	return rows
}

// alone gives the row of the input at hand if nothing was found for it.
func (o *applyOp) alone() int {
	if o.n.Kind != plan.ApplyLeft || o.matched[o.row] {
		return 0
	}
	for c, from := range o.fromIn {
		id := graph.None
		if from >= 0 {
			id = o.batch.Cols[from][o.row]
		}
		o.out[c] = append(o.out[c], id)
	}
	return 1
}

// join gives the row of the input at hand with a row of the right side. What both have is
// taken from the right, which may have bound it.
func (o *applyOp) join(cols [][]graph.ID, k int) {
	for c := range o.out {
		if from := o.fromRight[c]; from >= 0 {
			o.out[c] = append(o.out[c], cols[from][k])
		} else {
			o.out[c] = append(o.out[c], o.batch.Cols[o.fromIn[c]][o.row])
		}
	}
}

func (o *applyOp) reset(all bool) {
	o.fed = false
	o.in.reset(all)
	if all {
		o.seed.batch.Len = 0
		o.right.reset(true)
	}
}

func (o *applyOp) close() {
	o.kept.free()
	o.in.close()
	o.right.close()
}
