// Package sparql answers SPARQL queries from a snapshot, and runs updates on a store. It is the
// only door to the packages below it: text becomes a tree (syntax), the tree algebra, the
// algebra a plan, and the plan runs (exec).
//
//	q, err := engine.Prepare(sparql.Request{Text: "SELECT ..."})
//	rows, err := q.Select(ctx, snapshot)
//	defer rows.Close()
//	for rows.Next() { use(rows.Row()) }
//	err = rows.Err()
//
// What to hold in mind:
//
//   - An answer is complete, or ends with an error. A limit is a *graph.LimitError.
//   - A mistake in the text is a *syntax.Error with line and column, from Prepare, and a
//     regular expression in it that is none a *PatternError, a text:query a *TextError.
//   - Nothing is fetched but by what the engine is given: without [Services], SERVICE fails
//     unless it is SILENT, and so does LOAD without a [Loader].
//   - An update is one change set, of all operations of its request or of none.
package sparql

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/exec"
	"mocban/sparql/expr"
	"mocban/sparql/plan"
	"mocban/sparql/syntax"
)

// Options are those of an Engine. The zero value is for a public endpoint of a library.
type Options struct {
	// Strict makes the default graph of a query the default graph of the store alone.
	// Otherwise it is the union of all graphs, each triple once.
	Strict bool

	// Version is that of SPARQL for texts which have no VERSION. Where SPARQL 1.2 takes back what
	// 1.1 has, "1.2" follows it: escapes in names are errors, and text in a language and
	// ill-typed literals are neither true nor false. Otherwise they are as in SPARQL 1.1.
	Version string

	// Search answers text:query, see [algebra.TextQuery]; nil: a query that uses it fails.
	Search graph.Searcher

	// Disk takes rows that do not fit into the memory of a query; nil: they end it.
	Disk *Disk

	// Limits are those of every query, unless its request has lower ones.
	Limits Limits

	// Services asks other endpoints; nil: SERVICE fails unless it is SILENT.
	Services Services

	// Load fetches what LOAD names; nil: LOAD fails unless it is SILENT.
	Load Loader
}

// A Disk is where queries put rows of ORDER BY, DISTINCT and GROUP BY that do not fit into their
// memory.
type Disk = exec.Disk

// Limits bound one query. Zero means the default of the engine: 30 s, 512 MiB, and no bound
// on rows.
type Limits struct {
	Time   time.Duration
	Memory int64 // bytes that operators hold at one time
	Rows   int64 // of the result
}

// An Engine prepares queries. Any number of goroutines may use it.
type Engine struct {
	options  Options
	off      []string // rules of plans that are switched off
	batch    int      // rows of a batch, for tests
	parts    int      // workers for whatever can be cut into parts, for tests
	running  atomic.Int32
	outOf    atomic.Pointer[timeLimit]
	counts   counts
	patterns expr.Patterns
	letters  letters
}

// New returns an engine.
func New(o Options) *Engine { return &Engine{options: o} }

// Strict tells whether the default graph of a query is that of the store alone.
func (e *Engine) Strict() bool { return e.options.Strict }

// Federated tells whether queries may ask other endpoints.
func (e *Engine) Federated() bool { return e.options.Services != nil }

// A Request is a query and what comes with it (SPARQL 1.1 Protocol, 2.1).
type Request struct {
	Text string
	Base graph.IRI // against which relative IRIs are resolved; a BASE in the text comes first

	// DefaultGraphs and NamedGraphs are the dataset of the protocol. If either is not nil,
	// they replace FROM and FROM NAMED.
	DefaultGraphs, NamedGraphs []graph.IRI

	Limits Limits
}

// A Query is prepared, and may be run any number of times, also at once.
type Query struct {
	engine  *Engine
	request Request
	limits  Limits
	algebra *algebra.Query // that of the letter, if there is one
	letter  *letter        // nil if there is none
	params  []graph.Term   // the terms of the query for the parameters of the letter
	planned *planned       // nil before Plan
	more    func() (int64, error)

	examined *atomic.Int64 // nil: nobody watches
}

// planned is the plan of a query for one state of a store.
type planned struct {
	version graph.Version
	time    time.Time
	plan    *plan.Plan
	params  []graph.ID
	spare   *exec.Spare // runs of the plan, nil where it serves this query alone
}

// Plan returns the query with a plan for the snapshot, which its runs on that snapshot use.
func (q *Query) Plan(ctx context.Context, s graph.Snapshot) (*Query, error) {
	p, err := q.like(ctx, s)
	if p == nil && err == nil {
		ctx, cancel := q.timed(ctx)
		defer cancel()
		if p, err = q.build(ctx, s); err != nil {
			err = (&running{ctx: ctx}).cause(err, "planning")
		}
	}
	if err != nil {
		return nil, err
	}
	own := *q
	own.planned = p
	return &own, nil
}

// Cost guesses how long a run takes; 0 before Plan. It is good for telling what is quick from
// what is not.
func (q *Query) Cost() time.Duration {
	if q.planned == nil {
		return 0
	}
	return time.Duration(min(q.planned.plan.Root.Base().Cost, float64(time.Hour)))
}

// Within returns the query under these limits, where they are stricter than its own.
func (q *Query) Within(l Limits) *Query {
	own := *q
	own.limits = Limits{Time: lower(own.limits.Time, l.Time, 0), Memory: lower(own.limits.Memory, l.Memory, 0), Rows: lower(own.limits.Rows, l.Rows, 0)}
	return &own
}

// Growing returns the query with what is asked when a run needs more memory than its limit: it
// returns how much the run may take from then on, or the error that ends it. Where that is not
// more, the limit ends the query.
func (q *Query) Growing(more func() (memory int64, err error)) *Query {
	own := *q
	own.more = more
	return &own
}

// Watched returns the query with what counts the rows that its runs examine: read of the store, or
// compared by joins. A run that gives no row for a long time shows there how far it has come.
func (q *Query) Watched(examined *atomic.Int64) *Query {
	own := *q
	own.examined = examined
	return &own
}

// Prepare reads a query.
func (e *Engine) Prepare(r Request) (*Query, error) {
	shape, ok := syntax.ShapeOf(r.Text)
	if ok {
		if q := e.prepare(r, shape); q != nil {
			return q, nil
		}
	}
	a, err := e.read(r)
	if err != nil {
		return nil, err
	}
	q := &Query{engine: e, request: r, limits: e.limits(r.Limits), algebra: a}
	if ok && !algebra.HasText(a.Pattern) && !asksOthers(a.Pattern) {
		q.letter, q.params = e.letters.add(e, r, shape, a)
	}
	return q, nil
}

func (e *Engine) read(r Request) (*algebra.Query, error) {
	tree, err := syntax.Options{Base: r.Base, Version: e.options.Version}.Parse(r.Text)
	if err != nil {
		return nil, err
	}
	a, err := algebra.Translate(tree)
	if err != nil {
		return nil, err
	}
	if err := checkPatterns(a.Pattern); err != nil {
		return nil, err
	}
	return expand(a)
}

// expand writes a query in the operators that are planned.
func expand(q *algebra.Query) (*algebra.Query, error) {
	q, err := algebra.ExpandText(q)
	if err != nil {
		return nil, &TextError{err}
	}
	return algebra.ExpandTriples(q), nil
}

// Form tells what the query asks for.
func (q *Query) Form() algebra.Form { return q.algebra.Form }

// Text returns the text of the query without comments and with one blank for white space: texts
// that differ in nothing else have the same answers.
func (q *Query) Text() string { return syntax.Spaced(q.request.Text) }

// Vars returns the columns of a SELECT, in order.
func (q *Query) Vars() []string {
	names := make([]string, len(q.algebra.Vars))
	for i, v := range q.algebra.Vars {
		names[i] = string(v)
	}
	return names
}

// Volatile tells whether two runs on one snapshot may differ: the query uses NOW, RAND,
// UUID and the like, so its answer must not be cached.
func (q *Query) Volatile() bool {
	if q.letter != nil {
		return q.letter.volatile
	}
	return volatile(q.algebra.Pattern) || algebra.HasText(q.algebra.Pattern) // the index may lag behind the store
}

// Select runs a SELECT.
func (q *Query) Select(ctx context.Context, s graph.Snapshot) (*Rows, error) {
	if err := q.is(algebra.Select); err != nil {
		return nil, err
	}
	r, err := q.start(ctx, s, false)
	if err != nil {
		return nil, err
	}
	rows := &Rows{running: r, vars: q.Vars()}
	cols := r.run.Cols()
	for _, v := range q.algebra.Vars {
		rows.at = append(rows.at, slices.IndexFunc(cols, func(c plan.Col) bool { return c.Var == v }))
	}
	return rows, nil
}

func (q *Query) is(forms ...algebra.Form) error {
	if slices.Contains(forms, q.algebra.Form) {
		return nil
	}
	return fmt.Errorf("the query is a %s", q.algebra.Form)
}

// Ask runs an ASK.
func (q *Query) Ask(ctx context.Context, s graph.Snapshot) (bool, error) {
	if err := q.is(algebra.Ask); err != nil {
		return false, err
	}
	r, err := q.start(ctx, s, false)
	if err != nil {
		return false, err
	}
	defer r.close()
	var b exec.Batch
	return r.run.Next(r.ctx, &b)
}

// Graph runs a CONSTRUCT or DESCRIBE. The triples are a set; blank nodes keep the labels of
// the store.
func (q *Query) Graph(ctx context.Context, s graph.Snapshot) (*Triples, error) {
	if err := q.is(algebra.Construct, algebra.Describe); err != nil {
		return nil, err
	}
	r, err := q.start(ctx, s, false)
	if err != nil {
		return nil, err
	}
	t := &Triples{running: r}
	if t.triples, err = q.triples(r); err != nil {
		r.close()
		return nil, r.cause(err, "beginning")
	}
	return t, nil
}

func (q *Query) triples(r *running) (*exec.Triples, error) {
	template, things, params := q.algebra.Template, q.algebra.Describe, []graph.Term(nil)
	if r.shared {
		params = q.letter.params
	} else {
		template, things = q.template(), q.described()
	}
	if q.algebra.Form == algebra.Construct {
		return r.run.Construct(r.ctx, template, params)
	}
	return r.run.Describe(r.ctx, things, params, r.plan.Graphs)
}

// Explain returns the plan as text, and with run also what each of its nodes did. If a limit ends
// that, or somebody, both are returned: what they did until then, and the error.
func (q *Query) Explain(ctx context.Context, s graph.Snapshot, run bool) (string, error) {
	alone, err := q.alone()
	if err != nil {
		return "", err
	}
	r, err := alone.start(ctx, s, run)
	if err != nil {
		return "", err
	}
	defer r.close()
	if !run {
		return plan.Text(r.plan, nil), nil
	}
	var b exec.Batch
	next := r.run.Next
	if q.algebra.Form == algebra.Construct || q.algebra.Form == algebra.Describe {
		t, err := q.triples(r)
		if err != nil {
			return "", err
		}
		next = t.Next
	}
	for {
		ok, err := next(r.ctx, &b)
		if err != nil {
			err, profiles := r.cause(err, "the result"), r.run.Profiles()
			r.close() // so that nobody is at work any more
			r.run = nil
			return plan.Text(r.plan, profiles), err
		}
		if !ok || q.algebra.Form == algebra.Ask {
			return plan.Text(r.plan, r.run.Profiles()), nil
		}
	}
}

// Rows are the solutions of a SELECT.
type Rows struct {
	*running
	vars   []string
	at     []int // places of the variables in a batch, -1 for those never bound
	batch  exec.Batch
	row    int // of the batch
	low    int // of the rows that are fetched
	high   int
	chunk  int // rows to fetch at once
	ids    []graph.ID
	terms  []graph.Term // of the rows that are fetched, row by row
	err    error
	closed bool
}

// Vars returns the columns.
func (r *Rows) Vars() []string { return r.vars }

// Next goes to the next row, and returns false at the end and on an error.
func (r *Rows) Next() bool {
	r.row++
	if r.row < r.high {
		return true
	}
	if r.err != nil || r.closed {
		return false
	}
	if r.high >= r.batch.Len {
		r.row, r.high = 0, 0
		ok, err := r.run.Next(r.ctx, &r.batch)
		if err == nil && ok {
			err = r.count(r.batch.Len)
		}
		if !ok || err != nil {
			return r.end(err)
		}
	}
	if err := r.fetch(); err != nil {
		return r.end(err)
	}
	return true
}

// end notes that there are no more rows.
func (r *Rows) end(err error) bool {
	if err != nil {
		r.err = r.cause(err, "the result")
	}
	r.batch.Len, r.high = 0, 0
	return false
}

// Rows are fetched by the hundred, fewer where texts are long.
const (
	firstRows = 64
	fetchText = 1 << 20 // bytes
)

// fetch gets the terms of the next rows of the batch.
func (r *Rows) fetch() error {
	if r.chunk == 0 {
		r.chunk = firstRows
	}
	r.low = r.high
	r.high = min(r.low+r.chunk, r.batch.Len)
	rows := r.high - r.low
	n := rows * len(r.at)
	if len(r.ids) < n {
		r.ids, r.terms = make([]graph.ID, n), make([]graph.Term, n)
	}
	for c, at := range r.at {
		for i := range rows {
			id := graph.None
			if at >= 0 {
				id = r.batch.Cols[at][r.low+i]
			}
			r.ids[i*len(r.at)+c] = id
		}
	}
	if err := r.run.Terms(r.ctx, r.ids[:n], r.terms[:n]); err != nil {
		return err
	}
	bytes := 0
	for _, t := range r.terms[:n] {
		bytes += len(t.Value())
	}
	switch {
	case bytes > fetchText:
		r.chunk = max(1, r.chunk/4)
	case bytes < fetchText/4:
		r.chunk = min(2*r.chunk, plan.BatchRows)
	}
	return nil
}

// Row returns the terms of the row, the zero Term for what is unbound. The slice holds until
// the next call of Next, the terms for longer.
func (r *Rows) Row() []graph.Term {
	low := (r.row - r.low) * len(r.at)
	return r.terms[low : low+len(r.at)]
}

// Err returns what ended the rows early.
func (r *Rows) Err() error { return r.err }

// Close frees what the query holds. It may be called more than once.
func (r *Rows) Close() error {
	if !r.closed {
		r.closed = true
		r.batch.Len, r.high = 0, 0
		r.close()
	}
	return nil
}

// Triples are the answer of a CONSTRUCT or DESCRIBE.
type Triples struct {
	*running
	triples *exec.Triples
	batch   exec.Batch
	row     int // of the batch
	low     int // of the triples that are fetched
	high    int
	ids     []graph.ID
	terms   []graph.Term
	err     error
	closed  bool
}

// Next goes to the next triple, and returns false at the end and on an error.
func (t *Triples) Next() bool {
	t.row++
	if t.row < t.high {
		return true
	}
	if t.err != nil || t.closed {
		return false
	}
	if t.high >= t.batch.Len {
		t.row, t.high = 0, 0
		ok, err := t.triples.Next(t.ctx, &t.batch)
		if err == nil && ok {
			err = t.count(t.batch.Len)
		}
		if !ok || err != nil {
			return t.end(err)
		}
	}
	t.low = t.high
	t.high = min(t.low+2*firstRows, t.batch.Len)
	t.ids = slices.Grow(t.ids[:0], 3*(t.high-t.low))
	for _, col := range t.batch.Cols {
		t.ids = append(t.ids, col[t.low:t.high]...)
	}
	if n := len(t.ids); len(t.terms) < n {
		t.terms = make([]graph.Term, n)
	}
	if err := t.triples.Terms(t.ctx, t.ids, t.terms[:len(t.ids)]); err != nil {
		return t.end(err)
	}
	return true
}

// end notes that there are no more triples.
func (t *Triples) end(err error) bool {
	if err != nil {
		t.err = t.cause(err, "the result")
	}
	t.batch.Len, t.high = 0, 0
	return false
}

// Triple returns the triple.
func (t *Triples) Triple() graph.Triple {
	n, i := t.high-t.low, t.row-t.low
	p, _ := t.terms[n+i].IRI()
	return graph.Triple{S: t.terms[i], P: p, O: t.terms[2*n+i]}
}

// Err returns what ended the triples early.
func (t *Triples) Err() error { return t.err }

// Close frees what the query holds. It may be called more than once.
func (t *Triples) Close() error {
	if !t.closed {
		t.closed = true
		t.batch.Len, t.high = 0, 0
		t.triples.Close()
		t.engine.running.Add(-1)
		t.cancel()
	}
	return nil
}
