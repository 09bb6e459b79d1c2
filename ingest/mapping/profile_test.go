package mapping

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ingest/marc"
)

func readOne(t *testing.T, lines string) *marc.Record {
	t.Helper()
	in, err := marc.NewReader(strings.NewReader(lines), marc.ReadOptions{AsIs: true})
	if err != nil {
		t.Fatal(err)
	}
	r, err := in.Next()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The profile lc-2.10 gives other triples than ours, in the graph of the record as it names
// it, and tells what it could not read.
func TestProfileLC(t *testing.T) {
	const text = "=LDR  00000nam a2200000 i 4500\n=001  a b\n=008  260101s2020    vm            000 | vie d\n" +
		"=100  0#$aNguyễn Du,$d1765-1820$0http://x.example/a|b\n=245  10$aTruyện Kiều\n=999  ##$aX\n"
	m, err := New(Options{Base: testBase, Profile: LC})
	if err != nil {
		t.Fatal(err)
	}
	quads, findings, err := m.Append(nil, readOne(t, text))
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, q := range quads {
		if err := q.Check(); err != nil {
			t.Error(err)
		}
		all += q.String() + "\n"
	}
	for _, want := range []string{
		"<" + testBase + "a%20b#Work> <http://id.loc.gov/ontologies/bibframe/hasInstance> <" + testBase + "a%20b#Instance> <" + testBase + "a%20b> .",
		`<http://x.example/a\u007Cb> <http://www.w3.org/2000/01/rdf-schema#label> "Nguyễn Du, 1765-1820"`,
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%s is not there; there is\n%s", want, all)
		}
	}
	if strings.Contains(all, "schema.org") || strings.Contains(all, "w3id.org/mocban") {
		t.Errorf("there is more than the profile gives:\n%s", all)
	}
	rules := ""
	for _, f := range findings {
		rules += f.Rule + " " + f.Tag + "; "
	}
	if want := "unmapped 999; iri 100; "; !strings.HasPrefix(rules, want) {
		t.Errorf("found: %s, want %s", rules, want)
	}
}

// For a store the record itself is described, and all IRIs are valid.
func TestProfileLCForAStore(t *testing.T) {
	const text = "=LDR  00000nam a2200000 i 4500\n=001  1\n=003  VN-TEST\n=245  10$aA\n=856  41$uhttp://x.example/a b\n"
	m, err := New(Options{Base: testBase, Profile: LC, Original: true})
	if err != nil {
		t.Fatal(err)
	}
	quads, _, err := m.Append(nil, readOne(t, text))
	if err != nil {
		t.Fatal(err)
	}
	described, valid := false, false
	for _, q := range quads {
		described = described || q.S == graph.IRI(testBase+"1").Term() && q.P == "https://w3id.org/mocban/ns#controlNumber"
		valid = valid || q.O == graph.IRI("http://x.example/a%20b").Term()
	}
	if !described || !valid {
		t.Errorf("described: %t, valid IRI: %t", described, valid)
	}
}

// TestProfileLCIsPure maps a record twice: what was said of one does not depend on what was mapped
// before.
func TestProfileLCIsPure(t *testing.T) {
	m, err := New(Options{Base: testBase, Profile: LC, Original: true})
	if err != nil {
		t.Fatal(err)
	}
	r := readOne(t, "=LDR  00000nam a2200000 i 4500\n=001  1\n=003  VN-THU\n=245  10$aTruyện Kiều\n")
	first, _, err := m.Append(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 { // the memory of a run may be another's
		again, _, err := m.Append(nil, r)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(first, again) {
			t.Fatalf("%d quads at first, then %d", len(first), len(again))
		}
	}
}

// What is neither a bibliographic record nor an authority is refused, and so is a profile that
// there is not.
func TestProfileLCRefuses(t *testing.T) {
	m, err := New(Options{Base: testBase, Profile: LC})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := m.Append(nil, readOne(t, "=LDR  00000nx  a2200000n  4500\n=001  1\n=100  0#$aA\n")); !errors.Is(err, ErrKind) {
		t.Errorf("a record of holdings alone: %v", err)
	}
	if _, err := New(Options{Base: testBase, Profile: "lc-9"}); err == nil || !strings.Contains(err.Error(), "default, lc-2.10") {
		t.Errorf("a profile that there is not: %v", err)
	}
}
