package charset

import (
	"iter"
	"slices"
	"testing"
)

func each(values ...string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, v := range values {
			if !yield([]byte(v)) {
				return
			}
		}
	}
}

// latin1 returns text as bytes of ISO 8859-1.
func latin1(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

// What is right must stay as it is, whatever the record says.
func TestDetectDoesNoHarm(t *testing.T) {
	for _, row := range []struct {
		name   string
		hint   Charset
		values []string
		want   Charset
	}{
		{"ASCII", MARC8, []string{"Cum novo commento"}, MARC8},
		{"French in UTF-8", MARC8, []string{"L'été à la « CITÉ »", "Éditions", "où"}, UTF8},
		{"a capital and a quotation mark", UTF8, []string{"CITÉ»", "\"À®\" la"}, UTF8},
		{"Vietnamese in UTF-8", UTF8, []string{"Truyện Kiều", "Nguyễn Du"}, UTF8},
		{"French in MARC-8", MARC8, []string{"L'\xE2et\xE2e \xE1a la fran\xF0caise", "\xE2Editions", "c\xB6ur"}, MARC8},
		{"Vietnamese in MARC-8", MARC8, []string{"Nguy\xE3\xE4en Du", "truy\xF2\xE3en Ki\xE3\xE1eu", "th\xBD vi\xF2\xE3en qu\xE3\xE2oc gia"}, MARC8},
		{"German in MARC-8", MARC8, []string{"f\xE8ur die Universit\xE8at", "Gr\xE8o\xC7e"}, MARC8},
		{"copyright in MARC-8", MARC8, []string{"\xC3 1984"}, MARC8},
		{"Arabic, romanised", MARC8, []string{"al-\xF2Hay\xE5ah f\xE5i al-Mi\xF2sr\xE5iy\xE5in"}, MARC8},
		{"French in Latin-1, said to be UTF-8", UTF8, []string{latin1("L'été à la française"), latin1("Éditions générales, réservé")}, Windows1252},
		{"Spanish in Latin-1, said to be UTF-8", UTF8, []string{latin1("Niños pequeños, mañana"), latin1("¿Qué pasó? canción")}, Windows1252},
		{"one bad byte in UTF-8", UTF8, []string{"Truyện Kiều \xE1 Nguyễn Du"}, UTF8},
		{"Chinese in MARC-8", MARC8, []string{"\x1B$1!0!\x1B(B"}, MARC8},
	} {
		if got := Detect(row.hint, each(row.values...)); got != row.want {
			t.Errorf("%s: %v, want %v", row.name, got, row.want)
		}
	}
}

func TestDetectFindsLegacyVietnamese(t *testing.T) {
	for _, row := range []struct {
		values []string
		want   Charset
	}{
		{[]string{latin1("Th\u00AD viÖn Quèc gia ViÖt Nam"), latin1("Nh÷ng nguyªn t¾c")}, TCVN3},
		{[]string{latin1("Thö vieän Quoác gia Vieät Nam"), latin1("Coäng hoøa")}, VNI},
		{[]string{latin1("Nhà xu¤t bän Giáo døc"), latin1("Truy®n Ki«u, Vi®t Nam")}, VISCII},
	} {
		for _, hint := range []Charset{Unknown, MARC8, UTF8} {
			if got := Detect(hint, each(row.values...)); got != row.want {
				t.Errorf("%q, said to be %v: %v, want %v", row.values, hint, got, row.want)
			}
		}
	}
}

// A library system that was never told of the font shows TCVN3 as Latin letters, and exports
// them so.
func TestDetectFindsLegacyVietnameseInUnicode(t *testing.T) {
	for _, row := range []struct{ value, want string }{
		{"Th\u00AD viÖn Quèc gia ViÖt Nam, nh÷ng nguyªn t¾c", "Thư viện Quốc gia Việt Nam, những nguyên tắc"},
		{"Thö vieän Quoác gia Vieät Nam, coäng hoøa", "Thư viện Quốc gia Việt Nam, cộng hòa"},
	} {
		c := Detect(UTF8, each(row.value))
		var n Note
		if got := string(c.Append(nil, []byte(row.value), &n)); got != row.want {
			t.Errorf("%v: %q, want %q", c, got, row.want)
		}
	}
	for _, value := range []string{
		"L'été à Genève: théâtre, opéra, café, fête, rêve, garçon, naïve, où",
		"Größe, Übung, Äpfel, Öl, müde, schön, für, über, Straße",
		"São Paulo, coração, não, irmão, avó, você, três, pão",
		"Málaga, canción, niño, según, está, más, día, fácil",
		"Følelsesregistrene, på, få, året, øre, å, små, blå",
		"à la, là, dé, né, thé, ý, tú, ó, ì, è",
	} {
		if c := Detect(UTF8, each(value)); c != UTF8 {
			t.Errorf("%q taken for %v", value, c)
		}
	}
}

func TestDetectAbstains(t *testing.T) {
	for _, values := range [][]string{{"\xE1"}, {"\x80\x81\x82"}, {latin1("Öl")}} {
		if got := Detect(MARC8, each(values...)); !slices.Contains([]Charset{MARC8, Windows1252}, got) {
			t.Errorf("%q: %v", values, got)
		}
	}
}

func FuzzDetect(f *testing.F) {
	f.Add(byte(0), "Nguy\xE4\xE3en", "Th\xAD vi\xD6n")
	f.Add(byte(1), "\xC3\x83\xC2\xA9", "\x1B$1!0!")
	f.Fuzz(func(t *testing.T, hint byte, a, b string) {
		c := Detect(Charset(int(hint)%len(names)), each(a, b))
		if c == Unknown {
			t.Fatal("no answer")
		}
		var n Note
		c.Append(nil, []byte(a), &n)
	})
}

// What no other set would make of the same bytes is told without a look at the values.
func TestPlainlyUTF8(t *testing.T) {
	for text, want := range map[string]bool{
		"":                     false,
		"Nam quoc son ha":      false,
		"Người lái đò Sông":    true,
		"thư viện":             true,
		"12345678 1234567 đ":   true,
		"中文":                   true,
		"café":                 false, // as Windows-1252, read twice, it could be
		"café\x80":             false,
		"đ\xC3":                false,
		"12345678\xC4\x91\xFF": false,
	} {
		if got := IsPlainlyUTF8([]byte(text)); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}
