package expr

import (
	"math"

	"mocban/sparql/expr/xsd"
)

// Functions on numbers (SPARQL 1.1, 17.4.4). The type of the result is that of the argument,
// or what this is derived from.

func abs(v Value) Value {
	if v.kind == KindDecimal {
		return Decimal(v.decimal().Abs())
	}
	return roundWith(v, xsd.Decimal.Abs, math.Abs)
}

func ceil(v Value) Value {
	return roundWith(v, xsd.Decimal.Ceil, math.Ceil)
}

func floor(v Value) Value {
	return roundWith(v, xsd.Decimal.Floor, math.Floor)
}

func round(v Value) Value {
	return roundWith(v, xsd.Decimal.Round, roundFloat)
}

// roundWith applies a function to a number as its kind wants it.
func roundWith(v Value, exact func(xsd.Decimal) xsd.Decimal, floats func(float64) float64) Value {
	switch v.kind {
	case KindInteger:
		return BigInteger(exact(v.decimal()))
	case KindDecimal:
		return shortDecimal(exact(v.decimal()))
	case KindFloat:
		return Float(floats(v.float()))
	case KindDouble:
		return Double(floats(v.float()))
	}
	return Fail(TypeError)
}

// roundFloat rounds to the nearest integer, of two to the greater, and keeps the sign of
// what becomes zero (XPath F&O 3.1, 4.4.4).
func roundFloat(f float64) float64 {
	r := math.Floor(f)
	if f-r >= 0.5 { // exact, where f + 0.5 is not
		r++
	}
	return math.Copysign(r, f)
}

func random(env *Env, _ []Value) Value {
	if env.Rand == nil {
		return Fail(InvalidArgument)
	}
	return Double(env.Rand.Float64())
}
