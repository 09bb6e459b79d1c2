// Package xsd holds the values of the datatypes of XML Schema (XSD 1.1 part 2): how they
// are read, written in canonical form, compared and reckoned with.
//
//	xsd:decimal, xsd:integer and types derived   [Decimal]    exact, of any size
//	xsd:double, xsd:float                        float64      a float is one rounded to 32 bits
//	the eight types of dates and times           [DateTime]   int64 seconds and nanoseconds
//	the three types of durations                 [Duration]   int64 months and seconds, nanoseconds
//	xsd:hexBinary, xsd:base64Binary              bytes
//
// What to hold in mind:
//
//   - Reading is strict: white space is no part of a lexical form (RDF 1.2 Concepts, 5.1).
//   - What cannot be held exactly is refused, never rounded: numbers of more than
//     [MaxDigits] digits, years of more than eleven, fractions of a second of more than nine.
//   - A dateTime without a zone is no instant. It is kept as if it were in UTC, and
//     [DateTime.Compare] knows that it may be fourteen hours off to either side.
//   - Functions return false instead of an error: whoever asks has its own kind of error.
//   - Canonical decimals are those of XSD 1.0, "1.0" rather than "1", as package graph
//     inlines them.
//   - Types that the language never computes with, such as xsd:QName, are not known here.
package xsd

import (
	"strings"

	"mocban/graph"
	"mocban/vocab/xsd"
)

// A Type is a datatype known here. The zero Type is none of them.
type Type uint8

// The datatypes. Derived types stand after what they are derived from.
const (
	NoType Type = iota

	TypeString
	TypeNormalizedString
	TypeToken
	TypeLanguage
	TypeNMTOKEN
	TypeName
	TypeNCName

	TypeAnyURI
	TypeBoolean

	TypeDecimal
	TypeInteger
	TypeNonPositiveInteger
	TypeNegativeInteger
	TypeLong
	TypeInt
	TypeShort
	TypeByte
	TypeNonNegativeInteger
	TypeUnsignedLong
	TypeUnsignedInt
	TypeUnsignedShort
	TypeUnsignedByte
	TypePositiveInteger

	TypeFloat
	TypeDouble

	TypeDateTime
	TypeDateTimeStamp
	TypeDate
	TypeTime
	TypeGYear
	TypeGYearMonth
	TypeGMonth
	TypeGMonthDay
	TypeGDay

	TypeDuration
	TypeYearMonthDuration
	TypeDayTimeDuration

	TypeHexBinary
	TypeBase64Binary

	TypeEnd // one more than the last
)

var iris = [TypeEnd]graph.IRI{
	TypeString:             xsd.String,
	TypeNormalizedString:   xsd.NormalizedString,
	TypeToken:              xsd.Token,
	TypeLanguage:           xsd.Language,
	TypeNMTOKEN:            xsd.NMTOKEN,
	TypeName:               xsd.Name,
	TypeNCName:             xsd.NCName,
	TypeAnyURI:             xsd.AnyURI,
	TypeBoolean:            xsd.Boolean,
	TypeDecimal:            xsd.Decimal,
	TypeInteger:            xsd.Integer,
	TypeNonPositiveInteger: xsd.NonPositiveInteger,
	TypeNegativeInteger:    xsd.NegativeInteger,
	TypeLong:               xsd.Long,
	TypeInt:                xsd.Int,
	TypeShort:              xsd.Short,
	TypeByte:               xsd.Byte,
	TypeNonNegativeInteger: xsd.NonNegativeInteger,
	TypeUnsignedLong:       xsd.UnsignedLong,
	TypeUnsignedInt:        xsd.UnsignedInt,
	TypeUnsignedShort:      xsd.UnsignedShort,
	TypeUnsignedByte:       xsd.UnsignedByte,
	TypePositiveInteger:    xsd.PositiveInteger,
	TypeFloat:              xsd.Float,
	TypeDouble:             xsd.Double,
	TypeDateTime:           xsd.DateTime,
	TypeDateTimeStamp:      xsd.DateTimeStamp,
	TypeDate:               xsd.Date,
	TypeTime:               xsd.Time,
	TypeGYear:              xsd.GYear,
	TypeGYearMonth:         xsd.GYearMonth,
	TypeGMonth:             xsd.GMonth,
	TypeGMonthDay:          xsd.GMonthDay,
	TypeGDay:               xsd.GDay,
	TypeDuration:           xsd.Duration,
	TypeYearMonthDuration:  xsd.YearMonthDuration,
	TypeDayTimeDuration:    xsd.DayTimeDuration,
	TypeHexBinary:          xsd.HexBinary,
	TypeBase64Binary:       xsd.Base64Binary,
}

// IRI returns the name of the datatype, and "" for NoType.
func (t Type) IRI() graph.IRI { return iris[t] }

func (t Type) String() string {
	if t == NoType {
		return "no type"
	}
	return "xsd:" + strings.TrimPrefix(string(iris[t]), string(xsd.NS))
}

// Types returns all datatypes known here.
func Types() []Type {
	all := make([]Type, 0, TypeEnd-1)
	for t := NoType + 1; t < TypeEnd; t++ {
		all = append(all, t)
	}
	return all
}

// TypeOf returns the datatype with a name, or NoType if it is not known here.
func TypeOf(iri graph.IRI) Type {
	const ns = len(xsd.NS)
	if len(iri) <= ns || iri[:ns] != xsd.NS {
		return NoType
	}
	switch iri {
	case xsd.String:
		return TypeString
	case xsd.Integer:
		return TypeInteger
	case xsd.Decimal:
		return TypeDecimal
	case xsd.Double:
		return TypeDouble
	case xsd.Float:
		return TypeFloat
	case xsd.Boolean:
		return TypeBoolean
	case xsd.DateTime:
		return TypeDateTime
	case xsd.Date:
		return TypeDate
	case xsd.GYear:
		return TypeGYear
	}
	for t, name := range iris {
		if name == iri {
			return Type(t)
		}
	}
	return NoType
}

// Integer tells whether t is xsd:integer or derived from it.
func (t Type) Integer() bool { return t >= TypeInteger && t <= TypePositiveInteger }

// Numeric tells whether t is one of the four numeric types or derived from one.
func (t Type) Numeric() bool { return t >= TypeDecimal && t <= TypeDouble }

// Text tells whether t is xsd:string or derived from it.
func (t Type) Text() bool { return t >= TypeString && t <= TypeNCName }

// Temporal tells whether values of t are kept as [DateTime].
func (t Type) Temporal() bool { return t >= TypeDateTime && t <= TypeGDay }

// Duration tells whether values of t are kept as [Duration].
func (t Type) Duration() bool { return t >= TypeDuration && t <= TypeDayTimeDuration }
