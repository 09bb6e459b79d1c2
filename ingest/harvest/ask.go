package harvest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"mocban/ingest/fetch"
	"mocban/ingest/oaipmh"
	"mocban/ingest/sru"
)

// marcPrefixes are what servers call formats of MARC, the best first.
var marcPrefixes = []string{"marcxml", "marc21", "MARC21", "marcXML", "MarcXchange", "oai_marc", "MARC21-xml", "unimarc"}

// oai fetches what is new of a server of OAI-PMH.
func (h *Harvester) oai(ctx context.Context, s *Source, st *state) error {
	c := &oaipmh.Client{Fetcher: h.fetcher(s), Base: s.URL}
	run := st.Run
	if run.Pages == 0 && run.Set == 0 && run.Token == "" {
		if err := h.begin(ctx, c, s, st); err != nil {
			return err
		}
	}
	sets := s.Sets
	if len(sets) == 0 {
		sets = []string{""}
	}
	for ; run.Set < len(sets); run.Set++ {
		if err := h.set(ctx, c, s, st, sets[run.Set]); err != nil {
			return err
		}
		run.Token, run.Listed, run.Retaken = "", 0, false
	}
	return h.ill(ctx, c, s, st)
}

// ill asks again for the records at which the server broke down the last time. A list of all
// records has asked for them.
func (h *Harvester) ill(ctx context.Context, c *oaipmh.Client, s *Source, st *state) error {
	run := st.Run
	if run.Asked || run.Full || len(st.Ill) == 0 {
		return nil
	}
	singly := run.Singly
	defer func() { run.Singly = singly }()
	run.Singly, run.Asked, run.InARow = true, true, 0
	var entries []entry
	for _, id := range st.Ill {
		if slices.Contains(run.Ill, id) {
			continue
		}
		e, err := h.entry(ctx, c, run, &oaipmh.Record{Identifier: id})
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		entries = append(entries, e)
	}
	return h.keep(s, st, entries)
}

// begin asks the server what it is, and decides what to ask for.
func (h *Harvester) begin(ctx context.Context, c *oaipmh.Client, s *Source, st *state) error {
	id, err := c.Identify(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	st.Granularity, st.Deleted = id.Granularity, id.Deleted
	run := st.Run
	run.Singly = s.Singly
	if run.Prefix, err = h.prefix(ctx, c, s); err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	every := s.Full
	if every == 0 && id.Deleted != "persistent" {
		every = 30 * 24 * time.Hour
	}
	run.Full = h.All || st.From == "" || st.Full.IsZero() || every > 0 && !h.now().Before(st.Full.Add(every))
	run.From = ""
	if !run.Full {
		run.From = from(st.From, id.Granularity)
	}
	return nil
}

// otherPrefixes are what servers without MARC call the formats that we map, those that say the
// most first. The last one is what every server has.
var otherPrefixes = []string{"mods", "oai_mods", "mets", "dim", "xoai", "qdc", "oai_qdc", "oai_lido", "lido", "edm", "ead", "oai_ead", "tei", "oai_dc"}

// prefix returns the metadata format to ask for.
func (h *Harvester) prefix(ctx context.Context, c *oaipmh.Client, s *Source) (string, error) {
	if s.Prefix != "" {
		return s.Prefix, nil
	}
	formats, err := c.Formats(ctx, "")
	if err != nil {
		return "", err
	}
	var names []string
	for _, f := range formats {
		names = append(names, f.Prefix)
	}
	for _, p := range slices.Concat(marcPrefixes, otherPrefixes) {
		if slices.Contains(names, p) {
			return p, nil
		}
	}
	return "", fmt.Errorf("the server has no format that is known; name one of its formats with prefix: %s", strings.Join(names, ", "))
}

// from returns the date to ask from. Some servers date a record when it is written and show it
// later, so it is earlier than the last answer: by an hour, or by a day where dates have no
// time. What comes twice changes nothing.
func from(response, granularity string) string {
	t, err := time.Parse(time.RFC3339, response)
	if err != nil {
		if t, err = time.Parse(time.DateOnly, response[:min(len(response), 10)]); err != nil {
			return ""
		}
	}
	if strings.Contains(granularity, "h") {
		return t.UTC().Add(-time.Hour).Format("2006-01-02T15:04:05Z")
	}
	return t.UTC().AddDate(0, 0, -1).Format(time.DateOnly)
}

// set fetches the list of one set.
func (h *Harvester) set(ctx context.Context, c *oaipmh.Client, s *Source, st *state, set string) error {
	run := st.Run
	for {
		err := h.list(ctx, c, s, st, set)
		var oai *oaipmh.Error
		switch {
		case err == nil:
			return nil
		case errors.Is(err, oaipmh.ErrTokenLoop):
			h.log().Warn("the list does not end", "source", s.Name, "error", err)
			run.Incomplete = "a resumption token came again"
			return nil
		case errors.Is(err, oaipmh.ErrBadToken) && !run.Retaken:
			h.log().Warn("listing from the beginning again", "source", s.Name, "error", err)
			run.Token, run.Listed, run.Retaken = "", 0, true
		case errors.As(err, &oai) && oai.Code == "badArgument" && len(run.From) > len(time.DateOnly):
			h.log().Warn("asking by days", "source", s.Name, "error", err)
			run.From = run.From[:len(time.DateOnly)]
		case !run.Singly && (run.Listed == 0 && run.Token == "" || st.Failures > 0) && cannotList(err):
			h.log().Warn("asking for each record by itself", "source", s.Name, "error", err)
			run.Singly, run.Token, run.Listed = true, "", 0
		default:
			return fmt.Errorf("%s: %w", s.Name, err)
		}
	}
}

// cannotList tells whether a server fails at listing records, so that asking for each of them
// may go better.
func cannotList(err error) bool {
	var status *fetch.StatusError
	return errors.Is(err, fetch.ErrHTML) || errors.Is(err, fetch.ErrTruncated) || errors.Is(err, fetch.ErrTooLarge) ||
		errors.As(err, &status) && status.Status >= http.StatusInternalServerError && status.Status != http.StatusServiceUnavailable
}

// list fetches the pages of a list from where the run is.
func (h *Harvester) list(ctx context.Context, c *oaipmh.Client, s *Source, st *state, set string) error {
	run := st.Run
	r := oaipmh.Request{Verb: "ListRecords", Prefix: run.Prefix, Set: set, From: run.From, Token: run.Token}
	if run.Singly {
		r.Verb = "ListIdentifiers"
	}
	return c.List(ctx, r, func(_ []byte, p *oaipmh.Page) error {
		if run.Response == "" {
			run.Response = p.ResponseDate
		}
		run.count(p.Repairs)
		var entries []entry
		for i := range p.Records {
			e, err := h.entry(ctx, c, run, &p.Records[i])
			if err != nil {
				return err
			}
			entries = append(entries, e)
		}
		run.Token = p.Token
		run.Listed += len(p.Records)
		if p.Token == "" && p.CompleteSize > int64(run.Listed) && !run.Retaken {
			run.Incomplete = fmt.Sprintf("%d records came, the server counts %d", run.Listed, p.CompleteSize)
			h.log().Warn("the list is short", "source", s.Name, "why", run.Incomplete)
		}
		return h.keep(s, st, entries)
	})
}

// mostInARow is at how many records, one after the other, a server may break down. At more of
// them it is the server that is ill.
const mostInARow = 3

// entry returns what is kept of a record, which is asked for where only its header is known.
func (h *Harvester) entry(ctx context.Context, c *oaipmh.Client, run *running, r *oaipmh.Record) (entry, error) {
	if run.Singly && !r.Deleted {
		_, one, err := c.GetRecord(ctx, r.Identifier, run.Prefix)
		var oai *oaipmh.Error
		switch {
		case errors.As(err, &oai):
			return entry{ID: r.Identifier}, nil // it is there, but not in this format
		case cannotList(err) && run.InARow < mostInARow:
			run.InARow++
			run.Ill = append(run.Ill, r.Identifier)
			h.log().Warn("a record cannot be had", "identifier", r.Identifier, "error", err)
			return entry{ID: r.Identifier}, nil
		case err != nil:
			return entry{}, err
		}
		run.InARow = 0
		one.Identifier = r.Identifier
		r = &one
	}
	return entry{ID: r.Identifier, Deleted: r.Deleted, Broken: r.Broken != nil, Data: r.Metadata}, nil
}

// sru fetches all records of a query.
func (h *Harvester) sru(ctx context.Context, s *Source, st *state) error {
	c := &sru.Client{Fetcher: h.fetcher(s), Base: s.URL, Version: s.Version, Schema: s.Schema}
	run := st.Run
	run.Full = true
	err := c.Search(ctx, s.Query, max(run.Position, 1), func(_ int, records []sru.Record, repairs []fetch.Repair) error {
		run.count(repairs)
		var entries []entry
		for i := range records {
			r := &records[i]
			if r.Broken != nil && r.Identifier == "" { // nobody knows which it is
				run.Incomplete = "records came that cannot be read"
			}
			entries = append(entries, entry{ID: sruID(r), Broken: r.Broken != nil, Data: r.Data})
			run.Position = r.Position + 1
		}
		return h.keep(s, st, entries)
	})
	if errors.Is(err, sru.ErrShort) {
		run.Incomplete = err.Error()
		h.log().Warn("the list is short", "source", s.Name, "why", run.Incomplete)
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	return nil
}

// sruID returns what a record is called: as the server says, or else by its content.
func sruID(r *sru.Record) string {
	if r.Identifier != "" {
		return r.Identifier
	}
	if _, rest, ok := strings.Cut(string(r.Data), `tag="001">`); ok {
		if id, _, ok := strings.Cut(rest, "<"); ok && strings.TrimSpace(id) != "" {
			return strings.TrimSpace(id)
		}
	}
	sum := sha256.Sum256(r.Data)
	return "sha256:" + hex.EncodeToString(sum[:12])
}
