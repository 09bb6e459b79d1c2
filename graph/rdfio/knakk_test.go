package rdfio_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	knakk "github.com/knakk/rdf"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/rdfio"
)

// secondOpinion reads N-Triples or N-Quads with knakk/rdf, always to the end: what is
// abandoned leaves a goroutine behind.
func secondOpinion(data []byte, quads bool) (out []graph.Quad, err error) {
	var next func() (knakk.Quad, error)
	if quads {
		next = knakk.NewQuadDecoder(bytes.NewReader(data), knakk.NQuads).Decode
	} else {
		d := knakk.NewTripleDecoder(bytes.NewReader(data), knakk.NTriples)
		next = func() (knakk.Quad, error) {
			t, err := d.Decode()
			return knakk.Quad{Triple: t}, err
		}
	}
	for {
		q, e := next()
		if e == io.EOF {
			return out, err
		}
		if e != nil {
			if err == nil {
				err = e
			}
			continue
		}
		one := graph.Quad{S: fromKnakk(q.Subj), P: graph.IRI(q.Pred.(knakk.IRI).String()), O: fromKnakk(q.Obj)}
		if q.Ctx != nil {
			one.G = fromKnakk(q.Ctx)
		}
		if one.G == graph.Blank("defaultGraph") { // so it is called there
			one.G = graph.Term{}
		}
		out = append(out, one)
	}
}

func fromKnakk(t knakk.Term) graph.Term {
	switch t := t.(type) {
	case knakk.IRI:
		return graph.IRI(t.String()).Term()
	case knakk.Blank:
		return graph.Blank(strings.TrimPrefix(t.Serialize(knakk.NTriples), "_:"))
	case knakk.Literal:
		if t.Lang() != "" {
			return graph.Text(t.String(), t.Lang())
		}
		return graph.Literal(t.String(), graph.IRI(t.DataType.String()))
	}
	panic(fmt.Sprintf("%T", t))
}

// The files are our own: knakk/rdf is not fit for those of others (its lexer can end the
// process).
func TestSecondOpinion(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, f := range []*rdfio.Format{rdfio.NTriples, rdfio.NQuads} {
		for range 50 {
			quads := randomLibrary(rng, 100)
			if !f.Quads {
				quads = withoutGraphs(quads)
			}
			data := writeAll(t, f, rdfio.WriteOptions{}, quads...)
			theirs, err := secondOpinion(data, f.Quads)
			if err != nil {
				t.Fatalf("%s: knakk/rdf does not read what we write: %v", f, err)
			}
			ours := parse(t, f, data, rdfio.ReadOptions{})
			if !canon.Isomorphic(ours, theirs) || !canon.Isomorphic(ours, quads) {
				t.Fatalf("%s\nis read as\n%v\nand by knakk/rdf as\n%v", data, ours, theirs)
			}
		}
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
