package expr

import (
	"testing"

	"mocban/graph"
	"pgregory.net/rapid"
)

// A column with a constant, and two columns, say what each row says, or leave it open.
func TestColumns(t *testing.T) {
	ids := dictionary()
	column := make([]graph.ID, len(sample))
	for i, s := range sample {
		column[i] = ids[s]
	}
	out := make([]Truth, len(sample))
	decided := 0
	check := func(op Operator, i int, c string) {
		t.Helper()
		if out[i] == Open {
			return
		}
		decided++
		if want := op.Apply(val(sample[i]), val(c)); !same(out[i], want) {
			t.Errorf("%s %v %s is %v, want %v", sample[i], op, c, out[i].Value(), want.Value())
		}
	}
	other := make([]graph.ID, len(sample))
	for op := OpEqual; op <= OpGreaterOrEqual; op++ {
		for _, c := range sample {
			op.CompareConstant(column, NewConstant(val(c), ids[c]), out)
			for i := range out {
				check(op, i, c)
			}
			for i := range other {
				other[i] = ids[c]
			}
			op.CompareColumns(column, other, out)
			for i := range out {
				check(op, i, c)
			}
		}
		for _, c := range []string{`"not there"`, "<http://not.there>", `"a"@fr`, "123.45678901", `"2026-11-03T02:11:09.123456789Z"^^xsd:dateTime`, "77"} { // in the store
			op.CompareConstant(column, NewConstant(val(c), graph.None), out)
			for i := range out {
				check(op, i, c)
			}
		}
	}
	if rows := 6 * (2*len(sample) + 6) * len(sample); decided < rows/3 {
		t.Errorf("%d of %d rows are decided", decided, rows)
	}
	// What a filter of a library most often asks needs no term for what is inlined.
	OpGreaterOrEqual.CompareConstant(column, NewConstant(val("2015"), graph.None), out)
	for i, id := range column {
		if id.Inlined() && out[i] == Open {
			t.Errorf("%s >= 2015 is left open", sample[i])
		}
	}
}

func TestLanguages(t *testing.T) {
	ids := dictionary()
	f, _ := Builtin("LANG")
	matches, _ := Builtin("LANGMATCHES")
	out := make([]Truth, 1)
	for _, s := range sample {
		for _, tag := range []string{"", "en", "vi", "EN", "*"} {
			want := Equal(f.Call(nil, val(s)), String(tag))
			LangOfIDs([]graph.ID{ids[s]}, tag, out)
			if out[0] != Open && !same(out[0], want) {
				t.Errorf("LANG(%s) = %q is %v of the ID", s, tag, out[0].Value())
			}
			LangOfTerms([]graph.Term{term(s)}, tag, out)
			if !same(out[0], want) {
				t.Errorf("LANG(%s) = %q is %v", s, tag, out[0].Value())
			}
			want = matches.Call(nil, f.Call(nil, val(s)), String(tag)).EBV()
			LangMatchesTerms([]graph.Term{term(`"x"@en`), term(s)}, tag, []Truth{0, 0})
			if LangMatchesTerms([]graph.Term{term(s)}, tag, out); !same(out[0], want) {
				t.Errorf("LANGMATCHES(LANG(%s), %q) is %v", s, tag, out[0].Value())
			}
		}
	}
	many := make([]Truth, 4)
	LangMatchesTerms([]graph.Term{term(`"a"@vi`), term(`"a"`), term(`"a"@vi-VN`), term(`"a"@en`)}, "vi", many)
	if many[0] != True || many[1] != False || many[2] != True || many[3] != False {
		t.Errorf("languages match %v", many)
	}
}

func TestTextTests(t *testing.T) {
	names := [...]string{TextContains: "CONTAINS", TextStarts: "STRSTARTS", TextEnds: "STRENDS"}
	env := environment()
	terms := append([]string{`"KIỀU"`, `"Truyện Kiều"@vi`, "<http://example.org/Kiều>", `"Σ kiều"`}, sample...)
	for op, name := range names {
		for _, part := range []string{"", "a", "kiều", "Kiều", "1"} {
			for _, ofStr := range []bool{false, true} {
				for _, lower := range []bool{false, true} {
					test := &TextTest{Op: TextOperator(op), Part: part, Str: ofStr, Lower: lower}
					out := make([]Truth, 1)
					for _, s := range terms {
						v := val(s)
						if ofStr {
							v = call(t, env, "STR", v)
						}
						if lower {
							v = call(t, env, "LCASE", v)
						}
						want := call(t, env, name, v, String(part)).EBV()
						if test.Terms([]graph.Term{term(s)}, out); !same(out[0], want) {
							t.Errorf("%+v of %s is %v, want %v", *test, s, out[0].Value(), want.Value())
						}
					}
				}
			}
		}
	}
}

func TestRegexTerms(t *testing.T) {
	env := environment()
	out := make([]Truth, 4)
	terms := []graph.Term{term(`"Truyện Kiều"@vi`), term("<http://kiều>"), term("1"), {}}
	RegexTerms(env, terms, "kiều$", "i", false, out)
	for i, want := range []Truth{True, Failed(TypeError), Failed(TypeError), Failed(Unbound)} {
		if out[i] != want {
			t.Errorf("REGEX(%v) is %v", terms[i], out[i].Value())
		}
	}
	RegexTerms(env, terms, "kiều$", "i", true, out)
	for i, want := range []Truth{True, True, False, Failed(Unbound)} {
		if out[i] != want {
			t.Errorf("REGEX(STR(%v)) is %v", terms[i], out[i].Value())
		}
	}
	RegexTerms(env, terms[:1], "(", "", false, out)
	if out[0] != Failed(InvalidPattern) {
		t.Errorf("REGEX of no pattern is %v", out[0].Value())
	}
}

// inlinedTerms generates literals that are mostly inlined.
var inlinedTerms = rapid.OneOf(
	rapid.SampledFrom(sample),
	rapid.StringMatching(`-?[1-9][0-9]{0,17}`),
	rapid.StringMatching(`-?[1-9][0-9]{0,8}\.[0-9]{0,6}[1-9]`),
	rapid.StringMatching(`-?[1-9](\.[0-9]{0,10}[1-9])?E-?[1-9][0-9]?`),
	rapid.StringMatching(`"[0-2][0-9]{3}-0[1-9]-1[0-9]T[01][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{0,3}[1-9])?(Z|\+07:00|-11:30)?"\^\^xsd:dateTime`),
	rapid.StringMatching(`"[0-2][0-9]{3}-0[1-9]-1[0-9](Z|\+07:00|-11:30)?"\^\^xsd:date`),
	rapid.StringMatching(`"[0-9]{4}(Z|\+07:00|-11:30)?"\^\^xsd:gYear`),
)

// Whatever an operator is true for lies in its ranges.
func TestRanges(t *testing.T) {
	ids := dictionary()
	idOf := func(s string) graph.ID {
		if id, ok := graph.Inline(term(s)); ok {
			return id
		}
		if id, ok := ids[s]; ok {
			return id
		}
		return graph.NewID(graph.ClassOf(term(s)), 99)
	}
	rapid.Check(t, func(t *rapid.T) {
		op := Operator(rapid.IntRange(0, int(OpGreaterOrEqual)).Draw(t, "op"))
		c := inlinedTerms.Draw(t, "c")
		ranges, ok := op.Ranges(NewConstant(val(c), idOf(c)))
		if !ok {
			return
		}
		for range 20 {
			x := inlinedTerms.Draw(t, "x")
			if op.Apply(val(x), val(c)) != True {
				continue
			}
			in := false
			for _, r := range ranges {
				in = in || r.Low <= idOf(x) && idOf(x) <= r.High
			}
			if !in {
				t.Fatalf("%s %v %s, but ID %x is not in %x", x, op, c, uint64(idOf(x)), ranges)
			}
		}
	})
}

// Ranges leave out what they can.
func TestRangesAreNarrow(t *testing.T) {
	id := func(s string) graph.ID { id, _ := graph.Inline(term(s)); return id }
	for _, c := range []struct {
		op      Operator
		c       string
		in, out []string
	}{
		{OpGreaterOrEqual, "2015", []string{"2015", "2015.0", "2.015E3", "3000"}, []string{"2014", "2014.9999999", "2.014E3", "-1"}},
		{OpLess, "1945", []string{"1944", "1944.5", "-3"}, []string{"1947", "1946.0", "1.946E3"}},
		{OpEqual, "1.5", []string{"1.5", "1.5E0"}, []string{"0", "3", "1.4", "1.6", "1.25E0", "true", `"1820"^^xsd:gYear`}},
		{OpGreaterOrEqual, `"2025-06-01T00:00:00Z"^^xsd:dateTime`, []string{`"2025-06-01T00:00:00Z"^^xsd:dateTime`, `"2025-06-02T00:00:00"^^xsd:dateTime`}, []string{`"2025-05-31T23:59:58Z"^^xsd:dateTime`, "2026", `"2025-06-02"^^xsd:date`}},
		{OpLessOrEqual, `"2006-08-23"^^xsd:date`, []string{`"2006-08-23"^^xsd:date`}, []string{`"2006-08-26"^^xsd:date`}},
		{OpLess, `"1900"^^xsd:gYear`, []string{`"1820"^^xsd:gYear`}, []string{`"1903"^^xsd:gYear`}},
	} {
		ranges, ok := c.op.Ranges(NewConstant(val(c.c), graph.None))
		if !ok {
			t.Errorf("%v %s has no ranges", c.op, c.c)
		}
		holds := func(x graph.ID) bool {
			for _, r := range ranges {
				if r.Low <= x && x <= r.High {
					return true
				}
			}
			return false
		}
		for i := 1; i < len(ranges); i++ {
			if ranges[i-1].High >= ranges[i].Low {
				t.Errorf("%v %s: ranges %x are out of order", c.op, c.c, ranges)
			}
		}
		for _, s := range c.in {
			if !holds(id(s)) {
				t.Errorf("%v %s leaves out %s", c.op, c.c, s)
			}
		}
		for _, s := range c.out {
			if holds(id(s)) {
				t.Errorf("%v %s takes in %s", c.op, c.c, s)
			}
		}
	}
}

func BenchmarkTexts(b *testing.B) {
	titles := make([]graph.Term, 1024)
	for i := range titles {
		titles[i] = graph.Text([]string{"Truyện Kiều, hay Đoạn trường tân thanh", "Số đỏ", "Nhật ký trong tù: thơ chữ Hán và bản dịch", "Những ngày thơ ấu: hồi ký", "Chinh phụ ngâm khúc"}[i%5], "vi")
	}
	out := make([]Truth, len(titles))
	contains := &TextTest{Part: "chiến tranh", Str: true, Lower: true}
	env := environment()
	for name, f := range map[string]func(){
		"CONTAINS of LCASE": func() { contains.Terms(titles, out) },
		"REGEX": func() {
			RegexTerms(env, titles, "^(truyện|thơ).*(chiến tranh|hòa bình|tình yêu)", "i", true, out)
		},
		"REGEX, plain": func() { RegexTerms(env, titles, "chiến tranh", "i", true, out) },
		"LANGMATCHES":  func() { LangMatchesTerms(titles, "vi", out) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(b.N)*1024/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func BenchmarkCompareConstant(b *testing.B) {
	column := func(s ...string) []graph.ID {
		ids := make([]graph.ID, 1024)
		for i := range ids {
			ids[i], _ = graph.Inline(term(s[i%len(s)]))
		}
		return ids
	}
	for _, c := range []struct {
		name string
		ids  []graph.ID
		c    string
	}{
		{"integers", column("2015", "1820", "2026"), "2000"}, {"mixed", column("2015", "1820.5", "2.0E3"), "2000"}, {"decimals", column("105.84"), "20.5"},
		{"dateTimes", column(`"2026-11-03T02:11:09Z"^^xsd:dateTime`, `"2025-11-03T02:11:09+07:00"^^xsd:dateTime`), `"2025-06-01T00:00:00Z"^^xsd:dateTime`},
		{"dates", column(`"2026-11-03"^^xsd:date`), `"2025-06-01"^^xsd:date`},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			out := make([]Truth, 1024)
			constant := NewConstant(val(c.c), graph.None)
			for b.Loop() {
				OpGreaterOrEqual.CompareConstant(c.ids, constant, out)
			}
			b.ReportMetric(float64(b.N)*1024/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// TestCompareIRIs holds comparisons by ID by those of the texts, which the numbers of the sorted
// part of the dictionary follow.
func TestCompareIRIs(t *testing.T) {
	late := graph.NewID(graph.ClassIRI, graph.LateBit|3)
	text, _ := graph.IntegerID(3)
	ids := []graph.ID{graph.NewID(graph.ClassIRI, 3), graph.NewID(graph.ClassIRI, 5), late, text, graph.NewID(graph.ClassBlank, 3), graph.None}
	for op := OpEqual; op <= OpGreaterOrEqual; op++ {
		for _, a := range ids {
			for _, b := range ids {
				var out, constant [1]Truth
				op.CompareIRIs([]graph.ID{a}, []graph.ID{b}, out[:])
				want := Open
				switch iris := a.Class() == graph.ClassIRI && b.Class() == graph.ClassIRI; {
				case iris && (a == b || op <= OpNotEqual || !a.Late() && !b.Late()):
					want = op.Apply(Integer(int64(a)), Integer(int64(b)))
				}
				if out[0] != want {
					t.Errorf("STR of %v %s STR of %v: %v, want %v", a, op, b, out[0], want)
				}
				c := Constant{id: b}
				if b.Class() != graph.ClassIRI || op > OpNotEqual || a.Inlined() {
					continue
				}
				op.CompareConstant([]graph.ID{a}, c, constant[:])
				if want := op.compareOne(a, c); constant[0] != want {
					t.Errorf("%v %s %v: %v, want %v", a, op, b, constant[0], want)
				}
			}
		}
	}
}
