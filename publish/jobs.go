package publish

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"

	"mocban/graph"
)

// How long a query that has ended is remembered, and how many are.
const (
	jobTime = 5 * time.Minute
	maxJobs = 10_000
)

// errCancelled is why a query ended that somebody cancelled.
var errCancelled = errors.New("the query was cancelled")

// A job is a query from when it was asked until some time after its end. Who knows its id
// can watch and cancel it; ids cannot be guessed.
type job struct {
	id    string
	began time.Time
	rows  atomic.Int64 // of the answer, so far

	examined atomic.Int64 // rows, on the way to those
	done     chan struct{}

	mu     sync.Mutex
	cancel context.CancelCauseFunc
	state  string // "queued", "running", and in the end "complete", "partial", "failed", "cancelled"
	lane   string
	err    error
	ended  time.Time
}

// jobs are the queries that run and those that ended not long ago.
type jobs struct {
	mu    sync.Mutex
	known map[string]*job
	ended []*job // oldest first
}

// begin notes a query, under the id that the client has chosen if it may. The context ends
// when the query is cancelled.
func (j *jobs) begin(ctx context.Context, id string) (context.Context, *job, error) {
	if id != "" && !isJobID(id) {
		return nil, nil, badRequest("Query-Id gồm 16 đến 64 chữ cái, chữ số, - hoặc _.", "A Query-Id is 16 to 64 letters, digits, - or _.")
	}
	if id == "" {
		id = rand.Text()
	}
	ctx, cancel := context.WithCancelCause(ctx)
	n := &job{id: id, began: time.Now(), cancel: cancel, done: make(chan struct{}), state: "queued"}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.forget()
	if j.known[id] != nil {
		cancel(nil)
		return nil, nil, &requestError{http.StatusConflict, "query-id-taken", "Đã có truy vấn mang Query-Id này; hãy đặt mã khác.", "There is a query of this Query-Id; choose another."}
	}
	if j.known == nil {
		j.known = map[string]*job{}
	}
	j.known[id] = n
	return ctx, n, nil
}

func isJobID(id string) bool {
	for _, c := range []byte(id) {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			if (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return len(id) >= 16 && len(id) <= 64
}

// forget drops the jobs that ended long ago. The caller holds the lock.
func (j *jobs) forget() {
	old := 0
	for old < len(j.ended) && (len(j.ended)-old > maxJobs || time.Since(j.ended[old].ended) > jobTime) {
		delete(j.known, j.ended[old].id)
		old++
	}
	clear(j.ended[:old])
	j.ended = j.ended[old:] // which is moved when it has to grow
}

// end notes how a query ended.
func (j *jobs) end(n *job, err error) {
	n.mu.Lock()
	n.state, n.err, n.ended = "complete", err, time.Now()
	switch {
	case errors.Is(err, errCancelled):
		n.state = "cancelled"
	case isPartial(err):
		n.state = "partial"
	case err != nil:
		n.state = "failed"
	}
	cancel := n.cancel
	n.cancel = func(error) {} // the context would keep the whole request
	n.mu.Unlock()
	cancel(nil)
	close(n.done)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ended = append(j.ended, n)
}

func isPartial(err error) bool {
	_, ok := errors.AsType[*partialError](err)
	return ok
}

func (n *job) run(lane string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.state, n.lane = "running", lane
}

// stop cancels a query that has not ended.
func (n *job) stop() {
	n.mu.Lock()
	cancel := n.cancel
	n.mu.Unlock()
	cancel(errCancelled)
}

// jobState is a job as clients see it.
type jobState struct {
	ID      string  `json:"id"`
	State   string  `json:"state"`
	Lane    string  `json:"lane,omitempty"`
	Rows    int64   `json:"rows"`
	Work    int64   `json:"examined"` // rows read, and compared by joins
	Elapsed float64 `json:"elapsed"`  // seconds
	Error   string  `json:"error,omitempty"`
	Limit   string  `json:"limit,omitempty"`
}

func (n *job) now() jobState {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := jobState{ID: n.id, State: n.state, Lane: n.lane, Rows: n.rows.Load(), Work: n.examined.Load()}
	end := n.ended
	if end.IsZero() {
		end = time.Now()
	}
	s.Elapsed = float64(end.Sub(n.began).Milliseconds()) / 1000
	if n.err != nil {
		s.Error = "failed"
		var limit *graph.LimitError
		if errors.As(n.err, &limit) {
			s.Error, s.Limit = limit.Error(), limit.Limit
		}
		if n.state == "cancelled" {
			s.Error = errCancelled.Error()
		}
	}
	return s
}

// find returns the job that a request names.
func (s *site) findJob(w http.ResponseWriter, r *http.Request) (*job, error) {
	w.Header().Set("Cache-Control", "no-store")
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	s.jobs.forget()
	if n := s.jobs.known[chi.URLParam(r, "id")]; n != nil {
		return n, nil
	}
	return nil, graph.ErrNotFound
}

// jobState tells how far a query is.
func (s *site) jobState(w http.ResponseWriter, r *http.Request) error {
	n, err := s.findJob(w, r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(n.now())
}

// jobCancel cancels a query, and answers when it has stopped or a second has passed.
func (s *site) jobCancel(w http.ResponseWriter, r *http.Request) error {
	n, err := s.findJob(w, r)
	if err != nil {
		return err
	}
	n.stop()
	select {
	case <-n.done:
	case <-time.After(time.Second):
	case <-r.Context().Done():
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(n.now())
}

// How often the state of a query is told, and for how long.
const (
	eventEvery = 500 * time.Millisecond
	eventTime  = 15 * time.Minute
)

// jobEvents tells the state of a query as it changes, as server-sent events (HTML, 9.2).
func (s *site) jobEvents(w http.ResponseWriter, r *http.Request) error {
	n, err := s.findJob(w, r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // what proxies hold back comes too late
	control := http.NewResponseController(w)
	tick := time.NewTicker(eventEvery)
	defer tick.Stop()
	end := time.After(eventTime)
	for {
		state := n.now()
		body, err := json.Marshal(state)
		if err != nil {
			return err
		}
		_ = control.SetWriteDeadline(time.Now().Add(writeTime)) // not every writer has one
		if _, err := fmt.Fprintf(w, "event: state\ndata: %s\n\n", body); err != nil || control.Flush() != nil {
			return nil // the client has gone
		}
		if state.State != "queued" && state.State != "running" {
			return nil
		}
		select {
		case <-tick.C:
		case <-n.done:
		case <-r.Context().Done():
			return nil
		case <-end:
			return nil
		}
	}
}
