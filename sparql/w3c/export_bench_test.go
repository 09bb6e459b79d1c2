package w3c

import (
	"context"
	"fmt"
	"io"
	"testing"

	"mocban/graph"
	"mocban/sparql"
	"mocban/sparql/results"
	"mocban/vocab/xsd"
)

// A whole graph as JSON: 60,000 works with title and year, three columns, from the Badger
// store through the engine and the writer.
func BenchmarkExport(b *testing.B) {
	const works = 60_000
	store, err := badger(b)()
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	if _, err := store.Load(ctx, func(l graph.Loader) error {
		for i := range works {
			w := graph.IRI(fmt.Sprintf("http://example.org/id/work/%010d", i)).Term()
			if err := l.Add(
				graph.Quad{S: w, P: "http://e/title", O: graph.Text(fmt.Sprintf("Truyện Kiều, bản in lần thứ %d", i), "vi")},
				graph.Quad{S: w, P: "http://e/year", O: graph.Literal(fmt.Sprint(1800+i%220), xsd.Integer)},
			); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	s, err := store.Snapshot()
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	q, err := sparql.New(sparql.Options{Strict: true}).Prepare(sparql.Request{Text: "SELECT ?w ?t ?y { ?w <http://e/title> ?t ; <http://e/year> ?y }"})
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range results.Formats {
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rows, err := q.Select(ctx, s)
				if err != nil {
					b.Fatal(err)
				}
				w, err := results.NewWriter(f, io.Discard)
				if err != nil {
					b.Fatal(err)
				}
				w.Begin(rows.Vars())
				for rows.Next() {
					w.Row(rows.Row())
				}
				if err := rows.Err(); err != nil {
					b.Fatal(err)
				}
				w.Close()
				rows.Close()
			}
			b.ReportMetric(works*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
