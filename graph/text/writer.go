package text

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	index "github.com/blevesearch/bleve_index_api"
	"golang.org/x/sync/errgroup"

	"mocban/graph"
)

// A writer collects documents into batches, and writes some of these at a time. No thing is
// in two batches.
type writer struct {
	build  *build
	source *source
	size   int // of a batch
	batch  *index.Batch
	group  *errgroup.Group

	mu       sync.Mutex
	progress Progress
	report   func(Progress)
}

// write lets add give things to a build. The last batch says which version they show; it is
// written when all others are.
func (x *Index) write(ctx context.Context, b *build, snap graph.Snapshot, why string, add func(context.Context, *writer) error) error {
	s, err := x.source(ctx, snap)
	if err != nil {
		return err
	}
	w := &writer{
		build: b, source: s, size: x.options.batch(), batch: index.NewBatch(),
		progress: Progress{Version: snap.Version(), Rebuild: why}, report: x.options.Progress,
	}
	w.group, ctx = errgroup.WithContext(ctx)
	w.group.SetLimit(x.options.workers())
	defer b.rest()
	err = add(ctx, w)
	if failed := w.group.Wait(); failed != nil {
		return failed // which ended add, too
	}
	if err != nil {
		return err
	}
	stamp, err := json.Marshal(stamp{Format: format, Options: x.options.fingerprint(), Version: snap.Version(), Time: snap.Time()})
	if err != nil {
		return err
	}
	w.batch.SetInternal(stampKey, stamp)
	return w.writeBatch(w.batch)
}

// writeBatch writes a batch and reports it.
func (w *writer) writeBatch(batch *index.Batch) error {
	if err := w.build.write(batch); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.progress.Things += uint64(len(batch.IndexOps))
	if w.report != nil {
		w.report(w.progress)
	}
	return nil
}

// add writes things. Those that are not to be found are removed.
func (w *writer) add(ctx context.Context, things iter.Seq2[thing, error]) error {
	var some []thing
	for t, err := range things {
		if err != nil {
			return err
		}
		if some = append(some, t); len(some) == w.size {
			if err := w.addSome(ctx, some); err != nil {
				return err
			}
			some = some[:0]
		}
	}
	return w.addSome(ctx, some)
}

func (w *writer) addSome(ctx context.Context, things []thing) error {
	terms, err := w.source.terms(ctx, things)
	if err != nil {
		return err
	}
	for i := range things {
		t := &things[i]
		iri := terms[t.id].Value()
		switch {
		case len(iri) > maxIRI:
		case w.source.findable(t):
			w.batch.Update(newDocument(iri, t, terms))
		default:
			w.remove(iri)
		}
	}
	if len(w.batch.IndexOps) >= w.size {
		full := w.batch
		w.batch = index.NewBatch()
		w.group.Go(func() error { return w.writeBatch(full) })
	}
	return ctx.Err()
}

func (w *writer) remove(iri string) { w.batch.Delete(iri) }

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
