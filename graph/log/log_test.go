package log

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mocban/graph"
)

func quad(s, g string) graph.Quad {
	q := graph.Quad{S: graph.IRI("http://ex/" + s).Term(), P: "http://ex/p", O: graph.Text("Truyện\nKiều", "vi")}
	if g != "" {
		q.G = graph.IRI("http://ex/" + g).Term()
	}
	return q
}

func open(t *testing.T, dir string, o Options) *Log {
	t.Helper()
	l, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func write(t *testing.T, l *Log, source string, quads ...graph.Quad) Mark {
	t.Helper()
	w, err := l.Begin(false)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range quads {
		if err := w.Op(graph.Op{Kind: graph.OpAdd, Quad: q}); err != nil {
			t.Fatal(err)
		}
	}
	m, err := w.Commit(graph.Change{Time: time.Unix(1, int64(len(quads))), Source: source, Added: uint64(len(quads))}, Total{Quads: uint64(len(quads))})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// told lists the changes after a version, a line each.
func told(t *testing.T, l *Log, since graph.Version) (out []string) {
	t.Helper()
	for c, err := range l.Read(context.Background(), since) {
		if err != nil {
			t.Fatal(err)
		}
		s := fmt.Sprintf("%d %s", c.Version, c.Source)
		for op, err := range c.Ops() {
			if err != nil {
				t.Fatal(err)
			}
			s += fmt.Sprintf(" %v %s", op.Kind, strings.TrimPrefix(op.Quad.S.Value()+op.Quad.G.Value(), "http://ex/"))
		}
		out = append(out, s)
	}
	return out
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestReadBack(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	write(t, l, "one", quad("a", ""), quad("b", ""))
	write(t, l, "two", quad("c", ""))
	w, _ := l.Begin(false)
	w.Op(graph.Op{Kind: graph.OpAdd, Quad: quad("lost", "")})
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	last := write(t, l, "three")
	want := []string{"1 one add a add b", "2 two add c", "3 three"}
	same(t, told(t, l, 0), want...)
	same(t, told(t, l, 2), want[2:]...)
	same(t, told(t, l, 3))
	id := l.ID()
	l.Close()
	l = open(t, dir, Options{Known: last})
	if l.Last() != last || l.ID() != id {
		t.Errorf("last %v of %x, want %v of %x", l.Last(), l.ID(), last, id)
	}
	write(t, l, "four", quad("d", ""))
	same(t, told(t, l, 1), append(want[1:], "4 four add d")...)
}

// Several change sets may share one sync. Until then they are not told of, and what is taken
// back takes none of them along.
func TestGroup(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	write(t, l, "one", quad("a", ""))
	var last Mark
	for _, name := range []string{"two", "three"} {
		w, err := l.Begin(false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Begin(false); !errors.Is(err, errOpen) {
			t.Errorf("a second change set beside an open one: %v", err)
		}
		w.Op(graph.Op{Kind: graph.OpAdd, Quad: quad(name, "")})
		if last, err = w.End(graph.Change{Source: name, Added: 1}, Total{}); err != nil {
			t.Fatal(err)
		}
	}
	same(t, told(t, l, 0), "1 one add a")
	if l.Last().Version != 1 || last.Version != 3 {
		t.Errorf("synced up to %d, written up to %d", l.Last().Version, last.Version)
	}
	w, err := l.Begin(false)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Part(AppendOp(nil, graph.Op{Kind: graph.OpAdd, Quad: quad("lost", "")})); err != nil {
		t.Fatal(err)
	}
	if err := l.Sync(); err != nil { // beside an open one
		t.Fatal(err)
	}
	want := []string{"1 one add a", "2 two add two", "3 three add three"}
	same(t, told(t, l, 0), want...)
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	write(t, l, "four")
	l.Close()
	l = open(t, dir, Options{Known: last})
	same(t, told(t, l, 0), append(want, "4 four")...)
}

// A bulk load is written as it comes and read in order.
func TestBulk(t *testing.T) {
	defer func(n int) { sortBytes = n }(sortBytes)
	for _, sortBytes = range []int{1 << 20, 100} {
		l := open(t, t.TempDir(), Options{})
		w, err := l.Begin(true)
		if err != nil {
			t.Fatal(err)
		}
		text := []byte{}
		for _, s := range []string{"c", "a", "known", "b", "a"} {
			text = AppendOp(text, graph.Op{Kind: graph.OpAdd, Quad: quad(s, "")})
		}
		text = AppendOp(text, graph.Op{Kind: graph.OpAdd, Quad: quad("z", "g")})
		text = AppendOp(text, graph.Op{Kind: graph.OpCreateGraph, Quad: graph.Quad{G: quad("", "g").G}})
		if err := w.Part(text); err != nil {
			t.Fatal(err)
		}
		if err := w.Known(quad("known", "")); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Commit(graph.Change{Source: "all"}, Total{}); err != nil {
			t.Fatal(err)
		}
		same(t, told(t, l, 0), "1 all add a add b add c create graph g add zhttp://ex/g")
	}
}

func TestSegments(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	write(t, l, "one", quad("a", ""))
	l.tip.Offset += segmentBytes // as if it were long
	write(t, l, "two", quad("b", ""))
	write(t, l, "three", quad("c", ""))
	if files, _ := filepath.Glob(filepath.Join(dir, "*.log")); len(files) != 2 {
		t.Fatalf("%d segments, want 2", len(files))
	}
	want := []string{"1 one add a", "2 two add b", "3 three add c"}
	same(t, told(t, l, 0), want...)
	l.Close()
	l = open(t, dir, Options{})
	same(t, told(t, l, 0), want...)
	os.Remove(l.path(1))
	l.segments = l.segments[1:]
	for _, err := range l.Read(context.Background(), 0) {
		if !errors.Is(err, graph.ErrNotFound) {
			t.Errorf("error %v for a part that is gone", err)
		}
	}
}

// Whatever a crash leaves of the last write, the log opens with all that was committed.
func TestCutShort(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	write(t, l, "one", quad("a", ""))
	m := write(t, l, "two", quad("b", ""))
	write(t, l, "three", quad("c", ""), quad("d", ""))
	l.Close()
	whole, err := os.ReadFile(l.path(1))
	if err != nil {
		t.Fatal(err)
	}
	for n := m.Offset; n < int64(len(whole)); n++ {
		if err := os.WriteFile(l.path(1), whole[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		cut := open(t, dir, Options{Known: m})
		if got := cut.Last(); got != m {
			t.Fatalf("cut to %d bytes: last %v, want %v", n, got, m)
		}
		write(t, cut, "again", quad("e", ""))
		same(t, told(t, cut, 1), "2 two add b", "3 again add e")
		cut.Close()
	}
}

// A flipped bit in what was committed is told of.
// A segment that was begun and not finished is no damage, the first one neither.
func TestUnfinishedSegment(t *testing.T) {
	for _, size := range []int{0, 1, segmentHeader - 1, segmentHeader} {
		dir := t.TempDir()
		unfinished := make([]byte, size)
		for version := 1; version < 4; version++ {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%016d%s", version, suffix)), unfinished, 0o644); err != nil {
				t.Fatal(err)
			}
			l := open(t, dir, Options{SegmentBytes: 1})
			if got := l.Last().Version; got != graph.Version(version-1) {
				t.Fatalf("%d bytes: version %d, want %d", size, got, version-1)
			}
			write(t, l, "", quad("a", ""))
			l.Close()
		}
	}
}

// An error at the first segment leaves a log that opens.
func TestFirstSegmentFails(t *testing.T) {
	dir, broken := t.TempDir(), errors.New("input/output error")
	l := open(t, dir, Options{OpenFile: func(name string, flag int, perm os.FileMode) (File, error) {
		f, err := os.OpenFile(name, flag, perm)
		return failingSync{f, broken}, err
	}})
	if _, err := l.Begin(false); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	l.Close()
	l = open(t, dir, Options{})
	write(t, l, "", quad("a", ""))
	if got := told(t, l, 0); len(got) != 1 {
		t.Errorf("told %q", got)
	}
}

type failingSync struct {
	*os.File
	err error
}

func (f failingSync) Sync() error { return f.err }

func TestDamage(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	write(t, l, "one", quad("a", ""))
	last := write(t, l, "two", quad("b", ""))
	l.Close()
	whole, err := os.ReadFile(l.path(1))
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		bad := slices.Clone(whole)
		bad[i] ^= 1 << (i % 8)
		if err := os.WriteFile(l.path(1), bad, 0o644); err != nil {
			t.Fatal(err)
		}
		l, err := Open(dir, Options{Known: Mark{Version: last.Version}, ReadOnly: true})
		if err == nil {
			l.Close()
			t.Fatalf("byte %d was damaged and not noticed", i)
		}
	}
	// Without anything that knows better, damage is told of where a later change set follows.
	bad := slices.Clone(whole)
	bad[segmentHeader+frameHeader+3] ^= 1
	if err := os.WriteFile(l.path(1), bad, 0o644); err != nil {
		t.Fatal(err)
	}
	if l, err := Open(dir, Options{}); err == nil {
		l.Close()
		t.Error("damage in the middle was taken for the end")
	}
	if err := os.Remove(l.path(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{Known: last}); err == nil {
		t.Error("a log that is gone was not missed")
	}
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{"+<a> <b> _:c .", `-_:a <b> "x\n"@vi--ltr <g> .`, "g<g>", "x_:g", "=<a> <b> <<( <a> <b> <c> )>> ."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l, err := parseLine(s)
		if err != nil {
			return
		}
		var b []byte
		if l.Known {
			b = AppendKnown(nil, l.Op.Quad)
		} else {
			b = AppendOp(nil, l.Op)
		}
		if again, err := parseLine(strings.TrimSuffix(string(b), "\n")); err != nil || again != l {
			t.Skip() // terms that the store refuses
		}
	})
}
