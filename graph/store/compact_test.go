package store

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/storetest"
)

var countName = graph.IRI("http://example.org/countName").Term()

// count puts edition n of a record in the place of the one before, and says so.
func count(s graph.Store, n int) error {
	g, quads := record(n%records, n)
	_, err := s.Update(context.Background(), func(txn graph.Txn) error {
		for _, drop := range []graph.Term{g, countName} {
			if err := txn.DropGraph(drop); err != nil {
				return err
			}
		}
		if err := txn.Add(counted(n)); err != nil {
			return err
		}
		return txn.Add(quads...)
	})
	return err
}

func counted(n int) graph.Quad {
	return graph.Quad{S: countName, P: "http://example.org/is", O: graph.String(strconv.Itoa(n)), G: countName}
}

// checkCount checks that a snapshot holds what it must after so many calls of count, and
// returns how many those are.
func checkCount(t testing.TB, sn graph.Snapshot) (n int) {
	t.Helper()
	got := make(map[string]bool)
	for _, q := range storetest.Quads(t, sn) {
		got[q] = true
		if rest, ok := strings.CutPrefix(q, countName.String()+" "); ok {
			var err error
			if n, err = strconv.Atoi(strings.Split(rest, `"`)[1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := 0
	for r := range records {
		e := n - (n-r+records)%records
		if e < 1 {
			continue
		}
		_, quads := record(r, e)
		if e == n {
			quads = append(quads, counted(n))
		}
		want += len(quads)
		for _, q := range quads {
			if !got[q.String()] {
				t.Fatalf("after %d updates %s is missing", n, q)
			}
		}
	}
	if len(got) != want {
		t.Fatalf("after %d updates there are %d quads, want %d", n, len(got), want)
	}
	return n
}

// Compacting changes nothing but IDs, versions and space: readers and writers go on, older
// snapshots hold what they held, and the old data are gone with the last of them.
func TestCompact(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{Volatile: true, foldAt: 300, Cache: 1 << 20})
	n := 0
	more := func(k int) {
		for range k {
			n++
			if err := count(s, n); err != nil {
				t.Fatal(err)
			}
		}
	}
	more(30)
	_, err := s.Update(context.Background(), func(txn graph.Txn) error { return txn.CreateGraph(graph.Blank("empty")) })
	if err != nil {
		t.Fatal(err)
	}
	old, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	more(2)
	late := s.dict.Meta().Late
	done := make(chan error)
	go func() { done <- s.Compact(context.Background()) }()
	for going := true; going; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			going = false
		default:
			more(1)
			sn, err := s.Snapshot()
			if err != nil {
				t.Fatal(err)
			}
			if got := checkCount(t, sn); got != n {
				t.Fatalf("%d updates are seen, want %d", got, n)
			}
			sn.Close()
		}
	}
	if got := checkCount(t, old); got != 30 {
		t.Errorf("the snapshot holds %d updates, want 30", got)
	}
	if now := s.dict.Meta().Late; now >= late {
		t.Errorf("%d late terms, there were %d", now, late)
	}
	if _, err := os.Stat(filepath.Join(dir, kvFolder)); err != nil {
		t.Errorf("the old data are gone before the last snapshot: %v", err)
	}
	old.Close()
	s.work.Wait()
	if _, err := os.Stat(filepath.Join(dir, kvFolder)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old data are still there: %v", err)
	}
	more(5)
	if err := s.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	more(3)
	check := func(o Options) {
		t.Helper()
		s = mustOpen(t, dir, o)
		sn, err := s.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		if got := checkCount(t, sn); got != n {
			t.Errorf("%d updates are there, want %d", got, n)
		}
		storetest.CheckPatterns(t, sn, rand.New(rand.NewPCG(1, 1)), 10)
		c, err := sn.Graphs(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		graphs := 0
		for b := new(graph.Block); c.Next(b); {
			graphs += b.Len
		}
		if graphs != records+2 {
			t.Errorf("%d graphs, want %d", graphs, records+2)
		}
		sn.Close()
		if r, err := s.Verify(context.Background(), VerifyOptions{Full: true}); err != nil || r.Findings > 0 {
			t.Errorf("%d findings, %v", r.Findings, err)
		}
		s.Close()
	}
	s.Close()
	check(Options{ReadOnly: true})
	if folders, _ := filepath.Glob(filepath.Join(dir, "kv*")); len(folders) != 1 || filepath.Base(folders[0]) != kvFolder {
		t.Errorf("folders %v", folders)
	}
	check(Options{Volatile: true})
}

// A store compacts itself before the terms that are of no use take more than a share of those
// in use, however large the steps are in which they become known, and not for a few of them.
func TestCompactionPays(t *testing.T) {
	const sorted = 4_000_000
	for _, fold := range []uint64{10_000, 100_000, 400_000} {
		removed := uint64(0)
		for !compactionPays(leastDeadTerms, sorted, removed, removed, fold) {
			removed += fold
		}
		if removed > sorted/deadShare || removed+fold <= sorted/deadShare {
			t.Errorf("in steps of %d it is compacted once %d terms of %d are of no use", fold, removed, sorted)
		}
	}
	for _, c := range []struct {
		what                            string
		sorted, late, removed, lastFold uint64
		want                            bool
	}{
		{"rows removed whose terms were sorted", sorted, 0, 1_000_000, 400_000, false},
		{"terms added, and none removed", sorted, 2_500_000, 0, 0, false},
		{"more terms added than there were", sorted, sorted + 1, 0, 0, true},
		{"a few of a small store", 1000, 1000, 1000, 1000, false},
	} {
		if got := compactionPays(leastDeadTerms, c.sorted, c.late, c.removed, c.lastFold); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}

// What is removed or put in place is done to the end when the store is opened again.
func TestCompactCutShort(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{Volatile: true})
	for n := 1; n <= 20; n++ {
		if err := count(s, n); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	before := filepath.Join(t.TempDir(), "before")
	copyFolder(t, filepath.Join(dir, kvFolder), before)
	s = mustOpen(t, dir, Options{Volatile: true})
	if err := s.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	made := s.data
	s.Close()
	for name, change := range map[string]func(dir string) error{
		"not made to the end": func(dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, currentFile)), os.Remove(filepath.Join(dir, made, "MANIFEST")), os.CopyFS(filepath.Join(dir, kvFolder), os.DirFS(before)))
		},
		"not removed":          func(dir string) error { return os.CopyFS(filepath.Join(dir, kvFolder), os.DirFS(before)) },
		"half removed":         func(dir string) error { return os.Mkdir(filepath.Join(dir, kvFolder), 0o755) },
		"put in place":         func(dir string) error { return os.Rename(filepath.Join(dir, made), filepath.Join(dir, kvFolder)) },
		"told, and lost since": func(dir string) error { return os.RemoveAll(filepath.Join(dir, made)) },
	} {
		after := filepath.Join(t.TempDir(), "after")
		copyFolder(t, dir, after)
		if err := change(after); err != nil {
			t.Fatal(err)
		}
		s := mustOpen(t, after, Options{Volatile: true})
		sn, err := s.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		if n := checkCount(t, sn); n != 20 {
			t.Errorf("%s: %d updates are there, want 20", name, n)
		}
		sn.Close()
		s.Close()
		if folders, _ := filepath.Glob(filepath.Join(after, "kv*")); len(folders) != 1 {
			t.Errorf("%s: folders %v", name, folders)
		}
		if _, err := os.Stat(filepath.Join(after, currentFile)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %s is there", name, currentFile)
		}
	}
}

// An empty store is compacted too.
func TestCompactEmpty(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{Volatile: true})
	q := counted(1)
	for _, f := range []func(graph.Txn) error{
		func(txn graph.Txn) error { return txn.Add(q) },
		func(txn graph.Txn) error { return txn.DropGraph(countName) },
	} {
		if err := s.Compact(context.Background()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Update(context.Background(), f); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	dir := s.dir
	s.Close()
	s = mustOpen(t, dir, Options{Volatile: true})
	sn, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer sn.Close()
	if q := storetest.Quads(t, sn); len(q) > 0 || sn.Version() != 5 {
		t.Errorf("version %d holds %v", sn.Version(), q)
	}
}

var compactDir = flag.String("childcompact", "", "folder of a store that this process updates and compacts until it is killed")

// TestChildCompact is the process that TestKillInCompact kills.
func TestChildCompact(t *testing.T) {
	if *compactDir == "" {
		t.Skip("a part of TestKillInCompact")
	}
	s, err := Open(*compactDir, Options{foldAt: 300})
	if err != nil {
		t.Fatal(err)
	}
	sn, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	n := checkCount(t, sn)
	sn.Close()
	var wait sync.WaitGroup
	wait.Add(1)
	go func() {
		defer wait.Done()
		for {
			if err := s.(*Store).Compact(context.Background()); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	for {
		n++
		if err := count(s, n); err != nil {
			t.Fatal(err)
		}
		fmt.Println("kept", n)
	}
}

// A store that is killed while it is compacted, again and again, loses nothing.
func TestKillInCompact(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	dir := filepath.Join(t.TempDir(), "store")
	last := 0
	for range *kills {
		cmd := exec.Command(self, "-test.run", "^TestChildCompact$", "-childcompact", dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kept := last
		lines := bufio.NewScanner(out)
		for started := false; lines.Scan(); {
			if text, ok := strings.CutPrefix(lines.Text(), "kept "); ok {
				kept, _ = strconv.Atoi(text)
			} else {
				t.Log(lines.Text())
			}
			if !started {
				started = true
				time.AfterFunc(time.Duration(r.IntN(600))*time.Millisecond, func() { cmd.Process.Kill() })
			}
		}
		cmd.Wait()
		s := mustOpen(t, dir, Options{})
		sn, err := s.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		n := checkCount(t, sn)
		sn.Close()
		s.Close()
		if n != kept && n != kept+1 {
			t.Fatalf("%d updates were told to be kept, %d are there", kept, n)
		}
		last = n
	}
}
