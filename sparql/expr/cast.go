package expr

import (
	"mocban/sparql/expr/xsd"
)

// Cast is the constructor function of a datatype (SPARQL 1.1, 17.5; XPath F&O 3.1, 19). What
// is cast from a string loses the white space around it first; the result has its canonical
// form.
func Cast(v Value, t xsd.Type) Value {
	switch {
	case v.kind == KindError:
		return v
	case t.Text():
		return castToText(v, t)
	case v.kind == KindString:
		return castFromString(xsd.Collapse(v.text), t)
	case t == xsd.TypeAnyURI:
		if v.kind == KindURI || v.kind == KindIRI {
			return Value{kind: KindURI, typ: t, text: v.text}
		}
		return Fail(TypeError)
	case t == xsd.TypeBoolean:
		return castToBoolean(v)
	case t.Integer():
		return castToInteger(v, t)
	case t == xsd.TypeDecimal:
		return castToDecimal(v)
	case t == xsd.TypeFloat || t == xsd.TypeDouble:
		return castToFloat(v, t)
	case t.Temporal():
		return castToTemporal(v, t)
	case t.Duration():
		return castToDuration(v, t)
	}
	return castToBinary(v, t)
}

// castToText gives IRIs as they are, and literals in the form of XPath F&O 3.1, 19.1.1.
// Literals without a known value are given in their lexical form.
func castToText(v Value, t xsd.Type) Value {
	if !v.IsLiteral() && v.kind != KindIRI {
		return Fail(TypeError)
	}
	text := v.short()
	switch {
	case t == xsd.TypeString:
		return String(text)
	case t != xsd.TypeNormalizedString:
		text = xsd.Collapse(text)
	}
	if !t.HoldsText(text) {
		return Fail(InvalidLexical)
	}
	return Value{kind: KindString, typ: t, text: text}
}

// short returns the string that a value is cast to.
func (v Value) short() string {
	var buf [48]byte
	b := buf[:0]
	switch v.kind {
	case KindInteger:
		return string(v.decimal().AppendInteger(b))
	case KindDecimal:
		return string(v.decimal().AppendShort(b))
	case KindFloat:
		return string(xsd.AppendFloatShort(b, v.float()))
	case KindDouble:
		return string(xsd.AppendDoubleShort(b, v.float()))
	case KindDuration:
		return string(v.duration().Append(b, v.typ))
	case KindBinary:
		return string(xsd.AppendBinary(b, v.typ, []byte(v.bytes())))
	case KindBoolean, KindDateTime, KindDate, KindTime, KindCalendar:
		v.text = ""
	}
	return v.Lexical()
}

func castFromString(text string, t xsd.Type) Value {
	v, ok := parse(text, t)
	if !ok {
		return Fail(InvalidLexical)
	}
	v.typ = t
	if v.aux == wide || v.kind >= KindDuration {
		v.text, _ = xsd.Canonical(t, text)
	}
	return v
}

func castToBoolean(v Value) Value {
	if v.kind != KindBoolean && !v.IsNumeric() {
		return Fail(TypeError)
	}
	return Bool(v.holds())
}

// castToInteger leaves fractions out.
func castToInteger(v Value, t xsd.Type) Value {
	d, failure, ok := v.toDecimal()
	if !ok {
		return Fail(failure)
	}
	d = d.Trunc()
	if t != xsd.TypeInteger && !t.Holds(d) {
		return Fail(OutOfRange)
	}
	i := BigInteger(d)
	i.typ = t
	return i
}

func castToDecimal(v Value) Value {
	d, failure, ok := v.toDecimal()
	if !ok {
		return Fail(failure)
	}
	return Decimal(d)
}

// toDecimal returns the exact value of a boolean or a number, or why there is none.
func (v Value) toDecimal() (d xsd.Decimal, failure Code, ok bool) {
	switch v.kind {
	case KindBoolean:
		return xsd.Int(v.n), 0, true
	case KindInteger, KindDecimal:
		return v.decimal(), 0, true
	case KindFloat, KindDouble:
		d, ok = xsd.FromFloat(v.float())
		return d, OutOfRange, ok
	}
	return d, TypeError, false
}

func castToFloat(v Value, t xsd.Type) Value {
	var f float64
	switch {
	case v.kind == KindBoolean:
		f = float64(v.n)
	case !v.IsNumeric():
		return Fail(TypeError)
	case t == xsd.TypeFloat && v.kind < KindFloat:
		f = v.float32() // at once: by way of a double it would be rounded twice
	default:
		f = v.float()
	}
	if t == xsd.TypeFloat {
		return Float(f)
	}
	return Double(f)
}

// castToTemporal goes from dateTime to everything, from date to everything but time, and
// otherwise nowhere (XPath F&O 3.1, 19.1.4).
func castToTemporal(v Value, t xsd.Type) Value {
	d, ok := v.DateTime()
	switch {
	case !ok || t == xsd.TypeDateTimeStamp && !d.HasZone():
		return Fail(TypeError)
	case v.kind == KindDateTime, v.kind == KindDate && t != xsd.TypeTime, v.typ == t:
		return Temporal(t, d.As(t))
	}
	return Fail(TypeError)
}

// castToDuration keeps what the type has room for.
func castToDuration(v Value, t xsd.Type) Value {
	if v.kind != KindDuration {
		return Fail(TypeError)
	}
	d := v.duration()
	switch t {
	case xsd.TypeYearMonthDuration:
		d.Seconds, d.Nanos = 0, 0
	case xsd.TypeDayTimeDuration:
		d.Months = 0
	}
	return Duration(t, d)
}

func castToBinary(v Value, t xsd.Type) Value {
	if v.kind != KindBinary {
		return Fail(TypeError)
	}
	return Value{kind: KindBinary, typ: t, text: string(xsd.AppendBinary(nil, t, []byte(v.bytes())))}
}
