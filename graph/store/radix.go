package store

import (
	"math/bits"
	"slices"

	"mocban/graph"
)

// sort sorts the rows by subject, predicate, object and graph, and leaves out doubles. First
// they are dealt out by subject, so that the sorting of a part stays near a core and all of
// them can work.
func (s *sortedRows) sort(terms int) {
	rows := s.rows
	shift := max(bits.Len(uint(terms))-partBits, 0)
	starts := make([]int, (terms>>shift)+2)
	for i := range rows {
		starts[rows[i][graph.PosS]>>shift+1]++
	}
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	next := slices.Clone(starts)
	for i := range rows {
		k := rows[i][graph.PosS] >> shift
		s.spare[next[k]] = rows[i]
		next[k]++
	}
	inParallel(s.workers, len(starts)-1, func(i int) error {
		from, to := starts[i], starts[i+1]
		sortRows(s.spare[from:to], s.rows[from:to])
		return nil
	})
	s.rows, s.spare = slices.Compact(s.spare), s.rows
}

// partBits is the number of bits by which rows are dealt out at most.
const partBits = 10

// fewRowsToSort are sorted by comparing.
const fewRowsToSort = 256

// sortRows sorts rows. spare is as long.
func sortRows(rows, spare []numRow) {
	if len(rows) <= fewRowsToSort {
		slices.SortFunc(rows, func(a, b numRow) int { return compareRows(&a, &b) })
		return
	}
	from, to := rows, spare
	for _, pos := range [...]graph.Pos{graph.PosG, graph.PosO, graph.PosP, graph.PosS} {
		var count [4][256]uint32
		for i := range from {
			v := from[i][pos]
			count[0][byte(v)]++
			count[1][byte(v>>8)]++
			count[2][byte(v>>16)]++
			count[3][byte(v>>24)]++
		}
		for b := range count {
			n := &count[b]
			if n[byte(from[0][pos]>>(8*b))] == uint32(len(from)) {
				continue // all the same
			}
			sum := uint32(0)
			for i, k := range n {
				n[i] = sum
				sum += k
			}
			for i := range from {
				d := byte(from[i][pos] >> (8 * b))
				to[n[d]] = from[i]
				n[d]++
			}
			from, to = to, from
		}
	}
	if &from[0] != &rows[0] {
		copy(rows, from)
	}
}

func compareRows(a, b *numRow) int {
	for c := range a {
		if a[c] != b[c] {
			if a[c] < b[c] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// A numbered is the value of a position and the number of the row that it is of.
type numbered struct{ value, row uint32 }

// foldTasks are the orders that are made independently of each other: POS is made of OSP.
var foldTasks = [...][]index{
	{indexOf(graph.OSP), indexOf(graph.POS)},
	{indexOf(graph.SPO)}, {indexOf(graph.PSO)}, {indexOf(graph.GSPO)},
}

// orderings sort rows that are in SPO order into the others, all by one position, since the
// rest of the order is kept.
type orderings struct {
	a, b []numbered
	osp  bool // a holds OSP
}

// A rowSource gives rows of an order, some at a time, with the columns of that order. They
// are the caller's until the next call; none are left where there are none.
type rowSource func() ([]numRow, error)

// gathered is how many rows are fetched at a time: the more, the better the waiting for
// memory overlaps.
const gathered = 512

// rows returns the rows in an order.
func (o *orderings) rows(s *sortedRows, x index) rowSource {
	rest := s.rows
	if x == indexOf(graph.SPO) {
		return func() (out []numRow, err error) {
			n := min(gathered, len(rest))
			out, rest = rest[:n], rest[n:]
			return out, nil
		}
	}
	o.sort(s, x)
	order, rows := o.a, s.rows
	buf := make([]numRow, gathered)
	pos := x.order().Positions()
	a, b, c, d := pos[0], pos[1], pos[2], pos[3]
	return func() ([]numRow, error) {
		n := min(gathered, len(order))
		out := buf[:n]
		for i := range out {
			out[i] = rows[order[i].row]
		}
		for i := range out {
			r := out[i]
			out[i] = numRow{r[a], r[b], r[c], r[d]}
		}
		order = order[n:]
		return out, nil
	}
}

func (o *orderings) sort(s *sortedRows, x index) {
	n := len(s.rows)
	if cap(o.a) < n {
		o.a, o.b = make([]numbered, n), make([]numbered, n)
	}
	o.a, o.b = o.a[:n], o.b[:n]
	pos := x.order().Positions()[0]
	switch {
	case x == indexOf(graph.POS) && o.osp:
		for i := range o.a {
			o.a[i].value = s.rows[o.a[i].row][pos]
		}
	case x == indexOf(graph.POS):
		o.sort(s, indexOf(graph.OSP))
		o.sort(s, x)
		return
	default:
		for i := range o.a {
			o.a[i] = numbered{s.rows[i][pos], uint32(i)}
		}
	}
	o.a, o.b = sortNumbered(o.a, o.b)
	o.osp = x == indexOf(graph.OSP)
}

// sortNumbered sorts by value, keeping the order of equal ones, and returns the sorted list
// and the spare one.
func sortNumbered(rows, spare []numbered) (sorted, rest []numbered) {
	if len(rows) == 0 {
		return rows, spare
	}
	var count [4][256]uint32
	for i := range rows {
		v := rows[i].value
		for b := range count {
			count[b][byte(v>>(8*b))]++
		}
	}
	for b := range count {
		n := &count[b]
		if n[byte(rows[0].value>>(8*b))] == uint32(len(rows)) {
			continue // all the same
		}
		sum := uint32(0)
		for i, k := range n {
			n[i] = sum
			sum += k
		}
		for i := range rows {
			d := byte(rows[i].value >> (8 * b))
			spare[n[d]] = rows[i]
			n[d]++
		}
		rows, spare = spare, rows
	}
	return rows, spare
}
