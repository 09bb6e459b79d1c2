package store

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"mocban/graph/kv"
)

// sumsFile holds the sums of all files of a store that was closed:
//
//	mocban sums 1
//	size TAB sums TAB name
//	...
//	end TAB sum
//
// Size is in decimal digits. Each piece of pieceBytes of a file, and what remains, has a sum,
// CRC-32C in eight hexadecimal digits, with a space between two. Names are relative to the
// folder of the store, with slashes, in their order; the folder of the impression is called kv
// whatever its name is. The last sum is that of all lines before it.
//
// Who opens the store for writing removes the file before anything else, so that one whose
// writer was killed has none. A file that is not changed once it is there (a table, a segment
// of the log) keeps the sum that it was given first: what spoils it later is told, however
// often the store is opened and closed meanwhile.
const (
	sumsFile   = "SUMS"
	sumsHead   = "mocban sums 1\n"
	sumsEnd    = "end\t"
	pieceBytes = 1 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A fileSum is what is known of the bytes of a file.
type fileSum struct {
	size   int64
	pieces []uint32
	at     time.Time // when the file was last changed, if that is known
}

// fileSums are those of files, by name.
type fileSums map[string]fileSum

// encode writes them.
func (f fileSums) encode() []byte {
	b := []byte(sumsHead)
	for _, name := range slices.Sorted(maps.Keys(f)) {
		b = append(strconv.AppendInt(b, f[name].size, 10), '\t')
		for i, sum := range f[name].pieces {
			if i > 0 {
				b = append(b, ' ')
			}
			b = fmt.Appendf(b, "%08x", sum)
		}
		b = fmt.Appendf(b, "\t%s\n", name)
	}
	return fmt.Appendf(b, "%s%08x\n", sumsEnd, crc32.Checksum(b, castagnoli))
}

var errSums = errors.New("its own checksum is wrong, or it is not whole")

// parseFileSums reads what encode wrote, and nothing else.
func parseFileSums(b []byte) (fileSums, error) {
	const end = len(sumsEnd) + 9
	if len(b) < len(sumsHead)+end || string(b[:len(sumsHead)]) != sumsHead {
		return nil, errSums
	}
	body := b[:len(b)-end]
	if string(b[len(body):]) != fmt.Sprintf("%s%08x\n", sumsEnd, crc32.Checksum(body, castagnoli)) {
		return nil, errSums
	}
	f := make(fileSums)
	in := bufio.NewScanner(bytes.NewReader(body[len(sumsHead):]))
	in.Buffer(nil, len(body)+1)
	for in.Scan() {
		cells := strings.SplitN(in.Text(), "\t", 3)
		if len(cells) != 3 || !filepath.IsLocal(filepath.FromSlash(cells[2])) {
			return nil, fmt.Errorf("it does not parse: %q", in.Text())
		}
		size, err := strconv.ParseInt(cells[0], 10, 64)
		sum := fileSum{size: size}
		for _, text := range strings.Fields(cells[1]) {
			n, e := strconv.ParseUint(text, 16, 32)
			err = errors.Join(err, e)
			sum.pieces = append(sum.pieces, uint32(n))
		}
		if err != nil || size < 0 || int64(len(sum.pieces)) != pieces(size) {
			return nil, fmt.Errorf("it does not parse: %q", in.Text())
		}
		f[cells[2]] = sum
	}
	return f, in.Err()
}

// pieces returns how many pieces a file of so many bytes has.
func pieces(size int64) int64 { return size/pieceBytes + min(1, size%pieceBytes) }

func (f fileSums) bytes() (n int64) {
	for _, sum := range f {
		n += sum.size
	}
	return n
}

// sumPieces calls f with the sum of each piece of a file.
func sumPieces(r io.Reader, f func(n int, sum uint32) error) error {
	b := make([]byte, pieceBytes)
	for {
		n, err := io.ReadFull(r, b)
		if n > 0 {
			if e := f(n, crc32.Checksum(b[:n], castagnoli)); e != nil {
				return e
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// sumFile sums up a file, which is synced first: what is told of it must outlive a power cut.
func sumFile(name string, volatile bool) (s fileSum, err error) {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return s, err
	}
	defer f.Close()
	if !volatile {
		if err := f.Sync(); err != nil {
			return s, err
		}
	}
	err = sumPieces(f, func(n int, sum uint32) error {
		s.size += int64(n)
		s.pieces = append(s.pieces, sum)
		return nil
	})
	return s, err
}

// place returns where a file is that is called so in the sums.
func (s *Store) place(name string) string {
	if rest, ok := strings.CutPrefix(name, kvFolder+"/"); ok {
		return filepath.Join(s.dir, s.data, filepath.FromSlash(rest))
	}
	return filepath.Join(s.dir, filepath.FromSlash(name))
}

// lasting tells whether a file is not changed once it is there.
func lasting(name string) bool {
	return strings.HasSuffix(name, ".sst") || strings.HasSuffix(name, kv.VolumeSuffix) || strings.HasSuffix(name, ".log")
}

// takeSums reads the sums of files and removes them, since files are going to change. It keeps
// those of files that last, as long as they are the same files.
func (s *Store) takeSums() error {
	if s.o.ReadOnly {
		return nil
	}
	name := filepath.Join(s.dir, sumsFile)
	b, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	all, err := parseFileSums(b)
	if err != nil {
		s.warn(fmt.Sprintf("%s: %v", name, err))
	}
	was := s.data
	s.data = s.dataFolder()
	for name, sum := range all {
		info, err := os.Stat(s.place(name))
		if lasting(name) && err == nil {
			sum.at = info.ModTime()
			all[name] = sum
		} else {
			delete(all, name)
		}
	}
	s.data = was
	s.lasting = all
	if err := os.Remove(name); err != nil {
		return err
	}
	return s.syncFolder(s.dir)
}

// dataFolder returns the name of the folder that the impression is in.
func (s *Store) dataFolder() string {
	text, err := os.ReadFile(filepath.Join(s.dir, currentFile))
	if name := strings.TrimSpace(string(text)); err == nil && filepath.IsLocal(name) {
		return name
	}
	return kvFolder
}

// leaveSums writes the sums of files once all are closed.
func (s *Store) leaveSums() error {
	names, err := s.fileNames()
	if err != nil {
		return err
	}
	all := make(fileSums)
	for _, name := range names {
		if sum, ok := s.lasting[name]; ok && s.same(name, sum) {
			all[name] = sum
			continue
		}
		if all[name], err = sumFile(s.place(name), s.o.Volatile); err != nil {
			return err
		}
	}
	for _, folder := range [...]string{s.data, logFolder} {
		if err := s.syncFolder(filepath.Join(s.dir, folder)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return s.putFile(sumsFile, all.encode())
}

// same tells whether a file is the one that a sum was made of or found with.
func (s *Store) same(name string, sum fileSum) bool {
	info, err := os.Stat(s.place(name))
	return err == nil && info.Size() == sum.size && info.ModTime().Equal(sum.at)
}

// fileNames returns how the files of the store are called in the sums.
func (s *Store) fileNames() (names []string, err error) {
	names = []string{markerFile}
	if _, err := os.Stat(filepath.Join(s.dir, currentFile)); err == nil {
		names = append(names, currentFile)
	}
	for _, folder := range [...]struct{ called, name string }{{kvFolder, s.data}, {logFolder, logFolder}} {
		entries, err := os.ReadDir(filepath.Join(s.dir, folder.name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			if e.Type().IsRegular() && e.Name() != lockName {
				names = append(names, path.Join(folder.called, e.Name()))
			}
		}
	}
	return names, nil
}

// putFile writes a file of the folder of the store at once.
func (s *Store) putFile(name string, b []byte) error {
	f, err := os.CreateTemp(s.dir, name+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err == nil && !s.o.Volatile {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), filepath.Join(s.dir, name)); err != nil {
		return err
	}
	return s.syncFolder(s.dir)
}

// closedFiles compares the files of a store that nobody writes to with their sums, if there are
// any: whoever wrote last may have been killed.
func (c *checker) closedFiles(s *Store) (found []Finding, err error) {
	c.looked = true
	name := filepath.Join(s.dir, sumsFile)
	b, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	sums, err := parseFileSums(b)
	if err != nil {
		return []Finding{{PartData, name, err.Error()}}, nil
	}
	s = &Store{dir: s.dir, impression: &impression{data: s.dataFolder()}}
	c.total += sums.bytes()
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		f, err := c.file(s, name, sums[name])
		if err != nil {
			return found, err
		}
		found = append(found, f...)
	}
	return found, nil
}

// files compares the files with their sums, if that was not done before the store was opened.
func (c *checker) files() error {
	if !c.s.o.ReadOnly {
		return c.tables()
	}
	if c.looked {
		return nil
	}
	found, err := c.closedFiles(c.s)
	for _, f := range found {
		c.found(f)
	}
	return err
}

// tables compares the tables and volumes of a store that is being written to with their sums, as far as
// they were there when it was opened.
func (c *checker) tables() error {
	for _, name := range slices.Sorted(maps.Keys(c.s.lasting)) {
		sum := c.s.lasting[name]
		if strings.HasPrefix(name, logFolder+"/") || !c.s.same(name, sum) {
			continue
		}
		found, err := c.file(c.s, name, sum)
		if err != nil {
			return err
		}
		if !c.s.same(name, sum) {
			continue // it is not needed any more: Badger empties a table and then removes it
		}
		for _, f := range found {
			c.found(f)
		}
	}
	return nil
}

// file compares a file with its sum.
func (c *checker) file(s *Store, name string, want fileSum) (found []Finding, err error) {
	place := s.place(name)
	part := PartData
	if strings.HasPrefix(name, logFolder+"/") {
		part = PartLog
	}
	tell := func(place, detail string) { found = append(found, Finding{part, place, detail}) }
	f, err := os.Open(place)
	if err != nil {
		tell(place, err.Error())
		return found, nil
	}
	defer f.Close()
	at := int64(0)
	err = sumPieces(f, func(n int, sum uint32) error {
		if i := at / pieceBytes; i < int64(len(want.pieces)) && sum != want.pieces[i] {
			tell(fmt.Sprintf("%s, bytes %d to %d", place, at, at+int64(n)-1), "they are not those that were there when the store was closed")
		}
		at += int64(n)
		return c.read(int64(n))
	})
	if err != nil && c.ctx.Err() != nil {
		return found, err
	}
	if err != nil {
		tell(place, err.Error())
	} else if at != want.size {
		tell(place, fmt.Sprintf("it has %d bytes; when the store was closed it had %d", at, want.size))
	}
	return found, nil
}
