//go:build !unix

package store

import "os"

// lockFile relies on the lock that the key-value folder has of its own.
func lockFile(f *os.File, shared bool) error { return nil }
