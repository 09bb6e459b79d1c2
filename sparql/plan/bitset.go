package plan

import "math/bits"

// A bitset is a set of the numbers below maxVars.
type bitset [8]uint64

// maxVars is how many variables the patterns of one group may have. The last number is kept
// for never.
const maxVars = 8*64 - 1

func (b *bitset) set(i int)     { b[i>>6] |= 1 << (i & 63) }
func (b bitset) has(i int) bool { return b[i>>6]>>(i&63)&1 == 1 }

func (b bitset) or(c bitset) bitset {
	for i := range b {
		b[i] |= c[i]
	}
	return b
}

func (b bitset) and(c bitset) bitset {
	for i := range b {
		b[i] &= c[i]
	}
	return b
}

// in tells whether all of b are in c.
func (b bitset) in(c bitset) bool { return b.and(c) == b }

func (b bitset) empty() bool { return b == bitset{} }

// each calls f for each number.
func (b bitset) each(f func(i int)) {
	for w, word := range b {
		for ; word != 0; word &= word - 1 {
			f(w<<6 + bits.TrailingZeros64(word))
		}
	}
}

// never is in no set of variables: a filter that asks for it waits to the end.
var never = bitset{7: 1 << 63}
