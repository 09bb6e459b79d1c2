package ingest

import (
	"fmt"
	"testing"

	"mocban/graph"
)

func TestQuadWriterWritesWhatGraphWrites(t *testing.T) {
	w := new(quadWriter)
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
		if got, want := string(w.append([]byte("# "), quads)), fmt.Sprintf("# %s\n%s\n%s\n%s\n", q, q, other, q); got != want {
			t.Fatalf("%q, want %q", got, want)
		}
	}
}
