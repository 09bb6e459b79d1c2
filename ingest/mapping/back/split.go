package back

import (
	"slices"
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/rdf"
)

// Split parts quads into those of one record each: by their graphs, and those in no graph by
// the works that have a description of their own (bf:adminMetadata), with all that hangs on
// them. What hangs on several works belongs to each. Quads of no work are left out.
func Split(quads []graph.Quad) [][]graph.Quad {
	var all [][]graph.Quad
	at := map[graph.Term]int{}
	var loose []graph.Quad
	for _, q := range quads {
		if q.G.IsZero() {
			loose = append(loose, q)
			continue
		}
		i, ok := at[q.G]
		if !ok {
			i = len(all)
			at[q.G] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], q)
	}
	return append(all, splitWorks(loose)...)
}

func splitWorks(quads []graph.Quad) (all [][]graph.Quad) {
	if len(quads) == 0 {
		return nil
	}
	r := &run{quads: quads, at: map[graph.Term]int32{}}
	r.index()
	root := map[graph.Term]bool{}
	var works []graph.Term
	for i := range quads {
		q := &quads[i]
		switch {
		case q.P == rdf.Type && q.O == bf.Work.Term() && len(r.out(q.S, bf.AdminMetadata)) > 0 && !root[q.S]:
			works = append(works, q.S)
			root[q.S] = true
		case q.P == bf.InstanceOf && len(r.out(q.S, bf.AdminMetadata)) > 0:
			root[q.S] = true
		}
	}
	if len(works) < 2 {
		return [][]graph.Quad{quads}
	}
	for _, w := range works {
		var mine []int32
		seen := map[graph.Term]bool{w: true}
		r.reach(w, w, root, seen, &mine)
		slices.Sort(mine)
		one := make([]graph.Quad, len(mine))
		for k, i := range mine {
			one[k] = quads[i]
		}
		all = append(all, one)
	}
	return all
}

// reach collects what can be reached of a work without entering another one.
func (r *run) reach(w, from graph.Term, root, seen map[graph.Term]bool, mine *[]int32) {
	waiting := []graph.Term{from}
	for len(waiting) > 0 {
		s := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		for _, i := range r.of(s) {
			*mine = append(*mine, i)
			o := r.quads[i].O
			if seen[o] || o.IsLiteral() || root[o] && r.first(o, bf.InstanceOf) != w {
				continue
			}
			seen[o] = true
			waiting = append(waiting, o)
		}
	}
}

// ranks tells the order in which the quads of a record were made. Where they are not in that
// order any more, as in a store, it is told by the numbers in the labels of blank nodes.
func ranks(rank []int, quads []graph.Quad) (_ []int, sorted bool) {
	rank = slices.Grow(rank, len(quads))[:len(quads)]
	most, sorted := -1, true
	var bits [8]uint64 // which numbers have come
	known := bits[:]
	for i := range quads {
		rank[i] = i
		n := blankNumber(quads[i].S)
		switch {
		case n > most:
			most = n
			if len(known) <= n>>6 {
				known = append(known, make([]uint64, n>>6+1-len(known))...)
			}
		case n < 0 || known[n>>6]>>(n&63)&1 == 1:
			continue
		default:
			sorted = false
		}
		known[n>>6] |= 1 << (n & 63)
	}
	if sorted {
		return rank, true
	}
	for i := range quads {
		n := blankNumber(quads[i].O)
		if s := blankNumber(quads[i].S); n < 0 || s >= 0 && s < n {
			n = s
		}
		if n < 0 {
			n = 1 << 20
		}
		rank[i] += n << 24
	}
	return rank, false
}

// blankNumber returns the number at the end of the label of a blank node, or -1.
func blankNumber(t graph.Term) int {
	if !t.IsBlank() {
		return -1
	}
	s := t.Value()
	at := strings.LastIndexByte(s, 'n')
	if at < 0 || at == len(s)-1 || len(s)-at > 7 {
		return -1
	}
	n := 0
	for _, c := range s[at+1:] {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}
