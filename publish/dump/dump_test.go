package dump_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/graph/rdfio"
	"mocban/publish/dump"
)

func quads(n int) (all []graph.Quad) {
	for i := range n {
		s := graph.IRI(fmt.Sprintf("http://example.org/s%d", i%97)).Term()
		if i%7 == 0 {
			s = graph.Blank(fmt.Sprintf("b%d", i%13))
		}
		o := graph.Text(fmt.Sprintf("giá trị %d\n\"trích\"", i%311), "vi")
		if i%5 == 0 {
			o = graph.IRI(fmt.Sprintf("http://example.org/o%d", i%11)).Term()
		}
		var g graph.Term
		if i%3 != 0 {
			g = graph.IRI(fmt.Sprintf("http://example.org/g%d", i%17)).Term()
		}
		all = append(all, graph.Quad{S: s, P: graph.IRI(fmt.Sprintf("http://example.org/p%d", i%19)), O: o, G: g})
	}
	return all
}

func snapshot(t testing.TB, quads []graph.Quad) graph.Snapshot {
	t.Helper()
	s, err := memstore.New(quads...).Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func write(t testing.TB, s graph.Snapshot, f *rdfio.Format, o dump.Options) (string, uint64) {
	t.Helper()
	var b bytes.Buffer
	n, err := dump.Write(context.Background(), s, f, &b, o)
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), n
}

// Stores number terms as they come, so the same data in another order get other IDs.
func TestDumpIsTheSameForTheSameData(t *testing.T) {
	all := quads(3000)
	shuffled := slices.Clone(all)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	a, b := snapshot(t, all), snapshot(t, shuffled)
	for _, f := range []*rdfio.Format{rdfio.NQuads, rdfio.NTriples, rdfio.Turtle, rdfio.TriG} {
		x, n := write(t, a, f, dump.Options{})
		y, _ := write(t, b, f, dump.Options{Memory: 10_000, Temp: t.TempDir()}) // in many chunks
		if x != y {
			t.Errorf("%s: dumps of the same data differ", f)
		}
		if n == 0 || x == "" {
			t.Errorf("%s: dump is empty", f)
		}
	}
}

func TestLinesAreSortedAndComplete(t *testing.T) {
	all := quads(3000)
	text, n := write(t, snapshot(t, all), rdfio.NQuads, dump.Options{Memory: 5000, Temp: t.TempDir()})
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if !slices.IsSorted(lines) {
		t.Error("lines are not sorted")
	}
	want := make(map[string]bool)
	for _, q := range all {
		want[q.String()] = true
	}
	for _, l := range lines {
		if !want[l] {
			t.Errorf("not in the store: %s", l)
		}
		delete(want, l)
	}
	if len(want) > 0 || n != uint64(len(lines)) {
		t.Errorf("%d quads are missing, %d counted, %d written", len(want), n, len(lines))
	}
}

func TestTriplesOfSeveralGraphsComeOnce(t *testing.T) {
	s, p, o := graph.IRI("http://e/s").Term(), graph.IRI("http://e/p"), graph.String("x")
	all := []graph.Quad{{S: s, P: p, O: o}, {S: s, P: p, O: o, G: graph.IRI("http://e/g").Term()}, {S: s, P: p, O: o, G: graph.IRI("http://e/h").Term()}}
	text, n := write(t, snapshot(t, all), rdfio.NTriples, dump.Options{})
	if want := "<http://e/s> <http://e/p> \"x\" .\n"; text != want || n != 1 {
		t.Errorf("got %d: %q", n, text)
	}
}

func TestSet(t *testing.T) {
	dir, temp := t.TempDir(), t.TempDir()
	s := snapshot(t, quads(500))
	names, err := dump.WriteSet(context.Background(), s, dump.Set{
		Dir: dir, Base: "https://data.example.vn/", License: "https://creativecommons.org/publicdomain/zero/1.0/",
		Describe: func(context.Context, graph.Snapshot) ([]graph.Quad, error) {
			return []graph.Quad{{S: graph.IRI("https://data.example.vn/dataset#data").Term(), P: "http://purl.org/dc/terms/title", O: graph.String("x")}}, nil
		},
		Options: dump.Options{Temp: temp},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"mocban.nq.gz", "mocban.nt.gz", "void.ttl", "README.vi.txt", "README.en.txt", "SHA256SUMS"}; !slices.Equal(names, want) {
		t.Errorf("files are %v, want %v", names, want)
	}
	sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(sums)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := sha256.Sum256(data); hex.EncodeToString(got[:]) != sum {
			t.Errorf("checksum of %s is wrong", name)
		}
	}
	f, err := os.Open(filepath.Join(dir, "mocban.nq.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := write(t, s, rdfio.NQuads, dump.Options{}); string(got) != want {
		t.Error("the file is not the dump")
	}
	for _, d := range []string{dir, temp} {
		left, err := filepath.Glob(filepath.Join(d, "*mocban-dump-*"))
		if err != nil || len(left) > 0 {
			t.Errorf("temporary files are left: %v %v", left, err)
		}
	}
}

// A dump that fails leaves nothing half written in its place.
func TestFailureLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "mocban.nq.gz")
	if err := os.WriteFile(old, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := dump.WriteSet(ctx, snapshot(t, quads(10)), dump.Set{Dir: dir}); err == nil {
		t.Fatal("no error")
	}
	if data, err := os.ReadFile(old); err != nil || string(data) != "old" {
		t.Errorf("the old file is %q, %v", data, err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}
