// Package dict keeps which ID stands for which term.
//
// Inlined values need no dictionary ([graph.Inline]). Terms that come in bulk are numbered
// in the order of [graph.Compare] within their class and kept as a run of sorted pages:
// front-coded, compressed, found by a directory in memory that holds for each page the
// shortest text that tells it from the page before. The first run of a class has numbers
// without [graph.LateBit], so that its IDs keep the order of terms. Terms that come one by
// one, and later runs, have numbers with it, from one sequence for all classes.
//
// Everything is kept as values of graph/kv:
//
//	p run(4) page(4)    a sorted page
//	q run(4) part(4)    a part of the directory of a run
//	l number/32 (8)     a late page: the terms of 32 numbers
//	h hash(8)           the IDs of late terms of one hash, 8 bytes each
//
// and, being too large for one value, in parts under the key and the number of the part (2).
// Numbers in keys are big endian. What the dictionary holds is said by its [Meta]; pages
// that no Meta tells of are the rest of something that was cut short.
package dict

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/zeebo/xxh3"

	"mocban/graph"
	"mocban/graph/kv"
)

const (
	pageKey  = 'p'
	partKey  = 'q'
	lateKey  = 'l'
	hashKey  = 'h'
	slots    = 32  // numbers on a late page
	maxTerms = 128 // on a sorted page
	pageText = 8 << 10
	maxSep   = 64 // bytes of a page's key in the directory
)

// A Dict is an open dictionary. Any number of goroutines may read it while one adds to it.
type Dict struct {
	db    kv.DB
	now   atomic.Pointer[state]
	pages *kv.Cache[*page]
	lates lateSlots
	terms termCache
	late  filter // of the hashes of late terms

	pending pending
}

// A state says which terms there are. It is not changed.
type state struct {
	meta    Meta
	byClass [16][]*run // ascending
	tail    []lateTerm // the terms of the last late page, which is not full
}

type lateTerm struct {
	class graph.Class
	key   string
}

// Meta says what a dictionary holds.
type Meta struct {
	Late uint64 // the next number of a late term
	Runs []RunMeta
}

// RunMeta describes a run of sorted pages. Runs are numbered as they stand.
type RunMeta struct {
	Class graph.Class
	First uint64 // payload of the ID of the first term
	Terms uint64
	Pages uint32
	Parts uint32 // of the directory
}

// A run is a run of sorted pages with its directory.
type run struct {
	RunMeta
	number uint32
	firsts []uint64 // the number of each page's first term, from 0
	seps   string
	ends   []uint32

	// Once the run is whole.
	near  []uint32         // the pages of terms, nearEach apart
	slots []kv.Slot[*page] // of the cache
}

// nearEach is how many terms lie between two of which the page is noted: about as many as a page has.
const nearEach = 64

// complete makes the run ready to be read.
func (r *run) complete() {
	r.slots = make([]kv.Slot[*page], len(r.firsts))
	r.near = make([]uint32, 0, r.Terms/nearEach+1)
	for i := range r.firsts {
		end := r.Terms
		if i+1 < len(r.firsts) {
			end = r.firsts[i+1]
		}
		for uint64(len(r.near))*nearEach < end {
			r.near = append(r.near, uint32(i))
		}
	}
}

// pageOf returns the page of a term, by its number.
func (r *run) pageOf(n uint64) int {
	i := int(r.near[n/nearEach])
	for i+1 < len(r.firsts) && r.firsts[i+1] <= n {
		i++
	}
	return i
}

// lateSlots are the slots of late pages, by their numbers.
type lateSlots struct {
	mu     sync.Mutex // for who adds
	chunks atomic.Pointer[[]*[lateChunk]kv.Slot[*page]]
}

const lateChunk = 1024

func (l *lateSlots) at(n uint64) *kv.Slot[*page] {
	for {
		if p := l.chunks.Load(); p != nil && n/lateChunk < uint64(len(*p)) {
			return &(*p)[n/lateChunk][n%lateChunk]
		}
		l.grow(n / lateChunk)
	}
}

// grow makes chunks up to one.
func (l *lateSlots) grow(chunk uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var chunks []*[lateChunk]kv.Slot[*page]
	if p := l.chunks.Load(); p != nil {
		chunks = *p
	}
	chunks = slices.Clone(chunks)
	for uint64(len(chunks)) <= chunk {
		chunks = append(chunks, new([lateChunk]kv.Slot[*page]))
	}
	l.chunks.Store(&chunks)
}

func (r *run) sep(i int) string {
	start := uint32(0)
	if i > 0 {
		start = r.ends[i-1]
	}
	return r.seps[start:r.ends[i]]
}

// Open opens the dictionary that meta tells of, with about so many bytes for hot pages.
func Open(db kv.DB, meta Meta, cacheBytes int64) (*Dict, error) {
	d := &Dict{db: db, pages: kv.NewCache[*page](cacheBytes)}
	s := &state{meta: meta}
	for i, m := range meta.Runs {
		r, err := d.openRun(uint32(i), m)
		if err != nil {
			return nil, fmt.Errorf("open run %d of the dictionary: %w", i, err)
		}
		s.add(r)
	}
	if n := meta.Late % slots; n > 0 {
		p, err := d.readLate(meta.Late / slots)
		if err != nil {
			return nil, fmt.Errorf("open the dictionary: %w", err)
		}
		for i := range min(int(n), p.len()) {
			s.tail = append(s.tail, lateTerm{p.classes[i], p.key(i)})
		}
	}
	d.now.Store(s)
	d.late.full.Store(meta.Late == 0)
	return d, nil
}

func (s *state) add(r *run) {
	runs := append(slices.Clone(s.byClass[r.Class]), r)
	slices.SortFunc(runs, func(a, b *run) int { return int(min(max(int64(a.First-b.First), -1), 1)) })
	s.byClass[r.Class] = runs
}

func (d *Dict) openRun(number uint32, m RunMeta) (*run, error) {
	r := &run{RunMeta: m, number: number}
	var seps strings.Builder
	terms := uint64(0)
	for part := range m.Parts {
		b, err := get(d.db, appendRunKey(nil, partKey, number, part))
		if err != nil {
			return nil, err
		}
		p := &pageReader{b, true}
		for len(p.b) > 0 {
			n, size := p.varint(), p.varint()
			seps.Write(p.take(size))
			r.firsts = append(r.firsts, terms)
			r.ends = append(r.ends, uint32(seps.Len()))
			terms += uint64(n)
		}
		if !p.ok {
			return nil, errPage
		}
	}
	r.seps = seps.String()
	if terms != m.Terms || len(r.firsts) != int(m.Pages) {
		return nil, fmt.Errorf("its directory tells of %d terms on %d pages, not of %d on %d", terms, len(r.firsts), m.Terms, m.Pages)
	}
	r.complete()
	return r, nil
}

func appendRunKey(b []byte, kind byte, run, n uint32) []byte {
	b = append(b, kind)
	b = binary.BigEndian.AppendUint32(b, run)
	return binary.BigEndian.AppendUint32(b, n)
}

func numberKey(kind byte, n uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{kind}, n)
}

// Meta returns what the dictionary holds.
func (d *Dict) Meta() Meta { return d.now.Load().meta }

// IDs sets ids[i] to the ID of terms[i], or to None if there is none.
func (d *Dict) IDs(ctx context.Context, terms []graph.Term, ids []graph.ID) (err error) {
	for i, t := range terms {
		if i%256 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if ids[i], err = d.ID(t); err != nil {
			return err
		}
	}
	return nil
}

// ID returns the ID of a term, or None if there is none.
func (d *Dict) ID(t graph.Term) (graph.ID, error) {
	if t.IsZero() {
		return graph.DefaultGraph, nil
	}
	if id, ok := graph.Inline(t); ok {
		return id, nil
	}
	var buf [128]byte
	c, key := graph.ClassOf(t), keyOf(buf[:0], t)
	hash := hashOf(c, key)
	if id, ok := d.terms.get(hash, t); ok {
		return id, nil
	}
	id, _, err := d.find(c, key, hash)
	if err != nil {
		return graph.None, lookUpError(t, err)
	}
	if id != graph.None {
		d.terms.put(hash, t.Clone(), id)
	}
	return id, nil
}

func lookUpError(t graph.Term, err error) error {
	return fmt.Errorf("look up a term that begins with %.100q: %w", t.Value(), err)
}

// find returns the ID of a key, or None and the late IDs of its hash.
func (d *Dict) find(c graph.Class, key string, hash uint64) (id graph.ID, others []graph.ID, err error) {
	id, others = d.pending.find(c, key, hash)
	if id != graph.None {
		return id, nil, nil
	}
	s := d.now.Load()
	for _, r := range s.byClass[c] {
		n, ok, err := d.search(r, key)
		if err != nil {
			return graph.None, nil, err
		}
		if ok {
			return graph.NewID(c, r.First+n), nil, nil
		}
	}
	id, kept, err := d.findLate(s, c, key, hash)
	return id, append(kept, others...), err
}

// search looks for a key in a run.
func (d *Dict) search(r *run, key string) (n uint64, ok bool, err error) {
	i := sort.Search(len(r.firsts), func(i int) bool { return r.sep(i) > key }) - 1
	for ; i >= 0; i-- {
		p, err := d.sortedPage(r, uint32(i))
		if err != nil {
			return 0, false, err
		}
		k, found := p.search(key)
		if found {
			return r.firsts[i] + uint64(k), true, nil
		}
		if k > 0 || len(r.sep(i)) < maxSep {
			break
		}
		// The page begins after the key, and what the directory holds of its first key is
		// not enough to tell it from the page before.
	}
	return 0, false, nil
}

func hashOf(c graph.Class, key string) uint64 {
	return xxh3.HashStringSeed(key, uint64(c)) & hashMask
}

// hashMask is all ones, but in tests, where many terms are to share a hash.
var hashMask = ^uint64(0)

// Hash returns the hash of the key of a term: XXH3-64 with its class as the seed.
func Hash(c graph.Class, key []byte) uint64 { return xxh3.HashSeed(key, uint64(c)) }

func (d *Dict) findLate(s *state, c graph.Class, key string, hash uint64) (id graph.ID, others []graph.ID, err error) {
	if s.meta.Late == 0 || d.late.lacks(hash) {
		return graph.None, nil, nil
	}
	ids, err := d.bucket(hash)
	if err != nil {
		return graph.None, nil, err
	}
	for _, id := range ids {
		if id.Class() != c || id.Payload()&^graph.LateBit >= s.meta.Late {
			continue // given by something that was cut short
		}
		got, err := d.lateKey(s, id)
		if errors.Is(err, graph.ErrNotFound) {
			continue
		}
		if err != nil {
			return graph.None, nil, err
		}
		if got == key {
			return id, nil, nil
		}
	}
	return graph.None, ids, nil
}

// bucket returns the late IDs of a hash.
func (d *Dict) bucket(hash uint64) (ids []graph.ID, err error) {
	err = d.db.Get(numberKey(hashKey, hash), func(b []byte) error {
		for ; len(b) >= 8; b = b[8:] {
			ids = append(ids, graph.ID(binary.BigEndian.Uint64(b)))
		}
		return nil
	})
	if errors.Is(err, kv.ErrNotFound) {
		return nil, nil
	}
	return ids, err
}

// Terms sets terms[i] to the term of ids[i], and to the zero Term for None and DefaultGraph.
func (d *Dict) Terms(ctx context.Context, ids []graph.ID, terms []graph.Term) (err error) {
	var last pageSpot
	for i, id := range ids {
		if i%256 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if i > 0 && id == ids[i-1] {
			terms[i] = terms[i-1]
			continue
		}
		if key, ok := last.key(id); ok {
			terms[i], err = KeyTerm(last.class, key)
		} else {
			terms[i], err = d.term(id, &last)
		}
		if err != nil {
			return fmt.Errorf("term of ID %x: %w", uint64(id), err)
		}
	}
	return nil
}

// A pageSpot is a sorted page that a term was found on, and where. Terms that are asked for
// together are often near each other.
type pageSpot struct {
	page  *page
	class graph.Class
	first uint64 // payload of the ID of the first term

	number int    // of the key that was read last
	buf    []byte // the key
	at     int    // where the next one begins, 0 if none was read
}

// key returns the key of an ID if it is on the page.
func (s *pageSpot) key(id graph.ID) (string, bool) {
	n := id.Payload() - s.first // very large for one before
	if s.page == nil || id.Class() != s.class || n >= uint64(s.page.len()) {
		return "", false
	}
	return s.sorted(int(n)), true
}

// sorted returns a key of the page. From one to a later one it reads what lies between; else it
// begins at the last key before that is whole.
func (s *pageSpot) sorted(i int) string {
	if s.at == 0 || s.number > i || s.number < i/markKeys*markKeys {
		_, key, at := s.page.entry(int(s.page.marks[i/markKeys]))
		s.number, s.buf, s.at = i/markKeys*markKeys, append(s.buf[:0], key...), at
	}
	for ; s.number < i; s.number++ {
		shared, rest, next := s.page.entry(s.at)
		s.buf, s.at = append(s.buf[:shared], rest...), next
	}
	return string(s.buf)
}

// Term returns the term of an ID, and the zero Term for None and DefaultGraph.
func (d *Dict) Term(id graph.ID) (graph.Term, error) { return d.term(id, new(pageSpot)) }

func (d *Dict) term(id graph.ID, last *pageSpot) (graph.Term, error) {
	if id.Class() == graph.ClassSpecial {
		if id > graph.DefaultGraph {
			return graph.Term{}, graph.ErrNotFound
		}
		return graph.Term{}, nil
	}
	if t, ok := id.Term(); ok {
		return t, nil
	}
	key, err := d.key(d.now.Load(), id, last)
	if err != nil {
		return graph.Term{}, err
	}
	return KeyTerm(id.Class(), key)
}

// key returns the key of an ID, and notes the sorted page that it is on.
func (d *Dict) key(s *state, id graph.ID, last *pageSpot) (string, error) {
	n := id.Payload()
	runs := s.byClass[id.Class()]
	if i := sort.Search(len(runs), func(i int) bool { return runs[i].First > n }) - 1; i >= 0 && n-runs[i].First < runs[i].Terms {
		r := runs[i]
		n -= r.First
		at := r.pageOf(n)
		p, err := d.sortedPage(r, uint32(at))
		if err != nil {
			return "", err
		}
		if n -= r.firsts[at]; n >= uint64(p.len()) {
			return "", &graph.CorruptError{Place: fmt.Sprintf("dictionary run %d page %d", r.number, at), Detail: "terms are missing"}
		}
		last.page, last.class, last.first, last.at = p, id.Class(), id.Payload()-n, 0
		return last.sorted(int(n)), nil
	}
	return d.lateKey(s, id)
}

func (d *Dict) lateKey(s *state, id graph.ID) (string, error) {
	n := id.Payload() &^ graph.LateBit
	if !id.Late() {
		return "", graph.ErrNotFound
	}
	if n >= s.meta.Late {
		if key, ok := d.pending.key(id); ok {
			return key, nil
		}
		if now := d.now.Load(); now != s {
			return d.lateKey(now, id)
		}
		return "", graph.ErrNotFound
	}
	if n/slots == s.meta.Late/slots {
		if i := n % slots; i < uint64(len(s.tail)) && s.tail[i].class == id.Class() {
			return s.tail[i].key, nil
		}
		return "", graph.ErrNotFound
	}
	p, err := d.latePage(n / slots)
	if err != nil {
		return "", err
	}
	if i := int(n % slots); i < p.len() && p.classes[i] == id.Class() {
		return p.key(i), nil
	}
	return "", graph.ErrNotFound
}

func (d *Dict) sortedPage(r *run, n uint32) (*page, error) {
	slot := &r.slots[n]
	if p, ok := d.pages.Get(slot); ok {
		return p, nil
	}
	b, err := get(d.db, appendRunKey(nil, pageKey, r.number, n))
	if err != nil {
		return nil, fmt.Errorf("dictionary run %d page %d: %w", r.number, n, err)
	}
	p, err := parseSorted(b)
	if err != nil {
		return nil, fmt.Errorf("dictionary run %d page %d: %w", r.number, n, err)
	}
	d.pages.Put(slot, p, p.bytes())
	return p, nil
}

// latePage returns a late page that takes no more terms.
func (d *Dict) latePage(n uint64) (*page, error) {
	slot := d.lates.at(n)
	if p, ok := d.pages.Get(slot); ok {
		return p, nil
	}
	p, err := d.readLate(n)
	if err != nil {
		return nil, err
	}
	d.pages.Put(slot, p, p.bytes())
	return p, nil
}

func (d *Dict) readLate(n uint64) (*page, error) {
	b, err := get(d.db, numberKey(lateKey, n))
	if errors.Is(err, kv.ErrNotFound) {
		return &page{}, nil // numbers that a run skipped
	}
	if err != nil {
		return nil, err
	}
	p, err := parseLate(b)
	if err != nil {
		return nil, fmt.Errorf("late dictionary page %d: %w", n, err)
	}
	return p, nil
}

// A termCache keeps the IDs of terms that were looked up lately, by the hash of their keys.
// Of terms of one hash it keeps the one that came last. It is in shards, so that readers do
// not wait for who adds thousands of terms.
type termCache struct {
	shards [termShards]termShard
}

const termShards = 32

type termShard struct {
	mu         sync.RWMutex
	young, old map[uint64]cachedTerm
	bytes      int
}

type cachedTerm struct {
	term graph.Term
	id   graph.ID
}

// maxCacheBytes is how many bytes of terms are kept; those twice as many at times.
const maxCacheBytes = 8 << 20

func (c *termCache) shard(hash uint64) *termShard { return &c.shards[hash%termShards] }

func (c *termCache) get(hash uint64, t graph.Term) (graph.ID, bool) {
	return c.shard(hash).get(hash, t)
}

func (c *termCache) put(hash uint64, t graph.Term, id graph.ID) {
	c.shard(hash).put(hash, t, id)
}

func (c *termShard) get(hash uint64, t graph.Term) (graph.ID, bool) {
	c.mu.RLock()
	e, young := c.young[hash]
	ok := young
	if !ok {
		e, ok = c.old[hash]
	}
	c.mu.RUnlock()
	if !ok || e.term != t {
		return e.id, false
	}
	if !young {
		c.put(hash, e.term, e.id)
	}
	return e.id, true
}

func (c *termShard) put(hash uint64, t graph.Term, id graph.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(hash, cachedTerm{t, id})
}

func (c *termShard) keep(hash uint64, e cachedTerm) {
	n := len(e.term.Value()) + 150
	if n > maxCacheBytes/termShards/4 {
		return
	}
	if c.bytes+n > maxCacheBytes/termShards || c.young == nil {
		c.old, c.young, c.bytes = c.young, make(map[uint64]cachedTerm), 0
	}
	c.young[hash] = e
	c.bytes += n
}
