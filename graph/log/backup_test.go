package log

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mocban/graph"
)

func FuzzManifest(f *testing.F) {
	m := Manifest{ID: ID{1}, Last: Mark{Version: 7, Hash: Hash{2}, Time: time.Unix(3, 4).UTC(), Total: Total{true, 5, Sum{6, 7}}},
		Parts: []BackupPart{{partName(1), 900, Hash{9}}, {partName(5), 80, Hash{8}}}}
	f.Add(m.String())
	f.Add((&Manifest{After: Mark{Version: 3}}).String())
	f.Add("mocban backup\nformat 2\nend 00000000\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := parseManifest(text)
		if err != nil {
			return
		}
		if m.String() != text {
			t.Fatalf("%q reads back as %q", text, m)
		}
	})
}

func TestManifest(t *testing.T) {
	m := Manifest{ID: ID{1}, Last: Mark{Version: 7, Hash: Hash{2}, Time: time.Unix(3, 4).UTC(), Total: Total{true, 5, Sum{6, 1 << 63}}},
		Parts: []BackupPart{{partName(1), 900, Hash{9}}}}
	got, err := parseManifest(m.String())
	if err != nil {
		t.Fatal(err)
	}
	if got.Last != m.Last || got.ID != m.ID || len(got.Parts) != 1 || got.Parts[0] != m.Parts[0] {
		t.Errorf("%+v", got)
	}
	for text, words := range map[string]string{
		strings.Replace(m.String(), "format 1", "format 2", 1): "use a newer one",
		strings.Replace(m.String(), "quads 5", "quads 6", 1):   "checksum",
		m.String()[:40]: "checksum",
		"":              "does not begin",
	} {
		if _, err := parseManifest(text); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v, want %q", text, err, words)
		}
	}
}

// Every backup adds what is new, as a segment that goes on from the one before.
func TestBackupSegments(t *testing.T) {
	dir, to := t.TempDir(), t.TempDir()
	l := open(t, dir, Options{})
	var last Mark
	for i := range 6 {
		last = write(t, l, "s", quad(string(rune('a'+i)), ""))
		if i == 3 {
			l.tip.Offset += segmentBytes // as if it were long
			l.last = l.tip
			l.mu.Lock()
			l.tip.Offset -= segmentBytes
			l.last = l.tip
			err := l.roll()
			l.mu.Unlock()
			if err != nil {
				t.Fatal(err)
			}
		}
		if i%2 == 0 {
			continue
		}
		m, added, err := (&Backup{}).Copy(context.Background(), dir, to)
		if err != nil {
			t.Fatal(err)
		}
		if m.Last.Hash != last.Hash || m.Last.Version != last.Version || added == 0 {
			t.Errorf("%+v after version %d, %d bytes", m, last.Version, added)
		}
	}
	if _, added, err := (&Backup{}).Copy(context.Background(), dir, to); err != nil || added > 0 {
		t.Errorf("%d bytes, %v where nothing is new", added, err)
	}
	restored := filepath.Join(t.TempDir(), "log")
	if _, err := Restore(context.Background(), []string{to}, restored, nil); err != nil {
		t.Fatal(err)
	}
	r := open(t, restored, Options{ID: l.ID()})
	if r.Last().Hash != last.Hash {
		t.Errorf("ends with %+v, not %+v", r.Last(), last)
	}
	same(t, told(t, r, 0), told(t, l, 0)...)
	names, _ := os.ReadDir(restored)
	if len(names) < 3 {
		t.Errorf("%d segments", len(names))
	}
}

// A full backup that goes on by itself, after others have followed on it, takes nothing from them:
// with or without what lies between, the log comes back to the last version. History of another
// kind, a gap, and an end that lies before what is there are refused.
func TestBackupsThatOverlap(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	monday, tuesday, wednesday := t.TempDir(), t.TempDir(), t.TempDir()
	l := open(t, dir, Options{})
	day := func(to, since string, changes ...string) {
		t.Helper()
		for _, c := range changes {
			write(t, l, "s", quad(c, ""))
		}
		var b Backup
		if since != "" {
			m, err := ReadManifest(since)
			if err != nil {
				t.Fatal(err)
			}
			b.Since = m
		}
		if _, _, err := b.Copy(ctx, dir, to); err != nil {
			t.Fatal(err)
		}
	}
	day(monday, "", "a", "b", "c")
	day(tuesday, monday, "d", "e")
	day(monday, "", "f")
	day(wednesday, tuesday, "g", "h")
	for _, from := range [][]string{{monday, tuesday, wednesday}, {monday, wednesday}} {
		to := filepath.Join(t.TempDir(), "log")
		m, err := Restore(ctx, from, to, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := open(t, to, Options{ID: l.ID()})
		if m.Last.Version != 8 || r.Last().Hash != l.Last().Hash {
			t.Errorf("%d backups end with %+v, not %+v", len(from), r.Last(), l.Last())
		}
		same(t, told(t, r, 0), told(t, l, 0)...)
	}
	for words, from := range map[string][]string{
		"leave out those that follow":     {monday, tuesday},
		"name the one that it follows on": {tuesday, wednesday},
		"follows on version 3":            {monday, wednesday, tuesday},
	} {
		if _, err := Restore(ctx, from, filepath.Join(t.TempDir(), "log"), nil); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%v, want %q", err, words)
		}
	}
	day(monday, "", "i", "j")
	other := t.TempDir()
	l = open(t, other, Options{ID: l.ID()})
	fork := t.TempDir()
	dir = other
	day(fork, "", "a", "b", "x", "y")
	forked := t.TempDir()
	day(forked, fork, "z", "1", "2", "3", "4", "5", "6")
	if _, err := Restore(ctx, []string{monday, forked}, filepath.Join(t.TempDir(), "log"), nil); err == nil || !strings.Contains(err.Error(), "another history") {
		t.Errorf("a fork: %v", err)
	}
}

// Whatever the bytes of a segment are, reading them ends in an answer.
func FuzzSegment(f *testing.F) {
	dir := f.TempDir()
	l, err := Open(dir, Options{Volatile: true})
	if err != nil {
		f.Fatal(err)
	}
	for i := range 3 {
		w, err := l.Begin(i == 1)
		if err != nil {
			f.Fatal(err)
		}
		if err := w.Op(graph.Op{Kind: graph.OpAdd, Quad: quad(string(rune('a'+i)), "g")}); err != nil {
			f.Fatal(err)
		}
		if _, err := w.Commit(graph.Change{Added: 1}, Total{Quads: uint64(i + 1)}); err != nil {
			f.Fatal(err)
		}
	}
	seed := func(name string) {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	seed(partName(1))
	at := Mark{}
	for c, err := range l.Read(context.Background(), 1) {
		if err != nil {
			f.Fatal(err)
		}
		at = c.Mark
		break
	}
	if err := l.Fold(context.Background(), at, func(add func(graph.Op) error) error {
		return add(graph.Op{Kind: graph.OpAdd, Quad: quad("a", "")})
	}); err != nil {
		f.Fatal(err)
	}
	seed(partName(2))
	l.Close()
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		name := partName(1)
		if len(b) > 24 && b[24] == 2 {
			name = partName(2)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
		check := Checker{Found: func(string, string) {}}
		end, err := check.Check(context.Background(), dir)
		if err != nil {
			t.Fatal(err)
		}
		l, err := Open(dir, Options{ReadOnly: true})
		if err != nil {
			return
		}
		defer l.Close()
		if l.Last().Version != end.Version {
			t.Fatalf("opened at version %d, checked until %d", l.Last().Version, end.Version)
		}
		for c, err := range l.Read(context.Background(), 0) {
			if err != nil {
				return
			}
			for _, err := range c.Ops() {
				if err != nil {
					return
				}
			}
		}
	})
}
