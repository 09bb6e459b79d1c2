package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mocban/graph"
)

// A libraryPlan tells a child of a library whose records it replaces.
type libraryPlan struct {
	Graphs int   // how many records there are; 0 means that it has no library
	Look   []int // records that it looks at once it is open
	From   int   // the edition to go on from
}

// library replaces records of a library until the child is killed, while pages are read. It tells
//
//	open <microseconds>         the store is open
//	page <microseconds> <cpu>   and has answered; what the processor took until then
//	at <version>
//	holds <record> <sum>        what a record is that was to be looked at
//	try <writer> <record> <old sum> <sum> what a record is going to be
//	kept <writer> <version>     it was acknowledged
func (c *child) library(start time.Time) {
	s, err := Open(c.Dir, Options{})
	if err != nil {
		say("broken it does not open: %v", err)
		return
	}
	say("open %d", time.Since(start).Microseconds())
	l := &library{Store: s.(*Store), graphs: c.Library.Graphs}
	things, err := l.someThings(c.Seed+uint64(c.Library.From), 1)
	if err == nil {
		err = l.page(context.Background(), things[0])
	}
	if err != nil {
		say("broken it does not answer: %v", err)
		return
	}
	say("page %d %d", time.Since(start).Microseconds(), cpuTime().Microseconds())
	say("at %d", l.current.version)
	for _, n := range c.Library.Look {
		sum, err := l.sumRecord(n)
		if err != nil {
			say("broken record %d cannot be read: %v", n, err)
			return
		}
		say("holds %d %d", n, sum)
	}
	if c.Steps < 0 {
		if err := l.Close(); err != nil {
			say("broken it does not close: %v", err)
		}
		say("done")
		return
	}
	var wait sync.WaitGroup
	var edition atomic.Int64
	edition.Store(int64(c.Library.From))
	for w := range c.Writers {
		wait.Go(func() {
			for l.rewrite(c, w, int(edition.Add(1))) {
			}
		})
	}
	things, err = l.someThings(c.Seed, 200)
	for i := 0; err == nil; i++ {
		err = l.page(context.Background(), things[i%len(things)])
		time.Sleep(2 * time.Millisecond)
	}
	say("broken pages cannot be read: %v", err)
	wait.Wait()
}

// rewrite replaces a record of those that belong to a writer.
func (l *library) rewrite(c *child, w, edition int) bool {
	r := rand.New(rand.NewPCG(c.Seed, uint64(edition)))
	n := r.IntN(l.graphs/c.Writers)*c.Writers + w
	quads, err := l.quads(n)
	if err != nil {
		say("broken record %d cannot be read: %v", n, err)
		return false
	}
	old := sumQuads(quads)
	edit(r, quads, 0.1, edition)
	say("try %d %d %d %d", w, n, old, sumQuads(quads))
	v, err := l.Update(context.Background(), func(txn graph.Txn) error {
		return errors.Join(txn.DropGraph(graphName(n)), txn.Add(quads...))
	})
	if err != nil {
		say("broken record %d cannot be replaced: %v", n, err)
		return false
	}
	say("kept %d %d", w, v)
	return true
}

func (l *library) someThings(seed uint64, n int) (terms []graph.Term, err error) {
	r := rand.New(rand.NewPCG(seed, 3))
	for range n {
		quads, err := l.quads(r.IntN(l.graphs))
		if err != nil || len(quads) == 0 {
			return nil, fmt.Errorf("a record is empty: %w", err)
		}
		terms = append(terms, quads[r.IntN(len(quads))].S)
	}
	return terms, nil
}

func (l *library) sumRecord(n int) (uint64, error) {
	quads, err := l.quads(n)
	return sumQuads(quads), err
}

// sumQuads sums up quads, each once.
func sumQuads(quads []graph.Quad) uint64 {
	var s sum
	seen := make(map[string]bool)
	for _, q := range quads {
		if text := q.String(); !seen[text] {
			seen[text] = true
			s.add([]byte(text))
		}
	}
	return s.hash
}

// A librarian watches over a library that its children change.
type librarian struct {
	*parent
	must    map[int]uint64 // what the records are that were replaced
	recent  []int          // those replaced last
	trying  map[int]try    // by writer
	version int            // acknowledged
	page    time.Duration  // the longest until a page was answered
	cpu     time.Duration  // the most that the processor took for it
}

type try struct {
	record int
	sum    uint64
}

// What was acknowledged in a library of any size survives kill -9 while records are replaced,
// folded and read, and the store opens soon.
//
//	go test ./graph/store -run '^TestKillLibrary$' -kills 100 -nt lib10.nt -memory 1024 -timeout 0
func TestKillLibrary(t *testing.T) {
	seed := newSeed(t)
	r := rand.New(rand.NewPCG(seed, 0))
	l := openLibrary(t, Options{Volatile: *ntFile == "", Memory: *memoryMB << 20})
	n := l.current.total().Quads
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	b := &librarian{parent: &parent{t: t, faultTally: faultTally{killed: make(map[string]int)}}, must: make(map[int]uint64), trying: make(map[int]try), version: 1}
	b.plan = childPlan{Dir: l.dir, Seed: seed, Writers: 4, Library: libraryPlan{Graphs: l.graphs}}
	cycles := max(*kills/4, 1)
	for cycle := range cycles {
		b.cycle(r, time.Duration(r.ExpFloat64()*float64(1500*time.Millisecond)))
		if t.Failed() {
			t.Fatalf("cycle %d", cycle)
		}
		b.progress("kill -9 of a library", cycle+1, cycles)
	}
	b.plan.Steps = -1
	b.cycle(r, time.Hour)
	tell := func(f Finding) { t.Errorf("it is damaged: %v", f) }
	if _, err := Verify(context.Background(), l.dir, Options{}, VerifyOptions{Full: true, Found: tell}); err != nil {
		t.Error(err)
	}
	aside, _ := filepath.Glob(filepath.Join(l.dir, kvFolder+".damaged-*"))
	if len(aside) > 0 {
		t.Errorf("it was made anew: %v", aside)
	}
	// The time of the processor, since others may use the machine.
	if b.cpu > 10*time.Second {
		t.Errorf("opening took %v", b.cpu)
	}
	t.Logf("%d quads; %v; the longest until a page was answered %v, of the processor %v", n, &b.faultTally, b.page.Round(time.Millisecond), b.cpu.Round(time.Millisecond))
}

// cycle has a child go on until it is killed, and judges what it tells.
func (b *librarian) cycle(r *rand.Rand, wait time.Duration) {
	b.t.Helper()
	last := max(0, len(b.recent)-50)
	b.plan.Library.Look = append([]int(nil), b.recent[last:]...)
	for _, try := range b.trying {
		b.plan.Library.Look = append(b.plan.Library.Look, try.record)
	}
	child, lines := b.start(b.plan)
	child.onLine = func(line string) {
		if strings.HasPrefix(line, "at ") {
			time.AfterFunc(wait, child.kill)
		}
	}
	child.more = b.hear
	child.follow(lines)
	if child.done == child.killed() {
		b.t.Errorf("the child ended by itself: %s", child.last)
	}
	b.plan.Library.From += 10_000 // editions that were not acknowledged are not made again
}

// hear judges a line of a child.
func (b *librarian) hear(line string) bool {
	var w, n, micros, cpu, version int
	var sum, old uint64
	switch {
	case scan(line, "page %d %d", &micros, &cpu):
		b.page = max(b.page, time.Duration(micros)*time.Microsecond)
		b.cpu = max(b.cpu, time.Duration(cpu)*time.Microsecond)
	case scan(line, "at %d", &version):
		if version < b.version || version > b.version+len(b.trying) {
			b.t.Errorf("it stands at version %d, %d was acknowledged", version, b.version)
		}
		b.version = version
	case scan(line, "holds %d %d", &n, &sum):
		b.holds(n, sum)
	case scan(line, "try %d %d %d %d", &w, &n, &old, &sum):
		b.holds(n, old)
		b.trying[w] = try{n, sum}
	case scan(line, "kept %d %d", &w, &version):
		b.acks++
		b.version = max(b.version, version)
		b.must[b.trying[w].record] = b.trying[w].sum
		b.recent = append(b.recent, b.trying[w].record)
		delete(b.trying, w)
	default:
		return false
	}
	return true
}

// holds judges what a record is: what was acknowledged, or what it was going to be when the
// child was killed.
func (b *librarian) holds(n int, sum uint64) {
	for w, try := range b.trying {
		if try.record == n && try.sum == sum {
			b.must[n] = sum
			delete(b.trying, w)
		}
	}
	if want, ok := b.must[n]; ok && want != sum {
		b.t.Errorf("record %d is not what was acknowledged", n)
	}
	b.must[n] = sum
}
