package graph

import (
	"errors"
	"fmt"
	"strings"
)

// ErrRelative tells that a relative IRI has no base to be resolved against.
var ErrRelative = errors.New("relative IRI and no base")

// Resolve returns the IRI that a reference stands for in a document whose base is i
// (RFC 3986, 5.2, strict). A reference that has a scheme stays as it is written: nothing is
// normalised but the dot segments of what is joined.
func (i IRI) Resolve(ref string) (IRI, error) {
	if scheme(ref) >= 0 {
		return IRI(ref), nil
	}
	if scheme(string(i)) < 0 {
		return "", fmt.Errorf("<%s>: %w", ref, ErrRelative)
	}
	base, r := split(string(i)), split(ref)
	switch {
	case r.hasAuthority:
		r.path = removeDots(r.path)
	case r.path == "":
		r.path = base.path
		if !r.hasQuery {
			r.query, r.hasQuery = base.query, base.hasQuery
		}
		r.authority, r.hasAuthority = base.authority, base.hasAuthority
	default:
		if r.path[0] != '/' {
			r.path = base.merge(r.path)
		}
		r.path = removeDots(r.path)
		r.authority, r.hasAuthority = base.authority, base.hasAuthority
	}
	r.scheme = base.scheme
	return IRI(r.String()), nil
}

// scheme returns where the colon behind the scheme stands, -1 without one.
func scheme(s string) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z':
		case i > 0 && (c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			return i
		default:
			return -1
		}
	}
	return -1
}

// reference holds the five parts of an IRI reference (RFC 3986, appendix B).
type reference struct {
	scheme, authority, path, query, fragment string
	hasAuthority, hasQuery, hasFragment      bool
}

func split(s string) (r reference) {
	if i := scheme(s); i >= 0 {
		r.scheme, s = s[:i], s[i+1:]
	}
	s, r.fragment, r.hasFragment = strings.Cut(s, "#")
	s, r.query, r.hasQuery = strings.Cut(s, "?")
	if rest, ok := strings.CutPrefix(s, "//"); ok {
		r.hasAuthority = true
		i := strings.IndexByte(rest, '/')
		if i < 0 {
			i = len(rest)
		}
		r.authority, s = rest[:i], rest[i:]
	}
	r.path = s
	return r
}

// String puts the parts together (RFC 3986, 5.3).
func (r reference) String() string {
	var b strings.Builder
	b.WriteString(r.scheme)
	b.WriteByte(':')
	if r.hasAuthority {
		b.WriteString("//")
		b.WriteString(r.authority)
	} else if strings.HasPrefix(r.path, "//") {
		b.WriteString("/.") // RFC 3986, 3.3: such a path would read as an authority
	}
	b.WriteString(r.path)
	if r.hasQuery {
		b.WriteByte('?')
		b.WriteString(r.query)
	}
	if r.hasFragment {
		b.WriteByte('#')
		b.WriteString(r.fragment)
	}
	return b.String()
}

// merge joins a relative path to the path of the base (RFC 3986, 5.2.3).
func (r reference) merge(path string) string {
	if r.hasAuthority && r.path == "" {
		return "/" + path
	}
	return r.path[:strings.LastIndexByte(r.path, '/')+1] + path
}

// removeDots takes the dot segments out of a path (RFC 3986, 5.2.4).
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
		case strings.HasPrefix(path, "/../"), path == "/..":
			path = "/" + strings.TrimPrefix(path[3:], "/")
			out = out[:max(0, strings.LastIndexByte(string(out), '/'))]
		case path == ".", path == "..":
			path = ""
		default:
			end := strings.IndexByte(path[1:], '/') + 1
			if end == 0 {
				end = len(path)
			}
			out = append(out, path[:end]...)
			path = path[end:]
		}
	}
	return string(out)
}
