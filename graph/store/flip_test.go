package store

import (
	"context"
	"flag"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"mocban/graph"
	"mocban/graph/kv"
)

var flips = flag.Int("flips", 16, "how many bits of a store are flipped, each in a copy")

// A flipped bit, in whatever file of a store that was closed, is told by Verify, a fast one or a
// full one. A store that opens nevertheless gives no wrong answer.
//
//	go test ./graph/store -run '^TestFlippedBits$' -flips 300 -timeout 0
func TestFlippedBits(t *testing.T) {
	seed := newSeed(t)
	r := rand.New(rand.NewPCG(seed, 0))
	p := &parent{t: t, plan: childPlan{Writers: 1}}
	p.begin(filepath.Join(t.TempDir(), "store"), seed)
	s := mustOpen(t, p.plan.Dir, Options{Volatile: true, foldAt: 100})
	for edition := 1; edition <= 60; edition++ {
		if err := p.plan.live(s, 0, edition); err != nil {
			t.Fatal(err)
		}
		p.told[0] = edition
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	byKind := make(map[string][]string) // files, by how their names end
	err := filepath.WalkDir(p.plan.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err != nil || info.Size() == 0 {
			return err
		}
		kind := filepath.Ext(path)
		if kind == "" {
			kind = filepath.Base(path)
		}
		name, err := filepath.Rel(p.plan.Dir, path)
		byKind[kind] = append(byKind[kind], name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	kinds := slices.Sorted(maps.Keys(byKind))
	for _, want := range []string{".log", ".sst", kv.VolumeSuffix, "MANIFEST", markerFile, sumsFile} {
		if len(byKind[want]) == 0 {
			t.Errorf("there is no file of the kind %s", want)
		}
	}
	told := make(map[string]int)
	for n := range *flips {
		kind := kinds[n%len(kinds)]
		name := byKind[kind][r.IntN(len(byKind[kind]))]
		dir := filepath.Join(t.TempDir(), "copy")
		copyFolder(t, p.plan.Dir, dir)
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		at, bit := r.IntN(len(b)), r.IntN(8)
		b[at] ^= 1 << bit
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
		report, err := Verify(context.Background(), dir, Options{Volatile: true}, VerifyOptions{Full: n%2 == 0})
		if err != nil || report.Findings > 0 {
			told[kind]++
		} else {
			t.Error("it is not told")
		}
		if c, err := Open(dir, Options{Volatile: true}); err == nil {
			p.judgeWhatIsRead(c.(*Store))
			c.Close()
		}
		if t.Failed() {
			t.Fatalf("flip %d: bit %d of byte %d of %s", n, bit, at, name)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d flips; told: %v", *flips, told)
}

// judgeWhatIsRead judges what a store answers that may be damaged: an error or the truth.
func (p *parent) judgeWhatIsRead(s *Store) {
	p.t.Helper()
	sn, err := s.Snapshot()
	if err != nil {
		p.t.Fatal(err)
	}
	defer sn.Close()
	for _, o := range graph.Orders {
		sums, editions, err := sumUp(sn, p.plan.Writers, o)
		if err != nil {
			continue
		}
		for w := range sums {
			p.judge(w, editions[w], sums[w])
		}
	}
}

// A bit that is flipped in what Badger has not put into tables, in a store whose writer was
// killed, does no harm: what follows on it is dropped, and comes from the log.
func TestFlippedMemory(t *testing.T) {
	seed := newSeed(t)
	r := rand.New(rand.NewPCG(seed, 0))
	p := &parent{t: t, plan: childPlan{Writers: 1}}
	p.begin(filepath.Join(t.TempDir(), "store"), seed)
	s := mustOpen(t, p.plan.Dir, Options{foldAt: 100})
	for edition := 1; edition <= 40; edition++ {
		if err := p.plan.live(s, 0, edition); err != nil {
			t.Fatal(err)
		}
		p.told[0] = edition
	}
	s.work.Wait()
	killed := filepath.Join(t.TempDir(), "killed")
	copyFolder(t, p.plan.Dir, killed) // as it lies while it is open
	for n := range max(*flips/4, 4) {
		dir := filepath.Join(t.TempDir(), "copy")
		copyFolder(t, killed, dir)
		names, _ := filepath.Glob(filepath.Join(dir, kvFolder, "*.mem"))
		if len(names) == 0 {
			t.Fatal("there is nothing that is not in tables")
		}
		name := names[r.IntN(len(names))]
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		used := len(b)
		for used > 1 && b[used-1] == 0 {
			used--
		}
		at, bit := r.IntN(used), r.IntN(8)
		b[at] ^= 1 << bit
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
		c, err := Open(dir, Options{Volatile: true})
		if err != nil {
			t.Fatalf("flip %d, bit %d of byte %d of %s: %v", n, bit, at, name, err)
		}
		p.judgeStore(c.(*Store))
		c.Close()
		if t.Failed() {
			t.Fatalf("flip %d: bit %d of byte %d of %s", n, bit, at, name)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
}
