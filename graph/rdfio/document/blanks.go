package document

import (
	"crypto/rand"
	"encoding/base32"
	"strconv"
	"strings"
	"unsafe"

	"mocban/graph"
)

// Blanks gives out the blank nodes of one document. A label of the document becomes the
// prefix of the document, "l" and the label; a node without one the prefix, "g" and a
// number. So the two never meet, no table is kept, and several readers of parts of one
// document agree if they share the prefix.
type Blanks struct {
	prefix string
	keep   bool
	made   uint64
	arena  Arena
}

// NewBlanks returns the blank nodes of a document to be read by o.
func NewBlanks(o Options) Blanks {
	if o.Blanks == "" {
		o.Blanks = Prefix()
	}
	return Blanks{prefix: o.Blanks, keep: o.KeepBlanks}
}

// Prefix draws a prefix of blank node labels at random: a letter and 12 letters or digits.
func Prefix() string {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return "x" + strings.ToLower(base32.StdEncoding.EncodeToString(b[:])[:12])
}

// Named returns the node that has a label in the document. The term shares no memory with
// label, unless labels are kept.
func (b *Blanks) Named(label string) graph.Term {
	if b.keep && !strings.HasPrefix(label, b.prefix) {
		return graph.Blank(label)
	}
	return graph.Blank(b.arena.Join(b.prefix, "l", label))
}

// Fresh returns a node that is new.
func (b *Blanks) Fresh() graph.Term {
	b.made++
	var n [16]byte
	return graph.Blank(b.arena.Join(b.prefix, "g", string(strconv.AppendUint(n[:0], b.made, 36))))
}

// An Arena holds many short strings in few allocations. Strings stay valid, and keep their
// neighbours in memory.
type Arena struct{ free []byte }

const arenaBytes = 32 << 10

// Join returns the parts as one string.
func (a *Arena) Join(parts ...string) string {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	b := a.Grow(n)
	for _, p := range parts {
		b = append(b, p...)
	}
	return a.Keep(b)
}

// Grow returns an empty slice for n bytes, to be filled and handed to Keep.
func (a *Arena) Grow(n int) []byte {
	if n > cap(a.free)-len(a.free) {
		if n > arenaBytes/4 {
			return make([]byte, 0, n)
		}
		a.free = make([]byte, 0, arenaBytes)
	}
	return a.free[len(a.free):len(a.free):cap(a.free)]
}

// Keep returns the bytes as a string without copying them. b is what Grow returned, filled.
func (a *Arena) Keep(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(a.free) < cap(a.free) && &b[0] == &a.free[:len(a.free)+1][len(a.free)] {
		a.free = a.free[:len(a.free)+len(b)]
	}
	return unsafe.String(&b[0], len(b))
}
