// Package expr is what SPARQL expressions compute with: values, operators, functions, casts
// and aggregates (SPARQL 1.1, 17 and 18.5.1, with the functions of SPARQL 1.2). It knows no
// syntax: whoever compiles expressions looks functions up in [Builtin] and [Named] and calls
// operators such as [Add], [Equal] and [Less] directly.
//
// What to hold in mind:
//
//   - An error is a [Value] of [KindError], and a Go error never. An unbound variable is the
//     zero Value, which is the error of code [Unbound].
//   - A Value that was read keeps its lexical form. One that was computed has none until it
//     is asked for, and then the canonical one.
//   - Most filters need no term: [FromID] reads the value that an ID holds, and [EqualIDs],
//     [CompareIDs] and [OrderIDs] tell what two IDs decide without their terms.
//   - Conditions are a [Truth], the third of which is error.
//   - [Order] is for ORDER BY, MIN and MAX: a total order by value over all terms. [Less]
//     and the others are the operators, which fail for what cannot be compared.
//   - Clock, chance, blank nodes and limits come in an [Env], one for each running query and
//     goroutine. What does not need it has no parameter for it.
//   - No value is longer than [MaxBytes].
package expr

import (
	"math"
	"strconv"

	"mocban/graph"
	"mocban/sparql/expr/xsd"
	rdf "mocban/vocab/rdf"
)

// MaxBytes is the greatest length of a computed string.
const MaxBytes = 16 << 20

// A Kind says what a Value is. Kinds of literals are classes of datatypes with one way to
// be compared, not datatypes: see [Value.Type].
type Kind uint8

// The kinds. The four numeric ones stand in the order in which values are promoted.
const (
	KindError Kind = iota
	KindBlank
	KindIRI
	KindString   // xsd:string and types derived from it
	KindLang     // text in a language, with a base direction or without
	KindInteger  // xsd:integer and types derived from it
	KindDecimal  // xsd:decimal
	KindFloat    // xsd:float
	KindDouble   // xsd:double
	KindBoolean  // xsd:boolean
	KindDateTime // xsd:dateTime, xsd:dateTimeStamp
	KindDate     // xsd:date
	KindTime     // xsd:time
	KindCalendar // xsd:gYear and its four siblings, each comparable with itself only
	KindDuration // xsd:duration and the two types derived from it
	KindBinary   // xsd:hexBinary, xsd:base64Binary, each comparable with itself only
	KindURI      // xsd:anyURI
	KindIllTyped // a lexical form that its datatype does not have
	KindOther    // a literal of a datatype that is not known here
	KindTriple   // a triple term
)

var kindNames = [...]string{
	"error", "blank node", "IRI", "string", "language-tagged string", "integer", "decimal", "float", "double",
	"boolean", "dateTime", "date", "time", "calendar value", "duration", "binary", "anyURI",
	"ill-typed literal", "literal of unknown datatype", "triple term",
}

func (k Kind) String() string { return kindNames[k] }

// A Code says what went wrong.
type Code uint8

// The codes of errors.
const (
	Unbound         Code = iota // a variable has no value
	TypeError                   // an argument is of a type that the operator or function does not take
	DivisionByZero              // of integers or decimals
	OutOfRange                  // a result is beyond what its datatype can hold here
	InvalidLexical              // a cast from a string that is no lexical form
	Undecided                   // dates of which only one has a zone and that may be equal; unknown datatypes
	InvalidArgument             // a value of the right type that the function does not take
	InvalidPattern              // no XPath regular expression, or no flags
	TooCostly                   // a regular expression that would take too long on this text; the query ends
	TooLarge                    // a string beyond MaxBytes; the query ends
	Stopped                     // the query was cancelled
	UnknownFunction             // no such function
	WrongArity                  // too few arguments or too many
)

var codeNames = [...]string{
	"unbound variable", "type error", "division by zero", "out of range", "not a lexical form of the datatype",
	"comparison is undecided", "invalid argument", "invalid regular expression", "regular expression is too costly for this text",
	"value is too large", "stopped", "unknown function", "wrong number of arguments",
}

func (c Code) String() string { return codeNames[c] }

// A Value is what an expression evaluates to: an RDF term, or an error. The zero Value is
// that of an unbound variable.
//
//	kind                text             tag        n                aux              zone
//	blank, IRI, triple  label, IRI, ...
//	string              the text
//	lang                the text         language                    direction
//	integer             as read or ""               value            -1: see text
//	decimal             as read or ""               value, scaled    scale; -1: see text  1: short
//	float, double       as read or ""               bits of a double
//	boolean             as read or ""               0, 1
//	the times           as read or ""               seconds          nanoseconds      zone
//	duration, binary    as read, or canonical
//	ill-typed, other    as read          datatype of other
//	error                                                            code
//
// Numbers that do not fit, durations and bytes are read from text each time they are needed:
// they are rare, and without them a Value has no pointers but for strings.
type Value struct {
	text string
	tag  string
	n    int64
	aux  int32
	zone int16
	kind Kind
	typ  xsd.Type
}

const (
	wide  = -1 // aux of a number that stands in text only
	short = 1  // zone of a decimal that is written without a point where it is whole
)

// Fail returns the error with a code.
func Fail(c Code) Value { return Value{aux: int32(c)} }

// Bool returns an xsd:boolean.
func Bool(v bool) Value {
	if v {
		return Value{kind: KindBoolean, typ: xsd.TypeBoolean, n: 1}
	}
	return Value{kind: KindBoolean, typ: xsd.TypeBoolean}
}

// Integer returns an xsd:integer.
func Integer(v int64) Value { return Value{kind: KindInteger, typ: xsd.TypeInteger, n: v} }

// BigInteger returns the xsd:integer that a decimal without a fraction is.
func BigInteger(d xsd.Decimal) Value {
	if v, ok := d.Int64(); ok {
		return Integer(v)
	}
	return Value{kind: KindInteger, typ: xsd.TypeInteger, aux: wide, text: string(d.AppendInteger(nil))}
}

// Decimal returns an xsd:decimal.
func Decimal(d xsd.Decimal) Value {
	if coef, scale, ok := d.Small(); ok {
		return Value{kind: KindDecimal, typ: xsd.TypeDecimal, n: coef, aux: int32(scale)}
	}
	return Value{kind: KindDecimal, typ: xsd.TypeDecimal, aux: wide, text: string(d.Append(nil))}
}

// shortDecimal returns an xsd:decimal of a function that is there to give whole numbers: where it
// is one, it is written so, 3 and not 3.0.
func shortDecimal(d xsd.Decimal) Value {
	v := Decimal(d)
	if v.zone = short; v.aux == wide {
		v.text = string(d.AppendShort(nil))
	}
	return v
}

// Double returns an xsd:double.
func Double(f float64) Value {
	return Value{kind: KindDouble, typ: xsd.TypeDouble, n: int64(math.Float64bits(f))}
}

// Float returns the xsd:float nearest to f.
func Float(f float64) Value {
	return Value{kind: KindFloat, typ: xsd.TypeFloat, n: int64(math.Float64bits(float64(float32(f))))}
}

// String returns an xsd:string.
func String(text string) Value { return Value{kind: KindString, typ: xsd.TypeString, text: text} }

// Text returns text in a language. Without a language it is an xsd:string.
func Text(text, lang string) Value { return DirText(text, lang, graph.NoDir) }

// DirText returns text in a language, with a base direction.
func DirText(text, lang string, dir graph.Direction) Value {
	if lang == "" {
		return String(text)
	}
	return Value{kind: KindLang, text: text, tag: lang, aux: int32(dir)}
}

// IRI returns an IRI.
func IRI(iri string) Value { return Value{kind: KindIRI, text: iri} }

// Blank returns the blank node with a label.
func Blank(label string) Value { return Value{kind: KindBlank, text: label} }

// Temporal returns a value of one of the eight datatypes of dates and times.
func Temporal(t xsd.Type, d xsd.DateTime) Value {
	return Value{kind: temporalKind(t), typ: t, n: d.Seconds, aux: d.Nanos, zone: d.Zone}
}

func temporalKind(t xsd.Type) Kind {
	switch t {
	case xsd.TypeDateTime, xsd.TypeDateTimeStamp:
		return KindDateTime
	case xsd.TypeDate:
		return KindDate
	case xsd.TypeTime:
		return KindTime
	}
	return KindCalendar
}

// Duration returns a value of one of the three datatypes of durations.
func Duration(t xsd.Type, d xsd.Duration) Value {
	return Value{kind: KindDuration, typ: t, text: string(d.Append(nil, t))}
}

// Kind tells what v is.
func (v Value) Kind() Kind { return v.kind }

// IsError tells whether v is an error; an unbound variable is one.
func (v Value) IsError() bool { return v.kind == KindError }

// Bound tells whether v is not that of an unbound variable, as the function BOUND asks.
func (v Value) Bound() bool { return v.kind != KindError || Code(v.aux) != Unbound }

// Code returns what went wrong, if v is an error.
func (v Value) Code() Code {
	if v.kind != KindError {
		return 0
	}
	return Code(v.aux)
}

// IsLiteral tells whether v is a literal.
func (v Value) IsLiteral() bool { return v.kind >= KindString && v.kind <= KindOther }

// IsNumeric tells whether v is a number (SPARQL 1.1, 17.1 and 17.4.2.4).
func (v Value) IsNumeric() bool { return v.kind >= KindInteger && v.kind <= KindDouble }

// IsText tells whether v is a string literal: an xsd:string, or text in a language (SPARQL
// 1.1, 17.4.3).
func (v Value) IsText() bool { return v.kind == KindString || v.kind == KindLang }

// Type returns the datatype of a literal, if it is one of XML Schema that is known here.
func (v Value) Type() xsd.Type { return v.typ }

// Datatype returns the datatype of a literal, and "" for everything else.
func (v Value) Datatype() graph.IRI {
	switch {
	case v.kind == KindLang && v.aux != 0:
		return rdf.DirLangString
	case v.kind == KindLang:
		return rdf.LangString
	case v.kind == KindOther:
		return graph.IRI(v.tag)
	}
	return v.typ.IRI()
}

// Lang returns the language of text as it was written, or "".
func (v Value) Lang() string {
	if v.kind != KindLang {
		return ""
	}
	return v.tag
}

// Dir returns the base direction of text.
func (v Value) Dir() graph.Direction {
	if v.kind != KindLang {
		return graph.NoDir
	}
	return graph.Direction(v.aux)
}

// Integer returns the value of an integer that fits into int64.
func (v Value) Integer() (n int64, ok bool) { return v.n, v.kind == KindInteger && v.aux == 0 }

// Float returns the value of any number as a double.
func (v Value) Float() (f float64, ok bool) { return v.float(), v.IsNumeric() }

// DateTime returns the value of a date or time.
func (v Value) DateTime() (d xsd.DateTime, ok bool) {
	return xsd.DateTime{Seconds: v.n, Nanos: v.aux, Zone: v.zone}, v.kind >= KindDateTime && v.kind <= KindCalendar
}

// float returns a number as a double. The float of a double is its own.
func (v Value) float() float64 {
	switch {
	case v.kind == KindFloat || v.kind == KindDouble:
		return math.Float64frombits(uint64(v.n))
	case v.kind == KindInteger && v.aux == 0:
		return float64(v.n)
	}
	return v.decimal().Float64()
}

// decimal returns an integer or a decimal.
func (v Value) decimal() xsd.Decimal {
	if v.aux == wide {
		d, _ := xsd.ParseDecimal(v.text)
		return d
	}
	return xsd.Scaled(v.n, int(v.aux))
}

func (v Value) dateTime() xsd.DateTime {
	return xsd.DateTime{Seconds: v.n, Nanos: v.aux, Zone: v.zone}
}

func (v Value) duration() xsd.Duration {
	d, _ := xsd.ParseDuration(v.typ, v.text)
	return d
}

// Lexical returns the lexical form of a literal, an IRI, the label of a blank node, or the
// canonical form of a triple term; "" for an error.
func (v Value) Lexical() string {
	if v.text != "" || v.IsText() || v.kind == KindError {
		return v.text
	}
	var buf [40]byte
	return string(v.appendLexical(buf[:0]))
}

// appendLexical appends what Lexical returns.
func (v Value) appendLexical(b []byte) []byte {
	if v.text != "" {
		return append(b, v.text...)
	}
	switch v.kind {
	case KindInteger:
		return strconv.AppendInt(b, v.n, 10)
	case KindDecimal:
		if v.zone == short {
			return v.decimal().AppendShort(b)
		}
		return v.decimal().Append(b)
	case KindFloat:
		return xsd.AppendFloat(b, v.float())
	case KindDouble:
		return xsd.AppendDouble(b, v.float())
	case KindBoolean:
		return strconv.AppendBool(b, v.n != 0)
	case KindDateTime, KindDate, KindTime, KindCalendar:
		return v.dateTime().Append(b, v.typ)
	}
	return b
}

// String returns the value in N-Triples form, or what went wrong.
func (v Value) String() string {
	if v.kind == KindError {
		return v.Code().String()
	}
	t, _ := v.Term()
	return t.String()
}
