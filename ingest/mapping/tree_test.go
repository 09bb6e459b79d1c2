package mapping

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ingest/formats"
	"mocban/ingest/marc"
	"mocban/ingest/tree"
	"mocban/ontology"
)

// readText reads all records of a text in whatever format.
func readText(text string, o marc.ReadOptions) (records []*marc.Record, err error) {
	in, err := formats.NewReader(strings.NewReader(text), o)
	if err != nil {
		return nil, err
	}
	for {
		r, err := in.Next()
		if errors.Is(err, io.EOF) {
			return records, nil
		}
		if err != nil {
			return records, err
		}
		records = append(records, r)
	}
}

// TestTreeExamples runs the example of each row of the tables for trees: a record with that
// element must give what the row expects.
func TestTreeExamples(t *testing.T) {
	m := newMapper(t)
	for _, kind := range tree.Kinds {
		table, err := ontology.Tree(string(kind))
		if err != nil {
			t.Fatal(err)
		}
		ran := 0
		for i := range table.Rows {
			row := &table.Rows[i]
			if row.Cell("expected") == "" {
				continue
			}
			ran++
			records, err := readText(strings.ReplaceAll(row.Cell("example"), "¶", "\n"), marc.ReadOptions{})
			if err == nil && len(records) != 1 {
				err = errors.New("the example is not one record")
			}
			if err == nil {
				err = m.meets(records[0], row.Cell("expected"))
			}
			if err != nil {
				t.Error(row.Error("expected", err))
			}
		}
		if ran < 5 {
			t.Errorf("%s: only %d rows have an example", kind, ran)
		}
	}
}

// TestRealTrees maps the records of others that are trees: nothing may panic, every quad must
// be one, the same record gives the same quads, and what is left unread is told.
func TestRealTrees(t *testing.T) {
	if _, err := os.Stat(realData); err != nil {
		t.Skipf("the records of %s are not here", realData)
	}
	m := newMapper(t)
	records, aside := map[tree.Kind]int{}, 0
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
		for {
			r, err := in.Next()
			var bad *marc.BadRecord
			switch {
			case errors.As(err, &bad):
				aside++
				t.Logf("%s: %v", strings.TrimPrefix(file, realData), bad)
				continue
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return err
			}
			if r.Tree == nil {
				continue
			}
			records[r.Tree.Kind]++
			mapOne(t, m, file, r)
			quads, found, err := m.Append(nil, r)
			if err != nil {
				t.Errorf("%s, record %s: %v", file, r.ID(), err)
			}
			if testing.Verbose() && records[r.Tree.Kind] < 60 {
				t.Logf("%s %s: %s, %d quads", strings.TrimPrefix(file, realData), r.Tree.Kind, r.ID(), len(quads))
				for _, x := range found {
					t.Logf("    %s %s %.60q", x.Rule, x.Tag, x.Value)
				}
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(records, aside, "set aside")
}

// TestTreePairs compares what the records of testdata/trees become with the file beside each.
func TestTreePairs(t *testing.T) {
	files, err := filepath.Glob("testdata/trees/*.xml")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no records in testdata/trees")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		records, err := readText(string(text), marc.ReadOptions{})
		if err != nil || len(records) != 1 {
			t.Fatalf("%s: %d records, %v", file, len(records), err)
		}
		got := quadsOf(t, newMapper(t), records[0])
		want := strings.TrimSuffix(file, ".xml") + ".nq"
		if *update {
			if err := os.WriteFile(want, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		expected, err := os.ReadFile(want)
		if err != nil {
			t.Fatal(err)
		}
		if diff := difference(string(expected), got); diff != "" {
			t.Errorf("%s: (- expected, + made; rewrite with -update)\n%s", file, diff)
		}
	}
}

// BenchmarkTrees reads and maps records of each kind on one core.
func BenchmarkTrees(b *testing.B) {
	m := newMapper(b)
	for _, c := range []struct{ name, file string }{
		{"dc", "heritage/oai-dc/oai-doaj.xml"}, {"mods", "heritage/mods/stanford-hp566jq8781.xml"}, {"mets", "heritage/mets/ocrd-pembroke-1766.xml"},
		{"ead", "heritage/ead/arclight-alphaomegaalpha.xml"}, {"tei", "heritage/tei/bodleian-MS_Tibet_a_1.xml"}, {"lido", "heritage/lido/lido1.xml"},
		{"edm", "heritage/edm/europeana_record_to_sample_index_rdf.xml"}, {"iiif", "heritage/iiif/loc.json"}, {"unimarc", "unimarc/bnf_anywhere_all_peter.xml"},
	} {
		text, err := os.ReadFile(filepath.Join(realData, c.file))
		if err != nil {
			b.Skip("../shared/data is absent")
		}
		b.Run(c.name, func(b *testing.B) {
			n := 0
			var quads []graph.Quad
			for b.Loop() {
				records, _ := readText(string(text), marc.ReadOptions{})
				for _, r := range records {
					quads, _, _ = m.Append(quads[:0], r)
					n++
				}
			}
			b.SetBytes(int64(len(text)))
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// FuzzTree maps whatever the readers of trees give out: nothing panics, and every quad is one
// that can be written and read back.
func FuzzTree(f *testing.F) {
	for _, kind := range tree.Kinds {
		table, err := ontology.Tree(string(kind))
		if err != nil {
			f.Fatal(err)
		}
		for i := range table.Rows {
			if text := table.Rows[i].Cell("example"); text != "" {
				f.Add([]byte(strings.ReplaceAll(text, "¶", "\n")))
			}
		}
	}
	m, err := New(Options{Base: testBase, Original: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		records, _ := readText(string(text), marc.ReadOptions{})
		for _, r := range records {
			if r.Tree == nil {
				continue
			}
			quads, _, err := m.Append(nil, r)
			if err != nil {
				continue
			}
			for _, q := range quads {
				if err := checkQuad(q); err != nil {
					t.Fatalf("%v: %s", err, q)
				}
			}
			readBack(t, quads)
		}
	})
}
