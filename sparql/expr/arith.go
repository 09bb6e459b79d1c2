package expr

import (
	"math"

	"mocban/sparql/expr/xsd"
)

// An arithmetic is one of the four operations of numbers.
type arithmetic uint8

const (
	plus arithmetic = iota
	minus
	times
	over
)

// Add is the operator + (SPARQL 1.1, 17.3). Beside numbers it adds durations to dates, times
// and other durations (XPath F&O 3.1, 8.4 and 9.7).
func Add(a, b Value) Value {
	if a.kind == KindInteger && b.kind == KindInteger && a.aux|b.aux == 0 {
		if c := a.n + b.n; (c > a.n) == (b.n > 0) {
			return Integer(c)
		}
	}
	switch {
	case a.IsNumeric() && b.IsNumeric():
		return reckon(plus, a, b)
	case b.kind == KindDuration && a.kind != KindDuration:
		return later(a, b.duration(), b)
	case a.kind == KindDuration && b.kind != KindDuration:
		return later(b, a.duration(), a)
	}
	return addDurations(a, b, false)
}

// Sub is the operator -. Beside numbers it takes durations from dates, times and other
// durations, and gives the time between two dates or times of one type.
func Sub(a, b Value) Value {
	if a.kind == KindInteger && b.kind == KindInteger && a.aux|b.aux == 0 {
		if c := a.n - b.n; (c < a.n) == (b.n > 0) {
			return Integer(c)
		}
	}
	switch {
	case a.IsNumeric() && b.IsNumeric():
		return reckon(minus, a, b)
	case a.kind == b.kind && (a.kind == KindDateTime || a.kind == KindDate || a.kind == KindTime):
		return between(a, b)
	case b.kind == KindDuration && a.kind != KindDuration:
		return later(a, b.duration().Neg(), b)
	}
	return addDurations(a, b, true)
}

// Mul is the operator *. Beside numbers it multiplies a duration by a number.
func Mul(a, b Value) Value {
	if a.kind == KindInteger && b.kind == KindInteger && a.aux|b.aux == 0 &&
		a.n == int64(int32(a.n)) && b.n == int64(int32(b.n)) {
		return Integer(a.n * b.n)
	}
	switch {
	case a.IsNumeric() && b.IsNumeric():
		return reckon(times, a, b)
	case a.kind == KindDuration && b.IsNumeric():
		return scale(times, a, b)
	case b.kind == KindDuration && a.IsNumeric():
		return scale(times, b, a)
	}
	return wrong(a, b)
}

// Div is the operator /. The quotient of two integers is a decimal. Beside numbers it
// divides a duration by a number or by a duration of the same type.
func Div(a, b Value) Value {
	switch {
	case a.IsNumeric() && b.IsNumeric():
		return reckon(over, a, b)
	case a.kind == KindDuration && b.IsNumeric():
		return scale(over, a, b)
	case a.kind == KindDuration && b.kind == KindDuration && a.typ == b.typ && a.typ != xsd.TypeDuration:
		return reckonExact(over, Decimal(a.duration().Length(a.typ)), Decimal(b.duration().Length(b.typ)))
	}
	return wrong(a, b)
}

// Neg is the unary operator -.
func Neg(v Value) Value {
	switch v.kind {
	case KindInteger:
		if v.aux == 0 && v.n != math.MinInt64 {
			return Integer(-v.n)
		}
		return BigInteger(v.decimal().Neg())
	case KindDecimal:
		return Decimal(v.decimal().Neg())
	case KindFloat:
		return Float(-v.float())
	case KindDouble:
		return Double(-v.float())
	}
	return v.failure().Value()
}

// Plus is the unary operator +: a number is what it is.
func Plus(v Value) Value {
	if v.IsNumeric() {
		return v
	}
	return v.failure().Value()
}

// wrong returns the error that an operator does not take two values: theirs, if they are
// errors.
func wrong(a, b Value) Value {
	if a.kind != KindError && b.kind == KindError {
		return b
	}
	return a.failure().Value()
}

// reckon promotes two numbers as XPath does (XPath 2.0, B.1) and does what op says.
func reckon(op arithmetic, a, b Value) Value {
	switch max(a.kind, b.kind) {
	case KindDouble:
		return Double(op.floats(a.float(), b.float()))
	case KindFloat:
		// A double has enough digits for its result to be rounded once more (IEEE 754).
		return Float(op.floats(a.float32(), b.float32()))
	}
	return reckonExact(op, a, b)
}

func (op arithmetic) floats(x, y float64) float64 {
	switch op {
	case plus:
		return x + y
	case minus:
		return x - y
	case times:
		return x * y
	}
	return x / y
}

// reckonExact is for integers and decimals.
func reckonExact(op arithmetic, a, b Value) Value {
	x, y := a.decimal(), b.decimal()
	var z xsd.Decimal
	var ok bool
	switch op {
	case plus:
		z, ok = x.Add(y)
	case minus:
		z, ok = x.Sub(y)
	case times:
		z, ok = x.Mul(y)
	case over:
		if y.Sign() == 0 {
			return Fail(DivisionByZero)
		}
		z, ok = x.Quo(y)
	}
	switch {
	case !ok:
		return Fail(OutOfRange)
	case op != over && a.kind == KindInteger && b.kind == KindInteger:
		return BigInteger(z)
	}
	return Decimal(z)
}

// later returns the date or time v a duration later. Of a time of day only the hours count.
func later(v Value, d xsd.Duration, duration Value) Value {
	switch {
	case v.kind == KindTime && duration.typ != xsd.TypeDayTimeDuration:
		return Fail(TypeError)
	case v.kind != KindDateTime && v.kind != KindDate && v.kind != KindTime:
		return v.failure().Value()
	}
	sum, ok := v.dateTime().Plus(d)
	if !ok {
		return Fail(OutOfRange)
	}
	typ := v.typ
	if typ == xsd.TypeDateTimeStamp {
		typ = xsd.TypeDateTime
	}
	return Temporal(typ, sum.As(typ))
}

// between returns the time from b to a.
func between(a, b Value) Value {
	if a.dateTime().HasZone() != b.dateTime().HasZone() {
		return Fail(Undecided)
	}
	d, ok := a.dateTime().Minus(b.dateTime())
	if !ok {
		return Fail(OutOfRange)
	}
	return Duration(xsd.TypeDayTimeDuration, d)
}

// addDurations adds or subtracts two durations of one of the types that have an order.
func addDurations(a, b Value, negate bool) Value {
	if a.kind != KindDuration || b.kind != KindDuration {
		return wrong(a, b)
	}
	if a.typ != b.typ || a.typ == xsd.TypeDuration {
		return Fail(TypeError)
	}
	d := b.duration()
	if negate {
		d = d.Neg()
	}
	sum, ok := a.duration().Add(d)
	if !ok {
		return Fail(OutOfRange)
	}
	return Duration(a.typ, sum)
}

// scale multiplies or divides a duration by a number.
func scale(op arithmetic, d, number Value) Value {
	if d.typ == xsd.TypeDuration {
		return Fail(TypeError)
	}
	if number.kind >= KindFloat {
		f := number.float()
		if op == over && math.IsInf(f, 0) {
			return Duration(d.typ, xsd.Duration{})
		}
		exact, ok := xsd.FromFloat(f)
		if !ok {
			return Fail(OutOfRange)
		}
		number = Decimal(exact)
	}
	length := reckonExact(op, Decimal(d.duration().Length(d.typ)), number)
	if length.IsError() {
		return length
	}
	scaled, ok := xsd.DurationOf(d.typ, length.decimal())
	if !ok {
		return Fail(OutOfRange)
	}
	return Duration(d.typ, scaled)
}
