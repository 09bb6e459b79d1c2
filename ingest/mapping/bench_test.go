package mapping

import (
	"os"
	"path/filepath"
	"testing"

	"mocban/graph"
	"mocban/ingest/marc"
)

// BenchmarkAppend maps mixed full records (bib/uva-2000.mrc of the shared data, or else our
// demonstration records) on one core.
func BenchmarkAppend(b *testing.B) {
	records := readAll(b, filepath.Join(realData, "bib/uva-2000.mrc"))
	if records == nil {
		records = readAll(b, "../../cmd/mocban/demo/classical.mrk")
	}
	m := newMapper(b)
	var quads []graph.Quad
	made, i := 0, 0
	b.ReportAllocs()
	for b.Loop() {
		quads, _, _ = m.Append(quads[:0], records[i%len(records)])
		made += len(quads)
		i++
	}
	b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(made)/float64(i), "quads/record")
}

func readAll(t testing.TB, file string) (records []*marc.Record) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	r, err := marc.NewReader(f, marc.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		rec, err := r.Next()
		if err != nil {
			return records
		}
		records = append(records, rec)
	}
}
