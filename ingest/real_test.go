package ingest

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"mocban/graph/store"
	"mocban/ingest/mapping"
	"mocban/ingest/marc"
)

func realMapper(t testing.TB) *mapping.Mapper {
	t.Helper()
	m, err := mapping.New(mapping.Options{Base: "https://data.example.vn/", Source: "EXAMPLE"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Records that nobody here wrote, through the real mapper into the real store: all are
// accounted for, and loading them again changes nothing.
func TestRealRecordsIntoTheRealStore(t *testing.T) {
	for _, folder := range []string{"broken", "authority", "unimarc"} {
		sources, err := Files([]string{filepath.Join(shared, folder)}, true, marc.ReadOptions{})
		if err != nil {
			t.Skipf("no real records at %s", shared)
		}
		s, err := store.Open(t.TempDir(), store.Options{Volatile: true})
		if err != nil {
			t.Fatal(err)
		}
		p := &Pipeline{Mapper: realMapper(t), Quarantine: t.TempDir()}
		first := load(t, p, s, sources...)
		again := load(t, p, s, sources...)
		t.Logf("%s:\n%s", folder, first.Text("en"))
		if again.Version != first.Version {
			t.Errorf("%s: loading again made version %d of %d", folder, again.Version, first.Version)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// catalogue returns the records of a file again and again, each time with other control
// numbers, until there are n.
func catalogue(t testing.TB, file string, n int) []byte {
	data, err := os.ReadFile(filepath.Join(shared, file))
	if err != nil {
		t.Skipf("no real records at %s", shared)
	}
	in, err := marc.NewReader(bytes.NewReader(data), marc.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var records [][]byte
	for {
		r, err := in.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r.Source)
	}
	var all []byte
	for i := range n {
		r := bytes.Clone(records[i%len(records)])
		_, id, _ := bytes.Cut(r, []byte{0x1E}) // 001 comes first
		id = id[:bytes.IndexByte(id, 0x1E)]
		number := fmt.Sprintf("%08s", strconv.FormatInt(int64(i), 36))
		copy(id, number[max(0, len(number)-len(id)):]) // as long as the one that was there
		all = append(all, r...)
	}
	return all
}

// BenchmarkMap is the whole way of `mocban map`: 20,000 records of the University of Virginia
// to N-Quads, on all cores.
func BenchmarkMap(b *testing.B) {
	data := catalogue(b, "bib/uva-2000.mrc", 20_000)
	src := Source{Name: "uva", Size: int64(len(data)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(data)), nil
	}}
	p := &Pipeline{Mapper: realMapper(b)}
	var records, quads uint64
	for b.Loop() {
		r, err := p.Map(b.Context(), io.Discard, src)
		if err != nil {
			b.Fatal(err)
		}
		if r.Mapped != 20_000 {
			b.Fatalf("%+v", r)
		}
		records += r.Mapped
		quads += r.Quads
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(quads)/float64(records), "quads/record")
}

// BenchmarkLoad is the way of `mocban load` into an empty store: the records are read twice,
// mapped and sorted.
func BenchmarkLoad(b *testing.B) {
	const n = 5000
	data := catalogue(b, "bib/uva-2000.mrc", n)
	src := Source{Name: "uva", Size: int64(len(data)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(data)), nil
	}}
	p := &Pipeline{Mapper: realMapper(b)}
	var records uint64
	for b.Loop() {
		s, err := store.Open(b.TempDir(), store.Options{})
		if err != nil {
			b.Fatal(err)
		}
		r, err := p.Load(b.Context(), s, src)
		if err != nil {
			b.Fatal(err)
		}
		records += r.Mapped
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
}
