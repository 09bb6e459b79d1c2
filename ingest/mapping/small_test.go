package mapping

import (
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ingest/marc"
)

// One wrong character and two that changed places are found by the check character.
func TestKeys(t *testing.T) {
	check := func(k string) bool {
		sum := 0
		for i := range keyLen {
			sum += (i + 1) * strings.IndexByte(alphabet, k[i])
		}
		return k[keyLen] == alphabet[sum%29]
	}
	k := key([]byte("work\x00VN-A\x00123"))
	if len(k) != 14 || !check(k) || k != key([]byte("work\x00VN-A\x00123")) || k == key([]byte("work\x00VN-A\x001\x0023")) {
		t.Fatalf("the key is %s", k)
	}
	for i := range keyLen {
		for _, c := range alphabet {
			if wrong := k[:i] + string(c) + k[i+1:]; wrong != k && check(wrong) {
				t.Errorf("%s is taken for %s", wrong, k)
			}
		}
		if swapped := k[:i] + k[i+1:i+2] + k[i:i+1] + k[i+2:]; i+1 < keyLen && swapped != k && check(swapped) {
			t.Errorf("%s is taken for %s", swapped, k)
		}
	}
}

// The forms under which headings are known.
func TestNames(t *testing.T) {
	for s, want := range map[string]string{
		"Nguyễn, Du, 1765-1820.":          "nguyễn du 1765 1820",
		"NGUYỄN DU, 1765–1820":            "nguyễn du 1765 1820",
		"Nguyễn Hoà":                      "nguyễn hòa",
		"Truyện  Kiều /":                  "truyện kiều",
		"Smith, John (Poet)":              "smith john poet",
		"C++ (Computer program language)": "c++ computer program language",
		"C# — l'été":                      "c# l été",
		"阮攸":                              "阮 攸", // each sign is a word
		" . ":                             "",
	} {
		if got := string(appendName(nil, s)); got != want {
			t.Errorf("%q is known as %q, not %q", s, got, want)
		}
	}
	if string(appendName(nil, "Nguyễn Du")) == string(appendName(nil, "Nguyễn Dữ")) {
		t.Error("Nguyễn Du and Nguyễn Dữ are one")
	}
}

func TestTrim(t *testing.T) {
	for s, want := range map[string]string{
		"Truyện Kiều /": "Truyện Kiều", " a : ": "a", "Hà Nội.": "Hà Nội", "Smith, J.": "Smith, J.",
		"Co., Inc.": "Co., Inc.", "etc.": "etc.", "a = ": "a", "21 cm +": "21 cm", "23 cm.": "23 cm",
		"320 p.": "320 p.", "TP.": "TP.", "...": "...", "Bộ Giáo dục và Đ.": "Bộ Giáo dục và Đ.", "C++": "C++",
		"المقامات،": "المقامات", "漢文。": "漢文", "": "", "/": "", "À.": "À",
	} {
		if got := trim(s); got != want {
			t.Errorf("%q becomes %q, not %q", s, got, want)
		}
	}
}

func TestIRIs(t *testing.T) {
	for s, want := range map[string]graph.IRI{
		"https://example.org/a":                   "https://example.org/a",
		" http://example.org/a b.pdf":             "http://example.org/a%20b.pdf",
		"urn:isbn:123":                            "urn:isbn:123",
		"HTTP://EXAMPLE.ORG":                      "HTTP://EXAMPLE.ORG",
		"https://vi.wikipedia.org/wiki/Nguyễn_Du": "https://vi.wikipedia.org/wiki/Nguyễn_Du",
		"www.example.org":                         "",
		"prijevod: Tomislav Odlesic":              "",
		"http://exa mple.org/":                    "",
		"http://":                                 "",
		"https:/example.org":                      "",
		"http://example.org/{a}":                  "http://example.org/%7Ba%7D",
		"http://example.org/%zz#a#b":              "http://example.org/%25zz#a%23b",
		"http://example.org/a%20b?[1]":            "http://example.org/a%20b?%5B1%5D",
		"http://example.org:8080/x":               "http://example.org:8080/x",
		"http://127.0.0.1:8206/":                  "http://127.0.0.1:8206/",
		"http://a:b:c/":                           "",
		"http://ex%ample.org/":                    "",
		"http://exa[mple/":                        "",
		"http://user@example.org/":                "",
		"http://example.org/\uE000":               "",
		"urn:%zz":                                 "",
		"mailto:a@example.org":                    "mailto:a@example.org",
		"http://example.org/\u0007":               "",
		"javascript:alert(1)":                     "",
		"data:text/html,<b>":                      "",
		"C:\\folder":                              "",
		"":                                        "",
		"http://example.org/a\u0085bc":            "",
	} {
		if got, ok := asIRI(s); got != want || ok != (want != "") {
			t.Errorf("%q is %q, %v", s, got, ok)
		}
	}
}

func TestAuthorityIRIs(t *testing.T) {
	for s, want := range map[string]graph.IRI{
		"(DE-588)118540238":               "https://d-nb.info/gnd/118540238",
		"(DLC)sh 85143288":                "http://id.loc.gov/authorities/subjects/sh85143288",
		"(DLC)n  79021164":                "http://id.loc.gov/authorities/names/n79021164",
		"(OCoLC)fst01098232":              "http://id.worldcat.org/fast/1098232",
		"(OCoLC)12345":                    "",
		"(isni)0000 0001 2120 0982":       "https://isni.org/isni/0000000121200982",
		"(wikidata)Q36014":                "http://www.wikidata.org/entity/Q36014",
		"http://viaf.org/viaf/12345":      "http://viaf.org/viaf/12345",
		"(uri) http://viaf.org/viaf/1":    "http://viaf.org/viaf/1",
		"(VN-A)123":                       "",
		"(DE-588)1185 40238":              "",
		"12345":                           "",
		"(DE-588)":                        "",
		"(DE-588":                         "",
		"http://id.loc.gov/authorities/a": "http://id.loc.gov/authorities/a",
	} {
		if got, _ := authorityIRI(s); got != want {
			t.Errorf("%q is %q, not %q", s, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	b := testBuilder(t)
	f := &field{Field: &marc.Field{Tag: "020"}, tag: 20}
	for s, want := range map[string]string{
		"9786041002104": "9786041002104", "978-604-1-00210-4 (bìa cứng)": "9786041002104", "0-306-40615-2": "0306406152",
		"080442957X :": "080442957X", "978 604 1 00210 4": "9786041002104", "ISBN 9786041002104": "9786041002104",
	} {
		if got := b.isbn(f, s); got.Value() != want || b.invalid {
			t.Errorf("ISBN %q is %s, invalid %v", s, got, b.invalid)
		}
	}
	for _, s := range []string{"9786041002105", "0306406153", "978604100210"} {
		if b.isbn(f, s); !b.invalid {
			t.Errorf("ISBN %q is valid", s)
		}
		b.invalid = false
	}
	if got := b.isbn(f, "8935069912075"); got.Value() != "8935069912075" || b.instead == "" {
		t.Errorf("an EAN is %s", got)
	}
	if got := b.lccn(f, "  85-2 "); got.Value() != "85000002" {
		t.Errorf("LCCN is %s", got)
	}
}

func TestStatedDates(t *testing.T) {
	b := testBuilder(t)
	f := &field{Field: &marc.Field{Tag: "264"}, tag: 264}
	for s, want := range map[string]string{
		"c1997.": "1997", "[1871]": "1871", "1938-1940": "1938/1940", "[199-?]": "199X?", "1975?": "1975?",
		"Tự Đức 24 [1871]": "1871", "Tự Đức 24": "1871", "Minh Mạng năm thứ 5": "1824", "Gia Long nguyên niên": "1802",
		"Cảnh Hưng 50": "", "khoảng 1900": "1900~", "ca. 1900": "1900~", "1990-": "1990", "19971": "", "s.d.": "",
		"©2001": "2001", "1938, 1940": "1938", "嗣德二十四年": "", "": "", "12": "", "1945-1946 [in 1947]": "1945/1946",
		"0000": "", "99": "", "thế kỷ 19": "",
	} {
		if got := b.statedDate(f, s); got != want {
			t.Errorf("%q is %q, not %q", s, got, want)
		}
	}
}

func TestFixedDates(t *testing.T) {
	b := testBuilder(t)
	for s, want := range map[string]string{
		"s1871    ": "1871", "c19909999": "1990/..", "d19171934": "1917/1934", "s9999    ": "", "m19uu1999": "19XX/1999",
		"q19701979": "1970/1979", "r20231936": "2023", "n        ": "", "|||||||||": "", "s19u9    ": "", "d19341917": "1934",
		"u1990uuuu": "1990/", "b        ": "", "i18501860": "1850/1860", "s0000    ": "",
	} {
		b.r = &marc.Record{Fields: []marc.Field{{Tag: "008", Data: "260101" + s + "vm            000 0 vie d"}}}
		if got := b.fixedDate(); got != want || got != "" && !isEDTF(got) {
			t.Errorf("%q is %q, not %q", s, got, want)
		}
	}
}

func TestEDTF(t *testing.T) {
	for s, want := range map[string]bool{
		"1945": true, "1945-09": true, "1945-09-02": true, "194X": true, "1945?": true, "1945~": true, "1940/1945": true,
		"1990/..": true, "/1945": true, "..": false, "": false, "1945-13": false, "1945-09-31": false, "45": false,
		"XX45": false, "September 1945": false, "/": false, "1945-9-2": false,
	} {
		if got := isEDTF(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestLanguageTags(t *testing.T) {
	b := testBuilder(t)
	vi, zh, ar, none := languageOf("vie"), languageOf("chi"), languageOf("ara"), language{}
	for _, c := range []struct {
		text string
		l    language
		want string
	}{
		{"Truyện Kiều", vi, "vi"}, {"傳翹", vi, "vi-Hani"}, {"Hong lou meng", zh, "zh-Latn"}, {"紅樓夢", zh, "zh"},
		{"المقامات", ar, "ar"}, {"al-Maqāmāt", ar, "ar-Latn"}, {"The tale", none, ""}, {"Truyện Kiều", none, "vi"},
		{"紅樓夢", none, "und-Hani"}, {"日本の本", languageOf("jpn"), "ja"}, {"Война и мир", languageOf("rus"), "ru"},
		{"12345", vi, "vi"}, {"Các tác phẩm 文集", vi, "vi-Hani"}, {"\U000F0123", vi, "vi-Hani"},
	} {
		if got := b.tagOf(c.text, c.l); got != c.want {
			t.Errorf("%q in %q is %q, not %q", c.text, c.l.tag, got, c.want)
		}
	}
}

func TestLooksVietnamese(t *testing.T) {
	for s, want := range map[string]bool{
		"Nguyễn Du, 1765-1820": true, "Hà Nội": true, "Thư mục: tr. 310-318.": true, "Đỗ": true,
		"Éditions du Seuil": false, "Les misérables": false, "Hugo, Victor": false, "São Paulo": false, "Hoa Mai": false,
		"José Martí": false, "": false, "Müller": false, "Dvořák, Antonín": false,
	} {
		if got := looksVietnamese(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestLinks(t *testing.T) {
	for s, want := range map[string]pair{
		"880-01":         {tag: 880, number: 1},
		"245-02/$1":      {tag: 245, number: 2, script: "CJK"},
		"100-01/(3/r":    {tag: 100, number: 1, script: "Arab"},
		"700-10/Hani":    {tag: 700, number: 10, script: "Hani"},
		"245-00":         {tag: 245},
		"":               {tag: -1},
		"24-5-02/$1":     {tag: -1, number: 5, script: "CJK"},
		"245-999999/$1x": {tag: 245, number: 999999},
	} {
		tag, number, script := parseLink(s)
		if tag != want.tag || number != want.number || script != want.script {
			t.Errorf("%q: %d, %d, %q", s, tag, number, script)
		}
	}
}

func testBuilder(t *testing.T) *builder {
	t.Helper()
	b := newMapper(t).builders.get()
	b.start(&marc.Record{}, nil)
	return b
}

// Lower case in room that is used again is that of the strings package, of what is no UTF-8 too.
func TestLowered(t *testing.T) {
	var b builder
	for _, s := range []string{"", "Nhiều Tác Giả", "ĐANG CẬP NHẬT", "N/A", "[S.N.]", "K", "İstanbul", "ẞ", "\xff\xfeÀ\xc3", "a\u0300Ǆ", "名古屋"} {
		if got, want := string(b.lowered(s)), strings.ToLower(s); got != want {
			t.Errorf("%q becomes %q, not %q", s, got, want)
		}
	}
}
