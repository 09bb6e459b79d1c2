package exec

import (
	"context"
	"sync"

	"mocban/graph"
	"mocban/sparql/expr"
	"mocban/sparql/plan"
)

// Spare keeps runs of one plan that have ended, for queries that run by the same plan on the
// same state of the store: making a run ready takes longer than a lookup takes to run. The
// zero value is empty. Any number of goroutines may use it.
type Spare struct {
	once   sync.Once
	serves bool
	runs   sync.Pool
}

// spareBytes is what a run may have held for it to be kept.
const spareBytes = 1 << 20

// New is [New] for the plan whose runs are kept here. The runs differ in parameters,
// account and environment only.
func (p *Spare) New(ctx context.Context, of *plan.Plan, s graph.Snapshot, o Options) (*Run, error) {
	p.once.Do(func() { p.serves = again(of.Root) })
	if !p.serves || o.Profile {
		return New(ctx, of, s, o)
	}
	if r, ok := p.runs.Get().(*Run); ok {
		r.begin(ctx, s, o)
		r.spare = p
		return r, nil
	}
	r, err := New(ctx, of, s, o)
	if err == nil {
		r.spare, r.noted, r.local = p, len(r.dict.ids), len(r.dict.local)
	}
	return r, err
}

// again tells whether the operators of a tree can be used again. Those of others keep what
// they found out of their parameters, or of the account.
func again(n plan.Node) bool {
	switch n.(type) {
	case *plan.Unit, *plan.Empty, *plan.Seed, *plan.Scan, *plan.Values, *plan.CountRows, *plan.CountRuns,
		*plan.LookupJoin, *plan.HashJoin, *plan.Minus, *plan.Apply, *plan.Union, *plan.Path,
		*plan.Parallel, *plan.Filter, *plan.Extend, *plan.Group, *plan.Sort, *plan.Distinct, *plan.Project, *plan.Slice:
	default:
		return false
	}
	for _, in := range n.Inputs() {
		if !again(in) {
			return false
		}
	}
	return true
}

// begin makes a run ready, whether it is new or was kept.
func (r *Run) begin(ctx context.Context, s graph.Snapshot, o Options) {
	r.snap, r.account, r.env, r.params, r.terms, r.workers, r.disk = s, o.Account, o.Env, o.Params, o.Terms, o.Workers, o.Disk
	r.examined = o.Examined
	r.rescans, _ = s.(rescanner)
	r.finds, _ = s.(finder)
	if r.account == nil {
		r.account = &Account{}
	}
	r.dict.snap, r.dict.account = s, r.account
	r.env.Ctx = ctx
	r.loop, r.solution = graph.None, 0
}

// keep gives a run that has ended to those that are kept, unless it failed, held much, or
// knows terms that it was not made with.
func (r *Run) keep() {
	p := r.spare
	r.spare = nil
	if p == nil || r.failed || r.account.Peak() > spareBytes || len(r.dict.ids) != r.noted || len(r.dict.local) != r.local {
		return
	}
	r.top.reset(true)
	r.snap, r.rescans, r.finds, r.dict.snap = nil, nil, nil, nil
	r.account, r.dict.account, r.env, r.params = nil, nil, expr.Env{}, nil
	r.terms = nil
	r.workers, r.disk, r.examined = nil, nil, nil
	p.runs.Put(r)
}

// A rescanner is a snapshot that may use the memory of a cursor again which is closed.
type rescanner interface {
	Rescan(ctx context.Context, old graph.Cursor, p graph.Pattern, o graph.Order, columns graph.Columns) (graph.Cursor, error)
}

// scan opens a scan, in the memory of an old cursor if there is one. Nobody else may use that.
func (r *Run) scan(ctx context.Context, old graph.Cursor, p graph.Pattern, o graph.Order, columns graph.Columns) (graph.Cursor, error) {
	if old != nil && r.rescans != nil {
		return r.rescans.Rescan(ctx, old, p, o, columns)
	}
	return r.snap.Scan(ctx, p, o, columns)
}
