package kv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// compacting opens a DB of which tables are soon compacted, and tells of a loss.
func compacting(t *testing.T, dir string) (*badgerDB, chan error) {
	t.Helper()
	told := make(chan error, 1)
	db, err := Open(dir, Options{memTable: 8 << 20, Lost: func(err error) { told <- err }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db.(*badgerDB), told
}

// fill writes values under key 0 and on until a condition holds or a write fails, and returns
// how many it wrote.
func fill(t *testing.T, db DB, until func() bool) (n int, err error) {
	t.Helper()
	value := make([]byte, 20_000)
	r := rand.NewChaCha8([32]byte{})
	for end := time.Now().Add(time.Minute); !until(); {
		if time.Now().After(end) {
			t.Fatal("it does not come to that")
		}
		if n > 3000 { // it is compacted without more
			time.Sleep(10 * time.Millisecond)
			continue
		}
		var b Batch
		for range 20 {
			r.Read(value)
			b.Set(fmt.Appendf(nil, "%06d", n), value)
			n++
		}
		if err := db.Write(&b); err != nil {
			return n, err
		}
	}
	return n, nil
}

// missingKeys counts the keys below n that a DB does not find.
func missingKeys(t *testing.T, db DB, n int) (missing int) {
	t.Helper()
	for i := range n {
		err := db.Get(fmt.Appendf(nil, "%06d", i), func([]byte) error { return nil })
		if errors.Is(err, ErrNotFound) {
			missing++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return missing
}

// Badger tells its log of each table that it is going to build. A version of it that does so in
// other words must not pass.
func TestCompactionsAreCounted(t *testing.T) {
	dir := t.TempDir()
	db, told := compacting(t, dir)
	c := db.log.compactions
	most := 0
	n, err := fill(t, db, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		most = max(most, c.note.tables)
		return most > 0 && c.note.word == noteSettled
	})
	if err != nil {
		t.Fatal(err)
	}
	if missing := missingKeys(t, db, n); missing > 0 || len(told) > 0 || most < 2 {
		t.Errorf("%d of %d keys are missing after a compaction into %d tables", missing, n, most)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if n, err := readNote(dir); err != nil || n.word != noteSettled {
		t.Errorf("the note says %v: %v", n, err)
	}
}

// Where a table of a compaction cannot be written, nothing is answered any more, nor after it is
// opened again.
func TestLostTable(t *testing.T) {
	dir := t.TempDir()
	db, told := compacting(t, dir)
	for id := 8; id < 14; id += 2 { // tables 1 to 5, at least, are made of what is written
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%06d.sst", id)), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	n, err := fill(t, db, func() bool { return len(told) > 0 })
	if err != nil && !errors.Is(err, ErrLost) {
		t.Fatal(err)
	}
	if err := <-told; !errors.Is(err, ErrLost) {
		t.Error(err)
	}
	var b Batch
	b.Set([]byte("a"), []byte("b"))
	for what, err := range map[string]error{
		"a read":  db.Get([]byte("000000"), func([]byte) error { return nil }),
		"a scan":  db.Scan(nil, nil, func(_, _ []byte) error { return nil }),
		"a write": db.Write(&b),
	} {
		if !errors.Is(err, ErrLost) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}

	// Whether it was noted or the process was killed before.
	noted, err := readNote(dir)
	if err != nil || noted.word != noteLost {
		t.Fatalf("the note says %v: %v", noted, err)
	}
	put := func(n note) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, noteFile), n.encode(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(what string) {
		t.Helper()
		for _, o := range []Options{{}, {ReadOnly: true}} {
			if db, err := Open(dir, o); !errors.Is(err, ErrIncomplete) {
				t.Errorf("%s: opened with %v: %v", what, o, err)
				if err == nil {
					db.Close()
				}
			}
		}
	}
	refused("noted")
	building := noted
	building.word = noteBuilding
	put(building)
	refused("killed")
	if err := os.WriteFile(filepath.Join(dir, noteFile), building.encode()[1:], 0o644); err != nil {
		t.Fatal(err)
	}
	refused("a note that is damaged")

	// The loss is a real one. Where Badger passes the error on, all of this can go.
	put(note{word: noteSettled})
	again := openSmall(t, dir)
	if missingKeys(t, again, n) == 0 {
		t.Error("nothing is missing")
	}
}

// Where it cannot be noted how many tables are to come, they do not come, and nothing is lost.
func TestCompactionNotNoted(t *testing.T) {
	db, told := compacting(t, t.TempDir())
	db.log.compactions.file.Close()
	n, err := fill(t, db, func() bool { return db.log.compactions.stuck() != nil })
	if err != nil && !errors.Is(err, os.ErrClosed) {
		t.Fatal(err)
	}
	if err != nil {
		n -= 20
	}
	if missing := missingKeys(t, db, n); missing > 0 || len(told) > 0 {
		t.Errorf("%d of %d keys are missing", missing, n)
	}
	var b Batch
	b.Set([]byte("a"), []byte("b"))
	if err := db.Write(&b); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a write: %v", err)
	}
	if err := db.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("closing: %v", err)
	}
}

// Where there is no room for a table, it is not begun before there is.
func TestCompactionWaitsForRoom(t *testing.T) {
	var full atomic.Bool
	var asked atomic.Int64
	full.Store(true)
	broken := errors.New("no room")
	db, err := Open(t.TempDir(), Options{memTable: 8 << 20, Room: func() error {
		asked.Add(1)
		if full.Load() {
			return broken
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	c := db.(*badgerDB).log.compactions
	n, err := fill(t, db, func() bool { return asked.Load() > 2 })
	if err != nil {
		t.Fatal(err)
	}
	if c.note.tables > 0 || !errors.Is(c.stuck(), broken) {
		t.Errorf("a table was begun: %v", c.note)
	}
	bulk, err := db.Bulk(1)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(bulk.Set(0, []byte("a"), []byte("b")), bulk.Close()); !errors.Is(err, broken) {
		t.Errorf("a large write: %v", err)
	}
	full.Store(false)
	more, err := fill(t, db, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.note.word == noteSettled
	})
	if err != nil {
		t.Fatal(err)
	}
	if missing := missingKeys(t, db, max(n, more)); missing > 0 {
		t.Errorf("%d keys are missing", missing)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// A process that is killed while tables are built has lost nothing if the manifest tells of none
// of them, or of all; also where Badger wrote the manifest anew.
func TestVerdict(t *testing.T) {
	set := func(changes ...string) (b []byte) {
		for _, c := range changes {
			b = append(append(b, 1<<3|2, byte(len(c))), c...)
		}
		return b
	}
	made := func(id, level byte) string { return string([]byte{8, id, 24, level}) }
	removed := func(id byte) string { return string([]byte{8, id, 16, 1}) }
	before := [][]byte{set(made(1, 0)), set(made(2, 0))}
	for _, test := range []struct {
		name string
		sets [][]byte
		from int // which set is the first one after the note
		lost bool
	}{
		{"nothing", before, 2, false},
		{"a flush", append(before, set(made(3, 0))), 2, false},
		{"all", append(before, set(made(3, 0)), set(made(4, 6), made(5, 6), removed(1), removed(2))), 2, false},
		{"one missing", append(before, set(made(3, 0)), set(made(4, 6), removed(1), removed(2))), 2, true},
		{"none", append(before, set(removed(1), removed(2))), 2, true},
		{"all, written anew", [][]byte{set(made(3, 0), made(4, 6), made(5, 6))}, 9, false},
		{"one missing, written anew", [][]byte{set(made(3, 0), made(4, 6))}, 9, true},
	} {
		dir := t.TempDir()
		text, from := make([]byte, manifestHead), 1000
		for i, s := range test.sets {
			if i == test.from {
				from = len(text)
			}
			text = binary.BigEndian.AppendUint32(text, uint32(len(s)))
			text = append(binary.BigEndian.AppendUint32(text, crc32.Checksum(s, castagnoli)), s...)
		}
		if test.from == len(test.sets) {
			from = len(text)
		}
		text = append(text, 0, 0, 0, 9) // cut short
		n := note{noteBuilding, 2, 2, uint64(from)}
		if err := errors.Join(os.WriteFile(filepath.Join(dir, manifestFile), text, 0o644), os.WriteFile(filepath.Join(dir, noteFile), n.encode(), 0o644)); err != nil {
			t.Fatal(err)
		}
		if err := checkCompaction(dir); errors.Is(err, ErrIncomplete) != test.lost || !test.lost && err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
