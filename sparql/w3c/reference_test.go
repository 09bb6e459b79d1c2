package w3c

import (
	"context"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/sparql"
	"mocban/sparql/algebra"
	"mocban/sparql/ref"
	"mocban/sparql/results"
	"mocban/sparql/syntax"
)

// The suites hold the oracle that the engine is compared with.
func TestReference(t *testing.T) {
	r := &Runner{
		Suites: suites(t), RDFXML: readRDFXML, ByValue: true,
		Open: func() (graph.Store, error) { return memstore.New(), nil },
	}
	reasons := map[string]string{
		"sparql10/expr-builtin#dawg-lang-3": "a tag is a term's own as it is written",
	}
	tests, passed := 0, 0
	for _, o := range queryTests(t) {
		if o.Test.Kind != Evaluation {
			continue
		}
		tests++
		r.Answer = func(ctx context.Context, s graph.Snapshot, req sparql.Request) (*Answer, error) {
			return reference(ctx, s, req, o.Test.Version())
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		err := r.Run(ctx, o.Test)
		cancel()
		switch _, isExcused := reasons[o.Test.Key()]; {
		case err == nil:
			passed++
		case !isExcused:
			t.Errorf("%s: %v", o.Test.Key(), err)
		}
	}
	t.Logf("%d of %d", passed, tests)
}

// reference answers a query by package ref, in a version of SPARQL.
func reference(ctx context.Context, s graph.Snapshot, req sparql.Request, version string) (*Answer, error) {
	tree, err := syntax.Options{Base: req.Base, Version: version}.Parse(req.Text)
	if err != nil {
		return nil, err
	}
	q, err := algebra.Translate(tree)
	if err != nil {
		return nil, err
	}
	d, err := ref.Snapshot(ctx, s, true)
	if err != nil {
		return nil, err
	}
	res, err := ref.Run(q, d, ref.Options{})
	if err != nil {
		return nil, err
	}
	a := new(Answer)
	switch q.Form {
	case algebra.Select:
		a.Result = &results.Result{Rows: res.Rows()}
		for _, v := range res.Vars {
			a.Vars = append(a.Vars, string(v))
		}
	case algebra.Ask:
		a.Result = &results.Result{Ask: true, Boolean: res.Boolean}
	default:
		for _, t := range res.Triples {
			a.Triples = append(a.Triples, t.In(graph.Term{}))
		}
	}
	return a, nil
}
