package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/log"
	"mocban/graph/storetest"
)

// recount returns the sums of a snapshot, added up anew from its quads as terms and from the
// rows of one order.
func recount(t testing.TB, sn graph.Snapshot, o graph.Order) (s sums) {
	t.Helper()
	ctx := context.Background()
	var h quadHash
	each := func(c graph.Cursor, err error, f func(r graph.Row, terms []graph.Term)) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		var b graph.Block
		terms := make([]graph.Term, 4)
		for c.Next(&b) {
			for i := range b.Len {
				r := b.Row(i)
				if err := sn.Terms(ctx, r[:], terms); err != nil {
					t.Fatal(err)
				}
				f(r, terms)
			}
		}
		if err := c.Err(); err != nil {
			t.Fatal(err)
		}
	}
	c, err := sn.Scan(ctx, graph.Pattern{}, o, graph.AllColumns)
	each(c, err, func(r graph.Row, terms []graph.Term) {
		p, _ := terms[1].IRI()
		s.rows = s.rows.Plus(hashIDs(&r))
		s.quads = s.quads.Plus(h.quad(&graph.Quad{S: terms[0], P: p, O: terms[2], G: terms[3]}))
	})
	c, err = sn.Graphs(ctx)
	each(c, err, func(r graph.Row, terms []graph.Term) {
		s.graphs = s.graphs.Plus(hashIDs(&r))
		s.quads = s.quads.Plus(h.graph(terms[3]))
	})
	return s
}

func checkRecount(t testing.TB, s graph.Store) {
	t.Helper()
	sn, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer sn.Close()
	want := sn.(*snapshot).sums
	for o := graph.SPO; o <= graph.GSPO; o++ {
		if got := recount(t, sn, o); got != want {
			t.Fatalf("version %d, order %v: sums %v, kept are %v", sn.Version(), o, got, want)
		}
	}
}

// The sums that are kept with each version are those of its quads, whatever was done.
func TestSums(t *testing.T) {
	storetest.History(t, opener(Options{Memory: 1, foldAt: 50}), rand.Uint64(), 60, true,
		func(r *rand.Rand, s graph.Store) graph.Store {
			checkRecount(t, s)
			mustVerify(t, s, true)
			return s
		})
}

// Rows and terms that were added to a sum and taken away leave no trace, and what differs in
// one place differs in the sum.
func TestSumArithmetic(t *testing.T) {
	a, b := hashRow(1, 2, 3, 4), hashRow(1, 2, 4, 3)
	if a == b || a.Plus(b) != b.Plus(a) || a.Plus(b).Minus(a) != b || a.Minus(a) != (log.Sum{}) {
		t.Errorf("%v, %v", a, b)
	}
	low := log.Sum{Lo: ^uint64(0)}
	if got := low.Plus(log.Sum{Lo: 1}); got != (log.Sum{Hi: 1}) || got.Minus(log.Sum{Lo: 1}) != low {
		t.Errorf("carry: %v", got)
	}
}

// asFormat1 rewrites a store as one of format 1: the totals are taken out of the end frames
// of the log, and the hashes made anew.
func asFormat1(t testing.TB, dir string) {
	t.Helper()
	rewriteFile(t, filepath.Join(dir, markerFile), func(b []byte) []byte {
		return bytes.Replace(b, fmt.Appendf(nil, "format %d", Format), []byte("format 1"), 1)
	})
	files, err := filepath.Glob(filepath.Join(dir, logFolder, "*.log"))
	if err != nil || len(files) == 0 {
		t.Fatal("no log", err)
	}
	slices.Sort(files)
	table := crc32.MakeTable(crc32.Castagnoli)
	var last [32]byte
	for _, f := range files {
		rewriteFile(t, f, func(b []byte) []byte {
			out := append(append([]byte("mocbanL\x01"), b[8:32]...), last[:]...)
			out = binary.LittleEndian.AppendUint32(out, crc32.Checksum(out, table))
			sum := sha256.New()
			for b = b[68:]; len(b) > 0; {
				kind, n := b[2], binary.LittleEndian.Uint32(b[4:])
				p := b[12 : 12+n]
				b = b[12+n:]
				switch kind {
				case 1:
					p = append(bytes.Clone(p[:16]), last[:]...)
					sum.Reset()
					sum.Write(last[:])
				case 2:
					sum.Write(p)
				case 3:
					source := p[88:]
					sum.Write(p[:32])
					sum.Write(source)
					sum.Sum(last[:0])
					p = append(append(bytes.Clone(p[:32]), last[:]...), source...)
				}
				frame := append([]byte("mc"), kind, 0)
				frame = binary.LittleEndian.AppendUint32(frame, uint32(len(p)))
				crc := crc32.Update(crc32.Checksum(frame[2:], table), table, p)
				out = append(binary.LittleEndian.AppendUint32(append(out, frame...), crc), p...)
			}
			return out
		})
	}
}

func rewriteFile(t testing.TB, path string, f func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, f(b), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A store of format 1 is made anew from its log, and goes on.
func TestUpgrade(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{Volatile: true})
	for v := 1; v <= 20; v++ {
		if err := change(t, s, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	asFormat1(t, dir)
	told := ""
	for range 2 { // one that was killed while it was upgraded is upgraded again
		s = mustOpen(t, dir, Options{Volatile: true, Warn: func(text string) { told += text }})
		if got := checkState(t, s); got != 20 {
			t.Fatalf("version %d", got)
		}
		checkRecount(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		rewriteFile(t, filepath.Join(dir, markerFile), func(b []byte) []byte {
			return bytes.Replace(b, fmt.Appendf(nil, "format %d", Format), []byte("format 1"), 1)
		})
	}
	if !strings.Contains(told, "has format 1") {
		t.Errorf("told %q", told)
	}
	s = mustOpen(t, dir, Options{Volatile: true, ReadOnly: true}) // mended first
	if got := checkState(t, s); got != 20 {
		t.Errorf("version %d", got)
	}
	s.Close()
	s = mustOpen(t, dir, Options{Volatile: true})
	for v := 21; v <= 30; v++ { // in a segment of its own
		if err := change(t, s, v); err != nil {
			t.Fatal(err)
		}
	}
	if got := checkState(t, s); got != 30 {
		t.Errorf("version %d", got)
	}
	checkRecount(t, s)
}
