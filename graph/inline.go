package graph

import (
	"math"
	"strconv"
	"strings"
)

// Datatypes whose canonical values are inlined.
const (
	xsdInteger  = xsdNS + "integer"
	xsdDecimal  = xsdNS + "decimal"
	xsdDouble   = xsdNS + "double"
	xsdBoolean  = xsdNS + "boolean"
	xsdDateTime = xsdNS + "dateTime"
	xsdDate     = xsdNS + "date"
	xsdGYear    = xsdNS + "gYear"
)

// DecimalScale is the number of decimal places of an inlined xsd:decimal.
const DecimalScale = 7

const (
	half         = 1 << 59    // offset that makes signed payloads order-keeping
	decimalOne   = 10_000_000 // 10^DecimalScale
	zoneBits     = 7          // quarter hours from -14:00 to +14:00, 0 for none
	zoneUTC      = 57         // code of offset zero
	minutesBias  = 1 << 52    // offset of minutes and milliseconds since 1970
	msPerDay     = 86_400_000 // milliseconds
	minutesInDay = 1440       // minutes
	quarterHour  = 15         // minutes
	maxZone      = 14 * 60    // minutes
	zoneMask     = 1<<zoneBits - 1
	firstDay     = -719162   // 0001-01-01, in days since 1970-01-01
	endDay       = 2_932_897 // 10000-01-01
)

// Inline returns the ID that holds the value of t itself, if there is one. That needs a
// literal in the one lexical form that [ID.Term] gives back:
//
//	xsd:integer   no leading zero or plus, absolute value below 2^59
//	xsd:decimal   XSD 1.0 canonical ("1.0", "-0.25"), at most 7 places, below 5.7e10
//	xsd:double    canonical ("1.5E0", "NaN", "INF") with a mantissa of 48 bits
//	xsd:boolean   "true", "false"
//	xsd:dateTime  years 0001-9999, at most milliseconds, without trailing zeros; zone absent,
//	              Z, or whole quarter hours other than +00:00
//	xsd:date      likewise
//	xsd:gYear     likewise, four digits
//
// Every other term is for the dictionary, so that "01", "1" and "+1" stay three terms.
// IDs of one class order by value; dateTimes and dates by instant, those without a zone
// as if in UTC.
func Inline(t Term) (ID, bool) {
	if t.kind() != typedTerm {
		return None, false
	}
	datatype := IRI(t.tag())
	if len(datatype) < len(xsdNS)+4 || datatype[:len(xsdNS)] != xsdNS {
		return None, false
	}
	switch datatype {
	case xsdInteger:
		return inlineInteger(t.text)
	case xsdDecimal:
		return inlineDecimal(t.text)
	case xsdDouble:
		return inlineDouble(t.text)
	case xsdBoolean:
		switch t.text {
		case "false":
			return BooleanID(false), true
		case "true":
			return BooleanID(true), true
		}
	case xsdDateTime:
		return inlineDateTime(t.text)
	case xsdDate:
		return inlineDate(t.text)
	case xsdGYear:
		return inlineYear(t.text)
	}
	return None, false
}

// Term returns the term of an inlined ID; ok is false for all others.
func (id ID) Term() (t Term, ok bool) {
	switch id.Class() {
	case ClassInteger:
		v, _ := id.Integer()
		return Literal(strconv.FormatInt(v, 10), xsdInteger), true
	case ClassDecimal:
		v, _ := id.Decimal()
		return Literal(formatDecimal(v), xsdDecimal), true
	case ClassDouble:
		f, _ := id.Double()
		return Literal(formatDouble(f), xsdDouble), true
	case ClassBoolean:
		v, _ := id.Boolean()
		return Literal(strconv.FormatBool(v), xsdBoolean), true
	case ClassDateTime:
		return Literal(formatDateTime(id), xsdDateTime), true
	case ClassDate:
		return Literal(formatDate(id), xsdDate), true
	case ClassYear:
		year, zone, hasZone, _ := id.Year()
		b := appendPadded(nil, year, 4)
		return Literal(string(appendZone(b, zone, hasZone)), xsdGYear), true
	}
	return Term{}, false
}

// IntegerID returns the ID that holds an xsd:integer, if there is one. This and the
// functions like it give the ID that [Inline] gives for the canonical form of the value,
// without writing that form.
func IntegerID(v int64) (ID, bool) {
	if v <= -half || v >= half {
		return None, false
	}
	return NewID(ClassInteger, uint64(v+half)), true
}

// DecimalID returns the ID that holds an xsd:decimal, given times 10^[DecimalScale].
func DecimalID(scaled int64) (ID, bool) {
	if scaled <= -half || scaled >= half {
		return None, false
	}
	return NewID(ClassDecimal, uint64(scaled+half)), true
}

// DoubleID returns the ID that holds an xsd:double.
func DoubleID(f float64) (ID, bool) {
	bits := math.Float64bits(f)
	if f != f {
		bits = 0x7ff8 << 48
	}
	if bits&15 != 0 {
		return None, false
	}
	if bits>>63 == 1 {
		bits = ^bits
	} else {
		bits |= 1 << 63
	}
	return NewID(ClassDouble, bits>>4), true
}

// BooleanID returns the ID that holds an xsd:boolean.
func BooleanID(v bool) ID {
	if v {
		return NewID(ClassBoolean, 1)
	}
	return NewID(ClassBoolean, 0)
}

// DateTimeID returns the ID that holds an xsd:dateTime, given as [ID.DateTime] gives it.
func DateTimeID(ms int64, zone int, hasZone bool) (ID, bool) {
	code, ok := zoneCode(zone, hasZone)
	if local := ms + int64(zone)*60_000; !ok || local < firstDay*msPerDay || local >= endDay*msPerDay {
		return None, false
	}
	return NewID(ClassDateTime, uint64(ms+minutesBias)<<zoneBits|code), true
}

// DateID returns the ID that holds an xsd:date, given as [ID.Date] gives it.
func DateID(minutes int64, zone int, hasZone bool) (ID, bool) {
	code, ok := zoneCode(zone, hasZone)
	local := minutes + int64(zone)
	if !ok || local < firstDay*minutesInDay || local >= endDay*minutesInDay || local%minutesInDay != 0 {
		return None, false
	}
	return NewID(ClassDate, uint64(minutes+minutesBias)<<zoneBits|code), true
}

// YearID returns the ID that holds an xsd:gYear, given as [ID.Year] gives it.
func YearID(year, zone int, hasZone bool) (ID, bool) {
	code, ok := zoneCode(zone, hasZone)
	if !ok || year < 1 || year > 9999 {
		return None, false
	}
	return NewID(ClassYear, uint64(year)<<zoneBits|code), true
}

// Integer returns the value of an inlined xsd:integer.
func (id ID) Integer() (v int64, ok bool) {
	return int64(id.Payload()) - half, id.Class() == ClassInteger
}

// Decimal returns the value of an inlined xsd:decimal, times 10^[DecimalScale].
func (id ID) Decimal() (scaled int64, ok bool) {
	return int64(id.Payload()) - half, id.Class() == ClassDecimal
}

// Double returns the value of an inlined xsd:double.
func (id ID) Double() (f float64, ok bool) {
	bits := id.Payload() << 4
	if bits>>63 == 1 {
		bits &^= 1 << 63
	} else {
		bits = ^(bits | 15)
	}
	return math.Float64frombits(bits), id.Class() == ClassDouble
}

// Boolean returns the value of an inlined xsd:boolean.
func (id ID) Boolean() (v, ok bool) { return id.Payload() == 1, id.Class() == ClassBoolean }

// DateTime returns the value of an inlined xsd:dateTime: its instant in milliseconds since
// 1970-01-01T00:00:00Z, and its zone in minutes east. Without a zone the instant is that of
// the same reading in UTC.
func (id ID) DateTime() (ms int64, zone int, hasZone, ok bool) {
	zone, hasZone = zoneOf(id)
	return int64(id.Payload()>>zoneBits) - minutesBias, zone, hasZone, id.Class() == ClassDateTime
}

// Date returns the value of an inlined xsd:date: the instant at which it begins in minutes
// since 1970-01-01T00:00Z, and its zone in minutes east, as DateTime does.
func (id ID) Date() (minutes int64, zone int, hasZone, ok bool) {
	zone, hasZone = zoneOf(id)
	return int64(id.Payload()>>zoneBits) - minutesBias, zone, hasZone, id.Class() == ClassDate
}

// Year returns the value of an inlined xsd:gYear and its zone in minutes east.
func (id ID) Year() (year, zone int, hasZone, ok bool) {
	zone, hasZone = zoneOf(id)
	return int(id.Payload() >> zoneBits), zone, hasZone, id.Class() == ClassYear
}

func zoneOf(id ID) (minutes int, ok bool) {
	code := int(id & zoneMask)
	if code == 0 {
		return 0, false
	}
	return (code - zoneUTC) * quarterHour, true
}

func inlineInteger(s string) (ID, bool) {
	digits := strings.TrimPrefix(s, "-")
	if !isNumber(digits) || len(digits) > 18 || digits[0] == '0' && (len(digits) > 1 || len(s) > 1) {
		return None, false
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return None, false
	}
	return IntegerID(v)
}

func inlineDecimal(s string) (ID, bool) {
	digits, neg := strings.CutPrefix(s, "-")
	whole, frac, found := strings.Cut(digits, ".")
	if !found || !isNumber(whole) || !isNumber(frac) || len(whole) > 11 || len(frac) > DecimalScale {
		return None, false
	}
	if len(whole) > 1 && whole[0] == '0' || len(frac) > 1 && frac[len(frac)-1] == '0' {
		return None, false
	}
	w, _ := strconv.ParseInt(whole, 10, 64)
	f, _ := strconv.ParseInt((frac + "0000000")[:DecimalScale], 10, 64)
	v := w*decimalOne + f
	if neg {
		v = -v
	}
	if neg && v == 0 {
		return None, false
	}
	return DecimalID(v)
}

func formatDecimal(v int64) string {
	b := make([]byte, 0, 24)
	if v < 0 {
		b = append(b, '-')
		v = -v
	}
	b = strconv.AppendInt(b, v/decimalOne, 10)
	b = append(b, '.')
	b = appendPadded(b, int(v%decimalOne), DecimalScale)
	for b[len(b)-1] == '0' && b[len(b)-2] != '.' {
		b = b[:len(b)-1]
	}
	return string(b)
}

func inlineDouble(s string) (ID, bool) {
	var f float64
	switch s {
	case "INF":
		f = math.Inf(1)
	case "-INF":
		f = math.Inf(-1)
	case "NaN":
		f = math.NaN()
	default:
		var err error
		if f, err = strconv.ParseFloat(s, 64); err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return None, false
		}
	}
	if formatDouble(f) != s {
		return None, false
	}
	return DoubleID(f)
}

// formatDouble returns the canonical form (XSD 1.1 part 2, E.2).
func formatDouble(f float64) string {
	switch {
	case f != f:
		return "NaN"
	case math.IsInf(f, 1):
		return "INF"
	case math.IsInf(f, -1):
		return "-INF"
	}
	mantissa, exp, _ := strings.Cut(strconv.FormatFloat(f, 'E', -1, 64), "E")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	e, _ := strconv.Atoi(exp)
	return mantissa + "E" + strconv.Itoa(e)
}

func inlineDateTime(s string) (ID, bool) {
	day, s, ok := cutDate(s)
	if !ok || len(s) < 9 || s[0] != 'T' || s[3] != ':' || s[6] != ':' {
		return None, false
	}
	h, okH := number(s[1:3])
	m, okM := number(s[4:6])
	sec, okS := number(s[7:9])
	if !okH || !okM || !okS || h > 23 || m > 59 || sec > 59 {
		return None, false
	}
	ms := ((day*24+int64(h))*60+int64(m))*60_000 + int64(sec)*1000
	s = s[9:]
	if strings.HasPrefix(s, ".") {
		n := 1
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		if n < 2 || n > 4 || s[n-1] == '0' {
			return None, false
		}
		f, _ := number((s[1:n] + "00")[:3])
		ms += int64(f)
		s = s[n:]
	}
	zone, hasZone, ok := cutZone(s)
	if !ok {
		return None, false
	}
	return DateTimeID(ms-int64(zone)*60_000, zone, hasZone)
}

func formatDateTime(id ID) string {
	ms, zone, hasZone, _ := id.DateTime()
	ms += int64(zone) * 60_000
	day := floorDiv(ms, msPerDay)
	ms -= day * msPerDay
	b := appendDay(make([]byte, 0, 32), day)
	b = append(b, 'T')
	b = appendPadded(b, int(ms/3_600_000), 2)
	b = append(b, ':')
	b = appendPadded(b, int(ms/60_000%60), 2)
	b = append(b, ':')
	b = appendPadded(b, int(ms/1000%60), 2)
	if f := ms % 1000; f != 0 {
		b = append(b, '.')
		b = appendPadded(b, int(f), 3)
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
	}
	return string(appendZone(b, zone, hasZone))
}

func inlineDate(s string) (ID, bool) {
	day, s, ok := cutDate(s)
	if !ok {
		return None, false
	}
	zone, hasZone, ok := cutZone(s)
	if !ok {
		return None, false
	}
	return DateID(day*minutesInDay-int64(zone), zone, hasZone)
}

func formatDate(id ID) string {
	minutes, zone, hasZone, _ := id.Date()
	b := appendDay(make([]byte, 0, 16), floorDiv(minutes+int64(zone), minutesInDay))
	return string(appendZone(b, zone, hasZone))
}

func inlineYear(s string) (ID, bool) {
	if len(s) < 4 {
		return None, false
	}
	year, ok := number(s[:4])
	zone, hasZone, okZ := cutZone(s[4:])
	if !ok || !okZ {
		return None, false
	}
	return YearID(year, zone, hasZone)
}

// cutDate reads YYYY-MM-DD and returns the day since 1970-01-01 and the rest.
func cutDate(s string) (day int64, rest string, ok bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return 0, "", false
	}
	y, okY := number(s[:4])
	m, okM := number(s[5:7])
	d, okD := number(s[8:10])
	if !okY || !okM || !okD || y == 0 || m == 0 || m > 12 || d == 0 || d > daysIn(y, m) {
		return 0, "", false
	}
	return dayOf(y, m, d), s[10:], true
}

// cutZone reads a zone in the one form that appendZone gives it.
func cutZone(s string) (minutes int, hasZone, ok bool) {
	switch {
	case s == "":
		return 0, false, true
	case s == "Z":
		return 0, true, true
	case len(s) != 6 || s[3] != ':' || s[0] != '+' && s[0] != '-':
		return 0, false, false
	}
	h, okH := number(s[1:3])
	m, okM := number(s[4:6])
	minutes = h*60 + m
	if !okH || !okM || m > 59 || minutes == 0 {
		return 0, false, false
	}
	if s[0] == '-' {
		minutes = -minutes
	}
	return minutes, true, true
}

// zoneCode returns what stands for a zone in an ID.
func zoneCode(minutes int, hasZone bool) (code uint64, ok bool) {
	if !hasZone {
		return 0, minutes == 0
	}
	ok = minutes%quarterHour == 0 && minutes >= -maxZone && minutes <= maxZone
	return uint64(minutes/quarterHour + zoneUTC), ok
}

func appendZone(b []byte, zone int, hasZone bool) []byte {
	switch {
	case !hasZone:
		return b
	case zone == 0:
		return append(b, 'Z')
	case zone < 0:
		b = append(b, '-')
		zone = -zone
	default:
		b = append(b, '+')
	}
	b = appendPadded(b, zone/60, 2)
	b = append(b, ':')
	return appendPadded(b, zone%60, 2)
}

func appendDay(b []byte, day int64) []byte {
	y, m, d := dateOf(day)
	b = appendPadded(b, y, 4)
	b = append(b, '-')
	b = appendPadded(b, m, 2)
	b = append(b, '-')
	return appendPadded(b, d, 2)
}

func appendPadded(b []byte, v, width int) []byte {
	var digits [20]byte
	i := len(digits)
	for ; v > 0 || width > 0; width-- {
		i--
		digits[i] = byte('0' + v%10)
		v /= 10
	}
	return append(b, digits[i:]...)
}

// dayOf and dateOf convert between the proleptic Gregorian calendar and days since
// 1970-01-01, counting years from March so that leap days come last.
func dayOf(y, m, d int) int64 {
	if m <= 2 {
		y--
		m += 12
	}
	era := floorDiv(int64(y), 400)
	yearOfEra := int64(y) - era*400
	dayOfYear := int64((153*(m-3)+2)/5 + d - 1)
	return era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468
}

func dateOf(day int64) (y, m, d int) {
	day += 719468
	era := floorDiv(day, 146097)
	dayOfEra := day - era*146097
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	mp := (5*dayOfYear + 2) / 153
	d = int(dayOfYear - (153*mp+2)/5 + 1)
	m = int(mp) + 3
	y = int(yearOfEra + era*400)
	if m > 12 {
		m -= 12
		y++
	}
	return y, m, d
}

func daysIn(y, m int) int {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func isNumber(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func number(s string) (int, bool) {
	if !isNumber(s) {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}
