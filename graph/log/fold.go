package log

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"

	"mocban/graph"
)

// Fold puts one change set that says all there is at a version in the place of all change
// sets up to it. At is the place of that version, and all calls add with each of its graphs
// and quads. The chain of hashes goes on as it was. Killed at any time, it leaves the log
// as it was or folded. No change set may be open.
func (l *Log) Fold(ctx context.Context, at Mark, all func(add func(graph.Op) error) error) error {
	l.syncing.Lock()
	defer l.syncing.Unlock()
	l.mu.Lock()
	err := l.mayFold(at)
	l.mu.Unlock()
	if err != nil {
		return err
	}
	old, err := openSegment(l.path(at.Segment))
	if err != nil {
		return err
	}
	defer old.close()
	moved := int64(0)
	err = l.writeWhole(partName(at.Version), func(w io.Writer) error {
		f := &folder{w: w, sum: newSum(Hash{})}
		if err := f.write(ctx, l.id, at, all); err != nil {
			return err
		}
		moved = f.bytes - at.Offset
		end := int64(1 << 62)
		if at.Segment == l.last.Segment {
			end = l.last.Offset
		}
		_, err := io.Copy(w, io.NewSectionReader(old.f, at.Offset, end-at.Offset))
		return err
	})
	if err != nil {
		return fmt.Errorf("fold the log: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.folds(at, moved)
}

func (l *Log) mayFold(at Mark) error {
	switch {
	case l.failed != nil:
		return fmt.Errorf("fold the log: %w", l.failed)
	case l.o.ReadOnly:
		return errors.New("fold the log: it was opened for reading only")
	case l.open || l.tip.Version != l.last.Version:
		return fmt.Errorf("fold the log: %w", errOpen)
	case at.Version > l.last.Version:
		return fmt.Errorf("fold the log: it has not come to version %d: %w", at.Version, graph.ErrNotFound)
	case at.Version < 2 || at.Version <= l.folded:
		return fmt.Errorf("fold the log at version %d: there is nothing before that", at.Version)
	}
	return nil
}

// writeWhole writes a file of the log that is there whole or not at all.
func (l *Log) writeWhole(name string, write func(io.Writer) error) error {
	if !l.o.Volatile {
		return writeSynced(l.dir, name, write)
	}
	path := filepath.Join(l.dir, name)
	f, err := os.Create(path + ".tmp")
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+".tmp"))
	}
	return os.Rename(path+".tmp", path)
}

// folds goes on with the folded segment in place of those it stands for.
func (l *Log) folds(at Mark, moved int64) error {
	if at.Segment == l.last.Segment {
		f, err := l.o.openFile(l.path(at.Version), os.O_RDWR, 0)
		if err != nil {
			l.fail(err)
			return err
		}
		if l.file != nil {
			l.file.Close()
		}
		l.file, l.old = f, true
		l.last.Segment, l.last.Offset = at.Version, l.last.Offset+moved
		l.tip = l.last
	}
	var keep []graph.Version
	for _, first := range l.segments {
		switch {
		case first > at.Version:
			keep = append(keep, first)
		case first < at.Version:
			if err := os.Remove(l.path(first)); err != nil { // removed when it is opened again
				l.segments, l.folded = append([]graph.Version{at.Version}, l.segments[slices.Index(l.segments, first):]...), at.Version
				return err
			}
		}
	}
	l.segments, l.folded = append([]graph.Version{at.Version}, keep...), at.Version
	return nil
}

// A folder writes the change set that a folded log begins with.
type folder struct {
	w     io.Writer
	sum   hash.Hash
	text  []byte
	bytes int64
}

func (f *folder) write(ctx context.Context, id ID, at Mark, all func(func(graph.Op) error) error) error {
	begin := binary.LittleEndian.AppendUint64(nil, uint64(at.Version))
	begin = binary.LittleEndian.AppendUint64(begin, flagAll)
	begin = append(begin, make([]byte, hashBytes)...)
	if err := f.out(appendFrame(appendHeader(nil, format, id, at.Version, Hash{}), frameBegin, begin)); err != nil {
		return err
	}
	err := all(func(op graph.Op) error {
		if f.text = AppendOp(f.text, op); len(f.text) < PartBytes {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return f.part()
	})
	if err == nil && len(f.text) > 0 {
		err = f.part()
	}
	if err != nil {
		return err
	}
	end := binary.LittleEndian.AppendUint64(nil, uint64(at.Version))
	end = binary.LittleEndian.AppendUint64(end, uint64(at.Time.UnixNano()))
	end = binary.LittleEndian.AppendUint64(end, at.Total.Quads)
	end = binary.LittleEndian.AppendUint64(end, 0)
	end = appendTotal(end, at.Total)
	f.sum.Write(end)
	f.sum.Write(at.Hash[:])
	return f.out(appendFrame(nil, frameEnd, end, at.Hash[:], f.sum.Sum(nil)))
}

func (f *folder) part() error {
	packed := pack(f.text)
	f.text = f.text[:0]
	f.sum.Write(packed)
	return f.out(appendFrame(nil, framePart, packed))
}

func (f *folder) out(b []byte) error {
	n, err := f.w.Write(b)
	f.bytes += int64(n)
	return err
}
