package vi

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxWord is where a word is cut, in bytes. What is longer is no word of any language.
const maxWord = 96

// Match returns the form under which s is compared with other text: its [Words], joined by
// spaces.
func Match(s string) string {
	var b strings.Builder
	for w := range Words(s) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	return b.String()
}

// Words returns the words of s in the form in which spellings of one word are equal: clean
// ([Clean]), in lower case, the tone in its place, i for y where they are one sound. Each
// Han sign is a word, and so is each letter of scripts written without spaces; a
// description of a sign (⿰口沒) is one word. All else that is not a letter or digit only
// separates, so TP.Hồ is two words.
func Words(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for w := range split(strings.ToLower(Clean(s))) {
			if !yield(oneSpelling(w)) {
				return
			}
		}
	}
}

// Clean returns s with everything repaired that has one right form in text to be compared:
// what [Compose] does, compatibility forms (NFKC), letters that only look Vietnamese (Ð for
// Đ, Ƣ for Ư, Ǎ for Ă, Cyrillic а in a Latin word), and characters nobody sees, such as
// soft hyphens, taken out.
func Clean(s string) string {
	if isASCII(s) {
		return s
	}
	s = norm.NFKC.String(orderMarks(strings.Map(lookAlike, norm.NFC.String(s))))
	if strings.ContainsFunc(s, isCyrillicLookAlike) {
		s = latinWords(s)
	}
	return s
}

// lookAlike returns the letter that r stands for, or -1 for what is not seen.
func lookAlike(r rune) rune {
	switch r {
	case 'Ð', 'Ɖ':
		return 'Đ'
	case 'ð', 'ɖ':
		return 'đ'
	case 'Ƣ':
		return 'Ư'
	case 'ƣ':
		return 'ư'
	case 'Ǎ':
		return 'Ă'
	case 'ǎ':
		return 'ă'
	case 0xAD, 0x34F, 0x61C, 0x2060, 0xFEFF:
		return -1
	}
	invisible := 0x200B <= r && r <= 0x200F || 0x202A <= r && r <= 0x202E || 0x2066 <= r && r <= 0x2069 ||
		0xFE00 <= r && r <= 0xFE0F || 0xE0100 <= r && r <= 0xE01EF
	if invisible {
		return -1
	}
	return r
}

const (
	cyrillic = "аеіорсухАЕІОРСУХ"
	latin    = "aeiopcyxAEIOPCYX"
)

func isCyrillicLookAlike(r rune) bool {
	return r >= 0x400 && r <= 0x4FF && strings.ContainsRune(cyrillic, r)
}

// latinWords replaces Cyrillic letters that look like Latin ones in words which are Latin
// otherwise.
func latinWords(s string) string {
	var b strings.Builder
	for s != "" {
		word := strings.TrimLeftFunc(s, unicode.IsLetter)
		n := len(s) - len(word)
		b.WriteString(latinWord(s[:n]))
		rest := strings.TrimLeftFunc(word, func(r rune) bool { return !unicode.IsLetter(r) })
		b.WriteString(word[:len(word)-len(rest)])
		s = rest
	}
	return b.String()
}

func latinWord(w string) string {
	if !strings.ContainsFunc(w, func(r rune) bool { return unicode.Is(unicode.Latin, r) }) {
		return w
	}
	fixed := strings.Map(func(r rune) rune {
		if i := strings.IndexRune(cyrillic, r); i >= 0 {
			return rune(latin[i/2])
		}
		return r
	}, w)
	if strings.ContainsFunc(fixed, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }) {
		return w
	}
	return fixed
}

// split cuts clean text into words.
func split(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for s != "" {
			n, word := next(s)
			if word && !yield(cut(s[:n])) {
				return
			}
			s = s[n:]
		}
	}
}

// next returns the length of what s begins with, and whether that is a word.
func next(s string) (n int, word bool) {
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case isDescription(r):
		if n := description(s); n > 0 {
			return n, true
		}
		return n, false
	case IsHan(r):
		return n, true
	case isUnspaced(r):
		return n + prefix(s[n:], unicode.IsMark), true
	case isWordRune(r):
		return prefix(s, func(r rune) bool { return isWordRune(r) && !IsHan(r) && !isUnspaced(r) }), true
	}
	return n, false
}

func prefix(s string, f func(rune) bool) int {
	if n := strings.IndexFunc(s, func(r rune) bool { return !f(r) }); n >= 0 {
		return n
	}
	return len(s)
}

// IsHan tells whether r is a Han or Nôm sign, by its place in Unicode: all of the planes 2
// and 3 and all private use characters count, be they assigned in the tables of Go or not.
func IsHan(r rune) bool {
	return 0x3400 <= r && r <= 0x9FFF || 0xF900 <= r && r <= 0xFAFF || 0x20000 <= r && r <= 0x3FFFD ||
		0xE000 <= r && r <= 0xF8FF || 0xF0000 <= r && r <= 0x10FFFD ||
		0x2E80 <= r && r <= 0x2FDF || r == '々' || r == '〇' || 0x31C0 <= r && r <= 0x31E5
}

// isUnspaced tells whether r is of a script that puts no spaces between words.
func isUnspaced(r rune) bool {
	return r >= 0xE00 && (r == 'ー' || unicode.In(r, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
		unicode.Hiragana, unicode.Katakana))
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }

func isDescription(r rune) bool { return 0x2FF0 <= r && r <= 0x2FFF || r == 0x31EF }

// description returns the length of the ideographic description sequence (Unicode 18.2) at
// the start of s, or 0 if it is not complete or longer than a word.
func description(s string) int {
	n, want := 0, 1
	for want > 0 {
		r, size := utf8.DecodeRuneInString(s[n:])
		switch {
		case isDescription(r):
			want += operands(r) - 1
		case IsHan(r):
			want--
		default:
			return 0
		}
		if n += size; n > maxWord {
			return 0
		}
	}
	return n
}

func operands(r rune) int {
	switch r {
	case 0x2FF2, 0x2FF3:
		return 3
	case 0x2FFE, 0x2FFF:
		return 1
	}
	return 2
}

// cut shortens what is too long for a word, at a character.
func cut(w string) string {
	if len(w) <= maxWord {
		return w
	}
	n := maxWord
	for !utf8.RuneStart(w[n]) {
		n--
	}
	return w[:n]
}

// oneSpelling returns the spelling that stands for all spellings of a word.
func oneSpelling(w string) string {
	if s, ok := Parse(w); ok {
		s.Rime = iForY(s.Onset, s.Rime)
		if !isGia(w, s) {
			return s.String()
		}
	}
	if rest, ok := strings.CutPrefix(w, "quy"); ok {
		return "qui" + rest // the beginning of quyển, too
	}
	return w
}

// settleTone puts the tone of a syllable where the older style has it.
func settleTone(w string) string {
	if s, ok := Parse(w); ok && !isGia(w, s) {
		return s.String()
	}
	return w
}

// isGia tells whether w is gịa (g and ịa, as in giặt gịa), which is another word than giạ.
func isGia(w string, s Syllable) bool {
	return s.Onset == "gi" && s.Rime == "a" && s.Tone != Ngang && strings.HasSuffix(w, "a")
}

// iForY returns the rime with i for the y that sounds the same: after h k l m s t if it
// stands alone, and after qu.
func iForY(onset, rime string) string {
	if rest, ok := strings.CutPrefix(rime, "y"); ok {
		if onset == "qu" || rest == "" && len(onset) == 1 && strings.Contains("hklmst", onset) {
			return "i" + rest
		}
	}
	return rime
}
