package marc

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Lines come from several programs; all of these say the same.
func TestFormsOfLines(t *testing.T) {
	for name, text := range map[string]string{
		"ours":            "=LDR  00000nam a2200000 i 4500\n=008  260101s1938    vm            000 f vie d\n=245  10$aSố đỏ :$bgiá 5{dollar}.\n",
		"backslashes":     "=LDR  00000nam\\a2200000\\i\\4500\r\n=008  260101s1938\\\\\\\\vm\\\\\\\\\\\\\\\\\\\\\\\\000\\f\\vie\\d\r\n=245  10$aSố đỏ :$bgiá 5{dollar}.\r\n\r\n",
		"names of marks":  "=LDR  00000nam a2200000 i 4500\n=008  260101s1938    vm            000 f vie d\n=245  10$aS{circ}{acute}o {dstrok}{hooka}o :$bgi{aacute} 5{dollar}.\n",
		"no equals signs": "LDR 00000nam a2200000 i 4500\n008 260101s1938    vm            000 f vie d\n245 10 $a Số đỏ : $b giá 5{dollar}.\n",
		"000 for LDR":     "=000  00000nam a2200000 i 4500\n=008  260101s1938    vm            000 f vie d\n=245  10$aSố đỏ :$bgiá 5{dollar}.",
	} {
		r := readOne(t, []byte(text))
		f, _ := r.Field("245")
		if r.Leader != "00000nam a2200000 i 4500" || r.Control("008") != "260101s1938    vm            000 f vie d" || f == nil ||
			f.Ind1 != '1' || f.Ind2 != '0' || f.Subfield('a') != "Số đỏ :" || f.Subfield('b') != "giá 5$." {
			t.Errorf("%s: %q %+v", name, r.Leader, r.Fields)
		}
		if len(r.Repairs) > 0 && name != "names of marks" {
			t.Errorf("%s: %v", name, r.Repairs)
		}
	}
}

// Every record of the demonstration is read without a word and written back as it stands.
func TestDemonstrationRecords(t *testing.T) {
	files, err := filepath.Glob("../../cmd/mocban/demo/*.mrk")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		records, bads, c := readAll(t, file, data, bytes.NewReader(data))
		if len(bads) > 0 || c.repaired > 0 {
			t.Errorf("%s: %v", file, bads)
		}
		var out []byte
		for _, r := range records {
			if out, err = r.Append(out, Lines); err != nil {
				t.Fatal(err)
			}
		}
		if want := append(bytes.TrimRight(data, "\n"), "\n\n"...); !bytes.Equal(out, want) {
			t.Errorf("%s is written otherwise than it was read", file)
		}
	}
}
