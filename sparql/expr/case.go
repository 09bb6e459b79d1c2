package expr

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// A caseMap maps text to upper or lower case as Unicode's default algorithm does (XPath F&O
// 3.1, 5.4.7 and 5.4.8): character by character, and as a whole only where a character is in
// it that becomes several, or depends on its neighbours.
type caseMap struct {
	name    string
	simple  func(rune) rune
	special func(rune) bool
	whole   func(language.Tag, ...cases.Option) cases.Caser
	table   func() *[tableSize]rune
}

// tableSize covers the scripts in which most text with two cases is written, Vietnamese
// among them, whose letters reach U+1EF9.
const tableSize = 0x2000

var (
	upperCase = caseMap{"UCASE", unicode.ToUpper, upperExpands, cases.Upper, tableOf(unicode.ToUpper, upperExpands)}
	lowerCase = caseMap{"LCASE", unicode.ToLower, lowerExpands, cases.Lower, tableOf(unicode.ToLower, lowerExpands)}
)

// expands marks in a table what is not mapped to one character.
const expands rune = -1

func tableOf(simple func(rune) rune, special func(rune) bool) func() *[tableSize]rune {
	return sync.OnceValue(func() *[tableSize]rune {
		var t [tableSize]rune
		for r := range rune(tableSize) {
			if t[r] = simple(r); special(r) {
				t[r] = expands
			}
		}
		return &t
	})
}

// upperExpands tells whether the upper case of r is more than one character (Unicode,
// SpecialCasing.txt).
func upperExpands(r rune) bool {
	switch {
	case r < 0xDF:
		return false
	case r == 0xDF, r == 0x149, r == 0x1F0, r == 0x345, r == 0x390, r == 0x3B0, r == 0x587:
		return true
	}
	return r >= 0x1E96 && r <= 0x1E9A || r >= 0x1F50 && r <= 0x1FFC || r >= 0xFB00 && r <= 0xFB17
}

// lowerExpands tells whether the lower case of r is more than one character, or depends on
// where it stands: that of a dotted I, and of a sigma.
func lowerExpands(r rune) bool { return r == 0x130 || r == 0x3A3 }

// beyond returns what a character beyond the table is mapped to.
func (m *caseMap) beyond(r rune) rune {
	if m.special(r) {
		return expands
	}
	return m.simple(r)
}

// apply maps a text. One that stays as it is is not copied.
func (m *caseMap) apply(s string) string {
	t := m.table()
	var b strings.Builder
	done := 0 // what comes before is written, or stays
	for i, r := range s {
		u := r
		if r < tableSize {
			u = t[r]
		} else {
			u = m.beyond(r)
		}
		switch {
		case u == r:
			continue
		case u == expands:
			return m.whole(language.Und).String(s)
		case b.Len() == 0:
			b.Grow(len(s) + 8)
		}
		b.WriteString(s[done:i])
		b.WriteRune(u)
		done = i + utf8.RuneLen(r)
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

// A LowerSearch looks for a part in LCASE(text) without making it.
type LowerSearch struct {
	part   string
	firsts []string // the characters whose lower case the part begins with
}

// NewLowerSearch returns the search for a part.
func NewLowerSearch(part string) *LowerSearch {
	l := &LowerSearch{part: part}
	first, n := utf8.DecodeRuneInString(part)
	if n == 0 {
		return l
	}
	for r := first; ; {
		if unicode.ToLower(r) == first {
			l.firsts = append(l.firsts, string(r))
		}
		if r = unicode.SimpleFold(r); r == first {
			return l
		}
	}
}

// In tells whether LCASE(text) contains the part.
func (l *LowerSearch) In(text string) bool {
	if l.part == "" {
		return true
	}
	expanding := strings.Contains(text, "İ") || strings.Contains(text, "Σ")
	if expanding || len(text)*len(l.part) > 1<<20 { // long texts are compared in linear time
		return strings.Contains(lowerCase.apply(text), l.part)
	}
	for _, first := range l.firsts {
		rest := text
		for {
			i := strings.Index(rest, first)
			if i < 0 {
				break
			}
			if hasLowerPrefix(rest[i:], l.part) {
				return true
			}
			rest = rest[i+len(first):]
		}
	}
	return false
}

// hasLowerPrefix tells whether LCASE(text) begins with part, for text without characters
// that expand.
func hasLowerPrefix(text, part string) bool {
	t := lowerCase.table()
	for _, want := range part {
		r, n := utf8.DecodeRuneInString(text)
		if n == 0 {
			return false
		}
		u := r
		if r < tableSize {
			u = t[r]
		} else {
			u = unicode.ToLower(r)
		}
		if u != want {
			return false
		}
		text = text[n:]
	}
	return true
}
