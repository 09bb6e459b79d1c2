package publish

import (
	"context"
	"runtime"
	"testing"
)

// Of the queries that have ended, begin drops the oldest and touches no other: it takes the
// memory of one query however many are remembered.
func TestJobsForget(t *testing.T) {
	var j jobs
	first := ""
	for range maxJobs {
		ctx, n, err := j.begin(context.Background(), "")
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = n.id
		}
		j.end(n, nil)
		if ctx.Err() == nil {
			t.Fatal("the context of a query that has ended goes on")
		}
	}
	if j.known[first] == nil {
		t.Error("a query was forgotten too early")
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const more = 1000
	for range more {
		_, n, err := j.begin(context.Background(), "")
		if err != nil {
			t.Fatal(err)
		}
		j.end(n, nil)
		n.stop() // which comes too late
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / more; each > 8<<10 {
		t.Errorf("a query takes %d bytes while %d are remembered", each, maxJobs)
	}
	if j.known[first] != nil || len(j.known) > maxJobs+1 || len(j.ended) > maxJobs+1 {
		t.Errorf("%d queries are remembered, %d of them ended", len(j.known), len(j.ended))
	}
}
