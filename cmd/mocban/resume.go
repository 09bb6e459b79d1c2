package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/graph/rdfio/document"
)

// A loadPoint tells how far a load of RDF with --resume has come. It is written behind each
// commit, so that a load that was killed in between adds those quads once more, which
// changes nothing. It is gone when the load is complete.
type loadPoint struct {
	Format  int // of this file
	Version graph.Version
	Files   []*filePoint

	path string
}

// A filePoint is one file of a load.
type filePoint struct {
	Path     string
	Size     int64
	Modified time.Time
	Blanks   string // begins the labels of its blank nodes, in every part alike
	Keep     bool   // its labels are kept
	Quads    uint64 // that were committed
	Done     bool
}

const loadPointFormat = 1

// readLoadPoint returns where the load of these files stands: at its beginning, if there is
// no checkpoint. One of other files, or of files that were changed, is an error.
func (a *app) readLoadPoint(s graph.Store, files []rdfFile) (*loadPoint, error) {
	now := &loadPoint{Format: loadPointFormat, path: a.settings.place("checkpoint-rdf")}
	first, err := isEmpty(s)
	if err != nil {
		return nil, err
	}
	for i, f := range files {
		info, err := os.Stat(f.path)
		if err != nil || !info.Mode().IsRegular() {
			return nil, usagef("--resume needs files that can be read again; %s is none", f.path)
		}
		path, err := filepath.Abs(f.path)
		if err != nil {
			return nil, err
		}
		now.Files = append(now.Files, &filePoint{
			Path: path, Size: info.Size(), Modified: info.ModTime().UTC(), Blanks: document.Prefix(), Keep: first && i == 0,
		})
	}
	text, err := os.ReadFile(now.path)
	if errors.Is(err, fs.ErrNotExist) {
		return now, nil
	}
	was := &loadPoint{path: now.path}
	if err == nil {
		err = json.Unmarshal(text, was)
	}
	if err != nil || was.Format != loadPointFormat {
		return nil, wrongf("không đọc được điểm dừng %s; xóa nó để nạp lại từ đầu", "checkpoint %s cannot be read; remove it to start over", now.path)
	}
	same := len(was.Files) == len(now.Files)
	for i := range now.Files {
		same = same && was.Files[i].Path == now.Files[i].Path && was.Files[i].Size == now.Files[i].Size && was.Files[i].Modified.Equal(now.Files[i].Modified)
	}
	snapshot, err := s.Snapshot()
	if err != nil {
		return nil, err
	}
	defer snapshot.Close()
	switch {
	case !same:
		return nil, wrongf("điểm dừng %s thuộc về các tệp khác, hoặc tệp đã thay đổi; xóa nó để nạp lại từ đầu",
			"checkpoint %s is of other files, or they were changed; remove it to start over", now.path)
	case snapshot.Version() < was.Version:
		return nil, wrongf("điểm dừng %s thuộc về kho ở phiên bản %d, kho này ở phiên bản %d; xóa nó để nạp lại từ đầu",
			"checkpoint %s is of a store with version %d, this one has %d; remove it to start over", now.path, was.Version, snapshot.Version())
	}
	return was, nil
}

// write keeps the checkpoint, in one step.
func (p *loadPoint) write() error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(p.path), filepath.Base(p.path)+".*")
	if err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), p.path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return nil
}

// loadInParts loads documents of RDF, so many quads a commit, and goes on where an earlier
// load of the same documents was stopped.
func (a *app) loadInParts(ctx context.Context, s graph.Store, files []rdfFile, g graph.Term, quads uint64) error {
	point, err := a.readLoadPoint(s, files)
	if err != nil {
		return err
	}
	for i, f := range files {
		if point.Files[i].Done {
			continue
		}
		if err := a.loadFileInParts(ctx, s, f, g, point, point.Files[i], quads); err != nil {
			return err
		}
	}
	if err := os.Remove(point.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove checkpoint: %w", err)
	}
	return nil
}

func (a *app) loadFileInParts(ctx context.Context, s graph.Store, f rdfFile, g graph.Term, point *loadPoint, at *filePoint, quads uint64) error {
	in, err := a.open(f.path)
	if err != nil {
		return err
	}
	defer in.Close()
	base, err := a.settings.base()
	if err != nil {
		return err
	}
	o := rdfio.ReadOptions{Base: base, Graph: g, KeepBlanks: at.Keep, Blanks: at.Blanks}
	next, stop := iter.Pull2(scanned(ctx, f.format, in, o))
	defer stop()
	if at.Quads > 0 {
		a.sayf("%s: tiếp tục sau %s bộ bốn\n", "%s: going on behind %s quads\n", in.name, a.number(at.Quads))
	}
	line := a.newProgress()
	defer line.done()
	start := time.Now()
	skip, read := at.Quads, uint64(0)
	for !at.Done {
		n := uint64(0) // in this part
		v, err := s.Load(ctx, func(l graph.Loader) error {
			l.SetSource(in.base)
			for n < quads {
				some, err, ok := next()
				if !ok {
					at.Done = true
					return nil
				}
				if err != nil {
					return err
				}
				old := min(skip, uint64(len(some)))
				skip -= old
				read += uint64(len(some))
				n += uint64(len(some)) - old
				if line.due() {
					line.line("%s: %s bộ bốn", "%s: %s quads", in.name, a.number(read))
				}
				if err := l.Add(some[old:]...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			at.Done = false
			return fmt.Errorf("%s: %w; %s quads of this file are in the store, the same command goes on behind them", in.name, err, a.number(at.Quads))
		}
		at.Quads += n
		point.Version = v
		if err := point.write(); err != nil {
			return err
		}
	}
	line.done()
	a.sayf("%s: %s bộ bốn trong %s giây\n", "%s: %s quads in %s s\n", in.name, a.number(read), a.seconds(time.Since(start)))
	return nil
}

// scanned gives the quads of a document in its order, some at a time, and then what was wrong
// with it.
func scanned(ctx context.Context, f *rdfio.Format, in *input, o rdfio.ReadOptions) iter.Seq2[[]graph.Quad, error] {
	return func(yield func([]graph.Quad, error) bool) {
		enough := errors.New("enough")
		err := rdfio.Scan(ctx, f, in, o, func(quads []graph.Quad) error {
			if !yield(quads, nil) {
				return enough
			}
			return nil
		})
		if err != nil && !errors.Is(err, enough) {
			yield(nil, err)
		}
	}
}
