package graph

import "cmp"

// An ID stands for a term within one store. It is opaque but for what its methods tell.
//
//	 63    60 59                                                  0
//	+--------+----------------------------------------------------+
//	| class  | payload                                            |
//	+--------+----------------------------------------------------+
//
// The payload of an inlined class is the value itself, so the term can be had without a
// dictionary ([ID.Term]) and IDs of one class compare as their values do. The payload of a
// dictionary class is a number that the dictionary gave: numbers below [LateBit] keep the
// order of [Compare] within their class, those with it were given later and keep none.
//
// The zero ID means unbound, unknown or any, as the place says.
type ID uint64

// IDs that stand for no term.
const (
	None         ID = 0 // unbound; any; not in the dictionary
	DefaultGraph ID = 1 // in a graph column: the default graph
)

// A Class is what the top four bits of an ID say.
type Class uint8

// The classes. Those from ClassInteger to ClassYear hold canonical values of XSD datatypes
// (see [Inline]); ClassLocal is for terms that a query made up and the store does not know.
const (
	ClassSpecial  Class = iota // None, DefaultGraph
	ClassBlank                 // dictionary
	ClassIRI                   // dictionary
	ClassString                // dictionary: plain literals
	ClassLang                  // dictionary: text with language
	ClassTyped                 // dictionary: other literals
	ClassInteger               // xsd:integer
	ClassDecimal               // xsd:decimal
	ClassDouble                // xsd:double
	ClassBoolean               // xsd:boolean
	ClassDateTime              // xsd:dateTime
	ClassDate                  // xsd:date
	ClassYear                  // xsd:gYear
	ClassTriple                // dictionary: triple terms
	classReserved
	ClassLocal // known to one query only
)

const (
	classShift  = 60
	payloadMask = 1<<classShift - 1
)

// LateBit is set in the payload of dictionary IDs that were given after the dictionary was
// sorted.
const LateBit = 1 << 59

// NewID returns the ID of a class with a payload below 2^60.
func NewID(c Class, payload uint64) ID { return ID(c)<<classShift | ID(payload&payloadMask) }

// Class tells the class.
func (id ID) Class() Class { return Class(id >> classShift) }

// Payload returns the low 60 bits.
func (id ID) Payload() uint64 { return uint64(id) & payloadMask }

// Late tells whether a dictionary ID keeps no order.
func (id ID) Late() bool { return id&LateBit != 0 }

// Inlined tells whether the ID holds its value, so that [ID.Term] finds the term.
func (id ID) Inlined() bool { c := id.Class(); return c >= ClassInteger && c <= ClassYear }

// Kind tells what kind of term the ID stands for. Of ClassLocal only the query knows: the
// answer is KindNone, as it is for the special IDs.
func (id ID) Kind() Kind {
	switch c := id.Class(); c {
	case ClassSpecial, ClassLocal, classReserved:
		return KindNone
	case ClassBlank:
		return KindBlank
	case ClassIRI:
		return KindIRI
	case ClassTriple:
		return KindTriple
	}
	return KindLiteral
}

// ClassOf returns the dictionary class in which a term belongs that is not inlined.
func ClassOf(t Term) Class {
	switch t.kind() {
	case blankTerm:
		return ClassBlank
	case iriTerm:
		return ClassIRI
	case stringTerm:
		return ClassString
	case langTerm:
		return ClassLang
	case typedTerm:
		return ClassTyped
	case tripleTerm:
		return ClassTriple
	}
	return ClassSpecial
}

// CompareIDs compares the terms of two IDs of one store by [Compare] where the IDs alone
// decide it; ok is false where the terms must be fetched. Inlined values of one class are
// compared as values, which is not always the order of their lexical forms.
func CompareIDs(a, b ID) (c int, ok bool) {
	if a == b {
		return 0, true
	}
	x, y := a.Class(), b.Class()
	if x == ClassLocal || y == ClassLocal {
		return 0, false
	}
	if x != y {
		return cmp.Compare(x, y), true
	}
	return cmp.Compare(a, b), a.Inlined() || !a.Late() && !b.Late()
}
