package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"mocban/graph"
	"mocban/graph/block"
	"mocban/graph/dict"
	"mocban/graph/kv"
	"mocban/graph/log"
)

// A Part is a part of a store that can be damaged.
type Part string

// The parts. What is wrong with the data is mended by [Rebuild] from the log, what is wrong
// with the log only by a backup.
const (
	PartLog  Part = "log"
	PartData Part = "data"
)

// A Finding tells of damage.
type Finding struct {
	Part   Part
	Place  string // a file, a key, a block, a change set
	Detail string
}

func (f Finding) String() string { return fmt.Sprintf("%s: %s", f.Place, f.Detail) }

// VerifyOptions are those of Verify.
type VerifyOptions struct {
	// Full reads more than checksums: all orders are decoded and compared with each other and
	// with what the log tells, the dictionary is asked both ways, and the sum of the log's
	// steps is compared with that of the data.
	Full bool

	// Found, if not nil, is told of each finding as it comes.
	Found func(Finding)

	// Rate bounds how many bytes are read in a second; 0 means no bound.
	Rate int64
}

// A Report tells what Verify looked at.
type Report struct {
	Version  graph.Version
	Time     time.Time
	Hash     log.Hash
	Total    log.Total
	Rows     log.Sum // of IDs, which all orders share
	Bytes    int64   // read
	Findings int
}

// Verify looks for damage in the store in a folder, also where it does not open.
func Verify(ctx context.Context, dir string, o Options, v VerifyOptions) (Report, error) {
	o.ReadOnly = true
	c := &checker{ctx: ctx, o: v, start: time.Now()}
	wrong, err := c.closed(dir, o)
	if err != nil {
		return Report{}, err
	}
	g, err := Open(dir, o)
	if err == nil {
		s := g.(*Store)
		c.s = s
		r, err := c.run(wrong)
		return r, errors.Join(err, s.Close())
	}
	if errors.Is(err, ErrInUse) || errors.Is(err, graph.ErrNotFound) || errors.Is(err, errNewer) || !isStore(dir) {
		return Report{}, err
	}
	var r Report
	found := func(f Finding) {
		r.Findings++
		if v.Found != nil {
			v.Found(f)
		}
	}
	for _, f := range wrong {
		found(f)
	}
	at, logErr := (&log.Checker{Found: func(place, detail string) { found(Finding{PartLog, place, detail}) }}).
		Check(ctx, filepath.Join(dir, logFolder))
	if logErr != nil {
		return r, logErr
	}
	r.Version, r.Time, r.Hash, r.Total = at.Version, at.Time, at.Hash, at.Total
	if r.Findings == 0 {
		found(Finding{PartData, dir, err.Error()})
	}
	return r, nil
}

// closed compares the files of a store that nobody has open for writing with their sums.
func (c *checker) closed(dir string, o Options) (found []Finding, err error) {
	s := newStore(dir, o)
	c.s = s
	err = s.openLock()
	if err == nil {
		found, err = c.closedFiles(s)
	} else if !errors.Is(err, ErrInUse) {
		err = nil // opening tells of it
	}
	return found, errors.Join(err, s.closeFiles())
}

// Verify looks for damage. Others may use the store meanwhile. An error means that it could
// not be looked at; damage is no error.
func (s *Store) Verify(ctx context.Context, o VerifyOptions) (Report, error) {
	return (&checker{s: s, ctx: ctx, o: o, start: time.Now()}).run(nil)
}

// run looks for damage in a store whose files were looked at, if it was not opened for writing.
func (c *checker) run(wrong []Finding) (Report, error) {
	s, o := c.s, c.o
	s.looking.RLock()
	defer s.looking.RUnlock()
	sn, err := s.snapshot()
	if err != nil {
		return c.report, err
	}
	st := sn.state
	c.report = Report{Version: st.version, Time: st.time, Hash: st.mark.Hash, Total: st.total(), Rows: st.sums.rows, Bytes: c.report.Bytes}
	size := s.Size()
	c.total += size.Log + size.Data + s.lasting.bytes()
	for _, f := range wrong {
		c.found(f)
	}
	if o.Full {
		c.sn = sn
	} else {
		sn.Close()
	}
	defer sn.Close()
	for _, step := range [...]func() error{c.files, c.log, c.dictionary, c.orders, c.rest, c.meaning} {
		if err := step(); err != nil {
			return c.report, fmt.Errorf("verify store %s: %w", s.dir, err)
		}
	}
	if c.report.Findings == 0 && s.data != madeFolder {
		s.forgetDamage(o.Full)
	}
	return c.report, nil
}

// snapshot is Snapshot as the type it is.
func (s *Store) snapshot() (*snapshot, error) {
	sn, err := s.Snapshot()
	if err != nil {
		return nil, err
	}
	return sn.(*snapshot), nil
}

// A checker looks for damage.
type checker struct {
	s      *Store
	ctx    context.Context // of the one check that the checker is
	o      VerifyOptions
	report Report
	start  time.Time
	looked bool      // at the files
	total  int64     // bytes there are
	sn     *snapshot // that is looked at in full
	hashes *storedHashes
	quads  log.Sum // of the rows of SPO and the graphs, by their terms
}

func (c *checker) found(f Finding) {
	c.report.Findings++
	if c.s.data != madeFolder {
		c.s.rememberDamage(f, c.o.Full)
	}
	if c.o.Found != nil {
		c.o.Found(f)
	}
}

func (c *checker) data(place, detail string) { c.found(Finding{PartData, place, detail}) }

// read counts bytes that were read, and waits where there is a bound.
func (c *checker) read(n int64) error {
	c.report.Bytes += n
	c.s.o.progress("verify", uint64(min(c.report.Bytes, c.total)), uint64(c.total))
	if c.o.Rate <= 0 {
		return c.ctx.Err()
	}
	due := time.Duration(float64(c.report.Bytes) / float64(c.o.Rate) * float64(time.Second))
	wait := due - time.Since(c.start)
	if wait <= 0 {
		return c.ctx.Err()
	}
	select {
	case <-time.After(wait):
		return nil
	case <-c.ctx.Done():
		return c.ctx.Err()
	}
}

// log reads the log.
func (c *checker) log() error {
	check := log.Checker{
		Until: c.report.Version,
		Found: func(place, detail string) { c.found(Finding{PartLog, place, detail}) },
		Step:  c.read,
	}
	before := c.report.Findings
	at, err := check.Check(c.ctx, c.s.log.Dir())
	if err != nil || c.report.Findings > before {
		return err
	}
	switch {
	case at.Version != c.report.Version || at.Hash != c.report.Hash:
		c.found(Finding{PartLog, c.s.log.Dir(), fmt.Sprintf("version %d has the hash %x, the data were made from one with %x", at.Version, at.Hash, c.report.Hash)})
	case at.Total.Known && at.Total != c.report.Total:
		c.data("the quads", fmt.Sprintf("there are %d with the sum %v, the log tells of %d with %v", c.report.Total.Quads, c.report.Total.Sum, at.Total.Quads, at.Total.Sum))
	}
	return nil
}

// dictionary reads the terms.
func (c *checker) dictionary() error {
	d := dict.Checker{
		Both:  c.o.Full,
		Found: c.data,
		Step:  func(n int) error { return c.read(int64(n)) },
	}
	if c.o.Full {
		c.hashes = new(storedHashes)
		d.Each = c.hashes.add
	}
	return c.s.dict.Check(c.ctx, d)
}

// fewBlocks is how many blocks are looked at before a newer snapshot is taken, so that a
// check that takes its time does not keep what nobody else needs.
const fewBlocks = 256

// orders reads the blocks of all orders, and their rows if that is asked for.
func (c *checker) orders() error {
	for x := range indexes {
		if err := c.order(x); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) order(x index) error {
	b := blockChecker{c: c, x: x}
	var from block.Key
	for more := true; more; {
		sn := c.sn
		if sn == nil {
			var err error
			if sn, err = c.s.snapshot(); err != nil {
				return err
			}
		}
		var err error
		more, err = b.some(sn.base.dirs[x], &from)
		if c.sn == nil {
			sn.Close()
		}
		if err != nil {
			return err
		}
	}
	if c.sn != nil && !b.spoiled {
		c.compare(&b)
	}
	return nil
}

// compare tells whether the rows of an order are those that it should have.
func (c *checker) compare(b *blockChecker) {
	base := c.sn.base
	if want := base.dirs[b.x].total; b.rows != want.rows {
		c.data(b.x.name(), fmt.Sprintf("it has %d rows instead of %d", b.rows, want.rows))
	}
	if err := checkFold(b.x, b.tally.sum, new(tally), base.sums[b.x]); err != nil {
		c.data(b.x.name(), fmt.Sprintf("its rows have the sum %v instead of %v", b.tally.sum, base.sums[b.x]))
	}
	if b.x != indexOf(graph.SPO) && b.x != graphsIndex {
		return
	}
	c.quads = c.quads.Plus(b.quads)
	for p := c.sn.deltas[b.x].begin(); ; p.next() {
		k := p.key()
		if k == nil {
			return
		}
		r := b.x.row(k)
		if h := c.hashes.row(&r); p.adds() {
			c.quads = c.quads.Plus(h)
		} else {
			c.quads = c.quads.Minus(h)
		}
	}
}

// A blockChecker looks at the blocks of an index.
type blockChecker struct {
	c       *checker
	x       index
	any     bool
	spoiled bool // a block could not be read
	last    block.Key
	rows    uint64
	tally   tally
	quads   log.Sum
	cols    [block.Columns][]graph.ID
}

// some looks at the next blocks from a key on, and tells whether there are more.
func (b *blockChecker) some(d *directory, from *block.Key) (more bool, err error) {
	at := d.seek(from)
	for n := 0; ; n++ {
		e := d.at(at)
		if e == nil {
			return false, nil
		}
		if n == fewBlocks {
			return true, nil
		}
		if err := b.block(e); err != nil {
			return false, err
		}
		*from = e.last
		for i := len(from) - 1; i >= 0; i-- { // the key after it
			if from[i]++; from[i] != 0 {
				break
			}
		}
		at = d.after(at)
	}
}

func (b *blockChecker) block(e *extent) error {
	key := appendID(nil, blockKind, b.x, e.id)
	place := fmt.Sprintf("block %d of %s (key %q)", e.id, b.x.name(), key)
	var raw []byte
	err := b.c.s.db.Get(key, func(v []byte) error {
		raw = append(raw, v...)
		return nil
	})
	if errors.Is(err, kv.ErrClosed) {
		return err
	}
	var blk *block.Block
	if err == nil {
		blk, err = block.Parse(raw)
	}
	if err != nil {
		b.spoiled = true
		b.c.data(place, detailOf(err))
		return b.c.read(int64(len(raw)))
	}
	if n := blk.Len(); uint64(n) != e.counts.rows || blk.Key(0) != e.first || blk.Key(n-1) != e.last {
		b.spoiled = true
		b.c.data(place, "its rows are not those that the directory tells of")
	}
	for i := range e.counts.distinct {
		if uint64(blk.Distinct(i+1)) != e.counts.distinct[i] {
			b.c.data(place, fmt.Sprintf("it tells of %d different beginnings of %d columns, the directory of %d", blk.Distinct(i+1), i+1, e.counts.distinct[i]))
		}
	}
	if b.c.o.Full {
		b.decode(blk, place)
	}
	return b.c.read(int64(len(raw)))
}

// decode looks at each row.
func (b *blockChecker) decode(blk *block.Block, place string) {
	n := blk.Len()
	for i := range b.cols {
		b.cols[i] = slices.Grow(b.cols[i][:0], n)[:n]
		blk.Fill(b.cols[i], i, 0)
	}
	var distinct [block.Columns - 1]int
	for r := range n {
		k := block.Key{b.cols[0][r], b.cols[1][r], b.cols[2][r], b.cols[3][r]}
		if b.any && b.last.Compare(&k) >= 0 {
			b.c.data(place, fmt.Sprintf("row %d is not above the one before it", r))
			b.spoiled = true
			return
		}
		for i := range distinct {
			if r == 0 || differ(&b.last, &k, i+1) {
				distinct[i]++
			}
		}
		b.last, b.any = k, true
		b.rows++
		b.tally.add(b.x, &k)
		if b.x == indexOf(graph.SPO) || b.x == graphsIndex {
			row := b.x.row(&k)
			b.quads = b.quads.Plus(b.c.hashes.row(&row))
		}
	}
	for i := range distinct {
		if distinct[i] != blk.Distinct(i+1) {
			b.c.data(place, fmt.Sprintf("it has %d different beginnings of %d columns and tells of %d", distinct[i], i+1, blk.Distinct(i+1)))
		}
	}
}

// differ tells whether two keys differ in their first n columns.
func differ(a, b *block.Key, n int) bool {
	for i := range n {
		if a[i] != b[i] {
			return true
		}
	}
	return false
}

// rest reads all other values, for their checksums.
func (c *checker) rest() error {
	kinds := []byte{'l', orderKind, 'p'} // looked at by now
	low := []byte{0}
	for _, k := range kinds {
		if err := c.scan(low, []byte{k}); err != nil {
			return err
		}
		low = []byte{k + 1}
	}
	return c.scan(low, nil)
}

// errPause ends a scan that goes on later.
var errPause = errors.New("pause")

// scan reads the values of keys from low to before high, piece by piece.
func (c *checker) scan(low, high []byte) error {
	const piece = 1 << 20
	for {
		n := 0
		var at []byte
		err := c.s.db.Scan(low, high, func(key, value []byte) error {
			at = append(at[:0], key...)
			if n += len(key) + len(value); n > piece {
				return errPause
			}
			return nil
		})
		if e := c.read(int64(n)); e != nil {
			return e
		}
		var damaged *kv.DamageError
		switch {
		case err == nil:
			return nil
		case errors.Is(err, errPause):
			low = append(at, 0)
		case errors.As(err, &damaged):
			c.data(fmt.Sprintf("key %q", damaged.Key), damaged.Detail)
			next := append(slices.Clone(damaged.Key), 0)
			if slices.Compare(next, low) <= 0 {
				c.data(fmt.Sprintf("keys from %q on", low), "they cannot be read")
				return nil
			}
			low = next
		case errors.Is(err, kv.ErrClosed):
			return err
		default:
			c.data(fmt.Sprintf("keys from %q on", low), err.Error())
			return nil
		}
	}
}

// meaning compares the quads with the log: the sum of the terms of all rows with that of the
// steps that led to them.
func (c *checker) meaning() error {
	if !c.o.Full || c.report.Findings > 0 {
		return nil // what was found says why they differ
	}
	if want := c.report.Total.Sum; c.quads != want {
		c.data("the quads", fmt.Sprintf("their terms have the sum %v instead of %v", c.quads, want))
		return nil
	}
	var sum log.Sum
	for ch, err := range c.s.log.Read(c.ctx, 0) {
		if err != nil {
			return err
		}
		if ch.Version > c.report.Version {
			break
		}
		if sum, err = c.s.sumChange(c.ctx, sum, &ch); err != nil {
			return err
		}
		if want := ch.Mark.Total; want.Known && want.Sum != sum {
			c.found(Finding{PartLog, fmt.Sprintf("change set %d", ch.Version), fmt.Sprintf("its steps lead to the sum %v, it tells of %v", sum, want.Sum)})
			return nil
		}
	}
	if sum != c.quads {
		c.data("the quads", fmt.Sprintf("their terms have the sum %v, those of the log %v", c.quads, sum))
	}
	return nil
}

// detailOf tells what an error says beside the place.
func detailOf(err error) string {
	var damaged *kv.DamageError
	var corrupt *graph.CorruptError
	switch {
	case errors.Is(err, kv.ErrNotFound):
		return "it is missing"
	case errors.As(err, &damaged):
		return damaged.Detail
	case errors.As(err, &corrupt):
		return corrupt.Detail
	}
	return err.Error()
}

// sumChange returns the sum after a change set of the log.
func (s *Store) sumChange(ctx context.Context, sum log.Sum, c *log.Change) (log.Sum, error) {
	if !c.Bulk && !c.All {
		var h quadHash
		for op, err := range c.Raw() {
			if err != nil {
				return sum, err
			}
			sum = h.op(sum, &op)
		}
		return sum, nil
	}
	if c.All {
		sum = log.Sum{}
	}
	l := loader{s: s}
	most := int(l.memory() / 2 / 16)
	passes := 1 + int(c.Added)*5/4/most
	for pass := range passes {
		part, err := sumLoad(ctx, c, pass, passes, most)
		if err != nil {
			return sum, err
		}
		sum = sum.Plus(part)
	}
	return sum, nil
}

// sumLoad sums up what a load adds, each quad once however often it was given, of those whose
// hashes belong to a pass.
func sumLoad(ctx context.Context, c *log.Change, pass, passes, most int) (sum log.Sum, err error) {
	var h quadHash
	var seen []log.Sum
	compact := func() {
		slices.SortFunc(seen, func(a, b log.Sum) int {
			switch {
			case a.Hi != b.Hi && a.Hi < b.Hi, a.Hi == b.Hi && a.Lo < b.Lo:
				return -1
			case a == b:
				return 0
			}
			return 1
		})
		seen = slices.Compact(seen)
	}
	for step, err := range c.Steps() {
		if err != nil {
			return sum, err
		}
		var q log.Sum
		if step.Op.Kind == graph.OpCreateGraph {
			q = h.graph(step.Op.Quad.G)
		} else {
			q = h.quad(&step.Op.Quad)
		}
		switch {
		case int(q.Lo%uint64(passes)) != pass:
		case step.Known:
			sum = sum.Minus(q)
		default:
			if seen = append(seen, q); len(seen) == cap(seen) && len(seen) > most {
				if compact(); ctx.Err() != nil {
					return sum, ctx.Err()
				}
			}
		}
	}
	compact()
	for _, q := range seen {
		sum = sum.Plus(q)
	}
	return sum, nil
}

// storedHashes are the hashes of all terms of a dictionary, by ID.
type storedHashes struct {
	classes [16]classHashes
	late    []uint64 // by number
}

// classHashes are those of the terms of a class whose IDs follow one another.
type classHashes struct {
	first  uint64
	hashes []uint64
}

func (t *storedHashes) add(id graph.ID, key string) {
	h := dict.Hash(id.Class(), []byte(key))
	if id.Late() {
		n := id.Payload() &^ graph.LateBit
		for uint64(len(t.late)) <= n {
			t.late = append(t.late, 0)
		}
		t.late[n] = h
		return
	}
	c := &t.classes[id.Class()]
	if c.hashes == nil {
		c.first = id.Payload()
	}
	for c.first+uint64(len(c.hashes)) < id.Payload() {
		c.hashes = append(c.hashes, 0) // of terms that could not be read
	}
	c.hashes = append(c.hashes, h)
}

func (t *storedHashes) of(id graph.ID) uint64 {
	if id.Inlined() || id.Class() == graph.ClassSpecial {
		return hashID(id)
	}
	if id.Late() {
		if n := id.Payload() &^ graph.LateBit; n < uint64(len(t.late)) {
			return t.late[n]
		}
		return 0
	}
	c := &t.classes[id.Class()]
	if n := id.Payload() - c.first; n < uint64(len(c.hashes)) {
		return c.hashes[n]
	}
	return 0
}

func (t *storedHashes) row(r *graph.Row) log.Sum {
	return hashRow(t.of(r[graph.PosS]), t.of(r[graph.PosP]), t.of(r[graph.PosO]), t.of(r[graph.PosG]))
}
