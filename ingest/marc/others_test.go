package marc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const alephSample = `000000130 LDR   L 00000nam^a2200000^i^4500
000000130 FMT   L BK
000000130 008   L 260101s1938^^^^vm^^^^^^^^^^^^000^f^vie^d
000000130 24510 L $$aSố đỏ :$$btiểu thuyết.
000000131 LDR   L 00000nam^a2200000^i^4500
000000131 001   L own131
000000131 24510 L $$aGiông tố
rubbish
000000132 24510 L $$aVỡ đê
`

// isisSample is a record of our own, with its line broken after 80 characters.
var isisSample = wrapISIS(isisRecord("000000000", "001", "00001", "245", "^aTat den^btieu thuyet^cNgo Tat To", "260", "^aHa Noi^bVan hoc^c2001", "300", "180 tr."))

// isisRecord makes a record of tags and data in turn.
func isisRecord(_ string, parts ...string) string {
	var directory, data strings.Builder
	for i := 0; i < len(parts); i += 2 {
		fmt.Fprintf(&directory, "%s%04d%05d", parts[i], len(parts[i+1])+1, data.Len())
		data.WriteString(parts[i+1] + "#")
	}
	base := 24 + directory.Len() + 1
	return fmt.Sprintf("%05d0000000%05d0004500%s#%s#", base+data.Len()+1, base, directory.String(), data.String())
}

func wrapISIS(s string) string {
	var b strings.Builder
	for len(s) > isisColumns {
		b.WriteString(s[:isisColumns] + "\r\n")
		s = s[isisColumns:]
	}
	return b.String() + s + "\r\n"
}

// readMixed reads all of an input: records and faults in order.
func readMixed(t *testing.T, text string) (records []*Record, faults []*BadRecord) {
	t.Helper()
	in, err := NewReader(strings.NewReader(text), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		r, err := in.Next()
		var fault *BadRecord
		switch {
		case errors.As(err, &fault):
			faults = append(faults, fault)
		case err == io.EOF:
			return records, faults
		case err != nil:
			t.Fatal(err)
		default:
			records = append(records, r)
		}
	}
}

func title(r *Record) string {
	f, ok := r.Field("245")
	if !ok {
		return ""
	}
	return f.Subfield('a')
}

// Lines of Aleph belong together by their number, which is the control number where the
// record has none of its own.
func TestAleph(t *testing.T) {
	records, faults := readMixed(t, alephSample)
	if len(records) != 2 || len(faults) != 1 || faults[0].Rule != "line" || faults[0].Number != 2 {
		t.Fatalf("%d records, faults %v", len(records), faults)
	}
	if r := records[0]; r.ID() != "000000130" || title(r) != "Số đỏ :" || r.Control("008")[35:38] != "vie" || r.Leader != "00000nam a2200000 i 4500" || r.Format != Aleph {
		t.Errorf("%+v", r)
	}
	if r := records[1]; r.ID() != "000000132" || title(r) != "Vỡ đê" {
		t.Errorf("%+v", r)
	}
}

// A record of CDS/ISIS has no indicators, and tags that may be those of MARC or not.
func TestISIS(t *testing.T) {
	own := wrapISIS(isisRecord("", "010", "^a12", "020", "Tat den", "030", "Ngo Tat To"))
	short := strings.Replace(isisSample, "^btieu", "^bti", 1) // two bytes lost: the directory does not fit
	legacy := wrapISIS(isisRecord("", "001", "7", "245", "^aNh\xF7ng nguy\xAAn t\xBEc qu\xB6n l\xFD kinh t\xD5 v\xB5 th\xAD vi\xD6n Vi\xD6t Nam"))
	records, faults := readMixed(t, isisSample+own+short+legacy)
	if len(records) != 3 || len(faults) != 1 || faults[0].Rule != "cds-isis" || !strings.HasPrefix(string(faults[0].Source), "000") {
		t.Fatalf("%d records, faults %v", len(records), faults)
	}
	r := records[0]
	f, _ := r.Field("260")
	if r.ID() != "00001" || title(r) != "Tat den" || f == nil || f.Subfield('c') != "2001" || r.Type() != Bibliographic || len(r.Repairs) > 0 {
		t.Errorf("%+v", r)
	}
	if f, _ := r.Field("300"); f == nil || f.Subfield('a') != "180 tr." {
		t.Errorf("%+v", r)
	}
	if r := records[1]; title(r) != "Tat den" || len(r.Repairs) == 0 {
		t.Errorf("%+v", r)
	}
	if got := title(records[2]); !strings.HasPrefix(got, "Những nguyên tắc") {
		t.Errorf("%q, repairs %v", got, records[2].Repairs)
	}
}

// The lines of yaz-marcdump begin with the bare leader, and have blanks around the codes.
func TestBareLeader(t *testing.T) {
	text := "00714cam a2200205 a 4500\n001 12883376\n245 10 $a Giá $5.00 : $b truyện / $c Ai đó.\n\n00714cam a2200205 a 4500\n001 2\n245 00 $a Hai\n"
	records, faults := readMixed(t, text)
	if len(records) != 2 || len(faults) > 0 {
		t.Fatalf("%d records, %v", len(records), faults)
	}
	f, _ := records[0].Field("245")
	if records[0].Leader != "00714cam a2200205 a 4500" || f.Subfield('a') != "Giá $5.00 :" || f.Subfield('c') != "Ai đó." || records[0].ID() != "12883376" {
		t.Errorf("%+v", records[0])
	}
}

// MARC-in-JSON comes in arrays, in lines, and one object behind the other; what is no
// record costs itself only.
func TestJSON(t *testing.T) {
	one := `{"leader":"00000nam a2200000 i 4500","fields":[{"001":"1"},{"245":{"ind1":"1","ind2":"0","subfields":[{"a":"S\u1ed1 \u0111\u1ecf \ud83d\ude00"},{"b":"\ud83d"}]}}]}`
	two := strings.Replace(one, `"001":"1"`, `"001":"2"`, 1)
	for name, text := range map[string]string{
		"array": "[" + one + ",\n " + two + "]", "lines": one + "\n" + two + "\n", "together": one + two,
	} {
		records, faults := readMixed(t, text)
		if len(records) != 2 || len(faults) > 0 {
			t.Errorf("%s: %d records, %v", name, len(records), faults)
			continue
		}
		r := records[0]
		f, _ := r.Field("245")
		if r.ID() != "1" || title(r) != "Số đỏ 😀" || f.Subfield('b') != "\uFFFD" || f.Ind1 != '1' || records[1].ID() != "2" || string(r.Source) != one {
			t.Errorf("%s: %+v", name, r)
		}
		if len(r.Repairs) != 1 || r.Repairs[0].Rule != "surrogate" {
			t.Errorf("%s: %v", name, r.Repairs)
		}
	}
	for name, text := range map[string]string{
		"not closed": one[:60] + "\n" + two, "no colon": strings.Replace(one, `"001":`, `"001" `, 1) + two,
		"escape": strings.Replace(one, `\u1ed1`, `\q`, 1) + two, "no MARC": `{"fields":"x"}` + two,
	} {
		records, faults := readMixed(t, text)
		if len(records) != 1 || len(faults) != 1 || records[0].ID() != "2" || len(faults[0].Source) == 0 || faults[0].Vi == "" {
			t.Errorf("%s: %d records, %v", name, len(records), faults)
		}
	}
	if _, faults := readMixed(t, `{"@context":"x"}`); len(faults) != 1 || faults[0].Rule != "format" {
		t.Errorf("%v", faults)
	}
}

// What MARC-in-JSON says is what is written of it again.
func TestRealJSON(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/data/marc-in-json/*/*.json")
	more, _ := filepath.Glob("../../../shared/data/marc-in-json/*.jsonl")
	holdings, _ := filepath.Glob("../../../shared/data/holdings/libris-json/*.json")
	files = append(append(files, more...), holdings...)
	if len(files) == 0 {
		t.Skip("../shared/data is absent: no MARC-in-JSON of others")
	}
	n := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		records, faults := readMixed(t, string(text))
		if len(faults) > 0 {
			t.Errorf("%s: %v", file, faults)
		}
		n += len(records)
		for _, r := range records {
			out, err := r.Append(nil, JSON)
			if err != nil {
				t.Fatal(err)
			}
			again, _ := readMixed(t, string(out))
			if len(again) != 1 || fmt.Sprint(again[0].Fields) != fmt.Sprint(r.Fields) || again[0].Leader != r.Leader {
				t.Errorf("%s, record %s is not written as it was read", file, r.ID())
			}
		}
	}
	if n != 47+14 {
		t.Errorf("%d records, 61 expected", n)
	}
	t.Logf("%d records in %d files", n, len(files))
}

func BenchmarkJSON(b *testing.B) {
	text, err := os.ReadFile("../../../shared/data/marc-in-json/hathi-sample_upd_20221231.jsonl")
	if err != nil {
		b.Skip("../shared/data is absent")
	}
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		in, err := NewReader(bytes.NewReader(text), ReadOptions{})
		if err != nil {
			b.Fatal(err)
		}
		for {
			if _, err := in.Next(); err != nil {
				break
			}
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
	b.SetBytes(int64(len(text)))
}
