package expr

import (
	"slices"
	"testing"

	"mocban/graph"
)

// SPARQL 1.1, 17.3 and 17.4.1.7, and the W3C tests open-eq-07 to -12, date-1 to -3,
// eq-1 to -5, expr-ops and type-promotion.
func TestEqual(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"1", "01", "true"}, {"1", "1.0", "true"}, {"1", "1e0", "true"}, {"1", `"1"^^xsd:float`, "true"}, {"1", `"1"^^xsd:byte`, "true"},
		{"1", "2", "false"}, {"9223372036854775808", "9223372036854775808.0", "true"}, {"9223372036854775807", "9223372036854775808", "false"},
		{"0.1", "0.1e0", "true"}, {"0.1", `"0.1"^^xsd:float`, "true"}, {`"0.1"^^xsd:float`, "0.1e0", "false"},
		{`"NaN"^^xsd:double`, `"NaN"^^xsd:double`, "false"}, {`"NaN"^^xsd:double`, "1", "false"}, {"0e0", "-0e0", "true"},
		{`"1"^^xsd:boolean`, "true", "true"}, {"true", "false", "false"}, {"true", "1", "false"},

		{`"x"`, `"x"`, "true"}, {`"x"`, `"x"^^xsd:string`, "true"}, {`"x"`, `"y"`, "false"},
		{`"x"@en`, `"x"@EN`, "true"}, {`"x"@en`, `"x"@vi`, "false"}, {`"x"`, `"x"@en`, "false"}, {`"x"@en--ltr`, `"x"@en`, "false"}, {`"x"@en--ltr`, `"x"@EN--ltr`, "true"},
		{`"x"`, "1", "false"}, {`"1"`, "1", "false"}, {`"é"`, "\"e\u0301\"", "false"},

		{"<http://a>", "<http://a>", "true"}, {"<http://a>", "<http://b>", "false"}, {"_:a", "_:a", "true"}, {"_:a", "_:b", "false"},
		{"<http://a>", `"http://a"`, "false"}, {"_:a", "1", "false"}, {"<http://a>", `"a"^^<http://t>`, "false"}, {"<http://a>", `"a"^^xsd:integer`, "false"},
		{`"http://a"^^xsd:anyURI`, `"http://a"^^xsd:anyURI`, "true"}, {`"http://a"^^xsd:anyURI`, `"http://b"^^xsd:anyURI`, "false"},

		{`"a"^^<http://t>`, `"a"^^<http://t>`, "true"}, {`"a"^^<http://t>`, `"b"^^<http://t>`, "error"}, {`"a"^^<http://t>`, `"a"^^<http://u>`, "error"},
		{`"a"^^<http://t>`, `"a"`, "error"}, {`"a"^^<http://t>`, "1", "error"}, {`"a"^^<http://t>`, `"a"@en`, "false"},
		{`"xyz"^^xsd:integer`, `"xyz"^^xsd:integer`, "true"}, {`"xyz"^^xsd:integer`, `"abc"^^xsd:integer`, "error"}, {`"xyz"^^xsd:integer`, "1", "error"},
		{`"xyz"^^xsd:integer`, `"xyz"`, "error"}, {`"xyz"^^xsd:integer`, `"xyz"@en`, "false"}, {`"yes"^^xsd:boolean`, "true", "error"}, {`"1200"^^xsd:byte`, "1200", "error"},

		{`"2002-04-02T23:00:00-04:00"^^xsd:dateTime`, `"2002-04-03T02:00:00-01:00"^^xsd:dateTime`, "true"},
		{`"1999-12-31T24:00:00"^^xsd:dateTime`, `"2000-01-01T00:00:00"^^xsd:dateTime`, "true"},
		{`"2005-04-04T24:00:00"^^xsd:dateTime`, `"2005-04-04T00:00:00"^^xsd:dateTime`, "false"},
		{`"2002-04-02T23:00:00"^^xsd:dateTime`, `"2002-04-02T23:00:00Z"^^xsd:dateTime`, "error"},
		{`"2002-04-02T23:00:00"^^xsd:dateTime`, `"2002-04-09T23:00:00Z"^^xsd:dateTime`, "false"},
		{`"2006-08-23"^^xsd:date`, `"2006-08-23Z"^^xsd:date`, "error"}, {`"2001-01-01Z"^^xsd:date`, `"2006-08-23"^^xsd:date`, "false"},
		{`"2006-08-23T09:00:00+01:00"^^xsd:dateTime`, `"2006-08-23"^^xsd:date`, "false"}, {`"2008-04-01T00:00:00Z"^^xsd:dateTime`, "1", "false"}, {`"2008-04-01T00:00:00Z"^^xsd:dateTime`, `"2008-04-01T00:00:00Z"`, "false"},
		{`"1820"^^xsd:gYear`, `"1820"^^xsd:gYear`, "true"}, {`"1820"^^xsd:gYear`, `"1820-01"^^xsd:gYearMonth`, "false"}, {`"1820"^^xsd:gYear`, `"1820Z"^^xsd:gYear`, "error"},
		{`"P1Y"^^xsd:duration`, `"P12M"^^xsd:yearMonthDuration`, "true"}, {`"P1Y"^^xsd:duration`, `"P365D"^^xsd:duration`, "false"}, {`"PT0S"^^xsd:dayTimeDuration`, `"P0M"^^xsd:yearMonthDuration`, "true"},
		{`"0fb7"^^xsd:hexBinary`, `"0FB7"^^xsd:hexBinary`, "true"}, {`"0fb7"^^xsd:hexBinary`, `"D7c="^^xsd:base64Binary`, "false"},

		{"<<( <http://s> <http://p> 1 )>>", "<<( <http://s> <http://p> 01 )>>", "true"}, {"<<( <http://s> <http://p> 1 )>>", "<<( <http://s> <http://q> 1 )>>", "false"},
		{`<<( <http://s> <http://p> "a"^^<http://t> )>>`, `<<( <http://s> <http://p> "b"^^<http://t> )>>`, "error"}, {`<<( <http://s> <http://p> "a"^^<http://t> )>>`, `<<( <http://r> <http://p> "b"^^<http://t> )>>`, "false"},
		{"<<( <http://s> <http://p> 1 )>>", "1", "false"},

		{"unbound", "1", "error"}, {"1", "error", "error"}, {"error", "error", "error"},
	} {
		a, b, want := val(c.a), val(c.b), truth(c.want)
		if got := Equal(a, b); !same(got, want) {
			t.Errorf("%s = %s is %v, want %s", c.a, c.b, got.Value(), c.want)
		}
		if got := Equal(b, a); !same(got, want) {
			t.Errorf("%s = %s is %v, want %s", c.b, c.a, got.Value(), c.want)
		}
		if got := NotEqual(a, b); !same(got, want.Not()) {
			t.Errorf("%s != %s is %v, want not %s", c.a, c.b, got.Value(), c.want)
		}
	}
}

func TestLess(t *testing.T) {
	for _, c := range []struct{ a, b, less, lessOrEqual string }{
		{"1", "2", "true", "true"}, {"1", "01", "false", "true"}, {"2", "10", "true", "true"}, {"1.5", "1", "false", "false"}, {"-1.5e0", "-1", "true", "true"},
		{"9223372036854775807", "9223372036854775808", "true", "true"}, {"0.1", "0.1e0", "false", "true"},
		{`"NaN"^^xsd:double`, "1", "false", "false"}, {"1", `"NaN"^^xsd:double`, "false", "false"}, {`"-INF"^^xsd:double`, "-1", "true", "true"},
		{`"a"`, `"b"`, "true", "true"}, {`"a"`, `"a"`, "false", "true"}, {`"10"`, `"9"`, "true", "true"}, {`"z"`, `"á"`, "true", "true"}, {`"A"`, `"a"`, "true", "true"},
		{"false", "true", "true", "true"}, {"true", "true", "false", "true"},
		{`"2008-10-01T00:00:00Z"^^xsd:dateTime`, `"2008-10-03T00:00:00"^^xsd:dateTime`, "true", "true"},
		{`"2008-10-01T00:00:00Z"^^xsd:dateTime`, `"2008-10-01T10:00:00"^^xsd:dateTime`, "error", "error"},
		{`"2006-08-22"^^xsd:date`, `"2006-08-23Z"^^xsd:date`, "true", "true"}, {`"1820"^^xsd:gYear`, `"1953"^^xsd:gYear`, "true", "true"}, {`"13:20:00"^^xsd:time`, `"13:20:01"^^xsd:time`, "true", "true"},
		{`"P1M"^^xsd:duration`, `"P32D"^^xsd:duration`, "true", "true"}, {`"P1M"^^xsd:duration`, `"P30D"^^xsd:duration`, "error", "error"}, {`"PT1S"^^xsd:dayTimeDuration`, `"PT2S"^^xsd:dayTimeDuration`, "true", "true"},
		{`"00"^^xsd:hexBinary`, `"0fb7"^^xsd:hexBinary`, "true", "true"}, {`"00"^^xsd:hexBinary`, `"D7c="^^xsd:base64Binary`, "error", "error"}, {`"a:b"^^xsd:anyURI`, `"a:c"^^xsd:anyURI`, "true", "true"}, {`"a:b"^^xsd:anyURI`, `"a:c"`, "error", "error"},
		{`"2006-08-23T09:00:00+01:00"^^xsd:dateTime`, `"2006-08-22"^^xsd:date`, "error", "error"}, {`"1820"^^xsd:gYear`, `"1820-01"^^xsd:gYearMonth`, "error", "error"},
		{`"a"`, `"a"@en`, "error", "error"}, {`"a"@en`, `"b"@en`, "error", "error"}, {"1", `"2"`, "error", "error"}, {"<http://a>", "<http://b>", "error", "error"}, {"_:a", "_:b", "error", "error"},
		{`"a"^^<http://t>`, `"b"^^<http://t>`, "error", "error"}, {`"x"^^xsd:integer`, "1", "error", "error"}, {"unbound", "1", "error", "error"},
	} {
		a, b := val(c.a), val(c.b)
		for op, want := range map[Operator]string{OpLess: c.less, OpLessOrEqual: c.lessOrEqual} {
			if got := op.Apply(a, b); !same(got, truth(want)) {
				t.Errorf("%s %v %s is %v, want %s", c.a, op, c.b, got.Value(), want)
			}
			if got := op.Mirror().Apply(b, a); !same(got, truth(want)) {
				t.Errorf("%s %v %s is %v, want %s", c.b, op.Mirror(), c.a, got.Value(), want)
			}
		}
	}
}

// The errors of a comparison tell why.
func TestReasons(t *testing.T) {
	for _, c := range []struct {
		got  Truth
		want Code
	}{
		{Equal(val("unbound"), val("error")), Unbound}, {Equal(val("1"), val("unbound")), Unbound}, {Less(Fail(DivisionByZero), val("1")), DivisionByZero},
		{Less(val(`"a"`), val("1")), TypeError}, {Equal(val(`"a"^^<http://t>`), val("1")), Undecided}, {Less(val(`"2026-11-03"^^xsd:date`), val(`"2026-11-03Z"^^xsd:date`)), Undecided},
	} {
		if c.got != Failed(c.want) {
			t.Errorf("failed by %v, want %v", c.got.Value(), c.want)
		}
	}
}

func TestSameTerm(t *testing.T) {
	for i, a := range sample {
		for j, b := range sample {
			want := TruthOf(i == j)
			if i == 0 || j == 0 {
				want = Failed(Unbound)
			}
			if got := SameTerm(val(a), val(b)); got != want {
				t.Errorf("sameTerm(%s, %s) is %v", a, b, got.Value())
			}
		}
	}
	sum := Add(val("0.5"), val("0.5"))
	for s, want := range map[string]Truth{"1.0": True, "1": False, "1.00": False, "1e0": False} {
		if got := SameTerm(sum, val(s)); got != want {
			t.Errorf("sameTerm(0.5 + 0.5, %s) is %v", s, got.Value())
		}
	}
	if SameTerm(sum, Add(val("0.25"), val("0.75"))) != True {
		t.Error("0.5 + 0.5 and 0.25 + 0.75 are not the same term")
	}
}

func TestIn(t *testing.T) {
	div := Fail(DivisionByZero)
	for _, c := range []struct {
		v     Value
		items []Value
		want  Truth
	}{
		// SPARQL 1.1, 17.4.1.9
		{val("2"), []Value{val("1"), val("2"), val("3")}, True}, {val("2"), nil, False},
		{val("2"), []Value{val("<http://example/iri>"), val(`"str"`), val("2.0")}, True},
		{val("2"), []Value{div, val("2")}, True}, {val("2"), []Value{val("2"), div}, True}, {val("2"), []Value{val("3"), div}, Failed(DivisionByZero)},
		{val("1"), []Value{div, val("1")}, True}, {val("unbound"), []Value{val("1")}, Failed(Unbound)}, {val("unbound"), nil, False},
	} {
		asked := 0
		item := func(i int) Value { asked++; return c.items[i] }
		if got := In(c.v, len(c.items), item); got != c.want {
			t.Errorf("%v IN %v is %v, want %v", c.v, c.items, got.Value(), c.want.Value())
		}
		if got := NotIn(c.v, len(c.items), item); got != c.want.Not() {
			t.Errorf("%v NOT IN %v is %v, want %v", c.v, c.items, got.Value(), c.want.Not().Value())
		}
	}
	In(val("1"), 3, func(i int) Value {
		if i > 0 {
			t.Error("an item after the one found is asked for")
		}
		return val("1")
	})
}

// SPARQL 1.1, 15.1, and what this store adds to make the order total.
func TestOrder(t *testing.T) {
	groups := [][]string{ // the values of a group are equal
		{"unbound", "error"},
		{"_:a"}, {"_:b"},
		{"<http://script.example/Latin>"}, {"<http://script.example/Кириллица>"}, {"<http://script.example/漢字>"},
		{`""`}, {`"a"`, `"a"^^xsd:token`}, {`"a"@ar`}, {`"a"@ar--ltr`}, {`"a"@ar--rtl`}, {`"a"@en`}, {`"b"`}, {`"http://script.example/Latin"`}, {`"Đ"`},
		{`"-INF"^^xsd:double`}, {"-1.5", "-1.5e0"}, {"0", "-0e0", "0e0", "0.0"}, {"0.1"}, {"0.1e0"}, {`"0.1"^^xsd:float`}, {"1", "01", "1.0", `"1"^^xsd:byte`}, {"2"}, {"10"},
		{"9007199254740992", "9007199254740992e0"}, {"9007199254740993"}, {"9223372036854775808"}, {`"INF"^^xsd:double`}, {`"NaN"^^xsd:double`, `"NaN"^^xsd:float`},
		{"false"}, {"true", `"1"^^xsd:boolean`},
		{`"2026-11-03T02:11:09"^^xsd:dateTime`}, {`"2026-11-03T02:11:09Z"^^xsd:dateTime`, `"2026-11-03T09:11:09+07:00"^^xsd:dateTime`}, {`"2026-11-03T02:11:09.5"^^xsd:dateTime`},
		{`"2000-01-01"^^xsd:date`}, {`"2006-08-23"^^xsd:date`}, {`"2006-08-24Z"^^xsd:date`},
		{`"13:20:00"^^xsd:time`},
		{`"1820"^^xsd:gYear`}, {`"1953"^^xsd:gYear`}, {`"1820-01"^^xsd:gYearMonth`}, {`"--02"^^xsd:gMonth`},
		{`"-P1Y"^^xsd:duration`}, {`"P0M"^^xsd:yearMonthDuration`, `"PT0S"^^xsd:duration`}, {`"P365D"^^xsd:duration`}, {`"P1Y"^^xsd:duration`, `"P12M"^^xsd:yearMonthDuration`},
		{`"0fb7"^^xsd:hexBinary`, `"0FB7"^^xsd:hexBinary`}, {`"D7c="^^xsd:base64Binary`},
		{`"http://a"^^xsd:anyURI`},
		{`"a"^^<http://t1>`}, {`"b"^^<http://t1>`}, {`"a"^^<http://t2>`}, {`"x"^^xsd:integer`},
		{"<<( <http://s> <http://p> -456 )>>"}, {"<<( <http://s> <http://p> 123 )>>", "<<( <http://s> <http://p> 123.0 )>>"}, {"<<( <http://s1> <http://a> 999 )>>"}, {"<<( <http://s1> <http://p> 999 )>>"},
	}
	for i, g := range groups {
		for j, h := range groups {
			want := 0
			if i != j {
				want = 1 - 2*btoi(i < j)
			}
			for _, a := range g {
				for _, b := range h {
					if got := Order(val(a), val(b)); got != want {
						t.Errorf("%s to %s is %d, want %d", a, b, got, want)
					}
				}
			}
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// The order is total and transitive, and agrees with the operators where they decide.
func TestOrderOfSample(t *testing.T) {
	values := make([]Value, len(sample))
	for i, s := range sample {
		values[i] = val(s)
	}
	for i, a := range values {
		for j, b := range values {
			c := Order(a, b)
			if back := Order(b, a); back != -c {
				t.Errorf("%s to %s is %d, and back %d", sample[i], sample[j], c, back)
			}
			if (Less(a, b) == True && c > 0) || (Less(b, a) == True && c < 0) {
				t.Errorf("%s to %s is %d against the operator <", sample[i], sample[j], c)
			}
			for k, d := range values {
				if c <= 0 && Order(b, d) <= 0 && Order(a, d) > 0 {
					t.Errorf("%s <= %s <= %s, but not the first <= the last", sample[i], sample[j], sample[k])
				}
			}
		}
	}
}

// dictionary gives IDs to the sample as a sorted dictionary does.
func dictionary() map[string]graph.ID {
	terms := slices.Clone(sample[1:])
	slices.SortFunc(terms, func(a, b string) int { return graph.Compare(term(a), term(b)) })
	ids := map[string]graph.ID{"unbound": graph.None}
	for i, s := range terms {
		id, ok := graph.Inline(term(s))
		if !ok {
			id = graph.NewID(graph.ClassOf(term(s)), uint64(i))
		}
		ids[s] = id
	}
	return ids
}

// What IDs decide is what their terms decide.
func TestIDsDecideAsValues(t *testing.T) {
	ids := dictionary()
	decided := 0
	for _, a := range sample {
		for _, b := range sample {
			v, w, x, y := val(a), val(b), ids[a], ids[b]
			for op := OpEqual; op <= OpGreaterOrEqual; op++ {
				if got, ok := op.CompareIDs(x, y); ok {
					decided++
					if want := op.Apply(v, w); !same(got, want) {
						t.Errorf("IDs of %s %v %s decide %v, want %v", a, op, b, got.Value(), want.Value())
					}
				}
			}
			if got, ok := OrderIDs(x, y); ok {
				decided++
				if want := Order(v, w); got != want {
					t.Errorf("IDs of %s and %s are ordered %d, want %d", a, b, got, want)
				}
			}
		}
	}
	if all := len(sample) * len(sample) * 7; decided < all/3 {
		t.Errorf("IDs decide %d of %d", decided, all)
	}
	local := graph.NewID(graph.ClassLocal, 1)
	if _, ok := EqualIDs(local, local); ok {
		t.Error("IDs of one query decide")
	}
	if _, ok := OrderIDs(graph.NewID(graph.ClassString, graph.LateBit|1), graph.NewID(graph.ClassString, 2)); ok {
		t.Error("late IDs decide")
	}
}
