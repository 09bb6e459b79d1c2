package store

import (
	"encoding/binary"
	"math/rand/v2"
	"reflect"
	"testing"

	"mocban/graph"
)

// What a change set changed comes back, also as stores of format 2 kept it; rows that lie near
// each other take little.
func TestSetParts(t *testing.T) {
	seed := newSeed(t)
	r := rand.New(rand.NewPCG(seed, 0))
	rows := func(n int, id func() graph.ID) (out []graph.Row) {
		for range n {
			out = append(out, graph.Row{id(), id(), id(), id()})
		}
		return out
	}
	read := func(parts ...[]byte) *changeSet {
		c := new(changeSet)
		for _, p := range parts {
			if err := c.parse(p); err != nil {
				t.Fatal(err)
			}
		}
		return c
	}
	far := func() graph.ID { return graph.ID(r.Uint64()) }
	near := func() graph.ID { return graph.NewID(graph.ClassIRI, graph.LateBit|1_000_000+r.Uint64N(100)) }
	for _, n := range []int{0, 1, 7, 9000} {
		for _, id := range []func() graph.ID{far, near} {
			want := &changeSet{added: rows(n, id), removed: rows(n/2, id), created: graphsOf(rows(n/3, id)), dropped: graphsOf(rows(n/5, id))}
			parts := encodeSet(want)
			if len(parts) == 0 {
				t.Error("a change set leaves no trace")
			}
			got := read(parts...)
			for _, c := range []*changeSet{want, got} {
				if len(c.created) == 0 {
					c.created = nil
				}
				if len(c.dropped) == 0 {
					c.dropped = nil
				}
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%d rows come back as others", n)
			}
		}
	}
	want := rows(5, far)
	old := []byte{}
	for _, row := range want {
		old = append(old, byte(graph.OpRemove))
		for _, id := range row {
			old = binary.AppendUvarint(old, uint64(id))
		}
	}
	if got := read(old); !reflect.DeepEqual(got.removed, want) {
		t.Errorf("what format 2 kept comes back as %v", got.removed)
	}
	if err := new(changeSet).parse(old[:len(old)-1]); err == nil {
		t.Error("half a row is taken for one")
	}
	few := 0
	for _, p := range encodeSet(&changeSet{added: rows(1000, near)}) {
		few += len(p)
	}
	if few > 1000*(1+4*2)+64 {
		t.Errorf("a thousand rows that lie near each other take %d bytes", few)
	}
}
