package resource

import (
	"slices"

	"mocban/graph"
)

// node builds the tree of a thing from rows that hold it and its parts.
func (l *loader) node(id graph.ID, rows []graph.Row) *Node {
	return l.build(id, bySubject(rows), nil)
}

// bySubject groups rows. Those of one subject mostly stand together.
func bySubject(rows []graph.Row) map[graph.ID][]graph.Row {
	by := make(map[graph.ID][]graph.Row, 16)
	for start := 0; start < len(rows); {
		s, end := rows[start][graph.PosS], start+1
		for end < len(rows) && rows[end][graph.PosS] == s {
			end++
		}
		if all := by[s]; all == nil {
			by[s] = rows[start:end:end]
		} else {
			by[s] = append(all, rows[start:end]...)
		}
		start = end
	}
	return by
}

// build makes a node. Above holds the nodes that it hangs on, so that a ring of parts ends.
func (l *loader) build(id graph.ID, rows map[graph.ID][]graph.Row, above []graph.ID) *Node {
	n := &Node{Term: l.r.terms.at(id), Props: make([]Prop, 0, properties(rows[id]))}
	values := make([]Value, 0, len(rows[id]))
	above = append(above, id)
	var last graph.Row
	for i, row := range rows[id] {
		if i > 0 && row[graph.PosP] == last[graph.PosP] && row[graph.PosO] == last[graph.PosO] {
			continue // the same in another graph
		}
		if i == 0 || row[graph.PosP] != last[graph.PosP] {
			p, _ := l.r.terms.at(row[graph.PosP]).IRI()
			n.Props = append(n.Props, Prop{IRI: p, Values: values[len(values):]})
		}
		last = row
		o := row[graph.PosO]
		v := Value{Term: l.r.terms.at(o)}
		if l.parts[o] && !slices.Contains(above, o) && len(above) < maxDepth {
			v.Part = l.build(o, rows, above)
		}
		prop := &n.Props[len(n.Props)-1]
		values = append(values, v)
		prop.Values = values[len(values)-len(prop.Values)-1 : len(values) : len(values)]
	}
	return n
}

// properties returns how many runs of one predicate rows have.
func properties(rows []graph.Row) (n int) {
	last := graph.None
	for i := range rows {
		if p := rows[i][graph.PosP]; p != last {
			n, last = n+1, p
		}
	}
	return n
}

// links makes In of the rows that point at the thing. Rows of parts are followed up to what
// they are part of.
func (l *loader) links(id graph.ID) {
	rows := l.r.rows[l.r.outEnd:l.r.inEnd]
	into := make(map[graph.ID][]graph.Row)
	from := bySubject(rows)
	for _, row := range rows {
		into[row[graph.PosO]] = append(into[row[graph.PosO]], row)
	}
	type key struct {
		from graph.ID
		path string
	}
	seen := make(map[key]bool)
	var climb func(at graph.ID, path []graph.IRI, part graph.ID, depth int)
	climb = func(at graph.ID, path []graph.IRI, part graph.ID, depth int) {
		for _, row := range into[at] {
			s := row[graph.PosS]
			p, _ := l.r.terms.at(row[graph.PosP]).IRI()
			way := append([]graph.IRI{p}, path...)
			if l.parts[s] {
				if depth < maxDepth {
					climb(s, way, s, depth+1)
				}
				continue
			}
			k := key{from: s}
			for _, p := range way {
				k.path += string(p) + " "
			}
			if seen[k] {
				continue
			}
			seen[k] = true
			link := Link{From: l.r.terms.at(s), Path: way}
			if part != graph.None {
				link.Part = l.build(part, from, []graph.ID{id})
			}
			l.r.In = append(l.r.In, link)
		}
	}
	climb(id, nil, graph.None, 0)
}
