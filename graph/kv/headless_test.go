package kv

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Where no file can be made for what is written next, nothing is written any more and reading
// goes on; after that all is well again.
func TestNoFileForWhatComesNext(t *testing.T) {
	for _, lasting := range []bool{false, true} {
		dir := t.TempDir()
		obstacle := filepath.Join(dir, "00002.mem")
		db, err := Open(dir, Options{memTable: 8 << 20, Warn: func(text string) {
			if !lasting && strings.HasPrefix(text, "Got error") {
				os.Remove(obstacle)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(dir, "nowhere", "none"), obstacle); err != nil {
			t.Skip(err)
		}
		var b Batch
		n := 0
		for ; err == nil && n < 2000; n++ {
			b.Reset()
			b.Set(fmt.Appendf(nil, "%06d", n), make([]byte, 20_000))
			err = db.Write(&b)
		}
		if n--; err == nil || !strings.Contains(err.Error(), headless) {
			t.Fatalf("after %d writes: %v", n, err)
		}
		if err := db.Write(&b); err == nil {
			t.Error("it is written to")
		}
		if lasting {
			if err := db.Get([]byte("000000"), func([]byte) error { return nil }); err == nil || !strings.Contains(err.Error(), "open it again") {
				t.Errorf("a read of what is not there: %v", err)
			}
		} else if missing := missingKeys(t, db, n); missing > 0 {
			t.Errorf("%d of %d keys are missing", missing, n)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		os.Remove(obstacle)
		again := openSmall(t, dir)
		if missing := missingKeys(t, again, n); missing > 0 {
			t.Errorf("%d of %d keys are missing after it was opened again", missing, n)
		}
		b.Reset()
		b.Set([]byte("a"), []byte("b"))
		if err := again.Write(&b); err != nil {
			t.Error(err)
		}
	}
}
