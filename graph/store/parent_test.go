package store

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/kv"
	"mocban/graph/memstore"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the tests of faults and of random histories; 0 means a new one")

// newSeed returns the seed of a test, and tells it.
func newSeed(t testing.TB) uint64 {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d (go test ./graph/store -run '^%s$' -seed %d)", seed, t.Name(), seed)
	return seed
}

// A parent watches over a store that its children change, and knows what it must hold.
type parent struct {
	t    testing.TB
	plan childPlan
	told []int             // editions that were acknowledged
	may  []int             // and after the power was cut: see Disk.CutPower
	must []*memstore.Store // what the editions of each writer lead to
	at   []int             // the edition that must has come to

	faultTally
}

// A faultTally is what is reported of many trials.
type faultTally struct {
	cycles, opens, acks, lows, failures int
	remade                              int            // impressions, from the log
	killed                              map[string]int // by point
	longest                             time.Duration  // opening
}

func (c *faultTally) String() string {
	s := fmt.Sprintf("%d cycles, %d opens, the longest %v, %d acknowledged changes", c.cycles, c.opens, c.longest.Round(time.Millisecond), c.acks)
	if c.lows > 0 {
		s += fmt.Sprintf(", %d refusals for want of space", c.lows)
	}
	if c.failures > 0 {
		s += fmt.Sprintf(", %d failed changes", c.failures)
	}
	return s
}

// begin begins a store anew, in a folder that need not be there.
func (p *parent) begin(dir string, seed uint64) {
	p.plan.Dir, p.plan.Seed = dir, seed
	p.told, p.may, p.at = make([]int, p.plan.Writers), make([]int, p.plan.Writers), make([]int, p.plan.Writers)
	p.must = nil
	for range p.plan.Writers {
		p.must = append(p.must, new(memstore.Store))
	}
}

// A run is one child.
type run struct {
	p       *parent
	cmd     *exec.Cmd
	started time.Time
	onLine  func(line string)      // called for each line
	more    func(line string) bool // judges lines of its own
	text    strings.Builder
	last    string // line
	done    bool
	eio     bool        // its system calls fail, so it may say so
	cut     atomic.Bool // its disk fails: what it complains of from now on does not count
}

// start starts a child, under a command if one is given.
func (p *parent) start(plan childPlan, under ...string) (*run, *bufio.Scanner) {
	p.t.Helper()
	self, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	text, err := json.Marshal(plan)
	if err != nil {
		p.t.Fatal(err)
	}
	args := append(under, self)
	r := &run{p: p, cmd: exec.Command(args[0], args[1:]...), started: time.Now()}
	r.cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	r.cmd.Stderr = &r.text
	ofGroup(r.cmd)
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	return r, lines
}

// kill kills a child, and the command that it runs under.
func (r *run) kill() { killGroup(r.cmd) }

// follow reads what a child says to its end.
func (r *run) follow(lines *bufio.Scanner) {
	p := r.p
	for lines.Scan() {
		line := lines.Text()
		r.last = line
		if r.onLine != nil {
			r.onLine(line)
		}
		var w, edition, micros int
		var s sum
		switch {
		case r.more != nil && r.more(line):
		case scan(line, "open %d", &micros):
			p.opens++
			p.longest = max(p.longest, time.Duration(micros)*time.Microsecond)
		case scan(line, "state %d %d %d %d", &w, &edition, &s.quads, &s.hash):
			p.judge(w, edition, s)
		case scan(line, "ok %d %d", &w, &edition):
			if p.acks++; r.cut.Load() {
				p.may[w] = edition
			} else {
				p.told[w] = edition
			}
		case strings.HasPrefix(line, "low "):
			p.lows++
		case strings.HasPrefix(line, "failed "):
			p.failures++
		case line == "done":
			r.done = true
		case r.eio && failing(line):
			p.failures++
		case !r.cut.Load():
			p.t.Errorf("the child says: %s", line)
		}
	}
	r.cmd.Wait()
	p.cycles++
	if text := r.text.String(); text != "" && !r.cut.Load() && !(r.eio && failing(text)) {
		p.t.Errorf("the child complains: %.4000s", text)
	}
}

// failing tells whether a line tells of a system call that failed, or of what came of it.
func failing(line string) bool {
	for _, words := range [...]string{"input/output error", "too many open files", "cannot allocate memory", "runtime: out of memory", kv.ErrLost.Error()} {
		if strings.Contains(line, words) {
			return true
		}
	}
	return false
}

func scan(line, format string, into ...any) bool {
	n, err := fmt.Sscanf(line, format, into...)
	return err == nil && n == len(into)
}

// judge compares what a store holds of a writer with what it must hold: what was
// acknowledged, and perhaps one change more, as a whole.
func (p *parent) judge(w, edition int, got sum) {
	p.t.Helper()
	if edition < p.told[w] || edition > max(p.told[w], p.may[w])+1 {
		p.t.Errorf("writer %d stands at edition %d; %d was acknowledged", w, edition, p.told[w])
		return
	}
	p.told[w] = edition
	for p.at[w] < edition {
		p.at[w]++
		if err := p.plan.live(p.must[w], w, p.at[w]); err != nil {
			p.t.Fatal(err)
		}
	}
	sn, err := p.must[w].Snapshot()
	if err != nil {
		p.t.Fatal(err)
	}
	want, _, err := sumUp(sn, p.plan.Writers, graph.GSPO)
	if err != nil {
		p.t.Fatal(err)
	}
	if got != want[w] {
		p.t.Errorf("edition %d of writer %d is torn: %v, want %v", edition, w, got, want[w])
	}
}

// killed tells whether a child that has ended was killed.
func (r *run) killed() bool { return !r.cmd.ProcessState.Exited() }

// progress tells on stderr how far a long test has come.
func (p *parent) progress(what string, n, of int) {
	if of > 50 && n%10 == 0 {
		fmt.Fprintf(os.Stderr, "%s: %d of %d; %v\n", what, n, of, &p.faultTally)
	}
}
