package mapping

import (
	"strings"
	"testing"

	"mocban/ontology"
)

const kohaRow = "profile\ttag\tsub\tnode\tpath\tvalue\texample\texpected\n" +
	"koha-vn\t590\ta\tI\t+bf:note[bf:Note]/rdfs:label\tnote\t590 ## $aCó chữ ký\tI bf:note[bf:Note]/rdfs:label \"Có chữ ký\"@vi\n"

// A library's own row that names a profile is for that profile alone, its example too.
func TestOwnRowOfProfile(t *testing.T) {
	table, err := ontology.ReadOverlay("own.tsv", []byte(kohaRow))
	if err != nil {
		t.Fatal(err)
	}
	r := recordOf(t, "245 00 $aSách", "590 ## $aCó chữ ký")
	for profile, want := range map[string]bool{"": false, Default: false, UNIMARC: false, KohaVN: true} {
		m, err := New(Options{Base: "https://data.example.vn/", Source: "VN-A", Profile: profile, Overlays: []*ontology.Table{table}})
		if err != nil {
			t.Fatalf("%q: %v", profile, err)
		}
		quads, _, err := m.Append(nil, r)
		if err != nil {
			t.Fatal(err)
		}
		got := false
		for _, q := range quads {
			got = got || q.O.Value() == "Có chữ ký"
		}
		if got != want {
			t.Errorf("profile %q: the row is used: %v", profile, got)
		}
		rules, err := m.Rules()
		if err != nil {
			t.Fatal(err)
		}
		listed := false
		for i := range rules {
			listed = listed || rules[i].Row.File() == "own.tsv"
		}
		if listed != want {
			t.Errorf("profile %q: the row is among the rules: %v", profile, listed)
		}
	}
}

// A slip in a row is told whatever profile it is for, by file, row and column.
func TestOwnRowOfProfileMistakes(t *testing.T) {
	for change, want := range map[[2]string]string{
		{"koha-vn", "koha"}:     `own.tsv, row 2, column profile: "koha" is no profile or version of BIBFRAME that rows can be for; there are: default, unimarc, koha-vn, bf-2, bf-3`,
		{"koha-vn", "lc-2.10"}:  `own.tsv, row 2, column profile: "lc-2.10" is no profile`,
		{"koha-vn", "bf-4"}:     `own.tsv, row 2, column profile: "bf-4" is no profile`,
		{"bf:note[", "bf;n["}:   `own.tsv, row 2, column path: "bf;n" is no prefixed name`,
		{"590\ta", "59\ta"}:     `own.tsv, row 2, column tag: "59" is no tag`,
		{"\tnote\t", "\tnot\t"}: `own.tsv, row 2, column value: there is no way to make a value called "not"`,
	} {
		table, err := ontology.ReadOverlay("own.tsv", []byte(strings.Replace(kohaRow, change[0], change[1], 1)))
		if err == nil {
			_, err = New(Options{Base: "https://data.example.vn/", Overlays: []*ontology.Table{table}})
		}
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v: %v, not %s", change, err, want)
		}
	}
}
