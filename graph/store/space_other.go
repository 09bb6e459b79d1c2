//go:build !unix

package store

// freeBytes cannot tell.
func freeBytes(dir string) (n uint64, ok bool) { return 0, false }
