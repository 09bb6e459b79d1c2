package exec

import (
	"context"
	"slices"

	"mocban/graph"
	"mocban/sparql/plan"
)

// scanOp reads the rows of a pattern. Columns are those of the store's blocks unless rows
// have to be left out.
type scanOp struct {
	r       *Run
	n       *plan.Scan
	pos     []graph.Pos // of the columns
	columns graph.Columns
	sift    *sift
	cursor  graph.Cursor
	old     graph.Cursor // one that is closed
	part    int          // range that comes next
	block   graph.Block
	at      int
	out     columns
}

// A sift leaves out rows that a scan of the store cannot.
type sift struct {
	equal  [][2]graph.Pos // variables that stand twice
	named  bool           // not those of the default graph
	graphs []graph.ID     // only those of these graphs, if not nil
	unique bool           // each triple once; copies come one after the other
	last   graph.Row
	any    bool
}

// newSift returns what a pattern needs, nil if that is nothing.
func newSift(slots [3]plan.Slot, g plan.Graphs) *sift {
	var s sift
	for a := graph.PosS; a <= graph.PosO; a++ {
		for b := a + 1; b <= graph.PosO; b++ {
			if slots[a].IsVar() && slots[a].Var == slots[b].Var {
				s.equal = append(s.equal, [2]graph.Pos{a, b})
			}
		}
	}
	switch g.Kind {
	case plan.GraphNamed:
		s.named = true
		if !g.All {
			s.graphs = g.IDs
		}
	case plan.GraphMerge:
		s.graphs, s.unique = g.IDs, true
	}
	if s.equal == nil && !s.named && !s.unique {
		return nil
	}
	needed := s // so that memory is taken only here
	return &needed
}

// columns returns the positions that the sift looks at.
func (s *sift) columns() (c graph.Columns) {
	if s == nil {
		return 0
	}
	for _, e := range s.equal {
		c |= graph.Cols(e[0], e[1])
	}
	if s.named || s.graphs != nil {
		c |= graph.Cols(graph.PosG)
	}
	if s.unique {
		c = graph.AllColumns
	}
	return c
}

func (s *sift) reset() {
	if s != nil {
		s.any = false
	}
}

// keeps tells whether a row stays.
func (s *sift) keeps(row graph.Row) bool {
	for _, e := range s.equal {
		if row[e[0]] != row[e[1]] {
			return false
		}
	}
	if s.named && row[graph.PosG] == graph.DefaultGraph {
		return false
	}
	if s.graphs != nil {
		if _, ok := slices.BinarySearch(s.graphs, row[graph.PosG]); !ok {
			return false
		}
	}
	if s.unique {
		row[graph.PosG] = graph.None
		if s.any && row == s.last {
			return false
		}
		s.last, s.any = row, true
	}
	return true
}

// pattern returns the terms of a scan, in the graph of the loop if it stands in one.
func (r *Run) pattern(n *plan.Scan) graph.Pattern {
	p := n.Pattern()
	if r.params != nil {
		if i := n.Slots[graph.PosS].Param; i > 0 {
			p.S = r.params[i-1]
		}
		if i := n.Slots[graph.PosO].Param; i > 0 {
			p.O = r.params[i-1]
		}
	}
	if n.Graphs.Kind == plan.GraphLooped {
		p.G = r.loop
	}
	return p
}

// positions returns where the columns of a scan are read.
func positions(n *plan.Scan, cols []plan.Col) (at []graph.Pos) {
	for _, c := range cols {
		pos := graph.PosG
		for i, s := range n.Slots {
			if s.Var == c.Var {
				pos = graph.Pos(i)
				break
			}
		}
		at = append(at, pos)
	}
	return at
}

func newScan(r *Run, n *plan.Scan) *scanOp {
	o := &scanOp{r: r, n: n, pos: positions(n, n.Cols), sift: newSift(n.Slots, n.Graphs)}
	o.columns = graph.Cols(o.pos...) | o.sift.columns()
	return o
}

// open opens the scan, or that of the next range; false if there is none.
func (o *scanOp) open(ctx context.Context) (bool, error) {
	ranges, at := o.n.Ranges, o.n.At
	if o.n == o.r.parted {
		ranges, at = o.r.ranges, o.n.FreeAt()
	}
	if o.part > 0 && o.part >= len(ranges) {
		return false, nil
	}
	p := o.r.pattern(o.n)
	if len(ranges) > 0 {
		x := ranges[o.part]
		p.Range = graph.Range{At: at, Low: x.Low, High: x.High}
	}
	o.part++
	var err error
	o.cursor, err = o.r.scan(ctx, o.old, p, o.n.By, o.columns)
	return err == nil, err
}

func (o *scanOp) next(ctx context.Context, b *Batch) (bool, error) {
	for {
		if o.at < o.block.Len {
			if o.give(b) {
				return true, nil
			}
			continue
		}
		if err := o.r.checkAt(ctx, o.n); err != nil {
			return false, err
		}
		if o.cursor == nil {
			if ok, err := o.open(ctx); !ok {
				return false, err
			}
		}
		o.at = 0
		if o.cursor.Next(&o.block) {
			o.r.saw(o.block.Len)
			continue
		}
		o.block.Len = 0
		err := o.cursor.Err()
		o.close()
		if err != nil {
			return false, err
		}
	}
}

// give gives rows of the block at hand; false if none of them stays.
func (o *scanOp) give(b *Batch) bool {
	end := min(o.at+o.r.batch, o.block.Len)
	b.Cols = b.Cols[:0]
	if o.sift == nil {
		for _, pos := range o.pos {
			b.Cols = append(b.Cols, o.block.Cols[pos][o.at:end])
		}
		b.Len = end - o.at
		o.at = end
		return true
	}
	o.out.clear(len(o.pos))
	b.Len = 0
	for ; o.at < end; o.at++ {
		row := o.block.Row(o.at)
		if !o.sift.keeps(row) {
			continue
		}
		b.Len++
		for i, pos := range o.pos {
			o.out[i] = append(o.out[i], row[pos])
		}
	}
	b.Cols = append(b.Cols, o.out...)
	return b.Len > 0
}

func (o *scanOp) reset(bool) {
	o.close()
	o.part, o.at, o.block.Len = 0, 0, 0
	o.sift.reset()
}

func (o *scanOp) close() {
	if o.cursor != nil {
		o.cursor.Close()
		o.old, o.cursor = o.cursor, nil
	}
}
