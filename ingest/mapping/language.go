package mapping

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"mocban/graph"
	"mocban/graph/text/vi"
	"mocban/vocab/codes"
)

// A language is what a record says of the language of its text.
type language struct {
	tag    string // BCP 47, or "" if not known
	script string // the script in which it is written unless told otherwise
}

// languageOf returns the language of a MARC code. Codes for several or no languages, and
// unknown ones, give the zero language.
func languageOf(code string) language {
	c, ok := codes.Languages.Lookup(code)
	if !ok || c.Tag == "" {
		return language{}
	}
	return language{c.Tag, defaultScript(c.Tag)}
}

// defaultScript returns the script that a language tag implies (the Suppress-Script of its
// registration, and the usual one of languages that have none).
func defaultScript(tag string) string {
	switch tag {
	case "ar", "fa", "ur", "ps", "sd", "ug", "ku-Arab", "ota", "dv":
		return "Arab"
	case "ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "tg", "mn", "tt", "ba", "cv", "os", "cu":
		return "Cyrl"
	case "zh", "lzh":
		return "Hani"
	case "ja":
		return "Jpan"
	case "ko":
		return "Kore"
	case "he", "yi", "lad":
		return "Hebr"
	case "el", "grc":
		return "Grek"
	case "hi", "mr", "ne", "sa", "new", "bho", "mai", "pi":
		return "Deva"
	case "th":
		return "Thai"
	case "lo":
		return "Laoo"
	case "km":
		return "Khmr"
	case "my":
		return "Mymr"
	case "bn", "as":
		return "Beng"
	case "ta":
		return "Taml"
	case "te":
		return "Telu"
	case "kn":
		return "Knda"
	case "ml":
		return "Mlym"
	case "gu":
		return "Gujr"
	case "pa":
		return "Guru"
	case "si":
		return "Sinh"
	case "bo", "dz":
		return "Tibt"
	case "ka":
		return "Geor"
	case "hy":
		return "Armn"
	case "am", "ti", "gez":
		return "Ethi"
	case "syc", "syr", "arc":
		return "Syrc"
	}
	return "Latn"
}

// scripts are those that are told from text, by the first letter that is of one.
var scripts = []struct {
	code  string
	table *unicode.RangeTable
}{
	{"Latn", unicode.Latin}, {"Hani", unicode.Han}, {"Cyrl", unicode.Cyrillic},
	{"Arab", unicode.Arabic}, {"Hebr", unicode.Hebrew}, {"Grek", unicode.Greek},
	{"Hira", unicode.Hiragana}, {"Kana", unicode.Katakana}, {"Hang", unicode.Hangul},
	{"Deva", unicode.Devanagari}, {"Thai", unicode.Thai}, {"Laoo", unicode.Lao},
	{"Khmr", unicode.Khmer}, {"Mymr", unicode.Myanmar}, {"Beng", unicode.Bengali},
	{"Taml", unicode.Tamil}, {"Telu", unicode.Telugu}, {"Knda", unicode.Kannada},
	{"Mlym", unicode.Malayalam}, {"Gujr", unicode.Gujarati}, {"Guru", unicode.Gurmukhi},
	{"Sinh", unicode.Sinhala}, {"Tibt", unicode.Tibetan}, {"Geor", unicode.Georgian},
	{"Armn", unicode.Armenian}, {"Ethi", unicode.Ethiopic}, {"Syrc", unicode.Syriac},
	{"Cham", unicode.Cham},
}

// scriptOf returns the script of a text: that of most of its first letters, "Latn" for text
// without letters. Private-use signs count as Han, which is what Nôm fonts made of them.
func scriptOf(s string) string {
	if isASCII(s) {
		return "Latn"
	}
	latin, looked := 0, 0
	for _, r := range s {
		if r < utf8.RuneSelf || r < 0x250 && unicode.IsLetter(r) || 0x1E00 <= r && r < 0x1F00 {
			if unicode.IsLetter(r) {
				latin++
			}
			continue
		}
		if !unicode.IsLetter(r) && !unicode.Is(unicode.Co, r) {
			continue
		}
		if code := scriptOfLetter(r); code != "Latn" {
			return mixed(code, s)
		}
		if looked++; looked > 8 {
			break
		}
	}
	return "Latn"
}

func scriptOfLetter(r rune) string {
	if unicode.Is(unicode.Co, r) {
		return "Hani"
	}
	for _, s := range scripts {
		if unicode.Is(s.table, r) {
			return s.code
		}
	}
	return "Latn"
}

// mixed settles the scripts that are written together: Japanese and Korean.
func mixed(code, s string) string {
	switch code {
	case "Hira", "Kana":
		return "Jpan"
	case "Hang":
		return "Kore"
	case "Hani":
		for _, r := range s {
			switch {
			case unicode.In(r, unicode.Hiragana, unicode.Katakana):
				return "Jpan"
			case unicode.Is(unicode.Hangul, r):
				return "Kore"
			}
		}
	}
	return code
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// linkScript returns the script that the third part of $6 tells (MARC 21, appendix A), or "".
func linkScript(code string) string {
	switch code {
	case "(3", "(4":
		return "Arab"
	case "(B":
		return "Latn"
	case "(N", "(Q":
		return "Cyrl"
	case "(S":
		return "Grek"
	case "(2":
		return "Hebr"
	case "$1":
		return "CJK"
	}
	if len(code) == 4 && code[0] >= 'A' && code[0] <= 'Z' {
		return code
	}
	return ""
}

// text returns a literal in the language of the content.
func (b *builder) text(s string) graph.Term { return graph.Text(s, b.tagOf(s, b.language)) }

// note returns a literal in the language of the agency. Notes that are not in it, such as a
// summary in another language, have no tag. What stands in an 880 is in the language of the
// content.
func (b *builder) note(s string) graph.Term {
	if b.script != "" {
		return b.text(s)
	}
	l := b.agency
	switch vietnamese := looksVietnamese(s); {
	case vietnamese:
		l = language{"vi", "Latn"}
	case l.tag == "vi" && strings.Count(s, " ") >= 6:
		l = language{"", "Latn"} // so many words have a mark somewhere
	}
	return graph.Text(s, b.tagOf(s, l))
}

// name returns a literal with the language that the text itself tells, so that a heading is
// the same in every record.
func (b *builder) name(s string) graph.Term {
	if b.script != "" {
		return graph.Text(s, b.tagOf(s, b.language))
	}
	if looksVietnamese(s) {
		return graph.Text(s, "vi")
	}
	return graph.String(s)
}

// tagOf returns the language tag of s, which is written in l or says by its script that it
// is not.
func (b *builder) tagOf(s string, l language) string {
	script := scriptOf(s)
	if b.script != "" && b.script != "CJK" && script == "Latn" {
		script = b.script
	}
	switch {
	case l.tag == "" && script == "Latn":
		if looksVietnamese(s) {
			return "vi"
		}
		return ""
	case l.tag == "":
		return "und-" + script
	case script == l.script, l.script == "Jpan" && script == "Hani", l.script == "Kore" && script == "Hani":
		return l.tag
	}
	return l.tag + "-" + script
}

// looksVietnamese tells whether s has the marks of Vietnamese, and of its first words nearly
// all are Vietnamese syllables.
func looksVietnamese(s string) bool {
	if isASCII(s) || !strings.ContainsFunc(s, isVietnamese) {
		return false
	}
	yes, no := 0, 0
	for word := range strings.FieldsFuncSeq(s, notLetter) {
		word = strings.ToLower(word)
		if _, ok := vi.Parse(word); ok {
			yes++
		} else if strings.ContainsAny(word, "aeiouy") || len(word) > 3 {
			no++ // what has no vowel is an abbreviation
		}
		if yes+no == 10 {
			break
		}
	}
	return yes > 2*no
}

// isVietnamese tells the letters that few other languages have.
func isVietnamese(r rune) bool {
	switch {
	case r < 0xC0:
		return false
	case 0x1EA0 <= r && r <= 0x1EF9:
		return true
	}
	return strings.ContainsRune("àáâãèéêìíòóôõùúýăđĩũơưÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂĐĨŨƠƯ", r)
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }
