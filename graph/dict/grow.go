package dict

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"mocban/graph"
	"mocban/graph/kv"
)

// A Setter puts a value under a key that holds none, or a value that nobody reads yet.
type Setter func(key, value []byte) error

const (
	wholeValue = iota
	partedValue
)

// put writes a value of any size.
func put(set Setter, key, value []byte) error {
	if len(value) < kv.MaxValue {
		return set(key, append([]byte{wholeValue}, value...))
	}
	const step = kv.MaxValue / 2
	parts := (len(value) + step - 1) / step
	head := binary.BigEndian.AppendUint32([]byte{partedValue}, uint32(parts))
	if err := set(key, head); err != nil {
		return err
	}
	for i := range parts {
		part := value[i*step : min((i+1)*step, len(value))]
		if err := set(binary.BigEndian.AppendUint16(bytes.Clone(key), uint16(i)), part); err != nil {
			return err
		}
	}
	return nil
}

// get reads what put wrote.
func get(db kv.DB, key []byte) (out []byte, err error) {
	parts := 0
	err = db.Get(key, func(b []byte) error {
		switch {
		case len(b) > 0 && b[0] == wholeValue:
			out = bytes.Clone(b[1:])
			return nil
		case len(b) == 5 && b[0] == partedValue:
			parts = int(binary.BigEndian.Uint32(b[1:]))
			return nil
		}
		return errPage
	})
	for i := 0; i < parts && err == nil; i++ {
		err = db.Get(binary.BigEndian.AppendUint16(bytes.Clone(key), uint16(i)), func(b []byte) error {
			out = append(out, b...)
			return nil
		})
	}
	return out, err
}

// A Growth gives IDs to terms as they come. It belongs to one change set, and there is one
// at a time.
type Growth struct {
	d     *Dict
	from  *state
	ids   map[graph.Term]graph.ID
	terms []newTerm
}

type newTerm struct {
	term   graph.Term
	id     graph.ID
	key    string
	others []graph.ID // late IDs of the same hash
}

// Grow begins to add terms.
func (d *Dict) Grow() *Growth {
	return &Growth{d: d, from: d.now.Load(), ids: make(map[graph.Term]graph.ID)}
}

// ID returns the ID of a term, and gives it one if it has none; isNew tells that the change
// set brought the term. What it is given is copied.
func (g *Growth) ID(t graph.Term) (id graph.ID, isNew bool, err error) {
	if id, ok := g.ids[t]; ok {
		return id, true, nil
	}
	if t.IsZero() {
		return graph.DefaultGraph, false, nil
	}
	if id, ok := graph.Inline(t); ok {
		return id, false, nil
	}
	if id, ok := g.d.terms.get(t); ok {
		return id, false, nil
	}
	n := newTerm{key: string(AppendKey(nil, t))}
	if id, n.others, err = g.d.find(graph.ClassOf(t), n.key); err != nil {
		return graph.None, false, lookUpError(t, err)
	}
	n.term = t.Clone()
	if id != graph.None {
		g.d.terms.put(n.term, id)
		return id, false, nil
	}
	n.id = graph.NewID(graph.ClassOf(t), graph.LateBit|(g.from.meta.Late+uint64(len(g.terms))))
	g.ids[n.term] = n.id
	g.terms = append(g.terms, n)
	return n.id, true, nil
}

// Known returns the ID of a term, or None if it has none.
func (g *Growth) Known(t graph.Term) (graph.ID, error) {
	if id, ok := g.ids[t]; ok {
		return id, nil
	}
	return g.d.ID(t)
}

// Term returns the term of an ID, a new one too.
func (g *Growth) Term(id graph.ID) (graph.Term, error) {
	if n := id.Payload() - graph.LateBit - g.from.meta.Late; id.Late() && !id.Inlined() && n < uint64(len(g.terms)) {
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

// Meta returns what the dictionary holds when the growth is written.
func (g *Growth) Meta() Meta {
	m := g.from.meta
	m.Late += uint64(len(g.terms))
	return m
}

// Write writes the new terms. They are there once Meta is kept too, and Done was called.
func (g *Growth) Write(set Setter) error {
	buckets := make(map[uint64][]byte)
	late := g.tail()
	page := g.from.meta.Late / slots
	for i := range g.terms {
		t := &g.terms[i]
		late = append(late, lateTerm{t.id.Class(), t.key})
		hash := hashOf(t.id.Class(), t.key)
		bucket, ok := buckets[hash]
		for _, id := range t.others {
			if !ok {
				bucket = binary.BigEndian.AppendUint64(bucket, uint64(id))
			}
		}
		buckets[hash] = binary.BigEndian.AppendUint64(bucket, uint64(t.id))
		if len(late) == slots || i == len(g.terms)-1 {
			if err := writeLate(set, page, late); err != nil {
				return err
			}
			page++
			late = late[:0]
		}
	}
	for hash, ids := range buckets {
		if err := set(numberKey(hashKey, hash), ids); err != nil {
			return err
		}
	}
	return nil
}

// tail returns the slots of the last late page.
func (g *Growth) tail() []lateTerm {
	late := append([]lateTerm(nil), g.from.tail...)
	for len(late) < int(g.from.meta.Late%slots) {
		late = append(late, lateTerm{})
	}
	return late
}

func writeLate(set Setter, page uint64, late []lateTerm) error {
	body := binary.AppendUvarint(nil, uint64(len(late)))
	for _, t := range late {
		body = append(body, byte(t.class))
		body = binary.AppendUvarint(body, uint64(len(t.key)))
		body = append(body, t.key...)
	}
	if len(late) == slots {
		return put(set, numberKey(lateKey, page), pack(body))
	}
	return put(set, numberKey(lateKey, page), append([]byte{pageVersion, formPlain}, body...))
}

// keepTerms is how many of the new terms are kept at hand.
const keepTerms = 10_000

// Done makes the new terms known.
func (g *Growth) Done() {
	next := &state{meta: g.Meta(), byClass: g.from.byClass}
	late := g.tail()
	for i := range g.terms {
		if len(late) == slots {
			late = late[:0]
		}
		late = append(late, lateTerm{g.terms[i].id.Class(), g.terms[i].key})
	}
	if len(late) < slots {
		next.tail = append(next.tail, late...)
	}
	g.d.now.Store(next)
	for _, t := range g.terms[max(0, len(g.terms)-keepTerms):] {
		g.d.terms.put(t.term, t.id)
	}
}
