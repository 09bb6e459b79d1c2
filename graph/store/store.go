// Package store keeps quads: the one implementation of [graph.Store].
//
// A store is a folder:
//
//	MOCBAN   what the folder is: format and store id
//	DAMAGE   what was found to be damaged and is not mended, if anything
//	SUMS     the sums of all files, left by who closes the store and removed by who opens it for
//	         writing (filesums.go)
//	SCRUBBED tells by its time when all data were looked at for damage (scrub.go)
//	LOCK     held by the process that has the store open; it ends with the process
//	log/     every change set, the master (graph/log)
//	kv/      the impression of the log that questions are answered from (graph/kv)
//	kv.new/  another one that is being made, and kv.old/ one that is being replaced (rebuild.go)
//	kv.N/    another one that is being made while the store is in use, and DATA, which says that
//	         it is the one now (compact.go)
//
// A change set is written to the log and synced before it is applied to anything else.
// Opening applies what the impression lacks; without an impression, all of it.
//
// # Rows
//
// Rows are kept in five orders and, for the names of graphs, a sixth. Each order is a sorted
// list of blocks (graph/block) with a directory in memory, the base, and a small sorted list
// in memory of what was changed since, the delta. A row stands in the delta as added only if
// the base lacks it and as removed only if the base has it, so that counts of both add up.
// When the delta has grown, it is folded into the blocks it touches, in the background.
// Blocks, once written, are not changed: a fold writes new ones and a new directory, and
// the old ones are deleted when no snapshot needs them. A snapshot is a base and a delta.
//
// # Sums
//
// With each version are kept the sum of the hashes of its rows, which every order must have,
// and that of its quads by their terms, which the log tells too: see sum.go. A fold and a load
// compare the first, opening and replaying compare both.
//
// # Keys
//
//	m                        state: version, place in the log, dictionary
//	r                        root: the pages of the directories
//	o order(1) b number(8)   a block
//	o order(1) d number(8)   a page of a directory
//	c version(8) part(4)     rows of a change set that is not folded yet
//	x number(8)              keys of blocks and pages that are not needed any more
//
// and those of graph/dict. Numbers of blocks and pages come from one sequence.
//
// # Formats
//
//	1  the first
//	2  sums in the state, the root and the log
//	3  blocks and pages of directories in volumes beside Badger's tables (graph/kv)
//
// A store of format 1 is made anew from its log, whose old segments are read, when it is opened
// for writing; one of format 2 is used as it is, and has format 3 from then on.
//
// Newer ones are refused in words, before anything of them is touched. This is the one number
// that decides which program opens a store. Parts have versions too (state, root, directories,
// blocks, pages, frames), so that none is read as what it is not; a part that older programs
// cannot read gives the store another format.
package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"mocban/graph"
	"mocban/graph/dict"
	"mocban/graph/kv"
	"mocban/graph/log"
)

// Options are those of a store. The zero value is sensible.
type Options struct {
	// Memory bounds how many bytes a bulk load takes for what it sorts, at least 64 MiB; the
	// tables of a large load take up to 500 MiB beside it. 0 means a quarter of the machine,
	// and 3 GiB at most. An update, which is held in memory, may touch a quad for each KiB of
	// that; what is more ends it with a graph.LimitError. Cache bounds blocks and dictionary pages kept in memory; 0 means a
	// sixteenth of the machine, from 256 to 768 MiB.
	Memory, Cache int64

	// ReadOnly opens a store that another process may be reading too.
	ReadOnly bool

	// Volatile leaves out fsync: for tests and demonstrations, whose data may be lost.
	Volatile bool

	// Scrub, if not zero, is how long to wait before and between looking for damage in the
	// background, as a fast Verify does. ScrubRate bounds the bytes it reads in a second;
	// 0 means 4 MiB. What it finds goes to Warn and is told by Damage.
	Scrub     time.Duration
	ScrubRate int64

	// Progress, if not nil, is told of long work such as replay and bulk load.
	Progress func(Progress)

	// Warn, if not nil, is told what went wrong without being an error of a call.
	Warn func(text string)

	// Damaged is told, when a store is opened, of damage that was found before and is not mended:
	// how many places, and the first. nil: that goes to Warn.
	Damaged func(places int, first Finding)

	workers    int                                           // of a bulk load; 0 means as many as there are processors
	budget     int64                                         // bytes that a bulk load holds at a time; 0 means half of Memory
	mostUndone int                                           // quads; 0 means mostUndone, below 0 none
	reached    func(point string) error                      // told of points of a rebuild
	openKV     func(dir string, o kv.Options) (kv.DB, error) // nil means kv.Open
	setLog     func(*log.Options)                            // for tests that break the log; nil means as it is
	leastFree  uint64                                        // bytes; 0 means what Badger may need at once
	foldAt     int                                           // rows in the delta; 0 means what suits the base
	deadTerms  uint64                                        // from which on compacting may pay; 0 means leastDeadTerms
}

// Progress tells how far long work has come.
type Progress struct {
	Step  string // "read", "sort", "replay"
	Done  uint64
	Total uint64 // 0 where it is not known
}

func (o *Options) progress(step string, done, total uint64) {
	if o.Progress != nil {
		o.Progress(Progress{step, done, total})
	}
}

// parallel returns how many goroutines share in large work.
func (o *Options) parallel() int {
	if o.workers > 0 {
		return o.workers
	}
	return runtime.GOMAXPROCS(0)
}

const (
	leastCache  = 256 << 20 // bytes, if nothing is said
	mostCache   = 768 << 20
	leastFoldAt = 1 << 14 // rows
	mostFoldAt  = 800_000 // rows
	hasteFactor = 1       // times that, after which a fold does not pause any more
	waitFactor  = 2       // times that, after which updates wait for the fold
)

// A Store is an open store.
type Store struct {
	dir  string
	o    Options
	lock *os.File
	log  *log.Log

	*impression               // the current one; changed by who holds looking, folding, writer, keeper and mu
	replaced    []*impression // those that snapshots may need

	damage  *damages
	remade  bool     // the impression was put aside, and one is made anew
	whole   bool     // it was opened for writing, and its files get sums when it is closed
	lasting fileSums // those of files that were there when it was opened and are not changed
	scrubs  sync.WaitGroup

	old    bool          // it shows a version of another store's log, and is thrown away
	until  graph.Version // that version
	logDir string        // the folder of that log

	looking sync.RWMutex // held while data are looked at without a snapshot; taken before writer
	folding sync.Mutex   // held while the base is made anew; taken before looking and writer

	rowsOnce sync.Once
	rowsMost int // of an update

	compacting sync.Mutex  // held while another impression is made; taken before folding
	compacts   atomic.Bool // that is under way in the background
	copies     atomic.Bool // a snapshot, to compact

	writer chan struct{} // holds one token, taken by who changes the store
	keeper chan struct{} // holds one token, taken by who keeps what was proposed; after writer
	work   sync.WaitGroup
	stop   context.CancelFunc // of what is done in the background
	ctx    context.Context    // that stop ends; of the store's own work only

	mu      sync.Mutex
	current *state      // what is kept, and seen
	tip     *state      // after all that is proposed
	queue   []*proposal // what is proposed and not kept yet
	bases   []*base     // oldest first; the last one is the current one's
	failed  error       // why nothing can be written any more
	foldErr error
	took    time.Duration // of the last update, without waiting
	folds   bool          // a fold is under way or about to be
	knows   *dict.Dict    // that remembers its late terms, or is about to
	cleans  bool          // old bases are being deleted
}

// ErrInUse tells that another process has the store open: one may write, or any number read.
var ErrInUse = errors.New("another process has it open")

// Open opens the store in a folder, or makes it. One whose last writer was killed is mended
// first, also for who only wants to read; for that the folder must be writable.
func Open(dir string, o Options) (graph.Store, error) {
	s, err := open(dir, o)
	if !o.ReadOnly || !errors.Is(err, kv.ErrUnclean) {
		return s, err
	}
	mend := o
	mend.ReadOnly = false
	w, err := open(dir, mend)
	if err != nil {
		return nil, fmt.Errorf("mend it after its last writer was stopped: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return open(dir, o)
}

func open(dir string, o Options) (graph.Store, error) {
	s := newStore(dir, o)
	if err := s.open(); err != nil {
		s.closeFiles()
		return nil, fmt.Errorf("open store %s: %w", dir, err)
	}
	return s, nil
}

func newStore(dir string, o Options) *Store {
	if o.Cache == 0 {
		o.Cache = max(leastCache, min(machineMemory()/16, mostCache))
	}
	s := &Store{dir: dir, o: o, impression: &impression{data: kvFolder}, writer: make(chan struct{}, 1), keeper: make(chan struct{}, 1), damage: new(damages)}
	s.writer <- struct{}{}
	s.keeper <- struct{}{}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// take waits for the right to change the store.
func (s *Store) take(ctx context.Context) error {
	select {
	case <-s.writer:
	case <-ctx.Done():
		return ctx.Err()
	}
	s.mu.Lock() // and not while the system is asked: who wants to read waits for it too
	err := s.failed
	s.mu.Unlock()
	if err == nil && s.o.ReadOnly {
		err = errors.New("it was opened for reading only")
	}
	if err == nil {
		err = s.checkSpace(0)
	}
	if err != nil {
		s.writer <- struct{}{}
		return fmt.Errorf("write to store %s: %w", s.dir, err)
	}
	return nil
}

func (s *Store) give() { s.writer <- struct{}{} }

// takeAlone waits until nothing is proposed, and for the right to propose and to keep.
func (s *Store) takeAlone(ctx context.Context) error {
	if err := s.take(ctx); err != nil {
		return err
	}
	<-s.keeper
	s.settle()
	return nil
}

func (s *Store) giveAlone() {
	s.keeper <- struct{}{}
	s.give()
}

// fail makes the store refuse further changes.
func (s *Store) fail(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		s.failed = fmt.Errorf("an earlier change could not be kept, open the store again: %w", err)
	}
	return err
}

// Snapshot implements graph.Store.
func (s *Store) Snapshot() (graph.Snapshot, error) {
	sn := &snapshot{s: s} // before mu is held: who allocates may have to help the collector
	s.mu.Lock()
	if s.current != nil {
		sn.hold(s.current)
	}
	s.mu.Unlock()
	if sn.state == nil {
		return nil, fmt.Errorf("store %s: %w", s.dir, graph.ErrClosed)
	}
	return sn, nil
}

// hold makes it a snapshot of a state. The caller holds mu.
func (sn *snapshot) hold(st *state) {
	st.base.refs++
	sn.state = st
}

// Update implements graph.Store. Updates that are called at the same time follow one another,
// each seeing what those before it changed, and share a sync of the log.
func (s *Store) Update(ctx context.Context, f func(graph.Txn) error) (graph.Version, error) {
	if err := s.waitForFold(ctx); err != nil {
		return 0, err
	}
	v, p, err := s.update(ctx, f)
	if err != nil {
		return v, err
	}
	if p == nil {
		return v, s.awaitVersion(v)
	}
	return s.await(p)
}

// update proposes what f changes, if anything.
func (s *Store) update(ctx context.Context, f func(graph.Txn) error) (graph.Version, *proposal, error) {
	if err := s.take(ctx); err != nil {
		return 0, nil, err
	}
	defer s.give()
	start := time.Now()
	snap := &snapshot{s: s}
	s.mu.Lock()
	snap.hold(s.tip)
	s.rememberSoon()
	s.mu.Unlock()
	defer snap.Close()
	t := newTxn(ctx, s, snap)
	defer t.end()
	if err := f(t); err != nil {
		return snap.Version(), nil, err
	}
	if err := ctx.Err(); err != nil {
		return snap.Version(), nil, err
	}
	set, err := t.changes()
	if err != nil || set.empty() {
		return snap.Version(), nil, err
	}
	p, err := s.propose(snap.state, set, nil)
	s.mu.Lock()
	s.took = time.Since(start)
	s.mu.Unlock()
	return snap.Version(), p, err
}

// Changes implements graph.Store.
func (s *Store) Changes(ctx context.Context, since graph.Version) iter.Seq2[graph.Change, error] {
	return func(yield func(graph.Change, error) bool) {
		for c, err := range s.log.Read(ctx, since) {
			if c.All {
				err = fmt.Errorf("changes of store %s: %w", s.dir, &log.FoldedError{Since: since, Folded: c.Version})
			}
			if !yield(c.Change, err) || err != nil {
				return
			}
		}
	}
}

// Close implements graph.Store. Snapshots that are still open cannot be used any more.
func (s *Store) Close() error {
	<-s.writer
	defer s.give()
	<-s.keeper
	s.settle()
	s.keeper <- struct{}{}
	s.mu.Lock()
	closed := s.current == nil
	s.current, s.tip = nil, nil
	if s.failed == nil {
		s.failed = graph.ErrClosed
	}
	s.mu.Unlock()
	if closed {
		return nil
	}
	s.stop()
	s.give()
	s.work.Wait()
	<-s.writer
	return s.closeFiles()
}

func (s *Store) closeFiles() error {
	s.stop()
	s.work.Wait() // for a fold, which stops too
	s.scrubs.Wait()
	var errs []error
	for _, old := range s.replaced {
		errs = append(errs, s.remove(old))
	}
	s.replaced = nil
	if s.log != nil {
		errs = append(errs, s.log.Close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	if s.whole && errors.Join(errs...) == nil {
		if err := s.leaveSums(); err != nil {
			s.warn(fmt.Sprintf("the sums of the files cannot be written: %v", err))
		}
	}
	s.whole = false
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// A Size tells how many bytes the parts of a store take on disk.
type Size struct{ Log, Data int64 }

// Size returns the bytes on disk.
func (s *Store) Size() Size {
	s.mu.Lock()
	db := s.db
	s.mu.Unlock()
	return Size{s.log.Size(), db.Size()}
}

// rememberSoon has the dictionary remember its late terms, in the background, for the sake
// of updates. The caller holds mu.
func (s *Store) rememberSoon() {
	if s.knows == s.dict {
		return
	}
	d := s.dict
	s.knows = d
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		_ = d.Remember(s.ctx) // without it terms are looked up, and that tells what is wrong
	}()
}
