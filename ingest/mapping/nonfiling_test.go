package mapping

import (
	"testing"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

// MARC 21 counts the characters of an article in the first indicator of 130, 630 and 730, and in
// the second of 240, 830 and, of authority records, 130. The other indicator says something else,
// or is left over from an older edition of the format.
func TestNonfilingCharacters(t *testing.T) {
	m := newMapper(t)
	hubs := func(line string) (all []string) {
		r := book(t, "1", "245 00 $aSách", line)
		if line[:3] == "240" { // has a main entry
			r = book(t, "1", "100 0# $aNguyễn Du", "245 00 $aSách", line)
		}
		quads, _, err := m.Append(nil, r)
		if err != nil {
			t.Fatal(err)
		}
		is := map[graph.Term]bool{}
		for _, q := range quads {
			is[q.S] = is[q.S] || q.P == rdf.Type && q.O == bf.Hub.Term()
		}
		for _, q := range quads {
			if is[q.S] && q.P == rdfs.Label {
				all = append(all, q.O.Value())
			}
		}
		return all
	}
	for line, want := range map[string]string{
		"130 4# $aThe Times":      "Times",
		"130 0# $aThe Times":      "The Times",
		"130 04 $aThe Times":      "The Times",
		"240 14 $aThe tale":       "Tale",
		"240 10 $aThe tale":       "The tale",
		"630 40 $aThe Bible":      "Bible",
		"630 04 $aThe Bible":      "The Bible",
		"730 4# $aThe Times":      "Times",
		"730 0# $aThe Times":      "The Times",
		"730 02 $aA tale":         "A tale",
		"830 #4 $aThe Loeb books": "Loeb books",
		"830 #0 $aThe Loeb books": "The Loeb books",
		"830 40 $aThe Loeb books": "The Loeb books",
	} {
		if got := hubs(line); len(got) != 1 || got[0] != want {
			t.Errorf("%s: the hub is called %q, not %q", line, got, want)
		}
	}
}

// A title with an article is one thing in an authority record and in the fields that name it,
// wherever each of them counts the article.
func TestNonfilingMeetsAuthority(t *testing.T) {
	head := authority(t, "1", "130 #4 $aThe Loeb books")
	m := linking(t, head)
	thing := m.becomes(t, head).thing()
	for _, line := range []string{"830 #4 $aThe Loeb books", "730 4# $aThe Loeb books", "130 4# $aThe Loeb books", "630 40 $aThe Loeb books"} {
		if len(m.becomes(t, book(t, "2", line)).all(thing, rdf.Type)) == 0 {
			t.Errorf("%s does not lead to the authority record", line)
		}
	}
}
