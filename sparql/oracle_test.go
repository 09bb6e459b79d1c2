package sparql_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/memstore"
	"mocban/sparql/algebra"
	"mocban/sparql/ref"
	"mocban/sparql/syntax"
)

// TestScriptsOracle runs the scripts on the oracle: they hold it as they hold the engine.
func TestScriptsOracle(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	answers := 0
	for _, file := range files {
		var store graph.Store
		var query string
		strict := false
		updater := new(ref.Updater)
		var failed error // of the last update
		for _, s := range readScript(t, file) {
			switch s.word {
			case "load":
				store, strict = load(t, s.text()), false
			case "library":
				n, err := strconv.Atoi(s.text())
				if err != nil {
					t.Fatalf("%s:%d: %v", file, s.line, err)
				}
				store, strict = library(n), false
			case "empty graph":
				createGraph(t, store, s.lines[0])
			case "strict":
				strict = true
			case "update":
				updater.Strict = strict
				next, err := oracleUpdate(updater, store, prefixes+s.text())
				if failed = err; err == nil {
					store = next
				}
			case "quads":
				answers++
				if got := quadsOf(t, store); failed != nil || !canon.Isomorphic(got, quadsOf(t, withGraphs(t, s.text()))) {
					t.Errorf("%s:%d: %v, got\n%v", file, s.line, failed, got)
				}
			case "fails":
				answers++
				if failed == nil {
					t.Errorf("%s:%d: it does not", file, s.line)
				}
			case "query":
				query = prefixes + s.text()
			case "rows", "ordered", "true", "false", "triples":
				answers++
				if err := checkOracle(store, strict, query, s); err != nil {
					t.Errorf("%s:%d: %v", file, s.line, err)
				}
			}
		}
	}
	t.Logf("%d answers", answers)
}

// oracleUpdate returns a store that holds what an update makes of another.
func oracleUpdate(u *ref.Updater, from graph.Store, text string) (graph.Store, error) {
	tree, err := syntax.ParseUpdate(text)
	if err != nil {
		return nil, err
	}
	before, err := oracleStore(from)
	if err != nil {
		return nil, err
	}
	after, err := u.Update(tree, before)
	if err != nil {
		return nil, err
	}
	to := memstore.New(slices.Collect(maps.Keys(after.Quads))...)
	_, err = to.Update(context.Background(), func(x graph.Txn) error {
		for g := range after.Graphs {
			if err := x.CreateGraph(g); err != nil {
				return err
			}
		}
		return nil
	})
	return to, err
}

// oracleStore reads a store.
func oracleStore(from graph.Store) (*ref.Store, error) {
	snap, err := from.Snapshot()
	if err != nil {
		return nil, err
	}
	defer snap.Close()
	d, err := ref.Snapshot(context.Background(), snap, true)
	if err != nil {
		return nil, err
	}
	s := &ref.Store{Quads: map[graph.Quad]bool{}, Graphs: map[graph.Term]bool{}}
	for _, t := range d.Default.Triples {
		s.Quads[t.In(graph.Term{})] = true
	}
	for name, g := range d.Named {
		s.Graphs[name] = true
		for _, t := range g.Triples {
			s.Quads[t.In(name)] = true
		}
	}
	return s, nil
}

func checkOracle(store graph.Store, strict bool, text string, s *section) error {
	snap, err := store.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	d, err := ref.Snapshot(context.Background(), snap, strict)
	if err != nil {
		return err
	}
	tree, err := syntax.Parse(text)
	if err != nil {
		return err
	}
	q, err := algebra.Translate(tree)
	if err != nil || q.Form == algebra.Describe {
		return err // what DESCRIBE gives is for the engine to say
	}
	res, err := ref.Run(q, d, ref.Options{})
	if err != nil {
		return err
	}
	width := len(q.Vars)
	got := res.Rows()
	switch q.Form {
	case algebra.Ask:
		if fmt.Sprint(res.Boolean) != s.word {
			return fmt.Errorf("the answer is %v", res.Boolean)
		}
		return nil
	case algebra.Construct:
		width, got = 3, nil
		for _, t := range res.Triples {
			got = append(got, []graph.Term{t.S, t.P.Term(), t.O})
		}
	}
	want, err := expected(s.lines, width)
	if err != nil {
		return err
	}
	if !sameRows(got, want, s.word == "ordered", map[graph.Term]graph.Term{}) {
		return fmt.Errorf("got\n%s", table(got))
	}
	return nil
}
