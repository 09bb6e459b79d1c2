// Package rdfio reads and writes RDF in the formats of the W3C. Readers and writers stream:
// they hold one statement and its context, never a document.
//
// What to hold in mind:
//
//   - Blank nodes are scoped to one document: a reader gives out labels that no other
//     reader gives, unless [ReadOptions.Blanks] says otherwise.
//   - A reader refuses what the grammar refuses, with line and column, and checks IRIs.
//     It does not normalise: not Unicode, not IRIs, not lexical forms.
//   - knakk/rdf and json-gold stay behind this door.
package rdfio

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"mocban/graph"
	"mocban/graph/rdfio/document"
	"mocban/graph/rdfio/jsonld"
	"mocban/graph/rdfio/rdfxml"
	"mocban/graph/rdfio/turtle"
)

// A Format is a way to write RDF. Formats are compared by pointer.
type Format struct {
	Name      string   // "Turtle"
	MediaType string   // "text/turtle"
	Aliases   []string // other media types under which it is accepted
	Extension string   // without the dot: "ttl"
	Quads     bool     // whether it can hold named graphs
}

// The formats.
var (
	NTriples = &Format{"N-Triples", "application/n-triples", []string{"application/ntriples", "text/ntriples"}, "nt", false}
	NQuads   = &Format{"N-Quads", "application/n-quads", []string{"text/x-nquads", "application/nquads"}, "nq", true}
	Turtle   = &Format{"Turtle", "text/turtle", []string{"application/x-turtle", "application/turtle"}, "ttl", false}
	TriG     = &Format{"TriG", "application/trig", []string{"application/x-trig"}, "trig", true}
	RDFXML   = &Format{"RDF/XML", "application/rdf+xml", []string{"text/xml"}, "rdf", false}
	JSONLD   = &Format{"JSON-LD", "application/ld+json", nil, "jsonld", true}
)

// Formats lists them all.
var Formats = []*Format{NTriples, NQuads, Turtle, TriG, RDFXML, JSONLD}

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

// ByExtension returns the format with a file extension, with or without the dot.
func ByExtension(ext string) (f *Format, ok bool) {
	ext = strings.ToLower(strings.TrimPrefix(ext, "."))
	for _, f := range Formats {
		if f.Extension == ext {
			return f, true
		}
	}
	return nil, false
}

// ErrFormat tells that a format cannot be read, or not be written, here.
var ErrFormat = errors.New("format is not supported")

// A Reader gives the quads of a document in order.
type Reader interface {
	// Read fills quads and returns how many. It returns io.EOF, with n == 0, at the end,
	// and a *SyntaxError behind the last quad that could be read. Terms may share memory
	// of the document; it stays valid.
	Read(quads []graph.Quad) (n int, err error)
}

// ReadOptions say how a document is read. The zero value is for a document of its own.
type ReadOptions = document.Options

// NewReader returns a reader of a format.
func NewReader(f *Format, r io.Reader, o ReadOptions) (Reader, error) {
	switch f {
	case NTriples, NQuads:
		return turtle.NewLines(r, f.Quads, o), nil
	case Turtle, TriG:
		return turtle.New(r, f.Quads, o), nil
	case RDFXML:
		return rdfxml.NewReader(r, o), nil
	case JSONLD:
		return jsonld.NewReader(r, o), nil
	}
	return nil, fmt.Errorf("%s: %w", f, ErrFormat)
}

// A Writer writes quads as one document.
type Writer interface {
	// Write writes quads. A format of triples leaves out their graphs. Turtle, TriG,
	// RDF/XML and JSON-LD are readable if the quads of a graph, and those of a subject in
	// it, come together, and correct in any order.
	Write(quads ...graph.Quad) error

	// Close ends the document. It does not close what is below.
	Close() error
}

// WriteOptions say how a document is written.
type WriteOptions struct {
	// Prefixes are declared in the formats that can, if they are of use: prefix to namespace.
	Prefixes map[string]graph.IRI

	// Context is the JSON-LD context to write by: name to IRI, see [NewWriter]. Nil means
	// Prefixes.
	Context *Context

	// Canonical makes N-Triples and N-Quads canonical to the last letter (RDF 1.2 N-Triples and
	// N-Quads, the section on a canonical form): language tags in lower case. Otherwise a tag
	// stays as it came, which is all that differs.
	Canonical bool
}

// A Context is a fixed JSON-LD context: how terms are written, and where the context can be
// had. Terms maps a key to the IRI of a property or class, or to a namespace, which ends in
// a delimiter such as / or #.
type Context = jsonld.Context

// A ContextTerm is one entry of a context: an IRI and the type of its values, "@id" for
// IRIs, a datatype, or "" for none.
type ContextTerm = jsonld.Term

// NewWriter returns a writer of a format.
func NewWriter(f *Format, w io.Writer, o WriteOptions) (Writer, error) {
	switch f {
	case NTriples, NQuads:
		return turtle.NewLineWriter(w, f.Quads, o.Canonical), nil
	case Turtle, TriG:
		return turtle.NewWriter(w, f.Quads, o.Prefixes), nil
	case RDFXML:
		return rdfxml.NewWriter(w, o.Prefixes), nil
	case JSONLD:
		c := o.Context
		if c == nil {
			c = prefixContext(o.Prefixes)
		}
		return jsonld.NewWriter(w, c), nil
	}
	return nil, fmt.Errorf("%s: %w", f, ErrFormat)
}

func prefixContext(prefixes map[string]graph.IRI) *Context {
	c := &Context{Terms: make(map[string]ContextTerm, len(prefixes))}
	for name, ns := range prefixes {
		c.Terms[name] = ContextTerm{IRI: ns}
	}
	return c
}

// Describe writes what quads say about one thing as compact JSON-LD: one object, which
// begins with the context, "@id" and "@type". Other nodes stand where they are first spoken
// of, with what is said of them, blank ones without a label if they need none; nodes that
// nothing leads to from the thing follow in "@included". The names of graphs are left out.
// The text may stand in a script element of HTML. A nil context means none.
func Describe(w io.Writer, about graph.Term, quads []graph.Quad, c *Context) error {
	return jsonld.Describe(w, about, quads, c)
}

// A SyntaxError tells where a document is none, and why. Lines and columns count from 1,
// columns in characters.
type SyntaxError = document.SyntaxError
