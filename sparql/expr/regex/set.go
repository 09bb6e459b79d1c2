package regex

import (
	"cmp"
	"slices"
	"strconv"
	"sync"
	"unicode"
)

// A span is a run of characters, both ends included.
type span struct{ low, high rune }

// A set is a set of characters: spans in order that do not touch.
type set []span

const maxRune = unicode.MaxRune

var everything = set{{0, maxRune}}

func one(r rune) set { return set{{r, r}} }

// holds tells whether r is in a set of few spans.
func (s set) holds(r rune) bool {
	for _, x := range s {
		if r <= x.high {
			return r >= x.low
		}
	}
	return false
}

// tidy brings spans into order and joins those that touch.
func tidy(s set) set {
	slices.SortFunc(s, func(a, b span) int { return cmp.Compare(a.low, b.low) })
	out := s[:0]
	for _, x := range s {
		if n := len(out); n > 0 && x.low <= out[n-1].high+1 {
			out[n-1].high = max(out[n-1].high, x.high)
			continue
		}
		out = append(out, x)
	}
	return out
}

// union returns the characters of any of the sets.
func union(sets ...set) set { return tidy(slices.Concat(sets...)) }

// not returns all other characters.
func (s set) not() set {
	var out set
	next := rune(0)
	for _, x := range s {
		if x.low > next {
			out = append(out, span{next, x.low - 1})
		}
		next = x.high + 1
	}
	if next <= maxRune {
		out = append(out, span{next, maxRune})
	}
	return out
}

// minus returns the characters of s that are not in t.
func (s set) minus(t set) set { return union(s.not(), t).not() }

// fromTable returns the characters of a table of package unicode.
func fromTable(t *unicode.RangeTable) set {
	var s set
	add := func(low, high, stride rune) {
		if stride == 1 {
			s = append(s, span{low, high})
			return
		}
		for r := low; r <= high; r += stride {
			s = append(s, span{r, r})
		}
	}
	for _, x := range t.R16 {
		add(rune(x.Lo), rune(x.Hi), rune(x.Stride))
	}
	for _, x := range t.R32 {
		add(rune(x.Lo), rune(x.Hi), rune(x.Stride))
	}
	return tidy(s)
}

// fold returns s with the case variants of its characters.
func (s set) fold() set {
	extra := slices.Clone(s)
	if few := s.count(64); few >= 0 {
		for _, x := range s {
			for r := x.low; r <= x.high; r++ {
				extra = append(extra, variants()[r]...)
			}
		}
		return tidy(extra)
	}
	for r, others := range variants() {
		if s.holds(r) {
			extra = append(extra, others...)
		}
	}
	return tidy(extra)
}

// count returns the number of characters, or -1 if it is above most.
func (s set) count(most int) int {
	n := 0
	for _, x := range s {
		if n += int(x.high-x.low) + 1; n > most {
			return -1
		}
	}
	return n
}

// variants returns for every character that has any its case variants, itself included: the
// characters of the same lower case or the same upper case (XPath F&O 3.1, 5.6.2).
var variants = sync.OnceValue(func() map[rune]set {
	groups := map[rune][]rune{} // by lower case, and by the negative of the upper case
	seen := map[rune]bool{}
	add := func(r rune) {
		if seen[r] {
			return
		}
		seen[r] = true
		groups[lowerOf(r)] = append(groups[lowerOf(r)], r)
		groups[-upperOf(r)] = append(groups[-upperOf(r)], r)
	}
	for _, r := range "\u0390\u03b0\u1fd3\u1fe3\ufb05\ufb06" { // which have more than one upper case only
		add(r)
	}
	for _, x := range unicode.CaseRanges {
		for r := rune(x.Lo); r <= rune(x.Hi); r++ {
			add(r)
			add(unicode.ToLower(r))
			add(unicode.ToUpper(r))
		}
	}
	all := map[rune]set{}
	for _, group := range groups {
		for _, r := range group {
			for _, other := range group {
				if other != r {
					all[r] = append(all[r], span{other, other})
				}
			}
		}
	}
	for r, s := range all {
		all[r] = union(s, one(r))
	}
	return all
})

// lowerOf and upperOf return a character that stands for the lower and the upper case of r:
// that itself if it is one character, and otherwise the least of those that have the same
// (Unicode, SpecialCasing.txt).
func lowerOf(r rune) rune {
	if r == 'İ' { // i and a dot
		return r
	}
	return unicode.ToLower(r)
}

func upperOf(r rune) rune {
	switch r {
	case 0x1FD3: // ΐ
		return 0x390
	case 0x1FE3: // ΰ
		return 0x3B0
	case 0xFB06: // ﬆ, like ﬅ
		return 0xFB05
	}
	return unicode.ToUpper(r)
}

// append writes the set as a class of Go.
func (s set) append(b []byte) []byte {
	if len(s) == 0 {
		return append(b, `[^\x00-\x{10FFFF}]`...)
	}
	b = append(b, '[')
	for _, x := range s {
		b = appendRune(b, x.low)
		if x.high > x.low {
			b = appendRune(append(b, '-'), x.high)
		}
	}
	return append(b, ']')
}

// appendRune writes a character so that it means itself everywhere.
func appendRune(b []byte, r rune) []byte {
	if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
		return append(b, byte(r))
	}
	b = append(b, `\x{`...)
	b = strconv.AppendInt(b, int64(r), 16)
	return append(b, '}')
}
