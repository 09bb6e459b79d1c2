package vi

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A ToneOrder is an order of the tones in which names are sorted.
type ToneOrder uint8

// The orders in use: that of dictionaries, ngang huyền hỏi ngã sắc nặng, and that of the
// keyboard, ngang sắc huyền hỏi ngã nặng.
const (
	DictionaryOrder ToneOrder = iota
	KeyboardOrder
)

var toneRanks = [...][6]byte{
	DictionaryOrder: {Ngang: 1, Huyen: 2, Hoi: 3, Nga: 4, Sac: 5, Nang: 6},
	KeyboardOrder:   {Ngang: 1, Sac: 2, Huyen: 3, Hoi: 4, Nga: 5, Nang: 6},
}

// Parts of a sort key: what follows the tone of one word is above it, so the shorter word
// stands first.
const (
	keyNumber = 0x10
	keyLetter = 0x20 // and the rank of the letter in the alphabet
	keyOther  = 0x70
)

const alphabet = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"

var letterRanks = func() map[rune]byte {
	ranks := map[rune]byte{}
	for i, r := range []rune(alphabet) {
		ranks[r] = byte(i)
	}
	return ranks
}()

// SortKey returns the key of s in [DictionaryOrder].
func SortKey(s string) []byte { return DictionaryOrder.AppendKey(nil, s) }

// AppendKey appends a key to dst. Keys compared as bytes put names in the order of
// Vietnamese dictionaries and catalogues: word by word, letters first, then the tone, so
// that every hoa stands before every hòa, and before hoàn. Case, punctuation and the place
// of the tone make no difference; numbers stand by value before letters, other scripts by
// code point after them.
//
//	word    letters, tone
//	letter  0x20 + rank                    the 29 letters and f j w z
//	number  0x10, count of digits, digits
//	other   0x70, UTF-8
//	tone    1 to 6
func (o ToneOrder) AppendKey(dst []byte, s string) []byte {
	for w := range split(strings.ToLower(Clean(s))) {
		dst = o.appendWord(dst, w)
	}
	return dst
}

func (o ToneOrder) appendWord(dst []byte, w string) []byte {
	tone := Ngang
	for w != "" {
		if n := prefix(w, isDigit); n > 0 {
			dst = appendNumber(dst, w[:n])
			w = w[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(w)
		w = w[n:]
		if l, ok := letters[r]; ok {
			r = l.plain
			tone = max(tone, l.tone)
		}
		dst = appendLetter(dst, r)
	}
	return append(dst, toneRanks[o][tone])
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func appendNumber(dst []byte, digits string) []byte {
	digits = strings.TrimLeft(digits, "0")
	dst = append(dst, keyNumber, byte(len(digits)))
	return append(dst, digits...)
}

func appendLetter(dst []byte, r rune) []byte {
	if rank, ok := letterRanks[r]; ok {
		return append(dst, keyLetter+rank)
	}
	if unicode.IsMark(r) {
		return dst
	}
	for _, f := range Fold(string(r)) {
		if rank, ok := letterRanks[f]; ok {
			dst = append(dst, keyLetter+rank)
		} else {
			dst = append(dst, keyOther)
			dst = utf8.AppendRune(dst, f)
		}
	}
	return dst
}
