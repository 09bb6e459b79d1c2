package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"mocban/graph"
	"mocban/ingest/mapping"
)

// Map maps the records of the sources and writes their quads as N-Quads, in the order of
// the records. It keeps nothing back, so of two records of one name both are written; the
// report tells of it.
func (p *Pipeline) Map(ctx context.Context, w io.Writer, sources ...Source) (Report, error) {
	r := p.newRun(sources)
	r.asText = true
	if err := r.openQuarantine(nil); err != nil {
		return *r.report, err
	}
	err := r.walk(ctx, func(c *chunk) error {
		for _, page := range c.text {
			if _, err := w.Write(page); err != nil {
				return fmt.Errorf("write quads: %w", err)
			}
		}
		return nil
	})
	return r.finish(err)
}

// Load maps the records of the sources and brings their quads into a store, in bulk if the
// store is empty and InParts is not set. The error tells what stopped the load. What was
// committed up to the checkpoint is in the store then; of a bulk load, nothing.
func (p *Pipeline) Load(ctx context.Context, s graph.Store, sources ...Source) (Report, error) {
	r := p.newRun(sources)
	point, err := r.readCheckpoint()
	if err != nil {
		return *r.report, err
	}
	empty, version, err := look(ctx, s)
	if err != nil {
		return *r.report, fmt.Errorf("look at the store: %w", err)
	}
	if point != nil && version < point.Report.Version {
		return *r.report, fmt.Errorf("checkpoint %s is of a store with version %d, this one has %d; remove it to start over",
			r.Checkpoint, point.Report.Version, version)
	}
	if err := r.openQuarantine(point); err != nil {
		return *r.report, err
	}
	r.since = version
	if point != nil {
		r.since, r.linking = point.Since, true // what came before is not known any more
	}
	if r.Link != nil {
		if err := r.Link.read(ctx, s); err != nil {
			return *r.report, err
		}
	}
	if empty && point == nil && !r.InParts {
		err = r.bulk(ctx, s)
	} else {
		err = r.update(ctx, s, point)
	}
	if err == nil && r.Link != nil && r.linking {
		r.Link.Unsure, r.Link.Stale = r.unsure, r.stale
		r.report.Relinked, err = r.Link.Relink(ctx, s, r.since)
		r.report.Version = max(r.report.Version, r.Link.version)
	}
	if err == nil {
		err = r.removeCheckpoint()
	}
	return r.finish(err)
}

// unsure counts and tells what was found in a record of the store that was mapped again.
func (r *run) unsure(record graph.IRI, f mapping.Finding) {
	r.report.FoundBy[f.Rule]++
	if r.Notice != nil {
		r.Notice(Notice{Kind: Finding, Source: string(record), ID: string(record), Rule: f.Rule, Tag: f.Tag, Value: f.Value, Vi: f.Vi, En: f.En})
	}
}

// stale counts and tells of a record of the store that should be mapped again and cannot be.
func (r *run) stale(record graph.IRI, err error) {
	r.report.Stale++
	_, vi, en := reason(err)
	if r.Notice != nil {
		r.Notice(Notice{Kind: Finding, Source: string(record), ID: string(record), Rule: StaleRecord, Value: string(record),
			Vi: "không chuyển đổi lại được, giữ nguyên như lần trước: " + vi, En: "could not be mapped again, and stays as it was: " + en})
	}
	r.Log.Warn("record cannot be mapped again by the rules of now; it stays as it was", "record", string(record), "error", err)
}

// StaleRecord is the rule of notices of records that stay as they were mapped before, as the
// rules of today cannot map them.
const StaleRecord = "stale-record"

// look tells whether a store holds nothing, and its version.
func look(ctx context.Context, s graph.Store) (empty bool, v graph.Version, err error) {
	snapshot, err := s.Snapshot()
	if err != nil {
		return false, 0, err
	}
	defer snapshot.Close()
	n, _, err := snapshot.Count(ctx, graph.Pattern{})
	return n == 0, snapshot.Version(), err
}

// bulk loads into an empty store. A loader can only add, so a first walk finds which record
// of each name comes last.
func (r *run) bulk(ctx context.Context, s graph.Store) (err error) {
	undo, err := r.spool()
	defer undo()
	if err != nil {
		return err
	}
	if r.last, err = r.scan(ctx); err != nil {
		return err
	}
	if r.Link != nil {
		r.Link.use()
	}
	r.report.Version, err = s.Load(ctx, func(l graph.Loader) error {
		l.SetSource(r.sourceNames())
		r.loader = l // takes the quads where they are made
		err := r.walk(ctx, func(*chunk) error { return nil })
		r.meter.now(r, "commit", r.report.Records, r.report.Bytes)
		return err
	})
	return err
}

// scan returns the number of the last record of each name.
func (r *run) scan(ctx context.Context) (map[uint64]uint64, error) {
	last := map[uint64]uint64{}
	var number uint64
	var before int64
	for i := range r.sources {
		in, err := r.sources[i].open()
		if err != nil {
			return nil, err
		}
		for err == nil {
			var it item
			if it, err = next(in.reader); err == nil {
				number++
				if it.rec != nil {
					last[r.key(r.Mapper.Record(it.rec))] = number
					if r.Link != nil {
						err = r.Link.see(it.rec)
					}
				}
			}
			if number%4096 == 0 {
				if err := ctx.Err(); err != nil {
					in.Close()
					return nil, err
				}
				r.meter.step(r, "scan", r.sources[i].Name, number, before+in.read.Load())
			}
		}
		before += in.read.Load()
		in.Close()
		if err := ended(err); err != nil {
			return nil, fmt.Errorf("read %s: %w", r.sources[i].Name, err)
		}
	}
	return last, nil
}

// spool copies sources that can be read only once to files.
func (r *run) spool() (undo func(), err error) {
	var files []string
	undo = func() {
		for _, f := range files {
			os.Remove(f)
		}
	}
	for i := range r.sources {
		s := &r.sources[i]
		if !s.Once {
			continue
		}
		f, err := os.CreateTemp("", "mocban-ingest-*")
		if err != nil {
			return undo, fmt.Errorf("keep %s: %w", s.Name, err)
		}
		files = append(files, f.Name())
		if err := copyTo(f, s); err != nil {
			return undo, fmt.Errorf("keep %s: %w", s.Name, err)
		}
		s.Open = func() (io.ReadCloser, error) { return os.Open(f.Name()) }
		s.Once = false
	}
	return undo, nil
}

func copyTo(f *os.File, s *Source) error {
	in, err := s.Open()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	s.Size, err = io.Copy(f, in)
	return errors.Join(err, in.Close(), f.Close())
}

// update replaces the graphs of the records, some thousand records a commit.
func (r *run) update(ctx context.Context, s graph.Store, point *checkpoint) error {
	if point != nil {
		r.skip = point.Records
		r.report.resume(point)
		r.Log.Info("going on behind the checkpoint", "records", point.Records)
	}
	b := batch{run: r, store: s}
	defer func() { r.linking = r.linking || b.authorities }()
	err := r.walk(ctx, func(c *chunk) error {
		b.add(c)
		if b.records < r.Batch {
			return nil
		}
		return b.commit(ctx)
	})
	if err != nil {
		return err
	}
	return b.commit(ctx)
}

// A batch is what the next commit holds.
type batch struct {
	*run
	store   graph.Store
	graphs  []change
	quads   []graph.Quad
	records int

	authorities bool // came or went
}

// A change replaces a graph by the next quads.
type change struct {
	name  graph.IRI
	quads int
}

// add takes over a chunk. Its quads are copied, for the chunk is used again.
func (b *batch) add(c *chunk) {
	for i := range c.items {
		it := &c.items[i]
		switch {
		case it.state == done:
			continue
		case it.state == mapped:
			b.graphs = append(b.graphs, change{it.graph, it.count})
			b.quads = append(b.quads, it.quads...)
		case it.state == withdrawn, it.state == refused && it.graph != "":
			b.graphs = append(b.graphs, change{it.graph, 0}) // gone, or what was open has become a secret
		}
		b.records++
		b.authorities = b.authorities || it.rec != nil && it.state != aside && mapping.IsAuthority(it.rec)
	}
}

func (b *batch) commit(ctx context.Context) error {
	if b.records == 0 {
		return nil
	}
	version, err := b.store.Update(ctx, func(t graph.Txn) error {
		t.SetSource(b.sourceNames())
		quads := b.quads
		for _, g := range b.graphs {
			if err := t.DropGraph(g.name.Term()); err != nil && !errors.Is(err, graph.ErrNotFound) {
				return err
			}
			if g.quads == 0 {
				continue
			}
			if err := t.Add(quads[:g.quads]...); err != nil {
				return err
			}
			quads = quads[g.quads:]
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("commit the batch up to record %d: %w", b.report.Records, err)
	}
	b.report.Version = version
	b.graphs, b.quads, b.records = b.graphs[:0], b.quads[:0], 0
	return b.writeCheckpoint()
}

func (r *run) sourceNames() string {
	switch len(r.sources) {
	case 0:
		return ""
	case 1:
		return r.sources[0].Name
	}
	return fmt.Sprintf("%s and %d more", r.sources[0].Name, len(r.sources)-1)
}
