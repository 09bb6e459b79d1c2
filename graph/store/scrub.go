package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mocban/graph"
)

// scrubRate bounds how many bytes a scrub reads in a second.
const scrubRate = 4 << 20

// startScrub begins to look for damage in the background, again and again.
func (s *Store) startScrub() {
	if s.o.Scrub <= 0 {
		return
	}
	s.scrubs.Add(1)
	go func() {
		defer s.scrubs.Done()
		for {
			select {
			case <-time.After(s.o.Scrub):
			case <-s.ctx.Done():
				return
			}
			s.scrub()
		}
	}()
}

// scrub looks for damage once, slowly.
func (s *Store) scrub() {
	rate := s.o.ScrubRate
	if rate <= 0 {
		rate = scrubRate
	}
	_, err := s.Verify(s.ctx, VerifyOptions{Rate: rate, Found: func(f Finding) {
		s.warn(fmt.Sprintf("damage found: %v", f))
	}})
	if err != nil && !errors.Is(err, graph.ErrClosed) && !errors.Is(err, context.Canceled) {
		s.warn(fmt.Sprintf("looking for damage: %v", err))
	}
}
