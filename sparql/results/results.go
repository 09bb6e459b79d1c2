// Package results writes and reads the results of SELECT and ASK: SPARQL Query Results JSON,
// XML, CSV and TSV. Writers stream; what has been written is complete when Close returned
// without an error.
package results

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"mocban/graph"
)

// A Format is a way to write results. Formats are compared by pointer.
type Format struct {
	Name      string
	MediaType string
	Aliases   []string
	Extension string // without the dot
	Boolean   bool   // whether the standard says how to write the result of an ASK
}

// The formats.
var (
	JSON = &Format{"JSON", "application/sparql-results+json", []string{"application/json"}, "srj", true}
	XML  = &Format{"XML", "application/sparql-results+xml", []string{"application/xml", "text/xml"}, "srx", true}
	CSV  = &Format{"CSV", "text/csv", nil, "csv", false}
	TSV  = &Format{"TSV", "text/tab-separated-values", nil, "tsv", false}
)

// Formats lists them all.
var Formats = []*Format{JSON, XML, CSV, TSV}

func (f *Format) String() string { return f.Name }

// ByMediaType returns the format with a media type, whose parameters and case do not count.
func ByMediaType(mediaType string) (f *Format, ok bool) {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	for _, f := range Formats {
		if f.MediaType == mediaType {
			return f, true
		}
		for _, alias := range f.Aliases {
			if alias == mediaType {
				return f, true
			}
		}
	}
	return nil, false
}

// A Writer writes one result: Begin, any number of rows and Close, or Boolean and Close. An
// error stays: what follows returns it again.
type Writer interface {
	Begin(vars []string) error
	Row(terms []graph.Term) error // in the order of vars; the zero Term is unbound
	Boolean(value bool) error
	Close() error // ends the document, not what is below
}

// An Incomplete is a writer whose format can say that rows are missing. Partial is called before
// Close.
type Incomplete interface {
	Partial()
}

// ErrFormat tells that a format cannot hold what was asked for.
var ErrFormat = errors.New("format cannot hold this")

// NewWriter returns a writer of a format. It gathers what is written, so that w sees few
// large writes.
func NewWriter(f *Format, w io.Writer) (Writer, error) {
	out := output{w: w, b: make([]byte, 0, fewBytes)}
	switch f {
	case JSON:
		return &jsonWriter{output: out}, nil
	case XML:
		return &xmlWriter{output: out}, nil
	case CSV:
		return &tableWriter{output: out, format: f, head: csvHead, cell: csvCell, separator: ',', lineEnd: "\r\n"}, nil
	case TSV:
		return &tableWriter{output: out, format: f, head: tsvHead, cell: tsvCell, separator: '\t', lineEnd: "\n"}, nil
	}
	return nil, fmt.Errorf("%s: %w", f, ErrFormat)
}

// A Result is a result that was read.
type Result struct {
	Vars    []string
	Rows    [][]graph.Term // in the order of Vars
	Ask     bool           // whether it is that of an ASK,
	Boolean bool           // which was this
}

// Read reads a result. Labels of blank nodes are kept. CSV has no types: what it holds are
// plain literals and blank nodes. A result that breaks off is an error.
func Read(f *Format, r io.Reader) (*Result, error) {
	read := map[*Format]func(io.Reader) (*Result, error){JSON: readJSON, XML: readXML, CSV: readCSV, TSV: readTSV}[f]
	if read == nil {
		return nil, fmt.Errorf("%s: %w", f, ErrFormat)
	}
	res, err := read(r)
	if err != nil {
		return nil, fmt.Errorf("read %s results: %w", f, err)
	}
	return res, nil
}
