package exec

import (
	"context"
	"slices"

	"mocban/graph"
	"mocban/sparql/expr"
)

// A dict gives IDs to the terms that a query makes, and terms to all IDs.
type dict struct {
	snap    graph.Snapshot
	account *Account
	local   []graph.Term
	ids     map[graph.Term]graph.ID // of terms asked for, stored ones among them
	passing []*passing
	rest    []graph.ID // memory of terms
}

// A passing holds the terms of a column that an operator makes, until it makes others: those that
// nobody compares. They have IDs of their own, by their rows, whether the store knows them or not.
type passing struct {
	number uint64
	terms  []graph.Term
	held   int64 // bytes of texts in the account
}

// IDs of passing terms are local ones with the number of the passing and that of the row.
const (
	passingBit  = 1 << 44
	passingRows = 20 // bits of the number of a row
)

// newPassing returns a place for the terms of one column.
func (d *dict) newPassing() *passing {
	p := &passing{number: uint64(len(d.passing))}
	d.passing = append(d.passing, p)
	return p
}

// passValues is fromValues for terms that are passing.
func (d *dict) passValues(p *passing, values []expr.Value, ids []graph.ID) error {
	bytes := int64(0)
	p.terms = p.terms[:0]
	for i := range values {
		id, ok := values[i].ID()
		if !ok && !values[i].IsError() {
			t, _ := values[i].Term()
			id = graph.NewID(graph.ClassLocal, passingBit|p.number<<passingRows|uint64(len(p.terms)))
			p.terms = append(p.terms, t)
			bytes += int64(len(t.Value()))
		}
		ids[i] = id
	}
	more := bytes - p.held
	p.held = bytes
	return d.account.grow(more, "making terms")
}

// forget lets go of terms that are passing.
func (d *dict) forget(p *passing) {
	if p != nil {
		clear(p.terms[:cap(p.terms)])
		d.account.release(p.held)
		p.terms, p.held = p.terms[:0], 0
	}
}

// made returns the term of a local ID.
func (d *dict) made(id graph.ID) graph.Term {
	n := id.Payload()
	if n&passingBit == 0 {
		return d.local[n]
	}
	n ^= passingBit
	return d.passing[n>>passingRows].terms[n&(1<<passingRows-1)]
}

const termBytes = 150 // that a term in the dict takes, about, beside its text

// intern sets ids to the IDs of terms: those of the store, or local ones.
func (d *dict) intern(ctx context.Context, terms []graph.Term, ids []graph.ID) error {
	var unknown []graph.Term
	for i, t := range terms {
		id, ok := graph.Inline(t)
		if !ok {
			id, ok = d.ids[t]
		}
		if !ok && t.IsZero() {
			ok = true
		}
		ids[i] = id
		if !ok {
			unknown = append(unknown, t)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	found := make([]graph.ID, len(unknown))
	if err := d.snap.IDs(ctx, unknown, found); err != nil {
		return err
	}
	for i, t := range unknown {
		if err := d.note(t, found[i]); err != nil {
			return err
		}
	}
	for i, t := range terms {
		if ids[i] == graph.None && !t.IsZero() {
			ids[i] = d.ids[t]
		}
	}
	return nil
}

// note remembers the ID of a term, a new one if there is none.
func (d *dict) note(t graph.Term, id graph.ID) error {
	if _, known := d.ids[t]; known {
		return nil
	}
	if err := d.account.grow(termBytes+int64(len(t.Value())), "making terms"); err != nil {
		return err
	}
	if d.ids == nil {
		d.ids = map[graph.Term]graph.ID{}
	}
	if id == graph.None {
		id = graph.NewID(graph.ClassLocal, uint64(len(d.local)))
		d.local = append(d.local, t)
	}
	d.ids[t] = id
	return nil
}

// one is intern for a single term.
func (d *dict) one(ctx context.Context, t graph.Term) (graph.ID, error) {
	terms, ids := [1]graph.Term{t}, [1]graph.ID{}
	err := d.intern(ctx, terms[:], ids[:])
	return ids[0], err
}

// terms is Snapshot.Terms for all IDs of the query.
func (d *dict) terms(ctx context.Context, ids []graph.ID, terms []graph.Term) error {
	local := func(id graph.ID) bool { return id.Class() == graph.ClassLocal }
	if !slices.ContainsFunc(ids, local) {
		return d.snap.Terms(ctx, ids, terms)
	}
	rest := d.rest[:0]
	for _, id := range ids {
		if !local(id) {
			rest = append(rest, id)
		}
	}
	d.rest = rest
	found := terms[len(ids)-len(rest) : len(ids)] // each is moved to the front, or stays
	if err := d.snap.Terms(ctx, rest, found); err != nil {
		return err
	}
	for i, id := range ids {
		if local(id) {
			terms[i] = d.made(id)
		} else {
			terms[i], found = found[0], found[1:]
		}
	}
	return nil
}

// fromValues sets ids to the IDs of values; errors are unbound.
func (d *dict) fromValues(ctx context.Context, values []expr.Value, ids []graph.ID) error {
	var terms []graph.Term
	var at []int
	for i := range values {
		id, ok := values[i].ID()
		ids[i] = id
		if ok || values[i].IsError() {
			continue
		}
		t, _ := values[i].Term()
		terms, at = append(terms, t), append(at, i)
	}
	if len(terms) == 0 {
		return nil
	}
	found := make([]graph.ID, len(terms))
	if err := d.intern(ctx, terms, found); err != nil {
		return err
	}
	for i, k := range at {
		ids[k] = found[i]
	}
	return nil
}

// fresh gives an ID to a term that is known to be new.
func (d *dict) fresh(t graph.Term) (graph.ID, error) {
	id := graph.NewID(graph.ClassLocal, uint64(len(d.local)))
	d.local = append(d.local, t)
	return id, d.account.grow(termBytes, "making blank nodes")
}

// kind tells what kind of term an ID stands for.
func (d *dict) kind(id graph.ID) graph.Kind {
	if id.Class() == graph.ClassLocal {
		return d.made(id).Kind()
	}
	return id.Kind()
}
