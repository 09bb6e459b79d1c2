package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"mocban/graph"
	"mocban/graph/dict"
	"mocban/graph/kv"
	"mocban/graph/log"
)

// Load implements graph.Store. Quads are numbered chunk by chunk on all cores, each chunk with
// a table of its own terms; the tables are merged into runs of the dictionary; rows are
// sorted and folded into the base order by order. What does not fit in memory goes to files
// in the store's folder. Meanwhile the log takes the quads as they come.
func (s *Store) Load(ctx context.Context, f func(graph.Loader) error) (graph.Version, error) {
	s.folding.Lock()
	defer s.folding.Unlock()
	if err := s.takeAlone(ctx); err != nil {
		return 0, err
	}
	defer s.giveAlone()
	l, err := s.newLoader(ctx, true)
	if err != nil {
		return 0, err
	}
	returned := false
	defer func() {
		if !returned { // f panics
			l.abort(errors.New("a load was given up"))
		}
	}()
	err = f(l)
	returned = true
	if err != nil {
		return l.from.version, l.abort(err)
	}
	return l.finish(nil)
}

// A loader takes the quads of a bulk load.
type loader struct {
	s      *Store
	ctx    context.Context // of the one load that the loader is
	from   *state
	w      *log.Writer           // nil on replay
	budget int64                 // bytes that the load may hold at a time, see memory
	pause  func(context.Context) // called now and then, if not nil

	callers atomic.Int32 // of Add
	several atomic.Bool  // there were several at a time
	direct  sync.RWMutex // read by those of them who number their quads themselves
	ended   bool         // guarded by direct
	idle    chan *chunkWriter
	parts   []*chunkWriter // all of them, one for each processor

	mu     sync.Mutex
	source string
	graphs []graph.Term // to be created
	batch  *quadBatch
	seen   uint64

	jobs chan *quadBatch
	free chan *quadBatch
	wait sync.WaitGroup
	err  errorOnce

	first  uint64 // number of the first block that the load makes
	scrap  string // folder for what does not fit in memory
	chunks []*chunk
	held   int64 // bytes of those in memory
	chunkM sync.Mutex
}

// An errorOnce keeps the first error of many goroutines.
type errorOnce struct {
	mu  sync.Mutex
	err error
}

func (e *errorOnce) set(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err == nil {
		e.err = err
	}
}

func (e *errorOnce) get() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

func (s *Store) newLoader(ctx context.Context, logged bool) (*loader, error) {
	if err := s.fold(ctx, true, nil); err != nil {
		return nil, err
	}
	s.mu.Lock()
	from := s.current
	s.mu.Unlock()
	if from == nil {
		return nil, graph.ErrClosed
	}
	l := &loader{s: s, ctx: ctx, from: from, first: s.last.Load() + 1}
	if logged {
		w, err := s.log.Begin(true)
		if err != nil {
			return nil, err
		}
		l.w = w
	}
	if l.budget = l.s.o.budget; l.budget == 0 {
		l.budget = l.memory() / 2
	}
	workers := l.s.o.parallel()
	l.jobs, l.free, l.idle = make(chan *quadBatch), make(chan *quadBatch, workers+1), make(chan *chunkWriter, workers)
	for range workers {
		l.free <- newQuadBatch()
		p := &chunkWriter{l: l, max: int(min(max(l.budget/int64(8*workers), leastChunk), mostChunk))}
		l.parts = append(l.parts, p)
		l.idle <- p
		l.wait.Add(1)
		go func() {
			defer l.wait.Done()
			l.work()
		}()
	}
	l.batch = newQuadBatch()
	return l, nil
}

const (
	leastChunk = 1 << 20  // bytes
	mostChunk  = 32 << 20 // bytes: larger ones do not stay near their core

	leastMemory = 64 << 20 // bytes
	mostMemory  = 3 << 30  // bytes, if nothing is said
)

// memory returns how many bytes the process may grow by. As much as half of it is what the
// load holds; the rest is for what the collector has not found yet.
func (l *loader) memory() int64 { return l.s.o.memory() }

func (o *Options) memory() int64 {
	if o.Memory > 0 {
		return max(o.Memory, leastMemory)
	}
	return max(min(machineMemory()/4, mostMemory), leastMemory)
}

func (l *loader) SetSource(source string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.source = source
}

func (l *loader) CreateGraph(g graph.Term) error {
	if !g.IsIRI() && !g.IsBlank() {
		return errGraphName
	}
	if err := checkTerm(g); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.graphs = append(l.graphs, g.Clone())
	return nil
}

// manyQuads are worth the while of numbering them at once.
const manyQuads = 256

// Add takes quads. Any number of goroutines may call it. Where several do, each numbers its
// own quads; where there is one, others do that for it.
func (l *loader) Add(quads ...graph.Quad) error {
	for i := range quads {
		if err := checkQuad(&quads[i]); err != nil {
			return err
		}
	}
	defer l.callers.Add(-1)
	if l.callers.Add(1) > 1 && !l.several.Load() {
		l.several.Store(true)
	}
	if len(quads) >= manyQuads && l.several.Load() {
		return l.addDirect(quads)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.batch == nil {
		return errLoadEnded
	}
	for i := range quads {
		if l.batch.full(&quads[i]) {
			if err := l.send(); err != nil {
				return err
			}
		}
		l.batch.add(&quads[i])
	}
	return nil
}

var errLoadEnded = fmt.Errorf("add to a load: %w", graph.ErrClosed)

func (l *loader) addDirect(quads []graph.Quad) error {
	l.direct.RLock()
	defer l.direct.RUnlock()
	if l.ended {
		return errLoadEnded
	}
	if err := l.going(); err != nil {
		return err
	}
	p := <-l.idle
	err := p.take(quads)
	l.idle <- p
	if err != nil {
		l.err.set(err)
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count(len(quads))
	return nil
}

// going tells why the load cannot go on.
func (l *loader) going() error {
	if err := l.err.get(); err != nil {
		return err
	}
	if err := l.ctx.Err(); err != nil {
		return err
	}
	return l.s.checkSpace(0)
}

func (l *loader) count(quads int) {
	l.seen += uint64(quads)
	l.s.o.progress("read", l.seen, 0)
}

// send hands the batch to a worker.
func (l *loader) send() error {
	if err := l.going(); err != nil {
		return err
	}
	n := len(l.batch.quads)
	l.jobs <- l.batch
	l.batch = <-l.free
	l.count(n)
	return nil
}

// work numbers batches.
func (l *loader) work() {
	for b := range l.jobs {
		if l.err.get() == nil {
			p := <-l.idle
			err := p.take(b.quads)
			l.idle <- p
			if err != nil {
				l.err.set(err)
			}
		}
		b.reset()
		select {
		case l.free <- b:
		default:
		}
	}
}

// end waits for the workers and ends the chunks.
func (l *loader) end() error {
	l.direct.Lock()
	defer l.direct.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return l.err.get()
	}
	l.ended = true
	l.jobs <- l.batch
	l.batch = nil
	close(l.jobs)
	l.wait.Wait()
	if len(l.graphs) > 0 {
		c := &l.parts[0].chunk
		for _, g := range l.graphs {
			c.graph(g)
		}
	}
	for _, p := range l.parts {
		l.wait.Add(1)
		go func() {
			defer l.wait.Done()
			if l.err.get() == nil {
				if err := errors.Join(p.flush(), p.seal()); err != nil {
					l.err.set(err)
				}
			}
		}()
	}
	l.wait.Wait()
	l.parts = nil
	return l.err.get()
}

// abort takes back what was written and returns the error that made it necessary.
func (l *loader) abort(err error) error {
	err = l.s.lowSpace(err)
	l.err.set(err)
	l.end()
	l.clean()
	if l.w != nil {
		if e := l.w.Abort(); e != nil {
			return l.s.fail(e)
		}
	}
	for x := range indexes {
		for _, kind := range [...]byte{blockKind, dirKind} {
			if e := l.s.deleteRange(appendID(nil, kind, x, l.first), endOfIDs(kind, x)); e != nil {
				return l.s.fail(e)
			}
		}
	}
	return err
}

func (l *loader) clean() {
	for _, c := range l.chunks {
		c.close()
	}
	l.chunks = nil
	if l.scrap != "" {
		os.RemoveAll(l.scrap)
	}
}

// finish makes what was added visible. On replay the change set stands in the log already.
func (l *loader) finish(replayed *log.Mark) (graph.Version, error) {
	if err := l.end(); err != nil {
		return l.from.version, l.abort(err)
	}
	if err := l.s.checkSpace(2 * l.outBytes()); err != nil { // once for what is sorted in files
		return l.from.version, l.abort(err)
	}
	defer l.clean()
	bulk, err := l.s.db.Bulk(l.outBytes())
	if err != nil {
		return l.from.version, l.abort(err)
	}
	r := &result{l: l, bulk: bulk, next: &base{removed: l.from.base.removed, refs: 1}}
	if err := r.build(); err != nil {
		bulk.Cancel()
		return l.from.version, l.abort(err)
	}
	if err := bulk.Close(); err != nil {
		return l.from.version, l.abort(err)
	}
	if r.added == 0 && len(r.created) == 0 {
		return l.from.version, l.abort(nil)
	}
	return r.commit(replayed)
}

// outBytes guesses how many bytes the load will write.
func (l *loader) outBytes() (n int64) {
	for _, c := range l.chunks {
		n += 10*int64(c.nRows) + int64(c.text)/4
	}
	return n
}

// A result is what a load makes.
type result struct {
	l       *loader
	bulk    kv.Bulk
	dict    *dict.Builder
	next    *base
	dead    []deadID
	added   uint64
	quads   log.Sum     // of what was added
	known   []graph.Row // added though they were there
	created []graph.ID  // graphs
	ids     []graph.ID  // of all terms of the load, ascending
	hashes  []uint64    // of these terms
	graphs  bitmap      // which of them are names of graphs
}

func (r *result) commit(replayed *log.Mark) (graph.Version, error) {
	l, s := r.l, r.l.s
	st := emptyState()
	st.base = r.next
	st.sums = sums{l.from.sums.quads.Plus(r.quads), r.next.sums[0], r.next.sums[graphsIndex]}
	at := replayed
	if at == nil {
		m, err := r.writeLog(st.total())
		if err != nil {
			return l.from.version, s.fail(err)
		}
		at = &m
	}
	st.version, st.time, st.mark = at.Version, at.Time, *at
	if err := st.checkTotal(at); err != nil {
		return l.from.version, s.fail(err)
	}
	r.next.setVersion(at.Version)
	r.dict.Done()
	if err := s.flip(st, l.from.base, r.dead, r.dict.Meta()); err != nil {
		return l.from.version, s.fail(fmt.Errorf("apply change set %d: %w", at.Version, err))
	}
	s.publish(st)
	s.reclaimSoon()
	return st.version, nil
}

// writeLog writes what is known about the quads only now, and ends the change set.
func (r *result) writeLog(total log.Total) (m log.Mark, err error) {
	w := r.l.w
	term := func(id graph.ID) (t graph.Term) {
		if err == nil {
			t, err = r.dict.Term(id)
		}
		return t
	}
	for _, row := range r.known {
		p, _ := term(row[graph.PosP]).IRI()
		q := graph.Quad{S: term(row[graph.PosS]), P: p, O: term(row[graph.PosO]), G: term(row[graph.PosG])}
		if err == nil {
			err = w.Known(q)
		}
	}
	for _, g := range r.created {
		op := graph.Op{Kind: graph.OpCreateGraph, Quad: graph.Quad{G: term(g)}}
		if err == nil {
			err = w.Op(op)
		}
	}
	if err != nil {
		w.Abort()
		return m, err
	}
	return w.Commit(graph.Change{Time: time.Now().UTC(), Source: r.l.source, Added: r.added}, total)
}
