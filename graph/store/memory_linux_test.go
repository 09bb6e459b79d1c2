package store

import (
	"os"
	"path/filepath"
	"testing"
)

func TestGroupMemory(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("free/memory.max", "max\n")
	write("outer/memory.max", "1000\n")
	write("outer/inner/memory.max", "max\n")
	write("memory/old/memory.limit_in_bytes", "2000\n")
	write("memory/memory.limit_in_bytes", "9223372036854771712\n")
	for groups, want := range map[string]int64{
		"":                                5000,
		"0::/\n":                          5000,
		"0::/free\n":                      5000,
		"0::/outer/inner\n":               1000,
		"0::/gone\n":                      5000,
		"4:memory:/old\n1:cpu:/outer\n":   2000,
		"4:memory:/old\n0::/outer\nodd\n": 1000,
	} {
		if got := groupMemory(root, []byte(groups), 5000); got != want {
			t.Errorf("%q: %d bytes, not %d", groups, got, want)
		}
	}
	if m := machineMemory(); m < 1<<20 {
		t.Errorf("this machine has %d bytes", m)
	}
}
