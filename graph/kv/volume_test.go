package kv

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// testVolume is how large volumes become in tests.
const testVolume = 1 << 20

func openApart(t testing.TB, dir string, o Options) *badgerDB {
	t.Helper()
	o.Small, o.Apart, o.volume = true, "o", testVolume
	db, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db.(*badgerDB)
}

// apartValue is a value under a key of an edition; none if it is 0.
func apartValue(key string, edition int) []byte {
	if edition == 0 {
		return nil
	}
	return bytes.Repeat(fmt.Appendf(nil, "%s %d;", key, edition), 30+edition%90)
}

// history writes at random under keys that are kept apart and others, and knows what is there.
type history struct {
	r        *rand.Rand
	editions map[string]int
	n        int
}

func (h *history) step(t *testing.T, db DB, keys int) {
	t.Helper()
	var b Batch
	for range 1 + h.r.IntN(200) {
		key := fmt.Sprintf("%c%05d", "aoz"[h.r.IntN(3)], h.r.IntN(keys))
		if h.n++; h.r.IntN(3) == 0 {
			b.Delete([]byte(key))
			h.editions[key] = 0
			continue
		}
		b.Set([]byte(key), apartValue(key, h.n))
		h.editions[key] = h.n
	}
	if err := db.Write(&b); err != nil {
		t.Fatal(err)
	}
}

func (h *history) check(t *testing.T, db DB) {
	t.Helper()
	there := 0
	for key, edition := range h.editions {
		want := "(none)"
		if edition > 0 {
			want = string(apartValue(key, edition))
			there++
		}
		if got := value(t, db, key); got != want {
			t.Fatalf("%s is %.20q, want %.20q", key, got, want)
		}
	}
	n, keys := 0, 0
	if err := db.Scan(nil, nil, func(key, value []byte) error {
		if !bytes.Equal(value, apartValue(string(key), h.editions[string(key)])) {
			t.Errorf("a scan gives %.20q under %s", value, key)
		}
		n++
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Keys([]byte("a"), nil, func(key []byte) error { keys++; return nil }); err != nil {
		t.Fatal(err)
	}
	if n != there || keys != there {
		t.Errorf("a scan gives %d keys and %d with values, there are %d", keys, n, there)
	}
}

// What is kept apart reads as what is not, whatever is overwritten, deleted, moved, and opened
// again; and the volumes are not much larger than what is in use.
func TestApart(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	h := history{r: rand.New(rand.NewPCG(seed, 0)), editions: make(map[string]int)}
	dir := t.TempDir()
	db := openApart(t, dir, Options{})
	moved := false
	for round := range 200 {
		before := db.values.next
		h.step(t, db, 3000)
		moved = moved || db.values.next > before+1
		if round%100 == 50 {
			h.check(t, db)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			db = openApart(t, dir, Options{})
			h.check(t, db)
		}
	}
	h.check(t, db)
	used := int64(0)
	for key, edition := range h.editions {
		if key[0] == 'o' {
			used += int64(len(apartValue(key, edition)))
		}
	}
	if all := db.values.bytes(); all < used || all > used+used/deadPart+3*testVolume {
		t.Errorf("the volumes have %d bytes, of which %d are in use", all, used)
	}
	onDisk := int64(0)
	names, _ := filepath.Glob(filepath.Join(dir, "*"+VolumeSuffix))
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		onDisk += info.Size()
	}
	if onDisk > db.values.bytes() {
		t.Errorf("%d bytes are on disk in %d files, %d are told", onDisk, len(names), db.values.bytes())
	}
	var b Batch
	for key := range h.editions {
		b.Delete([]byte(key))
	}
	if err := db.Write(&b); err != nil {
		t.Fatal(err)
	}
	db.Close()
	db = openApart(t, dir, Options{}) // the one that was written to is removed too, then
	b.Reset()
	b.Delete([]byte("o"))
	if err := db.Write(&b); err != nil {
		t.Fatal(err)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*"+VolumeSuffix)); len(names) > 0 {
		t.Errorf("there are %d volumes of nothing", len(names))
	}
	h.editions = map[string]int{}
	h.check(t, db)
}

// Who reads gets what is there, while it is moved.
func TestReadWhileMoving(t *testing.T) {
	db := openApart(t, t.TempDir(), Options{NoSync: true})
	key := func(i int) []byte { return fmt.Appendf(nil, "o%05d", i) }
	var b Batch
	for i := range 600 {
		b.Set(key(i), bytes.Repeat(key(i), 1000))
		if b.Full() {
			if err := db.Write(&b); err != nil {
				t.Fatal(err)
			}
			b.Reset()
		}
	}
	if err := db.Write(&b); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var wait sync.WaitGroup
	for range 2 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				k := key(3 * (i % 200)) // which are never written anew
				if err := db.Get(k, func(v []byte) error {
					if !bytes.Equal(v, bytes.Repeat(k, 1000)) {
						t.Errorf("%s is %.20q", k, v)
					}
					return nil
				}); err != nil {
					t.Error(err)
					return
				}
				if i%500 == 0 {
					if err := db.Scan([]byte("o"), []byte("p"), func(key, value []byte) error { return nil }); err != nil {
						t.Error(err)
						return
					}
				}
			}
		}()
	}
	first := db.values.next
	for round := range 60 {
		b.Reset()
		for i := range 600 {
			if i%3 != 0 && (i+round)%5 == 0 {
				b.Set(key(i), bytes.Repeat(key(i), 1000))
			}
		}
		if err := db.Write(&b); err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	wait.Wait()
	if db.values.next < first+20 {
		t.Errorf("from volume %d it came to %d only", first, db.values.next)
	}
}

// A large write keeps values apart, and what is left of one that was given up is removed.
func TestBulkApart(t *testing.T) {
	dir := t.TempDir()
	db := openApart(t, dir, Options{})
	for _, giveUp := range []bool{true, false} {
		bulk, err := db.Bulk(tableBytes)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3000 {
			if err := bulk.Set(i/1500, fmt.Appendf(nil, "o%05d", i), bytes.Repeat([]byte{byte(i)}, 1000)); err != nil {
				t.Fatal(err)
			}
		}
		if !giveUp {
			if err := bulk.Close(); err != nil {
				t.Fatal(err)
			}
			break
		}
		bulk.Cancel()
		var b Batch
		if err := db.Keys([]byte("o"), []byte("p"), func(key []byte) error { b.Delete(key); return nil }); err != nil {
			t.Fatal(err)
		}
		b.Delete([]byte("o"))
		if err := db.Write(&b); err != nil {
			t.Fatal(err)
		}
		if names, _ := filepath.Glob(filepath.Join(dir, "*"+VolumeSuffix)); len(names) > 0 {
			t.Errorf("there are %d volumes of nothing", len(names))
		}
		db.Close()
		dir = t.TempDir() // since the first is not empty for Badger any more
		db = openApart(t, dir, Options{})
	}
	for range 2 {
		for i := range 3000 {
			if got := value(t, db, fmt.Sprintf("o%05d", i)); got != string(bytes.Repeat([]byte{byte(i)}, 1000)) {
				t.Fatalf("value %d is %.10q", i, got)
			}
		}
		if db.values.bytes() < 3_000_000 {
			t.Errorf("volumes have %d bytes", db.values.bytes())
		}
		db.Close()
		db = openApart(t, dir, Options{ReadOnly: true})
	}
}

// A flipped bit in a volume is told of, with the key, and never answered from; what is whole is
// moved away from it, and the rest stays.
func TestDamagedVolume(t *testing.T) {
	dir := t.TempDir()
	db := openApart(t, dir, Options{})
	key := func(i int) []byte { return fmt.Appendf(nil, "o%05d", i) }
	var b Batch
	for i := range 400 {
		b.Set(key(i), bytes.Repeat(key(i), 400))
	}
	if err := db.Write(&b); err != nil {
		t.Fatal(err)
	}
	db.Close()
	names, _ := filepath.Glob(filepath.Join(dir, "*"+VolumeSuffix))
	if len(names) != 1 {
		t.Fatalf("%d volumes", len(names))
	}
	whole, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 30 {
		bad := bytes.Clone(whole)
		bad[len(volumeHead)+r.IntN(len(bad)-len(volumeHead))] ^= 1 << r.IntN(8)
		if err := os.WriteFile(names[0], bad, 0o644); err != nil {
			t.Fatal(err)
		}
		db := openApart(t, dir, Options{ReadOnly: true})
		told := 0
		for i := range 400 {
			var damage *DamageError
			err := db.Get(key(i), func(v []byte) error {
				if !bytes.Equal(v, bytes.Repeat(key(i), 400)) {
					t.Errorf("%s is %.20q", key(i), v)
				}
				return nil
			})
			if errors.As(err, &damage) && bytes.Equal(damage.Key, key(i)) {
				told++
			} else if err != nil {
				t.Error(err)
			}
		}
		if told != 1 {
			t.Errorf("%d values are told to be damaged", told)
		}
		db.Close()
	}
	bad := bytes.Clone(whole)
	bad[len(bad)/2] ^= 1
	if err := os.WriteFile(names[0], bad, 0o644); err != nil {
		t.Fatal(err)
	}
	db = openApart(t, dir, Options{})
	for i := range 400 { // of which so much is deleted that the others are to be moved
		if i%8 == 0 {
			continue
		}
		b.Reset()
		b.Delete(key(i))
		if err := db.Write(&b); err != nil {
			t.Fatal(err)
		}
	}
	damaged := 0
	for i := 0; i < 400; i += 8 {
		if err := db.Get(key(i), func(v []byte) error { return nil }); err != nil {
			damaged++
		}
	}
	if damaged > 1 {
		t.Errorf("%d of the values that were not deleted cannot be read", damaged)
	}
	db.Close()
	if err := os.Remove(names[0]); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	db = openApart(t, dir, Options{ReadOnly: true})
	var damage *DamageError
	lost := 0
	for i := 0; i < 400; i += 8 {
		if err := db.Get(key(i), func(v []byte) error { return nil }); errors.As(err, &damage) && strings.Contains(err.Error(), errGone.Error()) {
			lost++
		} else if err != nil {
			t.Error(err)
		}
	}
	if lost == 0 {
		t.Error("nothing is told of a volume that is missing")
	}
}

// A value is there once Badger knows its place: what is cut off from the end of a volume that
// was not synced is what no place tells of.
func TestPlacesAfterValues(t *testing.T) {
	dir := t.TempDir()
	db := openApart(t, dir, Options{})
	h := history{r: rand.New(rand.NewPCG(1, 1)), editions: make(map[string]int)}
	for range 30 {
		h.step(t, db, 3000)
		for n, f := range db.values.files {
			info, err := f.Stat()
			if err != nil {
				t.Fatal(err)
			}
			if info.Size() != db.values.sizes[n] {
				t.Fatalf("volume %d has %d bytes on disk and %d in all", n, info.Size(), db.values.sizes[n])
			}
		}
		if o := db.values.open; o != nil && o.loose {
			t.Fatal("it is not synced when the batch is written")
		}
	}
	// A volume that a place was never written of is removed by the next to write.
	if err := os.WriteFile(filepath.Join(dir, volumeName(db.values.next+1)), []byte(volumeHead+"rest"), 0o644); err != nil {
		t.Fatal(err)
	}
	db.Close()
	db = openApart(t, dir, Options{})
	last := db.values.next - 1
	h.check(t, db)
	h.step(t, db, 3000)
	if _, err := os.Stat(filepath.Join(dir, volumeName(last))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a volume of which nothing is in use: %v", err)
	}
	h.check(t, db)
}

// Volumes are opened with the folder: a read needs nothing then that it might not get.
func TestVolumesStayOpen(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open cannot be removed")
	}
	dir := t.TempDir()
	db := openApart(t, dir, Options{})
	h := history{r: rand.New(rand.NewPCG(2, 2)), editions: make(map[string]int)}
	for range 20 {
		h.step(t, db, 3000)
	}
	db.Close()
	for _, readOnly := range []bool{true, false} {
		db = openApart(t, dir, Options{ReadOnly: readOnly})
		if readOnly {
			h.check(t, db)
			db.Close()
			continue
		}
		names, _ := filepath.Glob(filepath.Join(dir, "*"+VolumeSuffix))
		for _, name := range names {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
		if len(names) == 0 {
			t.Fatal("there are no volumes")
		}
		h.check(t, db)
	}
}
