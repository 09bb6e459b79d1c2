package sparql_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"mocban/graph/canon"
	"mocban/graph/memstore"
	"mocban/sparql"
)

// FuzzUpdate runs what reads as an update. One that fails leaves the store as it was.
func FuzzUpdate(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		for _, s := range readScript(f, file) {
			if s.word == "update" {
				f.Add(s.text())
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		quads := numbers(5)
		quads[0].G, quads[1].O = (ex + "g").Term(), quads[0].S
		s := memstore.New(quads...)
		u, err := sparql.New(sparql.Options{}).PrepareUpdate(sparql.UpdateRequest{
			Text: prefixes + text, Base: ex, Limits: sparql.Limits{Time: time.Second, Memory: 1 << 20, Rows: 1000},
		})
		if err != nil {
			return
		}
		if _, err := u.Run(context.Background(), s); err == nil {
			return
		}
		if !canon.Isomorphic(quadsOf(t, s), quadsOf(t, memstore.New(quads...))) {
			t.Fatalf("%s fails, and changes something", text)
		}
	})
}
