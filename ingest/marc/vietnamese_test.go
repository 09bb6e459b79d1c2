package marc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wanted is a line of expected.jsonl: what each of the files of one record set must read as.
type wanted struct {
	ID     string `json:"001"`
	Fields [][]any
}

func (w *wanted) text() string {
	var b strings.Builder
	for _, f := range w.Fields {
		fmt.Fprintf(&b, "%v %v", f[0], f[1])
		for _, s := range f[2].([]any) {
			fmt.Fprintf(&b, " $%v %v", s.([]any)...)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func text(r *Record) string {
	var b strings.Builder
	for _, f := range r.Fields {
		if f.IsControl() {
			continue
		}
		fmt.Fprintf(&b, "%s %c%c", f.Tag, f.Ind1, f.Ind2)
		for _, s := range f.Subfields {
			fmt.Fprintf(&b, " $%c %s", s.Code, s.Value)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// The same three Vietnamese records in eleven encodings, found out record by record. Two
// encodings have letters where ISO 2709 has its terminators.
func TestVietnameseEncodings(t *testing.T) {
	dir := filepath.Join(shared, "vietnam/records/synthetic")
	lines, err := os.ReadFile(filepath.Join(dir, "expected.jsonl"))
	if err != nil {
		t.Skipf("no records at %s", dir)
	}
	var want []string
	for line := range strings.Lines(string(lines)) {
		var w wanted
		if err := json.Unmarshal([]byte(line), &w); err != nil {
			t.Fatal(err)
		}
		want = append(want, w.text())
	}
	for _, name := range []string{"tcvn3", "vni", "viscii", "vps", "tcvn5712_1", "cp1258", "marc8", "utf8_nfc", "utf8_nfd", "utf8_misordered", "utf8_double"} {
		data, err := os.ReadFile(filepath.Join(dir, name+".mrc"))
		if err != nil {
			t.Fatal(err)
		}
		for _, set := range []string{"", strings.Split(strings.NewReplacer("tcvn5712_1", "tcvn5712", "utf8_double", "utf8twice").Replace(name), "_")[0]} {
			in, err := NewReader(bytes.NewReader(data), ReadOptions{Charset: set})
			if err != nil {
				t.Fatal(err)
			}
			for i := range want {
				r, err := in.Next()
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				got, want := text(r), want[i]
				if name == "tcvn3" {
					got, want = strings.ToLower(got), strings.ToLower(want)
				}
				if got != want {
					t.Errorf("%s as %q: record %d: %+v\n%s\nwant\n%s", name, set, i+1, r.Repairs, got, want)
				}
			}
		}
	}
}
