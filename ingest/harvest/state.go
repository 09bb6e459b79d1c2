package harvest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A state is what is known of a source between runs: state.json in its folder.
type state struct {
	Format int

	Tried    time.Time // the last run began
	Done     time.Time // the last run that ended well
	Full     time.Time // the last such run over all of the source
	Failures int       // runs in a row that did not end well

	From        string // from when to ask a server of OAI-PMH for changes, by its clock
	Granularity string // of its dates
	Deleted     string // what it keeps of deleted records

	Ill []string `json:",omitempty"` // records at which the server broke down, to be asked for again

	Files map[string]fileState `json:",omitempty"` // those of a folder, as they were loaded

	Run *running `json:",omitempty"` // a run that was stopped
}

// A fileState tells whether a file has changed.
type fileState struct {
	Size    int64
	ModTime time.Time
}

// A running is how far a run has come.
type running struct {
	Started  time.Time
	Full     bool
	Prefix   string // of the metadata
	From     string
	Response string // the server's clock when the run began
	Singly   bool
	Set      int    // the set that is being listed
	Token    string // that asks for its next page
	Position int    // of the next record, for SRU
	Pages    int    // that were kept
	Listed   int    // records of the set so far
	Retaken  bool   // a token was refused, and the set is listed from its beginning

	Ill        []string `json:",omitempty"` // records at which the server breaks down
	InARow     int      `json:",omitempty"` // of these, the last ones one after the other
	Asked      bool     `json:",omitempty"` // for those of the run before
	Incomplete string   // why the list cannot be taken for all there is
	Fetched    bool     // all pages are here
	Repairs    map[string]int
}

const stateFormat = 1

func (h *Harvester) dir(s *Source) string { return filepath.Join(h.Dir, s.Name) }

func (h *Harvester) readState(s *Source) (*state, error) {
	file := filepath.Join(h.dir(s), "state.json")
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return &state{Format: stateFormat}, nil
	}
	st := &state{}
	if err == nil {
		err = json.Unmarshal(text, st)
	}
	if err == nil && st.Format != stateFormat {
		err = fmt.Errorf("it has format %d, this build reads %d", st.Format, stateFormat)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w; remove it to harvest all of the source again", file, err)
	}
	return st, nil
}

// writeState replaces the state in one step.
func (h *Harvester) writeState(s *Source, st *state) error {
	text, err := json.MarshalIndent(st, "", "  ")
	if err == nil {
		err = replace(filepath.Join(h.dir(s), "state.json"), text)
	}
	if err != nil {
		return fmt.Errorf("write the state of %s: %w", s.Name, err)
	}
	return nil
}

// replace replaces a file in one step.
func replace(path string, text []byte) error {
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

// An entry is a record of a list, as it is kept until it is loaded: a line of a page.
type entry struct {
	ID      string
	Deleted bool   `json:",omitempty"`
	Broken  bool   `json:",omitempty"` // Data is no XML
	Data    []byte `json:",omitempty"`
}

func (h *Harvester) page(s *Source, n int) string {
	return filepath.Join(h.dir(s), "pages", fmt.Sprintf("%06d.jsonl", n))
}

// keep writes a page, and then the state that counts it.
func (h *Harvester) keep(s *Source, st *state, entries []entry) error {
	var b []byte
	for i := range entries {
		line, err := json.Marshal(&entries[i])
		if err != nil {
			return err
		}
		b = append(append(b, line...), '\n')
	}
	path := h.page(s, st.Run.Pages+1)
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = replace(path, b)
	}
	if err != nil {
		return fmt.Errorf("keep a page of %s: %w", s.Name, err)
	}
	st.Run.Pages++
	return h.writeState(s, st)
}

// entries gives the records of all pages to f, in order.
func (h *Harvester) entries(s *Source, pages int, f func(e *entry) error) error {
	for n := 1; n <= pages; n++ {
		if err := readPage(h.page(s, n), f); err != nil {
			return fmt.Errorf("read page %d of %s: %w", n, s.Name, err)
		}
	}
	return nil
}

func readPage(path string, f func(e *entry) error) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	d := json.NewDecoder(bufio.NewReaderSize(in, 1<<16))
	for {
		var e entry
		if err := d.Decode(&e); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := f(&e); err != nil {
			return err
		}
	}
}

// clear removes what was kept of a run.
func (h *Harvester) clear(s *Source) error {
	return errors.Join(os.RemoveAll(filepath.Join(h.dir(s), "pages")), remove(h.records(s)), remove(h.checkpoint(s)))
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (h *Harvester) records(s *Source) string    { return filepath.Join(h.dir(s), "records.xml") }
func (h *Harvester) checkpoint(s *Source) string { return filepath.Join(h.dir(s), "load.checkpoint") }
