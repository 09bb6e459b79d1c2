package store

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mocban/graph"
	"mocban/graph/block"
	"mocban/graph/dict"
	"mocban/graph/disk"
	"mocban/graph/kv"
	"mocban/graph/log"
)

const (
	markerFile = "MOCBAN"
	lockName   = "LOCK"
	logFolder  = "log"
	kvFolder   = "kv"
)

// markerText is what stands in the marker: the format and the id of the store.
const markerText = "mocban store\nformat %d\nid %x\n"

// Format is the number of the format that stores are written in, and OldestFormat that of the
// oldest which can be opened. Newer ones are refused.
const (
	Format       = 3
	OldestFormat = 1

	usedFormat = 2 // from which on stores are used as they are
)

// FormatOf returns the format of the store in a folder, which this program may be too old to
// open.
func FormatOf(dir string) (int, error) {
	_, version, err := parseMarker(filepath.Join(dir, markerFile))
	if errors.Is(err, os.ErrNotExist) {
		err = graph.ErrNotFound
	}
	return version, err
}

func (s *Store) open() error {
	if !s.o.ReadOnly {
		if err := os.MkdirAll(s.dir, 0o755); err != nil {
			return err
		}
	}
	if err := s.openLock(); err != nil {
		return err
	}
	if err := s.takeSums(); err != nil {
		return err
	}
	if err := s.endSwap(); err != nil {
		return err
	}
	id, version, err := s.readMarker()
	if err != nil {
		return err
	}
	if version < usedFormat {
		if err := s.upgrade(version, id); err != nil {
			return err
		}
	} else if version < Format && !s.o.ReadOnly {
		if err := s.putMarker(id); err != nil { // older programs cannot read what is written from now on
			return err
		}
	}
	if err := s.openData(context.Background(), id, log.Mark{}); err != nil {
		return err
	}
	if err := s.readDamage(); err != nil {
		return err
	}
	s.whole = !s.o.ReadOnly
	s.startScrub()
	return nil
}

// openData opens the data and the log, and brings the data to what the log says. Known is a
// place that the log must hold; otherwise it is that which the data have come to.
func (s *Store) openData(ctx context.Context, id log.ID, known log.Mark) error {
	if err := s.openKV(); errors.Is(err, ErrStorageLow) {
		return err
	} else if err != nil {
		return s.dataError(err)
	}
	st, meta, err := s.readState(id)
	if err != nil {
		return s.dataError(fmt.Errorf("read its state: %w", err))
	}
	if known.Version == 0 {
		known = st.mark
	}
	o := log.Options{ReadOnly: s.o.ReadOnly || s.old, Volatile: s.o.Volatile, Known: known, ID: id}
	if s.o.setLog != nil {
		s.o.setLog(&o)
	}
	if s.log, err = log.Open(s.logPlace(), o); err != nil {
		return err
	}
	if s.dict, err = dict.Open(s.db, meta, s.o.Cache/4); err != nil {
		return s.dataError(err)
	}
	s.blocks = kv.NewCache[*block.Block](s.o.Cache / 4 * 3)
	if err := st.checkSums(); err != nil {
		return s.dataError(err)
	}
	st.base.imp = s.impression
	s.current, s.tip, s.bases = st, st, []*base{st.base}
	if !s.o.ReadOnly {
		removeScrap(s.dir)
	}
	if err := s.syncFolders(); err != nil {
		return err
	}
	if err := s.sweep(); err != nil {
		return err
	}
	return s.replay(ctx)
}

var errNewer = errors.New("newer than this program")

// isStore tells whether a folder holds a store.
func isStore(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, markerFile))
	return err == nil
}

// upgrade makes the data of an older format anew from the log.
func (s *Store) upgrade(version int, id log.ID) error {
	if s.o.ReadOnly {
		return fmt.Errorf("the store has format %d: %w", version, kv.ErrUnclean)
	}
	s.warn(fmt.Sprintf("the store has format %d; it is made anew from its log in format %d", version, Format))
	if _, err := s.remake(s.ctx, id, log.Mark{}); err != nil {
		return fmt.Errorf("upgrade it from format %d: %w", version, err)
	}
	return s.putMarker(id)
}

// syncFolders makes what was made in the folder, and the folder itself, survive a power cut.
// Without the name of its folder, a log is lost however often its file is synced.
func (s *Store) syncFolders() error {
	if s.o.ReadOnly || s.o.Volatile || s.current.version > 0 {
		return nil
	}
	dir, err := filepath.Abs(s.dir)
	if err != nil {
		return err
	}
	return errors.Join(disk.SyncFolder(dir), disk.SyncFolder(filepath.Dir(dir)))
}

func (s *Store) openLock() error {
	how := os.O_RDWR | os.O_CREATE
	if s.o.ReadOnly {
		how = os.O_RDONLY
	}
	f, err := os.OpenFile(filepath.Join(s.dir, lockName), how, 0o644)
	if err != nil {
		return err
	}
	s.lock = f
	return lockFile(f, s.o.ReadOnly)
}

// readMarker reads the marker, or makes it in a folder that is empty.
func (s *Store) readMarker() (id log.ID, version int, err error) {
	id, version, err = parseMarker(filepath.Join(s.dir, markerFile))
	switch {
	case errors.Is(err, os.ErrNotExist):
		id, err = s.writeMarker()
		return id, Format, err
	case err == nil && version > Format:
		err = fmt.Errorf("%w: the store has format %d, this program reads up to %d: use a newer one", errNewer, version, Format)
	}
	return id, version, err
}

func parseMarker(path string) (id log.ID, version int, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return id, 0, err
	}
	var name string
	if _, err := fmt.Sscanf(string(text), "mocban store\nformat %d\nid %s\n", &version, &name); err != nil || version < OldestFormat {
		return id, 0, &graph.CorruptError{Place: path, Detail: "it does not say what the folder is"}
	}
	if version > Format {
		return id, version, nil // what else it says is not known
	}
	if n, err := hex.Decode(id[:], []byte(name)); err != nil || n != len(id) {
		return id, 0, &graph.CorruptError{Place: path, Detail: "the id of the store is not readable"}
	}
	if string(text) != fmt.Sprintf(markerText, version, id) {
		return id, 0, &graph.CorruptError{Place: path, Detail: "it is not spelled as it was written"}
	}
	return id, version, nil
}

func (s *Store) writeMarker() (id log.ID, err error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return id, err
	}
	for _, e := range entries {
		if name := e.Name(); name != lockName && !strings.HasPrefix(name, markerFile+".") {
			return id, fmt.Errorf("there is %s in it but no %s: it is not a store, or not a whole one", name, markerFile)
		}
	}
	if s.o.ReadOnly {
		return id, graph.ErrNotFound
	}
	if _, err := rand.Read(id[:]); err != nil {
		return id, err
	}
	return id, s.putMarker(id)
}

// putMarker writes the marker at once.
func (s *Store) putMarker(id log.ID) error {
	return s.putFile(markerFile, fmt.Appendf(nil, markerText, Format, id))
}

// openKV opens the impression. One that lacks what it cannot do without is put aside and
// made anew from the log. Where the disk is full, Badger ends the process when it opens one for
// writing: so it does not come to that.
func (s *Store) openKV() error {
	if !s.o.ReadOnly {
		if err := s.checkFree(s.leastFree() / openPart); err != nil {
			return fmt.Errorf("for writing: %w", err)
		}
	}
	open := s.o.openKV
	if open == nil {
		open = kv.Open
	}
	dir := filepath.Join(s.dir, s.data)
	if _, err := os.Stat(dir); s.o.ReadOnly && s.o.openKV == nil && errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("its data are missing: %w", kv.ErrUnclean)
	}
	o := kv.Options{ReadOnly: s.o.ReadOnly, Small: s.o.Volatile, NoSync: s.o.Volatile, Apart: string(orderKind), Warn: s.o.Warn}
	data := s.data
	o.Lost = func(err error) {
		s.warn(fmt.Sprintf("%s: %v", dir, err))
		if data == s.dataFolder() { // otherwise nobody has read it yet
			s.rememberDamage(Finding{PartData, dir, err.Error()}, true)
		}
	}
	o.Room = func() error { return s.checkFree(s.leastFree() / compactPart) }
	db, err := open(dir, o)
	if errors.Is(err, kv.ErrIncomplete) && !s.o.ReadOnly {
		aside := fmt.Sprintf("%s.damaged-%s", dir, time.Now().UTC().Format("20060102T150405"))
		s.warn(fmt.Sprintf("%v; it is kept as %s and made anew from the log", err, aside))
		if err := os.Rename(dir, aside); err != nil {
			return err
		}
		s.remade = true
		db, err = open(dir, o)
	}
	s.db = db
	return err
}

func (s *Store) warn(text string) {
	if s.o.Warn != nil {
		s.o.Warn(text)
	}
}

// readState reads the state that the impression has come to.
func (s *Store) readState(id log.ID) (*state, dict.Meta, error) {
	var raw []byte
	err := s.db.Get(stateKey, func(b []byte) error {
		raw = append(raw, b...)
		return nil
	})
	if errors.Is(err, kv.ErrNotFound) {
		s.last.Store(0)
		return emptyState(), dict.Meta{}, nil
	}
	if err != nil {
		return nil, dict.Meta{}, err
	}
	got, st, meta, err := parseState(raw)
	if err != nil {
		return nil, meta, err
	}
	if got != id {
		return nil, meta, fmt.Errorf("its data belong to store %x, the folder to %x", got, id)
	}
	b, last, err := s.readRoot()
	if err != nil {
		return nil, meta, err
	}
	st.base = b
	s.last.Store(last)
	return st, meta, s.readDeltas(st)
}

// A step is what a change set that is not folded does to a row.
type step struct {
	version graph.Version
	row     graph.Row // of a graph, G alone
	add     bool
}

// readDeltas reads the change sets that are not folded into all orders of the base.
func (s *Store) readDeltas(st *state) error {
	oldest := st.base.version()
	at, sets := graph.Version(0), uint64(0)
	var steps []step
	err := s.db.Scan(setKey(oldest+1, 0), setKey(st.version+1, 0), func(key, value []byte) error {
		if v := graph.Version(binary.BigEndian.Uint64(key[1:])); v != at {
			at = v
			sets++
		}
		set := new(changeSet)
		if err := set.parse(value); err != nil {
			return err
		}
		for _, part := range [...]struct {
			rows []graph.Row
			add  bool
		}{{set.added, true}, {set.removed, false}, {graphRows(set.created), true}, {graphRows(set.dropped), false}} {
			for _, r := range part.rows {
				steps = append(steps, step{at, r, part.add})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if sets != uint64(st.version-oldest) {
		return &graph.CorruptError{Place: "the change sets not yet folded", Detail: fmt.Sprintf("there are %d from version %d to %d", sets, oldest, st.version)}
	}
	return inParallel(s.o.parallel(), int(indexes), func(i int) error { return st.readDelta(index(i), steps) })
}

// readDelta makes the delta of an index from the steps that its base lacks.
func (st *state) readDelta(x index, steps []step) error {
	var items []item
	for i := range steps {
		if s := &steps[i]; s.version > st.base.versions[x] && (s.row[graph.PosS] == graph.None) == (x == graphsIndex) {
			items = append(items, item{x.key(&s.row), s.add})
		}
	}
	slices.SortFunc(items, func(a, b item) int { return a.key.Compare(&b.key) })
	n := 0
	for i := 0; i < len(items); {
		it, net := items[i], 0
		for ; i < len(items) && items[i].key == it.key; i++ {
			if items[i].add {
				net++
			} else {
				net--
			}
		}
		switch net {
		case 0:
			continue // what was done was undone
		case 1, -1:
			items[n] = item{it.key, net > 0}
			n++
		default:
			return &graph.CorruptError{Place: "the change sets not yet folded", Detail: fmt.Sprintf("they change a row of %s %d times in the same way", x.name(), max(net, -net))}
		}
	}
	st.deltas[x] = new(delta)
	st.deltas[x].push(items[:n])
	return nil
}

// replay applies the change sets of the log that the impression lacks.
func (s *Store) replay(ctx context.Context) error {
	from, to := s.current.version, s.log.Last().Version
	if s.old {
		to = s.until
	}
	if from == to {
		return nil
	}
	if s.o.ReadOnly {
		return fmt.Errorf("its data stand at version %d and its log at %d: %w", from, to, kv.ErrUnclean)
	}
	s.compacts.Store(true) // not before all is there: compacting adds to the log
	defer s.compacts.Store(false)
	r := replayer{s: s, most: replayRows}
	defer r.end()
	for c, err := range s.log.Read(ctx, from) {
		if err == nil {
			err = r.apply(ctx, &c)
		} else {
			err = errors.Join(r.flush(), err)
		}
		if folded := (*log.FoldedError)(nil); errors.As(err, &folded) {
			return s.dataError(err)
		}
		if err != nil {
			return fmt.Errorf("apply the log: %w", err)
		}
		s.o.progress("replay", uint64(c.Version-from), uint64(to-from))
		if c.Version == to {
			break
		}
	}
	if err := r.flush(); err != nil {
		return fmt.Errorf("apply the log: %w", err)
	}
	s.work.Wait() // for a fold
	return nil
}

// replayNothing begins with the version of a folded log that held nothing then.
func (s *Store) replayNothing(m log.Mark) error {
	st := emptyState()
	st.version, st.time, st.mark = m.Version, m.Time, m
	st.base.setVersion(m.Version)
	if err := s.flip(st, s.current.base, nil, s.dict.Meta()); err != nil {
		return err
	}
	s.publish(st)
	s.reclaim()
	return nil
}

func (s *Store) replayLoad(ctx context.Context, c log.Change) error {
	s.work.Wait() // for a fold
	l, err := s.newLoader(ctx, false)
	if err != nil {
		return err
	}
	for op, err := range c.Raw() {
		if err == nil && op.Kind == graph.OpAdd {
			err = l.Add(op.Quad)
		} else if err == nil {
			err = l.CreateGraph(op.Quad.G)
		}
		if err != nil {
			return l.abort(err)
		}
	}
	_, err = l.finish(&c.Mark)
	return err
}
