// Package publish is the way out: pages, linked data, the SPARQL endpoint, dumps. It alone
// turns errors into status codes, in one function.
package publish

import (
	"errors"
	"log/slog"
	"net/http"
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
	Engine *sparql.Engine

	// Name is the name of the site by language ("vi", "en"), and Publisher that of who
	// publishes it.
	Name, Publisher map[string]string

	// License is the licence of the data; empty means CC0 1.0.
	License graph.IRI

	// Dumps is the folder that holds the dumps; empty: there are none.
	Dumps string

	// Original returns the bytes of a source record and their format, as it came.
	// QueryTime bounds a query; 0 means 30 s.
	QueryTime time.Duration

	Log *slog.Logger // nil: nothing is logged
}

// New returns the handler of the whole site.
func New(c Config) (http.Handler, error) { return nil, errors.New("not built yet") }
