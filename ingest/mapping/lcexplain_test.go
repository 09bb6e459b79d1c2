package mapping

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mocban/ingest/formats"
	"mocban/ingest/marc"
)

// newLC returns a mapper of the profile lc-2.10.
func newLC(t testing.TB) *Mapper {
	t.Helper()
	m, err := New(Options{Base: testBase, Source: "VN-TEST", Profile: LC})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// toldWholly tells whether each triple has a cause in an explanation, and no other is told of.
func toldWholly(t *testing.T, m *Mapper, name string, r *marc.Record) *Explanation {
	t.Helper()
	x, err := m.Explain(r)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	quads, _, err := m.Append(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	tell := func(all []Made) {
		for _, made := range all {
			for _, line := range made.Triples {
				told[line] = true
			}
			if strings.TrimSpace(strings.TrimPrefix(made.Rule, "mocban")) == "" {
				t.Errorf("%s: no rule for %v", name, made.Triples)
			}
		}
	}
	for _, f := range x.Fields {
		tell(f.Made)
		for _, p := range f.Parts {
			tell(p.Made)
		}
	}
	tell(x.Program)
	for _, q := range quads {
		line := q.Triple().String()
		if !told[line] {
			t.Errorf("%s: nothing is told of %s", name, line)
		}
		delete(told, line)
	}
	for line := range told {
		t.Errorf("%s: told, but not made: %s", name, line)
	}
	return x
}

// The profile lc-2.10 tells of each subfield what would be missing without it.
func TestExplainLC(t *testing.T) {
	m := newLC(t)
	r := recordOf(t, "100 1# $aNguyễn, Du,$d1765-1820$etác giả.", "300 ## $a250 tr. ;$c21 cm", "502 ## $bThạc sĩ$d2015", "590 ## $aCó chữ ký", "700 1# $xlạ$aTô, Hoài")
	x := toldWholly(t, m, "a book", r)
	for _, want := range []struct {
		tag, code string
		state     State
		rule      string
		triple    string
	}{
		{"008", "35-37", Mapped, "mocban", "lcl:vie"},
		{"245", "a", Mapped, "lc-2.10/bib-2-titles.tsv", `bf:mainTitle "Nhan đề"`},
		{"100", "d", Mapped, "lc-2.10/bib-", `rdfs:label "Nguyễn, Du, 1765-1820"`},
		{"100", "e", Mapped, "lc-2.10/bib-", "bf:role"},
		{"300", "c", Mapped, "lc-2.10/bib-3-physical.tsv", `bf:dimensions "21 cm"`},
		{"502", "d", Mapped, "lc-2.10/bib-4-notes.tsv", `bf:date "2015"`},
		{"590", "a", Unmapped, "", ""},
	} {
		p := partOf(x, want.tag, want.code)
		if p.State != want.state || want.rule != "" && !slices.ContainsFunc(p.Rules, func(s string) bool { return strings.Contains(s, want.rule) }) {
			t.Errorf("%s %s: %+v", want.tag, want.code, p)
		}
		if want.triple != "" && !slices.ContainsFunc(p.Made, func(m Made) bool {
			return slices.ContainsFunc(m.Short(), func(s string) bool { return strings.Contains(s, want.triple) })
		}) {
			t.Errorf("%s %s does not lead to %s: %+v", want.tag, want.code, want.triple, p.Made)
		}
	}
	// What another subfield says is none of its doing.
	for _, made := range partOf(x, "300", "c").Made {
		for _, s := range made.Short() {
			if strings.Contains(s, "250 tr") {
				t.Errorf("300 $c is said to lead to %s", s)
			}
		}
	}
	var c Coverage
	if err := c.Count(m, r); err != nil {
		t.Fatal(err)
	}
	if _, states := c.Totals(); states[0] < 10 || states[3] == 0 {
		t.Errorf("coverage: %v", states)
	}
}

// Authority records are explained, too.
func TestExplainLCAuthority(t *testing.T) {
	r, err := exampleRecord("auth", "400 1# $aNguyễn, Thanh Hiên")
	if err != nil {
		t.Fatal(err)
	}
	x := toldWholly(t, newLC(t), "an authority", r)
	if p := partOf(x, "400", "a"); p.State != Mapped || len(p.Made) == 0 {
		t.Errorf("400 $a: %+v", p)
	}
}

// TestExplainRealLC explains records of others.
func TestExplainRealLC(t *testing.T) {
	m := newLC(t)
	for _, name := range []string{"bib/m2b-loc_general.xml", "bib/jazz-1k.mrc", "authority/loc-n2015013824.xml"} {
		f, err := os.Open(filepath.Join(realData, name))
		if err != nil {
			t.Logf("%s is not here", name)
			continue
		}
		defer f.Close()
		in, err := formats.NewReader(f, marc.ReadOptions{AsIs: true})
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			r, err := in.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			toldWholly(t, m, name+" "+r.ID(), r)
		}
	}
}
