package vi

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestLetters(t *testing.T) {
	rows := table(t, "encodings/vn_letters.tsv")
	if len(rows) != 134 {
		t.Fatalf("%d letters", len(rows))
	}
	for _, row := range rows {
		letter, misordered := row[0], row[4]
		if got := Compose(norm.NFD.String(letter)); got != letter {
			t.Errorf("%s decomposed: got %+q", letter, got)
		}
		if misordered != "" {
			if got := Compose(hexes(t, misordered)); got != letter {
				t.Errorf("%s with its marks in the wrong order: got %+q", letter, got)
			}
		}
		for _, form := range []string{letter, norm.NFD.String(letter)} {
			got := Fold(form)
			if len(got) != 1 || got[0] < 'a' || got[0] > 'z' {
				t.Errorf("%+q folds to %+q", form, got)
			}
		}
	}
}

// hexes reads code points in hexadecimal between spaces.
func hexes(t *testing.T, s string) string {
	var b strings.Builder
	for h := range strings.FieldsSeq(s) {
		var r rune
		for _, c := range h {
			r = r<<4 | rune(strings.IndexRune("0123456789ABCDEF", c))
		}
		b.WriteRune(r)
	}
	return b.String()
}

func TestComposeLeavesOthersAlone(t *testing.T) {
	tests := map[string]string{
		"ȭ ǭ":                         "ȭ ǭ",
		"e\u0303\u0302\u0304":         "ẽ\u0302\u0304", // a third mark: not Vietnamese
		"x\u0303\u0302":               "x\u0303\u0302",
		"\uf9d8e\u0303\u0302律":        "\uf9d8ễ律", // a compatibility ideograph stays
		"tiẻ̂u thuyé̂t, Trà̂n":        "tiểu thuyết, Trần",
		"o\u031b\u0323 a\u0323\u0302": "ợ ậ",
		"plain":                       "plain",
		"":                            "",
	}
	for s, want := range tests {
		if got := Compose(s); got != want {
			t.Errorf("%+q: got %+q, want %+q", s, got, want)
		}
	}
}

func TestFoldAndToneless(t *testing.T) {
	tests := []struct{ s, fold, toneless string }{
		{"Đường Thi", "duong thi", "đương thi"},
		{"ÐƢỜNG", "duong", "ðƣơng"},
		{"Nguyễn Dữ", "nguyen du", "nguyên dư"},
		{"café Ångström naïve œuvre Straße Łódź", "cafe angstrom naive oeuvre strasse lodz", "cafe ångström naïve œuvre straße łodź"},
		{"ǿ", "o", "ǿ"},
		{"Ёлки ελληνικά 한글 傳翹", "елки ελληνικα 한글 傳翹", "ёлки ελληνικά 한글 傳翹"},
	}
	for _, tt := range tests {
		if got := Fold(tt.s); got != tt.fold {
			t.Errorf("Fold(%s) = %s, want %s", tt.s, got, tt.fold)
		}
		if got := Toneless(tt.s); got != tt.toneless {
			t.Errorf("Toneless(%s) = %s, want %s", tt.s, got, tt.toneless)
		}
	}
}

func FuzzCompose(f *testing.F) {
	f.Add("Nguye\u0303\u0302n \uf9d8")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		once := Compose(s)
		if again := Compose(once); again != once {
			t.Fatalf("%+q, then %+q", once, again)
		}
	})
}
