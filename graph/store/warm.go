package store

import (
	"context"
	"fmt"
)

// Warm reads the pages of the dictionary and the blocks into memory, as long as there is room in
// the cache, so that a question need not wait for what nobody has asked for before: reading
// what a lookup touches from the data takes as long as the lookup. It leaves the processor
// to others as a fold does, drives nothing out of the cache, and may run beside everything else.
func (s *Store) Warm(ctx context.Context) error {
	held, err := s.Snapshot()
	if err != nil {
		return err
	}
	defer held.Close()
	base, pause := held.(*snapshot).base, s.gentle()
	if err := base.imp.dict.Warm(ctx, pause); err != nil {
		return fmt.Errorf("read store %s into memory: %w", s.dir, damage(err))
	}
	for x, d := range base.dirs {
		for at := (spot{}); d.at(at) != nil; at = d.after(at) {
			e := d.at(at)
			if base.imp.blocks.Has(e.slot) {
				continue
			}
			if !base.imp.blocks.Roomy() {
				return nil
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if _, err := base.imp.block(index(x), e, true); err != nil {
				return fmt.Errorf("read store %s into memory: %w", s.dir, err)
			}
			pause(ctx)
		}
	}
	return nil
}

// Reads tells how many blocks and pages of the dictionary were asked for that were not in memory,
// since the data were opened.
type Reads struct{ Blocks, Pages uint64 }

// Reads returns how many there were.
func (s *Store) Reads() Reads {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Reads{s.blocks.Missed(), s.dict.Missed()}
}
