package storetest

import (
	"cmp"
	"context"
	"slices"
	"testing"

	"mocban/graph"
)

// checkStatistics compares the statistics of two snapshots that hold the same, if both have
// some. Estimates must only be about right in order.
func checkStatistics(t testing.TB, got, want graph.Snapshot) {
	t.Helper()
	a, ok := got.(graph.Counted)
	b, ok2 := want.(graph.Counted)
	if !ok || !ok2 {
		return
	}
	x, y := statistics(t, a), statistics(t, b)
	if !x.Exact {
		if x.Quads != y.Quads || x.Graphs != y.Graphs || x.Default != y.Default {
			t.Errorf("statistics tell of %d quads, %d in the default graph, and %d graphs, want %d, %d and %d",
				x.Quads, x.Default, x.Graphs, y.Quads, y.Default, y.Graphs)
		}
		return
	}
	p, q := properties(t, a, x), properties(t, b, y)
	c, d := classes(t, a, x), classes(t, b, y)
	x.Properties, x.Classes, y.Properties, y.Classes = nil, nil, nil, nil
	if x.Quads != y.Quads || x.Triples != y.Triples || x.Default != y.Default || x.Graphs != y.Graphs ||
		x.Subjects != y.Subjects || x.Objects != y.Objects || x.Version != y.Version {
		t.Errorf("statistics are %+v, want %+v", x, y)
	}
	if !slices.Equal(p, q) {
		t.Errorf("statistics of properties are %+v, want %+v", p, q)
	}
	if !slices.Equal(c, d) {
		t.Errorf("statistics of classes are %+v, want %+v", c, d)
	}
}

func statistics(t testing.TB, s graph.Counted) graph.Statistics {
	t.Helper()
	st, err := s.Statistics(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return *st
}

type countedTerm struct {
	name                       string
	triples, subjects, objects uint64
}

func properties(t testing.TB, s graph.Snapshot, st graph.Statistics) (out []countedTerm) {
	t.Helper()
	for _, p := range st.Properties {
		out = append(out, countedTerm{name(t, s, p.Property), p.Triples, p.Subjects, p.Objects})
	}
	return inOrder(out)
}

func classes(t testing.TB, s graph.Snapshot, st graph.Statistics) (out []countedTerm) {
	t.Helper()
	for _, c := range st.Classes {
		out = append(out, countedTerm{name: name(t, s, c.Class), subjects: c.Instances})
	}
	return inOrder(out)
}

func inOrder(list []countedTerm) []countedTerm {
	slices.SortFunc(list, func(a, b countedTerm) int { return cmp.Compare(a.name, b.name) })
	return list
}

func name(t testing.TB, s graph.Snapshot, id graph.ID) string {
	t.Helper()
	var terms [1]graph.Term
	if err := s.Terms(context.Background(), []graph.ID{id}, terms[:]); err != nil {
		t.Fatal(err)
	}
	return terms[0].String()
}
