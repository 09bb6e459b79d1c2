package harvest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"

	"mocban/graph"
	"mocban/ingest"
	"mocban/ingest/mapping"
	"mocban/ingest/marc"
	"mocban/vocab/mocban"
)

// bring loads what was fetched and withdraws what is gone.
func (h *Harvester) bring(ctx context.Context, s *Source, st *state, mapper ingest.Mapper, rep *Report) error {
	l, err := h.gather(s, st.Run)
	if err != nil {
		return err
	}
	rep.Listed, rep.Deleted = l.listed, len(l.deleted)
	m := newMarker(mapper, s.Name)
	m.spans = l.spans
	if len(l.spans) > 0 {
		p := h.pipeline(m)
		p.Checkpoint = h.checkpoint(s)
		name := s.Name + "@" + st.Run.From
		if st.Run.From == "" {
			name += "full"
		}
		src := ingest.Source{Name: name, Size: l.size, Options: marc.ReadOptions{Format: s.Format, Charset: s.Charset},
			Open: func() (io.ReadCloser, error) { return os.Open(h.records(s)) }}
		if rep.Load, err = p.Load(ctx, h.Store, src); err != nil {
			return fmt.Errorf("load %s: %w", s.Name, err)
		}
	}
	w := withdrawal{name: s.Name, deleted: l.deleted, graphs: m.graphs, rep: rep}
	if st.Run.Full && st.Run.Incomplete == "" {
		w.alive = l.alive
	}
	return h.withdraw(ctx, s, &w)
}

// pipeline returns a pipeline for a mapper.
func (h *Harvester) pipeline(m ingest.Mapper) *ingest.Pipeline {
	p := h.Pipeline
	p.Mapper = m
	if p.Log == nil {
		p.Log = h.Log
	}
	return &p
}

// A gathered list is what a run fetched: one file of records, and who they are.
type gathered struct {
	size    int64
	spans   []span
	listed  int
	deleted map[string]bool
	alive   map[string]bool // listed and not deleted at last
}

// A span is where a record begins in the file.
type span struct {
	at int64
	id string
}

// gather writes the records of all pages into one file. Those that are no XML come last, so that
// they cannot harm others.
func (h *Harvester) gather(s *Source, run *running) (*gathered, error) {
	g := &gathered{deleted: map[string]bool{}, alive: map[string]bool{}}
	f, err := os.Create(h.records(s))
	if err != nil {
		return nil, fmt.Errorf("gather the records of %s: %w", s.Name, err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	write := func(data ...[]byte) {
		for _, d := range data {
			n, _ := w.Write(d) // told by Flush
			g.size += int64(n)
		}
	}
	before, around, after, err := h.envelope(s, run)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	write([]byte(before))
	for _, broken := range []bool{false, true} {
		err = errors.Join(err, h.entries(s, run.Pages, func(e *entry) error {
			if !broken {
				g.listed++
				delete(g.deleted, e.ID)
				g.alive[e.ID] = true
				if e.Deleted {
					g.deleted[e.ID] = true
					delete(g.alive, e.ID)
				}
			}
			if e.Deleted || e.Broken != broken || len(e.Data) == 0 {
				return nil
			}
			g.spans = append(g.spans, span{g.size, e.ID})
			head, tail := around(e.ID)
			write([]byte(head), e.Data, []byte(tail))
			return nil
		}))
	}
	write([]byte(after))
	if err = errors.Join(err, w.Flush(), f.Close()); err != nil {
		return nil, fmt.Errorf("gather the records of %s: %w", s.Name, err)
	}
	return g, nil
}

// envelope returns what stands before, around and behind the records. Those of MARC need none;
// others are called what the header of OAI-PMH calls them.
func (h *Harvester) envelope(s *Source, run *running) (before string, around func(id string) (string, string), after string, err error) {
	stop := errors.New("found")
	marcs := true
	err = h.entries(s, run.Pages, func(e *entry) error {
		if e.Deleted || e.Broken || len(e.Data) == 0 {
			return nil
		}
		marcs = bytes.Contains(e.Data, []byte("MARC21/slim")) || bytes.Contains(e.Data, []byte("controlfield")) || bytes.Contains(e.Data, []byte("leader>"))
		return stop
	})
	if err != nil && !errors.Is(err, stop) {
		return "", nil, "", err
	}
	if marcs {
		return "<collection>\n", func(string) (string, string) { return "", "\n" }, "</collection>\n", nil
	}
	return "<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\"><ListRecords>\n", func(id string) (string, string) {
		return "<record><header><identifier>" + html.EscapeString(id) + "</identifier></header><metadata>", "</metadata></record>\n"
	}, "</ListRecords></OAI-PMH>\n", nil
}

// A marker maps records and says in their graphs where they come from.
type marker struct {
	ingest.Mapper
	source graph.Term
	spans  []span // of a file with many records
	id     string // of a file that is one thing

	mu     sync.Mutex
	graphs map[string]map[graph.IRI]bool // by what they are called at the source
}

func newMarker(m ingest.Mapper, name string) *marker {
	return &marker{Mapper: m, source: graph.String(name), graphs: map[string]map[graph.IRI]bool{}}
}

// called returns what a record is called at the source.
func (m *marker) called(r *marc.Record) string {
	if m.spans == nil {
		return m.id
	}
	i := sort.Search(len(m.spans), func(i int) bool { return m.spans[i].at > r.Offset })
	return m.spans[max(i-1, 0)].id
}

// Record implements ingest.Mapper, and notes which graphs came. It is called for each record,
// also for those that were loaded before a run was stopped.
func (m *marker) Record(r *marc.Record) graph.IRI {
	g, id := m.Mapper.Record(r), m.called(r)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.graphs[id] == nil {
		m.graphs[id] = map[graph.IRI]bool{}
	}
	m.graphs[id][g] = true
	return g
}

// Append implements ingest.Mapper.
func (m *marker) Append(quads []graph.Quad, r *marc.Record) ([]graph.Quad, []mapping.Finding, error) {
	quads, found, err := m.Mapper.Append(quads, r)
	if err != nil {
		return quads, found, err
	}
	g := m.Mapper.Record(r).Term()
	return append(quads, graph.Quad{S: g, P: mocban.HarvestedFrom, O: m.source, G: g},
		graph.Quad{S: g, P: mocban.HarvestedAs, O: graph.String(m.called(r)), G: g}), found, nil
}

// A withdrawal says what is to go.
type withdrawal struct {
	name    string
	deleted map[string]bool               // called so, and gone
	graphs  map[string]map[graph.IRI]bool // called so, and these are all
	alive   map[string]bool               // all that there are, or nil where that is not known
	rep     *Report

	drop, missing []graph.Term
	total         int // graphs of the source
}

// withdraw drops the graphs of what is gone.
func (h *Harvester) withdraw(ctx context.Context, s *Source, w *withdrawal) error {
	find := w.some
	if w.alive != nil {
		find = w.all
	}
	if err := h.look(ctx, find); err != nil {
		return fmt.Errorf("look for what %s has withdrawn: %w", s.Name, err)
	}
	most := s.MaxWithdraw
	if most == 0 {
		most = 20
	}
	if len(w.missing) > fewMissing && 100*len(w.missing) > most*w.total && !h.Force {
		w.rep.Held = len(w.missing)
	} else {
		w.drop = append(w.drop, w.missing...)
	}
	if len(w.drop) == 0 {
		return nil
	}
	_, err := h.Store.Update(ctx, func(t graph.Txn) error {
		t.SetSource("withdrawn by " + s.Name)
		for _, g := range w.drop {
			if err := t.DropGraph(g); err != nil && !errors.Is(err, graph.ErrNotFound) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("withdraw %d records of %s: %w", len(w.drop), s.Name, err)
	}
	w.rep.Withdrawn += len(w.drop)
	return nil
}

// fewMissing is how many records may be missing whatever their share.
const fewMissing = 10

// look calls f with the newest state of the store.
func (h *Harvester) look(ctx context.Context, f func(context.Context, graph.Snapshot) error) error {
	snap, err := h.Store.Snapshot()
	if err != nil {
		return err
	}
	return errors.Join(f(ctx, snap), snap.Close())
}

// marks are the IDs of the terms that mark what comes from a source.
func (w *withdrawal) marks(ctx context.Context, snap graph.Snapshot) (from, as, name graph.ID, err error) {
	var ids [3]graph.ID
	err = snap.IDs(ctx, []graph.Term{mocban.HarvestedFrom.Term(), mocban.HarvestedAs.Term(), graph.String(w.name)}, ids[:])
	return ids[0], ids[1], ids[2], err
}

// all compares every graph of the source with the list.
func (w *withdrawal) all(ctx context.Context, snap graph.Snapshot) error {
	from, as, name, err := w.marks(ctx, snap)
	if err != nil || from == graph.None || as == graph.None || name == graph.None {
		return err
	}
	own := map[graph.ID]bool{}
	err = graph.EachRow(ctx, snap, graph.Pattern{P: from, O: name}, graph.Cols(graph.PosG), func(r graph.Row) error {
		own[r[graph.PosG]] = true
		return nil
	})
	if err != nil {
		return err
	}
	w.total = len(own)
	return graph.EachRow(ctx, snap, graph.Pattern{P: as}, graph.Cols(graph.PosG, graph.PosO), func(r graph.Row) error {
		if !own[r[graph.PosG]] {
			return nil
		}
		var terms [2]graph.Term
		if err := snap.Terms(ctx, []graph.ID{r[graph.PosG], r[graph.PosO]}, terms[:]); err != nil {
			return err
		}
		w.judge(terms[0].Clone(), terms[1].Value())
		return nil
	})
}

// some looks up the graphs of what was listed.
func (w *withdrawal) some(ctx context.Context, snap graph.Snapshot) error {
	from, as, name, err := w.marks(ctx, snap)
	if err != nil || from == graph.None || as == graph.None || name == graph.None {
		return err
	}
	one := func(id string) error {
		var ids [1]graph.ID
		if err := snap.IDs(ctx, []graph.Term{graph.String(id)}, ids[:]); err != nil || ids[0] == graph.None {
			return err
		}
		return graph.EachRow(ctx, snap, graph.Pattern{P: as, O: ids[0]}, graph.Cols(graph.PosG), func(r graph.Row) error {
			n, _, err := snap.Count(ctx, graph.Pattern{P: from, O: name, G: r[graph.PosG]})
			if err != nil || n == 0 {
				return err
			}
			var terms [1]graph.Term
			if err := snap.Terms(ctx, []graph.ID{r[graph.PosG]}, terms[:]); err != nil {
				return err
			}
			w.judge(terms[0].Clone(), id)
			return nil
		})
	}
	for id := range w.deleted {
		if err := one(id); err != nil {
			return err
		}
	}
	for id := range w.graphs {
		if !w.deleted[id] {
			if err := one(id); err != nil {
				return err
			}
		}
	}
	return nil
}

// judge decides on a graph of the source.
func (w *withdrawal) judge(g graph.Term, id string) {
	now, came := w.graphs[id]
	iri, _ := g.IRI()
	switch {
	case w.deleted[id]:
		w.drop = append(w.drop, g)
	case came && !now[iri]: // what is called so has another name now
		w.drop = append(w.drop, g)
	case w.alive != nil && !w.alive[id]:
		w.missing = append(w.missing, g)
	}
}

// folder loads the files of a folder that are new or have changed, each by itself, and withdraws
// those that are gone. A file that was written just now is left for the next run.
func (h *Harvester) folder(ctx context.Context, s *Source, st *state, mapper ingest.Mapper, rep *Report) error {
	files, err := h.files(s)
	if err != nil {
		return err
	}
	rep.Full = true
	if st.Files == nil || h.All {
		st.Files = map[string]fileState{}
	}
	settle := h.Settle
	if settle == 0 {
		settle = 5 * time.Second
	}
	alive := map[string]bool{}
	for _, f := range files {
		alive[f.id] = true
	}
	rep.Listed = len(files)
	if err := h.gone(ctx, s, st, alive, rep); err != nil {
		return err
	}
	came := map[string]map[graph.IRI]bool{}
	for _, f := range files {
		if st.Files[f.id] == f.fileState || h.now().Sub(f.ModTime) < settle {
			continue
		}
		m := newMarker(mapper, s.Name)
		m.id = f.id
		p := h.pipeline(m)
		src, err := ingest.File(f.path, marc.ReadOptions{Format: s.Format, Charset: s.Charset})
		if err != nil {
			return err
		}
		src.Name = s.Name + "/" + f.id
		load, err := p.Load(ctx, h.Store, src)
		rep.Load = added(rep.Load, load)
		if err != nil {
			return fmt.Errorf("load %s: %w", f.path, err)
		}
		rep.Pages++
		if m.graphs[f.id] == nil {
			m.graphs[f.id] = map[graph.IRI]bool{}
		}
		came[f.id] = m.graphs[f.id]
		st.Files[f.id] = f.fileState
	}
	before := rep.Withdrawn
	if err := h.withdraw(ctx, s, &withdrawal{name: s.Name, graphs: came, rep: rep}); err != nil {
		return err
	}
	if rep.Withdrawn > before && len(files) > len(came) {
		st.Files = nil // another file may hold what one has lost: the next run looks
	}
	st.Full = rep.Started
	return nil
}

// gone withdraws the records of files that are gone. Since another file may hold the same
// records, all files are loaded again then.
func (h *Harvester) gone(ctx context.Context, s *Source, st *state, alive map[string]bool, rep *Report) error {
	n := 0
	for id := range st.Files {
		if !alive[id] {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	if err := h.withdraw(ctx, s, &withdrawal{name: s.Name, alive: alive, rep: rep}); err != nil {
		return err
	}
	if rep.Held > 0 {
		return fmt.Errorf("%s: %w: the files of %d records are gone; they stay until the source is harvested with force", s.Name, ErrTooMany, rep.Held)
	}
	rep.Deleted = n
	st.Files = map[string]fileState{}
	return nil
}

// A watched file is one of a folder.
type watched struct {
	path, id string
	fileState
}

// files lists the files of a folder that hold records. A folder that is not there is an error,
// not an empty one: its disk may be away.
func (h *Harvester) files(s *Source) (files []watched, err error) {
	if info, err := os.Stat(s.Path); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s: %s is no folder that can be read", s.Name, s.Path)
	}
	sources, err := ingest.Files([]string{s.Path}, true, marc.ReadOptions{})
	if err != nil && !strings.Contains(err.Error(), "holds no") {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	for _, src := range sources {
		info, err := os.Stat(src.Name)
		if errors.Is(err, os.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		id, err := filepath.Rel(s.Path, src.Name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		files = append(files, watched{src.Name, filepath.ToSlash(id), fileState{info.Size(), info.ModTime().UTC()}})
	}
	return files, nil
}

// added sums what matters of two reports.
func added(a, b ingest.Report) ingest.Report {
	if a.Records == 0 {
		return b
	}
	a.Records += b.Records
	a.Mapped += b.Mapped
	a.Aside += b.Aside
	a.Refused += b.Refused
	a.Deleted += b.Deleted
	a.Doubles += b.Doubles
	a.Replaced += b.Replaced
	a.Relinked += b.Relinked
	a.Stale += b.Stale
	a.Repaired += b.Repaired
	a.Quads += b.Quads
	a.Bytes += b.Bytes
	a.Took += b.Took
	a.Version = b.Version
	for _, m := range []struct{ to, from map[string]uint64 }{{a.AsideBy, b.AsideBy}, {a.RepairedBy, b.RepairedBy}, {a.FoundBy, b.FoundBy}} {
		for rule, n := range m.from {
			m.to[rule] += n
		}
	}
	if a.Quality == nil {
		a.Quality = b.Quality
	} else {
		a.Quality.Join(b.Quality)
	}
	return a
}
