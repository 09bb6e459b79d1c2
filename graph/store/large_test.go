package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"mocban/graph"
	"mocban/graph/kv"
)

// largeRows make more than Badger takes in one transaction, of a small DB many times over.
const largeRows = 30_000

// large adds or removes many quads with texts of their own, in one change set.
func large(s graph.Store, add bool) error {
	_, err := s.Update(context.Background(), func(txn graph.Txn) error {
		for i := range largeRows {
			q := graph.Quad{
				S: graph.IRI(fmt.Sprintf("http://example.org/large/%d", i/10)).Term(), P: "http://example.org/p",
				O: graph.String(fmt.Sprintf("value %d of a change set that is larger than a transaction", i)),
			}
			change := txn.Remove
			if add {
				change = txn.Add
			}
			if err := change(q); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

func countAll(t *testing.T, s *Store) uint64 {
	t.Helper()
	sn, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer sn.Close()
	n, _, err := sn.Count(context.Background(), graph.Pattern{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A change set of any size is there as a whole or not at all, wherever its writes are cut.
func TestLargeChangeSet(t *testing.T) {
	dir, tape := t.TempDir(), new(kv.Tape)
	onTape := func(tape *kv.Tape) Options { // without the writes of folds
		o := onTape(tape)
		o.foldAt = 1 << 30
		return o
	}
	s := mustOpen(t, dir, onTape(tape))
	before := tape.Len()
	if err := large(s, true); err != nil {
		t.Fatal(err)
	}
	s.work.Wait()
	writes := tape.Len() - before
	if writes < 4 {
		t.Fatalf("%d writes: it is not large", writes)
	}
	s.Close()
	for _, cut := range []int{1, writes - 1} {
		after := filepath.Join(t.TempDir(), "after")
		copyFolder(t, dir, after)
		s := mustOpen(t, after, onTape(tape.Cut(before+cut)))
		if n := countAll(t, s); n != largeRows {
			t.Errorf("cut after %d of %d writes there are %d quads, want %d", cut, writes, n, largeRows)
		}
		s.Close()
	}

	// While it is kept, nothing of it is seen; if that fails, neither.
	broken := errors.New("input/output error")
	dir, tape = t.TempDir(), new(kv.Tape)
	s = mustOpen(t, dir, onTape(tape))
	tape.Fail = func(n int) error {
		if n == writes/2 {
			return broken
		}
		return nil
	}
	if err := large(s, true); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if n := countAll(t, s); n != 0 {
		t.Errorf("%d quads of a change set that failed are seen", n)
	}
	s.Close()
	tape.Fail = nil
	s = mustOpen(t, dir, onTape(tape)) // the log has it
	if n := countAll(t, s); n != largeRows {
		t.Errorf("%d quads after opening again, want %d", n, largeRows)
	}
}

// It goes through Badger too, there and back, and survives without closing.
func TestLargeChangeSetInBadger(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{Volatile: true})
	if err := large(s, true); err != nil {
		t.Fatal(err)
	}
	if n := countAll(t, s); n != largeRows {
		t.Errorf("%d quads, want %d", n, largeRows)
	}
	if err := large(s, false); err != nil {
		t.Fatal(err)
	}
	if n := countAll(t, s); n != 0 {
		t.Errorf("%d quads are left", n)
	}
	s.Close()
	if n := countAll(t, mustOpen(t, dir, Options{Volatile: true})); n != 0 {
		t.Errorf("%d quads are left after opening again", n)
	}
}

// An update that would take too much memory is refused in words and changes nothing.
func TestTooLargeChangeSet(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{Volatile: true, Memory: 1})
	most := leastMemory / rowMemory
	quad := func(i int) graph.Quad {
		return graph.Quad{S: graph.IRI(fmt.Sprint("http://example.org/", i/100)).Term(), P: "http://example.org/p", O: graph.Literal(fmt.Sprint(i), "http://www.w3.org/2001/XMLSchema#integer")}
	}
	add := func(n int, now bool) error {
		_, err := s.Update(context.Background(), func(txn graph.Txn) error {
			for i := range n {
				if err := txn.Add(quad(i)); err != nil {
					return err
				}
				if now && i == n/2 {
					if _, err := txn.Now(); err != nil {
						return err
					}
				}
			}
			return nil
		})
		return err
	}
	for _, now := range []bool{false, true} {
		var limit *graph.LimitError
		if err := add(most+1, now); !errors.As(err, &limit) || limit.Limit != "memory" || limit.Max != "64 MiB" {
			t.Errorf("error %v", err)
		}
	}
	if n := countAll(t, s); n != 0 {
		t.Errorf("%d quads of what was refused are seen", n)
	}
	if err := add(most, true); err != nil {
		t.Error(err)
	}
	if n := countAll(t, s); n != uint64(most) {
		t.Errorf("%d quads, want %d", n, most)
	}
}
