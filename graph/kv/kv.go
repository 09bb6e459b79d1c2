// Package kv keeps values under keys, in key order. It is the one door to Badger.
//
// Badger is an impression here, not the master: the change log of graph/log can make it
// anew. So writes are not synced one by one. After a crash the newest of them may be
// missing, but what is there is a prefix of what was written, batch by batch.
//
// Every value is kept with a checksum over its key and itself:
//
//	+-------------+--------------------------+
//	| value       | CRC-32C of key and value |
//	| n bytes     | 4 bytes, little endian   |
//	+-------------+--------------------------+
//
// A value that does not carry its own checksum is an error that names the key, never an
// answer. Values stay inline in Badger's tables, or in volumes of our own where Options say so
// (volume.go); Badger's value log, which gives back empty values where it is damaged, is never
// used, so a value is at most [MaxValue] bytes.
package kv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// MaxValue is the largest value in bytes. Who has more cuts it in pieces.
const MaxValue = 512<<10 - checksumBytes

// MaxKey is the longest key in bytes.
const MaxKey = 1024

// MaxBatch is how many bytes of keys and values one batch should hold at most, so that it is
// well below Badger's limit of a transaction.
const MaxBatch = 512 << 10

const checksumBytes = 4

// ErrNotFound tells that there is no value under a key.
var ErrNotFound = errors.New("no such key")

// A DamageError tells that what stands under a key is not what was written.
type DamageError struct {
	Key    []byte
	Detail string
}

func (e *DamageError) Error() string {
	return fmt.Sprintf("value of key %q is damaged: %s", e.Key, e.Detail)
}

// A DB keeps values under keys. Any number of goroutines may use it.
type DB interface {
	// Get calls f with the value of a key, or returns ErrNotFound. The value is f's only
	// until f returns.
	Get(key []byte, f func(value []byte) error) error

	// Scan calls f with each key from low to before high, in order, until f returns an
	// error. Key and value are f's only until f returns.
	Scan(low, high []byte, f func(key, value []byte) error) error

	// Keys calls f with each key from low to before high, in order, until f returns an error.
	// Values are not read, so that those can be deleted which are damaged.
	Keys(low, high []byte, f func(key []byte) error) error

	// Write does what the batch says, all or nothing.
	Write(b *Batch) error

	// Bulk starts a large write of about so many bytes. It is not atomic: after a crash any
	// part may be there.
	Bulk(bytes int64) (Bulk, error)

	// Sync makes what was written survive a power cut.
	Sync() error

	// Size returns the bytes on disk.
	Size() int64

	Close() error
}

// A Bulk is a large write. The keys may come in any order, but each only once and in the
// order of keys within one stream, and none that the DB holds. They can be read after Close.
type Bulk interface {
	// Set writes a value to a stream. Streams are numbered from 0; each is used by one
	// goroutine at a time.
	Set(stream int, key, value []byte) error

	// Close ends the write. Cancel gives up; what was written may stay behind.
	Close() error
	Cancel()
}

// A Batch collects what is to be written at once. The zero Batch is empty.
type Batch struct {
	ops  []op
	size int
}

type op struct {
	key, value []byte // a sealed value; nil to delete
	meta       byte   // of Badger
}

// Set puts a value under a key. Both are copied.
func (b *Batch) Set(key, value []byte) {
	k := append([]byte(nil), key...)
	b.ops = append(b.ops, op{key: k, value: seal(k, value)})
	b.size += len(key) + len(value)
}

// Delete removes what is under a key, if anything.
func (b *Batch) Delete(key []byte) {
	b.ops = append(b.ops, op{key: append([]byte(nil), key...)})
	b.size += len(key) + 16
}

// Size returns about how many bytes the batch holds, and Len how many steps.
func (b *Batch) Size() int { return b.size }
func (b *Batch) Len() int  { return len(b.ops) }

// Full tells whether the batch should be written before more is added.
func (b *Batch) Full() bool { return b.size >= MaxBatch || len(b.ops) >= 10_000 }

// Reset empties the batch.
func (b *Batch) Reset() { b.ops, b.size = nil, 0 }

func (b *Batch) check() error {
	for _, o := range b.ops {
		if err := checkSizes(o.key, len(o.value)-checksumBytes); err != nil {
			return err
		}
	}
	return nil
}

func checkSizes(key []byte, valueBytes int) error {
	switch {
	case len(key) == 0 || len(key) > MaxKey:
		return fmt.Errorf("a key of %d bytes; 1 to %d are allowed", len(key), MaxKey)
	case valueBytes > MaxValue:
		return fmt.Errorf("a value of %d bytes under key %q; at most %d are allowed", valueBytes, key, MaxValue)
	}
	return nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
}

// seal returns a value with its checksum.
func seal(key, value []byte) []byte {
	b := make([]byte, len(value)+checksumBytes)
	copy(b, value)
	binary.LittleEndian.PutUint32(b[len(value):], checksum(key, value))
	return b
}

// open returns the value of what seal made.
func open(key, sealed []byte) ([]byte, error) {
	n := len(sealed) - checksumBytes
	if n < 0 {
		return nil, &DamageError{append([]byte(nil), key...), fmt.Sprintf("it has %d bytes", len(sealed))}
	}
	if want := binary.LittleEndian.Uint32(sealed[n:]); want != checksum(key, sealed[:n]) {
		return nil, &DamageError{append([]byte(nil), key...), "the checksum is wrong"}
	}
	return sealed[:n:n], nil
}
