package random

import "fmt"

// condition writes an expression that is asked whether it is true. Groups of EXISTS nest as
// deep as patterns says.
func (m *maker) condition(depth, patterns int) string {
	if depth == 0 {
		return m.test()
	}
	switch n := m.IntN(20); {
	case n < 6:
		return m.compare(depth)
	case n < 8:
		return "(" + m.condition(depth-1, patterns) + " && " + m.condition(depth-1, patterns) + ")"
	case n < 10:
		return "(" + m.condition(depth-1, patterns) + " || " + m.condition(depth-1, patterns) + ")"
	case n < 12:
		return "!(" + m.condition(depth-1, patterns) + ")"
	case n < 15 && patterns > 0:
		m.budget--
		return one(m.Rand, []string{"", "NOT "}) + "EXISTS " + m.group(patterns-1)
	case n < 16:
		return m.used() + one(m.Rand, []string{" IN (", " NOT IN ("}) + m.list(m.IntN(4), ", ", func() string { return m.value(0, 0) }) + ")"
	case n < 17:
		return m.value(depth, patterns)
	}
	return m.test()
}

// compare writes a comparison, often one that an index may answer.
func (m *maker) compare(depth int) string {
	op := one(m.Rand, []string{"=", "!=", "<", "<=", ">", ">="})
	switch m.IntN(4) {
	case 0:
		return m.used() + " " + op + " " + m.used()
	case 1:
		return m.term() + " " + op + " " + m.used()
	case 2:
		return m.value(depth-1, 0) + " " + op + " " + m.value(depth-1, 0)
	}
	return m.used() + " " + op + " " + m.term()
}

// test writes a small condition.
func (m *maker) test() string {
	v := m.used()
	switch m.IntN(13) {
	case 11:
		return "STR(" + v + ") " + one(m.Rand, []string{"=", "!=", "<", ">="}) + " " + one(m.Rand, []string{`"a"`, `"1"`, `"http://example.org/a"`, "STR(" + m.used() + ")"})
	case 12:
		return v + one(m.Rand, []string{" = ", " != ", " <= "}) + v
	case 0, 1:
		return "BOUND(" + v + ")"
	case 10:
		low, high := m.literal(), m.literal()
		return "(" + v + one(m.Rand, []string{" > ", " >= "}) + low + " && " + v + one(m.Rand, []string{" < ", " <= "}) + high + ")"
	case 2:
		return one(m.Rand, []string{"isIRI", "isBlank", "isLiteral", "isNumeric"}) + "(" + v + ")"
	case 3:
		return "REGEX(" + one(m.Rand, []string{v, "STR(" + v + ")"}) + ", " + one(m.Rand, []string{`"a"`, `"^T.*u$"`, `"[0-9]"`, `"E$", "i"`}) + ")"
	case 4:
		return one(m.Rand, []string{"CONTAINS", "STRSTARTS", "STRENDS"}) + "(" + one(m.Rand, []string{v, "STR(" + v + ")", "LCASE(STR(" + v + "))"}) + ", " + one(m.Rand, []string{`"a"`, `"kiều"`, `""`, `"1"`}) + ")"
	case 5:
		return one(m.Rand, []string{`LANG(` + v + `) = "en"`, `LANGMATCHES(LANG(` + v + `), "en")`, `LANGMATCHES(LANG(` + v + `), "*")`, `LANG(` + v + `) = ""`, `"EN" = LANG(` + v + `)`, `LANG(` + v + `) != "en"`, `LANG(` + v + `) IN ("vi", "en")`})
	case 6:
		return "sameTerm(" + v + ", " + m.term() + ")"
	case 7:
		return "DATATYPE(" + v + ") = " + one(m.Rand, []string{"xsd:integer", "xsd:string", "xsd:decimal"})
	case 8:
		return v
	}
	return m.compare(1)
}

// value writes an expression of any type.
func (m *maker) value(depth, patterns int) string {
	if depth == 0 {
		if m.chance(60) {
			return m.used()
		}
		return m.term()
	}
	x := func() string { return m.value(depth-1, patterns) }
	switch m.IntN(14) {
	case 0, 1, 2:
		return m.used()
	case 3:
		return m.term()
	case 4, 5:
		return fmt.Sprintf("(%s %s %s)", x(), one(m.Rand, []string{"+", "-", "*", "/"}), x())
	case 6:
		return one(m.Rand, []string{"STR", "LANG", "DATATYPE", "STRLEN", "UCASE", "ABS", "CEIL", "ROUND", "IRI", "YEAR", "TZ", "SUBJECT", "OBJECT", "isTRIPLE", "xsd:integer", "xsd:string", "xsd:decimal", "xsd:boolean", "xsd:double"}) + "(" + x() + ")"
	case 7:
		return "IF(" + m.condition(depth-1, patterns) + ", " + x() + ", " + x() + ")"
	case 8, 9:
		return "COALESCE(" + m.list(1+m.IntN(3), ", ", x) + ")"
	case 10:
		return "CONCAT(STR(" + x() + "), STR(" + x() + "))"
	case 11:
		return "-" + m.used()
	}
	return "(" + m.condition(depth-1, patterns) + ")"
}
