package store

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"mocban/graph"
)

var eios = flag.Int("eio", 2, "how often TestFailingSyscalls lets a system call of a store fail")

// Whichever write or sync fails first, of the log or of the data, and all after it: the store
// takes no more changes, goes on answering, and has all that was acknowledged when it is
// opened again.
func TestFailingDisk(t *testing.T) {
	plan := childPlan{Seed: newSeed(t), Writers: 1}
	for n := 1; n < 120; n += 1 + n/3 {
		b := &breaker{broken: errors.New("input/output error")}
		p := &parent{t: t, plan: plan}
		p.begin(t.TempDir(), plan.Seed)
		s := mustOpen(t, p.plan.Dir, b.options(Options{Volatile: true, foldAt: 100, leastFree: 1}))
		b.set(n)
		edition := 1
		for ; ; edition++ {
			if err := p.plan.live(s, 0, edition); err != nil {
				if !errors.Is(err, b.broken) {
					t.Fatalf("write %d: %v", n, err)
				}
				break
			}
			p.told[0] = edition
			if edition > 400 {
				t.Fatal("no write fails")
			}
		}
		p.judgeStore(s)
		if p.told[0] != edition-1 {
			t.Errorf("write %d: edition %d is seen, %d failed", n, p.told[0], edition)
		}
		if err := p.plan.live(s, 0, edition); err == nil {
			// What failed was put right on the spot, such as a load that was given up.
			p.told[0] = edition
		}
		s.Close()
		p.judgeStore(mustOpen(t, p.plan.Dir, Options{Volatile: true}))
		if t.Failed() {
			t.Fatalf("after write %d", n)
		}
	}
}

// judgeStore judges what a store of this process holds, in all orders.
func (p *parent) judgeStore(s *Store) {
	p.t.Helper()
	sn, err := s.Snapshot()
	if err != nil {
		p.t.Fatal(err)
	}
	defer sn.Close()
	var first []sum
	for _, o := range graph.Orders {
		sums, editions, err := sumUp(sn, p.plan.Writers, o)
		if err != nil {
			p.t.Fatal(err)
		}
		if first == nil {
			first = sums
			for w := range sums {
				p.judge(w, editions[w], sums[w])
			}
		}
		if !slices.Equal(sums, first) {
			p.t.Errorf("order %v holds %v, SPO %v", o, sums, first)
		}
	}
}

// The same, where the kernel itself says EIO, to Badger too: once or from then on; or that there
// are no more descriptors or no more memory. Badger 4.9.6 goes on when it cannot write a table
// that it compacts others into, and drops the others. What is lost so is never answered from,
// and the store has it again, from its log, when it is opened next.
//
//	go test ./graph/store -run '^TestFailingSyscalls$' -eio 500 -timeout 0
func TestFailingSyscalls(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("system calls are made to fail by strace, which is not there")
	}
	if text, err := exec.Command(strace, "-f", "-qq", "-e", "trace=none", "true").CombinedOutput(); err != nil {
		t.Skipf("strace does not work here: %v: %s", err, text)
	}
	seed := newSeed(t)
	r := rand.New(rand.NewPCG(seed, 0))
	p := &parent{t: t}
	calls := []string{"fsync", "msync", "pwrite64", "ftruncate", "fdatasync", "openat", "mmap"}
	hits := make(map[string]int)
	for n := 0; n < *eios && !t.Failed(); n++ {
		if n%5 == 0 { // before it grows large
			p.finish(r)
			p.plan = childPlan{Writers: 1 + r.IntN(3), Steps: 20, Tables: r.IntN(2) == 0, Wide: r.IntN(2) == 0}
			p.begin(filepath.Join(t.TempDir(), "store"), r.Uint64())
		}
		call, when, what := calls[r.IntN(len(calls))], fmt.Sprint(1+r.IntN(30)), "EIO"
		switch call {
		case "openat":
			when, what = fmt.Sprint(20+r.IntN(60)), [...]string{"EIO", "EMFILE"}[r.IntN(2)]
		case "mmap": // Go's own calls are among them: it ends where it gets no memory
			when, what = fmt.Sprint(80+r.IntN(60)), "ENOMEM"
		}
		if r.IntN(2) == 0 && call != "mmap" {
			when += "+"
		}
		inject := fmt.Sprintf("inject=%s:error=%s:when=%s", call, what, when)
		failed := p.failures
		child, lines := p.start(p.plan, strace, "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace="+call, "-e", inject)
		child.eio = true
		hung := time.AfterFunc(silence, func() { child.kill() })
		child.onLine = func(string) { hung.Reset(silence) }
		child.follow(lines)
		if !hung.Stop() {
			t.Errorf("the child hangs: %s", child.last)
		}
		if p.failures > failed {
			hits[call]++
		}
		p.look()
		if t.Failed() {
			t.Errorf("run %d, %s", n, inject)
		}
		p.progress("EIO", n+1, *eios)
	}
	p.finish(r)
	t.Logf("%v; changes failed by %v; %d times Badger lost a table, and the store was made anew from the log", &p.faultTally, hits, p.remade)
}

// silence is how long a child says nothing that hangs, also on a machine under load.
const silence = 2 * time.Minute

// look opens a store whose disk is whole again, judges what it holds, in all orders and by the
// log, and verifies it when it is closed.
func (p *parent) look() {
	p.t.Helper()
	plan := p.plan
	plan.Steps = -1
	child, lines := p.start(plan)
	child.follow(lines)
	p.cycles--
	if !child.done {
		p.t.Errorf("the child did not end: %s", child.last)
	}
	aside, _ := filepath.Glob(filepath.Join(plan.Dir, kvFolder+".damaged-*"))
	for _, name := range aside {
		p.remade++
		if err := os.RemoveAll(name); err != nil {
			p.t.Fatal(err)
		}
	}
	tell := func(f Finding) { p.t.Errorf("nobody told that it is damaged: %v", f) }
	if _, err := Verify(context.Background(), plan.Dir, Options{}, VerifyOptions{Full: true, Found: tell}); err != nil {
		p.t.Error(err)
	}
}
