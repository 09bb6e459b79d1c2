package exec

import (
	"context"
	"slices"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/plan"
)

// Triples makes the triples of a CONSTRUCT or DESCRIBE, as batches of three columns. They are
// a set.
type Triples struct {
	r      *Run
	source tripleSource
	seen   numbering
	batch  Batch
	out    columns

	predicates map[graph.ID]graph.Term // some of those that came, which come again and again
}

// A tripleSource gives triples, some of them more than once.
type tripleSource interface {
	// begin makes it ready, for the parameters of the run.
	begin()

	next(ctx context.Context, b *Batch) (bool, error)
}

// Construct makes the triples of a template from the rows of the run (SPARQL 1.1, 16.2). Terms
// among params stand for the parameters of the run in their order. A run is always asked for
// the same template.
func (r *Run) Construct(ctx context.Context, template []algebra.TriplePattern, params []graph.Term) (*Triples, error) {
	if r.triples != nil {
		return r.triples.again(), nil
	}
	t := &templateSource{r: r, params: params}
	blanks := map[algebra.Var]int{}
	for _, p := range template {
		var slots [3]templateSlot
		for i, s := range []algebra.Slot{p.S, p.P, p.O} {
			slot, err := t.slot(ctx, s, blanks)
			if err != nil {
				return nil, err
			}
			slots[i] = slot
		}
		t.triples = append(t.triples, slots)
	}
	t.blanks = make([]graph.ID, len(blanks))
	return r.made(t, "CONSTRUCT"), nil
}

// made notes what makes the triples of the run, with the terms that it needs each time.
func (r *Run) made(source tripleSource, where string) *Triples {
	r.triples = &Triples{r: r, source: source, seen: numbering{r: r, where: where, width: 3}}
	r.noted, r.local = len(r.dict.ids), len(r.dict.local)
	source.begin()
	return r.triples
}

// again begins again, for other parameters of the run.
func (t *Triples) again() *Triples {
	t.batch.Len = 0
	t.source.begin()
	return t
}

// Next fills b with the next triples, and returns false at the end.
func (t *Triples) Next(ctx context.Context, b *Batch) (bool, error) {
	for {
		if err := t.r.check(ctx, t.seen.where); err != nil {
			return false, err
		}
		ok, err := t.source.next(ctx, &t.batch)
		if !ok || err != nil {
			return false, t.r.cause(ctx, err, t.seen.where)
		}
		t.out.clear(3)
		for i := range t.batch.Len {
			_, fresh, err := t.seen.of(t.batch.Cols, tripleAt, i)
			if err != nil {
				return false, err
			}
			if fresh {
				for c := range t.out {
					t.out[c] = append(t.out[c], t.batch.Cols[c][i])
				}
			}
		}
		if n := len(t.out[0]); n > 0 {
			b.Len, b.Cols = n, append(b.Cols[:0], t.out...)
			return true, nil
		}
	}
}

var tripleAt = []int{0, 1, 2}

// How many predicates are kept with their terms, and how long these may be.
const (
	maxPredicates     = 128
	maxPredicateBytes = 256
)

// Terms fetches the terms of triples, whose IDs come column by column.
func (t *Triples) Terms(ctx context.Context, ids []graph.ID, terms []graph.Term) error {
	n := len(ids) / 3
	if err := t.r.Terms(ctx, ids[:n], terms[:n]); err != nil {
		return err
	}
	for i := n; i < 2*n; i++ {
		p, known := t.predicates[ids[i]]
		if known {
			terms[i] = p
			continue
		}
		if err := t.r.Terms(ctx, ids[i:i+1], terms[i:i+1]); err != nil {
			return err
		}
		// IDs of what the query makes may stand for other terms later.
		if ids[i].Class() == graph.ClassLocal || len(t.predicates) >= maxPredicates || len(terms[i].Value()) > maxPredicateBytes {
			continue
		}
		if t.predicates == nil {
			t.predicates = map[graph.ID]graph.Term{}
		}
		t.predicates[ids[i]] = terms[i]
	}
	return t.r.Terms(ctx, ids[2*n:], terms[2*n:])
}

// Close frees what the triples hold, the run among it.
func (t *Triples) Close() {
	t.seen.clear()
	t.r.Close()
}

// templateSource fills a template for each row.
type templateSource struct {
	r       *Run
	params  []graph.Term // those of the run
	triples [][3]templateSlot
	blanks  []graph.ID // of the row at hand
	batch   Batch
	out     columns
}

func (t *templateSource) begin() {}

// A templateSlot is a column of the run, a blank node that is new for each row, a triple term
// of slots, a parameter of the run, or a term.
type templateSlot struct {
	col, blank int
	triple     *[3]templateSlot
	param      int // from 1, 0 for none
	id         graph.ID
}

func (t *templateSource) slot(ctx context.Context, s algebra.Slot, blanks map[algebra.Var]int) (templateSlot, error) {
	slot := templateSlot{col: -1, blank: -1}
	if s.Triple != nil {
		slot.triple = new([3]templateSlot)
		for i, inner := range []algebra.Slot{s.Triple.S, s.Triple.P, s.Triple.O} {
			part, err := t.slot(ctx, inner, blanks)
			if err != nil {
				return slot, err
			}
			slot.triple[i] = part
		}
		return slot, nil
	}
	if !s.IsVar() {
		if slot.param = slices.Index(t.params, s.Term) + 1; slot.param > 0 {
			return slot, nil
		}
		id, err := t.r.dict.one(ctx, s.Term)
		slot.id = id
		return slot, err
	}
	for i, c := range t.r.vars {
		if c.Var == s.Var {
			slot.col = i
			return slot, nil
		}
	}
	if s.Var[0] == '.' {
		n, ok := blanks[s.Var]
		if !ok {
			n = len(blanks)
			blanks[s.Var] = n
		}
		slot.blank = n
	}
	return slot, nil
}

func (t *templateSource) next(ctx context.Context, b *Batch) (bool, error) {
	ok, err := t.r.top.next(ctx, &t.batch)
	if !ok || err != nil {
		return false, err
	}
	t.out.clear(3)
	for i := range t.batch.Len {
		clear(t.blanks)
		for _, slots := range t.triples {
			var ids [3]graph.ID
			for k, s := range slots {
				if ids[k], err = t.fill(ctx, s, i); err != nil {
					return false, err
				}
			}
			if t.r.wellFormed(ids) {
				for k, id := range ids {
					t.out[k] = append(t.out[k], id)
				}
			}
		}
	}
	b.Len, b.Cols = len(t.out[0]), append(b.Cols[:0], t.out...)
	return true, nil
}

func (t *templateSource) fill(ctx context.Context, s templateSlot, row int) (graph.ID, error) {
	switch {
	case s.triple != nil:
		return t.fillTriple(ctx, s.triple, row)
	case s.col >= 0:
		return t.batch.Cols[s.col][row], nil
	case s.param > 0:
		return t.r.params[s.param-1], nil
	case s.blank < 0:
		return s.id, nil
	}
	if t.blanks[s.blank] == graph.None {
		id, err := t.r.dict.fresh(graph.Blank(t.r.env.Blanks.Fresh()))
		if err != nil {
			return graph.None, err
		}
		t.blanks[s.blank] = id
	}
	return t.blanks[s.blank], nil
}

// fillTriple makes a triple term; there is none if its parts make no triple.
func (t *templateSource) fillTriple(ctx context.Context, slots *[3]templateSlot, row int) (graph.ID, error) {
	var ids [3]graph.ID
	var err error
	for k, s := range slots {
		if ids[k], err = t.fill(ctx, s, row); err != nil {
			return graph.None, err
		}
	}
	if !t.r.wellFormed(ids) {
		return graph.None, nil
	}
	var terms [3]graph.Term
	if err := t.r.dict.terms(ctx, ids[:], terms[:]); err != nil {
		return graph.None, err
	}
	p, _ := terms[1].IRI()
	return t.r.dict.one(ctx, graph.TripleTerm(graph.Triple{S: terms[0], P: p, O: terms[2]}))
}

// wellFormed tells whether IDs make a triple.
func (r *Run) wellFormed(ids [3]graph.ID) bool {
	s, p, o := r.dict.kind(ids[0]), r.dict.kind(ids[1]), r.dict.kind(ids[2])
	return (s == graph.KindIRI || s == graph.KindBlank) && p == graph.KindIRI && o != graph.KindNone
}

// Describe gives concise bounded descriptions: the triples of which a thing is the subject,
// and so on for the blank nodes that are their objects. Things are terms, and what the rows
// of the run bind in the columns of variables; all columns if there are neither. Terms among
// params stand for the parameters of the run in their order. A run is always asked for the same
// things.
func (r *Run) Describe(ctx context.Context, things []algebra.Slot, params []graph.Term, graphs plan.Graphs) (*Triples, error) {
	if r.triples != nil {
		return r.triples.again(), nil
	}
	d := &describeSource{r: r, walk: walker{r: r, graphs: graphs}}
	for _, s := range things {
		if !s.IsVar() {
			if i := slices.Index(params, s.Term); i >= 0 {
				d.params = append(d.params, i)
				continue
			}
			id, err := r.dict.one(ctx, s.Term)
			if err != nil {
				return nil, err
			}
			d.named = append(d.named, id)
			continue
		}
		for i, c := range r.vars {
			if c.Var == s.Var {
				d.cols = append(d.cols, i)
			}
		}
	}
	if len(things) == 0 {
		d.cols = all(len(r.vars))
	}
	return r.made(d, "DESCRIBE"), nil
}

type describeSource struct {
	r       *Run
	walk    walker
	named   []graph.ID // terms of the query
	params  []int      // of the run
	cols    []int
	read    bool
	seen    idSet
	waiting []graph.ID
	done    int // of those that wait
	out     columns
}

func (d *describeSource) begin() {
	d.read, d.waiting, d.done = false, d.waiting[:0], 0
	d.seen.clear()
	for _, id := range d.named {
		d.add(id)
	}
	for _, i := range d.params {
		d.add(d.r.params[i])
	}
}

func (d *describeSource) add(id graph.ID) {
	if id != graph.None && id.Class() != graph.ClassLocal && d.seen.add(id) {
		d.waiting = append(d.waiting, id)
	}
}

func (d *describeSource) next(ctx context.Context, b *Batch) (bool, error) {
	if !d.read {
		d.read = true
		if err := d.things(ctx); err != nil {
			return false, err
		}
	}
	d.out.clear(3)
	for d.done < len(d.waiting) && len(d.out[0]) < d.r.batch {
		id := d.waiting[d.done]
		d.done++
		err := d.walk.read(ctx, d.walk.pattern().With(graph.PosS, id), graph.SPO, graph.Cols(graph.PosP, graph.PosO), func(row graph.Row) error {
			d.out[0] = append(d.out[0], id)
			d.out[1] = append(d.out[1], row[graph.PosP])
			d.out[2] = append(d.out[2], row[graph.PosO])
			if row[graph.PosO].Class() == graph.ClassBlank {
				d.add(row[graph.PosO])
			}
			return nil
		})
		if err != nil {
			return false, err
		}
	}
	b.Len, b.Cols = len(d.out[0]), append(b.Cols[:0], d.out...)
	return b.Len > 0, nil
}

// things reads what the pattern binds.
func (d *describeSource) things(ctx context.Context) error {
	if len(d.cols) == 0 {
		return nil
	}
	var b Batch
	for {
		ok, err := d.r.top.next(ctx, &b)
		if !ok || err != nil {
			slices.Sort(d.waiting)
			return err
		}
		held := cap(d.seen.slots) + cap(d.waiting)
		for _, c := range d.cols {
			for _, id := range b.Cols[c][:b.Len] {
				d.add(id)
			}
		}
		if more := cap(d.seen.slots) + cap(d.waiting) - held; more > 0 {
			if err := d.r.account.grow(int64(more)*8, "DESCRIBE"); err != nil {
				return err
			}
		}
	}
}
