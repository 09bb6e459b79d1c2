package mapping

import (
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ingest/marc"
)

// realData is the folder of records that others wrote. Tests on it are left out where it is
// not there.
const realData = "../../../shared/data"

// mostQuads is more than any real record needs. A record of 1,400 fields makes about 8,000.
const mostQuads = 20000

// perFile is how many records of a file are mapped, unless all are asked for.
const perFile = 60

var everything = flag.Bool("all", false, "map all records of the shared data")

// TestRealRecords maps the MARC records of others: nothing may panic, every quad must be one,
// and the same record must give the same quads.
func TestRealRecords(t *testing.T) {
	if _, err := os.Stat(realData); err != nil {
		t.Skipf("the records of %s are not here", realData)
	}
	m := newMapper(t)
	records := 0
	for _, folder := range []string{"bib", "authority", "vietnamese", "holdings", "broken", "unimarc"} {
		err := filepath.WalkDir(filepath.Join(realData, folder), func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !isMARC(file) {
				return err
			}
			records += mapFile(t, m, file)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d records", records)
	if records < 1500 || *everything && records < 9000 {
		t.Errorf("only %d records were mapped", records)
	}
}

func isMARC(file string) bool {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".mrc", ".xml", ".mrk", ".marc", ".dat":
		return true
	}
	return false
}

func mapFile(t *testing.T, m *Mapper, file string) (records int) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	reader, err := marc.NewReader(f, marc.ReadOptions{})
	if err != nil {
		return 0 // that is for the tests of the reader
	}
	for {
		r, err := reader.Next()
		var bad *marc.BadRecord
		switch {
		case errors.As(err, &bad):
			continue
		case err == io.EOF, err != nil:
			return records
		}
		if records++; !*everything && records >= perFile {
			return records
		}
		mapOne(t, m, file, r)
	}
}

func mapOne(t *testing.T, m *Mapper, file string, r *marc.Record) {
	quads, _, err := m.Append(nil, r)
	if err != nil {
		return
	}
	g := m.Record(r).Term()
	if len(quads) > mostQuads {
		t.Errorf("%s, record %s: %d quads", file, r.ID(), len(quads))
	}
	seen := make(map[graph.Quad]bool, len(quads))
	for _, q := range quads {
		if err := checkQuad(q); err != nil {
			t.Errorf("%s, record %s: %v: %s", file, r.ID(), err, q)
		}
		if q.G != g {
			t.Errorf("%s, record %s: a quad is in %s", file, r.ID(), q.G)
		}
		if seen[q] {
			t.Errorf("%s, record %s: twice: %s", file, r.ID(), q)
		}
		seen[q] = true
	}
	readBack(t, quads)
	again, _, _ := m.Append(nil, r)
	for i := range again {
		if again[i] != quads[i] {
			t.Fatalf("%s, record %s: quad %d is %s the first time and %s the second", file, r.ID(), i, quads[i], again[i])
		}
	}
}

var errIRI = errors.New("an IRI is none")

// checkQuad tells what is wrong with a quad: the kinds of its terms, or an IRI that a store
// would refuse.
func checkQuad(q graph.Quad) error {
	if err := q.Check(); err != nil {
		return err
	}
	for _, t := range []graph.Term{q.S, q.O, q.G, q.P.Term()} {
		if t.IsIRI() && !plausible(t.Value()) {
			return errIRI
		}
		if t.IsLiteral() && t.Value() == "" {
			return errors.New("a literal is empty")
		}
		if tag := t.Lang(); tag != "" && strings.Trim(tag, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			return errors.New("a language tag is none")
		}
	}
	return nil
}

func plausible(iri string) bool {
	scheme, rest, ok := strings.Cut(iri, ":")
	return ok && scheme != "" && rest != "" && !strings.ContainsAny(iri, " <>\"{}|\\^`\t\n\r") && !strings.Contains(iri, "\uFFFD")
}

// TestDemoRecords maps our own demonstration records: they must map without a finding.
func TestDemoRecords(t *testing.T) {
	files, err := filepath.Glob("../../cmd/mocban/demo/*.mrk")
	if err != nil || len(files) == 0 {
		t.Fatal("the demonstration records are missing")
	}
	m := newMapper(t)
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		reader, err := marc.NewReader(f, marc.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for {
			r, err := reader.Next()
			if err != nil {
				break
			}
			mapOne(t, m, file, r)
			_, found, err := m.Append(nil, r)
			if err != nil {
				t.Errorf("%s, record %s: %v", file, r.ID(), err)
			}
			for _, x := range found {
				t.Errorf("%s, record %s: %s %s $%c %q: %s", file, r.ID(), x.Rule, x.Tag, x.Code, x.Value, x.En)
			}
		}
		f.Close()
	}
}
