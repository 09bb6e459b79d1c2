package memstore

import (
	"cmp"
	"context"
	"slices"

	"mocban/graph"
	"mocban/vocab/rdf"
)

// Statistics implements graph.Counted by looking at every row.
func (s *snapshot) Statistics(ctx context.Context) (*graph.Statistics, error) {
	out := &graph.Statistics{
		Version: s.version, Exact: true, Quads: uint64(len(s.rows)), Graphs: uint64(len(s.graphs)),
	}
	typeID := s.dict.id(rdf.Type.Term())
	type pair [2]graph.ID
	triples := make(map[[3]graph.ID]bool)
	subjects, objects := make(map[graph.ID]bool), make(map[graph.ID]bool)
	property := make(map[graph.ID]*graph.PropertyStatistics)
	ofProperty := [2]map[pair]bool{make(map[pair]bool), make(map[pair]bool)}
	instances := make(map[graph.ID]uint64)
	for _, r := range s.rows {
		if r[graph.PosG] == graph.DefaultGraph {
			out.Default++
		}
		triple := [3]graph.ID{r[graph.PosS], r[graph.PosP], r[graph.PosO]}
		if triples[triple] {
			continue
		}
		triples[triple] = true
		subjects[r[graph.PosS]], objects[r[graph.PosO]] = true, true
		p := r[graph.PosP]
		if property[p] == nil {
			property[p] = &graph.PropertyStatistics{Property: p}
		}
		property[p].Triples++
		for i, id := range [2]graph.ID{r[graph.PosS], r[graph.PosO]} {
			ofProperty[i][pair{p, id}] = true
		}
		if p == typeID {
			instances[r[graph.PosO]]++
		}
	}
	out.Triples, out.Subjects, out.Objects = uint64(len(triples)), uint64(len(subjects)), uint64(len(objects))
	for k := range ofProperty[0] {
		property[k[0]].Subjects++
	}
	for k := range ofProperty[1] {
		property[k[0]].Objects++
	}
	for _, p := range property {
		out.Properties = append(out.Properties, *p)
	}
	for class, n := range instances {
		out.Classes = append(out.Classes, graph.ClassStatistics{Class: class, Instances: n})
	}
	slices.SortFunc(out.Properties, func(a, b graph.PropertyStatistics) int { return cmp.Compare(a.Property, b.Property) })
	slices.SortFunc(out.Classes, func(a, b graph.ClassStatistics) int { return cmp.Compare(a.Class, b.Class) })
	return out, ctx.Err()
}
