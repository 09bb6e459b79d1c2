package mapping

import (
	"hash/maphash"
	"runtime"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"mocban/graph"
)

// Builders are those that map no record at the moment. They are kept for good, not until the
// next collection, since each knows the names of late. What was used last comes first.
type builders struct {
	make func() *builder
	mu   sync.Mutex
	idle []*builder
}

func (s *builders) get() *builder {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.idle)
	if n == 0 {
		return s.make()
	}
	b := s.idle[n-1]
	s.idle = s.idle[:n-1]
	return b
}

// put takes a builder back. More than the cores can use are not kept.
func (s *builders) put(b *builder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.idle) < runtime.GOMAXPROCS(0) {
		s.idle = append(s.idle, b)
	}
}

// A memory holds the IRIs of names that came lately. Each name has two places; a new name
// takes that of the one which came before the other.
type memory struct {
	seed  maphash.Seed
	seats [][2]remembered
}

// A remembered is a name, with its kind, and behind it the IRI, in one string.
type remembered struct {
	both string
	name int // how long the name is
}

// memoryPairs is small, as each worker has a memory and the collector looks through it.
const memoryPairs = 8192

func newMemory() memory {
	return memory{maphash.MakeSeed(), make([][2]remembered, memoryPairs)}
}

// seat returns the place of a name, which holds it or is to be filled with it.
func (m *memory) seat(name []byte) *remembered {
	pair := &m.seats[maphash.Bytes(m.seed, name)%memoryPairs]
	switch {
	case pair[0].holds(name):
	case pair[1].holds(name):
		pair[0], pair[1] = pair[1], pair[0]
	default:
		pair[1] = pair[0]
	}
	return &pair[0]
}

func (r *remembered) holds(name []byte) bool {
	return r.name == len(name) && r.both[:r.name] == string(name)
}

func (r *remembered) term() graph.Term { return graph.IRI(r.both[r.name:]).Term() }

// A texts makes strings that live about as long as one another, as those of a record do. They
// share memory, which is taken in large pieces.
type texts struct{ piece strings.Builder }

// lowered returns s in lower case, as strings.ToLower does, in bytes that hold until the next call.
func (b *builder) lowered(s string) []byte {
	low := b.lower[:0]
	for _, r := range s {
		switch {
		case 'A' <= r && r <= 'Z':
			low = append(low, byte(r)+'a'-'A')
		case r < utf8.RuneSelf:
			low = append(low, byte(r))
		default:
			low = utf8.AppendRune(low, unicode.ToLower(r))
		}
	}
	b.lower = low
	return low
}

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
