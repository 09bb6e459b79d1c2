package marc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// three returns three records of which the second was damaged by f.
func three(t *testing.T, form Format, f func([]byte) []byte) []byte {
	var all []byte
	for i := range 3 {
		r := &Record{Leader: "00000nam a2200000 i 4500", Fields: []Field{
			{Tag: "001", Data: fmt.Sprintf("demo%06d", i)},
			{Tag: "245", Ind1: '1', Ind2: '0', Subfields: []Subfield{{'a', "Số đỏ :"}, {'b', "tiểu thuyết."}}},
			{Tag: "300", Ind1: ' ', Ind2: ' ', Subfields: []Subfield{{'a', "231 tr."}}},
		}}
		one, err := r.Append(nil, form)
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			one = f(one)
		}
		all = append(all, one...)
	}
	return all
}

func replace(old, new string) func([]byte) []byte {
	return func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(new), 1) }
}

// One bad record never costs its neighbours, and what can be mended is.
func TestDamage(t *testing.T) {
	cut := func(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:len(b)-n] } }
	for _, row := range []struct {
		name    string
		form    Format
		damage  func([]byte) []byte
		rule    string // of the second record: set aside
		repair  string // or mended
		control string // control number of what was set aside
	}{
		{name: "nothing", form: ISO2709, damage: cut(0)},
		{name: "length too short", form: ISO2709, damage: func(b []byte) []byte { copy(b, "00099"); return b }, repair: "length"},
		{name: "length too long", form: ISO2709, damage: func(b []byte) []byte { copy(b, "00400"); return b }, repair: "length"},
		{name: "length no number", form: ISO2709, damage: func(b []byte) []byte { copy(b, "00x7z"); return b }, repair: "length"},
		{name: "length zero", form: ISO2709, damage: func(b []byte) []byte { copy(b, "00000"); return b }, repair: "length"},
		{name: "base address wrong", form: ISO2709, damage: func(b []byte) []byte { copy(b[12:], "00099"); return b }, repair: "base-address"},
		{name: "base address no number", form: ISO2709, damage: func(b []byte) []byte { copy(b[12:], "x"); return b }, repair: "base-address"},
		{name: "entry outside of the record", form: ISO2709, damage: func(b []byte) []byte { copy(b[24+12+3:], "9000"); return b }, repair: "directory"},
		{name: "entry no number", form: ISO2709, damage: func(b []byte) []byte { copy(b[24+12+3:], "00zz"); return b }, repair: "directory"},
		{name: "terminator lost", form: ISO2709, damage: cut(1), rule: "truncated", control: "demo000001"},
		{name: "cut in the data", form: ISO2709, damage: cut(20), rule: "truncated", control: "demo000001"},
		{name: "cut in the directory", form: ISO2709, damage: func(b []byte) []byte { return b[:40] }, rule: "truncated"},
		{name: "cut in the leader", form: ISO2709, damage: func(b []byte) []byte { return b[:11] }, rule: "not-marc"},
		{name: "rubbish", form: ISO2709, damage: func([]byte) []byte { return []byte("mất điện, chép lại ") }, rule: "not-marc"},
		{name: "bytes behind the record", form: ISO2709, damage: func(b []byte) []byte { return append(b, "\r\n\x00\x1A \n"...) }},
		{name: "no field terminator", form: ISO2709, damage: func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\x1E"), []byte(" ")) }, rule: "directory"},
		{name: "a terminator inside a field", form: ISO2709, damage: replace("Số đỏ", "Số \x1E\u0111ỏ"), rule: "directory", control: "demo000001"},
		{name: "broken lines", form: ISO2709, damage: func(b []byte) []byte { return append(append(bytes.Clone(b[:80]), "\r\n"...), b[80:]...) }, repair: "wrapped"},
		{name: "indicators lost", form: ISO2709, damage: func(b []byte) []byte { return bytes.Replace(b, []byte("10\x1Fa"), []byte("\x1Fa"), 1) }, repair: "indicator"},

		{name: "element not closed", form: MARCXML, damage: replace("</subfield>", ""), rule: "xml", control: "demo000001"},
		{name: "record not closed", form: MARCXML, damage: replace("</record>", ""), rule: "xml", control: "demo000001"},
		{name: "end tag of another", form: MARCXML, damage: replace("</datafield>", "</controlfield>"), rule: "xml", control: "demo000001"},
		{name: "comment not closed", form: MARCXML, damage: replace("<datafield", "<!-- <datafield"), rule: "xml", control: "demo000001"},
		{name: "attribute not closed", form: MARCXML, damage: replace(`ind1="1"`, `ind1="1`), rule: "xml", control: "demo000001"},
		{name: "ampersand", form: MARCXML, damage: replace("Số đỏ", "Số & đỏ"), repair: "entity"},
		{name: "named character", form: MARCXML, damage: replace("Số đỏ", "Số &eacute;"), repair: "entity"},
		{name: "halves of a surrogate pair", form: MARCXML, damage: replace("Số đỏ", "&#55360;&#56320;"), repair: "surrogate"},
		{name: "control character", form: MARCXML, damage: replace("Số đỏ", "Số\x03đỏ"), repair: "control"},
		{name: "no tag", form: MARCXML, damage: replace(`tag="245" `, ""), repair: "tag"},
		{name: "HTML in the text", form: MARCXML, damage: replace("Số đỏ", "Số <i>đỏ</i><br/>"), repair: "element"},
		{name: "pretty-printed value", form: MARCXML, damage: replace("Số đỏ :", "\n      Số đỏ\n      :\n    "), repair: "line-break"},
		{name: "comment", form: MARCXML, damage: replace("<datafield", "<!-- <x> --><datafield")},
		{name: "CDATA", form: MARCXML, damage: replace("Số đỏ :", "<![CDATA[Số đỏ :]]>")},

		{name: "not a field", form: Lines, damage: func([]byte) []byte { return []byte("Số đỏ\n\n") }, rule: "line"},
		{name: "a line that goes on", form: Lines, damage: replace("Số đỏ", "Số\nđỏ"), repair: "line-break"},
		{name: "no blank line", form: Lines, damage: cut(1)},
		{name: "line ends of Windows", form: Lines, damage: func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) }},
	} {
		data := three(t, row.form, row.damage)
		records, bads, _ := readAll(t, row.name, data, bytes.NewReader(data))
		if len(records) == 0 || records[0].ID() != "demo000000" || records[len(records)-1].ID() != "demo000002" {
			t.Errorf("%s: a neighbour was lost: %d records, %v", row.name, len(records), bads)
			continue
		}
		if row.rule != "" {
			if len(records) != 2 || len(bads) == 0 || bads[0].Rule != row.rule || bads[0].ID != row.control {
				t.Errorf("%s: %d records, set aside %+v", row.name, len(records), bads)
			}
			continue
		}
		if len(records) != 3 || len(bads) != 0 {
			t.Errorf("%s: %d records, %v", row.name, len(records), bads)
			continue
		}
		if got := fmt.Sprint(records[1].Repairs); row.repair == "" && got != "[]" || !strings.Contains(got, row.repair) {
			t.Errorf("%s: repairs %v, want %q", row.name, got, row.repair)
		}
		if row.repair == "length" || row.repair == "base-address" || row.repair == "directory" || row.repair == "wrapped" || row.repair == "" || row.repair == "line-break" {
			if f, _ := records[1].Field("245"); f == nil || f.Subfield('a') != "Số đỏ :" || f.Subfield('b') != "tiểu thuyết." {
				t.Errorf("%s: field %+v", row.name, f)
			}
		}
	}
}

func TestCharactersOfXML(t *testing.T) {
	for text, want := range map[string]string{
		"&lt;a&gt; &amp; &quot;b&apos;": `<a> & "b'`,
		"&#x1EC7;&#7879;":               "ệệ",
		"&#55360;&#56320;":              "\U00020000",
		"&#x20000;":                     "\U00020000",
		"<![CDATA[<&>]]> b":             "<&> b",
		"a<!-- x -->b":                  "ab",
		"&nbsp;&Aacute;":                "\u00A0Á",
		"&lol; &#x110000; & ;":          "&lol; &#x110000; & ;",
		"e\u0302\u0301":                 "ế",
		"e\u0301\u0302":                 "ế",
		" blanks stay ":                 " blanks stay ",
	} {
		doc := "<record><leader>00000nam a2200000 i 4500</leader><datafield tag=\"245\" ind1=\"1\" ind2=\"0\"><subfield code=\"a\">" + text + "</subfield></datafield></record>"
		if got := readOne(t, []byte(doc)).Fields[0].Subfield('a'); got != want {
			t.Errorf("%q reads as %q, want %q", text, got, want)
		}
	}
}

func TestOtherEncodingsOfXML(t *testing.T) {
	doc := "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><record><leader>00000nam a2200000 i 4500</leader><datafield tag=\"245\" ind1=\"1\" ind2=\"0\"><subfield code=\"a\">\xC9t\xE9 &#7879;</subfield></datafield></record>"
	if got := readOne(t, []byte(doc)).Fields[0].Subfield('a'); got != "Été ệ" {
		t.Errorf("%q", got)
	}
	for _, doc := range []string{
		"<?xml version=\"1.0\" encoding=\"EBCDIC\"?><record/>",
		"<?xml version=\"1.0\"?><!DOCTYPE record [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><record><leader>&b;</leader></record>",
		"<!DOCTYPE html><html><body>404</body></html>",
		`{"leader":"00000"}`,
	} {
		in, err := NewReader(strings.NewReader(doc), ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var bad *BadRecord
		if _, err := in.Next(); !errors.As(err, &bad) || string(bad.Source) != doc[strings.Index(doc, "<?xml version=\"1.0\"?><!D")+1:] && len(bad.Source) < len(doc)-25 {
			t.Errorf("%s: %v", doc, err)
		}
	}
}

func TestFilesThatHoldNoMARC(t *testing.T) {
	for text, rule := range map[string]string{
		"\xFF\xFE<\x00r\x00":        "encoding",
		"\xFE\xFF\x00<\x00r":        "encoding",
		"<!DOCTYPE html>\n<p>404":   "html",
		"  <HTML><body>504":         "html",
		"[{\"leader\": 1}]":         "empty",
		"{\"@context\": 1}":         "format",
		"PK\x03\x04 something else": "not-marc",
		"@prefix bf: <http://id.loc.gov/ontologies/bibframe/> .":                         "not-marc",
		"003390000000001450004500095001000000090000600010\r\n#^aTVT-SYN#^avie#^a2##\r\n": "cds-isis",
	} {
		in, err := NewReader(strings.NewReader(text), ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var bad *BadRecord
		if _, err := in.Next(); !errors.As(err, &bad) || bad.Rule != rule {
			t.Errorf("%q: %v, want %s", text, err, rule)
		}
		if _, err := in.Next(); err != io.EOF {
			t.Errorf("%q: then %v", text, err)
		}
	}
}

// Fields outside of a record are set aside, not passed over.
func TestStrayFields(t *testing.T) {
	good := `<m:record><m:leader>00000nam a2200000 i 4500</m:leader><m:controlfield tag="001">%d</m:controlfield></m:record>`
	field := `<m:datafield tag="245" ind1="1" ind2="0"><m:subfield code="a">The record &lt;record&gt;</m:subfield></m:datafield>`
	for _, stray := range []string{field, "<m:recrod><m:leader>x</m:leader>" + field + "</m:recrod>", "<m:record><m:leadr/>" + field + "</m:record>"} {
		data := []byte("<m:collection>" + strings.Replace(good, "%d", "1", 1) + stray + strings.Replace(good, "%d", "2", 1) + "</m:collection>")
		records, bads, _ := readAll(t, stray, data, bytes.NewReader(data))
		if len(records) != 2 || len(bads) != 1 || bads[0].Rule != "stray" || records[1].ID() != "2" {
			t.Errorf("%s: %d records, %v", stray, len(records), bads)
		}
	}
}

func TestEnvelopes(t *testing.T) {
	rec := `<leader>00000nam a2200000 i 4500</leader><controlfield tag="001">%d</controlfield>`
	for name, doc := range map[string]string{
		"SRU":         `<zs:searchRetrieveResponse xmlns:zs="http://www.loc.gov/zing/srw/"><zs:records><zs:record><zs:recordData><record xmlns="http://www.loc.gov/MARC21/slim">` + rec + `</record></zs:recordData></zs:record><zs:record><zs:recordData><record>` + rec + `</record></zs:recordData></zs:record></zs:records></zs:searchRetrieveResponse>`,
		"OAI-PMH":     `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record><header><identifier>x</identifier></header><metadata><m:record xmlns:m="http://www.loc.gov/MARC21/slim">` + strings.NewReplacer("<c", "<m:c", "<l", "<m:l", "</", "</m:").Replace(rec) + `</m:record></metadata></record><record><header status="deleted"/></record><record><header/><metadata><record>` + rec + `</record></metadata></record></ListRecords></OAI-PMH>`,
		"collection":  "\xEF\xBB\xBF<?xml version='1.0'?>\n<!-- two -->\n<collection><record>" + rec + "</record><record type='Bibliographic'>" + rec + "</record></collection>",
		"no envelope": "<record>" + rec + "</record>\n<record>" + rec + "</record>",
	} {
		data := []byte(strings.Replace(strings.Replace(doc, "%d", "1", 1), "%d", "2", 1))
		records, bads, _ := readAll(t, name, data, bytes.NewReader(data))
		if len(records) != 2 || len(bads) != 0 || records[0].ID() != "1" || records[1].ID() != "2" {
			t.Errorf("%s: %d records, %v", name, len(records), bads)
		}
	}
}

// Damage must cost time in proportion to its size.
func TestDamageIsNotSlow(t *testing.T) {
	leader := "00100nam a2200049 i 4500001001100000"
	for name, data := range map[string]string{
		"starts without ends": strings.Repeat("<record><leader>x</leader>", 100_000),
		"comments":            "<a>" + strings.Repeat("<!-- ", 400_000),
		"leaders":             strings.Repeat(leader, 60_000),
		"digits":              strings.Repeat("22", 1_000_000),
		"brackets":            strings.Repeat("<", 2_000_000),
		"elements":            "<record><leader>x</leader>" + strings.Repeat("<a>", 500_000),
		"lines":               strings.Repeat("=245  10$a\n", 100_000),
		"no lines":            "=LDR  " + strings.Repeat("{a}", 300_000),
		"delimiters":          "00100nam a2200037 i 4500245999900000\x1E" + strings.Repeat("\x1F", 500_000) + "\x1E\x1D",
	} {
		start := time.Now()
		in, err := NewReader(strings.NewReader(data), ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for err != io.EOF {
			_, err = in.Next()
			n++
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s: %v for %d bytes", name, took, len(data))
		} else {
			t.Logf("%s: %v, %d records", name, took, n-1)
		}
	}
}
