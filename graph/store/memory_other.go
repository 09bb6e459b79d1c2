//go:build !linux

package store

// machineMemory returns a guess: there is no portable way to ask.
func machineMemory() int64 { return unknownMemory }
