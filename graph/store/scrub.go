package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"mocban/graph"
)

// scrubRate bounds how many bytes a scrub reads in a second.
const scrubRate = 4 << 20

// scrubFile is empty. The time of its last change tells when all data were looked at last, or
// when the store was first to be looked at: one that is opened anew every night has its turn too.
const scrubFile = "SCRUBBED"

// soonestScrub is what share of the time between two scrubs passes at least before the first one
// after an open.
const soonestScrub = 100

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
			case <-time.After(s.scrubWait()):
			case <-s.ctx.Done():
				return
			}
			s.scrub()
		}
	}()
}

// scrubWait returns how long to wait until the next scrub.
func (s *Store) scrubWait() time.Duration {
	info, err := os.Stat(filepath.Join(s.dir, scrubFile))
	if err != nil {
		s.noteScrub()
		return s.o.Scrub
	}
	left := s.o.Scrub - max(time.Since(info.ModTime()), 0) // a clock may have been put back
	return max(left, s.o.Scrub/soonestScrub)
}

// noteScrub notes that all data were looked at now.
func (s *Store) noteScrub() {
	name := filepath.Join(s.dir, scrubFile)
	f, err := os.Create(name)
	if err == nil {
		now := time.Now()
		err = errors.Join(f.Close(), os.Chtimes(name, now, now))
	}
	if err != nil {
		s.warn(fmt.Sprintf("noting when damage was looked for: %v", err))
	}
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
	if err == nil {
		s.noteScrub()
	} else if !errors.Is(err, graph.ErrClosed) && !errors.Is(err, context.Canceled) {
		s.warn(fmt.Sprintf("looking for damage: %v", err))
	}
}
