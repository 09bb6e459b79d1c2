package memstore

import "mocban/graph"

// Cuts returns up to n-1 IDs that cut the rows of a pattern, in an order, into parts of about the
// same length, by the first position that the order has after those that the pattern binds. They
// ascend; each is the first ID of a part but the first one.
func (s *snapshot) Cuts(p graph.Pattern, o graph.Order, n int) (ids []graph.ID) {
	o = p.In(o)
	at := p.Prefix(o)
	if n < 2 || at > 3 {
		return nil
	}
	rows, pos := s.match(p, o), o.Positions()[at]
	for k := 1; k < n && len(rows) > 0; k++ {
		id := rows[k*len(rows)/n][pos]
		if id > rows[0][pos] && (len(ids) == 0 || id > ids[len(ids)-1]) {
			ids = append(ids, id)
		}
	}
	return ids
}
