package graph

import (
	"context"
	"iter"
	"time"
)

// A Version numbers the states of a store. The empty store has version 0, and every change
// set that changes something makes the next one.
type Version uint64

// A Store keeps quads. Any number of goroutines may use it.
type Store interface {
	// Snapshot returns the newest state. The caller closes it.
	Snapshot() (Snapshot, error)

	// Update runs f and commits what it did as one change set, or nothing if f returns an
	// error. Updates run one at a time. When Update returns, the change survives a crash.
	// An update that changes nothing makes no version.
	Update(ctx context.Context, f func(Txn) error) (Version, error)

	// Load is Update for data of any size: it sorts outside of memory and the change set
	// becomes visible at once at the end. It can only add.
	Load(ctx context.Context, f func(Loader) error) (Version, error)

	// Changes returns the change sets after a version, oldest first. It ends with an error
	// that wraps [ErrNotFound] if that part of the log is no longer kept.
	Changes(ctx context.Context, since Version) iter.Seq2[Change, error]

	Close() error
}

// A Traveller is a Store that shows older versions, too.
type Traveller interface {
	// At returns the state of a version, for reading. It ends with an error that wraps
	// [ErrNotFound] if there is none, or it is no longer kept. Old versions may take as long
	// to make as their data took to load. The caller closes it, before the store.
	At(ctx context.Context, v Version) (Snapshot, error)
}

// A Snapshot is one state of a store. It sees no later change for as long as it is held.
// Any number of goroutines may use it.
type Snapshot interface {
	// Version tells the state, and Time when it was made (zero for the empty store).
	Version() Version
	Time() time.Time

	// IDs sets ids[i] to the ID of terms[i], or to None if the store does not know it.
	// Inlined values and the zero Term (DefaultGraph) need not be known.
	IDs(ctx context.Context, terms []Term, ids []ID) error

	// Terms sets terms[i] to the term of ids[i]. The zero Term stands for None and
	// DefaultGraph. An ID that the store never gave is an error.
	Terms(ctx context.Context, ids []ID, terms []Term) error

	// Scan returns the rows of a pattern in an order, or in the best one for NoOrder.
	// Columns tells which of the free positions to fill; bound ones are never filled. The
	// rows are those of the pattern, each as often as it stands in the store: a column
	// left out does not make rows fewer.
	Scan(ctx context.Context, p Pattern, o Order, columns Columns) (Cursor, error)

	// Count returns how many rows Scan would give. It reads at most the edges of the range
	// of an order where the pattern binds a prefix of that order, and is exact then;
	// otherwise n is an estimate.
	Count(ctx context.Context, p Pattern) (n uint64, exact bool, err error)

	// Distinct returns how many different IDs Scan would give in the column of a free
	// position. It does not read the rows, so it is often an estimate.
	Distinct(ctx context.Context, p Pattern, at Pos) (n uint64, exact bool, err error)

	// Graphs returns the named graphs in the order of their IDs, empty ones included. Only
	// the graph column is filled.
	Graphs(ctx context.Context) (Cursor, error)

	Close() error
}

// A Cursor gives rows in blocks.
//
//	defer c.Close()
//	for c.Next(&b) { ... }
//	return c.Err()
type Cursor interface {
	// Next fills b with the next rows, at least one. It returns false at the end, on an
	// error and when the context is done.
	Next(b *Block) bool

	// Seek skips the rows that stand before row in the order of the scan. Positions bound
	// by the pattern are taken from the pattern. It never goes back.
	Seek(row Row)

	// Err returns what ended the scan early.
	Err() error

	Close() error
}

// A Txn collects one change set. What it is given is copied; the order of calls counts.
type Txn interface {
	// Snapshot is the state that the change set starts from. The store closes it.
	Snapshot() Snapshot

	// Now is the state that the calls so far lead to, with the version of the one that they
	// start from. It sees no later call, serves the goroutine of the update alone, and holds
	// until Now is called again or the update ends. The store closes it.
	Now() (Snapshot, error)

	// SetSource names what the change comes from: a file, a person, a harvest.
	SetSource(source string)

	// Add and Remove change the dataset. Adding what is there and removing what is not
	// changes nothing. A quad added to a graph makes the graph exist.
	Add(quads ...Quad) error
	Remove(quads ...Quad) error

	// CreateGraph makes a named graph exist, empty if nothing is added. A graph goes on
	// existing when its last quad is removed.
	CreateGraph(g Term) error

	// DropGraph removes a graph and all its quads. To replace a graph, drop it and add to
	// it again: what stays the same is no change.
	DropGraph(g Term) error
}

// A Loader takes quads in any order, doubles among them. What it is given is copied. Any
// number of goroutines may use it.
type Loader interface {
	SetSource(source string)
	Add(quads ...Quad) error
	CreateGraph(g Term) error
}

// A Change is one committed change set.
type Change struct {
	Version Version
	Time    time.Time
	Source  string

	// Added and Removed count quads.
	Added, Removed uint64

	// Ops returns what was done, sorted as [CompareQuads] sorts within each graph. Removals
	// in a graph stand before additions.
	Ops func() iter.Seq2[Op, error]
}

// An Op is one step of a change set.
type Op struct {
	Kind OpKind
	Quad Quad // for graphs, only G is set
}

// An OpKind says what an Op does.
type OpKind uint8

// The kinds of step. DropGraph stands after the removal of the graph's quads.
const (
	OpAdd OpKind = iota
	OpRemove
	OpCreateGraph
	OpDropGraph
)

func (k OpKind) String() string {
	return [...]string{"add", "remove", "create graph", "drop graph"}[k]
}
