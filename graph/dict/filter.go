package dict

import (
	"context"
	"encoding/binary"
	"math/bits"
	"sync"
	"sync/atomic"

	"mocban/graph/kv"
)

// A filter tells of most hashes that no late term has them, without asking graph/kv. It is
// of use once it is full: until all hashes that are kept were added, it tells nothing.
//
// It is a list of blocked Bloom filters, each twice as large as the one before. A hash sets
// four bits of one word, and there are 16 bits for each hash, so that of a hundred foreign
// hashes one or two are not told from those that were added.
type filter struct {
	mu     sync.Mutex // for who adds
	layers atomic.Pointer[[]*filterLayer]
	left   int // how many hashes the last layer takes
	full   atomic.Bool
}

type filterLayer struct {
	words []uint64 // a power of two
}

// firstLayer is how many hashes the first layer takes: 128 KiB hold them.
const firstLayer = 1 << 16

// filterBits is how many bits there are for each hash.
const filterBits = 16

// place returns the word of a hash, and the bits to set in it. Hashes are mixed once
// more, since in tests they have few bits.
func (l *filterLayer) place(hash uint64) (word *uint64, mask uint64) {
	hi, lo := bits.Mul64(hash^0x9e3779b97f4a7c15, 0xd6e8feb86659fd93)
	h := hi ^ lo
	for shift := range 4 {
		mask |= 1 << (h >> (6 * shift) & 63)
	}
	return &l.words[h>>24&uint64(len(l.words)-1)], mask
}

func (f *filter) add(hash uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var layers []*filterLayer
	if p := f.layers.Load(); p != nil {
		layers = *p
	}
	if f.left == 0 {
		f.left = firstLayer << len(layers)
		layers = append(layers[:len(layers):len(layers)], &filterLayer{make([]uint64, f.left*filterBits/64)})
		f.layers.Store(&layers)
	}
	word, mask := layers[len(layers)-1].place(hash)
	if old := atomic.OrUint64(word, mask); old|mask != old {
		f.left--
	}
}

// lacks tells that a hash was not added. Who saw what was done after it was added, is not
// told so.
func (f *filter) lacks(hash uint64) bool {
	if !f.full.Load() {
		return false
	}
	p := f.layers.Load()
	if p == nil {
		return true
	}
	for _, l := range *p {
		if word, mask := l.place(hash); atomic.LoadUint64(word)&mask == mask {
			return false
		}
	}
	return true
}

// Warm reads pages into memory as long as there is room in the cache, and calls pause after
// each. It may run beside everything else.
func (d *Dict) Warm(ctx context.Context, pause func(context.Context)) error {
	s := d.now.Load()
	read := func(slot *kv.Slot[*page], read func() error) (room bool, err error) {
		if d.pages.Has(slot) {
			return true, nil
		}
		if !d.pages.Roomy() {
			return false, nil
		}
		if err = ctx.Err(); err == nil {
			err = read()
		}
		pause(ctx)
		return err == nil, err
	}
	for _, runs := range s.byClass {
		for _, r := range runs {
			for n := range r.Pages {
				room, err := read(&r.slots[n], func() error { _, err := d.sortedPage(r, n); return err })
				if !room {
					return err
				}
			}
		}
	}
	for n := range s.meta.Late / slots {
		room, err := read(d.lates.at(n), func() error { _, err := d.latePage(n); return err })
		if !room {
			return err
		}
	}
	return nil
}

// Missed returns how many pages were asked for that were not in memory.
func (d *Dict) Missed() uint64 { return d.pages.Missed() }

// Remember reads the hashes of all late terms, so that those that are new are told from them
// at once. Until it is done they are looked up. It may run beside everything else.
func (d *Dict) Remember(ctx context.Context) error {
	if d.late.full.Load() {
		return nil
	}
	n := 0
	err := d.db.Scan([]byte{hashKey}, []byte{hashKey + 1}, func(key, _ []byte) error {
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if len(key) == 9 {
			d.late.add(binary.BigEndian.Uint64(key[1:]))
		}
		return nil
	})
	if err == nil {
		d.late.full.Store(true)
	}
	return err
}
