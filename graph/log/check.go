package log

import (
	"context"
	"errors"
	"fmt"
	"io"

	"mocban/graph"
)

// A Checker reads a log without opening it, to tell all that is damaged in it.
type Checker struct {
	// Until is the last version to look at; 0 means all that is there. Known is one that must
	// be there.
	Until, Known graph.Version

	// Found is told what is damaged and where. The check goes on with the next segment.
	Found func(place, detail string)

	// Step, if not nil, is called with the bytes that were read since. An error ends the check.
	Step func(bytes int64) error
}

// Check reads the segments in a folder: checksums, the chain of hashes from the beginning to
// the end, and counts. It returns the place after the last change set that is whole.
func (c *Checker) Check(ctx context.Context, dir string) (Mark, error) {
	l := &Log{dir: dir, o: Options{ReadOnly: true}}
	if err := l.list(); err != nil {
		return Mark{}, err
	}
	var at Mark
	whole := true // what comes before was read
	for i, first := range l.segments {
		if c.Until > 0 && first > c.Until {
			break
		}
		s, err := openSegment(l.path(first))
		if errors.Is(err, errNoHeader) && i == len(l.segments)-1 {
			break // the rest of a write that was cut short
		}
		if err != nil {
			c.Found(l.path(first), detail(err))
			whole = false
			continue
		}
		if at, whole, err = c.segment(ctx, s, at, i > 0 && whole, i == len(l.segments)-1); err != nil {
			return at, err
		}
	}
	if at.Version < max(c.Until, c.Known) && whole {
		c.Found(dir, fmt.Sprintf("it ends at version %d; version %d was there", at.Version, max(c.Until, c.Known)))
	}
	return at, nil
}

// detail tells what an error says beside the place.
func detail(err error) string {
	var damaged *graph.CorruptError
	if errors.As(err, &damaged) {
		return damaged.Detail
	}
	return err.Error()
}

// segment reads one segment, which follows on a place if linked.
func (c *Checker) segment(ctx context.Context, s *segment, before Mark, linked, last bool) (at Mark, whole bool, err error) {
	defer s.close()
	at = s.start()
	if s.first == 1 && s.previous != (Hash{}) {
		c.Found(s.path, "the first segment has a previous hash")
	}
	if linked && (at.Version != before.Version || at.Hash != before.Hash) {
		c.Found(s.path, fmt.Sprintf("it does not follow on version %d, with which the segment before it ends", before.Version))
	}
	if linked {
		at.Total = before.Total
	}
	for c.Until == 0 || at.Version < c.Until {
		if err := ctx.Err(); err != nil {
			return at, false, err
		}
		got, err := s.readChange(at, nil)
		switch {
		case errors.Is(err, io.EOF):
			return at, true, nil
		case err != nil && last && c.Until == 0 && !s.nextBegin(at.Offset+1, at.Version+1):
			return at, true, nil // cut short
		case err != nil:
			c.Found(s.path, fmt.Sprintf("change set %d at byte %d: %s", at.Version+1, at.Offset, detail(err)))
			return at, false, nil
		}
		want := at.Total.Quads + got.added - got.removed
		if now := got.mark.Total; now.Known && !got.all && (at.Total.Known || at.Version == 0) && now.Quads != want {
			c.Found(s.path, fmt.Sprintf("change set %d at byte %d: it leads to %d quads and tells of %d", got.mark.Version, at.Offset, want, now.Quads))
		}
		if c.Step != nil {
			if err := c.Step(got.mark.Offset - at.Offset); err != nil {
				return at, false, err
			}
		}
		at = got.mark
	}
	return at, true, nil
}

// Dir returns the folder of the log.
func (l *Log) Dir() string { return l.dir }

// Folded returns the version that the log begins with all of, or 0 if it begins at the beginning.
func (l *Log) Folded() graph.Version {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.folded
}
