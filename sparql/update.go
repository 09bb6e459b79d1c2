package sparql

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/exec"
	"mocban/sparql/expr"
	"mocban/sparql/expr/xsd"
	"mocban/sparql/plan"
	"mocban/sparql/syntax"
)

// An UpdateRequest is an update and what comes with it (SPARQL 1.1 Protocol, 2.2).
type UpdateRequest struct {
	Text string
	Base graph.IRI // against which relative IRIs are resolved; a BASE in the text comes first

	// Using and UsingNamed are the dataset of the protocol. If either is not nil, it is that
	// of every WHERE, and no operation may have USING, USING NAMED or WITH.
	Using, UsingNamed []graph.IRI

	// OneGraph makes Graph what all operations are about, in place of the default graph: the
	// update has no operations on whole graphs, and names graphs nowhere but inside WHERE.
	OneGraph bool
	Graph    graph.Term

	// Source names where the change comes from, see [graph.Txn].
	Source string

	// Limits are those of the whole request. Rows bounds the quads that it removes and adds.
	Limits Limits
}

// An Update is prepared, and may be run any number of times.
type Update struct {
	engine  *Engine
	request UpdateRequest
	limits  Limits
	steps   []step

	examined *atomic.Int64 // nil: nobody watches
}

// Watched returns the update with what counts the rows that its patterns examine, see
// [Query.Watched].
func (u *Update) Watched(examined *atomic.Int64) *Update {
	own := *u
	own.examined = examined
	return &own
}

// A step is one operation: its tree, and the algebra of one that has a WHERE.
type step struct {
	tree   syntax.Operation
	modify *algebra.Modify
}

// ErrUsing tells that both an update and the request that brings it say what WHERE is about
// (SPARQL 1.1 Protocol, 2.2.3).
var ErrUsing = errors.New("using-graph-uri and using-named-graph-uri do not go with USING, USING NAMED or WITH")

// ErrOneGraph tells that an update of one graph is about others.
var ErrOneGraph = errors.New("an update of one graph names no others: no GRAPH in templates and data, no WITH or USING, no operation on whole graphs")

// ErrLoad tells that an update loads a document, which is off.
var ErrLoad = errors.New("LOAD is off")

// A GraphError tells that an operation on a whole graph cannot be done, since the graph is
// there already, or is not. SILENT leaves such an operation out.
type GraphError struct {
	Operation string // "CREATE", "COPY"
	Graph     graph.IRI
	Exists    bool
}

func (e *GraphError) Error() string {
	if e.Exists {
		return fmt.Sprintf("%s: the graph <%s> exists already", e.Operation, e.Graph)
	}
	return fmt.Sprintf("%s: there is no graph <%s>", e.Operation, e.Graph)
}

// PrepareUpdate reads an update request.
func (e *Engine) PrepareUpdate(r UpdateRequest) (*Update, error) {
	tree, err := syntax.Options{Base: r.Base, Version: e.options.Version}.ParseUpdate(r.Text)
	if err != nil {
		return nil, err
	}
	u := &Update{engine: e, request: r, limits: e.limits(r.Limits)}
	for _, o := range tree.Operations {
		if r.OneGraph {
			if o, err = within(o, r.Graph); err != nil {
				return nil, err
			}
		}
		s := step{tree: o}
		switch o := o.(type) {
		case *syntax.Modify:
			if (r.Using != nil || r.UsingNamed != nil) && (len(o.Using) > 0 || o.With != "") {
				return nil, ErrUsing
			}
			s.modify, err = algebra.TranslateModify(o)
		case *syntax.DeleteWhere:
			s.modify = algebra.TranslateDeleteWhere(o)
		}
		if err == nil && s.modify != nil {
			if err = checkPatterns(s.modify.Where.Pattern); err == nil {
				s.modify.Where, err = expand(s.modify.Where)
			}
		}
		if err != nil {
			return nil, err
		}
		u.steps = append(u.steps, s)
	}
	return u, nil
}

// within returns an operation that does to a graph what it would do to the default graph.
func within(o syntax.Operation, g graph.Term) (syntax.Operation, error) {
	quads := func(all []syntax.Quad) (moved []syntax.Quad, err error) {
		for _, q := range all {
			if q.Graph != (syntax.Node{}) {
				return nil, ErrOneGraph
			}
			q.Graph.Term = g
			moved = append(moved, q)
		}
		return moved, nil
	}
	var err error
	switch o := o.(type) {
	case *syntax.InsertData:
		moved := new(syntax.InsertData)
		moved.Quads, err = quads(o.Quads)
		return moved, err
	case *syntax.DeleteData:
		moved := new(syntax.DeleteData)
		moved.Quads, err = quads(o.Quads)
		return moved, err
	case *syntax.DeleteWhere:
		moved := new(syntax.DeleteWhere)
		moved.Quads, err = quads(o.Quads)
		return moved, err
	case *syntax.Modify:
		moved := *o
		if o.With != "" || len(o.Using) > 0 {
			return nil, ErrOneGraph
		}
		if moved.Delete, err = quads(o.Delete); err == nil {
			moved.Insert, err = quads(o.Insert)
		}
		moved.With, _ = g.IRI()
		return &moved, err
	}
	return nil, ErrOneGraph
}

// Run runs the operations in sequence as one change set: all of them are kept, or none. Each
// sees what those before it did.
func (u *Update) Run(ctx context.Context, s graph.Store) (graph.Version, error) {
	return s.Update(ctx, func(t graph.Txn) error { return u.RunIn(ctx, t) })
}

// RunIn is Run within an update of a store. If it fails, the update has to fail, too.
func (u *Update) RunIn(ctx context.Context, t graph.Txn) error {
	limit := &graph.LimitError{Limit: "time", Max: seconds(u.limits.Time)}
	ctx, cancel := context.WithTimeoutCause(ctx, u.limits.Time, limit)
	defer cancel()
	if u.request.Source != "" {
		t.SetSource(u.request.Source)
	}
	r := &updating{u: u, txn: t, account: exec.Account{Max: u.limits.Memory}, blanks: newBlanks()}
	for i, s := range u.steps {
		if err := r.step(ctx, i, s); err != nil {
			if len(u.steps) > 1 {
				err = fmt.Errorf("operation %d: %w", i+1, err)
			}
			return (&running{ctx: ctx}).cause(err, "the update")
		}
	}
	return nil
}

// newBlanks makes labels that no other request and no stored graph uses.
func newBlanks() string {
	var b [10]byte
	rand.Read(b[:]) // which never fails
	return "u" + hex.EncodeToString(b[:])
}

// updating is a request that runs.
type updating struct {
	u       *Update
	txn     graph.Txn
	changed bool         // since the update began
	account exec.Account // what the change set holds
	quads   int64        // removed and added so far
	blanks  string       // prefix of labels
	labels  map[string]graph.Term
	env     *expr.Env // what all operations share
}

// step runs one operation.
func (r *updating) step(ctx context.Context, n int, s step) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.modify != nil {
		return r.modify(ctx, n, s.modify)
	}
	silent := false
	var err error
	switch o := s.tree.(type) {
	case *syntax.InsertData:
		return r.data(ctx, o.Quads, r.add)
	case *syntax.DeleteData:
		return r.data(ctx, o.Quads, r.remove)
	case *syntax.LoadGraph:
		silent, err = o.Silent, r.load(ctx, o)
	case *syntax.ClearGraphs:
		silent, err = o.Silent, r.clear(ctx, o)
	case *syntax.CreateGraph:
		silent, err = o.Silent, r.create(ctx, o)
	case *syntax.CopyGraph:
		silent, err = o.Silent, r.copy(ctx, o)
	default:
		return fmt.Errorf("no way to run a %T", o)
	}
	if silent && forgivable(ctx, err) {
		return nil
	}
	return err
}

// forgivable tells whether SILENT covers an error: one of the operation, before it changed
// anything, and not one of the whole request.
func forgivable(ctx context.Context, err error) bool {
	var g *GraphError
	var l *LoadError
	return ctx.Err() == nil && (errors.As(err, &g) || errors.As(err, &l))
}

// now is the state that the operations so far lead to.
func (r *updating) now() (graph.Snapshot, error) {
	if !r.changed {
		return r.txn.Snapshot(), nil
	}
	return r.txn.Now()
}

// changeBytes is about what a quad of a change set takes until it is committed.
const changeBytes = 300

// take counts quads that are to be removed or added.
func (r *updating) take(n int, where string) error {
	r.changed = true
	r.quads += int64(n)
	if most := r.u.limits.Rows; most > 0 && r.quads > most {
		return &graph.LimitError{Limit: "rows", Max: fmt.Sprintf("%d quads", most), Where: where}
	}
	return r.account.Take(int64(n)*changeBytes, where)
}

func (r *updating) add(quads ...graph.Quad) error {
	if err := r.take(len(quads), "INSERT"); err != nil {
		return err
	}
	return r.txn.Add(quads...)
}

func (r *updating) remove(quads ...graph.Quad) error {
	if err := r.take(len(quads), "DELETE"); err != nil {
		return err
	}
	return r.txn.Remove(quads...)
}

// dataQuads is how many quads are changed at a time.
const dataQuads = 1024

// data is INSERT DATA, or DELETE DATA (SPARQL 1.1 Update, 3.1.1 and 3.1.2).
func (r *updating) data(ctx context.Context, quads []syntax.Quad, change func(...graph.Quad) error) error {
	batch := make([]graph.Quad, 0, min(len(quads), dataQuads))
	for i, q := range quads {
		p, _ := q.Triple.P.Term.IRI()
		batch = append(batch, graph.Quad{S: r.term(q.Triple.S), P: p, O: r.term(q.Triple.O), G: r.term(q.Graph)})
		if len(batch) == dataQuads || i == len(quads)-1 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := change(batch...); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	return nil
}

// term returns a term of data. A blank node is a new one for each label of the request.
func (r *updating) term(n syntax.Node) graph.Term {
	switch {
	case n.Triple != nil:
		p, _ := n.Triple.P.Term.IRI()
		return graph.TripleTerm(graph.Triple{S: r.term(n.Triple.S), P: p, O: r.term(n.Triple.O)})
	case !n.Term.IsBlank():
		return n.Term
	}
	b, ok := r.labels[n.Term.Value()]
	if !ok {
		if r.labels == nil {
			r.labels = map[string]graph.Term{}
		}
		b = graph.Blank(r.blanks + "d" + strconv.FormatInt(int64(len(r.labels)), 36))
		r.labels[n.Term.Value()] = b
	}
	return b
}

// modify is DELETE/INSERT: WHERE is asked once, of the state before (3.1.3).
func (r *updating) modify(ctx context.Context, n int, m *algebra.Modify) error {
	s, err := r.now()
	if err != nil {
		return err
	}
	p, err := plan.Build(ctx, new(counts).of(s), m.Where, r.u.planOptions(m))
	if err != nil {
		return err
	}
	left := &exec.Account{Max: r.u.limits.Memory}
	if err := left.Take(r.account.Held(), "the update"); err != nil {
		return err
	}
	run, err := exec.New(ctx, p, s, exec.Options{Account: left, Env: r.environment(n, m.Where), Batch: r.u.engine.batch,
		Services: r.u.engine.options.Services, Examined: r.u.examined})
	if err != nil {
		return err
	}
	changes, err := run.Changes(ctx, m.Delete, m.Insert)
	if err != nil {
		run.Close()
		return err
	}
	defer changes.Close()
	var removed, added exec.Batch
	for {
		ok, err := changes.Next(ctx, &removed, &added)
		if !ok || err != nil {
			return err
		}
		if err := r.batch(ctx, run, &removed, r.remove); err != nil {
			return err
		}
		if err := r.batch(ctx, run, &added, r.add); err != nil {
			return err
		}
	}
}

// batch changes the quads of a batch.
func (r *updating) batch(ctx context.Context, run *exec.Run, b *exec.Batch, change func(...graph.Quad) error) error {
	if b.Len == 0 {
		return nil
	}
	var terms [4][]graph.Term
	for pos := range terms {
		terms[pos] = make([]graph.Term, b.Len)
		if err := run.Terms(ctx, b.Cols[pos], terms[pos]); err != nil {
			return err
		}
	}
	quads := make([]graph.Quad, b.Len)
	for i := range quads {
		p, _ := terms[graph.PosP][i].IRI()
		quads[i] = graph.Quad{S: terms[graph.PosS][i], P: p, O: terms[graph.PosO][i], G: terms[graph.PosG][i]}
	}
	return change(quads...)
}

// planOptions says what WHERE is asked of: the graphs of the protocol, those of USING, that
// of WITH with the named graphs of the store, or what a query is asked of.
func (u *Update) planOptions(m *algebra.Modify) plan.Options {
	o := plan.Options{Strict: u.engine.options.Strict, Off: u.engine.off, Keeps: true}
	if u.engine.options.Search != nil {
		o.Search = u.engine.options.Search
	}
	switch {
	case u.request.Using != nil || u.request.UsingNamed != nil:
		o.HasDataset, o.Default, o.Named = true, u.request.Using, u.request.UsingNamed
	case m.Where.Dataset != nil:
		o.HasDataset, o.Default, o.Named = true, m.Where.Dataset.Default, m.Where.Dataset.Named
	case u.request.OneGraph && m.With == "":
		o.Strict = true
	case m.With != "":
		o.HasDataset, o.Default, o.AllNamed = true, []graph.IRI{m.With}, true
	}
	return o
}

// environment is what an operation gives its expressions. NOW is the same for all of them.
func (r *updating) environment(n int, q *algebra.Query) expr.Env {
	if r.env == nil {
		var seed [32]byte
		rand.Read(seed[:])
		now := time.Now().UTC()
		r.env = &expr.Env{
			Now:      xsd.DateTime{Seconds: now.Unix(), Nanos: int32(now.Nanosecond() / 1e6 * 1e6)},
			Rand:     mathrand.New(mathrand.NewChaCha8(seed)),
			Patterns: &r.u.engine.patterns,
		}
	}
	env := *r.env
	env.Blanks = &expr.Blanks{Prefix: r.blanks + "o" + strconv.FormatInt(int64(n), 36)}
	base := q.Base
	if base == "" {
		base = r.u.request.Base
	}
	env.Resolve, env.Strict = base.Resolve, syntax.Strict(q.Version)
	return env
}
