package kv

import (
	"sync"
	"sync/atomic"
)

// A Cache keeps what was made of values that were read, up to a number of bytes. What was
// not asked for lately goes first. Any number of goroutines may use it.
type Cache[T any] struct {
	shards [cacheShards]shard[T]
	missed atomic.Uint64
}

const cacheShards = 16

// A shard is a clock: a ring of entries, of which the hand drops the first one that was not
// asked for since it last came by.
type shard[T any] struct {
	mu      sync.RWMutex
	byID    map[uint64]*entry[T]
	hand    *entry[T]
	max, in int64 // bytes
}

type entry[T any] struct {
	id         uint64
	value      T
	bytes      int64
	asked      atomic.Bool
	next, prev *entry[T]
}

// NewCache returns a cache of about so many bytes.
func NewCache[T any](maxBytes int64) *Cache[T] {
	c := new(Cache[T])
	for i := range c.shards {
		c.shards[i].max = maxBytes / cacheShards
		c.shards[i].byID = make(map[uint64]*entry[T])
	}
	return c
}

func (c *Cache[T]) shard(id uint64) *shard[T] {
	return &c.shards[id*0x9e3779b97f4a7c15>>60]
}

// Get returns what is kept under an ID.
func (c *Cache[T]) Get(id uint64) (value T, ok bool) {
	s := c.shard(id)
	s.mu.RLock()
	e, ok := s.byID[id]
	s.mu.RUnlock()
	if !ok {
		c.missed.Add(1)
		return value, false
	}
	if !e.asked.Load() {
		e.asked.Store(true)
	}
	return e.value, true
}

// entryBytes is what an entry takes besides its value.
const entryBytes = 100

// Put keeps a value of so many bytes under an ID.
func (c *Cache[T]) Put(id uint64, value T, bytes int) {
	s := c.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	size := int64(bytes) + entryBytes
	if old, ok := s.byID[id]; ok {
		s.drop(old)
	}
	if size > s.max {
		return
	}
	for s.in+size > s.max {
		s.advance()
	}
	e := &entry[T]{id: id, value: value, bytes: size}
	s.byID[id] = e
	s.in += size
	if s.hand == nil {
		e.next, e.prev = e, e
		s.hand = e
		return
	}
	e.next, e.prev = s.hand, s.hand.prev
	e.prev.next, e.next.prev = e, e
}

// Missed returns how often something was asked for that was not there.
func (c *Cache[T]) Missed() uint64 { return c.missed.Load() }

// Has tells whether something is kept under an ID, without asking for it.
func (c *Cache[T]) Has(id uint64) bool {
	s := c.shard(id)
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, ok := s.byID[id]
	return ok
}

// Roomy tells whether nothing has to go soon for what is put next.
func (c *Cache[T]) Roomy() bool {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.RLock()
		full := s.in >= s.max-s.max/roomPart
		s.mu.RUnlock()
		if full {
			return false
		}
	}
	return true
}

// roomPart is the part of a shard that is free as long as there is room.
const roomPart = 16

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

func (s *shard[T]) drop(e *entry[T]) {
	delete(s.byID, e.id)
	s.in -= e.bytes
	if e.next == e {
		s.hand = nil
		return
	}
	e.prev.next, e.next.prev = e.next, e.prev
	if s.hand == e {
		s.hand = e.next
	}
}

// Drop forgets an ID.
func (c *Cache[T]) Drop(id uint64) {
	s := c.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.byID[id]; ok {
		s.drop(e)
	}
}
