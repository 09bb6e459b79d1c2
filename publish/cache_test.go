package publish

import (
	"fmt"
	"testing"
)

func TestCacheIsBounded(t *testing.T) {
	c := cache{max: 1 << 20}
	for i := range 10_000 {
		c.keep(fmt.Sprint(i), kept{version: 1, body: make([]byte, 1000)})
		if total := (len(c.young) + len(c.old)) * 1000; total > c.max {
			t.Fatalf("%d bytes are kept, the bound is %d", total, c.max)
		}
	}
	if _, ok := c.get("9999", 1); !ok {
		t.Error("the newest is gone")
	}
	if _, ok := c.get("9999", 2); ok {
		t.Error("a document of another version is given")
	}
	if _, ok := c.get("0", 1); ok {
		t.Error("the oldest is still there")
	}
	c.keep("big", kept{version: 1, body: make([]byte, 1<<20)})
	if _, ok := c.get("big", 1); ok {
		t.Error("what fills the cache alone was kept")
	}
}
