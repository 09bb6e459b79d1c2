package marc

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// shared is where the real records lie, beside the project folder.
const shared = "../../../shared/data"

// dataFiles returns the files of a folder of real records.
func dataFiles(t testing.TB, folder string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(shared, folder), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Skipf("no real records at %s", shared)
	}
	return files
}

// A tally counts what came out of an input.
type tally struct{ read, repaired, bad int }

// readAll reads an input and checks that nothing of it was lost: records and bad stretches
// follow on each other, and only space lies between them.
func readAll(t testing.TB, name string, data []byte, r io.Reader) (records []*Record, bads []*BadRecord, c tally) {
	t.Helper()
	in, err := NewReader(r, ReadOptions{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var at int64
	for number := 1; ; number++ {
		rec, err := in.Next()
		var bad *BadRecord
		var src []byte
		var offset int64
		switch {
		case err == io.EOF:
			checkSpace(t, name, data[at:])
			return records, bads, c
		case errors.As(err, &bad):
			c.bad++
			bads = append(bads, bad)
			src, offset = bad.Source, bad.Offset
			if bad.Number != number || bad.Rule == "" || bad.Vi == "" || bad.En == "" {
				t.Errorf("%s: bad record %d: number %d, rule %q, %q, %q", name, number, bad.Number, bad.Rule, bad.Vi, bad.En)
			}
		case err != nil:
			t.Fatalf("%s: %v", name, err)
		default:
			c.read++
			if len(rec.Repairs) > 0 {
				c.repaired++
			}
			records = append(records, rec)
			src, offset = rec.Source, rec.Offset
			checkRecord(t, name, number, rec)
		}
		if offset < at || !bytes.Equal(src, data[offset:offset+int64(len(src))]) || len(src) == 0 {
			t.Fatalf("%s: record %d: its bytes are not those at %d", name, number, offset)
		}
		checkSpace(t, name, data[at:offset])
		at = offset + int64(len(src))
	}
}

// checkSpace checks that what lies between records is nothing of worth.
func checkSpace(t testing.TB, name string, between []byte) {
	t.Helper()
	between = bytes.TrimPrefix(between, []byte("\xEF\xBB\xBF"))
	if i := bytes.IndexByte(between, '<'); i >= 0 { // the markup around records
		if comment := bytes.Index(between, []byte("<!--")); comment >= 0 {
			end := bytes.LastIndex(between, []byte("-->"))
			between = append(bytes.Clone(between[:comment]), between[end:]...)
		}
		if bytes.Contains(between, []byte("<datafield")) || bytes.Contains(between, []byte("<controlfield")) {
			t.Errorf("%s: fields between records: %.200q", name, between)
		}
		return
	}
	if s := bytes.Trim(between, " \r\n\t\x00\x1A"); len(s) > 0 && between[0] != '<' {
		t.Errorf("%s: lost between records: %.80q", name, s)
	}
}

func checkRecord(t testing.TB, name string, number int, r *Record) {
	t.Helper()
	if len(r.Leader) != 24 || r.Number != number || len(r.Fields) == 0 {
		t.Errorf("%s: record %d: number %d, leader %q, %d fields", name, number, r.Number, r.Leader, len(r.Fields))
	}
}

// The counts of the README beside the records, but for three files that hold more than it
// says: Catmandu-MARC-broken.xml (10 for 1), qa-catalogue-wrong-marcxml.xml (3 for 1) and
// dnb-sru.xml (2 holdings records with its 3). The file of Turtle is one bad stretch.
var folders = []struct {
	folder     string
	total, bad int
}{
	{"bib", 5434, 1},
	{"vietnamese", 3510, 0},
	{"authority", 670, 1},
	{"holdings", 114 + 2, 0},
	{"unimarc", 73, 0},
	{"broken", 248 + 9 + 2, 2},
	{"sru", 20, 0},
	{"marc-in-json", 47, 0},
}

func TestRealRecords(t *testing.T) {
	for _, f := range folders {
		t.Run(f.folder, func(t *testing.T) {
			var sum tally
			rules := map[string]int{}
			for _, file := range dataFiles(t, f.folder) {
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				records, bads, c := readAll(t, filepath.Base(file), data, bytes.NewReader(data))
				sum.read, sum.repaired, sum.bad = sum.read+c.read, sum.repaired+c.repaired, sum.bad+c.bad
				for _, r := range records {
					for _, p := range r.Repairs {
						rules[p.Rule]++
					}
				}
				t.Logf("%s: %d read, %d repaired, %d bad", filepath.Base(file), c.read, c.repaired, c.bad)
				for _, b := range bads {
					t.Logf("%s: %v", strings.TrimPrefix(file, shared), b)
				}
			}
			t.Logf("%s: %d read, %d of them repaired, %d set aside; %v", f.folder, sum.read, sum.repaired, sum.bad, rules)
			if sum.read+sum.bad != f.total || sum.bad != f.bad {
				t.Errorf("%d read and %d set aside, %d in all; %d expected, %d of them bad", sum.read, sum.bad, sum.read+sum.bad, f.total, f.bad)
			}
		})
	}
}

func TestReadingByteByByteGivesTheSame(t *testing.T) {
	for _, file := range append(dataFiles(t, "broken"), dataFiles(t, "sru")...) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > 50_000 {
			continue
		}
		_, _, all := readAll(t, file, data, bytes.NewReader(data))
		_, _, slow := readAll(t, file, data, iotest.OneByteReader(bytes.NewReader(data)))
		if all != slow {
			t.Errorf("%s: %v at once, %v byte by byte", file, all, slow)
		}
	}
}

// A file with faults and the same file mended by its owner: reading the one must give the
// other, but for what the owner changed besides.
func TestPrideAndPrejudice(t *testing.T) {
	dataFiles(t, "broken")
	var records [2][]*Record
	for i, name := range []string{"bib/pride-and-prejudice-fixed.mrc", "broken/pride-and-prejudice-with-many-errors.mrc"} {
		data, err := os.ReadFile(filepath.Join(shared, name))
		if err != nil {
			t.Fatal(err)
		}
		records[i], _, _ = readAll(t, name, data, bytes.NewReader(data))
	}
	same := 0
	for i, fixed := range records[0] {
		if equal(fixed, records[1][i]) {
			same++
		}
	}
	t.Logf("%d of %d are the same", same, len(records[0]))
	if len(records[0]) != 190 || len(records[1]) != 190 || same < 150 {
		t.Errorf("%d and %d records, %d the same", len(records[0]), len(records[1]), same)
	}
	if r := records[1][92]; r.ID() != "BTJ11184529X" || r.Fields[len(r.Fields)-1].Subfield('a') != "Östersund" {
		t.Errorf("record 93: %+v", r)
	}
}
