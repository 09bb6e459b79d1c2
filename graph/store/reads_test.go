package store

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/block"
)

var (
	fills   = flag.Int("fills", 1, "how often BenchmarkReads fills the delta, and folds it before the next time")
	ageless = flag.Bool("ageless", false, "BenchmarkReads measures the library as loaded, and no other")
)

// An aged store is a library at some time of its life, opened, with a snapshot.
type aged struct {
	name string
	*library
	sn   *snapshot
	cpu  time.Duration // of what is being measured
	done int
}

// BenchmarkReads tells what scans, counts and the rows of a subject cost as loaded, with the
// delta full, once that is folded, and once the store is compacted: all of them beside each
// other, measured in turn, in nanoseconds (or million rows a second) of the processor.
//
//	go test ./graph/store -run - -bench Reads -benchtime 20x -timeout 0 -nt lib10.nt
func BenchmarkReads(b *testing.B) {
	ages := agedLibraries(b)
	for _, o := range graph.Orders {
		for _, union := range []bool{false, true} {
			if union && o == graph.GSPO {
				continue
			}
			b.Run(fmt.Sprintf("scan/%v%s", o, asUnion(union)), func(b *testing.B) {
				p := graph.Pattern{Union: union}
				columns := graph.Cols(graph.PosS, graph.PosP, graph.PosO)
				inTurn(b, ages, "M/s", func(a *aged, _ int) int { return scanAll(b, a.sn, p, o, columns) })
			})
		}
	}
	bound := make(map[graph.Columns]bool)
	for _, o := range graph.Orders {
		for n := 1; n <= 4; n++ {
			if set := graph.Cols(beginning(o, n)...); bound[set] {
				continue
			} else {
				bound[set] = true
			}
			for _, union := range []bool{false, true} {
				if union && (o == graph.GSPO || n == 4) {
					continue
				}
				b.Run(fmt.Sprintf("count/%s%s", (o.String() + "G")[:n], asUnion(union)), func(b *testing.B) {
					eachPattern(b, ages, o, n, union, func(a *aged, p graph.Pattern) {
						if n, exact, err := a.sn.Count(context.Background(), p); err != nil || !exact || n == 0 {
							b.Fatal(p, n, exact, err)
						}
					})
				})
			}
		}
	}
	po := graph.Cols(graph.PosP, graph.PosO)
	for _, way := range []struct {
		name    string
		order   graph.Order
		bound   int
		union   bool
		columns graph.Columns
	}{
		{"union", graph.SPO, 1, true, po},
		{"graphs", graph.SPO, 1, false, po | graph.Cols(graph.PosG)},
		{"no graph", graph.SPO, 1, false, po},
		{"property", graph.SPO, 2, true, graph.Cols(graph.PosO)},
		{"in graph", graph.GSPO, 2, false, po},
	} {
		b.Run("subject/"+way.name, func(b *testing.B) {
			eachPattern(b, ages, way.order, way.bound, way.union, func(a *aged, p graph.Pattern) {
				if scanAll(b, a.sn, p, way.order, way.columns) == 0 {
					b.Fatal(p, "has no rows")
				}
			})
		})
		b.Run("subject again/"+way.name, func(b *testing.B) {
			var c graph.Cursor
			var rows graph.Block
			eachPattern(b, ages, way.order, way.bound, way.union, func(a *aged, p graph.Pattern) {
				var err error
				if c, err = a.sn.Rescan(context.Background(), c, p, way.order, way.columns); err != nil {
					b.Fatal(err)
				}
				for c.Next(&rows) {
				}
				c.Close()
			})
		})
	}
}

func asUnion(union bool) string {
	if union {
		return " union"
	}
	return ""
}

// beginning returns the first n positions of an order.
func beginning(o graph.Order, n int) []graph.Pos {
	p := o.Positions()
	return p[:n]
}

// agedLibraries returns the library at all times of its life, all open at once.
func agedLibraries(b *testing.B) (ages []*aged) {
	b.Helper()
	o := Options{Volatile: true, Memory: *memoryMB << 20, foldAt: 1 << 30} // it folds when it is told to
	l := openLibrary(b, o)
	graphs := l.graphs
	// again returns a copy of a library that is closed, after something was done.
	again := func(dir string, do func(l *library) error) *library {
		to := filepath.Join(b.TempDir(), "store")
		copyFolder(b, dir, to)
		l := &library{Store: mustOpen(b, to, o), graphs: graphs}
		if err := do(l); err != nil {
			b.Fatal(err)
		}
		return l
	}
	add := func(name string, l *library) {
		l.work.Wait()
		sn, err := l.snapshot()
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { sn.Close() })
		b.Logf("%s: %d quads, %.1f bytes each without the log", name, sn.rows(0), float64(l.Size().Data)/float64(sn.rows(0)))
		ages = append(ages, &aged{name: name, library: l, sn: sn})
	}
	if *ageless {
		add("loaded", l)
		return ages
	}
	closed := func(l *library) string {
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
		return l.dir
	}
	first := closed(l)
	changed := closed(again(first, func(l *library) error {
		for range *fills - 1 {
			if err := l.fill(mostFoldAt); err != nil {
				return err
			}
			if err := l.Fold(context.Background()); err != nil {
				return err
			}
		}
		return l.fill(mostFoldAt)
	}))
	nothing := func(*library) error { return nil }
	add("loaded", again(first, nothing))
	add("delta", again(changed, nothing))
	add("folded", again(changed, func(l *library) error { return l.Fold(context.Background()) }))
	add("compacted", again(changed, func(l *library) error { return l.Compact(context.Background()) }))
	return ages
}

// inTurn measures f, which does something so often as it returns, on one library after the
// other.
func inTurn(b *testing.B, ages []*aged, unit string, f func(a *aged, round int) int) {
	for _, a := range ages {
		f(a, 0) // warm
		a.cpu, a.done = 0, 0
	}
	for round := 0; b.Loop(); round++ {
		for _, a := range ages {
			cpu := cpuTime()
			a.done += f(a, round)
			a.cpu += cpuTime() - cpu
		}
	}
	b.ReportMetric(0, "ns/op")
	for _, a := range ages {
		per := float64(a.cpu.Nanoseconds()) / float64(a.done)
		if unit == "M/s" {
			per = 1000 / per
		}
		b.ReportMetric(per, a.name+"-"+unit)
	}
}

// manyTimes is how many patterns are asked for at a time.
const manyTimes = 4096

// eachPattern measures f with patterns that bind the first n positions of an order to what a
// row has, of rows at random.
func eachPattern(b *testing.B, ages []*aged, o graph.Order, n int, union bool, f func(a *aged, p graph.Pattern)) {
	patterns := make(map[*aged][]graph.Pattern)
	for _, a := range ages {
		for _, k := range sampleKeys(b, a.sn, indexOf(o)) {
			p := graph.Pattern{Union: union}
			for c, pos := range beginning(o, n) {
				p = p.With(pos, k[c])
			}
			patterns[a] = append(patterns[a], p)
		}
	}
	inTurn(b, ages, "ns", func(a *aged, _ int) int {
		for _, p := range patterns[a] {
			f(a, p)
		}
		return len(patterns[a])
	})
}

// sampleKeys returns rows of the base at random.
func sampleKeys(b *testing.B, sn *snapshot, x index) (keys []block.Key) {
	b.Helper()
	r := rand.New(rand.NewPCG(9, 9))
	pages := sn.base.dirs[x].pages
	for range manyTimes {
		p := pages[r.IntN(len(pages))]
		bl, err := sn.base.imp.block(x, &p.extents[r.IntN(len(p.extents))], true)
		if err != nil {
			b.Fatal(err)
		}
		k := bl.Key(r.IntN(bl.Len()))
		if there, err := sn.has(x, &k); err != nil {
			b.Fatal(err)
		} else if there {
			keys = append(keys, k)
		}
	}
	return keys
}

func scanAll(b *testing.B, sn *snapshot, p graph.Pattern, o graph.Order, columns graph.Columns) (n int) {
	c, err := sn.Scan(context.Background(), p, o, columns)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	for block := new(graph.Block); c.Next(block); {
		n += block.Len
	}
	return n
}
