package expr

import (
	"mocban/graph"
	"mocban/sparql/expr/xsd"
	names "mocban/vocab/xsd"
)

// FromTerm returns the value of a term. The zero Term is the unbound variable.
func FromTerm(t graph.Term) Value {
	switch t.Kind() {
	case graph.KindNone:
		return Value{}
	case graph.KindBlank:
		return Blank(t.Value())
	case graph.KindIRI:
		return IRI(t.Value())
	case graph.KindTriple:
		return Value{kind: KindTriple, text: t.Value()}
	}
	if lang := t.Lang(); lang != "" {
		return DirText(t.Value(), lang, t.Dir())
	}
	if dt := t.Datatype(); dt != names.String {
		return literal(t.Value(), dt)
	}
	return String(t.Value())
}

// literal returns the value of a literal with a datatype other than xsd:string.
func literal(text string, datatype graph.IRI) Value {
	typ := xsd.TypeOf(datatype)
	if typ == xsd.NoType {
		return Value{kind: KindOther, text: text, tag: string(datatype)}
	}
	v, ok := parse(text, typ)
	if !ok {
		return Value{kind: KindIllTyped, text: text, typ: typ}
	}
	v.text, v.typ = text, typ
	return v
}

// parse reads a lexical form. The caller sets text and type.
func parse(text string, typ xsd.Type) (v Value, ok bool) {
	switch {
	case typ.Integer():
		d, ok := xsd.ParseInteger(text)
		v = number(KindInteger, d)
		return v, ok && (typ == xsd.TypeInteger || typ.Holds(d))
	case typ == xsd.TypeDecimal:
		d, ok := xsd.ParseDecimal(text)
		return number(KindDecimal, d), ok
	case typ == xsd.TypeDouble:
		f, ok := xsd.ParseDouble(text)
		return Double(f), ok
	case typ == xsd.TypeFloat:
		f, ok := xsd.ParseFloat(text)
		return Float(f), ok
	case typ == xsd.TypeBoolean:
		b, ok := xsd.ParseBoolean(text)
		return Bool(b), ok
	case typ.Temporal():
		d, ok := xsd.ParseDateTime(typ, text)
		return Temporal(typ, d), ok
	case typ.Duration():
		_, ok := xsd.ParseDuration(typ, text)
		return Value{kind: KindDuration}, ok
	case typ == xsd.TypeHexBinary || typ == xsd.TypeBase64Binary:
		_, ok := xsd.ParseBinary(typ, text)
		return Value{kind: KindBinary}, ok
	case typ == xsd.TypeAnyURI:
		return Value{kind: KindURI}, true
	}
	return Value{kind: KindString}, typ.HoldsText(text)
}

// number returns a number that will keep its own lexical form.
func number(k Kind, d xsd.Decimal) Value {
	coef, scale, ok := d.Small()
	if !ok {
		return Value{kind: k, aux: wide}
	}
	return Value{kind: k, n: coef, aux: int32(scale)}
}

// FromID returns the value that an ID holds; ok is false if it holds none, so that the term
// must be fetched. The unbound variable is [graph.None].
func FromID(id graph.ID) (v Value, ok bool) {
	switch id.Class() {
	case graph.ClassSpecial:
		return Value{}, true
	case graph.ClassInteger:
		n, _ := id.Integer()
		return Integer(n), true
	case graph.ClassDecimal:
		n, _ := id.Decimal()
		return Decimal(xsd.Scaled(n, graph.DecimalScale)), true
	case graph.ClassDouble:
		f, _ := id.Double()
		return Double(f), true
	case graph.ClassBoolean:
		b, _ := id.Boolean()
		return Bool(b), true
	case graph.ClassDateTime, graph.ClassDate, graph.ClassYear:
		return temporalFromID(id), true
	}
	return Value{}, false
}

func temporalFromID(id graph.ID) Value {
	switch id.Class() {
	case graph.ClassDateTime:
		ms, zone, hasZone, _ := id.DateTime()
		d := xsd.DateTime{Seconds: ms / 1000, Nanos: int32(ms%1000) * 1_000_000, Zone: zoneOf(zone, hasZone)}
		if d.Nanos < 0 {
			d.Seconds--
			d.Nanos += 1_000_000_000
		}
		return Temporal(xsd.TypeDateTime, d)
	case graph.ClassDate:
		minutes, zone, hasZone, _ := id.Date()
		return Temporal(xsd.TypeDate, xsd.DateTime{Seconds: minutes * 60, Zone: zoneOf(zone, hasZone)})
	}
	year, zone, hasZone, _ := id.Year()
	d, _ := xsd.Of(xsd.Fields{Year: int64(year), Month: 1, Day: 1}, zoneOf(zone, hasZone))
	return Temporal(xsd.TypeGYear, d)
}

func zoneOf(minutes int, has bool) int16 {
	if !has {
		return xsd.NoZone
	}
	return int16(minutes)
}

// Term returns the term of v; ok is false for an error.
func (v Value) Term() (t graph.Term, ok bool) {
	switch v.kind {
	case KindError:
		return graph.Term{}, false
	case KindBlank:
		return graph.Blank(v.text), true
	case KindIRI:
		return graph.IRI(v.text).Term(), true
	case KindLang:
		return graph.DirText(v.text, v.tag, graph.Direction(v.aux)), true
	case KindTriple:
		t, _, err := graph.ParseTerm("<<( " + v.text + " )>>")
		return t, err == nil
	}
	return graph.Literal(v.Lexical(), v.Datatype()), true
}

// ID returns the ID that holds v itself, without a dictionary; ok is false if there is none.
func (v Value) ID() (id graph.ID, ok bool) {
	if v.text != "" {
		if v.kind < KindInteger || v.kind > KindCalendar {
			return graph.None, false
		}
		t, _ := v.Term()
		return graph.Inline(t)
	}
	switch v.kind {
	case KindInteger:
		return graph.IntegerID(v.n)
	case KindDecimal:
		if v.zone == short {
			t, _ := v.Term()
			return graph.Inline(t)
		}
		if n, ok := v.decimal().ScaledTo(graph.DecimalScale); ok {
			return graph.DecimalID(n)
		}
	case KindDouble:
		return graph.DoubleID(v.float())
	case KindBoolean:
		return graph.BooleanID(v.n != 0), true
	case KindDateTime, KindDate, KindCalendar:
		return v.temporalID()
	}
	return graph.None, false
}

func (v Value) temporalID() (graph.ID, bool) {
	const far = 1 << 40 // seconds: beyond the years that are inlined, and far from overflow
	zone, hasZone := int(v.zone), v.zone != xsd.NoZone
	if !hasZone {
		zone = 0
	}
	switch {
	case v.n > far || v.n < -far:
	case v.typ == xsd.TypeDateTime && v.aux%1_000_000 == 0:
		return graph.DateTimeID(v.n*1000+int64(v.aux/1_000_000), zone, hasZone)
	case v.typ == xsd.TypeDate:
		return graph.DateID(v.n/60, zone, hasZone)
	case v.typ == xsd.TypeGYear:
		return graph.YearID(int(v.dateTime().Fields().Year), zone, hasZone)
	}
	return graph.None, false
}

// triple returns the triple of a triple term.
func (v Value) triple() (graph.Triple, bool) {
	t, _ := v.Term()
	return t.Triple()
}
