// Package charset reads the character sets that library records are written in and gives
// out UTF-8 in Unicode normal form C: MARC-8 with its East Asian set, ISO 5426, and the
// sets that Vietnamese was typed in before Unicode.
//
// What to hold in mind:
//
//   - A record says which set it uses, and one in ten says it wrongly. [Detect] takes what
//     is said as a hint and looks at the bytes; it abstains rather than guesses.
//   - A byte that means nothing in a set becomes U+FFFD and is counted. Nothing is dropped
//     in silence; the caller keeps the bytes.
//   - MARC-8 and ISO 5426 put marks before their letter, Unicode puts them behind.
//   - Decoding works on one value, a subfield or the data of a control field. Escape
//     sequences do not reach into the next one.
package charset

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"mocban/graph/text/vi"
)

// A Charset is a way to write text as bytes.
type Charset uint8

// The character sets. Unknown is none of them and reads as UTF-8.
const (
	Unknown     Charset = iota
	UTF8                // Unicode
	MARC8               // MARC-8: ASCII, ANSEL and what escape sequences call in
	ISO5426             // the extended Latin set of UNIMARC
	TCVN3               // Vietnamese "ABC" fonts; capitals with a tone were a matter of font
	TCVN5712            // TCVN 5712-1 (VN1), which has those capitals
	VNI                 // VNI for Windows: a letter, then a byte for its marks
	VISCII              // RFC 1456
	VPS                 // Vietnamese Professionals Society
	Windows1258         // a letter, then a byte for its tone
	Windows1252         // Western Europe; ISO 8859-1 is part of it
	Windows1251         // Cyrillic
	CP866               // Cyrillic of DOS
)

var names = [...]string{
	"unknown", "utf8", "marc8", "iso5426", "tcvn3", "tcvn5712", "vni", "viscii", "vps",
	"windows1258", "windows1252", "windows1251", "cp866",
}

func (c Charset) String() string { return names[c] }

// Named returns the set with a name such as "marc8", "MARC-8", "ISO_5426" or "latin1".
func Named(name string) (c Charset, ok bool) {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_. ", r) {
			return -1
		}
		return r
	}, strings.ToLower(name))
	switch name {
	case "ansel":
		return MARC8, true
	case "abc", "tcvn":
		return TCVN3, true
	case "vn1":
		return TCVN5712, true
	case "latin1", "iso88591", "cp1252", "usascii", "ascii":
		return Windows1252, true
	case "cp1258":
		return Windows1258, true
	case "cp1251":
		return Windows1251, true
	case "unicode", "unicode11utf8":
		return UTF8, true
	}
	for c, n := range names {
		if n == name && c > 0 {
			return Charset(c), true
		}
	}
	return Unknown, false
}

// A Note tells what decoding a value met with.
type Note struct {
	Bad       int    // characters that became U+FFFD
	BadBytes  []byte // the first of them
	Controls  int    // control characters left out, marks of nonfiling text among them
	MarkOrder bool   // a tone stood before the mark that makes the letter
	Cut       bool   // the value ends inside an escape sequence or before the letter of a mark
}

// IsZero tells whether there is nothing to tell.
func (n *Note) IsZero() bool {
	return n.Bad == 0 && n.Controls == 0 && !n.MarkOrder && !n.Cut
}

func (n *Note) bad(b []byte) {
	if n.Bad == 0 {
		n.BadBytes = bytes.Clone(b)
	}
	n.Bad++
}

// IsPlain tells whether b is the same text in every set here: printable ASCII.
func IsPlain(b []byte) bool {
	for _, c := range b {
		if c-0x20 >= 0x5F {
			return false
		}
	}
	return true
}

// Append decodes src and appends it to dst as UTF-8 in normal form C.
func (c Charset) Append(dst, src []byte, n *Note) []byte {
	if IsPlain(src) {
		return append(dst, src...)
	}
	start := len(dst)
	dst = c.append(dst, src, n)
	dst = dropControls(dst, start, n)
	return compose(dst, start, n)
}

func (c Charset) append(dst, src []byte, n *Note) []byte {
	switch c {
	case MARC8:
		return appendMARC8(dst, src, n)
	case ISO5426:
		return appendISO5426(dst, src, n)
	case VNI:
		return appendVNI(dst, src, n)
	case Unknown, UTF8:
		return appendUTF8(dst, src, n)
	}
	return appendSingle(dst, src, &singles[c], n)
}

func appendUTF8(dst, src []byte, n *Note) []byte {
	if utf8.Valid(src) {
		return append(dst, src...)
	}
	for len(src) > 0 {
		r, size := utf8.DecodeRune(src)
		if r == utf8.RuneError && size == 1 {
			n.bad(src[:1])
		}
		dst = utf8.AppendRune(dst, r)
		src = src[size:]
	}
	return dst
}

// dropControls takes out what XML and RDF do not allow or nobody can see: C0 and C1
// controls, with line breaks and tabs becoming blanks, and U+FFFE and U+FFFF.
func dropControls(dst []byte, start int, n *Note) []byte {
	if !hasControls(dst[start:]) {
		return dst
	}
	out := start
	for i := start; i < len(dst); {
		r, size := utf8.DecodeRune(dst[i:])
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			n.Controls++
			if out > start && dst[out-1] != ' ' {
				dst[out] = ' '
				out++
			}
		case isControl(r):
			n.Controls++
		default:
			out += copy(dst[out:], dst[i:i+size])
		}
		i += size
	}
	return dst[:out]
}

func isControl(r rune) bool {
	return r < 0x20 || 0x7F <= r && r < 0xA0 || r == 0xFFFE || r == 0xFFFF
}

func hasControls(b []byte) bool {
	for i, c := range b {
		switch {
		case c < 0x20 || c == 0x7F:
			return true
		case c == 0xC2 && i+1 < len(b) && b[i+1] < 0xA0:
			return true
		case c == 0xEF && i+2 < len(b) && b[i+1] == 0xBF && b[i+2] >= 0xBE:
			return true
		}
	}
	return false
}

// compose brings what stands behind start into normal form C, with the marks of Vietnamese
// letters in their right order.
func compose(dst []byte, start int, n *Note) []byte {
	b := dst[start:]
	if norm.NFC.IsNormal(b) && !mayHaveQualityMark(b) {
		return dst
	}
	s := string(b)
	composed := vi.Compose(s)
	if mayHaveQualityMark(b) && norm.NFC.String(s) != composed && !hasCompatibilityHan(s) {
		n.MarkOrder = true
	}
	return append(dst[:start], composed...)
}

// mayHaveQualityMark tells whether b holds a combining circumflex or breve.
func mayHaveQualityMark(b []byte) bool {
	for {
		i := bytes.IndexByte(b, 0xCC)
		if i < 0 || i+1 == len(b) {
			return false
		}
		if b[i+1] == 0x82 || b[i+1] == 0x86 {
			return true
		}
		b = b[i+1:]
	}
}

// hasCompatibilityHan tells whether s holds signs that vi.Compose keeps from NFC.
func hasCompatibilityHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return 0xF900 <= r && r <= 0xFAFF || 0x2F800 <= r && r <= 0x2FA1F
	})
}
