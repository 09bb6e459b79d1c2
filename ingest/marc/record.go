// Package marc reads MARC records as ISO 2709, also that of CDS/ISIS, MARCXML, MARC-in-JSON,
// Aleph sequential and the line forms that people type, and writes most of these. MARC 21 and UNIMARC, bibliographic, authority and holdings records share one
// Record.
//
// Text is UTF-8 in Unicode normal form C once a reader has given it out; the bytes that came
// in are kept beside it, so nothing that a reader repairs is lost.
package marc

import (
	"strings"
	"sync"

	"mocban/ingest/tree"
)

// A Record is one MARC record. Its text is cut from a few strings made for this record
// alone, so a record may be kept or handed to another goroutine.
type Record struct {
	// Leader is the 24 characters of the leader, padded with blanks if there were fewer.
	Leader string

	// Fields are in the order of the source.
	Fields []Field

	// Source is the record as it came, byte for byte, and Format how it was written.
	Source []byte
	Format Format

	// Number counts the records of the input from 1, and Offset is the place of the first
	// byte of the record in it.
	Number int
	Offset int64

	// Repairs tells what the reader mended.
	Repairs []Repair

	// Tree is set for a record that is no MARC and goes the way of those that are: Dublin
	// Core, MODS, a row of a sheet. Its Fields are 001 and, where it names its library, 003.
	Tree *tree.Record

	room *room // that Fields and Source lie in, if a reader of MARC made them
}

// A room is what the fields and the source of a record lie in.
type room struct {
	fields []Field
	subs   []Subfield
	source []byte
}

var rooms = sync.Pool{New: func() any { return new(room) }}

// mostRoom is how long a source may be for others to have its room: that of one record that is
// very long is of no use to those after it.
const mostRoom = 256 << 10

// cameAs makes a copy of src the source of a record that a reader of MARC made.
func (r *Record) cameAs(src []byte) {
	r.room.source = append(r.room.source[:0], src...)
	r.Source = r.room.source
}

// Release says that nobody will look at the fields and the source of the record again, and that
// others may have their room. It need not be called. What was cut from the record, such as a
// value, stays.
func (r *Record) Release() {
	if r.room == nil {
		return
	}
	if cap(r.room.source) > mostRoom {
		r.room.source = nil
	}
	clear(r.room.fields)
	clear(r.room.subs)
	rooms.Put(r.room)
	r.room, r.Fields, r.Source = nil, nil, nil
}

// A Format is a way to write MARC records.
type Format uint8

// The formats.
const (
	ISO2709 Format = iota
	MARCXML
	Lines
	JSON  // MARC-in-JSON
	Aleph // Aleph sequential
	ISIS  // ISO 2709 of CDS/ISIS
	Other // no MARC: see Record.Tree
)

func (f Format) String() string {
	return [...]string{"ISO 2709", "MARCXML", "lines", "MARC-in-JSON", "Aleph sequential", "ISO 2709 of CDS/ISIS", "no MARC"}[f]
}

// A Repair tells of one thing that was mended in a record.
type Repair struct {
	Rule   string // a stable name: "marc8", "mark-order", "directory"
	Tag    string // the field, or "" for the record
	Detail string
}

// A Field is a control field (tags 001 to 009, Data set) or a data field (indicators and
// subfields). An indicator is a blank where the source has none.
type Field struct {
	Tag        string
	Ind1, Ind2 byte
	Data       string
	Subfields  []Subfield
}

// A Subfield is a code and its value.
type Subfield struct {
	Code  byte
	Value string
}

// IsControl tells whether the field holds Data instead of subfields.
func (f *Field) IsControl() bool { return strings.HasPrefix(f.Tag, "00") }

// Subfield returns the value of the first subfield with a code, or "".
func (f *Field) Subfield(code byte) string {
	for i := range f.Subfields {
		if f.Subfields[i].Code == code {
			return f.Subfields[i].Value
		}
	}
	return ""
}

// Has tells whether the field has a subfield with a code.
func (f *Field) Has(code byte) bool {
	for i := range f.Subfields {
		if f.Subfields[i].Code == code {
			return true
		}
	}
	return false
}

// Field returns the first field with a tag; ok is false if there is none.
func (r *Record) Field(tag string) (f *Field, ok bool) {
	for i := range r.Fields {
		if r.Fields[i].Tag == tag {
			return &r.Fields[i], true
		}
	}
	return nil, false
}

// Control returns the data of the first control field with a tag, or "".
func (r *Record) Control(tag string) string {
	if f, ok := r.Field(tag); ok {
		return f.Data
	}
	return ""
}

// ID returns the control number: field 001 without blanks around it, or "".
func (r *Record) ID() string { return strings.TrimSpace(r.Control("001")) }

// A Type is what a record describes, told by leader position 06.
type Type uint8

// The types of record.
const (
	Bibliographic Type = iota
	Authority
	Holdings
	Classification
	Community
)

// Type tells what the record is. What leader/06 does not say otherwise is bibliographic.
func (r *Record) Type() Type {
	if len(r.Leader) < 7 {
		return Bibliographic
	}
	switch r.Leader[6] {
	case 'z':
		return Authority
	case 'u', 'v', 'x', 'y':
		return Holdings
	case 'w':
		return Classification
	case 'q':
		return Community
	}
	return Bibliographic
}
