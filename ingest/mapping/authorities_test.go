package mapping

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/madsrdf"
	"mocban/vocab/mocban"
	"mocban/vocab/owl"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

// authority returns an authority record of the library VN-A, with fields in the form of examples.
func authority(t testing.TB, number string, fields ...string) *marc.Record {
	t.Helper()
	r := &marc.Record{Leader: "00000nz  a2200000n  4500"}
	if !strings.HasPrefix(fields[0], "040") {
		fields = append([]string{"040 ## $aVN-A$bvie"}, fields...)
	}
	return withFields(t, r, append([]string{"001 " + number, "003 VN-A"}, fields...))
}

// book returns a bibliographic record.
func book(t testing.TB, number string, fields ...string) *marc.Record {
	t.Helper()
	r := &marc.Record{Leader: "00000nam a2200000 i 4500"}
	return withFields(t, r, append([]string{"001 " + number, "003 VN-A", "040 ## $aVN-A$bvie", "245 00 $aNhan đề"}, fields...))
}

func withFields(t testing.TB, r *marc.Record, lines []string) *marc.Record {
	t.Helper()
	for _, l := range lines {
		f, err := exampleField(l)
		if err != nil {
			t.Fatal(err)
		}
		r.Fields = append(r.Fields, f)
	}
	return r
}

// linking returns a mapper that knows authority records.
func linking(t testing.TB, records ...*marc.Record) *Mapper {
	t.Helper()
	a := &Authorities{}
	m, err := New(Options{Base: testBase, Source: "VN-TEST", Authorities: a})
	if err != nil {
		t.Fatal(err)
	}
	x := NewAuthorityIndex()
	for _, r := range records {
		if err := m.Index(x, r); err != nil {
			t.Fatal(err)
		}
	}
	a.Use(x)
	return m
}

// A became is what a record became.
type became struct {
	t     *testing.T
	quads []graph.Quad
	found []Finding
}

func (m *Mapper) becomes(t *testing.T, r *marc.Record) became {
	t.Helper()
	quads, found, err := m.Append(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range quads {
		if err := checkQuad(q); err != nil {
			t.Errorf("%v: %s", err, q)
		}
	}
	return became{t, quads, found}
}

// all returns the objects of a property of s, of any subject if that is zero.
func (x became) all(s graph.Term, p graph.IRI) (o []graph.Term) {
	for _, q := range x.quads {
		if q.P == p && (s.IsZero() || q.S == s) {
			o = append(o, q.O)
		}
	}
	return o
}

func (x became) one(s graph.Term, p graph.IRI) graph.Term {
	x.t.Helper()
	o := x.all(s, p)
	if len(o) != 1 {
		x.t.Fatalf("%d values of %s for %s: %v", len(o), p, s, o)
	}
	return o[0]
}

// thing returns what an authority record is about.
func (x became) thing() graph.Term {
	x.t.Helper()
	for _, q := range x.quads {
		if q.P == bf.AdminMetadata && !strings.Contains(q.S.Value(), "/code/") {
			return q.S
		}
	}
	x.t.Fatal("the record is about nothing")
	return graph.Term{}
}

func (x became) has(rule string) bool {
	return slices.ContainsFunc(x.found, func(f Finding) bool { return f.Rule == rule })
}

// agentOf returns the agent of the only contribution of the work.
func (x became) agentOf() graph.Term {
	x.t.Helper()
	for _, q := range x.quads {
		if q.P == bf.Contribution && strings.Contains(q.S.Value(), "/work/") {
			return x.one(q.O, bf.Agent)
		}
	}
	x.t.Fatal("no contribution")
	return graph.Term{}
}

// Whatever way a record names Nguyễn Du, it is the one of the authority record, described as
// that has it; and nobody else is.
func TestHeadingsUnderAuthorities(t *testing.T) {
	du := authority(t, "a1", "035 ## $a(OCoLC)77", "024 7# $aQ36014$2wikidata", "024 7# $a88$2viaf", "100 0# $aNguyễn Du,$d1765-1820", "400 0# $aTố Như,$d1765-1820", "400 1# $aHồng Sơn Liệp Hộ")
	m := linking(t, du)
	want := m.becomes(t, du).thing()
	if plain := newMapper(t).becomes(t, du).thing(); plain != want {
		t.Fatalf("the thing of an authority record depends on what is known: %s, %s", plain, want)
	}
	for _, field := range []string{
		"100 0# $aNguyễn Du,$d1765-1820",           // established
		"100 1# $aNGUYỄN, DU,$d1765-1820.",         // in another form
		"100 0# $aTố Như,$d1765-1820",              // referred from
		"100 0# $aHồng Sơn liệp hộ.",               // the same, in other letters
		"100 0# $aNguyễn Du$0(VN-A)a1",             // by the number in the library's file
		"100 0# $aNguyễn Du$0a1",                   // without its code
		"100 0# $aAi đó$0(OCoLC)77",                // by the number in another file
		"100 0# $aAi đó$1http://viaf.org/viaf/88/", // by the IRI of the person
		"100 0# $aAi đó$0(viaf)1$1https://www.wikidata.org/entity/Q36014",
		"700 0# $aTố Như,$d1765-1820$eauthor",
	} {
		x := m.becomes(t, book(t, "1", field))
		if got := x.agentOf(); got != want {
			t.Errorf("%s is %s, not %s", field, got, want)
			continue
		}
		if got := x.one(want, rdfs.Label); got != graph.Text("Nguyễn Du, 1765-1820", "vi") && !strings.Contains(field, "NGUYỄN") {
			t.Errorf("%s: the label is %s", field, got)
		}
		if got := x.all(want, rdf.Type); len(got) < 2 || !slices.Contains(got, bf.Person.Term()) {
			t.Errorf("%s: the classes are %v", field, got)
		}
		if !strings.Contains(field, "NGUYỄN") {
			if got := x.one(want, bflc.MarcKey); got != graph.String("1000 $aNguyễn Du,$d1765-1820") {
				t.Errorf("%s: %s", field, got)
			}
		}
		if referred := strings.Contains(field, "Như") || strings.Contains(field, "Sơn"); referred != (len(x.all(graph.Term{}, mocban.See)) == 1) {
			t.Errorf("%s: see %v", field, x.all(graph.Term{}, mocban.See))
		}
	}
	for _, field := range []string{
		"100 0# $aNguyễn Du", "100 0# $aNguyễn Dữ,$d1765-1820", "110 2# $aThư viện$0(VN-B)a1", "100 0# $aTố Như", "100 0# $aAi đó$0(OCoLC)777", "100 3# $aTố Như,$d1765-1820",
	} {
		if got := m.becomes(t, book(t, "1", field)).agentOf(); got == want {
			t.Errorf("%s is taken for Nguyễn Du", field)
		}
	}
}

// Topics, places, genres, events and works are looked up by their kind and scheme.
func TestSubjectsUnderAuthorities(t *testing.T) {
	known := []*marc.Record{
		authority(t, "t", "040 ## $aVN-A$bvie$fbtk", "150 ## $aTruyện thơ Nôm", "450 ## $aTruyện Nôm"),
		authority(t, "g", "040 ## $aVN-A$bvie$fbtk", "155 ## $aTruyện thơ", "455 ## $aThơ kể chuyện"),
		authority(t, "p", "151 ## $aThành phố Hồ Chí Minh", "451 ## $aSài Gòn", "024 7# $a1566083$2geonames"),
		authority(t, "w", "100 0# $aNguyễn Du,$d1765-1820$tTruyện Kiều", "400 0# $aNguyễn Du,$d1765-1820$tĐoạn trường tân thanh"),
		authority(t, "u", "130 #0 $aKinh Thi", "430 #0 $aThi kinh"),
		authority(t, "s", "040 ## $aVN-A$bvie$fbtk", "150 ## $aVăn học$zViệt Nam", "450 ## $aVăn chương Việt Nam"),
	}
	m := linking(t, known...)
	thing := map[string]graph.Term{}
	for _, r := range known {
		thing[r.ID()] = m.becomes(t, r).thing()
	}
	for _, c := range []struct {
		field, id, label string
		p                graph.IRI
	}{
		{"650 #7 $aTruyện Nôm$2btk", "t", "Truyện thơ Nôm", bf.Subject},
		{"650 #4 $aGì đó$0(VN-A)t", "t", "Truyện thơ Nôm", bf.Subject},
		{"650 #7 $aVăn chương Việt Nam$2btk", "s", "Văn học--Việt Nam", bf.Subject},
		{"655 #7 $aThơ kể chuyện$2btk", "g", "Truyện thơ", bf.GenreForm},
		{"651 #4 $aSài Gòn", "p", "Thành phố Hồ Chí Minh", bf.Subject},
		{"600 04 $aNguyễn Du,$d1765-1820$tĐoạn trường tân thanh", "w", "Truyện Kiều", bf.Subject},
		{"630 04 $aThi kinh", "u", "Kinh Thi", bf.Subject},
		{"240 10 $aThi kinh", "u", "Kinh Thi", bf.ExpressionOf},
		{"240 10 $aGì đó$0(VN-A)u", "u", "Kinh Thi", bf.ExpressionOf},
	} {
		x := m.becomes(t, book(t, "1", c.field))
		got := x.one(graph.Term{}, c.p)
		if got != thing[c.id] {
			t.Errorf("%s is %s, not %s", c.field, got, thing[c.id])
			continue
		}
		if labels := x.all(got, rdfs.Label); len(labels) != 1 || labels[0].Value() != c.label {
			t.Errorf("%s is called %v", c.field, labels)
		}
	}
	for _, c := range []struct {
		field, id string
		p         graph.IRI
	}{
		{"650 #7 $aTruyện Nôm$2khac", "t", bf.Subject},       // of another scheme
		{"650 #7 $aThơ kể chuyện$2btk", "g", bf.Subject},     // a topic is no genre
		{"650 #4 $aGì đó$zHà Nội$0(VN-A)t", "t", bf.Subject}, // the whole is t, but a topic is meant
	} {
		x := m.becomes(t, book(t, "1", c.field))
		if got := x.one(graph.Term{}, c.p); got == thing[c.id] != strings.Contains(c.field, "$0") {
			t.Errorf("%s is %s", c.field, got)
		}
	}
	x := m.becomes(t, book(t, "1", "651 #4 $aSài Gòn$xLịch sử"))
	if !slices.Contains(x.all(graph.Term{}, mocban.Component), thing["p"]) {
		t.Error("a place in a longer heading does not lead to its authority")
	}
	if x := m.becomes(t, book(t, "1", "100 0# $aAi đó$0(VN-A)p")); x.agentOf() == thing["p"] || !x.has("authority-kind") {
		t.Errorf("a person is taken for a place: %v", x.found)
	}
	if got := m.becomes(t, authority(t, "x", "151 ## $aChợ Lớn", "551 ## $wg$aSài Gòn")).all(graph.Term{}, "http://purl.org/dc/terms/isPartOf"); len(got) != 1 || got[0] != thing["p"] {
		t.Errorf("a relative is %v", got)
	}
}

// Two persons with one heading are told apart by their records; a heading that might be
// either leads to neither, and that is said.
func TestAmbiguousHeadings(t *testing.T) {
	one := authority(t, "1", "100 0# $aNguyễn Văn An", "400 0# $aHoài An", "035 ## $a(X)1", "678 0# $aNhà thơ")
	two := authority(t, "2", "100 0# $aNguyễn Văn An.", "400 0# $aVăn An", "035 ## $a(X)2")
	other := authority(t, "3", "100 0# $aTrần An", "400 0# $aHoài An", "400 0# $aVăn Ân", "035 ## $a(X)2")
	plain := newMapper(t).becomes(t, one).thing()
	for _, records := range [][]*marc.Record{{one, two, other}, {other, two, one}, {two, other, one}} {
		m := linking(t, records...)
		x1, x2 := m.becomes(t, one), m.becomes(t, two)
		if x1.thing() == x2.thing() || x1.thing() == plain || x2.thing() == plain {
			t.Fatalf("two persons are one: %s %s", x1.thing(), x2.thing())
		}
		for _, x := range []became{x1, x2} {
			if !slices.ContainsFunc(x.quads, func(q graph.Quad) bool { return q.S == plain && q.P == mocban.See && q.O == x.thing() }) {
				t.Error("the heading does not lead to each")
			}
		}
		x := m.becomes(t, book(t, "b", "100 0# $aNguyễn Văn An"))
		if x.agentOf() != plain || !x.has("ambiguous-heading") {
			t.Errorf("a heading of two is %s: %v", x.agentOf(), x.found)
		}
		x = m.becomes(t, book(t, "b", "100 0# $aHoài An"))
		if x.agentOf() == x1.thing() || !x.has("ambiguous-heading") {
			t.Errorf("a name of two is %s: %v", x.agentOf(), x.found)
		}
		if got := m.becomes(t, book(t, "b", "100 0# $aVăn An")).agentOf(); got != x2.thing() {
			t.Errorf("a name of one is %s", got)
		}
		if got := m.becomes(t, book(t, "b", "100 0# $aNguyễn Văn An$0(VN-A)1")).agentOf(); got != x1.thing() {
			t.Errorf("a number of one is %s", got)
		}
		if got := m.becomes(t, book(t, "b", "100 0# $aAi đó$0(X)2")).agentOf(); got == x2.thing() {
			t.Error("a number of two leads to one of them")
		}
	}

	// The files of two libraries have the same person.
	elsewhere := authority(t, "9", "100 0# $aNguyễn Văn An")
	elsewhere.Fields[1].Data = "VN-B"
	m := linking(t, one, elsewhere)
	if a, b := m.becomes(t, one).thing(), m.becomes(t, elsewhere).thing(); a != b || a != plain {
		t.Errorf("one heading of two libraries is two things: %s %s", a, b)
	}
	if x := m.becomes(t, book(t, "b", "100 0# $aNguyễn Văn An$0(VN-B)9")); x.agentOf() != plain || x.has("ambiguous-heading") {
		t.Errorf("%s %v", x.agentOf(), x.found)
	}
	m = linking(t, one, elsewhere, two)
	if a, b := m.becomes(t, one).thing(), m.becomes(t, elsewhere).thing(); a == b || a == plain {
		t.Errorf("%s %s", a, b)
	}
	// What one record refers from, another establishes: that is its heading.
	m = linking(t, other, authority(t, "4", "100 0# $aHoài An"))
	if x := m.becomes(t, book(t, "b", "100 0# $aHoài An")); len(x.all(graph.Term{}, mocban.See)) > 0 || x.has("ambiguous-heading") {
		t.Error("a reference wins over a heading")
	}
}

// A record that comes again counts as it is now.
func TestAuthorityComesAgain(t *testing.T) {
	m := linking(t, authority(t, "1", "100 0# $aTố Hữu", "400 0# $aLành"), authority(t, "1", "100 0# $aTố Hữu,$d1920-2002", "400 0# $aNguyễn Kim Thành"))
	for field, want := range map[string]bool{"100 0# $aLành": false, "100 0# $aNguyễn Kim Thành": true, "100 0# $aTố Hữu": false} {
		x := m.becomes(t, book(t, "b", field))
		if got := len(x.all(graph.Term{}, mocban.See)) == 1; got != want || x.has("ambiguous-heading") {
			t.Errorf("%s: %v %v", field, got, x.found)
		}
	}
	if n := m.options.Authorities.Index().Len(); n != 1 {
		t.Errorf("%d records", n)
	}
}

// A $0 of the library's own file names the record, whether that is there or not.
func TestNumberOfOwnFile(t *testing.T) {
	r := authority(t, "a 7", "100 0# $aAi đó")
	r.Fields[0].Data = "a7"
	m := linking(t)
	for _, value := range []string{"(VN-A)a7", "a7"} {
		x := m.becomes(t, book(t, "b", "100 0# $aAi đó$0"+value))
		if got := x.one(x.agentOf(), madsrdf.IsIdentifiedByAuthority); got != m.Record(r).Term() {
			t.Errorf("%s: %s", value, got)
		}
	}
	x := m.becomes(t, book(t, "b", "100 0# $aAi đó$0(VN-B)a7$0http://viaf.org/viaf/1"))
	if len(x.all(graph.Term{}, madsrdf.IsIdentifiedByAuthority)) > 0 || len(x.all(graph.Term{}, owl.SameAs)) != 1 {
		t.Error("the numbers of others are taken for ours")
	}
}

// An index takes so many records and no more, and says so.
func TestMostAuthorities(t *testing.T) {
	x := NewAuthorityIndex()
	x.Most = 2
	m := newMapper(t)
	for i := range 3 {
		err := m.Index(x, authority(t, fmt.Sprint(i), fmt.Sprintf("100 0# $aNgười %d", i)))
		if (err != nil) != (i == 2) || err != nil && !errors.Is(err, ErrAuthorities) {
			t.Fatal(i, err)
		}
	}
	if err := m.Index(x, authority(t, "1", "100 0# $aNgười một")); err != nil {
		t.Error("one that is there cannot come again:", err)
	}
	if err := m.Index(x, book(t, "1")); err != nil || x.Len() != 2 {
		t.Error(err, x.Len())
	}
}

// Real authority records under themselves: each is about one thing, and that is where its own
// heading, its references and its numbers lead, unless two records claim them.
func TestRealAuthorities(t *testing.T) {
	var records []*marc.Record
	files, _ := filepath.Glob("../../../shared/data/authority/*.[mx][rm][cl]")
	for _, f := range files {
		records = append(records, readAll(t, f)...)
	}
	records = slices.DeleteFunc(records, func(r *marc.Record) bool { return !IsAuthority(r) })
	if len(records) == 0 {
		t.Skip("no real authority records in ../shared/data/authority")
	}
	m := linking(t, records...)
	x := m.options.Authorities.Index()
	b := m.builders.get()
	things, itselfs, refs, unsure, numbers, shared := 0, 0, 0, 0, 0, 0
	for _, r := range records {
		b.start(r, nil)
		read := b.readAuthority()
		b.end()
		if read == nil {
			continue
		}
		things++
		i := x.records[x.hash("record", read.record)]
		switch _, where := x.headed(read.head); where {
		case Itself:
			itselfs++
		case Ambiguous:
			unsure++
		default:
			t.Errorf("%s: the heading leads nowhere", r.ID())
		}
		for _, v := range read.variants {
			switch at, where := x.headed(v); where {
			case Elsewhere:
				if x.thing(at) != x.thing(i) {
					t.Errorf("%s: a reference leads to another", r.ID())
				}
				refs++
			case Nowhere:
				t.Errorf("%s: a reference leads nowhere", r.ID())
			default:
				shared++
			}
		}
		for _, n := range read.numbers {
			if at, where := x.numbered(n); where == Elsewhere && x.thing(at) == x.thing(i) {
				numbers++
			}
		}
		if thing := m.becomes(t, r).thing(); keyNumber(thing) != x.thing(i) {
			t.Errorf("%s: mapped to %s", r.ID(), thing)
		}
	}
	t.Logf("%d records with a heading: %d headings of one record, %d of several; %d references to one, %d to several or headings; %d numbers; %d bytes a record",
		things, itselfs, unsure, refs, shared, numbers, x.Size()/int64(max(1, x.Len())))
	if itselfs < things*9/10 || refs == 0 || numbers < things {
		t.Error("too few lead anywhere")
	}
}
