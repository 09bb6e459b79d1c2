package graph

import (
	"math"
	"slices"
	"strconv"
	"testing"
)

func TestInlineKeepsTheLexicalForm(t *testing.T) {
	inlined := []Term{
		Literal("0", xsdInteger), Literal("-1", xsdInteger), Literal("576460752303423487", xsdInteger),
		Literal("0.0", xsdDecimal), Literal("-0.5", xsdDecimal), Literal("105.8412345", xsdDecimal), Literal("57000000000.1", xsdDecimal),
		Literal("1.5E0", xsdDouble), Literal("-0.0E0", xsdDouble), Literal("NaN", xsdDouble), Literal("-INF", xsdDouble), Literal("2.5E-1", xsdDouble),
		Literal("true", xsdBoolean), Literal("false", xsdBoolean),
		Literal("2026-11-03T02:11:09Z", xsdDateTime), Literal("2026-11-03T02:11:09.25+07:00", xsdDateTime),
		Literal("0001-01-01T00:00:00+14:00", xsdDateTime), Literal("9999-12-31T23:59:59.999-14:00", xsdDateTime), Literal("1945-09-02T14:00:00", xsdDateTime),
		Literal("2024-02-29", xsdDate), Literal("1765-01-03-05:45", xsdDate), Literal("2000-01-01Z", xsdDate),
		Literal("1820", xsdGYear), Literal("0938", xsdGYear), Literal("1820+07:00", xsdGYear),
	}
	for _, term := range inlined {
		id, ok := Inline(term)
		if !ok {
			t.Errorf("%v is not inlined", term)
			continue
		}
		if back, ok := id.Term(); !ok || back != term {
			t.Errorf("%v comes back as %v", term, back)
		}
		if id.Kind() != KindLiteral || !id.Inlined() {
			t.Errorf("%v: kind %v, inlined %v", term, id.Kind(), id.Inlined())
		}
	}
	kept := []Term{
		Literal("01", xsdInteger), Literal("+1", xsdInteger), Literal("-0", xsdInteger), Literal("", xsdInteger), Literal("576460752303423488", xsdInteger), Literal("9223372036854775808", xsdInteger),
		Literal("1", xsdDecimal), Literal("1.50", xsdDecimal), Literal(".5", xsdDecimal), Literal("-0.0", xsdDecimal), Literal("0.12345678", xsdDecimal), Literal("57646075230.4", xsdDecimal),
		Literal("1", xsdDouble), Literal("1.0e0", xsdDouble), Literal("+INF", xsdDouble), Literal("Inf", xsdDouble), Literal("1.1E0", xsdDouble), Literal("1.0E+1", xsdDouble), Literal("1.0E400", xsdDouble),
		Literal("1", xsdBoolean), Literal("TRUE", xsdBoolean),
		Literal("2026-11-03T02:11:09+00:00", xsdDateTime), Literal("2026-11-03T24:00:00Z", xsdDateTime), Literal("2026-11-03T02:11:09.0Z", xsdDateTime), Literal("2026-11-03T02:11:60Z", xsdDateTime),
		Literal("2026-02-29", xsdDate), Literal("30/02/2024", xsdDate), Literal("-0044-03-15", xsdDate), Literal("0000-01-01", xsdDate),
		Literal("1820+07:10", xsdGYear), Literal("12345", xsdGYear), Literal("0000", xsdGYear),
		String("1"), Text("1", "vi"), Literal("1", xsdNS+"int"), IRI(xsdInteger).Term(), Blank("1"),
	}
	for _, term := range kept {
		if id, ok := Inline(term); ok {
			t.Errorf("%v is inlined as %x", term, uint64(id))
		}
	}
}

// IDs of one class order as their values do.
func TestInlineOrder(t *testing.T) {
	for dt, sorted := range map[IRI][]string{
		xsdInteger:  {"-576460752303423487", "-10", "-9", "0", "2", "10"},
		xsdDecimal:  {"-10.5", "-10.25", "0.0", "0.0000001", "2.0", "10.0"},
		xsdDouble:   {"-INF", "-1.5E10", "-2.5E-1", "-0.0E0", "0.0E0", "2.5E-1", "1.5E10", "INF", "NaN"},
		xsdBoolean:  {"false", "true"},
		xsdDateTime: {"0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z", "2026-11-03T09:00:00+07:00", "2026-11-03T02:00:00.001Z"},
		xsdDate:     {"1765-01-03", "2026-11-03+07:00", "2026-11-03"},
		xsdGYear:    {"0938", "1820", "2026"},
	} {
		ids := make([]ID, len(sorted))
		for i, s := range sorted {
			id, ok := Inline(Literal(s, dt))
			if !ok {
				t.Fatalf("%s %q is not inlined", dt, s)
			}
			ids[i] = id
		}
		if !slices.IsSorted(ids) {
			t.Errorf("%s: %v order as %x", dt, sorted, ids)
		}
	}
}

// The IDs of values are those of their canonical forms.
func TestValueIDs(t *testing.T) {
	check := func(lexical string, dt IRI, id ID, ok bool) {
		t.Helper()
		want, wantOK := Inline(Literal(lexical, dt))
		if id != want || ok != wantOK {
			t.Errorf("%q^^%s: ID %x %v, want %x %v", lexical, dt, uint64(id), ok, uint64(want), wantOK)
		}
	}
	for _, v := range []int64{0, 1, -1, 1<<59 - 1, 1 << 59, -1<<59 + 1, -1 << 59} {
		id, ok := IntegerID(v)
		check(strconv.FormatInt(v, 10), xsdInteger, id, ok)
		id, ok = DecimalID(v)
		check(formatDecimal(v), xsdDecimal, id, ok)
	}
	for _, f := range []float64{0, math.Copysign(0, -1), 1.5, -1.5, 0.1, math.Inf(1), math.Inf(-1), math.NaN(), 1e300} {
		id, ok := DoubleID(f)
		check(formatDouble(f), xsdDouble, id, ok)
	}
	check("true", xsdBoolean, BooleanID(true), true)
	check("false", xsdBoolean, BooleanID(false), true)
	for _, zone := range []struct {
		text    string
		minutes int
		has     bool
	}{{"", 0, false}, {"Z", 0, true}, {"+07:00", 420, true}, {"-05:45", -345, true}, {"+07:01", 421, true}, {"+14:15", 855, true}} {
		id, ok := DateTimeID(250-int64(zone.minutes)*60_000, zone.minutes, zone.has)
		check("1970-01-01T00:00:00.25"+zone.text, xsdDateTime, id, ok)
		id, ok = DateID(int64(-zone.minutes), zone.minutes, zone.has)
		check("1970-01-01"+zone.text, xsdDate, id, ok)
		id, ok = YearID(1820, zone.minutes, zone.has)
		check("1820"+zone.text, xsdGYear, id, ok)
	}
	for day, text := range map[int64]string{
		dayOf(1, 1, 1): "0001-01-01", dayOf(1, 1, 1) - 1: "0000-12-31",
		dayOf(9999, 12, 31): "9999-12-31", dayOf(9999, 12, 31) + 1: "10000-01-01",
	} {
		id, ok := DateID(day*minutesInDay, 0, false)
		check(text, xsdDate, id, ok)
		id, ok = DateTimeID(day*msPerDay, 0, false)
		check(text+"T00:00:00", xsdDateTime, id, ok)
	}
	if _, ok := DateID(1, 0, false); ok {
		t.Error("a date that begins a minute after midnight has an ID")
	}
	for _, year := range []int{0, -1, 10000} {
		if _, ok := YearID(year, 0, false); ok {
			t.Errorf("year %d has an ID", year)
		}
	}
}

func TestCalendar(t *testing.T) {
	day := dayOf(1, 1, 1)
	for y := 1; y <= 2400; y++ {
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
	if dayOf(1970, 1, 1) != 0 {
		t.Error("1970-01-01 is not day 0")
	}
}

func FuzzInline(f *testing.F) {
	for _, s := range []string{"1", "-0.5", "1.5E0", "2026-11-03T02:11:09.25+07:00", "1820", "true"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, dt := range []IRI{xsdInteger, xsdDecimal, xsdDouble, xsdBoolean, xsdDateTime, xsdDate, xsdGYear} {
			term := Literal(s, dt)
			id, ok := Inline(term)
			if !ok {
				continue
			}
			if back, ok := id.Term(); !ok || back != term {
				t.Fatalf("%v comes back as %v", term, back)
			}
		}
	})
}

func BenchmarkInlineInteger(b *testing.B) {
	term := Literal("2015", xsdInteger)
	for b.Loop() {
		Inline(term)
	}
}
