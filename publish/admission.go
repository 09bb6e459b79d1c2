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
	leastQueryMemory   = 128 << 20             // for one query, so that an ORDER BY of a library fits
	quickMemory        = 16 << 20              // for one of the quick lane
	queueTime          = 5 * time.Second       // how long a query waits for a place
	quickCost          = 20 * time.Millisecond // what a query of the quick lane is expected to take at most
	usualCost          = 2 * time.Second       // and one of the usual lane
)

// A queryLane lets a few queries run, a few more wait, and turns the others away.
type queryLane struct {
	name    string
	running chan struct{} // a token for each query that runs
	waiting chan struct{} // and for each that waits
	memory  int64         // for each query that runs
}

func newLane(name string, places int, memory int64) *queryLane {
	places = max(1, places)
	return &queryLane{name, make(chan struct{}, places), make(chan struct{}, max(16, 8*places)), memory}
}

// A gate admits queries in three lanes, by how long they are expected to take: what shows a
// record never waits for what counts the whole library. Any number of clients together take
// no more memory than [Config.QueryMemory].
type gate struct {
	quick, usual, heavy *queryLane

	// A token for each query that has grown out of the quick lane, holds its place and memory
	// there, and waits for one in the usual lane. Others of the quick lane go on.
	moving chan struct{}
}

// newGate makes a gate: in the quick lane there are four places for each processor, and the
// others have two together if there is memory for them.
func newGate(memory int64) *gate {
	processors := runtime.GOMAXPROCS(0)
	quick := 4 * processors
	rest := memory - int64(quick)*quickMemory
	if rest < leastQueryMemory {
		rest, quick = memory, 1
	}
	places := max(1, min(2*int64(processors), rest/leastQueryMemory))
	g := &gate{moving: make(chan struct{}, (quick+1)/2), quick: newLane("quick", quick, quickMemory), usual: newLane("usual", int(places-places/3), rest/places)}
	if g.heavy = g.usual; places > 2 {
		g.heavy = newLane("heavy", int(places/3), rest/places)
	}
	return g
}

// lane returns the lane for a query that takes so long.
func (g *gate) lane(cost time.Duration) *queryLane {
	switch {
	case cost <= quickCost:
		return g.quick
	case cost <= usualCost:
		return g.usual
	}
	return g.heavy
}

// grow moves a query that runs in the quick lane to the usual one: leave is that of the place it
// has there then. It keeps its place as long as it waits, and so does not take more than it has.
func (g *gate) grow(ctx context.Context) (leave func(), err error) {
	select {
	case g.moving <- struct{}{}:
		defer func() { <-g.moving }()
		return g.usual.enter(ctx)
	default:
		return nil, &busyError{queueTime}
	}
}

// maxWriters is how many updates may wait for the one that runs.
const maxWriters = 16

// newWriters makes the lane of updates. Those that run take a place of the usual lane, too.
func newWriters() *queryLane {
	return &queryLane{"write", make(chan struct{}, 1), make(chan struct{}, maxWriters), 0}
}

// enter waits for a place among the queries that run. Who has one calls leave at the end.
func (l *queryLane) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-l.running }
	select {
	case l.running <- struct{}{}:
		return leave, nil
	default:
	}
	select {
	case l.waiting <- struct{}{}:
		defer func() { <-l.waiting }()
	default:
		return nil, &busyError{queueTime}
	}
	timer := time.NewTimer(queueTime)
	defer timer.Stop()
	select {
	case l.running <- struct{}{}:
		return leave, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-timer.C:
		return nil, &busyError{queueTime}
	}
}

// A busyError tells that there was no place for a query, and after how long to try again.
type busyError struct{ after time.Duration }

func (e *busyError) Error() string { return "too many queries are running" }

// retryAfter sets the header of that name (RFC 9110, 10.2.3).
func retryAfter(h http.Header, after time.Duration) {
	h.Set("Retry-After", strconv.Itoa(max(1, int((after+time.Second-1)/time.Second))))
}
