package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/storetest"
)

// jobs are what a child does besides making changes. Those of the first three go on while it
// does, the others before: it says "job" when one begins and "did" when it is done.
var jobs = []string{"fold log", "compact", "back up", "rebuild", "restore"}

// jobPoints are points of jobs where a child can kill itself.
var jobPoints = map[string][]string{
	"fold log": {"log segment", "log write", "log synced", "log folder", "read"},
	"compact":  {"compact", "bulk", "bulk value", "bulk end", "bulk ended", "kv sync", "kv synced", "reclaim"},
	"restore":  {"restore", "replay", "verify"},
	"rebuild":  {"begin", "replayed", "made", "synced", "ready", "put aside", "in place", "kept"},
}

func backupOf(dir string) string   { return dir + ".backup" }
func restoredTo(dir string) string { return dir + ".restored" }

// before does a job that nobody else may be at the store for.
func (c *child) before() bool {
	say("job %s", c.Job)
	ctx := context.Background()
	var err error
	switch c.Job {
	case "rebuild":
		_, err = Rebuild(ctx, c.Dir, c.options())
	case "restore":
		// Of the backup that was stopped before, what is whole stays.
		if err = c.backUp(func(to string) error { _, err := Backup(ctx, c.Dir, to, BackupOptions{}); return err }); err == nil {
			err = os.RemoveAll(restoredTo(c.Dir))
		}
		if err == nil {
			_, err = Restore(ctx, []string{backupOf(c.Dir)}, restoredTo(c.Dir), c.options())
		}
	}
	if err != nil {
		say("broken %s: %v", c.Job, err)
		return false
	}
	say("did %s", c.Job)
	return true
}

// beside does a job again and again while changes are made, until one fails.
func (c *child) beside() {
	ctx := context.Background()
	for {
		time.Sleep(20 * time.Millisecond)
		say("job %s", c.Job)
		var err error
		switch c.Job {
		case "fold log":
			if err = c.s.FoldLog(ctx, 0); err != nil && strings.Contains(err.Error(), "nothing before version") {
				err = nil
			}
		case "compact":
			err = c.s.Compact(ctx)
		case "back up":
			err = c.backUp(func(to string) error { _, err := c.s.Backup(ctx, to, BackupOptions{}); return err })
		}
		if errors.Is(err, graph.ErrClosed) {
			return
		}
		if err != nil {
			say("broken %s: %v", c.Job, err)
			return
		}
		say("did %s", c.Job)
	}
}

// backUp backs up, anew if the log was folded since.
func (c *child) backUp(to func(string) error) error {
	dir := backupOf(c.Dir)
	err := to(dir)
	if err == nil || !strings.Contains(err.Error(), "folded") {
		return err
	}
	return errors.Join(os.RemoveAll(dir), to(dir))
}

// jobTally counts what became of jobs.
type jobTally struct{ begun, done map[string]int }

// stopInJob has a child do a job and stops it while it does, if it can.
func (p *parent) stopInJob(r *rand.Rand, tally *jobTally, stop func(*run)) *run {
	p.t.Helper()
	plan := p.plan
	plan.Job = jobs[r.IntN(len(jobs))]
	if named := jobPoints[plan.Job]; len(named) > 0 && r.IntN(2) == 0 {
		plan.Point, plan.Nth = named[r.IntN(len(named))], 1+r.IntN(3)
		if plan.Job == "rebuild" {
			plan.Nth = 1
		}
	}
	wait := time.Duration(r.ExpFloat64() * float64(60*time.Millisecond))
	if plan.Point != "" {
		wait = 5 * time.Second
	}
	child, lines := p.start(plan)
	var once sync.Once
	var stopped sync.WaitGroup
	child.more = func(line string) bool {
		job, begun := strings.CutPrefix(line, "job ")
		did, done := strings.CutPrefix(line, "did ")
		switch {
		case begun:
			tally.begun[job]++
			once.Do(func() {
				stopped.Add(1)
				time.AfterFunc(wait, func() { stop(child); stopped.Done() })
			})
		case done:
			tally.done[did]++
		}
		return begun || done
	}
	child.follow(lines)
	stopped.Wait()
	return child
}

// checkRestored judges a store that was restored from a backup of all that was kept.
func (p *parent) checkRestored() {
	p.t.Helper()
	own := p.plan.Dir
	defer func() { p.plan.Dir = own }()
	plan := p.plan
	plan.Steps = 0
	plan.Job = "restore"
	plan.Only = true
	child, lines := p.start(plan)
	child.more = func(line string) bool { return strings.HasPrefix(line, "job ") || strings.HasPrefix(line, "did ") }
	child.follow(lines)
	if p.cycles--; !child.done {
		p.t.Errorf("it cannot be restored: %s", child.last)
		return
	}
	p.plan.Dir = restoredTo(own)
	p.look()
}

// What was acknowledged survives kill -9 in the midst of a backup, a restore, a rebuild, the
// folding of the log and the compacting of the data, and what these make is whole or not there.
//
//	go test ./graph/store -run '^TestKillInJobs$' -kills 500 -timeout 0
func TestKillInJobs(t *testing.T) {
	seed := newSeed(t)
	r := rand.New(rand.NewPCG(seed, 0))
	p := &parent{t: t, faultTally: faultTally{killed: make(map[string]int)}}
	tally := &jobTally{make(map[string]int), make(map[string]int)}
	const perStore = 25
	for n := 0; n < *kills && !t.Failed(); n++ {
		if n%perStore == 0 {
			p.endJobs(r)
			p.plan = childPlan{Writers: 1 + r.IntN(3), Tables: r.IntN(2) == 0}
			p.begin(filepath.Join(t.TempDir(), "store"), r.Uint64())
			p.settle(20)
		}
		if child := p.stopInJob(r, tally, (*run).kill); !child.killed() {
			t.Errorf("the child ended by itself: %s", child.last)
		}
		if t.Failed() {
			t.Errorf("cycle %d", n)
		}
		p.progress("kill -9 in jobs", n+1, *kills)
	}
	p.endJobs(r)
	t.Logf("%v; jobs begun: %v; done: %v", &p.faultTally, tally.begun, tally.done)
}

// settle has a child make some changes and end.
func (p *parent) settle(steps int) {
	p.t.Helper()
	plan := p.plan
	plan.Steps = steps
	child, lines := p.start(plan)
	child.follow(lines)
	if p.cycles--; !child.done {
		p.t.Errorf("the child did not end: %s", child.last)
	}
}

func (p *parent) endJobs(r *rand.Rand) {
	p.t.Helper()
	if p.plan.Dir == "" || p.t.Failed() {
		return
	}
	p.finish(r)
	p.look()
	p.checkRestored()
}

// The same, where the power of the disk is cut.
//
//	go test ./graph/store -run '^TestPowerCutInJobs$' -powercuts 100 -timeout 0
func TestPowerCutInJobs(t *testing.T) {
	disk := storetest.NewDisk(t, 512)
	seed := newSeed(t)
	r := rand.New(rand.NewPCG(seed, 0))
	p := &parent{t: t}
	tally := &jobTally{make(map[string]int), make(map[string]int)}
	const perStore = 20
	for n := 0; n < *powerCuts && !t.Failed(); n++ {
		dir := filepath.Join(disk.Dir(), "store")
		if n%perStore == 0 {
			p.endJobs(r)
			for _, name := range []string{dir, backupOf(dir), restoredTo(dir)} {
				if err := os.RemoveAll(name); err != nil {
					t.Fatal(err)
				}
			}
			disk.Unmount() // or what was removed comes back
			disk.Mount()
			p.plan = childPlan{Writers: 1 + r.IntN(3), Tables: r.IntN(2) == 0, Dies: true}
			p.begin(dir, r.Uint64())
			p.settle(20)
		}
		child := p.stopInJob(r, tally, func(child *run) {
			syncSome(r, dir)
			child.cut.Store(true)
			if err := disk.CutPower(); err != nil {
				t.Error(err)
			}
			child.kill()
		})
		disk.Unmount()
		disk.Mount()
		if t.Failed() {
			t.Errorf("cut %d, the child last says: %s", n, child.last)
		}
		p.progress("power cut in jobs", n+1, *powerCuts)
	}
	p.endJobs(r)
	t.Logf("%v; jobs begun: %v; done: %v", &p.faultTally, tally.begun, tally.done)
}
