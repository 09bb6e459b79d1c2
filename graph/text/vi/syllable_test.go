package vi

import (
	"strings"
	"testing"
)

func TestSyllablesAreTheKnownOnes(t *testing.T) {
	known := map[string]bool{}
	for _, row := range table(t, "syllables/syllables_base.txt") {
		known[row[0]] = true
	}
	if len(known) < 4000 {
		t.Fatalf("the table holds %d syllables only", len(known))
	}
	for w := range known {
		s, ok := Parse(w)
		if !ok {
			t.Errorf("%s is no syllable", w)
		} else if s.String() != w {
			t.Errorf("%s reads back as %s", w, s)
		}
	}
	for onset := range onsets {
		for _, kind := range []map[string]bool{rimes, glides} {
			for rime := range kind {
				for _, w := range []string{onset + rime, rime, strings.TrimSuffix(onset, "u") + rime, strings.TrimSuffix(onset, "i") + rime} {
					if _, ok := Parse(w); ok && !known[w] {
						t.Errorf("%s is taken for a syllable", w)
					}
				}
			}
		}
	}
}

func TestTonePlacement(t *testing.T) {
	for _, row := range table(t, "syllables/tone_placement.tsv") {
		for _, w := range row[:2] {
			if s, ok := Parse(w); !ok || s.String() != row[0] {
				t.Errorf("%s: got %v %v, want %s", w, s, ok, row[0])
			}
		}
	}
}

// A word that is written as it should stays as it is.
func TestToneTraps(t *testing.T) {
	for _, row := range table(t, "syllables/tone_placement_traps.tsv") {
		want := strings.ToLower(strings.TrimSuffix(row[1], " (old)"))
		want, _, _ = strings.Cut(want, " (old)")
		if got := oldStyle(strings.ToLower(row[0])); got != want {
			t.Errorf("%s: got %s, want %s", row[0], got, want)
		}
	}
}

func oldStyle(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		words[i] = settleTone(w)
	}
	return strings.Join(words, " ")
}

func TestToneOnAWrongLetter(t *testing.T) {
	tests := map[string]string{
		"hùynh": "huỳnh", "tòan": "toàn", "lọai": "loại", "baỏ": "bảo", "nghịêm": "nghiệm",
		"lựơng": "lượng", "qúy": "quý", "gịa": "gịa", "giạ": "giạ", "giừơng": "giường", "thủơ": "thuở",
		"thậut": "thậut", // not the tone alone is in a wrong place
		"café":  "café", "résumé": "résumé", "krông": "krông", "đắk": "đắk", "mũi": "mũi", "đ": "đ", "": "",
	}
	for w, want := range tests {
		if got := settleTone(w); got != want {
			t.Errorf("%s: got %s, want %s", w, got, want)
		}
	}
}
