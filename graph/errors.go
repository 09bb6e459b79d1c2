package graph

import (
	"errors"
	"fmt"
)

// ErrNotFound tells that what was asked for is not there.
var ErrNotFound = errors.New("not found")

// ErrClosed tells that a store, snapshot or cursor was used after Close.
var ErrClosed = errors.New("already closed")

// A LimitError tells that something was stopped at a limit.
type LimitError struct {
	Limit string // "time", "rows", "memory", "value size", "variables"
	Max   string // with its unit: "30 s", "128 MiB"
	Where string // the step that met it, if known: "ORDER BY"
}

func (e *LimitError) Error() string {
	s := fmt.Sprintf("stopped at the %s limit of %s", e.Limit, e.Max)
	if e.Where != "" {
		s += " at " + e.Where
	}
	return s
}

// ErrStorageLow tells that too little space is left on the disk to write. Reading goes on, and
// writing too once there is space.
var ErrStorageLow = errors.New("storage low")

// A SpaceError is ErrStorageLow with its numbers, in bytes.
type SpaceError struct{ Free, Need uint64 }

func (e *SpaceError) Error() string {
	return fmt.Sprintf("%v: %d MiB free, %d MiB needed", ErrStorageLow, e.Free>>20, (e.Need+1<<20-1)>>20)
}

// Unwrap returns ErrStorageLow.
func (e *SpaceError) Unwrap() error { return ErrStorageLow }

// A CorruptError tells that stored bytes are not what was written.
type CorruptError struct {
	Place  string // file, or key
	Detail string
}

func (e *CorruptError) Error() string { return fmt.Sprintf("%s is damaged: %s", e.Place, e.Detail) }

// A QuadError tells that a quad is none by RDF's rules.
type QuadError struct {
	Quad   Quad
	Detail string
}

func (e *QuadError) Error() string { return fmt.Sprintf("%v: %s", e.Quad, e.Detail) }
