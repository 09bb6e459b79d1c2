package dict

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"mocban/graph"
)

// A Builder adds terms in bulk. There is one at a time, and no Growth beside it.
type Builder struct {
	d    *Dict
	set  Setter
	meta Meta
	runs []*run

	open  *run // the run being built
	begun bool
	last  []byte // the key before
	body  []byte
	terms int
	text  int // bytes of keys on the page
	seps  strings.Builder
	check bool
	after *state // with the new terms
	pages *packer
}

// Build begins to add terms in bulk.
func (d *Dict) Build(set Setter) *Builder {
	s := d.now.Load()
	b := &Builder{d: d, set: set, meta: s.meta}
	b.meta.Runs = append([]RunMeta(nil), s.meta.Runs...)
	b.check = s.meta.Late > 0 || len(s.meta.Runs) > 0
	b.meta.Late = (s.meta.Late + slots - 1) / slots * slots
	b.pages = newPacker(set)
	return b
}

// Stop ends what the builder does beside. It may be called more than once, and must be where
// Finish is not.
func (b *Builder) Stop() { b.pages.end() }

// Add returns the ID of the term with a class and a key, and gives it one if it has none.
// Terms must come ascending by class, then key, each once.
func (b *Builder) Add(c graph.Class, key []byte) (graph.ID, error) {
	if b.check {
		id, _, err := b.d.find(c, string(key), hashOf(c, string(key)))
		if err != nil || id != graph.None {
			return id, err
		}
	}
	if b.open == nil || b.open.Class != c {
		if err := b.endRun(); err != nil {
			return graph.None, err
		}
		b.beginRun(c)
	}
	if b.terms == maxTerms || b.text >= pageText || b.terms > 0 && b.text+len(key) > 4*pageText {
		if err := b.endPage(); err != nil {
			return graph.None, err
		}
	}
	if b.terms == 0 {
		b.beginPage(key)
	}
	shared := 0
	if b.terms > 0 {
		shared = SharedPrefix(b.last, key)
	}
	b.body = binary.AppendUvarint(b.body, uint64(shared))
	b.body = binary.AppendUvarint(b.body, uint64(len(key)-shared))
	b.body = append(b.body, key[shared:]...)
	b.terms++
	b.text += len(key)
	b.last = append(b.last[:0], key...)
	id := graph.NewID(c, b.open.First+b.open.Terms)
	b.open.Terms++
	return id, nil
}

func (b *Builder) beginRun(c graph.Class) {
	r := &run{RunMeta: RunMeta{Class: c}, number: uint32(len(b.meta.Runs))}
	for _, m := range b.meta.Runs {
		if m.Class == c {
			r.First = graph.LateBit | b.meta.Late
			break
		}
	}
	b.open, b.last, b.begun = r, b.last[:0], false
	b.seps.Reset()
}

func (b *Builder) beginPage(key []byte) {
	n := 0
	if b.begun {
		n = min(SharedPrefix(b.last, key)+1, len(key), maxSep)
	}
	b.begun = true
	b.open.firsts = append(b.open.firsts, b.open.Terms)
	b.seps.Write(key[:n])
	b.open.ends = append(b.open.ends, uint32(b.seps.Len()))
}

func (b *Builder) endPage() error {
	r := b.open
	body := append(binary.AppendUvarint(make([]byte, 0, len(b.body)+2), uint64(b.terms)), b.body...)
	if err := b.pages.add(appendRunKey(nil, pageKey, r.number, r.Pages), body); err != nil {
		return fmt.Errorf("write the dictionary: %w", err)
	}
	r.Pages++
	b.body, b.terms, b.text = b.body[:0], 0, 0
	return nil
}

const dirPartBytes = 256 << 10

func (b *Builder) endRun() error {
	r := b.open
	if r == nil {
		return nil
	}
	if err := b.endPage(); err != nil {
		return err
	}
	r.seps = b.seps.String()
	r.complete()
	if r.First&graph.LateBit != 0 {
		b.meta.Late = (b.meta.Late + r.Terms + slots - 1) / slots * slots
	}
	b.runs = append(b.runs, r)
	b.meta.Runs = append(b.meta.Runs, r.RunMeta) // without the parts of its directory yet
	b.open = nil
	return nil
}

func (b *Builder) writeDirectory(r *run) error {
	var part []byte
	write := func() error {
		err := put(b.set, appendRunKey(nil, partKey, r.number, r.Parts), bytes.Clone(part))
		r.Parts++
		part = part[:0]
		return err
	}
	for i, first := range r.firsts {
		end := r.Terms
		if i+1 < len(r.firsts) {
			end = r.firsts[i+1]
		}
		part = binary.AppendUvarint(part, end-first)
		part = binary.AppendUvarint(part, uint64(len(r.sep(i))))
		part = append(part, r.sep(i)...)
		if len(part) >= dirPartBytes {
			if err := write(); err != nil {
				return err
			}
		}
	}
	if len(part) == 0 {
		return nil
	}
	return write()
}

// Finish ends the last run. What it wrote is there once Meta is kept too, and Done was
// called. Keys were set in ascending order.
func (b *Builder) Finish() error {
	err := b.endRun()
	if e := b.pages.end(); err == nil && e != nil {
		err = fmt.Errorf("write the dictionary: %w", e)
	}
	if err != nil {
		return err
	}
	for _, r := range b.runs {
		if err := b.writeDirectory(r); err != nil {
			return fmt.Errorf("write the directory of the dictionary: %w", err)
		}
		b.meta.Runs[r.number] = r.RunMeta
	}
	return nil
}

// Meta returns what the dictionary holds when the builder is done.
func (b *Builder) Meta() Meta { return b.meta }

// Term returns the term of an ID, a new one too if Finish was called and what was set can be
// read.
func (b *Builder) Term(id graph.ID) (graph.Term, error) {
	t, err := b.d.Term(id)
	if err == nil {
		return t, nil
	}
	key, err := b.d.key(b.next(), id, new(pageSpot))
	if err != nil {
		return graph.Term{}, err
	}
	return KeyTerm(id.Class(), key)
}

// Done makes the new terms known.
func (b *Builder) Done() { b.d.now.Store(b.next()) }

func (b *Builder) next() *state {
	if b.after != nil {
		return b.after
	}
	old := b.d.now.Load()
	next := &state{meta: b.meta, byClass: old.byClass}
	if old.meta.Late == b.meta.Late {
		next.tail = old.tail
	}
	for _, r := range b.runs {
		next.add(r)
	}
	b.after = next
	return next
}
