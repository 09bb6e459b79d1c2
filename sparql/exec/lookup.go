package exec

import (
	"cmp"
	"context"
	"slices"

	"mocban/graph"
	"mocban/sparql/plan"
)

// lookupOp looks up, for each row of its input, the rows of a pattern that match it. The keys
// of a batch are sorted, each is looked for once, and rows are given in the order of the
// input. Keys that go on ascending from batch to batch are found in one pass: then this is a
// merge join.
type lookupOp struct {
	r  *Run
	n  *plan.LookupJoin
	in operator

	key   [4]int // column of the input by position, or -1
	keys  []graph.Pos
	loose bool // keys may be unbound in a row
	seeks bool // keys follow the terms in the order of the scan, so that a cursor can seek them
	finds bool // the store can look up the keys of a batch by itself
	sift  *sift

	// The output: from a column of the input, or the position of a matched row. A key that
	// may be unbound comes from whichever has it.
	fromIn  []int
	fromPos []graph.Pos
	need    graph.Columns // positions that are read
	kept    []graph.Pos   // positions of which matches are kept

	batch      Batch
	row        int // of the batch, that comes next
	low, high  int // rows whose matches are at hand
	match      int
	starts     []int32 // of the matches of a row
	ends       []int32
	open       bool // row at hand has an unbound key
	matches    [4][]graph.ID
	held       int64 // bytes of matches in the account
	order      []sortKey
	spareOrder []sortKey // memory to sort it
	tuple      graph.Row // last key sought
	tupleSet   bool
	tupleLen   int // how many matches it had, at the end of matches
	cursor     graph.Cursor
	old, once  graph.Cursor // closed ones: of passes, and of scans of one key
	found      graph.Block  // of the scan of one key
	block      graph.Block
	at         int
	exhausted  bool
	out        columns
	counted    int          // matches, where no column is kept
	lookup     graph.Lookup // of the keys of a batch

	pickRow, pickMatch []int32 // of emitColumns

	weight, inWeight int // columns with the weights of the output and the input, or -1

	ascending bool // the keys of the last batch were sorted
	gather    int  // batches to put together
	gathered  columns
	piece     Batch
	most      int // rows of a batch to try at once, after too many had too many matches; 0 for all
}

type sortKey struct {
	id  graph.ID
	row int32
}

// maxMatches is about how many matches are held for a batch; of a batch with more, a part is
// taken at a time.
const maxMatches = 1 << 18

func newLookup(r *Run, n *plan.LookupJoin, in operator) *lookupOp {
	o := &lookupOp{r: r, n: n, in: in, sift: newSift(n.Scan.Slots, n.Scan.Graphs)}
	x := n.Input.Base()
	slots := [4]plan.Slot{n.Scan.Slots[0], n.Scan.Slots[1], n.Scan.Slots[2], {}}
	if n.Scan.Graphs.Kind == plan.GraphNamed {
		slots[3].Var = n.Scan.Graphs.Var
	}
	for pos, s := range slots {
		o.key[pos] = -1
		if s.IsVar() {
			o.key[pos] = x.Index(s.Var)
		}
		if o.key[pos] >= 0 {
			o.keys = append(o.keys, graph.Pos(pos))
			o.loose = o.loose || x.Cols[o.key[pos]].Maybe
		}
	}
	o.seeks = o.canSeek()
	at := places(n.Cols, x.Cols)
	read := positions(n.Scan, n.Cols)
	for i := range n.Cols {
		pos := graph.Pos(4) // none
		if n.Scan.Has(n.Cols[i].Var) {
			pos = read[i]
		}
		if (at[i] < 0 || o.loose && pos < 4) && (n.Cols[i].Var != n.Weight || n.Weight == "") {
			o.kept = append(o.kept, pos)
		}
		o.fromIn, o.fromPos = append(o.fromIn, at[i]), append(o.fromPos, pos)
	}
	o.weight, o.inWeight = n.Index(n.Weight), x.Index(n.Weight)
	slices.Sort(o.kept)
	o.kept = slices.Compact(o.kept)
	o.need = graph.Cols(o.kept...) | o.sift.columns()
	o.finds = o.canFind()
	return o
}

// canSeek tells whether a cursor over the terms alone can seek the keys: in the order of the
// scan terms come first and then keys.
func (o *lookupOp) canSeek() bool {
	if o.sift != nil && (o.sift.unique || len(o.sift.equal) > 0) || o.key[graph.PosG] >= 0 || len(o.keys) == 0 {
		return false
	}
	p := o.r.pattern(o.n.Scan)
	p.G = graph.None
	n := p.Prefix(o.n.Scan.By)
	if n+len(o.keys) > 3 {
		return false
	}
	bound := 0
	for pos := graph.PosS; pos <= graph.PosO; pos++ {
		if p.At(pos) != graph.None {
			bound++
		}
	}
	order := o.n.Scan.By.Positions()
	var sorted []graph.Pos
	for _, pos := range order[n:] {
		if pos != graph.PosG && o.key[pos] >= 0 {
			sorted = append(sorted, pos)
		}
	}
	for i, pos := range order[n : n+len(o.keys)] {
		if i >= len(sorted) || sorted[i] != pos {
			return false
		}
	}
	o.keys = sorted
	return n == bound
}

// canFind tells whether a lookup of the store gives the matches: those of one key, which all rows
// have, by nothing but positions that are free.
func (o *lookupOp) canFind() bool {
	bound := o.n.Scan.Pattern().Bound()
	for _, pos := range o.kept {
		if pos > graph.PosO || o.key[pos] >= 0 || bound.Has(pos) {
			return false
		}
	}
	return o.seeks && len(o.keys) == 1 && o.sift == nil && !o.loose
}

func (o *lookupOp) next(ctx context.Context, b *Batch) (bool, error) {
	o.out.clear(len(o.n.Cols))
	rows := 0
	for rows < o.r.batch {
		if o.row < o.high {
			rows += o.emit(o.r.batch - rows)
			continue
		}
		if rows >= (o.r.batch+1)/2 && o.row >= o.batch.Len {
			break
		}
		if o.row >= o.batch.Len {
			ok, err := o.fill(ctx)
			if err != nil {
				return false, err
			}
			if !ok {
				o.batch.Len, o.row, o.low, o.high = 0, 0, 0, 0
				break
			}
			o.row, o.low, o.high = 0, 0, 0
		}
		if err := o.r.checkAt(ctx, o.n); err != nil {
			return false, err
		}
		if err := o.find(ctx); err != nil {
			return false, err
		}
	}
	o.r.saw(rows)
	b.Len, b.Cols = rows, append(b.Cols[:0], o.out...)
	return rows > 0, nil
}

// fill reads the next batch of the input. Where batches come with keys in no order, each is a
// pass over the pattern: then more and more of them are put together for one pass.
func (o *lookupOp) fill(ctx context.Context) (bool, error) {
	if o.n.Merge || o.ascending || o.gather <= 1 {
		o.gather = 2
		return o.in.next(ctx, &o.batch)
	}
	o.gathered.clear(len(o.n.Input.Base().Cols))
	rows := 0
	for rows < o.gather*o.r.batch {
		ok, err := o.in.next(ctx, &o.piece)
		if err != nil {
			return false, err
		}
		if !ok {
			break
		}
		for c, col := range o.piece.Cols {
			o.gathered[c] = append(o.gathered[c], col[:o.piece.Len]...)
		}
		rows += o.piece.Len
	}
	o.gather = min(2*o.gather, maxGather)
	o.batch.Len, o.batch.Cols = rows, append(o.batch.Cols[:0], o.gathered...)
	return rows > 0, nil
}

// maxGather is how many batches are put together at most.
const maxGather = 16

// emit gives joined rows of the part of the batch whose matches are at hand.
func (o *lookupOp) emit(most int) (rows int) {
	if o.n.Weight != "" {
		return o.emitCounts(most)
	}
	if !o.open && !o.n.Once && o.match == 0 {
		if rows := o.emitColumns(most); rows > 0 {
			return rows
		}
	}
	for o.row < o.high && rows < most {
		i := o.row - o.low
		start, end := int(o.starts[i])+o.match, int(o.ends[i])
		if o.n.Once && end > start {
			end = start + 1
		}
		take := min(end-start, most-rows)
		for c := range o.out {
			in, pos := o.fromIn[c], o.fromPos[c]
			switch {
			case in < 0 || o.open && pos < 4 && o.batch.Cols[in][o.row] == graph.None:
				o.out[c] = append(o.out[c], o.matches[pos][start:start+take]...)
			case take == 1:
				o.out[c] = append(o.out[c], o.batch.Cols[in][o.row])
			default:
				id := o.batch.Cols[in][o.row]
				for range take {
					o.out[c] = append(o.out[c], id)
				}
			}
		}
		rows += take
		if start+take == end {
			o.row++
			o.match = 0
		} else {
			o.match += take
		}
	}
	return rows
}

// emitCounts gives rows once, with the number of their matches. Match counts how often a row was
// given that stands for too many.
func (o *lookupOp) emitCounts(most int) (rows int) {
	for ; o.row < o.high; o.row++ {
		i := o.row - o.low
		n := uint64(o.ends[i] - o.starts[i])
		if n == 0 {
			continue
		}
		in := uint64(1)
		if o.inWeight >= 0 {
			in = uint64(o.batch.Cols[o.inWeight][o.row])
		}
		for times, weight := timesWeight(in, n); uint64(o.match) < times; o.match++ {
			if rows == most {
				return rows
			}
			rows++
			for c := range o.out {
				if c == o.weight {
					o.out[c] = append(o.out[c], graph.ID(weight))
				} else {
					o.out[c] = append(o.out[c], o.batch.Cols[o.fromIn[c]][o.row])
				}
			}
		}
		o.match = 0
	}
	return rows
}

// find looks up the next rows of the batch.
func (o *lookupOp) find(ctx context.Context) error {
	o.low = o.row
	o.match = 0
	high, open := o.batch.Len, false
	if o.loose {
		high, open = o.sameKeys(high)
	}
	if open {
		o.open, o.high = true, o.low+1
		return o.findOpen(ctx)
	}
	if o.most > 0 {
		high = min(high, o.low+o.most)
		o.most *= 2
	}
	for {
		o.open = false
		full, err := o.lookUp(ctx, high)
		if err != nil {
			return err
		}
		if full {
			o.high = high
			return nil
		}
		o.most = max(1, (high-o.low)/8)
		high = o.low + o.most
	}
}

// sameKeys returns the end of the run of rows whose keys are all bound, or tells that the
// first row has one that is not.
func (o *lookupOp) sameKeys(high int) (end int, open bool) {
	unbound := func(row int) bool {
		return slices.ContainsFunc(o.keys, func(p graph.Pos) bool { return o.batch.Cols[o.key[p]][row] == graph.None })
	}
	if unbound(o.low) {
		return o.low + 1, true
	}
	for end = o.low + 1; end < high && !unbound(end); end++ {
	}
	return end, false
}

func (o *lookupOp) prepare(rows int) {
	if cap(o.starts) < rows {
		o.starts, o.ends = make([]int32, max(rows, 16)), make([]int32, max(rows, 16))
	}
	o.starts, o.ends = o.starts[:cap(o.starts)], o.ends[:cap(o.ends)]
}

// clearMatches forgets matches, but for those of the last key.
func (o *lookupOp) clearMatches() {
	for _, pos := range o.kept {
		m := o.matches[pos]
		n := copy(m, m[len(m)-o.tupleLen:])
		o.matches[pos] = m[:n]
	}
	o.counted = o.tupleLen
}

func (o *lookupOp) forget() {
	for _, pos := range o.kept {
		o.matches[pos] = o.matches[pos][:0]
	}
	o.tupleSet, o.tupleLen = false, 0
	o.counted = 0
}

// lookUp finds the matches of the rows up to high; false if there are too many to hold and
// fewer rows should be tried.
func (o *lookupOp) lookUp(ctx context.Context, high int) (bool, error) {
	rows := high - o.low
	o.prepare(rows)
	o.order = o.order[:0]
	if len(o.keys) == 0 {
		o.forget()
		start := o.total()
		if err := o.scanKey(ctx, graph.Row{}); err != nil {
			return false, err
		}
		for i := range rows {
			o.starts[i], o.ends[i] = int32(start), int32(o.total())
		}
		return true, nil
	}
	first := o.batch.Cols[o.key[o.keys[0]]]
	finds, far := o.finds && o.r.finds != nil, false
	if len(o.keys) == 1 && o.seeks && o.sift == nil && !o.n.Once {
		distinct, sorted := runsOf(first[o.low:high])
		if o.n.Merge { // where all batches are one pass
			distinct = max(distinct, int(min(o.n.Input.Base().Rows, 1<<40)))
		}
		if sorted {
			near, err := o.near(ctx, first[o.low], first[high-1], distinct, finds)
			if err != nil {
				return false, err
			}
			if near {
				o.ascending = true
				return o.merge(ctx, first[o.low:high])
			}
			far = true
		}
	}
	sorted := true
	for i := o.low; i < high; i++ {
		sorted = sorted && (i == o.low || first[i-1] <= first[i])
		o.order = append(o.order, sortKey{first[i], int32(i)})
	}
	switch {
	case len(o.keys) > 1:
		slices.SortFunc(o.order, o.compareRows)
	case !sorted:
		o.order, o.spareOrder = sortKeys(o.order, o.spareOrder)
	}
	o.ascending = sorted && len(o.keys) == 1
	distinct := 1
	for i := 1; i < len(o.order); i++ {
		if o.order[i].id != o.order[i-1].id {
			distinct++
		}
	}
	seek := false
	if o.seeks && !far {
		var err error
		if seek, err = o.near(ctx, o.order[0].id, o.order[len(o.order)-1].id, distinct, finds); err != nil {
			return false, err
		}
	}
	if seek {
		if err := o.position(ctx, o.tupleOf(o.order[0].row)); err != nil {
			return false, err
		}
	} else {
		o.forget()
		if finds && distinct > 1 {
			return o.findKeys(ctx)
		}
	}
	for i := 0; i < len(o.order); {
		key := o.tupleOf(o.order[i].row)
		start := o.total()
		if o.tupleSet && key == o.tuple {
			start -= o.tupleLen
		} else {
			var err error
			if seek {
				err = o.seekKey(ctx, key)
			} else {
				err = o.scanKey(ctx, key)
			}
			if err != nil {
				return false, err
			}
			o.tuple, o.tupleSet, o.tupleLen = key, true, o.total()-start
		}
		end := o.total()
		for ; i < len(o.order) && (o.order[i].id == key[o.keys[0]]) && (len(o.keys) == 1 || o.tupleOf(o.order[i].row) == key); i++ {
			at := int(o.order[i].row) - o.low
			o.starts[at], o.ends[at] = int32(start), int32(end)
		}
		if end > maxMatches && rows > 1 && i < len(o.order) {
			o.closeCursor()
			return false, nil
		}
	}
	return true, o.hold()
}

// A finder is a snapshot that finds the rows of many keys at once.
type finder interface {
	Lookup(ctx context.Context, l *graph.Lookup) error
}

// findKeys is lookUp for sorted keys that lie far from each other.
func (o *lookupOp) findKeys(ctx context.Context) (bool, error) {
	l := &o.lookup
	l.Pattern, l.Order, l.Columns = o.r.pattern(o.n.Scan), o.n.Scan.By, o.need
	l.First, l.Most = o.n.Once, maxMatches
	l.Keys, l.Cols = l.Keys[:0], o.matches
	l.Clear()
	for i, k := range o.order {
		if i == 0 || k.id != o.order[i-1].id {
			l.Keys = append(l.Keys, k.id)
		}
	}
	err := o.r.finds.Lookup(ctx, l)
	o.matches, o.counted = l.Cols, l.Rows
	if err != nil || len(l.Ends) < len(l.Keys) {
		return false, err
	}
	start, key := int32(0), 0
	for i, k := range o.order {
		if i > 0 && k.id != o.order[i-1].id {
			start = l.Ends[key]
			key++
		}
		at := int(k.row) - o.low
		o.starts[at], o.ends[at] = start, l.Ends[key]
	}
	return true, o.hold()
}

// dense tells whether keys are so near to each other in a scan that seeking them one after
// the other costs less than finding each by itself: a cursor gives blocks, of which the rows
// between two keys are read in vain. The gap is how many such rows cost as much.
func dense(keys int, rows float64, gap int) bool {
	return keys > fewKeys && float64(keys)*float64(gap) > rows
}

const (
	fewKeys    = 6
	maxGap     = 600 // rows between two keys, where each would be a scan
	maxFindGap = 16  // where the store searches its blocks for them
)

// countedKeys is from how many keys on the rows between them are counted.
const countedKeys = 64

// near tells whether keys, from the first to the last, are dense. Those of one batch may be so
// where few of all are, so rows are counted where the store would find the keys, and that costs
// more than to count.
func (o *lookupOp) near(ctx context.Context, first, last graph.ID, keys int, finds bool) (bool, error) {
	if !finds {
		return dense(keys, o.n.Scan.Rows, maxGap), nil
	}
	p, rows := o.r.pattern(o.n.Scan), o.n.Scan.Rows
	if keys >= countedKeys && !dense(keys, rows, maxFindGap) && p.Range.IsZero() {
		// Rows of all graphs: a cursor passes over them too, and to count triples the store has to
		// look at each change since the last fold.
		p.G, p.Union = graph.None, false
		p.Range = graph.Range{At: o.keys[0], Low: first, High: last}
		n, _, err := o.r.snap.Count(ctx, p)
		if err != nil {
			return false, err
		}
		rows = float64(n)
	}
	return dense(keys, rows, maxFindGap), nil
}

// compareRows compares the keys of two rows of the batch.
func (o *lookupOp) compareRows(a, b sortKey) int {
	for _, pos := range o.keys {
		col := o.batch.Cols[o.key[pos]]
		if c := cmp.Compare(col[a.row], col[b.row]); c != 0 {
			return c
		}
	}
	return cmp.Compare(a.row, b.row)
}

func (o *lookupOp) tupleOf(row int32) (key graph.Row) {
	for _, pos := range o.keys {
		key[pos] = o.batch.Cols[o.key[pos]][row]
	}
	return key
}

// total returns how many matches are kept. Where no column is kept they are only counted.
func (o *lookupOp) total() int {
	if len(o.kept) > 0 {
		return len(o.matches[o.kept[0]])
	}
	return o.counted
}

// hold accounts for the memory of matches.
func (o *lookupOp) hold() error {
	bytes := int64(0)
	for _, pos := range o.kept {
		bytes += int64(cap(o.matches[pos])) * 8
	}
	if bytes <= o.held {
		return nil
	}
	err := o.r.account.grow(bytes-o.held, o.n.Label())
	o.held = bytes
	return err
}

// findOpen finds the matches of one row some of whose keys are unbound.
func (o *lookupOp) findOpen(ctx context.Context) error {
	o.prepare(1)
	o.forget()
	o.closeCursor()
	if err := o.scanKey(ctx, o.tupleOf(int32(o.low))); err != nil {
		return err
	}
	o.tupleSet = false
	o.starts[0], o.ends[0] = 0, int32(o.total())
	o.tupleLen = 0
	return o.hold()
}

// scanKey reads the rows of one key by a scan of its own.
func (o *lookupOp) scanKey(ctx context.Context, key graph.Row) error {
	p := o.r.pattern(o.n.Scan)
	for _, pos := range o.keys {
		if key[pos].Class() == graph.ClassLocal {
			return nil
		}
		p = p.With(pos, key[pos])
	}
	if p.G != graph.None && o.n.Scan.Graphs.Kind == plan.GraphNamed && !o.inDataset(p.G) {
		return nil
	}
	columns := o.need
	c, err := o.r.scan(ctx, o.once, p, graph.NoOrder, columns)
	if err != nil {
		return err
	}
	o.once = c
	defer c.Close()
	o.sift.reset()
	var bound graph.Row
	for pos := range bound {
		bound[pos] = p.At(graph.Pos(pos))
	}
	for b := &o.found; c.Next(b); {
		if o.sift == nil {
			o.keep(b, 0, b.Len, bound)
		} else {
			o.keepSifted(b, 0, b.Len, bound)
		}
		if o.n.Once && o.total() > 0 {
			break
		}
		if o.total() > maxMatches {
			if err := o.hold(); err != nil {
				return err
			}
			if err := o.r.checkAt(ctx, o.n); err != nil {
				return err
			}
		}
	}
	return c.Err()
}

// inDataset tells whether a graph is one of the named graphs of the query.
func (o *lookupOp) inDataset(g graph.ID) bool {
	if g == graph.DefaultGraph {
		return false
	}
	if o.n.Scan.Graphs.All {
		return true
	}
	_, ok := slices.BinarySearch(o.n.Scan.Graphs.IDs, g)
	return ok
}

// keep appends rows of a block to the matches. Columns that the scan did not fill since the
// pattern binds them are filled from bound.
func (o *lookupOp) keep(b *graph.Block, from, to int, bound graph.Row) {
	o.counted += to - from
	for _, pos := range o.kept {
		if col := b.Cols[pos]; col != nil {
			o.matches[pos] = append(o.matches[pos], col[from:to]...)
			continue
		}
		for range to - from {
			o.matches[pos] = append(o.matches[pos], bound[pos])
		}
	}
}

func (o *lookupOp) keepSifted(b *graph.Block, from, to int, bound graph.Row) {
	for i := from; i < to; i++ {
		row := b.Row(i)
		for pos, id := range bound {
			if row[pos] == graph.None {
				row[pos] = id
			}
		}
		if o.sift.keeps(row) {
			o.counted++
			for _, pos := range o.kept {
				o.matches[pos] = append(o.matches[pos], row[pos])
			}
		}
	}
}

// position makes the cursor ready to seek keys from first on: the one at hand if it has not
// passed that, else a new one.
func (o *lookupOp) position(ctx context.Context, first graph.Row) error {
	if o.goesOn(first) {
		o.clearMatches()
		return nil
	}
	o.closeCursor()
	o.forget()
	p := o.r.pattern(o.n.Scan)
	var err error
	o.cursor, err = o.r.scan(ctx, o.old, p, o.n.Scan.By, o.need|graph.Cols(o.keys...))
	o.block.Len, o.at, o.exhausted = 0, 0, false
	return err
}

// goesOn tells whether the cursor at hand has not passed a key.
func (o *lookupOp) goesOn(key graph.Row) bool {
	return o.cursor != nil && o.tupleSet && o.compareTuples(o.tuple, key) <= 0
}

func (o *lookupOp) compareTuples(a, b graph.Row) int {
	for _, pos := range o.keys {
		if c := cmp.Compare(a[pos], b[pos]); c != 0 {
			return c
		}
	}
	return 0
}

// seekKey reads the rows of a key that is not before the last one.
func (o *lookupOp) seekKey(ctx context.Context, key graph.Row) error {
	for !o.exhausted {
		if o.at >= o.block.Len {
			o.cursor.Seek(key)
			if err := o.load(); err != nil {
				return err
			}
			continue
		}
		o.at = o.gallop(key)
		if o.at >= o.block.Len {
			continue
		}
		end := o.endOf(key)
		if end > o.at {
			if o.sift == nil {
				o.keep(&o.block, o.at, end, key)
			} else {
				o.keepSifted(&o.block, o.at, end, key)
			}
			o.at = end
		}
		if end < o.block.Len {
			return nil
		}
		// The key may go on in the next block.
		if err := o.load(); err != nil {
			return err
		}
		if o.total() > maxMatches {
			if err := o.hold(); err != nil {
				return err
			}
			if err := o.r.checkAt(ctx, o.n); err != nil {
				return err
			}
		}
		if o.exhausted || o.compareAt(0, key) != 0 {
			return nil
		}
	}
	return nil
}

func (o *lookupOp) load() error {
	o.at = 0
	if o.cursor.Next(&o.block) {
		return nil
	}
	o.block.Len, o.exhausted = 0, true
	return o.cursor.Err()
}

// compareAt compares the keys of a row of the block with a key.
func (o *lookupOp) compareAt(i int, key graph.Row) int {
	for _, pos := range o.keys {
		if c := cmp.Compare(o.block.Cols[pos][i], key[pos]); c != 0 {
			return c
		}
	}
	return 0
}

// gallop returns the first row of the block from the current one on that is not before key.
func (o *lookupOp) gallop(key graph.Row) int {
	if len(o.keys) == 1 {
		pos := o.keys[0]
		return gallop(o.block.Cols[pos][:o.block.Len], o.at, key[pos])
	}
	low, step := o.at, 1
	for low+step < o.block.Len && o.compareAt(low+step, key) < 0 {
		low += step
		step *= 2
	}
	high := min(low+step+1, o.block.Len)
	for low < high {
		mid := (low + high) / 2
		if o.compareAt(mid, key) < 0 {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// gallop returns the first place in a sorted column from a place on that holds id or more.
func gallop(col []graph.ID, from int, id graph.ID) int {
	low, step := from, 1
	if low < len(col) && col[low] >= id {
		return low
	}
	for low+step < len(col) && col[low+step] < id {
		low += step
		step *= 2
	}
	high := min(low+step, len(col))
	for low < high {
		mid := int(uint(low+high) / 2)
		if col[mid] < id {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// endOf returns where the rows of a key end that begin at the current row.
func (o *lookupOp) endOf(key graph.Row) int {
	end := o.at
	if len(o.keys) == 1 {
		col, id := o.block.Cols[o.keys[0]][:o.block.Len], key[o.keys[0]]
		for n := 0; end < len(col) && col[end] == id; end++ {
			if n++; n > 32 {
				return gallop(col, end, id+1)
			}
		}
		return end
	}
	for end < o.block.Len && o.compareAt(end, key) == 0 {
		end++
	}
	return end
}

func (o *lookupOp) closeCursor() {
	if o.cursor != nil {
		o.cursor.Close()
		o.old, o.cursor = o.cursor, nil
	}
	o.tupleSet = false
}

func (o *lookupOp) reset(all bool) {
	o.batch.Len, o.row, o.low, o.high = 0, 0, 0, 0
	o.gather, o.most = 0, 0
	if all {
		o.closeCursor()
	}
	o.in.reset(all)
}

func (o *lookupOp) close() {
	o.closeCursor()
	o.r.account.release(o.held)
	o.held = 0
	o.in.close()
}
