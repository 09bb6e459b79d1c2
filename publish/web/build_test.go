package web

import (
	"testing"

	"mocban/graph"
	"mocban/publish/resource"
	"mocban/vocab/bf"
	"mocban/vocab/rdf"
	"mocban/vocab/skos"
)

// Whom a work is entered under stands before its translator, in whatever order the store
// has them.
func TestPrimaryContributionIsFirst(t *testing.T) {
	part := func(class graph.IRI) resource.Value {
		return resource.Value{Part: &resource.Node{Props: []resource.Prop{{IRI: rdf.Type, Values: []resource.Value{{Term: class.Term()}}}}}}
	}
	got := sorted(resource.Prop{IRI: bf.Contribution, Values: []resource.Value{
		part(bf.ContributionClass), part(bf.PrimaryContribution), part(bf.ContributionClass),
	}})
	if len(got) != 3 || !got[0].Part.Has(rdf.Type, bf.PrimaryContribution.Term()) {
		t.Errorf("got %v", got)
	}
}

// The vocabulary of a heading is told once: as its source, or as the scheme it is in.
func TestSchemeRepeatsSource(t *testing.T) {
	lcsh, mesh := resource.Value{Term: graph.IRI("http://example.org/lcsh").Term()}, resource.Value{Term: graph.IRI("http://example.org/mesh").Term()}
	for _, c := range []struct {
		schemes, sources []resource.Value
		want             bool
	}{
		{[]resource.Value{lcsh}, []resource.Value{lcsh}, true},
		{[]resource.Value{lcsh, mesh}, []resource.Value{lcsh}, false},
		{[]resource.Value{lcsh}, nil, false},
	} {
		if got := repeats(resource.Prop{IRI: skos.InScheme, Values: c.schemes}, c.sources); got != c.want {
			t.Errorf("%v, %v: got %v", c.schemes, c.sources, got)
		}
	}
}

func TestMoment(t *testing.T) {
	for in, want := range map[string]string{
		"2026-01-01T00:00:00":  "2026-01-01",
		"2026-01-01T08:30:15Z": "2026-01-01 08:30:15",
		"2026-01-01":           "2026-01-01",
		"":                     "",
	} {
		if got := moment(in); got != want {
			t.Errorf("%q: got %q", in, got)
		}
	}
}

// What a translation was made from is not called the language of the translation.
func TestComponentOfANote(t *testing.T) {
	note := &resource.Node{Props: []resource.Prop{{IRI: rdf.Type, Values: []resource.Value{
		{Term: bf.NoteClass.Term()}, {Term: graph.IRI("http://id.loc.gov/vocabulary/resourceComponents/lor").Term()},
	}}}}
	if got := (&viewer{lang: "vi"}).component(note); got != "Ngôn ngữ nguyên bản" {
		t.Errorf("got %q", got)
	}
}
