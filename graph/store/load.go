package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
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
	s    *Store
	ctx  context.Context // of the one load that the loader is
	from *state
	w    *log.Writer // nil on replay

	mu     sync.Mutex
	source string
	graphs []graph.Term // to be created
	batch  *quadBatch
	seen   uint64
	ended  bool

	jobs  chan *quadBatch
	free  chan *quadBatch
	wait  sync.WaitGroup
	err   errorOnce
	parts []*chunkWriter // one for each worker

	first  uint64 // number of the first block that the load makes
	scrap  string // folder for what does not fit in memory
	chunks []*chunk
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
	if err := s.fold(ctx, true); err != nil {
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
	workers := runtime.GOMAXPROCS(0)
	l.jobs, l.free = make(chan *quadBatch), make(chan *quadBatch, workers+1)
	for range workers {
		l.free <- newQuadBatch()
		p := &chunkWriter{l: l, max: int(l.memory() / int64(4*workers))}
		l.parts = append(l.parts, p)
		l.wait.Add(1)
		go func() {
			defer l.wait.Done()
			p.run()
		}()
	}
	l.batch = newQuadBatch()
	return l, nil
}

// memory returns how many bytes the load may sort in memory.
func (l *loader) memory() int64 {
	if l.s.o.Memory > 0 {
		return max(l.s.o.Memory, 16<<20)
	}
	return machineMemory() / 4
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

// Add takes quads. Any number of goroutines may call it.
func (l *loader) Add(quads ...graph.Quad) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return fmt.Errorf("add to a load: %w", graph.ErrClosed)
	}
	for i := range quads {
		if l.batch.full(&quads[i]) {
			if err := l.send(); err != nil {
				return err
			}
		}
		if err := checkQuad(&quads[i]); err != nil {
			return err
		}
		l.batch.add(&quads[i])
	}
	return nil
}

// send hands the batch to a worker.
func (l *loader) send() error {
	if err := l.err.get(); err != nil {
		return err
	}
	if err := l.ctx.Err(); err != nil {
		return err
	}
	l.seen += uint64(len(l.batch.quads))
	l.jobs <- l.batch
	l.batch = <-l.free
	l.s.o.progress("read", l.seen, 0)
	return nil
}

// end waits for the workers.
func (l *loader) end() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.ended = true
		l.jobs <- l.batch
		close(l.jobs)
		l.wait.Wait()
	}
	return l.err.get()
}

// abort takes back what was written and returns the error that made it necessary.
func (l *loader) abort(err error) error {
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
	if l.scrap != "" {
		os.RemoveAll(l.scrap)
	}
}

// finish makes what was added visible. On replay the change set stands in the log already.
func (l *loader) finish(replayed *log.Mark) (graph.Version, error) {
	if err := l.end(); err != nil {
		return l.from.version, l.abort(err)
	}
	defer l.clean()
	bulk, err := l.s.db.Bulk(l.outBytes())
	if err != nil {
		return l.from.version, l.abort(err)
	}
	r := &result{l: l, bulk: bulk, next: &base{refs: 1}}
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
		n += 13*int64(c.nRows) + int64(c.text)/3
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
	hashes  *termHashes
	quads   log.Sum     // of what was added
	known   []graph.Row // added though they were there
	created []graph.ID  // graphs
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
	r.next.version = at.Version
	r.dict.Done()
	if err := s.flip(st, l.from.base, r.dead, r.dict.Meta()); err != nil {
		return l.from.version, s.fail(fmt.Errorf("apply change set %d: %w", at.Version, err))
	}
	s.publish(st)
	s.reclaim()
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
