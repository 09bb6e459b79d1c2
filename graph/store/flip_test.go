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
)

var flips = flag.Int("flips", 10, "how many bits of a store are flipped, each in a copy")

// A flipped bit, in whatever file of a store that was closed, is told by Verify or when the
// store is opened, or it matters to nobody: the store then opens and holds what it must, in all orders.
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
	loud, harmless := make(map[string]int), make(map[string]int)
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
		report, err := Verify(context.Background(), dir, Options{Volatile: true}, VerifyOptions{Full: true})
		if err != nil || report.Findings > 0 {
			loud[kind]++
		} else if c, err := Open(dir, Options{Volatile: true}); err != nil {
			loud[kind]++
		} else {
			harmless[kind]++
			p.judgeStore(c.(*Store))
			c.Close()
		}
		if t.Failed() {
			t.Fatalf("flip %d: bit %d of byte %d of %s", n, bit, at, name)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d flips; told: %v; not told, and of no matter: %v", *flips, loud, harmless)
	for _, kind := range []string{".log", "MANIFEST"} {
		if harmless[kind] > 0 {
			t.Errorf("%d flips in %s files were not told", harmless[kind], kind)
		}
	}
}
