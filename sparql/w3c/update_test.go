package w3c

import (
	"testing"

	"mocban/graph"
)

// updateTests returns the tests of updates. Their number is that of the suites.
func updateTests(t testing.TB) (report Report) {
	for _, s := range []struct {
		manifest           string
		syntax, evaluation int
	}{
		{"sparql/sparql11/manifest-all.ttl", 55, 94},
		{"sparql/sparql12/manifest.ttl", 20, 3},
	} {
		syntax, evaluation := 0, 0
		for _, test := range load(t, s.manifest) {
			switch test.Kind {
			case PositiveUpdateSyntax, NegativeUpdateSyntax:
				syntax++
			case UpdateEvaluation:
				evaluation++
			default:
				continue
			}
			report = append(report, Outcome{Test: &test})
		}
		if syntax != s.syntax || evaluation != s.evaluation {
			t.Errorf("%s lists %d tests of the syntax of updates and %d of updates, want %d and %d", s.manifest, syntax, evaluation, s.syntax, s.evaluation)
		}
	}
	return report
}

// What must make a difference between two datasets.
func TestDatasetsDiffer(t *testing.T) {
	g, h := iri("g"), iri("h")
	quad := func(s graph.Term, o string, g graph.Term) graph.Quad {
		return graph.Quad{S: s, P: "http://e/p", O: graph.String(o), G: g}
	}
	want := dataset{[]graph.Quad{quad(graph.Blank("a"), "1", g), quad(graph.Blank("a"), "2", graph.Term{})}, []graph.Term{g}}
	same := dataset{[]graph.Quad{quad(graph.Blank("b"), "2", graph.Term{}), quad(graph.Blank("b"), "1", g)}, []graph.Term{g}}
	if err := want.differ(same, true); err != nil {
		t.Error(err)
	}
	more := dataset{same.quads, []graph.Term{g, h}}
	if err := want.differ(more, false); err != nil {
		t.Error(err)
	}
	if want.differ(more, true) == nil {
		t.Error("a graph too many makes no difference")
	}
	for name, other := range map[string]dataset{
		"a graph too few":   {same.quads, nil},
		"another graph":     {[]graph.Quad{quad(graph.Blank("b"), "2", g), quad(graph.Blank("b"), "1", g)}, []graph.Term{g}},
		"two blank nodes":   {[]graph.Quad{quad(graph.Blank("b"), "2", graph.Term{}), quad(graph.Blank("c"), "1", g)}, []graph.Term{g}},
		"a quad too few":    {same.quads[:1], []graph.Term{g}},
		"another literal":   {[]graph.Quad{same.quads[0], quad(graph.Blank("b"), "01", g)}, []graph.Term{g}},
		"a quad more there": {append(same.quads[:2:2], quad(g, "3", g)), []graph.Term{g}},
	} {
		if want.differ(other, false) == nil {
			t.Errorf("%s makes no difference", name)
		}
	}
}
