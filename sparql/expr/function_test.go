package expr

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/sparql/expr/xsd"
)

// environment is that of a query of which everything is known.
func environment() *Env {
	base, _ := url.Parse("http://example.org/base/")
	now, _ := xsd.ParseDateTime(xsd.TypeDateTime, "2026-11-03T09:11:09.25+07:00")
	return &Env{
		Now:    now,
		Rand:   rand.New(rand.NewPCG(1, 2)),
		Blanks: &Blanks{Prefix: "q7"},
		Resolve: func(ref string) (graph.IRI, error) {
			u, err := base.Parse(ref)
			if err != nil {
				return "", err
			}
			return graph.IRI(u.String()), nil
		},
	}
}

// call calls a function by keyword, or a cast by the name of its type.
func call(t testing.TB, env *Env, name string, args ...Value) Value {
	t.Helper()
	f, ok := Builtin(name)
	if cast, isCast := strings.CutPrefix(name, "xsd:"); isCast {
		f, ok = Named("http://www.w3.org/2001/XMLSchema#" + graph.IRI(cast))
	}
	if !ok || !f.Takes(len(args)) {
		t.Fatalf("%s cannot be called with %d arguments", name, len(args))
	}
	return f.Call(env, args...)
}

// Lines are "result = NAME argument ...": the examples of SPARQL 1.1, 17.4, and of SPARQL 1.2,
// what the W3C's tests of functions expect, and traps. A space within an argument is a dot.
func TestFunctions(t *testing.T) {
	for line := range strings.Lines(functionExamples) {
		line, _, _ = strings.Cut(line, "#-")
		want, expression, ok := strings.Cut(strings.TrimSpace(line), " = ")
		if !ok {
			continue
		}
		fields := strings.Fields(expression)
		args := make([]Value, 0, len(fields))
		for _, f := range fields[1:] {
			args = append(args, val(strings.ReplaceAll(f, "·", " ")))
		}
		want = strings.ReplaceAll(want, "·", " ")
		if got := show(call(t, environment(), fields[0], args...)); got != want {
			t.Errorf("%s is %s, want %s", expression, got, want)
		}
	}
}

const functionExamples = `
	#- 17.4.2
	true = isIRI <mailto:alice@work.example>
	false = isURI "mailto:alice@work.example"
	true = isBLANK _:a
	true = isLITERAL "a"@en
	false = isLITERAL <<(·<http://s>·<http://p>·1·)>>
	true = isNUMERIC 12
	false = isNUMERIC "12"
	true = isNUMERIC "12"^^xsd:nonNegativeInteger
	false = isNUMERIC "1200"^^xsd:byte
	false = isNUMERIC <http://example/>
	true = isNUMERIC 1e0
	error = isIRI error
	unbound = isLITERAL unbound
	"mailto:alice@work.example" = STR <mailto:alice@work.example>
	"01" = STR 01
	"chat" = STR "chat"@fr
	"x" = STR "x"^^<http://t>
	error = STR _:a
	error = STR <<(·<http://s>·<http://p>·1·)>>
	"es" = LANG "Roberto"@es
	"en-US" = LANG "a"@en-US
	"" = LANG "a"
	"" = LANG 1
	"en" = LANG "abc"@en--ltr
	error = LANG <http://example/>
	<http://www.w3.org/1999/02/22-rdf-syntax-ns#langString> = DATATYPE "x"@vi
	<http://www.w3.org/1999/02/22-rdf-syntax-ns#dirLangString> = DATATYPE "x"@ar--rtl
	<http://www.w3.org/2001/XMLSchema#string> = DATATYPE "x"
	<http://www.w3.org/2001/XMLSchema#byte> = DATATYPE "1"^^xsd:byte
	<http://www.w3.org/2001/XMLSchema#byte> = DATATYPE "999"^^xsd:byte
	<http://t> = DATATYPE "x"^^<http://t>
	error = DATATYPE <http://example/>
	<http://example/> = IRI "http://example/"
	<http://example/> = IRI <http://example/>
	<http://example.org/base/uri> = URI "uri"
	<http://example.org/base/> = IRI ""
	error = IRI "a"@en
	error = IRI 1
	"123"^^<http://t> = STRDT "123" <http://t>
	123 = STRDT "123" <http://www.w3.org/2001/XMLSchema#integer>
	"bar" = STRDT "bar" <http://www.w3.org/2001/XMLSchema#string>
	error = STRDT "bar"@en <http://t>
	error = STRDT 1 <http://t>
	error = STRDT "a" "http://t"
	error = STRDT "a" <http://www.w3.org/1999/02/22-rdf-syntax-ns#langString>
	"chat"@fr = STRLANG "chat" "fr"
	"x"@vi = STRLANG "x" "vi"
	error = STRLANG "abc" ""
	error = STRLANG "abc" "v·i"
	error = STRLANG "abc" "vi-"
	error = STRLANG 123 "en"
	error = STRLANG "bar"@en "en"
	error = STRLANG <http://example/x> "en"
	"abc"@en--ltr = STRLANGDIR "abc" "en" "ltr"
	"قطة"@ar--rtl = STRLANGDIR "قطة" "ar" "rtl"
	error = STRLANGDIR "abc" "en" "LTR"
	error = STRLANGDIR "abc" "en" ""
	error = STRLANGDIR "abc" "" "ltr"
	error = STRLANGDIR 123 "en" "ltr"
	"ltr" = LANGDIR "abc"@en--ltr
	"" = LANGDIR "abc"@en
	"" = LANGDIR 1
	error = LANGDIR <http://example/>
	true = hasLANG "abc"@en
	true = hasLANG "abc"@ar--rtl
	false = hasLANG 1
	false = hasLANG <http://example/>
	false = hasLANGDIR "abc"@en
	true = hasLANGDIR "abc"@ar--rtl
	true = sameTerm "abc" "abc"
	false = sameTerm 2 2.0
	false = sameTerm 1 01
	false = sameTerm "abc"@en "abc"

	#- 17.4.3
	4 = STRLEN "chat"
	4 = STRLEN "chat"@en
	4 = STRLEN "Kiều"
	5 = STRLEN "Kiều𝄞"
	7 = STRLEN "👨‍👩‍👧‍👦"
	error = STRLEN 1234
	error = STRLEN "x"^^<http://t>
	"bar" = SUBSTR "foobar" 4
	"bar"@en = SUBSTR "foobar"@en 4
	"b" = SUBSTR "foobar" 4 1
	"食" = SUBSTR "食べ物" 1 1
	"べ物" = SUBSTR "食べ物" 2
	"ề" = SUBSTR "Kiều" 3 1
	"12" = SUBSTR "12345" 0 3
	"" = SUBSTR "12345" 5 -3
	"1" = SUBSTR "12345" -3 5
	"" = SUBSTR "12345" 9
	"" = SUBSTR "" 1
	"234" = SUBSTR "12345" 1.5 2.6
	"" = SUBSTR "12345" "NaN"^^xsd:double 3
	"" = SUBSTR "12345" 1 "NaN"^^xsd:double
	"12345" = SUBSTR "12345" -42 "INF"^^xsd:double
	"" = SUBSTR "12345" "-INF"^^xsd:double "INF"^^xsd:double
	"2345" = SUBSTR "12345" 2 99999999999999999999
	error = SUBSTR "12345" "2"
	"FOO" = UCASE "foo"
	"ĐẸP"@vi = UCASE "đẹp"@vi
	"STRASSE" = UCASE "straße"
	"bar" = LCASE "BAR"
	"truyện·kiều" = LCASE "TRUYỆN·KIỀU"
	"ὀδυσσεύς" = LCASE "ὈΔΥΣΣΕΎΣ"
	"i̇" = LCASE "İ"
	"食べ物" = UCASE "食べ物"
	error = UCASE 1
	true = STRSTARTS "foobar" "foo"
	true = STRSTARTS "foobar"@en "foo"@en
	true = STRSTARTS "foobar"@en "foo"
	error = STRSTARTS "foobar" "foo"@en
	error = STRSTARTS "abc"@fr "b"@ja
	error = STRSTARTS "abc"@en--ltr "b"@en
	false = STRSTARTS "abc"@en--ltr "z"
	true = STRSTARTS "abc"@EN "a"@en
	true = STRENDS "foobar"@en "bar"
	true = STRENDS "foobar"@en "bar"@en
	false = STRENDS "foobar" "foo"
	true = CONTAINS "foobar" "bar"
	true = CONTAINS "foobar"@en "foo"@en
	error = CONTAINS "foobar" "bar"@en
	error = CONTAINS 123 "2"
	"a" = STRBEFORE "abc" "b"
	"a"@en = STRBEFORE "abc"@en "bc"
	error = STRBEFORE "abc"@en "b"@cy
	"" = STRBEFORE "abc" ""
	"" = STRBEFORE "abc" "xyz"
	"" = STRBEFORE "abc"@en "z"@en
	""@en = STRBEFORE "abc"@en ""@en
	""@en = STRBEFORE "abc"@en ""
	"c" = STRAFTER "abc" "b"
	"c"@en = STRAFTER "abc"@en "ab"
	error = STRAFTER "abc"@en "b"@cy
	"abc" = STRAFTER "abc" ""
	"" = STRAFTER "abc"@en "z"
	"abc"@en = STRAFTER "abc"@en ""
	"foobar" = CONCAT "foo" "bar"
	"foobar"@en = CONCAT "foo"@en "bar"@en
	"foobar" = CONCAT "foo"@en "bar"
	"foobar" = CONCAT "foo"@en "bar"@es
	"ab"@en--ltr = CONCAT "a"@en--ltr "b"@en--ltr
	"ab" = CONCAT "a"@en--ltr "b"@en--rtl
	"ab" = CONCAT "a"@en--ltr "b"@en
	"abc" = CONCAT "a"@en "b" "c"@en
	"" = CONCAT
	"abc"@en = CONCAT "abc"@en
	error = CONCAT "a" 1
	error = CONCAT 1
	true = LANGMATCHES "fr-BE" "FR"
	true = LANGMATCHES "vi-VN" "VI"
	true = LANGMATCHES "vi" "*"
	false = LANGMATCHES "" "*"
	false = LANGMATCHES "vi" ""
	false = LANGMATCHES "vie" "vi"
	false = LANGMATCHES "vi" "vi-VN"
	true = LANGMATCHES "de-Latn-DE" "de-latn"
	false = LANGMATCHES "de-Latn-DE" "de-DE"
	error = LANGMATCHES "vi"@en "vi"
	true = REGEX "Alice" "^ali" "i"
	false = REGEX "Bob" "^ali" "i"
	true = REGEX "Alice"@en "^Al"
	true = REGEX "TRUYỆN" "truyện" "i"
	error = REGEX <http://example.com/uri> "example"
	error = REGEX "a" "(" 
	error = REGEX "a" "a" "g"
	error = REGEX "a" "a"@en
	error = REGEX 1 "1"
	"aZcd" = REPLACE "abcd" "b" "Z"
	"aZaZ" = REPLACE "abab" "B" "Z" "i"
	"aZb" = REPLACE "abab" "B." "Z" "i"
	"-nglish"@en = REPLACE "English"@en "[^a-z0-9]" "-"
	"---"@ja = REPLACE "日本語"@ja "[^a-z0-9]" "-"
	"b*na" = REPLACE "banana" "ana" "*"
	"[1=ab][2=]cd" = REPLACE "abcd" "(ab)|(a)" "[1=$1][2=$2]"
	"~/~/bB~/C" = REPLACE "aAbBaC" "a" "~/" "i"
	error = REPLACE "abc" "b*" "x"
	error = REPLACE "abc" "b" "$"
	error = REPLACE 7 "7" "x"
	error = REPLACE "abc" "b" "x"@en
	"Los%20Angeles" = ENCODE_FOR_URI "Los·Angeles"
	"Los%20Angeles" = ENCODE_FOR_URI "Los·Angeles"@en
	"Truy%E1%BB%87n%20Ki%E1%BB%81u%2F~a" = ENCODE_FOR_URI "Truyện·Kiều/~a"
	"100%25" = ENCODE_FOR_URI "100%"
	"%F0%9F%91%AA" = ENCODE_FOR_URI "👪"
	"%21%27%28%29%2A-.~" = ENCODE_FOR_URI "!'()*-.~"
	error = ENCODE_FOR_URI 1

	#- 17.4.4
	1 = ABS 1
	1.5 = ABS -1.5
	2 = ABS "-2"^^xsd:byte
	0.0E0 = ABS -0e0
	9223372036854775808 = ABS -9223372036854775808
	"2"^^xsd:decimal = ROUND 2.4999
	"3"^^xsd:decimal = ROUND 2.5
	"-2"^^xsd:decimal = ROUND -2.5
	3.0E0 = ROUND 2.5e0
	-2.0E0 = ROUND -2.5e0
	-0.0E0 = ROUND -0.4e0
	0.0E0 = ROUND 0.49999999999999994e0
	"NaN"^^xsd:double = ROUND "NaN"^^xsd:double
	"-INF"^^xsd:float = ROUND "-INF"^^xsd:float
	7 = ROUND 7
	"11"^^xsd:decimal = CEIL 10.5
	"-10"^^xsd:decimal = CEIL -10.5
	-0.0E0 = CEIL -0.5e0
	"10"^^xsd:decimal = FLOOR 10.5
	"-11"^^xsd:decimal = FLOOR -10.5
	"99999999999999999999"^^xsd:decimal = FLOOR 99999999999999999999.5
	error = ABS "1"
	error = CEIL true

	#- 17.4.5
	"2026-11-03T09:11:09.25+07:00"^^xsd:dateTime = NOW
	2011 = YEAR "2011-01-10T14:45:13.815-05:00"^^xsd:dateTime
	1 = MONTH "2011-01-10T14:45:13.815-05:00"^^xsd:dateTime
	10 = DAY "2011-01-10T14:45:13.815-05:00"^^xsd:dateTime
	14 = HOURS "2011-01-10T14:45:13.815-05:00"^^xsd:dateTime
	45 = MINUTES "2011-01-10T14:45:13.815-05:00"^^xsd:dateTime
	13.815 = SECONDS "2011-01-10T14:45:13.815-05:00"^^xsd:dateTime
	"3"^^xsd:decimal = SECONDS "2011-02-01T01:02:03"^^xsd:dateTime
	0 = HOURS "2011-02-01T24:00:00"^^xsd:dateTime
	2 = DAY "2011-02-01T24:00:00"^^xsd:dateTime
	-44 = YEAR "-0044-03-15T00:00:00Z"^^xsd:dateTime
	1820 = YEAR "1820"^^xsd:gYear
	1820 = YEAR "1820-01-03+07:00"^^xsd:date
	2 = MONTH "--02-29"^^xsd:gMonthDay
	31 = DAY "---31"^^xsd:gDay
	13 = HOURS "13:20:00"^^xsd:time
	error = MONTH "1820"^^xsd:gYear
	error = HOURS "1820-01-03"^^xsd:date
	error = YEAR "2011-01-10"
	error = YEAR "2011-02-30"^^xsd:date
	"-PT5H"^^xsd:dayTimeDuration = TIMEZONE "2011-01-10T14:45:13.815-05:00"^^xsd:dateTime
	"PT7H"^^xsd:dayTimeDuration = TIMEZONE "2011-01-10T14:45:13.815+07:00"^^xsd:dateTime
	"PT0S"^^xsd:dayTimeDuration = TIMEZONE "2011-01-10T14:45:13.815Z"^^xsd:dateTime
	error = TIMEZONE "2011-01-10T14:45:13.815"^^xsd:dateTime
	"-05:00" = TZ "2011-01-10T14:45:13.815-05:00"^^xsd:dateTime
	"Z" = TZ "2011-01-10T14:45:13.815Z"^^xsd:dateTime
	"" = TZ "2011-01-10T14:45:13.815"^^xsd:dateTime
	error = TZ 1

	#- 17.4.6
	"900150983cd24fb0d6963f7d28e17f72" = MD5 "abc"
	"a9993e364706816aba3e25717850c26c9cd0d89d" = SHA1 "abc"
	"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" = SHA256 "abc"
	"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7" = SHA384 "abc"
	"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" = SHA512 "abc"
	"e7ada485d13b1decf628c9211bc3a97b" = MD5 "食べ物"
	error = SHA1 "abc"@en
	error = SHA1 1

	#- SPARQL 1.2, 17.4.6
	true = isTRIPLE <<(·<http://s>·<http://p>·1·)>>
	false = isTRIPLE <http://s>
	<http://s> = SUBJECT <<(·<http://s>·<http://p>·1·)>>
	<http://p> = PREDICATE <<(·<http://s>·<http://p>·1·)>>
	1 = OBJECT <<(·<http://s>·<http://p>·1·)>>
	error = SUBJECT <http://s>
	error = OBJECT "a"
	<<(·<http://s>·<http://p>·"c"@nl--ltr·)>> = TRIPLE <http://s> <http://p> "c"@nl--ltr
	error = TRIPLE "a" <http://p> <http://o>
	error = TRIPLE <http://s> "b" <http://o>
	error = TRIPLE <http://s> _:b <http://o>
	unbound = TRIPLE <http://s> <http://p> unbound
`

// XPath F&O 3.1, 19; the W3C's tests of casts.
func TestCasts(t *testing.T) {
	for line := range strings.Lines(castExamples) {
		want, expression, ok := strings.Cut(strings.TrimSpace(line), " = ")
		if !ok {
			continue
		}
		typ, arg, _ := strings.Cut(expression, " ")
		if got := show(call(t, environment(), "xsd:"+typ, val(arg))); got != want {
			t.Errorf("%s is %s, want %s", expression, got, want)
		}
	}
}

const castExamples = `
	"http://example.org/z" = string <http://example.org/z>
	"1" = string 1.0
	"-1" = string "-01"^^xsd:byte
	"2.5" = string 2.50
	"0" = string 0E1
	"1" = string 1E0
	"1.25" = string "1.25"^^xsd:float
	"1.0E6" = string 1000000e0
	"false" = string "0"^^xsd:boolean
	"2000-01-01T00:00:00Z" = string "1999-12-31T24:00:00+00:00"^^xsd:dateTime
	"P1Y" = string "P12M"^^xsd:duration
	"0FB7" = string "0fb7"^^xsd:hexBinary
	"x" = string "x"@en
	"x" = string "x"^^<http://t>
	"http://a" = string "http://a"^^xsd:anyURI
	error = string _:a
	unbound = string unbound

	true = boolean "true"
	true = boolean " 1 "
	false = boolean "0"
	error = boolean "0.0"
	error = boolean "TRUE"
	error = boolean "yes"
	error = boolean "true"@en
	false = boolean 0
	true = boolean -1
	false = boolean 0.0
	true = boolean 2.5
	false = boolean "NaN"^^xsd:double
	true = boolean "1"^^xsd:boolean
	error = boolean <http://a>
	error = boolean "2020-01-01"^^xsd:date

	3 = integer 3.9
	-3 = integer -3.9e0
	error = integer "3.9"
	13 = integer "13"
	7 = integer " +007 "
	1 = integer true
	0 = integer 0E1
	-7 = integer "-7.875"^^xsd:float
	100000000000000000000 = integer 1e20
	error = integer "INF"^^xsd:double
	error = integer "NaN"^^xsd:double
	error = integer "1E0"
	error = integer <http://a>
	error = integer "x"^^xsd:integer
	error = integer "1"^^<http://t>
	"127"^^xsd:byte = byte 127.9
	error = byte 128
	error = byte "1200"
	"0"^^xsd:unsignedByte = unsignedByte "-0"
	error = positiveInteger 0
	"1"^^xsd:long = long "1"^^xsd:byte

	33.33 = decimal "+33.3300"
	0.0 = decimal "0"
	1.0 = decimal 1
	-7.875 = decimal "-7.875"^^xsd:float
	0.1000000000000000055511151231257827021181583404541015625 = decimal 0.1e0
	error = decimal "1E0"
	error = decimal "INF"^^xsd:double
	1.0 = decimal true

	1.5E0 = double "1.5"
	-1.02E4 = double "-10.2E3"
	1.0E0 = double true
	1.0E-1 = double 0.1
	1.0E20 = double 100000000000000000000
	"INF"^^xsd:double = double "+INF"
	error = double "x"
	error = double "2002-10-10T17:00:00Z"
	"1.6777216E7"^^xsd:float = float 16777217
	"1.0E-1"^^xsd:float = float 0.1e0
	"1.0E0"^^xsd:float = float true
	"INF"^^xsd:float = float 1e300

	"2002-10-10T17:00:00Z"^^xsd:dateTime = dateTime "2002-10-10T17:00:00Z"
	"2002-10-10T00:00:00+07:00"^^xsd:dateTime = dateTime "2002-10-10+07:00"^^xsd:date
	error = dateTime "2002-10-10"
	error = dateTime 1
	error = dateTime "1820"^^xsd:gYear
	"2002-10-10+07:00"^^xsd:date = date "2002-10-10T17:00:00+07:00"^^xsd:dateTime
	"2002-10-10"^^xsd:date = date " 2002-10-10 "
	error = date "2002-02-30"
	"17:00:00"^^xsd:time = time "2002-10-10T17:00:00"^^xsd:dateTime
	error = time "2002-10-10"^^xsd:date
	"2002"^^xsd:gYear = gYear "2002-10-10"^^xsd:date
	"2002-10"^^xsd:gYearMonth = gYearMonth "2002-10-10T17:00:00"^^xsd:dateTime
	"--10-10"^^xsd:gMonthDay = gMonthDay "2002-10-10"^^xsd:date
	"--10"^^xsd:gMonth = gMonth "2002-10-10"^^xsd:date
	"---10"^^xsd:gDay = gDay "2002-10-10"^^xsd:date
	"1820"^^xsd:gYear = gYear "1820"
	error = gMonth "1820"^^xsd:gYear
	"2002-10-10T17:00:00Z"^^xsd:dateTimeStamp = dateTimeStamp "2002-10-10T17:00:00Z"^^xsd:dateTime
	error = dateTimeStamp "2002-10-10T17:00:00"^^xsd:dateTime

	"P1Y2M"^^xsd:yearMonthDuration = yearMonthDuration "P14M3DT4H"^^xsd:duration
	"P3DT4H"^^xsd:dayTimeDuration = dayTimeDuration "P14M3DT4H"^^xsd:duration
	"P1Y2M"^^xsd:duration = duration "P14M"^^xsd:yearMonthDuration
	"P0M"^^xsd:yearMonthDuration = yearMonthDuration "P3D"^^xsd:dayTimeDuration
	"P1DT12H"^^xsd:duration = duration "PT36H"
	error = dayTimeDuration "P1Y"
	error = duration 1

	"D7c="^^xsd:base64Binary = base64Binary "0fb7"^^xsd:hexBinary
	"0FB7"^^xsd:hexBinary = hexBinary "0fb7"
	error = hexBinary "xyz"
	error = hexBinary 1
	"http://a"^^xsd:anyURI = anyURI <http://a>
	"http://a"^^xsd:anyURI = anyURI "http://a"
	"a b"^^xsd:token = token "  a   b "
	"vi"^^xsd:language = language "vi"
	error = language "tiếng Việt"
	error = NCName "a:b"
`

// Composed and decomposed characters are different text.
func TestNothingIsNormalised(t *testing.T) {
	env, composed, decomposed := environment(), String("Ki\u1ec1u"), String("Kie\u0302\u0300u")
	if a, b := call(t, env, "STRLEN", composed), call(t, env, "STRLEN", decomposed); show(a) != "4" || show(b) != "6" {
		t.Errorf("lengths are %v and %v", a, b)
	}
	if Equal(composed, decomposed) != False || show(call(t, env, "CONTAINS", decomposed, String("\u1ec1"))) != "false" || show(call(t, env, "REGEX", decomposed, composed)) != "false" {
		t.Error("they are taken to be the same")
	}
}

// Without a base only what is an IRI already becomes one.
func TestIRIWithoutBase(t *testing.T) {
	for text, want := range map[string]string{
		"urn:isbn:9786041": "<urn:isbn:9786041>", "http://example.org/Truyện": "<http://example.org/Truyện>",
		"": "error", "uri": "error", "//a/b": "error", ":a": "error", "1a:b": "error", "http://a b": "error", "http://a<b": "error", "http://a\n": "error", "a/b:c": "error",
	} {
		if got := show(call(t, &Env{}, "IRI", String(text))); got != want {
			t.Errorf("IRI %q is %s, want %s", text, got, want)
		}
	}
	env := environment()
	env.Resolve = func(ref string) (graph.IRI, error) { return "", errors.New("no") }
	if v := call(t, env, "IRI", String("http://a")); v.Code() != InvalidArgument {
		t.Errorf("what is not resolved is %v", v)
	}
}

func TestBlankNodes(t *testing.T) {
	env := environment()
	node := func(args ...Value) string { return call(t, env, "BNODE", args...).Lexical() }
	k, a := node(String("k")), node()
	if node(String("k")) != k || node(String("l")) == k || node() == a {
		t.Error("in one solution a name is one node, and no name a new one each time")
	}
	env.Solution++
	if node(String("k")) == k {
		t.Error("in another solution a name is another node")
	}
	for _, label := range []string{k, a, node(String("Truyện Kiều _:"))} {
		if !strings.HasPrefix(label, "q7") || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			t.Errorf("%q is no label", label)
		}
	}
	if v := call(t, env, "BNODE", val(`"k"@en`)); !v.IsError() {
		t.Error("text in a language names a node")
	}
	if v := call(t, &Env{}, "BNODE"); !v.IsError() {
		t.Error("there are nodes without labels")
	}
}

func TestChance(t *testing.T) {
	env := environment()
	u, v := call(t, env, "UUID"), call(t, env, "UUID")
	if u.Kind() != KindIRI || u == v || !strings.HasPrefix(u.Lexical(), "urn:uuid:") {
		t.Errorf("UUIDs are %v and %v", u, v)
	}
	s := call(t, env, "STRUUID")
	if got := call(t, env, "REGEX", s, String("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")); got.EBV() != True {
		t.Errorf("STRUUID is %v", s)
	}
	r := call(t, env, "RAND")
	if f, _ := r.Float(); r.Kind() != KindDouble || f < 0 || f >= 1 || r == call(t, env, "RAND") {
		t.Errorf("RAND is %v", r)
	}
	for _, name := range []string{"RAND", "UUID", "STRUUID"} {
		if f, _ := Builtin(name); !f.Volatile || !call(t, &Env{}, name).IsError() {
			t.Errorf("%s is constant, or there without a source", name)
		}
	}
	if f, _ := Builtin("now"); f.Volatile || !f.Now {
		t.Error("NOW is not constant for a query")
	}
}

func TestForms(t *testing.T) {
	never := func() Value { t.Error("a branch is asked for that does not count"); return Value{} }
	yes := func() Value { return String("yes") }
	if got := If(True, yes, never); got != String("yes") {
		t.Errorf("IF(true) is %v", got)
	}
	if got := If(False, never, yes); got != String("yes") {
		t.Errorf("IF(false) is %v", got)
	}
	if got := If(Failed(DivisionByZero), never, never); got.Code() != DivisionByZero {
		t.Errorf("IF(1/0) is %v", got)
	}
	for _, c := range []struct {
		args []string
		want string
	}{{[]string{"2", "error"}, "2"}, {[]string{"error", "2"}, "2"}, {[]string{"unbound", "3"}, "3"}, {[]string{"unbound"}, "unbound"}, {[]string{"unbound", "error"}, "error"}, {nil, "error"}} {
		asked := 0
		got := Coalesce(len(c.args), func(i int) Value { asked++; return val(c.args[i]) })
		if show(got) != c.want || got.Kind() != KindError && asked != 1 && c.args[asked-1] != c.want {
			t.Errorf("COALESCE %v is %v after %d", c.args, got, asked)
		}
	}
}

func TestTableOfFunctions(t *testing.T) {
	for i := 1; i < len(library); i++ {
		if library[i-1].Name >= library[i].Name {
			t.Errorf("%s stands behind %s", library[i].Name, library[i-1].Name)
		}
	}
	for _, f := range Functions() {
		if f.Min > f.Max && f.Max >= 0 || f.Takes(f.Min-1) || !f.Takes(f.Min) || f.Max >= 0 && f.Takes(f.Max+1) {
			t.Errorf("%s takes %d to %d arguments", f.Name, f.Min, f.Max)
		}
	}
	if f, ok := Builtin("strLen"); !ok || f.Name != "STRLEN" {
		t.Error("keywords are not found in any case")
	}
	if _, ok := Builtin("NOSUCH"); ok {
		t.Error("a function is found that is not there")
	}
	if _, ok := Named("http://www.w3.org/2001/XMLSchema#QName"); ok {
		t.Error("a cast is found that is not there")
	}
}

// No function panics, whatever it is given, and an error as argument is the result.
func TestFunctionsTakeAnything(t *testing.T) {
	env := environment()
	for _, f := range Functions() {
		for n := max(f.Min, 1); n <= max(f.Max, f.Min, 2) && n <= 4; n++ {
			if !f.Takes(n) {
				continue
			}
			args := make([]Value, n)
			for i := range 10 * len(sample) {
				for j := range args {
					args[j] = val(sample[(i*(2*j+1)+i/len(sample)*j)%len(sample)])
				}
				v := f.Call(env, args...)
				for _, a := range args {
					if a.IsError() {
						if v != a {
							t.Fatalf("%s %v is %v", f.Name, args, v)
						}
						break
					}
				}
			}
		}
	}
}

func TestValuesAreCapped(t *testing.T) {
	half := String(strings.Repeat("a", MaxBytes/2+1))
	for name, args := range map[string][]Value{
		"CONCAT":         {half, half},
		"TRIPLE":         {IRI("s:"), IRI("p:"), String(strings.Repeat("a", MaxBytes-1))},
		"ENCODE_FOR_URI": {String(strings.Repeat(" ", MaxBytes/2))},
		"REPLACE":        {String(strings.Repeat("a", 1<<17)), String("a"), String(strings.Repeat("b", 200))},
		"UCASE":          {String(strings.Repeat("ΐ", MaxBytes/3))},
	} {
		env := environment()
		v := call(t, env, name, args...)
		var limit *graph.LimitError
		if v.Code() != TooLarge || !v.IsError() || !errors.As(env.Err(), &limit) || limit.Limit != "value size" {
			t.Errorf("%s beyond the cap is %v, and the query ends by %v", name, v.Kind(), env.Err())
		}
	}
	env := environment()
	if v := call(t, env, "CONCAT", half); v.IsError() || env.Err() != nil {
		t.Errorf("below the cap: %v", env.Err())
	}
}

func TestCostlyPatterns(t *testing.T) {
	env := environment()
	long := String(strings.Repeat("ab", 50_000))
	for _, c := range []struct {
		name string
		args []Value
	}{
		{"REGEX", []Value{long, String("(.{0,500}b){2}")}},
		{"REPLACE", []Value{long, String("(.{0,500}x){2}"), String("y")}},
	} {
		env := environment()
		v := call(t, env, c.name, c.args...)
		var limit *graph.LimitError
		if v.Code() != TooCostly || !errors.As(env.Err(), &limit) || limit.Limit != "regular expression" {
			t.Errorf("%s, a thousand instructions on 100 kB: %v, %v", c.name, v, env.Err())
		}
	}
	if v := call(t, env, "REGEX", long, String(".{0,900}xyz")); v != Bool(false) || env.Err() != nil {
		t.Errorf("a thousand instructions that need xyz, on 100 kB without: %v, %v", v, env.Err())
	}
	if v := call(t, env, "REGEX", long, String("(a+)+$")); v.IsError() || env.Err() != nil {
		t.Errorf("a pattern of ten instructions on 100 kB: %v, %v", v, env.Err())
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	env.Ctx = ctx
	if v := call(t, env, "REPLACE", long, String("a.?b"), String("x")); v.Code() != Stopped || !errors.Is(env.Err(), context.Canceled) {
		t.Errorf("after the query was cancelled: %v, %v", v.Kind(), env.Err())
	}
	if v := call(t, env, "SHA1", String("a")); v.Code() != Stopped {
		t.Errorf("after the query was cancelled: %v", v)
	}
}

// Patterns are compiled once, and the cache does not grow beyond its bound.
func TestPatterns(t *testing.T) {
	p := &Patterns{}
	env := &Env{Patterns: p}
	first := env.compiled("Kiều", "i")
	if env.compiled("Kiều", "i") != first || (&Env{Patterns: p}).compiled("Kiều", "i") != first {
		t.Error("a pattern is compiled twice")
	}
	if env.compiled("Kiều", "") == first || env.compiled("(", "").regex != nil {
		t.Error("patterns are mixed up")
	}
	for i := range 3000 {
		env.compiled(strings.Repeat("a", i%300)+string(rune('a'+i/300)), "")
	}
	if n := len(p.young) + len(p.old); n > 2*maxWeight/100+2 {
		t.Errorf("%d patterns are kept", n)
	}
	var none Env
	if first := none.compiled("a", ""); none.compiled("a", "") != first {
		t.Error("without a cache the last pattern is compiled again")
	}
}

func BenchmarkFunctions(b *testing.B) {
	title := val(`"Truyện Kiều, hay Đoạn trường tân thanh"@vi`)
	for _, c := range []struct {
		name string
		args []Value
	}{
		{"STRLEN", []Value{title}}, {"UCASE", []Value{title}}, {"LCASE", []Value{title}}, {"CONTAINS", []Value{title, String("tân")}}, {"REGEX", []Value{title, String("^(truyện|thơ).*(tình yêu|thanh)"), String("i")}},
		{"YEAR", []Value{val(`"2026-11-03T02:11:09Z"^^xsd:dateTime`)}}, {"SUBSTR", []Value{title, val("8"), val("4")}}, {"LANGMATCHES", []Value{String("vi-VN"), String("vi")}}, {"ROUND", []Value{val("2.5")}},
	} {
		b.Run(c.name, func(b *testing.B) {
			f, _ := Builtin(c.name)
			env := environment()
			b.ReportAllocs()
			for b.Loop() {
				f.Call(env, c.args...)
			}
		})
	}
}

// No text makes a function panic or give what is no term.
func FuzzFunctions(f *testing.F) {
	for _, s := range []string{"Truyện Kiều", "", "2026-11-03T09:11:09+07:00", "-1.5E300", "(a+)+$", "$1\\", "ΐİΣ", "\xff", "P1Y"} {
		f.Add(s, "b", uint8(0))
		f.Add("a", s, uint8(7))
	}
	all, types := Functions(), xsd.Types()
	f.Fuzz(func(t *testing.T, a, b string, pick uint8) {
		env := environment()
		values := []Value{String(a), Text(b, "vi"), literal(b, types[int(pick)%len(types)].IRI()), literal(a, types[int(pick/7)%len(types)].IRI()), IRI(a), Integer(int64(pick) - 3), literal(b, "http://t")}
		for _, fn := range all {
			for n := fn.Min; n <= max(fn.Min, min(fn.Max, 4)); n++ {
				args := make([]Value, n)
				for i := range args {
					args[i] = values[(i*3+int(pick)+i*i)%len(values)]
				}
				v := fn.Call(env, args...)
				if term, ok := v.Term(); ok == v.IsError() {
					t.Fatalf("%s of %v is %v", fn.Name, args, term)
				}
			}
		}
		for _, v := range values {
			for _, w := range values {
				Add(v, w)
				Div(v, w)
				if Order(v, w) != -Order(w, v) {
					t.Fatalf("%v and %v have no order", v, w)
				}
			}
		}
	})
}

// Queries share their patterns.
func TestPatternsAreShared(t *testing.T) {
	p := &Patterns{}
	done := make(chan bool)
	for g := range 4 {
		go func() {
			env := &Env{Patterns: p}
			for i := range 500 {
				env.compiled(strings.Repeat("a", (i+g)%50), "i")
			}
			done <- true
		}()
	}
	for range 4 {
		<-done
	}
}

// A whole number of CEIL, FLOOR, ROUND and SECONDS is written without a point, and is no other
// number for that: what is reckoned with it, and its term, are as they would be of 3.0.
func TestWholeDecimals(t *testing.T) {
	env := environment()
	three, point := call(t, env, "FLOOR", val("3.5")), val("3.0")
	if got := three.String(); got != `"3"^^<http://www.w3.org/2001/XMLSchema#decimal>` {
		t.Errorf("FLOOR(3.5) is %s", got)
	}
	if Equal(three, point) != True || SameTerm(three, point) != False || SameTerm(three, call(t, env, "CEIL", val("2.5"))) != True {
		t.Error("it is not equal to 3.0, or the same term")
	}
	if got := show(Add(three, val("1.0"))); got != "4.0" {
		t.Errorf("and 1.0 is %s", got)
	}
	if got := show(call(t, env, "xsd:decimal", three)); got != "3.0" {
		t.Errorf("cast to its own type it is %s", got)
	}
	if id, ok := three.ID(); ok {
		t.Errorf("its ID %v is that of another term", id)
	}
	fraction := call(t, env, "SECONDS", val(`"2011-01-10T14:45:13.500Z"^^xsd:dateTime`))
	id, ok := fraction.ID()
	want, _ := val("13.5").ID()
	if !ok || id != want {
		t.Errorf("13.5 seconds have the ID %v, not %v", id, want)
	}
}
