package store

import (
	"encoding/binary"
	"fmt"

	"github.com/zeebo/xxh3"

	"mocban/graph"
	"mocban/graph/block"
	"mocban/graph/dict"
	"mocban/graph/log"
)

// Sums stand for sets of rows (log.Sum). That of the IDs of rows is kept for every order by
// who writes it, and all orders must agree. That of the terms of quads and graphs is told in
// the log with every change set: it does not depend on the IDs that terms happen to have, so
// that data can be proven equal to the log, and a restored store to the one it comes from.

// sums are the sums of a state.
type sums struct {
	quads  log.Sum // of terms; a graph is a quad without a triple
	rows   log.Sum // of IDs
	graphs log.Sum // of IDs
}

// hashRow returns the hash of four numbers: XXH3-128 of their bytes, little endian.
func hashRow(a, b, c, d uint64) log.Sum {
	var buf [32]byte
	binary.LittleEndian.PutUint64(buf[0:], a)
	binary.LittleEndian.PutUint64(buf[8:], b)
	binary.LittleEndian.PutUint64(buf[16:], c)
	binary.LittleEndian.PutUint64(buf[24:], d)
	h := xxh3.Hash128(buf[:])
	return log.Sum{Hi: h.Hi, Lo: h.Lo}
}

// hashIDs returns the hash of a row's IDs.
func hashIDs(r *graph.Row) log.Sum {
	return hashRow(uint64(r[0]), uint64(r[1]), uint64(r[2]), uint64(r[3]))
}

// hashKey is hashIDs for a key of an index: equal rows have equal hashes in all orders.
func (x index) hashKey(k *block.Key) log.Sum {
	r := x.row(k)
	return hashIDs(&r)
}

// hashID returns the hash of the term of an ID that tells its term itself.
func hashID(id graph.ID) uint64 { return uint64(id) }

// A quadHash hashes quads by their terms. It remembers what came last in each position.
type quadHash struct {
	last [4]graph.Term
	hash [4]uint64
	buf  []byte
}

// term returns the hash of a term: the ID of an inlined one or of the default graph,
// otherwise that of the key that it has in the dictionary.
func (h *quadHash) term(t graph.Term) uint64 {
	if t.IsZero() {
		return hashID(graph.DefaultGraph)
	}
	if id, ok := graph.Inline(t); ok {
		return hashID(id)
	}
	h.buf = dict.AppendKey(h.buf[:0], t)
	return dict.Hash(graph.ClassOf(t), h.buf)
}

func (h *quadHash) at(pos graph.Pos, t graph.Term) uint64 {
	if h.hash[pos] == 0 || h.last[pos] != t {
		h.last[pos], h.hash[pos] = t, h.term(t)
	}
	return h.hash[pos]
}

// quad returns the hash of a quad. Its memory must stay as it is until the next call.
func (h *quadHash) quad(q *graph.Quad) log.Sum {
	return hashRow(h.at(graph.PosS, q.S), h.at(graph.PosP, q.P.Term()), h.at(graph.PosO, q.O), h.at(graph.PosG, q.G))
}

// graph returns the hash of a graph as such.
func (h *quadHash) graph(g graph.Term) log.Sum { return hashRow(0, 0, 0, h.at(graph.PosG, g)) }

// op returns what a step does to the sum of terms.
func (h *quadHash) op(s log.Sum, op *graph.Op) log.Sum {
	switch op.Kind {
	case graph.OpAdd:
		return s.Plus(h.quad(&op.Quad))
	case graph.OpRemove:
		return s.Minus(h.quad(&op.Quad))
	case graph.OpCreateGraph:
		return s.Plus(h.graph(op.Quad.G))
	default:
		return s.Minus(h.graph(op.Quad.G))
	}
}

// after returns the sums after a change set.
func (s sums) after(c *changeSet) sums {
	var h quadHash
	for i := range c.ops {
		s.quads = h.op(s.quads, &c.ops[i])
	}
	for i := range c.added {
		s.rows = s.rows.Plus(hashIDs(&c.added[i]))
	}
	for i := range c.removed {
		s.rows = s.rows.Minus(hashIDs(&c.removed[i]))
	}
	for _, id := range c.created {
		s.graphs = s.graphs.Plus(hashIDs(&graph.Row{graph.PosG: id}))
	}
	for _, id := range c.dropped {
		s.graphs = s.graphs.Minus(hashIDs(&graph.Row{graph.PosG: id}))
	}
	return s
}

// of returns the sum of the rows of an index.
func (s *sums) of(x index) log.Sum {
	if x == graphsIndex {
		return s.graphs
	}
	return s.rows
}

// total returns what the log tells of a state.
func (st *state) total() log.Total {
	return log.Total{Known: true, Quads: st.rows(0), Sum: st.sums.quads}
}

// checkTotal compares a state with what the log tells of it, if it does.
func (st *state) checkTotal(m *log.Mark) error {
	if want, got := m.Total, st.total(); want.Known && got != want {
		return &graph.CorruptError{
			Place:  fmt.Sprintf("change set %d", m.Version),
			Detail: fmt.Sprintf("it makes %d quads with the sum %v, the log tells of %d with %v", got.Quads, got.Sum, want.Quads, want.Sum),
		}
	}
	return nil
}

// name returns what to call an index in messages.
func (x index) name() string {
	if x == graphsIndex {
		return "the list of graphs"
	}
	return fmt.Sprintf("order %v", x.order())
}

// checkSums compares the sums of a state that was read with those of its base and deltas.
func (st *state) checkSums() error {
	for x := range indexes {
		var t tally
		for p := st.deltas[x].begin(); ; p.next() {
			k := p.key()
			if k == nil {
				break
			}
			if p.adds() {
				t.add(x, k)
			} else {
				t.remove(x, k)
			}
		}
		if err := checkFold(x, st.base.sums[x], &t, st.sums.of(x)); err != nil {
			return err
		}
	}
	return nil
}

// A tally sums up what is done to the rows of an index.
type tally struct{ sum log.Sum }

func (t *tally) add(x index, k *block.Key)    { t.sum = t.sum.Plus(x.hashKey(k)) }
func (t *tally) remove(x index, k *block.Key) { t.sum = t.sum.Minus(x.hashKey(k)) }

// checkFold tells whether a fold has made of each order what it should have.
func checkFold(x index, was log.Sum, t *tally, want log.Sum) error {
	if got := was.Plus(t.sum); got != want {
		return &graph.CorruptError{
			Place:  x.name(),
			Detail: fmt.Sprintf("its rows have the sum %v instead of %v", got, want),
		}
	}
	return nil
}
