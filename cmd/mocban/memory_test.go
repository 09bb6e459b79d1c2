package main

import (
	"os"
	"path/filepath"
	"testing"
)

// What the kernel says of cgroups, in its two versions, and in a container.
func TestMemoryLimit(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"none": {nil, 0},
		"version 2": {map[string]string{
			"proc/self/cgroup": "0::/system.slice/mocban.service\n", "sys/fs/cgroup/system.slice/mocban.service/memory.max": "1073741824\n",
		}, 1 << 30},
		"version 2, of the one around": {map[string]string{
			"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/memory.max": "536870912\n", "sys/fs/cgroup/a/b/memory.max": "max\n",
		}, 512 << 20},
		"version 1": {map[string]string{
			"proc/self/cgroup": "4:cpu,memory:/x\n1:cpuset:/\n", "sys/fs/cgroup/memory/x/memory.limit_in_bytes": "2147483648\n",
		}, 2 << 30},
		"version 1 without a limit": {map[string]string{
			"proc/self/cgroup": "4:memory:/x\n", "sys/fs/cgroup/memory/x/memory.limit_in_bytes": "9223372036854771712\n",
		}, 0},
		"a container": {map[string]string{
			"proc/self/cgroup": "0::/docker/123\n", "sys/fs/cgroup/memory.max": "268435456\n",
		}, 256 << 20},
	} {
		root := t.TempDir()
		for file, text := range c.files {
			path := filepath.Join(root, file)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := memoryLimit(root); got != c.want {
			t.Errorf("%s: %d, not %d", name, got, c.want)
		}
	}
	if queryMemory(0) != 0 || queryMemory(64<<30) != 0 || queryMemory(1<<30) != 256<<20 {
		t.Error("queries do not have a quarter")
	}
}
