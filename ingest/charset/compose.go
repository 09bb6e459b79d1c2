package charset

import (
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"mocban/graph/text/vi"
)

// compose brings what stands behind start into normal form C, with the marks of Vietnamese
// letters in their right order. Latin letters with the marks they have a character for,
// which is nearly all, take a short way.
func compose(dst []byte, start, has int, n *Note) []byte {
	b := dst[start:]
	if has&marks != 0 {
		if end, ok := composeLatin(b); ok {
			if has&others == 0 {
				return dst[:start+end]
			}
			dst = dst[:start+end]
			b = dst[start:]
		}
	}
	if norm.NFC.IsNormal(b) && !hasQualityMark(b) {
		return dst
	}
	s := string(b)
	composed := vi.Compose(s)
	if hasQualityMark(b) && norm.NFC.String(s) != composed && !hasCompatibilityHan(s) {
		n.MarkOrder = true
	}
	return append(dst[:start], composed...)
}

// composeLatin puts letters and marks together in place and returns the new length. It gives
// up, and changes nothing, at a mark that does not go together with what stands before it.
func composeLatin(b []byte) (end int, ok bool) {
	if !composes(b) {
		return len(b), false
	}
	last := 0 // where the last letter begins in what was written
	for i := 0; i < len(b); {
		c := b[i]
		if c < utf8.RuneSelf {
			b[end] = c
			last = end
			end++
			i++
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if isMark(r) {
			letter, _ := utf8.DecodeRune(b[last:end])
			together := pair(letter, r)
			end = last + utf8.EncodeRune(b[last:last+utf8.RuneLen(together)], together)
			i += size
			continue
		}
		last = end
		end += copy(b[end:], b[i:i+size])
		i += size
	}
	return end, true
}

// composes tells whether every mark goes together with what stands before it.
func composes(b []byte) bool {
	letter := rune(0)
	for i := 0; i < len(b); {
		if c := b[i]; c < utf8.RuneSelf {
			letter = rune(c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if isMark(r) {
			if r = pair(letter, r); r == 0 {
				return false
			}
		}
		letter = r
		i += size
	}
	return true
}

func isMark(r rune) bool { return 0x300 <= r && r <= 0x36F }

// pair returns the character for a Latin letter with a mark, or 0.
func pair(letter, mark rune) rune {
	t := pairs()
	m := t.mark[mark-0x300]
	switch {
	case m == 0:
		return 0
	case letter < 0x250:
		return rune(t.low[letter][m])
	case 0x1E00 <= letter && letter < 0x1F00:
		return rune(t.high[letter-0x1E00][m])
	}
	return 0
}

// A pairTable holds what letters below U+0250 and from U+1E00 to U+1EFF become with a mark.
type pairTable struct {
	mark [0x70]uint8 // the column of a mark, from 1; 0 is none
	low  [0x250][40]uint16
	high [0x100][40]uint16
}

var pairs = sync.OnceValue(func() *pairTable {
	t := &pairTable{}
	columns := uint8(0)
	for _, block := range [][2]rune{{0xC0, 0x24F}, {0x1E00, 0x1EFF}} {
		for r := block[0]; r <= block[1]; r++ {
			parts := []rune(norm.NFD.String(string(r)))
			if norm.NFC.String(string(r)) != string(r) {
				continue
			}
			for i := 1; i < len(parts); i++ { // any mark may have come last
				rest := []rune(norm.NFC.String(string(parts[:i]) + string(parts[i+1:])))
				mark := parts[i]
				if len(rest) != 1 || !isMark(mark) || norm.NFC.String(string(rest)+string(mark)) != string(r) {
					continue
				}
				if t.mark[mark-0x300] == 0 {
					columns++
					t.mark[mark-0x300] = columns
				}
				t.set(rest[0], t.mark[mark-0x300], r)
			}
		}
	}
	return t
})

func (t *pairTable) set(letter rune, column uint8, r rune) {
	switch {
	case letter < 0x250:
		t.low[letter][column] = uint16(r)
	case 0x1E00 <= letter && letter < 0x1F00:
		t.high[letter-0x1E00][column] = uint16(r)
	}
}

// hasQualityMark tells whether b holds a combining circumflex or breve.
func hasQualityMark(b []byte) bool {
	for i := 0; i+1 < len(b); i++ {
		if b[i] == 0xCC && (b[i+1] == 0x82 || b[i+1] == 0x86) {
			return true
		}
	}
	return false
}

// hasCompatibilityHan tells whether s holds signs that vi.Compose keeps from NFC.
func hasCompatibilityHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return 0xF900 <= r && r <= 0xFAFF || 0x2F800 <= r && r <= 0x2FA1F
	})
}

// Compose appends UTF-8 text in normal form C, with nothing left out or changed besides.
func Compose(dst, src []byte) []byte { return norm.NFC.Append(dst, src...) }
