package main

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
	"strings"

	"github.com/klauspost/compress/zstd"

	"mocban/graph/rdfio"
)

// An input is a file to read, or standard input, without its compression.
type input struct {
	io.Reader
	name  string // for messages; "standard input" for -
	base  string // file name without compression's ending
	size  int64  // bytes on disk; 0 where they are not known
	read  *counted
	close func() error
}

// Close closes the file.
func (in *input) Close() error { return in.close() }

// counted counts the bytes that were read, before they are decompressed.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// open opens a file, or standard input for "-". Gzip and zstd are told by their first bytes.
func (a *app) open(path string) (*input, error) {
	in := &input{name: path, base: filepath.Base(path), close: func() error { return nil }}
	var src io.Reader
	if path == "-" {
		in.name, in.base = a.pick("đầu vào chuẩn", "standard input"), ""
		src = a.in
	} else {
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, wrongf("không đọc được %s: không có tệp này", "cannot read %s: no such file", path)
		} else if err != nil {
			return nil, usagef("cannot read %s: %w", path, errors.Unwrap(err))
		}
		info, err := f.Stat()
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("cannot read %s: %w", path, err)
		}
		if info.IsDir() {
			f.Close()
			return nil, usagef("%s is a directory; name the files in it, such as %s", path, filepath.Join(path, "*.mrc"))
		}
		in.size, in.close, src = info.Size(), f.Close, f
	}
	in.read = &counted{r: src}
	b := bufio.NewReaderSize(in.read, 1<<20)
	in.Reader = b
	head, _ := b.Peek(4)
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(b)
		if err != nil {
			in.close()
			return nil, fmt.Errorf("%s: %w", in.name, err)
		}
		in.Reader = bufio.NewReaderSize(z, 1<<20)
		in.base = strings.TrimSuffix(in.base, ".gz")
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(b, zstd.WithDecoderMaxMemory(256<<20))
		if err != nil {
			in.close()
			return nil, fmt.Errorf("%s: %w", in.name, err)
		}
		file := in.close
		in.close = func() error { z.Close(); return file() }
		in.Reader = bufio.NewReaderSize(z, 1<<20)
		in.base = strings.TrimSuffix(in.base, ".zst")
	}
	return in, nil
}

// empty tells whether nothing is left to read.
func (in *input) empty() bool {
	b, ok := in.Reader.(*bufio.Reader)
	if !ok {
		return false
	}
	_, err := b.Peek(1)
	return errors.Is(err, io.EOF)
}

// recordFormats are the names under which records may be given with --format.
var recordFormats = map[string]bool{"marc": true, "mrc": true, "marcxml": true, "xml": true, "mrk": true, "lines": true,
	"unimarc": true, "json": true, "csv": true, "tsv": true, "xlsx": true,
	"application/marc": true, "application/marcxml+xml": true}

// rdfFormat tells the RDF format of an input by the flag or by the file's ending; ok is
// false for records.
func (in *input) rdfFormat(flag string) (f *rdfio.Format, ok bool, err error) {
	if flag != "" {
		if recordFormats[strings.ToLower(flag)] {
			return nil, false, nil
		}
		if f, ok := rdfio.ByExtension(flag); ok {
			return f, true, nil
		}
		if f, ok := rdfio.ByMediaType(flag); ok {
			return f, true, nil
		}
		return nil, false, usagef("--format: %q is none of marc, marcxml, unimarc, mrk, json, csv, xlsx, xml, nt, nq, ttl, trig, rdf, jsonld", flag)
	}
	f, ok = rdfio.ByExtension(filepath.Ext(in.base))
	return f, ok, nil
}
