package kv

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func openSmall(t testing.TB, dir string) DB {
	t.Helper()
	db, err := Open(dir, Options{Small: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func each(t *testing.T, test func(t *testing.T, db DB)) {
	t.Run("badger", func(t *testing.T) { test(t, openSmall(t, t.TempDir())) })
	t.Run("tape", func(t *testing.T) { test(t, new(Tape)) })
}

func value(t testing.TB, db DB, key string) string {
	t.Helper()
	var out string
	err := db.Get([]byte(key), func(b []byte) error {
		out = string(b)
		return nil
	})
	if errors.Is(err, ErrNotFound) {
		return "(none)"
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func scan(t testing.TB, db DB, low, high string) (out []string) {
	t.Helper()
	err := db.Scan([]byte(low), []byte(high), func(key, value []byte) error {
		out = append(out, string(key)+"="+string(value))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestReadWrite(t *testing.T) {
	each(t, func(t *testing.T, db DB) {
		var b Batch
		for _, k := range []string{"a", "b", "c"} {
			b.Set([]byte(k), []byte("value "+k))
		}
		b.Set([]byte("empty"), nil)
		if err := db.Write(&b); err != nil {
			t.Fatal(err)
		}
		b.Reset()
		b.Delete([]byte("b"))
		b.Delete([]byte("never"))
		b.Set([]byte("a"), []byte("new"))
		if err := db.Write(&b); err != nil {
			t.Fatal(err)
		}
		for k, want := range map[string]string{"a": "new", "b": "(none)", "c": "value c", "empty": ""} {
			if got := value(t, db, k); got != want {
				t.Errorf("%s is %q, want %q", k, got, want)
			}
		}
		if got, want := scan(t, db, "a", "d"), []string{"a=new", "c=value c"}; !slices.Equal(got, want) {
			t.Errorf("scan gives %q, want %q", got, want)
		}
	})
}

func TestLimits(t *testing.T) {
	each(t, func(t *testing.T, db DB) {
		for _, o := range []struct {
			key, value []byte
			ok         bool
		}{
			{[]byte("k"), make([]byte, MaxValue), true},
			{[]byte("k"), make([]byte, MaxValue+1), false},
			{bytes.Repeat([]byte("k"), MaxKey), nil, true},
			{bytes.Repeat([]byte("k"), MaxKey+1), nil, false},
			{nil, nil, false},
		} {
			var b Batch
			b.Set(o.key, o.value)
			if err := db.Write(&b); (err == nil) != o.ok {
				t.Errorf("a key of %d and a value of %d bytes: %v", len(o.key), len(o.value), err)
			}
		}
	})
}

// A large write goes to an empty DB and to one that is not.
func TestBulk(t *testing.T) {
	for _, size := range []int64{0, tableBytes} {
		each(t, func(t *testing.T, db DB) { testBulk(t, db, size) })
	}
}

func testBulk(t *testing.T, db DB, size int64) {
	want := 0
	for round := range 2 {
		bulk, err := db.Bulk(size)
		if err != nil {
			t.Fatal(err)
		}
		for stream := range 3 {
			for i := range 500 {
				key := fmt.Sprintf("s%d-%d-%05d", stream, round, i)
				if err := bulk.Set(stream, []byte(key), bytes.Repeat([]byte(key), 400)); err != nil {
					t.Fatal(err)
				}
				want++
			}
		}
		if err := bulk.Close(); err != nil {
			t.Fatal(err)
		}
		if got := len(scan(t, db, "s", "t")); got != want {
			t.Fatalf("%d values, want %d", got, want)
		}
		var b Batch
		b.Set([]byte("z"), []byte(fmt.Sprint(round)))
		if err := db.Write(&b); err != nil {
			t.Fatal(err)
		}
		if got := value(t, db, "z"); got != fmt.Sprint(round) {
			t.Errorf("what is written after a large write reads %q", got)
		}
	}
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	db := openSmall(t, dir)
	bulk, err := db.Bulk(tableBytes)
	if err != nil {
		t.Fatal(err)
	}
	if err := bulk.Set(0, []byte("bulk"), []byte("1")); err != nil {
		t.Fatal(err)
	}
	if err := bulk.Close(); err != nil {
		t.Fatal(err)
	}
	var b Batch
	b.Set([]byte("small"), []byte("2"))
	if err := db.Write(&b); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Get([]byte("small"), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("reading what is closed: %v", err)
	}
	db = openSmall(t, dir)
	if value(t, db, "bulk") != "1" || value(t, db, "small") != "2" {
		t.Error("values are gone")
	}
	if _, err := Open(dir, Options{Small: true}); err == nil {
		t.Error("a folder was opened twice")
	}
}

// A process that is killed while it makes a log leaves it empty.
func TestEmptyLog(t *testing.T) {
	dir := t.TempDir()
	db := openSmall(t, dir)
	var b Batch
	b.Set([]byte("k"), []byte("v"))
	if err := db.Write(&b); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if err := os.WriteFile(filepath.Join(dir, "00099.mem"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	db = openSmall(t, dir)
	if value(t, db, "k") != "v" {
		t.Error("the value is gone")
	}
}

// Badger takes a folder without a manifest for a new one and deletes its tables.
func TestMissingManifest(t *testing.T) {
	dir := t.TempDir()
	openSmall(t, dir).Close()
	if err := os.Rename(filepath.Join(dir, "MANIFEST"), filepath.Join(t.TempDir(), "MANIFEST")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "000001.sst"), []byte("table"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{Small: true}); !errors.Is(err, ErrIncomplete) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "000001.sst")); err != nil {
		t.Error("the table is gone")
	}
}

// A flipped bit in a table is told of, or does no harm; it never changes a value.
func TestDamagedTable(t *testing.T) {
	dir := t.TempDir()
	db := openSmall(t, dir)
	bulk, err := db.Bulk(tableBytes)
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string]string)
	for i := range 300 {
		key := fmt.Sprintf("key %04d", i)
		want[key] = fmt.Sprintf("value %d", i*i)
		if err := bulk.Set(0, []byte(key), []byte(want[key])); err != nil {
			t.Fatal(err)
		}
	}
	if err := bulk.Close(); err != nil {
		t.Fatal(err)
	}
	db.Close()
	tables, _ := filepath.Glob(filepath.Join(dir, "*.sst"))
	if len(tables) != 1 {
		t.Fatalf("%d tables", len(tables))
	}
	whole, err := os.ReadFile(tables[0])
	if err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	at := bytes.Index(whole, []byte("value 100")) // among the values, not in the index
	for range 24 {
		bad := bytes.Clone(whole)
		bad[at+r.IntN(200)] ^= 1 << r.IntN(8)
		if err := os.WriteFile(tables[0], bad, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := Open(dir, Options{Small: true})
		if err != nil {
			continue
		}
		for key, w := range want {
			err := db.Get([]byte(key), func(b []byte) error {
				if string(b) != w {
					t.Errorf("%s reads %q, want %q", key, b, w)
				}
				return nil
			})
			var damage *DamageError
			if err != nil && !errors.As(err, &damage) && !errors.Is(err, ErrNotFound) {
				t.Errorf("%s: %v", key, err)
			}
		}
		db.Close()
	}
}

func TestTape(t *testing.T) {
	tape := new(Tape)
	for i := range 3 {
		var b Batch
		b.Set([]byte("k"), []byte(fmt.Sprint(i)))
		if err := tape.Write(&b); err != nil {
			t.Fatal(err)
		}
	}
	for n, want := range []string{"(none)", "0", "1", "2"} {
		if got := value(t, tape.Cut(n), "k"); got != want {
			t.Errorf("after %d writes %q, want %q", n, got, want)
		}
	}
	broken := errors.New("broken")
	tape.Fail = func(n int) error { return broken }
	if err := tape.Write(new(Batch)); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	tape.Spoil = func(_, v []byte) []byte { v[0] ^= 1; return v }
	var damage *DamageError
	if err := tape.Get([]byte("k"), nil); !errors.As(err, &damage) || string(damage.Key) != "k" {
		t.Errorf("error %v", err)
	}
}

func TestCache(t *testing.T) {
	c := NewCache[int](1 << 20)
	slots := make([]Slot[int], 50_000)
	for i := range slots {
		c.Put(&slots[i], i, 900)
		if v, ok := c.Get(&slots[7]); i >= 7 && (!ok || v != 7) {
			t.Fatal("what is asked for again and again is gone")
		}
	}
	in := checkCache(t, c, slots)
	if in < 800 {
		t.Errorf("%d entries", in)
	}
	if c.Roomy() {
		t.Error("there is room where things had to go")
	}
	c.Put(&slots[7], 8, 900)
	if v, ok := c.Get(&slots[7]); !ok || v != 8 {
		t.Errorf("%d is kept where 8 was put", v)
	}
	if n := checkCache(t, c, slots); n > in {
		t.Errorf("%d entries, %d before one took the place of another", n, in)
	}
	c.Drop(&slots[7])
	c.Drop(&slots[7])
	if _, ok := c.Get(&slots[7]); ok || c.Has(&slots[7]) {
		t.Error("what was dropped is there")
	}
	c.Put(&slots[1], 1, 900)
	c.Put(&slots[1], 2, 1<<20)
	if c.Has(&slots[1]) {
		t.Error("what does not fit leaves what was there before")
	}
	checkCache(t, c, slots)
}

// checkCache compares what slots and shards tell of, and returns how many entries there are.
func checkCache(t *testing.T, c *Cache[int], slots []Slot[int]) (in int) {
	t.Helper()
	for i := range slots {
		if e := slots[i].kept.Load(); e != nil {
			in++
			if e.next == nil || e.slot != &slots[i] {
				t.Fatalf("slot %d holds what was dropped", i)
			}
		}
	}
	entries, bytes := 0, int64(0)
	for i := range c.shards {
		s := &c.shards[i]
		ring := int64(0)
		for e := s.hand; e != nil; {
			entries++
			ring += e.bytes
			if e = e.next; e == s.hand {
				break
			}
		}
		if ring != s.in || ring > s.max {
			t.Fatalf("shard %d holds %d bytes, says %d, and may hold %d", i, ring, s.in, s.max)
		}
		bytes += ring
	}
	if entries != in {
		t.Fatalf("%d entries are kept, %d of them in slots (%d bytes)", entries, in, bytes)
	}
	return in
}

// Many put into, ask for and drop the same slots.
func TestCacheTogether(t *testing.T) {
	c := NewCache[int](64 << 10)
	slots := make([]Slot[int], 200)
	var wait sync.WaitGroup
	for n := range 8 {
		wait.Go(func() {
			r := rand.New(rand.NewPCG(uint64(n), 1))
			for range 20_000 {
				i := r.IntN(len(slots))
				switch v, ok := c.Get(&slots[i]); {
				case ok && v != i:
					t.Errorf("slot %d holds %d", i, v)
				case !ok:
					c.Put(&slots[i], i, r.IntN(2000))
				case r.IntN(10) == 0:
					c.Drop(&slots[i])
				}
			}
		})
	}
	wait.Wait()
	checkCache(t, c, slots)
}

// A twin tells of each step before and after it is done, and leaves out those that fail.
func TestTwin(t *testing.T) {
	broken := errors.New("broken")
	var told []string
	twin := &Twin{DB: new(Tape), After: func(s Step) { told = append(told, fmt.Sprint("after ", s.Kind, s.Keys)) }}
	twin.Before = func(s Step) error {
		told = append(told, fmt.Sprint("before ", s.Kind, s.Keys))
		if len(s.Keys) > 0 && s.Keys[0] == "bad" {
			return broken
		}
		return nil
	}
	var b Batch
	b.Set([]byte("a"), []byte("1"))
	b.Delete([]byte("b"))
	if err := twin.Write(&b); err != nil {
		t.Fatal(err)
	}
	b.Reset()
	b.Set([]byte("bad"), nil)
	if err := twin.Write(&b); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	bulk, err := twin.Bulk(1)
	if err != nil {
		t.Fatal(err)
	}
	if err := bulk.Set(0, []byte("c"), []byte("3")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(bulk.Close(), twin.Sync()); err != nil {
		t.Fatal(err)
	}
	want := "before 0 [a b] after 0 [a b] before 0 [bad] before 1 [] after 1 [] before 2 [c] after 2 [c] before 3 [] after 3 [] before 4 [] after 4 []"
	if got := strings.Join(told, " "); got != want {
		t.Errorf("told %s, want %s", got, want)
	}
	if err := twin.Get([]byte("bad"), func([]byte) error { return nil }); !errors.Is(err, ErrNotFound) {
		t.Errorf("what failed is there: %v", err)
	}
}

// Where Badger cannot write tables, who writes or closes is told, instead of waiting for ever.
func TestTablesCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	db := openSmall(t, dir)
	var b Batch
	b.Set([]byte("a"), []byte("1"))
	if err := db.Write(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(dir, dir+".away"); err != nil { // no table can be made there
		t.Fatal(err)
	}
	defer os.Rename(dir+".away", dir)
	done := make(chan error)
	go func() { done <- db.Close() }()
	select {
	case err := <-done:
		if err == nil || !strings.Contains(err.Error(), "tables cannot be written") {
			t.Errorf("error %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it waits for ever")
	}
}
