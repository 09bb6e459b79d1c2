package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"mocban/graph"
)

// A checkpoint tells how far a load has come. It is written behind each commit, so a load
// that was killed in between commits that batch once more, which changes nothing.
type checkpoint struct {
	Format     int // of this file
	Sources    []checkedSource
	Records    uint64 // settled, over all sources
	Report     Report
	Quarantine map[string]wardSize
	Since      graph.Version // of the store when the load began
}

const checkpointFormat = 1

type checkedSource struct {
	Name string
	Size int64
}

func (r *run) checked() (c []checkedSource) {
	for _, s := range r.sources {
		c = append(c, checkedSource{s.Name, s.Size})
	}
	return c
}

// readCheckpoint returns the checkpoint of a load that was stopped, or nil.
func (r *run) readCheckpoint() (*checkpoint, error) {
	if r.Checkpoint == "" {
		return nil, nil
	}
	text, err := os.ReadFile(r.Checkpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var c checkpoint
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		return nil, fmt.Errorf("read checkpoint %s: %w; remove it to start over", r.Checkpoint, err)
	}
	if c.Format != checkpointFormat {
		return nil, fmt.Errorf("checkpoint %s has format %d, this build reads %d; remove it to start over", r.Checkpoint, c.Format, checkpointFormat)
	}
	now := r.checked()
	if len(now) != len(c.Sources) {
		return nil, fmt.Errorf("checkpoint %s is of %d sources, not of these %d; remove it to start over", r.Checkpoint, len(c.Sources), len(now))
	}
	for i := range now {
		if now[i] != c.Sources[i] {
			return nil, fmt.Errorf("checkpoint %s is of %s with %d bytes, not of %s with %d; remove it to start over",
				r.Checkpoint, c.Sources[i].Name, c.Sources[i].Size, now[i].Name, now[i].Size)
		}
	}
	return &c, nil
}

// writeCheckpoint replaces the checkpoint in one step.
func (r *run) writeCheckpoint() error {
	if err := r.quar.sync(); err != nil {
		return fmt.Errorf("write quarantine: %w", err)
	}
	if r.Checkpoint == "" {
		return nil
	}
	c := checkpoint{Format: checkpointFormat, Sources: r.checked(), Records: r.report.Records, Report: *r.report, Since: r.since}
	if r.quar != nil {
		c.Quarantine = r.quar.index
	}
	text, err := json.Marshal(c)
	if err == nil {
		err = replaceFile(r.Checkpoint, text)
	}
	if err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return nil
}

func replaceFile(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

func (r *run) removeCheckpoint() error {
	if r.Checkpoint == "" {
		return nil
	}
	if err := os.Remove(r.Checkpoint); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove checkpoint: %w", err)
	}
	return nil
}
