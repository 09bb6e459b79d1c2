package xsd

import (
	"math"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// ParseDecimal reads a lexical form of xsd:decimal (XSD 1.1 part 2, 3.3.3).
func ParseDecimal(s string) (Decimal, bool) {
	whole, neg := cutSign(s)
	whole, frac, _ := strings.Cut(whole, ".")
	if len(whole)+len(frac) == 0 || !digits(whole) || !digits(frac) {
		return Decimal{}, false
	}
	return decimalOf(neg, whole, frac)
}

// ParseInteger reads a lexical form of xsd:integer (XSD 1.1 part 2, 3.4.13).
func ParseInteger(s string) (Decimal, bool) {
	whole, neg := cutSign(s)
	if whole == "" || !digits(whole) {
		return Decimal{}, false
	}
	return decimalOf(neg, whole, "")
}

// decimalOf makes a number of the digits before and after its point.
func decimalOf(neg bool, whole, frac string) (Decimal, bool) {
	whole = strings.TrimLeft(whole, "0")
	frac = strings.TrimRight(frac, "0")
	switch n := len(whole) + len(frac); {
	case n <= maxScale:
		coef := appendDigits(appendDigits(0, whole), frac)
		if neg {
			coef = -coef
		}
		return Decimal{coef: coef, scale: uint8(len(frac))}, true
	case n > MaxDigits:
		return Decimal{}, false
	}
	r := new(apd.Decimal)
	if _, ok := r.Coeff.SetString(whole+frac, 10); !ok {
		return Decimal{}, false
	}
	r.Negative = neg
	r.Exponent = -int32(len(frac))
	return shrink(r)
}

func cutSign(s string) (rest string, neg bool) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[1:], s[0] == '-'
	}
	return s, false
}

// digits tells whether s holds nothing but ASCII digits.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// appendDigits returns v with the digits of s behind it.
func appendDigits(v int64, s string) int64 {
	for i := range len(s) {
		v = v*10 + int64(s[i]-'0')
	}
	return v
}

// Append appends the canonical form of d as an xsd:decimal (XSD 1.0 part 2, 3.2.3.2): a
// digit at least before and after the point, and no others that are not needed.
func (d Decimal) Append(b []byte) []byte {
	if d.wide != nil {
		return appendWide(b, d.wide)
	}
	d = d.trim()
	if d.coef < 0 {
		b = append(b, '-')
	}
	u, one := magnitude(d.coef), uint64(powers[d.scale])
	b = strconv.AppendUint(b, u/one, 10)
	b = append(b, '.')
	if d.scale == 0 {
		return append(b, '0')
	}
	return appendPadded(b, u%one, int(d.scale))
}

func appendWide(b []byte, d *apd.Decimal) []byte {
	if d.Negative {
		b = append(b, '-')
	}
	text := d.Coeff.Append(nil, 10)
	point := len(text) + int(d.Exponent)
	switch {
	case point >= len(text):
		b = append(b, text...)
		b = append(b, strings.Repeat("0", point-len(text))...)
		return append(b, '.', '0')
	case point <= 0:
		b = append(b, '0', '.')
		b = append(b, strings.Repeat("0", -point)...)
		return append(b, text...)
	}
	b = append(b, text[:point]...)
	b = append(b, '.')
	return append(b, text[point:]...)
}

// appendPadded appends v with zeros before it to a width of at most 20.
func appendPadded(b []byte, v uint64, width int) []byte {
	var text [20]byte
	i := len(text)
	for ; v > 0 || width > 0; width-- {
		i--
		text[i] = byte('0' + v%10)
		v /= 10
	}
	return append(b, text[i:]...)
}

// AppendInteger appends the canonical form of d as an xsd:integer. A fraction is left out.
func (d Decimal) AppendInteger(b []byte) []byte {
	if d.wide == nil {
		return strconv.AppendInt(b, d.coef/powers[d.scale], 10)
	}
	b = d.Trunc().Append(b)
	return b[:len(b)-len(".0")]
}

// AppendShort appends what a cast to xsd:string gives: an integer without a point, the
// canonical form otherwise (XPath F&O 3.1, 19.1.1).
func (d Decimal) AppendShort(b []byte) []byte {
	b = d.Append(b)
	if strings.HasSuffix(string(b[max(0, len(b)-2):]), ".0") {
		b = b[:len(b)-2]
	}
	return b
}

func (d Decimal) String() string { return string(d.Append(nil)) }

// ParseDouble reads a lexical form of xsd:double (XSD 1.1 part 2, 3.3.5). What is too great
// for one is INF, what is too small 0.
func ParseDouble(s string) (float64, bool) { return parseFloat(s, 64) }

// ParseFloat reads a lexical form of xsd:float, as ParseDouble does.
func ParseFloat(s string) (float64, bool) { return parseFloat(s, 32) }

func parseFloat(s string, bitSize int) (float64, bool) {
	switch s {
	case "INF", "+INF":
		return math.Inf(1), true
	case "-INF":
		return math.Inf(-1), true
	case "NaN":
		return math.NaN(), true
	}
	if !floatForm(s) {
		return 0, false
	}
	f, _ := strconv.ParseFloat(s, bitSize) // the form is right, so an error is one of range
	return f, true
}

// floatForm tells whether s has the form of a number with an optional exponent.
func floatForm(s string) bool {
	s, _ = cutSign(s)
	mantissa, exp := s, "0"
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa = s[:i]
		exp, _ = cutSign(s[i+1:])
	}
	whole, frac, _ := strings.Cut(mantissa, ".")
	return len(whole)+len(frac) > 0 && digits(whole) && digits(frac) && exp != "" && digits(exp)
}

// AppendDouble appends the canonical form of a double (XSD 1.1 part 2, E.2): "1.5E0".
func AppendDouble(b []byte, f float64) []byte { return appendFloat(b, f, 64) }

// AppendFloat appends the canonical form of a float.
func AppendFloat(b []byte, f float64) []byte { return appendFloat(b, f, 32) }

func appendFloat(b []byte, f float64, bitSize int) []byte {
	switch {
	case f != f:
		return append(b, "NaN"...)
	case math.IsInf(f, 1):
		return append(b, "INF"...)
	case math.IsInf(f, -1):
		return append(b, "-INF"...)
	}
	var buf [32]byte
	mantissa, exp, _ := strings.Cut(string(strconv.AppendFloat(buf[:0], f, 'E', -1, bitSize)), "E")
	b = append(b, mantissa...)
	if !strings.Contains(mantissa, ".") {
		b = append(b, '.', '0')
	}
	b = append(b, 'E')
	e, _ := strconv.Atoi(exp)
	return strconv.AppendInt(b, int64(e), 10)
}

// AppendDoubleShort and AppendFloatShort append what a cast to xsd:string gives: no
// exponent from a millionth to a million, the canonical form otherwise (XPath F&O 3.1,
// 19.1.1).
func AppendDoubleShort(b []byte, f float64) []byte { return appendFloatShort(b, f, 64) }

// AppendFloatShort is AppendDoubleShort for floats.
func AppendFloatShort(b []byte, f float64) []byte { return appendFloatShort(b, f, 32) }

func appendFloatShort(b []byte, f float64, bitSize int) []byte {
	if a := math.Abs(f); a == 0 || a >= 1e-6 && a < 1e6 {
		return strconv.AppendFloat(b, f, 'f', -1, bitSize)
	}
	return appendFloat(b, f, bitSize)
}

// ParseBoolean reads a lexical form of xsd:boolean.
func ParseBoolean(s string) (v, ok bool) {
	switch s {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	return false, false
}

// Holds tells whether an integer is a value of t, which is xsd:integer or derived from it
// (XSD 1.1 part 2, 3.4.13-3.4.25).
func (t Type) Holds(d Decimal) bool {
	if min, ok := lowest[t]; ok && d.Cmp(min) < 0 {
		return false
	}
	max, ok := highest[t]
	return !ok || d.Cmp(max) <= 0
}

var lowest = map[Type]Decimal{
	TypeLong:               Int(math.MinInt64),
	TypeInt:                Int(math.MinInt32),
	TypeShort:              Int(math.MinInt16),
	TypeByte:               Int(math.MinInt8),
	TypeNonNegativeInteger: Int(0),
	TypeUnsignedLong:       Int(0),
	TypeUnsignedInt:        Int(0),
	TypeUnsignedShort:      Int(0),
	TypeUnsignedByte:       Int(0),
	TypePositiveInteger:    Int(1),
}

var highest = map[Type]Decimal{
	TypeNonPositiveInteger: Int(0),
	TypeNegativeInteger:    Int(-1),
	TypeLong:               Int(math.MaxInt64),
	TypeInt:                Int(math.MaxInt32),
	TypeShort:              Int(math.MaxInt16),
	TypeByte:               Int(math.MaxInt8),
	TypeUnsignedLong:       unsignedMax(64),
	TypeUnsignedInt:        Int(math.MaxUint32),
	TypeUnsignedShort:      Int(math.MaxUint16),
	TypeUnsignedByte:       Int(math.MaxUint8),
}

func unsignedMax(bits int) Decimal {
	d, _ := Int(2).power(bits).Sub(Int(1))
	return d
}
