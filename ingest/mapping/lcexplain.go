package mapping

import (
	"slices"
	"strings"

	"mocban/graph"
	"mocban/ingest/mapping/lc"
	"mocban/ingest/marc"
	"mocban/ontology"
)

// What the profile lc-2.10 does stands in rows, but much of it in functions that read whatever
// subfields they like. So what becomes of a subfield is found out by trying: the record is mapped
// without it, or with a position of a control field filled by a bar, and what is then missing, or
// reads otherwise, has come from there.

// watchLC returns what is told why the profile lc-2.10 makes its triples, nil if nobody asks.
func (b *builder) watchLC(r *marc.Record) func(lc.Cause) {
	if b.trace == nil {
		return nil
	}
	b.trace.leader = &marc.Field{Tag: "LDR"}
	return func(c lc.Cause) {
		b.trace.now = cause{row: c.Row, part: Part(c.Part), sub: -1}
		switch {
		case c.Field >= 0:
			b.trace.now.field = &r.Fields[c.Field]
		case c.Field == -1:
			b.trace.now.field = b.trace.leader
		}
	}
}

// A prober maps a record again and again, with something missing.
type prober struct {
	e     *explainer
	r     *marc.Record
	base  map[graph.Triple]int // how often there is a triple, blank nodes being all alike
	left  int                  // how many quads may still be looked at
	field *marc.Field
}

// mostProbed bounds what explaining a record costs, in quads. What cannot be tried any more is
// told by the rows alone.
const mostProbed = 20_000_000

// masked returns a triple in which blank nodes are all alike.
func masked(q *graph.Quad) graph.Triple {
	t := q.Triple()
	if t.S.IsBlank() {
		t.S = graph.Blank("b")
	}
	if t.O.IsBlank() {
		t.O = graph.Blank("b")
	}
	return t
}

// without returns the quads that are missing once the record was changed, and whether anything
// has changed at all. Of quads that look alike those that rows for the field have made go first.
func (p *prober) without(change func(r *marc.Record)) (quads []int, changed bool) {
	r := *p.r
	r.Fields = slices.Clone(p.r.Fields)
	change(&r)
	again, _, err := p.e.m.Append(nil, &r)
	p.left -= len(p.e.quads) + len(again)
	if err != nil {
		return nil, true // without it the record is none
	}
	count := make(map[graph.Triple]int, len(p.base))
	for i := range again {
		count[masked(&again[i])]++
	}
	missing := map[graph.Triple]int{}
	for t, n := range p.base {
		if lost := n - count[t]; lost > 0 {
			missing[t] = lost
		}
		if count[t] != n {
			changed = true
		}
	}
	for t := range count {
		if p.base[t] == 0 {
			changed = true
		}
	}
	if len(missing) == 0 {
		return nil, changed
	}
	take := func(ofField bool) {
		for i := range p.e.trace.made {
			m := &p.e.trace.made[i]
			t := masked(&p.e.quads[m.quad])
			if missing[t] > 0 && (!ofField || m.cause.field == p.field) && !slices.Contains(quads, m.quad) {
				missing[t]--
				quads = append(quads, m.quad)
			}
		}
	}
	take(true)
	take(false)
	slices.Sort(quads)
	return quads, changed
}

// eachProbed calls f for the leader and each field, with what became of their parts.
func (e *explainer) eachProbed(r *marc.Record, f func(*unit)) {
	p := &prober{e: e, r: r, base: map[graph.Triple]int{}, left: mostProbed}
	for i := range e.quads {
		p.base[masked(&e.quads[i])]++
	}
	e.taken = map[int]bool{}
	tell := func(u *unit) {
		for i := range u.parts {
			for _, q := range u.parts[i].quads {
				e.taken[q] = true
			}
		}
	}
	var units []*unit
	if r.Leader != "" {
		units = append(units, &unit{tag: "LDR", field: e.trace.leader, parts: p.positions(e.trace.leader, r.Leader, func(r *marc.Record, data string) { r.Leader = data })})
	}
	for i := range r.Fields {
		field := &r.Fields[i]
		u := &unit{tag: field.Tag, field: field}
		switch {
		case field.Tag == "001": // which names all
			u.parts = []outcome{{value: field.Data, sub: -1, state: Mapped, own: true}}
		case len(field.Subfields) == 0:
			u.parts = p.positions(field, field.Data, func(r *marc.Record, data string) { r.Fields[i].Data = data })
		default:
			u.indicators = string([]byte{field.Ind1, field.Ind2})
			u.parts = p.subfields(i)
		}
		units = append(units, u)
	}
	for _, u := range units {
		tell(u)
	}
	for _, u := range units {
		f(u)
	}
}

// subfields tells what became of the subfields of a field.
func (p *prober) subfields(i int) (parts []outcome) {
	f := &p.r.Fields[i]
	p.field = f
	for j := range f.Subfields {
		s := &f.Subfields[j]
		o := outcome{code: string(rune(s.Code)), value: s.Value, sub: j, state: Unmapped}
		rows := p.rowsFor(f, s.Code)
		changed := false
		if p.left > 0 {
			o.quads, changed = p.without(func(r *marc.Record) {
				r.Fields[i].Subfields = slices.Delete(slices.Clone(f.Subfields), j, j+1)
			})
		} else {
			changed = slices.ContainsFunc(p.e.trace.made, func(m made) bool { return m.cause.field == f && slices.Contains(rows, m.cause.row) })
		}
		switch n := subIndex(s.Code); {
		case changed:
			o.state = Mapped
			p.reasons(&o)
		case len(rows) > 0 || p.readsWhole(f.Tag):
			o.state, o.rows = Nothing, rows
		case n >= 0 && linkSubs&(1<<n) != 0:
			o.state, o.own = Ignored, true
		}
		parts = append(parts, o)
	}
	return parts
}

// rowsFor returns the rows that read a subfield, or may.
func (p *prober) rowsFor(f *marc.Field, code byte) []*ontology.Row {
	tag := f.Tag
	if tag == "880" {
		tag, _, _ = strings.Cut(f.Subfield('6'), "-")
	}
	return p.e.m.lc.RowsFor(tag, code)
}

// readsWhole tells whether a function reads the fields with a tag, which names no rows: those of
// authority records.
func (p *prober) readsWhole(tag string) bool {
	return p.r.Type() == marc.Authority && lc.AuthorityReads(tag)
}

// reasons names the rows that made what a part leads to.
func (p *prober) reasons(o *outcome) {
	for _, m := range p.e.madeQuads(o.quads) {
		if r := m.cause.row; r == nil {
			o.own = true
		} else if !slices.Contains(o.rows, r) {
			o.rows = append(o.rows, r)
		}
	}
	o.own = o.own || o.rows == nil
}

// positions tells what became of the positions of a control field. Those that follow on one
// another and lead to the same are told as one.
func (p *prober) positions(f *marc.Field, data string, set func(r *marc.Record, data string)) (parts []outcome) {
	p.field = f
	fill := "|"
	if f.Tag == "LDR" {
		fill = " "
	}
	var last *outcome
	from := 0
	for i := range len(data) {
		o := outcome{value: data[i : i+1], sub: -1, state: Unmapped}
		changed := false
		if data[i:i+1] != fill && p.left > 0 {
			o.quads, changed = p.without(func(r *marc.Record) { set(r, data[:i]+fill+data[i+1:]) })
		}
		switch {
		case changed:
			o.state = Mapped
			p.reasons(&o)
		case strings.Trim(o.value, " |#") == "" || f.Tag == "LDR" && ownPosition(f.Tag, i):
			o.state, o.own = Ignored, true
		case p.e.m.lc.Reads(f.Tag) || f.Tag == "LDR":
			o.state = Nothing
		}
		if last != nil && last.state == o.state && last.own == o.own && slices.Equal(last.quads, o.quads) && slices.Equal(last.rows, o.rows) {
			last.value = data[from : i+1]
			last.code = positionsName(from, i+1, len(data))
			continue
		}
		from = i
		o.code = positionsName(i, i+1, len(data))
		parts = append(parts, o)
		last = &parts[len(parts)-1]
	}
	return parts
}

// madeQuads returns how some quads were made.
func (e *explainer) madeQuads(quads []int) (all []made) {
	for _, m := range e.trace.made {
		if slices.Contains(quads, m.quad) {
			all = append(all, m)
		}
	}
	return all
}
