package mapping

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/ontology"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

func kohaMapper(t testing.TB) *Mapper {
	t.Helper()
	m, err := New(Options{Base: testBase, Source: "VN-K", Profile: KohaVN})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The rows of the profile give what their examples say.
func TestKohaRows(t *testing.T) {
	m := kohaMapper(t)
	if err := m.tryExamples([]*ontology.Table{m.koha.rows}); err != nil {
		t.Error(err)
	}
}

// One $a holds any number of persons and bodies, with what they did.
func TestKohaPeople(t *testing.T) {
	m := kohaMapper(t)
	for s, want := range map[string]string{
		"Hà Minh Hùng":                                   "P Hà Minh Hùng",
		"Bành Tiến Long, Bùi Ngọc Tuyên.":                "P Bành Tiến Long|P Bùi Ngọc Tuyên",
		"Alan Burns; Andy  Wellings":                     "P Alan Burns|P Andy Wellings",
		"Alfred V. Aho;  Jeffrey D. Ullman":              "P Alfred V. Aho|P Jeffrey D. Ullman",
		"Trương, Quỳnh Chi":                              "P Trương Quỳnh Chi",
		"Smith, John A.":                                 "P Smith, John A.",
		"Lê Hoàng Sơn chủ biên; Nguyễn Thọ Thông":        "P Lê Hoàng Sơn edt|P Nguyễn Thọ Thông",
		"Phan Gia Liêm, Hồ Anh Tuấn biên soạn":           "P Phan Gia Liêm com|P Hồ Anh Tuấn com",
		"Lưu Dũng, chủ biên; Khánh Bình, Hồng Sơn, dịch": "P Lưu Dũng edt|P Khánh Bình trl|P Hồng Sơn trl",
		"Hồ Minh Hương(cb); Trần Đại Nguyên":             "P Hồ Minh Hương edt|P Trần Đại Nguyên",
		"Trần Văn Hoài;  Tham gia: Nguyễn Sơn, Đào Hiếu": "P Trần Văn Hoài|P Nguyễn Sơn ctb|P Đào Hiếu ctb",
		"Trần Đình Khang chủ biên; Nguyễn Linh Giang,… [và những người khác]": "P Trần Đình Khang edt|P Nguyễn Linh Giang",
		"Đặng Quang Minh, ... [và những người khác]  biên soạn":               "P Đặng Quang Minh com",
		"Thoai Nam,...[et al.]": "P Thoai Nam",
		"John Hennessy, David Patterson; with contributions by Andrea Dusseau ... [et al.]": "P John Hennessy|P David Patterson|P Andrea Dusseau ctb",
		"[edited by] Vincenzo Ambriola, Genoveffa Tortora.":                                 "P Vincenzo Ambriola edt|P Genoveffa Tortora edt",
		"editors, H.P. Lee & K. Kumar":                                                      "P H.P. Lee edt|P K. Kumar edt",
		"PGS.TS. Nguyễn Văn An; ThS Lê Thị Bình":                                            "P Nguyễn Văn An|P Lê Thị Bình",
		"Trường Đại học Bách khoa":                                                          "O Trường Đại học Bách khoa",
		"Bộ Khoa học và Công nghệ":                                                          "O Bộ Khoa học và Công nghệ",
		"AWWA (American Water Works Association, Inc.)":                                     "O AWWA (American Water Works Association, Inc.)",
		"The Institute of  Electrical and Electronics Engineers, Inc":                       "O The Institute of Electrical and Electronics Engineers, Inc",
		"Nguyễn Minh Đức; Ban biên tập tạp chí Computer Fan":                                "P Nguyễn Minh Đức|O Ban biên tập tạp chí Computer Fan",
		"Demetrovics, E. Knuth,  P. Radó":                                                   "P Demetrovics, E. Knuth, P. Radó",
		"Thạch Lam":                                                                         "P Thạch Lam",
		"Phương Lan; Hoàng  Đức Hải":                                                        "P Phương Lan|P Hoàng Đức Hải",
		"Nguyễn Thị Trường":                                                                 "P Nguyễn Thị Trường",
	} {
		x := m.becomes(t, book(t, "1", "100 ## $a"+s))
		var got []string
		for _, c := range x.all(graph.Term{}, bf.Contribution) {
			if !c.IsBlank() {
				continue // of a Hub
			}
			agent := x.one(c, bf.Agent)
			line := "P "
			if slices.Contains(x.all(agent, rdf.Type), bf.OrganizationClass.Term()) {
				line = "O "
			}
			line += strings.Join(strings.Fields(x.one(agent, rdfs.Label).Value()), " ")
			for _, r := range x.all(c, bf.Role) {
				line += " " + r.Value()[strings.LastIndexByte(r.Value(), '/')+1:]
			}
			got = append(got, line)
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q: %s, not %s", s, strings.Join(got, "|"), want)
		}
	}
}

// Records of copies are one instance with an item each, and what they say alike is said once; what
// differs in date, volume or library is another one.
func TestKohaCopies(t *testing.T) {
	m := kohaMapper(t)
	one := func(number string, fields ...string) *marc.Record {
		r := withFields(t, &marc.Record{Leader: "00000nam a2200000 i 4500"}, append([]string{"245 0# $aHàn bằng năng lượng nổ", "260 ## $bBK Library system$c2003", "500 ## $aSách giấy", "952 ## $aCL$p" + number, "020 ## $a" + number}, fields...))
		return r
	}
	a, b := m.becomes(t, one("40001")), m.becomes(t, one("40002"))
	if len(a.all(graph.Term{}, bflc.SimpleAgent)) > 0 || !a.has("no-publisher") {
		t.Error("the library's system is the publisher")
	}
	if got := a.one(graph.Term{}, bf.PublicationStatement); got.Value() != "2003" {
		t.Errorf("the statement is %s", got)
	}
	if a.one(graph.Term{}, bf.HasInstance) != b.one(graph.Term{}, bf.HasInstance) {
		t.Fatal("two copies are two instances")
	}
	instance := a.one(graph.Term{}, bf.HasInstance)
	if x, y := a.one(instance, bf.HasItem), b.one(instance, bf.HasItem); x == y {
		t.Error("two copies are one item")
	}
	for _, p := range []graph.IRI{bf.Title, bf.Note, bf.ProvisionActivity} {
		if x, y := a.one(instance, p), b.one(instance, p); x != y {
			t.Errorf("%s is said twice: %s %s", p, x, y)
		}
	}
	if got := a.all(instance, bf.IdentifiedBy); len(got) > 0 {
		t.Errorf("the instance has the running number: %v", got)
	}
	if a.quads[0].G == b.quads[0].G {
		t.Error("two records have one graph")
	}
	for _, other := range []*marc.Record{
		one("3", "250 ## $aTái bản lần 2"), one("3", "490 ## $aTủ sách$vTập 2"), one("3", "003 VN-Z"), one("3", "020 ## $a9786041002104"), one("3", "700 ## $aHà Minh Hùng"),
	} {
		if m.becomes(t, other).one(graph.Term{}, bf.HasInstance) == instance {
			t.Errorf("%v is a copy, too", other.Fields[len(other.Fields)-1])
		}
	}
	if _, _, err := m.Append(nil, withFields(t, &marc.Record{Leader: "00000nam a2200000 i 4500"}, []string{"245 0# $adang cap nhat"})); !errors.Is(err, ErrTemplate) {
		t.Errorf("a template: %v", err)
	}
	if _, _, err := newMapper(t).Append(nil, one("1")); err != nil {
		t.Error(err)
	}
}

// Koha's own number of an authority record leads to it.
func TestKohaAuthorityNumber(t *testing.T) {
	a := &Authorities{}
	m, err := New(Options{Base: testBase, Source: "VN-A", Profile: KohaVN, Authorities: a})
	if err != nil {
		t.Fatal(err)
	}
	x := NewAuthorityIndex()
	du := authority(t, "17", "100 0# $aNguyễn Du,$d1765-1820")
	if err := m.Index(x, du); err != nil {
		t.Fatal(err)
	}
	a.Use(x)
	got := m.becomes(t, book(t, "1", "100 ## $aNguyễn Du$917"))
	if got.agentOf() != m.becomes(t, du).thing() || got.has("unmapped") {
		t.Errorf("%s %v", got.agentOf(), got.found)
	}
}

// The catalogue of a university in Ho Chi Minh City: 3,510 records of copies.
func TestKohaRealRecords(t *testing.T) {
	m := kohaMapper(t)
	files, _ := filepath.Glob("../../../shared/data/vietnamese/hcmut-koha-*.mrc")
	if len(files) == 0 {
		t.Skip("no records in ../shared/data/vietnamese")
	}
	instances, found := map[graph.Term]bool{}, map[string]int{}
	read, items, bodies, templates, isbns := 0, 0, map[graph.Term]bool{}, 0, 0
	for _, file := range files {
		for _, r := range readAll(t, file) {
			read++
			quads, f, err := m.Append(nil, r)
			if errors.Is(err, ErrTemplate) {
				templates++
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range quads {
				switch {
				case q.P == bf.HasInstance:
					instances[q.O] = true
				case q.P == bf.HasItem:
					items++
				case q.P == rdf.Type && q.O == bf.Isbn.Term():
					isbns++
				case q.P == rdf.Type && q.O == bf.OrganizationClass.Term() && strings.Contains(q.S.Value(), "/agent/"):
					bodies[q.S] = true
				}
			}
			for _, x := range f {
				found[x.Rule]++
			}
		}
	}
	t.Logf("%d records: %d instances, %d items, %d templates, %d ISBNs, %d bodies; %v", read, len(instances), items, templates, isbns, len(bodies), found)
	if read != 3510 || len(instances) > 2430 || len(instances) < 2000 || items != 3500 || templates != 10 || isbns != 0 || found["several-names"] < 330 {
		t.Error("not what docs say of the profile")
	}
	if found["unmapped"] > 1000 {
		t.Errorf("%d fields have no rule", found["unmapped"])
	}
}
