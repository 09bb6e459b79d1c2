package charset

import (
	"encoding/binary"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"mocban/graph/text/vi"
)

// Detect tells in which set the values of a record are written. The hint is what the record
// or the operator says; it is followed where the bytes allow it. Where nothing is certain
// the hint stands, and MARC-8 where there is none, for that is what a MARC 21 record
// without a mark means.
func Detect(hint Charset, values iter.Seq[[]byte]) Charset {
	if isPlainly(values) {
		return UTF8
	}
	var c census
	for v := range values {
		c.count(v)
	}
	if hint == Unknown {
		hint = MARC8
	}
	switch {
	case c.high == 0 && c.escapes == 0:
		return hint
	case c.high == 0:
		return MARC8
	case c.invalid == 0 && readTwice(values):
		return UTF8Twice
	case c.invalid == 0 && !c.beyondLatin && c.odd >= 3 && 4*c.odd >= c.markedWords && 4*c.markedWords >= c.words:
		if v := vietnamese(asLatin(values)); v != Unknown {
			if as := syllables(UTF8, values); as.legal <= as.illegal { // else it is well as it stands
				return v | AsLatin
			}
		}
		return UTF8
	case c.invalid == 0:
		return UTF8
	case hint == UTF8 && c.sequences > c.invalid:
		return UTF8
	}
	if hint == ISO5426 {
		return hint
	}
	if hint != UTF8 && (c.escapes > 0 || c.undefined == 0 && 3*c.beforeVowel >= c.marks && c.marks > 0 && c.highRun < 4) {
		return MARC8
	}
	if c.markedWords >= 4 && 4*c.markedWords >= c.words { // Vietnamese marks two words in three
		if v := vietnamese(values); v != Unknown {
			return v
		}
	}
	return c.elsewhere(hint, values)
}

// isPlainly tells whether all values are UTF-8, and one of them [IsPlainlyUTF8].
func isPlainly(values iter.Seq[[]byte]) bool {
	plainly := false
	for v := range values {
		if !utf8.Valid(v) {
			return false
		}
		plainly = plainly || hasFirstByte(v)
	}
	return plainly
}

// IsPlainlyUTF8 tells whether b is UTF-8 with a character that Windows-1252 does not have, so
// that it is neither read twice nor anything else.
func IsPlainlyUTF8(b []byte) bool { return hasFirstByte(b) && utf8.Valid(b) }

func hasFirstByte(b []byte) bool {
	for len(b) > 0 {
		if len(b) >= 8 && binary.LittleEndian.Uint64(b)&0x8080808080808080 == 0 {
			b = b[8:]
			continue
		}
		for _, c := range b[:min(8, len(b))] {
			if firstBytes[c] {
				return true
			}
		}
		b = b[min(8, len(b)):]
	}
	return false
}

// firstBytes are those that begin no character of Windows-1252 in UTF-8.
var firstBytes = func() (first [256]bool) {
	for c := range first {
		first[c] = c >= 0xC4
	}
	for _, r := range singles[Windows1252].high {
		first[string(r)[0]] = false
	}
	return first
}()

// asLatin gives the values with their letters as bytes of Windows-1252.
func asLatin(values iter.Seq[[]byte]) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for v := range values {
			if IsPlain(v) {
				continue
			}
			if latin, ok := latinBytes(v); ok && !yield(latin) {
				return
			}
		}
	}
}

// A census counts what tells the sets apart.
type census struct {
	high        int // bytes from 80 on
	escapes     int
	sequences   int  // characters of UTF-8 of more than one byte
	beyondLatin bool // one of them is not in Windows-1252
	odd         int  // of them, signs and letters where Latin languages seldom have them
	invalid     int  // bytes that are no UTF-8
	undefined   int  // bytes that ANSEL does not have
	marks       int  // bytes that are marks in ANSEL
	beforeVowel int  // marks with a vowel or another mark behind them
	dangling    int  // marks without a letter behind them
	highRun     int  // longest run of bytes from 80 on
	words       int  // runs of letters in values with such bytes
	markedWords int  // of them, with such bytes
}

func (c *census) count(v []byte) {
	if IsPlain(v) {
		return
	}
	run := 0
	in, marked := false, false
	for i, b := range v {
		special := b >= 0x80 || b < 0x20 && b != esc && b != '\t' && b != '\n' && b != '\r'
		switch letter := isLetter(b) || special; {
		case letter && !in:
			c.words++
			in, marked = true, false
		case !letter:
			in = false
		}
		if special && !marked {
			marked = true
			c.markedWords++
		}
		if b < 0x80 {
			run = 0
			if b == esc {
				c.escapes++
			}
			continue
		}
		c.high++
		run++
		c.highRun = max(c.highRun, run)
		if b <= 0xA0 || sets[extendedANSI][b-0xA0] == utf8.RuneError {
			c.undefined++
		}
		if b >= 0xE0 {
			c.marks++
			switch {
			case i+1 < len(v) && (isVowel(v[i+1]) || v[i+1] >= 0xE0):
				c.beforeVowel++
			case i+1 == len(v) || !isLetter(v[i+1]) && v[i+1] < 0xA0:
				c.dangling++
			}
		}
	}
	c.countRunes(v)
}

// countRunes counts what the bytes are as UTF-8.
func (c *census) countRunes(v []byte) {
	before := rune(' ')
	for len(v) > 0 {
		if v[0] < utf8.RuneSelf {
			before, v = rune(v[0]), v[1:]
			continue
		}
		r, size := utf8.DecodeRune(v)
		if r == utf8.RuneError && size == 1 {
			c.invalid++
		} else {
			c.sequences++
			if !c.beyondLatin {
				_, latin := latinByte(r)
				c.beyondLatin = !latin
				// Behind a letter TCVN3 and VISCII have signs, and VNI has a vowel behind a vowel.
				if unicode.IsLetter(before) && (r < 0xC0 || isLatinVowel(before)) {
					c.odd++
				}
			}
		}
		before, v = r, v[size:]
	}
}

// isLatinVowel tells whether r is a vowel, with or without a mark.
func isLatinVowel(r rune) bool {
	return strings.ContainsRune("aeiouyAEIOUYâêôêÂÊÔăơưëöÖ", r)
}

func isVowel(b byte) bool { return strings.IndexByte("aeiouyAEIOUY", b) >= 0 }

// vietnamese returns the Vietnamese set in which the values are nearly all syllables, with
// letters that no neighbour of Vietnamese has, or Unknown.
func vietnamese(values iter.Seq[[]byte]) Charset {
	best, most := Unknown, 0
	for _, c := range [...]Charset{TCVN3, TCVN5712, VNI, VISCII, VPS, Windows1258} {
		if s := syllables(c, values); s.legal > most && s.certain() {
			best, most = c, s.legal
		}
	}
	return best
}

// score counts the words with marks.
type score struct {
	legal, illegal int
	own            int // with letters that only Vietnamese has
	bad            int
}

// certain tells whether the words are Vietnamese beyond doubt: French and German words with
// marks are syllables now and then, but not nineteen in twenty.
func (s score) certain() bool {
	return s.legal >= 4 && s.own >= 3 && 19*(s.illegal+s.bad) <= s.legal
}

func syllables(c Charset, values iter.Seq[[]byte]) (s score) {
	seen := map[string]bool{}
	var buf []byte
	for v := range values {
		if IsPlain(v) {
			continue
		}
		var n Note
		buf = c.Append(buf[:0], v, &n)
		s.bad += n.Bad
		for w := range words(string(buf)) {
			s.add(strings.ToLower(w), seen)
		}
	}
	return s
}

func (s *score) add(w string, seen map[string]bool) {
	if len(w) == utf8.RuneCountInString(w) || seen[w] {
		return // no marks, or counted
	}
	seen[w] = true
	if _, ok := vi.Parse(w); !ok {
		s.illegal++
		return
	}
	s.legal++
	if strings.ContainsFunc(w, isOwn) {
		s.own++
	}
}

// isOwn tells whether a letter is one of those that only Vietnamese has.
func isOwn(r rune) bool {
	return 0x1EA0 <= r && r <= 0x1EF9 || strings.ContainsRune("ăđơư", r)
}

func words(s string) iter.Seq[string] {
	return strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
}

// elsewhere decides between MARC-8 and the sets of one byte that are not Vietnamese.
func (c *census) elsewhere(hint Charset, values iter.Seq[[]byte]) Charset {
	if c.highRun >= 4 {
		for _, cyrillic := range [...]Charset{CP866, Windows1251} {
			if isCyrillic(cyrillic, values) {
				return cyrillic
			}
		}
	}
	if hint != UTF8 && reads(MARC8, values) || c.dangling == 0 && 3*c.beforeVowel >= c.marks && c.marks > 0 {
		return MARC8
	}
	if inWords(values) && reads(Windows1252, values) {
		return Windows1252
	}
	switch ansel, latin := signs(values); {
	case ansel > 0 && latin == 0:
		return MARC8
	case latin > 0 && ansel == 0:
		return Windows1252
	}
	return hint
}

// signs counts pound, copyright and degree signs beside a number, as ANSEL and as
// Windows-1252 has them.
func signs(values iter.Seq[[]byte]) (ansel, latin int) {
	for v := range values {
		for i, c := range v {
			before := i > 0 && isDigit(v[i-1])
			behind := i+1 < len(v) && (isDigit(v[i+1]) || v[i+1] == ' ' && i+2 < len(v) && isDigit(v[i+2]))
			switch {
			case c == 0xB9 && behind, c == 0xC3 && behind, c == 0xC0 && before:
				ansel++
			case c == 0xA3 && behind, c == 0xA9 && behind, c == 0xB0 && before:
				latin++
			}
		}
	}
	return ansel, latin
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// reads tells whether every byte means something in a set.
func reads(c Charset, values iter.Seq[[]byte]) bool {
	var buf []byte
	for v := range values {
		var n Note
		if buf = c.Append(buf[:0], v, &n); n.Bad > 0 || n.Cut {
			return false
		}
	}
	return true
}

// isCyrillic tells whether the values are words of Cyrillic letters, capitals only where a
// word begins or all through.
func isCyrillic(c Charset, values iter.Seq[[]byte]) bool {
	letters, others, odd := 0, 0, 0
	for v := range values {
		var n Note
		before := ' '
		for _, r := range string(c.Append(nil, v, &n)) {
			switch {
			case r < utf8.RuneSelf:
			case !unicode.Is(unicode.Cyrillic, r):
				others++
			case unicode.IsUpper(r) && unicode.IsLower(before):
				odd++
				fallthrough
			default:
				letters++
			}
			before = r
		}
	}
	return letters >= 8 && 10*others <= letters && 20*odd <= letters
}

// inWords tells whether the bytes from C0 on stand beside letters, as letters do.
func inWords(values iter.Seq[[]byte]) bool {
	in, out := 0, 0
	for v := range values {
		for i, b := range v {
			if b < 0xC0 {
				continue
			}
			if i > 0 && isLetter(v[i-1]) || i+1 < len(v) && isLetter(v[i+1]) {
				in++
			} else {
				out++
			}
		}
	}
	return in > 4*out
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' || b >= 0xC0 }
