package resource

import (
	"slices"

	"mocban/graph"
)

// node builds the tree of a thing from rows that hold it and its parts.
func (l *loader) node(id graph.ID, rows []graph.Row) *Node {
	bySubject := make(map[graph.ID][]graph.Row)
	for _, row := range rows {
		s := row[graph.PosS]
		bySubject[s] = append(bySubject[s], row)
	}
	return l.build(id, bySubject, nil)
}

// build makes a node. Above holds the nodes that it hangs on, so that a ring of parts ends.
func (l *loader) build(id graph.ID, rows map[graph.ID][]graph.Row, above []graph.ID) *Node {
	n := &Node{Term: l.r.terms.at(id)}
	above = append(above, id)
	var last graph.Row
	for i, row := range rows[id] {
		if i > 0 && row[graph.PosP] == last[graph.PosP] && row[graph.PosO] == last[graph.PosO] {
			continue // the same in another graph
		}
		if i == 0 || row[graph.PosP] != last[graph.PosP] {
			p, _ := l.r.terms.at(row[graph.PosP]).IRI()
			n.Props = append(n.Props, Prop{IRI: p})
		}
		last = row
		o := row[graph.PosO]
		v := Value{Term: l.r.terms.at(o)}
		if l.parts[o] && !slices.Contains(above, o) && len(above) < maxDepth {
			v.Part = l.build(o, rows, above)
		}
		prop := &n.Props[len(n.Props)-1]
		prop.Values = append(prop.Values, v)
	}
	return n
}

// links makes In of the rows that point at the thing. Rows of parts are followed up to what
// they are part of.
func (l *loader) links(id graph.ID) {
	rows := l.r.rows[l.r.outEnd:l.r.inEnd]
	into := make(map[graph.ID][]graph.Row)
	from := make(map[graph.ID][]graph.Row)
	for _, row := range rows {
		into[row[graph.PosO]] = append(into[row[graph.PosO]], row)
		from[row[graph.PosS]] = append(from[row[graph.PosS]], row)
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
