// Package mocban names the few terms of our own.
package mocban

import "mocban/graph"

// The terms. A source record is the IRI of its named graph; the description of that IRI
// stands in the same graph.
const (
	NS graph.IRI = "https://w3id.org/mocban/ns#"

	// Record is the class of source records.
	Record = NS + "Record"

	// AuthorityRecord is the class of those that are authority records.
	AuthorityRecord = NS + "AuthorityRecord"

	// Original is the source record byte for byte, as xsd:base64Binary, and OriginalFormat
	// its media type: "application/marc", "application/marcxml+xml".
	Original       = NS + "original"
	OriginalFormat = NS + "originalFormat"

	// ControlNumber and Source are field 001 and the code of the library.
	ControlNumber = NS + "controlNumber"
	Source        = NS + "source"

	// SourceFormat names the format of a source record that is no MARC: "dc", "mods", "ead".
	SourceFormat = NS + "sourceFormat"

	// HarvestedFrom is the name of the source that a record was harvested from, and
	// HarvestedAs what the record is called there.
	HarvestedFrom = NS + "harvestedFrom"
	HarvestedAs   = NS + "harvestedAs"

	// Component leads from a heading with subdivisions to each of its parts.
	Component = NS + "component"

	// See leads from a heading that is not used to the thing that it is another name of, as
	// the reference of an authority record does; also from a heading that more than one
	// authority record has to the thing of each.
	See = NS + "see"

	// AuthorityNumber is a number by which a thing is known in a file of authority records, in
	// the one form that numbers are compared in: "(ocolc)77". The record that has the number
	// says it, and each that gives it in $0 or $1.
	AuthorityNumber = NS + "authorityNumber"

	// Field names, at a SHACL shape, the field and subfields of MARC that it judges: "245$a".
	Field = NS + "field"

	// Vocabulary is the graph of what codes, classes and properties are called.
	Vocabulary = NS + "vocabulary"
)
