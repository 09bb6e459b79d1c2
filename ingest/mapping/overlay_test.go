package mapping

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mocban/ingest/formats"
	"mocban/ingest/marc"
	"mocban/ingest/tree"
	"mocban/ontology"
)

// withRows returns a mapper with rows of a library over ours, written with | for the tabs.
func withRows(rows ...string) (*Mapper, error) {
	text := strings.ReplaceAll(strings.Join(rows, "\n"), "|", "\t")
	t, err := ontology.ReadOverlay("own.tsv", []byte(text))
	if err != nil {
		return nil, err
	}
	return New(Options{Base: testBase, Source: "VN-TEST", Overlays: []*ontology.Table{t}})
}

const overlayHead = "kind|does|tag|ind1|ind2|sub|when|node|path|value|example|expected"

// recordOf returns a record of lines as the column example writes them.
func recordOf(t *testing.T, lines ...string) *marc.Record {
	t.Helper()
	r, err := exampleRecord("bib", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		f, err := exampleField(l)
		if err != nil {
			t.Fatal(err)
		}
		r.Fields = append(r.Fields, f)
	}
	return r
}

func mapped(t *testing.T, m *Mapper, r *marc.Record) (string, []Finding) {
	t.Helper()
	quads, findings, err := m.Append(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	return dump(quads), findings
}

// A library adds a row for a field of its own.
func TestOverlayAdds(t *testing.T) {
	r := recordOf(t, "590 ## $aCó chữ ký")
	if got, found := mapped(t, newMapper(t), r); strings.Contains(got, "Có chữ ký") || len(found) != 1 || found[0].Tag != "590" {
		t.Fatalf("without the row: %v\n%s", found, got)
	}
	m, err := withRows("tag|sub|node|path|value|example|expected",
		`590|a|I|+bf:note[bf:Note]/rdfs:label|note|590 ## $aCó chữ ký|I bf:note[bf:Note]/rdfs:label "Có chữ ký"@vi`)
	if err != nil {
		t.Fatal(err)
	}
	if got, found := mapped(t, m, r); !strings.Contains(got, `"Có chữ ký"@vi`) || len(found) != 0 {
		t.Errorf("with the row: %v\n%s", found, got)
	}
}

// A row replaces what ours say of a subfield; the other subfields stay as they are.
func TestOverlayReplaces(t *testing.T) {
	r := recordOf(t, "521 ## $aNgười lớn", "500 ## $aGhi chú chung")
	m, err := withRows(overlayHead, "|replace|500|||a||W|+bf:note[bf:Note]/rdfs:label|note|500 ## $ax|W bf:note[bf:Note]/rdfs:label \"x\"@vi")
	if err != nil {
		t.Fatal(err)
	}
	x, err := m.Explain(r)
	if err != nil {
		t.Fatal(err)
	}
	if got := rulesOf(x, "500", "a"); len(got) != 1 || got[0] != "own.tsv:2" {
		t.Errorf("500 $a is read by %v", got)
	}
	if got := rulesOf(x, "521", "a"); len(got) == 0 || strings.HasPrefix(got[0], "own") {
		t.Errorf("521 $a is read by %v", got)
	}
	text, _ := mapped(t, m, r)
	for line := range strings.Lines(text) {
		if strings.Contains(line, "/id/instance/") && strings.Contains(line, "bibframe/note>") {
			t.Errorf("the row of ours is still there: %s", line)
		}
	}
}

// A row switches off one of ours: the field is told as unmapped, with the row that did it.
func TestOverlaySwitchesOff(t *testing.T) {
	m, err := withRows(overlayHead, "|off|500|||||||||", "|off|LDR|||05|is:n|||||")
	if err != nil {
		t.Fatal(err)
	}
	r := recordOf(t, "500 ## $aGhi chú chung")
	text, found := mapped(t, m, r)
	if strings.Contains(text, "Ghi chú chung") || strings.Contains(text, "mstatus/n>") {
		t.Errorf("it is still mapped:\n%s", text)
	}
	if !slices.ContainsFunc(found, func(f Finding) bool { return f.Rule == "unmapped" && f.Tag == "500" }) {
		t.Errorf("the field is not told: %v", found)
	}
	x, err := m.Explain(r)
	if err != nil {
		t.Fatal(err)
	}
	p := partOf(x, "500", "a")
	if p.State != Unmapped || !slices.Equal(p.Rules, []string{"own.tsv:2"}) {
		t.Errorf("500 $a: %+v", p)
	}
}

// Rows of authority records are for these alone.
func TestOverlayKind(t *testing.T) {
	m, err := withRows(overlayHead, `auth||680|||z||A|skos:note|note|680 ## $zThử|A skos:note "Thử"@vi`)
	if err != nil {
		t.Fatal(err)
	}
	if m.bib.tags[680] != nil {
		t.Error("the row is for bibliographic records, too")
	}
}

// Two rows that replace the same do not replace one another.
func TestOverlayReplacesTwice(t *testing.T) {
	m, err := withRows(overlayHead,
		`|replace|500|||a||W|+bf:note[bf:Note]/rdfs:label|note|500 ## $ax|W bf:note[bf:Note]/rdfs:label "x"@vi`,
		`|replace|500|||a||I|+bf:note[bf:Note]/rdfs:label|note|500 ## $ax|I bf:note[bf:Note]/rdfs:label "x"@vi`)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(m.bib.tags[500].bySub[0]); n != 2 {
		t.Errorf("%d rows read 500 $a", n)
	}
}

// Mistakes are told with file, row and column, in both languages.
func TestOverlayMistakes(t *testing.T) {
	for row, want := range map[string][2]string{
		"|maybe|590|||a||I|bf:note|note||":             {`own.tsv, row 2, column does: "maybe": add, replace or off is expected`, `own.tsv, dòng 2, cột does: "maybe": phải là add`},
		"||590|||a||I|+bf:note/rdfs:label|note||":      {"own.tsv, row 2, column path: a step follows http://id.loc.gov/ontologies/bibframe/note, so it leads to a node", "hãy thêm ngoặc vuông"},
		"item||590|||a||I|bf:note|note||":              {`own.tsv, row 2, column kind: "item": bib, auth, hold, unimarc or unimarc-auth is expected, or dc, mods`, "cột kind"},
		"||59|||a||I|bf:note|note||":                   {`own.tsv, row 2, column tag: "59" is no tag`, `cột tag: "59" không phải nhãn trường`},
		"||XXXXXXXXXXXXXXXXXXXX|||a||I|bf:note|note||": {`own.tsv, row 2, column tag: `, "cột tag"},
		"|||||a||I|bf:note|note||":                     {"own.tsv, row 2, column tag: it is missing", "còn thiếu nhãn"},
		"||590|||||I|bf:note|note||":                   {"own.tsv, row 2, column sub: it is missing", "những trường con nào"},
		"||590|||š||I|bf:note|note||":                  {"own.tsv, row 2, column sub: 'š' is no code of a subfield; write the codes alone", "không phải mã trường con"},
		"||590|||a||I|bf:no te|note||":                 {`own.tsv, row 2, column path: "http://id.loc.gov/ontologies/bibframe/no te" is no valid IRI`, "không phải IRI"},
		"||590|||a||I|bf:note|=<http://a b>||":         {`own.tsv, row 2, column value: "http://a b" is no valid IRI`, "không phải IRI"},
		`||590|||a||I|bf:note|="x"@v i||`:              {`own.tsv, row 2, column value: "v i" is no tag of a language`, "không phải mã ngôn ngữ"},
		"||590|||a||I|bf:note|by-:note||":              {`own.tsv, row 2, column value: there is no way`, "không có cách"},
		"||590|||a||I|bf:note|note|590|":               {`own.tsv, row 2, column example: "590" is no field`, "không phải một trường"},
		"||590|||a||I|bf:note|note|590 ## $bx|":        {"own.tsv, row 2, column example: the row makes nothing of its own example", "không cho gì"},
		`||590|||a||I|bf:note|note|590 ## $ax|I bf:note "y"@vi`: {
			"own.tsv, row 2, column expected: I bf:note \"y\"@vi is not there; there is\n", "không có; chỉ có\n"},
		"||590|||a||I|bf:note|note|590 ## $ax|x":                            {`own.tsv, row 2, column expected: "x" is not a node`, "không gồm nút"},
		`||590|||a||I|bf:note|note||I bf:note "y"@vi`:                       {"own.tsv, row 2, column example: there is an expected result, but no example", "thiếu ví dụ"},
		"|off|590|||||||||":                                                 {"own.tsv, row 2, column tag: there is no row of ours like this", "không có quy tắc có sẵn"},
		"|off|264|||b||||||":                                                {"own.tsv, row 2, column sub: ontology/marc21/bib-3-titles.tsv, row 71 calls the process @provision", "gọi xử lý @provision"},
		"||590|||a||I|bf:note[=bf:Note]/rdfs:label|note||":                  {"own.tsv, row 2, column path: in brackets there are", "trong ngoặc vuông"},
		"||590|||a||I|bf:note|note|||x":                                     {"own.tsv, row 2: 13 cells", "có 13 ô"},
		"||590|||a||I|bf:note|note|590 ## $ax|I bf:note[bf:Note]/x:y \"z\"": {`own.tsv, row 2, column expected: "x:y": the prefix "x" is not known`, "không biết tiền tố"},
	} {
		_, err := withRows(overlayHead, row)
		var table *ontology.TableError
		if !errors.As(err, &table) {
			t.Errorf("%s: %v", row, err)
			continue
		}
		if !strings.HasPrefix(err.Error(), want[0]) {
			t.Errorf("%s:\n\t%v, not\n\t%s", row, err, want[0])
		}
		if vi := table.In("vi"); !strings.Contains(vi, want[1]) || !strings.HasPrefix(vi, "own.tsv, dòng 2") {
			t.Errorf("%s:\n\t%s, not\n\t%s", row, vi, want[1])
		}
	}
	table, err := ontology.ReadOverlay("own.tsv", []byte("tag\tvalue\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Base: testBase, Profile: LC, Overlays: []*ontology.Table{table}}); !errors.Is(err, ErrOverlay) {
		t.Errorf("with lc-2.10: %v", err)
	}
}

// A table as people save it: with other marks between the cells it is told what to do; empty
// columns at the end and capitals in the names of columns do no harm.
func TestOverlayAsSaved(t *testing.T) {
	const table = "tag\tsub\tnode\tpath\tvalue\n590\ta\tI\t+bf:note[bf:Note]/rdfs:label\tnote\n"
	for _, mark := range []string{",", ";"} {
		_, err := ontology.ReadOverlay("own.tsv", []byte(strings.ReplaceAll(table, "\t", mark)))
		if want := `own.tsv, row 1: the cells are divided by "` + mark + `"; save it as text with tabs`; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q between the cells: %v", mark, err)
		}
	}
	for name, text := range map[string]string{
		"empty columns": strings.ReplaceAll(table, "\n", "\t\t\n"), "capitals": strings.Replace(table, "tag", "Tag", 1), "an empty row": table + "\t\t\t\n",
	} {
		got, err := ontology.ReadOverlay("own.tsv", []byte(text))
		if err != nil || len(got.Rows) != 1 || got.Rows[0].Cell("tag") != "590" {
			t.Errorf("%s: %v %+v", name, err, got)
		}
	}
}

func partOf(x *Explanation, tag, code string) PartExplained {
	for _, f := range x.Fields {
		for _, p := range f.Parts {
			if f.Tag == tag && p.Code == code {
				return p
			}
		}
	}
	return PartExplained{}
}

func rulesOf(x *Explanation, tag, code string) []string { return partOf(x, tag, code).Rules }

// The explanation tells what became of each subfield, and every triple has a cause.
func TestExplain(t *testing.T) {
	m := newMapper(t)
	r := recordOf(t, "500 ## $aGhi chú$xkhông có", "700 1# $aNgô, Tất Tố$3sách", "069 ## $aX1", "500 ## $aĐang cập nhật")
	x, err := m.Explain(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		tag, code string
		state     State
		rule      string
	}{
		{"500", "a", Mapped, "bib-5-notes.tsv:"},
		{"500", "x", Unmapped, ""},
		{"700", "a", Mapped, "bib-7-others.tsv:3"},
		{"700", "3", Ignored, "bib-7-others.tsv:"},
		{"069", "a", Unmapped, ""},
		{"245", "a", Mapped, "bib-3-titles.tsv:13"},
		{"001", "", Mapped, "bib-1-control.tsv:"},
		{"008", "35-37", Mapped, "bib-1-control.tsv:"},
		{"008", "00-05", Mapped, "bib-1-control.tsv:"},
		{"LDR", "06", Mapped, "bib-1-control.tsv:"},
		{"LDR", "00-04", Ignored, "mocban"},
	} {
		p := partOf(x, want.tag, want.code)
		if p.State != want.state || want.rule == "" && len(p.Rules) > 0 || want.rule != "" && !slices.ContainsFunc(p.Rules, func(s string) bool { return strings.Contains(s, want.rule) }) {
			t.Errorf("%s $%s: %+v, not %s by %s", want.tag, want.code, p, want.state, want.rule)
		}
	}
	last := x.Fields[len(x.Fields)-1]
	if last.Parts[0].State != Nothing {
		t.Errorf("a placeholder: %+v", last.Parts[0])
	}
	quads, _, err := m.Append(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	told := causes(x)
	for _, q := range quads {
		if len(told[q.Triple().String()]) == 0 {
			t.Errorf("nobody has made %s", q)
		}
	}
	if len(told) != len(quads) || x.Triples != len(quads) {
		t.Errorf("%d triples are told, %d were made", len(told), len(quads))
	}
	for line, rules := range told {
		if strings.Contains(line, `label> "Ghi chú"@vi`) && !slices.ContainsFunc(rules, func(r string) bool { return strings.Contains(r, "bib-5-notes.tsv") }) {
			t.Errorf("%s is made by %v", line, rules)
		}
	}
}

// Date and country of 008 are mapped by the program, with 264 or without; the triples that they
// alone lead to are theirs.
func TestExplainFixedDate(t *testing.T) {
	m := newMapper(t)
	for _, c := range []struct {
		fixed, field string
		state        State
		made         bool
	}{
		{"260101s2020    vm            000 0 vie d", "500 ## $aGhi chú", Mapped, true},
		{"260101s2020    vm            000 0 vie d", "264 #1 $aHà Nội :$bKim Đồng,$c2020", Mapped, false},
		{"260101                       000 0 vie d", "500 ## $aGhi chú", Ignored, false},
	} {
		r := &marc.Record{Leader: "00000nam a2200000 i 4500", Fields: []marc.Field{{Tag: "001", Data: "1"}, {Tag: "008", Data: c.fixed}}}
		x, err := m.Explain(withFields(t, r, []string{"245 00 $aSách", c.field}))
		if err != nil {
			t.Fatal(err)
		}
		if p := partOf(x, "008", "06-17"); p.State != c.state || len(p.Made) > 0 != c.made || !slices.Contains(p.Rules, "mocban") {
			t.Errorf("%s with %s: %+v", c.fixed, c.field, p)
		}
	}
}

// causes returns the rules that made each triple.
func causes(x *Explanation) map[string][]string {
	told := map[string][]string{}
	add := func(all []Made) {
		for _, m := range all {
			for _, line := range m.Triples {
				told[line] = append(told[line], m.Rule)
			}
		}
	}
	add(x.Program)
	for _, f := range x.Fields {
		add(f.Made)
		for _, p := range f.Parts {
			add(p.Made)
		}
	}
	return told
}

// In the records of libraries nothing is lost in silence: each subfield is mapped, left out by a
// What no row reads is told, wherever it stands: in a subfield with an odd code, in the 880 of a
// field, in an 880 that belongs to none, in a text between elements.
func TestUnreadIsTold(t *testing.T) {
	m := newMapper(t)
	told := func(r *marc.Record) (all []string) {
		parts, findings, err := m.Outcomes(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parts {
			if p.State == Unmapped && !strings.HasPrefix(p.Tag, "00") && !slices.ContainsFunc(findings, func(f Finding) bool { return f.Rule == "unmapped" && strings.HasPrefix(p.Tag, f.Tag) }) {
				t.Errorf("%s $%s %q is in no finding", p.Tag, p.Code, p.Value)
			}
		}
		for _, f := range findings {
			if f.Rule == "unmapped" {
				all = append(all, f.Tag+strings.TrimRight(string(rune(f.Code)), "\x00"))
			}
		}
		return all
	}
	r := recordOf(t, "245 00 $6880-01$aNhan đề", "852 ## $aVN-X$Dx", "880 00 $6245-01/$a石室$9x", "880 ## $anhan đề khác", "880 ## $6999-00/$ax")
	if got := fmt.Sprint(told(r)); got != "[8809 852D 880]" {
		t.Errorf("told of %s", got)
	}
	e, err := tree.ParseXML([]byte(`<mods><titleInfo><title lang="vi">Số đỏ</title></titleInfo><odd a="b">x</odd><name><namePart>Vũ Trọng Phụng</namePart></name></mods>`), nil)
	if err != nil {
		t.Fatal(err)
	}
	x := &marc.Record{Tree: &tree.Record{Kind: tree.MODS, Root: e}, Fields: []marc.Field{{Tag: "001", Data: "1"}}}
	if got := fmt.Sprint(told(x)); got != "[mods/odd mods/odd/@a]" {
		t.Errorf("told of %s", got)
	}
}

// row, or told as unmapped; each triple has a cause; and asking changes nothing.
func TestExplainRealRecords(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(realData, "bib/*.mrc"))
	more, _ := filepath.Glob("testdata/*.mrk")
	m := newMapper(t)
	var c Coverage
	in, records := 0, 0
	for _, file := range append(more, files...) {
		for _, r := range firstRecords(t, file, 6) {
			quads, findings, err := m.Append(nil, r)
			if err != nil {
				continue
			}
			x, err := m.Explain(r)
			if err != nil {
				t.Fatal(err)
			}
			records++
			if told := causes(x); len(told) != len(quads) || len(x.Findings) != len(findings) {
				t.Fatalf("%s, record %s: %d triples are told, %d were made; %d and %d findings", file, r.ID(), len(told), len(quads), len(x.Findings), len(findings))
			}
			checkFindings(t, x)
			if err := c.Count(m, r); err != nil {
				t.Fatal(err)
			}
			for i := range r.Fields {
				in += len(r.Fields[i].Subfields)
			}
		}
	}
	if records == 0 {
		t.Skip("there are no records")
	}
	counted := 0
	for k, n := range c.parts {
		if k.code != "" && len(k.code) == 1 && k.tag != "LDR" && k.tag > "009" {
			counted += n.times
		}
	}
	if counted != in {
		t.Errorf("%d subfields came in, %d are accounted for", in, counted)
	}
	all, states := c.Totals()
	if sum := states[0] + states[1] + states[2] + states[3]; sum != all {
		t.Errorf("%d of %d have a state", sum, all)
	}
	t.Logf("%d records, %d subfields and positions: %v", records, all, states)
}

// checkFindings compares what is explained as unmapped with what the mapper reports so.
func checkFindings(t *testing.T, x *Explanation) {
	t.Helper()
	reported := map[string]bool{}
	for _, f := range x.Findings {
		if f.Rule == "unmapped" {
			reported[f.Tag] = true
			reported[f.Tag+string(rune(f.Code))] = true
		}
	}
	for _, f := range x.Fields {
		for _, p := range f.Parts {
			if len(f.Parts) == 0 || p.State != Unmapped || f.Tag == "LDR" || f.Tag < "010" || f.Tag == "880" {
				continue
			}
			if len(p.Code) == 1 && subIndex(p.Code[0]) >= 0 && !reported[f.Tag] {
				t.Errorf("record %s: %s $%s is unmapped, but not reported", x.Number, f.Tag, p.Code)
			}
		}
	}
}

func firstRecords(t *testing.T, file string, n int) (records []*marc.Record) {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	r, err := formats.NewReader(in, marc.ReadOptions{})
	if err != nil {
		return nil
	}
	for len(records) < n {
		rec, err := r.Next()
		var bad *marc.BadRecord
		if errors.As(err, &bad) {
			continue
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				t.Logf("%s: %v", file, err)
			}
			return records
		}
		if rec.Tree == nil {
			records = append(records, rec)
		}
	}
	return records
}

// FuzzOverlay reads tables of libraries: they may be refused with a place, but nothing panics,
// and what they make of a record can be written.
func FuzzOverlay(f *testing.F) {
	head := strings.ReplaceAll(overlayHead, "|", "\t") + "\n"
	for _, row := range []string{
		`||590|||a||I|+bf:note[bf:Note]/rdfs:label|note|590 ## $aCó|I bf:note[bf:Note]/rdfs:label "Có"@vi`,
		"|replace|500|||a||W|+bf:note[bf:Note; bf:status=lc:mstatus/n]/rdfs:label|join:note||", "|off|260 264|||||||||",
		"||LDR|||17|is:1|R|bf:status|by1:code:color||", "||9XX|1|#|ab|with:a !two:x|*|bf:note|=\"x\"@vi||",
	} {
		f.Add([]byte(head + strings.ReplaceAll(row, "|", "\t")))
	}
	f.Add([]byte("\xff\xfet\x00a\x00g\x00"))
	r := &marc.Record{Leader: "00000nam a2200000 i 4500", Fields: []marc.Field{
		{Tag: "001", Data: "1"}, {Tag: "008", Data: "260101s2020    vm            000 | vie d"},
		{Tag: "245", Ind1: '0', Ind2: '0', Subfields: []marc.Subfield{{Code: 'a', Value: "Nhan đề"}}},
		{Tag: "590", Ind1: ' ', Ind2: ' ', Subfields: []marc.Subfield{{Code: 'a', Value: "Có chữ ký"}}},
	}}
	like := newMapper(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := ontology.ReadOverlay("own.tsv", data)
		if err == nil {
			var p *plan
			if p, err = compile("bib", scope{Default, BIBFRAME2}, []*ontology.Table{table}); err == nil {
				m := Mapper{options: like.options, bib: p, auth: like.auth, uni: like.uni, trees: like.trees, types: like.types, aligner: like.aligner}
				m.builders.make = func() *builder { return &builder{m: &m, names: newMemory(), aligning: m.aligner.NewRun()} }
				if err = m.tryExamples([]*ontology.Table{table}); err == nil {
					quads, _, err := m.Append(nil, r)
					if err != nil {
						t.Fatal(err)
					}
					for _, q := range quads {
						if err := checkQuad(q); err != nil {
							t.Fatalf("%v: %s", err, q)
						}
					}
				}
			}
		}
		var place *ontology.TableError
		if err != nil && (!errors.As(err, &place) || place.In("vi") == "") {
			t.Fatalf("an error without a place: %v", err)
		}
	})
}

const treeHead = "kind|does|element|node|path|value|reads|example|expected"

// explainedTree explains the one record of a text by ours and some rows of a library.
func explainedTree(t *testing.T, text string, rows ...string) *Explanation {
	t.Helper()
	m, err := withRows(append([]string{treeHead}, rows...)...)
	if err != nil {
		t.Fatal(err)
	}
	records, err := readText(text, marc.ReadOptions{})
	if err != nil || len(records) != 1 {
		t.Fatal(err)
	}
	wholly(t, m, text, records[0])
	x, err := m.Explain(records[0])
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// A library adds, replaces and switches off rows for records that are trees.
func TestOverlayTrees(t *testing.T) {
	const note = `<mods><titleInfo><title>A</title></titleInfo><note>Ghi chú</note><extension><chuKy>Có</chuKy></extension></mods>`
	const row = `mods||extension/chuKy|I|+bf:note[bf:Note]/rdfs:label|note||<mods><extension><chuKy>Có</chuKy></extension></mods>|I bf:note[bf:Note]/rdfs:label "Có"@vi`
	if p := partOf(explainedTree(t, note), "mods/extension/chuKy", ""); p.State != Unmapped {
		t.Errorf("without a row: %+v", p)
	}
	if p := partOf(explainedTree(t, note, row), "mods/extension/chuKy", ""); p.State != Mapped || !slices.Equal(p.Rules, []string{"own.tsv:2"}) {
		t.Errorf("with a row: %+v", p)
	}
	was := partOf(explainedTree(t, note), "mods/note", "")
	if was.State != Mapped {
		t.Fatalf("ours: %+v", was)
	}
	if p := partOf(explainedTree(t, note, "mods|off|mods/note[!@type]||||||"), "mods/note", ""); p.State != Unmapped || !slices.Equal(p.Rules, []string{"own.tsv:2"}) {
		t.Errorf("switched off: %+v", p)
	}
	p := partOf(explainedTree(t, note, `mods|replace|mods/note[!@type]|W|+bf:note[bf:Note]/rdfs:label|note||<mods><note>x</note></mods>|W bf:note[bf:Note]/rdfs:label "x"`), "mods/note", "")
	if p.State != Mapped || !slices.Equal(p.Rules, []string{"own.tsv:2"}) || !strings.Contains(p.Made[0].Triples[0], "/id/work/") {
		t.Errorf("replaced: %+v", p)
	}
	// A description inside METS is one of MODS.
	mets := `<mets OBJID="1"><dmdSec ID="d1"><mdWrap><xmlData>` + note + `</xmlData></mdWrap></dmdSec></mets>`
	x := explainedTree(t, mets, row)
	if !slices.ContainsFunc(x.Fields, func(f FieldExplained) bool {
		return strings.HasSuffix(f.Tag, "extension/chuKy") && f.Parts[0].State == Mapped
	}) {
		t.Errorf("in METS: %+v", x.Fields)
	}
	// A column of a sheet that is no field that we know.
	sheet := "Mã biểu ghi,Nhan đề,Tác giả,Chữ ký của ai\n1,Tắt đèn,Ngô Tất Tố,Ngô Tất Tố\n"
	if p := partOf(explainedTree(t, sheet), "Chữ ký của ai", ""); p.State != Unmapped {
		t.Errorf("a column: %+v", p)
	}
	if p := partOf(explainedTree(t, sheet, `sheet||/«Chữ_ký_của_ai»|I|+bf:note[bf:Note]/rdfs:label|note||Mã biểu ghi,Nhan đề,Tác giả,Chữ ký của ai¶1,A,B,Tô Hoài|I bf:note[bf:Note]/rdfs:label "Tô Hoài"@vi`), "Chữ ký của ai", ""); p.State != Mapped {
		t.Errorf("a column with a row: %+v", p)
	}
}

// Mistakes in rows for trees are told with file, row and column.
func TestOverlayTreeMistakes(t *testing.T) {
	for row, want := range map[string][2]string{
		"mods|||I|bf:note|note|||":                                             {"own.tsv, row 2, column element: it is missing", "còn thiếu tên phần tử"},
		"||note|I|bf:note|note|||":                                             {"own.tsv, row 2, column tag: it is missing", "còn thiếu nhãn"},
		"mods||note[x|I|bf:note|note|||":                                       {`own.tsv, row 2, column element: "note[x": the bracket is not closed`, "chưa đóng ngoặc"},
		"mods||note||bf:note|note|||":                                          {"own.tsv, row 2, column node: one of W", "còn thiếu"},
		"mods||note|Q|bf:note|note|||":                                         {`own.tsv, row 2, column node: "Q"`, "phải là W"},
		"mods||note|I|bf:note[bf:Note]|note|||":                                {"own.tsv, row 2, column path: it must end", "phải kết thúc"},
		"mods||note|I|bf:no>te|note|||":                                        {"own.tsv, row 2, column path: ", "không phải IRI"},
		"mods||note|I|bf:note|poem|||":                                         {"own.tsv, row 2, column value: there is no way", "không có cách"},
		"mods||note|||@poem|||":                                                {"own.tsv, row 2, column value: there is no process @poem", "không có xử lý"},
		"mods|off|poem||||||":                                                  {`own.tsv, row 2, column element: there is no row of ours with just "poem"`, "không có quy tắc có sẵn"},
		"mods||note|I|bf:note|note||<mods>|":                                   {"own.tsv, row 2, column example: ", "cột example"},
		"mods||note|I|bf:note|note||<dc><title>A</title></dc>|":                {"own.tsv, row 2, column example: it is no record of mods", "không phải một biểu ghi mods"},
		"mods||poem|I|bf:note|note||<mods><note>a</note></mods>|":              {"own.tsv, row 2, column example: the row makes nothing of its own example", "không cho gì"},
		`mods||note|I|bf:note|note||<mods><note>a</note></mods>|I bf:note "b"`: {`own.tsv, row 2, column expected: I bf:note "b" is not there`, "không có; chỉ có"},
		`mods||note|I|bf:note|note|||I bf:note "b"`:                            {"own.tsv, row 2, column example: there is an expected result, but no example", "thiếu ví dụ"},
	} {
		_, err := withRows(treeHead+"|tag", row)
		var table *ontology.TableError
		if !errors.As(err, &table) {
			t.Errorf("%s: %v", row, err)
			continue
		}
		if !strings.HasPrefix(err.Error(), want[0]) {
			t.Errorf("%s:\n\t%v, not\n\t%s", row, err, want[0])
		}
		if vi := table.In("vi"); !strings.Contains(vi, want[1]) {
			t.Errorf("%s:\n\t%s, not\n\t%s", row, vi, want[1])
		}
	}
	if _, err := withRows(treeHead+"|sub", "mods||note|I|bf:note|note||||a"); err == nil || !strings.Contains(err.Error(), "column sub: the column says nothing of records of the kind mods") {
		t.Errorf("a subfield of an element: %v", err)
	}
}
