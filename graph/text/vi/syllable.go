package vi

import (
	"strings"
	"unicode/utf8"
)

// A Tone is one of the six tones.
type Tone uint8

// The tones, in the order of dictionaries (CLDR).
const (
	Ngang Tone = iota // a, no mark
	Huyen             // à
	Hoi               // ả
	Nga               // ã
	Sac               // á
	Nang              // ạ
)

// A letter is what a vowel is made of.
type letter struct {
	plain rune // without its tone
	bare  rune // without any mark
	tone  Tone
}

// vowels holds a row for each vowel: the bare letter, then the vowel with each tone.
var vowels = [...]string{
	"aaàảãáạ", "aăằẳẵắặ", "aâầẩẫấậ", "eeèẻẽéẹ", "eêềểễếệ", "iiìỉĩíị",
	"ooòỏõóọ", "oôồổỗốộ", "oơờởỡớợ", "uuùủũúụ", "uưừửữứự", "yyỳỷỹýỵ",
}

// letters holds every lower-case vowel, and withTone the way back.
var letters, withTone = readVowels()

func readVowels() (map[rune]letter, map[letter]rune) {
	letters, withTone := map[rune]letter{}, map[letter]rune{}
	for _, row := range vowels {
		rs := []rune(row)
		for i, r := range rs[1:] {
			l := letter{plain: rs[1], bare: rs[0], tone: Tone(i)}
			letters[r] = l
			withTone[l] = r
		}
	}
	return letters, withTone
}

// A Syllable is a word that follows the spelling rules of Vietnamese.
type Syllable struct {
	Onset string // one of 28, "" among them; qu and gi are onsets
	Rime  string // without its tone; iêng in giêng, i in gì, uyên without its u in quyên
	Tone  Tone
}

var onsets = set("b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x")

// rimes holds the rimes without a glide, glides those that begin with an o or u which is
// none of the vowel.
var (
	rimes = set(`a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt
		âc âm ân âng âp ât âu ây e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
		i ich im in inh ip it iu ia iêc iêm iên iêng iêp iêt iêu
		o oc oi om on ong op ot ooc oong ô ôc ôi ôm ôn ông ôp ôt ôông ơ ơi ơm ơn ơp ơt
		u uc ui um un ung up ut ua uôc uôi uôm uôn uông uôt
		ư ưc ưi ưm ưn ưng ưt ưu ưa ươc ươi ươm ươn ương ươp ươt ươu y yêm yên yêng yêt yêu`)
	glides = set(`oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăp oăt
		oe oec oem oen oeng oeo oet uâ uân uâng uât uây uê uêch uên uênh uêt uơ uơn uơt
		uy uya uych uyn uynh uyp uyt uyu uyên uyêt`)
)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// Parse reads a word in lower-case NFC as a syllable. The tone may stand on any vowel; ok
// is false for words with two tones and for what no Vietnamese syllable looks like.
func Parse(word string) (s Syllable, ok bool) {
	if len(word) > 24 { // nghiêng with every mark is shorter
		return s, false
	}
	var b strings.Builder
	for _, r := range word {
		l, vowel := letters[r]
		if !vowel {
			b.WriteRune(r)
			continue
		}
		if l.tone != Ngang {
			if s.Tone != Ngang {
				return s, false
			}
			s.Tone = l.tone
		}
		b.WriteRune(l.plain)
	}
	s.Onset, s.Rime, ok = parseToneless(b.String())
	return s, ok
}

func parseToneless(w string) (onset, rime string, ok bool) {
	for n := min(3, len(w)); n >= 0; n-- {
		onset, rime = w[:n], w[n:]
		if n > 0 && !onsets[onset] {
			continue
		}
		if onset != "gi" {
			return onset, rime, fits(onset, rime)
		}
		if !startsWithVowel(rime) || strings.HasPrefix(rime, "ê") && rimes["i"+rime] {
			return onset, "i" + rime, fits(onset, "i"+rime) // one i is both
		}
		return onset, rime, fits(onset, rime) && !strings.HasPrefix(rime, "i")
	}
	return "", "", false
}

func startsWithVowel(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	_, ok := letters[r]
	return ok
}

// fits tells whether the spelling rules join an onset to a rime.
func fits(onset, rime string) bool {
	if onset == "qu" {
		glide := glides["u"+rime] && rime != "â"
		return glide || rimes[rime] && !strings.HasPrefix(rime, "u") && !strings.HasPrefix(rime, "ư")
	}
	if !rimes[rime] && !glides[rime] {
		return false
	}
	front := strings.HasPrefix(rime, "i") || strings.HasPrefix(rime, "e") ||
		strings.HasPrefix(rime, "ê") || strings.HasPrefix(rime, "y")
	switch onset {
	case "k", "gh", "ngh":
		return front && !strings.HasPrefix(rime, "yê")
	case "c", "g", "ng":
		return !front
	case "":
		return !strings.HasPrefix(rime, "iê")
	}
	return !strings.HasPrefix(rime, "yê")
}

// String returns the syllable as it is written, with its tone in the older place: hòa, not
// hoà.
func (s Syllable) String() string {
	onset := s.Onset
	if onset == "gi" && strings.HasPrefix(s.Rime, "i") {
		onset = "g"
	}
	rime := []rune(s.Rime)
	at := tonePlace(rime)
	rime[at] = withTone[letter{rime[at], letters[rime[at]].bare, s.Tone}]
	return onset + string(rime)
}

// tonePlace tells which letter of a rime carries the tone: the last one that is more than
// a bare letter; before a coda the last vowel; else the first of two and the middle one of
// three.
func tonePlace(rime []rune) int {
	n, marked := 0, -1
	for n < len(rime) {
		l, vowel := letters[rime[n]]
		if !vowel {
			break
		}
		if l.plain != l.bare {
			marked = n
		}
		n++
	}
	switch {
	case marked >= 0:
		return marked
	case n < len(rime):
		return n - 1
	case n == 3:
		return 1
	}
	return 0
}
