package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mocban/graph"
	"mocban/graph/block"
	"mocban/graph/dict"
	"mocban/graph/kv"
	"mocban/graph/log"
)

// A base is rows in blocks. Since orders are folded one after another, each holds those of a
// version of its own.
type base struct {
	versions [indexes]graph.Version
	dirs     [indexes]*directory
	sums     [indexes]log.Sum
	removed  uint64      // rows, from all bases since the data were made
	imp      *impression // that holds it
	refs     int         // snapshots, and one while it is the current one
	dead     []deadID    // what the next base does not need any more
	record   uint64      // under which dead is kept
	parts    int         // in which it is
}

// version returns the oldest version of an order: change sets after it are still needed.
func (b *base) version() graph.Version { return slices.Min(b.versions[:]) }

// setVersion says that all orders hold the rows of a version.
func (b *base) setVersion(v graph.Version) {
	for x := range b.versions {
		b.versions[x] = v
	}
}

// A deadID is a block or a page of a directory that is not needed any more.
type deadID struct {
	kind  byte
	index index
	id    uint64
}

// A state is one version of the store. It is not changed, but for the refs of its base.
type state struct {
	version graph.Version
	time    time.Time
	mark    log.Mark
	base    *base
	deltas  [indexes]*delta
	sums    sums
	unions  sync.Map // counts of unions that took long, by span
	stats   atomic.Pointer[graph.Statistics]
}

func emptyState() *state {
	st := &state{base: &base{refs: 1}}
	for x := range indexes {
		st.base.dirs[x] = newDirectory(nil)
		st.deltas[x] = new(delta)
	}
	return st
}

// rows returns how many rows an index has.
func (st *state) rows(x index) uint64 {
	return st.base.dirs[x].total.rows + uint64(st.deltas[x].net)
}

// Keys of graph/kv.
var (
	stateKey = []byte("m")
	rootKey  = []byte("r")
)

const (
	orderKind = 'o'
	blockKind = 'b'
	dirKind   = 'd'
	setKind   = 'c'
	deadKind  = 'x'
)

// idBytes is the length of the key of a block or a page of a directory.
const idBytes = 11

// appendID appends the key of a block or a page of a directory.
func appendID(b []byte, kind byte, x index, id uint64) []byte {
	b = append(b, orderKind, byte(x), kind)
	return binary.BigEndian.AppendUint64(b, id)
}

// endOfIDs returns the key after those of a kind.
func endOfIDs(kind byte, x index) []byte { return []byte{orderKind, byte(x), kind + 1} }

func setKey(v graph.Version, part uint32) []byte {
	b := binary.BigEndian.AppendUint64([]byte{setKind}, uint64(v))
	return binary.BigEndian.AppendUint32(b, part)
}

func deadKey(n uint64) []byte { return binary.BigEndian.AppendUint64([]byte{deadKind}, n) }

const stateVersion = 2

func appendSum(b []byte, s log.Sum) []byte {
	b = binary.LittleEndian.AppendUint64(b, s.Hi)
	return binary.LittleEndian.AppendUint64(b, s.Lo)
}

func (r *numbers) sum() log.Sum {
	b := r.take(16)
	return log.Sum{Hi: binary.LittleEndian.Uint64(b), Lo: binary.LittleEndian.Uint64(b[8:])}
}

// encodeState writes what the impression has come to.
func encodeState(id log.ID, st *state, m dict.Meta) []byte {
	b := append([]byte{stateVersion}, id[:]...)
	b = binary.AppendUvarint(b, uint64(st.version))
	b = binary.AppendVarint(b, st.time.UnixNano())
	b = binary.AppendUvarint(b, uint64(st.mark.Segment))
	b = binary.AppendUvarint(b, uint64(st.mark.Offset))
	b = append(b, st.mark.Hash[:]...)
	for _, sum := range [...]log.Sum{st.sums.quads, st.sums.rows, st.sums.graphs} {
		b = appendSum(b, sum)
	}
	b = binary.AppendUvarint(b, m.Late)
	b = binary.AppendUvarint(b, uint64(len(m.Runs)))
	for _, r := range m.Runs {
		for _, n := range [...]uint64{uint64(r.Class), r.First, r.Terms, uint64(r.Pages), uint64(r.Parts)} {
			b = binary.AppendUvarint(b, n)
		}
	}
	return b
}

func parseState(b []byte) (id log.ID, st *state, m dict.Meta, err error) {
	if len(b) == 0 {
		return id, nil, m, errors.New("the state is empty")
	}
	if b[0] != stateVersion {
		return id, nil, m, fmt.Errorf("the state has format %d, this program reads %d", b[0], stateVersion)
	}
	r := numbers{b: b[1:]}
	copy(id[:], r.take(len(id)))
	st = emptyState()
	st.version = graph.Version(r.uint())
	st.time = time.Unix(0, r.int()).UTC()
	st.mark = log.Mark{Version: st.version, Time: st.time, Segment: graph.Version(r.uint()), Offset: int64(r.uint())}
	copy(st.mark.Hash[:], r.take(len(st.mark.Hash)))
	st.sums = sums{r.sum(), r.sum(), r.sum()}
	m.Late = r.uint()
	n := r.uint()
	if n > uint64(len(b)) {
		return id, nil, m, errors.New("the state does not parse")
	}
	for range n {
		m.Runs = append(m.Runs, dict.RunMeta{
			Class: graph.Class(r.uint()), First: r.uint(), Terms: r.uint(), Pages: uint32(r.uint()), Parts: uint32(r.uint()),
		})
	}
	if r.err != nil || len(r.b) > 0 {
		return id, nil, m, errors.New("the state does not parse")
	}
	return id, st, m, nil
}

// rootVersion is the format of the root. In 2, all orders had one version, told at the
// beginning, and how many rows were removed was not told.
const rootVersion = 3

// encodeRoot writes where the base is.
func encodeRoot(b *base, last uint64) []byte {
	out := binary.AppendUvarint([]byte{rootVersion}, last)
	out = binary.AppendUvarint(out, b.removed)
	for x, d := range b.dirs {
		out = binary.AppendUvarint(out, uint64(b.versions[x]))
		out = appendSum(out, b.sums[x])
		out = binary.AppendUvarint(out, uint64(len(d.pages)))
		for _, p := range d.pages {
			out = binary.AppendUvarint(out, p.id)
		}
	}
	return out
}

// readRoot reads the base and its directories. last is the last number of a block that was given.
func (s *Store) readRoot() (b *base, last uint64, err error) {
	b = &base{refs: 1}
	var raw []byte
	err = s.db.Get(rootKey, func(v []byte) error {
		raw = append(raw, v...)
		return nil
	})
	if errors.Is(err, kv.ErrNotFound) {
		for x := range b.dirs {
			b.dirs[x] = newDirectory(nil)
		}
		return b, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	if len(raw) == 0 || raw[0] != 2 && raw[0] != rootVersion {
		return nil, 0, errors.New("the root has another format")
	}
	r := numbers{b: raw[1:]}
	if raw[0] == 2 {
		b.setVersion(graph.Version(r.uint()))
	}
	last = r.uint()
	if raw[0] > 2 {
		b.removed = r.uint()
	}
	for x := range b.dirs {
		if raw[0] > 2 {
			b.versions[x] = graph.Version(r.uint())
		}
		b.sums[x] = r.sum()
		n := r.uint()
		if n > uint64(len(raw)) {
			return nil, 0, errors.New("the root does not parse")
		}
		pages := make([]*dirPage, n)
		for i := range pages {
			if pages[i], err = s.readDirPage(index(x), r.uint()); err != nil {
				return nil, 0, err
			}
		}
		b.dirs[x] = newDirectory(pages)
	}
	if r.err != nil || len(r.b) > 0 {
		return nil, 0, errors.New("the root does not parse")
	}
	return b, last, nil
}

func (s *Store) readDirPage(x index, id uint64) (p *dirPage, err error) {
	err = s.db.Get(appendID(nil, dirKind, x, id), func(v []byte) (err error) {
		p, err = parseDirPage(id, v)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read page %d of directory %d: %w", id, x, damage(err))
	}
	return p, nil
}

// block returns a block of an index. One that is kept is kept in the cache too.
func (s *impression) block(x index, e *extent, keep bool) (b *block.Block, err error) {
	if b, ok := s.blocks.Get(e.slot); ok {
		return b, nil
	}
	if b, err = s.readBlock(x, e.id); err == nil && keep {
		s.keepBlock(e.slot, b)
	}
	return b, err
}

// keepBlock keeps a block in a slot of the cache.
func (s *impression) keepBlock(slot *kv.Slot[*block.Block], b *block.Block) {
	s.blocks.Put(slot, b, b.Bytes()+blockBytes)
}

// readBlock reads a block that is not in the cache.
func (s *impression) readBlock(x index, id uint64) (b *block.Block, err error) {
	err = s.db.Get(appendID(nil, blockKind, x, id), func(v []byte) (err error) {
		b, err = block.Parse(append(make([]byte, 0, len(v)), v...))
		return err
	})
	if err != nil {
		return nil, &graph.CorruptError{Place: fmt.Sprintf("block %d of order %v", id, x.order()), Detail: err.Error()}
	}
	return b, nil
}

// blockBytes is what a parsed block takes beside its bytes.
const blockBytes = 1000

// damage makes an error of graph/kv one of the contract.
func damage(err error) error {
	var d *kv.DamageError
	if errors.As(err, &d) {
		return &graph.CorruptError{Place: fmt.Sprintf("key %q", d.Key), Detail: d.Detail}
	}
	if errors.Is(err, kv.ErrLost) {
		return &graph.CorruptError{Place: "the data", Detail: err.Error()}
	}
	return err
}
