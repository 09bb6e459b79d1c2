package publish

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"mocban/graph"
	"mocban/sparql"
)

// updateOnly is /sparql/update: what /sparql takes as an update, and nothing else.
func (s *site) updateOnly(w http.ResponseWriter, r *http.Request) error {
	q, err := s.readQuestion(w, r)
	if err != nil {
		return err
	}
	if !q.update {
		return badRequest("Chưa có lệnh cập nhật.", "No update is given.")
	}
	return s.update(w, r, q)
}

// update runs an update request (SPARQL 1.1 Protocol, 2.2). Who sends it may write: that was
// asked before it was read.
func (s *site) update(w http.ResponseWriter, r *http.Request, q question) error {
	q.Limits.Memory = s.gate.usual.memory
	u, err := s.c.Engine.PrepareUpdate(sparql.UpdateRequest{
		Text: q.Text, Base: q.Base, Using: q.using, UsingNamed: q.usingNamed, Source: "SPARQL Update", Limits: q.Limits,
	})
	if err != nil {
		return err
	}
	ctx, job, err := s.jobs.begin(r.Context(), r.Header.Get("Query-Id"))
	if err != nil {
		return err
	}
	w.Header().Set("Query-Id", job.id)
	v, err := s.change(ctx, q.Limits.Time, func(ctx context.Context, t graph.Txn) error {
		job.run("update")
		return u.Watched(&job.examined).RunIn(ctx, t)
	})
	if err != nil && errors.Is(context.Cause(ctx), errCancelled) {
		err = errCancelled // before it was written: nothing has changed
	}
	s.jobs.end(job, err)
	if err != nil {
		return &tookError{err, time.Since(job.began)}
	}
	s.changed(w, http.StatusNoContent, v)
	return nil
}

// change changes the store, when its turn comes. One update runs at a time; like a query, it
// needs a place, so that all of them together keep within their memory.
func (s *site) change(ctx context.Context, limit time.Duration, f func(context.Context, graph.Txn) error) (graph.Version, error) {
	done, err := s.writers.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer done()
	leave, err := s.gate.usual.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	ctx, cancel := context.WithTimeoutCause(ctx, limit+5*time.Second, &graph.LimitError{Limit: "time", Max: limit.String()})
	defer cancel()
	return s.c.Store.Update(ctx, func(t graph.Txn) error { return f(ctx, t) })
}

// changed answers a request that changed the data, or could have.
func (s *site) changed(w http.ResponseWriter, status int, v graph.Version) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Query-Status", fmt.Sprintf("complete; version=%d", v))
	if status != http.StatusNoContent {
		h.Set("Content-Length", "0")
	}
	w.WriteHeader(status)
}
