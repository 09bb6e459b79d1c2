package w3c

import (
	"context"
	"fmt"

	"mocban/graph"
	"mocban/sparql"
	"mocban/sparql/algebra"
	"mocban/sparql/results"
)

// A Federation is endpoints in memory, each with a store of its own. They may ask each other.
type Federation struct {
	Stores map[graph.IRI]graph.Store
	engine *sparql.Engine
}

// Engine returns an engine that asks the endpoints.
func (f *Federation) Engine() *sparql.Engine {
	if f.engine == nil {
		f.engine = sparql.New(sparql.Options{Strict: true, Services: f})
	}
	return f.engine
}

// Select implements sparql.Services.
func (f *Federation) Select(ctx context.Context, endpoint graph.IRI, query string) (*results.Result, error) {
	store, ok := f.Stores[endpoint]
	if !ok {
		return nil, fmt.Errorf("nobody answers at %s", endpoint)
	}
	s, err := store.Snapshot()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	q, err := f.Engine().Prepare(sparql.Request{Text: query})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", query, err)
	}
	if q.Form() != algebra.Select {
		return nil, fmt.Errorf("asked for %s", q.Form())
	}
	a, err := rows(ctx, q, s)
	if err != nil {
		return nil, err
	}
	return a.Result, nil
}

// services reads what qt:serviceData lists.
func (m manifest) services(action graph.Term) (all map[graph.IRI][]graph.IRI) {
	for _, s := range m.get(action, qt+"serviceData") {
		if all == nil {
			all = map[graph.IRI][]graph.IRI{}
		}
		endpoint, _ := m.one(s, qt+"endpoint").IRI()
		all[endpoint] = m.iris(s, qt+"data")
	}
	return all
}

// federation makes the endpoints of a test.
func (r *Runner) federation(t *Test) (*Federation, error) {
	f := &Federation{Stores: map[graph.IRI]graph.Store{}}
	for endpoint, files := range t.Services {
		d, err := r.read(Files{Data: files})
		if err != nil {
			return nil, err
		}
		f.Stores[endpoint] = r.Endpoint(d.quads...)
	}
	return f, nil
}
