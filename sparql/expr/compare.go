package expr

import (
	"cmp"
	"math"
	"strings"

	"mocban/graph"
	"mocban/sparql/expr/xsd"
)

// A Relation tells how one value stands to another.
type Relation int8

// The relations. Unordered is that of NaN to any number: no comparison holds, and none
// fails. Distinct is that of values that are known to differ and have no order. Beyond it
// there is no relation, for the reason of a Code.
const (
	Below Relation = iota - 1
	Same
	Above
	Unordered
	Distinct
	incomparable // plus a Code
)

func noRelation(c Code) Relation { return incomparable + Relation(c) }

// An Operator is one of those that compare.
type Operator uint8

// The operators of comparison.
const (
	OpEqual Operator = iota
	OpNotEqual
	OpLess
	OpLessOrEqual
	OpGreater
	OpGreaterOrEqual
)

func (op Operator) String() string { return [...]string{"=", "!=", "<", "<=", ">", ">="}[op] }

// Mirror returns the operator for the arguments in the other order: b > a for a < b.
func (op Operator) Mirror() Operator {
	return [...]Operator{OpEqual, OpNotEqual, OpGreater, OpGreaterOrEqual, OpLess, OpLessOrEqual}[op]
}

// Apply returns what the operator says of two values.
func (op Operator) Apply(a, b Value) Truth {
	if op <= OpNotEqual {
		return op.holds(equality(&a, &b))
	}
	return op.holds(compare(&a, &b))
}

// holds tells whether the operator holds for values in a relation.
func (op Operator) holds(r Relation) Truth {
	if r >= incomparable {
		return Failed(Code(r - incomparable))
	}
	switch op {
	case OpEqual:
		return TruthOf(r == Same)
	case OpNotEqual:
		return TruthOf(r != Same)
	case OpLess:
		return TruthOf(r == Below)
	case OpLessOrEqual:
		return TruthOf(r == Below || r == Same)
	case OpGreater:
		return TruthOf(r == Above)
	}
	return TruthOf(r == Above || r == Same)
}

// Equal is the operator = (SPARQL 1.1, 17.3; SPARQL 1.2, 17.4.2.2 for terms that no other
// row of that table fits). It fails where the values may be the same or not: literals of
// unknown datatypes or ill-typed ones that are not the same term, dates and times of which
// only one has a zone.
func Equal(a, b Value) Truth { return OpEqual.Apply(a, b) }

// NotEqual is the operator !=.
func NotEqual(a, b Value) Truth { return OpNotEqual.Apply(a, b) }

// Less is the operator < (SPARQL 1.1, 17.3), which beside numbers, strings, booleans and
// dateTimes also orders dates, times, years and the like, durations, bytes and anyURIs.
func Less(a, b Value) Truth { return OpLess.Apply(a, b) }

// LessOrEqual is the operator <=.
func LessOrEqual(a, b Value) Truth { return OpLessOrEqual.Apply(a, b) }

// Greater is the operator >.
func Greater(a, b Value) Truth { return OpGreater.Apply(a, b) }

// GreaterOrEqual is the operator >=.
func GreaterOrEqual(a, b Value) Truth { return OpGreaterOrEqual.Apply(a, b) }

// compare is what the operators of order ask.
func compare(a, b *Value) Relation {
	switch {
	case a.kind == KindInteger && b.kind == KindInteger && a.aux|b.aux == 0:
		return Relation(cmp.Compare(a.n, b.n))
	case a.kind == KindError:
		return noRelation(Code(a.aux))
	case b.kind == KindError:
		return noRelation(Code(b.aux))
	case a.IsNumeric() && b.IsNumeric():
		return compareNumbers(a, b)
	case a.kind != b.kind:
		return noRelation(TypeError)
	}
	switch a.kind {
	case KindString, KindURI:
		return Relation(strings.Compare(a.text, b.text))
	case KindBoolean:
		return Relation(cmp.Compare(a.n, b.n))
	case KindDateTime, KindDate, KindTime:
		return compareTimes(a, b)
	case KindCalendar:
		if a.typ == b.typ {
			return compareTimes(a, b)
		}
	case KindDuration:
		return compareDurations(a, b)
	case KindBinary:
		if a.typ == b.typ {
			return Relation(strings.Compare(a.bytes(), b.bytes()))
		}
	}
	return noRelation(TypeError)
}

// compareNumbers promotes as XPath does (XPath 2.0, B.1): what is compared to a double is
// made one, and else to a float.
func compareNumbers(a, b *Value) Relation {
	switch max(a.kind, b.kind) {
	case KindDouble:
		return compareFloats(a.float(), b.float())
	case KindFloat:
		return compareFloats(a.float32(), b.float32())
	}
	return Relation(a.decimal().Cmp(b.decimal()))
}

func compareFloats(x, y float64) Relation {
	switch {
	case x < y:
		return Below
	case x > y:
		return Above
	case x == y:
		return Same
	}
	return Unordered
}

// float32 returns a number that is no double as a float.
func (v Value) float32() float64 {
	if v.kind == KindFloat {
		return v.float()
	}
	return v.decimal().Float32()
}

func compareTimes(a, b *Value) Relation {
	c, ok := a.dateTime().Compare(b.dateTime())
	if !ok {
		return noRelation(Undecided)
	}
	return Relation(c)
}

func compareDurations(a, b *Value) Relation {
	c, ok := a.duration().Compare(b.duration())
	if !ok {
		return noRelation(Undecided)
	}
	return Relation(c)
}

// equality is what the operators = and != ask: Same, Distinct or no relation.
func equality(a, b *Value) Relation {
	switch {
	case a.kind == KindError:
		return noRelation(Code(a.aux))
	case b.kind == KindError:
		return noRelation(Code(b.aux))
	case a.IsNumeric() && b.IsNumeric():
		return distinct(compareNumbers(a, b))
	case a.kind != b.kind:
		return equalityAcross(a, b)
	}
	switch a.kind {
	case KindString, KindIRI, KindBlank, KindURI:
		return sameIf(a.text == b.text)
	case KindLang:
		return sameIf(a.text == b.text && a.aux == b.aux && strings.EqualFold(a.tag, b.tag))
	case KindBoolean:
		return sameIf(a.n == b.n)
	case KindDateTime, KindDate, KindTime:
		return distinct(compareTimes(a, b))
	case KindCalendar:
		if a.typ != b.typ {
			return Distinct
		}
		return distinct(compareTimes(a, b))
	case KindDuration:
		return sameIf(a.duration() == b.duration())
	case KindBinary:
		return sameIf(a.typ == b.typ && a.bytes() == b.bytes())
	case KindTriple:
		return equalTriples(a, b)
	}
	if sameTerm(a, b) { // ill-typed, unknown
		return Same
	}
	return noRelation(Undecided)
}

// equalityAcross is for values of two kinds. The value spaces of known datatypes are
// disjoint but for the numbers, and no datatype but rdf:langString has text in a language.
// What is not known may be anything.
func equalityAcross(a, b *Value) Relation {
	dark := a.kind == KindIllTyped || a.kind == KindOther || b.kind == KindIllTyped || b.kind == KindOther
	if dark && a.IsLiteral() && b.IsLiteral() && a.kind != KindLang && b.kind != KindLang {
		return noRelation(Undecided)
	}
	return Distinct
}

func sameIf(same bool) Relation {
	if same {
		return Same
	}
	return Distinct
}

// distinct forgets which of two values is the greater.
func distinct(r Relation) Relation {
	if r == Same || r >= incomparable {
		return r
	}
	return Distinct
}

func (v Value) bytes() string {
	b, _ := xsd.ParseBinary(v.typ, v.text)
	return string(b)
}

// equalTriples compares the parts of two triple terms by value (SPARQL 1.2, 17.3).
func equalTriples(a, b *Value) Relation {
	x, okA := a.triple()
	y, okB := b.triple()
	if !okA || !okB {
		return noRelation(TypeError)
	}
	if x.P != y.P {
		return Distinct
	}
	s := equalTerms(x.S, y.S)
	o := equalTerms(x.O, y.O)
	if s == Distinct || o == Distinct {
		return Distinct
	}
	return max(s, o)
}

func equalTerms(a, b graph.Term) Relation {
	v, w := FromTerm(a), FromTerm(b)
	return equality(&v, &w)
}

// SameTerm is the function sameTerm (SPARQL 1.1, 17.4.1.8). As everywhere in this store,
// language tags are compared as they are written.
func SameTerm(a, b Value) Truth {
	if a.kind == KindError {
		return a.failure()
	}
	if b.kind == KindError {
		return b.failure()
	}
	return TruthOf(sameTerm(&a, &b))
}

func sameTerm(a, b *Value) bool {
	if a.kind != b.kind || a.typ != b.typ || a.tag != b.tag {
		return false
	}
	if a.kind == KindLang && a.aux != b.aux {
		return false
	}
	if a.text != "" && b.text != "" {
		return a.text == b.text
	}
	if a.kind < KindInteger || a.kind > KindCalendar {
		return a.text == b.text
	}
	var x, y [48]byte
	return string(a.appendLexical(x[:0])) == string(b.appendLexical(y[:0]))
}

// In is the operator IN (SPARQL 1.1, 17.4.1.9): true if v equals an item, else the first
// error, else false. Items are asked for in turn until one is equal.
func In(v Value, items int, item func(i int) Value) Truth {
	found := False
	for i := range items {
		if found = found.Or(Equal(v, item(i))); found == True {
			break
		}
	}
	return found
}

// NotIn is the operator NOT IN (SPARQL 1.1, 17.4.1.10).
func NotIn(v Value, items int, item func(i int) Value) Truth { return In(v, items, item).Not() }

// Order compares any two values as ORDER BY does (SPARQL 1.1, 15.1): unbound and errors,
// blank nodes, IRIs, literals, triple terms. It is total and transitive. Among literals come
// texts, by code point and then by language; numbers, exactly and of all types together,
// NaN last; booleans; dateTimes, dates, times by instant, those without a zone as if in UTC
// and first; years and the like; durations; bytes; and last, by datatype and lexical form,
// what has no value. Zero means that the values are equal, not that the terms are the same.
func Order(a, b Value) int { return order(&a, &b) }

func order(a, b *Value) int {
	if a.kind == KindInteger && b.kind == KindInteger && a.aux|b.aux == 0 {
		return cmp.Compare(a.n, b.n)
	}
	if c := cmp.Compare(ranks[a.kind], ranks[b.kind]); c != 0 {
		return c
	}
	switch a.kind {
	case KindError:
		return 0
	case KindString, KindLang:
		return orderTexts(a, b)
	case KindInteger, KindDecimal, KindFloat, KindDouble:
		return orderNumbers(a, b)
	case KindBoolean:
		return cmp.Compare(a.n, b.n)
	case KindDateTime, KindDate, KindTime:
		return orderTimes(a, b)
	case KindCalendar:
		if c := cmp.Compare(a.typ, b.typ); c != 0 {
			return c
		}
		return orderTimes(a, b)
	case KindDuration:
		return a.duration().Total(b.duration())
	case KindBinary:
		if c := cmp.Compare(a.typ, b.typ); c != 0 {
			return c
		}
		return strings.Compare(a.bytes(), b.bytes())
	case KindIllTyped, KindOther:
		if c := cmp.Compare(a.Datatype(), b.Datatype()); c != 0 {
			return c
		}
	case KindTriple:
		return orderTriples(a, b)
	}
	return strings.Compare(a.text, b.text)
}

// ranks puts kinds into the order of ORDER BY.
var ranks = [...]uint8{
	KindError: 0, KindBlank: 1, KindIRI: 2,
	KindString: 3, KindLang: 3,
	KindInteger: 4, KindDecimal: 4, KindFloat: 4, KindDouble: 4,
	KindBoolean: 5, KindDateTime: 6, KindDate: 7, KindTime: 8, KindCalendar: 9,
	KindDuration: 10, KindBinary: 11, KindURI: 12, KindIllTyped: 13, KindOther: 13, KindTriple: 14,
}

func orderTexts(a, b *Value) int {
	if c := strings.Compare(a.text, b.text); c != 0 {
		return c
	}
	if c := strings.Compare(a.Lang(), b.Lang()); c != 0 {
		return c
	}
	return cmp.Compare(a.Dir(), b.Dir())
}

// orderNumbers compares exactly. Promotion would not do here: it makes a double equal to
// two decimals that differ.
func orderNumbers(a, b *Value) int {
	aFloats, bFloats := a.kind >= KindFloat, b.kind >= KindFloat
	switch {
	case aFloats && bFloats:
		return orderFloats(a.float(), b.float())
	case aFloats:
		return -b.decimal().CompareFloat(a.float())
	case bFloats:
		return a.decimal().CompareFloat(b.float())
	}
	return a.decimal().Cmp(b.decimal())
}

// orderFloats puts NaN last.
func orderFloats(x, y float64) int {
	if math.IsNaN(x) || math.IsNaN(y) {
		return -cmp.Compare(x, y) // which puts it first
	}
	return cmp.Compare(x, y)
}

// orderTimes puts values without a zone before those of the same reading in UTC.
func orderTimes(a, b *Value) int {
	x, y := a.dateTime(), b.dateTime()
	if c := x.Instant(y); c != 0 || x.HasZone() == y.HasZone() {
		return c
	}
	if y.HasZone() {
		return -1
	}
	return 1
}

func orderTriples(a, b *Value) int {
	x, okA := a.triple()
	y, okB := b.triple()
	if !okA || !okB {
		return strings.Compare(a.text, b.text)
	}
	if c := Order(FromTerm(x.S), FromTerm(y.S)); c != 0 {
		return c
	}
	if c := cmp.Compare(x.P, y.P); c != 0 {
		return c
	}
	return Order(FromTerm(x.O), FromTerm(y.O))
}
