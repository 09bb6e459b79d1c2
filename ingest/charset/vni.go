package charset

import "unicode/utf8"

// VNI writes a letter and behind it one byte for its marks, so that a font could put them
// on top. Those bytes are letters of Windows-1252, and a few of them stand for letters of
// their own.

// vniLetters are the letters of one byte.
var vniLetters = map[byte]rune{
	0xCD: 'Í', 0xED: 'í', 0xCC: 'Ì', 0xEC: 'ì', 0xC6: 'Ỉ', 0xE6: 'ỉ', 0xD3: 'Ĩ', 0xF3: 'ĩ',
	0xD2: 'Ị', 0xF2: 'ị', 0xD4: 'Ơ', 0xF4: 'ơ', 0xD6: 'Ư', 0xF6: 'ư', 0xCE: 'Ỵ', 0xEE: 'ỵ',
	0xD1: 'Đ', 0xF1: 'đ',
}

// vniMarks are the marks, by the lower-case byte.
var vniMarks = map[byte]string{
	0xF9: "\u0301", 0xF8: "\u0300", 0xFB: "\u0309", 0xF5: "\u0303", 0xEF: "\u0323",
	0xE2: "\u0302", 0xE1: "\u0302\u0301", 0xE0: "\u0302\u0300", 0xE5: "\u0302\u0309",
	0xE3: "\u0302\u0303", 0xE4: "\u0302\u0323",
	0xEA: "\u0306", 0xE9: "\u0306\u0301", 0xE8: "\u0306\u0300", 0xFA: "\u0306\u0309",
	0xFC: "\u0306\u0303", 0xEB: "\u0306\u0323",
}

func appendVNI(dst, src []byte, n *Note) []byte {
	var base rune // the letter before, if it can carry marks
	for i, c := range src {
		if c < 0x80 {
			dst = append(dst, c)
			base = rune(c)
			continue
		}
		if marks, ok := vniMarks[c|0x20]; ok && vniCarries(base, marks) {
			dst = append(dst, marks...)
			base = 0
			continue
		}
		r, ok := vniLetters[c]
		if !ok {
			r = singles[Windows1252].high[c-0x80]
			if _, mark := vniMarks[c|0x20]; mark || r == utf8.RuneError {
				r = utf8.RuneError
				n.bad(src[i : i+1])
			}
		}
		dst = utf8.AppendRune(dst, r)
		base = r
	}
	return dst
}

// vniCarries tells whether a letter takes marks: the circumflex and the breve make other
// letters of few.
func vniCarries(base rune, marks string) bool {
	switch {
	case base == 0:
		return false
	case marks[:2] == "\u0306":
		return base == 'a' || base == 'A'
	case marks[:2] == "\u0302":
		return base == 'a' || base == 'A' || base == 'e' || base == 'E' || base == 'o' || base == 'O'
	}
	switch base {
	case 'a', 'e', 'o', 'u', 'y', 'A', 'E', 'O', 'U', 'Y', 'ơ', 'Ơ', 'ư', 'Ư':
		return true
	}
	return false
}
