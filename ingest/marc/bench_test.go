package marc

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// repeated returns a file of real records as often as it takes to have 20,000.
func repeated(b *testing.B, file string) []byte {
	data, err := os.ReadFile(filepath.Join(shared, file))
	if err != nil {
		b.Skipf("no real records at %s", shared)
	}
	return data
}

func benchmarkRead(b *testing.B, data []byte) {
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	records := 0
	for b.Loop() {
		in, err := NewReader(bytes.NewReader(data), ReadOptions{})
		if err != nil {
			b.Fatal(err)
		}
		for {
			_, err := in.Next()
			if err == io.EOF {
				break
			}
			var bad *BadRecord
			if err != nil && !errors.As(err, &bad) {
				b.Fatal(err)
			}
			records++
		}
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkISO2709(b *testing.B) {
	for _, file := range []string{"bib/uva-2000.mrc", "vietnamese/hcmut-koha-a.mrc", "bib/aco-nnc_20140805.mrc", "bib/hebrew.mrc"} {
		b.Run(filepath.Base(file), func(b *testing.B) { benchmarkRead(b, repeated(b, file)) })
	}
}

func BenchmarkMARCXML(b *testing.B) {
	for _, file := range []string{"bib/m2b-loc_general.xml", "bib/rero-442.xml"} {
		b.Run(filepath.Base(file), func(b *testing.B) { benchmarkRead(b, repeated(b, file)) })
	}
}

func BenchmarkLines(b *testing.B) {
	data, err := os.ReadFile("../../cmd/mocban/demo/classical.mrk")
	if err != nil {
		b.Fatal(err)
	}
	benchmarkRead(b, data)
}
