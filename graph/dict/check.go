package dict

import (
	"context"
	"errors"
	"fmt"

	"mocban/graph"
	"mocban/graph/kv"
)

// A Checker reads a dictionary as it stands on disk, to tell all that is damaged in it.
type Checker struct {
	// Both asks for each term's ID too: both ways must lead to the same.
	Both bool

	// Found is told what is damaged and where.
	Found func(place, detail string)

	// Each, if not nil, is called with every term's ID and key.
	Each func(id graph.ID, key string)

	// Step, if not nil, is called with the bytes that were read since. An error ends the check.
	Step func(bytes int) error
}

// Check reads all pages.
func (d *Dict) Check(ctx context.Context, c Checker) error {
	s := d.now.Load()
	for _, runs := range s.byClass {
		for _, r := range runs {
			if err := d.checkRun(ctx, &c, r); err != nil {
				return err
			}
		}
	}
	return d.checkLate(ctx, &c, s)
}

func (d *Dict) checkRun(ctx context.Context, c *Checker, r *run) error {
	last := ""
	for i := range r.firsts {
		if err := ctx.Err(); err != nil {
			return err
		}
		place := fmt.Sprintf("dictionary run %d page %d (key %q)", r.number, i, appendRunKey(nil, pageKey, r.number, uint32(i)))
		raw, err := get(d.db, appendRunKey(nil, pageKey, r.number, uint32(i)))
		var p *page
		if err == nil {
			p, err = parseSorted(raw)
		}
		if errors.Is(err, kv.ErrClosed) {
			return err
		}
		end := r.Terms
		if i+1 < len(r.firsts) {
			end = r.firsts[i+1]
		}
		switch {
		case err != nil:
			c.Found(place, reason(err))
			last = ""
		case uint64(p.len()) != end-r.firsts[i]:
			c.Found(place, fmt.Sprintf("it holds %d terms instead of %d", p.len(), end-r.firsts[i]))
		default:
			if err := d.checkPage(c, r, i, p, place, &last); err != nil {
				return err
			}
		}
		if c.Step != nil {
			if err := c.Step(len(raw)); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkPage looks at the terms of a sorted page. last is the last key before.
func (d *Dict) checkPage(c *Checker, r *run, i int, p *page, place string, last *string) error {
	if sep := r.sep(i); len(sep) > 0 && p.len() > 0 && p.key(0) < sep {
		c.Found(place, "its first term is below what the directory says")
	}
	for k := range p.len() {
		key := p.key(k)
		if (k > 0 || i > 0) && *last != "" && key <= *last {
			c.Found(place, fmt.Sprintf("term %d is not above the one before it", k))
			return nil
		}
		*last = key
		if err := d.checkTerm(c, graph.NewID(r.Class, r.First+r.firsts[i]+uint64(k)), key, place); err != nil {
			return err
		}
	}
	return nil
}

func (d *Dict) checkTerm(c *Checker, id graph.ID, key, place string) error {
	if c.Each != nil {
		c.Each(id, key)
	}
	if !c.Both {
		return nil
	}
	got, _, err := d.find(id.Class(), key, hashOf(id.Class(), key))
	if errors.Is(err, kv.ErrClosed) {
		return err
	}
	switch {
	case err != nil:
		c.Found(place, fmt.Sprintf("the term of ID %x cannot be looked up: %s", uint64(id), reason(err)))
	case got != id:
		c.Found(place, fmt.Sprintf("the term of ID %x leads to ID %x", uint64(id), uint64(got)))
	}
	return nil
}

func (d *Dict) checkLate(ctx context.Context, c *Checker, s *state) error {
	for n := uint64(0); n*slots < s.meta.Late; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		place := fmt.Sprintf("late dictionary page %d (key %q)", n, numberKey(lateKey, n))
		p, err := d.readLate(n)
		if errors.Is(err, kv.ErrClosed) {
			return err
		}
		if err != nil {
			c.Found(place, reason(err))
			continue
		}
		for i := range p.len() {
			number := n*slots + uint64(i)
			if number >= s.meta.Late || p.classes[i] == graph.ClassSpecial {
				continue
			}
			if err := d.checkTerm(c, graph.NewID(p.classes[i], graph.LateBit|number), p.key(i), place); err != nil {
				return err
			}
		}
		if c.Step != nil {
			if err := c.Step(p.bytes()); err != nil {
				return err
			}
		}
	}
	return nil
}

// reason tells what an error says beside the place.
func reason(err error) string {
	var damaged *kv.DamageError
	var corrupt *graph.CorruptError
	switch {
	case errors.Is(err, kv.ErrNotFound):
		return "it is missing"
	case errors.As(err, &damaged):
		return damaged.Detail
	case errors.As(err, &corrupt):
		return corrupt.Detail
	}
	return err.Error()
}
