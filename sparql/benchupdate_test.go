package sparql_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/store"
	"mocban/sparql"
)

// BenchmarkDeleteWhere removes 100,000 triples of a property from a store of twice as many on
// disk, and counts the triples removed in a second.
func BenchmarkDeleteWhere(b *testing.B) {
	const n = 100_000
	e := sparql.New(sparql.Options{Strict: true, Limits: sparql.Limits{Memory: 4 << 30, Time: 1 << 40}})
	for range b.N {
		b.StopTimer()
		s, err := store.Open(b.TempDir(), store.Options{Volatile: true})
		if err != nil {
			b.Fatal(err)
		}
		_, err = s.Load(context.Background(), func(l graph.Loader) error {
			for i, q := range numbers(n) {
				other := graph.Quad{S: q.S, P: ex + "of", O: (ex + graph.IRI(fmt.Sprint("g", i%1000))).Term()}
				if err := l.Add(q, other); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		u, err := e.PrepareUpdate(sparql.UpdateRequest{Text: prefixes + "DELETE WHERE { ?s :p ?o }"})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, err := u.Run(context.Background(), s); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "triples/s")
}

// BenchmarkInsertData adds a hundred triples a request to a store on disk, without waiting for
// the disk.
func BenchmarkInsertData(b *testing.B) {
	s, err := store.Open(b.TempDir(), store.Options{Volatile: true})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	e := sparql.New(sparql.Options{})
	for i := range b.N {
		var text strings.Builder
		text.WriteString(prefixes + "INSERT DATA {\n")
		for k := range 10 {
			fmt.Fprintf(&text, ":w%d_%d a bf:Work ; bf:title \"Truyện %d\"@vi ; :by :a%d ; :year %d ; :isbn \"978%d%d\" ; :p1 1, 2, 3, 4, 5 .\n", i, k, i, i%100, 1900+k, i, k)
		}
		text.WriteString("}")
		u, err := e.PrepareUpdate(sparql.UpdateRequest{Text: text.String()})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := u.Run(context.Background(), s); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(100*float64(b.N)/b.Elapsed().Seconds(), "triples/s")
}
