//go:build !linux

package storetest

import "testing"

// A Disk is a file system of its own. Only Linux has those of tests.
type Disk struct{}

// NewDisk skips the test.
func NewDisk(t testing.TB, mib int) *Disk {
	t.Skip("a disk of our own needs Linux")
	return nil
}

// NewMemoryDisk skips the test.
func NewMemoryDisk(t testing.TB, mib int) *Disk { return NewDisk(t, mib) }

// Dir, Mount, Unmount, CutPower, Free and Fill are never called.
func (*Disk) Dir() string     { return "" }
func (*Disk) Mount()          {}
func (*Disk) Unmount()        {}
func (*Disk) CutPower() error { return nil }
func (*Disk) Free() int64     { return 0 }
func (*Disk) Fill(int64)      {}
