package lc

import (
	"strings"
	"unicode/utf8"
)

// A punct says how [chopWith] cuts (ConvSpec, "chop punctuation").
type punct struct {
	end      string // marks that go from the end
	lead     string // marks that go from the beginning
	force    bool   // a full stop at the end goes even from an abbreviation
	parens   bool   // round brackets around the text go
	brackets bool   // square brackets are put around the text
}

// endMarks are the marks that go from the end where nothing else is said.
const endMarks = ".:;,/="

var usual = punct{end: endMarks, lead: ";="}

// chop takes the marks of ISBD from both ends of a text, with unpaired brackets and quotes.
func chop(s string) string { return chopWith(s, &usual) }

func chopWith(s string, p *punct) string {
	for {
		if s = space(s); s == "" {
			return ""
		}
		switch first := s[0]; {
		case first == '(' && p.parens:
			if i := strings.LastIndexByte(s, ')'); i >= 2 {
				s = s[1:i] + s[i+1:]
			} else {
				s = s[1:]
			}
			continue
		case first < utf8.RuneSelf && strings.IndexByte(p.lead, first) >= 0:
			s = s[1:]
			continue
		}
		if t := unpaired(s); len(t) != len(s) {
			s = t
			continue
		}
		last := s[len(s)-1]
		switch {
		case last >= utf8.RuneSelf || strings.IndexByte(p.end, last) < 0:
			return balance(s, p.brackets)
		case last == '.' && !p.force:
			t := s[:len(s)-1]
			if isInitial(t) || !endsInitials(t) && (isAbbreviation(s) || strings.ContainsAny(t, ".?!")) {
				return balance(s, p.brackets)
			}
		}
		s = s[:len(s)-1]
	}
}

// unpaired takes the first unpaired bracket or quote out of s.
func unpaired(s string) string {
	if !strings.ContainsAny(s, `()"{}`) {
		return s
	}
	for _, pair := range [...][2]string{{"(", ")"}, {"{{", "}}"}, {`"`, `"`}} {
		if before, after, ok := strings.Cut(s, pair[0]); ok && !strings.Contains(after, pair[1]) {
			return before + after
		}
	}
	for _, pair := range [...][2]string{{"(", ")"}, {"{{", "}}"}} {
		if before, after, ok := strings.Cut(s, pair[1]); ok && !strings.Contains(before, pair[0]) {
			return before + after
		}
	}
	return s
}

// isInitial tells whether s, which lost a full stop, ends in a capital that stands alone.
func isInitial(s string) bool {
	if s == "" {
		return true
	}
	if c := s[len(s)-1]; c < 'A' || c > 'Z' {
		return false
	}
	return len(s) == 1 || s[len(s)-2] == ' ' || s[len(s)-2] == '.'
}

// endsInitials tells whether s, or what stands before one of its full stops, ends in a
// capital that stands alone.
func endsInitials(s string) bool {
	for !isInitial(s) {
		i := strings.LastIndexByte(s, '.')
		if i < 0 {
			return false
		}
		s = s[:i]
	}
	return true
}

// isAbbreviation tells whether s ends in a word that keeps its full stop.
func isAbbreviation(s string) bool {
	for _, word := range [...]string{"arr.", "ed.", "etc.", "ft.", "ill.", "p.", "s.n.", "s.l."} {
		if before, ok := strings.CutSuffix(s, word); ok && (before == "" || before[len(before)-1] == ' ') {
			return true
		}
	}
	return false
}

// balance adds the square bracket that a text lacks, or both.
func balance(s string, both bool) string {
	if _, after, ok := strings.Cut(s, "["); ok && !strings.Contains(after, "]") {
		return s + "]"
	}
	if before, _, ok := strings.Cut(s, "]"); ok && !strings.Contains(before, "[") {
		return "[" + s
	}
	if both {
		return "[" + s + "]"
	}
	return s
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// space returns s without blanks at its ends and with single blanks inside (XPath 1.0,
// normalize-space).
func space(s string) string {
	clean, was := true, true
	for i := range len(s) {
		now := isSpace(s[i])
		if now && (was || s[i] != ' ') {
			clean = false
			break
		}
		was = now
	}
	if clean && (!was || s == "") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		switch {
		case !isSpace(s[i]):
			b = append(b, s[i])
		case len(b) > 0 && b[len(b)-1] != ' ':
			b = append(b, ' ')
		}
	}
	return strings.TrimSuffix(string(b), " ")
}

// encode writes s as a part of an IRI: letters, digits and !'()*-._~ stay. A character
// outside of ASCII becomes an encoded question mark, as the conversion has it.
func encode(s string) string {
	safe := true
	for i := range len(s) {
		if !isSafe(s[i]) {
			safe = false
			break
		}
	}
	if safe {
		return s
	}
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, len(s)+8)
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf && isSafe(byte(r)):
			b = append(b, byte(r))
		case r >= ' ' && r < 0x7F:
			b = append(b, '%', hex[r>>4], hex[r&15])
		default:
			b = append(b, "%3F"...)
		}
	}
	return string(b)
}

func isSafe(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!'()*-._~", c) >= 0
}

// lower makes the letters of ASCII small.
func lower(s string) string {
	for i := range len(s) {
		if s[i] >= 'A' && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if b[i] >= 'A' && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// part returns n characters of s from a place that counts from 0; what is not there is left
// out.
func part(s string, from, n int) string {
	if from < 0 {
		n += from
		from = 0
	}
	if n <= 0 || from >= len(s) {
		return ""
	}
	if isASCII(s) {
		return s[from:min(len(s), from+n)]
	}
	r := []rune(s)
	if from >= len(r) {
		return ""
	}
	return string(r[from:min(len(r), from+n)])
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// before and after return what stands before and after a mark, "" without it.
func before(s, mark string) string {
	b, _, ok := strings.Cut(s, mark)
	if !ok {
		return ""
	}
	return b
}

func after(s, mark string) string {
	_, a, _ := strings.Cut(s, mark)
	return a
}

// delimited joins texts with blanks, and with a mark where one does not end in one.
func delimited(texts []string, mark string) string {
	var b []byte
	for i, t := range texts {
		t = space(t)
		switch {
		case i == len(texts)-1:
			b = append(b, t...)
		case t == "":
		case strings.IndexByte(".:,;/", t[len(t)-1]) >= 0:
			b = append(append(b, t...), ' ')
		default:
			b = append(append(append(b, t...), mark...), ' ')
		}
	}
	return string(b)
}

// edtf writes a date of MARC, yyyymmddhhmmss, with hyphens and colons.
func edtf(s string) string {
	b := []byte(part(s, 0, 4))
	for i, mark := range [...]string{"-", "-", "T", ":", ":"} {
		n := 2
		if i == 4 {
			n = len(s)
		}
		p := part(s, 4+2*i, n)
		if p == "" {
			// A later part never stands without those before it.
			return string(b)
		}
		b = append(append(b, mark...), p...)
	}
	return string(b)
}

// edtfTime writes the date of field 033: yyyymmddhhmm+-hhmm, hyphens standing for what is
// not known.
func edtfTime(s string) string {
	for strings.Contains(part(s, 0, 12), "-") {
		s = strings.Replace(s, "-", "X", 1)
	}
	d := part(s, 0, 4) + "-" + part(s, 4, 2)
	if day := part(s, 6, 2); day != "" {
		d += "-" + day
	}
	if part(s, 8, 4) != "" {
		d += "T" + part(s, 8, 2) + ":" + part(s, 10, 2) + ":00"
	}
	if part(s, 12, 5) != "" {
		d += part(s, 12, 3) + ":" + part(s, 15, 2)
	}
	return d
}

// unknown writes X for the digits that a date of MARC leaves open with u.
func unknown(s string) string { return strings.NewReplacer("u", "X", "U", "X").Replace(s) }
