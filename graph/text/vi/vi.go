// Package vi holds what a library must know of Vietnamese text: how its letters are put
// together, which spellings are one word, what a word is without its marks, and in which
// order names stand in a catalogue. It is pure: it reads no files, and every function takes
// any string.
//
// A Vietnamese letter carries up to two marks. One makes it another letter (ă â ê ô ơ ư;
// đ has a stroke), the other is the tone of the syllable:
//
//	letter    ê               e + circumflex: a letter of the alphabet
//	tone      ễ               ê + tilde: one for each syllable
//	syllable  ngh + iê + ng   onset and rime: one written word
//
// What to hold in mind:
//
//   - Text that is stored or shown goes through [Compose] and keeps its spelling. Text that
//     is compared goes through [Words] or [Match], on both sides.
//   - The tone of hòa may stand in another place (hoà), or in a wrong one (hùynh), and i
//     and y are one sound in lý and lí. The forms for comparing settle this, so they are
//     not for display. Thúy and thúi stay two words.
//   - Marks are only ever taken away. Nothing here guesses the marks of a bare word, which
//     is several words nine times out of ten.
//   - Every Hán or Nôm sign is a word, those of the private use areas too.
package vi

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Compose returns s in NFC, with the marks of Vietnamese letters in their right order. In
// records converted from MARC-8 the tone often stands before the circumflex. NFC leaves
// that alone, so Nguyễn would be two words. Letters with any further mark are left to NFC.
//
// Han compatibility ideographs are kept, although NFC replaces them: in a Nôm text they are
// the signs that were written.
func Compose(s string) string {
	if isASCII(s) {
		return s
	}
	if !strings.ContainsFunc(s, isCompatibilityIdeograph) {
		return norm.NFC.String(orderMarks(s))
	}
	var b strings.Builder
	for s != "" {
		n := strings.IndexFunc(s, isCompatibilityIdeograph)
		if n < 0 {
			n = len(s)
		}
		b.WriteString(norm.NFC.String(orderMarks(s[:n])))
		rest := strings.TrimLeftFunc(s[n:], isCompatibilityIdeograph)
		b.WriteString(s[n : len(s)-len(rest)])
		s = rest
	}
	return b.String()
}

func isCompatibilityIdeograph(r rune) bool {
	return 0xF900 <= r && r <= 0xFAFF || 0x2F800 <= r && r <= 0x2FA1F
}

// orderMarks puts the circumflex or breve of a Vietnamese letter before its tone. The
// result is decomposed if there was anything to look at.
func orderMarks(s string) string {
	if !strings.ContainsFunc(s, isQualityMark) {
		return s
	}
	rs := []rune(norm.NFD.String(s))
	for i := 0; i+2 < len(rs); i++ {
		alone := i+3 == len(rs) || !unicode.Is(unicode.Mn, rs[i+3])
		if alone && isBase(rs[i]) && isToneAbove(rs[i+1]) && isQualityMark(rs[i+2]) {
			rs[i+1], rs[i+2] = rs[i+2], rs[i+1]
		}
	}
	return string(rs)
}

func isBase(r rune) bool { return strings.ContainsRune("aeiouydAEIOUYD", r) }

// isQualityMark tells whether r is a combining circumflex or breve. The horn has a
// combining class of its own, so NFC puts it in order.
func isQualityMark(r rune) bool { return r == '\u0302' || r == '\u0306' }

// isToneAbove tells whether r is a combining grave, acute, tilde or hook above. The dot
// below has a combining class of its own.
func isToneAbove(r rune) bool {
	return r == '\u0300' || r == '\u0301' || r == '\u0303' || r == '\u0309'
}

func isMark(r rune) bool { return 0x300 <= r && r <= 0x36F }

// Fold returns s in lower case and without marks: Đường becomes duong. What is Vietnamese
// becomes ASCII. Letters of other alphabets lose the combining marks of the block U+0300 to
// U+036F.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		foldRune(&b, unicode.ToLower(r))
	}
	return b.String()
}

// bare spells letters whose stroke or joint is no mark by Unicode.
var bare = map[rune]string{
	'đ': "d", 'ð': "d", 'ɖ': "d", 'ƣ': "u", 'ø': "o", 'ł': "l", 'ħ': "h", 'ŧ': "t", 'ı': "i",
	'ŋ': "n", 'þ': "th", 'ß': "ss", 'æ': "ae", 'œ': "oe",
}

func foldRune(b *strings.Builder, r rune) {
	if r < utf8.RuneSelf {
		b.WriteByte(byte(r))
		return
	}
	if l, ok := letters[r]; ok {
		b.WriteRune(l.bare)
		return
	}
	if letters, ok := bare[r]; ok {
		b.WriteString(letters)
		return
	}
	if isMark(r) {
		return
	}
	parts := norm.NFD.PropertiesString(string(r)).Decomposition()
	if !strings.ContainsFunc(string(parts), isMark) {
		b.WriteRune(r)
		return
	}
	for _, part := range string(parts) {
		foldRune(b, part)
	}
}

// Toneless returns s in NFC and lower case, without tones but with the marks that make
// letters: Đường becomes đương.
func Toneless(s string) string {
	return strings.Map(func(r rune) rune {
		r = unicode.ToLower(r)
		if l, ok := letters[r]; ok {
			return l.plain
		}
		return r
	}, Compose(s))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
