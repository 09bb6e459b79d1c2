package xsd

import (
	"cmp"
	"strings"
)

// NoZone is the zone of a value that states none.
const NoZone int16 = -1 << 15

const (
	maxZone = 14 * 60       // minutes
	second  = 1_000_000_000 // nanoseconds
)

// A DateTime is a value of one of the eight datatypes of dates and times (XSD 1.1 part 2,
// D.2.1). What the datatype leaves out is filled in: the year 1972, December or January,
// the first or the last day, midnight, so that values of one type compare by Seconds.
type DateTime struct {
	Seconds int64 // since 1970-01-01T00:00:00Z; without a zone as if in UTC
	Nanos   int32 // 0 to 999,999,999, always towards the future
	Zone    int16 // minutes east of UTC, or NoZone
}

// Fields are the parts of a DateTime as they are read on the clock of its zone.
type Fields struct {
	Year         int64
	Month, Day   int
	Hour, Minute int
	Second       int
	Nanos        int
}

// HasZone tells whether the value states a zone.
func (d DateTime) HasZone() bool { return d.Zone != NoZone }

// offset returns how far the clock of the zone is ahead of UTC, in seconds.
func (d DateTime) offset() int64 {
	if d.Zone == NoZone {
		return 0
	}
	return int64(d.Zone) * 60
}

// Fields returns the parts of the value.
func (d DateTime) Fields() Fields {
	day, rest := floorDiv(d.Seconds+d.offset(), secondsPerDay)
	y, m, dd := dateOf(day)
	return Fields{
		Year: y, Month: m, Day: dd,
		Hour: int(rest / 3600), Minute: int(rest / 60 % 60), Second: int(rest % 60),
		Nanos: int(d.Nanos),
	}
}

// Of returns the value with the parts f in a zone; ok is false for a year of more than
// eleven digits. An hour of 24 is midnight of the next day.
func Of(f Fields, zone int16) (d DateTime, ok bool) {
	if f.Year > maxYear || f.Year < -maxYear {
		return DateTime{}, false
	}
	d = DateTime{Nanos: int32(f.Nanos), Zone: zone}
	d.Seconds = dayOf(f.Year, f.Month, f.Day)*secondsPerDay +
		int64(f.Hour)*3600 + int64(f.Minute)*60 + int64(f.Second) - d.offset()
	return d, d.in()
}

// in tells whether the year has no more than eleven digits.
func (d DateTime) in() bool {
	local, ok := addInt(d.Seconds, d.offset())
	return ok && local >= firstSecond && local <= lastSecond
}

// Instant compares the instants of two values of one type, those without a zone as if in
// UTC. It is a total order, and agrees with Compare where that decides.
func (d DateTime) Instant(e DateTime) int {
	if c := cmp.Compare(d.Seconds, e.Seconds); c != 0 {
		return c
	}
	return cmp.Compare(d.Nanos, e.Nanos)
}

// Compare compares two values of one type; ok is false where only one states a zone and
// they are not more than fourteen hours apart (XSD 1.1 part 2, 3.3.7 and D.2.1).
func (d DateTime) Compare(e DateTime) (c int, ok bool) {
	if d.HasZone() == e.HasZone() {
		return d.Instant(e), true
	}
	const most = maxZone * 60
	gap := e
	if d.Instant(e) < 0 {
		gap.Seconds -= most
		return -1, d.Instant(gap) < 0
	}
	gap.Seconds += most
	return 1, d.Instant(gap) > 0
}

// Parts that a datatype has.
type parts uint8

const (
	partYear parts = 1 << iota
	partMonth
	partDay
	partTime
)

// partsOf returns what values of t state.
func partsOf(t Type) parts {
	switch t {
	case TypeDateTime, TypeDateTimeStamp:
		return partYear | partMonth | partDay | partTime
	case TypeDate:
		return partYear | partMonth | partDay
	case TypeTime:
		return partTime
	case TypeGYear:
		return partYear
	case TypeGYearMonth:
		return partYear | partMonth
	case TypeGMonth:
		return partMonth
	case TypeGMonthDay:
		return partMonth | partDay
	case TypeGDay:
		return partDay
	}
	return 0
}

// fill returns the parts of a value before any is read. The year 1972 has a 29 February;
// times are of its last day, dates begin at midnight of their first (XPath F&O 3.1, 9.4).
func fill(t Type) Fields {
	if t == TypeTime {
		return Fields{Year: 1972, Month: 12, Day: 31}
	}
	return Fields{Year: 1972, Month: 1, Day: 1}
}

// As returns the value as one of another type, without the parts that this type does not
// have (XPath F&O 3.1, 19.1.4). The caller sees to it that the cast is one that exists.
func (d DateTime) As(t Type) DateTime {
	has, from, to := partsOf(t), d.Fields(), fill(t)
	if has&partYear != 0 {
		to.Year = from.Year
	}
	if has&partMonth != 0 {
		to.Month = from.Month
	}
	if has&partDay != 0 {
		to.Day = from.Day
	}
	if has&partTime != 0 {
		to.Hour, to.Minute, to.Second, to.Nanos = from.Hour, from.Minute, from.Second, from.Nanos
	}
	r, _ := Of(to, d.Zone)
	return r
}

// ParseDateTime reads a lexical form of one of the eight types of dates and times (XSD 1.1
// part 2, 3.3.7-3.3.14).
func ParseDateTime(t Type, s string) (DateTime, bool) {
	has, f := partsOf(t), fill(t)
	ok := has != 0
	if has&partYear != 0 {
		f.Year, s, ok = cutYear(s)
	} else if has != partTime {
		s, ok = strings.CutPrefix(s, "-")
	}
	if ok && has&(partMonth|partDay) != 0 {
		s, ok = cutMonthDay(has, &f, s)
	}
	if ok && has&partTime != 0 {
		if has != partTime {
			s, ok = strings.CutPrefix(s, "T")
		}
		if ok {
			s, ok = cutTime(&f, s)
		}
	}
	if !ok {
		return DateTime{}, false
	}
	zone, ok := parseZone(s)
	if !ok || t == TypeDateTimeStamp && zone == NoZone {
		return DateTime{}, false
	}
	if t == TypeTime {
		f.Hour %= 24 // 24:00:00 is another way to write 00:00:00
	}
	return Of(f, zone)
}

// cutYear reads a year of at least four digits, more only without a leading zero.
func cutYear(s string) (year int64, rest string, ok bool) {
	abs, neg := strings.CutPrefix(s, "-")
	n := 0
	for n < len(abs) && abs[n] >= '0' && abs[n] <= '9' {
		n++
	}
	if n < 4 || n > maxScale || n > 4 && abs[0] == '0' {
		return 0, "", false
	}
	year = appendDigits(0, abs[:n])
	if neg {
		year = -year
	}
	return year, abs[n:], true
}

// cutMonthDay reads what stands between the year and the time.
func cutMonthDay(has parts, f *Fields, s string) (rest string, ok bool) {
	ok = true
	switch {
	case has&partMonth == 0:
		s, ok = strings.CutPrefix(s, "-") // ---DD
	default:
		f.Month, s, ok = cutTwo(s, '-')
	}
	if ok && has&partDay != 0 {
		f.Day, s, ok = cutTwo(s, '-')
	}
	year := f.Year
	return s, ok && f.Month >= 1 && f.Month <= 12 && f.Day >= 1 && f.Day <= daysIn(year, f.Month)
}

// cutTwo reads a mark and two digits.
func cutTwo(s string, mark byte) (v int, rest string, ok bool) {
	if len(s) < 3 || s[0] != mark || !digits(s[1:3]) {
		return 0, "", false
	}
	return int(appendDigits(0, s[1:3])), s[3:], true
}

// cutTime reads a time of day.
func cutTime(f *Fields, s string) (rest string, ok bool) {
	if len(s) < 8 || !digits(s[:2]) {
		return "", false
	}
	f.Hour = int(appendDigits(0, s[:2]))
	f.Minute, s, ok = cutTwo(s[2:], ':')
	if ok {
		f.Second, s, ok = cutTwo(s, ':')
	}
	if ok && s != "" && s[0] == '.' {
		f.Nanos, s, ok = cutNanos(s[1:])
	}
	if f.Hour == 24 {
		return s, ok && f.Minute == 0 && f.Second == 0 && f.Nanos == 0
	}
	return s, ok && f.Hour < 24 && f.Minute < 60 && f.Second < 60
}

// cutNanos reads a fraction of a second.
func cutNanos(s string) (nanos int, rest string, ok bool) {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	frac := strings.TrimRight(s[:n], "0")
	if n == 0 || len(frac) > 9 {
		return 0, "", false
	}
	return int(appendDigits(0, frac) * powers[9-len(frac)]), s[n:], true
}

// parseZone reads a zone that may be missing.
func parseZone(s string) (zone int16, ok bool) {
	switch {
	case s == "":
		return NoZone, true
	case s == "Z":
		return 0, true
	case len(s) != 6 || s[0] != '+' && s[0] != '-' || !digits(s[1:3]):
		return 0, false
	}
	m, _, ok := cutTwo(s[3:], ':')
	minutes := int(appendDigits(0, s[1:3]))*60 + m
	if s[0] == '-' {
		return int16(-minutes), ok && m < 60 && minutes <= maxZone
	}
	return int16(minutes), ok && m < 60 && minutes <= maxZone
}

// Append appends the canonical form of d as a value of t (XSD 1.1 part 2, E.3.6). The zone
// stays.
func (d DateTime) Append(b []byte, t Type) []byte {
	has, f := partsOf(t), d.Fields()
	if has&partYear != 0 {
		b = appendYear(b, f.Year)
	} else if has != partTime {
		b = append(b, '-')
	}
	if has&partMonth != 0 {
		b = appendTwo(b, '-', f.Month)
	} else if has&partDay != 0 {
		b = append(b, '-')
	}
	if has&partDay != 0 {
		b = appendTwo(b, '-', f.Day)
	}
	if has&partTime != 0 {
		if has != partTime {
			b = append(b, 'T')
		}
		b = appendPadded(b, uint64(f.Hour), 2)
		b = appendTwo(b, ':', f.Minute)
		b = appendTwo(b, ':', f.Second)
		b = appendNanos(b, f.Nanos)
	}
	return AppendZone(b, d.Zone)
}

func appendYear(b []byte, y int64) []byte {
	if y < 0 {
		b = append(b, '-')
	}
	return appendPadded(b, magnitude(y), 4)
}

func appendTwo(b []byte, mark byte, v int) []byte {
	return appendPadded(append(b, mark), uint64(v), 2)
}

// appendNanos appends a point and the fraction, or nothing.
func appendNanos(b []byte, nanos int) []byte {
	if nanos == 0 {
		return b
	}
	b = appendPadded(append(b, '.'), uint64(nanos), 9)
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}

// AppendZone appends a zone: nothing for NoZone, "Z", "+07:00".
func AppendZone(b []byte, zone int16) []byte {
	switch {
	case zone == NoZone:
		return b
	case zone == 0:
		return append(b, 'Z')
	case zone < 0:
		b = append(b, '-')
		zone = -zone
	default:
		b = append(b, '+')
	}
	b = appendPadded(b, uint64(zone/60), 2)
	return appendTwo(b, ':', int(zone%60))
}
