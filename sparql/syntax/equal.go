package syntax

import (
	"reflect"

	"mocban/graph"
)

// Equal tells whether two queries have the same tree, wherever its parts stand.
func (q *Query) Equal(other *Query) bool {
	return same(reflect.ValueOf(q), reflect.ValueOf(other))
}

// Equal tells whether two requests have the same tree, wherever its parts stand.
func (u *Update) Equal(other *Update) bool {
	return same(reflect.ValueOf(u), reflect.ValueOf(other))
}

var (
	posType  = reflect.TypeFor[Pos]()
	termType = reflect.TypeFor[graph.Term]()
)

// same compares by structure. Positions and what is worked out from the rest do not count,
// and an empty list is no list.
func same(a, b reflect.Value) bool {
	if a.IsValid() != b.IsValid() {
		return false
	}
	if !a.IsValid() {
		return true
	}
	if a.Type() != b.Type() {
		return false
	}
	switch {
	case a.Type() == posType:
		return true
	case a.Type() == termType:
		return a.Interface() == b.Interface()
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return same(a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			if a.Type().Field(i).IsExported() && !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	}
	return a.Interface() == b.Interface()
}
