package sparql_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/memstore"
	"mocban/graph/store"
	"mocban/sparql"
	"mocban/sparql/ref"
	"mocban/sparql/ref/random"
	"mocban/sparql/syntax"
)

// updatesPerData is how many updates are made of one beginning.
const updatesPerData = 8

// TestRandomUpdates compares the engine, over the naive store and over the one on disk, with
// the oracle: what updates made by chance leave behind, one after the other.
func TestRandomUpdates(t *testing.T) {
	skipped, failing, changed := 0, 0, 0
	disk, err := store.Open(t.TempDir(), store.Options{Volatile: true, Memory: 1 << 20, Cache: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	for n := range *randomQueries / 20 {
		seed := *randomSeed + uint64(n)
		r := rand.New(rand.NewPCG(seed, 7))
		quads, named := random.Data(r, 10+r.IntN(30))
		if err := runUpdate(sparql.New(sparql.Options{}), disk, "DROP ALL"); err != nil {
			t.Fatal(err)
		}
		stores := map[string]graph.Store{"in memory": new(memstore.Store), "on disk": disk}
		for _, s := range stores {
			if _, err := worldOf(s, quads, named, true); err != nil {
				t.Fatal(err)
			}
		}
		want, err := oracleStore(stores["in memory"])
		if err != nil {
			t.Fatal(err)
		}
		o := &ref.Updater{Strict: r.IntN(2) == 0, Work: 200_000}
		for range updatesPerData {
			text := random.Prefixes + random.Update(r)
			tree, err := syntax.ParseUpdate(text)
			if err != nil {
				t.Fatal(err)
			}
			o.Chosen = false
			next, err := o.Update(tree, want)
			if errors.Is(err, ref.ErrTooMuch) || o.Chosen {
				skipped++
				continue
			}
			if err != nil {
				failing++
				next = want
			}
			if len(next.Quads) != len(want.Quads) {
				changed++
			}
			for place, s := range stores {
				names := engineNames(r)
				e := allEngines[o.Strict][names[r.IntN(len(names))]]
				if got := runUpdate(e, s, text); (got == nil) != (err == nil) {
					t.Fatalf("seed %d, %s: %v, want %v\n%s", seed, place, got, err, text)
				}
				if got := quadsOf(t, s); !canon.Isomorphic(got, oracleQuads(next)) {
					t.Fatalf("seed %d, %s:\n%s\nof %v\nmakes %v\nwant %v", seed, place, text, oracleQuads(want), got, oracleQuads(next))
				}
			}
			want = next
		}
	}
	t.Logf("%d updates skipped, %d failed, %d changed how much there is", skipped, failing, changed)
}

// oracleQuads returns what quadsOf does.
func oracleQuads(s *ref.Store) (quads []graph.Quad) {
	for q := range s.Quads {
		quads = append(quads, q)
	}
	for g := range s.Graphs {
		quads = append(quads, graph.Quad{S: g, P: "urn:is", O: graph.String("a graph"), G: g})
	}
	return quads
}
