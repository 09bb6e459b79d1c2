package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"mocban/graph"
	"mocban/graph/block"
	"mocban/graph/dict"
	"mocban/graph/kv"
)

// An impression is what questions are answered from: all that a store keeps besides its log.
type impression struct {
	data   string // its folder in that of the store
	db     kv.DB
	dict   *dict.Dict
	blocks *kv.Cache[*block.Block]
	last   atomic.Uint64 // number of the last block

	left []*base // of one that was replaced: those that snapshots may need
}

// Compacting makes another impression beside the one in use, in a folder of its own, as a
// load of what a snapshot holds; then it is brought up to date from the log, and takes the
// place of the old one. So the dictionary holds the terms that are in use, in order, and the
// blocks are full. The old folder is removed when no snapshot needs it any more.
//
// A file tells which folder holds the impression; without it, that is kvFolder. Opening a
// store gives the folder that name again, and removes the others.
const currentFile = "DATA"

// Compact makes what the store keeps besides its log as small as a fresh load of it would
// be. Reading and writing go on. IDs are others afterwards, and hold within one version: so
// there is a version more, whose change set is empty.
func (s *Store) Compact(ctx context.Context) error {
	s.compacting.Lock()
	defer s.compacting.Unlock()
	if err := s.compact(ctx, false); err != nil {
		return fmt.Errorf("compact store %s: %w", s.dir, err)
	}
	return nil
}

// compact is Compact. Gently, it leaves the processor to others as a fold does, and takes less
// memory.
func (s *Store) compact(ctx context.Context, gently bool) error {
	sn, err := s.Snapshot()
	if err != nil {
		return err
	}
	defer sn.Close()
	if err := s.checkSpace(s.Size().Data); err != nil {
		return err
	}
	n, err := s.shadow(sn.Version())
	if err != nil {
		return err
	}
	n.o.Memory = compactMemory
	var pause func(context.Context)
	if gently {
		n.o.Memory, n.o.workers, pause = gentleMemory, 1, s.gentle()
	}
	s.copies.Store(true)
	err = n.copyFrom(ctx, sn.(*snapshot), pause)
	s.copies.Store(false)
	sn.Close() // so that folds need not keep what it holds
	if err == nil {
		err = n.follow(ctx, pause)
	}
	if err == nil {
		err = s.replace(ctx, n)
	}
	n.stop()
	n.work.Wait()
	if err != nil {
		return errors.Join(err, n.remove(n.impression))
	}
	return nil
}

// shadow returns a store of its own impression, empty, that shares the log.
func (s *Store) shadow(v graph.Version) (*Store, error) {
	n := newStore(s.dir, s.o)
	n.o.Scrub, n.o.Progress = 0, nil
	n.compacts.Store(true) // it does not compact itself in turn
	n.damage = s.damage
	n.log, n.data = s.log, fmt.Sprintf("%s.%d", kvFolder, v)
	if err := os.RemoveAll(filepath.Join(s.dir, n.data)); err != nil {
		return nil, err
	}
	if err := n.openKV(); err != nil {
		return nil, err
	}
	var err error
	if n.dict, err = dict.Open(n.db, dict.Meta{}, s.o.Cache/4); err != nil {
		return nil, errors.Join(err, n.remove(n.impression))
	}
	n.blocks = kv.NewCache[*block.Block](s.o.Cache / 4 * 3)
	st := emptyState()
	st.base.imp = n.impression
	n.current, n.tip, n.bases = st, st, []*base{st.base}
	return n, nil
}

// What bounds the memory of compacting.
const (
	compactMemory = 512 << 20
	gentleMemory  = 128 << 20
)

// copyFrom loads what a snapshot holds, and pauses now and then if pause is not nil.
func (s *Store) copyFrom(ctx context.Context, sn *snapshot, pause func(context.Context)) error {
	if sn.rows(0) == 0 && sn.rows(graphsIndex) == 0 {
		st := emptyState()
		st.version, st.time, st.mark = sn.version, sn.state.time, sn.mark
		st.base.setVersion(sn.version)
		if err := s.flip(st, s.current.base, nil, s.dict.Meta()); err != nil {
			return err
		}
		s.publish(st)
		return nil
	}
	l, err := s.newLoader(ctx, false)
	if err != nil {
		return err
	}
	l.pause = pause
	if err := sn.copyTo(ctx, l); err != nil {
		return l.abort(err)
	}
	_, err = l.finish(&sn.mark)
	return err
}

// copyTo gives a loader all quads and graphs.
func (sn *snapshot) copyTo(ctx context.Context, l *loader) error {
	names, err := sn.Graphs(ctx)
	if err != nil {
		return err
	}
	defer names.Close()
	var b graph.Block
	var terms [4][]graph.Term
	var quads []graph.Quad
	predicates := make(map[graph.ID]graph.IRI)
	for names.Next(&b) {
		g := slices.Grow(terms[0][:0], b.Len)[:b.Len]
		if err := sn.Terms(ctx, b.Cols[graph.PosG], g); err != nil {
			return err
		}
		for _, t := range g {
			if err := l.CreateGraph(t); err != nil {
				return err
			}
		}
	}
	if err := names.Err(); err != nil {
		return err
	}
	c, err := sn.Scan(ctx, graph.Pattern{}, graph.GSPO, graph.AllColumns)
	if err != nil {
		return err
	}
	defer c.Close()
	for done := uint64(0); c.Next(&b); done += uint64(b.Len) {
		sn.s.o.progress("compact", done, sn.rows(0))
		if l.pause != nil {
			l.pause(ctx)
		}
		for pos := range terms {
			if graph.Pos(pos) == graph.PosP {
				continue
			}
			terms[pos] = slices.Grow(terms[pos][:0], b.Len)[:b.Len]
			if err := sn.terms(ctx, b.Cols[pos], terms[pos]); err != nil {
				return err
			}
		}
		quads = quads[:0]
		for i := range b.Len {
			p, err := sn.predicate(ctx, b.Cols[graph.PosP][i], predicates)
			if err != nil {
				return err
			}
			quads = append(quads, graph.Quad{S: terms[graph.PosS][i], P: p, O: terms[graph.PosO][i], G: terms[graph.PosG][i]})
		}
		if err := l.Add(quads...); err != nil {
			return err
		}
	}
	return c.Err()
}

// mostPredicates is how many predicates are remembered. There are few of them.
const mostPredicates = 1 << 12

// predicate returns the predicate of an ID.
func (sn *snapshot) predicate(ctx context.Context, id graph.ID, known map[graph.ID]graph.IRI) (graph.IRI, error) {
	if p, ok := known[id]; ok {
		return p, nil
	}
	var term [1]graph.Term
	if err := sn.Terms(ctx, []graph.ID{id}, term[:]); err != nil {
		return "", err
	}
	p, _ := term[0].IRI()
	if len(known) == mostPredicates {
		clear(known)
	}
	known[id] = p
	return p, nil
}

// terms is Terms for IDs of which many follow their like.
func (sn *snapshot) terms(ctx context.Context, ids []graph.ID, terms []graph.Term) error {
	for i := range ids {
		if i > 0 && ids[i] == ids[i-1] {
			terms[i] = terms[i-1]
			continue
		}
		if err := sn.Terms(ctx, ids[i:i+1], terms[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

const (
	followRounds = 30
	fewRowsLeft  = 500 // quads that are applied while nobody may write
)

// follow applies what was committed meanwhile, until little is left. It pauses now and then, if
// pause is not nil, as long as there is less to do each time.
func (s *Store) follow(ctx context.Context, pause func(context.Context)) error {
	last := ^uint64(0)
	for range followRounds {
		rows, err := s.catchUp(ctx, pause)
		if err != nil || rows < fewRowsLeft {
			s.work.Wait() // for a fold
			return err
		}
		if rows > last/4*3 {
			pause = nil
		}
		last = rows
	}
	s.work.Wait()
	return nil
}

// catchUp applies what the log holds and tells how many quads that changed.
func (s *Store) catchUp(ctx context.Context, pause func(context.Context)) (rows uint64, err error) {
	r := replayer{s: s, most: replayRows}
	if pause != nil {
		r.most = gentleRows
	}
	defer r.end()
	for c, err := range s.log.Read(ctx, s.current.version) {
		if err == nil {
			err = r.apply(ctx, &c)
		}
		if err != nil {
			return rows, fmt.Errorf("apply the log: %w", err)
		}
		rows += c.Added + c.Removed
		if pause != nil {
			pause(ctx)
		}
	}
	if err := r.flush(); err != nil {
		return rows, fmt.Errorf("apply the log: %w", err)
	}
	return rows, nil
}

// replace puts the impression of another store in the place of this one's.
func (s *Store) replace(ctx context.Context, n *Store) error {
	s.folding.Lock()
	defer s.folding.Unlock()
	s.looking.Lock()
	defer s.looking.Unlock()
	n.o.foldAt = 1 << 30 // not while nobody may write
	if _, err := n.catchUp(ctx, nil); err != nil {
		return err
	}
	if err := n.db.Sync(); err != nil {
		return err
	}
	if err := s.takeAlone(ctx); err != nil {
		return err
	}
	defer s.giveAlone()
	if _, err := n.catchUp(ctx, nil); err != nil {
		return err
	}
	if err := n.emptyChange(); err != nil {
		return s.fail(err)
	}
	n.work.Wait() // what it has begun to delete
	if err := s.putCurrent(n.data); err != nil {
		return s.fail(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.impression
	old.left = s.bases
	s.current.base.refs--
	s.replaced = append(s.replaced, old)
	s.impression, s.bases, s.current, s.tip = n.impression, n.bases, n.current, n.current
	s.retire(old)
	return nil
}

// emptyChange commits a change set of nothing.
func (s *Store) emptyChange() error {
	set := &changeSet{source: "compact", grow: s.dict.Grow()}
	p, err := s.propose(s.current, set, nil)
	if err != nil {
		return err
	}
	_, err = s.await(p)
	return err
}

// retire removes an impression that was replaced, if no snapshot needs it. The caller holds mu.
func (s *Store) retire(old *impression) {
	if s.current == nil || !slices.Contains(s.replaced, old) || slices.ContainsFunc(old.left, func(b *base) bool { return b.refs > 0 }) {
		return // or it is removed when the store is closed
	}
	s.replaced = slices.DeleteFunc(s.replaced, func(o *impression) bool { return o == old })
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		if err := s.remove(old); err != nil {
			s.warn(fmt.Sprintf("removing what was replaced failed: %v", err))
		}
	}()
}

func (s *Store) remove(old *impression) error {
	return errors.Join(old.db.Close(), os.RemoveAll(filepath.Join(s.dir, old.data)))
}

// putCurrent tells which folder holds the impression.
func (s *Store) putCurrent(name string) error {
	f, err := os.CreateTemp(s.dir, currentFile+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(name + "\n")
	if err == nil && !s.o.Volatile {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), filepath.Join(s.dir, currentFile)); err != nil {
		return err
	}
	return s.syncFolder(s.dir)
}

// endCompact gives the folder of the impression its name, and removes what is left of
// compacting, when the store is opened.
func (s *Store) endCompact() error {
	path := func(name string) string { return filepath.Join(s.dir, name) }
	text, err := os.ReadFile(path(currentFile))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	name := strings.TrimSpace(string(text))
	others, err := filepath.Glob(path(kvFolder + ".[0-9]*"))
	if err != nil || len(others) == 0 && name == "" {
		return err
	}
	if s.o.ReadOnly {
		return fmt.Errorf("it was being compacted: %w", kv.ErrUnclean)
	}
	if _, err := os.Stat(path(name)); name != "" && name != kvFolder && err == nil {
		if err := errors.Join(os.RemoveAll(path(kvFolder)), os.Rename(path(name), path(kvFolder)), s.syncFolder(s.dir)); err != nil {
			return err
		}
	}
	if err := os.Remove(path(currentFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, other := range others {
		if err := os.RemoveAll(other); err != nil {
			return err
		}
	}
	return nil
}

// needsCompact tells whether compacting pays after a fold that removed so many rows.
func (s *Store) needsCompact(lastFold uint64) bool {
	m := s.dict.Meta()
	sorted := uint64(0)
	for _, r := range m.Runs {
		sorted += r.Terms
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	least := s.o.deadTerms
	if least == 0 {
		least = leastDeadTerms
	}
	return s.current != nil && compactionPays(least, sorted, m.Late, s.current.base.removed, lastFold)
}

// compactionPays tells whether much of the dictionary is of no use any more, since as many rows
// were removed, or will be at the next fold if that removes as many as the last one; or whether
// more terms were added one by one than there were, or than are worth the while.
func compactionPays(least, sorted, late, removed, lastFold uint64) bool {
	dead := min(removed, late)
	return dead > least && dead+lastFold > sorted/deadShare || late > max(sorted, lateTerms)
}

const (
	lateTerms      = 2 << 20 // are worth the while of compacting
	leastDeadTerms = 1 << 16 // are too, if they are no longer in use
	deadShare      = 8       // of the others, too
)

// removed returns how many rows were removed from the base since it was loaded.
func (s *Store) removed() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil {
		return 0
	}
	return s.current.base.removed
}

// compactSoon begins to compact in the background, if that pays after a fold that removed so
// many rows.
func (s *Store) compactSoon(lastFold uint64) {
	if !s.needsCompact(lastFold) || s.compacts.Swap(true) {
		return
	}
	s.work.Add(1) // by what is being done in the background
	go func() {
		defer s.work.Done()
		defer s.compacts.Store(false)
		s.compacting.Lock()
		defer s.compacting.Unlock()
		if err := s.compact(s.ctx, true); err != nil && !errors.Is(err, graph.ErrClosed) && !errors.Is(err, context.Canceled) {
			s.warn(fmt.Sprintf("compacting failed: %v", err))
		}
	}()
}
