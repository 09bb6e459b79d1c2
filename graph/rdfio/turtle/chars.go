package turtle

import "unicode/utf8"

// Classes of ASCII characters. Those beyond ASCII need a look at the whole character.
const (
	plainIRI   = 1 << iota // may stand in an IRI as it is
	plainShort             // may stand in a string between single quotes of either kind
	nameChar               // PN_CHARS
	nameStart              // PN_CHARS_U
	letter
	digit
	hexDigit
	space // white space of Turtle
)

var class = func() (t [256]byte) {
	for c := 0; c < 256; c++ {
		if c > ' ' {
			t[c] |= plainIRI
		}
		t[c] |= plainShort
	}
	for _, c := range "<>\"{}|^`\\" {
		t[c] &^= plainIRI
	}
	for _, c := range "\"'\\\n\r" {
		t[c] &^= plainShort
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c] |= nameChar | nameStart | letter
		t[c-'a'+'A'] |= nameChar | nameStart | letter
	}
	for c := '0'; c <= '9'; c++ {
		t[c] |= nameChar | digit | hexDigit
	}
	for _, c := range "abcdefABCDEF" {
		t[c] |= hexDigit
	}
	t['_'] |= nameChar | nameStart
	t['-'] |= nameChar
	for _, c := range " \t\r\n" {
		t[c] |= space
	}
	return
}()

func is(c byte, classes byte) bool { return class[c]&classes != 0 }

// isNameStart tells whether r is of PN_CHARS_BASE, beyond ASCII.
func isNameStart(r rune) bool {
	switch {
	case r < 0xC0 || r == 0xD7 || r == 0xF7 || r == 0x37E:
		return false
	case r <= 0x2FF, 0x370 <= r && r <= 0x1FFF, r == 0x200C, r == 0x200D,
		0x2070 <= r && r <= 0x218F, 0x2C00 <= r && r <= 0x2FEF, 0x3001 <= r && r <= 0xD7FF,
		0xF900 <= r && r <= 0xFDCF, 0xFDF0 <= r && r <= 0xFFFD, 0x10000 <= r && r <= 0xEFFFF:
		return true
	}
	return false
}

// isNameChar tells whether r is of PN_CHARS, beyond ASCII.
func isNameChar(r rune) bool {
	return isNameStart(r) || r == 0xB7 || 0x300 <= r && r <= 0x36F || r == 0x203F || r == 0x2040
}

// nameStartAt and nameCharAt return the length of the character of PN_CHARS_U, or of
// PN_CHARS, that stands at s[i], and 0 if another does.
func nameStartAt(s string, i int) int {
	if s[i] < utf8.RuneSelf {
		return int(class[s[i]] & nameStart / nameStart)
	}
	if r, n := utf8.DecodeRuneInString(s[i:]); isNameStart(r) {
		return n
	}
	return 0
}

func nameCharAt(s string, i int) int {
	if s[i] < utf8.RuneSelf {
		return int(class[s[i]] & nameChar / nameChar)
	}
	if r, n := utf8.DecodeRuneInString(s[i:]); isNameChar(r) {
		return n
	}
	return 0
}
