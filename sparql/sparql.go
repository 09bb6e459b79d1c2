// Package sparql answers SPARQL queries from a snapshot. It is the only door to the packages
// below it: text becomes a tree (syntax), the tree algebra, the algebra a plan, and the plan
// runs (exec).
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
//   - A mistake in the text is a *syntax.Error with line and column, from Prepare.
//   - Nothing is fetched: SERVICE fails unless it is SILENT.
package sparql

import (
	"context"
	"errors"
	"time"

	"mocban/graph"
	"mocban/sparql/algebra"
)

// Options are those of an Engine. The zero value is for a public endpoint of a library.
type Options struct {
	// Strict makes the default graph of a query the default graph of the store alone.
	// Otherwise it is the union of all graphs, each triple once.
	Strict bool

	// Limits are those of every query, unless its request has lower ones.
	Limits Limits
}

// Limits bound one query. Zero means the default of the engine: 30 s, 512 MiB, and no bound
// on rows.
type Limits struct {
	Time   time.Duration
	Memory int64 // bytes that operators hold at one time
	Rows   int64 // of the result
}

// An Engine prepares queries. Any number of goroutines may use it.
type Engine struct{ options Options }

// New returns an engine.
func New(o Options) *Engine { return &Engine{options: o} }

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
type Query struct{ algebra *algebra.Query }

var errUnfinished = errors.New("not built yet")

// Prepare reads a query.
func (e *Engine) Prepare(r Request) (*Query, error) { return nil, errUnfinished }

// Form tells what the query asks for.
func (q *Query) Form() algebra.Form { return q.algebra.Form }

// Vars returns the columns of a SELECT, in order.
func (q *Query) Vars() []string { return nil }

// Volatile tells whether two runs on one snapshot may differ: the query uses NOW, RAND,
// UUID and the like, so its answer must not be cached.
func (q *Query) Volatile() bool { return false }

// Select runs a SELECT.
func (q *Query) Select(ctx context.Context, s graph.Snapshot) (*Rows, error) {
	return nil, errUnfinished
}

// Ask runs an ASK.
func (q *Query) Ask(ctx context.Context, s graph.Snapshot) (bool, error) {
	return false, errUnfinished
}

// Graph runs a CONSTRUCT or DESCRIBE. The triples are a set; blank nodes keep the labels of
// the store.
func (q *Query) Graph(ctx context.Context, s graph.Snapshot) (*Triples, error) {
	return nil, errUnfinished
}

// Explain returns the plan as text, and with run also what each of its nodes did.
func (q *Query) Explain(ctx context.Context, s graph.Snapshot, run bool) (string, error) {
	return "", errUnfinished
}

// Rows are the solutions of a SELECT.
type Rows struct{}

// Vars returns the columns.
func (r *Rows) Vars() []string { return nil }

// Next goes to the next row, and returns false at the end and on an error.
func (r *Rows) Next() bool { return false }

// Row returns the terms of the row, the zero Term for what is unbound. The slice holds until
// the next call of Next, the terms for longer.
func (r *Rows) Row() []graph.Term { return nil }

// Err returns what ended the rows early.
func (r *Rows) Err() error { return nil }

// Close frees what the query holds. It may be called more than once.
func (r *Rows) Close() error { return nil }

// Triples are the answer of a CONSTRUCT or DESCRIBE.
type Triples struct{}

// Next goes to the next triple, and returns false at the end and on an error.
func (t *Triples) Next() bool { return false }

// Triple returns the triple.
func (t *Triples) Triple() graph.Triple { return graph.Triple{} }

// Err returns what ended the triples early.
func (t *Triples) Err() error { return nil }

// Close frees what the query holds. It may be called more than once.
func (t *Triples) Close() error { return nil }
