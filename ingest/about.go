package ingest

import (
	"context"
	"errors"

	"mocban/graph"
	"mocban/ingest/mapping"
	"mocban/ingest/marc"
	"mocban/vocab/bf"
	"mocban/vocab/mocban"
)

// What one record may make [Linker.About] read.
const (
	aboutRounds = 8
	aboutGraphs = 5_000   // authority records
	aboutRows   = 200_000 // that say something of one heading or number
)

// About makes an index of those authority records of a store that have to do with the headings of
// a record, which needs not be in the store: mapped with it the record becomes what loading it
// would make of it. It looks the headings up and reads nothing else, so that it takes no longer
// in a large store. M maps the record; it and the mappers of the linker have the same base. The
// linker needs no Authorities for this.
func (l *Linker) About(ctx context.Context, s graph.Snapshot, m *mapping.Mapper, r *marc.Record) (*mapping.AuthorityIndex, error) {
	x := mapping.NewAuthorityIndex()
	x.KeepNames()
	a := &about{ctx: ctx, Linker: l, m: m, s: s, index: x, asked: map[graph.Term]bool{}, known: map[graph.ID]bool{}}
	if err := a.begin(); err != nil {
		return nil, err
	}
	for range aboutRounds {
		before := len(a.asked)
		heads, numbers := m.Asks(r, x)
		// A heading that another authority record has, too, leads to neither.
		if err := a.headings(append(heads, m.Heads(x)...)); err != nil {
			return nil, err
		}
		if err := a.numbers(numbers, r); err != nil {
			return nil, err
		}
		if len(a.asked) == before {
			break
		}
	}
	return x, m.Index(x, r)
}

// An about finds the authority records of one record.
type about struct {
	*Linker
	ctx   context.Context // of the one call that it serves
	m     *mapping.Mapper
	s     graph.Snapshot
	index *mapping.AuthorityIndex

	see, admin, original graph.ID
	links                map[graph.ID]bool
	asked                map[graph.Term]bool
	known                map[graph.ID]bool // graphs that were looked at
}

func (a *about) begin() error {
	terms := []graph.Term{mocban.See.Term(), bf.AdminMetadata.Term(), mocban.Original.Term(), mocban.AuthorityNumber.Term()}
	for p := range linkProperties {
		terms = append(terms, p.Term())
	}
	ids := make([]graph.ID, len(terms))
	if err := a.s.IDs(a.ctx, terms, ids); err != nil {
		return err
	}
	a.see, a.admin, a.original, a.links = ids[0], ids[1], ids[2], map[graph.ID]bool{}
	for _, id := range ids[3:] {
		if id != graph.None {
			a.links[id] = true
		}
	}
	return nil
}

// fresh returns those of some terms that were not asked for, and their IDs.
func (a *about) fresh(terms []graph.Term) ([]graph.ID, error) {
	var some []graph.Term
	for _, t := range terms {
		if !a.asked[t] {
			a.asked[t] = true
			some = append(some, t)
		}
	}
	ids := make([]graph.ID, len(some))
	return ids, a.s.IDs(a.ctx, some, ids)
}

// headings takes the authority records that establish headings or refer from them.
func (a *about) headings(heads []graph.Term) error {
	ids, err := a.fresh(heads)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if id == graph.None {
			continue
		}
		things := map[graph.ID]bool{id: true}
		if a.see != graph.None {
			err := a.each(graph.Pattern{S: id, P: a.see}, graph.Cols(graph.PosO), func(r graph.Row) { things[r[graph.PosO]] = true })
			if err != nil {
				return err
			}
		}
		if err := a.of(things); err != nil {
			return err
		}
	}
	return nil
}

// numbers takes the authority records that have numbers.
func (a *about) numbers(numbers []string, r *marc.Record) error {
	var terms, own []graph.Term
	for _, n := range numbers {
		terms = append(terms, mapping.NumberTerms(n)...)
		if iri := a.m.OwnRecord(n, r); iri != "" {
			own = append(own, iri.Term())
		}
	}
	ids, err := a.fresh(terms)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if id == graph.None {
			continue
		}
		things := map[graph.ID]bool{}
		err := a.each(graph.Pattern{O: id}, graph.Cols(graph.PosS, graph.PosP), func(r graph.Row) {
			if a.links[r[graph.PosP]] {
				things[r[graph.PosS]] = true
			}
		})
		if err == nil {
			err = a.of(things)
		}
		if err != nil {
			return err
		}
	}
	if ids, err = a.fresh(own); err != nil {
		return err
	}
	for _, id := range ids {
		if id == graph.None {
			continue
		}
		if err := a.read(id); err != nil {
			return err
		}
	}
	return nil
}

// of takes the authority records of things.
func (a *about) of(things map[graph.ID]bool) error {
	if a.admin == graph.None {
		return nil
	}
	for id := range things {
		var graphs []graph.ID
		err := a.each(graph.Pattern{S: id, P: a.admin}, graph.Cols(graph.PosG), func(r graph.Row) {
			if g := r[graph.PosG]; g != graph.DefaultGraph {
				graphs = append(graphs, g)
			}
		})
		if err != nil {
			return err
		}
		for _, g := range graphs {
			if err := a.read(g); err != nil {
				return err
			}
		}
	}
	return nil
}

// errEnough tells that more rows say the same than are read.
var errEnough = errors.New("enough")

// each calls f for the rows of a pattern, as far as these are not too many: a heading that
// more records have is one that all these agree on.
func (a *about) each(p graph.Pattern, columns graph.Columns, f func(graph.Row)) error {
	n := 0
	err := graph.EachRow(a.ctx, a.s, p, columns, func(r graph.Row) error {
		if n++; n > aboutRows {
			return errEnough
		}
		f(r)
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// read adds the authority record of a graph to the index, from its original bytes. Another
// graph adds nothing.
func (a *about) read(g graph.ID) error {
	if a.original == graph.None || a.known[g] || len(a.known) >= aboutGraphs {
		return nil
	}
	a.known[g] = true
	var pair []graph.ID
	err := a.each(graph.Pattern{S: g, P: a.original, G: g}, graph.Cols(graph.PosO), func(r graph.Row) {
		pair = []graph.ID{g, r[graph.PosO]}
	})
	if err != nil || pair == nil {
		return err
	}
	return a.readSome(a.ctx, a.s, a.index, pair)
}
