package random

import (
	"math/rand/v2"
	"strings"

	"mocban/sparql/syntax"
)

// Update returns an update request of a few operations, without prologue. Some fail.
func Update(r *rand.Rand) string {
	for {
		m := &maker{Rand: r, budget: 6, label: "b"}
		text := m.list(1+m.IntN(3), " ;\n", m.operation)
		if _, err := syntax.ParseUpdate(Prefixes + text); err == nil {
			return text
		}
	}
}

func (m *maker) operation() string {
	switch m.IntN(16) {
	case 0, 1, 2:
		return "INSERT DATA { " + m.quads(m.node, m.stored) + " }"
	case 3:
		return "DELETE DATA { " + m.quads(m.iri, m.term) + " }"
	case 4:
		return "DELETE WHERE { " + m.quads(m.nodeOrVariable, m.valueOrVariable) + " }"
	case 5:
		return one(m.Rand, []string{"CLEAR ", "DROP "}) + m.silent() + m.graphs()
	case 6:
		return "CREATE " + m.silent() + "GRAPH " + m.graph()
	case 7, 8:
		return one(m.Rand, []string{"ADD ", "MOVE ", "COPY "}) + m.silent() + m.graphOrDefault() + " TO " + m.graphOrDefault()
	}
	return m.modify()
}

func (m *maker) modify() string {
	var b strings.Builder
	if m.chance(25) {
		b.WriteString("WITH " + m.graph() + " ")
	}
	both := m.IntN(3)
	if both != 0 {
		b.WriteString("DELETE { " + m.quads(m.nodeOrVariable, m.valueOrVariable) + " } ")
	}
	if both != 1 {
		subject := func() string {
			if m.chance(15) {
				return m.blank()
			}
			return m.nodeOrVariable()
		}
		b.WriteString("INSERT { " + m.quads(subject, m.valueOrVariable) + " } ")
	}
	if m.chance(20) {
		b.WriteString(m.list(1+m.IntN(2), "", func() string {
			named := ""
			if m.chance(50) {
				named = "NAMED "
			}
			return "USING " + named + m.graph() + " "
		}))
	}
	b.WriteString("WHERE " + m.group(2))
	return b.String()
}

// quads returns a few triples, some of them in graphs.
func (m *maker) quads(subject, object func() string) string {
	return m.list(1+m.IntN(3), " ", func() string {
		triples := m.list(1+m.IntN(2), " . ", func() string { return subject() + " :" + one(m.Rand, predicates) + " " + object() })
		if m.chance(60) {
			return triples + " ."
		}
		g := m.graph()
		if v := m.nodeOrVariable(); strings.HasPrefix(v, "?") && strings.HasPrefix(subject(), "?") {
			g = v
		}
		return "GRAPH " + g + " { " + triples + " }"
	})
}

func (m *maker) node() string {
	if m.chance(15) {
		return m.blank()
	}
	return m.iri()
}

func (m *maker) stored() string {
	if m.chance(10) {
		return m.blank()
	}
	return m.term()
}

func (m *maker) nodeOrVariable() string {
	if m.chance(70) {
		return m.used()
	}
	return m.iri()
}

func (m *maker) valueOrVariable() string {
	if m.chance(60) {
		return m.used()
	}
	return m.term()
}

func (m *maker) silent() string {
	if m.chance(60) {
		return "SILENT "
	}
	return ""
}

func (m *maker) graph() string {
	if m.chance(10) {
		return ":" + one(m.Rand, nodes)
	}
	return ":" + one(m.Rand, graphs)
}

func (m *maker) graphOrDefault() string {
	if m.chance(25) {
		return "DEFAULT"
	}
	return m.graph()
}

func (m *maker) graphs() string {
	if m.chance(70) {
		return "GRAPH " + m.graph()
	}
	return one(m.Rand, []string{"DEFAULT", "DEFAULT", "NAMED", "ALL"})
}
