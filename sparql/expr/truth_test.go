package expr

import "testing"

// SPARQL 1.1, 17.2.2; the last column is that of SPARQL 1.2.
func TestEBV(t *testing.T) {
	for _, c := range []struct{ v, want, strict string }{
		{"true", "true", "true"}, {"false", "false", "false"}, {`"1"^^xsd:boolean`, "true", "true"}, {`"0"^^xsd:boolean`, "false", "false"},
		{`""`, "false", "false"}, {`"0"`, "true", "true"}, {`"false"`, "true", "true"}, {`"a"@en`, "true", "error"},
		{"0", "false", "false"}, {"-2", "true", "true"}, {"0.0", "false", "false"}, {"0.01", "true", "true"}, {"0e0", "false", "false"}, {"-0e0", "false", "false"}, {"-2e10", "true", "true"},
		{`"NaN"^^xsd:double`, "false", "false"}, {`"NaN"^^xsd:float`, "false", "false"}, {`"INF"^^xsd:double`, "true", "true"}, {"99999999999999999999", "true", "true"}, {"0.00000000000000000000001", "true", "true"}, {`"1"^^xsd:byte`, "true", "true"},
		{`"z"^^xsd:boolean`, "false", "error"}, {`"x"^^xsd:integer`, "false", "error"}, {`"1200"^^xsd:byte`, "false", "error"}, {`"x"^^xsd:double`, "false", "error"}, {`"x"^^xsd:date`, "error", "error"},
		{"<http://a>", "error", "error"}, {"_:a", "error", "error"}, {`"2020-01-01T00:00:00Z"^^xsd:dateTime`, "error", "error"}, {`"2025-08-18"^^xsd:date`, "error", "error"}, {`"foo"^^<http://t>`, "error", "error"}, {`"http://a"^^xsd:anyURI`, "error", "error"},
		{"<<( <http://s> <http://p> 1 )>>", "error", "error"}, {"unbound", "error", "error"},
	} {
		v := val(c.v)
		if got := v.EBV(); !same(got, truth(c.want)) {
			t.Errorf("%s counts as %v, want %s", c.v, got.Value(), c.want)
		}
		if got := v.EBV().Not(); !same(got, truth(c.want).Not()) {
			t.Errorf("!%s is %v, want not %s", c.v, got.Value(), c.want)
		}
		if got := v.StrictEBV(); !same(got, truth(c.strict)) {
			t.Errorf("%s counts as %v in SPARQL 1.2, want %s", c.v, got.Value(), c.strict)
		}
	}
	if got := val("unbound").EBV(); got != Failed(Unbound) {
		t.Errorf("unbound fails by %v", got.Value())
	}
}

// SPARQL 1.1, 17.2: the table of three values.
func TestLogic(t *testing.T) {
	e := Failed(TypeError)
	for _, c := range []struct{ a, b, or, and Truth }{
		{True, True, True, True}, {True, False, True, False}, {False, True, True, False}, {False, False, False, False},
		{True, e, True, e}, {e, True, True, e}, {False, e, e, False}, {e, False, e, False}, {e, e, e, e},
	} {
		if got := c.a.Or(c.b); got != c.or {
			t.Errorf("%v || %v is %v", c.a.Value(), c.b.Value(), got.Value())
		}
		if got := c.a.And(c.b); got != c.and {
			t.Errorf("%v && %v is %v", c.a.Value(), c.b.Value(), got.Value())
		}
	}
	if got := Failed(Unbound).And(e); got != Failed(Unbound) {
		t.Errorf("of two errors the conjunction is %v", got.Value())
	}
	if True.Not() != False || False.Not() != True || e.Not() != e {
		t.Error("negation is wrong")
	}
}
