package ingest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"mocban/ingest/formats"
	"mocban/ingest/marc"
)

// A Source is an input with records.
type Source struct {
	Name string // for people: a path, or "-" for standard input
	Size int64  // in bytes, 0 if not known

	// Open opens the source from its beginning. Once tells that it can be opened only once.
	Open func() (io.ReadCloser, error)
	Once bool

	Options marc.ReadOptions
}

// File returns a file as a source.
func File(path string, o marc.ReadOptions) (Source, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Source{}, fmt.Errorf("cannot read %s: no such file", path)
	case err != nil:
		return Source{}, fmt.Errorf("cannot read %s: %w", path, err)
	case info.IsDir():
		return Source{}, fmt.Errorf("%s is a directory; use --recursive", path)
	}
	return Source{
		Name: path, Size: info.Size(), Options: o,
		Open: func() (io.ReadCloser, error) { return os.Open(path) },
	}, nil
}

// extensions are the endings of the files that Files finds in a folder.
var extensions = []string{".mrc", ".marc", ".dat", ".iso", ".xml", ".mrcx", ".marcxml", ".mrk", ".mrk8", ".json", ".jsonl", ".seq", ".csv", ".tsv", ".xlsx"}

// Files returns paths as sources, in the order given. A folder stands for the files of records in it
// and below, by name, if recursive, and is an error if not.
func Files(paths []string, recursive bool, o marc.ReadOptions) (sources []Source, err error) {
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() && recursive {
			inside, err := folder(path, o)
			if err != nil {
				return nil, err
			}
			sources = append(sources, inside...)
			continue
		}
		s, err := File(path, o)
		if err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	return sources, nil
}

func folder(path string, o marc.ReadOptions) (sources []Source, err error) {
	err = filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		name := strings.TrimSuffix(strings.ToLower(file), ".gz")
		if err != nil || !d.Type().IsRegular() || !slices.Contains(extensions, filepath.Ext(name)) {
			return err
		}
		s, err := File(file, o)
		sources = append(sources, s)
		return err
	})
	if err == nil && len(sources) == 0 {
		err = fmt.Errorf("%s holds no files of records (%s)", path, strings.Join(extensions, " "))
	}
	return sources, err
}

// Stream returns a source that can be read once: standard input.
func Stream(name string, r io.Reader, o marc.ReadOptions) Source {
	return Source{
		Name: name, Options: o, Once: true,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(r), nil },
	}
}

// An input is an open source.
type input struct {
	io.Closer
	reader marc.Reader
	read   atomic.Int64 // bytes taken from the source
}

func (s *Source) open() (*input, error) {
	f, err := s.Open()
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", s.Name, err)
	}
	in := &input{Closer: f}
	r, err := unpack(&counter{f, &in.read}, s.Name)
	if err == nil {
		in.reader, err = formats.NewReader(r, s.Options)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	if !s.Options.AsIs {
		in.reader = &following{Reader: in.reader}
	}
	return in, nil
}

// Each calls f for each record of the source, in order, until f fails. Bad is called for what
// cannot be read as a record.
func (s *Source) Each(f func(*marc.Record) error, bad func(*marc.BadRecord)) error {
	in, err := s.open()
	if err != nil {
		return err
	}
	defer in.Close()
	for {
		it, err := next(in.reader)
		switch {
		case err != nil:
			if err = ended(err); err != nil {
				err = fmt.Errorf("%s: %w", s.Name, err)
			}
			return err
		case it.bad != nil:
			bad(it.bad)
		default:
			if err := f(it.rec); err != nil {
				return err
			}
		}
	}
}

// next returns the next record as an item.
func next(r marc.Reader) (it item, err error) {
	it.rec, err = r.Next()
	if errors.As(err, &it.bad) {
		err = nil
	}
	return it, err
}

// ended returns nil for the end of an input.
func ended(err error) error {
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

type counter struct {
	r io.Reader
	n *atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// unpack returns what gzip packed, if it did.
func unpack(c *counter, name string) (io.Reader, error) {
	b := bufio.NewReaderSize(c, 64<<10)
	if head, _ := b.Peek(2); !bytes.Equal(head, []byte{0x1F, 0x8B}) {
		return b, nil
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	return &unpacker{z: z, packed: c.n}, nil
}

// An unpacker bounds how far a file expands, so that a small one cannot fill the machine.
type unpacker struct {
	z      *gzip.Reader
	packed *atomic.Int64
	out    int64
}

const (
	freeExpansion = 64 << 20
	maxExpansion  = 100
)

func (u *unpacker) Read(p []byte) (int, error) {
	n, err := u.z.Read(p)
	u.out += int64(n)
	if u.out > freeExpansion && u.out > maxExpansion*u.packed.Load() {
		return 0, fmt.Errorf("expands more than %d:1 past %d MiB", maxExpansion, freeExpansion>>20)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return n, fmt.Errorf("compressed file is truncated at byte %d: %w", u.packed.Load(), err)
	}
	return n, err
}
