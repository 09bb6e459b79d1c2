package store

import (
	"context"

	"mocban/graph"
	"mocban/graph/block"
)

// distinctUpTo returns how many different beginnings of n columns there are, and how many
// rows, in an index's base before k. It reads one block at most.
func (sn *snapshot) distinctUpTo(x index, k *block.Key, n int) (distinct, rows uint64, err error) {
	d := sn.base.dirs[x]
	at := d.seek(k)
	c := d.start(at)
	e := d.at(at)
	if e == nil || e.first.Compare(k) >= 0 {
		return c.distinct[n-1], c.rows, nil
	}
	b, err := sn.base.imp.block(x, e, true)
	if err != nil {
		return 0, 0, err
	}
	to := b.Search(k, 0)
	if last := d.lastBefore(at); last != nil {
		c.joint(last, &e.first)
	}
	return c.distinct[n-1] + distinctRows(b, 0, to, n), c.rows + uint64(to), nil
}

// distinctRows counts the different beginnings of n columns in rows of a block. Where all of
// the block are different, it does not read them.
func distinctRows(b *block.Block, from, to, n int) (count uint64) {
	if from >= to || b.Distinct(n) == b.Len() {
		return uint64(max(to-from, 0))
	}
	var cols [3][block.MaxRows]graph.ID
	for i := range n {
		b.Fill(cols[i][:to-from], i, from)
	}
	count = 1
	for i := 1; i < to-from; i++ {
		for c := range n {
			if cols[c][i] != cols[c][i-1] {
				count++
				break
			}
		}
	}
	return count
}

// rowsUpTo returns how many rows of an index's base stand before k. It reads one block at
// most.
func (sn *snapshot) rowsUpTo(x index, k *block.Key) (uint64, error) {
	d := sn.base.dirs[x]
	at := d.seek(k)
	n := d.total.rows
	if at.page < len(d.pages) {
		n = d.before[at.page].rows + d.pages[at.page].before[at.extent].rows
	}
	e := d.at(at)
	if e == nil || e.first.Compare(k) >= 0 {
		return n, nil
	}
	b, err := sn.base.imp.block(x, e, true)
	if err != nil {
		return 0, err
	}
	return n + uint64(b.Search(k, 0)), nil
}

// after returns the key after k.
func after(k block.Key) block.Key {
	for c := len(k) - 1; c >= 0; c-- {
		k[c]++
		if k[c] != 0 {
			break
		}
	}
	return k
}

// isEnd tells that no key is above the last of the bounds.
func isEnd(high *block.Key) bool { return high[0] == maxID }

func (sn *snapshot) count(b *bounds) (uint64, error) {
	_, net := sn.deltas[b.index].sum(&b.low, &b.high)
	n, err := sn.countIn(b)
	return n + uint64(net), err
}

// countIn counts rows of the base.
func (sn *snapshot) countIn(b *bounds) (uint64, error) {
	d := sn.base.dirs[b.index]
	if e := d.at(d.seek(&b.low)); e != nil && e.last.Compare(&b.high) >= 0 {
		if e.first.Compare(&b.high) > 0 {
			return 0, nil
		}
		bl, err := sn.base.imp.block(b.index, e, true) // it holds all of them
		if err != nil {
			return 0, err
		}
		from, to := bl.Range(&b.low, &b.high)
		return uint64(max(to-from, 0)), nil
	}
	n := sn.base.dirs[b.index].total.rows
	var err error
	if !isEnd(&b.high) {
		end := after(b.high)
		if n, err = sn.rowsUpTo(b.index, &end); err != nil {
			return 0, err
		}
	}
	start, err := sn.rowsUpTo(b.index, &b.low)
	if err != nil || n < start {
		return 0, err // low is above high
	}
	return n - start, nil
}

// distinct counts the different beginnings of n columns in the base, 1 to 3, where the
// bounds hold whole groups of those.
func (sn *snapshot) distinct(b *bounds, n int) (uint64, error) {
	d := sn.base.dirs[b.index]
	if e := d.at(d.seek(&b.low)); e != nil && e.last.Compare(&b.high) >= 0 {
		if e.first.Compare(&b.high) > 0 {
			return 0, nil
		}
		bl, err := sn.base.imp.block(b.index, e, true) // it holds all of them
		if err != nil {
			return 0, err
		}
		from, to := bl.Range(&b.low, &b.high)
		return distinctRows(bl, from, to, n), nil
	}
	end, rows := d.total.distinct[n-1], d.total.rows
	if !isEnd(&b.high) {
		k := after(b.high)
		var err error
		if end, rows, err = sn.distinctUpTo(b.index, &k, n); err != nil {
			return 0, err
		}
	}
	start, before, err := sn.distinctUpTo(b.index, &b.low, n)
	if err != nil || rows < before {
		return 0, err
	}
	return end - start, nil
}

// Count implements graph.Snapshot.
func (sn *snapshot) Count(ctx context.Context, p graph.Pattern) (n uint64, exact bool, err error) {
	if err := sn.check(); err != nil {
		return 0, false, err
	}
	if err := ctx.Err(); err != nil {
		return 0, false, err
	}
	b := boundsOf(p, p.Order())
	if len(b.rest) > 0 {
		n, err = sn.estimate(p)
		return n, false, err
	}
	if p.Union {
		return sn.countUnion(&b)
	}
	n, err = sn.count(&b)
	return n, true, err
}

// estimate returns the smallest number of rows that one order bounds.
func (sn *snapshot) estimate(p graph.Pattern) (uint64, error) {
	least := ^uint64(0)
	for _, o := range graph.Orders {
		if p.Union && o == graph.GSPO {
			continue
		}
		b := boundsOf(p, o)
		b.rest = nil
		n, err := sn.count(&b)
		if err != nil {
			return 0, err
		}
		least = min(least, n)
	}
	return least, nil
}

// manyItems is how many items of a delta it takes to make a count worth keeping.
const manyItems = 1024

// A span is a range of an index.
type span struct {
	index     index
	low, high block.Key
}

// countUnion counts triples. In an order of triples the copies of one stand together.
func (sn *snapshot) countUnion(b *bounds) (n uint64, exact bool, err error) {
	if n, err = sn.distinct(b, 3); err != nil {
		return 0, false, err
	}
	d := sn.deltas[b.index]
	items, _ := d.sum(&b.low, &b.high)
	if items == 0 {
		return n, true, nil
	}
	at := span{b.index, b.low, b.high}
	if v, ok := sn.unions.Load(at); ok {
		return v.(uint64), true, nil
	}
	if n, err = sn.changedDistinct(b, n, 3); err == nil && items >= manyItems {
		sn.unions.Store(at, n)
	}
	return n, err == nil, err
}

// changedDistinct returns how many different beginnings of so many columns there are after the
// items of the delta, before which there were n.
func (sn *snapshot) changedDistinct(b *bounds, n uint64, columns int) (uint64, error) {
	d := sn.deltas[b.index]
	p := d.seek(&b.low)
	for {
		k := p.key()
		if k == nil || k.Compare(&b.high) > 0 {
			return n, nil
		}
		low, net := *k, 0
		for ; k != nil && sameBeginning(k, &low, columns); k = p.key() {
			if p.adds() {
				net++
			} else {
				net--
			}
			p.next()
		}
		high := low
		for c := columns; c < len(low); c++ {
			low[c], high[c] = 0, maxID
		}
		before, err := sn.countBase(b.index, low, high)
		if err != nil {
			return 0, err
		}
		switch {
		case before == 0 && net > 0:
			n++
		case before > 0 && int64(before)+int64(net) == 0:
			n--
		}
	}
}

func sameBeginning(a, b *block.Key, columns int) bool {
	for c := range columns {
		if a[c] != b[c] {
			return false
		}
	}
	return true
}

func (sn *snapshot) countBase(x index, low, high block.Key) (uint64, error) {
	if sn.base.dirs[x].total.rows == 0 {
		return 0, nil
	}
	end := after(high)
	n, err := sn.rowsUpTo(x, &end)
	if err != nil {
		return 0, err
	}
	start, err := sn.rowsUpTo(x, &low)
	return n - start, err
}

// Distinct implements graph.Snapshot. It is exact where an order has the bound positions
// first and then the one asked for, and nothing there was changed since the last fold.
func (sn *snapshot) Distinct(ctx context.Context, p graph.Pattern, at graph.Pos) (n uint64, exact bool, err error) {
	n, exact, err = sn.Count(ctx, p)
	if err != nil || n == 0 {
		return n, exact, err
	}
	guess := n
	for _, o := range graph.Orders {
		k := p.Prefix(o)
		switch {
		case k == len(o.Positions()) || o.Positions()[k] != at:
		case k == 3:
			return n, exact, nil // rows that differ in nothing else
		default:
			got, sure, err := sn.distinctIn(p, o)
			if err != nil || sure {
				return got, sure, err
			}
			guess = min(guess, max(got, 1))
		}
	}
	if p.Bound() != 0 {
		all, _, err := sn.Distinct(ctx, graph.Pattern{}, at)
		return min(guess, all), false, err
	}
	return guess, false, nil
}

// distinctIn counts what stands in the first free column of an order.
func (sn *snapshot) distinctIn(p graph.Pattern, o graph.Order) (n uint64, exact bool, err error) {
	b := boundsOf(p, o)
	if n, err = sn.distinct(&b, b.prefix+1); err != nil {
		return 0, false, err
	}
	items, net := sn.deltas[b.index].sum(&b.low, &b.high)
	if items > 0 {
		return uint64(max(int64(n)+int64(net), 0)), false, nil
	}
	return n, len(b.rest) == 0, nil
}
