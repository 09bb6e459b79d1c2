package xsd

import (
	"cmp"
	"math"
	"math/bits"
	"strconv"

	"github.com/cockroachdb/apd/v3"
)

// MaxDigits is the greatest number of digits of a [Decimal], and the greatest number of its
// decimal places.
const MaxDigits = 10_000

// QuotientPlaces is the number of decimal places, and of significant digits, to which a
// quotient is given that has no end.
const QuotientPlaces = 18

const maxScale = 18 // 10^18 is the greatest power of ten in an int64

// A Decimal is a value of xsd:decimal, which the values of xsd:integer are too. It is exact.
// The zero Decimal is 0.
//
// Values of up to eighteen digits or so are coef / 10^scale and cost no memory; what does
// not fit is kept in wide, which is never written to.
type Decimal struct {
	coef  int64
	wide  *apd.Decimal
	scale uint8 // 0 to maxScale
}

var powers = func() (p [maxScale + 1]int64) {
	p[0] = 1
	for i := range maxScale {
		p[i+1] = p[i] * 10
	}
	return p
}()

// Int returns v as a Decimal.
func Int(v int64) Decimal { return Decimal{coef: v} }

// Scaled returns coef / 10^scale for a scale of 0 to 18.
func Scaled(coef int64, scale int) Decimal { return Decimal{coef: coef, scale: uint8(scale)} }

// Small returns d as coef / 10^scale, if it is kept so.
func (d Decimal) Small() (coef int64, scale int, ok bool) {
	return d.coef, int(d.scale), d.wide == nil
}

// Int64 returns the value of an integer that fits.
func (d Decimal) Int64() (v int64, ok bool) {
	d = d.trim()
	return d.coef, d.wide == nil && d.scale == 0
}

// trim removes zeros at the end of the fraction.
func (d Decimal) trim() Decimal {
	for d.scale > 0 && d.coef%10 == 0 {
		d.coef /= 10
		d.scale--
	}
	return d
}

// ScaledTo returns d times 10^places, if that is an integer that fits.
func (d Decimal) ScaledTo(places int) (v int64, ok bool) {
	d = d.trim()
	diff := places - int(d.scale)
	if d.wide != nil || diff < 0 || diff > maxScale {
		return 0, false
	}
	return mulInt(d.coef, powers[diff])
}

func addInt(a, b int64) (int64, bool) {
	c := a + b
	return c, (c > a) == (b > 0)
}

func mulInt(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	if (a < 0) != (b < 0) {
		return -int64(lo), true
	}
	return int64(lo), true
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

// Sign returns -1, 0 or 1.
func (d Decimal) Sign() int {
	if d.wide != nil {
		return d.wide.Sign()
	}
	return cmp.Compare(d.coef, 0)
}

// Neg returns -d.
func (d Decimal) Neg() Decimal {
	if d.wide == nil && d.coef != math.MinInt64 {
		d.coef = -d.coef
		return d
	}
	var r apd.Decimal
	r.Neg(d.big(&r))
	n, _ := shrink(&r)
	return n
}

// Abs returns the absolute value of d.
func (d Decimal) Abs() Decimal {
	if d.Sign() < 0 {
		return d.Neg()
	}
	return d
}

// Add returns d + e; ok is false beyond MaxDigits. This holds for the other operations too.
func (d Decimal) Add(e Decimal) (sum Decimal, ok bool) {
	if d.wide == nil && e.wide == nil {
		a, b, scale, fits := align(d, e)
		if fits {
			if c, fits := addInt(a, b); fits {
				return Decimal{coef: c, scale: scale}, true
			}
		}
	}
	var x, y, r apd.Decimal
	if _, err := exact.Add(&r, d.big(&x), e.big(&y)); err != nil {
		return Decimal{}, false
	}
	return shrink(&r)
}

// Sub returns d - e.
func (d Decimal) Sub(e Decimal) (difference Decimal, ok bool) { return d.Add(e.Neg()) }

// Mul returns d * e.
func (d Decimal) Mul(e Decimal) (product Decimal, ok bool) {
	if d.wide == nil && e.wide == nil && d.scale+e.scale <= maxScale {
		if c, fits := mulInt(d.coef, e.coef); fits {
			return Decimal{coef: c, scale: d.scale + e.scale}, true
		}
	}
	var x, y, r apd.Decimal
	if _, err := exact.Mul(&r, d.big(&x), e.big(&y)); err != nil {
		return Decimal{}, false
	}
	return shrink(&r)
}

// Quo returns d / e: exactly where the quotient has an end, and otherwise to at least
// [QuotientPlaces] places and significant digits, half to even. The divisor must not be 0.
func (d Decimal) Quo(e Decimal) (quotient Decimal, ok bool) {
	if d.wide == nil && e.wide == nil {
		if a, b, _, fits := align(d, e); fits {
			if q, fits := quoInt(a, b); fits {
				return q, true
			}
		}
	}
	return quoWide(d, e)
}

// align returns the coefficients of two small values at their greater scale.
func align(d, e Decimal) (a, b int64, scale uint8, ok bool) {
	a, b, scale, ok = d.coef, e.coef, d.scale, true
	switch {
	case d.scale < e.scale:
		scale = e.scale
		a, ok = mulInt(a, powers[e.scale-d.scale])
	case d.scale > e.scale:
		b, ok = mulInt(b, powers[d.scale-e.scale])
	}
	return a, b, scale, ok
}

// quoInt divides by hand until nothing remains; ok is false if that takes more digits than
// an int64 has.
func quoInt(a, b int64) (q Decimal, ok bool) {
	divisor, rest := magnitude(b), magnitude(a)
	value := rest / divisor
	rest %= divisor
	for ; rest != 0; q.scale++ {
		if q.scale == maxScale || value > math.MaxInt64/10-1 || rest > math.MaxUint64/10 {
			return Decimal{}, false
		}
		rest *= 10
		value = value*10 + rest/divisor
		rest %= divisor
	}
	if value > math.MaxInt64 {
		return Decimal{}, false
	}
	q.coef = int64(value)
	if (a < 0) != (b < 0) {
		q.coef = -q.coef
	}
	return q, true
}

// quoWide divides to as many digits as a quotient with an end can have: there is one only
// if the divisor is a product of twos and fives, and each adds one digit at most. Of what
// has no end it keeps fewer.
func quoWide(d, e Decimal) (Decimal, bool) {
	var x, y, r apd.Decimal
	a, b := d.big(&x), e.big(&y)
	size := adjusted(a) - adjusted(b) // the quotient has size or size+1 digits before the point
	c := exact
	c.Precision = uint32(max(a.NumDigits()+4*b.NumDigits(), int64(max(size, 0))+QuotientPlaces+4))
	cond, err := c.Quo(&r, a, b)
	if err != nil {
		return Decimal{}, false
	}
	if cond.Inexact() {
		if _, err := c.Quantize(&r, &r, -int32(max(QuotientPlaces, QuotientPlaces-size))); err != nil {
			return Decimal{}, false
		}
	}
	return shrink(&r)
}

// adjusted returns the power of ten of the first digit.
func adjusted(d *apd.Decimal) int { return int(d.NumDigits()) - 1 + int(d.Exponent) }

// Cmp returns -1, 0 or 1 as d is less than, equal to or greater than e.
func (d Decimal) Cmp(e Decimal) int {
	if d.wide == nil && e.wide == nil {
		return cmpSmall(d, e)
	}
	var x, y apd.Decimal
	return d.big(&x).Cmp(e.big(&y))
}

func cmpSmall(d, e Decimal) int {
	if d.scale == e.scale {
		return cmp.Compare(d.coef, e.coef)
	}
	if s := cmp.Compare(d.Sign(), e.Sign()); s != 0 {
		return s
	}
	var dh, eh uint64
	dl, el := magnitude(d.coef), magnitude(e.coef)
	if d.scale < e.scale {
		dh, dl = bits.Mul64(dl, uint64(powers[e.scale-d.scale]))
	} else {
		eh, el = bits.Mul64(el, uint64(powers[d.scale-e.scale]))
	}
	c := cmp.Compare(dh, eh)
	if c == 0 {
		c = cmp.Compare(dl, el)
	}
	return c * d.Sign()
}

// Trunc returns d without its fraction.
func (d Decimal) Trunc() Decimal {
	if d.wide == nil {
		return Decimal{coef: d.coef / powers[d.scale]}
	}
	var whole, frac apd.Decimal
	d.wide.Modf(&whole, &frac)
	r, _ := shrink(&whole)
	return r
}

// Floor returns the greatest integer that is not above d.
func (d Decimal) Floor() Decimal {
	t := d.Trunc()
	if d.Sign() < 0 && t.Cmp(d) != 0 {
		t, _ = t.Sub(Int(1))
	}
	return t
}

// Ceil returns the least integer that is not below d.
func (d Decimal) Ceil() Decimal { return d.Neg().Floor().Neg() }

// Round returns the integer nearest to d; of two, the greater (XPath F&O 3.1, 4.4.4).
func (d Decimal) Round() Decimal {
	r := d.Floor()
	if rest, _ := d.Sub(r); rest.Cmp(Scaled(5, 1)) >= 0 {
		r, _ = r.Add(Int(1))
	}
	return r
}

// exact is a context that never rounds.
var exact = apd.Context{
	MaxExponent: apd.MaxExponent,
	MinExponent: apd.MinExponent,
	Rounding:    apd.RoundHalfEven,
	Traps:       apd.DefaultTraps,
}

// big returns d for package apd. It uses buf if d is small, so the result must not outlive
// or change what it is given.
func (d Decimal) big(buf *apd.Decimal) *apd.Decimal {
	if d.wide != nil {
		return d.wide
	}
	buf.SetFinite(d.coef, -int32(d.scale))
	return buf
}

// shrink makes a Decimal of what package apd computed, and keeps r if that does not fit.
func shrink(r *apd.Decimal) (Decimal, bool) {
	r.Reduce(r)
	digits, places := int(r.NumDigits()), -int(r.Exponent)
	if max(digits, digits-places) > MaxDigits || places > MaxDigits {
		return Decimal{}, false
	}
	if places <= maxScale && r.Coeff.IsInt64() {
		d := Decimal{coef: r.Coeff.Int64()}
		if r.Negative {
			d.coef = -d.coef
		}
		if places >= 0 {
			d.scale = uint8(places)
			return d, true
		}
		if -places <= maxScale {
			if c, ok := mulInt(d.coef, powers[-places]); ok {
				return Decimal{coef: c}, true
			}
		}
	}
	return Decimal{wide: r}, true
}

// Float64 returns the double nearest to d (XPath F&O 3.1, 19.1.2.2).
func (d Decimal) Float64() float64 {
	const exactInt = 1 << 53
	if d.wide == nil && d.coef > -exactInt && d.coef < exactInt {
		return float64(d.coef) / float64(powers[d.scale]) // both are exact, so one rounding
	}
	var buf [32]byte
	f, _ := strconv.ParseFloat(string(d.Append(buf[:0])), 64)
	return f
}

// Float32 returns the float nearest to d, as a double.
func (d Decimal) Float32() float64 {
	const exactInt = 1 << 24
	if d.wide == nil && d.scale <= 10 && d.coef > -exactInt && d.coef < exactInt {
		return float64(float32(d.coef) / float32(powers[d.scale])) // 5^10 < 2^24
	}
	var buf [32]byte
	f, _ := strconv.ParseFloat(string(d.Append(buf[:0])), 32)
	return f
}

// FromFloat returns the exact value of a finite double; ok is false for others.
func FromFloat(f float64) (d Decimal, ok bool) {
	if math.IsInf(f, 0) || f != f {
		return Decimal{}, false
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<63 {
		return Int(int64(f)), true
	}
	frac, exp := math.Frexp(f)
	mantissa := int64(frac * (1 << 53)) // f = mantissa * 2^(exp-53)
	exp -= 53
	for mantissa&1 == 0 {
		mantissa >>= 1
		exp++
	}
	d = Int(mantissa)
	step := Int(2)
	if exp < 0 {
		step, exp = Scaled(5, 1), -exp
	}
	for exp > 0 {
		n := min(exp, 17)
		d, _ = d.Mul(step.power(n))
		exp -= n
	}
	return d, true
}

// power returns d^n for small d and n.
func (d Decimal) power(n int) Decimal {
	r := Int(1)
	for range n {
		r, _ = r.Mul(d)
	}
	return r
}

// CompareFloat compares d with a double exactly, without rounding either. NaN is above all
// numbers.
func (d Decimal) CompareFloat(f float64) int {
	if f != f || math.IsInf(f, 1) {
		return -1
	}
	if math.IsInf(f, -1) {
		return 1
	}
	// Rounding keeps order, so only what rounds to f itself needs a closer look.
	if c := cmp.Compare(d.Float64(), f); c != 0 {
		return c
	}
	e, _ := FromFloat(f)
	return d.Cmp(e)
}
