package log

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// A Sum is the sum, modulo 2^128, of the hashes of rows in whatever order they come: equal
// sets of rows have equal sums.
type Sum struct{ Hi, Lo uint64 }

// Plus returns the sum of what stands on both sides.
func (s Sum) Plus(o Sum) Sum {
	lo, carry := bits.Add64(s.Lo, o.Lo, 0)
	hi, _ := bits.Add64(s.Hi, o.Hi, carry)
	return Sum{hi, lo}
}

// Minus returns the sum without what stands in o.
func (s Sum) Minus(o Sum) Sum {
	lo, borrow := bits.Sub64(s.Lo, o.Lo, 0)
	hi, _ := bits.Sub64(s.Hi, o.Hi, borrow)
	return Sum{hi, lo}
}

func (s Sum) String() string { return fmt.Sprintf("%016x%016x", s.Hi, s.Lo) }

// A Total tells what there is after a change set: how many quads, and the sum of the hashes
// of quads and graphs. Segments of format 1 do not tell it.
type Total struct {
	Known bool
	Quads uint64
	Sum   Sum
}

const totalBytes = 24

func appendTotal(b []byte, t Total) []byte {
	b = binary.LittleEndian.AppendUint64(b, t.Quads)
	b = binary.LittleEndian.AppendUint64(b, t.Sum.Hi)
	return binary.LittleEndian.AppendUint64(b, t.Sum.Lo)
}

func parseTotal(b []byte) Total {
	n := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	return Total{true, n(0), Sum{n(1), n(2)}}
}
