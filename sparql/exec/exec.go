// Package exec runs plans. Rows move in batches of up to 1,024, as columns of IDs, from
// operators that read each other; terms are fetched in bulk where a condition needs them,
// and last of all for what is printed.
//
// What to hold in mind:
//
//   - A batch belongs to the operator that filled it: its columns may be those of the store's
//     cache, must not be written to, and hold until the operator's next call.
//   - A term that a query makes gets the ID that the store has for it, or else one of
//     graph.ClassLocal, so that equal terms have equal IDs everywhere; but those that the plan
//     calls passing, which have IDs by their rows and hold as long as the batch.
//   - Each operator asks the context once a batch, and the [Account] before it takes memory
//     that grows with the data. What ends a query is a *graph.LimitError with its step.
//   - Only a Parallel starts goroutines, and waits for their end; each has operators of its own.
package exec

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"mocban/graph"
	"mocban/sparql/expr"
	"mocban/sparql/plan"
)

// batchRows is the most rows of a batch, unless a run has another number.
const batchRows = plan.BatchRows

// A Batch is a run of rows, by column.
type Batch struct {
	Len  int
	Cols [][]graph.ID
}

// An operator gives the rows of one node.
type operator interface {
	// next fills b with the next rows, at least one, and returns false at the end.
	next(ctx context.Context, b *Batch) (bool, error)

	// reset begins again, after the rows of a seed have changed. What does not depend on
	// seeds may be kept unless all is set.
	reset(all bool)

	close()
}

// ErrFederation tells that a query asks another endpoint, and that this is off.
var ErrFederation = errors.New("federation is off")

// Options are those of a run.
type Options struct {
	Account *Account
	Env     expr.Env // Ctx, Solution and Blanks are set by the run
	Profile bool
	Batch   int // rows of a batch; 0 means 1,024. For tests

	Services Services // nil: SERVICE fails unless it is SILENT

	// Workers returns how many goroutines a Parallel may use at this time; nil or below two:
	// there are no parts.
	Workers func() int

	// Examined counts the rows that are read of the store, and those that joins compare, as the run
	// goes on; nil: nobody watches. What ends in one row, or is sorted first, shows by it that it moves.
	Examined *atomic.Int64

	// Disk takes rows of ORDER BY, DISTINCT and GROUP BY that do not fit into memory; nil: what
	// does not fit ends the query.
	Disk *Disk

	// Params are the IDs for the parameters of a plan.Template. Those for which the plan was
	// made serve if there are none.
	Params []graph.ID

	// Terms are what the Params are IDs of: those that stand in VALUES may have none.
	Terms []graph.Term
}

// A Run is a plan that runs on a snapshot. It is for one goroutine.
type Run struct {
	snap     graph.Snapshot
	dict     dict
	account  *Account
	env      expr.Env
	loop     graph.ID // where the innermost GraphLoop is
	profiles []plan.Profile
	vars     []plan.Col
	top      operator
	solution uint64
	services Services
	batch    int
	params   []graph.ID
	terms    []graph.Term // that they are the IDs of
	workers  func() int
	examined *atomic.Int64 // or nil
	disk     *Disk

	// Of a worker of a Parallel: the tables of joins, made by others, and what is read of the
	// scan that is cut into parts.
	tables map[plan.Node]*rowSet
	parted *plan.Scan
	ranges []expr.IDRange

	rescans rescanner // the snapshot, or nil
	finds   finder    // so too
	spare   *Spare    // that keeps the run when it has ended, or nil
	noted   int       // terms of dict that it was made with
	local   int       // those of them that the store does not know
	triples *Triples  // that were asked for, or nil
	failed  bool
}

// New returns a plan made ready to run on the snapshot that it was made for.
func New(ctx context.Context, p *plan.Plan, s graph.Snapshot, o Options) (*Run, error) {
	r := &Run{services: o.Services, vars: p.Root.Base().Cols}
	if r.batch = o.Batch; r.batch == 0 {
		r.batch = batchRows
	}
	r.begin(ctx, s, o)
	if o.Profile {
		r.profiles = make([]plan.Profile, p.Nodes+1)
	}
	var err error
	r.top, err = r.build(ctx, p.Root, nil)
	if err != nil {
		return nil, r.cause(ctx, err, "")
	}
	return r, nil
}

// Cols returns the columns of the rows.
func (r *Run) Cols() []plan.Col { return r.vars }

// Next fills b with the next rows, and returns false at the end.
func (r *Run) Next(ctx context.Context, b *Batch) (bool, error) {
	ok, err := r.top.next(ctx, b)
	if err != nil {
		r.failed = true
		return false, r.cause(ctx, err, "")
	}
	return ok, nil
}

// Close frees what the run holds. It is called once, and nothing after it.
func (r *Run) Close() {
	r.top.close()
	r.keep()
}

// Profiles tells what the nodes did, by number.
func (r *Run) Profiles() []plan.Profile { return r.profiles }

// Terms fetches terms. Any ID of the run is known.
func (r *Run) Terms(ctx context.Context, ids []graph.ID, terms []graph.Term) error {
	return r.cause(ctx, r.dict.terms(ctx, ids, terms), "the result")
}

// saw counts rows that were examined.
func (r *Run) saw(rows int) {
	if r.examined != nil {
		r.examined.Add(int64(rows))
	}
}

// check asks whether the query may go on.
func (r *Run) check(ctx context.Context, where string) error {
	if err := ctx.Err(); err != nil {
		return r.cause(ctx, err, where)
	}
	return r.env.Err()
}

// checkAt is check for the step of a node.
func (r *Run) checkAt(ctx context.Context, n plan.Node) error {
	if err := ctx.Err(); err != nil {
		return r.cause(ctx, err, shortened(n.Label()))
	}
	return r.env.Err()
}

// shortened cuts the name of a step, which may hold a long text, for an error.
func shortened(label string) string {
	const most = 160
	if runes := []rune(label); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return label
}

// cause turns the end of a context into the limit that ended it, if one did.
func (r *Run) cause(ctx context.Context, err error, where string) error {
	var limit *graph.LimitError
	if err == nil || errors.As(err, &limit) {
		return err
	}
	if ctx.Err() != nil && errors.As(context.Cause(ctx), &limit) {
		l := *limit
		if l.Where = where; where == "" {
			l.Where = "reading the store"
		}
		return &l
	}
	return err
}

// An Account counts the bytes that the operators of a query hold. Any number of goroutines may
// use it.
type Account struct {
	Max int64 // 0 is no limit

	// More is asked when more is needed than Max, and returns what Max is from then on, or the
	// error that ends the query. It is asked again when that is used up, too. nil is an error.
	More func() (max int64, err error)

	used, peak atomic.Int64
	max        atomic.Int64 // what Max has become, 0 before it was looked at
	mu         sync.Mutex   // held to ask for more
}

// Grow is asked before bytes are taken, by aggregates. Its error ends the query.
func (a *Account) Grow(bytes int64) error { return a.grow(bytes, "an aggregate") }

// Take is Grow for another step.
func (a *Account) Take(bytes int64, where string) error { return a.grow(bytes, where) }

// Held returns the bytes that are held.
func (a *Account) Held() int64 { return a.used.Load() }

func (a *Account) grow(bytes int64, where string) error {
	used := a.used.Add(bytes)
	for peak := a.peak.Load(); used > peak && !a.peak.CompareAndSwap(peak, used); peak = a.peak.Load() {
	}
	if most := a.max.Load(); most > 0 && used > most || most == 0 && a.Max > 0 {
		return a.more(where)
	}
	return nil
}

// more asks for more than what there is, until that is enough.
func (a *Account) more(where string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.max.Load() == 0 {
		a.max.Store(a.Max)
	}
	for most := a.max.Load(); a.used.Load() > most; most = a.max.Load() {
		if a.More == nil {
			return &graph.LimitError{Limit: "memory", Max: size(most), Where: where}
		}
		next, err := a.More()
		if err != nil {
			return err
		}
		if next <= most {
			return &graph.LimitError{Limit: "memory", Max: size(most), Where: where}
		}
		a.max.Store(next)
	}
	return nil
}

// room tells whether there is room for more bytes, without taking them. It asks for more if there
// is not.
func (a *Account) room(bytes int64) bool {
	err := a.grow(bytes, "")
	a.release(bytes)
	return err == nil
}

// release gives bytes back.
func (a *Account) release(bytes int64) { a.used.Add(-bytes) }

// Peak returns the most bytes that were held at one time.
func (a *Account) Peak() int64 { return a.peak.Load() }

func size(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

// profiled measures an operator.
type profiled struct {
	operator
	p *plan.Profile
}

func (o *profiled) next(ctx context.Context, b *Batch) (bool, error) {
	start := time.Now()
	ok, err := o.operator.next(ctx, b)
	o.p.Time += time.Since(start)
	if ok {
		o.p.Rows += int64(b.Len)
		o.p.Batches++
	}
	return ok, err
}

func (o *profiled) reset(all bool) {
	o.p.Runs++
	o.operator.reset(all)
}

// build makes the operators of a tree. Seed is what the Seed nodes of it stand for.
func (r *Run) build(ctx context.Context, n plan.Node, seed *seedOp) (operator, error) {
	o, err := r.operator(ctx, n, seed)
	if err != nil {
		return nil, err
	}
	if r.profiles != nil {
		p := &r.profiles[n.Base().ID]
		p.Runs = 1
		return &profiled{o, p}, nil
	}
	return o, nil
}

func (r *Run) operator(ctx context.Context, n plan.Node, seed *seedOp) (operator, error) {
	switch n := n.(type) {
	case *plan.Unit:
		return &unitOp{}, nil
	case *plan.Empty:
		return &emptyOp{}, nil
	case *plan.Seed:
		return newSeedReader(n, seed), nil
	case *plan.Scan:
		return newScan(r, n), nil
	case *plan.Values:
		return newValues(ctx, r, n)
	case *plan.TextHits:
		return newText(ctx, r, n)
	case *plan.GraphList:
		return &graphListOp{r: r, n: n}, nil
	case *plan.CountRuns:
		return &countRunsOp{r: r, n: n}, nil
	case *plan.CountRows:
		return &countRowsOp{r: r, n: n}, nil
	case *plan.Apply:
		return r.apply(ctx, n, seed)
	}
	inputs := make([]operator, len(n.Inputs()))
	for i, in := range n.Inputs() {
		if l, ok := n.(*plan.LookupJoin); ok && in == plan.Node(l.Scan) {
			continue // which the join reads itself
		}
		if i == 1 && r.tables[n] != nil {
			continue // it has the table already
		}
		o, err := r.build(ctx, in, seed)
		if err != nil {
			return nil, err
		}
		inputs[i] = o
	}
	switch n := n.(type) {
	case *plan.Parallel:
		return &parallelOp{r: r, n: n, in: inputs[0]}, nil
	case *plan.LookupJoin:
		return newLookup(r, n, inputs[0]), nil
	case *plan.HashJoin:
		return newHashJoin(r, n, inputs[0], inputs[1]), nil
	case *plan.Minus:
		return newMinus(r, n, inputs[0], inputs[1]), nil
	case *plan.Service:
		if r.services == nil && !n.Silent {
			return nil, &ServiceError{graph.IRI(n.Name.Term.Value()), ErrFederation}
		}
		if n.Input == nil {
			return newService(r, n, nil), nil
		}
		return newService(r, n, inputs[0]), nil
	case *plan.Path:
		if n.Input == nil {
			return newPath(ctx, r, n, nil)
		}
		return newPath(ctx, r, n, inputs[0])
	case *plan.GraphLoop:
		return newGraphLoop(r, n, inputs[0]), nil
	case *plan.Union:
		return newUnion(r, n, inputs), nil
	case *plan.Filter:
		return newFilter(ctx, r, n, inputs[0])
	case *plan.Extend:
		return newExtend(ctx, r, n, inputs[0])
	case *plan.Group:
		return newGroup(ctx, r, n, inputs[0])
	case *plan.Sort:
		return newSort(ctx, r, n, inputs[0])
	case *plan.Distinct:
		return newDistinct(r, n, inputs[0]), nil
	case *plan.Project:
		return newProject(n, inputs[0]), nil
	case *plan.Slice:
		return &sliceOp{n: n, in: inputs[0], from: places(n.Cols, n.Input.Base().Cols)}, nil
	}
	return nil, fmt.Errorf("no operator for %s", n.Label())
}

// places returns where the columns of a node are in another, -1 for those that are not.
func places(of, in []plan.Col) []int {
	at := make([]int, len(of))
	for i, c := range of {
		at[i] = -1
		for k := range in {
			if in[k].Var == c.Var {
				at[i] = k
			}
		}
	}
	return at
}

// columns are those that an operator fills itself.
type columns [][]graph.ID

// clear makes n columns ready to be appended to.
func (c *columns) clear(n int) {
	if *c == nil {
		*c = make([][]graph.ID, n)
	}
	for i := range *c {
		(*c)[i] = (*c)[i][:0]
	}
}
