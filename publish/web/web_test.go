package web

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/vocab"
)

// colours reads the variables of a block of the style sheet.
func colours(css string) map[string]string {
	all := make(map[string]string)
	for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6})`).FindAllStringSubmatch(css, -1) {
		all[m[1]] = m[2]
	}
	return all
}

// luminance is that of WCAG 2.2.
func luminance(hex string) float64 {
	var sum float64
	for i, weight := range [...]float64{0.2126, 0.7152, 0.0722} {
		v, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			return math.NaN()
		}
		c := float64(v) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// WCAG 2.2, 1.4.3: text stands out from what is behind it by 4.5 to 1.
func TestContrast(t *testing.T) {
	css, err := files.ReadFile("assets/site.css")
	if err != nil {
		t.Fatal(err)
	}
	variables, _, _ := strings.Cut(string(css), "*, *::before")
	light, dark, _ := strings.Cut(variables, "prefers-color-scheme: dark")
	for name, c := range map[string]map[string]string{"light": colours(light), "dark": colours(dark)} {
		if len(c) < 8 {
			t.Fatalf("%s: read only %v", name, c)
		}
		for _, pair := range [][2]string{
			{"ink", "paper"}, {"ink", "leaf"}, {"ink", "soft"}, {"quiet", "paper"}, {"quiet", "leaf"}, {"quiet", "soft"},
			{"link", "paper"}, {"link", "leaf"}, {"link", "soft"},
		} {
			if got := contrast(c[pair[0]], c[pair[1]]); !(got >= 4.5) {
				t.Errorf("%s: %s on %s is %.2f to 1", name, pair[0], pair[1], got)
			}
		}
		if got := contrast("#ffffff", c["seal"]); !(got >= 4.5) {
			t.Errorf("%s: white on a button is %.2f to 1", name, got)
		}
	}
}

// Every row of the tables says all it should in both languages.
func TestTables(t *testing.T) {
	n := 0
	for _, file := range []string{"words.tsv", "classes.tsv"} {
		rows(file, func(_ int, f []string) {
			n++
			if f[0] == "" || f[1] == "" || f[2] == "" {
				t.Errorf("%s: row %q is not whole", file, f)
			}
		})
	}
	groups := map[string]bool{"-": true}
	for _, g := range groupOrder {
		groups[g] = true
	}
	seen := make(map[string]bool)
	rows("properties.tsv", func(_ int, f []string) {
		n++
		if !groups[f[1]] || f[2] == "" || f[3] == "" || (f[4] == "") != (f[5] == "") {
			t.Errorf("properties.tsv: row %q is not whole", f)
		}
		if seen[f[0]] {
			t.Errorf("properties.tsv: %s comes twice", f[0])
		}
		seen[f[0]] = true
	})
	if n < 200 {
		t.Errorf("read %d rows", n)
	}
	tables() // expands every prefix, or panics
}

// Templates use no word that the table lacks.
func TestWordsOfTemplates(t *testing.T) {
	entries, err := files.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	use := regexp.MustCompile(`\.T "([^"]*)"`)
	for _, e := range entries {
		text, err := files.ReadFile("templates/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range use.FindAllStringSubmatch(string(text), -1) {
			if strings.HasPrefix(Word("vi", m[1]), "⟨") {
				t.Errorf("%s: no word for %q", e.Name(), m[1])
			}
		}
	}
}

func TestShort(t *testing.T) {
	for iri, want := range map[string]string{
		"http://id.loc.gov/ontologies/bibframe/Work": "bf:Work",
		"http://id.loc.gov/vocabulary/relators/aut":  "lcr:aut",
		"http://www.w3.org/2001/XMLSchema#gYear":     "xsd:gYear",
		"http://schema.org/a/b":                      "http://schema.org/a/b",
		"https://data.example.vn/id/work/1":          "https://data.example.vn/id/work/1",
		string(vocab.Prefixes["bf"]):                 "bf:",
		"urn:isbn:9786041123450":                     "urn:isbn:9786041123450",
	} {
		if got := Short(iri); got != want {
			t.Errorf("%s: got %s, want %s", iri, got, want)
		}
	}
}

func TestSigns(t *testing.T) {
	for text, want := range map[string]string{
		"阮攸, 1765-1820": "阮攸",
		"金雲翹新傳":         "金雲翹新傳",
		"嗣德二十四年 [1871]": "嗣德二十四年",
		"Nguyễn Du":     "",
		"𱥺𱺵.":           "𱥺𱺵",
	} {
		if got := signs(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// One text in several languages is shown once.
func TestTexts(t *testing.T) {
	v := &viewer{lang: "vi"}
	shown, also := v.texts([]graph.Term{
		graph.Text("阮攸", "zh"), graph.Text("Nguyễn Du", "vi"), graph.Text("阮攸", "vi-Hani"), graph.Text("Nguyen Du", "en"),
	})
	if shown.Text != "Nguyễn Du" || shown.Lang != "" || len(also) != 1 || also[0].Text != "阮攸" {
		t.Errorf("got %v, %v", shown, also)
	}
}
