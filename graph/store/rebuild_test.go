package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mocban/graph/kv"
)

// folders wants a store to have no folders but those of its log and data.
func folders(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{madeFolder, asideFolder, damageFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s is left", name)
		}
	}
}

// spoilTables flips bits in all tables of a store's data.
func spoilTables(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, kvFolder, "*.sst"))
	if err != nil || len(files) == 0 {
		t.Fatal("no tables", err)
	}
	for _, f := range files {
		rewriteFile(t, f, func(b []byte) []byte {
			for i := 100; i < len(b); i += 999 {
				b[i] ^= 16
			}
			return b
		})
	}
}

// Data that are damaged or missing are made anew from the log, and are the same.
func TestRebuildDamaged(t *testing.T) {
	dir := t.TempDir()
	o := Options{Volatile: true}
	filled(t, dir, o, 25)
	spoilTables(t, dir)
	if s, err := Open(dir, o); err == nil {
		s.Close()
	} else if d := new(DataError); !errors.As(err, &d) || !strings.Contains(err.Error(), "mocban rebuild") {
		t.Errorf("error %v", err)
	}
	if found := findings(t, dir, o, true); len(found) == 0 || found[0].Part != PartData {
		t.Fatalf("found %v", found)
	}
	before, err := Rebuild(context.Background(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	folders(t, dir)
	s := mustOpen(t, dir, o)
	if got := checkState(t, s); got != 25 || len(s.Damage()) > 0 {
		t.Errorf("version %d, damage %v", got, s.Damage())
	}
	if r := mustVerify(t, s, true); r.Total != before.Total || r.Hash != before.Hash {
		t.Errorf("%+v is not %+v", r, before)
	}
	s.Close()
	if err := os.RemoveAll(filepath.Join(dir, kvFolder)); err != nil {
		t.Fatal(err)
	}
	if r, err := Rebuild(context.Background(), dir, o); err != nil || r.Total != before.Total {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := Rebuild(context.Background(), t.TempDir(), o); err == nil {
		t.Error("an empty folder was rebuilt")
	}
	if got := checkState(t, mustOpen(t, dir, o)); got != 25 {
		t.Errorf("version %d", got)
	}
	if _, err := Rebuild(context.Background(), dir, o); !errors.Is(err, ErrInUse) {
		t.Errorf("of a store that is open: %v", err)
	}
}

// The marker is no more than the name of the folder: one that is damaged, missing, or has an id
// that neither log nor data know, is written anew. One of a newer format is left alone.
func TestRebuildDamagedMarker(t *testing.T) {
	dir := t.TempDir()
	o := Options{Volatile: true}
	filled(t, dir, o, 12)
	file := filepath.Join(dir, markerFile)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	id := bytes.Index(whole, []byte("id ")) + len("id ")
	for name, flip := range map[string]func(b []byte){
		"no marker":  func(b []byte) { b[0] ^= 1 },
		"no id":      func(b []byte) { b[id] ^= 0x40 },
		"another id": func(b []byte) { copy(b[id:], "00"); copy(b[id+2:], "11") },
		"no end":     func(b []byte) { b[len(b)-1] ^= 1 },
	} {
		rewriteFile(t, file, func(b []byte) []byte { flip(b); return b })
		if _, err := Rebuild(context.Background(), dir, o); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, whole) {
			t.Fatalf("%s: the marker is %q, %v", name, got, err)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := Rebuild(context.Background(), dir, o); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, dir, o)
	if got := checkState(t, s); got != 12 {
		t.Errorf("version %d", got)
	}
	s.Close()
	newer := bytes.Replace(whole, fmt.Appendf(nil, "format %d", Format), fmt.Appendf(nil, "format %d", Format+1), 1)
	rewriteFile(t, file, func([]byte) []byte { return newer })
	if _, err := Rebuild(context.Background(), dir, o); err == nil || !strings.Contains(err.Error(), "use a newer one") {
		t.Errorf("a newer store: %v", err)
	}
}

// Where there is no room, a rebuild is refused before Badger opens anything, and the data stay.
func TestRebuildWithoutRoom(t *testing.T) {
	dir := t.TempDir()
	o := Options{Volatile: true}
	filled(t, dir, o, 5)
	full := o
	full.leastFree = 1 << 62
	full.openKV = func(string, kv.Options) (kv.DB, error) {
		t.Error("Badger was opened on a full disk")
		return nil, errors.New("full")
	}
	if _, err := Rebuild(context.Background(), dir, full); !errors.Is(err, ErrStorageLow) {
		t.Errorf("error %v", err)
	}
	folders(t, dir)
	if got := checkState(t, mustOpen(t, dir, o)); got != 5 {
		t.Errorf("version %d", got)
	}
}

// A damaged log is no ground to make anything of: the data stay.
func TestRebuildDamagedLog(t *testing.T) {
	dir := t.TempDir()
	o := Options{Volatile: true}
	filled(t, dir, o, 15)
	file := filepath.Join(dir, logFolder, "0000000000000001.log")
	var whole []byte
	for _, damage := range []func([]byte) []byte{
		func(b []byte) []byte { b[900] ^= 1; return b },
		func(b []byte) []byte { return b[:len(b)-20] }, // what was acknowledged is missing
	} {
		rewriteFile(t, file, func(b []byte) []byte {
			whole = bytes.Clone(b)
			return damage(b)
		})
		if _, err := Rebuild(context.Background(), dir, o); err == nil {
			t.Error("a damaged log was taken")
		}
		rewriteFile(t, file, func([]byte) []byte { return whole })
		s := mustOpen(t, dir, o)
		if got := checkState(t, s); got != 15 {
			t.Errorf("version %d", got)
		}
		s.Close()
	}
}

// Wherever a rebuild ends, the store opens with what it had.
func TestRebuildCutShort(t *testing.T) {
	whole := t.TempDir()
	o := Options{Volatile: true}
	filled(t, whole, o, 20)
	stop := errors.New("cut short")
	var points []string
	for n := 0; ; n++ {
		dir := filepath.Join(t.TempDir(), "store")
		copyFolder(t, whole, dir)
		cut, at := o, 0
		cut.reached = func(point string) error {
			if at++; at <= n {
				return nil
			}
			points = append(points, point)
			return stop
		}
		_, err := Rebuild(context.Background(), dir, cut)
		if err == nil {
			break
		}
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if n%2 == 1 { // also for who only reads
			ro := o
			ro.ReadOnly = true
			if got := checkState(t, mustOpen(t, dir, ro)); got != 20 {
				t.Errorf("cut short at %v: version %d", points[n], got)
			}
		} else if got := checkState(t, mustOpen(t, dir, o)); got != 20 {
			t.Errorf("cut short at %v: version %d", points[n], got)
		}
		folders(t, dir)
	}
	if len(points) != 8 {
		t.Errorf("points %q", points)
	}
}

// rebuildDir names the folder of the store to the child.
const rebuildDir = "MOCBAN_TEST_REBUILD"

// TestRebuildChild is a part of TestRebuildKill: it rebuilds a store again and again.
func TestRebuildChild(t *testing.T) {
	dir := os.Getenv(rebuildDir)
	if dir == "" {
		t.Skip("a part of TestRebuildKill")
	}
	for {
		os.Stdout.WriteString("begin\n")
		if _, err := Rebuild(context.Background(), dir, Options{}); err != nil {
			t.Fatal(err)
		}
	}
}

// A rebuild that is killed leaves the old data or the new ones.
func TestRebuildKill(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	filled(t, dir, Options{}, 20)
	for i := range min(*kills, 20) {
		cmd := exec.Command(self, "-test.run", "^TestRebuildChild$")
		cmd.Env = append(os.Environ(), rebuildDir+"="+dir)
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		out := bufio.NewReader(pipe)
		first, _ := out.ReadString('\n')
		time.AfterFunc(time.Duration(37*i)*time.Millisecond, func() { cmd.Process.Kill() })
		rest, _ := io.ReadAll(out)
		cmd.Wait()
		if first != "begin\n" || strings.Contains(string(rest), "FAIL") {
			t.Fatalf("the child says: %s%s", first, rest)
		}
		s := mustOpen(t, dir, Options{})
		if got := checkState(t, s); got != 20 {
			t.Fatalf("version %d after kill %d", got, i)
		}
		s.Close()
	}
	if found := findings(t, dir, Options{}, true); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}
