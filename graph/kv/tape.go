package kv

import (
	"bytes"
	"slices"
	"sync"
)

// A Tape is a DB in memory that remembers the order of its writes. It is for tests of what
// stands on a DB: it can be cut as a power cut would, and broken. The zero Tape is empty.
type Tape struct {
	// Fail, if not nil, is called before each write, numbered from 1. If it returns an error,
	// nothing is written.
	Fail func(n int) error

	// Spoil, if not nil, changes a value before it is checked and given to who reads it.
	Spoil func(key, sealed []byte) []byte

	mu     sync.RWMutex
	writes [][]op
	calls  int
	values map[string][]byte
	keys   []string // sorted; nil if they are to be sorted anew
}

// Cut returns a tape of the first n writes.
func (t *Tape) Cut(n int) *Tape {
	t.mu.RLock()
	defer t.mu.RUnlock()
	out := &Tape{}
	for _, ops := range t.writes[:n] {
		out.apply(ops)
	}
	return out
}

// Len returns the number of writes.
func (t *Tape) Len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.writes)
}

// AllKeys returns all keys in order.
func (t *Tape) AllKeys() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.sorted())
}

func (t *Tape) sorted() []string {
	if t.keys == nil {
		t.keys = make([]string, 0, len(t.values))
		for k := range t.values {
			t.keys = append(t.keys, k)
		}
		slices.Sort(t.keys)
	}
	return t.keys
}

func (t *Tape) apply(ops []op) {
	if t.values == nil {
		t.values = make(map[string][]byte)
	}
	for _, o := range ops {
		if o.value == nil {
			delete(t.values, string(o.key))
		} else {
			t.values[string(o.key)] = o.value
		}
	}
	t.keys = nil
	t.writes = append(t.writes, ops)
}

func (t *Tape) open(key string, sealed []byte) ([]byte, error) {
	if t.Spoil != nil {
		sealed = t.Spoil([]byte(key), bytes.Clone(sealed))
	}
	return open([]byte(key), sealed)
}

// Get implements DB.
func (t *Tape) Get(key []byte, f func([]byte) error) error {
	t.mu.RLock()
	sealed, ok := t.values[string(key)]
	t.mu.RUnlock()
	if !ok {
		return ErrNotFound
	}
	value, err := t.open(string(key), sealed)
	if err != nil {
		return err
	}
	return f(value)
}

// Scan implements DB.
func (t *Tape) Scan(low, high []byte, f func(key, value []byte) error) error {
	t.mu.Lock()
	keys := t.sorted()
	i, _ := slices.BinarySearch(keys, string(low))
	t.mu.Unlock()
	for _, k := range keys[i:] {
		if high != nil && k >= string(high) {
			return nil
		}
		t.mu.RLock()
		sealed, ok := t.values[k]
		t.mu.RUnlock()
		if !ok {
			continue
		}
		value, err := t.open(k, sealed)
		if err != nil {
			return err
		}
		if err := f([]byte(k), value); err != nil {
			return err
		}
	}
	return nil
}

// Keys implements DB.
func (t *Tape) Keys(low, high []byte, f func(key []byte) error) error {
	for _, k := range t.AllKeys() {
		if k < string(low) || high != nil && k >= string(high) {
			continue
		}
		if err := f([]byte(k)); err != nil {
			return err
		}
	}
	return nil
}

// Write implements DB.
func (t *Tape) Write(b *Batch) error {
	if err := b.check(); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls++
	if t.Fail != nil {
		if err := t.Fail(t.calls); err != nil {
			return err
		}
	}
	t.apply(slices.Clone(b.ops))
	return nil
}

// Bulk implements DB. Each value is a write of its own.
func (t *Tape) Bulk(int64) (Bulk, error) { return tapeBulk{t}, nil }

type tapeBulk struct{ t *Tape }

func (b tapeBulk) Set(stream int, key, value []byte) error {
	var batch Batch
	batch.Set(key, value)
	return b.t.Write(&batch)
}

func (b tapeBulk) Close() error { return nil }
func (b tapeBulk) Cancel()      {}

// Sync implements DB.
func (t *Tape) Sync() error { return nil }

// Size implements DB.
func (t *Tape) Size() (n int64) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for k, v := range t.values {
		n += int64(len(k) + len(v))
	}
	return n
}

// Close implements DB. The tape can be used on.
func (t *Tape) Close() error { return nil }
