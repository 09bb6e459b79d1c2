// Package iri resolves and checks IRIs by RFC 3986 and RFC 3987. It compares nothing and
// normalises nothing: an IRI that is absolute stays as it is written.
package iri

import "strings"

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

// A Base is an absolute IRI, taken apart to resolve others against. The zero Base resolves
// nothing.
type Base struct {
	scheme    string // with its colon
	authority string // with its slashes, or empty
	path      string
	query     string // with its question mark, or empty
}

// Parse takes an absolute IRI apart (RFC 3986, appendix B). ok tells whether it is one.
func Parse(s string) (b Base, ok bool) {
	n := Scheme(s)
	if n == 0 {
		return Base{}, false
	}
	b.scheme, s = s[:n+1], s[n+1:]
	b.authority, b.path, b.query, _ = split(s)
	return b, true
}

// split takes apart what follows the scheme. Delimiters stay with what they begin.
func split(s string) (authority, path, query, fragment string) {
	if i := strings.IndexByte(s, '#'); i >= 0 {
		s, fragment = s[:i], s[i:]
	}
	if i := strings.IndexByte(s, '?'); i >= 0 {
		s, query = s[:i], s[i:]
	}
	if strings.HasPrefix(s, "//") {
		end := strings.IndexByte(s[2:], '/')
		if end < 0 {
			return s, "", query, fragment
		}
		return s[:end+2], s[end+2:], query, fragment
	}
	return "", s, query, fragment
}

// IsZero tells whether b is no base.
func (b Base) IsZero() bool { return b.scheme == "" }

// Resolve returns the IRI that ref stands for (RFC 3986, 5.2.2). One that has a scheme is
// returned as it is.
func (b Base) Resolve(ref string) string {
	if Scheme(ref) > 0 {
		return ref
	}
	authority, path, query, fragment := split(ref)
	switch {
	case authority != "":
		path = removeDots(path)
	case path == "":
		authority, path = b.authority, b.path
		if query == "" {
			query = b.query
		}
	case path[0] == '/':
		authority, path = b.authority, removeDots(path)
	default:
		authority, path = b.authority, removeDots(b.merge(path))
	}
	if authority == "" && strings.HasPrefix(path, "//") {
		path = "/." + path // or the path would read as an authority
	}
	return b.scheme + authority + path + query + fragment
}

// merge is RFC 3986, 5.2.3.
func (b Base) merge(path string) string {
	if b.authority != "" && b.path == "" {
		return "/" + path
	}
	return b.path[:strings.LastIndexByte(b.path, '/')+1] + path
}

// removeDots is RFC 3986, 5.2.4.
func removeDots(path string) string {
	if !strings.Contains(path, ".") {
		return path
	}
	out := make([]byte, 0, len(path))
	for path != "" {
		switch {
		case strings.HasPrefix(path, "../"):
			path = path[3:]
		case strings.HasPrefix(path, "./"):
			path = path[2:]
		case strings.HasPrefix(path, "/./"):
			path = path[2:]
		case path == "/.":
			path = "/"
		case strings.HasPrefix(path, "/../"):
			path, out = path[3:], parent(out)
		case path == "/..":
			path, out = "/", parent(out)
		case path == "." || path == "..":
			path = ""
		default:
			end := len(path)
			if i := strings.IndexByte(path[1:], '/'); i >= 0 {
				end = i + 1
			}
			out, path = append(out, path[:end]...), path[end:]
		}
	}
	return string(out)
}

// parent removes the last segment and the slash before it, if any.
func parent(out []byte) []byte {
	for i := len(out) - 1; i >= 0; i-- {
		if out[i] == '/' {
			return out[:i]
		}
	}
	return out[:0]
}
