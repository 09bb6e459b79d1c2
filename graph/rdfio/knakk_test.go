package rdfio_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/rdfio"
)

// Recheck understands all that we write, in whatever order, and finds what is not written
// as it should be.
func TestRecheck(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, f := range []*rdfio.Format{rdfio.NTriples, rdfio.NQuads} {
		for range 50 {
			quads := randomLibrary(rng, 100)
			if !f.Quads {
				quads = withoutGraphs(quads)
			}
			data := writeAll(t, f, rdfio.WriteOptions{}, quads...)
			n, err := rdfio.Recheck(t.Context(), f, bytes.NewReader(data))
			if err != nil || n != uint64(len(quads)) {
				t.Fatalf("%s: %d lines of %d: %v\n%s", f, n, len(quads), err, data)
			}
			if ours := parse(t, f, data, rdfio.ReadOptions{}); !canon.Isomorphic(ours, quads) {
				t.Fatalf("%s\nis read as\n%v", data, ours)
			}
		}
	}
	good := "<http://x/a> <http://x/p> \"b\" <http://x/g> .\n"
	for _, bad := range []string{
		"<http://x/a> <http://x/p> \"\\u0062\" <http://x/g> .\n", // not canonical
		"<http://x/a> <http://x/p> \"b\" <http://x/g>\n",
		"<http://x/a> <http://x/p> <http://x/g> .\n\n",
	} {
		n, err := rdfio.Recheck(t.Context(), rdfio.NQuads, strings.NewReader(strings.Repeat(good, 1500)+bad))
		if err == nil || n < 1500 || !strings.Contains(err.Error(), "line 150") {
			t.Errorf("%q: %d lines, %v", bad, n, err)
		}
	}
	if _, err := rdfio.Recheck(t.Context(), rdfio.Turtle, strings.NewReader(good)); !errors.Is(err, rdfio.ErrFormat) {
		t.Errorf("Turtle: %v", err)
	}
}

// randomLibrary makes quads of everything that the line formats hold.
func randomLibrary(rng *rand.Rand, n int) (quads []graph.Quad) {
	pick := func(words ...string) string { return words[rng.IntN(len(words))] }
	text := func() string {
		var b strings.Builder
		for range rng.IntN(6) {
			b.WriteString(pick("Truyện ", "傳翹", "\"", "\\", "\n", "\r", "\t", "\u007f", "𠀀", "a", "é", "\u0301", "'", " . ", "# ", "<x>", "\u2028"))
		}
		return b.String()
	}
	iri := func() graph.IRI {
		return graph.IRI("http://lib.example/" + pick("", "a", "truyện/", "%20", "#", "?q=", "a/../b", "~", "(1)") + fmt.Sprint(rng.IntN(9)))
	}
	blank := func() graph.Term { return graph.Blank(pick("b", "B1", "x-y", "t") + fmt.Sprint(rng.IntN(5))) }
	for range n {
		q := graph.Quad{S: iri().Term(), P: iri()}
		if rng.IntN(3) == 0 {
			q.S = blank()
		}
		switch rng.IntN(5) {
		case 0:
			q.O = iri().Term()
		case 1:
			q.O = blank()
		case 2:
			q.O = graph.Text(text(), pick("vi", "en-GB", "vi-Hani", "zh-Hant-TW"))
		case 3:
			q.O = graph.Literal(text(), iri())
		default:
			q.O = graph.String(text())
		}
		switch rng.IntN(3) {
		case 0:
			q.G = iri().Term()
		case 1:
			q.G = blank()
		}
		quads = append(quads, q)
	}
	return quads
}
