package random

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"mocban/sparql/syntax"
)

// A maker writes one query.
type maker struct {
	*rand.Rand
	label  string // of blank nodes
	blanks int
	made   int // variables
	budget int // of patterns, since solutions multiply
}

// Query returns a query, without prologue.
func Query(r *rand.Rand) string {
	return made(r, func(m *maker) string {
		switch m.IntN(12) {
		case 0:
			return "ASK " + m.from() + m.group(3)
		case 1:
			return "CONSTRUCT " + m.template() + " " + m.from() + "WHERE " + m.group(3) + m.modifiers(nil)
		}
		return m.selection(3, true)
	}, func(text string) string { return text })
}

// Group returns a group graph pattern with its braces.
func Group(r *rand.Rand) string {
	return made(r, func(m *maker) string { return m.group(3) }, func(text string) string { return "SELECT * " + text })
}

// Condition returns an expression that may be true, false or an error. Its blank nodes are
// not those of a Group.
func Condition(r *rand.Rand) string {
	return made(r, func(m *maker) string { m.label = "c"; return m.condition(2, 1) }, func(text string) string { return "ASK { FILTER(" + text + ") }" })
}

// made makes texts until one keeps the rules that stand beside the grammar.
func made(r *rand.Rand, text func(*maker) string, query func(string) string) string {
	for {
		m := &maker{Rand: r, budget: 9, label: "b"}
		t := text(m)
		if _, err := syntax.Parse(Prefixes + query(t)); err == nil {
			return t
		}
	}
}

// chance is true n times of 100.
func (m *maker) chance(n int) bool { return m.IntN(100) < n }

var variables = []string{"?s", "?t", "?u", "?v", "?w", "?x"}

func (m *maker) variable() string { return one(m.Rand, variables) }

// fresh returns a variable that may be bound by BIND or AS, most often one of its own.
func (m *maker) fresh() string {
	if m.chance(15) {
		return m.variable()
	}
	m.made++
	return fmt.Sprintf("?m%d", m.made)
}

// used is a variable that something may bind.
func (m *maker) used() string {
	if m.made > 0 && m.chance(25) {
		return fmt.Sprintf("?m%d", 1+m.IntN(m.made))
	}
	return m.variable()
}

func (m *maker) list(n int, sep string, f func() string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = f()
	}
	return strings.Join(parts, sep)
}

func (m *maker) from() string {
	if !m.chance(12) {
		return ""
	}
	return m.list(1+m.IntN(3), "", func() string {
		named := ""
		if m.chance(50) {
			named = "NAMED "
		}
		return "FROM " + named + ":" + one(m.Rand, slices.Concat(graphs, []string{"nowhere", "a"})) + " "
	})
}

func (m *maker) iri() string {
	switch m.IntN(10) {
	case 0:
		return ":nowhere"
	case 1:
		return ":" + one(m.Rand, predicates)
	case 2:
		return ":" + one(m.Rand, graphs)
	}
	return ":" + one(m.Rand, nodes)
}

func (m *maker) literal() string { return one(m.Rand, literals).text }

func (m *maker) term() string {
	if m.chance(50) {
		return m.iri()
	}
	return m.literal()
}

func (m *maker) blank() string {
	if m.chance(50) {
		return "[]"
	}
	m.blanks++
	return fmt.Sprintf("_:%s%d", m.label, m.blanks)
}

func (m *maker) subject() string {
	switch n := m.IntN(20); {
	case n < 16:
		return m.variable()
	case n < 19:
		return m.iri()
	}
	return m.blank()
}

func (m *maker) object() string {
	if m.chance(3) {
		return "<<( " + m.subject() + " " + one(m.Rand, []string{":p", ":q", m.variable()}) + " " + m.object() + " )>>"
	}
	switch n := m.IntN(20); {
	case n < 16:
		return m.variable()
	case n < 17:
		return m.iri()
	case n < 19:
		return m.literal()
	}
	return m.blank()
}

func (m *maker) verb() string {
	switch n := m.IntN(20); {
	case n < 14:
		return ":" + one(m.Rand, predicates)
	case n < 16:
		return m.variable()
	}
	return m.path(2)
}

// triples writes patterns of which each most often has a variable in common with one before,
// as patterns of people do, so that they find something.
func (m *maker) triples() string {
	n := 1 + m.IntN(3)
	m.budget -= n
	joint := m.variable()
	return m.list(n, " . ", func() string {
		s, p, o := m.subject(), m.verb(), m.object()
		if m.chance(75) {
			if m.chance(50) {
				s = joint
			} else {
				o = joint
			}
		}
		for _, end := range []string{s, o} {
			if end[0] == '?' && end != joint && m.chance(30) {
				joint = end
				break
			}
		}
		return s + " " + p + " " + o
	})
}

func (m *maker) path(depth int) string {
	iri := ":" + one(m.Rand, predicates)
	if depth == 0 {
		return iri
	}
	switch m.IntN(9) {
	case 0:
		return "(" + m.path(depth-1) + ")*"
	case 1:
		return "(" + m.path(depth-1) + ")+"
	case 2:
		return "(" + m.path(depth-1) + ")?"
	case 3:
		return "(" + m.path(depth-1) + "/" + m.path(depth-1) + ")"
	case 4:
		return "(" + m.path(depth-1) + "|" + m.path(depth-1) + ")"
	case 5:
		return "^(" + m.path(depth-1) + ")"
	case 6:
		return "!" + iri
	case 7:
		return "!(" + m.list(m.IntN(4), "|", func() string { return one(m.Rand, []string{"", "^"}) + ":" + one(m.Rand, predicates) }) + ")"
	}
	return iri
}

// group writes a group. What nests in it has a smaller depth.
func (m *maker) group(depth int) string {
	var b strings.Builder
	b.WriteString("{ ")
	n := 1 + m.IntN(3)
	if m.chance(4) {
		n = 0
	}
	for i := range n {
		if i == 0 && m.chance(60) {
			b.WriteString(m.triples() + " . ")
			continue
		}
		b.WriteString(m.element(depth) + " ")
	}
	b.WriteString("}")
	return b.String()
}

func (m *maker) element(depth int) string {
	n := m.IntN(100)
	if m.budget <= 0 {
		n = 40 + n%30 // nothing that multiplies
	} else if depth == 0 {
		n = n % 70
	}
	switch {
	case n < 40:
		return m.triples() + " ."
	case n < 55:
		return "FILTER(" + m.condition(2, depth) + ")"
	case n < 62:
		return "BIND(" + m.value(2, depth) + " AS " + m.fresh() + ")"
	case n < 70:
		return m.values()
	case n < 79:
		return "OPTIONAL " + m.group(depth-1)
	case n < 85:
		return m.group(depth-1) + " UNION " + m.group(depth-1)
	case n < 90:
		return "MINUS " + m.group(depth-1)
	case n < 95:
		name := m.variable()
		if m.chance(40) {
			name = ":" + one(m.Rand, slices.Concat(graphs, []string{"nowhere", "a"}))
		}
		if m.chance(10) {
			return "GRAPH " + name + " { }"
		}
		return "GRAPH " + name + " " + m.group(depth-1)
	case n < 96:
		return m.group(depth - 1)
	}
	if m.chance(30) {
		return "{ " + m.first(depth-1) + " }"
	}
	return "{ " + m.selection(depth-1, false) + " }"
}

// first writes a SELECT of the first rows in the order of all their columns, so that nobody can
// choose which they are.
func (m *maker) first(depth int) string {
	vars := m.list(2+m.IntN(2), " ", m.used)
	return fmt.Sprintf("SELECT %s%s %s ORDER BY %s LIMIT %d OFFSET %d", one(m.Rand, []string{"", "DISTINCT "}), vars,
		m.group(max(depth, 0)), vars, 1+m.IntN(5), m.IntN(2))
}

func (m *maker) values() string {
	value := func() string {
		if m.chance(15) {
			return "UNDEF"
		}
		return m.term()
	}
	if m.chance(50) {
		return "VALUES " + m.variable() + " { " + m.list(m.IntN(4), " ", value) + " }"
	}
	a, b := m.variable(), m.variable()
	return "VALUES (" + a + " " + b + ") { " + m.list(m.IntN(4), " ", func() string { return "(" + value() + " " + value() + ")" }) + " }"
}

func (m *maker) template() string {
	return "{ " + m.list(1+m.IntN(3), " . ", func() string {
		p := ":" + one(m.Rand, predicates)
		if m.chance(30) {
			p = m.used()
		}
		s, o := m.used(), m.used()
		if m.chance(15) {
			s = "_:t"
		}
		if m.chance(15) {
			o = one(m.Rand, []string{"_:t", "_:o", ":a", "1"})
		}
		return s + " " + p + " " + o
	}) + " }"
}

// selection writes a SELECT, that of the query or one within.
func (m *maker) selection(depth int, outermost bool) string {
	from := ""
	if outermost {
		from = m.from()
	}
	where := from + m.group(max(depth, 0))
	distinct := one(m.Rand, []string{"", "", "", "DISTINCT "})
	if outermost && m.chance(3) {
		distinct = "REDUCED "
	}
	if outermost && m.chance(6) {
		exists := one(m.Rand, []string{"EXISTS ", "NOT EXISTS "})
		m.budget += 4
		where = from + "{ " + m.group(1) + " FILTER " + exists + m.group(2) + " }"
	}
	if outermost && m.chance(2) {
		where = from + "{ " + m.triples() + " . SERVICE SILENT :a " + m.group(0) + " }"
	}
	if m.chance(20) {
		return m.grouped(distinct, where)
	}
	if m.chance(40) {
		return "SELECT " + distinct + "* " + where + m.modifiers(nil)
	}
	items := []string{}
	for range 1 + m.IntN(3) {
		items = append(items, m.used())
	}
	if m.chance(25) {
		items = append(items, "("+m.value(2, 1)+" AS "+m.fresh()+")")
	}
	if outermost && m.chance(3) {
		items = append(items, "(BNODE("+one(m.Rand, []string{"", "STR(?s)", `"x"`})+") AS "+m.fresh()+")")
	}
	return "SELECT " + distinct + strings.Join(items, " ") + " " + where + m.modifiers(nil)
}

// modifiers writes ORDER BY, LIMIT and OFFSET, by the keys given or any.
func (m *maker) modifiers(keys []string) string {
	var b strings.Builder
	if m.chance(30) {
		b.WriteString(" ORDER BY")
		for range 1 + m.IntN(2) {
			key := m.used()
			if keys != nil && m.chance(20) {
				key = m.aggregate(nil)
			} else if keys != nil {
				key = one(m.Rand, keys)
			} else if m.chance(25) {
				key = "(" + m.value(1, 1) + ")"
			}
			b.WriteString(" " + one(m.Rand, []string{"", "ASC", "DESC"}) + "(" + key + ")")
		}
	}
	if m.chance(15) {
		fmt.Fprintf(&b, " LIMIT %d", m.IntN(6))
	}
	if m.chance(8) {
		fmt.Fprintf(&b, " OFFSET %d", m.IntN(4))
	}
	if m.chance(5) {
		b.WriteString(" " + m.values())
	}
	return b.String()
}

// grouped writes a SELECT with aggregates.
func (m *maker) grouped(distinct, where string) string {
	var keys, items []string
	group := ""
	for range m.IntN(3) {
		if m.chance(80) {
			k := m.used()
			keys, group = append(keys, k), group+" "+k
			continue
		}
		k := fmt.Sprintf("?k%d", len(keys)) // whether aggregates see it is for nobody to say
		keys, group = append(keys, k), group+" ("+m.value(1, 1)+" AS "+k+")"
	}
	for _, k := range keys {
		if m.chance(80) {
			items = append(items, k)
		}
	}
	for range 1 + m.IntN(2) {
		v := m.fresh()
		items = append(items, "("+m.aggregate(keys)+" AS "+v+")")
		keys = append(keys, v)
	}
	if group != "" {
		group = " GROUP BY" + group
	}
	having := ""
	if m.chance(25) {
		having = " HAVING(" + m.aggregate(nil) + one(m.Rand, []string{" > 1", " = 1", " != 2", ""}) + ")"
	}
	return "SELECT " + distinct + strings.Join(items, " ") + " " + where + group + having + m.modifiers(keys)
}

func (m *maker) aggregate(keys []string) string {
	distinct := one(m.Rand, []string{"", "", "DISTINCT "})
	arg := m.used()
	if m.chance(25) {
		arg = m.value(1, 1)
	}
	switch m.IntN(9) {
	case 0, 1:
		return "COUNT(" + distinct + "*)"
	case 2, 3:
		return "COUNT(" + distinct + arg + ")"
	case 4:
		return "SUM(" + distinct + arg + ")"
	case 5:
		return "AVG(" + distinct + arg + ")"
	case 6:
		return one(m.Rand, []string{"MIN(", "MAX("}) + arg + ")"
	case 7:
		if len(keys) > 0 && keys[0] != "?k0" {
			return "SAMPLE(" + keys[0] + ")"
		}
		return "SUM(STRLEN(STR(" + arg + ")))"
	}
	return "GROUP_CONCAT(" + distinct + "STR(" + arg + `); SEPARATOR="|")`
}
