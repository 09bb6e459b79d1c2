//go:build unix

package store

import "syscall"

// freeBytes returns how many bytes are free where a folder is.
func freeBytes(dir string) (n uint64, ok bool) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0, false
	}
	return uint64(fs.Bavail) * uint64(fs.Bsize), true
}
