package mapping

import (
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/vocab/bf"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

// marcOf returns a record of lines with a leader.
func marcOf(t *testing.T, leader string, lines ...string) *marc.Record {
	t.Helper()
	r := &marc.Record{Leader: leader}
	for _, l := range lines {
		f, err := exampleField(l)
		if err != nil {
			t.Fatal(err)
		}
		r.Fields = append(r.Fields, f)
	}
	return r
}

const holdingsLeader = "00000ny  a2200000zn 4500"

// A found is what quads say, by what the tests ask.
type found struct {
	quads []graph.Quad
}

func (f found) objects(s graph.Term, p graph.IRI) (all []graph.Term) {
	for _, q := range f.quads {
		if q.S == s && q.P == p {
			all = append(all, q.O)
		}
	}
	return all
}

func (f found) subjects(p graph.IRI, o graph.Term) (all []graph.Term) {
	for _, q := range f.quads {
		if q.P == p && q.O == o {
			all = append(all, q.S)
		}
	}
	return all
}

// labels returns the labels of what a property leads to, sorted.
func (f found) labels(s graph.Term, p graph.IRI) (all []string) {
	for _, o := range f.objects(s, p) {
		for _, l := range f.objects(o, rdfs.Label) {
			all = append(all, l.Value())
		}
	}
	slices.Sort(all)
	return all
}

// items returns the items by their labels.
func (f found) items() map[string]graph.Term {
	all := map[string]graph.Term{}
	for _, i := range f.subjects(rdf.Type, bf.Item.Term()) {
		for _, l := range f.objects(i, rdfs.Label) {
			all[l.Value()] = i
		}
	}
	return all
}

func holdingsOf(t *testing.T, m *Mapper, r *marc.Record) (found, []Finding) {
	t.Helper()
	quads, findings, err := m.Append(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	return found{quads}, findings
}

// The items of a holdings record are those of the instance of the bibliographic record whose
// number is in 004, and the record has a name of its own though it has the same number.
func TestHoldingsLink(t *testing.T) {
	m := newMapper(t)
	bib := marcOf(t, "00000nas a2200000 i 4500", "001 7", "245 00 $aNam Phong")
	b, _ := holdingsOf(t, m, bib)
	instance := b.subjects(rdf.Type, bf.Instance.Term())[0]
	hold := marcOf(t, holdingsLeader, "001 7", "004 7", "852 ## $aVN-A$bKho báo$hB 12")
	h, findings := holdingsOf(t, m, hold)
	if m.Record(hold) == m.Record(bib) {
		t.Errorf("both records are %s", m.Record(bib))
	}
	item := h.items()["VN-A B 12"]
	if got := h.objects(item, bf.ItemOf); len(got) != 1 || got[0] != instance {
		t.Errorf("the item is of %v, not of %s\n%s", got, instance, dump(h.quads))
	}
	if len(findings) > 0 {
		t.Errorf("%+v", findings)
	}

	// Where 001 is the number of the title, records are told apart by their places.
	one := marcOf(t, holdingsLeader, "001 7", "852 ## $bALDERMAN$cSTKS", "866 #0 $81$av.1-3")
	two := marcOf(t, holdingsLeader, "001 7", "852 ## $bCLEMONS$cSTKS")
	o, findings := holdingsOf(t, m, one)
	if m.Record(one) == m.Record(two) || m.Record(one) == m.Record(hold) {
		t.Error("two holdings records have one name")
	}
	item = o.items()["ALDERMAN"]
	if got := o.objects(item, bf.ItemOf); len(got) != 1 || got[0] != instance || len(findings) != 1 || findings[0].Rule != "holdings-link" {
		t.Errorf("%v %+v", got, findings)
	}
	if got := o.labels(item, bf.HeldBy); !slices.Equal(got, []string{"ALDERMAN"}) {
		t.Errorf("held by %q", got)
	}
	if got := o.labels(item, bf.EnumerationAndChronology); !slices.Equal(got, []string{"v.1-3"}) {
		t.Errorf("%q", got)
	}
}

// Captions and numbers go together by $8.
func TestEnumeration(t *testing.T) {
	m := newMapper(t)
	for _, c := range []struct{ language, caption, issue, want string }{
		{"eng", "853 20 $82$av.$bno.$u4$vr$i(year)$j(month)", "863 40 $82.1$a5$b3$i2007$j03", "v.5:no.3(2007:Mar.)"},
		{"vie", "853 20 $82$atập$bsố$i(năm)$j(tháng)", "863 40 $82.1$a5$b3$i2007$j03", "tập 5:số 3(2007:tháng 3)"},
		{"fre", "853 20 $82$at.$i(year)$j(month)", "863 40 $82.1$a5$i2007$j03", "t.5(2007:03)"},
		{"eng", "853 20 $82$av.$i(year)", "863 40 $82.1$a1-5$i1990-1994", "v.1(1990)-v.5(1994)"},
		{"eng", "853 20 $82$av.$i(year)", "863 40 $82.1$a1-$i1990-", "v.1(1990)-"},
		{"eng", "853 20 $82$a(year)$b(season)", "863 40 $82.1$a2007$b21", "2007:Spring"},
		{"vie", "853 20 $82$a(year)$b(season)", "863 40 $82.1$a2007$b21/22", "2007:xuân/hè"},
		{"eng", "853 20 $83$av.", "863 40 $82.1$a1$b2$i2007", "1:2(2007)"},
		{"eng", "853 20 $av.", "863 40 $a7", "v.7"},
		{"eng", "853 20 $82$av.", "863 40 $82.1$zmissing", ""},
	} {
		r := marcOf(t, holdingsLeader, "001 1", "004 7", "040 ## $aX$b"+c.language, "852 ## $aVN-A", c.caption, c.issue)
		f, _ := holdingsOf(t, m, r)
		got := strings.Join(f.labels(f.items()["VN-A"], bf.EnumerationAndChronology), "; ")
		if got != c.want {
			t.Errorf("%s, %s in %s is %q, not %q", c.caption, c.issue, c.language, got, c.want)
		}
	}
}

// Statements and pieces belong to the 852 with their link, else to the one before.
func TestPieces(t *testing.T) {
	m := newMapper(t)
	r := marcOf(t, "00000nam a2200000 i 4500", "001 1", "245 00 $aA",
		"852 0# $8221$aVN-A$bKho$hPL1", "852 0# $8222$aVN-B$hPL2", "852 0# $8223$aVN-C",
		"866 41 $8222$at.1-2", "867 41 $8222$aphụ trương",
		"876 ## $0221$a9$pA1", "876 ## $0222$a10$pB1$3t.1", "876 ## $0222$a11$pB2$3t.2", "876 ## $0223$pC1", "876 ## $0223$pC2")
	f, _ := holdingsOf(t, m, r)
	items := f.items()
	if len(items) != 6 {
		t.Fatalf("%d items: %v", len(items), items)
	}
	// The only piece of a place is the item of the place.
	if got := f.objects(items["VN-A PL1"], bf.IdentifiedBy); len(got) != 2 {
		t.Errorf("the item of the first place has %d numbers", len(got))
	}
	// What a place holds is told, so its pieces are parts of that.
	whole := items["VN-B PL2"]
	if got := f.labels(whole, bf.EnumerationAndChronology); !slices.Equal(got, []string{"phụ trương", "t.1-2"}) {
		t.Errorf("%q", got)
	}
	if got := f.objects(whole, bf.HasPart); len(got) != 2 || got[0] != items["VN-B PL2 B1"] || got[1] != items["VN-B PL2 B2"] {
		t.Errorf("%v of %v", got, items)
	}
	if got := f.labels(items["VN-B PL2 B2"], bf.EnumerationAndChronology); !slices.Equal(got, []string{"t.2"}) {
		t.Errorf("%q", got)
	}
	// Copies are items beside one another.
	if items["VN-C"].IsZero() || items["VN-C C2"].IsZero() || len(f.objects(items["VN-C"], bf.HasPart)) > 0 {
		t.Errorf("%v", items)
	}
	instance := f.subjects(rdf.Type, bf.Instance.Term())[0]
	if got := f.objects(instance, bf.HasItem); len(got) != 6 {
		t.Errorf("the instance has %d items", len(got))
	}
}

// The German National Library names the holder in an 852 of its own.
func TestSharedHolder(t *testing.T) {
	f, _ := holdingsOf(t, newMapper(t), marcOf(t, holdingsLeader, "001 1", "004 7", "852 #1 $c2024 AA 2531$900", "852 ## $aDE-101a"))
	items := f.items()
	if len(items) != 1 || items["DE-101a"].IsZero() {
		t.Errorf("%v", items)
	}
}

// What a holdings record says of subjects and classes is said of the work.
func TestHoldingsSubjects(t *testing.T) {
	m := newMapper(t)
	b, _ := holdingsOf(t, m, marcOf(t, "00000nam a2200000 i 4500", "001 7", "245 00 $aA"))
	work := b.subjects(rdf.Type, bf.Work.Term())[0]
	f, findings := holdingsOf(t, m, marcOf(t, holdingsLeader, "001 1", "004 7", "653 ## $aBiển", "852 ## $aVN-A", "901 ## $ax"))
	if got := f.labels(work, bf.Subject); !slices.Equal(got, []string{"Biển"}) {
		t.Errorf("%q", got)
	}
	if len(findings) != 1 || findings[0].Tag != "901" {
		t.Errorf("%+v", findings)
	}
	if got := f.labels(f.items()["VN-A"], bf.Subject); got != nil {
		t.Errorf("%q", got)
	}
}
