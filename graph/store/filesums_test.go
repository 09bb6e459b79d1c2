package store

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func flipByte(t testing.TB, name string, at int) {
	t.Helper()
	rewriteFile(t, name, func(b []byte) []byte {
		b[at] ^= 1
		return b
	})
}

func oneTable(t testing.TB, dir string) string {
	t.Helper()
	tables, err := filepath.Glob(filepath.Join(dir, kvFolder, "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	return tables[0]
}

// The sums of files are there while nobody writes, and only then.
func TestSumsOfClosedStore(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, sumsFile)
	filled(t, dir, Options{Volatile: true}, 21)
	first, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	r := mustOpen(t, dir, Options{ReadOnly: true})
	mustVerify(t, r, false)
	r.Close()
	if _, err := os.Stat(name); err != nil {
		t.Errorf("after reading: %v", err)
	}
	s := mustOpen(t, dir, Options{Volatile: true})
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("while it is open for writing: %v", err)
	}
	if err := change(t, s, 22); err != nil {
		t.Fatal(err)
	}
	killed := filepath.Join(t.TempDir(), "killed")
	copyFolder(t, dir, killed)
	s.Close()
	if again, err := os.ReadFile(name); err != nil || bytes.Equal(first, again) {
		t.Errorf("after a change the sums are the same (%v)", err)
	}
	for _, dir := range []string{dir, killed} {
		if found := findings(t, dir, Options{Volatile: true}, false); len(found) > 0 {
			t.Errorf("found %v", found)
		}
	}
	if err := os.Remove(oneTable(t, dir)); err != nil {
		t.Fatal(err)
	}
	if found := findings(t, dir, Options{Volatile: true}, false); len(found) == 0 {
		t.Error("a missing file is not told")
	}
}

// The place of damage is named by file and bytes, also when the store was opened, written to
// and closed since, and by a store that is open for writing. Rebuild mends it.
func TestSumsOutliveSessions(t *testing.T) {
	dir := t.TempDir()
	filled(t, dir, Options{Volatile: true}, 21)
	table := oneTable(t, dir)
	info, err := os.Stat(table)
	if err != nil {
		t.Fatal(err)
	}
	flipByte(t, table, int(info.Size())-20) // of its index, which no value is in
	told := func(found []Finding) (n int) {
		for _, f := range found {
			if f.Part == PartData && strings.HasPrefix(f.Place, table+", bytes 0 to ") {
				n++
			}
		}
		return n
	}
	if found := findings(t, dir, Options{Volatile: true}, false); told(found) != 1 {
		t.Errorf("found %v", found)
	}
	s, err := Open(dir, Options{Volatile: true})
	if err == nil {
		var found []Finding
		if _, err := s.(*Store).Verify(context.Background(), VerifyOptions{Found: func(f Finding) { found = append(found, f) }}); err != nil {
			t.Fatal(err)
		}
		if told(found) != 1 {
			t.Errorf("the store that is open finds %v", found)
		}
		s.Close()
		if _, err := os.Stat(table); err == nil && told(findings(t, dir, Options{Volatile: true}, false)) != 1 {
			t.Error("it is not told any more")
		}
	}
	if _, err := Rebuild(context.Background(), dir, Options{Volatile: true}); err != nil {
		t.Fatal(err)
	}
	if found := findings(t, dir, Options{Volatile: true}, true); len(found) > 0 {
		t.Errorf("after Rebuild: %v", found)
	}
	if _, err := os.Stat(filepath.Join(dir, sumsFile)); err != nil {
		t.Error(err)
	}
}

// A file that takes the name of another one has no sum of before.
func TestSumsOfOtherFiles(t *testing.T) {
	dir := t.TempDir()
	filled(t, dir, Options{Volatile: true}, 21)
	s := mustOpen(t, dir, Options{Volatile: true})
	if err := s.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	mustVerify(t, s, false)
	s.Close()
	for range 2 {
		if found := findings(t, dir, Options{Volatile: true}, false); len(found) > 0 {
			t.Fatalf("found %v", found)
		}
		mustOpen(t, dir, Options{Volatile: true}).Close() // gives the folder its name again
	}
}

func FuzzFileSums(f *testing.F) {
	sums := fileSums{
		"MOCBAN":         {size: 3, pieces: []uint32{7}},
		"log/1.log":      {size: 0},
		"kv/0 1.sst":     {size: pieceBytes + 1, pieces: []uint32{1, 1<<32 - 1}},
		"kv/000002.vlog": {size: pieceBytes, pieces: []uint32{1}, at: time.Unix(1, 0)},
	}
	f.Add(sums.encode())
	f.Add(fileSums{}.encode())
	f.Add([]byte(sumsHead))
	f.Add([]byte(sumsHead + sumsEnd + "00000000\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := parseFileSums(b)
		if err != nil {
			return
		}
		again, err := parseFileSums(got.encode())
		if err != nil || len(again) != len(got) {
			t.Fatalf("%q reads back as %v (%v)", b, again, err)
		}
	})
}
