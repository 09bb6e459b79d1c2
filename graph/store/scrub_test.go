package store

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Data are looked at once in a while also where the store is opened anew each time before: what
// counts is when they were looked at last, not how long the store is open.
func TestScrubAcrossSessions(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, scrubFile)
	o := Options{Volatile: true, Scrub: 24 * time.Hour}
	s := mustOpen(t, dir, o)
	if wait := s.scrubWait(); wait > 24*time.Hour || wait < 23*time.Hour {
		t.Errorf("a new store waits %v", wait)
	}
	s.Close()
	longAgo := time.Now().Add(-20 * time.Hour)
	if err := os.Chtimes(name, longAgo, longAgo); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, dir, o)
	if wait := s.scrubWait(); wait > 4*time.Hour || wait < 3*time.Hour {
		t.Errorf("20 hours later it waits %v", wait)
	}
	s.Close()
	if longAgo = longAgo.Add(-20 * time.Hour); os.Chtimes(name, longAgo, longAgo) != nil {
		t.Fatal("the time cannot be set")
	}
	s = mustOpen(t, dir, o)
	if wait := s.scrubWait(); wait > time.Hour || wait < time.Minute {
		t.Errorf("when it is overdue it waits %v", wait)
	}
	s.scrub()
	if wait := s.scrubWait(); wait < 23*time.Hour {
		t.Errorf("after it was looked at it waits %v", wait)
	}
	ahead := time.Now().Add(1000 * time.Hour) // the clock was wrong
	if err := os.Chtimes(name, ahead, ahead); err != nil {
		t.Fatal(err)
	}
	if wait := s.scrubWait(); wait > 24*time.Hour {
		t.Errorf("with a time to come it waits %v", wait)
	}
	mustVerify(t, s, true)
}
