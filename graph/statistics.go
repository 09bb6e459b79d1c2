package graph

import "context"

// Statistics tell what is in one version of a store. Triples are counted once, however many
// graphs say them, so the numbers are those of the union of all graphs, which is what the
// default graph of a query is; those of the strict default graph are told apart.
type Statistics struct {
	Version Version

	// Exact tells that no number is an estimate. Estimates become exact when what was
	// changed is folded into the base of the store.
	Exact bool

	Quads    uint64 // a triple as often as graphs say it
	Triples  uint64
	Default  uint64 // quads of the default graph itself
	Graphs   uint64 // named ones, empty ones included
	Subjects uint64 // different ones, like Objects
	Objects  uint64

	Properties []PropertyStatistics // ascending by ID
	Classes    []ClassStatistics    // ascending by ID
}

// PropertyStatistics tell of the triples of one property.
type PropertyStatistics struct {
	Property          ID
	Triples           uint64
	Subjects, Objects uint64 // different ones
}

// ClassStatistics tell of one class.
type ClassStatistics struct {
	Class     ID
	Instances uint64 // different ones
}

// A Counted is a [Snapshot] with statistics. It does not read its rows for them, and keeps
// them for as long as the version is the newest.
type Counted interface {
	Snapshot
	Statistics(ctx context.Context) (*Statistics, error)
}
