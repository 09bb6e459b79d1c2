package exec

import (
	"context"

	"mocban/graph"
	"mocban/sparql/expr"
)

// A dict gives IDs to the terms that a query makes, and terms to all IDs.
type dict struct {
	snap    graph.Snapshot
	account *Account
	local   []graph.Term
	ids     map[graph.Term]graph.ID // of terms asked for, stored ones among them
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
	if len(d.local) == 0 {
		return d.snap.Terms(ctx, ids, terms)
	}
	var rest []graph.ID
	var at []int
	for i, id := range ids {
		if id.Class() == graph.ClassLocal {
			terms[i] = d.local[id.Payload()]
		} else {
			rest, at = append(rest, id), append(at, i)
		}
	}
	if len(at) == len(ids) {
		return d.snap.Terms(ctx, ids, terms)
	}
	found := make([]graph.Term, len(rest))
	if err := d.snap.Terms(ctx, rest, found); err != nil {
		return err
	}
	for i, k := range at {
		terms[k] = found[i]
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
		return d.local[id.Payload()].Kind()
	}
	return id.Kind()
}
