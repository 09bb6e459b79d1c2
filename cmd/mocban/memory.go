package main

import (
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
)

// A server that may have little memory gives queries a part of it: the store, its caches, and what
// is not collected yet need the rest.
const (
	queryPart  = 4       // of which queries have one
	mostMemory = 1 << 30 // of all queries, unless the settings say otherwise
)

// queryMemory returns how many bytes all queries may hold together, where the settings do not say.
// 0 means what is usual.
func queryMemory(limit int64) int64 {
	if limit <= 0 || limit/queryPart >= mostMemory {
		return 0
	}
	return limit / queryPart
}

// keepWithin has the garbage collector work harder before the process has all the memory that it
// may have. GOMEMLIMIT comes first.
func keepWithin(limit int64) {
	if limit > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit / 10 * 8)
	}
}

// memoryLimit returns the bytes of memory that the cgroup of the process may have, of either
// version of the kernel's; 0 if there is no limit or nobody can tell. root is that of the files.
func memoryLimit(root string) int64 {
	groups, err := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	if err != nil {
		return 0
	}
	least := int64(math.MaxInt64)
	for line := range strings.Lines(string(groups)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		var mount, file string
		switch {
		case parts[0] == "0" && parts[1] == "":
			mount, file = "sys/fs/cgroup", "memory.max"
		case strings.Contains(","+parts[1]+",", ",memory,"):
			mount, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		default:
			continue
		}
		// A container may see its own cgroup as the root, under a name that it does not have there.
		for dir := filepath.Join("/", parts[2]); ; dir = filepath.Dir(dir) {
			text, err := os.ReadFile(filepath.Join(root, mount, dir, file))
			if n, bad := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && bad == nil && n > 0 {
				least = min(least, n)
			}
			if dir == "/" {
				break
			}
		}
	}
	if least > 1<<50 { // how version 1 says that there is none
		return 0
	}
	return least
}
