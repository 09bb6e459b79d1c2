package expr

import "testing"

// Where engines go wrong, as far as values go: each line is one trap with its number in the
// list that the query engine is checked against.
func TestTraps(t *testing.T) {
	env := environment()
	f := func(name string, args ...string) string {
		values := make([]Value, len(args))
		for i, a := range args {
			values[i] = val(a)
		}
		return show(call(t, env, name, values...))
	}
	agg := func(f SetFunction, group ...string) string {
		return aggregate(t, &Aggregate{Func: f, Separator: " "}, group...)
	}
	is := func(r Truth) string { return show(r.Value()) }
	in := func(v string, items ...Value) string {
		return is(In(val(v), len(items), func(i int) Value { return items[i] }))
	}
	division := Div(val("1"), val("0"))
	for _, c := range []struct {
		trap      int
		got, want string
	}{
		{9, agg(Count) + agg(Sum) + agg(Avg) + agg(GroupConcat) + agg(Min) + agg(Max) + agg(Sample), `000""unboundunboundunbound`},
		{10, agg(Sum, "1", "2", `"abc"@en`) + " " + agg(Count, "1", "2", `"abc"@en`), "error 3"},
		{17, f("STR", "01") + f("STR", "1") + f("STR", "1.0") + is(SameTerm(val("01"), val("1"))), `"01""1""1.0"false`},
		{18, is(Equal(val("01"), val("1"))) + is(Equal(val("1.0"), val("1"))), "truetrue"},
		{19, is(Equal(Add(val("0.1"), val("0.2")), val("0.3"))) + " " + show(Div(val("1"), val("2"))) + " " + show(division) + " " + show(Div(val("1e0"), val("0"))), `true 0.5 error "INF"^^xsd:double`},
		{20, show(Add(val("9223372036854775807"), val("1"))), "9223372036854775808"},
		{21, show(Add(val("1"), val("1.0"))) + show(Add(val("1.0"), val(`"1"^^xsd:float`))) + show(Add(val(`"1"^^xsd:float`), val("1e0"))) + show(Add(val(`"1"^^xsd:byte`), val(`"1"^^xsd:short`))) + show(Div(val("4"), val("2"))) + show(Neg(val(`"1"^^xsd:byte`))), `2.0"2.0E0"^^xsd:float2.0E022.0-1`},
		{22, is(Equal(val(`"2026-11-03T02:00:00Z"^^xsd:dateTime`), val(`"2026-11-03T09:00:00+07:00"^^xsd:dateTime`))) + is(NotEqual(val(`"2026-11-03T02:00:00"^^xsd:dateTime`), val(`"2026-11-03T09:00:00Z"^^xsd:dateTime`))) + is(Less(val(`"2026-11-03T02:00:00"^^xsd:dateTime`), val(`"2026-11-03T16:00:01Z"^^xsd:dateTime`))) + f("HOURS", `"2026-11-03T02:00:00+07:00"^^xsd:dateTime`), "trueerrortrue2"},
		{23, is(val(`""`).EBV()) + is(val(`"0"`).EBV()) + is(val(`"NaN"^^xsd:double`).EBV()) + is(val(`"x"^^xsd:integer`).EBV()) + is(val("<http://a>").EBV().Not()), "falsetruefalsefalseerror"},
		{24, is(division.EBV().Or(True)) + is(division.EBV().And(False)) + is(division.EBV().Or(False)), "truefalseerror"},
		{25, in("1", division, val("1")) + in("2", division, val("1")) + is(NotIn(val("1"), 2, func(i int) Value { return []Value{val("1"), division}[i] })), "trueerrorfalse"},
		{28, is(Equal(val(`"x"@en`), val(`"x"@EN`))) + is(NotEqual(val(`"x"`), val(`"x"@en`))) + is(Equal(val(`"x"^^<http://t>`), val(`"x"`))) + is(Equal(val(`"x"`), val("<x:>"))), "truetrueerrorfalse"},
		{30, f("REGEX", "\"a\nc\"", `"a.c"`) + f("REGEX", "\"a\nc\"", `"a.c"`, `"s"`) + f("REGEX", `"a.c"`, `"a.c"`, `"q"`) + f("REGEX", `"b"`, `"[a-c-[b]]"`) + f("REGEX", `"ab"`, `"a(?=b)"`), "falsetruetruefalseerror"},
		{31, f("REPLACE", `"abc"@en`, `"b*"`, `"-"`) + f("REPLACE", `"abc"@en`, `"(b)"`, `"$1\$"`), `error"ab$c"@en`},
		{32, f("STRLANG", `"x"`, `"vi"`) + f("STRLANG", `"x"@en`, `"vi"`) + f("STRDT", `1`, `<http://t>`), `"x"@vierrorerror`},
		{33, f("CONCAT", `"a"@vi`, `"b"@vi`) + f("CONCAT", `"a"@vi`, `"b"`) + f("STRBEFORE", `"abc"@en`, `"z"`) + f("STRAFTER", `"abc"@en`, `"b"@cy`) + f("STRAFTER", `"abc"@en`, `""`), `"ab"@vi"ab"""error"abc"@en`},
		{34, f("ENCODE_FOR_URI", `"Truyện Kiều/~a"`), `"Truy%E1%BB%87n%20Ki%E1%BB%81u%2F~a"`},
		{35, f("STRLEN", `"Kiều𝄞"`) + f("SUBSTR", `"Kiều"`, "3", "1") + f("UCASE", `"đẹp"`), `5"ề""ĐẸP"`},
		{38, agg(GroupConcat, `"a"@vi`, `"b"@vi`), `"a b"`},
		{39, agg(Min, `"b"`, "2", "<x:i>") + agg(Max, `"b"`, "2", "<x:i>"), "<x:i>2"},
		{46, f("ROUND", "-2.5") + f("ROUND", "2.5e0") + f("xsd:integer", "3.9") + f("xsd:integer", `"3.9"`) + is(Equal(val(`"1"^^xsd:boolean`), val("true"))), `"-2"^^xsd:decimal3.0E03errortrue`},
		{47, f("LANGMATCHES", `""`, `"*"`) + f("LANGMATCHES", `"vi-VN"`, `"VI"`) + f("DATATYPE", `"x"@vi`), "falsetrue<http://www.w3.org/1999/02/22-rdf-syntax-ns#langString>"},
	} {
		if c.got != c.want {
			t.Errorf("trap %d: %s, want %s", c.trap, c.got, c.want)
		}
	}
}

// What runs for every row takes no memory.
func TestNoAllocations(t *testing.T) {
	env := environment()
	integer, decimal, double, text := val("41"), val("41.5"), val("41.5e0"), val(`"Truyện Kiều"@vi`)
	instant := val(`"2026-11-03T02:11:09Z"^^xsd:dateTime`)
	id, _ := integer.ID()
	starts, _ := Builtin("STRSTARTS")
	length, _ := Builtin("STRLEN")
	year, _ := Builtin("YEAR")
	args := []Value{text, String("Truyện")}
	at := []Value{instant}
	term := term("2015")
	sum := &Aggregate{Func: Sum}
	var s State
	for name, f := range map[string]func(){
		"add":       func() { Add(integer, integer); Add(decimal, integer); Add(double, decimal) },
		"multiply":  func() { Mul(integer, decimal); Div(integer, Integer(8)); Div(double, integer) },
		"compare":   func() { Less(integer, decimal); Equal(decimal, double); Less(instant, instant); Equal(text, text) },
		"order":     func() { Order(integer, double); Order(text, integer); Order(instant, instant) },
		"condition": func() { _ = integer.EBV().And(text.EBV()).Not() },
		"IDs":       func() { FromID(id); integer.ID(); OpLess.CompareIDs(id, id) },
		"terms":     func() { FromTerm(term) },
		"functions": func() { starts.Call(env, args...); length.Call(env, args[:1]...); year.Call(env, at...) },
		"sum":       func() { sum.Add(&s, integer) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s takes memory %v times", name, n)
		}
	}
}
