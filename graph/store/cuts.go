package store

import "mocban/graph"

// Cuts returns up to n-1 IDs that cut the rows of a pattern, in an order, into parts of about the
// same length, by the first position that the order has after those that the pattern binds. They
// ascend; each is the first ID of a part but the first one. Nothing is read for them: parts end
// where blocks do.
func (sn *snapshot) Cuts(p graph.Pattern, o graph.Order, n int) (ids []graph.ID) {
	b := boundsOf(p, p.In(o))
	if sn.check() != nil || n < 2 || b.prefix >= 4 || b.low.Compare(&b.high) > 0 {
		return nil
	}
	d := sn.base.dirs[b.index]
	at, end := d.seek(&b.low), d.seek(&b.high)
	blocks := d.between(at, end)
	last := b.low[b.prefix]
	for k, part := 1, 1; k <= blocks && part < n; k++ {
		if at = d.after(at); k < part*blocks/n {
			continue
		}
		part = k*n/blocks + 1
		e := d.at(at)
		if e == nil || e.first.Compare(&b.high) > 0 {
			break
		}
		if id := e.first[b.prefix]; id > last && e.first.Compare(&b.low) > 0 {
			ids, last = append(ids, id), id
		}
	}
	return ids
}
