package ingest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"

	"mocban/ingest/mapping"
	"mocban/ingest/marc"
)

// A quarantine keeps what could not be read or mapped: for each source a folder with the
// bytes, one record behind the other as they came, and a line of JSON for each.
//
//	quarantine/uva.mrc-1f3a5c77/records.mrc
//	quarantine/uva.mrc-1f3a5c77/index.jsonl
type quarantine struct {
	dir   string
	open  *ward
	index map[string]wardSize // of the sources that were touched
}

// A ward is the part of the quarantine for one source.
type ward struct {
	source         string
	records, index *os.File
	at             int64
	lines          *bufio.Writer
	bytes          *bufio.Writer
	written        int64
}

type wardSize struct{ Records, Index int64 }

// An Entry is a line of the index: where a record came from, why it is here, and where its
// bytes lie in the file beside.
type Entry struct {
	Source string `json:"source"`
	Number int    `json:"number"`
	Offset int64  `json:"offset"`
	ID     string `json:"id,omitempty"`
	Rule   string `json:"rule"`
	Vi     string `json:"vi"`
	En     string `json:"en"`
	File   string `json:"file"`
	At     int64  `json:"at"`
	Bytes  int    `json:"bytes"`
}

// openQuarantine prepares the folder. What it holds of the sources is dropped, but for what
// was there at the checkpoint.
func (r *run) openQuarantine(point *checkpoint) error {
	if r.Quarantine == "" {
		return nil
	}
	if err := os.MkdirAll(r.Quarantine, 0o700); err != nil {
		return fmt.Errorf("open quarantine: %w", err)
	}
	r.quar = &quarantine{dir: r.Quarantine, index: map[string]wardSize{}}
	if point != nil && point.Quarantine != nil {
		r.quar.index = point.Quarantine
	}
	for _, s := range r.sources {
		dir := r.quar.folder(s.Name)
		size, kept := r.quar.index[s.Name]
		if !kept {
			if err := os.RemoveAll(dir); err != nil {
				return fmt.Errorf("open quarantine: %w", err)
			}
			continue
		}
		records, err := recordsFile(dir)
		if err == nil {
			err = errors.Join(os.Truncate(records, size.Records), os.Truncate(filepath.Join(dir, "index.jsonl"), size.Index))
		}
		if err != nil {
			return fmt.Errorf("open quarantine: %w", err)
		}
	}
	return nil
}

// folder returns where what is set aside of a source goes.
func (q *quarantine) folder(source string) string {
	h := fnv.New32a()
	h.Write([]byte(source))
	name := strings.Map(func(r rune) rune {
		if r < 0x20 || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, filepath.Base(source))
	return filepath.Join(q.dir, fmt.Sprintf("%s-%08x", name, h.Sum32()))
}

func recordsFile(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "records.*"))
	if err == nil && len(files) != 1 {
		err = fmt.Errorf("%s has %d files of records, 1 expected", dir, len(files))
	}
	if err != nil {
		return "", err
	}
	return files[0], nil
}

// setAside counts a record that could not be read or mapped and keeps its bytes.
func (r *run) setAside(c *chunk, it *item) error {
	e := Entry{Source: r.sources[c.source].Name}
	var src []byte
	if it.bad != nil {
		b := it.bad
		e.Number, e.Offset, e.ID, e.Rule, e.Vi, e.En, src = b.Number, b.Offset, b.ID, b.Rule, b.Vi, b.En, b.Source
	} else {
		rec := it.rec
		e.Number, e.Offset, e.ID, src = rec.Number, rec.Offset, rec.ID(), rec.Source
		e.Rule, e.Vi, e.En = reason(it.err)
	}
	r.report.Aside++
	r.report.AsideBy[e.Rule]++
	r.notify(c, it, Notice{Kind: Aside, Rule: e.Rule, Vi: e.Vi, En: e.En})
	if r.quar == nil {
		return nil
	}
	if err := r.quar.keep(e, src); err != nil {
		return fmt.Errorf("set record %d of %s aside: %w", e.Number, e.Source, err)
	}
	return nil
}

// reason tells why a record could not be mapped.
func reason(err error) (rule, vi, en string) {
	var long *valueError
	var broken *brokenError
	switch {
	case errors.As(err, &broken):
		return "shape", "vi phạm " + broken.verdict.Rule + ": " + broken.verdict.Vi, err.Error()
	case errors.As(err, &long):
		return "value-too-long", fmt.Sprintf("trường %s: một giá trị dài %d KiB, quá %d KiB", long.tag, long.bytes>>10, maxValue>>10), err.Error()
	case errors.Is(err, mapping.ErrKind):
		return "kind", "loại biểu ghi này (phân loại, thông tin cộng đồng) chưa được chuyển đổi riêng", err.Error()
	case errors.Is(err, mapping.ErrTemplate):
		return "template", "biểu ghi mẫu chưa ai điền: nhan đề chỉ là giá trị giữ chỗ", err.Error()
	case errors.Is(err, mapping.ErrHeading):
		return "heading", "biểu ghi nhân vật, chủ đề không có tiêu đề (1XX)", err.Error()
	}
	return "mapping", "không chuyển đổi được: " + err.Error(), "could not be mapped: " + err.Error()
}

// maxValue bounds a value of a record in bytes. ISO 2709 cannot hold a fiftieth of it.
const maxValue = 512 << 10

// A valueError tells of a value beyond maxValue.
type valueError struct {
	tag   string
	bytes int
}

func (e *valueError) Error() string {
	return fmt.Sprintf("field %s: a value of %d KiB exceeds %d KiB", e.tag, e.bytes>>10, maxValue>>10)
}

// checkValues returns an error if a value is too long.
func checkValues(r *marc.Record) error {
	if len(r.Source) <= maxValue {
		return nil
	}
	if r.Tree != nil {
		for e := range r.Tree.Root.All() {
			if len(e.Text) > maxValue {
				return &valueError{e.Name, len(e.Text)}
			}
		}
	}
	for i := range r.Fields {
		f := &r.Fields[i]
		if len(f.Data) > maxValue {
			return &valueError{f.Tag, len(f.Data)}
		}
		for _, s := range f.Subfields {
			if len(s.Value) > maxValue {
				return &valueError{f.Tag, len(s.Value)}
			}
		}
	}
	return nil
}

func (q *quarantine) keep(e Entry, src []byte) error {
	if q.open == nil || q.open.source != e.Source {
		if err := q.turnTo(e.Source, src); err != nil {
			return err
		}
	}
	w := q.open
	e.File, e.At, e.Bytes = filepath.Base(w.records.Name()), w.at, len(src)
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if strings.HasSuffix(e.File, ".csv") && len(src) > 0 {
		src = append(src[:len(src):len(src)], '\n')
	}
	_, err1 := w.bytes.Write(src)
	_, err2 := w.lines.Write(append(line, '\n'))
	w.at += int64(len(src))
	w.written += int64(len(line) + 1)
	return errors.Join(err1, err2)
}

// turnTo opens the ward of a source.
func (q *quarantine) turnTo(source string, src []byte) error {
	if err := q.close(); err != nil {
		return err
	}
	dir := q.folder(source)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file, err := recordsFile(dir)
	if err != nil {
		file = filepath.Join(dir, "records"+extension(source, src))
	}
	w := &ward{source: source}
	w.records, err = os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	w.index, err = os.OpenFile(filepath.Join(dir, "index.jsonl"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return errors.Join(err, w.records.Close())
	}
	size := q.index[source]
	w.at, w.written = size.Records, size.Index
	w.bytes, w.lines = bufio.NewWriter(w.records), bufio.NewWriter(w.index)
	q.open = w
	return nil
}

// extension names a file of records by what the source is called, or by what the first of them
// looks like.
func extension(source string, src []byte) string {
	switch strings.ToLower(filepath.Ext(strings.TrimSuffix(source, ".gz"))) {
	case ".csv", ".tsv", ".xlsx":
		return ".csv"
	}
	switch {
	case len(src) > 0 && src[0] == '<':
		return ".xml"
	case len(src) > 0 && src[0] == '=':
		return ".mrk"
	case len(src) > 0 && src[0] == '{':
		return ".json"
	}
	return ".mrc"
}

// sync brings what was written to the disk and notes how much that is.
func (q *quarantine) sync() error {
	if q == nil || q.open == nil {
		return nil
	}
	w := q.open
	q.index[w.source] = wardSize{w.at, w.written}
	return errors.Join(w.bytes.Flush(), w.lines.Flush(), w.records.Sync(), w.index.Sync())
}

func (q *quarantine) close() error {
	if q.open == nil {
		return nil
	}
	err := errors.Join(q.sync(), q.open.records.Close(), q.open.index.Close())
	q.open = nil
	return err
}

func (r *run) closeQuarantine() error {
	if r.quar == nil {
		return nil
	}
	if err := r.quar.close(); err != nil {
		return fmt.Errorf("close quarantine: %w", err)
	}
	return nil
}
