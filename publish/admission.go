package publish

import (
	"context"
	"net/http"
	"runtime"
	"strconv"
	"time"
)

const (
	defaultQueryMemory = 1 << 30
	leastQueryMemory   = 128 << 20       // for one query, so that an ORDER BY of a library fits
	queueLength        = 64              // queries that wait for a place
	queueTime          = 5 * time.Second // how long they wait
)

// A gate lets a few queries run, a few more wait, and turns the others away, so that any
// number of clients together takes no more memory than [Config.QueryMemory].
type gate struct {
	running chan struct{} // a token for each query that runs
	waiting chan struct{} // and for each that waits
	memory  int64         // for each query that runs
}

// newGate makes a gate: two places for each processor if there is memory for them.
func newGate(memory int64) *gate {
	places := max(1, min(2*int64(runtime.GOMAXPROCS(0)), memory/leastQueryMemory))
	return &gate{make(chan struct{}, places), make(chan struct{}, queueLength), memory / places}
}

// enter waits for a place among the queries that run. Who has one calls leave at the end.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-g.running }
	select {
	case g.running <- struct{}{}:
		return leave, nil
	default:
	}
	select {
	case g.waiting <- struct{}{}:
		defer func() { <-g.waiting }()
	default:
		return nil, &busyError{queueTime}
	}
	timer := time.NewTimer(queueTime)
	defer timer.Stop()
	select {
	case g.running <- struct{}{}:
		return leave, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timer.C:
		return nil, &busyError{queueTime}
	}
}

// A busyError tells that there was no place for a query, and after how long to try again.
type busyError struct{ after time.Duration }

func (e *busyError) Error() string { return "too many queries are running" }

// retryAfter sets the header of that name (RFC 9110, 10.2.3).
func (e *busyError) retryAfter(h http.Header) {
	h.Set("Retry-After", strconv.Itoa(int(e.after.Seconds())))
}
