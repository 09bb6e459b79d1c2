package text

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	index "github.com/blevesearch/bleve_index_api"

	"mocban/graph"
	"mocban/vocab/rdf"
)

// maxBatches is how many batches an index in memory takes before it is built anew: there,
// Bleve does not merge what batches leave.
const maxBatches = 100

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
	changed, err := x.changed(ctx, store, snap, v.stamp)
	if err != nil {
		return err
	}
	if x.isMuch(v, changed.len()) {
		return rebuildError("most of the store was changed")
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
	if x.dir == "" && (b.batches > maxBatches || b.failed) {
		return nil, rebuildError("it is in too many pieces")
	}
	if !b.failed {
		return b, nil
	}
	again, err := x.openBuild(b.dir)
	if err != nil {
		return nil, rebuildError(fmt.Sprintf("it does not open: %v", err))
	}
	defer again.release()
	return again, x.show(again)
}

// isMuch tells whether n changed things are reason enough to build anew.
func (x *Index) isMuch(v *view, n int) bool {
	docs, err := v.reader.DocCount()
	return err != nil || n > max(x.few, int(docs/2))
}

// index writes the things of changed subjects, and the version with the last of them.
func (x *Index) index(ctx context.Context, b *build, snap graph.Snapshot, changed *subjects) error {
	s, err := x.source(ctx, snap)
	if err != nil {
		return err
	}
	w := x.writer(b, snap, "")
	for iri := range changed.unknown {
		w.remove(iri)
	}
	for ids := range slices.Chunk(changed.sorted(), x.options.batch()) {
		if err := w.add(ctx, s, s.some(ctx, ids)); err != nil {
			return err
		}
	}
	return x.finish(w)
}

// rebuild makes a new index of all things.
func (x *Index) rebuild(ctx context.Context, snap graph.Snapshot, why string) error {
	b, err := x.newBuild()
	if err != nil {
		return err
	}
	defer b.release()
	b.obsolete.Store(true) // until it is adopted
	s, err := x.source(ctx, snap)
	if err != nil {
		return err
	}
	w := x.writer(b, snap, why)
	if err := w.add(ctx, s, s.all(ctx)); err != nil {
		return err
	}
	if err := w.flush(x.stamp(snap)); err != nil {
		return err
	}
	return x.adopt(b)
}

func (x *Index) stamp(snap graph.Snapshot) *stamp {
	return &stamp{Format: format, Options: x.options.fingerprint(), Version: snap.Version(), Time: snap.Time()}
}

func (x *Index) finish(w *writer) error {
	if err := w.flush(x.stamp(w.snapshot)); err != nil {
		return err
	}
	return x.show(w.build)
}

// changed returns the subjects of which a name, class or identifier was added or removed
// after the version of the stamp.
func (x *Index) changed(ctx context.Context, store graph.Store, snap graph.Snapshot, from stamp) (*subjects, error) {
	if from.Version == 0 {
		return nil, rebuildError("it shows an empty store")
	}
	s := &subjects{snapshot: snap, unknown: map[string]bool{}}
	for c, err := range store.Changes(ctx, from.Version-1) {
		switch {
		case errors.Is(err, graph.ErrNotFound):
			return nil, rebuildError("the store has forgotten what was changed since")
		case err != nil:
			return nil, err
		case c.Version < from.Version:
			continue
		case c.Version == from.Version:
			if !sameTime(c.Time, from.Time) {
				return nil, errOtherHistory
			}
			s.linked = true
			continue
		case c.Version > snap.Version():
			return s, s.flush(ctx)
		case !s.linked:
			return nil, errOtherHistory
		}
		if err := s.read(ctx, x.matters, c); err != nil {
			return nil, err
		}
	}
	if !s.linked {
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
	linked   bool // the first change is the one that the index shows
	ids      []graph.ID
	unique   int             // so many of ids are sorted and different
	unknown  map[string]bool // IRIs that the snapshot does not know any more

	terms []graph.Term // not yet looked up
	last  graph.Term
}

func (s *subjects) len() int { return len(s.ids) + len(s.unknown) }

// read takes the subjects of a change.
func (s *subjects) read(ctx context.Context, matters func(graph.IRI) bool, c graph.Change) error {
	for op, err := range c.Ops() {
		if err != nil {
			return err
		}
		q := op.Quad
		if q.S == s.last || !q.S.IsIRI() || !matters(q.P) {
			continue
		}
		s.last = q.S.Clone()
		if s.terms = append(s.terms, s.last); len(s.terms) == blockSize {
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
	if len(s.ids) > 2*s.unique+blockSize {
		s.sorted()
	}
	return nil
}

// sorted returns the subjects in the order of their IDs, each once.
func (s *subjects) sorted() []graph.ID {
	slices.Sort(s.ids)
	s.ids = slices.Compact(s.ids)
	s.unique = len(s.ids)
	return s.ids
}

// A writer collects documents into batches.
type writer struct {
	build    *build
	snapshot graph.Snapshot
	size     int
	batch    *index.Batch
	progress Progress
	report   func(Progress)
}

func (x *Index) writer(b *build, snap graph.Snapshot, why string) *writer {
	return &writer{
		build: b, snapshot: snap, size: x.options.batch(), batch: index.NewBatch(),
		progress: Progress{Version: snap.Version(), Rebuild: why}, report: x.options.Progress,
	}
}

// add writes things. Those that are not to be found are removed.
func (w *writer) add(ctx context.Context, s *source, things iter.Seq2[thing, error]) error {
	var some []thing
	for t, err := range things {
		if err != nil {
			return err
		}
		if some = append(some, t); len(some) == w.size {
			if err := w.addSome(ctx, s, some); err != nil {
				return err
			}
			some = some[:0]
		}
	}
	return w.addSome(ctx, s, some)
}

func (w *writer) addSome(ctx context.Context, s *source, things []thing) error {
	terms, err := s.terms(ctx, things)
	if err != nil {
		return err
	}
	for i := range things {
		t := &things[i]
		iri := terms[t.id].Value()
		switch {
		case len(iri) > maxIRI:
		case s.findable(t):
			w.batch.Update(newDocument(iri, t, terms))
		default:
			w.remove(iri)
		}
	}
	if len(w.batch.IndexOps) >= w.size {
		return w.flush(nil)
	}
	return ctx.Err()
}

func (w *writer) remove(iri string) { w.batch.Delete(iri) }

// flush writes the batch, with a stamp if there is one.
func (w *writer) flush(s *stamp) error {
	if s != nil {
		text, err := json.Marshal(s)
		if err != nil {
			return err
		}
		w.batch.SetInternal(stampKey, text)
	}
	n := len(w.batch.IndexOps)
	if n == 0 && s == nil {
		return nil
	}
	if err := w.build.write(w.batch); err != nil {
		return err
	}
	w.batch = index.NewBatch()
	w.progress.Things += uint64(n)
	if w.report != nil {
		w.report(w.progress)
	}
	return nil
}

// terms fetches the terms of things in bulk.
func (s *source) terms(ctx context.Context, things []thing) (map[graph.ID]graph.Term, error) {
	terms := map[graph.ID]graph.Term{}
	for i := range things {
		t := &things[i]
		terms[t.id] = graph.Term{}
		for _, n := range t.names {
			terms[n.text] = graph.Term{}
		}
		for _, id := range slices.Concat(t.types, t.other) {
			terms[id] = graph.Term{}
		}
	}
	ids := slices.Sorted(maps.Keys(terms))
	found := make([]graph.Term, len(ids))
	if err := s.snapshot.Terms(ctx, ids, found); err != nil {
		return nil, err
	}
	for i, id := range ids {
		terms[id] = found[i]
	}
	return terms, nil
}

// newDocument returns the document of a thing.
func newDocument(iri string, t *thing, terms map[graph.ID]graph.Term) *document {
	d := &document{iri: iri}
	for _, n := range t.names {
		d.names = append(d.names, named{n.class, truncate(terms[n.text].Value(), maxNameText)})
	}
	slices.SortFunc(d.names, func(a, b named) int {
		return cmp.Or(cmp.Compare(a.class, b.class), strings.Compare(a.text, b.text))
	})
	d.names = slices.Compact(d.names)
	d.names = d.names[:min(len(d.names), maxNames)]
	for _, id := range t.types {
		if c, ok := terms[id].IRI(); ok && len(c) <= maxIRI {
			d.types = append(d.types, string(c))
		}
	}
	for _, id := range t.other {
		if term := terms[id]; term.IsLiteral() || term.IsIRI() {
			d.identifiers = append(d.identifiers, term.Value())
		}
	}
	return d
}
