package text

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"

	"mocban/graph"
)

// checkSegments reads the files of a state and compares each with the CRC-32 of all its
// bytes that it ends in. Bleve does not look at it, and would answer wrongly, or panic.
// Files that no state names are not looked at: a process may have been killed while it
// wrote them.
func checkSegments(r index.IndexReader) error {
	for _, s := range r.(*scorch.IndexSnapshot).Segments() {
		if file, ok := s.Segment().(interface{ Path() string }); ok {
			if err := checkSegment(file.Path()); err != nil {
				return fmt.Errorf("check %s: %w", file.Path(), err)
			}
		}
	}
	return nil
}

func checkSegment(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	sum := crc32.NewIEEE()
	r := bufio.NewReaderSize(f, 1<<18)
	if _, err := io.CopyN(sum, r, info.Size()-4); err != nil {
		return err
	}
	var want uint32
	if err := binary.Read(r, binary.BigEndian, &want); err != nil {
		return err
	}
	if got := sum.Sum32(); got != want {
		return &graph.CorruptError{Place: file, Detail: fmt.Sprintf("CRC-32 %08x, not %08x", got, want)}
	}
	return nil
}

// guard returns a panic of f as an error.
func guard(f func() error) (err error) {
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("%v", e)
		}
	}()
	return f()
}
