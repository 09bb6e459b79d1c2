package rdfio_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"testing"

	"mocban/graph"
	"mocban/graph/rdfio"
)

// A file of N-Triples to measure with, such as the library of the bench. Without it, a
// small one is made.
var benchFile = flag.String("nt", "", "N-Triples file for benchmarks")

func benchData(b *testing.B) []byte {
	if *benchFile != "" {
		data, err := os.ReadFile(*benchFile)
		if err != nil {
			b.Fatal(err)
		}
		return data
	}
	var out bytes.Buffer
	for i := range 20000 {
		s := fmt.Sprintf("<https://lod.example/instance/i%07d>", i)
		fmt.Fprintf(&out, "%s <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://id.loc.gov/ontologies/bibframe/Instance> .\n", s)
		fmt.Fprintf(&out, "%s <http://id.loc.gov/ontologies/bibframe/title> _:t%d .\n", s, i)
		fmt.Fprintf(&out, "_:t%d <http://id.loc.gov/ontologies/bibframe/mainTitle> \"Truyện thơ Nôm, tập %d\"@vi .\n", i, i)
		fmt.Fprintf(&out, "%s <https://schema.org/datePublished> \"%d\"^^<http://www.w3.org/2001/XMLSchema#gYear> .\n", s, 1900+i%120)
		fmt.Fprintf(&out, "%s <https://schema.org/publisher> <https://lod.example/agent/a%06d> .\n", s, i%977)
	}
	return out.Bytes()
}

var benchPrefixes = map[string]graph.IRI{
	"bf": "http://id.loc.gov/ontologies/bibframe/", "schema": "https://schema.org/", "rdf": rdfNS,
	"xsd": "http://www.w3.org/2001/XMLSchema#", "work": "https://lod.thuvien.example/work/",
	"rdfs": "http://www.w3.org/2000/01/rdf-schema#", "dcterms": "http://purl.org/dc/terms/",
	"owl": "http://www.w3.org/2002/07/owl#", "skos": "http://www.w3.org/2004/02/skos/core#",
}

func BenchmarkRead(b *testing.B) {
	data := benchData(b)
	quads := parse2(b, data)
	for _, f := range rdfio.Formats {
		b.Run(f.Extension, func(b *testing.B) {
			data := data
			if f != rdfio.NTriples && f != rdfio.NQuads {
				data = write(b, f, quads)
			}
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			buf := make([]graph.Quad, 1024)
			for b.Loop() {
				r, err := rdfio.NewReader(f, bytes.NewReader(data), rdfio.ReadOptions{})
				if err != nil {
					b.Skip(err)
				}
				n := 0
				for {
					m, err := r.Read(buf)
					n += m
					if err == io.EOF {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
				}
				if n != len(quads) {
					b.Fatalf("%d triples, not %d", n, len(quads))
				}
			}
			b.ReportMetric(float64(len(quads))*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mtriples/s")
		})
	}
}

func BenchmarkScanParallel(b *testing.B) {
	data := benchData(b)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	var n atomic.Int64
	for b.Loop() {
		err := rdfio.ScanParallel(b.Context(), rdfio.NTriples, bytes.NewReader(data), rdfio.ReadOptions{}, func(_ int, q []graph.Quad) error {
			n.Add(int64(len(q)))
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n.Load())/b.Elapsed().Seconds()/1e6, "Mtriples/s")
}

func BenchmarkWrite(b *testing.B) {
	quads := parse2(b, benchData(b))
	for _, f := range rdfio.Formats {
		b.Run(f.Extension, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w, err := rdfio.NewWriter(f, io.Discard, rdfio.WriteOptions{Prefixes: benchPrefixes})
				if err != nil {
					b.Skip(err)
				}
				if err := w.Write(quads...); err != nil {
					b.Fatal(err)
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(quads))*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mtriples/s")
		})
	}
}

func parse2(b *testing.B, data []byte) (quads []graph.Quad) {
	r, err := rdfio.NewReader(rdfio.NTriples, bytes.NewReader(data), rdfio.ReadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	buf := make([]graph.Quad, 1024)
	for {
		n, err := r.Read(buf)
		if err == io.EOF {
			return quads
		}
		if err != nil {
			b.Fatal(err)
		}
		quads = append(quads, buf[:n]...)
	}
}

func write(b *testing.B, f *rdfio.Format, quads []graph.Quad) []byte {
	var out bytes.Buffer
	w, err := rdfio.NewWriter(f, &out, rdfio.WriteOptions{Prefixes: benchPrefixes})
	if err != nil {
		b.Skip(err)
	}
	if err := w.Write(quads...); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}
