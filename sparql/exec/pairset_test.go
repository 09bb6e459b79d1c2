package exec

import (
	"errors"
	"math/rand/v2"
	"testing"

	"mocban/graph"
)

func TestPairSet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	run := &Run{account: &Account{}}
	s := pairSet{r: run, where: "a test"}
	for _, spread := range []uint64{100, 1 << 20, 1<<64 - 1} {
		type pair struct {
			n  int32
			id graph.ID
		}
		want := map[pair]bool{}
		for range 20_000 {
			p := pair{int32(r.IntN(3)), graph.ID(r.Uint64N(spread))}
			if r.IntN(4) == 0 {
				p.id = graph.None
			}
			fresh, err := s.add(p.n, p.id)
			if err != nil {
				t.Fatal(err)
			}
			if fresh == want[p] {
				t.Fatalf("%d distinct pairs: %v is new: %v", len(want), p, fresh)
			}
			want[p] = true
		}
		if held := run.account.Held(); s.used > 8 && held < 24*int64(s.used) {
			t.Errorf("%d bytes are accounted for %d words", held, s.used)
		}
		s.free()
		if run.account.Held() != 0 {
			t.Errorf("%d bytes are left", run.account.Held())
		}
	}
	for range 2 { // in a table that was kept
		for n := range graph.ID(500) {
			if fresh, err := s.add(0, n<<wordShift); err != nil || !fresh {
				t.Fatalf("an empty set has %d: %v", n, err)
			}
		}
		if held := run.account.Held(); held < 24*500 {
			t.Errorf("%d bytes are accounted for 500 words", held)
		}
		s.free()
		if s.has(0, 0) || run.account.Held() != 0 {
			t.Errorf("%d bytes are left of a set that was freed", run.account.Held())
		}
	}
	run.account.Max = 1 << 20
	for n := range uint64(1 << 20) {
		if _, err := s.add(0, graph.ID(n<<wordShift)); err != nil {
			var limit *graph.LimitError
			if !errors.As(err, &limit) {
				t.Fatal(err)
			}
			return
		}
	}
	t.Error("a limit of memory does not hold")
}
