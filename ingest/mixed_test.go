package ingest

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"mocban/graph/store"
	"mocban/ingest/marc"
)

var (
	mixedFolder  = flag.String("mixed", "", "folder for TestMixedFiles to write mixed.mrc and mixed.xml to")
	mixedRecords = flag.Int("records", 24_000, "how many records the mixed set is repeated to")
)

// aMixed is a record of the mixed set as it came, in both formats.
type aMixed struct{ iso, xml []byte }

// mixedSet returns 1,200 full records of all kinds and many libraries: those of
// ../shared/data/reference-bibframe that stand in its bib folder, too (3,833), at equal
// distances. The MARCXML is that which the converter of the Library of Congress was measured
// with, where text that was MARC-8 is decomposed. The ISO 2709 is that of the library where
// there is one, in MARC-8 or UTF-8, or else made of the MARCXML.
func mixedSet(t testing.TB) []aMixed {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(shared, "reference-bibframe", "*.marcxml.gz"))
	if err != nil || len(files) == 0 {
		t.Skipf("no real records at %s", shared)
	}
	slices.Sort(files)
	var all []aMixed
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".marcxml.gz")
		binary := filepath.Join(shared, "bib", name+".mrc")
		if _, err := os.Stat(binary); err != nil {
			if _, err := os.Stat(filepath.Join(shared, "bib", name+".xml")); err != nil {
				continue
			}
			binary = ""
		}
		all = append(all, mixedOf(t, file, binary)...)
	}
	const n = 1200
	set := make([]aMixed, n)
	for i := range set {
		set[i] = all[i*len(all)/n]
	}
	return set
}

// mixedOf returns the records of one file of MARCXML, and of the file of ISO 2709 that has the
// same, if there is one.
func mixedOf(t testing.TB, file, binary string) (all []aMixed) {
	t.Helper()
	original := map[string][]byte{}
	if binary != "" {
		for _, r := range recordsOf(t, binary) {
			original[r.ID()] = r.Source
		}
	}
	for _, r := range recordsOf(t, file) {
		m := aMixed{xml: r.Source, iso: original[r.ID()]}
		if _, ok := isoID(m.iso); !ok {
			iso, err := r.Append(nil, marc.ISO2709)
			if err != nil {
				continue // too long for it
			}
			m.iso = iso
		}
		if _, ok := isoID(m.iso); ok {
			all = append(all, m)
		}
	}
	return all
}

func recordsOf(t testing.TB, file string) (records []*marc.Record) {
	t.Helper()
	s, err := File(file, marc.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	keep := func(r *marc.Record) error { records = append(records, r); return nil }
	if err := s.Each(keep, func(*marc.BadRecord) {}); err != nil {
		t.Fatal(err)
	}
	return records
}

// isoID returns where the control number stands in a record of ISO 2709. It comes first in
// nearly all of them.
func isoID(r []byte) (id []byte, ok bool) {
	if len(r) < 36 || string(r[24:27]) != "001" || string(r[31:36]) != "00000" {
		return nil, false
	}
	at := bytes.IndexByte(r, 0x1E) + 1
	end := bytes.IndexByte(r[at:], 0x1E)
	return r[at : at+max(end, 0)], end >= 4
}

// xmlID returns where the control number stands in a record of MARCXML.
func xmlID(r []byte) []byte {
	const tag = `<controlfield tag="001">`
	at := bytes.Index(r, []byte(tag)) + len(tag)
	return r[at : at+bytes.IndexByte(r[at:], '<')]
}

// renumber writes a number into a control number, which stays as long as it was.
func renumber(id []byte, n int) {
	number := fmt.Sprintf("%08s", strconv.FormatInt(int64(n), 36))
	copy(id, number[max(0, len(number)-len(id)):])
}

// mixedISO and mixedXML return n records of the mixed set, each with a number of its own.
func mixedISO(set []aMixed, n int) (all []byte) {
	for i := range n {
		r := bytes.Clone(set[i%len(set)].iso)
		id, _ := isoID(r)
		renumber(id, i)
		all = append(all, r...)
	}
	return all
}

func mixedXML(set []aMixed, n int) []byte {
	all := []byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<collection xmlns="` + marc.Namespace + `">` + "\n")
	for i := range n {
		r := bytes.Clone(set[i%len(set)].xml)
		renumber(xmlID(r), i)
		all = append(append(all, r...), '\n')
	}
	return append(all, "</collection>\n"...)
}

// TestMixedFiles writes the mixed set for measurements of the program:
//
//	go test ./ingest -run MixedFiles -mixed /tmp/mixed -records 24000
//	/usr/bin/time mocban map -q -o /dev/null /tmp/mixed/mixed.xml
func TestMixedFiles(t *testing.T) {
	if *mixedFolder == "" {
		t.Skip("no -mixed folder to write to")
	}
	set := mixedSet(t)
	for name, data := range map[string][]byte{
		"mixed.mrc": mixedISO(set, *mixedRecords), "mixed.xml": mixedXML(set, *mixedRecords),
	} {
		if err := os.WriteFile(filepath.Join(*mixedFolder, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d records of %d bytes", name, *mixedRecords, len(data) / *mixedRecords)
	}
}

// BenchmarkMixed maps the mixed set to N-Quads and loads it into a store, on all cores. Besides
// the rate it tells how much processor time a record takes:
//
//	go test ./ingest -run - -bench Mixed [-records 24000] [-cpuprofile cpu.prof]
func BenchmarkMixed(b *testing.B) {
	set := mixedSet(b)
	for _, form := range []struct {
		name string
		data []byte
	}{{"iso2709", mixedISO(set, *mixedRecords)}, {"marcxml", mixedXML(set, *mixedRecords)}} {
		source := Source{Name: form.name, Size: int64(len(form.data)), Open: func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(form.data)), nil
		}}
		p := &Pipeline{Mapper: realMapper(b)}
		b.Run("map/"+form.name, func(b *testing.B) {
			measure(b, func(ctx context.Context) (Report, error) { return p.Map(ctx, io.Discard, source) })
		})
		b.Run("load/"+form.name, func(b *testing.B) {
			measure(b, func(ctx context.Context) (Report, error) {
				s, err := store.Open(b.TempDir(), store.Options{})
				if err != nil {
					return Report{}, err
				}
				r, err := p.Load(ctx, s, source)
				return r, cmp.Or(err, s.Close())
			})
		})
	}
}

// measure tells how many records a run handles in a second, and what each takes.
func measure(b *testing.B, run func(context.Context) (Report, error)) {
	b.Helper()
	runtime.GC()
	var records, quads uint64
	var start, end runtime.MemStats
	runtime.ReadMemStats(&start)
	before := processorSeconds(b)
	for b.Loop() {
		r, err := run(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if r.Mapped == 0 {
			b.Fatalf("nothing was mapped: %+v", r)
		}
		records += r.Mapped
		quads += r.Quads
	}
	n := float64(records)
	b.ReportMetric((processorSeconds(b)-before)/n*1e6, "cpu-µs/record")
	runtime.ReadMemStats(&end)
	b.ReportMetric(float64(end.TotalAlloc-start.TotalAlloc)/n, "bytes/record")
	b.ReportMetric(float64(end.Mallocs-start.Mallocs)/n, "allocs/record")
	b.ReportMetric(n/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(quads)/n, "quads/record")
}

// processorSeconds returns the seconds of processor time that the process has used.
func processorSeconds(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
