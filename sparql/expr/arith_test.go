package expr

import (
	"testing"

	"pgregory.net/rapid"
)

// SPARQL 1.1, 17.3; XPath F&O 3.1, 4.2, 8.4 and 9.7; W3C tests expr-ops and type-promotion.
func TestArithmetic(t *testing.T) {
	ops := map[string]func(a, b Value) Value{"+": Add, "-": Sub, "*": Mul, "/": Div}
	for _, c := range []struct{ a, op, b, want string }{
		{"1", "+", "2", "3"}, {"1", "-", "2", "-1"}, {"6", "*", "7", "42"}, {"3", "/", "3", "1.0"}, {"1", "/", "2", "0.5"},
		{"0.1", "+", "0.2", "0.3"}, {"123456789012345678.5", "+", "0.1", "123456789012345678.6"}, {"1", "/", "3", "0.333333333333333333"},
		{"9223372036854775807", "+", "1", "9223372036854775808"}, {"-9223372036854775808", "-", "1", "-9223372036854775809"},
		{"9223372036854775808", "-", "1", "9223372036854775807"}, {"4294967296", "*", "4294967296", "18446744073709551616"}, {"-9223372036854775808", "*", "-1", "9223372036854775808"},
		{"1", "/", "0", "error"}, {"1.0", "/", "0", "error"}, {"1", "/", "0.00", "error"}, {"1e0", "/", "0", `"INF"^^xsd:double`}, {"-1", "/", "0e0", `"-INF"^^xsd:double`}, {"0", "/", "0e0", `"NaN"^^xsd:double`},

		{`"1"^^xsd:byte`, "+", `"1"^^xsd:short`, "2"}, {`"1"^^xsd:unsignedByte`, "*", `"-1"^^xsd:short`, "-1"}, {`"1"^^xsd:byte`, "/", `"2"^^xsd:byte`, "0.5"},
		{"1", "+", "1.0", "2.0"}, {"1.5", "+", `"1"^^xsd:float`, `"2.5E0"^^xsd:float`}, {`"1"^^xsd:float`, "+", "1e0", "2.0E0"}, {"1", "+", "1e0", "2.0E0"}, {"1", "+", `"1"^^xsd:float`, `"2.0E0"^^xsd:float`},
		{`"0.1"^^xsd:float`, "+", `"0.2"^^xsd:float`, `"3.0E-1"^^xsd:float`}, {`"3.0E38"^^xsd:float`, "*", "10", `"INF"^^xsd:float`}, {`"16777216"^^xsd:float`, "+", "1", `"1.6777216E7"^^xsd:float`},
		{`"INF"^^xsd:double`, "-", `"INF"^^xsd:double`, `"NaN"^^xsd:double`}, {"0.1e0", "+", "0.2e0", "3.0000000000000004E-1"},

		{`"1"`, "+", "2", "error"}, {"1", "+", `"2"`, "error"}, {"<http://a>", "+", "1", "error"}, {"true", "+", "1", "error"}, {`"x"^^xsd:integer`, "+", "1", "error"}, {`"200"^^xsd:byte`, "+", "1", "error"}, {"unbound", "+", "1", "unbound"}, {"1", "+", "unbound", "unbound"}, {"error", "*", "unbound", "error"},

		{`"2000-10-30T11:12:00"^^xsd:dateTime`, "+", `"P1Y2M"^^xsd:yearMonthDuration`, `"2001-12-30T11:12:00"^^xsd:dateTime`},
		{`"P3DT1H15M"^^xsd:dayTimeDuration`, "+", `"2000-10-30T11:12:00Z"^^xsd:dateTimeStamp`, `"2000-11-02T12:27:00Z"^^xsd:dateTime`},
		{`"2000-01-12T12:13:14Z"^^xsd:dateTime`, "+", `"P1Y3M5DT7H10M3S"^^xsd:duration`, `"2001-04-17T19:23:17Z"^^xsd:dateTime`},
		{`"2000-10-31-05:00"^^xsd:date`, "-", `"P1Y1M"^^xsd:yearMonthDuration`, `"1999-09-30-05:00"^^xsd:date`}, {`"2000-10-30"^^xsd:date`, "-", `"P3DT1H15M"^^xsd:dayTimeDuration`, `"2000-10-26"^^xsd:date`},
		{`"08:20:00-05:00"^^xsd:time`, "-", `"P23DT10H10M"^^xsd:dayTimeDuration`, `"22:10:00-05:00"^^xsd:time`}, {`"08:20:00"^^xsd:time`, "+", `"P1M"^^xsd:yearMonthDuration`, "error"}, {`"1820"^^xsd:gYear`, "+", `"P1Y"^^xsd:yearMonthDuration`, "error"},
		{`"2000-10-30T06:12:00-05:00"^^xsd:dateTime`, "-", `"1999-11-28T09:00:00Z"^^xsd:dateTime`, `"P337DT2H12M"^^xsd:dayTimeDuration`}, {`"2000-10-30"^^xsd:date`, "-", `"1999-11-28Z"^^xsd:date`, "error"}, {`"2000-10-30"^^xsd:date`, "-", `"1999-11-28"^^xsd:date`, `"P337D"^^xsd:dayTimeDuration`},
		{`"99999999999-12-31"^^xsd:date`, "+", `"P1D"^^xsd:dayTimeDuration`, "error"}, {"unbound", "+", `"P1D"^^xsd:dayTimeDuration`, "unbound"}, {`"P1D"^^xsd:dayTimeDuration`, "-", "unbound", "unbound"}, {`"P1D"^^xsd:dayTimeDuration`, "-", `"2000-10-30"^^xsd:date`, "error"},

		{`"P2Y11M"^^xsd:yearMonthDuration`, "+", `"P3Y3M"^^xsd:yearMonthDuration`, `"P6Y2M"^^xsd:yearMonthDuration`}, {`"P2DT12H"^^xsd:dayTimeDuration`, "-", `"P1DT10H30M"^^xsd:dayTimeDuration`, `"P1DT1H30M"^^xsd:dayTimeDuration`}, {`"P1Y"^^xsd:yearMonthDuration`, "+", `"P1D"^^xsd:dayTimeDuration`, "error"},
		{`"P2Y11M"^^xsd:yearMonthDuration`, "*", "2.3", `"P6Y9M"^^xsd:yearMonthDuration`}, {"2.1e0", "*", `"PT2H10M"^^xsd:dayTimeDuration`, `"PT4H33M"^^xsd:dayTimeDuration`}, {`"P2Y11M"^^xsd:yearMonthDuration`, "/", "1.5", `"P1Y11M"^^xsd:yearMonthDuration`}, {`"P1DT2H30M10.5S"^^xsd:dayTimeDuration`, "/", "1.5", `"PT17H40M7S"^^xsd:dayTimeDuration`},
		{`"P3Y4M"^^xsd:yearMonthDuration`, "/", `"-P1Y4M"^^xsd:yearMonthDuration`, "-2.5"}, {`"P2DT53M11S"^^xsd:dayTimeDuration`, "/", `"PT1S"^^xsd:dayTimeDuration`, "175991.0"}, {`"P1D"^^xsd:dayTimeDuration`, "/", `"PT0S"^^xsd:dayTimeDuration`, "error"}, {`"P1D"^^xsd:dayTimeDuration`, "/", "0", "error"},
		{`"P1D"^^xsd:dayTimeDuration`, "/", `"INF"^^xsd:double`, `"PT0S"^^xsd:dayTimeDuration`}, {`"P1D"^^xsd:dayTimeDuration`, "*", `"NaN"^^xsd:double`, "error"}, {`"P1D"^^xsd:dayTimeDuration`, "*", "1e300", "error"}, {`"P1D"^^xsd:duration`, "*", "2", "error"}, {`"P1D"^^xsd:dayTimeDuration`, "*", "unbound", "unbound"},
	} {
		if got := show(ops[c.op](val(c.a), val(c.b))); got != c.want {
			t.Errorf("%s %s %s = %s, want %s", c.a, c.op, c.b, got, c.want)
		}
	}
}

func TestUnary(t *testing.T) {
	for _, c := range []struct{ v, minus, plus string }{
		{"3", "-3", "3"}, {"03", "-3", "03"}, {"3.0", "-3.0", "3.0"}, {"3.0E0", "-3.0E0", "3.0E0"}, {`"3.0E0"^^xsd:float`, `"-3.0E0"^^xsd:float`, `"3.0E0"^^xsd:float`},
		{"0.0E0", "-0.0E0", "0.0E0"}, {"-9223372036854775808", "9223372036854775808", "-9223372036854775808"}, {`"1"^^xsd:byte`, "-1", `"1"^^xsd:byte`},
		{`"3"`, "error", "error"}, {"true", "error", "error"}, {"unbound", "unbound", "unbound"},
	} {
		if got := show(Neg(val(c.v))); got != c.minus {
			t.Errorf("-%s is %s, want %s", c.v, got, c.minus)
		}
		if got := show(Plus(val(c.v))); got != c.plus {
			t.Errorf("+%s is %s, want %s", c.v, got, c.plus)
		}
	}
}

// A computed value is that of its own term, and orders like it.
func TestComputedIsWhatItsTermIs(t *testing.T) {
	numbers := rapid.SampledFrom(sample)
	ops := rapid.SampledFrom([]func(a, b Value) Value{Add, Sub, Mul, Div})
	rapid.Check(t, func(t *rapid.T) {
		op := ops.Draw(t, "op")
		v := op(op(val(numbers.Draw(t, "a")), val(numbers.Draw(t, "b"))), val(numbers.Draw(t, "c")))
		term, ok := v.Term()
		if !ok {
			return
		}
		w := FromTerm(term)
		if w.Kind() != v.Kind() || w.Type() != v.Type() || Order(v, w) != 0 || !sameTerm(&v, &w) {
			t.Fatalf("%v is %v %v, its term %v %v", v, v.Kind(), v.Type(), w.Kind(), w.Type())
		}
		a, okA := v.ID()
		b, okB := w.ID()
		if a != b || okA != okB {
			t.Fatalf("%v has ID %x, its term %x", v, uint64(a), uint64(b))
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	for name, s := range map[string]string{"integer": "41", "decimal": "41.5", "double": "41.5e0"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			x, y := val(s), val(s)
			for b.Loop() {
				Add(x, y)
			}
		})
	}
}

func BenchmarkLess(b *testing.B) {
	for name, s := range map[string][2]string{
		"integer": {"41", "42"}, "mixed": {"41", "42.5"}, "double": {"41e0", "42e0"}, "string": {`"Truyện Kiều"`, `"Truyện Lục Vân Tiên"`},
		"dateTime": {`"2026-11-03T02:11:09Z"^^xsd:dateTime`, `"2026-11-03T02:11:10Z"^^xsd:dateTime`},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			x, y := val(s[0]), val(s[1])
			for b.Loop() {
				Less(x, y)
			}
		})
	}
}

func BenchmarkOrder(b *testing.B) {
	b.ReportAllocs()
	x, y := val("41"), val("42.5e0")
	for b.Loop() {
		Order(x, y)
	}
}

func BenchmarkFromTerm(b *testing.B) {
	for name, s := range map[string]string{"integer": "2015", "string": `"Truyện Kiều"`, "lang": `"Truyện Kiều"@vi`, "dateTime": `"2026-11-03T02:11:09Z"^^xsd:dateTime`} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			x := term(s)
			for b.Loop() {
				FromTerm(x)
			}
		})
	}
}
