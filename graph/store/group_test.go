package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/log"
)

// slowFile is a file that takes a while to sync, as disks do, and fails from a call on.
type slowFile struct {
	log.File
	syncs *atomic.Int64
	fail  int64 // 0 for never
}

func (f slowFile) Sync() error {
	time.Sleep(2 * time.Millisecond)
	if n := f.syncs.Add(1); f.fail > 0 && n >= f.fail {
		return errors.New("input/output error")
	}
	return f.File.Sync()
}

// slowLog makes the segments of a log slow files.
func slowLog(syncs *atomic.Int64, fail int64) func(*log.Options) {
	return func(o *log.Options) {
		o.OpenFile = func(name string, flag int, perm os.FileMode) (log.File, error) {
			f, err := os.OpenFile(name, flag, perm)
			if err != nil || !strings.HasSuffix(name, ".log") {
				return f, err
			}
			return slowFile{f, syncs, fail}, nil
		}
	}
}

// writeAtOnce has many goroutines add a quad each, some times over, and returns which version
// told of which quad.
func writeAtOnce(t *testing.T, s *Store, writers, times int) map[graph.Version]string {
	t.Helper()
	var mu sync.Mutex
	told := make(map[graph.Version]string)
	var wait sync.WaitGroup
	for w := range writers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for n := range times {
				q := graph.Quad{S: graph.IRI(fmt.Sprintf("http://example.org/%d/%d", w, n)).Term(), P: "http://example.org/p", O: graph.String(fmt.Sprint("shared ", n))}
				v, err := s.Update(context.Background(), func(txn graph.Txn) error { return txn.Add(q) })
				if err != nil {
					return
				}
				sn, err := s.Snapshot()
				if err != nil {
					t.Error(err)
					return
				}
				if sn.Version() < v {
					t.Errorf("version %d was told, %d is seen", v, sn.Version())
				}
				sn.Close()
				mu.Lock()
				if other, ok := told[v]; ok {
					t.Errorf("version %d is of two change sets, %s and %s", v, other, q)
				}
				told[v] = q.String()
				mu.Unlock()
			}
		}()
	}
	wait.Wait()
	return told
}

// checkTold checks that the change sets of a store are those that were told, in order, and
// that their quads are there.
func checkTold(t *testing.T, s *Store, told map[graph.Version]string, more bool) {
	t.Helper()
	seen := make(map[graph.Version]string)
	for c, err := range s.Changes(context.Background(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		for op, err := range c.Ops() {
			if err != nil {
				t.Fatal(err)
			}
			seen[c.Version] += op.Quad.String()
		}
	}
	for v, q := range told {
		if seen[v] != q {
			t.Errorf("version %d is %q, was told to be %q", v, seen[v], q)
		}
	}
	if len(seen) < len(told) || !more && len(seen) > len(told) {
		t.Errorf("%d change sets, %d were told", len(seen), len(told))
	}
	sn, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer sn.Close()
	if n, _, err := sn.Count(context.Background(), graph.Pattern{}); n != uint64(len(seen)) || err != nil {
		t.Errorf("%d quads of %d change sets (%v)", n, len(seen), err)
	}
}

// Updates that come at the same time share syncs. What was told to be kept is kept, without
// closing too, and one at a time is seen after the other.
func TestGroupCommit(t *testing.T) {
	var syncs atomic.Int64
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{setLog: slowLog(&syncs, 0)})
	const writers, times = 16, 12
	told := writeAtOnce(t, s, writers, times)
	if len(told) != writers*times {
		t.Fatalf("%d change sets, want %d", len(told), writers*times)
	}
	if n := syncs.Load(); n > writers*times/3 {
		t.Errorf("%d syncs for %d change sets", n, writers*times)
	}
	checkTold(t, s, told, false)
	killed := filepath.Join(t.TempDir(), "killed")
	copyFolder(t, dir, killed)
	checkTold(t, mustOpen(t, killed, Options{}), told, false)
	s.Close()
	checkTold(t, mustOpen(t, dir, Options{}), told, false)
}

// When a sync fails, all that waited for it are told so, nothing of theirs is seen, and the
// store takes no more. What was told to be kept before is there when it is opened again.
func TestGroupCommitFails(t *testing.T) {
	for fail := int64(2); fail < 12; fail += 3 {
		var syncs atomic.Int64
		dir := t.TempDir()
		s := mustOpen(t, dir, Options{setLog: slowLog(&syncs, fail)})
		told := writeAtOnce(t, s, 8, 20)
		if len(told) == 8*20 {
			t.Fatal("no sync failed")
		}
		sn, err := s.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		if int(sn.Version()) != len(told) {
			t.Errorf("version %d is seen, %d were told", sn.Version(), len(told))
		}
		sn.Close()
		if _, err := s.Update(context.Background(), func(txn graph.Txn) error { return txn.CreateGraph(graph.Blank("g")) }); err == nil {
			t.Error("a store that failed takes a change")
		}
		s.Close()
		checkTold(t, mustOpen(t, dir, Options{}), told, true)
	}
}

// An update that changes nothing because another did, waits for that to be kept.
func TestNoChangeWaits(t *testing.T) {
	var syncs atomic.Int64
	s := mustOpen(t, t.TempDir(), Options{setLog: slowLog(&syncs, 0)})
	q := graph.Quad{S: graph.Blank("s"), P: "http://example.org/p", O: graph.Blank("o")}
	var wait sync.WaitGroup
	for range 8 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			v, err := s.Update(context.Background(), func(txn graph.Txn) error { return txn.Add(q) })
			if err != nil || v != 1 {
				t.Errorf("version %d, %v", v, err)
			}
			if last := s.log.Last().Version; last != 1 {
				t.Errorf("told before it was kept: the log is at version %d", last)
			}
		}()
	}
	wait.Wait()
}
