package kv

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Badger 4.9.6 compacts tables into others and does not ask whether these could be written
// (levels.go, subcompact: the error of who builds a table is dropped). Where one could not, for
// want of a descriptor or because the disk fails, the manifest names the rest in the place of
// all, and what stood in that table is gone, or an older value comes back, and nobody is told.
//
// So each compaction is counted. Badger tells its log, before it builds a table, that it will;
// a note of how many there are is synced before that, so that it outlives a crash; and when the
// manifest has a change set with tables removed, as many must be made in it as were told. Only
// one compaction runs at a time, so that it is known whose change set it is. What is read while
// one runs counts only if the manifest has not changed meanwhile, or has all that it should.

// manifestFile is that of Badger: 8 bytes, then change sets, each with its length and its
// CRC-32C in 4 bytes, big endian, before it.
const (
	manifestFile = "MANIFEST"
	manifestHead = 8
	setHead      = 8
)

// ErrLost tells that values were lost, or that older ones came back.
var ErrLost = errors.New("values are lost since a table could not be written: open it again, and it is made anew")

// What Badger tells its log of a compaction.
const (
	saysAdded  = "[%d] LOG Compact. Added %d keys."
	saysDone   = "[Compactor: %d] Compaction for level:"
	saysFailed = "[Compactor: %d] LOG Compact FAILED"
)

// What is known of what is in the tables.
const (
	sure    = iota
	inDoubt // a compaction runs
	lost
)

// compactions counts the tables that Badger compacts others into.
type compactions struct {
	dir   string
	tell  func(error)  // of a loss; may be nil
	room  func() error // for a table; may be nil
	state atomic.Int32
	seen  atomic.Int64 // bytes of the manifest, up to which it tells of no compaction that runs
	bad   atomic.Bool  // broken or loss is not nil

	mu     sync.Mutex
	free   sync.Cond // no compaction runs
	file   *os.File
	active bool // a compaction runs,
	id     int  // that of this compactor
	done   bool // and the manifest tells of it
	note   note
	at     manifest
	broken error // why no compaction may go on
	tight  error // why one waits for room
	loss   error
}

// A note stands in a file of its own:
//
//	settled  or building or lost, tables, highest, from, CRC-32C of all before it
//
// in one line of fixed width. While tables are being built it says how many, above which
// number, and from where on the manifest will tell of them.
type note struct {
	word          string
	tables        int
	highest, from uint64
}

const (
	noteFile = "COMPACTION"
	noteText = "%-8s %010d %020d %020d "

	noteSettled, noteBuilding, noteLost = "settled", "building", "lost"
)

func (n note) encode() []byte {
	b := fmt.Appendf(nil, noteText, n.word, n.tables, n.highest, n.from)
	return fmt.Appendf(b, "%08x\n", crc32.Checksum(b, castagnoli))
}

// readNote reads the note of a folder. Where there is none, nothing was being built.
func readNote(dir string) (n note, err error) {
	b, err := os.ReadFile(filepath.Join(dir, noteFile))
	if errors.Is(err, os.ErrNotExist) || err == nil && len(b) == 0 {
		return note{word: noteSettled}, nil
	}
	if err != nil {
		return n, err
	}
	_, err = fmt.Sscanf(string(b), "%s %d %d %d", &n.word, &n.tables, &n.highest, &n.from)
	if err != nil || !bytes.Equal(b, n.encode()) {
		return n, fmt.Errorf("%w: %s cannot be read", ErrIncomplete, filepath.Join(dir, noteFile))
	}
	return n, nil
}

// A manifest is what was read of Badger's.
type manifest struct {
	size    int64  // to the end of the last whole change set
	highest uint64 // number of a table

	sets []changeSet // read last
}

// A changeSet counts what one of the manifest says.
type changeSet struct {
	made, removed int
	above         int // tables made whose number is above a given one, of a level above 0 if any is
}

// read reads what was added since, and judges it by a number.
func (m *manifest) read(dir string, above uint64) error {
	m.sets = nil
	f, err := os.Open(filepath.Join(dir, manifestFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return err
	} else if info.Size() < m.size {
		m.size = 0 // it was written anew
	}
	m.size = max(m.size, manifestHead)
	b, err := io.ReadAll(io.NewSectionReader(f, m.size, 1<<40))
	if err != nil {
		return err
	}
	for len(b) >= setHead {
		n := int(binary.BigEndian.Uint32(b))
		if len(b)-setHead < n {
			return nil // it is being written
		}
		body := b[setHead : setHead+n]
		if crc32.Checksum(body, castagnoli) != binary.BigEndian.Uint32(b[4:]) {
			return nil // Badger refuses it
		}
		set, err := m.parse(body, above)
		if err != nil {
			return fmt.Errorf("read %s: %w", f.Name(), err)
		}
		m.sets = append(m.sets, set)
		m.size += int64(setHead + n)
		b = b[setHead+n:]
	}
	return nil
}

// parse reads a change set: a message of protocol buffers, whose field 1 is a change, with the
// fields 1, the number of a table, 2, what is done (0 make, 1 remove), 3, its level.
func (m *manifest) parse(b []byte, above uint64) (set changeSet, err error) {
	high := 0
	err = fields(b, func(n int, _ uint64, change []byte) error {
		if n != 1 {
			return nil
		}
		var table [4]uint64
		if err := fields(change, func(n int, v uint64, _ []byte) error {
			if n < len(table) {
				table[n] = v
			}
			return nil
		}); err != nil {
			return err
		}
		m.highest = max(m.highest, table[1])
		switch {
		case table[2] != 0:
			set.removed++
			return nil
		case table[1] > above && table[3] > 0:
			high++
		case table[1] > above:
			set.above++
		}
		set.made++
		return nil
	})
	if high > 0 {
		set.above = high
	}
	return set, err
}

var errWire = errors.New("it is no message of protocol buffers")

// fields calls f with the number and value of each field of a message: a number, or bytes.
func fields(b []byte, f func(n int, v uint64, bytes []byte) error) error {
	next := func() (uint64, bool) {
		v, n := binary.Uvarint(b)
		b = b[max(n, 0):]
		return v, n > 0
	}
	for len(b) > 0 {
		key, ok1 := next()
		v, ok2 := next()
		if !ok1 || !ok2 {
			return errWire
		}
		var body []byte
		switch key & 7 {
		case 0:
		case 2:
			if v > uint64(len(b)) {
				return errWire
			}
			body, b = b[:v], b[v:]
		default:
			return errWire
		}
		if err := f(int(key>>3), v, body); err != nil {
			return err
		}
	}
	return nil
}

// verdict tells whether the manifest has come to tell of what a note says, and what it lacks.
func (n note) verdict(dir string, at *manifest) (done bool, missing int, err error) {
	info, err := os.Stat(filepath.Join(dir, manifestFile))
	if err != nil {
		return false, 0, err
	}
	if info.Size() < at.size {
		// Badger wrote it anew, with the change set of the compaction in it.
		*at = manifest{}
		if err := at.read(dir, n.highest); err != nil || len(at.sets) == 0 {
			return false, 0, err
		}
		return true, n.tables - at.sets[0].above, nil
	}
	if info.Size() == at.size {
		return false, 0, nil
	}
	if err := at.read(dir, n.highest); err != nil {
		return false, 0, err
	}
	for _, set := range at.sets {
		if set.removed > 0 {
			return true, n.tables - set.made, nil
		}
	}
	return false, 0, nil
}

// checkCompaction refuses a folder in which a compaction lost values, whoever was stopped then.
func checkCompaction(dir string) error {
	n, err := readNote(dir)
	if err != nil || n.word == noteSettled {
		return err
	}
	missing := 0
	if n.word == noteBuilding {
		at := manifest{size: int64(n.from)}
		_, missing, err = n.verdict(dir, &at)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
	}
	if n.word == noteLost || missing > 0 {
		return fmt.Errorf("%w: %s: a table that others were compacted into could not be written", ErrIncomplete, dir)
	}
	return err
}

// newCompactions begins to count those of a folder, of which checkCompaction has nothing to say.
func newCompactions(dir string, o Options) (*compactions, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, noteFile), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	c := &compactions{dir: dir, tell: o.Lost, room: o.Room, file: f}
	c.free.L = &c.mu
	if err := c.put(note{word: noteSettled}); err != nil {
		f.Close()
		return nil, err
	}
	return c, nil
}

func (c *compactions) put(n note) error {
	c.note = n
	if _, err := c.file.WriteAt(n.encode(), 0); err != nil {
		return err
	}
	if n.word == noteSettled {
		return nil // if that is forgotten, the manifest tells it
	}
	return c.file.Sync()
}

// heard hears what Badger tells its log. Who tells it is in the midst of a compaction: it waits
// for our answer.
func (c *compactions) heard(format string, args []any) {
	if c == nil || len(args) == 0 || !strings.HasPrefix(format, "[") {
		return
	}
	id, ok := args[0].(int)
	switch {
	case !ok:
	case strings.HasPrefix(format, saysAdded):
		keys, _ := args[1].(uint64)
		c.build(id, keys > 0)
	case strings.HasPrefix(format, saysDone):
		c.end(id, true)
	case strings.HasPrefix(format, saysFailed):
		c.end(id, false)
	}
}

// build lets a compactor build a table, or go on without one. Where that cannot be noted it
// does not go on: then nothing is lost.
func (c *compactions) build(id int, table bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.broken != nil || c.active && c.id != id {
		c.free.Wait()
	}
	if c.state.Load() == lost {
		return
	}
	if !c.active {
		c.broken = c.begin(id)
	}
	if table {
		c.awaitRoom()
	}
	if n := c.note; table && c.broken == nil {
		n.tables++
		c.broken = c.put(n)
	}
	c.bad.Store(c.broken != nil)
	for c.broken != nil {
		c.free.Wait()
	}
}

// roomPause is how long a compaction waits before it asks for room again.
const roomPause = 100 * time.Millisecond

// awaitRoom waits, without the lock, as long as there is no room for a table.
func (c *compactions) awaitRoom() {
	for c.room != nil {
		if c.tight = c.room(); c.tight == nil {
			return
		}
		c.mu.Unlock()
		time.Sleep(roomPause)
		c.mu.Lock()
	}
}

func (c *compactions) begin(id int) error {
	if err := c.at.read(c.dir, 0); err != nil {
		return err
	}
	c.active, c.id, c.done = true, id, false
	c.seen.Store(c.at.size)
	c.state.Store(inDoubt)
	return c.put(note{word: noteBuilding, highest: c.at.highest, from: uint64(c.at.size)})
}

// end ends the compaction of a compactor, that has done what it should or failed.
func (c *compactions) end(id int, did bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.active || c.id != id {
		return
	}
	err := c.judge()
	if err == nil && did && !c.done {
		err = c.lose("the manifest does not tell of it")
	}
	switch {
	case err != nil && c.loss == nil:
		c.broken = err // it stays in doubt
	case c.loss == nil:
		c.broken = c.put(note{word: noteSettled})
		c.state.Store(sure)
	}
	c.bad.Store(c.broken != nil || c.loss != nil)
	c.active = false
	c.free.Broadcast()
}

// judge looks what has come of the compaction that runs. An error means that nobody knows.
func (c *compactions) judge() error {
	if c.done || c.loss != nil {
		return c.loss
	}
	done, missing, err := c.note.verdict(c.dir, &c.at)
	if err != nil {
		return fmt.Errorf("tell whether all tables were written: %w", err)
	}
	c.done = done
	if missing > 0 {
		return c.lose(fmt.Sprintf("%d of %d tables", missing, c.note.tables))
	}
	if done {
		c.state.Store(sure)
	} else {
		c.seen.Store(c.at.size)
	}
	return nil
}

// lose notes a loss. If that fails, what is noted leads to the same.
func (c *compactions) lose(what string) error {
	c.loss = fmt.Errorf("%w (%s)", ErrLost, what)
	c.state.Store(lost)
	c.bad.Store(true)
	c.note.word = noteLost
	c.put(c.note)
	if c.tell != nil {
		c.tell(c.loss)
	}
	return c.loss
}

// failing tells why nothing may be written any more, and stuck why no compaction goes on.
func (c *compactions) failing() error {
	if c == nil || !c.bad.Load() {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(c.loss, c.broken)
}

func (c *compactions) stuck() error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(c.broken, c.tight)
}

// check tells, after a read, whether it counts. It does without the lock as long as the manifest
// stands as it did: who compacts holds it while a note is synced.
func (c *compactions) check() error {
	if c == nil || c.state.Load() == sure {
		return nil
	}
	if seen := c.seen.Load(); c.state.Load() == inDoubt {
		if info, err := os.Stat(filepath.Join(c.dir, manifestFile)); err == nil && info.Size() == seen {
			return nil
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.Load() == sure {
		return nil
	}
	return c.judge()
}

func (c *compactions) close() {
	if c != nil {
		c.file.Close()
	}
}
