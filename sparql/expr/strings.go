package expr

import (
	"math"
	"strings"
	"unicode/utf8"
)

// Functions on strings (SPARQL 1.1, 17.4.3). They count code points, compare code points
// and normalise nothing.

// like returns text as a string literal of the kind of v: with its language and direction.
func (v Value) like(text string) Value {
	if v.kind == KindLang {
		v.text = text
		return v
	}
	return String(text)
}

// compatible tells whether b may be looked for in a (SPARQL 1.1, 17.4.3.1.2): it has no
// language, or that of a.
func compatible(a, b Value) bool {
	if !a.IsText() || !b.IsText() {
		return false
	}
	return b.kind == KindString || a.kind == KindLang && sameLang(a, b)
}

func sameLang(a, b Value) bool { return a.aux == b.aux && strings.EqualFold(a.tag, b.tag) }

func strLen(v Value) Value {
	if !v.IsText() {
		return Fail(TypeError)
	}
	return Integer(int64(utf8.RuneCountInString(v.text)))
}

// substr takes the characters whose position is not below the start and below the start
// plus the length, both rounded (XPath F&O 3.1, 5.4.3).
func substr(_ *Env, args []Value) Value {
	text := args[0]
	if !text.IsText() || !args[1].IsNumeric() || len(args) > 2 && !args[2].IsNumeric() {
		return Fail(TypeError)
	}
	start := roundFloat(args[1].float())
	end := math.Inf(1)
	if len(args) > 2 {
		end = start + roundFloat(args[2].float())
	}
	// A comparison with NaN is false, so that it takes no character.
	if !(start < end) {
		return text.like("")
	}
	from, to := len(text.text), len(text.text)
	position := 1.0
	for i := range text.text {
		if position >= start && i < from {
			from = i
		}
		if position >= end {
			to = i
			break
		}
		position++
	}
	return text.like(text.text[from:max(from, to)])
}

func ucase(env *Env, args []Value) Value { return changeCase(env, args[0], &upperCase) }

func lcase(env *Env, args []Value) Value { return changeCase(env, args[0], &lowerCase) }

func changeCase(env *Env, v Value, m *caseMap) Value {
	if !v.IsText() {
		return Fail(TypeError)
	}
	text := m.apply(v.text)
	if len(text) > MaxBytes {
		return env.tooLarge(m.name)
	}
	return v.like(text)
}

func strStarts(text, part Value) Value {
	if !compatible(text, part) {
		return Fail(TypeError)
	}
	return Bool(strings.HasPrefix(text.text, part.text))
}

func strEnds(text, part Value) Value {
	if !compatible(text, part) {
		return Fail(TypeError)
	}
	return Bool(strings.HasSuffix(text.text, part.text))
}

func contains(text, part Value) Value {
	if !compatible(text, part) {
		return Fail(TypeError)
	}
	return Bool(strings.Contains(text.text, part.text))
}

func strBefore(text, part Value) Value {
	if !compatible(text, part) {
		return Fail(TypeError)
	}
	before, _, found := strings.Cut(text.text, part.text)
	if !found {
		return String("")
	}
	return text.like(before)
}

func strAfter(text, part Value) Value {
	if !compatible(text, part) {
		return Fail(TypeError)
	}
	_, after, found := strings.Cut(text.text, part.text)
	if !found {
		return String("")
	}
	return text.like(after)
}

// concat keeps a language and a direction that all arguments have.
func concat(env *Env, args []Value) Value {
	if len(args) == 0 {
		return String("")
	}
	size, kind := 0, args[0]
	for _, v := range args {
		if !v.IsText() {
			return Fail(TypeError)
		}
		size += len(v.text)
		if v.kind != KindLang || kind.kind != KindLang || !sameLang(kind, v) {
			kind.kind = KindString
		}
	}
	if size > MaxBytes {
		return env.tooLarge("CONCAT")
	}
	if len(args) == 1 {
		return args[0]
	}
	var b strings.Builder
	b.Grow(size)
	for _, v := range args {
		b.WriteString(v.text)
	}
	return kind.like(b.String())
}

// encodeForURI leaves unreserved characters and writes the UTF-8 of all others (XPath F&O
// 3.1, 6.2; RFC 3986, 2.3).
func encodeForURI(env *Env, args []Value) Value {
	v := args[0]
	if !v.IsText() {
		return Fail(TypeError)
	}
	const hex = "0123456789ABCDEF"
	size := 0
	for i := range len(v.text) {
		size++
		if !unreserved(v.text[i]) {
			size += 2
		}
	}
	switch {
	case size == len(v.text):
		return String(v.text)
	case size > MaxBytes:
		return env.tooLarge("ENCODE_FOR_URI")
	}
	b := make([]byte, 0, size)
	for i := range len(v.text) {
		if c := v.text[i]; unreserved(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return String(string(b))
}

func unreserved(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == '~'
}
