package store

import (
	"bufio"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"mocban/graph/storetest"
)

var diskFulls = flag.Int("diskfull", 1, "how often the disk of a store fills up")

// Where the disk fills up, changes are refused in words and reading goes on; once there is
// space, changes go on without a restart; and the store opens while the disk is full. It fills
// up under updates, folds and loads, of which some are larger than the disk.
//
//	go test ./graph/store -run '^TestDiskFull$' -diskfull 50 -timeout 0
func TestDiskFull(t *testing.T) {
	seed := newSeed(t)
	r := rand.New(rand.NewPCG(seed, 0))
	p := &parent{t: t}
	least := int64(1 << 62)
	const perStore = 5
	for n := 0; n < *diskFulls && !t.Failed(); n += perStore {
		// Of five stores one has the sizes of those in use.
		plain := n/perStore%5 == 4
		f := &filler{parent: p, r: r, most: min(perStore, *diskFulls-n), need: leastFreeVolatile, size: 320}
		if plain {
			f.need, f.size = leastFree, 1024
		}
		f.disk = storetest.NewMemoryDisk(t, f.size)
		p.plan = childPlan{Writers: 1 + r.IntN(3), Tables: r.IntN(2) == 0, Plain: plain, Wide: r.IntN(2) == 0, Hopeless: true, LeastFree: uint64(f.need)}
		p.begin(filepath.Join(f.disk.Dir(), "store"), r.Uint64())
		for f.done < f.most && !t.Failed() {
			f.run()
		}
		least = min(least, f.least)
		f.disk.Fill(f.disk.Free())
		p.finish(r)
		f.disk.Unmount()
		p.progress("disk full", n+perStore, *diskFulls)
	}
	t.Logf("%v; never less than %d MiB free", &p.faultTally, least>>20)
}

// A filler fills the disk under a child and gives the space back.
type filler struct {
	*parent
	r     *rand.Rand
	disk  *storetest.Disk
	size  int   // MiB
	need  int64 // bytes that must be free for changes
	done  int
	most  int
	least int64 // bytes that were ever free

	mu   sync.Mutex
	lows int
	oks  int
}

var lowText = regexp.MustCompile(`storage low: \d+ MiB free, \d+ MiB needed`)

func (f *filler) line(line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case strings.HasPrefix(line, "ok "):
		f.oks++
	case strings.HasPrefix(line, "low "):
		f.lows++
		if !lowText.MatchString(line) {
			f.t.Errorf("the error does not say how much is free and needed: %s", line)
		}
	}
}

func (f *filler) waitFor(what string, n *int, more int) bool {
	f.mu.Lock()
	want := *n + more
	f.mu.Unlock()
	for range 20_000 {
		f.mu.Lock()
		got := *n
		f.mu.Unlock()
		if free := f.disk.Free(); f.least == 0 || free < f.least {
			f.least = free
		}
		if got >= want {
			return true
		}
		time.Sleep(3 * time.Millisecond)
	}
	f.t.Errorf("the child never says %s", what)
	return false
}

// run starts a child, and fills the disk under it a few times. Some are killed while it is full.
func (f *filler) run() {
	child, lines := f.start(f.plan)
	child.onLine = f.line
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer child.kill()
		for f.done < f.most {
			f.done++
			if !f.waitFor("ok", &f.oks, 5) {
				return
			}
			f.disk.Fill(f.need + f.r.Int64N(40<<20))
			if !f.waitFor("low", &f.lows, 1+f.r.IntN(8)) {
				return
			}
			if f.r.IntN(3) == 0 {
				return // the next child finds it full
			}
			f.disk.Fill(int64(f.size) << 20)
		}
		f.waitFor("ok", &f.oks, 5)
	}()
	f.followAll(child, lines)
	<-ended
	f.disk.Fill(f.need / 2) // and opens while it is
	plan := f.plan
	plan.Steps = -1
	child, lines = f.start(plan)
	f.followAll(child, lines)
	if !child.done {
		f.t.Error("it does not open and close while the disk is full")
	}
	f.disk.Fill(int64(f.size) << 20)
}

func (f *filler) followAll(child *run, lines *bufio.Scanner) {
	child.follow(lines)
	if text := fmt.Sprint(child.cmd.ProcessState); strings.Contains(text, "bus error") || strings.Contains(text, "segmentation") {
		f.t.Errorf("the child ended by a signal: %s", text)
	}
}
