package exec

import (
	"cmp"
	"math/bits"
	"slices"
)

const (
	digitBits  = 11
	fewKeysRow = 192 // of which comparing sorts as fast
	maxDigits  = 4
)

// sortKeys sorts keys by ID, and those of one ID by row; they come by row. The IDs of things of
// one kind lie near each other, so that two or three digits tell them apart: that many passes
// take a fifth of the time that comparisons do. Spare is memory for it, and is returned.
func sortKeys(keys, spare []sortKey) (sorted, unused []sortKey) {
	low, high := keys[0].id, keys[0].id
	for _, k := range keys {
		low, high = min(low, k.id), max(high, k.id)
	}
	digits := (bits.Len64(uint64(high-low)) + digitBits - 1) / digitBits
	if len(keys) < fewKeysRow || digits > maxDigits {
		slices.SortFunc(keys, func(a, b sortKey) int {
			if a.id != b.id {
				return cmp.Compare(a.id, b.id)
			}
			return cmp.Compare(a.row, b.row)
		})
		return keys, spare
	}
	if cap(spare) < len(keys) {
		spare = make([]sortKey, len(keys))
	}
	spare = spare[:len(keys)]
	for d := range digits {
		shift := d * digitBits
		var at [1 << digitBits]int32
		for _, k := range keys {
			at[uint64(k.id-low)>>shift&(1<<digitBits-1)]++
		}
		sum := int32(0)
		for i, n := range at {
			at[i], sum = sum, sum+n
		}
		for _, k := range keys {
			i := uint64(k.id-low) >> shift & (1<<digitBits - 1)
			spare[at[i]] = k
			at[i]++
		}
		keys, spare = spare, keys
	}
	return keys, spare[:0]
}
