package kv

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Badger keeps what is not in tables yet in logs, *.mem. It begins a new one while the one
// before is made into a table. They are not synced, so a power cut may leave the end of the
// older one lost and the newer one whole; Badger then opens with a hole in the middle, which
// would break the promise that what is there is a prefix. Transactions are numbered without
// gaps, so a hole can be seen: what follows it is removed, and the change log brings it again.
//
// A log is a header of 20 bytes and entries (Badger 4, memtable.go):
//
//	meta (1), user meta (1), length of key, of value, expiry (3 uvarints), key, value, CRC-32C (4, big endian)
//
// Meta 64 marks an entry of a transaction, whose key ends with the inverted number (8, big
// endian); meta 128 its end, whose value is the number in decimal digits.
const (
	memHeader     = 20
	memTxn        = 64
	memTxnEnd     = 128
	memMaxKey     = 1 << 16
	memMaxEntry   = 1 << 30
	memSuffix     = ".mem"
	memNumberSize = 8
)

// findHole returns the logs of a folder that stand after a hole.
func findHole(dir string) (after []string, err error) {
	files, err := memFiles(dir)
	if err != nil || len(files) < 2 {
		return nil, err
	}
	last := uint64(0) // number of the last whole transaction
	for i, f := range files {
		first, end, err := readMem(f)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", f, err)
		}
		if first == 0 {
			continue // nothing whole is in it
		}
		if last > 0 && first != last+1 {
			return files[i:], nil
		}
		last = end
	}
	return nil, nil
}

// memFiles returns the logs of a folder in their order.
func memFiles(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*"+memSuffix))
	if err != nil {
		return nil, err
	}
	number := func(f string) int {
		n, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(f), memSuffix))
		if err != nil {
			return math.MaxInt // Badger refuses it in its own words
		}
		return n
	}
	slices.SortFunc(files, func(a, b string) int { return number(a) - number(b) })
	return files, nil
}

func readMem(file string) (first, last uint64, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	return scanMem(f)
}

// scanMem returns the numbers of the first and the last of the whole transactions that a log
// begins with, or 0 if there are none.
func scanMem(in io.Reader) (first, last uint64, err error) {
	r := bufio.NewReaderSize(in, 1<<16)
	if _, err := r.Discard(memHeader); err != nil {
		return 0, 0, endOfMem(err)
	}
	var buf []byte
	open := uint64(0) // number of the transaction that is being read
	for {
		var meta byte
		var number uint64
		meta, number, buf, err = readMemEntry(r, buf)
		if err != nil {
			return first, last, endOfMem(err)
		}
		switch {
		case meta&memTxn != 0 && (open == 0 || open == number):
			open = number
		case meta&memTxnEnd != 0 && number == open:
			if first == 0 {
				first = number
			}
			last, open = number, 0
		default:
			return first, last, nil
		}
	}
}

var errMemEnd = errors.New("the log ends here")

func endOfMem(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errMemEnd) {
		return nil
	}
	return err
}

// readMemEntry reads an entry and returns the number of its transaction.
func readMemEntry(r *bufio.Reader, buf []byte) (meta byte, number uint64, _ []byte, err error) {
	head := make([]byte, 0, 2+3*binary.MaxVarintLen64)
	for range 2 {
		b, err := r.ReadByte()
		if err != nil {
			return 0, 0, buf, err
		}
		head = append(head, b)
	}
	var sizes [3]uint64
	for i := range sizes {
		if sizes[i], err = binary.ReadUvarint(r); err != nil {
			return 0, 0, buf, errMemEnd
		}
		head = binary.AppendUvarint(head, sizes[i])
	}
	key, value := sizes[0], sizes[1]
	if key == 0 || key > memMaxKey || value > memMaxEntry {
		return 0, 0, buf, errMemEnd
	}
	n := int(key+value) + crc32.Size
	buf = slices.Grow(buf[:0], n)[:n]
	if _, err := io.ReadFull(r, buf); err != nil {
		return 0, 0, buf, err
	}
	body := buf[:n-crc32.Size]
	sum := crc32.Update(crc32.Checksum(head, castagnoli), castagnoli, body)
	if binary.BigEndian.Uint32(buf[len(body):]) != sum {
		return 0, 0, buf, errMemEnd
	}
	if head[0]&memTxnEnd != 0 {
		number, err = strconv.ParseUint(string(body[key:]), 10, 64)
	} else if key >= memNumberSize {
		number = math.MaxUint64 - binary.BigEndian.Uint64(body[key-memNumberSize:])
	}
	if err != nil {
		err = errMemEnd
	}
	return head[0], number, buf, err
}

// closeHole removes what stands after a hole.
func closeHole(dir string, o Options) error {
	after, err := findHole(dir)
	if err != nil || len(after) == 0 {
		return err
	}
	if o.ReadOnly {
		return fmt.Errorf("open key-value folder %s: %w", dir, ErrUnclean)
	}
	slices.Reverse(after) // so that no new hole is left if this is cut short
	for _, f := range after {
		if err := os.Remove(f); err != nil {
			return fmt.Errorf("remove what stands after a hole: %w", err)
		}
	}
	if o.Warn != nil {
		o.Warn(fmt.Sprintf("%s: the last writes before it was stopped are not whole, %d of its logs are put away", dir, len(after)))
	}
	return nil
}
