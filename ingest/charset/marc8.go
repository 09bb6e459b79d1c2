package charset

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// The sets of MARC-8 are named by the final character of the escape sequence that calls
// them (MARC 21 Specifications, Character Sets and Encoding Options, part 2).
const (
	basicLatin   = 'B'
	extendedANSI = 'E' // ANSEL, called by "!E"
	eastAsian    = '1'
)

// marc8 is the state of a value being read: the set of the codes 21 to 7E (G0), that of the
// codes A1 to FE (G1), and the marks that wait for their letter.
type marc8 struct {
	g0, g1 byte
	marks  [8]rune
	n      int
}

const esc = 0x1B

func appendMARC8(dst, src []byte, n *Note) []byte {
	m := marc8{g0: basicLatin, g1: extendedANSI}
	for i := 0; i < len(src); {
		c := src[i]
		if c == esc {
			size, ok := m.escape(src[i:])
			if !ok {
				n.Cut = n.Cut || i+4 > len(src)
				n.bad(src[i : i+1])
				size = 1
			}
			i += size
			continue
		}
		if c <= 0x20 || 0x7F <= c && c <= 0xA0 {
			dst = m.put(dst, control(c), n)
			i++
			continue
		}
		set := m.g0
		if c >= 0x80 {
			set = m.g1
		}
		size := 1
		if set == eastAsian {
			size = 3
		}
		if i+size > len(src) || size == 3 && !isEastAsian(src[i:i+3]) {
			// Three bytes that are none are nearly always Latin behind a missing escape.
			dst, i = m.strayByte(dst, src, i, n), i+1
			continue
		}
		if set == basicLatin {
			dst = m.put(dst, rune(c&0x7F), n)
			i++
			continue
		}
		r := lookUp(set, src[i:i+size])
		if r == utf8.RuneError {
			n.bad(src[i : i+size])
			if size == 1 && c < 0x80 { // an escape to Latin is missing
				r = rune(c)
			}
		}
		if r != 0 {
			dst = m.put(dst, r, n)
		}
		i += size
	}
	if m.n > 0 {
		n.Cut = true
		dst = m.flush(dst)
	}
	return dst
}

// strayByte reads one byte where three of an East Asian character were due.
func (m *marc8) strayByte(dst, src []byte, i int, n *Note) []byte {
	n.bad(src[i:min(i+3, len(src))])
	if c := src[i]; c < 0x80 {
		return m.put(dst, rune(c), n)
	}
	return m.put(dst, utf8.RuneError, n)
}

// isEastAsian tells whether three bytes lie in the plane of 94 by 94 by 94 codes, with the
// blank that stands in for the second half of a few.
func isEastAsian(b []byte) bool {
	for _, c := range b {
		if c &= 0x7F; c < 0x20 || c == 0x7F {
			return false
		}
	}
	return b[0]&0x7F > 0x20 && b[1]&0x7F > 0x20 || lookUp(eastAsian, b) != utf8.RuneError
}

// put appends a character and the marks that stood before it, or keeps it if it is a mark.
func (m *marc8) put(dst []byte, r rune, n *Note) []byte {
	if r >= 0x300 && unicode.Is(unicode.Mn, r) && m.n < len(m.marks) {
		m.marks[m.n] = r
		m.n++
		return dst
	}
	return m.flush(utf8.AppendRune(dst, r))
}

func (m *marc8) flush(dst []byte) []byte {
	for _, r := range m.marks[:m.n] {
		dst = utf8.AppendRune(dst, r)
	}
	m.n = 0
	return dst
}

// control returns what a code outside of the two graphic sets means.
func control(c byte) rune {
	switch c {
	case 0x88:
		return 0x98 // nonfiling text begins
	case 0x89:
		return 0x9C // nonfiling text ends
	case 0x8D:
		return 0x200D
	case 0x8E:
		return 0x200C
	}
	return rune(c)
}

// escape carries out an escape sequence and returns its length.
func (m *marc8) escape(b []byte) (size int, ok bool) {
	at := func(i int) byte {
		if i < len(b) {
			return b[i]
		}
		return 0
	}
	switch at(1) {
	case 's':
		m.g0 = basicLatin
		return 2, true
	case 'b', 'g', 'p':
		m.g0 = at(1)
		return 2, true
	case '(', ',':
		return designate(&m.g0, b, 2)
	case ')', '-':
		return designate(&m.g1, b, 2)
	case '$':
		switch at(2) {
		case ',', '(':
			return designate(&m.g0, b, 3)
		case ')', '-':
			return designate(&m.g1, b, 3)
		}
		return designate(&m.g0, b, 2)
	}
	return 0, false
}

func designate(g *byte, b []byte, i int) (size int, ok bool) {
	if i+1 < len(b) && b[i] == '!' && b[i+1] == 'E' {
		*g = extendedANSI
		return i + 2, true
	}
	if i >= len(b) || b[i] >= 0x80 || sets[b[i]] == nil && b[i] != eastAsian && b[i] != basicLatin {
		return 0, false
	}
	*g = b[i]
	return i + 1, true
}

// lookUp returns what a code means in a set: utf8.RuneError for nothing, and 0 for the
// second half of a mark over two letters, which the first half says already.
func lookUp(set byte, b []byte) rune {
	if set == eastAsian {
		r, ok := eacc()[uint32(b[0]&0x7F)<<16|uint32(b[1]&0x7F)<<8|uint32(b[2]&0x7F)]
		if !ok {
			return utf8.RuneError
		}
		return r
	}
	return sets[set][b[0]&0x7F-0x20]
}

//go:embed eacc.txt
var eaccText string

// eacc maps codes of the East Asian set. A line of eacc.txt holds the first two bytes of the codes and the characters for the third byte
// from 20 on, a full stop standing for a code without meaning.
var eacc = sync.OnceValue(func() map[uint32]rune {
	codes := make(map[uint32]rune, 16000)
	for line := range strings.Lines(eaccText) {
		row, err := strconv.ParseUint(line[:4], 16, 32)
		if err != nil {
			panic("eacc.txt: " + line) // it is part of the program
		}
		code := uint32(row)<<8 + 0x20
		for _, r := range strings.TrimSuffix(line[5:], "\n") {
			if r != '.' {
				codes[code] = r
			}
			code++
		}
	}
	return codes
})
