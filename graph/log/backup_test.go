package log

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
