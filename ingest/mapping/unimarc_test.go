package mapping

import (
	"errors"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/ontology"
	"mocban/vocab/bf"
	"mocban/vocab/codes"
)

// UNIMARC is told from MARC 21 by where the title stands.
func TestIsUNIMARC(t *testing.T) {
	field := func(tag, data string, subs ...marc.Subfield) marc.Field {
		return marc.Field{Tag: tag, Data: data, Subfields: subs}
	}
	a := func(v string) marc.Subfield { return marc.Subfield{Code: 'a', Value: v} }
	for name, c := range map[string]struct {
		fields []marc.Field
		want   bool
	}{
		"title in 200":   {[]marc.Field{field("200", "", a("Tắt đèn"))}, true},
		"coded data":     {[]marc.Field{field("100", "", a("20260101d2020    m  y0viey50      ba"))}, true},
		"title in 245":   {[]marc.Field{field("200", "", a("x")), field("245", "", a("y"))}, false},
		"a name in 100":  {[]marc.Field{field("100", "", a("Nguyễn Du"))}, false},
		"008 of MARC 21": {[]marc.Field{field("008", "260101s2020    vm            000 | vie d"), field("200", "", a("x"))}, false},
		"nothing":        {nil, false},
	} {
		if got := isUNIMARC(&marc.Record{Fields: c.fields}); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// The profile takes records as UNIMARC that do not look so.
func TestProfileUNIMARC(t *testing.T) {
	m, err := New(Options{Base: testBase, Profile: UNIMARC})
	if err != nil {
		t.Fatal(err)
	}
	r := &marc.Record{Leader: "00000nam0 2200000   450 ", Fields: []marc.Field{{Tag: "001", Data: "1"}, {Tag: "701", Subfields: []marc.Subfield{{Code: 'a', Value: "Nguyễn Du"}, {Code: '4', Value: "070"}}}}}
	if err := m.meets(r, `W bf:contribution[bf:role=lc:relators/aut]/bf:agent/rdfs:label "Nguyễn Du"@vi`); err != nil {
		t.Error(err)
	}
}

// Fields inside a linking field say the same as its own subfields.
func TestEmbeddedFields(t *testing.T) {
	sub := func(code byte, v string) marc.Subfield { return marc.Subfield{Code: code, Value: v} }
	r := &marc.Record{Leader: "00000nam0 2200000   450 ", Fields: []marc.Field{
		{Tag: "001", Data: "1"}, {Tag: "200", Subfields: []marc.Subfield{sub('a', "Số 1")}},
		{Tag: "461", Ind2: '0', Subfields: []marc.Subfield{sub('1', "001X9"), sub('1', "2001 "), sub('a', "Nam Phong"), sub('v', "1"), sub('1', "011  "), sub('a', "1859-2864")}},
	}}
	err := newMapper(t).meets(r, `W bf:relation[bf:relationship=lc:relationship/partof]/bf:associatedResource[bf:Work]/rdfs:label "Nam Phong"`)
	if err != nil {
		t.Error(err)
	}
}

// Authority records of UNIMARC are told from bibliographic ones, from holdings and from those of
// MARC 21.
func TestIsUNIMARCAuthority(t *testing.T) {
	for name, c := range map[string]struct {
		leader string
		fields []string
		want   bool
	}{
		"topic":               {"00000nx  j2200000   45  ", []string{"100 ## $a20260101avie50", "250 ## $aHóa học"}, true},
		"rules, leader lost":  {"     c    22        450 ", []string{"152 ## $bRAMEAU", "250 ## $aHóa học"}, true},
		"reference":           {"00000ny  a2200000   45  ", []string{"200 #0 $aA", "500 #0 $aB"}, true},
		"bibliographic":       {"00000nam0 2200000   450 ", []string{"100 ## $a20260101d2020", "200 1# $aTắt đèn"}, false},
		"holdings":            {"00000nx  a2200000zn 4500", []string{"004 2", "852 ## $aVN-A"}, false},
		"authority of MARC21": {"00000nz  a2200000n  4500", []string{"008 260101n|", "150 ## $aHóa học", "260 ## $iVề$aHóa"}, false},
		"of IdRef":            {" cx  j22        3  45  ", []string{"004 19810429", "008 Td8", "100 ## $a19810429afrey50      ba0", "152 ## $brameau", "250 ## $aConventions collectives"}, true},
		"nothing":             {"00000nx  a2200000   45  ", nil, false},
	} {
		if got := isUNIMARCAuthority(withFields(t, &marc.Record{Leader: c.leader}, c.fields)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A name, a topic or a work of an authority record of UNIMARC is the one that MARC 21 and UNIMARC
// speak of elsewhere, and $3 leads to it.
func TestUNIMARCAuthorities(t *testing.T) {
	auth := func(number, address string, fields ...string) *marc.Record {
		lines := []string{"001 " + number, "003 " + address, "100 ## $a20260101afre50", "152 ## $aAFNOR$brameau"}
		return withFields(t, &marc.Record{Leader: "00000nx  a2200000   45  "}, append(lines, fields...))
	}
	bib := func(fields ...string) *marc.Record {
		lines := []string{"001 b1", "003 http://www.sudoc.fr/b1", "100 ## $a20260101d2020    m  y0frey50      ba", "101 0# $afre", "200 1# $aTitre"}
		return withFields(t, &marc.Record{Leader: "00000nam0 2200000   450 "}, append(lines, fields...))
	}
	hugo := auth("027", "http://www.idref.fr/027", "010 ## $a0000000121200982", "200 #1 $aHugo$bVictor$f1802-1885", "400 #0 $aVictor-Marie Hugo", "500 #1 $5e$3028$aOlympio")
	chemistry := auth("FRBNF119320763", "http://catalogue.bnf.fr/ark:/12148/cb119320763", "250 ## $aChimie$xHistoire", "450 ## $aHistoire de la chimie", "550 ## $3077$5g$aSciences")
	work := auth("099", "http://www.idref.fr/099", "240 #1 $aHugo$bVictor$f1802-1885$tLes misérables")
	m := linking(t, hugo, chemistry, work)
	if n := m.options.Authorities.Index().Len(); n != 3 {
		t.Fatalf("%d records known", n)
	}
	if got := string(m.Record(hugo)); !strings.HasSuffix(got, "/record/VN-TEST/authority-027") {
		t.Error(got)
	}
	x := m.becomes(t, hugo)
	thing := x.thing()
	if plain := m.becomes(t, book(t, "1", "100 1# $aHugo, Victor,$d1802-1885")).agentOf(); plain != thing {
		t.Errorf("MARC 21 has another Hugo: %s, %s", plain, thing)
	}
	if len(x.found) > 0 {
		t.Errorf("%v", x.found)
	}
	for _, field := range []string{"700 #1 $aHugo$bVictor$f1802-1885$4070", "700 #1 $3027$aHugo$bV.$4070", "701 #0 $aVictor-Marie Hugo", "700 #1 $aHugo$bV.$oISNI0000000121200982"} {
		if got := m.becomes(t, bib(field)).agentOf(); got != thing {
			t.Errorf("%s is %s", field, got)
		}
	}
	topic := m.becomes(t, chemistry).thing()
	for _, field := range []string{"606 ## $aChimie$xHistoire$2rameau", "606 ## $311932076$aLa chimie", "606 ## $aHistoire de la chimie$2rameau"} {
		if got := m.becomes(t, bib(field)).one(graph.Term{}, bf.Subject); got != topic {
			t.Errorf("%s is %s", field, got)
		}
	}
	if got := m.becomes(t, bib("500 10 $3099$aMisérables")).one(graph.Term{}, bf.ExpressionOf); got != m.becomes(t, work).thing() {
		t.Errorf("the work is %s", got)
	}
	if got := m.becomes(t, bib("700 #1 $3099$aHugo$bV.")); got.agentOf() == thing || !got.has("authority-kind") {
		t.Errorf("the number of a work is taken for a person: %v", got.found)
	}
}

// Every code of the lists leads to one that MARC has.
func TestUNIMARCLists(t *testing.T) {
	table, err := ontology.UNIMARCRelators()
	if err != nil {
		t.Fatal(err)
	}
	for i := range table.Rows {
		r := &table.Rows[i]
		if _, ok := codes.Relators.Lookup(r.Cell("marc")); !ok || len(r.Cell("code")) != 3 {
			t.Error(r.Error("marc", errors.New("no code of MARC: "+r.Cell("marc"))))
		}
	}
	for iso, c := range nations {
		if _, ok := codes.Countries.Lookup(c); !ok {
			t.Errorf("%s leads to %q, which is no country", iso, c)
		}
	}
}
