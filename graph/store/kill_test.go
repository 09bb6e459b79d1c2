package store

import (
	"flag"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mocban/graph/storetest"
)

var kills = flag.Int("kills", 8, "how often the process of a store is killed")

// What was acknowledged survives kill -9 at any time, as a whole; and the store opens at the
// first try. Every other kill is at one of the points where it would hurt.
//
//	go test ./graph/store -run '^TestKill$' -kills 1000 -timeout 0
func TestKill(t *testing.T) {
	seed := newSeed(t)
	r := rand.New(rand.NewPCG(seed, 0))
	p := &parent{t: t, faultTally: faultTally{killed: make(map[string]int)}}
	const perStore = 40
	for n := 0; n < *kills && !t.Failed(); n++ {
		if n%perStore == 0 {
			p.finish(r)
			p.plan = childPlan{Writers: 1 + r.IntN(4), Tables: r.IntN(2) == 0, Wide: r.IntN(4) == 0}
			p.begin(filepath.Join(t.TempDir(), "store"), r.Uint64())
		}
		plan := p.plan
		wait := time.Duration(r.ExpFloat64() * float64(150*time.Millisecond))
		if r.IntN(2) == 0 {
			point := points[r.IntN(len(points))]
			plan.Point, plan.Nth, wait = point.name, 1+r.IntN(1+r.IntN(point.most)), 2*time.Second
		}
		p.kill(plan, wait, plan.Point == "" && r.IntN(4) == 0)
		if t.Failed() {
			t.Errorf("cycle %d, killed at %q", n, plan.Point)
		}
		p.progress("kill -9", n+1, *kills)
	}
	p.finish(r)
	t.Logf("%v; killed at points: %v", &p.faultTally, p.killed)
}

// kill starts a child and kills it a while after it has opened its store, or after its start,
// if it does not do so itself.
func (p *parent) kill(plan childPlan, wait time.Duration, early bool) {
	p.t.Helper()
	child, lines := p.start(plan)
	var once sync.Once
	var timer atomic.Bool // whether it was that which killed
	kill := func() {
		once.Do(func() {
			time.AfterFunc(wait, func() { timer.Store(true); child.kill() })
		})
	}
	child.onLine = func(line string) {
		if strings.HasPrefix(line, "open ") {
			kill()
		}
	}
	if early {
		kill()
	}
	child.follow(lines)
	if timer.Load() {
		p.killed["at random"]++
	} else {
		p.killed[plan.Point]++
	}
	if !child.killed() {
		p.t.Error("the child ended by itself")
	}
}

// finish opens a store for the last time and looks at all of it.
func (p *parent) finish(r *rand.Rand) {
	p.t.Helper()
	if p.plan.Dir == "" {
		return
	}
	plan := p.plan
	plan.Steps = -1
	child, lines := p.start(plan)
	child.follow(lines)
	p.cycles--
	if !child.done {
		p.t.Error("the child did not end")
	}
	s := mustOpen(p.t, p.plan.Dir, Options{})
	defer s.Close()
	sn, err := s.Snapshot()
	if err != nil {
		p.t.Fatal(err)
	}
	defer sn.Close()
	storetest.CheckPatterns(p.t, sn, r, 10)
}
