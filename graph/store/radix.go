package store

import "mocban/graph"

// sortBy sorts rows by one position, keeping the order of equal ones, and returns them and
// the spare ones.
func sortBy(rows, spare []graph.Row, pos graph.Pos) (sorted, rest []graph.Row) {
	spare = spare[:len(rows)]
	var count [8][256]uint32
	for i := range rows {
		v := uint64(rows[i][pos])
		for b := range count {
			count[b][byte(v>>(8*b))]++
		}
	}
	for b := range count {
		n := &count[b]
		if len(rows) == 0 || n[byte(uint64(rows[0][pos])>>(8*b))] == uint32(len(rows)) {
			continue // all the same
		}
		sum := uint32(0)
		for i, k := range n {
			n[i] = sum
			sum += k
		}
		for i := range rows {
			d := byte(uint64(rows[i][pos]) >> (8 * b))
			spare[n[d]] = rows[i]
			n[d]++
		}
		rows, spare = spare, rows
	}
	return rows, spare
}

// A numbered is the value of a position and the number of the row that it is of.
type numbered struct {
	value graph.ID
	row   uint32
}

// foldOrder is the order in which the orders are made: POS is made of OSP.
var foldOrder = [...]index{indexOf(graph.SPO), indexOf(graph.PSO), indexOf(graph.GSPO), indexOf(graph.OSP), indexOf(graph.POS)}

// orderings sort rows that are in SPO order into the others, all by one position, since the
// rest of the order is kept.
type orderings struct {
	a, b []numbered
	osp  bool // a holds OSP
}

// rows returns a function that gives the rows in an order.
func (o *orderings) rows(s *sortedRows, x index) func() *graph.Row {
	if x != indexOf(graph.SPO) {
		o.sort(s, x)
	}
	i := 0
	return func() *graph.Row {
		if i == len(s.rows) {
			return nil
		}
		i++
		if x == indexOf(graph.SPO) {
			return &s.rows[i-1]
		}
		return &s.rows[o.a[i-1].row]
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

// sortNumbered is sortBy for numbered values.
func sortNumbered(rows, spare []numbered) (sorted, rest []numbered) {
	var count [8][256]uint32
	for i := range rows {
		v := uint64(rows[i].value)
		for b := range count {
			count[b][byte(v>>(8*b))]++
		}
	}
	for b := range count {
		n := &count[b]
		if len(rows) == 0 || n[byte(uint64(rows[0].value)>>(8*b))] == uint32(len(rows)) {
			continue // all the same
		}
		sum := uint32(0)
		for i, k := range n {
			n[i] = sum
			sum += k
		}
		for i := range rows {
			d := byte(uint64(rows[i].value) >> (8 * b))
			spare[n[d]] = rows[i]
			n[d]++
		}
		rows, spare = spare, rows
	}
	return rows, spare
}
