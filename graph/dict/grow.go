package dict

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"mocban/graph"
	"mocban/graph/kv"
)

// A Setter puts a value under a key, or takes away what is there if the value is nil. What
// was put first is there if what was put later is.
type Setter func(key, value []byte) error

const (
	wholeValue = iota
	partedValue
)

// put writes a value of any size.
func put(set Setter, key, value []byte) error { return putEdition(set, key, value, 0) }

// putEdition puts an edition of a value in the place of another. The parts of each have keys
// of their own, and the head comes after them: who is stopped between leaves what was there.
func putEdition(set Setter, key, value []byte, edition uint64) error {
	if len(value) < kv.MaxValue {
		return set(key, append([]byte{wholeValue}, value...))
	}
	const step = kv.MaxValue / 2
	h := head{parts: (len(value) + step - 1) / step, edition: edition}
	for i := range h.parts {
		if err := set(h.key(key, i), value[i*step:min((i+1)*step, len(value))]); err != nil {
			return err
		}
	}
	return set(key, h.encode())
}

// A head stands under the key of a value that is kept in parts.
type head struct {
	parts   int
	edition uint64
}

const headBytes = 13

func (h head) encode() []byte {
	b := binary.BigEndian.AppendUint32([]byte{partedValue}, uint32(h.parts))
	return binary.BigEndian.AppendUint64(b, h.edition)
}

// parseHead reads a head. One without an edition was written before there were any.
func parseHead(b []byte) (h head, ok bool) {
	if len(b) != headBytes && len(b) != 5 || b[0] != partedValue {
		return h, false
	}
	h.parts = int(binary.BigEndian.Uint32(b[1:]))
	if len(b) == headBytes {
		h.edition = binary.BigEndian.Uint64(b[5:])
	}
	return h, true
}

// key returns the key of a part.
func (h head) key(key []byte, part int) []byte {
	key = binary.BigEndian.AppendUint16(bytes.Clone(key), uint16(part))
	if h.edition == 0 {
		return key
	}
	return binary.BigEndian.AppendUint64(key, h.edition)
}

// headOf returns the head of a value, if it is kept in parts.
func headOf(db kv.DB, key []byte) (h head, ok bool, err error) {
	err = db.Get(key, func(b []byte) error {
		h, ok = parseHead(b)
		return nil
	})
	if errors.Is(err, kv.ErrNotFound) {
		err = nil
	}
	return h, ok, err
}

// get reads what put wrote.
func get(db kv.DB, key []byte) (out []byte, err error) {
	var h head
	err = db.Get(key, func(b []byte) error {
		ok := len(b) > 0 && b[0] == wholeValue
		if ok {
			out = bytes.Clone(b[1:])
		} else {
			h, ok = parseHead(b)
		}
		if !ok {
			return errPage
		}
		return nil
	})
	for i := 0; i < h.parts && err == nil; i++ {
		err = db.Get(h.key(key, i), func(b []byte) error {
			out = append(out, b...)
			return nil
		})
		if errors.Is(err, kv.ErrNotFound) {
			err = fmt.Errorf("part %d of %d is missing", i, h.parts)
		}
	}
	return out, err
}

// A Growth gives IDs to terms as they come. It belongs to one change set, and there is one
// at a time. When Seal was called, its terms are known, to the next Growth too; they are
// pending until Write and Done were called for them, and for those before, in order.
type Growth struct {
	d     *Dict
	first uint64           // number of the first term
	last  map[uint64]int32 // by hash, 1 + the place in terms of the last term that has it
	terms []newTerm
	buf   []byte
}

type newTerm struct {
	term   graph.Term
	id     graph.ID
	key    string
	hash   uint64
	others []graph.ID // late IDs of the same hash
	before int32      // 1 + the place of the term before that has the same hash
}

// Grow begins to add terms.
func (d *Dict) Grow() *Growth {
	return &Growth{d: d, first: d.pending.next(d), last: make(map[uint64]int32), buf: make([]byte, 0, 256)}
}

// ID returns the ID of a term, and gives it one if it has none; isNew tells that the change
// set brought the term. What it is given is copied.
func (g *Growth) ID(t graph.Term) (id graph.ID, isNew bool, err error) {
	if t.IsZero() {
		return graph.DefaultGraph, false, nil
	}
	if id, ok := graph.Inline(t); ok {
		return id, false, nil
	}
	c := graph.ClassOf(t)
	key := keyOf(g.buf[:0], t)
	hash := hashOf(c, key)
	if n := g.find(hash, t); n != nil {
		return n.id, true, nil
	}
	if id, ok := g.d.terms.get(hash, t); ok {
		return id, false, nil
	}
	id, others, err := g.d.find(c, key, hash)
	if err != nil {
		return graph.None, false, lookUpError(t, err)
	}
	t = t.Clone()
	if id != graph.None {
		g.d.terms.put(hash, t, id)
		return id, false, nil
	}
	id = graph.NewID(c, graph.LateBit|(g.first+uint64(len(g.terms))))
	g.terms = append(g.terms, newTerm{
		term: t, id: id, key: keyOf(nil, t), hash: hash, others: others, before: g.last[hash],
	})
	g.last[hash] = int32(len(g.terms))
	return id, true, nil
}

// find returns a term that is new, or nil.
func (g *Growth) find(hash uint64, t graph.Term) *newTerm {
	for i := g.last[hash]; i > 0; i = g.terms[i-1].before {
		if n := &g.terms[i-1]; n.term == t {
			return n
		}
	}
	return nil
}

// Known returns the ID of a term, or None if it has none.
func (g *Growth) Known(t graph.Term) (graph.ID, error) {
	if len(g.terms) > 0 && !t.IsZero() {
		var buf [128]byte
		if n := g.find(hashOf(graph.ClassOf(t), keyOf(buf[:0], t)), t); n != nil {
			return n.id, nil
		}
	}
	return g.d.ID(t)
}

// Term returns the term of an ID, a new one too.
func (g *Growth) Term(id graph.ID) (graph.Term, error) {
	if n := id.Payload() - graph.LateBit - g.first; id.Late() && !id.Inlined() && n < uint64(len(g.terms)) {
		return g.terms[n].term, nil
	}
	return g.d.Term(id)
}

// askTerms is how many terms are looked up before the context is asked again.
const askTerms = 256

// IDs is Known for many terms.
func (g *Growth) IDs(ctx context.Context, terms []graph.Term, ids []graph.ID) (err error) {
	for i, t := range terms {
		if i%askTerms == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if ids[i], err = g.Known(t); err != nil {
			return err
		}
	}
	return nil
}

// Terms is Term for many IDs.
func (g *Growth) Terms(ctx context.Context, ids []graph.ID, terms []graph.Term) (err error) {
	for i, id := range ids {
		if i%askTerms == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if terms[i], err = g.Term(id); err != nil {
			return fmt.Errorf("term of ID %x: %w", uint64(id), err)
		}
	}
	return nil
}

// Len returns how many terms are new.
func (g *Growth) Len() int { return len(g.terms) }

// Seal makes the new terms known.
func (g *Growth) Seal() { g.d.pending.add(g) }

// pending holds the terms that are known but not written yet. Who looks for a term asks it
// before the state, since a term leaves it after it came into the state.
type pending struct {
	mu     sync.RWMutex
	count  atomic.Int64
	first  uint64 // number of the first term
	terms  []newTerm
	byHash map[uint64][]graph.ID
}

// next returns the number of the next term.
func (p *pending) next(d *Dict) uint64 {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if len(p.terms) > 0 {
		return p.first + uint64(len(p.terms))
	}
	return d.now.Load().meta.Late
}

func (p *pending) add(g *Growth) {
	if len(g.terms) == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.terms) == 0 {
		p.first, p.byHash = g.first, make(map[uint64][]graph.ID, len(g.terms))
	}
	p.terms = append(p.terms, g.terms...)
	for i := range g.terms {
		p.byHash[g.terms[i].hash] = append(p.byHash[g.terms[i].hash], g.terms[i].id)
	}
	p.count.Store(int64(len(p.terms)))
}

// find returns the ID of a key, or None and the IDs of its hash.
func (p *pending) find(c graph.Class, key string, hash uint64) (id graph.ID, others []graph.ID) {
	if p.count.Load() == 0 {
		return graph.None, nil
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, id := range p.byHash[hash] {
		if t := p.at(id); t.id == id && t.id.Class() == c && t.key == key {
			return id, nil
		}
		others = append(others, id)
	}
	return graph.None, others
}

func (p *pending) at(id graph.ID) *newTerm { return &p.terms[id.Payload()&^graph.LateBit-p.first] }

// key returns the key of a late ID, if it is here.
func (p *pending) key(id graph.ID) (key string, ok bool) {
	if p.count.Load() == 0 {
		return "", false
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	if n := id.Payload()&^graph.LateBit - p.first; n < uint64(len(p.terms)) && p.terms[n].id == id {
		return p.terms[n].key, true
	}
	return "", false
}

// take returns the first n terms.
func (p *pending) take(n int) []newTerm {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.terms[:n:n]
}

// drop forgets the first n terms.
func (p *pending) drop(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.terms[:n] {
		t := &p.terms[i]
		ids := p.byHash[t.hash]
		if i := slices.Index(ids, t.id); len(ids) > 1 {
			p.byHash[t.hash] = slices.Delete(slices.Clone(ids), i, i+1)
		} else {
			delete(p.byHash, t.hash)
		}
	}
	p.terms, p.first = slices.Clone(p.terms[n:]), p.first+uint64(n)
	p.count.Store(int64(len(p.terms)))
}

// Write writes the first n terms that are pending and returns what the dictionary holds
// then. They are there once that is kept too, and Done was called.
func (d *Dict) Write(set Setter, n int) (Meta, error) {
	s := d.now.Load()
	terms := d.pending.take(n)
	buckets := make(map[uint64][]byte, n)
	late := s.openPage()
	page := s.meta.Late / slots
	for i := range terms {
		t := &terms[i]
		late = append(late, lateTerm{t.id.Class(), t.key})
		bucket, ok := buckets[t.hash]
		for _, id := range t.others {
			if !ok {
				bucket = binary.BigEndian.AppendUint64(bucket, uint64(id))
			}
		}
		buckets[t.hash] = binary.BigEndian.AppendUint64(bucket, uint64(t.id))
		if len(late) == slots || i == len(terms)-1 {
			if err := d.writeLate(set, page, late); err != nil {
				return s.meta, err
			}
			page++
			late = late[:0]
		}
	}
	for hash, ids := range buckets {
		if err := set(numberKey(hashKey, hash), ids); err != nil {
			return s.meta, err
		}
	}
	m := s.meta
	m.Late += uint64(n)
	return m, nil
}

// openPage returns the slots of the last late page, to which terms can be added.
func (s *state) openPage() []lateTerm {
	late := append(make([]lateTerm, 0, slots), s.tail...)
	for len(late) < int(s.meta.Late%slots) {
		late = append(late, lateTerm{})
	}
	return late
}

// writeLate writes a late page in the place of the one with fewer terms.
func (d *Dict) writeLate(set Setter, page uint64, late []lateTerm) error {
	body := binary.AppendUvarint(nil, uint64(len(late)))
	for _, t := range late {
		body = append(body, byte(t.class))
		body = binary.AppendUvarint(body, uint64(len(t.key)))
		body = append(body, t.key...)
	}
	if len(late) == slots {
		body = pack(body)
	} else {
		body = append([]byte{pageVersion, formPlain}, body...)
	}
	key, edition := numberKey(lateKey, page), page*slots+uint64(len(late))
	old, parted, err := headOf(d.db, key)
	if err != nil {
		return err
	}
	if err := putEdition(set, key, body, edition); err != nil || !parted || old.edition == edition {
		return err
	}
	for i := range old.parts {
		if err := set(old.key(key, i), nil); err != nil {
			return err
		}
	}
	return nil
}

// keepTerms is how many of the new terms are kept at hand.
const keepTerms = 10_000

// Done tells that the first n terms that are pending were written.
func (d *Dict) Done(n int) {
	if n == 0 {
		return
	}
	s := d.now.Load()
	next := &state{meta: s.meta, byClass: s.byClass}
	next.meta.Late += uint64(n)
	late := s.openPage()
	terms := d.pending.take(n)
	for i := range terms {
		if len(late) == slots {
			late = late[:0]
		}
		late = append(late, lateTerm{terms[i].id.Class(), terms[i].key})
	}
	if len(late) < slots {
		next.tail = append(next.tail, late...)
	}
	for i := range terms {
		d.late.add(terms[i].hash) // before the state tells of it
	}
	d.now.Store(next)
	for _, t := range terms[max(0, n-keepTerms):] {
		d.terms.put(t.hash, t.term, t.id)
	}
	d.pending.drop(n)
}
