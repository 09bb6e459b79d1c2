package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"mocban/graph"
	"mocban/graph/disk"
	"mocban/graph/log"
)

// BackupOptions are those of a backup.
type BackupOptions struct {
	// Since, if not empty, is the folder of another backup that this one follows on.
	Since string

	// Progress, if not nil, is told how far it has come.
	Progress func(Progress)
}

// A BackupReport tells what a backup holds.
type BackupReport struct {
	log.Manifest
	Added int64 // bytes
}

// Backup copies the log of the store in a folder to another folder, or what a backup there
// lacks. It takes no lock: another process may have the store open and write to it.
func Backup(ctx context.Context, dir, to string, o BackupOptions) (BackupReport, error) {
	if !isStore(dir) {
		return BackupReport{}, fmt.Errorf("%s holds no store: %w", dir, graph.ErrNotFound)
	}
	return backup(ctx, filepath.Join(dir, logFolder), to, 0, o)
}

// Backup copies the log to another folder, or what a backup there lacks. Others may use the
// store meanwhile; what is committed later is left to the next backup.
func (s *Store) Backup(ctx context.Context, to string, o BackupOptions) (BackupReport, error) {
	return backup(ctx, s.log.Dir(), to, s.log.Last().Version, o)
}

func backup(ctx context.Context, dir, to string, until graph.Version, o BackupOptions) (r BackupReport, err error) {
	b := log.Backup{Until: until}
	if o.Since != "" {
		if b.Since, err = log.ReadManifest(o.Since); err != nil {
			return r, err
		}
	}
	done := uint64(0)
	b.Step = func(n int64) error {
		if done += uint64(n); o.Progress != nil {
			o.Progress(Progress{"backup", done, 0})
		}
		return ctx.Err()
	}
	m, added, err := b.Copy(ctx, dir, to)
	if err != nil {
		return r, fmt.Errorf("back up %s to %s: %w", dir, to, err)
	}
	return BackupReport{*m, added}, nil
}

// Restore makes a store in a folder, which must be empty or not there, of backups of which
// each follows on the one before. The backups are checked before anything is made; the data
// are made from the log, verified, and compared with what the last backup tells of. Killed at
// any time, it leaves no store.
func Restore(ctx context.Context, from []string, dir string, o Options) (Report, error) {
	r, err := restore(ctx, from, dir, o)
	if err != nil {
		return r, fmt.Errorf("restore to %s: %w", dir, err)
	}
	return r, nil
}

// restoring is what is added to the name of a folder while a store is restored to it.
const restoring = ".restoring"

func restore(ctx context.Context, from []string, dir string, o Options) (r Report, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return r, err
	}
	if len(entries) > 0 {
		return r, fmt.Errorf("there is %s in it: a backup is restored to a folder that is empty or not there", entries[0].Name())
	}
	made := filepath.Clean(dir) + restoring
	if err := os.RemoveAll(made); err != nil {
		return r, err
	}
	defer os.RemoveAll(made)
	done := uint64(0)
	m, err := log.Restore(ctx, from, filepath.Join(made, logFolder), func(n int64) error {
		done += uint64(n)
		o.progress("restore", done, 0)
		return nil
	})
	if err != nil {
		return r, err
	}
	o.ReadOnly, o.Scrub = false, 0
	if r, err = restored(ctx, made, m, o); err != nil {
		return r, err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return r, err
	}
	if err := os.Rename(made, dir); err != nil {
		return r, err
	}
	parent, err := filepath.Abs(filepath.Dir(dir))
	if err != nil {
		return r, err
	}
	return r, disk.SyncFolder(parent)
}

// restored makes the data of a log that was copied, and compares them with the manifest.
func restored(ctx context.Context, dir string, m *log.Manifest, o Options) (r Report, err error) {
	s := newStore(dir, o)
	defer func() { err = errors.Join(err, s.closeFiles()) }()
	if err := s.openLock(); err != nil {
		return r, err
	}
	if err := s.putMarker(m.ID); err != nil {
		return r, err
	}
	if err := s.openData(ctx, m.ID, log.Mark{}); err != nil {
		return r, err
	}
	var first *Finding
	if r, err = s.Verify(ctx, VerifyOptions{Found: func(f Finding) {
		if first == nil {
			first = &f
		}
	}}); err != nil {
		return r, err
	}
	want := m.Last
	switch {
	case first != nil:
		return r, &graph.CorruptError{Place: first.Place, Detail: first.Detail}
	case r.Version != want.Version || r.Hash != want.Hash:
		return r, &graph.CorruptError{Place: "the backup", Detail: fmt.Sprintf("it leads to version %d with the hash %x, and tells of version %d with %x", r.Version, r.Hash, want.Version, want.Hash)}
	case want.Total.Known && r.Total != want.Total:
		return r, &graph.CorruptError{Place: "the backup", Detail: fmt.Sprintf("it leads to %d quads with the sum %v, and tells of %d with %v", r.Total.Quads, r.Total.Sum, want.Total.Quads, want.Total.Sum)}
	}
	s.whole = true
	return r, s.db.Sync()
}
