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
	wordShift  = 6
	wordBytes  = 24
	firstWords = 16   // in the table of a set that is new
	keptWords  = 2048 // in one that is kept when the set is freed
)

// add puts a pair in, and tells whether it is new.
func (s *pairSet) add(n int32, id graph.ID) (fresh bool, err error) {
	if s.slots == nil {
		s.slots = make([]idWord, firstWords)
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
		if s.used == 0 && len(s.slots) > firstWords { // kept from before
			if err := s.hold(int64(len(s.slots)) * wordBytes); err != nil {
				return false, err
			}
		}
		if 2*(s.used+1) > len(s.slots) {
			if err := s.enlarge(); err != nil {
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

// enlarge makes the table twice as large, and a small one four times.
func (s *pairSet) enlarge() error {
	size := 2 * len(s.slots)
	if size < keptWords {
		size *= 2
	}
	if err := s.hold(int64(len(s.slots)+size) * wordBytes); err != nil { // of both
		return err
	}
	old := s.slots
	s.slots = make([]idWord, size)
	for _, w := range old {
		if w.bits != 0 {
			s.slots[s.find(w.of, w.n)] = w
		}
	}
	return nil
}

func (s *pairSet) hold(bytes int64) error {
	err := s.r.account.grow(bytes-s.held, s.where)
	if err == nil {
		s.held = bytes
	}
	return err
}

// free empties the set. A small table is kept for the next run: many lookups need one.
func (s *pairSet) free() {
	s.r.account.release(s.held)
	switch {
	case len(s.slots) > keptWords:
		s.slots = nil
	case s.used > 0:
		clear(s.slots)
	}
	s.used, s.last, s.held = 0, 0, 0
}
