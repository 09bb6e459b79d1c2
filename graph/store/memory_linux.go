package store

import (
	"bytes"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
)

// machineMemory returns the bytes of memory of the machine, or of the control group that the
// process is in where that has less.
func machineMemory() int64 {
	var info syscall.Sysinfo_t
	if err := syscall.Sysinfo(&info); err != nil {
		return unknownMemory
	}
	memory := int64(info.Totalram) * int64(info.Unit)
	groups, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return memory
	}
	return groupMemory("/sys/fs/cgroup", groups, memory)
}

// groupMemory returns the smallest limit of the groups that a process is in, which are as
// /proc/self/cgroup tells of them (cgroups(7)), and of those around them.
func groupMemory(root string, groups []byte, memory int64) int64 {
	for line := range bytes.Lines(groups) {
		parts := strings.SplitN(strings.TrimSpace(string(line)), ":", 3)
		if len(parts) < 3 {
			continue
		}
		dir, file := root, "memory.max"
		switch {
		case parts[1] == "memory": // version 1
			dir, file = path.Join(root, "memory"), "memory.limit_in_bytes"
		case parts[1] != "":
			continue
		}
		for group := path.Clean("/" + parts[2]); ; group = path.Dir(group) {
			b, err := os.ReadFile(path.Join(dir, group, file))
			if n, bad := strconv.ParseInt(string(bytes.TrimSpace(b)), 10, 64); err == nil && bad == nil && n > 0 {
				memory = min(memory, n)
			}
			if group == "/" {
				break
			}
		}
	}
	return memory
}
