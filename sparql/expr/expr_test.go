package expr

import (
	"strings"
	"testing"

	"mocban/graph"
	"mocban/vocab/xsd"
)

// term reads a term as Turtle writes it: 1, 1.5, 1e0, true, "x", "x"@vi, "x"@ar--rtl,
// "x"^^xsd:byte, "x"^^<http://…>, <http://…>, _:b, <<( s p o )>>. "unbound" is the zero term.
func term(s string) graph.Term {
	switch {
	case s == "unbound":
		return graph.Term{}
	case s == "true" || s == "false":
		return graph.Literal(s, xsd.Boolean)
	case strings.HasPrefix(s, `"`):
		end := strings.LastIndexByte(s, '"')
		text, rest := s[1:end], s[end+1:]
		if name, ok := strings.CutPrefix(rest, "^^xsd:"); ok {
			return graph.Literal(text, xsd.NS+graph.IRI(name))
		}
		if name, ok := strings.CutPrefix(rest, "^^<"); ok {
			return graph.Literal(text, graph.IRI(name[:len(name)-1]))
		}
		lang, dir, _ := strings.Cut(strings.TrimPrefix(rest, "@"), "--")
		return graph.DirText(text, lang, map[string]graph.Direction{"ltr": graph.LTR, "rtl": graph.RTL}[dir])
	case strings.HasPrefix(s, "<<("):
		f := strings.Fields(s)
		p, _ := term(f[2]).IRI()
		return graph.TripleTerm(graph.Triple{S: term(f[1]), P: p, O: term(f[3])})
	case strings.HasPrefix(s, "<"):
		return graph.IRI(s[1 : len(s)-1]).Term()
	case strings.HasPrefix(s, "_:"):
		return graph.Blank(s[2:])
	case strings.ContainsAny(s, "eE"):
		return graph.Literal(s, xsd.Double)
	case strings.Contains(s, "."):
		return graph.Literal(s, xsd.Decimal)
	}
	return graph.Literal(s, xsd.Integer)
}

// val reads a value; "error" is one.
func val(s string) Value {
	if s == "error" {
		return Fail(TypeError)
	}
	return FromTerm(term(s))
}

// show writes a value as val reads it, but for the reason of an error.
func show(v Value) string {
	if !v.Bound() {
		return "unbound"
	}
	t, ok := v.Term()
	if !ok {
		return "error"
	}
	switch s := t.Value(); t.Datatype() {
	case xsd.Integer, xsd.Boolean:
		return s
	case xsd.Decimal:
		if strings.Contains(s, ".") {
			return s
		}
	case xsd.Double:
		if strings.ContainsAny(s, "E") {
			return s
		}
	}
	text := t.String()
	if i := strings.Index(text, `^^<`+string(xsd.NS)); i >= 0 {
		text = text[:i] + "^^xsd:" + text[i+3+len(xsd.NS):len(text)-1]
	}
	return text
}

func truth(s string) Truth {
	return map[string]Truth{"false": False, "true": True, "error": Failed(TypeError)}[s]
}

// same tells whether two conditions are both false, both true or both errors.
func same(a, b Truth) bool { return a == b || a.IsError() && b.IsError() }

// sample holds a term of every kind and many an odd one.
var sample = []string{
	"unbound", "_:a", "_:b", "<http://a>", "<http://b>",
	`""`, `"a"`, `"b"`, `"a b"^^xsd:token`, `"a"@en`, `"a"@EN`, `"a"@vi`, `"b"@en`, `"a"@ar--rtl`, `"a"@ar--ltr`, `"Kiều"`, `"Kiều"@vi`,
	"0", "1", "01", "-1", "2", "10", "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775809", `"1"^^xsd:byte`, `"7"^^xsd:unsignedLong`,
	"0.0", "1.0", "1.00", "0.1", "123456789012345678.5", "0.00000000000000000001", "-1.5",
	"0e0", "-0e0", "1e0", "1.0E0", "0.1e0", "9007199254740992e0", `"NaN"^^xsd:double`, `"INF"^^xsd:double`, `"-INF"^^xsd:double`, "1e300",
	`"1"^^xsd:float`, `"0.1"^^xsd:float`, `"NaN"^^xsd:float`, `"16777217"^^xsd:float`,
	"true", "false", `"1"^^xsd:boolean`, `"0"^^xsd:boolean`,
	`"2026-11-03T02:11:09Z"^^xsd:dateTime`, `"2026-11-03T09:11:09+07:00"^^xsd:dateTime`, `"2026-11-03T02:11:09"^^xsd:dateTime`, `"2026-11-03T02:11:09.5Z"^^xsd:dateTimeStamp`, `"-0044-03-15T00:00:00"^^xsd:dateTime`, `"2025-12-31T24:00:00"^^xsd:dateTime`,
	`"2026-11-03"^^xsd:date`, `"2026-11-03Z"^^xsd:date`, `"2001-01-01"^^xsd:date`, `"13:20:00"^^xsd:time`, `"13:20:00Z"^^xsd:time`,
	`"1820"^^xsd:gYear`, `"1820Z"^^xsd:gYear`, `"1953"^^xsd:gYear`, `"1820-01"^^xsd:gYearMonth`, `"--02-29"^^xsd:gMonthDay`, `"--02"^^xsd:gMonth`, `"---31"^^xsd:gDay`,
	`"P1Y"^^xsd:duration`, `"P12M"^^xsd:yearMonthDuration`, `"P365D"^^xsd:dayTimeDuration`, `"PT0S"^^xsd:dayTimeDuration`, `"PT24H"^^xsd:duration`,
	`"0fb7"^^xsd:hexBinary`, `"0FB7"^^xsd:hexBinary`, `""^^xsd:hexBinary`, `"D7c="^^xsd:base64Binary`, `"http://a"^^xsd:anyURI`,
	`"a"^^xsd:integer`, `"b"^^xsd:integer`, `"1200"^^xsd:byte`, `"yes"^^xsd:boolean`, `"2026-02-30"^^xsd:date`, `""^^xsd:double`,
	`"a"^^<http://t1>`, `"b"^^<http://t1>`, `"a"^^<http://t2>`, `""^^<http://t1>`,
	"<<( <http://a> <http://p> 1 )>>", "<<( <http://a> <http://p> 01 )>>", "<<( <http://a> <http://p> 2 )>>", `<<( <http://a> <http://p> "NaN"^^xsd:double )>>`, `<<( _:a <http://p> "a"^^<http://t1> )>>`,
}

func TestTermsComeBack(t *testing.T) {
	for _, s := range sample {
		want := term(s)
		got, ok := FromTerm(want).Term()
		if got != want || ok != !want.IsZero() {
			t.Errorf("%s comes back as %v, %v", s, got, ok)
		}
		if v := FromTerm(want); want.IsLiteral() && (v.Datatype() != want.Datatype() || v.Lang() != want.Lang() || v.Dir() != want.Dir()) {
			t.Errorf("%s has datatype %s and language %q", s, v.Datatype(), v.Lang())
		}
	}
}

// What an ID holds is the value of its term, and has that ID.
func TestIDsComeBack(t *testing.T) {
	more := []string{"-0.5", "105.8412345", "576460752303423487", "1.5E10", `"NaN"^^xsd:double`, `"1969-12-31T23:59:59.999Z"^^xsd:dateTime`, `"0001-01-01T00:00:00+14:00"^^xsd:dateTime`, `"9999-12-31T23:59:59.999-14:00"^^xsd:dateTime`, `"1765-01-03-05:45"^^xsd:date`, `"0938"^^xsd:gYear`, `"1820+07:00"^^xsd:gYear`, "0.0E0", "-0.0E0"}
	inlined := 0
	for _, s := range append(more, sample...) {
		id, isInlined := graph.Inline(term(s))
		if v, ok := FromTerm(term(s)).ID(); v != id || ok != isInlined {
			t.Errorf("%s has ID %x, %v; want %x, %v", s, uint64(v), ok, uint64(id), isInlined)
		}
		if !isInlined {
			continue
		}
		inlined++
		v, ok := FromID(id)
		if got, _ := v.Term(); !ok || got != term(s) {
			t.Errorf("ID of %s holds %v", s, got)
		}
		if back, ok := v.ID(); !ok || back != id {
			t.Errorf("value of the ID of %s has ID %x, %v; want %x", s, uint64(back), ok, uint64(id))
		}
	}
	if inlined < 25 {
		t.Errorf("only %d IDs hold their values", inlined)
	}
	if v, ok := FromID(graph.None); !ok || v.Bound() {
		t.Error("no ID is not unbound")
	}
	if _, ok := FromID(graph.NewID(graph.ClassIRI, 7)); ok {
		t.Error("the ID of an IRI holds its value")
	}
}
