package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/kv"
	"mocban/graph/storetest"
)

// Change set v of the test's own history puts edition v of record v modulo records in the
// place of the one before. Every tenth is a load of a small graph of its own.
const records = 12

func change(t testing.TB, s graph.Store, v int) error {
	t.Helper()
	if v%10 == 0 {
		_, err := s.Load(context.Background(), func(l graph.Loader) error { return l.Add(loaded(v)...) })
		return err
	}
	g, quads := record(v%records, v)
	_, err := s.Update(context.Background(), func(txn graph.Txn) error {
		if err := txn.DropGraph(g); err != nil {
			return err
		}
		return txn.Add(quads...)
	})
	return err
}

func loaded(v int) (quads []graph.Quad) {
	for i := range 30 {
		quads = append(quads, graph.Quad{S: graph.IRI(fmt.Sprintf("http://example.org/load/%d", i)).Term(), P: "http://example.org/in", O: graph.Literal(strconv.Itoa(v), "http://www.w3.org/2001/XMLSchema#integer")})
	}
	return quads
}

// stateAt returns the quads that a store of version v must hold.
func stateAt(v int) (quads []graph.Quad) {
	edition := make(map[int]int)
	for i := 1; i <= v; i++ {
		if i%10 == 0 {
			quads = append(quads, loaded(i)...)
		} else {
			edition[i%records] = i
		}
	}
	for n, e := range edition {
		_, q := record(n, e)
		quads = append(quads, q...)
	}
	return quads
}

// checkState checks that a store holds what its version must hold, in all orders.
func checkState(t testing.TB, s graph.Store) int {
	t.Helper()
	sn, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer sn.Close()
	v := int(sn.Version())
	want := make(map[string]bool)
	for _, q := range stateAt(v) {
		want[q.String()] = true
	}
	got := storetest.Quads(t, sn)
	if len(got) != len(want) {
		t.Errorf("version %d holds %d quads, want %d", v, len(got), len(want))
	}
	for _, q := range got {
		if !want[q] {
			t.Fatalf("version %d holds %s", v, q)
		}
	}
	storetest.CheckPatterns(t, sn, rand.New(rand.NewPCG(1, uint64(v))), 3)
	return v
}

func mustOpen(t testing.TB, dir string, o Options) *Store {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s.(*Store)
}

// onTape makes a store stand on a tape.
func onTape(tape *kv.Tape) Options {
	return Options{Volatile: true, foldAt: 300, openKV: func(string, kv.Options) (kv.DB, error) { return tape, nil }}
}

func copyFolder(t testing.TB, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// A power cut leaves the log, which is synced, and any number of the first writes to the
// rest. The store opens with all that was told to be kept.
func TestPowerCut(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	dir, tape := t.TempDir(), new(kv.Tape)
	s := mustOpen(t, dir, onTape(tape))
	const last = 45
	for v := 1; v <= last; v++ {
		if err := change(t, s, v); err != nil {
			t.Fatal(err)
		}
		if r.IntN(6) > 0 && v != last {
			continue
		}
		for range 4 {
			after := filepath.Join(t.TempDir(), "after")
			copyFolder(t, dir, after)
			if r.IntN(2) == 0 {
				tear(t, r, after)
			}
			cut := mustOpen(t, after, onTape(tape.Cut(r.IntN(tape.Len()+1))))
			if got := checkState(t, cut); got != v {
				t.Fatalf("version %d after a power cut, want %d", got, v)
			}
			if err := change(t, cut, v+1); err != nil {
				t.Fatal(err)
			}
			checkState(t, cut)
			cut.Close()
		}
	}
}

// tear adds the beginning of a change set to a log, as a power cut may.
func tear(t testing.TB, r *rand.Rand, dir string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, logFolder, "*.log"))
	path := files[len(files)-1]
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	more := slices.Clone(b[68:][:min(len(b)-68, r.IntN(3000))])
	if r.IntN(2) == 0 {
		more = make([]byte, r.IntN(5000)) // the file grew, what was written did not arrive
	} else if len(more) > 20 {
		more[20] ^= 1
	}
	if err := os.WriteFile(path, append(b, more...), 0o644); err != nil {
		t.Fatal(err)
	}
}

// When the n-th write fails, the change is in the log: the store stops, and has it when it
// is opened again.
func TestFailingWrites(t *testing.T) {
	broken := errors.New("input/output error")
	for n := 1; n < 40; n += 1 + n/5 {
		dir, tape := t.TempDir(), new(kv.Tape)
		s := mustOpen(t, dir, onTape(tape))
		tape.Fail = func(call int) error {
			if call >= n {
				return broken
			}
			return nil
		}
		v := 1
		for ; ; v++ {
			if err := change(t, s, v); err != nil {
				if !errors.Is(err, broken) {
					t.Fatal(err)
				}
				break
			}
			if v > 60 {
				t.Fatal("no write fails")
			}
		}
		if got := checkState(t, s); got != v-1 {
			t.Fatalf("after a failed change version %d is seen, want %d", got, v-1)
		}
		s.Close()
		tape.Fail = nil
		s = mustOpen(t, dir, onTape(tape))
		if got := checkState(t, s); got != v && got != v-1 {
			t.Fatalf("version %d after opening again, want %d", got, v)
		} else {
			v = got
		}
		if err := change(t, s, v+1); err != nil {
			t.Fatal(err)
		}
		checkState(t, s)
		s.Close()
	}
}

// Every value that is read is checked: a flipped bit is told of and never answered from.
func TestSpoiledValues(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	dir, tape := t.TempDir(), new(kv.Tape)
	s := mustOpen(t, dir, onTape(tape))
	for v := 1; v <= 31; v++ {
		if err := change(t, s, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Fold(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.Close()
	keys := tape.AllKeys()
	for range 60 {
		bad := keys[r.IntN(len(keys))]
		tape.Spoil = func(key, sealed []byte) []byte {
			if string(key) == bad {
				sealed[r.IntN(len(sealed))] ^= 1 << r.IntN(8)
			}
			return sealed
		}
		readAll(t, dir, tape, bad)
	}
}

// readAll reads a store of which one value is spoiled, and wants an error or the truth.
func readAll(t *testing.T, dir string, tape *kv.Tape, bad string) {
	t.Helper()
	s, err := Open(dir, onTape(tape))
	if err != nil {
		if !strings.Contains(err.Error(), "damaged") {
			t.Errorf("key %q is spoiled: %v", bad, err)
		}
		return
	}
	defer s.Close()
	sn, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer sn.Close()
	want := len(stateAt(int(sn.Version())))
	for _, o := range graph.Orders {
		c, err := sn.Scan(context.Background(), graph.Pattern{}, o, graph.AllColumns)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		var b graph.Block
		for c.Next(&b) {
			n += b.Len
			terms := make([]graph.Term, b.Len)
			for _, col := range b.Cols {
				if err := sn.Terms(context.Background(), col, terms); err != nil && !strings.Contains(err.Error(), "damaged") {
					t.Errorf("key %q is spoiled: %v", bad, err)
				}
			}
		}
		if err := c.Err(); err == nil && n != want {
			t.Errorf("key %q is spoiled: %d rows in order %v, want %d", bad, n, o, want)
		} else if err != nil && !strings.Contains(err.Error(), "damaged") {
			t.Errorf("key %q is spoiled: %v", bad, err)
		}
		c.Close()
	}
}

// Without its impression, a store is made anew from the log.
func TestRebuild(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{Volatile: true})
	for v := 1; v <= 25; v++ {
		if err := change(t, s, v); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	if err := os.RemoveAll(filepath.Join(dir, kvFolder)); err != nil {
		t.Fatal(err)
	}
	steps := 0
	s = mustOpen(t, dir, Options{Volatile: true, Progress: func(p Progress) {
		if p.Step == "replay" {
			steps++
		}
	}})
	if got := checkState(t, s); got != 25 || steps != 25 {
		t.Errorf("version %d after %d steps", got, steps)
	}
	s.Close()

	// With tables but no manifest Badger would delete them.
	if err := os.Remove(filepath.Join(dir, kvFolder, "MANIFEST")); err != nil {
		t.Fatal(err)
	}
	warned := ""
	s = mustOpen(t, dir, Options{Volatile: true, Warn: func(text string) { warned += text }})
	if got := checkState(t, s); got != 25 || !strings.Contains(warned, "MANIFEST") {
		t.Errorf("version %d, warning %q", got, warned)
	}
	if kept, _ := filepath.Glob(filepath.Join(dir, kvFolder+".damaged-*")); len(kept) != 1 {
		t.Error("the damaged folder was not kept")
	}
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{Volatile: true})
	if err := change(t, s, 1); err != nil {
		t.Fatal(err)
	}
	refuse := func(what, dir, words string, o Options) {
		t.Helper()
		o.Volatile = true
		s, err := Open(dir, o)
		if err == nil {
			s.Close()
			t.Errorf("%s was opened", what)
		} else if !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, want %q", what, err, words)
		}
	}
	refuse("a store that is open", dir, "another process", Options{})
	refuse("a store that is open", dir, "another process", Options{ReadOnly: true})
	s.Close()
	refuse("no store at all", filepath.Join(t.TempDir(), "none"), "no such file", Options{ReadOnly: true})
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "letter.txt"), []byte("Dear"), 0o644); err != nil {
		t.Fatal(err)
	}
	refuse("a folder of something else", other, "letter.txt", Options{})

	marker := filepath.Join(dir, markerFile)
	text, err := os.ReadFile(marker)
	if err != nil {
		t.Fatal(err)
	}
	rewrite := func(text string) {
		t.Helper()
		if err := os.WriteFile(marker, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	rewrite(strings.Replace(string(text), fmt.Sprint("format ", Format), fmt.Sprint("format ", Format+1), 1))
	refuse("a newer store", dir, "use a newer one", Options{})
	rewrite("something")
	refuse("a damaged marker", dir, "damaged", Options{})
	rewrite(strings.Replace(string(text), "id ", "id 00", 1)[:len(text)-1] + "\n")
	refuse("a marker of another store", dir, "", Options{})
	rewrite(string(text))
	if err := os.Rename(filepath.Join(dir, logFolder), filepath.Join(dir, "log2")); err != nil {
		t.Fatal(err)
	}
	refuse("a store without its log", dir, "damaged", Options{})
	os.Remove(filepath.Join(dir, logFolder))
	if err := os.Rename(filepath.Join(dir, "log2"), filepath.Join(dir, logFolder)); err != nil {
		t.Fatal(err)
	}
	if got := checkState(t, mustOpen(t, dir, Options{Volatile: true})); got != 1 {
		t.Errorf("version %d", got)
	}
}

func TestReadOnly(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{Volatile: true})
	for v := 1; v <= 13; v++ {
		if err := change(t, s, v); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	a, b := mustOpen(t, dir, Options{ReadOnly: true}), mustOpen(t, dir, Options{ReadOnly: true})
	if checkState(t, a) != 13 || checkState(t, b) != 13 {
		t.Error("not all is there")
	}
	if err := change(t, a, 14); err == nil || !strings.Contains(err.Error(), "reading only") {
		t.Errorf("error %v", err)
	}
	if _, err := a.Load(context.Background(), func(graph.Loader) error { return nil }); err == nil {
		t.Error("a load into a store that is read only")
	}
}

// A server that was killed must not keep a reader away: who only asks or dumps after a crash
// finds what was told to be kept.
func TestReadOnlyAfterKill(t *testing.T) {
	dir, killed := t.TempDir(), filepath.Join(t.TempDir(), "killed")
	s := mustOpen(t, dir, Options{})
	for v := 1; v <= 13; v++ {
		if err := change(t, s, v); err != nil {
			t.Fatal(err)
		}
	}
	copyFolder(t, dir, killed) // as it lies while it is open
	a, b := mustOpen(t, killed, Options{ReadOnly: true}), mustOpen(t, killed, Options{ReadOnly: true})
	if checkState(t, a) != 13 || checkState(t, b) != 13 {
		t.Error("not all is there")
	}
}

// Where space is short nothing is written, and reading goes on.
func TestStorageLow(t *testing.T) {
	o := Options{Volatile: true, leastFree: 1}
	s := mustOpen(t, t.TempDir(), o)
	if err := change(t, s, 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Room(); err != nil {
		t.Errorf("there is room: %v", err)
	}
	s.o.leastFree = 1 << 62
	if err := s.Room(); !errors.Is(err, ErrStorageLow) {
		t.Errorf("there is no room: %v", err)
	}
	for _, v := range []int{2, 10} {
		if err := change(t, s, v); err == nil || !strings.Contains(err.Error(), "storage low") {
			t.Errorf("error %v", err)
		}
	}
	checkState(t, s)
	s.o.leastFree = 1
	if err := change(t, s, 2); err != nil {
		t.Errorf("with space again: %v", err)
	}
	checkState(t, s)
}

// A fold for which there was no space is made once there is, and leaves nothing behind.
func TestFoldAfterStorageLow(t *testing.T) {
	tape := new(kv.Tape)
	o := onTape(tape)
	o.leastFree, o.foldAt = 1, 1<<30
	s := mustOpen(t, t.TempDir(), o)
	for v := 1; v < 10; v++ {
		if err := change(t, s, v); err != nil {
			t.Fatal(err)
		}
	}
	s.o.foldAt = 1
	s.o.leastFree = 1 << 62
	s.foldSoon(s.current)
	s.work.Wait()
	if err := s.Fold(context.Background()); !errors.Is(err, ErrStorageLow) {
		t.Errorf("error %v", err)
	}
	s.o.leastFree = 1
	broken := errors.New("input/output error")
	tape.Fail = func(int) error { return broken }
	before := s.last.Load()
	if err := s.Fold(context.Background()); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if s.last.Load() != before {
		t.Error("a fold that failed leaves numbers behind")
	}
	tape.Fail = nil
	s.foldSoon(s.current)
	s.work.Wait()
	if s.current.base.version() != 9 {
		t.Errorf("the base stands at version %d", s.current.base.version())
	}
	checkState(t, s)
}

// A panic of who loads leaves the store as it was.
func TestPanicInLoad(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{Volatile: true})
	func() {
		defer func() { recover() }()
		s.Load(context.Background(), func(l graph.Loader) error {
			l.Add(loaded(1)...)
			panic("no")
		})
	}()
	if err := change(t, s, 1); err != nil {
		t.Fatal(err)
	}
	checkState(t, s)
}

// After many updates and a fold there is not much more than after a fresh load.
func TestSpace(t *testing.T) {
	tape := new(kv.Tape)
	s := mustOpen(t, t.TempDir(), onTape(tape))
	for v := 1; v <= 300; v++ {
		if v%10 == 0 {
			continue
		}
		g, quads := record(v%records, 7) // one edition: the terms do not grow
		_, err := s.Update(context.Background(), func(txn graph.Txn) error {
			if err := txn.DropGraph(g); err != nil || v%2 == 0 {
				return err
			}
			return txn.Add(quads...)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Fold(context.Background()); err != nil {
		t.Fatal(err)
	}
	sn, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	var quads []graph.Quad
	for i := range records {
		g, q := record(i, 7)
		if n, _, err := sn.Count(context.Background(), graph.Pattern{G: id(t, sn, g)}); err == nil && n > 0 {
			quads = append(quads, q...)
		}
	}
	sn.Close()
	count := func(tape *kv.Tape) (n int) {
		for _, k := range tape.AllKeys() {
			if k[0] == orderKind || k[0] == setKind || k[0] == deadKind {
				n++
			}
		}
		return n
	}
	fresh := new(kv.Tape)
	f := mustOpen(t, t.TempDir(), onTape(fresh))
	if _, err := f.Load(context.Background(), func(l graph.Loader) error { return l.Add(quads...) }); err != nil {
		t.Fatal(err)
	}
	if got, want := count(tape), count(fresh); got > want+want/2 {
		t.Errorf("%d values, a fresh load makes %d", got, want)
	}
}

func id(t testing.TB, sn graph.Snapshot, term graph.Term) graph.ID {
	t.Helper()
	var ids [1]graph.ID
	if err := sn.IDs(context.Background(), []graph.Term{term}, ids[:]); err != nil {
		t.Fatal(err)
	}
	return ids[0]
}

// A change that takes many batches may be cut between any two of them, also one that adds to
// a page of the dictionary which is larger than a value may be.
func TestCutInWideChange(t *testing.T) {
	dir, tape := t.TempDir(), new(kv.Tape)
	s := mustOpen(t, dir, onTape(tape))
	var want []string
	for v := 1; v <= 3; v++ {
		var quads []graph.Quad
		for i := range 10 {
			text := strings.Repeat(fmt.Sprint(v, " ", i, " "), 30_000)
			quads = append(quads, graph.Quad{S: iri(fmt.Sprint("s", i)), P: "http://example.org/p", O: graph.String(text)})
			want = append(want, quads[i].String())
		}
		before := tape.Len()
		if _, err := s.Update(context.Background(), func(txn graph.Txn) error { return txn.Add(quads...) }); err != nil {
			t.Fatal(err)
		}
		slices.Sort(want)
		for n := before; n <= tape.Len(); n++ {
			after, cut := filepath.Join(t.TempDir(), "after"), tape.Cut(n)
			copyFolder(t, dir, after)
			for range 2 { // what was mended is kept
				c := mustOpen(t, after, onTape(cut))
				sn, err := c.Snapshot()
				if err != nil {
					t.Fatal(err)
				}
				if got := storetest.Quads(t, sn); !slices.Equal(got, want) {
					t.Errorf("version %d, cut after write %d of %d to %d: %d quads, want %d", v, n, before, tape.Len(), len(got), len(want))
				}
				sn.Close()
				c.Close()
			}
		}
		if tape.Len() < before+2 {
			t.Errorf("the change took %d batches", tape.Len()-before)
		}
	}
}

func iri(name string) graph.Term { return graph.IRI("http://example.org/" + name).Term() }

// A root of format 2, which tells one version for all orders, is read.
func TestOlderRoot(t *testing.T) {
	dir, tape := t.TempDir(), new(kv.Tape)
	o := onTape(tape)
	o.foldAt = 1 << 30 // when it is told to
	s := mustOpen(t, dir, o)
	for v := 1; v <= 9; v++ {
		if err := change(t, s, v); err != nil {
			t.Fatal(err)
		}
		if v == 5 {
			if err := s.Fold(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
	b := s.current.base
	root := binary.AppendUvarint([]byte{2}, uint64(b.version()))
	root = binary.AppendUvarint(root, s.last.Load())
	for x, d := range b.dirs {
		root = appendSum(root, b.sums[x])
		root = binary.AppendUvarint(root, uint64(len(d.pages)))
		for _, p := range d.pages {
			root = binary.AppendUvarint(root, p.id)
		}
	}
	var batch kv.Batch
	batch.Set(rootKey, root)
	if err := s.db.Write(&batch); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = mustOpen(t, dir, o)
	if got := checkState(t, s); got != 9 {
		t.Errorf("version %d", got)
	}
}

// A store of format 2, whose blocks are in Badger's tables, is used as it is: read, and written
// to, after which older programs refuse it.
func TestFormat2(t *testing.T) {
	dir := t.TempDir()
	o := Options{Volatile: true, foldAt: 1 << 30}
	old := o
	old.openKV = func(dir string, o kv.Options) (kv.DB, error) {
		o.Apart = ""
		return kv.Open(dir, o)
	}
	s := mustOpen(t, dir, old)
	version := 0
	next := func(s *Store, n int) {
		t.Helper()
		for range n {
			version++
			if err := change(t, s, version); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Fold(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	volumes := func() int {
		names, err := filepath.Glob(filepath.Join(dir, kvFolder, "*"+kv.VolumeSuffix))
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}
	next(s, 9)
	id := s.log.ID()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, markerFile), fmt.Appendf(nil, markerText, 2, id), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, sumsFile)); err != nil {
		t.Fatal(err)
	}
	if n := volumes(); n > 0 {
		t.Fatalf("there are %d volumes in a store of format 2", n)
	}
	read := o
	read.ReadOnly = true
	s = mustOpen(t, dir, read)
	checkState(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, format, err := s.readMarker(); err != nil || format != 2 {
		t.Errorf("who only reads makes it format %d: %v", format, err)
	}
	for range 2 {
		s = mustOpen(t, dir, o)
		if got := checkState(t, s); got != version {
			t.Errorf("version %d, want %d", got, version)
		}
		next(s, 9)
		checkState(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, format, err := s.readMarker(); err != nil || format != Format || volumes() == 0 {
			t.Errorf("it has format %d and %d volumes: %v", format, volumes(), err)
		}
	}
	if r, err := Verify(context.Background(), dir, Options{Volatile: true}, VerifyOptions{Full: true}); err != nil || r.Findings > 0 {
		t.Errorf("%d findings: %v", r.Findings, err)
	}
}
