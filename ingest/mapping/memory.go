package mapping

import (
	"hash/maphash"
	"strings"

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
	return memory{maphash.MakeSeed(), make([]remembered, 32768)}
}

func (m *memory) seat(k kind, text []byte) *remembered {
	h := maphash.Bytes(m.seed, text) + uint64(len(k))*0x9E3779B97F4A7C15
	return &m.seats[h%uint64(len(m.seats))]
}

// A texts makes strings that live about as long as one another, as those of a record do. They
// share memory, which is taken in large pieces.
type texts struct{ piece strings.Builder }

// keep returns b as a string.
func (t *texts) keep(b []byte) string {
	if t.piece.Cap()-t.piece.Len() < len(b) {
		t.piece.Reset()
		t.piece.Grow(max(8<<10, len(b)))
	}
	from := t.piece.Len()
	t.piece.Write(b)
	return t.piece.String()[from:]
}
