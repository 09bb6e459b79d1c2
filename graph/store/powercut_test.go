package store

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mocban/graph/storetest"
)

var powerCuts = flag.Int("powercuts", 3, "how often the power of a store's disk is cut")

// What was acknowledged survives a cut of the power. The disk forgets what was not synced; but
// what was written last may have come to it and what was written first not, so files are
// synced at random behind the store's back.
//
//	go test ./graph/store -run '^TestPowerCutOfDisk$' -powercuts 200 -timeout 0
func TestPowerCutOfDisk(t *testing.T) {
	disk := storetest.NewDisk(t, 512)
	seed := newSeed(t)
	r := rand.New(rand.NewPCG(seed, 0))
	p := &parent{t: t}
	const perStore = 20
	for n := 0; n < *powerCuts && !t.Failed(); n++ {
		dir := filepath.Join(disk.Dir(), "store")
		if n%perStore == 0 {
			p.finish(r)
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			disk.Unmount() // or the one before comes back
			disk.Mount()
			p.plan = childPlan{Writers: 1 + r.IntN(4), Tables: r.IntN(2) == 0, Dies: true, Wide: r.IntN(2) == 0}
			p.begin(dir, r.Uint64())
		}
		p.cutPower(disk, r)
		if t.Failed() {
			t.Errorf("cut %d", n)
		}
		p.progress("power cut", n+1, *powerCuts)
	}
	p.finish(r)
	t.Logf("%v", &p.faultTally)
}

// cutPower starts a child, cuts the power a while after it has opened its store, or after its
// start, and mounts the disk again.
func (p *parent) cutPower(disk *storetest.Disk, r *rand.Rand) {
	p.t.Helper()
	wait := 50*time.Millisecond + time.Duration(r.ExpFloat64()*float64(300*time.Millisecond))
	early, seed := r.IntN(4) == 0, rand.New(rand.NewPCG(r.Uint64(), 1))
	child, lines := p.start(p.plan)
	opened := make(chan bool, 1)
	child.onLine = func(line string) {
		if strings.HasPrefix(line, "open ") {
			opened <- true
		}
	}
	done := make(chan error)
	go func() {
		if !early {
			select {
			case <-opened:
			case <-time.After(time.Minute):
			}
		}
		for end := time.Now().Add(wait); time.Now().Before(end); {
			time.Sleep(time.Duration(seed.IntN(60)) * time.Millisecond)
			syncSome(seed, p.plan.Dir)
		}
		child.cut.Store(true)
		err := disk.CutPower()
		child.kill()
		done <- err
	}()
	child.follow(lines)
	if err := <-done; err != nil {
		p.t.Fatal(err)
	}
	disk.Unmount()
	disk.Mount()
}

// syncSome syncs a file of a store, as the kernel may at any time.
func syncSome(r *rand.Rand, dir string) {
	var files []string
	for _, pattern := range []string{"kv/*.mem", "kv/*", "log/*"} {
		if found, _ := filepath.Glob(filepath.Join(dir, pattern)); len(found) > 0 && r.IntN(2) == 0 {
			files = found
			break
		}
	}
	if len(files) == 0 {
		return
	}
	if f, err := os.Open(files[r.IntN(len(files))]); err == nil {
		f.Sync()
		f.Close()
	}
}
