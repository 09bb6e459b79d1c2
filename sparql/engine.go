package sparql

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"time"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/exec"
	"mocban/sparql/expr"
	"mocban/sparql/expr/xsd"
	"mocban/sparql/plan"
	"mocban/sparql/syntax"
)

// Limits where neither engine nor request say others.
const (
	defaultTime   = 30 * time.Second
	defaultMemory = 512 << 20
)

// lower returns the stricter of two limits, of which zero is none.
func lower[T int64 | time.Duration](a, b, standard T) T {
	switch {
	case a == 0:
		a = standard
	}
	if b > 0 && (a == 0 || b < a) {
		return b
	}
	return a
}

func (e *Engine) limits(r Limits) Limits {
	o := e.options.Limits
	return Limits{
		Time:   lower(o.Time, r.Time, defaultTime),
		Memory: lower(o.Memory, r.Memory, defaultMemory),
		Rows:   lower(o.Rows, r.Rows, 0),
	}
}

// A running query: its context, plan and run.
type running struct {
	engine *Engine
	ctx    context.Context // of this one run; Next has none of its own
	cancel context.CancelFunc
	plan   *plan.Plan
	shared bool // whether the plan is that of a letter, with its terms
	run    *exec.Run
	limits Limits
	rows   int64
}

// start plans the query on a snapshot and makes it ready to run.
func (q *Query) start(ctx context.Context, s graph.Snapshot, profile bool) (*running, error) {
	ctx, cancel := q.timed(ctx)
	r := &running{ctx: ctx, cancel: cancel, limits: q.limits, engine: q.engine}
	p := q.planned
	var err error
	if p == nil || profile || p.version != s.Version() || !p.time.Equal(s.Time()) {
		if p, err = q.like(ctx, s); p == nil && err == nil {
			p, err = q.build(ctx, s)
		}
	}
	if err == nil {
		r.plan = p.plan
		more := q.more
		if more != nil {
			more = func() (int64, error) {
				n, err := q.more()
				return min(n, q.engine.limits(q.request.Limits).Memory), err
			}
		}
		o := exec.Options{
			Services: q.engine.options.Services,
			Account:  &exec.Account{Max: q.limits.Memory, More: more},
			Env:      q.env(s),
			Profile:  profile,
			Batch:    q.engine.batch,
			Params:   p.params,
			Terms:    q.params,
			Workers:  q.engine.workers,
			Disk:     q.engine.options.Disk,
			Examined: q.examined,
		}
		if r.shared = p.spare != nil; r.shared {
			r.run, err = p.spare.New(ctx, r.plan, s, o)
		} else {
			r.run, err = exec.New(ctx, r.plan, s, o)
		}
	}
	if err != nil {
		err = r.cause(err, "planning")
		cancel()
		return nil, err
	}
	r.engine.running.Add(1)
	return r, nil
}

// workers returns how many goroutines a query may use: the processors that other queries of the
// engine leave.
func (e *Engine) workers() int {
	if e.parts > 0 {
		return e.parts
	}
	return min(runtime.GOMAXPROCS(0)+1-int(e.running.Load()), maxWorkers)
}

// maxWorkers is how many goroutines read for one query at most.
const maxWorkers = 8

// timed returns a context that ends with the time of the query.
func (q *Query) timed(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, q.limits.Time, q.engine.outOfTime(q.limits.Time))
}

// A timeLimit is a limit of time as an error.
type timeLimit struct {
	time.Duration
	err *graph.LimitError
}

// outOfTime returns the error of a limit of time. That of the last query is mostly that of the next.
func (e *Engine) outOfTime(d time.Duration) *graph.LimitError {
	last := e.outOf.Load()
	if last == nil || last.Duration != d {
		last = &timeLimit{d, &graph.LimitError{Limit: "time", Max: seconds(d)}}
		e.outOf.Store(last)
	}
	return last.err
}

func seconds(d time.Duration) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.3f", d.Seconds()), "0"), ".") + " s"
}

// cause turns the end of the context into the limit that ended it.
func (r *running) cause(err error, where string) error {
	var limit *graph.LimitError
	if r.ctx.Err() == nil || errors.As(err, &limit) || !errors.As(context.Cause(r.ctx), &limit) {
		return err
	}
	l := *limit
	l.Where = where
	return &l
}

func (r *running) close() {
	if r.run != nil {
		r.run.Close()
		r.engine.running.Add(-1)
	}
	r.cancel()
}

// count counts rows of the result.
func (r *running) count(n int) error {
	if r.rows += int64(n); r.limits.Rows > 0 && r.rows > r.limits.Rows {
		return &graph.LimitError{Limit: "rows", Max: fmt.Sprintf("%d rows", r.limits.Rows), Where: "the result"}
	}
	return nil
}

func (q *Query) planOptions() plan.Options {
	o := plan.Options{Strict: q.engine.options.Strict, Off: q.engine.off}
	if q.engine.parts > 0 {
		o.ParallelRows = 1
	}
	if q.engine.options.Search != nil {
		o.Search = q.engine.options.Search
	}
	switch {
	case q.request.DefaultGraphs != nil || q.request.NamedGraphs != nil:
		o.HasDataset, o.Default, o.Named = true, q.request.DefaultGraphs, q.request.NamedGraphs
	case q.algebra.Dataset != nil:
		o.HasDataset, o.Default, o.Named = true, q.algebra.Dataset.Default, q.algebra.Dataset.Named
	}
	return o
}

// env is what one run gives its expressions. Blank nodes that are made have the same labels
// each time a query is run on a state of the store, so that an answer is the same bytes.
func (q *Query) env(s graph.Snapshot) expr.Env {
	now := time.Now().UTC()
	env := expr.Env{
		Now:      xsd.DateTime{Seconds: now.Unix(), Nanos: int32(now.Nanosecond() / 1e6 * 1e6)},
		Rand:     mathrand.New(new(chance)),
		Blanks:   &expr.Blanks{Begin: func() string { return q.blanks(s) }},
		Patterns: &q.engine.patterns,
		Strict:   syntax.Strict(q.algebra.Version),
	}
	base := q.algebra.Base
	if base == "" {
		base = q.request.Base
	}
	env.Resolve = base.Resolve
	return env
}

// blanks returns how the labels of the blank nodes begin that the query makes.
func (q *Query) blanks(s graph.Snapshot) string {
	own := sha256.Sum256(fmt.Appendf(nil, "%d %d %s", s.Version(), s.Time().UnixNano(), q.request.Text))
	return "q" + hex.EncodeToString(own[:8])
}

// chance is a source of random numbers that draws its seed when it is first asked: few queries do.
type chance struct{ source *mathrand.ChaCha8 }

func (c *chance) Uint64() uint64 {
	if c.source == nil {
		var seed [32]byte
		rand.Read(seed[:]) // which never fails
		c.source = mathrand.NewChaCha8(seed)
	}
	return c.source.Uint64()
}

// counts keeps what snapshots were asked for plans. They only make plans better: a count of
// zero, of which a plan concludes something, is never kept.
type counts struct {
	mu       sync.Mutex
	version  graph.Version
	time     time.Time
	count    map[graph.Pattern]counted
	distinct map[distinctKey]counted
	squares  map[distinctKey]float64
}

type counted struct {
	n     uint64
	exact bool
}

type distinctKey struct {
	p  graph.Pattern
	at graph.Pos
}

// maxCounts is how many counts are kept.
const maxCounts = 10_000

// of returns the source of plans for a snapshot.
func (c *counts) of(s graph.Snapshot) plan.Source { return &source{Snapshot: s, c: c} }

type source struct {
	graph.Snapshot
	c *counts
}

// current forgets the counts of another state. The caller holds the lock.
func (s *source) current() {
	c := s.c
	if c.count == nil || c.version != s.Version() || !c.time.Equal(s.Time()) || len(c.count)+len(c.distinct)+len(c.squares) > maxCounts {
		c.version, c.time = s.Version(), s.Time()
		c.count, c.distinct = map[graph.Pattern]counted{}, map[distinctKey]counted{}
		c.squares = map[distinctKey]float64{}
	}
}

func (s *source) Count(ctx context.Context, p graph.Pattern) (uint64, bool, error) {
	s.c.mu.Lock()
	s.current()
	known, ok := s.c.count[p]
	s.c.mu.Unlock()
	if ok {
		return known.n, known.exact, nil
	}
	n, exact, err := s.Snapshot.Count(ctx, p)
	if err == nil && n > 0 {
		s.c.mu.Lock()
		s.current()
		s.c.count[p] = counted{n, exact}
		s.c.mu.Unlock()
	}
	return n, exact, err
}

func (s *source) Distinct(ctx context.Context, p graph.Pattern, at graph.Pos) (uint64, bool, error) {
	key := distinctKey{p, at}
	s.c.mu.Lock()
	s.current()
	known, ok := s.c.distinct[key]
	s.c.mu.Unlock()
	if ok {
		return known.n, known.exact, nil
	}
	n, exact, err := s.Snapshot.Distinct(ctx, p, at)
	if err == nil {
		s.c.mu.Lock()
		s.current()
		s.c.distinct[key] = counted{n, exact}
		s.c.mu.Unlock()
	}
	return n, exact, err
}

// maxSquares is how many rows Squares reads; what it finds in them stands for all.
const maxSquares = 200_000

// Squares implements plan.Skew.
func (s *source) Squares(ctx context.Context, p graph.Pattern, at graph.Pos) (float64, error) {
	key := distinctKey{p, at}
	s.c.mu.Lock()
	s.current()
	known, ok := s.c.squares[key]
	s.c.mu.Unlock()
	if ok {
		return known, nil
	}
	sum, err := s.readSquares(ctx, p, at)
	if err == nil {
		s.c.mu.Lock()
		s.current()
		s.c.squares[key] = sum
		s.c.mu.Unlock()
	}
	return sum, err
}

// readSquares sums over runs of equal IDs in an order in which they come together.
func (s *source) readSquares(ctx context.Context, p graph.Pattern, at graph.Pos) (float64, error) {
	order := graph.POS
	if at == graph.PosS {
		order = graph.PSO
	}
	c, err := s.Snapshot.Scan(ctx, p, order, graph.Cols(at))
	if err != nil {
		return 0, err
	}
	defer c.Close()
	var sum, run, rows float64
	last := graph.None
	var b graph.Block
	for rows < maxSquares && c.Next(&b) {
		for _, id := range b.Cols[at] {
			if id != last {
				sum += run * run
				last, run = id, 0
			}
			run++
		}
		rows += float64(b.Len)
	}
	sum += run * run
	if rows >= maxSquares {
		all, _, err := s.Count(ctx, p)
		if err != nil {
			return 0, err
		}
		sum *= float64(all) / rows
	}
	return sum, c.Err()
}

// asksOthers tells whether a pattern has a SERVICE.
func asksOthers(op algebra.Op) (found bool) {
	if _, ok := op.(*algebra.Service); ok {
		return true
	}
	for _, e := range algebra.Exprs(op) {
		algebra.WalkExpr(e, func(e algebra.Expr) {
			if x, ok := e.(*algebra.Exists); ok {
				found = found || asksOthers(x.Pattern)
			}
		})
	}
	for _, input := range algebra.Inputs(op) {
		found = found || asksOthers(input)
	}
	return found
}

// volatile tells whether a pattern calls functions that may answer otherwise next time.
func volatile(op algebra.Op) (found bool) {
	if asksOthers(op) {
		return true
	}
	exprs(op, func(e algebra.Expr) {
		c, ok := e.(*algebra.Call)
		if !ok || c.Name == "" {
			return
		}
		if f, ok := expr.Builtin(c.Name); ok && (f.Volatile || f.Now) {
			found = true
		}
	})
	return found
}
