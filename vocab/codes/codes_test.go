package codes_test

import (
	"strings"
	"testing"

	"mocban/vocab/codes"
)

func TestLookup(t *testing.T) {
	for _, c := range []struct {
		list          *codes.List
		code, iri, vi string
	}{
		{codes.Languages, "vie", "http://id.loc.gov/vocabulary/languages/vie", "tiếng Việt"},
		{codes.Countries, "vm", "http://id.loc.gov/vocabulary/countries/vm", "Việt Nam"},
		{codes.Relators, "trl", "http://id.loc.gov/vocabulary/relators/trl", "dịch giả"},
		{codes.Illustrations, "a", "http://id.loc.gov/vocabulary/millus/ill", "minh họa"}, // the letter is not the name
		{codes.Literary, "p", "http://id.loc.gov/authorities/genreForms/gf2014026481", "thơ"},
	} {
		got, ok := c.list.Lookup(c.code)
		if !ok || string(got.IRI) != c.iri || got.Vi != c.vi {
			t.Errorf("%s %q: %v, %v", c.list.Name, c.code, got, ok)
		}
	}
	for _, code := range []string{"", "VIE", "vi", "vietnamese", "\x00\x00\x00"} {
		if c, ok := codes.Languages.Lookup(code); ok {
			t.Errorf("%q is a language: %v", code, c)
		}
	}
}

// Words that cataloguers write in $e, in both languages.
func TestNamed(t *testing.T) {
	for word, code := range map[string]string{
		"tác giả": "aut", "author": "aut", "dịch giả": "trl", "người dịch": "trl", "chủ biên": "edt",
		"sưu tầm, biên soạn": "com", "họa sĩ": "art", "editor": "edt",
	} {
		if c, ok := codes.Relators.Named(word); !ok || c.Code != code {
			t.Errorf("%q is %v, not %s", word, c, code)
		}
	}
	if c, ok := codes.Relators.Named("người qua đường"); ok {
		t.Errorf("a passer-by is %v", c)
	}
}

// Every code has an IRI that is one, an English name, and can be found.
func TestLists(t *testing.T) {
	for _, l := range codes.Lists {
		if l.About == "" || l.Class == "" || len(l.Codes) == 0 {
			t.Errorf("%s: it lacks what it is about, its class or its codes", l.Name)
		}
		for i := range l.Codes {
			c := &l.Codes[i]
			if !strings.HasPrefix(string(c.IRI), "http://id.loc.gov/") || strings.ContainsAny(string(c.IRI), " |") || c.En == "" {
				t.Errorf("%s: %+v", l.Name, c)
			}
			if found, ok := l.Lookup(c.Code); !ok || found != c {
				t.Errorf("%s: %q is not found", l.Name, c.Code)
			}
		}
		if same, ok := codes.ByName(l.Name); !ok || same != l {
			t.Errorf("%s is not found by its name", l.Name)
		}
	}
}

// The short lists, which readers see on every page, are called something in Vietnamese.
func TestVietnamese(t *testing.T) {
	for _, l := range []*codes.List{
		codes.Relators, codes.Carriers, codes.Content, codes.Media, codes.Issuance, codes.Status,
		codes.Illustrations, codes.Audiences, codes.Contents, codes.Literary, codes.Frequencies,
	} {
		missing := 0
		for i := range l.Codes {
			if l.Codes[i].Vi == "" {
				missing++
			}
		}
		if missing*8 > len(l.Codes) {
			t.Errorf("%s: %d of %d codes have no Vietnamese name", l.Name, missing, len(l.Codes))
		}
	}
}
