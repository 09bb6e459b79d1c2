package log

import (
	"context"
	"runtime"
	"testing"
)

// Who is in the midst of a change set is not disturbed by others who read.
func TestReadSideBySide(t *testing.T) {
	l := open(t, t.TempDir(), Options{})
	write(t, l, "one", quad("a", ""), quad("b", ""))
	write(t, l, "two", quad("c", ""), quad("d", ""))
	want := []string{"1 one add a add b", "2 two add c add d"}
	var got []string
	for c, err := range l.Read(context.Background(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		for op, err := range c.Ops() {
			if err != nil {
				t.Fatal(err)
			}
			same(t, told(t, l, 0), want...)
			got = append(got, op.Quad.S.Value())
		}
	}
	same(t, got, "http://ex/a", "http://ex/b", "http://ex/c", "http://ex/d")
}

// Reading a small change set takes little memory: who follows the log reads thousands of them.
func TestReadTakesLittle(t *testing.T) {
	l := open(t, t.TempDir(), Options{})
	const sets = 500
	for range sets {
		write(t, l, "one", quad("a", ""))
	}
	told(t, l, 0)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	told(t, l, 0)
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / sets; each > 40<<10 { // the race detector has pools forget
		t.Errorf("%d bytes each", each)
	}
}
