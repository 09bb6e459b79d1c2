package xsd

import (
	"testing"

	"pgregory.net/rapid"
)

func moment(t testing.TB, typ Type, s string) DateTime {
	t.Helper()
	d, ok := ParseDateTime(typ, s)
	if !ok {
		t.Fatalf("%q is no %v", s, typ)
	}
	return d
}

func TestCompareDateTimes(t *testing.T) {
	const unknown = 9
	for _, c := range []struct {
		t    Type
		a, b string
		want int
	}{
		{TypeDateTime, "2002-04-02T23:00:00-04:00", "2002-04-03T02:00:00-01:00", 0},
		{TypeDateTime, "2026-11-03T09:11:09+07:00", "2026-11-03T02:11:09Z", 0},
		{TypeDateTime, "1999-12-31T24:00:00", "2000-01-01T00:00:00", 0},
		{TypeDateTime, "2008-04-01T00:00:00.00Z", "2008-04-01T00:00:00Z", 0},
		{TypeDateTime, "2008-04-01T00:00:00.000000001Z", "2008-04-01T00:00:00Z", 1},
		{TypeDateTime, "-0001-12-31T23:59:59", "0000-01-01T00:00:00", -1},
		// XSD 1.1 part 2, 3.3.7: examples of the order of mixed values
		{TypeDateTime, "2000-01-15T00:00:00", "2000-02-15T00:00:00", -1},
		{TypeDateTime, "2000-01-15T12:00:00", "2000-01-16T12:00:00Z", -1},
		{TypeDateTime, "2000-01-01T12:00:00", "1999-12-31T23:00:00Z", unknown},
		{TypeDateTime, "2000-01-16T12:00:00", "2000-01-16T12:00:00Z", unknown},
		{TypeDateTime, "2000-01-16T00:00:00", "2000-01-16T12:00:00Z", unknown},
		{TypeDateTime, "2000-01-16T14:00:00", "2000-01-16T00:00:00Z", unknown},
		{TypeDateTime, "2000-01-16T14:00:00.001", "2000-01-16T00:00:00Z", 1},
		{TypeDateTime, "2000-01-16T00:00:00Z", "2000-01-16T14:00:00", unknown},
		{TypeDateTime, "2000-01-16T00:00:00Z", "2000-01-16T14:00:00.001", -1},
		{TypeDate, "2006-08-23", "2006-08-23Z", unknown},
		{TypeDate, "2001-01-01Z", "2006-08-23", -1},
		{TypeDate, "2006-08-23Z", "2006-08-22", 1},
		// XPath F&O 3.1, 9.4.4, 9.4.7, 9.4.10-9.4.14
		{TypeDate, "2004-12-25Z", "2004-12-25+07:00", 1},
		{TypeDate, "2004-12-25-12:00", "2004-12-26+12:00", 0},
		{TypeTime, "08:00:00+09:00", "17:00:00-06:00", -1},
		{TypeTime, "21:30:00+10:30", "06:00:00-05:00", 0},
		{TypeTime, "24:00:00+01:00", "00:00:00+01:00", 0},
		{TypeTime, "23:59:59", "24:00:00", 1},
		{TypeGYear, "1820", "1953", -1},
		{TypeGYearMonth, "1986-02", "1986-03", -1},
		{TypeGMonthDay, "--12-25-14:00", "--12-26+10:00", 0},
		{TypeGMonth, "--12-14:00", "--12+10:00", 1},
		{TypeGDay, "---25-14:00", "---25+10:00", 1},
	} {
		a, b := moment(t, c.t, c.a), moment(t, c.t, c.b)
		got, ok := a.Compare(b)
		back, okBack := b.Compare(a)
		if c.want == unknown {
			if ok || okBack {
				t.Errorf("%s to %s is decided", c.a, c.b)
			}
			continue
		}
		if !ok || !okBack || got != c.want || back != -c.want {
			t.Errorf("%s to %s is %d, %v and back %d, %v; want %d", c.a, c.b, got, ok, back, okBack, c.want)
		}
	}
}

func TestPlusDuration(t *testing.T) {
	for _, c := range []struct {
		t                     Type
		start, duration, want string
	}{
		// XSD 1.1 part 2, E.3.3
		{TypeDateTime, "2000-01-12T12:13:14Z", "P1Y3M5DT7H10M3S", "2001-04-17T19:23:17Z"},
		{TypeGYearMonth, "2000-01", "-P3M", "1999-10"},
		{TypeDate, "2000-01-12", "PT33H", "2000-01-13"},
		// XPath F&O 3.1, 9.7
		{TypeDateTime, "2000-10-30T11:12:00", "P1Y2M", "2001-12-30T11:12:00"},
		{TypeDateTime, "2000-10-30T11:12:00", "P3DT1H15M", "2000-11-02T12:27:00"},
		{TypeDateTime, "2000-10-30T11:12:00", "-P1Y2M", "1999-08-30T11:12:00"},
		{TypeDateTime, "2000-10-30T11:12:00", "-P3DT1H15M", "2000-10-27T09:57:00"},
		{TypeDate, "2000-10-30", "P1Y2M", "2001-12-30"},
		{TypeDate, "2004-10-30Z", "P2DT2H30M0S", "2004-11-01Z"},
		{TypeDate, "2000-02-29Z", "-P1Y", "1999-02-28Z"},
		{TypeDate, "2000-10-31-05:00", "-P1Y1M", "1999-09-30-05:00"},
		{TypeDate, "2000-10-30", "-P3DT1H15M", "2000-10-26"},
		{TypeTime, "11:12:00", "P3DT1H15M", "12:27:00"},
		{TypeTime, "23:12:00+03:00", "P1DT3H15M", "02:27:00+03:00"},
		{TypeTime, "08:20:00-05:00", "-P23DT10H10M", "22:10:00-05:00"},
		{TypeDateTime, "2026-01-31T00:00:00.75", "P1M", "2026-02-28T00:00:00.75"},
		{TypeDateTime, "2026-01-31T00:00:00.75", "PT0.5S", "2026-01-31T00:00:01.25"},
		{TypeDateTime, "2026-01-31T00:00:00.25", "-PT0.5S", "2026-01-30T23:59:59.75"},
	} {
		e, _ := ParseDuration(TypeDuration, c.duration)
		d, ok := moment(t, c.t, c.start).Plus(e)
		if got := string(d.As(c.t).Append(nil, c.t)); !ok || got != c.want {
			t.Errorf("%s + %s = %s, %v; want %s", c.start, c.duration, got, ok, c.want)
		}
	}
	last := moment(t, TypeDateTime, "99999999999-12-31T23:59:59Z")
	for _, e := range []Duration{{Seconds: 1}, {Months: 1}, {Months: maxMonths}, {Seconds: maxSeconds}} {
		if d, ok := last.Plus(e); ok {
			t.Errorf("%v follows the last second of all", string(d.Append(nil, TypeDateTime)))
		}
	}
}

func TestMinus(t *testing.T) {
	for _, c := range []struct {
		t          Type
		a, b, want string
	}{
		// XPath F&O 3.1, 9.7.2-9.7.4
		{TypeDateTime, "2000-10-30T06:12:00-05:00", "1999-11-28T09:00:00Z", "P337DT2H12M"},
		{TypeDate, "2000-10-30Z", "1999-11-28Z", "P337D"},
		{TypeDate, "2000-10-30+05:00", "1999-11-28Z", "P336DT19H"},
		{TypeDate, "2000-10-15-05:00", "2000-10-10+02:00", "P5DT7H"},
		{TypeTime, "11:12:00Z", "04:00:00-05:00", "PT2H12M"},
		{TypeTime, "11:00:00-05:00", "21:30:00+05:30", "PT0S"},
		{TypeTime, "17:00:00-06:00", "08:00:00+09:00", "P1D"},
		{TypeTime, "24:00:00", "23:59:59", "-PT23H59M59S"},
		{TypeDateTime, "2026-01-01T00:00:00", "2026-01-01T00:00:00.25", "-PT0.25S"},
		{TypeDateTime, "2026-01-01T00:00:00", "2026-01-01T00:00:00Z", ""},
	} {
		d, ok := moment(t, c.t, c.a).Minus(moment(t, c.t, c.b))
		if got := string(d.Append(nil, TypeDayTimeDuration)); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s - %s = %s, %v; want %s", c.a, c.b, got, ok, c.want)
		}
	}
}

func TestAs(t *testing.T) {
	for typ, want := range map[Type]string{
		TypeDate: "2026-02-28+07:00", TypeTime: "23:30:00.5+07:00", TypeGYear: "2026+07:00", TypeGYearMonth: "2026-02+07:00",
		TypeGMonth: "--02+07:00", TypeGMonthDay: "--02-28+07:00", TypeGDay: "---28+07:00", TypeDateTime: "2026-02-28T23:30:00.5+07:00",
	} {
		d := moment(t, TypeDateTime, "2026-02-28T23:30:00.5+07:00").As(typ)
		if got := string(d.Append(nil, typ)); got != want {
			t.Errorf("as %v: %s, want %s", typ, got, want)
		}
		if d != moment(t, typ, want) {
			t.Errorf("as %v: %+v is not what %s reads as", typ, d, want)
		}
	}
}

func TestCompareDurations(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
		ok   bool
	}{
		{"P1Y", "P12M", 0, true}, {"PT24H", "P1D", 0, true}, {"P0M", "PT0S", 0, true},
		// XSD 1.1 part 2, 3.3.6.2
		{"P1Y", "P364D", 1, true}, {"P1Y", "P365D", 0, false}, {"P1Y", "P366D", 0, false}, {"P1Y", "P367D", -1, true},
		{"P1M", "P27D", 1, true}, {"P1M", "P28D", 0, false}, {"P1M", "P31D", 0, false}, {"P1M", "P32D", -1, true},
		{"P5M", "P149D", 1, true}, {"P5M", "P150D", 0, false}, {"P5M", "P153D", 0, false}, {"P5M", "P154D", -1, true},
		{"-P1Y", "P1D", -1, true}, {"PT0.5S", "PT0.25S", 1, true},
	} {
		a, _ := ParseDuration(TypeDuration, c.a)
		b, _ := ParseDuration(TypeDuration, c.b)
		got, ok := a.Compare(b)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s to %s is %d, %v; want %d, %v", c.a, c.b, got, ok, c.want, c.ok)
		}
		if total := a.Total(b); c.ok && total != c.want || total != -b.Total(a) {
			t.Errorf("%s to %s is %d in the order of all", c.a, c.b, total)
		}
	}
}

func TestDurationOf(t *testing.T) {
	for _, c := range []struct {
		t            Type
		length, want string
	}{
		{TypeYearMonthDuration, "80.5", "P6Y9M"}, {TypeYearMonthDuration, "-80.5", "-P6Y8M"}, {TypeYearMonthDuration, "1e", ""},
		{TypeDayTimeDuration, "1.5", "PT1.5S"}, {TypeDayTimeDuration, "-86400.25", "-P1DT0.25S"},
		{TypeDayTimeDuration, "0.0000000004", "PT0S"}, {TypeDayTimeDuration, "0.9999999996", "PT1S"}, {TypeDayTimeDuration, "99999999999999999999", ""},
		{TypeYearMonthDuration, "99999999999999999999", ""},
	} {
		length, _ := ParseDecimal(c.length)
		d, ok := DurationOf(c.t, length)
		if c.want == "" {
			if ok && c.length != "1e" {
				t.Errorf("%v of %s is given", c.t, c.length)
			}
			continue
		}
		if got := string(d.Append(nil, c.t)); !ok || got != c.want {
			t.Errorf("%v of %s is %s, %v; want %s", c.t, c.length, got, ok, c.want)
		}
	}
	year, day := Duration{Months: 12}, Duration{Seconds: -secondsPerDay}
	if sum, ok := year.Add(day); ok {
		t.Errorf("a year less a day is %s", sum.Append(nil, TypeDuration))
	}
}

var moments = rapid.Custom(func(t *rapid.T) DateTime {
	return DateTime{
		Seconds: rapid.OneOf(rapid.Int64Range(-4e9, 4e9), rapid.Int64Range(-3e18, 3e18)).Draw(t, "seconds"),
		Nanos:   rapid.OneOf(rapid.Just(int32(0)), rapid.Int32Range(0, second-1)).Draw(t, "nanos"),
		Zone:    rapid.OneOf(rapid.Just(NoZone), rapid.Int16Range(-maxZone, maxZone)).Draw(t, "zone"),
	}
})

func TestDateTimesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := moments.Draw(t, "d")
		text := string(d.Append(nil, TypeDateTime))
		if back, ok := ParseDateTime(TypeDateTime, text); !ok || back != d {
			t.Fatalf("%+v is %s, which is %+v", d, text, back)
		}
		if back, ok := Of(d.Fields(), d.Zone); !ok || back != d {
			t.Fatalf("%s has the fields of %+v", text, back)
		}
		e := moments.Draw(t, "e")
		if span, ok := d.Minus(e); ok {
			if back, ok := e.Plus(span); ok && back.Instant(d) != 0 {
				t.Fatalf("%+v + (d - e) is %+v, not %+v", e, back, d)
			}
		}
		if c, ok := d.Compare(e); ok && c != d.Instant(e) {
			t.Fatalf("Compare and Instant differ for %+v and %+v", d, e)
		}
	})
}

// The calendar repeats every 400 years, so these are all the days there are.
func TestCalendar(t *testing.T) {
	for _, start := range []int64{-400, 1600, maxYear - 400} {
		day := dayOf(start, 1, 1)
		for y := start; y < start+400; y++ {
			for m := 1; m <= 12; m++ {
				for d := 1; d <= daysIn(y, m); d++ {
					if got := dayOf(y, m, d); got != day {
						t.Fatalf("%04d-%02d-%02d is day %d, want %d", y, m, d, got, day)
					}
					if y2, m2, d2 := dateOf(day); y2 != y || m2 != m || d2 != d {
						t.Fatalf("day %d is %04d-%02d-%02d, want %04d-%02d-%02d", day, y2, m2, d2, y, m, d)
					}
					day++
				}
			}
		}
	}
	if dayOf(1970, 1, 1) != 0 {
		t.Error("1970-01-01 is not day 0")
	}
}

func BenchmarkParseDateTime(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ParseDateTime(TypeDateTime, "2026-11-03T09:11:09.25+07:00")
	}
}
