package kv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"mocban/graph/disk"
)

// VolumeSuffix is what the names of volumes end with.
const VolumeSuffix = ".val"

// Values that are large and do not live long are kept apart from Badger's tables, in volumes:
// what is overwritten in tables takes space until compactions come to it by chance, while of a
// volume it is known how many of its bytes are in use. One of which none are is removed, and
// what is in use in those of which many are not is moved.
//
// A volume is a file, not changed but for what is added to its end:
//
//	+-------------------+-------------------------+-----+-------+----------------------+-----+
//	| mocban values 1\n | length of key, of value | key | value | CRC-32C of the entry | ... |
//	| once              | 2 bytes, 4 bytes        |     |       | 4 bytes              |     |
//	+-------------------+-------------------------+-----+-------+----------------------+-----+
//
// Badger keeps the place of a value under its key: number of the volume (4), offset (8), length
// of the entry (4), little endian, marked by its user meta. A place is written once the volume
// is synced, and a volume is removed once it is synced that there is no place in it any more.
// So what Badger knows after a crash is there, and it is a prefix of what was written.
const (
	volumeHead  = "mocban values 1\n"
	entryHead   = 6
	placeBytes  = 16
	placeMeta   = 1       // the user meta of a place
	leastApart  = 1 << 8  // bytes of a value that is kept apart
	leastVolume = 4 << 20 // bytes, from which on another volume is begun
	leastDead   = 1 << 20 // bytes not in use, from which on others are moved
	mostVolume  = 1 << 28
	volumesKept = 24 // about as many there are
	deadPart    = 24 // of the bytes in use, that may be not in use in volumes
)

// A place is where a value is.
type place struct {
	volume uint32
	at     int64
	size   int64 // of the entry
}

func (p place) encode() []byte {
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, placeBytes), p.volume)
	b = binary.LittleEndian.AppendUint64(b, uint64(p.at))
	return binary.LittleEndian.AppendUint32(b, uint32(p.size))
}

// parsePlace reads what encode wrote.
func parsePlace(key, b []byte) (p place, err error) {
	if len(b) != placeBytes {
		return p, &DamageError{append([]byte(nil), key...), fmt.Sprintf("its place has %d bytes", len(b))}
	}
	p = place{binary.LittleEndian.Uint32(b), int64(binary.LittleEndian.Uint64(b[4:])), int64(binary.LittleEndian.Uint32(b[12:]))}
	if least := int64(entryHead + len(key) + checksumBytes); p.size < least || p.size > least+MaxValue || p.at < 0 {
		return p, &DamageError{append([]byte(nil), key...), "its place is none"}
	}
	return p, nil
}

// appendEntry appends the entry of a value.
func appendEntry(b, key, value []byte) []byte {
	from := len(b)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(key)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
	b = append(append(b, key...), value...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[from:], castagnoli))
}

var errEntry = errors.New("it is not the value that was written")

// entrySize returns how many bytes an entry has that begins so.
func entrySize(head []byte) int {
	return entryHead + int(binary.LittleEndian.Uint16(head)) + int(binary.LittleEndian.Uint32(head[2:])) + checksumBytes
}

// parseEntry returns the key and the value of a whole entry.
func parseEntry(b []byte) (key, value []byte, err error) {
	if len(b) < entryHead+checksumBytes {
		return nil, nil, errEntry
	}
	n := int(binary.LittleEndian.Uint16(b))
	body := b[:len(b)-checksumBytes]
	if entrySize(b) != len(b) || binary.LittleEndian.Uint32(b[len(body):]) != crc32.Checksum(body, castagnoli) {
		return nil, nil, errEntry
	}
	return body[entryHead : entryHead+n], body[entryHead+n : len(body) : len(body)], nil
}

// volumes are those of a folder.
type volumes struct {
	dir   string
	apart string // first bytes of the keys whose values are kept apart
	least int64  // bytes of a volume
	sync  bool

	mu    sync.RWMutex // held for moments: who reads a value waits for it
	files map[uint32]*os.File
	sizes map[uint32]int64
	bulks map[uint32]bool // those that a large write has begun, until it ends
	next  uint32
	again bool // what is in use must be counted anew

	write sync.Mutex       // held by who changes places; taken before mu
	live  map[uint32]int64 // bytes in use, once they were counted
	open  *volume          // that is written to
	stuck map[uint32]bool  // those of which something cannot be moved
}

// errGone tells that a volume is not there.
var errGone = errors.New("its volume is missing")

func volumeName(n uint32) string { return fmt.Sprintf("%06d%s", n, VolumeSuffix) }

// openVolumes opens the volumes of a folder, so that reading needs no descriptors later.
func openVolumes(dir string, o Options) (*volumes, error) {
	v := &volumes{dir: dir, apart: o.Apart, least: leastVolume, sync: !o.NoSync, next: 1, again: true,
		files: make(map[uint32]*os.File), sizes: make(map[uint32]int64), bulks: make(map[uint32]bool), stuck: make(map[uint32]bool)}
	if o.volume > 0 {
		v.least = o.volume
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"+VolumeSuffix))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		n, err := strconv.ParseUint(strings.TrimSuffix(filepath.Base(name), VolumeSuffix), 10, 32)
		if err != nil {
			v.close()
			return nil, fmt.Errorf("%s is no volume", name)
		}
		f, err := os.Open(name)
		if err != nil {
			v.close()
			return nil, err
		}
		v.files[uint32(n)] = f
		info, err := f.Stat()
		if err != nil {
			v.close()
			return nil, err
		}
		v.sizes[uint32(n)] = info.Size()
		v.next = max(v.next, uint32(n)+1)
	}
	return v, nil
}

// keeps tells whether a value is kept apart.
func (v *volumes) keeps(key, value []byte) bool {
	return len(value) >= leastApart && v.concerns(key)
}

// concerns tells whether the value of a key may be kept apart.
func (v *volumes) concerns(key []byte) bool {
	return v.apart != "" && strings.IndexByte(v.apart, key[0]) >= 0
}

var entryBuffers = sync.Pool{New: func() any { return new([]byte) }}

// read calls f with the value at a place.
func (v *volumes) read(p place, key []byte, f func(value []byte) error) error {
	buf := entryBuffers.Get().(*[]byte)
	defer entryBuffers.Put(buf)
	*buf = slices.Grow((*buf)[:0], int(p.size))
	b := (*buf)[:p.size]
	if err := v.readAt(b, p); err != nil {
		return err
	}
	k, value, err := parseEntry(b)
	if err == nil && string(k) != string(key) {
		err = errEntry
	}
	if err != nil {
		return &DamageError{append([]byte(nil), key...), fmt.Sprintf("%v (%s, bytes %d to %d)", err, volumeName(p.volume), p.at, p.at+p.size-1)}
	}
	return f(value)
}

// readAt fills b from a place.
func (v *volumes) readAt(b []byte, p place) error {
	v.mu.RLock()
	f := v.files[p.volume]
	v.mu.RUnlock()
	if f == nil {
		return errGone
	}
	_, err := f.ReadAt(b, p.at) // which keeps it open
	if errors.Is(err, io.EOF) || errors.Is(err, os.ErrClosed) {
		err = errGone // what was there is cut off, or was removed just now
	}
	return err
}

// A volume is one that is written to, by one goroutine.
type volume struct {
	v      *volumes
	number uint32
	file   *os.File
	size   int64  // with what is in buf
	most   int64  // bytes
	buf    []byte // not written yet
	loose  bool   // something is not synced
}

// create begins a volume.
func (v *volumes) create(most int64) (*volume, error) {
	v.mu.Lock()
	n := v.next
	v.next++
	v.mu.Unlock()
	f, err := os.OpenFile(filepath.Join(v.dir, volumeName(n)), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	o := &volume{v: v, number: n, file: f, size: int64(len(volumeHead)), most: most, buf: []byte(volumeHead)}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.files[n], v.sizes[n] = f, o.size
	return o, nil
}

// volumeBytes returns how many bytes a volume takes where all have so many.
func (v *volumes) volumeBytes(all int64) int64 {
	return min(max(all/volumesKept, v.least), mostVolume)
}

const volumeBuffer = 256 << 10

// add adds a value. Who is to read it must wait until it is flushed.
func (o *volume) add(key, value []byte) (p place, err error) {
	p = place{volume: o.number, at: o.size}
	n := len(o.buf)
	o.buf = appendEntry(o.buf, key, value)
	p.size = int64(len(o.buf) - n)
	o.size += p.size
	o.loose = true
	if len(o.buf) >= volumeBuffer {
		err = o.flush()
	}
	return p, err
}

func (o *volume) flush() error {
	if _, err := o.file.WriteAt(o.buf, o.size-int64(len(o.buf))); err != nil {
		return fmt.Errorf("write %s: %w", volumeName(o.number), err)
	}
	o.buf = o.buf[:0]
	o.v.mu.Lock()
	o.v.sizes[o.number] = o.size
	o.v.mu.Unlock()
	return nil
}

// settle makes what was added survive a power cut.
func (o *volume) settle() error {
	if !o.loose {
		return nil
	}
	err := o.flush()
	if err == nil && o.v.sync {
		err = o.file.Sync()
	}
	o.loose = err != nil
	return err
}

// syncFolder makes the names of files survive a power cut.
func (v *volumes) syncFolder() error {
	if !v.sync {
		return nil
	}
	return disk.SyncFolder(v.dir)
}

// remove removes volumes of which nothing is in use.
func (v *volumes) remove(numbers []uint32) error {
	for _, n := range numbers {
		v.mu.Lock()
		f := v.files[n]
		delete(v.files, n)
		delete(v.sizes, n)
		v.mu.Unlock()
		if f != nil {
			f.Close() // once who reads it is done
		}
		if err := os.Remove(filepath.Join(v.dir, volumeName(n))); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// bytes returns how many bytes all volumes have.
func (v *volumes) bytes() (n int64) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	for _, size := range v.sizes {
		n += size
	}
	return n
}

func (v *volumes) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for n, f := range v.files {
		f.Close()
		delete(v.files, n)
	}
	v.open = nil
}
