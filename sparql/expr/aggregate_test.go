package expr

import (
	"errors"
	"strings"
	"testing"

	"mocban/graph"
)

// aggregate applies a set function to a group.
func aggregate(t testing.TB, a *Aggregate, group ...string) string {
	t.Helper()
	var s State
	for _, v := range group {
		if err := a.Add(&s, val(v)); err != nil {
			t.Fatal(err)
		}
	}
	return show(a.Result(&s))
}

// SPARQL 1.1, 18.5.1; the W3C's tests of aggregates.
func TestAggregates(t *testing.T) {
	for _, c := range []struct {
		f     SetFunction
		group []string
		want  string
	}{
		// a group of nothing
		{Count, nil, "0"}, {Sum, nil, "0"}, {Avg, nil, "0"}, {Min, nil, "unbound"}, {Max, nil, "unbound"}, {Sample, nil, "unbound"}, {GroupConcat, nil, `""`},

		{Sum, []string{"1", "2", "3"}, "6"}, {Sum, []string{"1.0", "2.2", "3.5"}, "6.7"}, {Sum, []string{"1.0E2", "2.0E3", "3.0E4"}, "3.21E4"}, {Sum, []string{"1", "2.2"}, "3.2"}, {Sum, []string{"1", `"2.0"^^xsd:float`, "3.0"}, `"6.0E0"^^xsd:float`}, {Sum, []string{"01"}, "1"}, {Sum, []string{`"1"^^xsd:byte`}, "1"}, {Sum, []string{"9223372036854775807", "1", "-1"}, "9223372036854775807"},
		{Avg, []string{"1", "2", "3"}, "2.0"}, {Avg, []string{"1.0", "2.2", "3.5", "2.2", "2.2"}, "2.22"}, {Avg, []string{"1", "2"}, "1.5"}, {Avg, []string{"2E-1", "0.2"}, "2.0E-1"}, {Avg, []string{"1", "1", "2"}, "1.333333333333333333"}, {Avg, []string{"100", "100", "0"}, "66.666666666666666667"},
		{Count, []string{"1", "1", `"a"`, "_:b"}, "4"},
		{Min, []string{"3", "1.5", "2e0"}, "1.5"}, {Max, []string{"3", "1.5", "2e0"}, "3"}, {Min, []string{`"b"`, "2", "<http://i>"}, "<http://i>"}, {Max, []string{`"b"`, "2", "<http://i>"}, "2"}, {Min, []string{"10", "9"}, "9"}, {Min, []string{"1", "_:b2", "3"}, "_:b2"}, {Min, []string{`"b"@vi`, `"a"@vi`}, `"a"@vi`}, {Max, []string{"1.0", "01"}, "1.0"}, {Max, []string{`"2001-01-01"^^xsd:date`, `"2006-08-23Z"^^xsd:date`}, `"2006-08-23Z"^^xsd:date`},
		{Sample, []string{"7", "8"}, "7"},
		{GroupConcat, []string{`"1"`, `"22"`}, `"1 22"`}, {GroupConcat, []string{`"1"@en`, `"2"@en`}, `"1 2"`}, {GroupConcat, []string{`"1"@en`}, `"1"`}, {GroupConcat, []string{"1", "<http://a>", "1.0E0", `""`}, `"1 http://a 1.0E0 "`},

		// errors
		{Sum, []string{"1", "2", `"abc"@en`}, "error"}, {Sum, []string{"1", "unbound"}, "unbound"}, {Avg, []string{"1", "_:b2", "3"}, "error"}, {Count, []string{"1", "2", `"abc"@en`}, "3"}, {Count, []string{"1", "unbound", "error"}, "1"}, {Sum, []string{`"P1D"^^xsd:dayTimeDuration`}, "error"},
		{Min, []string{"1", "unbound", "0"}, "unbound"}, {Max, []string{"1", "unbound", "0"}, "1"}, {Max, []string{"error"}, "unbound"}, {Sample, []string{"unbound", "8"}, "8"}, {GroupConcat, []string{`"a"`, "unbound"}, "unbound"}, {GroupConcat, []string{`"a"`, "_:b"}, "error"},
	} {
		if got := aggregate(t, &Aggregate{Func: c.f, Separator: " "}, c.group...); got != c.want {
			t.Errorf("%v of %v is %s, want %s", c.f, c.group, got, c.want)
		}
	}
}

func TestDistinctAggregates(t *testing.T) {
	for f, want := range map[SetFunction]string{Count: "3", Sum: "4", Avg: "1.333333333333333333", Min: "1", Max: "2", GroupConcat: `"1, 2, 01"`} {
		if got := aggregate(t, &Aggregate{Func: f, Distinct: true, Separator: ", "}, "1", "2", "1", "01", "2"); got != want {
			t.Errorf("%v of what is distinct is %s, want %s", f, got, want)
		}
	}
	a := &Aggregate{Func: Count}
	var s State
	a.AddRows(&s, 1024)
	a.AddRows(&s, 3)
	if got := show(a.Result(&s)); got != "1027" {
		t.Errorf("COUNT(*) is %s", got)
	}
}

func TestAggregatesOfIDs(t *testing.T) {
	iri := graph.NewID(graph.ClassIRI, 7)
	group := []graph.ID{graph.None, iri}
	for _, s := range []string{"1", "2.5", "1.5E0"} {
		id, _ := graph.Inline(term(s))
		group = append(group, id)
	}
	for f, want := range map[SetFunction]string{Count: "4", Sum: "unbound", Max: "2.5", Sample: "1"} {
		a := &Aggregate{Func: f}
		var s State
		for _, id := range group {
			if ok, err := a.AddID(&s, id); err != nil || ok != (id != iri || f == Count) {
				t.Errorf("%v takes ID %x: %v, %v", f, uint64(id), ok, err)
			}
		}
		if got := show(a.Result(&s)); got != want {
			t.Errorf("%v is %s, want %s", f, got, want)
		}
	}
}

// purse is an account with so many bytes.
type purse struct{ bytes int64 }

var errPurse = errors.New("purse is empty")

func (p *purse) Grow(bytes int64) error {
	if p.bytes -= bytes; p.bytes < 0 {
		return errPurse
	}
	return nil
}

func TestAggregatesAskForMemory(t *testing.T) {
	for _, a := range []*Aggregate{{Func: GroupConcat}, {Func: Count, Distinct: true}, {Func: Max}, {Func: Sample}} {
		p := &purse{1000}
		a.Account = p
		var s State
		if err := a.Add(&s, String(strings.Repeat("a", 100))); err != nil {
			t.Errorf("%v: 100 bytes of 1,000: %v", a.Func, err)
		}
		if p.bytes > 900 {
			t.Errorf("%v: %d bytes left", a.Func, p.bytes)
		}
		p.bytes = 0
		s = State{}
		if err := a.Add(&s, String(strings.Repeat("b", 100))); err != errPurse {
			t.Errorf("%v: 100 bytes of none: %v", a.Func, err)
		}
	}
}

func TestConcatenationIsCapped(t *testing.T) {
	a := &Aggregate{Func: GroupConcat, Separator: " "}
	var s State
	part := String(strings.Repeat("a", MaxBytes/4))
	for i := range 4 {
		err := a.Add(&s, part)
		var limit *graph.LimitError
		if (i == 3) != errors.As(err, &limit) {
			t.Errorf("after %d quarters: %v", i+1, err)
		}
	}
}

func BenchmarkAggregate(b *testing.B) {
	for _, c := range []struct {
		f SetFunction
		v string
	}{{Count, "7"}, {Sum, "7"}, {Sum, "7.25"}, {Sum, "7e0"}, {Min, "7"}, {Max, `"Truyện Kiều"@vi`}} {
		b.Run(c.f.String()+"/"+val(c.v).Kind().String(), func(b *testing.B) {
			b.ReportAllocs()
			a, v := &Aggregate{Func: c.f}, val(c.v)
			var s State
			for b.Loop() {
				a.Add(&s, v)
			}
		})
	}
}
