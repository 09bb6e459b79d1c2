package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/kv"
	"mocban/graph/log"
)

// The tests of faults change a store in a process of their own, the child: this program,
// started again. It tells what it does in lines, each written at once, before and after:
//
//	open <microseconds>                          the store is open
//	state <writer> <edition> <quads> <sum>       what it holds of a writer
//	ok <writer> <edition>                        a change was acknowledged
//	low <writer> <error>                         it was refused for want of space
//	failed <error>                               it failed
//	broken <what>                                what must never be
//	done                                         it ended by itself
const childVariable = "MOCBAN_STORE_CHILD"

func TestMain(m *testing.M) {
	if text := os.Getenv(childVariable); text != "" {
		c := new(child)
		if err := json.Unmarshal([]byte(text), &c.childPlan); err != nil {
			panic(err)
		}
		c.run()
		return
	}
	os.Exit(m.Run())
}

// A childPlan tells a child what to do.
type childPlan struct {
	Dir     string
	Seed    uint64
	Writers int
	Steps   int    // of each writer; 0 for as many as there is time for
	Point   string // where it kills itself
	Nth     int    // and at which time of reaching it
	Tables  bool   // loads into an empty store are written straight to tables
	Dies    bool   // as soon as anything fails
	Wide    bool   // many large changes, so that Badger's tables turn over

	Hopeless  bool   // now and then a load is tried that is larger than the disk
	LeastFree uint64 // Options.leastFree
	Plain     bool   // the log's and Badger's own sizes

	Library libraryPlan

	Job  string // one of jobs, besides
	Only bool   // nothing but that
}

// A child changes a store.
type child struct {
	childPlan
	s *Store

	mu      sync.Mutex
	reached int
}

func say(format string, args ...any) {
	os.Stdout.WriteString(strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " ") + "\n")
}

func (c *child) run() {
	start := time.Now()
	if c.Library.Graphs > 0 {
		c.library(start)
		return
	}
	if (c.Job == "rebuild" || c.Job == "restore") && !c.before() {
		return
	}
	if c.Only {
		say("done")
		return
	}
	s, err := Open(c.Dir, c.options())
	if err != nil {
		say("broken it does not open: %v", err)
		return
	}
	say("open %d", time.Since(start).Microseconds())
	c.s = s.(*Store)
	editions := c.tell()
	switch c.Job {
	case "fold log", "compact", "back up":
		go c.beside()
	}
	if c.Steps >= 0 && editions != nil {
		c.write(editions)
		c.tell()
	}
	if err := s.Close(); err != nil {
		say("failed to close: %v", err)
	}
	say("done")
}

func (c *child) write(editions []int) {
	var wait sync.WaitGroup
	for w := range c.Writers {
		wait.Go(func() {
			for i := 1; c.Steps == 0 || i <= c.Steps; i++ {
				if !c.step(w, editions[w]+i) {
					return
				}
				if c.Hopeless && w == 0 && i%25 == 24 {
					c.hopeless()
				}
			}
		})
	}
	wait.Wait()
}

// step makes one change, and waits while there is no space for it.
func (c *child) step(w, edition int) bool {
	for {
		err := c.live(c.s, w, edition)
		switch {
		case err == nil:
			say("ok %d %d", w, edition)
			return true
		case !strings.Contains(err.Error(), "storage low"):
			say("failed %v", err)
			if c.Dies {
				die()
			}
			return false
		}
		say("low %d %v", w, err)
		if _, _, err := c.sums(graph.SPO); err != nil {
			say("broken while storage is low it cannot be read: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// hopeless tries a load that is larger than the disk.
func (c *child) hopeless() {
	r := rand.New(rand.NewPCG(c.Seed, 3))
	_, err := c.s.Load(context.Background(), func(l graph.Loader) error {
		for n := 0; n < 2_000_000; n++ {
			text := strconv.FormatUint(r.Uint64(), 36)
			q := graph.Quad{S: owned(0, "s", n), P: "http://example.org/hopeless", O: graph.String(strings.Repeat(text, 16) + text)}
			if err := l.Add(q); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "storage low") {
		say("broken a load larger than the disk: %v", err)
		return
	}
	say("low 0 hopeless: %v", err)
}

// at kills the child if it is to die here.
func (c *child) at(point string) {
	if c.Point != point {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reached++; c.reached == c.Nth {
		die()
	}
}

func die() {
	p, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = p.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {}
}

// points are the places where a child can kill itself, each with the highest number of times
// that it is let pass there.
var points = []struct {
	name string
	most int
}{
	{"log segment", 4}, {"log write", 60}, {"log synced", 40}, {"log truncate", 1}, {"log folder", 4},
	{"part", 12}, {"parted", 12}, {"commit", 40}, {"committed", 40}, {"flip", 6}, {"flipped", 6}, {"reclaim", 6}, {"reclaimed", 6},
	{"bulk", 3}, {"bulk value", 300}, {"bulk end", 3}, {"bulk ended", 3}, {"read", 3},
}

func (c *child) options() Options {
	o := Options{Cache: 64 << 20, Memory: 1, foldAt: 400, leastFree: c.LeastFree}
	o.Progress = func(p Progress) { c.at(p.Step) }
	o.reached = func(point string) error { c.at(point); return nil }
	o.openKV = func(dir string, o kv.Options) (kv.DB, error) {
		o.Small = !c.Plain
		db, err := kv.Open(dir, o)
		if err != nil {
			return nil, err
		}
		if c.Tables {
			db = largeLoads{db}
		}
		return &kv.Twin{
			DB:     db,
			Before: func(s kv.Step) error { c.at(pointOf(s)[0]); return nil },
			After:  func(s kv.Step) { c.at(pointOf(s)[1]) },
		}, nil
	}
	o.setLog = func(o *log.Options) {
		if !c.Plain {
			o.SegmentBytes = 256 << 10
		}
		o.OpenFile = func(name string, flag int, perm os.FileMode) (log.File, error) {
			f, err := os.OpenFile(name, flag, perm)
			if err != nil {
				return nil, err
			}
			if flag&os.O_CREATE != 0 {
				c.at("log segment")
			}
			return childLog{f, c, flag == os.O_RDONLY}, nil
		}
	}
	return o
}

// pointOf names the points before and after a step.
func pointOf(s kv.Step) [2]string {
	switch s.Kind {
	case kv.StepBulk:
		return [2]string{"bulk"}
	case kv.StepSet:
		return [2]string{"bulk value"}
	case kv.StepClose:
		return [2]string{"bulk end", "bulk ended"}
	case kv.StepSync:
		return [2]string{"kv sync", "kv synced"}
	}
	switch {
	case slices.Contains(s.Keys, string(rootKey)):
		return [2]string{"flip", "flipped"}
	case slices.Contains(s.Keys, string(stateKey)):
		return [2]string{"commit", "committed"}
	case s.Deletes == len(s.Keys):
		return [2]string{"reclaim", "reclaimed"}
	}
	return [2]string{"part", "parted"}
}

// childLog is a segment of the log, or its folder, in a child.
type childLog struct {
	*os.File
	c      *child
	folder bool
}

// WriteAt may leave off in the middle.
func (f childLog) WriteAt(b []byte, at int64) (int, error) {
	if c := f.c; c.Point == "log write" {
		c.mu.Lock()
		last := c.reached+1 == c.Nth
		c.mu.Unlock()
		if last {
			f.File.WriteAt(b[:rand.IntN(len(b)+1)], at)
		}
		c.at("log write")
	}
	return f.File.WriteAt(b, at)
}

func (f childLog) Truncate(size int64) error {
	f.c.at("log truncate")
	return f.File.Truncate(size)
}

func (f childLog) Sync() error {
	if f.folder {
		f.c.at("log folder")
	}
	err := f.File.Sync()
	if !f.folder && err == nil {
		f.c.at("log synced")
	}
	return err
}

// Writer w owns the subjects and graphs below base/w. Its edition i is its i-th change. What
// it did so far follows from the seed: nothing else must be there.
const childBase = "http://example.org/w/"

func owned(w int, name string, n int) graph.Term {
	return graph.IRI(childBase + strconv.Itoa(w) + "/" + name + strconv.Itoa(n)).Term()
}

const (
	childGraphs = 6
	editionIRI  = "http://example.org/edition"
)

func editionQuad(w, i int) graph.Quad {
	return graph.Quad{S: owned(w, "s", 0), P: editionIRI, O: graph.Literal(strconv.Itoa(i), "http://www.w3.org/2001/XMLSchema#integer")}
}

// live makes change i of a writer.
func (c *childPlan) live(s graph.Store, w, i int) error {
	r := rand.New(rand.NewPCG(c.Seed, uint64(w)<<32|uint64(i)))
	kind := r.IntN(24)
	switch {
	case kind == 1 && r.IntN(4) > 0:
		kind = 9 // wide changes are slow
	case kind > 12 && c.Wide:
		kind = 1
	}
	if kind == 0 {
		_, err := s.Load(context.Background(), func(l graph.Loader) error {
			return l.Add(append(ownedQuads(r, w, 120, 400, owned(w, "g", 0)), editionQuad(w, i))...)
		})
		return err
	}
	_, err := s.Update(context.Background(), func(txn graph.Txn) error {
		txn.SetSource(fmt.Sprintf("writer %d, edition %d", w, i))
		for old := max(1, i-12); old < i; old++ {
			if err := txn.Remove(editionQuad(w, old)); err != nil {
				return err
			}
		}
		if err := chance(txn, r, w, kind); err != nil {
			return err
		}
		return txn.Add(editionQuad(w, i))
	})
	return err
}

// chance makes a change of a kind to a graph.
func chance(txn graph.Txn, r *rand.Rand, w, kind int) error {
	g := owned(w, "g", r.IntN(childGraphs))
	switch {
	case kind == 1: // more than fits in one batch of Badger
		wide := make([]graph.Quad, 40)
		for n := range wide {
			text := make([]byte, 30_000)
			for k := range text {
				text[k] = 'a' + byte(r.IntN(26))
			}
			wide[n] = graph.Quad{S: owned(w, "s", n), P: "http://example.org/wide", O: graph.String(string(text)), G: g}
		}
		return errors.Join(txn.DropGraph(g), txn.Add(wide...))
	case kind == 2: // many rows
		return errors.Join(txn.DropGraph(g), txn.Add(ownedQuads(r, w, 1500, 3000, g)...))
	case kind == 3:
		return txn.DropGraph(g)
	case kind == 4:
		return errors.Join(txn.DropGraph(g), txn.CreateGraph(g))
	case kind < 9: // pieces
		return errors.Join(txn.Add(ownedQuads(r, w, 20, 200, g)...), txn.Remove(ownedQuads(r, w, 60, 200, g)...),
			txn.Add(ownedQuads(r, w, 10, 100, graph.Term{})...), txn.Remove(ownedQuads(r, w, 40, 100, graph.Term{})...))
	}
	return errors.Join(txn.DropGraph(g), txn.Add(ownedQuads(r, w, 30, 1000, g)...)) // a record is replaced
}

// ownedQuads returns n of so many quads of a writer in a graph.
func ownedQuads(r *rand.Rand, w, n, of int, g graph.Term) []graph.Quad {
	quads := make([]graph.Quad, n)
	for k := range quads {
		x := r.IntN(of)
		q := graph.Quad{S: owned(w, "s", x%37), P: graph.IRI("http://example.org/p" + strconv.Itoa(x%5)), G: g}
		switch x % 4 {
		case 0:
			q.O = owned(w, "s", x)
		case 1:
			q.O = graph.Literal(strconv.Itoa(x), "http://www.w3.org/2001/XMLSchema#integer")
		case 2:
			q.O = graph.Text("tên sách số "+strconv.Itoa(x), "vi")
		default:
			q.O = graph.Blank("b" + strconv.Itoa(x))
		}
		quads[k] = q
	}
	return quads
}

// A sum stands for quads and graphs, in whatever order they come.
type sum struct {
	quads int
	hash  uint64
}

func (s *sum) add(line []byte) {
	h := uint64(14695981039346656037) // FNV-1a, then mixed
	for _, b := range line {
		h = (h ^ uint64(b)) * 1099511628211
	}
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	s.hash += h ^ h>>31
	s.quads++
}

// sumUp sums up what a snapshot holds of each writer, read in one order, and finds their
// editions.
func sumUp(sn graph.Snapshot, writers int, o graph.Order) (sums []sum, editions []int, err error) {
	sums, editions = make([]sum, writers), make([]int, writers)
	each := func(c graph.Cursor, f func([4]graph.Term) error) error {
		defer c.Close()
		var b graph.Block
		var terms [4][]graph.Term
		for c.Next(&b) {
			for pos := range terms {
				terms[pos] = slices.Grow(terms[pos][:0], b.Len)[:b.Len]
				if b.Cols[pos] == nil {
					clear(terms[pos])
				} else if err := sn.Terms(context.Background(), b.Cols[pos], terms[pos]); err != nil {
					return err
				}
			}
			for i := range b.Len {
				if err := f([4]graph.Term{terms[0][i], terms[1][i], terms[2][i], terms[3][i]}); err != nil {
					return err
				}
			}
		}
		return c.Err()
	}
	var line []byte
	c, err := sn.Scan(context.Background(), graph.Pattern{}, o, graph.AllColumns)
	if err != nil {
		return nil, nil, err
	}
	if err := each(c, func(t [4]graph.Term) error {
		w, err := writerOf(t[0], writers)
		if err != nil {
			return err
		}
		p, _ := t[1].IRI()
		line = graph.AppendQuad(line[:0], graph.Quad{S: t[0], P: p, O: t[2], G: t[3]})
		sums[w].add(line)
		if p == editionIRI {
			n, err := strconv.Atoi(t[2].Value())
			if err != nil {
				return err
			}
			editions[w] = max(editions[w], n)
		}
		return nil
	}); err != nil {
		return nil, nil, err
	}
	if c, err = sn.Graphs(context.Background()); err != nil {
		return nil, nil, err
	}
	err = each(c, func(t [4]graph.Term) error {
		w, err := writerOf(t[3], writers)
		if err == nil {
			sums[w].add(append(graph.AppendTerm(line[:0], t[3]), '!'))
		}
		return err
	})
	return sums, editions, err
}

func writerOf(t graph.Term, writers int) (int, error) {
	name, _, _ := strings.Cut(strings.TrimPrefix(t.Value(), childBase), "/")
	w, err := strconv.Atoi(name)
	if err != nil || w < 0 || w >= writers {
		return 0, fmt.Errorf("%s belongs to no writer", t)
	}
	return w, nil
}

func (c *child) sums(o graph.Order) ([]sum, []int, error) {
	sn, err := c.s.Snapshot()
	if err != nil {
		return nil, nil, err
	}
	defer sn.Close()
	return sumUp(sn, c.Writers, o)
}

// tell tells what the store holds. All orders and the log must agree on it.
func (c *child) tell() []int {
	sums, editions, err := c.sums(graph.SPO)
	if err != nil {
		say("broken it cannot be read: %v", err)
	}
	for _, o := range graph.Orders {
		if other, _, err := c.sums(o); err != nil || !slices.Equal(other, sums) {
			say("broken order %v holds %v, SPO %v (%v)", o, other, sums, err)
		}
	}
	if logged, err := c.fromLog(); err != nil || logged != nil && !slices.Equal(logged, sums) {
		say("broken the log says %v, the store %v (%v)", logged, sums, err)
	}
	for w := range editions {
		say("state %d %d %d %d", w, editions[w], sums[w].quads, sums[w].hash)
	}
	return editions
}

// fromLog sums up what follows from the log, if it is short and whole.
func (c *child) fromLog() ([]sum, error) {
	if c.s.log.Size() > 1<<20 {
		return nil, nil
	}
	there := make(map[string]int) // to whom a line belongs
	for change, err := range c.s.Changes(context.Background(), 0) {
		if errors.Is(err, graph.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for op, err := range change.Ops() {
			if err != nil {
				return nil, err
			}
			owner, line := op.Quad.S, op.Quad.String()
			if op.Kind == graph.OpCreateGraph || op.Kind == graph.OpDropGraph {
				owner, line = op.Quad.G, op.Quad.G.String()+"!"
			}
			w, err := writerOf(owner, c.Writers)
			if err != nil {
				return nil, err
			}
			if op.Kind == graph.OpAdd || op.Kind == graph.OpCreateGraph {
				there[line] = w
			} else {
				delete(there, line)
			}
		}
	}
	sums := make([]sum, c.Writers)
	for line, w := range there {
		sums[w].add([]byte(line))
	}
	return sums, nil
}

var _ io.Closer = childLog{}
