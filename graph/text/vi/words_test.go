package vi

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestSpellingsOfOneWord(t *testing.T) {
	tests := [][]string{
		{"hòa bình", "hoà bình", "HÒA BÌNH", "HOÀ BÌNH", norm.NFD.String("Hoà Bình"), "Hòa\u00a0Bình", "hòa-bình", "Ho\u00adà Bì\u200bnh"},
		{"nguyễn", "Nguyẽ̂n", "Nguyê\u0303n", "NGUYỄN", "Nguyễn\ufeff"},
		{"lí", "lý", "LÝ"}, {"quí", "quý", "qúy"}, {"mĩ", "Mỹ"}, {"kỉ", "kỷ"}, {"huỳnh", "hùynh"},
		{"đường", "Ðường", "ðường", "Đươ\u0300ng"}, {"thư viện", "Thƣ viện", "THƢ VIỆN"}, {"ắn", "ǎ\u0301n", "a\u030c\u0301n", "Ǎ\u00ad\u0301n"}, {"vi", "vi", "Vі"},
		{"tp hồ chí minh", "TP.Hồ Chí Minh", "TP. Hồ Chí Minh"},
		{"律", "\uf9d8"}, {"abc", "ＡＢＣ"},
	}
	for _, forms := range tests {
		for _, form := range forms {
			if got := Match(form); got != forms[0] {
				t.Errorf("%+q: got %q, want %q", form, got, forms[0])
			}
		}
	}
}

func TestIAndY(t *testing.T) {
	for _, row := range table(t, "syllables/i_y_variants.tsv") {
		differ := strings.HasPrefix(row[2], "NOT")
		if same := Match(row[0]) == Match(row[1]); same == differ {
			t.Errorf("%s and %s: equal is %v", row[0], row[1], same)
		}
	}
	for _, pair := range [][2]string{{"Thy", "Thi"}, {"tay", "tai"}, {"sky", "ski"}, {"yên", "iên"}} {
		if Match(pair[0]) == Match(pair[1]) {
			t.Errorf("%s and %s are two words", pair[0], pair[1])
		}
	}
}

func TestWords(t *testing.T) {
	tests := []struct {
		text string
		want string // between bars
	}{
		{"Truyện Kiều: khảo đính, 1820", "truyện|kiều|khảo|đính|1820"},
		{"傳翹", "傳|翹"},
		{"𱥺𱺵 Kiều", "𱥺|𱺵|kiều"},
		{"\U000F1234\ue001", "\U000F1234|\ue001"},
		{"\U0002EBF0\U000323B0", "\U0002EBF0|\U000323B0"}, // Ext I, Ext J
		{"⿰口沒 và 爫", "⿰口沒|và|爫"},
		{"⿱⿰木木木 ⿲口口 ⿰", "⿱⿰木木木|口|口"},
		{"Kiều傳", "kiều|傳"},
		{"ベトナムの歴史", "ベ|ト|ナ|ム|の|歴|史"},
		{"ประเทศ", "ป|ร|ะ|เ|ท|ศ"},
		{"M'Nông R.1234 C++", "m|nông|r|1234|c"},
		{"Война и мир", "война|и|мир"},
		{"", ""}, {"?! — …", ""}, {"\xff\xfe", ""},
	}
	for _, tt := range tests {
		if got := strings.Join(slices.Collect(Words(tt.text)), "|"); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

// Signs in the order of a Nôm Kiều are one word each, those that Go does not know too.
func TestNomIsCountedBySigns(t *testing.T) {
	for _, row := range table(t, "hannom/kieu1866_sample.tsv") {
		if n := len(slices.Collect(Words(row[1]))); n != utf8.RuneCountInString(row[1]) {
			t.Errorf("%s: %d words", row[1], n)
		}
	}
}

func TestRepairedCharacters(t *testing.T) {
	for _, row := range table(t, "encodings/repair_chars.tsv") {
		from, to := []rune(row[1]), []rune(row[2])
		if len(from) != 1 || len(to) != 1 || from[0] < 0x100 && row[0] != "U+00D0" && row[0] != "U+00F0" || strings.Contains(row[0], "2212") {
			continue // not single letters, or a matter of charsets
		}
		if got, want := Match("n"+row[1]+"n"), Match("n"+row[2]+"n"); got != want {
			t.Errorf("%s: got %q, want %q", row[0], got, want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, s := range []string{"Nguyẽ̂n", "TP.Hồ", "\U000F1234⿰口", "ﷺ", "İI", "Vіệt", "giặt gịa", strings.Repeat("a\u0301", 90)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Match(s)
		if !utf8.ValidString(once) {
			t.Fatalf("%q is not UTF-8", once)
		}
		for w := range strings.FieldsSeq(once) {
			if len(w) > maxWord+4 {
				t.Fatalf("%q is too long for a word", w)
			}
		}
		if !strings.ContainsFunc(s, func(r rune) bool { return r > 0x2FF }) && Match(norm.NFD.String(s)) != once {
			t.Fatalf("%q has another form when decomposed", s)
		}
		Fold(s)
		Toneless(s)
		SortKey(s)
		Compose(s)
	})
}

func BenchmarkWords(b *testing.B) {
	const name = "Truyện Kiều: khảo đính và chú giải / Nguyễn Du"
	b.SetBytes(int64(len(name)))
	for b.Loop() {
		for range Words(name) {
		}
	}
}

func BenchmarkSortKey(b *testing.B) {
	var key []byte
	for b.Loop() {
		key = DictionaryOrder.AppendKey(key[:0], "Truyện Kiều: khảo đính và chú giải / Nguyễn Du")
	}
}
