package kv

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// A bulk write of any size goes through, into a small DB too, whose transactions are.
func TestBulkIntoSmallDB(t *testing.T) {
	for _, small := range []bool{false, true} {
		db, err := Open(t.TempDir(), Options{Small: small})
		if err != nil {
			t.Fatal(err)
		}
		w, err := db.Bulk(0)
		if err != nil {
			t.Fatal(err)
		}
		value := make([]byte, 8<<10)
		for i := range 1200 {
			if err := w.Set(0, fmt.Appendf(nil, "k%06d", i), value); err != nil {
				t.Fatalf("small %v: %v", small, err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// noTables stands in the way of the tables that a DB would make from a number on, and gives the
// way free again.
func noTables(t *testing.T, dir string, from int) (free func()) {
	t.Helper()
	var names []string
	for n := from; n < from+100; n++ {
		name := filepath.Join(dir, fmt.Sprintf("%06d.sst", n))
		if err := os.Mkdir(name, 0o700); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return func() {
		for _, name := range names {
			os.Remove(name)
		}
	}
}

// Where tables of a large write into an empty DB cannot be written, that is an error and not
// the end of the process, and nothing of them is left: Badger has not put them in order yet. A
// large write that is given up leaves nothing either. The next one goes through.
func TestBulkFails(t *testing.T) {
	const values = 700 // of 64 KiB: some tables for each of two streams
	r := rand.New(rand.NewPCG(1, 1))
	value := make([]byte, 64<<10)
	write := func(db DB) error {
		w, err := db.Bulk(tableBytes)
		if err != nil {
			return err
		}
		for i := range values {
			for stream := range 2 {
				value[r.IntN(len(value))]++
				if err := w.Set(stream, fmt.Appendf(nil, "s%d %06d", stream, i), value); err != nil {
					w.Cancel()
					return err
				}
			}
		}
		return w.Close()
	}
	dir := t.TempDir()
	db, err := Open(dir, Options{Small: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { db.Close() }()
	for _, from := range []int{1, 3, 6} {
		free := noTables(t, dir, from)
		if err := write(db); err == nil {
			t.Fatalf("from table %d: no error", from)
		} else {
			t.Log(err)
		}
		free()
		if got := scan(t, db, "", "\xff"); len(got) > 0 {
			t.Fatalf("%d values are left", len(got))
		}
	}
	w, err := db.Bulk(tableBytes)
	if err != nil {
		t.Fatal(err)
	}
	for i := range values {
		if err := w.Set(0, fmt.Appendf(nil, "s0 %06d", i), value); err != nil {
			t.Fatal(err)
		}
	}
	w.Cancel()
	if got := scan(t, db, "", "\xff"); len(got) > 0 {
		t.Fatalf("%d values are left of what was given up", len(got))
	}
	for range 2 {
		if err := write(db); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if db, err = Open(dir, Options{Small: true}); err != nil {
			t.Fatal(err)
		}
		if got := scan(t, db, "", "\xff"); len(got) != 2*values {
			t.Fatalf("%d values, want %d", len(got), 2*values)
		}
	}
}
