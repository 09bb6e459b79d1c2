package mapping

import (
	"hash/maphash"

	"mocban/graph"
)

// A memory holds the IRIs of names that came lately. Each name has one place; a new name
// takes the place of an older one.
type memory struct {
	seed  maphash.Seed
	seats []remembered
}

type remembered struct {
	kind kind
	text string
	term graph.Term
}

func newMemory() memory {
	return memory{maphash.MakeSeed(), make([]remembered, 8192)}
}

func (m *memory) seat(k kind, text []byte) *remembered {
	h := maphash.Bytes(m.seed, text) + uint64(len(k))*0x9E3779B97F4A7C15
	return &m.seats[h%uint64(len(m.seats))]
}
