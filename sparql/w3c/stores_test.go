package w3c

import (
	"context"
	"errors"
	"testing"

	"mocban/graph"
	"mocban/graph/store"
)

// A reused store is emptied, not closed, so that one Badger store serves all tests. That
// tries more than a new one would: what was removed must not be seen again.
type reused struct{ graph.Store }

func (r reused) Close() error {
	ctx := context.Background()
	_, err := r.Update(ctx, func(txn graph.Txn) error {
		names, err := graphs(ctx, txn.Snapshot())
		if err != nil {
			return err
		}
		for _, g := range append(names, graph.Term{}) {
			if err := txn.DropGraph(g); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s, err := r.Snapshot()
	if err != nil {
		return err
	}
	defer s.Close()
	names, err := graphs(ctx, s)
	if n, _, countErr := s.Count(ctx, graph.Pattern{}); n > 0 || len(names) > 0 || countErr != nil {
		return errors.Join(errors.New("the store did not get empty"), err, countErr)
	}
	return err
}

// graphs returns the names of the named graphs.
func graphs(ctx context.Context, s graph.Snapshot) ([]graph.Term, error) {
	c, err := s.Graphs(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var ids []graph.ID
	var b graph.Block
	for c.Next(&b) {
		ids = append(ids, b.Cols[graph.PosG]...)
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	terms := make([]graph.Term, len(ids))
	return terms, s.Terms(ctx, ids, terms)
}

// badger returns what opens a Badger store for a test.
func badger(t testing.TB) func() (graph.Store, error) {
	s, err := store.Open(t.TempDir(), store.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return func() (graph.Store, error) { return reused{s}, nil }
}
