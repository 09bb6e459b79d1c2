package kv

import (
	"sync"
	"sync/atomic"
)

// A Cache keeps what was made of values that were read, up to a number of bytes. What was
// not asked for lately goes first. Any number of goroutines may use it.
type Cache[T any] struct {
	shards [cacheShards]shard[T]
	turn   atomic.Uint32 // of the shards
	missed atomic.Uint64
}

// A Slot is where a cache keeps one value, or none, which the zero Slot does. Whoever knows which
// values there are holds a slot for each, so that asking takes one step and no lock. It is of
// one cache, and must not be copied.
type Slot[T any] struct {
	kept atomic.Pointer[entry[T]]
}

const cacheShards = 16

// A shard is a clock: a ring of entries, of which the hand drops the first one that was not
// asked for since it last came by.
type shard[T any] struct {
	mu      sync.Mutex
	hand    *entry[T]
	max, in int64 // bytes
}

type entry[T any] struct {
	value      T
	asked      atomic.Bool
	slot       *Slot[T]
	shard      *shard[T]
	bytes      int64
	next, prev *entry[T] // nil once it was dropped
}

// NewCache returns a cache of about so many bytes.
func NewCache[T any](maxBytes int64) *Cache[T] {
	c := new(Cache[T])
	for i := range c.shards {
		c.shards[i].max = maxBytes / cacheShards
	}
	return c
}

// Get returns what is kept in a slot.
func (c *Cache[T]) Get(slot *Slot[T]) (value T, ok bool) {
	e := slot.kept.Load()
	if e == nil {
		c.missed.Add(1)
		return value, false
	}
	if !e.asked.Load() {
		e.asked.Store(true)
	}
	return e.value, true
}

// Peek is Get, but that it does not count as being asked for.
func (c *Cache[T]) Peek(slot *Slot[T]) (value T, ok bool) {
	if e := slot.kept.Load(); e != nil {
		return e.value, true
	}
	return value, false
}

// Has tells whether something is kept in a slot, without asking for it.
func (c *Cache[T]) Has(slot *Slot[T]) bool { return slot.kept.Load() != nil }

// Missed returns how often something was asked for that was not there.
func (c *Cache[T]) Missed() uint64 { return c.missed.Load() }

// Bytes returns how many bytes it takes now.
func (c *Cache[T]) Bytes() (n int64) {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		n += s.in
		s.mu.Unlock()
	}
	return n
}

// Roomy tells whether nothing has to go soon for what is put next.
func (c *Cache[T]) Roomy() bool {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		full := s.in >= s.max-s.max/roomPart
		s.mu.Unlock()
		if full {
			return false
		}
	}
	return true
}

// roomPart is the part of a shard that is free as long as there is room.
const roomPart = 16

// entryBytes is what an entry takes besides its value.
const entryBytes = 100

// Put keeps a value of so many bytes in a slot.
func (c *Cache[T]) Put(slot *Slot[T], value T, bytes int) {
	s := &c.shards[c.turn.Add(1)%cacheShards]
	e := &entry[T]{value: value, slot: slot, shard: s, bytes: int64(bytes) + entryBytes}
	if e.bytes > s.max {
		c.Drop(slot)
		return
	}
	s.mu.Lock()
	for s.in+e.bytes > s.max {
		s.advance()
	}
	s.in += e.bytes
	if s.hand == nil {
		e.next, e.prev = e, e
		s.hand = e
	} else {
		e.next, e.prev = s.hand, s.hand.prev
		e.prev.next, e.next.prev = e, e
	}
	old := slot.kept.Swap(e)
	s.mu.Unlock()
	old.drop()
}

// advance moves the hand on by one entry.
func (s *shard[T]) advance() {
	e := s.hand
	if e.asked.Load() {
		e.asked.Store(false)
		s.hand = e.next
		return
	}
	s.drop(e)
}

// drop takes an entry out of the ring, and out of its slot unless another one is there. The
// caller holds the lock.
func (s *shard[T]) drop(e *entry[T]) {
	e.slot.kept.CompareAndSwap(e, nil)
	s.in -= e.bytes
	if e.next == e {
		s.hand = nil
	} else {
		e.prev.next, e.next.prev = e.next, e.prev
		if s.hand == e {
			s.hand = e.next
		}
	}
	e.next, e.prev = nil, nil
}

// drop drops an entry, unless that was done already. It may be nil.
func (e *entry[T]) drop() {
	if e == nil {
		return
	}
	e.shard.mu.Lock()
	defer e.shard.mu.Unlock()
	if e.next != nil {
		e.shard.drop(e)
	}
}

// Drop forgets what is in a slot.
func (c *Cache[T]) Drop(slot *Slot[T]) { slot.kept.Load().drop() }
