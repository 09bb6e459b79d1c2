package expr

import (
	"math"

	"mocban/graph"
	"mocban/sparql/expr/xsd"
)

// An IDRange is a run of IDs, both ends included.
type IDRange struct{ Low, High graph.ID }

// all returns the IDs of a class.
func all(c graph.Class) IDRange { return IDRange{graph.NewID(c, 0), graph.NewID(c, math.MaxUint64)} }

// Ranges returns where the IDs of stored terms lie for which the operator, with such a term
// on its left and c on its right, can be true: all others need not be read, those within
// still have to be asked. The ranges are in order. ok is false where this leaves nothing out
// that is worth the trouble.
func (op Operator) Ranges(c Constant) (ranges []IDRange, ok bool) {
	switch {
	case op == OpNotEqual:
		return nil, false
	case c.IsNumeric():
		return op.numericRanges(c.Value), true
	case c.kind == KindDateTime, c.kind == KindDate, c.typ == xsd.TypeGYear && c.kind == KindCalendar:
		return op.temporalRanges(c.Value), true
	case op == OpEqual && (c.kind == KindIRI || c.kind == KindBlank):
		return []IDRange{{c.id, c.id}}, true
	case op == OpEqual && c.kind == KindString:
		return []IDRange{{c.id, c.id}, all(graph.ClassTyped)}, true
	}
	return nil, false
}

// between cuts a class down to what is at or beyond the bounds, as the operator wants. None
// is no bound.
func (op Operator) between(class graph.Class, low, high graph.ID) IDRange {
	r := all(class)
	if op != OpLess && op != OpLessOrEqual && low != graph.None {
		r.Low = low
	}
	if op != OpGreater && op != OpGreaterOrEqual && high != graph.None {
		r.High = high
	}
	return r
}

// numericRanges gives the classes of numbers in the order of their IDs. What is in the
// dictionary may be any number. To compare with a float is to round to one, which bounds
// integers and decimals by little.
func (op Operator) numericRanges(c Value) []IDRange {
	f := c.float()
	if f != f {
		return nil
	}
	ranges := []IDRange{all(graph.ClassTyped), all(graph.ClassInteger), all(graph.ClassDecimal), op.doubleRange(f)}
	d, ok := xsd.Decimal{}, c.kind != KindFloat
	slack := int64(0)
	switch c.kind {
	case KindInteger, KindDecimal:
		d = c.decimal()
	case KindDouble:
		d, ok = xsd.FromFloat(f)
		slack = 128 // the most by which a number that is inlined differs from its double, in steps
	}
	if !ok {
		return ranges
	}
	ranges[1] = op.stepRange(graph.ClassInteger, d, slack, graph.IntegerID)
	if d, ok = d.Mul(xsd.Scaled(10_000_000, 0)); ok { // 10^graph.DecimalScale
		ranges[2] = op.stepRange(graph.ClassDecimal, d, slack, graph.DecimalID)
	}
	return ranges
}

// stepRange bounds a class of whole numbers by a number on or between them.
func (op Operator) stepRange(class graph.Class, d xsd.Decimal, slack int64, id func(int64) (graph.ID, bool)) IDRange {
	const far = 1 << 60 // beyond what is inlined
	var low, high graph.ID
	if n, ok := d.Floor().Int64(); ok && n > -far && n < far {
		low, _ = id(n - slack)
		high, _ = id(n + 1 + slack)
	}
	return op.between(class, low, high)
}

// doubleRange bounds the doubles. Only those are inlined whose last four bits are zero, so
// that leaving these out moves no bound past one.
func (op Operator) doubleRange(f float64) IDRange {
	f = math.Float64frombits(math.Float64bits(f) &^ 15)
	low, high := f, f
	if f == 0 {
		low, high = math.Copysign(0, -1), 0
	}
	l, _ := graph.DoubleID(low)
	h, _ := graph.DoubleID(high)
	return op.between(graph.ClassDouble, l, h)
}

// temporalRanges bounds by the instant, or the year, with which IDs begin; the zone comes
// last. Bounds are taken a little wide, so that they need none.
func (op Operator) temporalRanges(c Value) []IDRange {
	const far = 1 << 40 // seconds: beyond what is inlined
	var low, high graph.ID
	var class graph.Class
	d := c.dateTime()
	seconds := min(max(d.Seconds, -far), far)
	switch c.kind {
	case KindDateTime:
		class = graph.ClassDateTime
		low, _ = graph.DateTimeID(seconds*1000, 0, false)
		high, _ = graph.DateTimeID(seconds*1000+1001, 0, false)
	case KindDate:
		class = graph.ClassDate
		minutes := seconds / 60
		minutes -= (minutes%1440 + 1440) % 1440
		low, _ = graph.DateID(minutes, 0, false)
		high, _ = graph.DateID(minutes+2*1440, 0, false)
	default:
		class = graph.ClassYear
		year := int(min(max(d.Fields().Year, -1), 10_001))
		low, _ = graph.YearID(year-1, 0, false)
		high, _ = graph.YearID(year+2, 0, false)
	}
	return []IDRange{all(graph.ClassTyped), op.between(class, low, high)}
}

// Kinds is a set of kinds of terms, those that a stored term can be of.
type Kinds uint8

// AllKinds has every kind.
const AllKinds = Kinds(1<<graph.KindBlank | 1<<graph.KindIRI | 1<<graph.KindLiteral | 1<<graph.KindTriple)

// KindsOf returns the kinds of terms for which a function such as ISIRI is true; ok is false for
// functions that ask for something else.
func KindsOf(function string) (k Kinds, ok bool) {
	switch function {
	case "ISIRI", "ISURI":
		return 1 << graph.KindIRI, true
	case "ISBLANK":
		return 1 << graph.KindBlank, true
	case "ISLITERAL":
		return 1 << graph.KindLiteral, true
	case "ISTRIPLE":
		return 1 << graph.KindTriple, true
	}
	return 0, false
}

// Has tells whether a kind is one of the set.
func (k Kinds) Has(kind graph.Kind) bool { return k&(1<<kind) != 0 }

// Ranges returns where the IDs of stored terms of these kinds lie, and of no others, in order.
func (k Kinds) Ranges() (ranges []IDRange) {
	if k.Has(graph.KindBlank) {
		ranges = append(ranges, all(graph.ClassBlank))
	}
	if k.Has(graph.KindIRI) {
		ranges = append(ranges, all(graph.ClassIRI))
	}
	if k.Has(graph.KindLiteral) {
		ranges = append(ranges, IDRange{all(graph.ClassString).Low, all(graph.ClassYear).High})
	}
	if k.Has(graph.KindTriple) {
		ranges = append(ranges, all(graph.ClassTriple))
	}
	return ranges
}
