package expr

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// Character by character is the same as by Unicode's algorithm as a whole.
func FuzzCase(f *testing.F) {
	for _, s := range []string{"Truyện Kiều", "straße ﬁ ŉ", "ὈΔΥΣΣΕΎΣ ς", "İıI", "ǅ", "𐐀 Ა ა", "ᾳ ᾼ", "", "ẞ\u1e9e"} {
		f.Add(s, "k")
	}
	f.Fuzz(func(t *testing.T, s, part string) {
		if !utf8.ValidString(s) || !utf8.ValidString(part) {
			return
		}
		lower := cases.Lower(language.Und).String(s)
		if got := lowerCase.apply(s); got != lower {
			t.Errorf("LCASE(%q) is %q, want %q", s, got, lower)
		}
		if got, want := upperCase.apply(s), cases.Upper(language.Und).String(s); got != want {
			t.Errorf("UCASE(%q) is %q, want %q", s, got, want)
		}
		for _, p := range []string{part, lower, s, strings.ToLower(part)} {
			if got, want := NewLowerSearch(p).In(s), strings.Contains(lower, p); got != want {
				t.Errorf("LCASE(%q) contains %q: %v", s, p, got)
			}
		}
	})
}

// Every character that has two cases, by itself and between others.
func TestCaseOfEveryCharacter(t *testing.T) {
	upper, lower := cases.Upper(language.Und), cases.Lower(language.Und)
	for r := rune(0); r < 0x1F000; r++ {
		if r >= 0xD800 && r < 0xE000 {
			continue
		}
		s := "a" + string(r) + "b"
		if got, want := upperCase.apply(s), upper.String(s); got != want {
			t.Errorf("UCASE(%q) is %q, want %q", s, got, want)
		}
		if got, want := lowerCase.apply(s), lower.String(s); got != want {
			t.Errorf("LCASE(%q) is %q, want %q", s, got, want)
		}
	}
}

func BenchmarkLowerSearch(b *testing.B) {
	const text = "Truyện Kiều, hay Đoạn trường tân thanh, là truyện thơ của đại thi hào Nguyễn Du"
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	l := NewLowerSearch("chiến tranh")
	for b.Loop() {
		l.In(text)
	}
}
