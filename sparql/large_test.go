package sparql_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"regexp"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/graph/store"
	"mocban/sparql"
	"mocban/sparql/ref/random"
)

// open is what lets the standard choose between answers.
var open = regexp.MustCompile(`LIMIT|OFFSET|SAMPLE|MIN\(|MAX\(|GROUP_CONCAT|REDUCED|BNODE`)

// TestRandomLarge compares the engine over thousands of quads on disk, some of them loaded
// and some changed later, with the engine without rules over the same quads in memory.
func TestRandomLarge(t *testing.T) {
	ctx := context.Background()
	r := rand.New(rand.NewPCG(*randomSeed, 1<<40))
	quads := random.Large(r, 4000)
	naive := memstore.New(quads[:3900]...)
	disk, err := store.Open(t.TempDir(), store.Options{Volatile: true, Memory: 16 << 20, Cache: 16 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	if _, err := disk.Load(ctx, func(l graph.Loader) error { return l.Add(quads[:3000]...) }); err != nil {
		t.Fatal(err)
	}
	if _, err := disk.Update(ctx, func(x graph.Txn) error { return x.Add(quads[2500:]...) }); err != nil {
		t.Fatal(err)
	}
	for _, s := range []graph.Store{naive, disk} {
		if _, err := s.Update(ctx, func(x graph.Txn) error {
			if err := x.Remove(quads[3500:]...); err != nil {
				return err
			}
			return errors.Join(x.Remove(quads[:100]...), x.Add(quads[3600:3700]...))
		}); err != nil {
			t.Fatal(err)
		}
	}
	limits := sparql.Limits{Time: 300 * time.Millisecond, Rows: 20_000}
	compared, rows := 0, 0
	for n := 0; n < *randomQueries/5 && !t.Failed(); n++ {
		text := random.Prefixes + random.Query(r)
		strict := r.IntN(2) == 0
		if open.MatchString(text) {
			continue
		}
		count := func(name string, s graph.Store) (map[string]int, error) {
			a, err := askWithin(allEngines[strict][name], s, text, limits)
			count := map[string]int{}
			for _, row := range a.rows {
				count[place(0, row)]++
			}
			if a.boolean {
				count["true"]++
			}
			return count, err
		}
		var limit *graph.LimitError
		want, err := count("no rules", naive)
		if errors.As(err, &limit) {
			continue
		}
		got, err2 := count("all rules", disk)
		if errors.As(err2, &limit) {
			continue
		}
		compared++
		rows += len(got)
		if err != nil || err2 != nil {
			t.Errorf("%s: %v, %v", text, err, err2)
		}
		for row, n := range want {
			if got[row] != n {
				t.Errorf("%s: %d times %s, want %d", text, got[row], row, n)
				break
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s (strict %v): %d different rows, want %d", text, strict, len(got), len(want))
		}
	}
	t.Logf("%d queries, %d different rows", compared, rows)
}
