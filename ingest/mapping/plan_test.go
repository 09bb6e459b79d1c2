package mapping

import (
	"slices"
	"strings"
	"testing"

	"mocban/ingest/tree"
	"mocban/ontology"
)

// A table that cannot be compiled is told by file, row, column and reason.
func TestTableMistakes(t *testing.T) {
	for row, want := range map[string]string{
		"24\t\t\ta\t\tW\tbf:title\ttext":                      `t.tsv, row 2, column tag: "24" is no tag: three digits, X for any, or LDR`,
		"2a5\t\t\ta\t\tW\tbf:title\ttext":                     `t.tsv, row 2, column tag: "2a5" is no tag`,
		"245\t\t\tA\t\tW\tbf:title\ttext":                     `t.tsv, row 2, column sub: 'A' is no code of a subfield`,
		"008\t\t\t1x\t\tW\tbf:title\ttext":                    `t.tsv, row 2, column sub: "1x" are no positions`,
		"245\t\t\ta\tnever\tW\tbf:title\ttext":                `t.tsv, row 2, column when: "never" is no test`,
		"245\t\t\ta\tbooks|moon\tW\tbf:title\ttext":           `t.tsv, row 2, column when: "books|moon" is no test`,
		"245\t\t\ta\t\tX\tbf:title\ttext":                     `t.tsv, row 2, column node: "X": W, I, R, A or * is expected`,
		"245\t\t\ta\t\tW\ttitle\ttext":                        `t.tsv, row 2, column path: "title" is no prefixed name`,
		"245\t\t\ta\t\tW\tbf:title[bf:Title]\ttext":           `t.tsv, row 2, column path: it must end in a property for the value`,
		"245\t\t\ta\t\tW\tbf:title\tprose":                    `t.tsv, row 2, column value: there is no way to make a value called "prose"`,
		"245\t\t\ta\t\tW\tbf:title\tcode:stars":               `t.tsv, row 2, column value: there is no list of codes called "stars"`,
		"245\t\t\ta\t\tW\tbf:title\t":                         `t.tsv, row 2, column value: it is missing`,
		"245\t\t\ta\t\tW\tbf:title\t@nothing":                 `t.tsv, row 2, column value: there is no process @nothing`,
		"245\t\t\ta\t\tW\tbf:title\t=\"not closed":            `t.tsv, row 2, column value: "not closed: the text is not closed`,
		"5XX\t\t\ta\t\tI\t+bf:note[bf:Note]/rdfs:label\tnote": "",
	} {
		table, err := ontology.ReadTable("t.tsv", "tag\tind1\tind2\tsub\twhen\tnode\tpath\tvalue\n"+row, "tag", "ind1", "ind2", "sub", "when", "node", "path", "value")
		if err != nil {
			t.Fatal(err)
		}
		_, err = compileTables([]*ontology.Table{table}, scope{Default, BIBFRAME2})
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", row, err)
		case want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)):
			t.Errorf("%q:\n\t%v, not\n\t%s", row, err, want)
		}
	}
}

// Rows of another version of BIBFRAME, or of another profile, are left out.
func TestRowsOfVersions(t *testing.T) {
	text := "profile\ttag\tsub\tnode\tpath\tvalue\n" +
		"\t500\ta\tI\tbf:note\tnote\n" +
		"default\t501\ta\tI\tbf:note\tnote\n" +
		"bf-2\t502\ta\tI\tbf:note\tnote\n" +
		"bf-3\t503\ta\tI\tbf:note\tnote\n" +
		"lc-2.10\t504\ta\tI\tbf:note\tnote\n" +
		"koha-vn\t505\ta\tI\tbf:note\tnote\n" +
		"koha-vn bf-3\t506\ta\tI\tbf:note\tnote\n" +
		"unimarc koha-vn\t507\ta\tI\tbf:note\tnote\n"
	table, err := ontology.ReadTable("t.tsv", text, "profile", "tag", "sub", "node", "path", "value")
	if err != nil {
		t.Fatal(err)
	}
	for s, want := range map[scope][]int{
		{Default, BIBFRAME2}: {500, 501, 502}, {Default, BIBFRAME3}: {500, 501, 503},
		{KohaVN, BIBFRAME2}: {500, 502, 505, 507}, {KohaVN, BIBFRAME3}: {500, 503, 505, 506, 507},
		{UNIMARC, BIBFRAME2}: {500, 502, 507},
	} {
		p, err := compileTables([]*ontology.Table{table}, s)
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for tag := 500; tag <= 507; tag++ {
			if p.tags[tag] != nil {
				got = append(got, tag)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v: rows of %v, not %v", s, got, want)
		}
	}
}

// Our own tables are compiled when a record needs them, and all of them can be.
func TestOurTables(t *testing.T) {
	m := newMapper(t)
	if m.auth.value != nil || m.trees[tree.Kinds[0]].value != nil {
		t.Error("tables are compiled that no record needed")
	}
	if err := m.ready(); err != nil {
		t.Fatal(err)
	}
	for _, k := range tree.Kinds {
		if m.trees[k].get() == nil {
			t.Errorf("there is no plan for %s", k)
		}
	}
}
