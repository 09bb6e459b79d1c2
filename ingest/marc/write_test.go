package marc

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// equal compares what writing and reading must keep: all but the leader positions that a
// program computes.
func equal(a, b *Record) bool {
	if a.Leader[5:9] != b.Leader[5:9] || a.Leader[17:20] != b.Leader[17:20] || len(a.Fields) != len(b.Fields) {
		return false
	}
	for i := range a.Fields {
		f, g := &a.Fields[i], &b.Fields[i]
		if f.Tag != g.Tag || f.Ind1 != g.Ind1 || f.Ind2 != g.Ind2 || f.Data != g.Data || len(f.Subfields) != len(g.Subfields) {
			return false
		}
		for j := range f.Subfields {
			if f.Subfields[j] != g.Subfields[j] {
				return false
			}
		}
	}
	return true
}

func readOne(t testing.TB, data []byte) *Record {
	t.Helper()
	in, err := NewReader(bytes.NewReader(data), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := in.Next()
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	if more, err := in.Next(); err != io.EOF {
		t.Fatalf("behind the record: %v %v\n%s", more, err, data)
	}
	return r
}

func TestWhatIsWrittenReadsBack(t *testing.T) {
	written := 0
	for _, folder := range []string{"bib", "vietnamese", "authority", "unimarc", "broken"} {
		for _, file := range dataFiles(t, folder) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			records, _, _ := readAll(t, file, data, bytes.NewReader(data))
			for i, r := range records {
				if i >= 40 && i%10 != 0 {
					continue
				}
				for _, f := range []Format{ISO2709, MARCXML, Lines} {
					out, err := r.Append(nil, f)
					if err != nil && f == ISO2709 && strings.Contains(err.Error(), "ISO 2709 holds") {
						continue
					}
					if err != nil {
						t.Fatal(err)
					}
					again := readOne(t, out)
					if !equal(r, again) {
						t.Fatalf("%s: record %d as %v does not read back\n%s\n%+v\n%+v", filepath.Base(file), r.Number, f, out, r.Fields, again.Fields)
					}
					written++
				}
			}
		}
	}
	t.Logf("%d times", written)
}

func TestWriting(t *testing.T) {
	r := readOne(t, []byte(`=LDR  00000nam a2200000 i 4500
=001  demo000130
=245  10$6880-01/{dollar}1$aSố đỏ <1938> & "khác" :$btiểu thuyết {lcub}bản in{rcub}.
`))
	for f, want := range map[Format]string{
		ISO2709: "00135nam a2200049 i 4500" + "001001100000" + "245007400011" + "\x1E" +
			"demo000130\x1E" + "10\x1F6880-01/$1\x1FaSố đỏ <1938> & \"khác\" :\x1Fbtiểu thuyết {bản in}.\x1E\x1D",
		MARCXML: `<record xmlns="http://www.loc.gov/MARC21/slim">
  <leader>00000nam a2200000 i 4500</leader>
  <controlfield tag="001">demo000130</controlfield>
  <datafield tag="245" ind1="1" ind2="0">
    <subfield code="6">880-01/$1</subfield>
    <subfield code="a">Số đỏ &lt;1938&gt; &amp; &quot;khác&quot; :</subfield>
    <subfield code="b">tiểu thuyết {bản in}.</subfield>
  </datafield>
</record>
`,
		Lines: `=LDR  00000nam a2200000 i 4500
=001  demo000130
=245  10$6880-01/{dollar}1$aSố đỏ <1938> & "khác" :$btiểu thuyết {lcub}bản in{rcub}.

`,
	} {
		got, err := r.Append(nil, f)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%v:\n%s\nwant\n%s", f, got, want)
		}
	}
}

func TestTooLongForISO2709(t *testing.T) {
	r := &Record{Leader: "00000nam a2200000 i 4500", Fields: []Field{{Tag: "520", Ind1: ' ', Ind2: ' ', Subfields: []Subfield{{'a', strings.Repeat("x", 10_000)}}}}}
	if _, err := r.Append(nil, ISO2709); err == nil || !strings.Contains(err.Error(), "field 520 has 10005 bytes") {
		t.Errorf("error %v", err)
	}
	if out, err := r.Append(nil, MARCXML); err != nil || !equal(r, readOne(t, out)) {
		t.Errorf("MARCXML: %v", err)
	}
}
