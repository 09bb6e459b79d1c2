package lc

import (
	"os"
	"testing"

	"mocban/graph"
	"mocban/ingest/marc"
)

// nothing is a sink that counts.
type nothing struct {
	n      int
	blanks int
}

func (s *nothing) Add(graph.Term, graph.IRI, graph.Term) { s.n++ }
func (s *nothing) Blank() graph.Term                     { s.blanks++; return graph.Blank("b") }

// BenchmarkConvert converts mixed full records (bib/uva-2000.mrc of the shared data) on one
// core.
func BenchmarkConvert(b *testing.B) {
	f, err := os.Open("../../../../shared/data/bib/uva-2000.mrc")
	if err != nil {
		b.Skipf("the records are not here: %v", err)
	}
	defer f.Close()
	in, err := marc.NewReader(f, marc.ReadOptions{AsIs: true})
	if err != nil {
		b.Fatal(err)
	}
	var records []*marc.Record
	for {
		r, err := in.Next()
		if err != nil {
			break
		}
		records = append(records, r)
	}
	c := newConverter(b)
	run := c.NewRun()
	s := &nothing{}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		r := records[i%len(records)]
		if err := run.Convert(s, r, c.Record(r)); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(s.n)/float64(i), "triples/record")
}
