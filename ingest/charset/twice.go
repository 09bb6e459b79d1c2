package charset

import (
	"iter"
	"sync"
	"unicode/utf8"
)

// maxTimes bounds how often reading UTF-8 as Latin letters is undone: three times was seen.
const maxTimes = 3

// appendTwice undoes what a program did that took UTF-8 for Windows-1252 or ISO 8859-1.
func appendTwice(dst, src []byte, n *Note) []byte {
	for range maxTimes {
		once, runs := undo(src)
		if runs == 0 {
			break
		}
		src = once
	}
	return appendUTF8(dst, src, n)
}

// undo makes bytes of the letters in b and returns how many runs of them were UTF-8, or 0 if
// one of them was not.
func undo(b []byte) (once []byte, runs int) {
	once = make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			once = append(once, b[i])
			i++
			continue
		}
		start := len(once)
		for i < len(b) && b[i] >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(b[i:])
			c, ok := latinByte(r)
			if !ok {
				return nil, 0
			}
			once = append(once, c)
			i += size
		}
		if !isText(once[start:]) {
			return nil, 0
		}
		runs++
	}
	return once, runs
}

// isText tells whether bytes are UTF-8 of letters and marks that European languages and
// Vietnamese use, or of what may become such by undoing once more.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		switch {
		case size < 2:
			return false
		case r < 0x250, 0x2BB <= r && r <= 0x2BF, 0x300 <= r && r <= 0x36F, 0x1E00 <= r && r <= 0x1EFF,
			0x2010 <= r && r <= 0x2044, r == 0x20AC, r == 0x2122:
		default:
			return false
		}
		b = b[size:]
	}
	return true
}

// latinBytes makes bytes of letters; ok is false if there is one that Windows-1252 does not
// have.
func latinBytes(b []byte) (latin []byte, ok bool) {
	latin = make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		c, ok := latinByte(r)
		if !ok {
			return nil, false
		}
		latin = append(latin, c)
		i += size
	}
	return latin, true
}

// latinByte returns the byte that Windows-1252 or ISO 8859-1 has for a letter.
func latinByte(r rune) (byte, bool) {
	if r <= 0xFF {
		return byte(r), true
	}
	c, ok := windows1252Bytes()[r]
	return c, ok
}

var windows1252Bytes = sync.OnceValue(func() map[rune]byte {
	m := map[rune]byte{}
	for i, r := range singles[Windows1252].high {
		m[r] = byte(0x80 + i)
	}
	return m
})

// LooksTwice tells whether one value was read twice beyond doubt: it holds C1 controls, which
// no text does, and becomes letters when they are taken for bytes.
func LooksTwice(v []byte) bool {
	for i := 0; i+1 < len(v); i++ {
		if v[i] == 0xC2 && v[i+1] < 0xA0 {
			_, runs := undo(v)
			return runs > 0
		}
	}
	return false
}

// readTwice tells whether all that is not ASCII in the values was read twice: one case proves
// little, for a letter and a quotation mark can look like it.
func readTwice(values iter.Seq[[]byte]) bool {
	runs := 0
	for v := range values {
		if IsPlain(v) || IsASCII(v) {
			continue
		}
		_, n := undo(v)
		if n == 0 {
			return false
		}
		runs += n
	}
	return runs >= 3
}
