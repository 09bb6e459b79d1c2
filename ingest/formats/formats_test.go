package formats

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"

	"mocban/ingest/marc"
	"mocban/ingest/tree"
)

// readAll reads all of an input: records and faults in order.
func readAll(t testing.TB, in io.Reader) (records []*marc.Record, faults []*marc.BadRecord) {
	t.Helper()
	r, err := NewReader(in, marc.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		rec, err := r.Next()
		var fault *marc.BadRecord
		switch {
		case errors.As(err, &fault):
			faults = append(faults, fault)
		case err == io.EOF:
			return records, faults
		case err != nil:
			t.Fatal(err)
		default:
			records = append(records, rec)
		}
	}
}

func read(t testing.TB, text string) (records []*marc.Record, faults []*marc.BadRecord) {
	t.Helper()
	return readAll(t, strings.NewReader(text))
}

// oai wraps records in an answer of OAI-PMH.
func oai(records ...string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>x</responseDate><ListRecords>` +
		strings.Join(records, "\n") + `<resumptionToken/></ListRecords></OAI-PMH>`
}

func oaiRecord(id, title string) string {
	return `<record><header><identifier>` + id + `</identifier><datestamp>2020-01-02</datestamp><setSpec>col_1</setSpec></header><metadata>` +
		`<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>` + title + `</dc:title></oai_dc:dc></metadata></record>`
}

func titleOf(r *marc.Record) string { return r.Tree.Root.Child("title").Value() }

func TestOAI(t *testing.T) {
	records, faults := read(t, oai(oaiRecord("oai:x:1", "Số đỏ"), `<record><header status="deleted"><identifier>oai:x:2</identifier></header></record>`, oaiRecord("oai:x:3", "Vỡ đê")))
	if len(records) != 2 || len(faults) != 1 || faults[0].Rule != "deleted" || faults[0].ID != "oai:x:2" {
		t.Fatalf("%d records, %v", len(records), faults)
	}
	r := records[0]
	if r.ID() != "oai:x:1" || titleOf(r) != "Số đỏ" || r.Tree.Kind != tree.DC || r.Tree.Stamp != "2020-01-02" || r.Tree.Sets[0] != "col_1" || r.Number != 1 {
		t.Errorf("%+v", r)
	}
	if !bytes.HasPrefix(r.Source, []byte("<record>")) || !bytes.HasSuffix(r.Source, []byte("</record>")) {
		t.Errorf("%s", r.Source)
	}
	for text, rule := range map[string]string{
		`<OAI-PMH><error code="noRecordsMatch"/></OAI-PMH>`:                                                 "",
		`<OAI-PMH><error code="badVerb">x</error></OAI-PMH>`:                                                "oai-error",
		`<OAI-PMH><ListSets><set/></ListSets></OAI-PMH>`:                                                    "unknown-schema",
		`<OAI-PMH><ListRecords><record><header/><metadata><x/></metadata></record></ListRecords></OAI-PMH>`: "unknown-schema",
		`<OAI-PMH><ListRecords><record><header/></record></ListRecords></OAI-PMH>`:                          "empty",
		`<!DOCTYPE x [<!ENTITY a "b">]><dc><title>&a;</title></dc>`:                                         "doctype",
		`<?xml version="1.0" encoding="EBCDIC"?><dc/>`:                                                      "encoding",
		`<dc><title>a</titel></dc>`:                                                                         "xml",
		`<dc><title>a`:                                                                                      "truncated",
		`<dc><title>&nosuch;</title></dc>`:                                                                  "xml",
		`{"type":"Manifest"`:                                                                                "truncated",
		`{"type":"Nothing"}`:                                                                                "unknown-schema",
		`{"type":"Manifest","label":"a","label":"b"}`:                                                       "json",
		"<dc>" + strings.Repeat("<a>", 200) + strings.Repeat("</a>", 200) + "</dc>":                         "depth",
	} {
		records, faults := read(t, text)
		switch {
		case rule == "" && len(records)+len(faults) == 0:
		case len(records) == 0 && len(faults) == 1 && faults[0].Rule == rule && faults[0].Vi != "" && faults[0].En != "" && len(faults[0].Source) > 0:
		default:
			t.Errorf("%.80s: %d records, %v, want %q", text, len(records), faults, rule)
		}
	}
}

// A record that is not well-formed costs itself only.
func TestDamage(t *testing.T) {
	good := oaiRecord("3", "Vỡ đê")
	for name, damaged := range map[string]string{
		"element not closed":  strings.Replace(oaiRecord("2", "x"), "</dc:title>", "", 1),
		"record not closed":   strings.Replace(oaiRecord("2", "x"), "</record>", "", 1),
		"metadata not closed": strings.Replace(oaiRecord("2", "x"), "</metadata></record>", "", 1),
		"tag cut":             strings.Replace(oaiRecord("2", "x"), "</dc:title>", "</dc:ti", 1),
		"ampersand":           oaiRecord("2", "R&D"),
		"stray end tag":       strings.Replace(oaiRecord("2", "x"), "<dc:title>", "</dc:subject><dc:title>", 1),
	} {
		records, faults := read(t, oai(oaiRecord("1", "Số đỏ"), damaged, good))
		if len(records) != 2 || len(faults) != 1 || records[0].ID() != "1" || records[1].ID() != "3" {
			t.Errorf("%s: %d records, %v", name, len(records), faults)
		}
	}
}

// What programs break, and there is one way to mend, is mended and told.
func TestMended(t *testing.T) {
	for name, c := range map[string]struct{ title, want, rule string }{
		"surrogate pair":    {"&#55360;&#56834; Nôm", "𠈂 Nôm", "surrogate"},
		"hexadecimal pair":  {"&#xD840;&#xDE02;", "𠈂", "surrogate"},
		"half a pair":       {"a &#55349; b", "a \uFFFD b", "surrogate"},
		"control reference": {"a&#3;b", "ab", "surrogate"},
		"control":           {"a\x03b", "ab", "control"},
		"entity of HTML":    {"caf&eacute;&nbsp;Huế", "café Huế", ""},
		"NFD":               {"So\u0302\u0301 d\u0323o\u0309", "Số ḍỏ", ""},
		"mark order":        {"Nguye\u0303\u0302n", "Nguyễn", "mark-order"},
		"latin1":            {"caf\xE9 d\xE9j\xE0 vu, r\xE9sum\xE9", "café déjà vu, résumé", "charset"},
		"white space":       {"Số\n      đỏ", "Số đỏ", ""},
		"CDATA":             {"<![CDATA[a < b]]>", "a < b", ""},
	} {
		records, faults := read(t, oai(oaiRecord("1", c.title)))
		if len(records) != 1 {
			t.Errorf("%s: %v", name, faults)
			continue
		}
		r := records[0]
		if got := titleOf(r); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if c.rule == "" && len(r.Repairs) > 0 || c.rule != "" && (len(r.Repairs) == 0 || r.Repairs[0].Rule != c.rule) {
			t.Errorf("%s: %v, want %q", name, r.Repairs, c.rule)
		}
	}
}

func TestEncodings(t *testing.T) {
	text := `<?xml version="1.0" encoding="UTF-16"?><dc><title>Số đỏ</title></dc>`
	wide, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{wide, "\xEF\xBB\xBF" + strings.Replace(text, "UTF-16", "utf-8", 1),
		"<?xml version='1.0' encoding='windows-1258'?>\n<dc><title>S\xF4\xEC \xF0o\xD2</title></dc>"} {
		records, faults := read(t, c)
		if len(records) != 1 || titleOf(records[0]) != "Số đỏ" {
			t.Errorf("%.40q: %v %v", c, records, faults)
		}
	}
}

// The forms of Dublin Core in DSpace become the same elements.
func TestDSpace(t *testing.T) {
	for name, text := range map[string]string{
		"dim":  `<dim:dim xmlns:dim="http://www.dspace.org/xmlns/dspace/dim"><dim:field mdschema="dc" element="title" lang="vi_VN">Số đỏ</dim:field><dim:field mdschema="dc" element="date" qualifier="issued">1938</dim:field></dim:dim>`,
		"xoai": `<metadata><element name="dc"><element name="title"><element name="vi_VN"><field name="value">Số đỏ</field></element></element><element name="date"><element name="issued"><element name="none"><field name="value">1938</field></element></element></element></element></metadata>`,
	} {
		records, faults := read(t, text)
		if len(records) != 1 {
			t.Fatalf("%s: %v", name, faults)
		}
		root := records[0].Tree.Root
		if root.Child("title").Value() != "Số đỏ" || root.Child("title").Attr("xml:lang") != "vi-VN" || root.Child("date.issued").Value() != "1938" {
			t.Errorf("%s: %+v", name, root)
		}
	}
}

func TestKinds(t *testing.T) {
	for text, kind := range map[string]tree.Kind{
		`<mods:modsCollection xmlns:mods="http://www.loc.gov/mods/v3"><mods:mods><mods:identifier>1</mods:identifier></mods:mods></mods:modsCollection>`: tree.MODS,
		`<mets OBJID="1"><dmdSec ID="a"><mdWrap><xmlData><mods/></xmlData></mdWrap></dmdSec></mets>`:                                                     tree.METS,
		`<ead><eadheader><eadid>1</eadid></eadheader></ead>`:                                                                                             tree.EAD,
		`<!DOCTYPE ead PUBLIC "x" "ead.dtd"><ead><control><recordid>1</recordid></control></ead>`:                                                        tree.EAD,
		`<eac-cpf><control><recordId>1</recordId></control></eac-cpf>`:                                                                                   tree.EAC,
		`<TEI xml:id="1"><teiHeader/></TEI>`:                                                                                                             tree.TEI,
		`<lidoWrap><lido><lidoRecID>1</lidoRecID></lido></lidoWrap>`:                                                                                     tree.LIDO,
		`<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><ProvidedCHO r:about="1"/></r:RDF>`:                                                tree.EDM,
		`{"@id":"1","@type":"sc:Manifest","label":"x"}`:                                                                                                  tree.IIIF,
	} {
		records, faults := read(t, text)
		if len(records) != 1 || records[0].Tree == nil || records[0].Tree.Kind != kind || records[0].ID() != "1" {
			t.Errorf("%s: %v %v", text, records, faults)
		}
	}
	records, _ := read(t, `<OAI-PMH><ListRecords><record><header/><metadata><record xmlns="http://www.loc.gov/MARC21/slim"><controlfield tag="001">1</controlfield></record></metadata></record></ListRecords></OAI-PMH>`)
	if len(records) != 1 || records[0].Tree != nil || records[0].Format != marc.MARCXML {
		t.Errorf("MARC in an envelope: %+v", records)
	}
}

// Every record of others is read, or set aside with its bytes.
func TestRealFiles(t *testing.T) {
	dir := "../../../shared/data/heritage"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("../shared/data is absent: no records of others")
	}
	records, faults := 0, map[string]int{}
	err := filepath.WalkDir(dir, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		good, bad := readAll(t, f)
		records += len(good)
		for _, b := range bad {
			faults[b.Rule]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// JSON of aggregators (4), pgterms, NARA, Atom and ListSets are in no schema that is mapped.
	if got := fmt.Sprint(records, faults); got != "174 map[deleted:1 not-marc:1 oai-error:1 unknown-schema:8]" {
		t.Error(got)
	}
}

// FuzzReader reads whatever comes: it may be set aside, but nothing panics, and what is given
// out lies in the input in order.
func FuzzReader(f *testing.F) {
	f.Add([]byte(oai(oaiRecord("1", "Số đỏ &#55360;&#56834; <![CDATA[x]]>"), strings.Replace(oaiRecord("2", "x"), "</record>", "", 1), oaiRecord("3", "\xE9"))))
	for _, s := range []string{
		`<!-- x --><?xml version="1.0" encoding="latin1"?><!DOCTYPE ead><ead a="<"><eadid b='>'/></ead>`, `<mets OBJID=""><structMap TYPE="logical"><div LABEL="x"><div DMDID="a b"/></div></structMap><dmdSec ID="a"><mdWrap><xmlData><dim><field element="a"/></dim></xmlData></mdWrap></dmdSec><fileSec><fileGrp USE="T"><file ID="f"/></fileGrp></fileSec></mets>`,
		`<metadata><element name="dc"><element name="x"><element name="none"><field name="value">v</field></element></element></element></metadata>`,
		`<RDF><ProvidedCHO about="1"/><creator resource="#a"/><Agent about="#a"><prefLabel>x</prefLabel></Agent></RDF>`,
		`{"type":"Manifest","label":{"vi":["a"],"none":["b"]},"metadata":[{"label":"Tác giả","value":["x","<b>y</b>"]}],"items":[[{}]]}`,
		`{"type":"Manifest","label":{"@none":["a","b"]},"metadata":[{"label":{"@none":["x"]},"value":{"@none":["y"]}}],"@":{"@":1}}`,
		`{"@type":"sc:Collection","label":[{"@value":"a","@language":"vi"},null,1.5,true]}`,
		"Mã,Nhan đề\n1,x\n", "\xFF\xFE<\x00d\x00c\x00/\x00>\x00", "<a><record/><record><header/>", "<record></metadata>",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := NewReader(bytes.NewReader(data), marc.ReadOptions{})
		if err != nil {
			return
		}
		wide := bytes.HasPrefix(data, []byte{0xFF, 0xFE}) || bytes.HasPrefix(data, []byte{0xFE, 0xFF})
		var at int64
		for {
			rec, err := r.Next()
			var bad *marc.BadRecord
			switch {
			case err == io.EOF:
				return
			case errors.As(err, &bad):
				rec = &marc.Record{Source: bad.Source, Offset: bad.Offset}
				bad.MayHave("355")
			case err != nil:
				t.Fatal(err)
			case rec.Tree != nil:
				for e := range rec.Tree.Root.All() {
					if !utf8.ValidString(e.Text) {
						t.Fatalf("%q", e.Text)
					}
				}
				if rec.ID() == "" && strings.TrimSpace(rec.Tree.ID) != "" {
					t.Fatalf("%+v", rec)
				}
			}
			if len(rec.Source) == 0 || rec.Offset < at {
				t.Fatalf("%d bytes at %d, behind %d", len(rec.Source), rec.Offset, at)
			}
			at = rec.Offset + int64(len(rec.Source))
			if !wide && (at > int64(len(data)) || !bytes.Equal(rec.Source, data[rec.Offset:at])) {
				t.Fatalf("what is given out does not lie at %d", rec.Offset)
			}
		}
	})
}
