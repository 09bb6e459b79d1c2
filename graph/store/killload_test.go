package store

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/kv"
)

var loadDir = flag.String("childload", "", "folder of a store into which this process loads until it is killed")

// largeLoads takes each load for one that is written straight to tables.
type largeLoads struct{ kv.DB }

func (l largeLoads) Bulk(int64) (kv.Bulk, error) { return l.DB.Bulk(1 << 40) }

func openLarge(dir string, o kv.Options) (kv.DB, error) {
	db, err := kv.Open(dir, o)
	if err != nil {
		return nil, err
	}
	return largeLoads{db}, nil
}

const loadRecords = 400

func loadRecordsInto(s graph.Store) (graph.Version, error) {
	return s.Load(context.Background(), func(l graph.Loader) error {
		for n := range loadRecords {
			_, quads := record(n, 0)
			if err := l.Add(quads...); err != nil {
				return err
			}
		}
		return nil
	})
}

// TestChildLoad is the process that TestKillInLoad kills.
func TestChildLoad(t *testing.T) {
	if *loadDir == "" {
		t.Skip("a part of TestKillInLoad")
	}
	s, err := Open(*loadDir, Options{openKV: openLarge, Memory: 1})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("loading")
	if _, err := loadRecordsInto(s); err != nil {
		t.Fatal(err)
	}
	fmt.Println("loaded")
	time.Sleep(time.Minute)
}

// A first load that is killed is there as a whole or not at all, and can be done again.
func TestKillInLoad(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range max(*kills/2, 1) {
		dir := filepath.Join(t.TempDir(), "store")
		loaded := killLoad(t, self, dir, time.Duration(r.IntN(500))*time.Millisecond)
		s := mustOpen(t, dir, Options{openKV: openLarge})
		sn, err := s.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		n, _, err := sn.Count(context.Background(), graph.Pattern{})
		if v := sn.Version(); err != nil || loaded && v != 1 || n != uint64(v)*60*loadRecords {
			t.Errorf("version %d holds %d quads, loaded %v: %v", v, n, loaded, err)
		}
		sn.Close()
		if v, err := loadRecordsInto(s); v != 1 || err != nil {
			t.Errorf("loading again makes version %d: %v", v, err)
		}
		s.Close()
		s = mustOpen(t, dir, Options{})
		if sn, err = s.Snapshot(); err != nil {
			t.Fatal(err)
		}
		if n := len(rowsOf(t, sn)); n != 60*loadRecords {
			t.Errorf("%d quads after loading again", n)
		}
		sn.Close()
		s.Close()
	}
}

func rowsOf(t *testing.T, sn graph.Snapshot) (rows []graph.Row) {
	t.Helper()
	c, err := sn.Scan(context.Background(), graph.Pattern{}, graph.OSP, graph.AllColumns)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var b graph.Block
	for c.Next(&b) {
		for i := range b.Len {
			rows = append(rows, b.Row(i))
		}
	}
	if err := c.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// killLoad starts a child, kills it a while after it begins to load, and tells whether it
// said that it had loaded.
func killLoad(t *testing.T, self, dir string, wait time.Duration) (loaded bool) {
	t.Helper()
	cmd := exec.Command(self, "-test.run", "^TestChildLoad$", "-childload", dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		switch lines.Text() {
		case "loading":
			time.AfterFunc(wait, func() { cmd.Process.Kill() })
		case "loaded":
			loaded = true
		case "FAIL":
			t.Error("the child failed")
		}
	}
	cmd.Wait()
	return loaded
}
