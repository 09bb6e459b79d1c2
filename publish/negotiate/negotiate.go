// Package negotiate chooses among the variants of a document by what a request says it
// accepts (RFC 9110, 12.5). It is pure: headers in, an index out.
//
//	Accept: text/turtle;q=0.8, application/ld+json, */*;q=0.1
//	          range         q         range          the range of everything
//
// What to hold in mind:
//
//   - The most specific range that matches an offer gives its quality, wherever it stands
//     in the header: more parameters before fewer, type/subtype before type/*, before */*.
//   - Offers of one quality are told apart by their order: what the server likes best.
//   - A header is the work of a stranger: beyond 8 KiB and 64 ranges it is not read, and
//     what is no range is left out.
package negotiate

import (
	"strconv"
	"strings"
)

const (
	maxHeader = 8 << 10 // bytes
	maxRanges = 64
)

// An Offer is a variant that the server has.
type Offer struct {
	Type    string            // the media type, in lower case
	Aliases []string          // other media types that mean it
	Params  map[string]string // parameters that tell it apart from others of its type
}

// None is the index of no offer.
const None = -1

// a mediaRange is one member of an Accept header.
type mediaRange struct {
	kind, subtype string
	params        map[string]string
	q             int // thousandths
}

// Choose returns the index of the offer that an Accept header likes best, or None. An empty
// header accepts everything, so the first offer is chosen.
func Choose(header string, offers []Offer) int {
	ranges := parse(header)
	if len(ranges) == 0 {
		if strings.TrimSpace(header) != "" || len(offers) == 0 {
			return None
		}
		return 0
	}
	best, bestQ := None, 0
	for i := range offers {
		if q := quality(&offers[i], ranges); q > bestQ {
			best, bestQ = i, q
		}
	}
	return best
}

// quality returns the q of the most specific range that matches an offer.
func quality(o *Offer, ranges []mediaRange) int {
	q, specific := 0, -1
	for i := range ranges {
		r := &ranges[i]
		s := r.match(o.Type, o.Params)
		for _, alias := range o.Aliases {
			if r.subtype != "*" { // application/* does not mean HTML
				s = max(s, r.match(alias, o.Params))
			}
		}
		if s > specific || s == specific && s >= 0 && r.q > q {
			q, specific = r.q, s
		}
	}
	return q
}

// match tells how specifically the range names a media type, or -1 if it does not.
func (r *mediaRange) match(mediaType string, params map[string]string) int {
	kind, subtype, _ := strings.Cut(mediaType, "/")
	s := 0
	switch {
	case r.kind == "*" && r.subtype == "*":
	case r.kind == kind && r.subtype == "*":
		s = 100
	case r.kind == kind && r.subtype == subtype:
		s = 200
	default:
		return -1
	}
	for name, value := range r.params {
		if !strings.EqualFold(params[name], value) {
			return -1
		}
		s++
	}
	return s
}

// free are parameters that choose no variant: text is always UTF-8, and a profile is a wish
// (RFC 6906, 3.1).
var free = map[string]bool{"charset": true, "profile": true, "version": true}

// parse reads an Accept header.
func parse(header string) (ranges []mediaRange) {
	for member := range members(header) {
		r := mediaRange{q: 1000}
		for i, part := range split(member, ';') {
			part = strings.TrimSpace(part)
			if i == 0 {
				var ok bool
				r.kind, r.subtype, ok = strings.Cut(strings.ToLower(part), "/")
				if part == "*" { // sent by old clients of java.net
					r.kind, r.subtype, ok = "*", "*", true
				}
				if !ok || r.kind == "" || r.subtype == "" || r.kind == "*" && r.subtype != "*" {
					r.q = -1
					break
				}
				continue
			}
			name, value, _ := strings.Cut(part, "=")
			name = strings.ToLower(strings.TrimSpace(name))
			if name == "q" {
				r.q = parseQ(value)
				break // what follows q are extensions of Accept, not of the type
			}
			if name == "" || free[name] {
				continue
			}
			if r.params == nil {
				r.params = make(map[string]string)
			}
			r.params[name] = strings.Trim(strings.TrimSpace(value), `"`)
		}
		if r.q >= 0 {
			ranges = append(ranges, r)
		}
	}
	return ranges
}

// members gives the members of a list header, at most maxRanges.
func members(header string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		if len(header) > maxHeader {
			header = header[:maxHeader]
		}
		n := 0
		for _, m := range split(header, ',') {
			if m = strings.TrimSpace(m); m == "" {
				continue
			}
			if n++; n > maxRanges || !yield(m) {
				return
			}
		}
	}
}

// split cuts s at a separator that does not stand in a quoted string.
func split(s string, sep byte) (parts []string) {
	quoted, start := false, 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

// parseQ reads a quality value as thousandths. What is none counts as 1, as browsers and
// servers have long done.
func parseQ(s string) int {
	q, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 1000
	}
	return int(q*1000 + 0.5)
}

// Language returns the index of the language that an Accept-Language header likes best by
// lookup of primary tags (RFC 4647, 3.4): vi-VN finds vi. It returns 0 if it likes none.
func Language(header string, offers []string) int {
	best, bestQ := 0, 0
	for i, offer := range offers {
		q, specific := 0, -1
		for member := range members(header) {
			tag, params, _ := strings.Cut(member, ";")
			tag = strings.ToLower(strings.TrimSpace(tag))
			s := -1
			switch {
			case tag == "*":
				s = 0
			case tag == offer || strings.HasPrefix(tag, offer+"-"):
				s = 1
			}
			if s < 0 || s < specific {
				continue
			}
			v := 1000
			if name, value, ok := strings.Cut(strings.TrimSpace(params), "="); ok && strings.TrimSpace(name) == "q" {
				v = parseQ(value)
			}
			if s > specific || v > q {
				q, specific = v, s
			}
		}
		if q > bestQ {
			best, bestQ = i, q
		}
	}
	return best
}

// Gzip tells whether an Accept-Encoding header accepts gzip.
func Gzip(header string) bool { return Encoding(header, "gzip") != "" }

// Encoding returns the coding that an Accept-Encoding header likes best (RFC 9110, 12.5.3), of
// those offered, and "" if it accepts none. Of several that it likes as much it is the last that
// it names, or the first if it names none: offer first what everyone can read, then what is better.
func Encoding(header string, offered ...string) string {
	best, most := "", 0
	for _, o := range offered {
		q, named := 0, false
		for member := range members(header) {
			coding, params, _ := strings.Cut(member, ";")
			coding = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(coding)), "x-")
			v := 1000
			if _, value, ok := strings.Cut(params, "="); ok {
				v = parseQ(value)
			}
			switch {
			case coding == o:
				q, named = v, true
			case coding == "*" && !named:
				q = v
			}
		}
		if q > most || q == most && q > 0 && named {
			best, most = o, q
		}
	}
	return best
}
