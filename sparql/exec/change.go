package exec

import (
	"context"

	"mocban/graph"
	"mocban/sparql/algebra"
)

// Changes makes quads of the rows of a run: those that a DELETE removes, and those that an
// INSERT adds (SPARQL 1.1 Update, 3.1.3). Batches of them have four columns, by position.
type Changes struct {
	fill           templateSource
	remove, add    [][4]templateSlot
	kept           *numbering // what is to be added once all is removed, or nil
	given          int        // rows of kept
	removed, added columns
	done           bool
}

// Changes returns the changes that templates make. What WHERE finds is found on the state
// before, so additions are kept back where there are removals: a quad that is removed for one
// row and added for another is there in the end.
func (r *Run) Changes(ctx context.Context, remove, add []algebra.QuadPattern) (*Changes, error) {
	c := &Changes{fill: templateSource{r: r}}
	blanks := map[algebra.Var]int{}
	var err error
	if c.remove, err = c.slots(ctx, remove, blanks); err != nil {
		return nil, r.cause(ctx, err, "DELETE")
	}
	if c.add, err = c.slots(ctx, add, blanks); err != nil {
		return nil, r.cause(ctx, err, "INSERT")
	}
	c.fill.blanks = make([]graph.ID, len(blanks))
	if len(remove) > 0 && len(add) > 0 {
		c.kept = &numbering{r: r, where: "INSERT", width: 4}
	}
	return c, nil
}

func (c *Changes) slots(ctx context.Context, quads []algebra.QuadPattern, blanks map[algebra.Var]int) ([][4]templateSlot, error) {
	all := make([][4]templateSlot, len(quads))
	for i, q := range quads {
		for pos, s := range [...]algebra.Slot{q.S, q.P, q.O, q.Graph} {
			if s == (algebra.Slot{}) {
				all[i][pos] = templateSlot{col: -1, blank: -1, id: graph.DefaultGraph}
				continue
			}
			slot, err := c.fill.slot(ctx, s, blanks)
			if err != nil {
				return nil, err
			}
			all[i][pos] = slot
		}
	}
	return all, nil
}

// Next fills the batches with the next quads to remove and to add, each of which may have
// none. It returns false at the end. What is added holds terms that the run made, so it has
// to be asked for before the run is closed.
func (c *Changes) Next(ctx context.Context, removed, added *Batch) (bool, error) {
	r := c.fill.r
	removed.Len, added.Len = 0, 0
	if !c.done {
		if err := r.check(ctx, "WHERE"); err != nil {
			return false, err
		}
		ok, err := r.top.next(ctx, &c.fill.batch)
		if err == nil && ok {
			err = c.make(ctx)
		}
		if err != nil {
			return false, r.cause(ctx, err, "WHERE")
		}
		if ok {
			c.give(removed, c.removed)
			c.give(added, c.added)
			return true, nil
		}
		c.done = true
	}
	if c.kept == nil || c.given >= c.kept.len {
		return false, r.check(ctx, "INSERT")
	}
	end := min(c.given+r.batch, c.kept.len)
	added.Len, added.Cols = end-c.given, added.Cols[:0]
	for _, col := range c.kept.cols {
		added.Cols = append(added.Cols, col[c.given:end])
	}
	c.given = end
	return true, nil
}

func (c *Changes) give(b *Batch, cols columns) {
	b.Len, b.Cols = len(cols[0]), append(b.Cols[:0], cols...)
}

// make fills the templates for the rows at hand.
func (c *Changes) make(ctx context.Context) error {
	c.removed.clear(4)
	c.added.clear(4)
	for i := range c.fill.batch.Len {
		clear(c.fill.blanks)
		for _, slots := range c.remove {
			quad, ok, err := c.quad(ctx, &slots, i)
			if err != nil {
				return err
			}
			if ok && !made(quad) {
				push(c.removed, quad)
			}
		}
		for _, slots := range c.add {
			quad, ok, err := c.quad(ctx, &slots, i)
			switch {
			case err != nil:
				return err
			case !ok:
			case c.kept == nil:
				push(c.added, quad)
			default:
				one := [4][]graph.ID{quad[0:1], quad[1:2], quad[2:3], quad[3:4]}
				if _, _, err := c.kept.of(one[:], quadAt, 0); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

var quadAt = []int{0, 1, 2, 3}

// made tells whether a quad holds a term that the store does not have, so that there is
// nothing to remove.
func made(quad [4]graph.ID) bool {
	for _, id := range quad {
		if id.Class() == graph.ClassLocal {
			return true
		}
	}
	return false
}

// push appends a quad, unless it is the last one again.
func push(cols columns, quad [4]graph.ID) {
	n := len(cols[0]) - 1
	if n >= 0 && cols[0][n] == quad[0] && cols[1][n] == quad[1] && cols[2][n] == quad[2] && cols[3][n] == quad[3] {
		return
	}
	for pos, id := range quad {
		cols[pos] = append(cols[pos], id)
	}
}

// quad fills a template for a row. It is false for what RDF has no such quad of.
func (c *Changes) quad(ctx context.Context, slots *[4]templateSlot, row int) (ids [4]graph.ID, ok bool, err error) {
	for pos, s := range slots {
		if ids[pos], err = c.fill.fill(ctx, s, row); err != nil {
			return ids, false, err
		}
	}
	r := c.fill.r
	kind := r.dict.kind(ids[graph.PosG])
	ok = r.wellFormed([3]graph.ID(ids[:3])) && (ids[graph.PosG] == graph.DefaultGraph || kind == graph.KindIRI || kind == graph.KindBlank)
	return ids, ok, nil
}

// Close frees what the changes hold, the run among it.
func (c *Changes) Close() {
	if c.kept != nil {
		c.kept.free()
	}
	c.fill.r.Close()
}
