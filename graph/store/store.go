// Package store keeps quads: the one implementation of [graph.Store].
package store

import (
	"errors"

	"mocban/graph"
)

// Options are those of a store. The zero value is sensible.
type Options struct {
	// Memory bounds what a bulk load sorts in memory, in bytes; 0 means a quarter of the
	// machine. Cache bounds decoded blocks; 0 means 256 MiB.
	Memory, Cache int64

	// ReadOnly opens a store that another process may be reading too.
	ReadOnly bool

	// Volatile leaves out fsync: for tests and demonstrations, whose data may be lost.
	Volatile bool

	// Progress, if not nil, is told of long work such as replay and bulk load.
	Progress func(Progress)
}

// Progress tells how far long work has come.
type Progress struct {
	Step  string // "sort", "replay"
	Done  uint64
	Total uint64 // 0 where it is not known
}

// Open opens the store in a folder, or makes it.
func Open(dir string, o Options) (graph.Store, error) { return nil, errors.New("not built yet") }
