// Package memstore is the naive store: a sorted slice of rows for each version. It is the
// oracle that graph/store is tested against, and a home for small graphs such as
// ontologies. Every commit copies the whole slice, so it is not for data of any size.
//
// IDs are given in order of appearance, so none but inlined ones keep an order: code that
// works here does not lean on sorted dictionaries.
package memstore

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"mocban/graph"
)

// A Store is a graph.Store in memory. The zero Store is empty and ready.
type Store struct {
	mu      sync.Mutex // held by the one writer
	dict    dict
	state   sync.RWMutex
	current *state
	changes []graph.Change
	closed  bool
}

// New returns a store that holds the quads as its first version.
func New(quads ...graph.Quad) *Store {
	s := new(Store)
	if len(quads) > 0 {
		_, err := s.Update(context.Background(), func(t graph.Txn) error { return t.Add(quads...) })
		if err != nil {
			panic(err) // adding to memory does not fail
		}
	}
	return s
}

// Snapshot implements graph.Store.
func (s *Store) Snapshot() (graph.Snapshot, error) {
	st, err := s.now()
	if err != nil {
		return nil, err
	}
	return &snapshot{state: st, dict: &s.dict}, nil
}

func (s *Store) now() (*state, error) {
	s.state.RLock()
	defer s.state.RUnlock()
	if s.closed {
		return nil, fmt.Errorf("memory store: %w", graph.ErrClosed)
	}
	if s.current == nil {
		return new(state), nil
	}
	return s.current, nil
}

// Update implements graph.Store.
func (s *Store) Update(ctx context.Context, f func(graph.Txn) error) (graph.Version, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.now()
	if err != nil {
		return 0, err
	}
	t := newTxn(&snapshot{state: st, dict: &s.dict})
	if err := f(t); err != nil {
		return st.version, err
	}
	if err := ctx.Err(); err != nil {
		return st.version, err
	}
	next, change := t.apply()
	if next == nil {
		return st.version, nil
	}
	s.state.Lock()
	defer s.state.Unlock()
	s.current = next
	s.changes = append(s.changes, change)
	return next.version, nil
}

// Load implements graph.Store.
func (s *Store) Load(ctx context.Context, f func(graph.Loader) error) (graph.Version, error) {
	return s.Update(ctx, func(t graph.Txn) error { return f(&loader{txn: t}) })
}

// A loader is a change set that several goroutines may add to.
type loader struct {
	mu  sync.Mutex
	txn graph.Txn
}

func (l *loader) SetSource(source string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.txn.SetSource(source)
}

func (l *loader) Add(quads ...graph.Quad) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.txn.Add(quads...)
}

func (l *loader) CreateGraph(g graph.Term) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.txn.CreateGraph(g)
}

// Changes implements graph.Store. All changes are kept.
func (s *Store) Changes(ctx context.Context, since graph.Version) iter.Seq2[graph.Change, error] {
	return func(yield func(graph.Change, error) bool) {
		s.state.RLock()
		changes := s.changes
		s.state.RUnlock()
		for _, c := range changes[min(int(since), len(changes)):] {
			if err := ctx.Err(); err != nil {
				yield(graph.Change{}, err)
				return
			}
			if !yield(c, nil) {
				return
			}
		}
	}
}

// Close implements graph.Store.
func (s *Store) Close() error {
	s.state.Lock()
	defer s.state.Unlock()
	s.closed = true
	return nil
}

// dict gives IDs to terms, in order of appearance.
type dict struct {
	mu    sync.RWMutex
	ids   map[graph.Term]graph.ID
	terms []graph.Term
}

func (d *dict) id(t graph.Term) graph.ID {
	if t.IsZero() {
		return graph.DefaultGraph
	}
	if id, ok := graph.Inline(t); ok {
		return id
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.ids[t]
}

func (d *dict) give(t graph.Term) graph.ID {
	if id := d.id(t); id != graph.None {
		return id
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ids == nil {
		d.ids = make(map[graph.Term]graph.ID)
	}
	t = t.Clone()
	id := graph.NewID(graph.ClassOf(t), graph.LateBit|uint64(len(d.terms)))
	d.ids[t] = id
	d.terms = append(d.terms, t)
	return id
}

func (d *dict) term(id graph.ID) (graph.Term, error) {
	if id == graph.None || id == graph.DefaultGraph {
		return graph.Term{}, nil
	}
	if t, ok := id.Term(); ok {
		return t, nil
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	n := id.Payload() &^ graph.LateBit
	if !id.Late() || n >= uint64(len(d.terms)) || graph.ClassOf(d.terms[n]) != id.Class() {
		return graph.Term{}, fmt.Errorf("ID %x: %w", uint64(id), graph.ErrNotFound)
	}
	return d.terms[n], nil
}

// state is one version: its rows in each order that was asked for, and its named graphs.
type state struct {
	version graph.Version
	time    time.Time
	rows    []graph.Row // sorted GSPO
	graphs  []graph.ID  // sorted

	mu     sync.Mutex
	sorted [len(graph.Orders) + 1][]graph.Row
}

func (st *state) in(o graph.Order) []graph.Row {
	if o == graph.GSPO {
		return st.rows
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.sorted[o] == nil {
		st.sorted[o] = slices.Clone(st.rows)
		slices.SortFunc(st.sorted[o], func(a, b graph.Row) int { return o.Compare(&a, &b) })
	}
	return st.sorted[o]
}
