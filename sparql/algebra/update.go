package algebra

import (
	"mocban/graph"
	"mocban/sparql/syntax"
)

// A QuadPattern is a triple pattern in a graph. The zero Slot is the default graph of the
// store.
type QuadPattern struct {
	Graph Slot
	TriplePattern
}

// A Modify is what DELETE, INSERT and their WHERE say (SPARQL 1.1 Update, 3.1.3). For each
// solution of Where, the quads of Delete go and those of Insert come. The blank nodes of
// Insert are dotted variables that Where does not bind, as those of a CONSTRUCT are.
type Modify struct {
	Delete, Insert []QuadPattern

	// Where is a SELECT of the variables in Delete and Insert. Its Dataset is that of USING.
	Where *Query

	// With is the graph of WITH, or empty: the default graph of Where, unless USING says
	// another. It stands in Delete and Insert already.
	With graph.IRI
}

// TranslateModify makes the algebra of a DELETE, an INSERT, or both.
func TranslateModify(m *syntax.Modify) (*Modify, error) {
	t := new(translator)
	where := &Query{Form: Select, Base: m.Base, Version: m.Version, Dataset: dataset(m.Using), Pattern: t.pattern(m.Where)}
	if t.err != nil {
		return nil, t.err
	}
	out := &Modify{Delete: quadPatterns(m.Delete, m.With), Insert: quadPatterns(m.Insert, m.With), Where: where, With: m.With}
	out.selectVars()
	return out, nil
}

// TranslateDeleteWhere makes the algebra of a DELETE WHERE, whose template is its pattern
// (SPARQL 1.1 Update, 3.1.3.3).
func TranslateDeleteWhere(d *syntax.DeleteWhere) *Modify {
	out := &Modify{Delete: quadPatterns(d.Quads, "")}
	var op Op = &BGP{}
	for i := 0; i < len(out.Delete); {
		g := out.Delete[i].Graph
		bgp := new(BGP)
		for ; i < len(out.Delete) && out.Delete[i].Graph == g; i++ {
			bgp.Patterns = append(bgp.Patterns, out.Delete[i].TriplePattern)
		}
		if g == (Slot{}) {
			op = join(op, bgp)
		} else {
			op = join(op, &Graph{g, bgp})
		}
	}
	out.Where = &Query{Form: Select, Pattern: op}
	out.selectVars()
	return out
}

func quadPatterns(quads []syntax.Quad, with graph.IRI) []QuadPattern {
	var all []QuadPattern
	for _, q := range quads {
		p := QuadPattern{slot(q.Graph), TriplePattern{made(slot(q.Triple.S)), made(slot(q.Triple.P)), made(slot(q.Triple.O))}}
		if p.Graph == (Slot{}) && with != "" {
			p.Graph = Slot{Term: with.Term()}
		}
		all = append(all, p)
	}
	return all
}

// selectVars makes the templates' variables the columns of the query.
func (m *Modify) selectVars() {
	known := map[Var]bool{}
	var add func(...Slot)
	add = func(slots ...Slot) {
		for _, s := range slots {
			switch {
			case s.Triple != nil:
				add(s.Triple.S, s.Triple.P, s.Triple.O)
			case s.Var != "" && s.Var[0] != '.' && !known[s.Var]:
				known[s.Var] = true
				m.Where.Vars = append(m.Where.Vars, s.Var)
			}
		}
	}
	for _, quads := range [][]QuadPattern{m.Delete, m.Insert} {
		for _, q := range quads {
			add(q.Graph, q.S, q.P, q.O)
		}
	}
}
