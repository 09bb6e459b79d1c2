package kv

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/dgraph-io/badger/v4"
)

// writeApart does what a batch says that has keys whose values are kept apart.
func (d *badgerDB) writeApart(b *Batch) error {
	v := d.values
	v.write.Lock()
	defer v.write.Unlock()
	if err := d.count(); err != nil {
		return err
	}
	c := newReplacing(d)
	for _, o := range b.ops {
		if err := c.do(o); err != nil {
			return err
		}
	}
	if err := c.end(); err != nil {
		return err
	}
	if err := d.tidy(); err != nil && !errors.Is(err, syscall.ENOSPC) { // it is tried again
		return fmt.Errorf("tidy volumes: %w", err)
	}
	return nil
}

// A replacing changes places. The caller holds write.
type replacing struct {
	d     *badgerDB
	ops   []op
	now   map[string]place // of keys that it changed; without a volume if there is none
	delta map[uint32]int64 // bytes in use, by volume
	names bool             // a volume was begun
}

func newReplacing(d *badgerDB) *replacing {
	return &replacing{d: d, now: make(map[string]place), delta: make(map[uint32]int64)}
}

// placeOf returns where the value of a key is, if it is apart.
func (c *replacing) placeOf(key []byte) (p place, ok bool, err error) {
	if p, ok := c.now[string(key)]; ok {
		return p, p.volume > 0, nil
	}
	return c.d.placeOf(key)
}

// do takes one step of a batch.
func (c *replacing) do(o op) error {
	v := c.d.values
	if !v.concerns(o.key) {
		c.ops = append(c.ops, o)
		return nil
	}
	old, ok, err := c.placeOf(o.key)
	if err != nil {
		return err
	}
	if ok {
		c.delta[old.volume] -= old.size
	}
	var p place
	if n := len(o.value) - checksumBytes; o.value != nil && v.keeps(o.key, o.value[:n]) {
		if p, err = c.add(o.key, o.value[:n]); err != nil {
			return err
		}
		c.delta[p.volume] += p.size
		o.value, o.meta = seal(o.key, p.encode()), placeMeta
	}
	c.now[string(o.key)] = p
	c.ops = append(c.ops, o)
	return nil
}

// add adds a value to the volume that is written to. One to which something could not be
// written, is not written to any more.
func (c *replacing) add(key, value []byte) (p place, err error) {
	v := c.d.values
	if v.open != nil && v.open.size >= v.open.most {
		err = v.open.settle()
		v.open = nil
	}
	if err == nil && v.open == nil {
		v.open, err = v.create(v.volumeBytes(v.bytes()))
		c.names = true
	}
	if err == nil {
		p, err = v.open.add(key, value)
	}
	if err != nil {
		v.open = nil
	}
	return p, err
}

// end writes the places once the values are there.
func (c *replacing) end() error {
	v := c.d.values
	var err error
	if v.open != nil {
		if err = v.open.settle(); err != nil {
			v.open = nil
		}
	}
	if err == nil && c.names {
		err = v.syncFolder()
	}
	if err == nil && len(c.ops) > 0 {
		err = c.d.commit(c.ops)
	}
	if err != nil {
		return err
	}
	for n, bytes := range c.delta {
		v.live[n] += bytes
	}
	*c = *newReplacing(c.d)
	return nil
}

// placeOf returns where Badger says that the value of a key is, if it is apart.
func (d *badgerDB) placeOf(key []byte) (p place, ok bool, err error) {
	txn := d.read()
	defer txn.Discard()
	if damage := guard(key, func() {
		var item *badger.Item
		if item, err = txn.Get(key); err != nil || item.UserMeta() != placeMeta {
			return
		}
		err = item.Value(func(sealed []byte) error {
			b, err := open(key, sealed)
			if err == nil {
				p, err = parsePlace(key, b)
			}
			return err
		})
		ok = err == nil
	}); damage != nil {
		return p, false, damage
	}
	if errors.Is(err, badger.ErrKeyNotFound) {
		err = nil
	}
	return p, ok, err
}

// count counts how many bytes of each volume are in use, if that is not known.
func (d *badgerDB) count() error {
	v := d.values
	v.mu.Lock()
	again := v.again
	v.again = false
	v.mu.Unlock()
	if !again {
		return nil
	}
	live := make(map[uint32]int64)
	for i := range len(v.apart) {
		if err := d.eachItem([]byte{v.apart[i]}, []byte{v.apart[i] + 1}, func(key, value []byte, meta byte) error {
			if meta != placeMeta {
				return nil
			}
			p, err := parsePlace(key, value)
			live[p.volume] += p.size
			return err
		}); err != nil {
			v.mu.Lock()
			v.again = true
			v.mu.Unlock()
			return fmt.Errorf("count what is in use: %w", err)
		}
	}
	v.live = live
	return nil
}

// tidy removes the volumes of which nothing is in use, and moves what is in use of others if
// too much is not. The caller holds write.
func (d *badgerDB) tidy() error {
	v := d.values
	for {
		empty, most := v.look()
		if len(empty) > 0 {
			if v.sync {
				if err := d.syncAll(); err != nil {
					return err
				}
			}
			if err := v.remove(empty); err != nil {
				return err
			}
			for _, n := range empty {
				delete(v.live, n)
			}
		}
		if most == 0 {
			return nil
		}
		if err := d.move(most); err != nil {
			return err
		}
	}
}

// look returns the volumes of which nothing is in use, and the one of which the least is, if
// what is in use should be moved.
func (v *volumes) look() (empty []uint32, most uint32) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var live, dead int64
	share := 0.0
	for n, size := range v.sizes {
		used := v.live[n]
		switch {
		case v.bulks[n] || v.open != nil && v.open.number == n:
			continue
		case used == 0:
			empty = append(empty, n)
			continue
		}
		live, dead = live+used, dead+size-used
		if s := float64(size-used) / float64(size); s > share && !v.stuck[n] {
			share, most = s, n
		}
	}
	if dead <= max(live/deadPart, leastDead) {
		most = 0
	}
	return empty, most
}

// move moves what is in use of a volume. What is damaged stays where it is.
func (d *badgerDB) move(n uint32) error {
	v := d.values
	v.mu.RLock()
	size := v.sizes[n]
	v.mu.RUnlock()
	in := bufio.NewReaderSize(io.NewSectionReader(readerAt{v, n}, int64(len(volumeHead)), size-int64(len(volumeHead))), volumeBuffer)
	c, bytes := newReplacing(d), 0
	var b []byte
	for at := int64(len(volumeHead)); at < size; at += int64(len(b)) {
		var err error
		if b, err = readEntry(in, b[:0]); err != nil {
			break
		}
		key, value, err := parseEntry(b)
		if err != nil {
			break
		}
		p, ok, err := c.placeOf(key)
		if err != nil {
			return err
		}
		if !ok || p.volume != n || p.at != at {
			continue
		}
		if err := c.do(op{key: append([]byte(nil), key...), value: seal(key, value)}); err != nil {
			return err
		}
		if bytes += len(value); bytes >= MaxBatch {
			if err := c.end(); err != nil {
				return err
			}
			bytes = 0
		}
	}
	if err := c.end(); err != nil {
		return err
	}
	if v.live[n] > 0 {
		v.stuck[n] = true // reading it tells why
	}
	return nil
}

// readerAt reads a volume.
type readerAt struct {
	v *volumes
	n uint32
}

func (r readerAt) ReadAt(b []byte, at int64) (int, error) {
	if err := r.v.readAt(b, place{volume: r.n, at: at}); err != nil {
		return 0, err
	}
	return len(b), nil
}

// readEntry reads a whole entry behind b.
func readEntry(r *bufio.Reader, b []byte) ([]byte, error) {
	head, err := r.Peek(entryHead)
	if err != nil {
		return b, err
	}
	n := entrySize(head)
	if n > entryHead+MaxKey+MaxValue+checksumBytes {
		return b, errEntry
	}
	b = append(b, make([]byte, n)...)
	_, err = io.ReadFull(r, b[len(b)-n:])
	return b, err
}

// syncAll makes all that was written survive a power cut. Badger syncs the log that it writes
// to, and not those before it that are being made into tables.
func (d *badgerDB) syncAll() error {
	logs, err := memFiles(d.dir)
	if err != nil {
		return err
	}
	for _, name := range logs {
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if errors.Is(err, os.ErrNotExist) {
			continue // a table has it
		}
		if err == nil {
			err = errors.Join(f.Sync(), f.Close())
		}
		if err != nil {
			return fmt.Errorf("sync %s: %w", name, err)
		}
	}
	return d.db.Sync()
}

// bulkVolumes are those of a stream of a large write.
type bulkVolumes struct {
	v    *volumes
	most int64
	open *volume
}

func (s *bulkVolumes) add(key, value []byte) (p place, err error) {
	if s.open != nil && s.open.size >= s.most {
		if err := s.open.settle(); err != nil {
			return p, err
		}
		s.open = nil
	}
	if s.open == nil {
		if s.open, err = s.v.create(s.most); err != nil {
			return p, err
		}
		s.v.mu.Lock()
		s.v.bulks[s.open.number] = true
		s.v.mu.Unlock()
	}
	return s.open.add(key, value)
}

// endBulk has what a large write brought counted.
func (v *volumes) endBulk() {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.bulks)
	v.again = true
}
