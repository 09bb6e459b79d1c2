package store

import (
	"context"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"mocban/graph"
	"mocban/graph/storetest"
)

// Readers see whole versions while a writer goes on, folds and loads among what it does, and
// nothing is left running after Close.
func TestReadersAndWriter(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s := mustOpen(t, t.TempDir(), Options{Volatile: true, foldAt: 500, Cache: 1 << 20})
	var wait sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for {
				select {
				case <-done:
					return
				default:
					readVersion(t, s)
				}
			}
		}()
	}
	for v := 1; v <= 120; v++ {
		if err := change(t, s, v); err != nil {
			t.Error(err)
			break
		}
	}
	close(done)
	wait.Wait()
	if got := checkState(t, s); got != 120 {
		t.Errorf("version %d", got)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// readVersion checks that all orders of a snapshot hold as many quads as its version must.
func readVersion(t *testing.T, s *Store) {
	sn, err := s.Snapshot()
	if err != nil {
		t.Error(err)
		return
	}
	defer sn.Close()
	want := len(stateAt(int(sn.Version())))
	for _, o := range graph.Orders {
		c, err := sn.Scan(context.Background(), graph.Pattern{}, o, graph.Cols(graph.PosO))
		if err != nil {
			t.Error(err)
			return
		}
		n := 0
		var b graph.Block
		terms := make([]graph.Term, 1024)
		for c.Next(&b) {
			n += b.Len
			if err := sn.Terms(context.Background(), b.Cols[graph.PosO], terms[:b.Len]); err != nil {
				t.Error(err)
			}
		}
		if err := c.Err(); err != nil || n != want {
			t.Errorf("version %d has %d rows in order %v, want %d (%v)", sn.Version(), n, o, want, err)
		}
		c.Close()
	}
}

// A store that is closed while it is read gives errors, not answers that are short.
func TestCloseWhileReading(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{Volatile: true, Cache: 1})
	if err := change(t, s, 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Fold(context.Background()); err != nil {
		t.Fatal(err)
	}
	sn, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	c, err := sn.Scan(context.Background(), graph.Pattern{}, graph.SPO, graph.AllColumns)
	if err == nil {
		defer c.Close()
		if c.Next(new(graph.Block)) || c.Err() == nil {
			t.Error("a closed store is read")
		}
	}
	sn.Close()
}

// Stores of other kinds take what this one told.
func TestCopyByChanges(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{Volatile: true})
	for v := 1; v <= 22; v++ {
		if err := change(t, s, v); err != nil {
			t.Fatal(err)
		}
	}
	to := mustOpen(t, t.TempDir(), Options{Volatile: true})
	for c, err := range s.Changes(context.Background(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		_, err := to.Update(context.Background(), func(txn graph.Txn) error { return replay(txn, c) })
		if err != nil {
			t.Fatal(err)
		}
	}
	a, _ := s.Snapshot()
	b, _ := to.Snapshot()
	defer a.Close()
	defer b.Close()
	x, y := storetest.Quads(t, a), storetest.Quads(t, b)
	if len(x) != len(y) {
		t.Errorf("%d quads, want %d", len(y), len(x))
	}
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			t.Fatalf("%s, want %s", y[i], x[i])
		}
	}
}

func replay(txn graph.Txn, c graph.Change) error {
	for op, err := range c.Ops() {
		if err != nil {
			return err
		}
		switch op.Kind {
		case graph.OpAdd:
			err = txn.Add(op.Quad)
		case graph.OpRemove:
			err = txn.Remove(op.Quad)
		case graph.OpCreateGraph:
			err = txn.CreateGraph(op.Quad.G)
		case graph.OpDropGraph:
			err = txn.DropGraph(op.Quad.G)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// A load takes quads from as many goroutines as there are.
func TestLoadFromManyGoroutines(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{Volatile: true, Memory: 1})
	_, err := s.Load(context.Background(), func(l graph.Loader) error {
		var wait sync.WaitGroup
		for first := range 4 {
			wait.Add(1)
			go func() {
				defer wait.Done()
				for n := first; n < 400; n += 3 { // some records come twice
					_, quads := record(n, 0)
					if err := l.Add(quads...); err != nil {
						t.Error(err)
					}
				}
			}()
		}
		wait.Wait()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sn, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer sn.Close()
	if n, _, err := sn.Count(context.Background(), graph.Pattern{}); n != 400*60 || err != nil {
		t.Errorf("%d quads, want %d (%v)", n, 400*60, err)
	}
	if n, exact, err := sn.Distinct(context.Background(), graph.Pattern{}, graph.PosG); n != 400 || !exact || err != nil {
		t.Errorf("%d graphs, %v, %v", n, exact, err)
	}
}
