package quality_test

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ingest/formats"
	"mocban/ingest/mapping"
	"mocban/ingest/marc"
	"mocban/ingest/quality"
)

// judge maps records in line form and judges each.
func judge(t *testing.T, text string) (all [][]quality.Verdict, library string) {
	t.Helper()
	m, err := mapping.New(mapping.Options{Base: "http://example.org/", Source: "VN-X"})
	if err != nil {
		t.Fatal(err)
	}
	j, err := quality.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	in, err := marc.NewReader(strings.NewReader(text), marc.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		r, err := in.Next()
		if err != nil {
			return all, library
		}
		quads, _, err := m.Append(nil, r)
		if err != nil {
			t.Fatal(err)
		}
		verdicts, err := j.Judge(context.Background(), quads, r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, verdicts)
		library = quality.Library(quads)
	}
}

const head = `=LDR  00000nam a2200000 a 4500
=001  1
=008  200101s2015    vm            000 0 vie d
=040  ##$aVN-X$erda
`

// A finding cites the field and subfield as the record has them, with the text as it stands
// there.
func TestPlaces(t *testing.T) {
	for _, test := range []struct {
		fields                      string
		rule, tag, code, value, say string
	}{
		{"=245  10$aTruyện Kiều /$cNguyễn Du\n=082  04$a895.922--NG-D", "Ddc-number Pattern", "082", "a", "895.922--NG-D", "ký hiệu tác giả"},
		{"=245  10$aTruyện Kiều / Nguyễn Du", "Title-responsibility Not", "245", "a", "Truyện Kiều / Nguyễn Du", "trách nhiệm"},
		{"=245  10$aA\n=700  1#$aNguyễn Du; Đào Duy Anh$ebiên soạn", "Person-several Not", "700", "a", "Nguyễn Du; Đào Duy Anh", "Nhiều người"},
		{"=245  10$aA\n=100  1#$aGS. Nguyễn Lân", "Person-degree Not", "100", "a", "GS. Nguyễn Lân", "học hàm"},
		{"=245  10$aA\n=260  ##$aNXB Trẻ :$bTrẻ,$c2015", "Publisher-place Not", "260", "a", "NXB Trẻ :", "nhà xuất bản"},
		{"=264  #1$aHà Nội", "Work-title MinCount", "245", "a", "", "Thiếu nhan đề"},
		{"=245  10$aA", "Work-subject MinCount", "650", "a", "", "chủ đề"},
		{"=245  10$aA\n=651  #7$aHà Nội$2x\n=852  ##$aVN-Y", "Item-shelf MinCount", "852", "h", "", "xếp giá"},
	} {
		all, library := judge(t, head+test.fields+"\n")
		if library != "VN-X" {
			t.Errorf("the library is %q", library)
		}
		found := false
		for _, v := range all[0] {
			if v.Rule != test.rule {
				continue
			}
			found = true
			if v.Tag != test.tag || v.Code != test.code || v.Value != test.value || !strings.Contains(v.Vi, test.say) || v.En == "" {
				t.Errorf("%s: %+v", test.rule, v)
			}
		}
		if !found {
			t.Errorf("%q: %s is not among %+v", test.fields, test.rule, all[0])
		}
	}
}

// Shapes that name no field get it from the mapping tables.
func TestPlaceByTables(t *testing.T) {
	shapes := compileShapes(t, `
@prefix : <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix bf: <http://id.loc.gov/ontologies/bibframe/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:S sh:targetClass bf:Instance ; sh:property [ sh:path bf:responsibilityStatement ; sh:pattern "^[^;]*$" ] .`)
	j, err := quality.New(shapes)
	if err != nil {
		t.Fatal(err)
	}
	r := record(t, head+"=245  10$aA /$cNguyễn Du; Kim Trọng\n")
	m, err := mapping.New(mapping.Options{Base: "http://example.org/", Source: "VN-X"})
	if err != nil {
		t.Fatal(err)
	}
	quads, _, err := m.Append(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	got, err := j.Judge(context.Background(), quads, r)
	if err != nil || len(got) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if v := got[0]; v.Place() != "245 $c" || v.Value != "Nguyễn Du; Kim Trọng" || v.Severity != quality.Violation ||
		!strings.HasPrefix(v.Path, "bf:") || v.Rule != "bf:responsibilityStatement Pattern" {
		t.Errorf("%+v", v)
	}
}

func TestCards(t *testing.T) {
	violation := quality.Verdict{Rule: "a", Severity: quality.Violation, Tag: "245", Code: "a", Vi: "v", En: "e"}
	warning := quality.Verdict{Rule: "b", Severity: quality.Warning}
	info := quality.Verdict{Rule: "c"}
	for _, test := range []struct {
		verdicts []quality.Verdict
		points   int
	}{
		{nil, 100},
		{[]quality.Verdict{info}, 99},
		{[]quality.Verdict{violation, violation, warning, info}, 69},
		{[]quality.Verdict{violation, {Rule: "d", Severity: quality.Violation}, {Rule: "e", Severity: quality.Violation},
			{Rule: "f", Severity: quality.Violation}, warning}, 0},
	} {
		if got := quality.Points(test.verdicts); got != test.points {
			t.Errorf("%d points for %+v, want %d", got, test.verdicts, test.points)
		}
	}
	c := quality.Cards{}
	for i := range 8 {
		c.Add("X", []quality.Verdict{violation, violation}, quality.Example{Number: i + 1})
	}
	c.Add("X", []quality.Verdict{info}, quality.Example{})
	c.Add("Y", nil, quality.Example{})
	x := c["X"]
	if x.Records != 9 || x.Clean != 1 || x.Verdicts != [3]uint64{1, 0, 16} || x.Score() != 77.7 ||
		x.Rules["a"].Records != 8 || x.Rules["a"].Verdicts != 16 || len(x.Rules["a"].Examples) != 5 {
		t.Errorf("%+v, score %v, %+v", x, x.Score(), x.Rules["a"])
	}
	if names := c.Libraries(); names[0] != "X" || names[1] != "Y" {
		t.Errorf("order %q", names)
	}
	for lang, want := range map[string]string{"vi": "77.7 điểm trên 100", "en": "score 77.7 of 100"} {
		if text := c.Text(lang); !strings.Contains(text, want) || !strings.Contains(text, "245 $a") {
			t.Errorf("%s", text)
		}
	}
}

// A record that is no MARC is cited by its elements.
func TestElements(t *testing.T) {
	in, err := formats.NewReader(strings.NewReader(`<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">`+
		`<dc:title>Truy?n Ki?u</dc:title></oai_dc:dc>`), marc.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := in.Next()
	if err != nil {
		t.Fatal(err)
	}
	m, err := mapping.New(mapping.Options{Base: "http://example.org/", Source: "VN-X"})
	if err != nil {
		t.Fatal(err)
	}
	quads, _, err := m.Append(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	j, err := quality.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	verdicts, err := j.Judge(context.Background(), quads, r)
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]string{}
	for _, v := range verdicts {
		places[v.Rule] = v.Tag + " " + v.Value
	}
	for rule, want := range map[string]string{
		"Title-encoding Node": "title Truy?n Ki?u", "Work-language MinCount": "language ",
	} {
		if places[rule] != want {
			t.Errorf("%s is at %q, want %q", rule, places[rule], want)
		}
	}
	// It has no fields to write anything into. Of records in the store only the quads are known.
	stored, err := j.Judge(context.Background(), quads, nil)
	if err != nil || len(stored) == 0 {
		t.Fatalf("%d, %v", len(stored), err)
	}
	marcField := regexp.MustCompile(`\d{3}|\$[a-z]|leader|đầu biểu`)
	for _, v := range slices.Concat(verdicts, stored) {
		if marcField.MatchString(v.Vi+v.En) || v.Vi == "" || v.En == "" {
			t.Errorf("%s: %s %s", v.Rule, v.Vi, v.En)
		}
	}
}

// BenchmarkJudge judges real records after mapping, and finds the fields.
func BenchmarkJudge(b *testing.B) {
	file, err := os.Open("../../../shared/data/bib/uva-2000.mrc")
	if err != nil {
		b.Skip("no real records beside the project: ", err)
	}
	defer file.Close()
	in, err := marc.NewReader(file, marc.ReadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	m, err := mapping.New(mapping.Options{Base: "http://example.org/", Source: "VN-X"})
	if err != nil {
		b.Fatal(err)
	}
	var records []*marc.Record
	var mapped [][]graph.Quad
	for {
		r, err := in.Next()
		if err != nil {
			break
		}
		quads, _, err := m.Append(nil, r)
		if err != nil {
			b.Fatal(err)
		}
		records, mapped = append(records, r), append(mapped, quads)
	}
	j, err := quality.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	quads, verdicts := 0, 0
	for i := 0; b.Loop(); i++ {
		n := i % len(records)
		got, err := j.Judge(context.Background(), mapped[n], records[n])
		if err != nil {
			b.Fatal(err)
		}
		quads += len(mapped[n])
		verdicts += len(got)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(quads)/float64(b.N), "quads/record")
	b.ReportMetric(float64(verdicts)/float64(b.N), "verdicts/record")
}
