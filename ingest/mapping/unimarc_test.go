package mapping

import (
	"errors"
	"testing"

	"mocban/ingest/marc"
	"mocban/ontology"
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
	authority := &marc.Record{Leader: "00000cx  a22000003  45  ", Fields: []marc.Field{field("152", "", marc.Subfield{Code: 'b', Value: "RAMEAU"}), field("250", "", a("Chimie"))}}
	if _, _, err := newMapper(t).Append(nil, authority); !errors.Is(err, ErrKind) {
		t.Error(err)
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
