// Package publish is the way out: pages, linked data, the SPARQL endpoint, dumps. It alone
// turns errors into status codes, in one function.
//
//	/id/work/x        the thing: 303 to its document
//	/work/x           the document, in the form and language that the request asks for
//	/work/x.ttl       one form of it
//	/vi/work/x        its page in one language
//	/record/S/N       the document of a source record, which is a named graph
//
// What to hold in mind:
//
//   - IRIs begin with [Config.Base], which comes from the settings: nothing that a request
//     says about host or scheme reaches an answer.
//   - A document is one read of a snapshot ([mocban/publish/resource]); its forms are views.
//   - A strong ETag is the hash of the bytes, so it changes when anything in them does, the
//     label of a neighbour included.
package publish

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"mocban/graph"
	"mocban/sparql"
)

// Config says what is published and how.
type Config struct {
	// Base is the IRI under which the site stands, with a slash at its end. It comes from
	// the settings and never from a request.
	Base graph.IRI

	Store  graph.Store
	Search graph.Searcher // nil: no search
	Engine *sparql.Engine // nil: no endpoint

	// Name is the name of the site by language ("vi", "en"), and Publisher that of who
	// publishes it.
	Name, Publisher map[string]string

	// License is the licence of the data; empty means CC0 1.0.
	License graph.IRI

	// Dumps is the folder that holds the dumps; empty: there are none.
	Dumps string

	// Records reads source records; nil: they are shown only in the format they came in.
	Records Records

	// Mapping maps records that visitors bring; nil: there is no page for it.
	Mapping Mapping

	// QueryTime bounds a query; 0 means 30 s.
	QueryTime time.Duration

	// QueryMemory is how many bytes all queries that run at one time may hold together; 0
	// means 1 GiB. They run in three lanes, by how long they are expected to take; each but the
	// quick ones has an even share of the memory, 128 MiB or more. What finds no place waits a
	// little, then gets 503.
	QueryMemory int64

	// QueryBudget is how many seconds of queries a client may have each minute, twice as many at
	// once; 0 means 60, and less than 0 that there is no bound. Who asks for more gets 429.
	// Clients are told apart by address, half an address for IPv6; those of this machine have
	// no bound unless a proxy here names whom it speaks for in X-Forwarded-For.
	QueryBudget time.Duration

	// ResultBytes bounds the answer of a query, before it is compressed; 0 means 1 GiB, and less
	// than 0 that there is no bound. Rows are bounded by the engine.
	ResultBytes int64

	// Results is how many bytes of answers of queries are kept; 0 means 32 MiB, and less than
	// 0 that none are.
	Results int

	// Links is the file that keeps the short addresses of queries, which the editor makes; empty:
	// there are none.
	Links string

	// Write says who may change the data over HTTP; nil: nobody.
	Write *Write

	// Cache is how many bytes of drawn documents are kept; 0 means 64 MiB, and less than 0
	// that none are.
	Cache int

	Log *slog.Logger // nil: nothing is logged
}

// Records reads source records in the formats that the store keeps: "application/marc",
// "application/marcxml+xml", and "text/plain" for the line form. It is for what came from outside: an error is no fault of ours.
type Records interface {
	// Convert returns a record in another format.
	Convert(record []byte, from, to string) ([]byte, error)

	// Fields returns the fields of a record in order, the leader first.
	Fields(record []byte, from string) ([]RecordField, error)
}

// A RecordField is a field of a source record to be read by people. Tag is "LDR" for the
// leader. A field has a value or subfields.
type RecordField struct {
	Tag        string
	Indicators string
	Value      string
	Subfields  []RecordSubfield
}

// A RecordSubfield is a subfield.
type RecordSubfield struct{ Code, Value string }

// cc0 is the licence of the data where none is set.
const cc0 graph.IRI = "https://creativecommons.org/publicdomain/zero/1.0/"

// Validate fills in what is left open and tells what cannot be.
func (c *Config) Validate() error {
	if c.Store == nil {
		return errors.New("no store is given")
	}
	return c.complete()
}

// complete is Validate for a site whose store is at hand otherwise.
func (c *Config) complete() error {
	u, err := url.Parse(string(c.Base))
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("base IRI %q is not that of a web site: it begins with https:// and a host", c.Base)
	case !strings.HasSuffix(u.Path, "/") || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("base IRI %q does not end with a slash", c.Base)
	}
	if c.License == "" {
		c.License = cc0
	}
	if c.QueryTime == 0 {
		c.QueryTime = 30 * time.Second
	}
	if c.QueryMemory <= 0 {
		c.QueryMemory = defaultQueryMemory
	}
	if c.Write != nil {
		w := *c.Write
		if w.MaxBytes <= 0 {
			w.MaxBytes = defaultWriteBytes
		}
		c.Write = &w
	}
	if c.Cache == 0 {
		c.Cache = defaultCache
	}
	if c.Results == 0 {
		c.Results = defaultResults
	}
	if c.ResultBytes == 0 {
		c.ResultBytes = defaultResultBytes
	}
	if c.QueryBudget == 0 {
		c.QueryBudget = defaultBudget
	}
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	return nil
}

// New returns the handler of the whole site.
func New(c Config) (http.Handler, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	s, err := newSite(c)
	if err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	return &handler{s.routes(), s}, nil
}

// handler is the handler of a site.
type handler struct {
	http.Handler
	site *site
}

// Warm does for a handler that [New] returned what its first requests would wait for: it
// reads when graphs were changed, counts what is here, makes the templates ready, and has the
// store read into memory what it has room for.
// Requests may come meanwhile. Whoever closes the store waits for its end; the context may
// end it early.
func Warm(ctx context.Context, h http.Handler) error {
	w, ok := h.(*handler)
	if !ok {
		return nil
	}
	if err := w.site.warm(ctx); err != nil {
		return fmt.Errorf("publish: make ready: %w", err)
	}
	return nil
}

// Describe returns the description of the dataset of a site, by VoID and DCAT: what
// /dataset says, for the file beside the dumps. Of the configuration it needs no store.
func Describe(ctx context.Context, c Config, snap graph.Snapshot) ([]graph.Quad, error) {
	if err := c.complete(); err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	s := &site{c: c}
	f, err := s.figuresOf(ctx, snap)
	if err != nil {
		return nil, fmt.Errorf("describe the dataset: %w", err)
	}
	return s.datasetGraph(f), nil
}

// Server returns a server for a handler with limits that a public site needs: slow and idle
// connections are cut, and headers are short. Who starts it sets the address.
func Server(c Config, h http.Handler) *http.Server {
	query := c.QueryTime
	if query == 0 {
		query = 30 * time.Second
	}
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    32 << 10,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 100},
		// Long answers move their own deadline on as they are written, see stream.
		WriteTimeout: query + 30*time.Second,
	}
	if c.Log != nil {
		s.ErrorLog = slog.NewLogLogger(c.Log.Handler(), slog.LevelDebug)
	}
	return s
}

// suggester is a searcher that also knows what somebody is about to type.
type suggester interface {
	Suggest(ctx context.Context, q graph.Search) (graph.Found, error)
}
