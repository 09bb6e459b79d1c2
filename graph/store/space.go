package store

import (
	"errors"
	"fmt"
	"syscall"

	"mocban/graph"
	"mocban/graph/block"
)

// ErrStorageLow is graph.ErrStorageLow.
var ErrStorageLow = graph.ErrStorageLow

const (
	// Badger may write so much more before it tells of a full disk.
	leastFree         = 320 << 20 // bytes
	leastFreeVolatile = 96 << 20  // bytes

	// openPart of that is needed to open a store for writing: for tables of what was written last.
	openPart = 4

	// compactPart of it must be left for what is flushed while Badger compacts tables.
	compactPart = 2
)

func (s *Store) leastFree() uint64 {
	switch {
	case s.o.leastFree > 0:
		return s.o.leastFree
	case s.o.Volatile:
		return leastFreeVolatile
	}
	return leastFree
}

// checkSpace refuses to write so many bytes where little space is left: a disk that fills up
// under Badger ends the process, and it does not start again before there is space.
func (s *Store) checkSpace(bytes int64) error {
	return s.checkFree(s.leastFree() + uint64(bytes))
}

// Room tells whether there is space for changes: nil, or a [graph.SpaceError].
func (s *Store) Room() error { return s.checkSpace(0) }

func (s *Store) checkFree(need uint64) error {
	if free, ok := freeBytes(s.dir); ok && free < need {
		return &graph.SpaceError{Free: free, Need: need}
	}
	return nil
}

// lowSpace tells of a full disk, if that is what an error tells, as checkSpace does.
func (s *Store) lowSpace(err error) error {
	if !errors.Is(err, syscall.ENOSPC) || errors.Is(err, ErrStorageLow) {
		return err
	}
	free, _ := freeBytes(s.dir)
	return fmt.Errorf("%w: %d MiB free, more than %d MiB needed: %w", ErrStorageLow, free>>20, s.leastFree()>>20, err)
}

// bytes guesses how much a change set will write.
func (c *changeSet) bytes() (n int64) {
	for i := range c.ops {
		n += 200 + int64(textBytes(&c.ops[i].Quad))
	}
	return n
}

// foldBytes guesses how much it takes to fold the delta of an order into its base: at most the
// base anew, at least a block for each row, and both once more for Badger.
func (st *state) foldBytes(x index) int64 {
	const rowBytes = 4
	items := int64(st.deltas[x].items)
	return 2 * min((int64(st.base.dirs[x].total.rows)+items)*rowBytes, items*block.MaxRows*rowBytes)
}
