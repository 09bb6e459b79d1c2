package expr

import "mocban/sparql/expr/xsd"

// Functions on dates and times (SPARQL 1.1, 17.4.5). What the standard asks of dateTimes is
// answered for every type that has the part: the year of a gYear, the hours of a time.

func now(env *Env, _ []Value) Value { return Temporal(xsd.TypeDateTime, env.Now) }

// part returns a part of a date or time, if its type is one of those that have it.
func part(v Value, get func(xsd.Fields) int64, types ...xsd.Type) Value {
	d, ok := v.DateTime()
	if !ok {
		return Fail(TypeError)
	}
	if v.kind == KindDateTime {
		return Integer(get(d.Fields()))
	}
	for _, t := range types {
		if v.typ == t {
			return Integer(get(d.Fields()))
		}
	}
	return Fail(TypeError)
}

func year(v Value) Value {
	return part(v, func(f xsd.Fields) int64 { return f.Year }, xsd.TypeDate, xsd.TypeGYear, xsd.TypeGYearMonth)
}

func month(v Value) Value {
	return part(v, func(f xsd.Fields) int64 { return int64(f.Month) }, xsd.TypeDate, xsd.TypeGYearMonth, xsd.TypeGMonth, xsd.TypeGMonthDay)
}

func day(v Value) Value {
	return part(v, func(f xsd.Fields) int64 { return int64(f.Day) }, xsd.TypeDate, xsd.TypeGMonthDay, xsd.TypeGDay)
}

func hours(v Value) Value {
	return part(v, func(f xsd.Fields) int64 { return int64(f.Hour) }, xsd.TypeTime)
}

func minutes(v Value) Value {
	return part(v, func(f xsd.Fields) int64 { return int64(f.Minute) }, xsd.TypeTime)
}

func seconds(v Value) Value {
	nanos := part(v, func(f xsd.Fields) int64 { return int64(f.Second)*1_000_000_000 + int64(f.Nanos) }, xsd.TypeTime)
	if nanos.kind == KindError {
		return nanos
	}
	return shortDecimal(xsd.Scaled(nanos.n, 9))
}

func timezone(v Value) Value {
	d, ok := v.DateTime()
	switch {
	case !ok:
		return Fail(TypeError)
	case !d.HasZone():
		return Fail(InvalidArgument)
	}
	return Duration(xsd.TypeDayTimeDuration, xsd.Duration{Seconds: int64(d.Zone) * 60})
}

func tz(v Value) Value {
	d, ok := v.DateTime()
	if !ok {
		return Fail(TypeError)
	}
	return String(string(xsd.AppendZone(nil, d.Zone)))
}
