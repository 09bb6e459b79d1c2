package storetest_test

import (
	"math/rand/v2"
	"testing"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/graph/storetest"
)

func openMemory(t testing.TB, dir string) graph.Store { return memstore.New() }

func TestMemory(t *testing.T) { storetest.Run(t, openMemory) }

func TestMemoryHistory(t *testing.T) {
	storetest.History(t, openMemory, rand.Uint64(), 40, false, nil)
}
