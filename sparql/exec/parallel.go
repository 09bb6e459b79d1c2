package exec

import (
	"context"
	"sync"

	"mocban/graph"
	"mocban/sparql/expr"
	"mocban/sparql/plan"
)

// A cutter is a snapshot that knows where the rows of a pattern can be cut into parts.
type cutter interface {
	Cuts(p graph.Pattern, o graph.Order, n int) []graph.ID
}

// parallelOp gives the rows of its input in their order. The scan that they begin with is cut into
// parts, and workers with operators of their own run one part after the other, ahead of whoever
// reads. Tables of joins are made once, for all of them.
type parallelOp struct {
	r     *Run
	n     *plan.Parallel
	in    operator // makes the tables, and does all where there are no parts
	begun bool
	alone bool // there are no parts

	stop context.CancelFunc
	wait sync.WaitGroup

	mu      sync.Mutex
	turn    *sync.Cond // something below has changed
	parts   []part
	begin   int // part that no worker has begun
	current int // part that is given
	held    int64
	spare   []columns
	given   columns // the batch that was given last
}

// A part is a range of the scan, and what came of it.
type part struct {
	ranges []expr.IDRange
	ready  []Batch
	done   bool
	err    error
	panic  any
}

const (
	partRows = 16 << 10 // of the scan, about
	minParts = 32       // where there are as many blocks: the last of them should not take long
	maxParts = 128
	aheadOf  = 4        // parts for each worker that may be begun before they are given
	maxReady = 16 << 20 // bytes that wait to be given; who is ahead waits then
)

func (o *parallelOp) next(ctx context.Context, b *Batch) (bool, error) {
	if !o.begun {
		o.begun = true
		if err := o.start(ctx); err != nil {
			return false, err
		}
	}
	if o.alone {
		return o.in.next(ctx, b)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.given != nil {
		o.spare, o.given = append(o.spare, o.given), nil
	}
	for o.current < len(o.parts) {
		p := &o.parts[o.current]
		switch {
		case ctx.Err() != nil:
			return false, o.r.checkAt(ctx, o.n)
		case len(p.ready) > 0:
			*b = Batch{Len: p.ready[0].Len, Cols: append(b.Cols[:0], p.ready[0].Cols...)}
			o.given, p.ready = p.ready[0].Cols, p.ready[1:]
			o.release(batchBytes(b))
			return true, nil
		case p.panic != nil:
			panic(p.panic)
		case p.err != nil:
			return false, p.err
		case p.done:
			p.ready = nil
			o.current++
			o.turn.Broadcast()
		default:
			o.turn.Wait()
		}
	}
	return false, nil
}

func batchBytes(b *Batch) int64 { return int64(b.Len) * int64(len(b.Cols)) * 8 }

// release takes bytes off those that wait. The caller holds the lock.
func (o *parallelOp) release(bytes int64) {
	o.held -= bytes
	o.r.account.release(bytes)
	o.turn.Broadcast()
}

// start makes the tables, cuts the scan, and starts the workers.
func (o *parallelOp) start(ctx context.Context) error {
	o.alone = true
	scan := firstScanOf(o.n.Input)
	cuts, ok := o.r.snap.(cutter)
	if scan == nil || !ok || o.r.workers == nil {
		return nil
	}
	workers := o.r.workers()
	if workers < 2 {
		return nil
	}
	tables := map[plan.Node]*rowSet{}
	for op := o.in; op != nil; {
		switch x := op.(type) {
		case *hashJoinOp:
			if !x.built {
				if err := x.build(ctx); err != nil {
					return err
				}
			}
			tables[x.n] = &x.table
		case *minusOp:
			if !x.built {
				if err := x.build(ctx); err != nil {
					return err
				}
			}
			tables[x.n] = &x.table
		}
		op = below(op)
	}
	if len(o.r.dict.local) > 0 {
		return nil // workers would not know them
	}
	o.parts = nil
	for _, x := range o.r.cut(cuts, scan) {
		o.parts = append(o.parts, part{ranges: x})
	}
	if len(o.parts) < 2 {
		return nil
	}
	o.alone = false
	o.turn = sync.NewCond(&o.mu)
	o.begin, o.current = 0, 0
	ctx, o.stop = context.WithCancel(ctx)
	context.AfterFunc(ctx, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.turn.Broadcast()
	})
	for range min(workers, len(o.parts)) {
		w := o.r.worker(ctx, scan, tables)
		o.wait.Go(func() { o.work(ctx, w, workers) })
	}
	return nil
}

// below returns the operator whose rows one goes through, nil for the last.
func below(op operator) operator {
	switch x := op.(type) {
	case *profiled:
		return x.operator
	case *filterOp:
		return x.in
	case *extendOp:
		return x.in
	case *lookupOp:
		return x.in
	case *hashJoinOp:
		return x.left
	case *minusOp:
		return x.left
	case *applyOp:
		return x.in
	}
	return nil
}

// firstScanOf returns the scan that the rows of a node begin with.
func firstScanOf(n plan.Node) *plan.Scan {
	for {
		if scan, ok := n.(*plan.Scan); ok {
			return scan
		}
		in := n.Inputs()
		if len(in) == 0 {
			return nil
		}
		n = in[0]
	}
}

// cut returns the ranges of the parts of a scan.
func (r *Run) cut(c cutter, scan *plan.Scan) (parts [][]expr.IDRange) {
	n := int(min(scan.Rows/partRows, maxParts))
	cuts := c.Cuts(r.pattern(scan), scan.By, max(n, minParts))
	low := graph.ID(0)
	add := func(high graph.ID) {
		ranges := []expr.IDRange{{Low: low, High: high}}
		if len(scan.Ranges) > 0 {
			ranges = nil
			for _, x := range scan.Ranges {
				if a, b := max(x.Low, low), min(x.High, high); a <= b {
					ranges = append(ranges, expr.IDRange{Low: a, High: b})
				}
			}
		}
		if ranges != nil {
			parts = append(parts, ranges)
		}
	}
	for _, id := range cuts {
		if id < 2 {
			continue // a range up to None bounds nothing
		}
		add(id - 1)
		low = id
	}
	add(^graph.ID(0))
	return parts
}

// worker returns a run for parts of the scan. Its terms are those of the store.
func (r *Run) worker(ctx context.Context, scan *plan.Scan, tables map[plan.Node]*rowSet) *Run {
	w := &Run{snap: r.snap, account: r.account, env: r.env, params: r.params, batch: r.batch, rescans: r.rescans, finds: r.finds,
		tables: tables, parted: scan, examined: r.examined}
	w.dict.snap, w.dict.account = r.snap, r.account
	w.env.Ctx = ctx
	if r.profiles != nil {
		w.profiles = make([]plan.Profile, len(r.profiles))
	}
	return w
}

// work runs parts until none is left.
func (o *parallelOp) work(ctx context.Context, w *Run, workers int) {
	at := -1
	defer func() {
		p := recover()
		o.mu.Lock()
		defer o.mu.Unlock()
		if p != nil && at >= 0 {
			o.parts[at].panic = p // for who waits for the part
		}
		for i := range w.profiles {
			a, b := &o.r.profiles[i], &w.profiles[i]
			a.Rows, a.Batches, a.Time = a.Rows+b.Rows, a.Batches+b.Batches, a.Time+b.Time
		}
		o.turn.Broadcast()
	}()
	var top operator
	for {
		if at = o.take(ctx, workers); at < 0 {
			break
		}
		var err error
		w.ranges = o.parts[at].ranges
		if top == nil {
			top, err = w.build(ctx, o.n.Input, nil)
		} else {
			top.reset(true)
		}
		if err == nil {
			err = o.run(ctx, w, top, at)
		}
		o.mu.Lock()
		o.parts[at].done, o.parts[at].err = true, err
		o.turn.Broadcast()
		o.mu.Unlock()
		if err != nil {
			break
		}
	}
	if top != nil {
		top.close()
	}
}

// take returns the next part, when its turn has come; -1 if there is none.
func (o *parallelOp) take(ctx context.Context, workers int) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	for ctx.Err() == nil && o.begin < len(o.parts) {
		if o.begin < o.current+aheadOf*workers {
			o.begin++
			return o.begin - 1
		}
		o.turn.Wait()
	}
	return -1
}

// run gives the rows of a part to whoever waits for them.
func (o *parallelOp) run(ctx context.Context, w *Run, top operator, at int) error {
	var in Batch
	var out columns
	rows := 0
	give := func() error {
		b := Batch{Len: rows, Cols: out}
		out, rows = nil, 0
		bytes := batchBytes(&b)
		if err := w.account.grow(bytes, o.n.Label()); err != nil {
			w.account.release(bytes)
			return err
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		o.held += bytes
		o.parts[at].ready = append(o.parts[at].ready, b)
		o.turn.Broadcast()
		for o.held > maxReady && at != o.current && ctx.Err() == nil {
			o.turn.Wait()
		}
		return ctx.Err()
	}
	for {
		ok, err := top.next(ctx, &in)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if out == nil {
			out = o.columns(len(in.Cols))
		}
		for c, col := range in.Cols {
			out[c] = append(out[c], col[:in.Len]...)
		}
		if rows += in.Len; rows > o.r.batch/2 {
			if err := give(); err != nil {
				return err
			}
		}
	}
	if rows > 0 {
		return give()
	}
	return nil
}

// columns returns columns to fill, those of a batch that was given where there are any.
func (o *parallelOp) columns(n int) columns {
	o.mu.Lock()
	defer o.mu.Unlock()
	if last := len(o.spare) - 1; last >= 0 {
		c := o.spare[last]
		o.spare = o.spare[:last]
		for i := range c {
			c[i] = c[i][:0]
		}
		return c
	}
	return make(columns, n)
}

// end stops the workers and waits for them.
func (o *parallelOp) end() {
	if o.stop != nil {
		o.stop()
		o.wait.Wait()
		o.stop = nil
		o.r.account.release(o.held)
		o.held = 0
	}
	o.begun, o.alone, o.parts, o.given = false, false, nil, nil
}

func (o *parallelOp) reset(all bool) {
	o.end()
	o.in.reset(all)
}

func (o *parallelOp) close() {
	o.end()
	o.in.close()
}
