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
	"encoding/binary"
	"strings"
	"unicode/utf8"
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
	UTF8Twice           // UTF-8 whose bytes were taken for Latin letters and made UTF-8 again
)

var names = [...]string{
	"unknown", "utf8", "marc8", "iso5426", "tcvn3", "tcvn5712", "vni", "viscii", "vps",
	"windows1258", "windows1252", "windows1251", "cp866", "utf8twice",
}

// AsLatin is added to a set whose bytes were taken for letters of Windows-1252 and written as
// UTF-8: text typed with a Vietnamese font, looked at without it.
const AsLatin Charset = 0x80

func (c Charset) String() string {
	if c&AsLatin != 0 {
		return (c &^ AsLatin).String() + " as Latin letters"
	}
	return names[c]
}

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
	for len(b) >= 8 {
		// A byte below 20, from 7F on, or above borrows or carries into its highest bit.
		w := binary.LittleEndian.Uint64(b)
		if (w|(w-0x2020202020202020)|(w+0x0101010101010101))&0x8080808080808080 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c-0x20 >= 0x5F {
			return false
		}
	}
	return true
}

// IsASCII tells whether b has neither bytes from 80 on nor escape sequences, so that it
// reads the same in every set here.
func IsASCII(b []byte) bool {
	rest := b
	for len(rest) >= 8 {
		if binary.LittleEndian.Uint64(rest)&0x8080808080808080 != 0 {
			return false
		}
		rest = rest[8:]
	}
	for _, c := range rest {
		if c >= 0x80 {
			return false
		}
	}
	return bytes.IndexByte(b, esc) < 0
}

// IsReady tells whether b is UTF-8 of which [UTF8] gives out every byte as it is.
func IsReady(b []byte) bool { return look(b) == 0 && utf8.Valid(b) }

// Append decodes src and appends it to dst as UTF-8 in normal form C.
func (c Charset) Append(dst, src []byte, n *Note) []byte {
	if IsPlain(src) {
		return append(dst, src...)
	}
	start := len(dst)
	dst = c.append(dst, src, n)
	has := look(dst[start:])
	if has&controls != 0 {
		dst = dropControls(dst, start, n)
	}
	if has&(marks|others) != 0 {
		dst = compose(dst, start, has, n)
	}
	return dst
}

func (c Charset) append(dst, src []byte, n *Note) []byte {
	if c&AsLatin != 0 {
		c &^= AsLatin
		latin, ok := latinBytes(src)
		if !ok {
			return appendUTF8(dst, src, n)
		}
		src = latin
	}
	switch c {
	case MARC8:
		return appendMARC8(dst, src, n)
	case ISO5426:
		return appendISO5426(dst, src, n)
	case VNI:
		return appendVNI(dst, src, n)
	case UTF8Twice:
		return appendTwice(dst, src, n)
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

// What decoded text has that may need work.
const (
	controls = 1 << iota
	marks    // combining marks
	others   // letters that may be no normal form
)

// look tells what b has. Latin letters below U+0300 are all in normal form C.
func look(b []byte) (has int) {
	for i, c := range b {
		switch {
		case c < 0x20 || c == 0x7F:
			has |= controls
		case c < 0xC2:
		case c == 0xC2:
			if i+1 < len(b) && b[i+1] < 0xA0 {
				has |= controls
			}
		case c < 0xCC:
		case c <= 0xCD:
			has |= marks
		default:
			has |= others
			if c == 0xEF && i+2 < len(b) && b[i+1] == 0xBF && b[i+2] >= 0xBE {
				has |= controls
			}
		}
	}
	return has
}

// dropControls takes out what XML and RDF do not allow or nobody can see: C0 and C1
// controls, with line breaks and tabs between words becoming blanks, and U+FFFE and U+FFFF.
func dropControls(dst []byte, start int, n *Note) []byte {
	out, broken := start, false
	for i := start; i < len(dst); {
		r, size := utf8.DecodeRune(dst[i:])
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			n.Controls++
			if out > start && dst[out-1] != ' ' {
				dst[out] = ' '
				out++
				broken = true
			}
		case isControl(r):
			n.Controls++
		default:
			out += copy(dst[out:], dst[i:i+size])
			broken = false
		}
		i += size
	}
	if broken { // a line break at the end is nothing
		out--
	}
	return dst[:out]
}

func isControl(r rune) bool {
	return r < 0x20 || 0x7F <= r && r < 0xA0 || r == 0xFFFE || r == 0xFFFF
}
