package store

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/kv"
)

// The soak replaces records of a library one after another for as long as it is told, while
// readers go on, then compares what is left with a fresh load of the same quads:
//
//	go test ./graph/store -run TestSoak -v -timeout 0 -soak 30m -nt lib.nt
var (
	soakFor     = flag.Duration("soak", 0, "how long TestSoak replaces records; 0 means a second or two")
	soakRate    = flag.Int("soakrate", 200, "records that TestSoak replaces in a second; 0 means as many as it can")
	soakGroup   = flag.Int("soakgroup", 1, "records that TestSoak replaces in one change set")
	soakWriters = flag.Int("soakwriters", 1, "goroutines of TestSoak that replace records")
	soakReaders = flag.Int("soakreaders", 2, "goroutines of TestSoak that read")
	soakChange  = flag.Float64("soakchange", 0.1, "share of the quads of a record that TestSoak changes")
	soakMost    = flag.Float64("soakmost", 1536, "MiB of its own, not of files, that TestSoak may have resident while records are replaced")
	soakFold    = flag.Int("soakfold", 0, "rows in the delta from which TestSoak folds them; 0 means what suits the library")
	soakPause   = flag.Duration("soakpause", 100*time.Millisecond, "how long one of a thousand change sets of TestSoak may take")
)

// graphQuads is about how many quads of a file make the graph of a record.
const graphQuads = 100

// A library is a store of records, each a graph.
type library struct {
	*Store
	graphs int
	pool   []pooled // records that were read before, if any
}

// A pooled record is the quads of a record as text, so that the collector does not see them.
type pooled struct {
	n    int
	text string
}

// fillPool reads records at random, so that those who replace them need not read them first.
func (l *library) fillPool(t testing.TB, records int) {
	t.Helper()
	for _, n := range rand.New(rand.NewPCG(7, 7)).Perm(l.graphs)[:min(records, l.graphs)] {
		quads, err := l.quads(n)
		if err != nil {
			t.Fatal(err)
		}
		var text []byte
		for _, q := range quads {
			q.G = graph.Term{}
			text = append(graph.AppendQuad(text, q), '\n')
		}
		l.pool = append(l.pool, pooled{n, strings.TrimSuffix(string(text), "\n")})
	}
}

// draw returns a record at random.
func (l *library) draw(r *rand.Rand) (n int, quads []graph.Quad, err error) {
	if len(l.pool) == 0 {
		n = r.IntN(l.graphs)
		quads, err = l.quads(n)
		return n, quads, err
	}
	p := l.pool[r.IntN(len(l.pool))]
	err = parseTriples(p.text, func(some ...graph.Quad) error {
		quads = append(quads, some...)
		return nil
	})
	for i := range quads {
		quads[i].G = graphName(p.n)
	}
	return p.n, quads, err
}

func graphName(n int) graph.Term {
	return graph.IRI(fmt.Sprint("http://example.org/record/", n)).Term()
}

// libraryDir saves the time that it takes to load a large file again and again.
var libraryDir = flag.String("library", "", "folder in which the store of TestSoak and the benchmarks of updates is kept; it is loaded when there is none")

// openLibrary loads the file, cut into graphs, or made-up records.
func openLibrary(t testing.TB, o Options) *library {
	t.Helper()
	dir := *libraryDir
	if dir == "" {
		dir = t.TempDir()
	}
	l := &library{Store: mustOpen(t, dir, o)}
	if l.graphs = int(l.current.rows(graphsIndex)); l.graphs > 0 {
		return l
	}
	var graphs atomic.Int64
	_, err := l.Load(context.Background(), func(into graph.Loader) error {
		if *ntFile == "" {
			graphs.Store(1500)
			for n := range 1500 {
				_, quads := record(n, 0)
				for i := range quads {
					quads[i].G = graphName(n)
				}
				if err := into.Add(quads...); err != nil {
					return err
				}
			}
			return nil
		}
		return eachPiece(*ntFile, func(piece string) error {
			g, left := graph.Term{}, 0
			return parseTriples(piece, func(quads ...graph.Quad) error {
				for i := range quads {
					if left <= 0 && (i == 0 || quads[i].S != quads[i-1].S) {
						g, left = graphName(int(graphs.Add(1)-1)), graphQuads
					}
					quads[i].G = g
					left--
				}
				return into.Add(quads...)
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	l.graphs = int(graphs.Load())
	return l
}

// quads reads the quads of a record.
func (l *library) quads(n int) ([]graph.Quad, error) {
	sn, err := l.Snapshot()
	if err != nil {
		return nil, err
	}
	defer sn.Close()
	ctx := context.Background()
	ids := make([]graph.ID, 1)
	if err := sn.IDs(ctx, []graph.Term{graphName(n)}, ids); err != nil {
		return nil, err
	}
	return readQuads(ctx, sn, graph.Pattern{G: ids[0]}, graph.GSPO)
}

func readQuads(ctx context.Context, sn graph.Snapshot, p graph.Pattern, o graph.Order) (quads []graph.Quad, err error) {
	err = eachQuad(ctx, sn, p, o, func(some []graph.Quad) error {
		quads = append(quads, some...)
		return nil
	})
	return quads, err
}

// eachQuad calls f with the quads of a pattern, many at a time.
func eachQuad(ctx context.Context, sn graph.Snapshot, p graph.Pattern, o graph.Order, f func([]graph.Quad) error) error {
	c, err := sn.Scan(ctx, p, o, graph.AllColumns)
	if err != nil {
		return err
	}
	defer c.Close()
	var b graph.Block
	var terms [4][]graph.Term
	var quads []graph.Quad
	for c.Next(&b) {
		for pos := range terms {
			col := b.Cols[pos]
			if col == nil {
				col = slices.Repeat([]graph.ID{p.At(graph.Pos(pos))}, b.Len)
			}
			terms[pos] = slices.Grow(terms[pos][:0], b.Len)[:b.Len]
			if err := sn.Terms(ctx, col, terms[pos]); err != nil {
				return err
			}
		}
		quads = quads[:0]
		for i := range b.Len {
			pred, _ := terms[graph.PosP][i].IRI()
			quads = append(quads, graph.Quad{S: terms[graph.PosS][i], P: pred, O: terms[graph.PosO][i], G: terms[graph.PosG][i]})
		}
		if err := f(quads); err != nil {
			return err
		}
	}
	return c.Err()
}

// edit gives a share of the quads other objects.
func edit(r *rand.Rand, quads []graph.Quad, share float64, edition int) {
	for i := range quads {
		if r.Float64() >= share {
			continue
		}
		text, _, _ := strings.Cut(quads[i].O.Value(), " ~")
		text = fmt.Sprintf("%s ~%d", text, edition)
		switch {
		case quads[i].O.Lang() != "":
			quads[i].O = graph.Text(text, quads[i].O.Lang())
		default:
			quads[i].O = graph.String(text)
		}
	}
}

// replace replaces records in one change set and returns how long that took.
func (l *library) replace(r *rand.Rand, records int, share float64, edition int) (time.Duration, error) {
	news := make(map[int][]graph.Quad)
	for range records {
		n, quads, err := l.draw(r)
		if err != nil {
			return 0, err
		}
		edit(r, quads, share, edition)
		news[n] = quads
	}
	start := time.Now()
	_, err := l.Update(context.Background(), func(txn graph.Txn) error {
		for n, quads := range news {
			if err := txn.DropGraph(graphName(n)); err != nil {
				return err
			}
			if err := txn.Add(quads...); err != nil {
				return err
			}
		}
		return nil
	})
	return time.Since(start), err
}

// page reads what a page about a thing needs: its rows, those of what it points to, the terms
// of all, and how often it is pointed at.
func (l *library) page(ctx context.Context, thing graph.Term) error {
	sn, err := l.Snapshot()
	if err != nil {
		return err
	}
	defer sn.Close()
	ids := make([]graph.ID, 1)
	if err := sn.IDs(ctx, []graph.Term{thing}, ids); err != nil || ids[0] == graph.None {
		return errors.Join(err, fmt.Errorf("%v is not known", thing))
	}
	var objects []graph.ID
	rows := func(s graph.ID) error {
		c, err := sn.Scan(ctx, graph.Pattern{S: s, Union: true}, graph.SPO, graph.Cols(graph.PosP, graph.PosO))
		if err != nil {
			return err
		}
		defer c.Close()
		var b graph.Block
		for c.Next(&b) {
			objects = append(objects, b.Cols[graph.PosO]...)
		}
		return c.Err()
	}
	if err := rows(ids[0]); err != nil {
		return err
	}
	own := slices.Clone(objects)
	for _, o := range own {
		if o.Class() == graph.ClassIRI || o.Class() == graph.ClassBlank {
			if err := rows(o); err != nil {
				return err
			}
		}
	}
	if _, _, err := sn.Count(ctx, graph.Pattern{O: ids[0]}); err != nil {
		return err
	}
	terms := make([]graph.Term, len(objects))
	return sn.Terms(ctx, objects, terms)
}

// things returns subjects that pages can be asked for.
func (l *library) things(t testing.TB) (terms []graph.Term) {
	t.Helper()
	sn, err := l.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer sn.Close()
	r := rand.New(rand.NewPCG(3, 3))
	for range 2000 {
		quads, err := l.quads(r.IntN(l.graphs))
		if err != nil {
			t.Fatal(err)
		}
		terms = append(terms, quads[r.IntN(len(quads))].S)
	}
	return terms
}

// latencies collects how long something took.
type latencies struct {
	mu   sync.Mutex
	took []time.Duration
}

func (l *latencies) add(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.took = append(l.took, d)
}

// at returns what a share of them stays below.
func (l *latencies) at(share float64) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.took) == 0 {
		return 0
	}
	slices.Sort(l.took)
	return l.took[min(int(share*float64(len(l.took))), len(l.took)-1)]
}

func (l *latencies) String() string {
	return fmt.Sprintf("%d, p50 %v, p90 %v, p99 %v, p99.9 %v, max %v", len(l.took), l.at(0.5), l.at(0.9), l.at(0.99), l.at(0.999), l.at(1))
}

// read asks for pages, with a pause after each, until the context is done.
func (l *library) read(ctx context.Context, t testing.TB, r *rand.Rand, things []graph.Term, pause time.Duration, into *latencies) {
	for ctx.Err() == nil {
		start := time.Now()
		if err := l.page(context.Background(), things[r.IntN(len(things))]); err != nil {
			t.Error(err)
			return
		}
		into.add(time.Since(start))
		time.Sleep(pause)
	}
}

// readWhile has readers go on while f runs.
func (l *library) readWhile(t testing.TB, readers int, things []graph.Term, f func()) *latencies {
	into := new(latencies)
	ctx, stop := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	for i := range readers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			l.read(ctx, t, rand.New(rand.NewPCG(4, uint64(i))), things, 2*time.Millisecond, into)
		}()
	}
	f()
	stop()
	wait.Wait()
	return into
}

// A work says how records are replaced: so many in a second (0 for as many as can be), so many
// in one change set, from so many goroutines.
type work struct{ rate, group, writers int }

// update replaces records for a while and returns how long each change set took.
func (l *library) update(t testing.TB, d time.Duration, w work) *latencies {
	into := new(latencies)
	var wait sync.WaitGroup
	var edition atomic.Int64
	every := time.Duration(0)
	if w.rate > 0 {
		every = time.Duration(float64(time.Second) * float64(w.writers*w.group) / float64(w.rate))
	}
	end := time.Now().Add(d)
	for i := range w.writers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			r := rand.New(rand.NewPCG(5, uint64(i)))
			for next := time.Now(); time.Now().Before(end); next = next.Add(every) {
				time.Sleep(time.Until(next))
				took, err := l.replace(r, w.group, *soakChange, int(edition.Add(1)))
				if err != nil {
					t.Error(err)
					return
				}
				into.add(took)
			}
		}()
	}
	wait.Wait()
	return into
}

// dataBytes closes a store and returns how many bytes its data take without the log.
func dataBytes(t testing.TB, s *Store) int64 {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := mustOpen(t, s.dir, Options{ReadOnly: true})
	defer again.Close()
	return again.Size().Data
}

// A resident is how much memory a process has: of its own, and of files that are mapped, which
// the system takes back as it likes. In MiB.
type resident struct{ own, files float64 }

func (r resident) all() float64 { return r.own + r.files }

func (r resident) String() string {
	return fmt.Sprintf("%.0f MiB (%.0f of its own, %.0f of files)", r.all(), r.own, r.files)
}

// residentNow returns what the process has now, where the system tells.
func residentNow() (r resident) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return r
	}
	for line := range strings.Lines(string(b)) {
		var kib float64
		name, rest, _ := strings.Cut(line, ":")
		fmt.Sscan(rest, &kib)
		switch name {
		case "RssAnon":
			r.own += kib / 1024
		case "RssFile", "RssShmem":
			r.files += kib / 1024
		}
	}
	return r
}

// A gauge looks at a store from time to time.
type gauge struct {
	data, all          int64 // bytes at most: of the data in use, of all but the log
	tables             int64 // of those in Badger's tables
	resident           resident
	goroutines, opened int // now; files that are not tables or volumes
}

func (l *library) look() *gauge {
	g := &gauge{data: l.Size().Data, resident: residentNow(), goroutines: runtime.NumGoroutine()}
	files, _ := os.ReadDir("/proc/self/fd")
	g.opened = len(files)
	filepath.WalkDir(l.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (filepath.Ext(path) == ".sst" || filepath.Ext(path) == kv.VolumeSuffix) {
			if info, err := d.Info(); err == nil {
				g.all += info.Size()
				g.opened-- // each is open for as long as it is there
				if filepath.Ext(path) == ".sst" {
					g.tables += info.Size()
				}
			}
		}
		return nil
	})
	return g
}

// watch looks at a store every second until the context is done, and returns the most of all.
func (l *library) watch(ctx context.Context) (most gauge) {
	last := time.Now()
	for ctx.Err() == nil {
		g := l.look()
		most.data, most.all, most.tables = max(most.data, g.data), max(most.all, g.all), max(most.tables, g.tables)
		most.resident.own, most.resident.files = max(most.resident.own, g.resident.own), max(most.resident.files, g.resident.files)
		if testing.Verbose() && time.Since(last) > time.Minute/2 {
			last = time.Now()
			fmt.Printf("\tdata %d MiB, all but the log %d, in tables %d; resident %v\n", g.data>>20, g.all>>20, g.tables>>20, g.resident)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	return most
}

// watchWhile watches a store while f runs.
func (l *library) watchWhile(f func()) gauge {
	ctx, stop := context.WithCancel(context.Background())
	seen := make(chan gauge)
	go func() { seen <- l.watch(ctx) }()
	f()
	stop()
	return <-seen
}

// After any number of updates and a compaction, a store takes not much more than a fresh load
// of what it holds, and it holds that. Readers hardly notice the updates.
func TestSoak(t *testing.T) {
	d, idle := *soakFor, *soakFor/10
	if d == 0 {
		d, idle = 1500*time.Millisecond, 200*time.Millisecond
	}
	l := openLibrary(t, Options{Volatile: *soakFor == 0, Memory: *memoryMB << 20, foldAt: *soakFold})
	things := l.things(t)
	sn, err := l.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	n, _, err := sn.Count(context.Background(), graph.Pattern{})
	sn.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("loaded: %d quads in %d graphs; resident %v", n, l.graphs, residentNow())
	l.readWhile(t, *soakReaders, things, func() { time.Sleep(idle / 4) }) // to warm up
	quiet := l.readWhile(t, *soakReaders, things, func() { time.Sleep(idle) })
	t.Logf("pages, idle: %v", quiet)
	debug.FreeOSMemory() // what loading has left
	if *soakFor > 0 {
		// The collector is told, as serve tells it in a container.
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(*soakMost*0.85) << 20))
	}
	first := l.look()
	var writes, busy *latencies
	start, cpu := time.Now(), cpuTime()
	most := l.watchWhile(func() {
		busy = l.readWhile(t, *soakReaders, things, func() { writes = l.update(t, d, work{*soakRate, *soakGroup, *soakWriters}) })
	})
	took := time.Since(start)
	cpu = cpuTime() - cpu
	t.Logf("pages, while records are replaced: %v", busy)
	t.Logf("change sets of %d records: %v", *soakGroup, writes)
	rate := float64(len(writes.took)**soakGroup) / took.Seconds()
	t.Logf("records replaced: %.0f/s, %.2f ms of processor time each, readers' included", rate, cpu.Seconds()*1000/(rate*took.Seconds()))
	t.Logf("resident %v, at most %v while records were replaced, %.0f MiB with loading", residentNow(), most.resident, peakRSS())
	if *soakFor > 0 && most.resident.own > *soakMost {
		t.Errorf("%.0f MiB of its own were resident, more than %.0f MiB", most.resident.own, *soakMost)
	}
	if *soakFor > 0 && rate < 0.98*float64(*soakRate) {
		t.Errorf("%.0f records a second were replaced instead of %d", rate, *soakRate)
	}
	if *soakFor > 0 && writes.at(0.999) > *soakPause {
		t.Errorf("one of a thousand change sets took %v or more", writes.at(0.999))
	}
	if *soakFor > 0 && busy.at(0.99) > 2*quiet.at(0.99) {
		t.Errorf("p99 of pages is %v while records are replaced, %v idle", busy.at(0.99), quiet.at(0.99))
	}
	before := l.Size()
	start, cpu = time.Now(), cpuTime()
	if err := l.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Logf("compacted in %v, %v of processor time; resident %v", time.Since(start), cpuTime()-cpu, residentNow())
	l.work.Wait() // for what removes the data that were replaced
	last := l.look()
	t.Logf("goroutines: %d before, %d after; files open: %d before, %d after", first.goroutines, last.goroutines, first.opened, last.opened)
	if last.goroutines > first.goroutines+10 || last.opened > first.opened+30 {
		t.Error("goroutines or files are left open")
	}
	want := l.checkSpace(t, before.Data)
	ratio := func(n int64) float64 { return float64(n) / float64(want) }
	t.Logf("data, while records were replaced: at most %.2f times a fresh load (%.2f in tables); %.2f with those being made anew beside", ratio(most.data), ratio(most.tables), ratio(most.all))
	if *soakFor > 0 && ratio(most.data) > 1.5 {
		t.Errorf("the data took %d bytes while records were replaced, freshly loaded %d", most.data, want)
	}
}

// checkSpace compares the store with a fresh load of its quads, and returns the bytes of that.
func (l *library) checkSpace(t testing.TB, before int64) int64 {
	t.Helper()
	sn, err := l.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	fresh := mustOpen(t, t.TempDir(), l.o)
	_, err = fresh.Load(context.Background(), func(into graph.Loader) error {
		return eachQuad(context.Background(), sn, graph.Pattern{}, graph.GSPO, func(quads []graph.Quad) error { return into.Add(quads...) })
	})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := l.current.total(), fresh.current.total(); a.Quads != b.Quads || a.Sum != b.Sum {
		t.Errorf("it holds %d quads with the sum %v, a fresh load of them %d with %v", a.Quads, a.Sum, b.Quads, b.Sum)
	}
	sn.Close()
	log, quads := l.Size().Log, l.current.rows(0)
	want, got := dataBytes(t, fresh), dataBytes(t, l.Store)
	t.Logf("data: %.1f bytes a quad before compaction, %.1f after, %.1f freshly loaded (ratio %.2f); log %.1f",
		float64(before)/float64(quads), float64(got)/float64(quads), float64(want)/float64(quads), float64(got)/float64(want), float64(log)/float64(quads))
	if float64(got) > 1.5*float64(want) {
		t.Errorf("the data take %d bytes, freshly loaded %d", got, want)
	}
	return want
}

// BenchmarkReplaceRecords replaces records of a library, synced, while readers go on: one by
// one, many at the same time that share syncs, and thousands in one change set, as an ingest
// does. The time is that of all, with reading the new record from text and with folding.
func BenchmarkReplaceRecords(b *testing.B) {
	l := openLibrary(b, Options{Memory: *memoryMB << 20})
	things := l.things(b)
	l.fillPool(b, 50_000)
	for _, c := range []struct {
		name           string
		writers, group int
		share          float64
	}{
		{"one=few", 1, 1, 0.1},
		{"one=all", 1, 1, 1},
		{"same time", 32, 1, 0.1},
		{"in one=few", 1, 1000, 0.1},
		{"in one=all", 1, 1000, 1},
	} {
		b.Run(c.name, func(b *testing.B) {
			took := new(latencies)
			n := max(b.N/c.group/c.writers, 1)
			records := float64(n * c.writers * c.group)
			cpu := cpuTime()
			var most int64
			pages := l.readWhile(b, 2, things, func() {
				b.ResetTimer()
				most = l.largest(func() {
					var wait sync.WaitGroup
					for w := range c.writers {
						wait.Add(1)
						go func() {
							defer wait.Done()
							r := rand.New(rand.NewPCG(6, uint64(w)))
							for i := range n {
								d, err := l.replace(r, c.group, c.share, i+1)
								if err != nil {
									b.Error(err)
									return
								}
								took.add(d)
							}
						}()
					}
					wait.Wait()
				})
				b.StopTimer()
			})
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(records/b.Elapsed().Seconds(), "records/s")
			b.ReportMetric((cpuTime()-cpu).Seconds()*1000/records, "cpu-ms/record")
			b.ReportMetric(took.at(0.5).Seconds()*1000, "p50-ms")
			b.ReportMetric(took.at(0.99).Seconds()*1000, "p99-ms")
			b.ReportMetric(took.at(1).Seconds()*1000, "max-ms")
			b.ReportMetric(pages.at(0.99).Seconds()*1000, "page-p99-ms")
			b.ReportMetric(float64(most)/float64(l.current.rows(0)), "most-B/row")
			b.ReportMetric(residentNow().own, "own-MiB")
		})
	}
}

// BenchmarkPages tells how long pages take while nothing else happens and while records are
// replaced, for as long as -soak says.
func BenchmarkPages(b *testing.B) {
	l := openLibrary(b, Options{Memory: *memoryMB << 20})
	things := l.things(b)
	d := max(*soakFor, time.Second)
	for _, c := range []struct {
		name string
		work
	}{
		{"idle", work{}},
		{"one by one", work{200, 1, 1}},
		{"all the time", work{0, 1, 1}},
		{"in groups", work{0, 500, 1}},
	} {
		b.Run(c.name, func(b *testing.B) {
			writes, cpu := new(latencies), cpuTime()
			pages := l.readWhile(b, *soakReaders, things, func() {
				if c.writers == 0 {
					time.Sleep(d)
					return
				}
				writes = l.update(b, d, c.work)
			})
			records := float64(len(writes.took) * c.group)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(len(pages.took))/d.Seconds(), "pages/s")
			b.ReportMetric(pages.at(0.5).Seconds()*1000, "p50-ms")
			b.ReportMetric(pages.at(0.99).Seconds()*1000, "p99-ms")
			b.ReportMetric(pages.at(1).Seconds()*1000, "max-ms")
			b.ReportMetric(100*(cpuTime()-cpu).Seconds()/d.Seconds(), "cpu-%")
			if records > 0 {
				b.ReportMetric(records/d.Seconds(), "records/s")
				b.ReportMetric(writes.at(0.99).Seconds()*1000, "write-p99-ms")
				b.ReportMetric(writes.at(1).Seconds()*1000, "write-max-ms")
			}
		})
	}
}

// largest returns how many bytes the data take at most while f runs.
func (l *library) largest(f func()) int64 {
	most := l.Size().Data
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-time.After(200 * time.Millisecond):
				most = max(most, l.Size().Data)
			}
		}
	}()
	f()
	close(done)
	<-ended
	return most
}

// BenchmarkFold folds a delta that is full, of records here and there, into the base.
func BenchmarkFold(b *testing.B) {
	l := openLibrary(b, Options{Memory: *memoryMB << 20})
	l.o.foldAt = 1 << 30 // when it is told to
	b.ResetTimer()
	var cpu time.Duration
	items, most := 0, int64(0)
	for range b.N {
		b.StopTimer()
		if err := l.fill(mostFoldAt); err != nil {
			b.Fatal(err)
		}
		items += l.current.deltas[0].items
		cpu -= cpuTime()
		b.StartTimer()
		most = l.largest(func() {
			if err := l.Fold(context.Background()); err != nil {
				b.Fatal(err)
			}
		})
		cpu += cpuTime()
	}
	b.ReportMetric(float64(most)/float64(l.current.rows(0)), "most-B/row")
	b.ReportMetric(float64(cpu.Microseconds())/float64(items), "cpu-µs/row")
	b.ReportMetric(cpu.Seconds()/float64(b.N), "cpu-s/fold")
}

// fill changes records until the delta holds so many rows.
func (l *library) fill(rows int) error {
	r := rand.New(rand.NewPCG(8, 8))
	for edition := 1; ; edition++ {
		l.mu.Lock()
		full := l.current.deltas[0].items >= rows || l.current.deltas[0].items >= int(l.current.rows(0)/4)
		l.mu.Unlock()
		if full {
			return nil
		}
		if _, err := l.replace(r, 500, 0.1, edition); err != nil {
			return err
		}
	}
}
