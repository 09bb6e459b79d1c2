package kv

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// numbered writes batches with the numbers from one to another.
func numbered(t testing.TB, db DB, from, to int) {
	t.Helper()
	for n := from; n <= to; n++ {
		var b Batch
		b.Set([]byte("last"), []byte(fmt.Sprint(n)))
		b.Set([]byte(fmt.Sprintf("n%03d", n)), bytes.Repeat([]byte{byte(n)}, 3000))
		if err := db.Write(&b); err != nil {
			t.Fatal(err)
		}
	}
}

// A power cut may leave the newer of two logs of Badger whole and the older one not. What is
// there must still be a prefix of what was written.
func TestHoleBetweenLogs(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	copyNow := func(from, to string) {
		t.Helper()
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	a := openSmall(t, filepath.Join(dir, "a"))
	numbered(t, a, 1, 20)
	copyNow(filepath.Join(dir, "a"), one) // with 1 to 20 in its log
	copyNow(one, two)
	b := openSmall(t, two) // makes a table of that, and begins a new log
	numbered(t, b, 21, 40)
	newer, err := memFiles(two)
	if err != nil || len(newer) == 0 {
		t.Fatal(newer, err)
	}
	text, err := os.ReadFile(newer[len(newer)-1])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(one, "00002.mem"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	check := func(name string, lost int, want string) {
		t.Helper()
		to := filepath.Join(dir, name)
		copyNow(one, to)
		mem, err := memFiles(to)
		if err != nil || len(mem) != 2 {
			t.Fatal(mem, err)
		}
		b, err := os.ReadFile(mem[0])
		if err != nil {
			t.Fatal(err)
		}
		clear(b[len(b)-lost:])
		if err := os.WriteFile(mem[0], b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(to, Options{Small: true, ReadOnly: true}); !errors.Is(err, ErrUnclean) {
			t.Errorf("%s: for reading only: %v", name, err)
		}
		warned := ""
		db, err := Open(to, Options{Small: true, Warn: func(text string) { warned += text }})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if got := value(t, db, "last"); got != want {
			t.Errorf("%s: the last batch is %s, want %s", name, got, want)
		}
		for n := 1; n <= 40; n++ {
			there := value(t, db, fmt.Sprintf("n%03d", n)) != "(none)"
			if last := value(t, db, "last"); there != (fmt.Sprintf("%03d", n) <= fmt.Sprintf("%03s", last)) {
				t.Errorf("%s: batch %d is there: %v, the last one is %s", name, n, there, last)
			}
		}
		if (want != "40") != strings.Contains(warned, "not whole") {
			t.Errorf("%s: warning %q", name, warned)
		}
		numbered(t, db, 50, 55)
	}
	size := int(memEnd(t, filepath.Join(one, "00001.mem")))
	info, err := os.Stat(filepath.Join(one, "00001.mem"))
	if err != nil {
		t.Fatal(err)
	}
	rest := int(info.Size()) - size
	check("whole", 0, "40")
	check("half", rest+10*3050, "10")
	check("end", rest+1, "19")
}

// memEnd returns where the zeros at the end of a log begin.
func memEnd(t testing.TB, file string) int {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return len(bytes.TrimRight(b, "\x00"))
}

func FuzzMem(f *testing.F) {
	f.Add([]byte(strings.Repeat("\x00", memHeader)+"\x40\x00\x09\x01\x00a\xff\xff\xff\xff\xff\xff\xff\xfe1"), 3)
	f.Fuzz(func(t *testing.T, b []byte, cut int) {
		first, last, err := scanMem(bytes.NewReader(b))
		if err != nil || first > last || (first == 0) != (last == 0) {
			t.Errorf("from %d to %d: %v", first, last, err)
		}
		if cut > 0 && cut < len(b) {
			if f2, l2, err := scanMem(bytes.NewReader(b[:cut])); err != nil || f2 != 0 && f2 != first || l2 > last {
				t.Errorf("cut at %d it goes from %d to %d, whole from %d to %d: %v", cut, f2, l2, first, last, err)
			}
		}
	})
}
