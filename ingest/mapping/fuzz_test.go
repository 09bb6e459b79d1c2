package mapping

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/ingest/marc"
)

// FuzzAppend maps whatever the line form can say: it may be refused, but nothing panics and
// every quad is one that can be written and read back.
func FuzzAppend(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.mrk")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	m, err := New(Options{Base: testBase, Original: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := marc.NewReader(bytes.NewReader(text), marc.ReadOptions{})
		if err != nil {
			return
		}
		for range 3 {
			rec, err := r.Next()
			if err != nil {
				return
			}
			quads, _, err := m.Append(nil, rec)
			if err != nil {
				continue
			}
			for _, q := range quads {
				if err := checkQuad(q); err != nil {
					t.Fatalf("%v: %s", err, q)
				}
			}
			readBack(t, quads)
		}
	})
}

// readBack writes quads as N-Quads and reads them again.
func readBack(t *testing.T, quads []graph.Quad) {
	t.Helper()
	var text bytes.Buffer
	w, err := rdfio.NewWriter(rdfio.NQuads, &text, rdfio.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(quads...); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := rdfio.NewReader(rdfio.NQuads, &text, rdfio.ReadOptions{KeepBlanks: true})
	if err != nil {
		t.Fatal(err)
	}
	got := make([]graph.Quad, 0, len(quads))
	block := make([]graph.Quad, 256)
	for {
		n, err := r.Read(block)
		got = append(got, block[:n]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v behind quad %d: %s", err, len(got), quads[min(len(got), len(quads)-1)])
		}
	}
	if len(got) != len(quads) {
		t.Fatalf("%d quads were written, %d read", len(quads), len(got))
	}
	for i := range got {
		if got[i] != quads[i] {
			t.Fatalf("%s is read as %s", quads[i], got[i])
		}
	}
}
