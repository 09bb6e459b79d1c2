package canon_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/conformance"
	"mocban/graph/rdfio"
)

func parse(t testing.TB, text string) (quads []graph.Quad) {
	t.Helper()
	r, err := rdfio.NewReader(rdfio.NQuads, strings.NewReader(text), rdfio.ReadOptions{KeepBlanks: true})
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]graph.Quad, 64)
	for {
		n, err := r.Read(buf)
		if err == io.EOF {
			return quads
		}
		if err != nil {
			t.Fatal(err)
		}
		quads = append(quads, buf[:n]...)
	}
}

func TestIsomorphic(t *testing.T) {
	const p = " <http://p.example/> "
	for _, test := range []struct {
		name, a, b string
		want       bool
	}{
		{"empty", "", "", true},
		{"labels", "_:a" + p + "_:b .", "_:x" + p + "_:y .", true},
		{"a loop is no edge", "_:a" + p + "_:b .", "_:x" + p + "_:x .", false},
		{"direction", "_:a" + p + "_:b .\n_:b" + p + "\"x\" .", "_:a" + p + "_:b .\n_:a" + p + "\"x\" .", false},
		{"twice is once", "_:a" + p + "\"x\" .\n_:a" + p + "\"x\" .", "_:b" + p + "\"x\" .", true},
		{"two alike are not one", "_:a" + p + "\"x\" .\n_:b" + p + "\"x\" .", "_:b" + p + "\"x\" .", false},
		{"language", "_:a" + p + "\"x\"@vi .", "_:a" + p + "\"x\"@VI .", false},
		{"lexical form", "_:a" + p + "\"1\" .", "_:a" + p + "\"01\" .", false},
		{"graph", "_:a" + p + "_:b _:g .", "_:a" + p + "_:b _:a .", false},
		{"graph name", "_:a" + p + "_:b _:g .", "_:b" + p + "_:g _:a .", true},
		{"triple term", "_:a" + p + "<<( _:a" + p + "_:b )>> .", "_:x" + p + "<<( _:x" + p + "_:y )>> .", true},
		{"other triple term", "_:a" + p + "<<( _:a" + p + "_:b )>> .", "_:x" + p + "<<( _:y" + p + "_:x )>> .", false},
		{"one ring of six, two of three", ring("a", 6), ring("a", 3) + ring("b", 3), false},
		{"rings", ring("a", 3) + ring("b", 3), ring("x", 3) + ring("y", 3), true},
		{"many alike", alike(3000), alike(3000), true},
		{"one more", alike(200), alike(201), false},
		{"many rings", rings(300, 3), rings(300, 3), true},
		{"many rings and two bigger", rings(300, 3) + ring("x", 6), rings(300, 3) + ring("x", 3) + ring("y", 3), false},
		{"ground", "<http://a.example/>" + p + "\"x\" .", "<http://b.example/>" + p + "\"x\" .", false},
	} {
		a, b := parse(t, test.a), parse(t, test.b)
		if got := canon.Isomorphic(a, b); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
		if got := canon.Isomorphic(b, a); got != test.want {
			t.Errorf("%s, the other way round: %v", test.name, got)
		}
	}
}

func ring(label string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "_:%s%d <http://p.example/> _:%s%d .\n", label, i, label, (i+1)%n)
	}
	return b.String()
}

func rings(n, size int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(ring(fmt.Sprintf("r%dx", i), size))
	}
	return b.String()
}

func alike(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<http://s.example/> <http://p.example/> _:b%d .\n", i)
	}
	return b.String()
}

// Any one quad changed, dropped or added is seen; other labels and another order are not.
func TestIsomorphicMutations(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		quads := randomQuads(rng, 2+rng.IntN(12))
		labels := map[graph.Term]graph.Term{}
		rename := func(t graph.Term) graph.Term {
			if !t.IsBlank() {
				return t
			}
			if _, ok := labels[t]; !ok {
				labels[t] = graph.Blank(fmt.Sprintf("n%d", rng.Uint32()))
			}
			return labels[t]
		}
		other := make([]graph.Quad, len(quads))
		for i, j := range rng.Perm(len(quads)) {
			q := quads[j]
			other[i] = graph.Quad{S: rename(q.S), P: q.P, O: rename(q.O), G: rename(q.G)}
		}
		if !canon.Isomorphic(quads, other) {
			t.Fatalf("%v is not %v", quads, other)
		}
		i := rng.IntN(len(other))
		other[i].O = graph.String("other")
		if canon.Isomorphic(quads, other) {
			t.Fatalf("%v is %v", quads, other)
		}
	}
}

func randomQuads(rng *rand.Rand, n int) (quads []graph.Quad) {
	term := func() graph.Term {
		if rng.IntN(4) == 0 {
			return graph.IRI(fmt.Sprintf("http://e.example/%d", rng.IntN(2))).Term()
		}
		return graph.Blank(fmt.Sprintf("b%d", rng.IntN(5)))
	}
	seen := map[graph.Quad]bool{}
	for len(quads) < n {
		q := graph.Quad{S: term(), P: graph.IRI(fmt.Sprintf("http://p.example/%d", rng.IntN(2))), O: term()}
		if rng.IntN(5) == 0 {
			q.G = term()
		}
		if !seen[q] {
			seen[q] = true
			quads = append(quads, q)
		}
	}
	return quads
}

// Isomorphic datasets have one canonical form, others have two.
func TestCanonicalAgrees(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	form := func(q []graph.Quad) string {
		c, _, err := canon.Canonicalize(q, canon.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(c)
	}
	agree := 0
	for range 2000 {
		n := 2 + rng.IntN(3)
		a, b := randomQuads(rng, n), randomQuads(rng, n)
		same := canon.Isomorphic(a, b)
		if same != (form(a) == form(b)) {
			t.Fatalf("isomorphic: %v, but\n%s\n%s", same, form(a), form(b))
		}
		if same {
			agree++
		}
	}
	if agree == 0 {
		t.Error("no two datasets were isomorphic: the test says nothing")
	}
}

// Long chains and stars of blank nodes are named in time, or refused.
func TestCanonicalLarge(t *testing.T) {
	for _, text := range []string{ring("a", 3000), alike(3000), rings(1000, 3)} {
		start := time.Now()
		_, _, err := canon.Canonicalize(parse(t, text), canon.Options{})
		var limit *graph.LimitError
		if err != nil && !errors.As(err, &limit) {
			t.Error(err)
		}
		t.Logf("%d bytes: %v, %v", len(text), time.Since(start), err)
	}
}

const suite = "../../../shared/suites/rdf-canon/tests"

var update = flag.Bool("update", false, "write docs/conformance-rdfc.md")

func TestRDFC(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(suite, "manifest.jsonld"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the W3C suites are not beside the project: %v", err)
	}
	var manifest struct {
		Entries []struct{ ID, Type, Action, Result, HashAlgorithm string }
	}
	if err := json.Unmarshal(data, &manifest); err != nil {
		t.Fatal(err)
	}
	passed := 0
	for _, e := range manifest.Entries {
		o := canon.Options{Hash: map[string]func() hash.Hash{"": sha256.New, "SHA384": sha512.New384}[e.HashAlgorithm]}
		if t.Run(e.ID, func(t *testing.T) { runRDFC(t, e.Type, e.Action, e.Result, o) }) {
			passed++
		}
	}
	t.Logf("%d/%d", passed, len(manifest.Entries))
	page := conformance.Page{
		File: "../../docs/conformance-rdfc.md", Title: "The W3C's tests of RDFC-1.0",
		Intro: "Canonical datasets byte by byte, the maps of labels, and what must be refused as poison.",
		Write: "go test ./graph/canon -run TestRDFC -args -update",
		Rows:  []conformance.Row{{Suite: "RDFC-1.0", Tests: len(manifest.Entries), Passed: passed}},
	}
	page.Check(t, *update)
	if len(manifest.Entries) != 86 {
		t.Errorf("%d tests, not 86", len(manifest.Entries))
	}
}

func runRDFC(t *testing.T, kind, action, result string, o canon.Options) {
	in, err := os.ReadFile(filepath.Join(suite, action))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	quads, labels, err := canon.Canonicalize(parse(t, string(in)), o)
	if kind == "rdfc:RDFC10NegativeEvalTest" {
		var limit *graph.LimitError
		if !errors.As(err, &limit) {
			t.Errorf("poison was swallowed: %v", err)
		}
		t.Logf("refused after %v", time.Since(start))
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(suite, result))
	if err != nil {
		t.Fatal(err)
	}
	switch kind {
	case "rdfc:RDFC10EvalTest":
		var got []byte
		for _, q := range quads {
			got = append(graph.AppendQuad(got, q), '\n')
		}
		if !bytes.Equal(got, want) {
			t.Errorf("got\n%s\nnot\n%s", got, want)
		}
	case "rdfc:RDFC10MapTest":
		var expected map[string]string
		if err := json.Unmarshal(want, &expected); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(labels) != fmt.Sprint(expected) {
			t.Errorf("got %v, not %v", labels, expected)
		}
	default:
		t.Errorf("unknown kind of test %s", kind)
	}
}
