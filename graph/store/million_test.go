package store

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/kv"
	"mocban/graph/log"
	"mocban/graph/storetest"
)

var (
	millionOps  = flag.Int("ops", 4000, "how many random operations TestMillion makes")
	millionLast = flag.Duration("lasting", 0, "after what time TestMillion ends, if not 0")
)

// A breaker makes writes fail, of the log and of the data, as a failing disk does.
type breaker struct {
	left   atomic.Int64 // writes until they fail; 0 for never
	broken error
}

func (b *breaker) set(n int) { b.left.Store(int64(n)) }

// next tells whether the next write fails. Once one did, all do.
func (b *breaker) next() error {
	for {
		n := b.left.Load()
		switch {
		case n == 0:
			return nil
		case n == 1:
			return b.broken
		}
		if b.left.CompareAndSwap(n, n-1) {
			return nil
		}
	}
}

// options lets a store stand on what the breaker breaks.
func (b *breaker) options(o Options) Options {
	o.openKV = func(dir string, o kv.Options) (kv.DB, error) {
		db, err := kv.Open(dir, o)
		if err != nil {
			return nil, err
		}
		return &kv.Twin{DB: db, Before: func(kv.Step) error { return b.next() }}, nil
	}
	o.setLog = func(o *log.Options) {
		o.OpenFile = func(name string, flag int, perm os.FileMode) (log.File, error) {
			if err := b.next(); err != nil {
				return nil, err
			}
			f, err := os.OpenFile(name, flag, perm)
			if err != nil {
				return nil, err
			}
			return brokenFile{f, b}, nil
		}
	}
	return o
}

type brokenFile struct {
	*os.File
	b *breaker
}

// WriteAt writes the half of it, when it fails.
func (f brokenFile) WriteAt(p []byte, at int64) (int, error) {
	if err := f.b.next(); err != nil {
		n, _ := f.File.WriteAt(p[:len(p)/2], at)
		return n, err
	}
	return f.File.WriteAt(p, at)
}

func (f brokenFile) Write(p []byte) (int, error) {
	if err := f.b.next(); err != nil {
		return 0, err
	}
	return f.File.Write(p)
}

func (f brokenFile) Sync() error {
	if err := f.b.next(); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f brokenFile) Truncate(n int64) error {
	if err := f.b.next(); err != nil {
		return err
	}
	return f.File.Truncate(n)
}

// copyAtRest copies the folder of an open store at a time when no file comes or goes.
func copyAtRest(t testing.TB, dir, into string) string {
	t.Helper()
	files := func() (names []string) {
		for _, pattern := range []string{"kv/*", "log/*"} {
			found, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, found...)
		}
		return names
	}
	for try := 0; ; try++ {
		before, to := files(), filepath.Join(into, strconv.Itoa(int(time.Now().UnixNano())))
		err := os.CopyFS(to, os.DirFS(dir))
		if err == nil && slices.Equal(before, files()) {
			return to
		}
		if try > 50 {
			t.Fatalf("the store does not come to rest: %v", err)
		}
		os.RemoveAll(to)
		time.Sleep(20 * time.Millisecond)
	}
}

// A million random operations, with folds, crashes, failing writes and reopening among them,
// lead where they lead a naive store.
//
//	go test ./graph/store -run '^TestMillion$' -ops 1000000 -timeout 0
func TestMillion(t *testing.T) {
	seed := newSeed(t)
	b := &breaker{broken: errors.New("input/output error")}
	var mu sync.Mutex
	r := rand.New(rand.NewPCG(seed, 9))
	copies := t.TempDir()
	done := storetest.Trial{
		Seed: seed, Steps: *millionOps, Last: *millionLast,
		Open: func(t testing.TB, dir string) graph.Store {
			t.Helper()
			mu.Lock()
			defer mu.Unlock()
			s, err := Open(dir, b.options(Options{
				Volatile: true, Memory: 1, Cache: []int64{1, 1 << 16, 1 << 22}[r.IntN(3)],
				foldAt: []int{20, 200, 2000}[r.IntN(3)], leastFree: 1,
			}))
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
		Fold: func(s graph.Store) error { return s.(*Store).Fold(context.Background()) },
		Crash: func(s graph.Store, dir string) string {
			s.(*Store).work.Wait()
			to := copyAtRest(t, dir, copies)
			if err := errors.Join(s.Close(), os.RemoveAll(dir)); err != nil {
				t.Fatal(err)
			}
			return to
		},
		Break: b.set,
	}.Run(t)
	t.Log(done)
}
