package sparql_test

import (
	"context"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/graph/store"
	"mocban/sparql"
)

var (
	benchFile    = flag.String("nt", "", "N-Triples of ../../shared/bench/libgen, for BenchmarkLibrary")
	benchStore   = flag.String("store", "", "folder in which BenchmarkLibrary keeps its store")
	benchRecords = flag.Int("records", 22000, "number of records that the N-Triples were made of")
	benchQueries = flag.String("folder", "../../shared/bench/queries", "folder of queries")
)

// libraryStore loads the library graph, or opens it where it was loaded before.
func libraryStore(b *testing.B) graph.Store {
	if *benchFile == "" && *benchStore == "" {
		b.Skip("no data: give -nt the output of ../../shared/bench/libgen")
	}
	dir := *benchStore
	if dir == "" {
		dir = b.TempDir()
	}
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	snap, err := s.Snapshot()
	if err != nil {
		b.Fatal(err)
	}
	defer snap.Close()
	if snap.Version() > 0 {
		return s
	}
	f, err := os.Open(*benchFile)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, err = s.Load(context.Background(), func(l graph.Loader) error { return readInto(l, f) }); err != nil {
		b.Fatal(err)
	}
	return s
}

func readInto(l graph.Loader, f io.Reader) error {
	r, err := rdfio.NewReader(rdfio.NTriples, f, rdfio.ReadOptions{})
	if err != nil {
		return err
	}
	buf := make([]graph.Quad, 1000)
	for {
		n, err := r.Read(buf)
		if e := l.Add(buf[:n]...); e != nil {
			return e
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// draw returns a number between low and high, the same for the same salt, as the runner of
// the bench draws it.
func draw(salt string, low, high int) int {
	h := sha1.Sum([]byte(salt))
	return low + int(binary.BigEndian.Uint64(h[:])%uint64(high-low+1))
}

var benchWords = []string{"hà nội", "truyện kiều", "chữ nôm", "biển đảo", "giáo trình", "lịch sử", "đồng bằng",
	"trí tuệ nhân tạo", "thơ", "pháp luật", "văn bia", "làng nghề"}

func isbn(i int) string {
	if i%17 == 5 && i > 200 {
		j := i - 1 - (i/17*7)%90
		for j%17 == 5 || j%8 == 3 {
			j--
		}
		i = j
	}
	if i%10 >= 7 {
		return ""
	}
	digits := fmt.Sprintf("978604%06d", i*7919%1000000)
	sum := 0
	for k, c := range digits {
		sum += int(c-'0') * (1 + 2*(k%2))
	}
	return digits + fmt.Sprint((10-sum%10)%10)
}

var parameter = regexp.MustCompile(`%([a-z]+)(\d*)%`)

// filled returns a query with its parameters drawn for a run.
func filled(text, name string, run int) string {
	n := *benchRecords
	return parameter.ReplaceAllStringFunc(text, func(p string) string {
		m := parameter.FindStringSubmatch(p)
		for try := 0; ; try++ {
			s := fmt.Sprintf("%s#%d|%s|%d", name, run, m[1]+m[2], try)
			switch m[1] {
			case "record":
				return fmt.Sprint(draw(s, 1, n))
			case "work":
				if i := draw(s, 1, n); i%17 != 5 && i%8 != 3 {
					return fmt.Sprint(i)
				}
			case "isbn":
				if x := isbn(draw(s, 1, n)); x != "" {
					return x
				}
			case "agent":
				k := draw(s, 0, 8)
				return fmt.Sprint(min(max(50, n*2/5), draw(s+"b", 1<<k, 2<<k-1)))
			case "subject":
				return fmt.Sprint(draw(s, 2, 120))
			case "leaf":
				return fmt.Sprint(draw(s, 300, min(60000, 2000+n/20)))
			case "province":
				return fmt.Sprintf("%02d", draw(s, 1, 63))
			case "word":
				return benchWords[draw(s, 0, len(benchWords)-1)]
			default:
				panic("no parameter " + p)
			}
		}
	})
}

// BenchmarkLibrary asks the queries of the bench, each time with other parameters, and
// reports the time of the processor beside that of the clock.
func BenchmarkLibrary(b *testing.B) {
	files, err := filepath.Glob(filepath.Join(*benchQueries, "*.rq"))
	if err != nil || len(files) == 0 {
		b.Skip("no queries in ", *benchQueries)
	}
	s := libraryStore(b)
	defer s.Close()
	e := sparql.New(sparql.Options{})
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".rq")
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			rows := 0
			before := cpuTime(b)
			for run := range b.N {
				rows += runQuery(b, e, s, filled(string(text), name, run))
			}
			b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N)/1000, "cpu-µs/op")
			b.ReportMetric(float64(rows)/float64(b.N), "rows/op")
		})
	}
}

func runQuery(b *testing.B, e *sparql.Engine, s graph.Store, text string) (n int) {
	snap, err := s.Snapshot()
	if err != nil {
		b.Fatal(err)
	}
	defer snap.Close()
	q, err := e.Prepare(sparql.Request{Text: text})
	if err != nil {
		b.Fatal(err)
	}
	if q.Form() == sparql.Select {
		rows, err := q.Select(context.Background(), snap)
		if err != nil {
			b.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			n++
		}
		if err := rows.Err(); err != nil {
			b.Fatal(err)
		}
		return n
	}
	ts, err := q.Graph(context.Background(), snap)
	if err != nil {
		b.Fatal(err)
	}
	defer ts.Close()
	for ts.Next() {
		n++
	}
	if err := ts.Err(); err != nil {
		b.Fatal(err)
	}
	return n
}

// cpuTime returns the time that the process has used, in nanoseconds.
func cpuTime(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
