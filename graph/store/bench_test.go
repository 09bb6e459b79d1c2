package store

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mocban/graph"
)

// The benchmarks on real size load a file of N-Triples, such as that of ../shared/bench/libgen:
//
//	go test ./graph/store -run - -bench Library -benchtime 1x -nt lib.nt
var memoryMB = flag.Int64("memory", 0, "MiB that a bulk load of the benchmarks may sort in; 0 means a quarter of the machine")

var ntFile = flag.String("nt", "", "file of canonical N-Triples for the benchmarks")

// eachPiece calls f with pieces of a file that end with a line, from as many goroutines as
// there are processors.
func eachPiece(file string, f func(piece string) error) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	pieces, wait := make(chan string), sync.WaitGroup{}
	var once errorOnce
	for range runtime.GOMAXPROCS(0) {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for p := range pieces {
				if err := f(p); err != nil {
					once.set(err)
				}
			}
		}()
	}
	r := bufio.NewReaderSize(in, 1<<20)
	for once.get() == nil {
		buf := make([]byte, 1<<20)
		n, err := io.ReadFull(r, buf)
		rest, _ := r.ReadString('\n')
		if n > 0 {
			pieces <- string(buf[:n]) + rest
		}
		if err != nil {
			break
		}
	}
	close(pieces)
	wait.Wait()
	return once.get()
}

func parseTriples(text string, f func(...graph.Quad) error) error {
	quads := make([]graph.Quad, 0, 512)
	for text != "" {
		s, rest, _ := strings.Cut(text, "\n")
		text = rest
		var terms [3]graph.Term
		for i := range terms {
			var err error
			if terms[i], s, err = graph.ParseTerm(s); err != nil {
				return fmt.Errorf("%.200q: %w", s, err)
			}
			s = strings.TrimPrefix(s, " ")
		}
		p, _ := terms[1].IRI()
		quads = append(quads, graph.Quad{S: terms[0], P: p, O: terms[2]})
		if len(quads) == cap(quads) {
			if err := f(quads...); err != nil {
				return err
			}
			quads = quads[:0]
		}
	}
	return f(quads...)
}

func loadFile(b testing.TB, s graph.Store, file string) {
	b.Helper()
	_, err := s.Load(context.Background(), func(l graph.Loader) error {
		l.SetSource(file)
		return eachPiece(file, func(piece string) error { return parseTriples(piece, l.Add) })
	})
	if err != nil {
		b.Fatal(err)
	}
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func peakRSS() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Maxrss) / 1024
}

func BenchmarkLibraryLoad(b *testing.B) {
	if *ntFile == "" {
		b.Skip("no -nt file")
	}
	for b.Loop() {
		cpu := cpuTime()
		start := time.Now()
		s, err := Open(b.TempDir(), Options{Memory: *memoryMB << 20})
		if err != nil {
			b.Fatal(err)
		}
		loadFile(b, s, *ntFile)
		took := time.Since(start)
		n := float64(s.(*Store).current.rows(0))
		b.ReportMetric(n/took.Seconds(), "triples/s")
		b.ReportMetric(n/(cpuTime()-cpu).Seconds(), "triples/cpu-s")
		b.ReportMetric(peakRSS(), "peak-MiB")
		for x, name := range []string{"SPO", "PSO", "POS", "OSP", "GSPO", "graphs"} {
			size := 0
			d := s.(*Store).current.base.dirs[x]
			for _, p := range d.pages {
				for _, e := range p.extents {
					bl, err := s.(*Store).block(index(x), &e, false)
					if err != nil {
						b.Fatal(err)
					}
					size += bl.Bytes()
				}
			}
			b.ReportMetric(float64(size)/n, name+"-B/triple")
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		s, err = Open(s.(*Store).dir, Options{})
		if err != nil {
			b.Fatal(err)
		}
		size := s.(*Store).Size()
		b.ReportMetric(float64(size.Data)/n, "data-B/triple")
		b.ReportMetric(float64(size.Log)/n, "log-B/triple")
		s.Close()
	}
}

var moreFile = flag.String("more", "", "file of N-Triples that BenchmarkLibraryMore loads into the store that has -nt")

// BenchmarkLibraryMore loads a file into a store that holds another one.
func BenchmarkLibraryMore(b *testing.B) {
	if *ntFile == "" || *moreFile == "" {
		b.Skip("no -nt and -more files")
	}
	for b.Loop() {
		b.StopTimer()
		s := bench(b)
		before, was := s.current.rows(0), s.Size().Data
		b.StartTimer()
		cpu := cpuTime()
		loadFile(b, s, *moreFile)
		n := float64(s.current.rows(0) - before)
		b.ReportMetric(n/(cpuTime()-cpu).Seconds(), "triples/cpu-s")
		b.ReportMetric(float64(s.Size().Data-was)/n, "more-data-B/triple")
	}
}

// bench opens a store with the library, or with made-up quads where there is no file.
func bench(b *testing.B) *Store {
	b.Helper()
	s, err := Open(b.TempDir(), Options{Volatile: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	if *ntFile != "" {
		loadFile(b, s, *ntFile)
		return s.(*Store)
	}
	_, err = s.Load(context.Background(), func(l graph.Loader) error {
		r := rand.New(rand.NewPCG(1, 1))
		for i := range 20_000 {
			subject := graph.IRI(fmt.Sprintf("http://example.org/work/%d", i)).Term()
			for p := range 10 {
				o := graph.IRI(fmt.Sprintf("http://example.org/thing/%d", r.IntN(5000))).Term()
				if err := l.Add(graph.Quad{S: subject, P: graph.IRI(fmt.Sprintf("http://example.org/p%d", p)), O: o}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return s.(*Store)
}

func BenchmarkLibraryScan(b *testing.B) {
	s := bench(b)
	sn, err := s.Snapshot()
	if err != nil {
		b.Fatal(err)
	}
	defer sn.Close()
	for _, o := range graph.Orders {
		b.Run(o.String(), func(b *testing.B) {
			n, cpu := 0, cpuTime()
			for b.Loop() {
				c, err := sn.Scan(context.Background(), graph.Pattern{}, o, graph.Cols(graph.PosS, graph.PosP, graph.PosO))
				if err != nil {
					b.Fatal(err)
				}
				var block graph.Block
				for c.Next(&block) {
					n += block.Len
				}
				c.Close()
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(n)/(cpuTime()-cpu).Seconds(), "rows/cpu-s")
		})
	}
}

// subjects returns some subjects at random.
func subjects(b *testing.B, sn graph.Snapshot) []graph.ID {
	b.Helper()
	c, err := sn.Scan(context.Background(), graph.Pattern{}, graph.SPO, graph.Cols(graph.PosS))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	var ids []graph.ID
	var block graph.Block
	for c.Next(&block) {
		ids = append(ids, block.Cols[graph.PosS][:min(64, block.Len)]...)
	}
	rand.New(rand.NewPCG(2, 2)).Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	return ids[:min(len(ids), 4096)]
}

func BenchmarkLibraryLookup(b *testing.B) {
	s := bench(b)
	sn, err := s.Snapshot()
	if err != nil {
		b.Fatal(err)
	}
	defer sn.Close()
	ids := subjects(b, sn)
	b.Run("subject", func(b *testing.B) {
		b.ReportAllocs()
		rows, cpu := 0, cpuTime()
		for i := 0; b.Loop(); i++ {
			c, err := sn.Scan(context.Background(), graph.Pattern{S: ids[i%len(ids)]}, graph.SPO, graph.Cols(graph.PosP, graph.PosO))
			if err != nil {
				b.Fatal(err)
			}
			var block graph.Block
			for c.Next(&block) {
				rows += block.Len
			}
			c.Close()
		}
		b.ReportMetric(float64((cpuTime()-cpu).Nanoseconds())/float64(b.N), "cpu-ns/op")
		b.ReportMetric(float64(rows)/float64(b.N), "rows/op")
	})
	b.Run("count", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, _, err := sn.Count(context.Background(), graph.Pattern{S: ids[i%len(ids)]}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("terms", func(b *testing.B) {
		terms := make([]graph.Term, len(ids))
		for b.Loop() {
			if err := sn.Terms(context.Background(), ids, terms); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*len(ids))/b.Elapsed().Seconds(), "terms/s")
	})
	b.Run("ids", func(b *testing.B) {
		terms := make([]graph.Term, len(ids))
		if err := sn.Terms(context.Background(), ids, terms); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := sn.IDs(context.Background(), terms, ids); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*len(ids))/b.Elapsed().Seconds(), "ids/s")
	})
}

// record returns the quads of a record, of which some differ between editions.
func record(n, edition int) (g graph.Term, quads []graph.Quad) {
	g = graph.IRI(fmt.Sprintf("http://example.org/record/%d", n)).Term()
	for i := range 60 {
		q := graph.Quad{S: graph.IRI(fmt.Sprintf("http://example.org/record/%d#n%d", n, i/6)).Term(), P: graph.IRI(fmt.Sprintf("http://example.org/p%d", i%20)), G: g}
		if q.O = graph.String(fmt.Sprintf("value %d of record %d", i, n)); i < 5 {
			q.O = graph.String(fmt.Sprintf("value %d of record %d, edition %d", i, n, edition))
		}
		quads = append(quads, q)
	}
	return g, quads
}

func BenchmarkReplace(b *testing.B) {
	for _, volatile := range []bool{true, false} {
		b.Run(fmt.Sprintf("volatile=%v", volatile), func(b *testing.B) {
			s, err := Open(b.TempDir(), Options{Volatile: volatile})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			_, err = s.Load(context.Background(), func(l graph.Loader) error {
				for n := range 2000 {
					_, quads := record(n, 0)
					if err := l.Add(quads...); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
			for i := 0; b.Loop(); i++ {
				g, quads := record(i*7%2000, i)
				_, err := s.Update(context.Background(), func(t graph.Txn) error {
					if err := t.DropGraph(g); err != nil {
						return err
					}
					return t.Add(quads...)
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func BenchmarkOpenSmall(b *testing.B) {
	for b.Loop() {
		s, err := Open(b.TempDir(), Options{Volatile: true})
		if err != nil {
			b.Fatal(err)
		}
		_, err = s.Load(context.Background(), func(l graph.Loader) error {
			for n := range 500 {
				_, quads := record(n, 0)
				if err := l.Add(quads...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUpdate commits many new records at once, as an ingest that goes on does.
func BenchmarkUpdate(b *testing.B) {
	for _, n := range []int{100, 2000} {
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			s, err := Open(b.TempDir(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			next, cpu := 0, cpuTime()
			for b.Loop() {
				_, err := s.Update(context.Background(), func(t graph.Txn) error {
					for range n {
						g, quads := record(next, 0)
						next++
						if err := t.DropGraph(g); err != nil {
							return err
						}
						if err := t.Add(quads...); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(next)/b.Elapsed().Seconds(), "records/s")
			b.ReportMetric(60*float64(next)/(cpuTime()-cpu).Seconds(), "quads/cpu-s")
		})
	}
}
