package xsd

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func dec(t testing.TB, s string) Decimal {
	t.Helper()
	d, ok := ParseDecimal(s)
	if !ok {
		t.Fatalf("%q is no decimal", s)
	}
	return d
}

func TestDecimalOperations(t *testing.T) {
	for _, c := range []struct{ a, op, b, want string }{
		{"0.1", "+", "0.2", "0.3"},
		{"9223372036854775807", "+", "1", "9223372036854775808.0"},
		{"-9223372036854775808", "-", "1", "-9223372036854775809.0"},
		{"123456789012345678.5", "+", "0.1", "123456789012345678.6"},
		{"9223372036854775808", "-", "9223372036854775807", "1.0"},
		{"99999999999999999999", "+", "0.00000000000000000001", "99999999999999999999.00000000000000000001"},
		{"1.1", "*", "1.1", "1.21"},
		{"4294967296", "*", "4294967296", "18446744073709551616.0"},
		{"-3037000500", "*", "3037000500", "-9223372037000250000.0"},
		{"0.000000001", "*", "0.0000000001", "0.0000000000000000001"},
		{"1", "/", "2", "0.5"},
		{"1", "/", "3", "0.333333333333333333"},
		{"2", "/", "3", "0.666666666666666667"},
		{"-2", "/", "3", "-0.666666666666666667"},
		{"100", "/", "3", "33.333333333333333333"},
		{"1", "/", "3000000000000", "0.000000000000333333333333333333"},
		{"10", "/", "4", "2.5"},
		{"1.5", "/", "0.3", "5.0"},
		{"6", "/", "-3", "-2.0"},
		{"1", "/", "1073741824", "0.000000000931322574615478515625"},
		{"9223372036854775807", "/", "10", "922337203685477580.7"},
		{"-9223372036854775808", "/", "-1", "9223372036854775808.0"},
		{"1", "/", "10000000000000000000000000000000000000000", "0.0000000000000000000000000000000000000001"},
		{"20000000000000000000000000", "/", "3", "6666666666666666666666666.666666666666666667"},
		{"0.000000000000000001", "/", "0.3", "0.00000000000000000333333333333333333"},
		{"0", "/", "7", "0.0"},
	} {
		a, b := dec(t, c.a), dec(t, c.b)
		got, ok := map[string]func(Decimal) (Decimal, bool){"+": a.Add, "-": a.Sub, "*": a.Mul, "/": a.Quo}[c.op](b)
		if !ok || got.String() != c.want {
			t.Errorf("%s %s %s = %v, %v; want %s", c.a, c.op, c.b, got, ok, c.want)
		}
	}
}

// What has too many digits is refused.
func TestDecimalLimit(t *testing.T) {
	nines := dec(t, strings.Repeat("9", MaxDigits))
	if _, ok := nines.Add(Int(1)); ok {
		t.Error("a sum of too many digits is given")
	}
	if _, ok := nines.Mul(nines); ok {
		t.Error("a product of too many digits is given")
	}
	small := dec(t, "0."+strings.Repeat("0", MaxDigits-2)+"1")
	if _, ok := small.Mul(Scaled(1, 2)); ok {
		t.Error("a product of too many places is given")
	}
	if _, ok := small.Quo(Int(3)); ok {
		t.Error("a quotient of too many places is given")
	}
	if q, ok := Int(1).Quo(small); !ok || q.Sign() <= 0 {
		t.Errorf("1 / 10^-%d is not given", MaxDigits-1)
	}
}

func TestDecimalRounding(t *testing.T) {
	most := dec(t, strings.Repeat("9", MaxDigits-1)+".9")
	if got := most.Round().String(); got != "1"+strings.Repeat("0", MaxDigits-1)+".0" {
		t.Errorf("the greatest number with a fraction is rounded to %.20s...", got)
	}
	for _, c := range []struct{ in, floor, ceil, round, trunc string }{
		{"2.5", "2.0", "3.0", "3.0", "2.0"},
		{"-2.5", "-3.0", "-2.0", "-2.0", "-2.0"},
		{"2.4999", "2.0", "3.0", "2.0", "2.0"},
		{"-1.6", "-2.0", "-1.0", "-2.0", "-1.0"},
		{"-0.4", "-1.0", "0.0", "0.0", "0.0"},
		{"7", "7.0", "7.0", "7.0", "7.0"},
		{"99999999999999999999.5", "99999999999999999999.0", "100000000000000000000.0", "100000000000000000000.0", "99999999999999999999.0"},
		{"-99999999999999999999.5", "-100000000000000000000.0", "-99999999999999999999.0", "-99999999999999999999.0", "-99999999999999999999.0"},
	} {
		d := dec(t, c.in)
		got := [4]string{d.Floor().String(), d.Ceil().String(), d.Round().String(), d.Trunc().String()}
		if want := [4]string{c.floor, c.ceil, c.round, c.trunc}; got != want {
			t.Errorf("%s: floor, ceil, round, trunc are %v, want %v", c.in, got, want)
		}
	}
}

// Casts to xsd:string (XPath F&O 3.1, 19.1.1).
func TestShortForms(t *testing.T) {
	for in, want := range map[string]string{"1.0": "1", "-0.50": "-0.5", "10": "10", "0.0": "0", "100000000000000000000": "100000000000000000000"} {
		if got := string(dec(t, in).AppendShort(nil)); got != want {
			t.Errorf("decimal %s is %q, want %q", in, got, want)
		}
	}
	for f, want := range map[float64]string{0: "0", 1: "1", 1.5: "1.5", 1e6: "1.0E6", 999999: "999999", 1e-6: "0.000001", 9e-7: "9.0E-7", -10200: "-10200", 1e300: "1.0E300", math.Inf(-1): "-INF"} {
		if got := string(AppendDoubleShort(nil, f)); got != want {
			t.Errorf("double %g is %q, want %q", f, got, want)
		}
	}
	if got := string(AppendDoubleShort(nil, math.Copysign(0, -1))); got != "-0" {
		t.Errorf("negative zero is %q", got)
	}
	if got := string(AppendFloatShort(nil, float64(float32(0.1)))); got != "0.1" {
		t.Errorf("float 0.1 is %q", got)
	}
}

func TestFloats(t *testing.T) {
	for _, c := range []struct {
		f    float64
		want string
	}{
		{0, "0.0"}, {-2, "-2.0"}, {0.5, "0.5"}, {-7.875, "-7.875"}, {1e22, "10000000000000000000000.0"},
		{0.1, "0.1000000000000000055511151231257827021181583404541015625"},
		{1 << 63, "9223372036854775808.0"},
	} {
		d, ok := FromFloat(c.f)
		if !ok || d.String() != c.want {
			t.Errorf("%g is %v, want %s", c.f, d, c.want)
		}
		if back := d.Float64(); back != c.f {
			t.Errorf("%g comes back as %g", c.f, back)
		}
	}
	for _, f := range []float64{math.MaxFloat64, math.SmallestNonzeroFloat64, -math.Pi * 1e-300} {
		if d, ok := FromFloat(f); !ok || d.Float64() != f {
			t.Errorf("%g comes back as %g", f, d.Float64())
		}
	}
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if _, ok := FromFloat(f); ok {
			t.Errorf("%g is a decimal", f)
		}
	}
	if f := dec(t, "16777217").Float32(); f != 16777216 {
		t.Errorf("16777217 is %v as a float", f)
	}
}

func TestCompareFloat(t *testing.T) {
	for _, c := range []struct {
		d    string
		f    float64
		want int
	}{
		{"9007199254740993", 9007199254740992, 1}, {"9007199254740992", 9007199254740992, 0},
		{"0.1", 0.1, -1}, {"0.5", 0.5, 0}, {"1", math.NaN(), -1}, {"1", math.Inf(1), -1}, {"1", math.Inf(-1), 1},
	} {
		if got := dec(t, c.d).CompareFloat(c.f); got != c.want {
			t.Errorf("%s to %g is %d, want %d", c.d, c.f, got, c.want)
		}
	}
}

// decimals generates lexical forms about the edge between what is kept small and wide.
var decimals = rapid.OneOf(
	rapid.StringMatching(`-?[0-9]{1,3}(\.[0-9]{1,3})?`),
	rapid.StringMatching(`-?[0-9]{15,22}`),
	rapid.StringMatching(`-?[0-9]{1,22}\.[0-9]{1,22}`),
	rapid.SampledFrom([]string{"0", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "922337203685477580.7", "0.000000000000000001", "-0.0000000000000000001", "1000000000000000000"}),
)

func TestDecimalAgreesWithRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := decimals.Draw(t, "x"), decimals.Draw(t, "y")
		a, _ := ParseDecimal(x)
		b, _ := ParseDecimal(y)
		ra, _ := new(big.Rat).SetString(x)
		rb, _ := new(big.Rat).SetString(y)
		check := func(op string, got Decimal, want *big.Rat) {
			if r, _ := new(big.Rat).SetString(got.String()); r.Cmp(want) != 0 {
				t.Fatalf("%s %s %s = %v, want %v", x, op, y, got, want.FloatString(40))
			}
		}
		sum, _ := a.Add(b)
		check("+", sum, new(big.Rat).Add(ra, rb))
		back, _ := sum.Sub(b)
		check("+ - y to", back, ra)
		product, _ := a.Mul(b)
		check("*", product, new(big.Rat).Mul(ra, rb))
		if got, want := a.Cmp(b), ra.Cmp(rb); got != want {
			t.Fatalf("%s to %s is %d, want %d", x, y, got, want)
		}
		if f, _ := ra.Float64(); a.Float64() != f {
			t.Fatalf("%s is %v as a double, want %v", x, a.Float64(), f)
		}
		if f, _ := ra.Float32(); a.Float32() != float64(f) {
			t.Fatalf("%s is %v as a float, want %v", x, a.Float32(), f)
		}
		if rb.Sign() == 0 {
			return
		}
		q, _ := a.Quo(b)
		rq, _ := new(big.Rat).SetString(q.String())
		off := rq.Sub(rq, new(big.Rat).Quo(ra, rb))
		half, _ := new(big.Rat).SetString("0.0000000000000000005000001")
		if off.Abs(off).Cmp(half) > 0 {
			t.Fatalf("%s / %s = %v is off by %v", x, y, q, off.FloatString(30))
		}
	})
}

func BenchmarkDecimalAdd(b *testing.B) {
	b.ReportAllocs()
	x, y := Scaled(12345, 2), Scaled(5, 1)
	for b.Loop() {
		x.Add(y)
	}
}

func BenchmarkDecimalQuo(b *testing.B) {
	for name, y := range map[string]Decimal{"ends": Int(8), "endless": Int(7)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			x := Int(1234)
			for b.Loop() {
				x.Quo(y)
			}
		})
	}
}

func BenchmarkDecimalCmp(b *testing.B) {
	b.ReportAllocs()
	x, y := Scaled(12345, 2), Scaled(5, 1)
	for b.Loop() {
		x.Cmp(y)
	}
}

func BenchmarkAppendDouble(b *testing.B) {
	b.ReportAllocs()
	var buf [32]byte
	for b.Loop() {
		AppendDouble(buf[:0], 1234.5)
	}
}
