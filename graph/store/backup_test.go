package store

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mocban/graph/log"
)

// mustRestore restores a store and compares it with what the backup tells.
func mustRestore(t *testing.T, m log.Manifest, from ...string) *Store {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "store")
	r, err := Restore(context.Background(), from, dir, Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	if r.Hash != m.Last.Hash || r.Total != m.Last.Total || r.Version != m.Last.Version {
		t.Errorf("restored %+v of %+v", r, m)
	}
	s := mustOpen(t, dir, Options{Volatile: true})
	if got := checkState(t, s); got != int(m.Last.Version) {
		t.Errorf("version %d of %d", got, m.Last.Version)
	}
	mustVerify(t, s, true)
	return s
}

// Backups are made while the store is written, by the files alone and by who has it open. Each
// adds what is new, and what is restored is equal and goes on.
func TestBackup(t *testing.T) {
	ctx := context.Background()
	dir, to := t.TempDir(), filepath.Join(t.TempDir(), "backup")
	s := mustOpen(t, dir, Options{foldAt: 200})
	var wait sync.WaitGroup
	wait.Add(1)
	go func() {
		defer wait.Done()
		for v := 1; v <= 60; v++ {
			if err := change(t, s, v); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	for s.log.Last().Version < 2 {
		time.Sleep(time.Millisecond)
	}
	var m BackupReport
	for n := 0; m.Last.Version < 50; n++ {
		var err error
		if n%2 == 0 {
			m, err = Backup(ctx, dir, to, BackupOptions{})
		} else {
			m, err = s.Backup(ctx, to, BackupOptions{})
		}
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			mustRestore(t, m.Manifest, to)
		}
	}
	wait.Wait()
	r := mustRestore(t, m.Manifest, to)
	if err := change(t, r, int(m.Last.Version)+1); err != nil {
		t.Fatal(err)
	}
	m, err := s.Backup(ctx, to, BackupOptions{})
	if err != nil {
		t.Fatal(err)
	}
	mustRestore(t, m.Manifest, to)

	// One that stands in a folder of its own and follows on another.
	for v := 61; v <= 70; v++ {
		if err := change(t, s, v); err != nil {
			t.Fatal(err)
		}
	}
	more := filepath.Join(t.TempDir(), "more")
	m, err = s.Backup(ctx, more, BackupOptions{Since: to})
	if err != nil {
		t.Fatal(err)
	}
	if m.After.Version != 60 || m.Last.Version != 70 || len(m.Parts) != 1 {
		t.Errorf("%+v", m)
	}
	mustRestore(t, m.Manifest, to, more)
	refuse := func(words string, from ...string) {
		t.Helper()
		dir := filepath.Join(t.TempDir(), "store")
		if _, err := Restore(ctx, from, dir, Options{Volatile: true}); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%v, want %q", err, words)
		}
		for _, name := range []string{dir, dir + restoring} {
			if _, err := os.Stat(name); err == nil {
				t.Errorf("%s is there", name)
			}
		}
	}
	refuse("begins after version 60", more)
	refuse("follows on version 0", to, to)
	refuse("no such file", t.TempDir())

	// What is damaged is named, and nothing is made.
	part := filepath.Join(to, m.Parts[0].Name)
	if _, err := os.Stat(part); err == nil {
		t.Fatal("a part of the second backup stands in the first")
	}
	parts, err := filepath.Glob(filepath.Join(to, "*.log"))
	if err != nil || len(parts) < 2 {
		t.Fatal(parts, err)
	}
	for _, f := range parts {
		flip := func(b []byte) []byte { b[len(b)/2] ^= 1; return b }
		rewriteFile(t, f, flip)
		refuse(filepath.Base(f)+" is damaged", to)
		rewriteFile(t, f, flip)
	}
	if err := os.Rename(parts[1], parts[1]+".away"); err != nil {
		t.Fatal(err)
	}
	refuse("it is missing", to)
	if err := os.Rename(parts[1]+".away", parts[1]); err != nil {
		t.Fatal(err)
	}
	manifest := filepath.Join(to, log.ManifestFile)
	rewriteFile(t, manifest, func(b []byte) []byte { b[60] ^= 1; return b })
	refuse("checksum", to)
	if _, err := s.Backup(ctx, to, BackupOptions{}); err == nil {
		t.Error("a damaged backup was gone on with")
	}

	// A store is not written over.
	if _, err := Restore(ctx, []string{more}, dir, Options{}); err == nil || !strings.Contains(err.Error(), "empty or not there") {
		t.Errorf("error %v", err)
	}
}

// A backup is not made of a damaged log, nor of another store than it was begun with, nor
// among other files.
func TestBackupRefusals(t *testing.T) {
	ctx := context.Background()
	dir, other, to := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "backup")
	filled(t, dir, Options{Volatile: true}, 15)
	filled(t, other, Options{Volatile: true}, 16)
	refuse := func(words, dir, to string) {
		t.Helper()
		if _, err := Backup(ctx, dir, to, BackupOptions{}); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%v, want %q", err, words)
		}
	}
	file := filepath.Join(dir, logFolder, "0000000000000001.log")
	flip := func(b []byte) []byte { b[900] ^= 1; return b }
	rewriteFile(t, file, flip)
	refuse("is damaged", dir, to)
	rewriteFile(t, file, flip)
	if _, err := Backup(ctx, dir, to, BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	refuse("the log of store", other, to)
	refuse("begins in an empty folder", other, dir)
	refuse("holds no store", t.TempDir(), to)
	empty := t.TempDir()
	mustOpen(t, empty, Options{Volatile: true})
	refuse("nothing to back up", empty, filepath.Join(t.TempDir(), "b"))
	if _, err := Backup(ctx, dir, to, BackupOptions{Since: to}); err == nil || !strings.Contains(err.Error(), "folder of its own") {
		t.Errorf("error %v", err)
	}

	// A log that went back to an older copy of itself and on from there has another history.
	older := filepath.Join(t.TempDir(), "older")
	if _, err := Restore(ctx, []string{to}, older, Options{Volatile: true}); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{dir, older} {
		s := mustOpen(t, d, Options{Volatile: true})
		if err := change(t, s, 16); err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
	if _, err := Backup(ctx, dir, to, BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	refuse("another history", older, to)
}
