package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/log"
)

// A log that was folded at any version tells what comes after it; the data can be made from
// it, backed up and restored, and the chain of hashes goes on.
func TestFoldLog(t *testing.T) {
	ctx := context.Background()
	whole := t.TempDir()
	filled(t, whole, Options{Volatile: true, setLog: func(o *log.Options) { o.SegmentBytes = 2 << 10 }}, 32)
	names, _ := filepath.Glob(filepath.Join(whole, logFolder, "*"))
	if len(names) < 3 {
		t.Fatalf("%d segments", len(names))
	}
	for _, v := range []graph.Version{2, 19, 31, 0} {
		dir := filepath.Join(t.TempDir(), "store")
		copyFolder(t, whole, dir)
		s := mustOpen(t, dir, Options{Volatile: true})
		hash := s.log.Last().Hash
		before := s.Size().Log
		if err := s.FoldLog(ctx, v); err != nil {
			t.Fatal(err)
		}
		folded := v
		if v == 0 {
			folded = 32
		}
		if after := s.Size().Log; v == 0 && after >= before {
			t.Errorf("%d bytes were folded to %d", before, after)
		}
		check := func(s *Store, want int) {
			t.Helper()
			if got := checkState(t, s); got != want {
				t.Errorf("folded at %d: version %d instead of %d", v, got, want)
			}
			mustVerify(t, s, true)
			checkFolded(t, s, folded, graph.Version(want))
		}
		check(s, 32)
		if s.log.Last().Hash != hash {
			t.Errorf("folded at %d: another hash", v)
		}
		for n := 33; n <= 40; n++ {
			if err := change(t, s, n); err != nil {
				t.Fatal(err)
			}
		}
		check(s, 40)
		s.Close()
		s = mustOpen(t, dir, Options{Volatile: true})
		check(s, 40)
		s.Close()
		if r, err := Rebuild(ctx, dir, Options{Volatile: true}); err != nil || r.Version != 40 {
			t.Fatalf("folded at %d: %+v, %v", v, r, err)
		}
		to := filepath.Join(t.TempDir(), "backup")
		m, err := Backup(ctx, dir, to, BackupOptions{})
		if err != nil {
			t.Fatal(err)
		}
		check(mustRestore(t, m.Manifest, to), 40)
		if v == 19 { // and once more
			s := mustOpen(t, dir, Options{Volatile: true})
			if err := s.FoldLog(ctx, 35); err != nil {
				t.Fatal(err)
			}
			folded = 35
			check(s, 40)
			if err := s.FoldLog(ctx, 30); err == nil {
				t.Error("folded where it is folded already")
			}
			s.Close()
			if m, err = Backup(ctx, dir, to, BackupOptions{}); err != nil || m.Last.Version != 40 {
				t.Errorf("%+v, %v", m, err)
			}
		}
	}
}

// checkFolded wants the changes after a version, and none before.
func checkFolded(t *testing.T, s *Store, folded, last graph.Version) {
	t.Helper()
	for since := graph.Version(0); since <= last; since++ {
		n := since
		for c, err := range s.Changes(context.Background(), since) {
			if err != nil {
				if since >= folded || !errors.Is(err, graph.ErrNotFound) || !strings.Contains(err.Error(), "was folded") {
					t.Errorf("changes after %d: %v", since, err)
				}
				n = last
				break
			}
			if since < folded {
				t.Fatalf("there are changes after version %d", since)
			}
			for _, err := range c.Ops() {
				if err != nil {
					t.Fatal(err)
				}
			}
			n = c.Version
		}
		if n != last {
			t.Errorf("changes after %d end at %d", since, n)
		}
		if since+1 != folded && since != folded && since+5 != last {
			continue
		}
		sn, err := s.At(context.Background(), since)
		if since < folded {
			if !errors.Is(err, graph.ErrNotFound) {
				t.Errorf("version %d: %v", since, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		sn.Close()
	}
}

// A store that holds nothing any more can be folded, too.
func TestFoldNothing(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{Volatile: true})
	q := graph.Quad{S: graph.Blank("a"), P: "http://example.org/p", O: graph.String("b")}
	if err := s.FoldLog(ctx, 0); err == nil {
		t.Error("an empty log was folded")
	}
	for i := range 5 {
		if _, err := s.Update(ctx, func(txn graph.Txn) error {
			if i%2 == 0 {
				return txn.Add(q)
			}
			return txn.Remove(q)
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.FoldLog(ctx, 4); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if r, err := Rebuild(ctx, dir, Options{Volatile: true}); err != nil || r.Version != 5 || r.Total.Quads != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	s = mustOpen(t, dir, Options{Volatile: true})
	if _, err := s.Update(ctx, func(txn graph.Txn) error { return txn.Remove(q) }); err != nil {
		t.Fatal(err)
	}
	mustVerify(t, s, true)
}

// Whatever of the files of a fold is there after a kill, the store opens with all it had.
func TestFoldLogCutShort(t *testing.T) {
	ctx := context.Background()
	whole, done := t.TempDir(), filepath.Join(t.TempDir(), "store")
	filled(t, whole, Options{Volatile: true, setLog: func(o *log.Options) { o.SegmentBytes = 2 << 10 }}, 32)
	copyFolder(t, whole, done)
	s := mustOpen(t, done, Options{Volatile: true})
	if err := s.FoldLog(ctx, 29); err != nil {
		t.Fatal(err)
	}
	s.Close()
	folded, err := os.ReadFile(filepath.Join(done, logFolder, "0000000000000029.log"))
	if err != nil {
		t.Fatal(err)
	}
	names, _ := filepath.Glob(filepath.Join(whole, logFolder, "*"))
	for n := -1; n < len(names); n++ { // before the file has its name, then with so many of the old ones removed
		dir := filepath.Join(t.TempDir(), "store")
		copyFolder(t, whole, dir)
		name := "0000000000000029.log"
		text := folded
		if n < 0 {
			name, text = name+".tmp", folded[:len(folded)/2]
		}
		if err := os.WriteFile(filepath.Join(dir, logFolder, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
		for _, old := range names[:max(n, 0)] {
			var first int
			fmt.Sscanf(filepath.Base(old), "%d.log", &first)
			if first < 29 {
				os.Remove(filepath.Join(dir, logFolder, filepath.Base(old)))
			}
		}
		s := mustOpen(t, dir, Options{Volatile: true})
		if got := checkState(t, s); got != 32 {
			t.Errorf("%d old ones removed: version %d", n, got)
		}
		if err := change(t, s, 33); err != nil {
			t.Fatal(err)
		}
		s.Close()
		if found := findings(t, dir, Options{Volatile: true}, true); len(found) > 0 {
			t.Errorf("%d old ones removed: found %v", n, found)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, logFolder, "*.tmp")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}
