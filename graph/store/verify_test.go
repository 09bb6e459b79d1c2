package store

import (
	"context"
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/block"
	"mocban/graph/kv"
)

// mustVerify wants nothing to be found.
func mustVerify(t testing.TB, s graph.Store, full bool) Report {
	t.Helper()
	r, err := s.(*Store).Verify(context.Background(), VerifyOptions{Full: full, Found: func(f Finding) {
		t.Errorf("found %v", f)
	}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// findings verifies the store in a folder and returns what is found.
func findings(t testing.TB, dir string, o Options, full bool) (found []Finding) {
	t.Helper()
	r, err := Verify(context.Background(), dir, o, VerifyOptions{Full: full, Found: func(f Finding) { found = append(found, f) }})
	if err != nil {
		t.Fatal(err)
	}
	if r.Findings != len(found) {
		t.Errorf("%d findings, told of %d", r.Findings, len(found))
	}
	return found
}

// filled makes a store with folded and unfolded changes, loads and late terms.
func filled(t testing.TB, dir string, o Options, versions int) {
	t.Helper()
	s := mustOpen(t, dir, o)
	for v := 1; v <= versions; v++ {
		if err := change(t, s, v); err != nil {
			t.Fatal(err)
		}
		if v == versions-5 {
			if err := s.Fold(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
	mustVerify(t, s, false)
	mustVerify(t, s, true)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// A flipped bit in any value of the data is found, and the place is named.
func TestVerifyFindsBits(t *testing.T) {
	dir, tape := t.TempDir(), new(kv.Tape)
	filled(t, dir, onTape(tape), 31)
	if err := mustOpen(t, dir, onTape(tape)).Close(); err != nil { // which deletes what the fold has left, if the close came first
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, damageFile)); err == nil {
		t.Error("damage is remembered where there is none")
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, bad := range tape.AllKeys() {
		tape.Spoil = func(key, sealed []byte) []byte {
			if string(key) == bad {
				sealed[r.IntN(len(sealed))] ^= 1 << r.IntN(8)
			}
			return sealed
		}
		found := findings(t, dir, onTape(tape), false)
		if len(found) == 0 {
			t.Errorf("key %q is spoiled: nothing found", bad)
		}
		for _, f := range found {
			if f.Part != PartData {
				t.Errorf("key %q is spoiled: %v in part %s", bad, f, f.Part)
			}
		}
	}
	// A value that is missing altogether is found as well, but for what only tells of waste.
	for _, bad := range tape.AllKeys() {
		if bad[0] != 'o' && bad[0] != 'p' && bad[0] != 'c' && bad[0] != 'r' {
			continue
		}
		gone := tape.Cut(tape.Len())
		var b kv.Batch
		b.Delete([]byte(bad))
		if err := gone.Write(&b); err != nil {
			t.Fatal(err)
		}
		if len(findings(t, dir, onTape(gone), false)) == 0 {
			t.Errorf("key %q is gone: nothing found", bad)
		}
	}
}

// A block with wrong rows and right checksums is found by what a full check compares.
func TestVerifyFull(t *testing.T) {
	dir, tape := t.TempDir(), new(kv.Tape)
	filled(t, dir, onTape(tape), 26)
	total := 0
	for _, bad := range tape.AllKeys() {
		if bad[0] != orderKind || bad[2] != blockKind {
			continue
		}
		lies := 0
		tape.Spoil = func(key, sealed []byte) []byte {
			if string(key) != bad {
				return sealed
			}
			b, err := block.Parse(sealed[:len(sealed)-4])
			if err != nil {
				t.Fatal(err)
			}
			var cols [4][]graph.ID
			for i := range cols {
				cols[i] = make([]graph.ID, b.Len())
				b.Fill(cols[i], i, 0)
			}
			// The last column takes part in no count: move a row where there is room.
			found := false
			for r := 1; r+1 < b.Len() && !found; r++ {
				k := b.Key(r)
				k[3]++
				if next := b.Key(r + 1); k.Compare(&next) < 0 {
					cols[3][r]++
					found = true
				}
			}
			if !found {
				return sealed
			}
			lies++
			var enc block.Encoder
			value := enc.Append(nil, &cols)
			crc := crc32.Checksum(append(append([]byte(nil), key...), value...), crc32.MakeTable(crc32.Castagnoli))
			return binary.LittleEndian.AppendUint32(value, crc)
		}
		found := findings(t, dir, onTape(tape), true)
		if lies > 0 && len(found) == 0 {
			t.Errorf("block %q lies: nothing found", bad)
		}
		total += lies
	}
	if total == 0 {
		t.Error("no block could be made to lie")
	}
}

// A flipped bit anywhere in the log is found.
func TestVerifyLog(t *testing.T) {
	dir := t.TempDir()
	filled(t, dir, Options{Volatile: true}, 14)
	files, err := filepath.Glob(filepath.Join(dir, logFolder, "*.log"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		b := append([]byte(nil), whole...)
		at := r.IntN(len(b))
		b[at] ^= 1 << r.IntN(8)
		if err := os.WriteFile(files[0], b, 0o644); err != nil {
			t.Fatal(err)
		}
		found := findings(t, dir, Options{Volatile: true}, false)
		if len(found) == 0 {
			t.Errorf("a bit of byte %d of %d: nothing found", at, len(b))
		}
		if len(found) > 0 && found[0].Part != PartLog {
			t.Errorf("a bit of byte %d: %v in part %s", at, found[0], found[0].Part)
		}
	}
	if err := os.WriteFile(files[0], whole[:len(whole)-10], 0o644); err != nil {
		t.Fatal(err)
	}
	if found := findings(t, dir, Options{Volatile: true}, false); len(found) == 0 || found[0].Part != PartLog {
		t.Errorf("a log that lacks its end: %v", found)
	}
	if err := os.WriteFile(files[0], whole, 0o644); err != nil {
		t.Fatal(err)
	}
	if found := findings(t, dir, Options{Volatile: true}, true); len(found) > 0 {
		t.Errorf("after it was put back: %v", found)
	}
}

// What is found is told again by whoever opens the store, until a check finds nothing.
func TestDamageIsRemembered(t *testing.T) {
	dir, tape := t.TempDir(), new(kv.Tape)
	filled(t, dir, onTape(tape), 26)
	var bad string
	for _, k := range tape.AllKeys() {
		if k[0] == orderKind && k[2] == blockKind {
			bad = k
		}
	}
	spoil := func(key, sealed []byte) []byte {
		if string(key) == bad {
			sealed[5] ^= 8
		}
		return sealed
	}
	tape.Spoil = spoil
	told := make(chan string, 100)
	o := onTape(tape)
	o.Scrub, o.ScrubRate, o.Warn = time.Millisecond, 1<<30, func(text string) { told <- text }
	s := mustOpen(t, dir, o)
	select {
	case text := <-told:
		if !strings.Contains(text, "damage found: block") {
			t.Errorf("told %q", text)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was told")
	}
	if found := s.Damage(); len(found) != 1 || found[0].Part != PartData {
		t.Errorf("damage %v", found)
	}
	s.Close()

	tape.Spoil = nil
	o = onTape(tape)
	warned := ""
	o.Warn = func(text string) { warned += text }
	s = mustOpen(t, dir, o)
	if len(s.Damage()) != 1 || !strings.Contains(warned, "is not mended") {
		t.Errorf("damage %v, warned %q", s.Damage(), warned)
	}
	mustVerify(t, s, false)
	if len(s.Damage()) != 0 {
		t.Errorf("damage %v after a check without findings", s.Damage())
	}
	s.Close()
	if s = mustOpen(t, dir, o); len(s.Damage()) != 0 {
		t.Errorf("damage %v", s.Damage())
	}
}

func FuzzDamage(f *testing.F) {
	l := damageLine{Finding{PartLog, "a\tb\n", "\xff"}, time.Unix(5, 0).UTC(), true}
	f.Add(l.String())
	f.Add("x\ty\n\n")
	if got := parseDamage(strings.NewReader(l.String())); len(got) != 1 || got[0] != l {
		f.Fatalf("%q reads back as %v", l.String(), got)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, l := range parseDamage(strings.NewReader(text)) {
			again := parseDamage(strings.NewReader(l.String()))
			if len(again) != 1 || again[0].Place != l.Place || again[0].Detail != l.Detail {
				t.Fatalf("%q reads back as %v", l.String(), again)
			}
		}
	})
}
