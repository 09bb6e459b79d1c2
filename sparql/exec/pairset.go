package exec

import "mocban/graph"

// A pairSet keeps pairs of a number and an ID. IDs that lie near each other, as those of things
// of one kind do, are bits of one word, so that the table stays small and near.
type pairSet struct {
	r     *Run
	where string
	slots []idWord // no bits: the slot is free
	used  int
	last  int // slot that was found last
	held  int64
}

// An idWord tells which of 64 IDs there are.
type idWord struct {
	of   uint64 // the IDs, shifted by wordShift
	bits uint64
	n    int32
}

const (
	wordShift = 6
	wordBytes = 24
)

// add puts a pair in, and tells whether it is new.
func (s *pairSet) add(n int32, id graph.ID) (fresh bool, err error) {
	if s.slots == nil {
		s.slots = make([]idWord, 16)
	}
	of, bit := uint64(id)>>wordShift, uint64(1)<<(id&(1<<wordShift-1))
	w := &s.slots[s.last]
	if w.bits == 0 || w.of != of || w.n != n {
		s.last = s.find(of, n)
		w = &s.slots[s.last]
	}
	if w.bits&bit != 0 {
		return false, nil
	}
	if w.bits == 0 {
		if 2*(s.used+1) > len(s.slots) {
			if err := s.double(); err != nil {
				return false, err
			}
			s.last = s.find(of, n)
			w = &s.slots[s.last]
		}
		s.used++
		w.of, w.n = of, n
	}
	w.bits |= bit
	return true, nil
}

// has tells whether a pair is in the set.
func (s *pairSet) has(n int32, id graph.ID) bool {
	if s.slots == nil {
		return false
	}
	w := &s.slots[s.find(uint64(id)>>wordShift, n)]
	return w.bits&(1<<(id&(1<<wordShift-1))) != 0
}

// find returns the slot of a word, or the free one where it belongs.
func (s *pairSet) find(of uint64, n int32) int {
	mask := uint64(len(s.slots) - 1)
	h := mix(mix(0, graph.ID(of)), graph.ID(n)) & mask
	for s.slots[h].bits != 0 && (s.slots[h].of != of || s.slots[h].n != n) {
		h = (h + 1) & mask
	}
	return int(h)
}

func (s *pairSet) double() error {
	bytes := 3 * int64(len(s.slots)) * wordBytes // the old table, and one twice as large
	if err := s.r.account.grow(bytes-s.held, s.where); err != nil {
		return err
	}
	s.held = bytes
	old := s.slots
	s.slots = make([]idWord, 2*len(old))
	for _, w := range old {
		if w.bits != 0 {
			s.slots[s.find(w.of, w.n)] = w
		}
	}
	return nil
}

func (s *pairSet) free() {
	s.r.account.release(s.held)
	s.slots, s.used, s.last, s.held = nil, 0, 0, 0
}
