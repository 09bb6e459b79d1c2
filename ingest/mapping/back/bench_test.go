package back_test

import (
	"path/filepath"
	"testing"

	"mocban/graph"
	"mocban/ingest/mapping"
	"mocban/ingest/mapping/back"
	"mocban/ingest/marc"
)

// BenchmarkMake makes records of triples, of 99 records of the Library of Congress and of
// 146 in two scripts.
func BenchmarkMake(b *testing.B) {
	files, _ := filepath.Glob(filepath.Join(shared, "reference-reverse", "*.marcxml.gz"))
	if len(files) == 0 {
		b.Skipf("the records of %s are not here", shared)
	}
	maker, err := back.New()
	if err != nil {
		b.Fatal(err)
	}
	m, err := mapping.New(mapping.Options{Base: "http://example.org/", Source: "TEST"})
	if err != nil {
		b.Fatal(err)
	}
	var all [][]graph.Quad
	var originals []*marc.Record
	for _, f := range files {
		for _, r := range records(b, filepath.Join(shared, "reference-bibframe", filepath.Base(f))) {
			quads, _, err := m.Append(nil, r)
			if err != nil {
				b.Fatal(err)
			}
			all, originals = append(all, quads), append(originals, r)
		}
	}
	b.Run("triples", func(b *testing.B) {
		for i := range b.N {
			if _, err := maker.Make(all[i%len(all)]); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
	})
	b.Run("unedited", func(b *testing.B) {
		var was []graph.Quad
		for i := range b.N {
			k := i % len(all)
			was, _, _ = m.Append(was[:0], originals[k])
			if e, err := maker.Edit(originals[k], was, all[k]); err != nil || len(e.Changed) > 0 {
				b.Fatal(err, e.Changed)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
	})
	b.Run("edited", func(b *testing.B) {
		var was []graph.Quad
		for i := range b.N {
			k := i % len(all)
			was, _, _ = m.Append(was[:0], originals[k])
			if _, err := maker.Edit(originals[k], was, all[k][:len(all[k])-len(all[k])/8]); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
	})
}
