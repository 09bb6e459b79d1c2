package mapping

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mocban/ingest/formats"
	"mocban/ingest/marc"
	"mocban/ingest/tree"
	"mocban/ontology"
)

// wholly tells whether an explanation and what mapping gives agree: each triple has a cause,
// no other triple is told of, and what it calls unmapped is what mapping reports as that.
func wholly(t *testing.T, m *Mapper, name string, r *marc.Record) {
	t.Helper()
	x, err := m.Explain(r)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	quads, findings, err := m.Append(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	tell := func(all []Made) {
		for _, made := range all {
			if made.Rule == "" || made.Rule == "mocban " {
				t.Errorf("%s: triples without a rule: %v", name, made.Triples)
			}
			for _, line := range made.Triples {
				told[line] = true
			}
		}
	}
	unread := map[string]bool{}
	for _, f := range x.Fields {
		tell(f.Made)
		for _, p := range f.Parts {
			tell(p.Made)
			if p.State == Unmapped {
				place := f.Tag
				if strings.HasPrefix(p.Code, "@") && r.Tree.Kind != tree.Sheet {
					place += "/" + p.Code
				}
				unread[place] = true
			}
		}
	}
	tell(x.Program)
	made := map[string]bool{}
	for _, q := range quads {
		line := q.Triple().String()
		if made[line] = true; !told[line] {
			t.Errorf("%s: nothing is told of %s", name, line)
		}
	}
	for line := range told {
		if !made[line] {
			t.Errorf("%s: told, but not made: %s", name, line)
		}
	}
	for _, f := range findings {
		if f.Rule == "unmapped" && !unread[f.Tag] {
			t.Errorf("%s: %s is reported as unmapped, and explained otherwise", name, f.Tag)
		}
		if f.Rule == "unmapped" {
			delete(unread, f.Tag)
		}
	}
	for place := range unread {
		t.Errorf("%s: %s is explained as unmapped, and not reported", name, place)
	}
}

// TestExplainTrees explains the example of each row of the tables for trees: the row itself must
// be named, and nothing be left out.
func TestExplainTrees(t *testing.T) {
	m := newMapper(t)
	for _, kind := range tree.Kinds {
		table, err := ontology.Tree(string(kind))
		if err != nil {
			t.Fatal(err)
		}
		for i := range table.Rows {
			row := &table.Rows[i]
			if row.Cell("expected") == "" {
				continue
			}
			records, err := readText(strings.ReplaceAll(row.Cell("example"), "¶", "\n"), marc.ReadOptions{})
			if err != nil || len(records) != 1 {
				t.Fatal(err)
			}
			wholly(t, m, ruleName(row), records[0])
			x, err := m.Explain(records[0])
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(x.Fields, func(f FieldExplained) bool {
				return slices.ContainsFunc(f.Parts, func(p PartExplained) bool { return slices.Contains(p.Rules, ruleName(row)) })
			}) {
				t.Errorf("%s: the row is not named in the explanation of its own example: %+v", ruleName(row), x.Fields)
			}
		}
	}
}

// What is said of an element and its attributes is told of these, with what no row reads.
func TestExplainTree(t *testing.T) {
	m := newMapper(t)
	records, err := readText(`<mods><titleInfo><title>Tắt đèn</title></titleInfo><subject authority="lcsh"><topic>Nông dân</topic></subject>`+
		`<recordInfo><recordIdentifier>7</recordIdentifier></recordInfo><extension><own>lạ</own></extension></mods>`, marc.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	x, err := m.Explain(records[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		tag, code string
		state     State
		triple    string
	}{
		{"mods/titleInfo/title", "", Mapped, `bf:mainTitle "Tắt đèn"@vi`},
		{"mods/subject/topic", "", Mapped, ""},
		{"mods/subject", "@authority", Mapped, ""},
		{"mods/extension/own", "", Unmapped, ""},
	} {
		p := partOf(x, want.tag, want.code)
		if p.State != want.state || want.state == Mapped && len(p.Rules) == 0 {
			t.Errorf("%s %s: %+v", want.tag, want.code, p)
		}
		if want.triple != "" && !slices.ContainsFunc(p.Made, func(m Made) bool {
			return slices.ContainsFunc(m.Short(), func(s string) bool { return strings.Contains(s, want.triple) })
		}) {
			t.Errorf("%s %s: %+v", want.tag, want.code, p.Made)
		}
	}
}

// TestExplainRealTrees explains records of others.
func TestExplainRealTrees(t *testing.T) {
	if _, err := os.Stat(realData); err != nil {
		t.Skipf("the records of %s are not here", realData)
	}
	m := newMapper(t)
	explained := 0
	err := filepath.WalkDir(filepath.Join(realData, "heritage"), func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		in, err := formats.NewReader(f, marc.ReadOptions{})
		if err != nil {
			return err
		}
		for n := 0; n < 3; {
			r, err := in.Next()
			var bad *marc.BadRecord
			switch {
			case errors.As(err, &bad):
				continue
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return err
			}
			n++
			if r.Tree == nil || len(r.Source) > 200_000 {
				continue
			}
			explained++
			wholly(t, m, strings.TrimPrefix(file, realData)+" "+r.ID(), r)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d records", explained)
	if explained < 50 {
		t.Errorf("only %d records were explained", explained)
	}
}
