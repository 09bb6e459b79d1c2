package w3c

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"mocban/graph"
	"mocban/sparql"
	"mocban/sparql/algebra"
	"mocban/sparql/results"
	"mocban/sparql/syntax"
)

// A Runner runs tests.
type Runner struct {
	Suites fs.FS // the folder of rdf-tests
	Engine *sparql.Engine
	RDFXML Reader // reads RDF/XML

	// Open returns an empty store, which the runner closes.
	Open func() (graph.Store, error)

	// Bulk loads data the way that large data go. Otherwise they are an update.
	Bulk bool

	// Answer answers queries in place of the engine, if it is set.
	Answer func(ctx context.Context, s graph.Snapshot, r sparql.Request) (*Answer, error)

	// Endpoint returns a store for another endpoint of a test.
	Endpoint func(...graph.Quad) graph.Store

	// Federate returns an engine that asks the endpoints of a test, and what ends them. If it is
	// not set, they are in memory.
	Federate func(*Federation) (*sparql.Engine, func(), error)

	// Change runs updates in place of the engine, if it is set.
	Change func(ctx context.Context, s graph.Store, r sparql.UpdateRequest) error

	// ByValue compares numbers by value and language tags without their case: the suite
	// writes computed ones in more than one way.
	ByValue bool
}

// ErrNotRun tells that a test is of a kind that is not run here.
var ErrNotRun = errors.New("not run")

// Run runs a test. It returns nil if the test passes, and otherwise why not.
func (r *Runner) Run(ctx context.Context, t *Test) error {
	switch t.Kind {
	case PositiveSyntax, NegativeSyntax:
		return r.syntax(t)
	case Evaluation:
		return r.evaluate(ctx, t)
	case PositiveUpdateSyntax, NegativeUpdateSyntax:
		return r.updateSyntax(t)
	case UpdateEvaluation:
		return r.update(ctx, t)
	}
	return fmt.Errorf("%s test: %w", t.Kind, ErrNotRun)
}

// Version is that of SPARQL whose suite the test is of.
func (t *Test) Version() string {
	v, _, _ := strings.Cut(strings.TrimPrefix(t.Group, "sparql"), "/")
	return v[:1] + "." + v[1:]
}

// options say how the text of a test is read: by the version of its suite.
func (t *Test) options() syntax.Options {
	return syntax.Options{Base: t.Query, Version: t.Version()}
}

func (r *Runner) syntax(t *Test) error {
	text, err := readText(r.Suites, t.Query)
	if err != nil {
		return err
	}
	q, err := t.options().Parse(text)
	if err == nil {
		_, err = algebra.Translate(q)
	}
	if t.Kind == PositiveSyntax {
		return err
	}
	if err == nil {
		return errors.New("was read, but is no SPARQL")
	}
	return nil
}

func (r *Runner) evaluate(ctx context.Context, t *Test) (err error) {
	text, err := readText(r.Suites, t.Query)
	if err != nil {
		return err
	}
	tree, err := t.options().Parse(text)
	if err != nil {
		return err
	}
	store, err := r.Open()
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := store.Close(); err == nil {
			err = closeErr
		}
	}()
	if err := r.load(ctx, store, t, tree.Dataset); err != nil {
		return err
	}
	graphs := tree.Form == syntax.ConstructForm || tree.Form == syntax.DescribeForm
	want, err := readAnswer(r.Suites, t.Result, graphs, r.RDFXML)
	if err != nil {
		return err
	}
	want.Ordered = len(tree.OrderBy) > 0
	want.Lax = t.Lax
	want.Valued = r.ByValue
	asker := *r
	if t.Service {
		f, err := r.federation(t)
		if err != nil {
			return err
		}
		asker.Engine, asker.Answer = f.Engine(), nil
		if r.Federate != nil {
			engine, end, err := r.Federate(f)
			if err != nil {
				return err
			}
			defer end()
			asker.Engine = engine
		}
	}
	got, err := asker.ask(ctx, store, sparql.Request{Text: text, Base: t.Query})
	if err != nil {
		return err
	}
	if f, ok := formatOf(t.Result); ok && got.Result != nil {
		if got.Result, err = through(f, got.Result); err != nil {
			return err
		}
	}
	if err := want.Differ(got); err != nil {
		return fmt.Errorf("%w\nwant %s\ngot  %s", err, want, got)
	}
	return nil
}

// load fills a store with the data of a test, and with the graphs that FROM names: those are
// files, too.
func (r *Runner) load(ctx context.Context, store graph.Store, t *Test, from []syntax.DatasetClause) error {
	named := map[graph.IRI]bool{}
	for _, g := range t.Graphs {
		named[g] = true
	}
	for _, c := range from {
		named[c.IRI] = true
	}
	fill := func(to graph.Loader) error {
		for _, file := range t.Data {
			if err := r.add(to, file, graph.Term{}); err != nil {
				return err
			}
		}
		for file := range named {
			if err := r.add(to, file, file.Term()); err != nil {
				return err
			}
		}
		return nil
	}
	if r.Bulk {
		_, err := store.Load(ctx, fill)
		return err
	}
	_, err := store.Update(ctx, func(txn graph.Txn) error { return fill(txn) })
	return err
}

func (r *Runner) add(to graph.Loader, file graph.IRI, g graph.Term) error {
	quads, err := readRDF(r.Suites, file, r.RDFXML)
	if err != nil {
		return err
	}
	if !g.IsZero() {
		for i := range quads {
			quads[i].G = g
		}
		if err := to.CreateGraph(g); err != nil {
			return err
		}
	}
	return to.Add(quads...)
}

// ask runs a query.
func (r *Runner) ask(ctx context.Context, store graph.Store, req sparql.Request) (*Answer, error) {
	s, err := store.Snapshot()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if r.Answer != nil {
		return r.Answer(ctx, s, req)
	}
	q, err := r.Engine.Prepare(req)
	if err != nil {
		return nil, err
	}
	switch q.Form() {
	case algebra.Select:
		return rows(ctx, q, s)
	case algebra.Ask:
		value, err := q.Ask(ctx, s)
		return &Answer{Result: &results.Result{Ask: true, Boolean: value}}, err
	}
	triples, err := q.Graph(ctx, s)
	if err != nil {
		return nil, err
	}
	defer triples.Close()
	a := new(Answer)
	for triples.Next() {
		a.Triples = append(a.Triples, triples.Triple().In(graph.Term{}))
	}
	return a, triples.Err()
}

func rows(ctx context.Context, q *sparql.Query, s graph.Snapshot) (*Answer, error) {
	rows, err := q.Select(ctx, s)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	res := &results.Result{Vars: rows.Vars()}
	for rows.Next() {
		res.Rows = append(res.Rows, append([]graph.Term{}, rows.Row()...))
	}
	return &Answer{Result: res}, rows.Err()
}

// String returns the answer in short, for people.
func (a *Answer) String() string {
	const most = 12
	if a.Result == nil {
		return fmt.Sprint(a.Triples[:min(most, len(a.Triples))])
	}
	if a.Ask {
		return a.form()
	}
	return fmt.Sprintf("%q %v", a.Vars, a.Rows[:min(most, len(a.Rows))])
}
