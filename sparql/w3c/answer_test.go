package w3c

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"mocban/graph"
	"mocban/sparql/results"
	"mocban/vocab/xsd"
)

func iri(s string) graph.Term { return graph.IRI("http://e/" + s).Term() }

func answer() *Answer {
	return &Answer{Result: &results.Result{Vars: []string{"a", "b"}, Rows: [][]graph.Term{
		{iri("1"), graph.Literal("1.0", xsd.Decimal)},
		{graph.Blank("x"), graph.Blank("y")},
		{graph.Blank("y"), graph.Text("Kiều", "vi")},
		{{}, graph.String("Kiều")},
		{{}, graph.String("Kiều")},
		{{}, {}},
	}}}
}

func (a *Answer) clone() *Answer {
	b := *a
	if a.Result != nil {
		r := *a.Result
		r.Vars = slices.Clone(r.Vars)
		r.Rows = make([][]graph.Term, len(a.Rows))
		for i := range r.Rows {
			r.Rows[i] = slices.Clone(a.Rows[i])
		}
		b.Result = &r
	}
	return &b
}

// What must not make a difference: names of blank nodes, order of columns, and of rows
// unless they are ordered.
func TestAnswersEqual(t *testing.T) {
	for name, change := range map[string]func(*Answer){
		"nothing": func(*Answer) {},
		"other labels": func(a *Answer) {
			a.Rows[1] = []graph.Term{graph.Blank("y"), graph.Blank("x")}
			a.Rows[2][0] = graph.Blank("x")
		},
		"other order of rows": func(a *Answer) { slices.Reverse(a.Rows) },
		"other order of columns": func(a *Answer) {
			slices.Reverse(a.Vars)
			for _, row := range a.Rows {
				slices.Reverse(row)
			}
		},
	} {
		got := answer()
		change(got)
		if err := answer().Differ(got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The comparator is as strict as it says: every change of an answer is seen.
func TestAnswersDiffer(t *testing.T) {
	for name, change := range map[string]func(*Answer){
		"a digit":                   func(a *Answer) { a.Rows[0][1] = graph.Literal("1.1", xsd.Decimal) },
		"a lexical form":            func(a *Answer) { a.Rows[0][1] = graph.Literal("1.00", xsd.Decimal) },
		"a datatype":                func(a *Answer) { a.Rows[0][1] = graph.Literal("1.0", xsd.Double) },
		"a language":                func(a *Answer) { a.Rows[2][1] = graph.Text("Kiều", "en") },
		"case of a language":        func(a *Answer) { a.Rows[2][1] = graph.Text("Kiều", "VI") },
		"no language":               func(a *Answer) { a.Rows[2][1] = graph.String("Kiều") },
		"Unicode form":              func(a *Answer) { a.Rows[2][1] = graph.Text("Kiê\u0300u", "vi") },
		"an IRI":                    func(a *Answer) { a.Rows[0][0] = iri("2") },
		"a lost duplicate":          func(a *Answer) { a.Rows = slices.Delete(a.Rows, 4, 5) },
		"another duplicate":         func(a *Answer) { a.Rows = append(a.Rows, a.Rows[5]) },
		"one duplicate for another": func(a *Answer) { a.Rows[4] = a.Rows[5] },
		"a bound variable":          func(a *Answer) { a.Rows[5][0] = iri("1") },
		"an unbound variable":       func(a *Answer) { a.Rows[0][0] = graph.Term{} },
		"swapped cells":             func(a *Answer) { slices.Reverse(a.Rows[3]) },
		"merged blank nodes":        func(a *Answer) { a.Rows[1][0] = graph.Blank("y") },
		"split blank nodes":         func(a *Answer) { a.Rows[2][0] = graph.Blank("z") },
		"an IRI for a blank node":   func(a *Answer) { a.Rows[1][0] = iri("x") },
		"a lost column": func(a *Answer) {
			a.Vars = a.Vars[:1]
			for i := range a.Rows {
				a.Rows[i] = a.Rows[i][:1]
			}
		},
		"another column": func(a *Answer) {
			a.Vars = append(a.Vars, "c")
			for i := range a.Rows {
				a.Rows[i] = append(a.Rows[i], graph.Term{})
			}
		},
		"another name":  func(a *Answer) { a.Vars[0] = "A" },
		"a truth value": func(a *Answer) { a.Result = &results.Result{Ask: true, Boolean: true} },
		"triples":       func(a *Answer) { a.Result = nil },
	} {
		got := answer()
		change(got)
		if answer().Differ(got) == nil {
			t.Errorf("%s is not seen", name)
		}
		if got.Differ(answer()) == nil {
			t.Errorf("%s is not seen the other way round", name)
		}
	}
	ordered := answer()
	ordered.Ordered = true
	swapped := answer()
	swapped.Rows[0], swapped.Rows[3] = swapped.Rows[3], swapped.Rows[0]
	if ordered.Differ(answer()) != nil || ordered.Differ(swapped) == nil {
		t.Error("swapped rows are not seen where the order counts")
	}
	yes, no := &Answer{Result: &results.Result{Ask: true, Boolean: true}}, &Answer{Result: &results.Result{Ask: true}}
	if yes.Differ(no) == nil || yes.Differ(yes) != nil {
		t.Error("true is false")
	}
}

func TestGraphsDiffer(t *testing.T) {
	triple := func(s, o graph.Term) graph.Quad { return graph.Quad{S: s, P: "http://e/p", O: o} }
	want := &Answer{Triples: []graph.Quad{triple(graph.Blank("a"), graph.Blank("b")), triple(graph.Blank("b"), iri("1"))}}
	for name, c := range map[string]struct {
		triples []graph.Quad
		same    bool
	}{
		"labels":    {[]graph.Quad{triple(graph.Blank("x"), iri("1")), triple(graph.Blank("y"), graph.Blank("x"))}, true},
		"direction": {[]graph.Quad{triple(graph.Blank("b"), graph.Blank("a")), triple(graph.Blank("b"), iri("1"))}, false},
		"one less":  {[]graph.Quad{triple(graph.Blank("a"), graph.Blank("b"))}, false},
		"an IRI":    {[]graph.Quad{triple(graph.Blank("a"), graph.Blank("b")), triple(graph.Blank("b"), iri("2"))}, false},
	} {
		if err := want.Differ(&Answer{Triples: c.triples}); (err == nil) != c.same {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// REDUCED may leave out doubles, but neither rows nor more than there are.
func TestLaxAnswers(t *testing.T) {
	want := answer()
	want.Lax = true
	for name, c := range map[string]struct {
		change func(*Answer)
		same   bool
	}{
		"nothing":     {func(*Answer) {}, true},
		"a double":    {func(a *Answer) { a.Rows = slices.Delete(a.Rows, 4, 5) }, true},
		"a row":       {func(a *Answer) { a.Rows = a.Rows[1:] }, false},
		"one more":    {func(a *Answer) { a.Rows = append(a.Rows, a.Rows[4]) }, false},
		"another row": {func(a *Answer) { a.Rows = append(a.Rows, []graph.Term{iri("9"), {}}) }, false},
	} {
		got := answer()
		c.change(got)
		if err := want.Differ(got); (err == nil) != c.same {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// CSV keeps no types, but text, blank nodes and what is unbound.
func TestUntypedAnswers(t *testing.T) {
	want := &Answer{Untyped: true, Result: &results.Result{Vars: []string{"a"}, Rows: [][]graph.Term{{graph.String("1.0E6")}, {graph.Blank("x")}, {graph.String("http://e/1")}}}}
	for text, same := range map[string]bool{"1.0e6": true, "1000000": true, "1.1e6": false, "x": false} {
		got := &Answer{Result: &results.Result{Vars: []string{"a"}, Rows: [][]graph.Term{{graph.Literal(text, xsd.Double)}, {graph.Blank("y")}, {iri("1")}}}}
		if err := want.Differ(got); (err == nil) != same {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Every answer that the suites expect equals itself, and differs when any one cell changes.
func TestMutatedSuites(t *testing.T) {
	n := 0
	for _, o := range queryTests(t) {
		test := o.Test
		if test.Kind != Evaluation || test.Lax {
			continue
		}
		want, err := readAnswer(suites(t), test.Result, false, readRDFXML)
		if errors.Is(err, errNoResultSet) { // CONSTRUCT
			want, err = readAnswer(suites(t), test.Result, true, readRDFXML)
		}
		if err != nil {
			t.Errorf("%s: %v", test.Key(), err)
			continue
		}
		n += mutate(t, test.Key(), want)
	}
	if n < 1000 {
		t.Errorf("only %d answers were compared", n)
	}
}

func mutate(t *testing.T, key string, want *Answer) (n int) {
	if err := want.Differ(want.clone()); err != nil {
		t.Errorf("%s differs from itself: %v", key, err)
	}
	if want.Result == nil {
		return 1
	}
	seen := func(what string, got *Answer) {
		n++
		if want.Differ(got) == nil {
			t.Errorf("%s: %s is not seen", key, what)
		}
	}
	for i := range want.Rows {
		got := want.clone()
		got.Rows = slices.Delete(got.Rows, i, i+1)
		seen(fmt.Sprintf("row %d lost", i), got)
		got = want.clone()
		got.Rows = append(got.Rows, got.Rows[i])
		seen(fmt.Sprintf("row %d twice", i), got)
		for j, cell := range want.Rows[i] {
			got := want.clone()
			got.Rows[i][j] = graph.String(cell.Value() + "x")
			seen(fmt.Sprintf("cell %d of row %d", j, i), got)
		}
	}
	return n
}
