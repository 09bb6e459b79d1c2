package kv

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
	"github.com/dgraph-io/badger/v4/pb"
	"github.com/dgraph-io/ristretto/v2/z"
)

// Options are those of a DB. The zero value is sensible.
type Options struct {
	ReadOnly bool

	// Small takes less memory and opens faster, for data of a few megabytes.
	Small bool

	// Apart holds the first bytes of keys whose values, if they are not small, are kept in
	// files beside Badger's tables: what is replaced all the time takes little space there.
	Apart string

	// NoSync leaves out what makes such values survive a power cut.
	NoSync bool

	// Warn, if not nil, is told what Badger complains of.
	Warn func(text string)

	// Lost, if not nil, is told when values are lost: see ErrLost. It must not use the DB.
	Lost func(err error)

	// Room, if not nil, tells whether there is room for a table that others are compacted into.
	// They wait as long as it returns an error: a disk that is full would end the process.
	Room func() error

	memTable int64 // bytes, if not 0
	volume   int64 // bytes, if not 0
}

// ErrIncomplete tells that a folder lacks files without which Badger would drop the rest.
var ErrIncomplete = errors.New("the key-value folder is incomplete")

// ErrUnclean tells that who wrote last was stopped before it had closed the folder, so that
// it must be opened once for writing.
var ErrUnclean = errors.New("who wrote it last was stopped: open it once for writing")

// missingTable is what Badger says of a table that its manifest names and that is not there. It
// comes to that without anybody's fault: where the manifest cannot be synced, Badger removes
// the table it has just written down.
const missingTable = "file does not exist for table"

// formatMagic is written to Badger's manifest: a store of another kind is refused.
const formatMagic = 1

// Open opens the DB in a folder, or makes it.
func Open(dir string, o Options) (DB, error) {
	if err := checkFolder(dir); err != nil {
		return nil, err
	}
	if !o.ReadOnly {
		if err := clearEmptyFiles(dir); err != nil {
			return nil, err
		}
	}
	if err := closeHole(dir, o); err != nil {
		return nil, err
	}
	if err := checkCompaction(dir); err != nil {
		return nil, err
	}
	values, err := openVolumes(dir, o)
	if err != nil {
		return nil, err
	}
	l := &logger{warn: o.Warn}
	if !o.ReadOnly {
		if l.compactions, err = newCompactions(dir, o); err != nil {
			values.close()
			return nil, err
		}
	}
	db, err := badger.OpenManaged(settings(dir, o).WithLogger(l))
	if err != nil {
		l.compactions.close()
		values.close()
	}
	if err != nil && o.ReadOnly && strings.Contains(err.Error(), badger.ErrTruncateNeeded.Error()) { // it is not wrapped
		return nil, fmt.Errorf("open key-value folder %s: %w", dir, ErrUnclean)
	}
	if err != nil && strings.Contains(err.Error(), missingTable) {
		return nil, fmt.Errorf("%w: open %s: %w", ErrIncomplete, dir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open key-value folder %s: %w", dir, err)
	}
	d := &badgerDB{db: db, dir: dir, o: o, log: l, values: values}
	d.number = db.MaxVersion()
	db.SetDiscardTs(d.number)
	return d, nil
}

// settings follow what was measured of Badger's faults: no value log, no check that turns
// damage into absence, no conflict detection for one writer.
func settings(dir string, o Options) badger.Options {
	memTable, cache := int64(8<<20), int64(0)
	if o.memTable > 0 {
		memTable = o.memTable
	}
	return badger.DefaultOptions(dir).
		WithReadOnly(o.ReadOnly).
		WithSyncWrites(false).
		WithValueThreshold(1 << 20).
		WithValueLogFileSize(16 << 20).
		WithCompression(options.None).
		WithChecksumVerificationMode(options.NoVerification).
		WithDetectConflicts(false).
		WithNumVersionsToKeep(1).
		WithMemTableSize(memTable).
		WithBaseLevelSize(4 << 20).
		WithBaseTableSize(512 << 10). // of which a table of a large write is 32 times
		WithNumMemtables(2).
		WithNumLevelZeroTables(2).
		WithNumCompactors(2).
		WithBlockCacheSize(cache).
		WithIndexCacheSize(64 << 20).
		WithMetricsEnabled(false).
		WithExternalMagic(formatMagic)
}

// checkFolder refuses a folder that holds tables but no manifest: Badger takes it for a new
// one and deletes the tables.
func checkFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	manifest, tables := false, 0
	for _, e := range entries {
		switch {
		case e.Name() == "MANIFEST":
			manifest = true
		case strings.HasSuffix(e.Name(), ".sst"), strings.HasSuffix(e.Name(), ".mem"), strings.HasSuffix(e.Name(), VolumeSuffix):
			tables++
		}
	}
	if tables > 0 && !manifest {
		return fmt.Errorf("%w: %s holds %d tables and no MANIFEST", ErrIncomplete, dir, tables)
	}
	return nil
}

// clearEmptyFiles removes log files of zero bytes. A process that was killed between making
// and sizing one leaves it so, and Badger does not open then. Nothing was in it.
func clearEmptyFiles(dir string) error {
	for _, pattern := range []string{"*.mem", "*.vlog"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		for _, f := range files {
			if info, err := os.Stat(f); err != nil || info.Size() > 0 {
				continue
			}
			if err := os.Remove(f); err != nil {
				return fmt.Errorf("remove an empty file: %w", err)
			}
		}
	}
	return nil
}

// A badgerDB waits, when it is closed, for the calls that are under way: Badger must not be
// asked any more then.
type badgerDB struct {
	db      *badger.DB
	dir     string
	o       Options
	log     *logger
	values  *volumes
	commits sync.Mutex // held by who commits
	number  uint64     // of the last transaction
	bulk    sync.Mutex // one large write at a time
	use     sync.RWMutex
	closed  bool
	refuses error // writes, after restart
	gone    error // why it could not be opened again
}

// ErrClosed tells that a DB was used after Close.
var ErrClosed = errors.New("the key-value folder is closed")

// begin makes Close wait for end.
func (d *badgerDB) begin() error {
	d.use.RLock()
	err := d.gone
	if d.closed {
		err = ErrClosed
	}
	if err != nil {
		d.use.RUnlock()
	}
	return err
}

func (d *badgerDB) end() { d.use.RUnlock() }

// mostTries is how often a value is looked for that was moved meanwhile.
const mostTries = 100

func (d *badgerDB) Get(key []byte, f func([]byte) error) error {
	if err := d.begin(); err != nil {
		return err
	}
	defer d.end()
	var err error
	for range mostTries {
		if err = d.get(key, f); !errors.Is(err, errGone) {
			return err
		}
	}
	return &DamageError{append([]byte(nil), key...), err.Error()}
}

// get is Get, but that it may come too late for a value that is being moved.
func (d *badgerDB) get(key []byte, f func([]byte) error) error {
	txn := d.read()
	defer txn.Discard()
	var sealed []byte
	var meta byte
	var err error
	if damage := guard(key, func() {
		var item *badger.Item
		if item, err = txn.Get(key); err == nil {
			meta = item.UserMeta()
			err = item.Value(func(b []byte) error { sealed = b; return nil })
		}
	}); damage != nil {
		return damage
	}
	if lost := d.log.compactions.check(); lost != nil {
		return lost
	}
	if errors.Is(err, badger.ErrKeyNotFound) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("read key %q: %w", key, err)
	}
	value, err := open(key, sealed)
	if err != nil {
		return err
	}
	if meta != placeMeta {
		return f(value)
	}
	p, err := parsePlace(key, value)
	if err != nil {
		return err
	}
	return d.values.read(p, key, f)
}

// guard calls what reads Badger's tables. Of a damaged one Badger panics in many ways; that
// is no fault of ours, and it is told as the damage it is.
func guard(key []byte, read func()) (damage error) {
	defer func() {
		if p := recover(); p != nil {
			damage = &DamageError{append([]byte(nil), key...), fmt.Sprintf("its table cannot be read: %v", p)}
		}
	}()
	read()
	return nil
}

func (d *badgerDB) Scan(low, high []byte, f func(key, value []byte) error) error {
	if err := d.begin(); err != nil {
		return err
	}
	defer d.end()
	return d.eachItem(low, high, func(key, value []byte, meta byte) error {
		if meta != placeMeta {
			return f(key, value)
		}
		p, err := parsePlace(key, value)
		if err != nil {
			return err
		}
		read := false
		err = d.values.read(p, key, func(value []byte) error { read = true; return f(key, value) })
		for try := 0; !read && errors.Is(err, errGone) && try < mostTries; try++ {
			err = d.get(key, func(value []byte) error { read = true; return f(key, value) }) // it was moved meanwhile
		}
		switch {
		case !read && errors.Is(err, ErrNotFound):
			return nil // it was deleted meanwhile
		case !read && errors.Is(err, errGone):
			return &DamageError{append([]byte(nil), key...), err.Error()}
		}
		return err
	})
}

func (d *badgerDB) Keys(low, high []byte, f func(key []byte) error) error {
	if err := d.begin(); err != nil {
		return err
	}
	defer d.end()
	return d.eachItem(low, high, func(key, _ []byte, _ byte) error { return f(key) })
}

// eachItem calls f with each key from low to before high, and what Badger has under it.
func (d *badgerDB) eachItem(low, high []byte, f func(key, value []byte, meta byte) error) error {
	txn := d.read()
	defer txn.Discard()
	it := txn.NewIterator(badger.IteratorOptions{})
	defer it.Close()
	if err := d.log.compactions.check(); err != nil { // it reads the tables that there are now
		return err
	}
	var key, sealed []byte
	var meta byte
	for step := func() { it.Seek(low) }; ; step = it.Next {
		var more bool
		var err error
		if damage := guard(key, func() {
			step()
			if more = it.Valid(); !more {
				return
			}
			item := it.Item()
			key, meta = item.Key(), item.UserMeta()
			err = item.Value(func(b []byte) error { sealed = b; return nil })
		}); damage != nil {
			return damage
		}
		if !more || high != nil && string(key) >= string(high) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read key %q: %w", key, err)
		}
		value, err := open(key, sealed)
		if err != nil {
			return err
		}
		if err := f(key, value, meta); err != nil {
			return err
		}
	}
}

func (d *badgerDB) Write(b *Batch) error {
	if err := b.check(); err != nil {
		return err
	}
	err := d.write(b)
	if err != nil && strings.Contains(err.Error(), headless) {
		d.restart(err)
	}
	return err
}

func (d *badgerDB) write(b *Batch) error {
	if err := d.begin(); err != nil {
		return err
	}
	defer d.end()
	if err := errors.Join(d.refuses, d.log.failing(), d.log.compactions.failing()); err != nil {
		return err
	}
	if slices.ContainsFunc(b.ops, func(o op) bool { return d.values.concerns(o.key) }) {
		return d.writeApart(b)
	}
	return d.commit(b.ops)
}

// newest is a number that no transaction has, so that who reads gets the newest of each key.
const newest = math.MaxUint64

// read begins to read. Badger's own numbers would have it wait for all that is being written,
// by way of two goroutines, each time a value is read.
func (d *badgerDB) read() *badger.Txn { return d.db.NewTransactionAt(newest, false) }

// commit does steps in one transaction of Badger. Transactions are numbered without gaps.
func (d *badgerDB) commit(ops []op) error {
	txn := d.db.NewTransactionAt(newest, true)
	defer txn.Discard()
	for _, o := range ops {
		var err error
		if o.value == nil {
			err = txn.Delete(o.key)
		} else {
			err = txn.SetEntry(badger.NewEntry(o.key, o.value).WithMeta(o.meta))
		}
		if err != nil {
			return fmt.Errorf("write key %q: %w", o.key, err)
		}
	}
	if len(ops) == 0 {
		return nil
	}
	d.commits.Lock()
	defer d.commits.Unlock()
	d.number++
	err := txn.CommitAt(d.number, nil)
	d.db.SetDiscardTs(d.number) // of what is older nothing is read
	if err != nil {
		return fmt.Errorf("write %d keys: %w", len(ops), err)
	}
	return nil
}

// headless is what Badger says when it cannot make a file for what is written next. It has no
// place for that then: who reads meets a nil pointer, and who writes ends the process.
const headless = "cannot create new mem table"

// restart opens Badger again after an error that leaves it headless, so that reading goes on.
// Nothing is written any more.
func (d *badgerDB) restart(why error) {
	d.use.Lock()
	defer d.use.Unlock()
	if d.closed || d.refuses != nil {
		return
	}
	d.refuses = why
	err := d.closeBadger()
	if err == nil {
		d.db, err = badger.OpenManaged(settings(d.dir, d.o).WithLogger(d.log))
	}
	if err != nil {
		d.gone = fmt.Errorf("%w; open it again: %w", why, err)
		return
	}
	d.db.SetDiscardTs(d.number)
}

func (d *badgerDB) Sync() error {
	if err := d.begin(); err != nil {
		return err
	}
	defer d.end()
	return d.syncAll()
}

func (d *badgerDB) Size() (n int64) {
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return 0
	}
	for _, e := range entries {
		// Logs are as long as they may become; what is in them counts once it is in a table.
		if info, err := e.Info(); err == nil && !strings.HasSuffix(e.Name(), ".mem") && !strings.HasSuffix(e.Name(), ".vlog") {
			n += info.Size()
		}
	}
	return n
}

func (d *badgerDB) Close() error {
	d.use.Lock()
	defer d.use.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	defer d.values.close()
	if d.gone != nil {
		return nil
	}
	err := d.closeBadger()
	d.log.compactions.close()
	return err
}

// closeBadger closes Badger, unless it goes on trying for ever what fails.
func (d *badgerDB) closeBadger() error {
	done := make(chan error, 1)
	go func() { done <- d.db.Close() }()
	for {
		select {
		case err := <-done:
			return err
		case <-time.After(100 * time.Millisecond):
			if err := errors.Join(d.log.failing(), d.log.compactions.stuck()); err != nil {
				return err // Badger would go on trying; the goroutine ends with the process
			}
		}
	}
}

// tableBytes is how large a write must be to be written straight to tables: each stream of
// those takes memory of its own.
const tableBytes = 128 << 20

// Bulk writes straight to tables if that pays and the DB is empty, since nobody can be
// reading it then; otherwise it writes transactions.
func (d *badgerDB) Bulk(bytes int64) (Bulk, error) {
	d.bulk.Lock()
	if bytes < tableBytes {
		return &batchBulk{db: d}, nil
	}
	empty := true
	if err := d.Scan(nil, nil, func(_, _ []byte) error { empty = false; return errFound }); err != nil && !errors.Is(err, errFound) {
		d.bulk.Unlock()
		return nil, err
	}
	if !empty {
		return &batchBulk{db: d}, nil
	}
	t := &tableBulk{db: d, w: d.db.NewStreamWriter(), most: tableBytesOf(d.db.Opts()), streams: make(map[int]*tableStream)}
	if err := t.w.Prepare(); err != nil {
		defer d.bulk.Unlock()
		return nil, fmt.Errorf("begin to write tables: %w", errors.Join(err, t.drop()))
	}
	t.volumeBytes = d.values.volumeBytes(bytes)
	d.commits.Lock()
	d.number = max(d.number, bulkNumber)
	d.commits.Unlock()
	return t, nil
}

var errFound = errors.New("found")

// bulkNumber is the number of the transaction that a large write is taken for.
const bulkNumber = 1

// tableBulk writes sorted tables. Badger cuts what comes in one of its streams into tables, and
// ends the process where it cannot write one and the stream goes on; of a stream that ends it
// returns the error. So each of its streams is one table here.
type tableBulk struct {
	db   *badgerDB
	w    *badger.StreamWriter
	most int // bytes that surely fit in a table

	volumeBytes int64

	mu      sync.Mutex
	streams map[int]*tableStream
	last    uint32 // of Badger's streams
}

// A tableStream is a stream of ours.
type tableStream struct {
	buf   *z.Buffer
	id    uint32 // of Badger's stream, and so the table
	bytes int    // in it, or a little less
	apart bulkVolumes
}

const tableBufferBytes = 1 << 20

// tableBytesOf returns how many bytes, as tableEntryBytes counts them, Badger surely takes for one
// table of a large write. It makes them up to 95 % full.
func tableBytesOf(o badger.Options) int {
	size := o.BaseTableSize
	for range o.MaxLevels - 2 {
		size *= int64(o.TableSizeMultiplier)
	}
	return int(size / 10 * 9)
}

// tableEntryBytes returns how many bytes an entry takes in a table at most: its key may begin a block
// and stands in the index then.
func tableEntryBytes(key []byte, value int) int { return 2*len(key) + value + checksumBytes + 128 }

func (t *tableBulk) Set(stream int, key, value []byte) error {
	if err := checkSizes(key, len(value)); err != nil {
		return err
	}
	s := t.stream(stream)
	var meta []byte
	if t.db.values.keeps(key, value) {
		p, err := s.apart.add(key, value)
		if err != nil {
			return err
		}
		value, meta = p.encode(), []byte{placeMeta}
	}
	if n := tableEntryBytes(key, len(value)); s.bytes+n > t.most {
		if err := t.endTable(s); err != nil {
			return err
		}
		s.bytes = n
	} else {
		s.bytes += n
	}
	badger.KVToBuffer(&pb.KV{Key: key, Value: seal(key, value), UserMeta: meta, Version: bulkNumber, StreamId: s.id}, s.buf)
	if s.buf.LenNoPadding() < tableBufferBytes {
		return nil
	}
	return t.write(s)
}

func (t *tableBulk) stream(n int) *tableStream {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.streams[n]
	if s == nil {
		t.last++
		s = &tableStream{buf: z.NewBuffer(tableBufferBytes, "kv"), id: t.last, apart: bulkVolumes{v: t.db.values, most: t.volumeBytes}}
		t.streams[n] = s
	}
	return s
}

// endTable ends a table and begins the next one.
func (t *tableBulk) endTable(s *tableStream) error {
	badger.KVToBuffer(&pb.KV{StreamId: s.id, StreamDone: true}, s.buf)
	t.mu.Lock()
	t.last++
	s.id = t.last
	t.mu.Unlock()
	return t.write(s)
}

func (t *tableBulk) write(s *tableStream) error {
	defer s.buf.Reset()
	if err := t.w.Write(s.buf); err != nil {
		return fmt.Errorf("write tables: %w", err)
	}
	return nil
}

func (t *tableBulk) Close() error {
	defer t.db.bulk.Unlock()
	defer t.release()
	if err := t.settle(); err != nil {
		return errors.Join(err, t.drop())
	}
	for _, s := range t.streams {
		if err := t.write(s); err != nil {
			return errors.Join(err, t.drop())
		}
	}
	if err := t.w.Flush(); err != nil {
		return errors.Join(fmt.Errorf("write tables: %w", err), t.drop())
	}
	return nil
}

func (t *tableBulk) Cancel() {
	defer t.db.bulk.Unlock()
	defer t.release()
	if err := t.drop(); err != nil && t.db.o.Warn != nil {
		t.db.o.Warn(err.Error())
	}
}

// drop ends a write that did not come to its end, and drops its tables: there was nothing else,
// and they are in no order yet. Where that fails too, nothing is written any more.
func (t *tableBulk) drop() error {
	t.w.Cancel()
	d := t.db
	d.use.Lock()
	err := d.db.DropAll()
	d.use.Unlock()
	if err != nil {
		err = fmt.Errorf("drop tables that were not all written: %w", err)
		d.restart(err)
	}
	return err
}

// settle makes the values that are kept apart survive a power cut, before Badger tells of them.
func (t *tableBulk) settle() error {
	for _, s := range t.streams {
		if s.apart.open == nil {
			continue
		}
		if err := s.apart.open.settle(); err != nil {
			return err
		}
	}
	return t.db.values.syncFolder()
}

func (t *tableBulk) release() {
	t.db.values.endBulk()
	for _, s := range t.streams {
		s.buf.Release()
	}
	t.streams = nil
}

// batchBulk writes many transactions.
type batchBulk struct {
	db *badgerDB
	mu sync.Mutex
	b  Batch
}

func (t *batchBulk) Set(stream int, key, value []byte) error {
	if err := checkSizes(key, len(value)); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b.Set(key, value)
	if !t.b.Full() { // more than a small DB takes at once would be refused
		return nil
	}
	defer t.b.Reset()
	return t.write()
}

// write writes what was collected, unless tables wait for room: Badger would have it wait too,
// and nobody could tell of a full disk.
func (t *batchBulk) write() error {
	if err := t.db.log.compactions.stuck(); err != nil {
		return err
	}
	return t.db.Write(&t.b)
}

func (t *batchBulk) Close() error {
	defer t.db.bulk.Unlock()
	if t.b.Len() == 0 {
		return nil
	}
	return t.write()
}

func (t *batchBulk) Cancel() { t.db.bulk.Unlock() }

// logger passes on what matters of what Badger says. Of tables that it cannot write Badger
// tells nobody else: it tries once a second for ever, and who writes or closes waits for it.
type logger struct {
	warn        func(string)
	compactions *compactions // nil where only is read

	mu     sync.Mutex
	failed int       // tables that could not be written, one after another
	last   time.Time // when that was told
	why    string
}

const (
	flushFailure = "error flushing memtable"
	flushPause   = 3 * time.Second // longer than Badger waits before it tries again
	mostFailures = 3
)

// failing tells that tables cannot be written.
func (l *logger) failing() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed < mostFailures || time.Since(l.last) > flushPause {
		return nil
	}
	return fmt.Errorf("tables cannot be written: %s", l.why)
}

func (l *logger) say(format string, args []any) {
	text := strings.TrimSpace(fmt.Sprintf(format, args...))
	if strings.HasPrefix(text, flushFailure) {
		l.mu.Lock()
		if time.Since(l.last) > flushPause {
			l.failed = 0
		}
		l.failed++
		l.last, l.why = time.Now(), text
		l.mu.Unlock()
	}
	if l.warn != nil {
		l.warn(text)
	}
}

func (l *logger) Errorf(format string, args ...any) { l.say(format, args) }
func (l *logger) Infof(string, ...any)              {}
func (l *logger) Debugf(format string, args ...any) { l.compactions.heard(format, args) }
func (l *logger) Warningf(format string, args ...any) {
	l.compactions.heard(format, args)
	l.say(format, args)
}
