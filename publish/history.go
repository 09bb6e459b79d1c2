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
	floor   time.Time // of all graphs that are not in graphs
	graphs  map[graph.Term]time.Time
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
	h.raise(time.Now().UTC())
	h.version = to
	return nil
}

func (h *history) add(c graph.Change) error {
	if c.Added+c.Removed > bulkChange || len(h.graphs) > maxHistory {
		h.raise(c.Time)
		return nil
	}
	if h.graphs == nil {
		h.graphs = make(map[graph.Term]time.Time)
	}
	var last graph.Term
	for op, err := range c.Ops() {
		if err != nil {
			return err
		}
		if g := op.Quad.G; g != last || g.IsZero() {
			h.graphs[g.Clone()], last = c.Time, g
		}
	}
	return nil
}

func (h *history) raise(t time.Time) { h.floor, h.graphs = t, nil }

// modified returns when the newest of graphs was changed.
func (h *history) modified(graphs ...graph.Term) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	newest := h.floor
	for _, g := range graphs {
		if t := h.graphs[g]; t.After(newest) {
			newest = t
		}
	}
	return newest
}
