package kv

import (
	"fmt"
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
