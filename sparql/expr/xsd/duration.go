package xsd

import (
	"cmp"
	"strings"
)

// A Duration is a value of xsd:duration or of one of the two types derived from it (XSD 1.1
// part 2, 3.3.6, 3.4.26, 3.4.27): months, and seconds. Both count in the same direction.
type Duration struct {
	Months  int64
	Seconds int64
	Nanos   int32 // -999,999,999 to 999,999,999, with the sign of Seconds
}

// Limits that keep sums within int64.
const (
	maxMonths  = 1 << 53
	maxSeconds = 1 << 61
)

// in tells whether the duration is within the limits, and its parts are of one sign.
func (d Duration) in() bool {
	if d.Months > maxMonths || d.Months < -maxMonths || d.Seconds > maxSeconds || d.Seconds < -maxSeconds {
		return false
	}
	return d.Months >= 0 && d.Seconds >= 0 && d.Nanos >= 0 || d.Months <= 0 && d.Seconds <= 0 && d.Nanos <= 0
}

// durationOf returns the duration of seconds and nanoseconds of any signs.
func durationOf(seconds, nanos int64) (Duration, bool) {
	seconds, ok := addInt(seconds, nanos/second)
	nanos %= second
	switch {
	case seconds > 0 && nanos < 0:
		seconds--
		nanos += second
	case seconds < 0 && nanos > 0:
		seconds++
		nanos -= second
	}
	d := Duration{Seconds: seconds, Nanos: int32(nanos)}
	return d, ok && d.in()
}

// IsZero tells whether the duration has no length.
func (d Duration) IsZero() bool { return d == Duration{} }

// Neg returns -d.
func (d Duration) Neg() Duration { return Duration{-d.Months, -d.Seconds, -d.Nanos} }

// Add returns d + e; ok is false beyond the limits and where months and seconds would point
// in different directions, which no duration can.
func (d Duration) Add(e Duration) (sum Duration, ok bool) {
	sum, ok = durationOf(d.Seconds+e.Seconds, int64(d.Nanos)+int64(e.Nanos))
	sum.Months = d.Months + e.Months
	return sum, ok && sum.in()
}

// Decimal returns the seconds of a dayTimeDuration.
func (d Duration) Decimal() Decimal {
	s, _ := Int(d.Seconds).Add(Scaled(int64(d.Nanos), 9))
	return s
}

// Length returns what a duration of t counts: months of a yearMonthDuration, seconds of a
// dayTimeDuration.
func (d Duration) Length(t Type) Decimal {
	if t == TypeYearMonthDuration {
		return Int(d.Months)
	}
	return d.Decimal()
}

// DurationOf returns the duration of t that counts a number of months or seconds, the
// former rounded to whole ones as F&O 3.1, 8.4.3 wants it, the latter to nanoseconds.
func DurationOf(t Type, length Decimal) (d Duration, ok bool) {
	if t == TypeYearMonthDuration {
		d.Months, ok = length.Round().Int64()
		return d, ok && d.in()
	}
	whole := length.Trunc()
	seconds, ok := whole.Int64()
	if !ok {
		return Duration{}, false
	}
	rest, _ := length.Sub(whole)
	rest, _ = rest.Mul(Int(second))
	nanos, _ := rest.Round().Int64()
	return durationOf(seconds, nanos)
}

// Compare orders durations where that can be: ok is false if one has more months and the
// other more seconds than a month can make up for (XSD 1.1 part 2, 3.3.6.2).
func (d Duration) Compare(e Duration) (c int, ok bool) {
	if d == e {
		return 0, true
	}
	for i, start := range starts {
		a, okA := start.Plus(d)
		b, okB := start.Plus(e)
		if !okA || !okB {
			return 0, false
		}
		now := a.Instant(b)
		if i > 0 && now != c {
			return 0, false
		}
		c = now
	}
	return c, true
}

// Total orders all durations: by length with a month of 30.436875 days, which is that of
// the calendar on average, then by months. It agrees with Compare where that decides.
func (d Duration) Total(e Duration) int {
	const month = 2_629_746 // seconds
	a, _ := Int(d.Months).Mul(Int(month))
	a, _ = a.Add(d.Decimal())
	b, _ := Int(e.Months).Mul(Int(month))
	b, _ = b.Add(e.Decimal())
	if c := a.Cmp(b); c != 0 {
		return c
	}
	return cmp.Compare(d.Months, e.Months)
}

// starts are the four instants from which XSD compares durations: months from them are
// shorter and longer than usual.
var starts = func() (s [4]DateTime) {
	for i, f := range []Fields{{Year: 1696, Month: 9, Day: 1}, {Year: 1697, Month: 2, Day: 1}, {Year: 1903, Month: 3, Day: 1}, {Year: 1903, Month: 7, Day: 1}} {
		s[i], _ = Of(f, 0)
	}
	return
}()

// Plus returns the dateTime a duration later (XSD 1.1 part 2, E.3.3): months first, then
// seconds; a day that its month does not have becomes the last one. ok is false beyond the
// years that can be held.
func (d DateTime) Plus(e Duration) (later DateTime, ok bool) {
	if e.Months != 0 {
		f := d.Fields()
		years, month := floorDiv(int64(f.Month)-1+e.Months, 12)
		f.Year += years
		f.Month = int(month) + 1
		f.Day = min(f.Day, daysIn(f.Year, f.Month))
		if d, ok = Of(f, d.Zone); !ok {
			return DateTime{}, false
		}
	}
	carry, nanos := floorDiv(int64(d.Nanos)+int64(e.Nanos), second)
	d.Nanos = int32(nanos)
	if d.Seconds, ok = addInt(d.Seconds, e.Seconds+carry); !ok {
		return DateTime{}, false
	}
	return d, d.in()
}

// Minus returns the time from e to d, as a dayTimeDuration. Values without a zone are taken
// to be in UTC, if only one of them states a zone ok is false.
func (d DateTime) Minus(e DateTime) (Duration, bool) {
	if d.HasZone() != e.HasZone() {
		return Duration{}, false
	}
	return durationOf(d.Seconds-e.Seconds, int64(d.Nanos)-int64(e.Nanos)) // maxYear keeps this in int64
}

// ParseDuration reads a lexical form of one of the three types of durations.
func ParseDuration(t Type, s string) (Duration, bool) {
	s, neg := strings.CutPrefix(s, "-")
	s, ok := strings.CutPrefix(s, "P")
	date, clock, timed := strings.Cut(s, "T")
	if !ok || date == "" && !timed || timed && clock == "" {
		return Duration{}, false
	}
	r := durationReader{ok: true}
	if t != TypeDayTimeDuration {
		r.months = r.add(r.cut(&date, 'Y'), 12, r.cut(&date, 'M'))
	}
	if t != TypeYearMonthDuration {
		r.seconds = r.add(r.cut(&date, 'D'), secondsPerDay, 0)
		r.seconds = r.add(r.cut(&clock, 'H'), 3600, r.seconds)
		r.seconds = r.add(r.cut(&clock, 'M'), 60, r.seconds)
		r.cutSeconds(&clock)
	}
	d := Duration{Months: r.months, Seconds: r.seconds, Nanos: r.nanos}
	if !r.ok || date != "" || clock != "" || !d.in() {
		return Duration{}, false
	}
	if neg {
		d = d.Neg()
	}
	return d, true
}

// A durationReader sums up the parts of a duration.
type durationReader struct {
	months, seconds int64
	nanos           int32
	ok              bool
}

// cut reads a number that stands before a mark, and 0 if it is not there.
func (r *durationReader) cut(s *string, mark byte) int64 {
	n := 0
	for n < len(*s) && (*s)[n] >= '0' && (*s)[n] <= '9' {
		n++
	}
	if n == 0 || n == len(*s) || (*s)[n] != mark {
		return 0
	}
	text := strings.TrimLeft((*s)[:n], "0")
	*s = (*s)[n+1:]
	if len(text) > maxScale {
		r.ok = false
		return 0
	}
	return appendDigits(0, text)
}

// add returns a*b + c.
func (r *durationReader) add(a, b, c int64) int64 {
	p, fits := mulInt(a, b)
	sum, fits2 := addInt(p, c)
	r.ok = r.ok && fits && fits2
	return sum
}

// cutSeconds reads seconds, which may have a fraction.
func (r *durationReader) cutSeconds(s *string) {
	text, found := strings.CutSuffix(*s, "S")
	if !found {
		return
	}
	*s = ""
	whole, frac, point := strings.Cut(text, ".")
	if point {
		nanos, rest, ok := cutNanos(frac)
		r.ok = r.ok && ok && rest == "" && whole != ""
		r.nanos = int32(nanos)
	}
	whole = strings.TrimLeft(whole, "0")
	if text == "" || len(whole) > maxScale || !digits(whole) {
		r.ok = false
		return
	}
	r.seconds = r.add(appendDigits(0, whole), 1, r.seconds)
}

// Append appends the canonical form of d as a value of t (XSD 1.1 part 2, E.2).
func (d Duration) Append(b []byte, t Type) []byte {
	if d.Months < 0 || d.Seconds < 0 || d.Nanos < 0 {
		b = append(b, '-')
		d = d.Neg()
	}
	b = append(b, 'P')
	if d.IsZero() {
		if t == TypeYearMonthDuration {
			return append(b, '0', 'M')
		}
		return append(b, 'T', '0', 'S')
	}
	b = appendPart(b, d.Months/12, 'Y')
	b = appendPart(b, d.Months%12, 'M')
	b = appendPart(b, d.Seconds/secondsPerDay, 'D')
	rest := d.Seconds % secondsPerDay
	if rest == 0 && d.Nanos == 0 {
		return b
	}
	b = append(b, 'T')
	b = appendPart(b, rest/3600, 'H')
	b = appendPart(b, rest/60%60, 'M')
	if d.Nanos == 0 {
		return appendPart(b, rest%60, 'S')
	}
	b = appendPadded(b, uint64(rest%60), 1)
	return append(appendNanos(b, int(d.Nanos)), 'S')
}

func appendPart(b []byte, v int64, mark byte) []byte {
	if v == 0 {
		return b
	}
	return append(appendPadded(b, uint64(v), 1), mark)
}
