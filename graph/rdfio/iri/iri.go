// Package iri resolves and checks IRIs by RFC 3986 and RFC 3987. It compares nothing and
// normalises nothing: an IRI that is absolute stays as it is written.
package iri

import "mocban/graph"

// Scheme returns the length of the scheme that s begins with, without the colon, and 0 if s
// is a relative reference (RFC 3986, 3.1).
func Scheme(s string) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			return i
		default:
			return 0
		}
	}
	return 0
}

// Allowed tells whether a character may stand in an IRI as Turtle and N-Triples write it
// (IRIREF): none of controls, space, <>"{}|^` and backslash.
func Allowed(r rune) bool {
	return r > ' ' && r != '<' && r != '>' && r != '"' && r != '{' && r != '}' && r != '|' && r != '^' && r != '`' && r != '\\'
}

// Check tells whether s is an absolute IRI of allowed characters.
func Check(s string) bool {
	return Scheme(s) > 0 && Allows(s)
}

// Allows tells whether all characters of s are allowed in an IRI.
func Allows(s string) bool {
	for i := 0; i < len(s); i++ {
		if forbidden[s[i]] {
			return false
		}
	}
	return true
}

// forbidden marks the bytes that may not stand in an IRI. All are ASCII.
var forbidden = func() (t [256]bool) {
	for c := range t {
		t[c] = !Allowed(rune(c))
	}
	return
}()

// A Base is an absolute IRI against which others are resolved. The zero Base resolves nothing.
type Base struct{ iri graph.IRI }

// Parse returns an absolute IRI as a base. ok tells whether it is one.
func Parse(s string) (b Base, ok bool) {
	if Scheme(s) == 0 {
		return Base{}, false
	}
	return Base{graph.IRI(s)}, true
}

// IsZero tells whether b is no base.
func (b Base) IsZero() bool { return b.iri == "" }

// Resolve returns the IRI that ref stands for (RFC 3986, 5.2.2; see [graph.IRI.Resolve]). One
// that has a scheme is returned as it is.
func (b Base) Resolve(ref string) string {
	resolved, err := b.iri.Resolve(ref)
	if err != nil {
		return ref // there is no base: readers refuse what stays relative
	}
	return string(resolved)
}
