package text

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	index "github.com/blevesearch/bleve_index_api"

	"mocban/graph"
	"mocban/vocab/rdf"
)

// In memory, Bleve does not merge what batches leave. So batches are larger there when an
// index is built, and after maxBatches more it is built anew.
const (
	maxBatches    = 100
	memoryBatches = 12 // so many become one when it is built
)

// Follow keeps the index in step with a store until the context is done, which is no error.
// After any other error it can be called again.
func (x *Index) Follow(ctx context.Context, store graph.Store) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		if _, err := x.CatchUp(ctx, store); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		timer.Reset(x.options.interval())
	}
}

// CatchUp brings the index to the newest version of a store, which it returns. Only what
// was changed since its own version is read and written, but for an index that does not fit
// the store, which is built anew beside the old one; until it is ready the old one answers.
// What was begun and not finished, even by a process that was killed, is done again.
func (x *Index) CatchUp(ctx context.Context, store graph.Store) (graph.Version, error) {
	x.writing.Lock()
	defer x.writing.Unlock()
	snap, err := store.Snapshot()
	if err != nil {
		return 0, fmt.Errorf("search index: %w", err)
	}
	defer snap.Close()
	if err := x.catchUp(ctx, store, snap); err != nil {
		return 0, fmt.Errorf("bring search index to version %d: %w", snap.Version(), err)
	}
	return snap.Version(), nil
}

// A rebuildError tells why changes cannot be followed.
type rebuildError string

func (e rebuildError) Error() string { return string(e) }

func (x *Index) catchUp(ctx context.Context, store graph.Store, snap graph.Snapshot) error {
	err := x.applyChanges(ctx, store, snap)
	if why := rebuildError(""); errors.As(err, &why) {
		return x.rebuild(ctx, snap, string(why))
	}
	return err
}

// applyChanges indexes what was changed since the version of the index.
func (x *Index) applyChanges(ctx context.Context, store graph.Store, snap graph.Snapshot) error {
	v, err := x.acquire()
	if err != nil {
		return err
	}
	if v == nil {
		return rebuildError("there is none yet")
	}
	defer v.release()
	b, err := x.writable(v)
	if err != nil {
		return err
	}
	switch {
	case v.stamp.Version > snap.Version():
		return rebuildError(fmt.Sprintf("it shows version %d, which the store does not have", v.stamp.Version))
	case v.stamp.Version == snap.Version():
		if !sameTime(v.stamp.Time, snap.Time()) {
			return errOtherHistory
		}
		return x.show(b) // the same documents, perhaps in fewer pieces
	}
	changed, err := x.changed(ctx, store, snap, v)
	if err != nil {
		return err
	}
	return x.index(ctx, b, snap, changed)
}

var errOtherHistory = rebuildError("the store has another history than the one it shows")

// sameTime compares times to the millisecond, which every store keeps.
func sameTime(a, b time.Time) bool {
	return a.Truncate(time.Millisecond).Equal(b.Truncate(time.Millisecond))
}

// writable returns the build of the view in use, or opens it again after a failed write.
func (x *Index) writable(v *view) (*build, error) {
	b := v.build
	if b.damaged.Load() {
		return nil, rebuildError("it is damaged")
	}
	if x.dir == "" && (b.batches.Load() > maxBatches || b.failed.Load()) {
		return nil, rebuildError("it is in too many pieces")
	}
	if !b.failed.Load() {
		return b, nil
	}
	if err := x.openFitting(b.dir); err != nil {
		return nil, rebuildError(fmt.Sprintf("it does not open: %v", err))
	}
	return x.using(), nil
}

// index writes the things of changed subjects, then the version that they show.
func (x *Index) index(ctx context.Context, b *build, snap graph.Snapshot, changed *subjects) error {
	err := x.write(ctx, b, snap, "", func(ctx context.Context, w *writer) error {
		for iri := range changed.unknown {
			w.remove(iri)
		}
		for ids := range slices.Chunk(changed.sorted(), w.size) {
			if err := w.add(ctx, w.source.some(ctx, ids)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return x.show(b)
}

// rebuild makes a new index of all things.
func (x *Index) rebuild(ctx context.Context, snap graph.Snapshot, why string) error {
	b, err := x.newBuild()
	if err != nil {
		return err
	}
	defer b.release()
	b.obsolete.Store(true) // until it is adopted
	err = x.write(ctx, b, snap, why, func(ctx context.Context, w *writer) error {
		if x.dir == "" {
			w.size *= memoryBatches
		}
		return w.add(ctx, w.source.all(ctx))
	})
	if err != nil {
		return err
	}
	if err := x.adopt(b); err != nil {
		return err
	}
	return x.joinPieces(ctx, b)
}

// joinPieces makes one piece of what the batches of a new build left, which halves the time
// of a search.
func (x *Index) joinPieces(ctx context.Context, b *build) error {
	if b.dir == "" {
		return nil
	}
	if err := b.index.ForceMerge(ctx, nil); err != nil {
		return err
	}
	if err := x.show(b); err != nil {
		return err
	}
	return b.write(index.NewBatch()) // Bleve removes old files when it has written
}

// changed returns the subjects of which a name, class or identifier was added or removed
// after the version of a view.
func (x *Index) changed(ctx context.Context, store graph.Store, snap graph.Snapshot, v *view) (*subjects, error) {
	from := v.stamp
	if from.Version == 0 {
		return nil, rebuildError("it shows an empty store")
	}
	docs, err := v.reader.DocCount()
	if err != nil {
		return nil, err
	}
	s := &subjects{snapshot: snap, most: max(x.few, int(docs/2)), unknown: map[string]bool{}}
	linked := false // the first change is the one that the index shows
	for c, err := range store.Changes(ctx, from.Version-1) {
		switch {
		case errors.Is(err, graph.ErrNotFound):
			return nil, rebuildError("the store has forgotten what was changed since")
		case err != nil:
			return nil, err
		case c.Version > snap.Version():
			return s, s.flush(ctx)
		case c.Version == from.Version && sameTime(c.Time, from.Time):
			linked = true
			continue
		case !linked:
			return nil, errOtherHistory
		}
		if err := s.read(ctx, c, x.matters); err != nil {
			return nil, err
		}
	}
	if !linked {
		return nil, errOtherHistory
	}
	return s, s.flush(ctx)
}

// matters tells whether the index shows anything of quads with a predicate.
func (x *Index) matters(p graph.IRI) bool {
	return p == rdf.Type || slices.Contains(x.options.Identifiers, p) ||
		slices.ContainsFunc(x.options.Names, func(n Name) bool { return n.Predicate == p })
}

// class returns the mark of the weight of a name.
func (x *Index) class(n Name) byte { return byte(slices.Index(x.classes, n.weight())) }

// subjects collects the subjects of changes: eight bytes for each, however often it was
// changed.
type subjects struct {
	snapshot graph.Snapshot
	most     int // more are reason enough to build anew
	ids      []graph.ID
	unique   int             // so many of ids are sorted and different
	unknown  map[string]bool // IRIs that the snapshot does not know any more

	terms []graph.Term // not yet looked up
}

// read takes the subjects of a change.
func (s *subjects) read(ctx context.Context, c graph.Change, matters func(graph.IRI) bool) error {
	var last graph.Term
	for op, err := range c.Ops() {
		if err != nil {
			return err
		}
		q := op.Quad
		if q.S == last || !q.S.IsIRI() || !matters(q.P) {
			continue
		}
		last = q.S.Clone()
		if s.terms = append(s.terms, last); len(s.terms) == blockSize {
			if err := s.flush(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush looks up the subjects read so far.
func (s *subjects) flush(ctx context.Context) error {
	ids := make([]graph.ID, len(s.terms))
	if err := s.snapshot.IDs(ctx, s.terms, ids); err != nil {
		return err
	}
	for i, id := range ids {
		if id == graph.None {
			s.unknown[s.terms[i].Value()] = true
		} else {
			s.ids = append(s.ids, id)
		}
	}
	s.terms = s.terms[:0]
	if s.len() > s.most || len(s.ids) > 2*s.unique+blockSize {
		s.sorted()
	}
	if s.len() > s.most {
		return rebuildError("most of the store was changed")
	}
	return nil
}

func (s *subjects) len() int { return len(s.ids) + len(s.unknown) }

// sorted returns the subjects in the order of their IDs, each once.
func (s *subjects) sorted() []graph.ID {
	slices.Sort(s.ids)
	s.ids = slices.Compact(s.ids)
	s.unique = len(s.ids)
	return s.ids
}
