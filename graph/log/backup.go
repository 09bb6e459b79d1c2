package log

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"mocban/graph"
	"mocban/graph/disk"
)

// A Backup copies the change sets of a log to another folder. The log may be written
// meanwhile, by another process too: change sets are copied that are whole, and after they
// were synced.
type Backup struct {
	// Until is the last version to copy; 0 means all that is there.
	Until graph.Version

	// Since, if not nil, is another backup that this one follows on. A backup that stands in
	// the folder already is gone on with.
	Since *Manifest

	// Step, if not nil, is called with the bytes that were read since. An error ends the work.
	Step func(bytes int64) error
}

// Copy copies what the backup in a folder lacks, and returns what it holds now and how many
// bytes were added. Each part is a segment of its own. Killed at any time, it leaves the
// backup as it was.
func (b *Backup) Copy(ctx context.Context, dir, to string) (m *Manifest, added int64, err error) {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return nil, 0, err
	}
	m, err = ReadManifest(to)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if m, err = b.begin(to); err != nil {
			return nil, 0, err
		}
	case err != nil:
		return nil, 0, err
	case b.Since != nil:
		return nil, 0, fmt.Errorf("%s holds a backup already, which is gone on with; what follows on another one needs a folder of its own", to)
	}
	known := len(m.Parts)
	for try := 0; ; try++ {
		err = b.copy(ctx, dir, to, m)
		if !errors.Is(err, fs.ErrNotExist) || try == 2 {
			break
		}
		time.Sleep(100 * time.Millisecond) // the log was folded meanwhile
	}
	if err != nil {
		return nil, 0, err
	}
	if m.Last.Version == 0 {
		return nil, 0, fmt.Errorf("%s is empty: there is nothing to back up", dir)
	}
	for _, p := range m.Parts[known:] {
		added += p.Bytes
	}
	if known == len(m.Parts) && known > 0 {
		return m, 0, nil
	}
	return m, added, writeSynced(to, ManifestFile, func(w io.Writer) error {
		_, err := io.WriteString(w, m.String())
		return err
	})
}

// begin begins a backup in a folder that must be empty, but for parts of one that was cut short.
func (b *Backup) begin(to string) (*Manifest, error) {
	entries, err := os.ReadDir(to)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := e.Name()
		if _, ok := partVersion(name); !ok && filepath.Ext(name) != ".tmp" {
			return nil, fmt.Errorf("there is %s in %s but no %s: a backup begins in an empty folder", name, to, ManifestFile)
		}
	}
	m := new(Manifest)
	if b.Since != nil {
		m.ID, m.After, m.Last = b.Since.ID, b.Since.Last, b.Since.Last
		m.After = Mark{Version: m.After.Version, Hash: m.After.Hash}
	}
	return m, nil
}

// copy adds what follows on m.Last.
func (b *Backup) copy(ctx context.Context, dir, to string, m *Manifest) error {
	l := &Log{dir: dir, o: Options{ReadOnly: true}}
	if err := l.list(); err != nil {
		return err
	}
	if m.Last.Version > 0 && m.Last.Version < l.folded {
		return fmt.Errorf("the backup ends at version %d, and the log was folded at version %d since: begin a new backup in an empty folder", m.Last.Version, l.folded)
	}
	for i, first := range l.segments {
		if i+1 < len(l.segments) && l.segments[i+1] <= m.Last.Version+1 && m.Last.Version > 0 {
			continue // copied before
		}
		s, err := openSegment(l.path(first))
		if errors.Is(err, errNoHeader) && i == len(l.segments)-1 {
			break // just begun
		}
		if err != nil {
			return err
		}
		err = b.copySegment(ctx, s, to, m, i == len(l.segments)-1)
		s.close()
		if err != nil {
			return err
		}
		if b.Until > 0 && m.Last.Version >= b.Until {
			break
		}
	}
	if m.Last.Version < b.Until {
		return &graph.CorruptError{Place: dir, Detail: fmt.Sprintf("it ends at version %d; version %d was there", m.Last.Version, b.Until)}
	}
	return nil
}

// copySegment copies what of a segment follows on m.Last.
func (b *Backup) copySegment(ctx context.Context, s *segment, to string, m *Manifest, last bool) error {
	switch {
	case m.ID == ID{} && m.Last.Version == 0:
		m.ID = s.id
	case m.ID != s.id:
		return fmt.Errorf("the backup is of store %x, the log of store %x", m.ID, s.id)
	}
	from := s.start()
	if from.Version > m.Last.Version && !s.folded() {
		return &graph.CorruptError{Place: s.path, Detail: fmt.Sprintf("it begins after version %d, version %d is missing", from.Version, m.Last.Version+1)}
	}
	at := from
	for at.Version < m.Last.Version {
		next, err := b.next(ctx, s, at)
		if err != nil {
			return b.damage(s, at, noEOF(err))
		}
		at = next
	}
	if m.Last.Version > 0 && at.Hash != m.Last.Hash {
		return fmt.Errorf("%s: version %d has another history there than in the backup: begin a new backup in an empty folder", s.path, at.Version)
	}
	from = at
	for b.Until == 0 || at.Version < b.Until {
		next, err := b.next(ctx, s, at)
		if errors.Is(err, io.EOF) || err != nil && last && b.Until == 0 && !s.nextBegin(at.Offset+1, at.Version+1) {
			break // the rest is being written, or was cut short
		}
		if err != nil {
			return b.damage(s, at, err)
		}
		at = next
	}
	if at.Version == from.Version {
		return nil
	}
	if err := s.f.Sync(); err != nil { // what is copied must not be ahead of the log
		return fmt.Errorf("sync %s: %w", s.path, err)
	}
	p, err := s.copyTo(to, from, at)
	if err != nil {
		return fmt.Errorf("copy %s: %w", s.path, err)
	}
	m.Parts, m.Last = append(m.Parts, p), at
	return nil
}

func (b *Backup) damage(s *segment, at Mark, err error) error {
	if !errors.Is(err, errFrame) {
		return err
	}
	return &graph.CorruptError{Place: s.path, Detail: fmt.Sprintf("change set %d at byte %d: %v", at.Version+1, at.Offset, err)}
}

// next reads a change set. One that is being written while it is read is read again.
func (b *Backup) next(ctx context.Context, s *segment, at Mark) (Mark, error) {
	for try := 0; ; try++ {
		if err := ctx.Err(); err != nil {
			return at, err
		}
		c, err := s.readChange(at, nil)
		if errors.Is(err, errFrame) && try < 3 && s.nextBegin(at.Offset+1, at.Version+1) {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		if err == nil && b.Step != nil {
			err = b.Step(c.mark.Offset - at.Offset)
		}
		return c.mark, err
	}
}

// copyTo copies the change sets from one place to another into a segment in a folder.
func (s *segment) copyTo(to string, from, until Mark) (p BackupPart, err error) {
	first := from.Version + 1
	p = BackupPart{Name: partName(first), Bytes: segmentHeader + until.Offset - from.Offset}
	sum := sha256.New()
	err = writeSynced(to, p.Name, func(w io.Writer) error {
		w = io.MultiWriter(w, sum)
		if _, err := w.Write(appendHeader(nil, s.format, s.id, first, from.Hash)); err != nil {
			return err
		}
		_, err := io.Copy(w, io.NewSectionReader(s.f, from.Offset, until.Offset-from.Offset))
		return err
	})
	p.Hash = Hash(sum.Sum(nil))
	return p, err
}

func appendHeader(b []byte, format byte, id ID, first graph.Version, previous Hash) []byte {
	start := len(b)
	b = append(b, segmentMagic...)
	b = append(b, format)
	b = append(b, id[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(first))
	b = append(b, previous[:]...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
}

// writeSynced writes a file that is there whole or not at all.
func writeSynced(dir, name string, write func(io.Writer) error) error {
	path := filepath.Join(dir, name)
	f, err := os.Create(path + ".tmp")
	if err != nil {
		return err
	}
	defer os.Remove(path + ".tmp")
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		return err
	}
	return disk.SyncFolder(dir)
}

// CheckPart compares a part in the folder of a backup with what the manifest says of it.
func (p *BackupPart) CheckPart(dir string) error {
	path := filepath.Join(dir, p.Name)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &graph.CorruptError{Place: path, Detail: "it is missing"}
	}
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	switch {
	case err != nil:
		return err
	case n != p.Bytes:
		return &graph.CorruptError{Place: path, Detail: fmt.Sprintf("it has %d bytes instead of %d", n, p.Bytes)}
	case Hash(sum.Sum(nil)) != p.Hash:
		return &graph.CorruptError{Place: path, Detail: "its SHA-256 is not that of the manifest"}
	}
	return nil
}

// Restore copies the parts of backups, of which each follows on the one before, into a folder
// that becomes a log. It returns what the last one tells of. A backup that went on by itself after
// the next one had followed on it serves up to there.
func Restore(ctx context.Context, from []string, dir string, step func(bytes int64) error) (*Manifest, error) {
	all := make([]*Manifest, len(from))
	var last *Manifest
	for i, folder := range from {
		m, err := ReadManifest(folder)
		if err != nil {
			return nil, err
		}
		switch {
		case i == 0 && m.After.Version > 0:
			return nil, fmt.Errorf("the backup in %s begins after version %d: name the one that it follows on first", folder, m.After.Version)
		case i > 0 && (m.ID != last.ID || m.After.Version == 0 || m.After.Version < last.After.Version || m.After.Version > last.Last.Version ||
			m.After.Version == last.Last.Version && m.After.Hash != last.Last.Hash):
			return nil, fmt.Errorf("the backup in %s follows on version %d of store %x, not on version %d of store %x in %s",
				folder, m.After.Version, m.ID, last.Last.Version, last.ID, from[i-1])
		}
		all[i], last = m, m
	}
	if last == nil {
		return nil, errors.New("no backup was named")
	}
	for i, m := range all {
		if m.Last.Version > last.Last.Version {
			return nil, fmt.Errorf("the backup in %s ends at version %d, that in %s at %d: leave out those that follow on it",
				from[i], m.Last.Version, from[len(from)-1], last.Last.Version)
		}
	}
	for i, m := range all { // all before any is copied
		for _, p := range m.Parts {
			if err := errors.Join(ctx.Err(), p.CheckPart(from[i])); err != nil {
				return nil, err
			}
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	for i, m := range all {
		until := m.Last
		if i+1 < len(all) {
			until = all[i+1].After
		}
		for k, p := range m.Parts {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err := m.copyPart(from[i], dir, k, until); err != nil {
				return nil, err
			}
			if step != nil {
				if err := step(p.Bytes); err != nil {
					return nil, err
				}
			}
		}
	}
	return last, nil
}

// copyPart copies a part of a backup, or what of it comes up to a place.
func (m *Manifest) copyPart(from, to string, k int, until Mark) error {
	p := &m.Parts[k]
	if m.Last.Version > until.Version {
		if done, err := m.cutPart(from, to, k, until); done || err != nil {
			return err
		}
	}
	in, err := os.Open(filepath.Join(from, p.Name))
	if err != nil {
		return err
	}
	defer in.Close()
	return writeSynced(to, p.Name, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
}

// cutPart copies what of a part comes up to a place within it, and leaves out parts behind that
// place. It is not done where the whole part comes before.
func (m *Manifest) cutPart(from, to string, k int, until Mark) (done bool, err error) {
	if k+1 < len(m.Parts) {
		if next, _ := partVersion(m.Parts[k+1].Name); next <= until.Version {
			return false, nil
		}
	}
	s, err := openSegment(filepath.Join(from, m.Parts[k].Name))
	if err != nil {
		return false, err
	}
	defer s.close()
	at := s.start()
	if at.Version > until.Version {
		return true, nil
	}
	for at.Version < until.Version {
		c, err := s.readChange(at, nil)
		if err != nil {
			return false, (&Backup{}).damage(s, at, noEOF(err))
		}
		at = c.mark
	}
	if at.Hash != until.Hash {
		return false, fmt.Errorf("%s: version %d has another history there than in the backup that follows on it", s.path, at.Version)
	}
	if at.Version < s.first {
		return true, nil
	}
	_, err = s.copyTo(to, s.start(), at)
	return true, err
}
