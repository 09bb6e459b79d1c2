// Package ingest brings records into a store: it reads sources, maps records on all cores,
// keeps their order, and commits in batches. What cannot be read or mapped is set aside with
// its bytes, its place and the reason, and costs no other record.
//
//	Source -> marc.Reader -> chunks -> Mapper, on all cores -> quads, in order -> store
//
// What to hold in mind:
//
//   - A record is a named graph, whose name is that of the record. Loading a record again
//     replaces its graph, so loading a file twice changes nothing.
//   - Into an empty store goes one bulk load, which is seen at its end or not at all.
//     Otherwise there is a commit for some thousand records and a checkpoint behind it, and
//     a load that was stopped goes on from there.
//   - Memory does not grow with the input, but for some tens of bytes a record that tell
//     which records came before.
//   - A record that says it is deleted ([Withdrawn]) takes its graph away.
//   - A record with a security classification is refused. Nothing of it is kept, quoted or
//     logged but its place.
package ingest

import (
	"context"
	"fmt"
	"hash/maphash"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"

	"mocban/graph"
	"mocban/ingest/mapping"
	"mocban/ingest/marc"
	"mocban/ingest/quality"
)

// A Mapper makes quads of records. Any number of goroutines may use it, and one record gives
// the same quads each time. [mapping.Mapper] is one.
type Mapper interface {
	// Record returns the name of the graph of a record.
	Record(r *marc.Record) graph.IRI

	// Append appends the quads of a record, all in its graph. Findings are what could not
	// be mapped; the error tells that nothing could.
	Append(quads []graph.Quad, r *marc.Record) ([]graph.Quad, []mapping.Finding, error)
}

// A Pipeline loads or maps sources. Only Mapper must be set.
type Pipeline struct {
	Mapper Mapper

	// Workers is how many records are mapped at a time; 0 means as many as there are cores.
	Workers int

	// Batch is how many records one commit holds; 0 means 2,000.
	Batch int

	// InParts commits batch by batch into an empty store too, so that a load that is stopped
	// can go on from its checkpoint. It takes several times as long as loading in bulk.
	InParts bool

	// Quarantine is the folder for what is set aside; empty keeps counts only. What it held
	// of a source is replaced when that source is loaded again.
	Quarantine string

	// Checkpoint is the file that tells how far a load has come; empty keeps none. It is
	// gone when the load is complete.
	Checkpoint string

	// Link, if not nil, leads the headings of records to authority records: those of the store,
	// and those that the load brings, whatever comes first.
	Link *Linker

	// Judge, if not nil, judges what each record became; the report holds the scores of the
	// libraries then. Strict sets records aside that have a violation.
	Judge  *quality.Judge
	Strict bool

	// Progress, if not nil, is called about every Interval (0 means a second) and at the
	// end, always from the goroutine that runs the pipeline.
	Progress func(Progress)
	Interval time.Duration

	// Look, if not nil, is called for each record that could be read and is not classified, in
	// order. The record is not there any more when it returns.
	Look func(*marc.Record)

	// Notice, if not nil, is called for each thing to tell of a record, in order.
	Notice func(Notice)

	// Log is told of what an operator should know; nil is silence.
	Log *slog.Logger
}

// Progress tells how far a run has come.
type Progress struct {
	Source  string // the one being read
	Records uint64
	Bytes   int64 // read, as they lie on disk
	Total   int64 // of all sources, 0 where one of them does not say
	Rate    float64
	Elapsed time.Duration
	Left    time.Duration // 0 where it cannot be told
	Step    string        // "scan", "map", "commit" (a bulk load is sorted), "done"
}

// A Notice tells of one thing in one record.
type Notice struct {
	Kind   Kind
	Source string
	Number int    // of the record in its source, from 1
	Offset int64  // of the record in its source, in bytes
	ID     string // control number, if there is one
	Rule   string
	Tag    string
	Code   string `json:",omitempty"`
	Value  string `json:",omitempty"`
	Vi, En string

	// Of a Verdict: whose record it is, and how bad it is.
	Library  string           `json:",omitempty"`
	Severity quality.Severity `json:",omitempty"`
}

// A Kind says what a Notice tells of.
type Kind string

// The kinds of notice.
const (
	Repair  Kind = "repair"  // mended by the reader
	Finding Kind = "finding" // told by the mapper
	Verdict Kind = "verdict" // a shape is broken ([Pipeline.Judge])
	Aside   Kind = "aside"   // set aside: in the quarantine
	Deleted Kind = "deleted" // the record says that it is deleted: its graph is dropped
	Refused Kind = "refused" // classified: kept nowhere
	Double  Kind = "double"  // another record of the same name comes later and wins
)

// A state is what became of a record.
type state uint8

const (
	mapped    state = iota
	aside           // unreadable or unmappable
	refused         // classified
	withdrawn       // says that it is deleted
	doubled         // a later record of the same name wins
	done            // was loaded before the checkpoint
)

// An item is a record on its way.
type item struct {
	rec      *marc.Record
	bad      *marc.BadRecord
	number   uint64 // over all sources, from 1
	state    state
	graph    graph.IRI
	quads    []graph.Quad // a part of those of the chunk
	count    int
	findings []mapping.Finding
	verdicts []quality.Verdict
	library  string // told by the quads, if they were judged
	err      error
}

// A chunk is what one worker maps at a time.
type chunk struct {
	source int
	items  []item
	made         // from mapping on
	bytes  int64 // read so far, over all sources
	ready  chan struct{}
	err    error // ends the run
}

// What is made of a chunk.
type made struct {
	quads []graph.Quad
	text  [][]byte // N-Quads of the chunk in pages, if text was asked for
}

// chunkRecords is small, so that little is under way, and quads and text stay near the core that
// makes them.
const chunkRecords = 8

// run is one walk through the sources.
type run struct {
	*Pipeline
	sources []Source
	asText  bool              // workers write N-Quads
	loader  graph.Loader      // that workers give the quads to, for bulk loads
	last    map[uint64]uint64 // name -> number of the record that wins, for bulk loads
	seen    map[uint64]uint64 // name -> number of the record that came last
	skip    uint64            // records loaded before the checkpoint
	report  *Report
	quar    *quarantine
	meter   meter
	seed    maphash.Seed
	since   graph.Version // of the store when the load began
	linking bool          // authority records came or went

	idle   []made // what was used last is at the end, for it is near a core still
	idling sync.Mutex
	spare  spares
}

func (p *Pipeline) newRun(sources []Source) *run {
	own := *p // its zero values are filled in here
	r := &run{Pipeline: &own, sources: slices.Clone(sources), report: newReport(), seen: map[uint64]uint64{}, seed: maphash.MakeSeed()}
	if r.Workers <= 0 {
		r.Workers = runtime.GOMAXPROCS(0)
	}
	if r.Batch <= 0 {
		r.Batch = 2000
	}
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	r.meter = newMeter(p, sources)
	return r
}

// walk reads, maps and gives the chunks to f in order. It returns when all that it started
// has ended.
func (r *run) walk(ctx context.Context, f func(*chunk) error) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	work := make(chan *chunk, 3*r.Workers)
	ordered := make(chan *chunk, 3*r.Workers)
	ended := make(chan struct{}, r.Workers)
	for range r.Workers {
		go func() {
			defer func() { ended <- struct{}{} }()
			var w quadWriter
			for c := range work {
				r.mapChunk(c, &w)
				close(c.ready)
			}
		}()
	}
	go r.read(ctx, work, ordered)
	defer func() {
		cancel()
		for range ordered { // the reader ends, and with it the workers
		}
		for range r.Workers {
			<-ended
		}
	}()
	for c := range ordered {
		<-c.ready
		if c.err != nil {
			return c.err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.settle(c); err != nil {
			return err
		}
		if err := f(c); err != nil {
			return err
		}
		r.meter.tell(r, c)
		r.recycle(c)
	}
	return ctx.Err()
}

func newChunk() *chunk {
	return &chunk{items: make([]item, 0, chunkRecords), ready: make(chan struct{})}
}

// room returns room for what is made of a chunk.
func (r *run) room() made {
	r.idling.Lock()
	defer r.idling.Unlock()
	n := len(r.idle)
	if n == 0 {
		return made{}
	}
	m := r.idle[n-1]
	r.idle = r.idle[:n-1]
	return m
}

// recycle takes back the room that a chunk and its records had.
func (r *run) recycle(c *chunk) {
	clear(c.quads)
	r.spare.take(c.text)
	clear(c.text)
	for i := range c.items {
		if rec := c.items[i].rec; rec != nil {
			rec.Release()
		}
	}
	r.idling.Lock()
	defer r.idling.Unlock()
	r.idle = append(r.idle, made{c.quads[:0], c.text[:0]})
}

// read reads all sources, one after the other, into chunks.
func (r *run) read(ctx context.Context, work, ordered chan<- *chunk) {
	defer close(ordered)
	defer close(work)
	send := func(c *chunk) bool {
		select {
		case work <- c:
			ordered <- c // emptied by walk until closed
			return ctx.Err() == nil
		case <-ctx.Done():
			return false
		}
	}
	var number uint64
	var before int64
	for i := range r.sources {
		in, err := r.sources[i].open()
		if err != nil {
			c := newChunk()
			c.err = err
			send(c)
			return
		}
		n, err := r.readSource(i, in, before, &number, send)
		before += in.read.Load()
		in.Close()
		if err != nil {
			c := newChunk()
			c.err = fmt.Errorf("read %s behind record %d: %w", r.sources[i].Name, n, err)
			send(c)
			return
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// readSource reads one source and returns how many records it had.
func (r *run) readSource(i int, in *input, before int64, number *uint64, send func(*chunk) bool) (n int, err error) {
	for c := newChunk(); ; c = newChunk() {
		c.source = i
		for len(c.items) < chunkRecords && err == nil {
			var it item
			if it, err = next(in.reader); err == nil {
				n++
				*number++
				it.number = *number
				c.items = append(c.items, it)
			}
		}
		c.bytes = before + in.read.Load()
		if !send(c) {
			return n, nil
		}
		if err != nil {
			return n, ended(err)
		}
	}
}

// mapChunk maps the records of a chunk.
func (r *run) mapChunk(c *chunk, w *quadWriter) {
	c.made = r.room()
	for i := range c.items {
		it := &c.items[i]
		if it.number <= r.skip {
			it.state = done
			if it.rec != nil {
				it.graph = r.Mapper.Record(it.rec)
			}
			continue
		}
		if it.rec == nil {
			it.state = aside
			if it.bad.MayHave("355") { // nothing of it is kept then
				it.state = refused
			}
			continue
		}
		it.graph = r.Mapper.Record(it.rec)
		if Classified(it.rec) {
			it.state = refused
			continue
		}
		if last, ok := r.last[r.key(it.graph)]; ok && last != it.number {
			it.state = doubled
			continue
		}
		if Withdrawn(it.rec) {
			it.state = withdrawn
			continue
		}
		from := len(c.quads)
		c.quads, it.findings, it.err = r.mapRecord(c.quads, it.rec)
		if it.err == nil && r.Judge != nil {
			r.judge(it, c.quads[from:])
		}
		if it.err != nil {
			it.state = aside
			c.quads = c.quads[:from]
			continue
		}
		it.count = len(c.quads) - from
		if r.asText {
			c.text = w.append(c.text, c.quads[from:], &r.spare)
			c.quads = c.quads[:from]
		}
	}
	if r.loader != nil && len(c.quads) > 0 {
		if err := r.loader.Add(c.quads...); err != nil {
			c.err = fmt.Errorf("load records %d to %d: %w", c.items[0].number, c.items[len(c.items)-1].number, err)
		}
		return
	}
	from := 0
	for i := range c.items { // now that the quads do not move any more
		if it := &c.items[i]; !r.asText {
			it.quads = c.quads[from : from+it.count : from+it.count]
			from += it.count
		}
	}
}

// mapRecord maps one record. A mistake of ours that panics costs that record, not the rest
// of the catalogue.
func (r *run) mapRecord(quads []graph.Quad, rec *marc.Record) (out []graph.Quad, f []mapping.Finding, err error) {
	from := len(quads)
	defer func() {
		if p := recover(); p != nil {
			out, f, err = quads[:from], nil, fmt.Errorf("mapping failed: %v", p)
		}
	}()
	if err := checkValues(rec); err != nil {
		return quads, nil, err
	}
	return r.Mapper.Append(quads, rec)
}

func (r *run) key(name graph.IRI) uint64 { return maphash.String(r.seed, string(name)) }
