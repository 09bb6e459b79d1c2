package xsd

import (
	"strings"
	"testing"

	"mocban/graph"
	"mocban/vocab/xsd"
)

// What is read, and its canonical form; "" for what is no lexical form.
func TestCanonical(t *testing.T) {
	long := strings.Repeat("9", MaxDigits)
	for _, c := range []struct {
		t         Type
		in, canon string
	}{
		{TypeBoolean, "1", "true"}, {TypeBoolean, "0", "false"}, {TypeBoolean, "true", "true"},
		{TypeBoolean, "TRUE", ""}, {TypeBoolean, " true", ""}, {TypeBoolean, "", ""},

		{TypeInteger, "0", "0"}, {TypeInteger, "-0", "0"}, {TypeInteger, "+007", "7"},
		{TypeInteger, "9223372036854775808", "9223372036854775808"},
		{TypeInteger, "-9223372036854775808", "-9223372036854775808"},
		{TypeInteger, "000000000000000000000000000000042", "42"},
		{TypeInteger, "10000000000000000000000", "10000000000000000000000"},
		{TypeInteger, long, long}, {TypeInteger, long + "0", ""},
		{TypeInteger, "1.0", ""}, {TypeInteger, "", ""}, {TypeInteger, "-", ""}, {TypeInteger, "1e3", ""},
		{TypeInteger, "--1", ""}, {TypeInteger, "1 ", ""}, {TypeInteger, "1_000", ""}, {TypeInteger, "٣", ""},

		{TypeByte, "127", "127"}, {TypeByte, "128", ""}, {TypeByte, "-129", ""},
		{TypeUnsignedByte, "255", "255"}, {TypeUnsignedByte, "-1", ""}, {TypeUnsignedByte, "-0", "0"},
		{TypeShort, "-32768", "-32768"}, {TypeShort, "32768", ""}, {TypeUnsignedShort, "65536", ""},
		{TypeInt, "2147483648", ""}, {TypeUnsignedInt, "4294967295", "4294967295"},
		{TypeLong, "9223372036854775807", "9223372036854775807"}, {TypeLong, "9223372036854775808", ""},
		{TypeUnsignedLong, "18446744073709551615", "18446744073709551615"}, {TypeUnsignedLong, "18446744073709551616", ""},
		{TypePositiveInteger, "0", ""}, {TypeNonNegativeInteger, "0", "0"}, {TypeNegativeInteger, "0", ""}, {TypeNonPositiveInteger, "1", ""},

		{TypeDecimal, "1", "1.0"}, {TypeDecimal, "+1.", "1.0"}, {TypeDecimal, ".5", "0.5"}, {TypeDecimal, "-00.500", "-0.5"},
		{TypeDecimal, "-0.0", "0.0"}, {TypeDecimal, "100", "100.0"}, {TypeDecimal, "210.", "210.0"},
		{TypeDecimal, "123456789012345678.5", "123456789012345678.5"},
		{TypeDecimal, "0.00000000000000000000001", "0.00000000000000000000001"},
		{TypeDecimal, "-1234567890123456789012.25", "-1234567890123456789012.25"},
		{TypeDecimal, ".", ""}, {TypeDecimal, "1e0", ""}, {TypeDecimal, "NaN", ""}, {TypeDecimal, "1,5", ""}, {TypeDecimal, "+-1", ""},

		{TypeDouble, "1", "1.0E0"}, {TypeDouble, "-1.50e+02", "-1.5E2"}, {TypeDouble, ".5", "5.0E-1"}, {TypeDouble, "0", "0.0E0"},
		{TypeDouble, "-0", "-0.0E0"}, {TypeDouble, "+INF", "INF"}, {TypeDouble, "-INF", "-INF"}, {TypeDouble, "NaN", "NaN"},
		{TypeDouble, "1e400", "INF"}, {TypeDouble, "-1e400", "-INF"}, {TypeDouble, "1e-400", "0.0E0"}, {TypeDouble, "123456789", "1.23456789E8"},
		{TypeDouble, "inf", ""}, {TypeDouble, "Infinity", ""}, {TypeDouble, "0x1p3", ""}, {TypeDouble, "1_0", ""}, {TypeDouble, "1e", ""}, {TypeDouble, "e1", ""}, {TypeDouble, "-NaN", ""}, {TypeDouble, "", ""},
		{TypeFloat, "0.1", "1.0E-1"}, {TypeFloat, "16777217", "1.6777216E7"}, {TypeFloat, "1e39", "INF"},

		{TypeDateTime, "2026-11-03T09:11:09.250+07:00", "2026-11-03T09:11:09.25+07:00"},
		{TypeDateTime, "2002-10-10T12:00:00+00:00", "2002-10-10T12:00:00Z"}, {TypeDateTime, "2002-10-10T12:00:00-00:00", "2002-10-10T12:00:00Z"},
		{TypeDateTime, "1999-12-31T24:00:00", "2000-01-01T00:00:00"}, {TypeDateTime, "1999-12-31T24:00:00.000Z", "2000-01-01T00:00:00Z"},
		{TypeDateTime, "1999-12-31T24:00:01", ""}, {TypeDateTime, "1999-12-31T23:60:00", ""}, {TypeDateTime, "1999-12-31T23:59:60", ""},
		{TypeDateTime, "0000-01-01T00:00:00", "0000-01-01T00:00:00"}, {TypeDateTime, "-0044-03-15T00:00:00", "-0044-03-15T00:00:00"},
		{TypeDateTime, "12026-01-01T00:00:00Z", "12026-01-01T00:00:00Z"}, {TypeDateTime, "02026-01-01T00:00:00Z", ""}, {TypeDateTime, "202-01-01T00:00:00Z", ""},
		{TypeDateTime, "99999999999-12-31T23:59:59.999999999Z", "99999999999-12-31T23:59:59.999999999Z"}, {TypeDateTime, "99999999999-12-31T24:00:00", ""}, {TypeDateTime, "100000000000-01-01T00:00:00Z", ""},
		{TypeDateTime, "2000-02-29T00:00:00", "2000-02-29T00:00:00"}, {TypeDateTime, "1900-02-29T00:00:00", ""}, {TypeDateTime, "2026-02-29T00:00:00", ""}, {TypeDateTime, "2026-04-31T00:00:00", ""},
		{TypeDateTime, "2026-11-03T02:11:09.1234567890Z", "2026-11-03T02:11:09.123456789Z"}, {TypeDateTime, "2026-11-03T02:11:09.1234567891Z", ""},
		{TypeDateTime, "2026-11-03T02:11:09.Z", ""}, {TypeDateTime, "2026-11-03 02:11:09", ""}, {TypeDateTime, "2026-11-03T02:11", ""}, {TypeDateTime, "2026-11-03", ""}, {TypeDateTime, "2026-13-03T02:11:09", ""}, {TypeDateTime, "2026-00-03T02:11:09", ""},
		{TypeDateTime, "2026-11-03T02:11:09+14:00", "2026-11-03T02:11:09+14:00"}, {TypeDateTime, "2026-11-03T02:11:09+14:01", ""}, {TypeDateTime, "2026-11-03T02:11:09+7:00", ""}, {TypeDateTime, "2026-11-03T02:11:09z", ""}, {TypeDateTime, "2026-11-03T02:11:09+07:60", ""},
		{TypeDateTimeStamp, "2026-11-03T02:11:09Z", "2026-11-03T02:11:09Z"}, {TypeDateTimeStamp, "2026-11-03T02:11:09", ""},
		{TypeDate, "1765-01-03", "1765-01-03"}, {TypeDate, "1765-01-03-05:45", "1765-01-03-05:45"}, {TypeDate, "1765-1-3", ""}, {TypeDate, "30/02/2024", ""},
		{TypeTime, "13:20:00-05:00", "13:20:00-05:00"}, {TypeTime, "24:00:00", "00:00:00"}, {TypeTime, "13:20:30.5555", "13:20:30.5555"}, {TypeTime, "13:20", ""}, {TypeTime, "1:20:00", ""}, {TypeTime, "25:00:00", ""},
		{TypeGYear, "1820", "1820"}, {TypeGYear, "-0001Z", "-0001Z"}, {TypeGYear, "820", ""}, {TypeGYear, "1820-", ""},
		{TypeGYearMonth, "1820-09+07:00", "1820-09+07:00"}, {TypeGYearMonth, "1820-13", ""},
		{TypeGMonth, "--09", "--09"}, {TypeGMonth, "--9", ""}, {TypeGMonth, "--13", ""}, {TypeGMonth, "--09--", ""},
		{TypeGMonthDay, "--02-29", "--02-29"}, {TypeGMonthDay, "--02-30", ""}, {TypeGMonthDay, "--09-02Z", "--09-02Z"},
		{TypeGDay, "---31", "---31"}, {TypeGDay, "---32", ""}, {TypeGDay, "--31", ""},

		{TypeDuration, "P1Y2M3DT4H5M6.700S", "P1Y2M3DT4H5M6.7S"}, {TypeDuration, "P400D", "P400D"}, {TypeDuration, "P12M", "P1Y"}, {TypeDuration, "PT36H", "P1DT12H"},
		{TypeDuration, "-P0Y", "PT0S"}, {TypeDuration, "P1Y", "P1Y"}, {TypeDuration, "PT60M", "PT1H"}, {TypeDuration, "PT0.5S", "PT0.5S"}, {TypeDuration, "-P1M", "-P1M"},
		{TypeDuration, "P", ""}, {TypeDuration, "PT", ""}, {TypeDuration, "P1S", ""}, {TypeDuration, "P1YT", ""}, {TypeDuration, "1Y", ""}, {TypeDuration, "P-1Y", ""}, {TypeDuration, "P1M1Y", ""}, {TypeDuration, "PT.5S", ""}, {TypeDuration, "PT5.S", ""}, {TypeDuration, "P1.5D", ""}, {TypeDuration, "+P1D", ""}, {TypeDuration, "PT1S1M", ""}, {TypeDuration, "P99999999999999999999Y", ""}, {TypeDuration, "P1DT", ""}, {TypeDuration, "PTS", ""},
		{TypeYearMonthDuration, "P20M", "P1Y8M"}, {TypeYearMonthDuration, "P0Y", "P0M"}, {TypeYearMonthDuration, "P1Y1D", ""}, {TypeYearMonthDuration, "P1YT0S", ""},
		{TypeDayTimeDuration, "P3DT10H30M", "P3DT10H30M"}, {TypeDayTimeDuration, "PT86400S", "P1D"}, {TypeDayTimeDuration, "P0D", "PT0S"}, {TypeDayTimeDuration, "P1M", ""}, {TypeDayTimeDuration, "PT1M", "PT1M"},

		{TypeHexBinary, "0fb7", "0FB7"}, {TypeHexBinary, "", ""}, {TypeHexBinary, "0fb", ""}, {TypeHexBinary, "0g", ""},
		{TypeBase64Binary, "VHJ1eeG7h24=", "VHJ1eeG7h24="}, {TypeBase64Binary, "VHJ1 eeG7 h24 =", "VHJ1eeG7h24="}, {TypeBase64Binary, "VHJ1eeG7h25=", ""}, {TypeBase64Binary, "VHJ1\neeG7h24=", ""}, {TypeBase64Binary, "VHJ", ""},

		{TypeString, " any\tthing ", " any\tthing "}, {TypeNormalizedString, "a  b", "a  b"}, {TypeNormalizedString, "a\tb", ""},
		{TypeToken, "a b", "a b"}, {TypeToken, "a  b", ""}, {TypeToken, " a", ""},
		{TypeLanguage, "vi-VN", "vi-VN"}, {TypeLanguage, "x-klingon", "x-klingon"}, {TypeLanguage, "123", ""}, {TypeLanguage, "vietnamese", ""}, {TypeLanguage, "vi-", ""}, {TypeLanguage, "", ""},
		{TypeNMTOKEN, "1a", "1a"}, {TypeNMTOKEN, "", ""}, {TypeName, "bf:Work", "bf:Work"}, {TypeName, "1a", ""}, {TypeNCName, "truyện", "truyện"}, {TypeNCName, "bf:Work", ""}, {TypeNCName, "a\xff", ""},
		{TypeAnyURI, "http://a b", "http://a b"},
	} {
		want := c.canon != "" || c.in == "" && c.t == TypeHexBinary
		got, ok := Canonical(c.t, c.in)
		if got != c.canon || ok != want {
			t.Errorf("%v %.40q is %.40q, %v; want %.40q", c.t, c.in, got, ok, c.canon)
		}
	}
}

func TestTypeNames(t *testing.T) {
	for _, typ := range Types() {
		if typ.IRI() == "" || TypeOf(typ.IRI()) != typ {
			t.Errorf("%v is named %q, which is %v", typ, typ.IRI(), TypeOf(typ.IRI()))
		}
	}
	for _, iri := range []graph.IRI{"", xsd.NS, xsd.NS + "QName", xsd.NS + "integers", "http://www.w3.org/2001/XMLSchema-instance#integer"} {
		if typ := TypeOf(iri); typ != NoType {
			t.Errorf("%q is %v", iri, typ)
		}
	}
}

// A canonical form reads back as itself, for every type.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{"1", "-0.50", "1e400", "NaN", "1999-12-31T24:00:00", "-0044-03-15+07:00", "--02-29", "---31", "13:20:00Z", "P1Y2M3DT4H5M6.7S", "-PT0.5S", "0fb7", "VHJ1eeG7h24=", "vi-VN", "99999999999999999999999999.125"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, typ := range Types() {
			canon, ok := Canonical(typ, s)
			if !ok {
				continue
			}
			if again, ok := Canonical(typ, canon); !ok || again != canon {
				t.Fatalf("%v %q is %q, which is %q", typ, s, canon, again)
			}
		}
	})
}
