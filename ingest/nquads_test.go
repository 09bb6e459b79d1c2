package ingest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ingest/marc"
)

func TestQuadWriterWritesWhatGraphWrites(t *testing.T) {
	w, spare := new(quadWriter), new(spares)
	for i := range 5000 {
		iri := graph.IRI(fmt.Sprintf("https://data.example.vn/%d/%d", i%1700, i%3))
		q := graph.Quad{S: iri.Term(), P: iri + "#p", O: graph.Text("\"ệ\"\n", "vi"), G: graph.IRI("https://data.example.vn/a b>").Term()}
		switch i % 4 {
		case 1:
			q.S, q.O = graph.Blank("b1"), iri.Term()
		case 2:
			q.G = graph.Term{}
		}
		other := graph.Quad{S: iri.Term(), P: iri, O: q.S}
		quads := []graph.Quad{q, q, other, q}
		pages := w.append(nil, quads, spare)
		if got, want := string(bytes.Join(pages, nil)), fmt.Sprintf("%s\n%s\n%s\n%s\n", q, q, other, q); got != want {
			t.Fatalf("%q, want %q", got, want)
		}
		spare.take(pages)
	}
}

// What fills many pages, and lines that are longer than a page, are written whole; pages are
// used again, those that grew for a line are not.
func TestPages(t *testing.T) {
	w, spare := new(quadWriter), new(spares)
	for _, length := range []int{0, 1, 100, pageReserve, pageBytes, 3 * pageBytes} {
		var pages [][]byte
		var want strings.Builder
		for i := range 40 {
			s := graph.Blank(fmt.Sprint("b", i))
			quads := []graph.Quad{
				{S: s, P: "p:short", O: graph.String("x")},
				{S: s, P: "p:long", O: graph.String(strings.Repeat("ệ", length))},
			}
			for n := range 50 {
				quads = append(quads, graph.Quad{S: s, P: "p:many", O: graph.String(fmt.Sprint(n))})
			}
			pages = w.append(pages, quads, spare)
			for _, q := range quads {
				fmt.Fprintln(&want, q)
			}
		}
		if got := string(bytes.Join(pages, nil)); got != want.String() {
			t.Fatalf("with texts of %d characters: %d bytes, want %d", length, len(got), want.Len())
		}
		spare.take(pages)
	}
	if len(spare.idle) == 0 {
		t.Error("no page is used again")
	}
	for _, p := range spare.idle {
		if cap(p) != pageBytes || len(p) > 0 {
			t.Errorf("a spare page has %d bytes of %d", len(p), cap(p))
		}
	}
	if n := testing.AllocsPerRun(10, func() {
		spare.take(w.append(make([][]byte, 0, 8), []graph.Quad{{S: graph.Blank("b"), P: "p:p", O: graph.String("x")}}, spare))
	}); n > 1 {
		t.Errorf("%v allocations where a page is spare", n)
	}
}

// BenchmarkQuadWriter writes the quads of 200 records of the mixed set.
func BenchmarkQuadWriter(b *testing.B) {
	m := realMapper(b)
	var records [][]graph.Quad
	made := 0
	for i, one := range mixedSet(b) {
		if i%6 > 0 {
			continue
		}
		in, err := marc.NewReader(bytes.NewReader(one.iso), marc.ReadOptions{})
		if err != nil {
			b.Fatal(err)
		}
		r, err := in.Next()
		if err != nil {
			continue
		}
		quads, _, err := m.Append(nil, r)
		if err != nil {
			b.Fatal(err)
		}
		records, made = append(records, quads), made+len(quads)
	}
	w, spare := new(quadWriter), new(spares)
	var pages [][]byte
	bytes := 0
	for b.Loop() {
		for _, quads := range records {
			pages = w.append(pages[:0], quads, spare)
			for _, p := range pages {
				bytes += len(p)
			}
			spare.take(pages)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*made), "ns/quad")
	b.ReportMetric(float64(bytes)/float64(b.N*made), "bytes/quad")
}
