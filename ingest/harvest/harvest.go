// Package harvest brings the records of other libraries into a store, again and again: from
// servers of OAI-PMH and SRU, and from folders.
//
//	server -> pages on disk -> records.xml -> ingest.Pipeline -> store
//	                                       -> what is gone is withdrawn
//
// What to hold in mind:
//
//   - All of a list is fetched before any of it is loaded, page by page into the folder of the
//     source. A run that is stopped, or whose server fails, goes on where it was.
//   - What comes from a source is marked in its graph: [mocban.HarvestedFrom], and
//     [mocban.HarvestedAs] what it is called there. So the store itself knows what is to be
//     withdrawn, and harvesting the same again changes nothing.
//   - A record is withdrawn when its server says that it is deleted, when its file is gone, or
//     when it is missing from a list of all records that is known to be complete. A source that
//     loses a large part of its records at once is not believed.
//   - Records pass the same pipeline as those of files, with its quarantine and its judge.
//
// The folder of a source:
//
//	state.json    when and how far; read by the next run
//	pages/        of a run that is under way
//	log.jsonl     a line for each run
//	quality.json  the score of the last run that brought records, quality.txt in words
package harvest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"mocban/graph"
	"mocban/ingest"
	"mocban/ingest/fetch"
	"mocban/ingest/quality"
)

// A Harvester runs sources. Dir, Store and Mapper must be set.
type Harvester struct {
	Dir   string // holds a folder for each source
	Store graph.Store

	// Mapper returns the mapper for records of a library.
	Mapper func(library string) (ingest.Mapper, error)

	// Pipeline is how records are loaded. Mapper and Checkpoint are set here.
	Pipeline ingest.Pipeline

	HTTP  *http.Client // nil is one of its own
	Agent string       // tells servers who asks

	// Force withdraws as much as the sources say.
	Force bool

	// All asks for all of each source, whatever it was asked for before.
	All bool

	Now   func() time.Time                                 // nil is the clock
	Sleep func(ctx context.Context, d time.Duration) error // nil is the clock
	Log   *slog.Logger                                     // nil is silence

	// Settle is how old a file of a folder must be to be taken for complete; 0 means 5 s.
	Settle time.Duration
}

// A Report tells what a run did.
type Report struct {
	Source         string
	Started, Ended time.Time
	Full           bool // all of the source was asked for
	Resumed        bool // a run before was stopped
	Pages          int
	Listed         int            // records in the lists, deleted ones among them
	Deleted        int            // that the server says are deleted
	Withdrawn      int            // graphs that were dropped
	Held           int            // graphs that were not dropped, since they are too many
	Repairs        map[string]int `json:",omitempty"`
	Incomplete     string         `json:",omitempty"`
	Ill            int            `json:",omitempty"` // records at which the server broke down; asked for again by the next run
	Load           ingest.Report
	Error          string `json:",omitempty"`
}

// ErrTooMany tells that a source lost so many records that it is not believed.
var ErrTooMany = errors.New("the source lost too many of its records at once")

// Run asks a source for what is new, loads it, and withdraws what is gone. A run that was
// stopped is gone on with. The report is written to the log of the source, with the error.
func (h *Harvester) Run(ctx context.Context, s Source) (Report, error) {
	rep := Report{Source: s.Name, Started: h.now()}
	if err := s.Check(); err != nil {
		return rep, err
	}
	if err := os.MkdirAll(h.dir(&s), 0o700); err != nil {
		return rep, fmt.Errorf("make the folder of %s: %w", s.Name, err)
	}
	st, err := h.readState(&s)
	if err != nil {
		return rep, err
	}
	st.Tried = rep.Started
	if err = h.writeState(&s, st); err == nil {
		err = h.runLinked(ctx, &s, st, &rep)
	}
	rep.Ended = h.now()
	if err != nil {
		rep.Error = err.Error()
		if ctx.Err() == nil {
			st.Failures++
		}
	} else {
		st.Failures, st.Done = 0, rep.Started
	}
	return rep, errors.Join(err, h.writeState(&s, st), h.writeLog(&s, &rep))
}

// runLinked runs, and lets headings lead elsewhere where authority records were withdrawn.
func (h *Harvester) runLinked(ctx context.Context, s *Source, st *state, rep *Report) error {
	var since graph.Version
	err := h.look(ctx, func(_ context.Context, snap graph.Snapshot) error {
		since = snap.Version()
		return nil
	})
	if err != nil {
		return err
	}
	err = h.run(ctx, s, st, rep)
	if rep.Withdrawn == 0 || h.Pipeline.Link == nil || ctx.Err() != nil {
		return err
	}
	h.Pipeline.Link.Stale = func(record graph.IRI, err error) {
		rep.Load.Stale++
		h.log().Warn("record cannot be mapped again by the rules of now; it stays as it was", "record", string(record), "error", err)
	}
	n, linkErr := h.Pipeline.Link.Relink(ctx, h.Store, since)
	rep.Load.Relinked += n
	return errors.Join(err, linkErr)
}

func (h *Harvester) run(ctx context.Context, s *Source, st *state, rep *Report) error {
	mapper, err := h.Mapper(s.Library)
	if err != nil {
		return err
	}
	if s.Kind == Folder {
		return h.folder(ctx, s, st, mapper, rep)
	}
	rep.Resumed = st.Run != nil
	if st.Run == nil {
		if err := h.clear(s); err != nil {
			return fmt.Errorf("clear the folder of %s: %w", s.Name, err)
		}
		st.Run = &running{Started: rep.Started, Repairs: map[string]int{}}
	}
	st.Run.Retaken = false // a token may be refused once each time
	if !st.Run.Fetched {
		fetchAll := h.oai
		if s.Kind == SRU {
			fetchAll = h.sru
		}
		if err := fetchAll(ctx, s, st); err != nil {
			return err
		}
		st.Run.Fetched = true
		if err := h.writeState(s, st); err != nil {
			return err
		}
	}
	run := st.Run
	rep.Full, rep.Pages, rep.Repairs, rep.Incomplete, rep.Ill = run.Full, run.Pages, run.Repairs, run.Incomplete, len(run.Ill)
	if err := h.bring(ctx, s, st, mapper, rep); err != nil {
		return err
	}
	st.Ill = run.Ill
	if run.Incomplete == "" {
		if run.Response != "" {
			st.From = run.Response
		}
		if run.Full && rep.Held == 0 {
			st.Full = run.Started
		}
	}
	st.Run = nil
	if err := errors.Join(h.writeState(s, st), h.clear(s)); err != nil {
		return err
	}
	if rep.Held > 0 {
		return fmt.Errorf("%s: %w: %d records are missing from its list; they stay until the source is harvested with force", s.Name, ErrTooMany, rep.Held)
	}
	return nil
}

func (h *Harvester) now() time.Time {
	if h.Now != nil {
		return h.Now()
	}
	return time.Now().UTC()
}

func (h *Harvester) log() *slog.Logger {
	if h.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return h.Log
}

// fetcher returns what asks a server.
func (h *Harvester) fetcher(s *Source) *fetch.Fetcher {
	return &fetch.Fetcher{
		HTTP: h.HTTP, UserAgent: h.Agent, Wait: s.Wait, Now: h.Now, Sleep: h.Sleep,
		Note: func(url string, err error, delay time.Duration) {
			h.log().Warn("asking again", "source", s.Name, "url", url, "error", err, "after", delay)
		},
	}
}

// count counts repairs.
func (r *running) count(repairs []fetch.Repair) {
	if r.Repairs == nil {
		r.Repairs = map[string]int{}
	}
	for _, p := range repairs {
		r.Repairs[p.Rule] += p.Count
	}
}

// writeLog adds the report to the log of the source, and writes its quality.
func (h *Harvester) writeLog(s *Source, rep *Report) error {
	line, err := json.Marshal(rep)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(h.dir(s), "log.jsonl"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the log of %s: %w", s.Name, err)
	}
	_, err = f.Write(append(line, '\n'))
	err = errors.Join(err, f.Close())
	if err == nil && len(rep.Load.Quality) > 0 {
		err = h.writeQuality(s, rep.Load.Quality)
	}
	if err != nil {
		return fmt.Errorf("write the log of %s: %w", s.Name, err)
	}
	return nil
}

func (h *Harvester) writeQuality(s *Source, cards quality.Cards) error {
	text, err := json.MarshalIndent(cards, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(replace(filepath.Join(h.dir(s), "quality.json"), text),
		replace(filepath.Join(h.dir(s), "quality.txt"), []byte(cards.Text("vi")+"\n"+cards.Text("en"))))
}

// Due returns when a source is to be asked next. After a failure that is sooner than its
// schedule, and later with each one.
func (h *Harvester) Due(s Source) (time.Time, error) {
	st, err := h.readState(&s)
	if err != nil || st.Tried.IsZero() {
		return time.Time{}, err
	}
	wait := s.every()
	if st.Failures > 0 {
		wait = min(wait, 15*time.Minute<<min(st.Failures-1, 10))
	}
	return st.Tried.Add(wait), nil
}

// Watch runs sources when they are due until the context is done. Done is told of each run.
func (h *Harvester) Watch(ctx context.Context, sources []Source, done func(Report, error)) error {
	for {
		next := time.Time{}
		for _, s := range sources {
			due, err := h.Due(s)
			if err != nil {
				return err
			}
			if !due.After(h.now()) {
				rep, err := h.Run(ctx, s)
				if ctx.Err() != nil {
					return ctx.Err()
				}
				done(rep, err)
				if due, err = h.Due(s); err != nil {
					return err
				}
			}
			if next.IsZero() || due.Before(next) {
				next = due
			}
		}
		if err := h.sleep(ctx, max(next.Sub(h.now()), time.Second)); err != nil {
			return err
		}
	}
}

func (h *Harvester) sleep(ctx context.Context, d time.Duration) error {
	if h.Sleep != nil {
		return h.Sleep(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
