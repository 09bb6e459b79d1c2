package exec

import (
	"context"
	"slices"

	"mocban/graph"
	"mocban/sparql/expr"
)

// pieceRows is how many rows of a run are read at once, and mostRuns how many runs side by side.
const (
	pieceRows = 256
	mostRuns  = 256
)

// makeRoom puts the rows so far on the disk, sorted, if there is no room for the batch.
func (o *sortOp) makeRoom(ctx context.Context) error {
	rows := int64(o.rows.len)
	if o.varies || rows == 0 {
		return nil
	}
	// Columns may double, and keys that IDs do not decide are fetched when all are sorted.
	need := o.rows.held + o.held/2 + 2*batchBytes(&o.batch) + 64*int64(o.batch.Len)*int64(len(o.keys)+1)
	held := o.rows.held + o.held
	for k := range o.keys {
		if c := &o.keys[k]; c.col >= 0 && !decided(o.batch.Cols[c.col][:o.batch.Len]) {
			held += 2 * valueBytes * rows
			need += 4 * valueBytes * (rows + int64(o.batch.Len))
		}
	}
	if !o.r.wanted(held, need) {
		return nil
	}
	return o.spillRun(ctx)
}

// spillRun puts the rows that are kept on the disk, in their order.
func (o *sortOp) spillRun(ctx context.Context) error {
	if err := o.sortRows(ctx); err != nil {
		return err
	}
	if o.n.Top > 0 && int64(len(o.order)) > o.n.Top {
		o.order = o.order[:o.n.Top]
	}
	if o.classes == nil {
		o.classes = make([]uint32, len(o.keys))
	}
	for k := range o.keys {
		if c := &o.keys[k]; c.col >= 0 && o.rows.len > 0 {
			o.classes[k] |= classesOf(o.rows.cols[c.col])
		}
	}
	run := spillList{}
	for low := 0; low < len(o.order); low += pieceRows {
		if err := o.spill.put(ctx, &run, o.rows.cols, o.order[low:min(low+pieceRows, len(o.order))]); err != nil {
			return err
		}
	}
	o.runs = append(o.runs, run)
	o.rows.free()
	o.seq, o.order = nil, nil
	for k := range o.keys {
		o.keys[k].values, o.keys[k].ids = nil, nil
	}
	o.r.account.release(o.held)
	o.held = 0
	return nil
}

// startMerge makes the runs ready to be read side by side.
func (o *sortOp) startMerge(ctx context.Context) error {
	if err := o.spillRun(ctx); err != nil {
		return err
	}
	for k := range o.keys {
		o.keys[k].byID = o.keys[k].col >= 0 && decide(o.classes[k])
	}
	each := pieceRows * (8*int64(len(o.n.Input.Base().Cols)) + valueBytes*int64(len(o.keys)))
	most := mostRuns
	for most > 2 && !o.r.account.room(int64(most)*each) {
		most /= 2
	}
	if err := o.hold(int64(min(most, len(o.runs))) * each); err != nil {
		return err
	}
	for len(o.runs) > most {
		var fewer []spillList
		for next := range slices.Chunk(o.runs, most) {
			run, err := o.joined(ctx, next)
			if err != nil {
				return err
			}
			fewer = append(fewer, run)
		}
		o.runs = fewer
	}
	return o.readRuns(ctx, o.runs)
}

// joined makes one run of some that follow each other, so that equal rows stay in the order in
// which they came.
func (o *sortOp) joined(ctx context.Context, runs []spillList) (spillList, error) {
	if len(runs) == 1 {
		return runs[0], nil
	}
	if err := o.readRuns(ctx, runs); err != nil {
		return nil, err
	}
	all := make([]int, len(o.n.Input.Base().Cols))
	for c := range all {
		all[c] = c
	}
	run, cols := spillList{}, columns(nil)
	for rows := int64(0); ; {
		most := int64(pieceRows)
		if o.n.Top > 0 {
			most = min(most, o.n.Top-rows)
		}
		cols.clear(len(all))
		n, err := o.least(ctx, int(most), all, cols)
		if n == 0 || err != nil {
			return run, err
		}
		rows += int64(n)
		o.sel = whole(o.sel, n)
		if err := o.spill.put(ctx, &run, cols, o.sel); err != nil {
			return nil, err
		}
	}
}

// readRuns begins to read runs side by side.
func (o *sortOp) readRuns(ctx context.Context, runs []spillList) error {
	width := len(o.n.Input.Base().Cols)
	o.readers = make([]spillReader, len(runs))
	values := make([][][]expr.Value, len(runs))
	for i, run := range runs {
		o.readers[i] = spillReader{s: &o.spill, list: run}
		values[i] = make([][]expr.Value, len(o.keys))
	}
	o.heads = tournament{less: func(a, b int) bool {
		x, y := &o.readers[a], &o.readers[b]
		for k := range o.keys {
			c := &o.keys[k]
			d := 0
			if c.byID {
				d = orderIDs(x.cols[c.col][x.at], y.cols[c.col][y.at])
			} else {
				d = expr.Order(values[a][k][x.at], values[b][k][y.at])
			}
			if d != 0 {
				return d < 0 != c.desc
			}
		}
		return a < b
	}}
	o.ahead = func(ctx context.Context, i int) (bool, error) {
		p := &o.readers[i]
		fresh, ok, err := p.more(width)
		if fresh && err == nil {
			err = o.keysOf(ctx, p, values[i])
		}
		return ok, err
	}
	for i := range o.readers {
		switch ok, err := o.ahead(ctx, i); {
		case err != nil:
			return err
		case ok:
			o.heads.push(i)
		}
	}
	return nil
}

// keysOf gets the keys of the rows at hand that their IDs do not decide.
func (o *sortOp) keysOf(ctx context.Context, p *spillReader, values [][]expr.Value) error {
	b := Batch{Len: p.rows, Cols: p.cols}
	o.sel = whole(o.sel, p.rows)
	for k := range o.keys {
		c := &o.keys[k]
		if c.byID {
			continue
		}
		for len(values[k]) < p.rows {
			values[k] = append(values[k], expr.Value{})
		}
		if c.col >= 0 {
			var p program
			if err := o.r.values(ctx, b.Cols[c.col], o.sel, values[k], &p); err != nil {
				return err
			}
			continue
		}
		if err := c.p.load(ctx, &b, o.sel, 0); err != nil {
			return err
		}
		for _, i := range o.sel {
			values[k][i] = c.p.value(i)
		}
	}
	return o.r.check(ctx, "ORDER BY")
}

// merge gives rows of the runs.
func (o *sortOp) merge(ctx context.Context, b *Batch) (bool, error) {
	if err := o.r.check(ctx, "ORDER BY"); err != nil {
		return false, err
	}
	o.out.clear(len(o.from))
	most := o.r.batch
	if o.n.Top > 0 {
		most = int(min(int64(most), o.n.Top-int64(o.given)))
	}
	rows, err := o.least(ctx, most, o.from, o.out)
	if err != nil {
		return false, err
	}
	o.given += rows
	b.Len, b.Cols = rows, append(b.Cols[:0], o.out...)
	return rows > 0, nil
}

// least takes the first rows, at most so many, of all runs that are read, and appends the columns
// from to those of out.
func (o *sortOp) least(ctx context.Context, most int, from []int, out columns) (rows int, err error) {
	for rows < most && len(o.heads.heads) > 0 {
		i := o.heads.heads[0]
		p := &o.readers[i]
		for c, k := range from {
			out[c] = append(out[c], p.cols[k][p.at])
		}
		rows++
		p.at++
		ok, err := o.ahead(ctx, i)
		if err != nil {
			return rows, err
		}
		if ok {
			o.heads.sink()
		} else {
			o.heads.pop()
		}
	}
	return rows, nil
}

// spillDistinct goes on with DISTINCT where there is no room for more rows to be remembered: those
// that are not known go to the disk with their place, by their hash, and are told apart list by
// list when all have come.
type spillDistinct struct {
	rows    spilled
	kept    spill
	lists   [spillParts]spillList // of kept, in the order of their places
	readers []spillReader
	heads   tournament
	place   []graph.ID
	read    bool
}

// put notes row i of a batch.
func (s *spillDistinct) put(ctx context.Context, b *Batch, all []int, i int) error {
	h := uint64(0)
	for _, c := range all {
		h = mix(h, b.Cols[c][i])
	}
	last := graph.ID(0)
	if len(s.place) > 0 {
		last = s.place[0]
	}
	s.place = append(s.place[:0], last+1)
	row := make([][]graph.ID, 0, 16)
	for _, c := range all {
		row = append(row, b.Cols[c][i:i+1])
	}
	return s.rows.add(ctx, h, append(row, s.place), 0)
}

// tell tells rows apart that wait on the disk.
func (o *distinctOp) tell(ctx context.Context) error {
	s := o.spill
	if err := s.rows.written(ctx); err != nil {
		return err
	}
	o.seen.free()
	o.ids.free()
	width := len(o.all) + 1
	for p := range s.rows.lists {
		seen := numbering{r: o.r, where: "DISTINCT", width: len(o.all)}
		r := spillReader{s: &s.rows.spill, list: s.rows.lists[p]}
		for {
			_, ok, err := r.more(width)
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			var fresh []int32
			for i := range r.rows {
				_, isNew, err := seen.of(r.cols, o.all, i)
				if err != nil {
					return err
				}
				if isNew {
					fresh = append(fresh, int32(i))
				}
			}
			r.at = r.rows
			if len(fresh) > 0 {
				if err := s.kept.put(ctx, &s.lists[p], r.cols, fresh); err != nil {
					return err
				}
			}
		}
		seen.free()
	}
	s.rows.drop()
	s.readers = make([]spillReader, spillParts)
	s.heads = tournament{less: func(a, b int) bool {
		x, y := &s.readers[a], &s.readers[b]
		return x.cols[width-1][x.at] < y.cols[width-1][y.at]
	}}
	for p := range s.lists {
		s.readers[p] = spillReader{s: &s.kept, list: s.lists[p]}
		switch _, ok, err := s.readers[p].more(width); {
		case err != nil:
			return err
		case ok:
			s.heads.push(p)
		}
	}
	s.read = true
	return nil
}

// rest gives the rows that were told apart on the disk, in the order in which they came.
func (o *distinctOp) rest(ctx context.Context, b *Batch) (bool, error) {
	s := o.spill
	if !s.read {
		if err := o.tell(ctx); err != nil {
			return false, err
		}
	}
	o.out.clear(len(o.all))
	rows := 0
	for rows < o.r.batch && len(s.heads.heads) > 0 {
		p := &s.readers[s.heads.heads[0]]
		for c := range o.out {
			o.out[c] = append(o.out[c], p.cols[c][p.at])
		}
		rows++
		p.at++
		_, ok, err := p.more(len(o.all) + 1)
		if err != nil {
			return false, err
		}
		if ok {
			s.heads.sink()
		} else {
			s.heads.pop()
		}
	}
	b.Len, b.Cols = rows, append(b.Cols[:0], o.out...)
	return rows > 0, o.r.check(ctx, "DISTINCT")
}

func (s *spillDistinct) drop() {
	if s != nil {
		s.rows.drop()
		s.kept.close()
	}
}

// known tells whether the table of a DISTINCT has a row.
func (o *distinctOp) known(i int) bool {
	if len(o.all) == 1 {
		return o.ids.has(0, o.batch.Cols[0][i])
	}
	return o.seen.find(o.batch.Cols, o.all, i) >= 0
}

// full tells whether there is no room for the rows of a batch in the table.
func (o *distinctOp) full() bool {
	held := o.seen.held + o.ids.held
	return !o.n.Ordered && o.r.wanted(held, 2*held+batchBytes(&o.batch))
}

func newSpillDistinct(r *Run) *spillDistinct {
	s := &spillDistinct{rows: spilled{spill: spill{r: r, where: "DISTINCT"}}, kept: spill{r: r, where: "DISTINCT"}}
	return s
}

// spillGroups goes on with GROUP BY where there is no room for more groups: rows of others go to
// the disk, by the hash of their keys, and are grouped list by list when all have come.
type spillGroups struct {
	rows  spilled
	part  int
	known Batch
	sel   []int32
}

// full tells whether there is no room for the groups of a batch.
func (o *groupOp) full() bool {
	if o.n.Ordered || len(o.keyAt) == 0 {
		return false
	}
	held := o.groups.held + int64(o.groups.len*len(o.aggs))*stateBytes
	return o.r.wanted(held, 2*held+batchBytes(&o.batch))
}

// putOthers puts the rows of the batch on the disk that are of no group so far, and leaves the
// rest.
func (o *groupOp) putOthers(ctx context.Context) error {
	s := o.spill
	s.sel = s.sel[:0]
	width := len(o.n.Input.Base().Cols)
	for i := range o.batch.Len {
		if o.groups.find(o.batch.Cols, o.keyAt, i) >= 0 {
			s.sel = append(s.sel, int32(i))
			continue
		}
		h := uint64(0)
		for _, k := range o.keyAt {
			h = mix(h, o.batch.Cols[k][i])
		}
		if err := s.rows.add(ctx, h, o.batch.Cols[:width], i); err != nil {
			return err
		}
	}
	if len(s.known.Cols) < len(o.batch.Cols) {
		s.known.Cols = make([][]graph.ID, len(o.batch.Cols))
	}
	for c := range o.batch.Cols {
		s.known.Cols[c] = gathered(s.known.Cols[c], o.batch.Cols[c], s.sel)
	}
	o.batch.Len, o.batch.Cols = len(s.sel), append(o.batch.Cols[:0], s.known.Cols...)
	return nil
}

// nextPart groups the next list of rows from the disk; false if there is none.
func (o *groupOp) nextPart(ctx context.Context) (bool, error) {
	s := o.spill
	if s == nil || s.part == spillParts {
		return false, nil
	}
	if s.part == 0 {
		if err := s.rows.written(ctx); err != nil {
			return false, err
		}
	}
	o.groups.free()
	for _, a := range o.aggs {
		a.clear()
	}
	o.given = 0
	width := len(o.n.Input.Base().Cols)
	r := spillReader{s: &s.rows.spill, list: s.rows.lists[s.part]}
	s.part++
	for {
		_, ok, err := r.more(width)
		if !ok || err != nil {
			return err == nil, err
		}
		if err := o.r.check(ctx, "GROUP BY"); err != nil {
			return false, err
		}
		o.batch.Len, o.batch.Cols = r.rows, append(o.batch.Cols[:0], r.cols...)
		r.at = r.rows
		if err := o.group(ctx); err != nil {
			return false, err
		}
	}
}

func (o *groupOp) dropSpill() {
	if o.spill != nil {
		o.spill.rows.drop()
		o.spill = nil
	}
}
