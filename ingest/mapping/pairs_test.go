package mapping

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ingest/marc"
)

var update = flag.Bool("update", false, "rewrite the quads that records must give")

// TestPairs compares what the records of testdata become with the file beside each: the quads
// in the order of dumps, then what was found.
func TestPairs(t *testing.T) {
	files, err := filepath.Glob("testdata/*.mrk")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no records in testdata")
	}
	m := newMapper(t)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			got := mapPair(t, m, file)
			want := strings.TrimSuffix(file, ".mrk") + ".nq"
			if *update {
				if err := os.WriteFile(want, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			text, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := difference(string(text), got); diff != "" {
				t.Errorf("%s: (- expected, + made; rewrite with -update)\n%s", file, diff)
			}
		})
	}
}

// mapPair maps the record of a file on a second mapper, too: none may remember another record.
func mapPair(t *testing.T, m *Mapper, file string) string {
	records := readAll(t, file)
	if len(records) != 1 {
		t.Fatalf("%s holds %d records", file, len(records))
	}
	text := quadsOf(t, m, records[0])
	if other := quadsOf(t, newMapper(t), records[0]); other != text {
		t.Errorf("a new mapper gives other quads:\n%s", difference(text, other))
	}
	return text
}

func quadsOf(t *testing.T, m *Mapper, r *marc.Record) string {
	quads, found, err := m.Append(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(quads, graph.CompareQuads)
	var b strings.Builder
	for _, q := range quads {
		if err := checkQuad(q); err != nil {
			t.Errorf("%v: %s", err, q)
		}
		fmt.Fprintln(&b, q)
	}
	for _, f := range found {
		where := f.Tag
		if f.Code != 0 {
			where += " $" + string(f.Code)
		}
		fmt.Fprintf(&b, "# %s, %s: %s\n", f.Rule, where, f.Value)
	}
	return b.String()
}

// difference returns the lines that only one of two texts has.
func difference(want, got string) string {
	var b strings.Builder
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for _, line := range w {
		if !slices.Contains(g, line) {
			fmt.Fprintln(&b, "-", line)
		}
	}
	for _, line := range g {
		if !slices.Contains(w, line) {
			fmt.Fprintln(&b, "+", line)
		}
	}
	if b.Len() == 0 && want != got {
		return "the same lines in another order"
	}
	return b.String()
}

// Records that say nothing of what they describe are refused in words.
func TestRefused(t *testing.T) {
	m := newMapper(t)
	for leader, want := range map[string]error{
		"00000nq  a2200000n  4500": ErrKind,
		"00000nw  a2200000n  4500": ErrKind,
		"00000nz  a2200000n  4500": ErrHeading,
	} {
		quads, _, err := m.Append(nil, &marc.Record{Leader: leader})
		if !errors.Is(err, want) || len(quads) != 0 {
			t.Errorf("%s: %v, and %d quads", leader, err, len(quads))
		}
	}
	quads, _, err := m.Append(nil, &marc.Record{})
	if err != nil || len(quads) == 0 {
		t.Errorf("an empty record is a record of nothing: %v, %d quads", err, len(quads))
	}
}

func TestOptions(t *testing.T) {
	for _, base := range []graph.IRI{"", "data.example.vn/", "https://data.example.vn", "https://a b/"} {
		if _, err := New(Options{Base: base}); err == nil {
			t.Errorf("%q is taken for a base", base)
		}
	}
	m, err := New(Options{Base: testBase, Source: "VN-A", Original: true})
	if err != nil {
		t.Fatal(err)
	}
	r := &marc.Record{Leader: "00000nam a2200000 i 4500", Source: []byte("bytes"), Format: marc.MARCXML}
	quads, _, err := m.Append(nil, r)
	text := dump(quads)
	if err != nil || !strings.Contains(text, `ns#original> "Ynl0ZXM="^^`) || !strings.Contains(text, "application/marcxml+xml") {
		t.Errorf("the original is not kept: %v\n%s", err, text)
	}
}

// The IRI of a record depends on base, source, control number and kind, and is one whatever
// those hold.
func TestRecordIRI(t *testing.T) {
	m := newMapper(t)
	for _, c := range []struct{ source, number, want string }{
		{"VN-A", "123", "record/VN-A/123"},
		{"", " ocm123 ", "record/VN-TEST/ocm123"},
		{"a/b", "REROILS:75", "record/a%2Fb/REROILS%3A75"},
		{"..", ".", "record/%2E%2E/%2E"},
		{"IT", `ICCU\1`, "record/IT/ICCU~1"},
		{"VN", "https://a.vn/m.json", "record/VN/https%3A%2F%2Fa.vn%2Fm~json"},
		{"VN", "PN.12.b7", "record/VN/PN.12.b7"},
		{"Thư viện", "số 1", "record/Th%C6%B0%20vi%E1%BB%87n/s%E1%BB%91%201"},
	} {
		r := &marc.Record{Fields: []marc.Field{{Tag: "001", Data: c.number}, {Tag: "003", Data: c.source}}}
		if got := string(m.Record(r)); got != testBase+c.want {
			t.Errorf("%s %s: %s", c.source, c.number, got)
		}
	}
	z := &marc.Record{Leader: "00000nz  a2200000n  4500", Fields: []marc.Field{{Tag: "001", Data: "123"}, {Tag: "003", Data: "VN-A"}}}
	if got := string(m.Record(z)); got != testBase+"record/VN-A/authority-123" {
		t.Errorf("an authority record, which may have the number of a bibliographic one: %s", got)
	}
	a := &marc.Record{Fields: []marc.Field{{Tag: "245", Subfields: []marc.Subfield{{Code: 'a', Value: "A"}}}}}
	b := &marc.Record{Fields: []marc.Field{{Tag: "245", Subfields: []marc.Subfield{{Code: 'a', Value: "B"}}}}}
	if again := *a; m.Record(a) == m.Record(b) || m.Record(a) != m.Record(&again) {
		t.Errorf("records without a number are %s and %s", m.Record(a), m.Record(b))
	}
}
