package mapping

import (
	"mocban/ingest/marc"
	"mocban/ontology"
)

// A trace is what is remembered of how a record was mapped, if somebody asks.
type trace struct {
	now  cause // of what is made next
	made []made
	runs []ran
}

// A cause is why a quad was made: by a row, for a subfield or a whole field, or else by a part
// of the program that no row calls.
type cause struct {
	row   *ontology.Row
	part  Part
	field *marc.Field
	sub   int // which subfield, or -1
}

// made is a quad of the record, by number, and its cause. A quad that was made twice is here
// twice.
type made struct {
	quad  int
	cause cause
}

// ran tells which rows were for a field.
type ran struct {
	field *marc.Field
	alt   *marc.Field
	ops   []*op
}

// A Part is a part of the program that no row calls.
type Part string

// The parts.
const (
	partRecord  Part = "record"  // the record, the work and the instance themselves
	partTitle   Part = "title"   // what work and instance are called, from 245
	partFixed   Part = "008"     // date and country of 008, where there is no 260 or 264
	partHeading Part = "heading" // the thing of an authority record, from its 1XX
	partSchema  Part = "schema"  // Schema.org, by the rows of ontology/align
)

// because says which part of the program makes what follows, and for which field.
func (b *builder) because(p Part, f *marc.Field) {
	if b.trace != nil {
		b.trace.now = cause{part: p, field: f, sub: -1}
	}
}

// rowsOf returns the rows that are for a field.
func (b *builder) rowsOf(t *tagPlan, f *field) ran {
	r := ran{field: f.Field, alt: f.alt}
	for _, o := range t.ops {
		if o.active(b, f) {
			r.ops = append(r.ops, o)
		}
	}
	return r
}
