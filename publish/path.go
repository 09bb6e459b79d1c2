package publish

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"mocban/graph"
)

// An address is what a request path says, decoded once.
type address struct {
	lang     string   // "vi", "en", or "" for the generic document
	segments []string // percent-decoded, NFC, without language and extension
	ext      string   // of the form asked for, or ""
	slash    bool     // whether a slash ended it
}

// parseAddress reads the path of a request below the base. It refuses what no address of
// ours has: control characters, backslashes, dots as segments, bytes that are no UTF-8.
func (s *site) parseAddress(r *http.Request) (a address, err error) {
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), s.path)
	if !ok {
		return a, graph.ErrNotFound
	}
	path, a.slash = strings.CutSuffix(path, "/")
	for part := range strings.SplitSeq(path, "/") {
		segment, err := url.PathUnescape(part)
		if err != nil || !utf8.ValidString(segment) || strings.ContainsFunc(segment, forbidden) ||
			segment == "." || segment == ".." || segment == "" && path != "" {
			return a, &requestError{http.StatusBadRequest, "path",
				"Địa chỉ có ký tự không hợp lệ.", "The address holds characters that are not allowed."}
		}
		a.segments = append(a.segments, norm.NFC.String(segment))
	}
	if first := a.segments[0]; len(a.segments) > 1 && (first == "vi" || first == "en") {
		a.lang, a.segments = first, a.segments[1:]
	}
	last := &a.segments[len(a.segments)-1]
	if dot := strings.LastIndexByte(*last, '.'); dot > 0 {
		if _, ok := formByExt(strings.ToLower((*last)[dot+1:])); ok {
			*last, a.ext = (*last)[:dot], (*last)[dot+1:]
		}
	}
	return a, nil
}

func forbidden(r rune) bool { return r < 0x20 || r == 0x7F || r == '\\' || r == utf8.RuneError }

// document returns the path of the document below the base, encoded for a URL.
func (a *address) document() string {
	parts := make([]string, len(a.segments))
	for i, s := range a.segments {
		parts[i] = url.PathEscape(s)
	}
	return strings.Join(parts, "/")
}

// candidates returns the IRIs that the thing or record of a document may have in the store:
// with everything but letters, digits and -._~ encoded, as mapping mints them; with what an
// IRI must not hold encoded; and as characters.
func (s *site) candidates(prefix string, segments []string) []graph.IRI {
	strict, iri, raw := string(s.c.Base)+prefix, string(s.c.Base)+prefix, string(s.c.Base)+prefix
	for i, segment := range segments {
		if i > 0 {
			strict, iri, raw = strict+"/", iri+"/", raw+"/"
		}
		strict += encode(segment, "-._~", 0x80)
		iri += encode(segment, "-._~!$&'()*+,;=:@", 0x100)
		raw += segment
	}
	all := []graph.IRI{graph.IRI(strict)}
	if iri != strict {
		all = append(all, graph.IRI(iri))
	}
	if raw != iri && raw != strict {
		all = append(all, graph.IRI(raw))
	}
	return all
}

// encode percent-encodes all bytes but letters, digits, those of plain, and from 0x80 up to
// below high.
func encode(segment, plain string, high int) string {
	var b strings.Builder
	for i := 0; i < len(segment); i++ {
		c := segment[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c >= 0x80 && int(c) < high, strings.IndexByte(plain, c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte("0123456789ABCDEF"[c>>4])
			b.WriteByte("0123456789ABCDEF"[c&15])
		}
	}
	return b.String()
}

// documentOf returns the address of the document about an IRI, as a path that a browser can
// follow, if it is one of ours.
func (s *site) documentOf(iri string) (path string, ok bool) {
	rest, ok := strings.CutPrefix(iri, string(s.c.Base))
	if !ok {
		return "", false
	}
	if kind, isThing := strings.CutPrefix(rest, "id/"); isThing {
		rest = kind
	} else if !strings.HasPrefix(rest, "record/") {
		return "", false
	}
	rest, _, _ = strings.Cut(rest, "#")
	return s.path + encodePath(rest), true
}

// encodePath percent-encodes the characters of an IRI path that a URL may not hold, and
// leaves what is encoded already.
func encodePath(path string) string {
	ascii := true
	for i := 0; i < len(path); i++ {
		if c := path[i]; c >= 0x80 || c <= ' ' || strings.IndexByte(`"<>\^{|}?#`+"`", c) >= 0 {
			ascii = false
			break
		}
	}
	if ascii {
		return path
	}
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if c := path[i]; c >= 0x80 || c <= ' ' || strings.IndexByte(`"<>\^{|}?#`+"`", c) >= 0 {
			b.WriteByte('%')
			b.WriteByte("0123456789ABCDEF"[c>>4])
			b.WriteByte("0123456789ABCDEF"[c&15])
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
