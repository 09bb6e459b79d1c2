package expr

import (
	"cmp"

	"mocban/graph"
)

// EqualIDs tells whether the terms of two IDs are equal, as [Equal] does; ok is false where
// that takes the terms: the value of a literal in the dictionary is not in its ID.
func EqualIDs(a, b graph.ID) (t Truth, ok bool) {
	x, y := a.Class(), b.Class()
	switch {
	case x == graph.ClassSpecial || y == graph.ClassSpecial:
		return Failed(Unbound), true
	case x == graph.ClassLocal || y == graph.ClassLocal:
		return False, false
	case a.Inlined() && b.Inlined():
		return equalInlined(a, b), true
	case a == b:
		return True, x != graph.ClassTyped && x != graph.ClassTriple // "NaN"^^xsd:float is not equal to itself
	case x == y:
		return False, x == graph.ClassBlank || x == graph.ClassIRI || x == graph.ClassString
	case x == graph.ClassTyped || y == graph.ClassTyped:
		other := min(x, y)
		if other == graph.ClassTyped {
			other = max(x, y)
		}
		return False, other != graph.ClassString && !graph.NewID(other, 0).Inlined()
	}
	return False, true
}

func equalInlined(a, b graph.ID) Truth {
	if x := a.Class(); x == b.Class() && (x == graph.ClassInteger || x == graph.ClassDecimal || x == graph.ClassBoolean) {
		return TruthOf(a == b)
	}
	v, _ := FromID(a)
	w, _ := FromID(b)
	return Equal(v, w)
}

// CompareIDs tells how the terms of two IDs stand to each other for the operators of order
// such as [Less]; ok is false where that takes the terms.
func CompareIDs(a, b graph.ID) (r Relation, ok bool) {
	x, y := a.Class(), b.Class()
	switch {
	case x == graph.ClassSpecial || y == graph.ClassSpecial:
		return noRelation(Unbound), true
	case x == graph.ClassLocal || y == graph.ClassLocal:
		return Same, false
	case a.Inlined() && b.Inlined():
		return compareInlined(a, b), true
	case x == graph.ClassString && y == graph.ClassString:
		c, ok := graph.CompareIDs(a, b)
		return Relation(c), ok
	case x == graph.ClassTyped || y == graph.ClassTyped:
		return noRelation(TypeError), a.Kind() != graph.KindLiteral || b.Kind() != graph.KindLiteral
	}
	return noRelation(TypeError), true
}

func compareInlined(a, b graph.ID) Relation {
	if x := a.Class(); x == b.Class() && (x == graph.ClassInteger || x == graph.ClassDecimal || x == graph.ClassBoolean) {
		return Relation(cmp.Compare(a, b))
	}
	v, _ := FromID(a)
	w, _ := FromID(b)
	return compare(&v, &w)
}

// CompareIDs tells what the operator says of the terms of two IDs; ok is false where that
// takes the terms.
func (op Operator) CompareIDs(a, b graph.ID) (t Truth, ok bool) {
	switch op {
	case OpEqual:
		return EqualIDs(a, b)
	case OpNotEqual:
		t, ok := EqualIDs(a, b)
		return t.Not(), ok
	}
	r, ok := CompareIDs(a, b)
	if !ok {
		return False, false
	}
	return op.holds(r), true
}

// OrderIDs compares the terms of two IDs as [Order] does; ok is false where that takes the
// terms. Within a class of the dictionary it is the order of the IDs themselves, so texts
// and IRIs can be sorted without being fetched.
func OrderIDs(a, b graph.ID) (c int, ok bool) {
	if a == b {
		return 0, true
	}
	x, y := a.Class(), b.Class()
	switch {
	case x == graph.ClassLocal || y == graph.ClassLocal:
		return 0, false
	case a.Inlined() && b.Inlined():
		return orderInlined(a, b), true
	case a.Kind() != b.Kind():
		return cmp.Compare(a.Kind(), b.Kind()), true
	case x == y:
		c, ok := graph.CompareIDs(a, b)
		return c, ok && x != graph.ClassTyped && x != graph.ClassTriple
	case x == graph.ClassTyped || y == graph.ClassTyped:
		return 0, false
	}
	// Texts are before what is inlined; with and without a language they are mixed.
	return cmp.Compare(x, y), a.Inlined() || b.Inlined()
}

func orderInlined(a, b graph.ID) int {
	if x := a.Class(); x == b.Class() && (x == graph.ClassInteger || x == graph.ClassDecimal || x == graph.ClassBoolean) {
		return cmp.Compare(a, b)
	}
	if x, _, _, ok := a.DateTime(); ok { // of different instants the zones do not matter
		if y, _, _, ok := b.DateTime(); ok && x != y {
			return cmp.Compare(x, y)
		}
	}
	v, _ := FromID(a)
	w, _ := FromID(b)
	return Order(v, w)
}
