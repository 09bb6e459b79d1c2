package publish

import (
	"context"
	"errors"
	"sync"
	"time"

	"mocban/graph"
)

// history tells when graphs were last changed, from the changes of the store. What is told
// is never too old: where it is not known exactly, it is the time of a later change.
type history struct {
	store graph.Store

	mu      sync.Mutex
	version graph.Version
	floor   moment // of all graphs that are not in graphs
	graphs  map[graph.Term]moment
}

// A moment is when a change was made, and the version it made.
type moment struct {
	time    time.Time
	version graph.Version
}

const (
	bulkChange = 200_000 // quads from which on a change set is not looked into
	maxHistory = 500_000 // graphs
)

// follow reads the changes up to a version.
func (h *history) follow(ctx context.Context, to graph.Version) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.version >= to {
		return nil
	}
	for c, err := range h.store.Changes(ctx, h.version) {
		if errors.Is(err, graph.ErrNotFound) {
			break // that part of the log is gone: the floor below is all that is known
		}
		if err != nil {
			return err
		}
		if err := h.add(c); err != nil {
			return err
		}
		if h.version = c.Version; c.Version >= to {
			return nil
		}
	}
	h.raise(moment{time.Now().UTC(), to})
	h.version = to
	return nil
}

func (h *history) add(c graph.Change) error {
	if c.Added+c.Removed > bulkChange || len(h.graphs) > maxHistory {
		h.raise(moment{c.Time, c.Version})
		return nil
	}
	if h.graphs == nil {
		h.graphs = make(map[graph.Term]moment)
	}
	var last graph.Term
	for op, err := range c.Ops() {
		if err != nil {
			return err
		}
		if g := op.Quad.G; g != last || g.IsZero() {
			h.graphs[g.Clone()], last = moment{c.Time, c.Version}, g
		}
	}
	return nil
}

func (h *history) raise(m moment) { h.floor, h.graphs = m, nil }

// modified returns when the newest of graphs was changed.
func (h *history) modified(graphs ...graph.Term) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	newest := h.floor.time
	for _, g := range graphs {
		if t := h.graphs[g].time; t.After(newest) {
			newest = t
		}
	}
	return newest
}

// versionOf returns the version that changed a graph last, or one after it, and when that was.
func (s *site) versionOf(ctx context.Context, snap graph.Snapshot, t target) (graph.Version, time.Time, error) {
	if t.whole {
		return snap.Version(), snap.Time(), nil
	}
	if err := s.history.follow(ctx, snap.Version()); err != nil {
		return 0, time.Time{}, err
	}
	s.history.mu.Lock()
	defer s.history.mu.Unlock()
	last := s.history.floor
	if m := s.history.graphs[t.graph]; m.version > last.version {
		last = m
	}
	if last.version > snap.Version() { // of a change after the snapshot
		last = moment{snap.Time(), snap.Version()}
	}
	return last.version, last.time, nil
}
