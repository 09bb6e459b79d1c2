package mapping

import (
	"slices"

	"mocban/ingest/tree"
	"mocban/ontology"
)

// A Rule is a row of the tables by which a mapper maps, ours or a library's own.
type Rule struct {
	Kind string // what records it is for: bib, auth, hold, unimarc, or a kind of tree
	Row  *ontology.Row
	Own  bool            // of a library
	Gone []*ontology.Row // rows of a library that have taken it away, all of it or a part
	Used bool            // something of it is left
}

// Rules returns the rows by which records are mapped, in the order of the tables, with those
// that a library's own rows have taken away.
func (m *Mapper) Rules() ([]Rule, error) {
	if m.lc != nil {
		return lcRules()
	}
	var all []Rule
	over := m.options.Overlays
	if m.koha != nil {
		over = append([]*ontology.Table{m.koha.rows}, over...)
	}
	for _, k := range []struct {
		kind string
		plan *plan
	}{{"bib", m.bib}, {"auth", m.auth.get()}, {"hold", m.hold.get()}, {"unimarc", m.uni.get()}, {"unimarc-auth", m.uniAuth.get()}} {
		tables, err := ontology.MARC(k.kind)
		if err != nil {
			return nil, err
		}
		all = k.plan.lost.rules(all, k.kind, m.scope, tables, over)
	}
	for _, kind := range tree.Kinds {
		t, err := ontology.Tree(string(kind))
		if err != nil {
			return nil, err
		}
		all = m.trees[kind].get().lost.rules(all, string(kind), m.scope, []*ontology.Table{t}, m.options.Overlays)
	}
	for i := range all {
		if m.koha != nil && all[i].Row.File() == m.koha.rows.File {
			all[i].Own = false
		}
	}
	return all, nil
}

// lcRules are the rows of the profile lc-2.10.
func lcRules() ([]Rule, error) {
	tables, err := ontology.LCRows()
	if err != nil {
		return nil, err
	}
	return losses(nil).rules(nil, "bib", scope{LC, BIBFRAME2}, tables, nil), nil
}

// losses are the rows of ours that rows of a library have taken something of, by file and line.
type losses map[place][]loss

// A place is where a row stands.
type place struct {
	file string
	line int
}

func placeOf(r *ontology.Row) place { return place{r.File(), r.Line} }

// A loss is what a row of a library has taken: all that the row of ours does, or a part.
type loss struct {
	by  *ontology.Row
	all bool
}

// note notes that a row of ours has lost something.
func (l losses) note(ours, by *ontology.Row, all bool) {
	at := placeOf(ours)
	if !slices.Contains(l[at], loss{by, all}) {
		l[at] = append(l[at], loss{by, all})
	}
}

// rules adds the rows of tables of ours, then those of a library that are for a kind.
func (l losses) rules(to []Rule, kind string, s scope, tables, own []*ontology.Table) []Rule {
	for _, t := range tables {
		for i := range t.Rows {
			if !s.has(&t.Rows[i]) {
				continue
			}
			r := Rule{Kind: kind, Row: &t.Rows[i], Used: true}
			for _, lost := range l[placeOf(r.Row)] {
				r.Gone = append(r.Gone, lost.by)
				r.Used = r.Used && !lost.all
			}
			to = append(to, r)
		}
	}
	for _, row := range rowsFor(kind, own) {
		to = append(to, Rule{Kind: kind, Row: row, Own: true, Used: true})
	}
	return to
}
