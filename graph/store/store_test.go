package store

import (
	"context"
	"math/rand/v2"
	"testing"

	"mocban/graph"
	"mocban/graph/storetest"
)

// opener returns a way to open stores that tests can afford.
func opener(o Options) storetest.Open {
	o.Volatile = true
	return func(t testing.TB, dir string) graph.Store {
		t.Helper()
		s, err := Open(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

func TestConformance(t *testing.T) { storetest.Run(t, opener(Options{})) }

func TestConformanceSmall(t *testing.T) {
	storetest.Run(t, opener(Options{Memory: 1, Cache: 1, foldAt: 1}))
}

func TestHistory(t *testing.T) {
	storetest.History(t, opener(Options{}), rand.Uint64(), 60, true, nil)
}

// With a fold after every few changes and little memory.
func TestHistoryFolds(t *testing.T) {
	storetest.History(t, opener(Options{Memory: 1, Cache: 1 << 16, foldAt: 200}), rand.Uint64(), 60, true,
		func(r *rand.Rand, s graph.Store) graph.Store {
			if r.IntN(5) == 0 {
				if err := s.(*Store).Fold(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			return s
		})
}
