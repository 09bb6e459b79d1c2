package back_test

import (
	"cmp"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"mocban/graph"
	"mocban/ingest/mapping"
	"mocban/ingest/mapping/back"
	"mocban/ingest/marc"
)

// shared is the folder of records that others wrote. Tests on it are left out where it is
// not there.
const shared = "../../../../shared/data"

var (
	showLost  = flag.Bool("lost", false, "print each subfield that does not come back")
	onlySets  = flag.String("sets", "", "only sets whose names contain this")
	onlyTags  = flag.String("tags", "", "print the lost subfields of this tag only")
	showMade  = flag.Bool("extra", false, "print what comes back and was not there")
	allOthers = flag.Bool("all", false, "take all records of the shared data")
	byProfile = flag.String("profile", mapping.Default, "the profile of the way there")
)

// A subfieldKey is a subfield as the README of reference-reverse compares it: end
// punctuation and case aside, 260 counted as 264. An 880 counts apart, by the tag it is for.
type subfieldKey struct {
	tag   string
	code  byte
	value string
}

// A tally counts subfields and those of them that came back.
type tally struct{ all, same int }

func (t *tally) share() float64 {
	if t.all == 0 {
		return 1
	}
	return float64(t.same) / float64(t.all)
}

// A score is what came back of some records.
type score struct {
	sorted    bool // the triples are given in the order of a dump
	most      int  // records of a file that are taken; 0 for all
	records   int
	subfields tally
	made      int               // subfields that were made
	by        map[string]*tally // by tag and code; 880 and the tag
}

func (s *score) tag(prefix string) (t tally) {
	for k, v := range s.by {
		if strings.HasPrefix(k, prefix) {
			t.all += v.all
			t.same += v.same
		}
	}
	return t
}

// TestRoundTrip maps the records of reference-reverse and makes records of the triples alone.
func TestRoundTrip(t *testing.T) {
	dir := filepath.Join(shared, "reference-reverse")
	files, err := filepath.Glob(filepath.Join(dir, "*.marcxml.gz"))
	if err != nil || len(files) == 0 {
		t.Skipf("the records of %s are not here", dir)
	}
	for _, order := range []struct {
		name   string
		sorted bool
	}{{"as they were made", false}, {"in the order of a dump", true}} {
		s := newScore()
		s.sorted = order.sorted
		for _, f := range files {
			s.file(t, filepath.Join(shared, "reference-bibframe", filepath.Base(f)))
		}
		t.Logf("triples %s: of %d subfields of %d records %.2f %% came back, 880 %.2f %%, 852 %.2f %%; %d were made", order.name,
			s.subfields.all, s.records, 100*s.subfields.share(), 100*share(s.tag("880")), 100*share(s.tag("852")), s.made)
		s.bars(t)
	}
}

// bars compares with what is asked.
func (s *score) bars(t *testing.T) {
	t.Helper()
	s.table(t)
	if *onlySets != "" || *byProfile != mapping.Default {
		return
	}
	if s.records != 349 {
		t.Errorf("there are %d records; 349 are expected", s.records)
	}
	for _, bar := range []struct {
		what string
		got  tally
		want float64
	}{{"all subfields", s.subfields, 0.97}, {"880", s.tag("880"), 0.95}, {"852", s.tag("852"), 0.95}} {
		if bar.got.share() < bar.want {
			t.Errorf("%s: only %.2f %% of %d came back; %.0f %% are expected", bar.what, 100*bar.got.share(), bar.got.all, 100*bar.want)
		}
	}
}

// TestLittleIsLeft counts the triples that no field is made of.
func TestLittleIsLeft(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared, "reference-reverse", "*.marcxml.gz"))
	if err != nil || len(files) == 0 {
		t.Skipf("the records of %s are not here", shared)
	}
	m, err := mapping.New(mapping.Options{Base: "http://example.org/", Source: "TEST"})
	if err != nil {
		t.Fatal(err)
	}
	maker := newMaker(t)
	left := map[graph.IRI]int{}
	var all, unread int
	for _, f := range files {
		for _, r := range records(t, filepath.Join(shared, "reference-bibframe", filepath.Base(f))) {
			quads, _, err := m.Append(nil, r)
			if err != nil {
				t.Fatal(err)
			}
			made, err := maker.Make(quads)
			if err != nil {
				t.Fatal(err)
			}
			all += len(quads)
			unread += len(made.Left)
			for _, i := range made.Left {
				left[quads[i].P]++
			}
		}
	}
	t.Logf("of %d triples %d are left: %v", all, unread, left)
	if 100*unread > all {
		t.Errorf("%d of %d triples are left, more than one of a hundred", unread, all)
	}
}

// TestRoundTripOfReference makes records of what the Library of Congress's converter makes
// (the profile lc-2.10 gives the same), and compares with what its own way back makes.
func TestRoundTripOfReference(t *testing.T) {
	dir := filepath.Join(shared, "reference-reverse")
	files, err := filepath.Glob(filepath.Join(dir, "*.marcxml.gz"))
	if err != nil || len(files) == 0 {
		t.Skipf("the records of %s are not here", dir)
	}
	ours, theirs := newScore(), newScore()
	for _, f := range files {
		original := filepath.Join(shared, "reference-bibframe", filepath.Base(f))
		our, their := newScore(), newScore()
		our.roundTrip(t, original, mapping.LC)
		was, is := records(t, original), records(t, f)
		if len(was) != len(is) {
			t.Fatalf("%s: %d records, but %d that came back", f, len(was), len(is))
		}
		for i := range was {
			their.compare(was[i], is[i])
		}
		t.Logf("%.2f %% come back, by bibframe2marc %.2f %%: %s", 100*our.subfields.share(), 100*their.subfields.share(), filepath.Base(f))
		if our.subfields.share() < their.subfields.share() {
			t.Errorf("%s: more comes back by bibframe2marc", f)
		}
		ours.add(our)
		theirs.add(their)
	}
	t.Logf("of %d subfields of %d records %.2f %% came back, by bibframe2marc %.2f %%",
		ours.subfields.all, ours.records, 100*ours.subfields.share(), 100*theirs.subfields.share())
}

func newScore() *score { return &score{by: map[string]*tally{}} }

func newMaker(t *testing.T) *back.Maker {
	t.Helper()
	maker, err := back.New()
	if err != nil {
		t.Fatal(err)
	}
	return maker
}

func share(t tally) float64 { return t.share() }

// TestRoundTripOthers does the same with the other bibliographic records at hand, for which no
// bar is set: many have fields of their own that no row maps.
func TestRoundTripOthers(t *testing.T) {
	dir := filepath.Join(shared, "bib")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the records of %s are not here", dir)
	}
	s := newScore()
	if !*allOthers {
		s.most = 40
	}
	err := filepath.WalkDir(dir, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".mrc", ".xml", ".dat"}, filepath.Ext(file)) {
			return err
		}
		s.file(t, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.table(t)
	t.Logf("of %d subfields of %d records %.2f %% came back, 880 %.2f %%, 852 %.2f %%; %d were made",
		s.subfields.all, s.records, 100*s.subfields.share(), 100*share(s.tag("880")), 100*share(s.tag("852")), s.made)
}

// file takes the records of a file, and prints what came back of it.
func (s *score) file(t *testing.T, file string) {
	t.Helper()
	if !strings.Contains(file, *onlySets) {
		return
	}
	one := newScore()
	one.sorted, one.most = s.sorted, s.most
	one.roundTrip(t, file, *byProfile)
	t.Logf("%6.2f %% of %6d subfields of %5d records, 880 %6.2f %%, 852 %6.2f %%, %6d made: %s", 100*one.subfields.share(), one.subfields.all,
		one.records, 100*share(one.tag("880")), 100*share(one.tag("852")), one.made, filepath.Base(file))
	s.add(one)
}

// roundTrip maps the records of a file and makes records of the triples.
func (s *score) roundTrip(t *testing.T, file, profile string) {
	t.Helper()
	m, err := mapping.New(mapping.Options{Base: "http://example.org/", Source: "TEST", Profile: profile})
	if err != nil {
		t.Fatal(err)
	}
	maker := newMaker(t)
	for i, r := range records(t, file) {
		if s.most > 0 && i >= s.most {
			return
		}
		if r.Type() != marc.Bibliographic {
			continue
		}
		quads, _, err := m.Append(nil, r)
		if err != nil {
			continue
		}
		if s.sorted {
			slices.SortFunc(quads, func(a, b graph.Quad) int {
				return cmp.Or(graph.Compare(a.S, b.S), cmp.Compare(a.P, b.P), graph.Compare(a.O, b.O))
			})
		}
		made, err := maker.Make(quads)
		if err != nil {
			t.Errorf("%s: record %d: %v", file, r.Number, err)
			continue
		}
		s.compare(r, made.Record)
	}
}

func (s *score) add(one *score) {
	s.records += one.records
	s.made += one.made
	s.subfields.all += one.subfields.all
	s.subfields.same += one.subfields.same
	for k, v := range one.by {
		s.at(k).all += v.all
		s.at(k).same += v.same
	}
}

func (s *score) at(k string) *tally {
	if s.by[k] == nil {
		s.by[k] = &tally{}
	}
	return s.by[k]
}

// records reads the records of a file.
func records(t testing.TB, file string) (all []*marc.Record) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(file, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	reader, err := marc.NewReader(in, marc.ReadOptions{})
	if err != nil {
		return nil
	}
	for {
		r, err := reader.Next()
		var bad *marc.BadRecord
		switch {
		case errors.As(err, &bad):
			continue
		case err != nil:
			return all
		}
		all = append(all, r)
	}
}

func (s *score) compare(was, is *marc.Record) {
	s.records++
	have := map[subfieldKey]int{}
	for _, k := range subfields(is) {
		have[k]++
		s.made++
	}
	lost := false
	for _, k := range subfields(was) {
		one := s.at(k.tag + " $" + string(k.code))
		one.all++
		s.subfields.all++
		if have[k] > 0 {
			have[k]--
			one.same++
			s.subfields.same++
			continue
		}
		if *showLost && strings.HasPrefix(k.tag, *onlyTags) {
			lost = true
			fmt.Printf("%s %s $%c %s\n", was.ID(), k.tag, k.code, k.value)
		}
	}
	if lost || *showMade {
		for k, n := range have {
			if n > 0 && strings.HasPrefix(k.tag, *onlyTags) {
				fmt.Printf("%s        + %s $%c %s\n", was.ID(), k.tag, k.code, k.value)
			}
		}
	}
}

// subfields returns those of a record that are compared.
func subfields(r *marc.Record) (all []subfieldKey) {
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.IsControl() || strings.HasPrefix(f.Tag, "9") || f.Tag == "019" || f.Tag == "029" || f.Tag == "049" {
			continue
		}
		tag := imprint(f.Tag)
		if tag == "880" {
			tag += " " + imprint(f.Subfield('6')[:min(3, len(f.Subfield('6')))])
		}
		for _, sub := range f.Subfields {
			v := sub.Value
			if sub.Code == '6' && f.Tag == "880" && strings.HasPrefix(v, "260") {
				v = "264" + v[3:]
			}
			all = append(all, subfieldKey{tag, sub.Code, plain(v)})
		}
	}
	return all
}

func imprint(tag string) string {
	if tag == "260" {
		return "264"
	}
	return tag
}

// plain is a value without case, blanks and marks at its ends.
func plain(s string) string {
	s = strings.ToLower(strings.Join(strings.Fields(norm.NFC.String(s)), " "))
	return strings.TrimFunc(s, func(c rune) bool {
		return c == ' ' || c == 0x200F || c == 0x200E || strings.ContainsRune(".,:;/=+،؛。", c) || !unicode.IsPrint(c)
	})
}

// table prints what does not come back, by tag and code.
func (s *score) table(t *testing.T) {
	if !testing.Verbose() {
		return
	}
	var keys []string
	for k, v := range s.by {
		if v.same < v.all {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(s.by[b].all-s.by[b].same, s.by[a].all-s.by[a].same), cmp.Compare(a, b))
	})
	for _, k := range keys {
		t.Logf("%-10s %5d of %6d lost", k, s.by[k].all-s.by[k].same, s.by[k].all)
	}
}
