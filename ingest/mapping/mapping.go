// Package mapping makes RDF of records: BIBFRAME by the rows of the tables in ontology, with
// the hard processes as Go functions that the rows call, and Schema.org from BIBFRAME by
// ontology/align. Mapping is pure: no clock, no network, no chance. One record gives the
// same quads each time.
package mapping

import (
	"mocban/graph"
	"mocban/ingest/marc"
)

// Options are those of a Mapper.
type Options struct {
	// Base begins the IRIs that are minted: "https://data.example.vn/", with the slash.
	Base graph.IRI

	// Source is the code of the library that the records come from (ISIL or MARC
	// organisation code), for records without field 003.
	Source string

	// Original keeps the bytes of each record in its graph.
	Original bool
}

// A Mapper maps records. Any number of goroutines may use it.
type Mapper struct{ options Options }

// New returns a mapper.
func New(o Options) (*Mapper, error) { return &Mapper{options: o}, nil }

// Record returns the IRI of a record, which is the name of its graph and depends on nothing
// but base, source and control number.
func (m *Mapper) Record(r *marc.Record) graph.IRI { return "" }

// Append appends the quads of a record, all in the graph of [Mapper.Record], each once.
// Findings are what could not be mapped and why; the error tells that nothing could.
func (m *Mapper) Append(quads []graph.Quad, r *marc.Record) ([]graph.Quad, []Finding, error) {
	return quads, nil, nil
}

// A Finding tells of something in a record that was left out or looks wrong.
type Finding struct {
	Rule   string // a stable name
	Tag    string
	Code   byte // the subfield, or 0
	Value  string
	Vi, En string // what is wrong and what to do
}
