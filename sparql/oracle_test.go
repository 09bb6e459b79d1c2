package sparql_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"testing"

	"mocban/graph"
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
