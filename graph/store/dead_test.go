package store

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// What is told to be dead is what is deleted, however it is scattered; what follows one another
// takes little.
func TestDead(t *testing.T) {
	seed := newSeed(t)
	r := rand.New(rand.NewPCG(seed, 0))
	compare := func(a, b deadID) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.index, b.index), cmp.Compare(a.id, b.id))
	}
	read := func(parts [][]byte) (keys []string) {
		for _, part := range parts {
			if err := eachDead(part, func(key []byte) error { keys = append(keys, string(key)); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		return keys
	}
	for _, n := range []int{0, 1, 100, 60_000} {
		dead := make([]deadID, n)
		for i := range dead {
			dead[i] = deadID{[...]byte{blockKind, dirKind}[r.IntN(2)], index(r.IntN(int(indexes))), r.Uint64N(1 << (1 + r.IntN(40)))}
		}
		slices.SortFunc(dead, compare)
		dead = slices.Compact(dead)
		var want []string
		var old []byte
		for _, d := range dead {
			want = append(want, string(appendID(nil, d.kind, d.index, d.id)))
			old = appendID(old, d.kind, d.index, d.id)
		}
		r.Shuffle(len(dead), func(i, k int) { dead[i], dead[k] = dead[k], dead[i] })
		if got := read(encodeDead(dead)); !slices.Equal(got, want) {
			t.Errorf("%d keys of %d come back, or others", len(got), len(want))
		}
		if got := read([][]byte{old}); !slices.Equal(got, want) {
			t.Errorf("as format 2 told them, %d keys of %d come back, or others", len(got), len(want))
		}
	}
	var dead []deadID
	for i := range uint64(300_000) {
		dead = append(dead, deadID{blockKind, 1, 1<<40 + i})
	}
	if parts := encodeDead(dead); len(parts) != 1 || len(parts[0]) > 20 {
		t.Errorf("numbers that follow one another take %d parts, the first of %d bytes", len(parts), len(parts[0]))
	}
}
