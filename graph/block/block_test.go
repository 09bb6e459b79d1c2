package block

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func columnsOf(keys []Key) *[Columns][]graph.ID {
	var cols [Columns][]graph.ID
	for _, k := range keys {
		for i, id := range k {
			cols[i] = append(cols[i], id)
		}
	}
	return &cols
}

func sorted(keys []Key) []Key {
	slices.SortFunc(keys, func(a, b Key) int { return a.Compare(&b) })
	return slices.Compact(keys)
}

// shapes are ways in which a column can look.
var shapes = map[string]func(r *rand.Rand) graph.ID{
	"one":      func(r *rand.Rand) graph.ID { return graph.DefaultGraph },
	"few":      func(r *rand.Rand) graph.ID { return graph.NewID(graph.ClassIRI, r.Uint64N(5)*1e9) },
	"dense":    func(r *rand.Rand) graph.ID { return graph.NewID(graph.ClassIRI, 1e6+r.Uint64N(2000)) },
	"far":      func(r *rand.Rand) graph.ID { return graph.ID(r.Uint64()) },
	"clusters": func(r *rand.Rand) graph.ID { return graph.NewID(graph.ClassIRI, r.Uint64N(8)<<30+r.Uint64N(300)) },
	"two ends": func(r *rand.Rand) graph.ID { return graph.ID(0) - graph.ID(r.Uint64N(2)) },
	"late": func(r *rand.Rand) graph.ID {
		return graph.NewID(graph.ClassIRI, r.Uint64N(2)*graph.LateBit+r.Uint64N(99))
	},
	"all kinds": func(r *rand.Rand) graph.ID { return graph.NewID(graph.Class(r.IntN(15)), r.Uint64N(4096)) },
}

func TestRoundTrip(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	names := make([]string, 0, len(shapes))
	for name := range shapes {
		names = append(names, name)
	}
	slices.Sort(names)
	var e Encoder
	for range 1500 {
		var kinds [Columns]string
		for i := range kinds {
			kinds[i] = names[r.IntN(len(names))]
		}
		keys := make([]Key, []int{1, 2, 127, 128, 129, 700, MaxRows}[r.IntN(7)])
		for i := range keys {
			for j := range keys[i] {
				keys[i][j] = shapes[kinds[j]](r)
			}
		}
		if !t.Run(strings.Join(kinds[:], ","), func(t *testing.T) { roundTrip(t, r, &e, sorted(keys)) }) {
			return
		}
	}
}

func roundTrip(t *testing.T, r *rand.Rand, e *Encoder, keys []Key) {
	data := e.Append(nil, columnsOf(keys))
	b, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if b.Len() != len(keys) {
		t.Fatalf("%d rows, want %d", b.Len(), len(keys))
	}
	for i := range keys {
		if got := b.Key(i); got != keys[i] {
			t.Fatalf("row %d is %x, want %x", i, got, keys[i])
		}
	}
	for col := range Columns {
		checkColumn(t, r, b, col, keys)
	}
	for n := 1; n < Columns; n++ {
		if got, want := b.Distinct(n), countPrefixes(keys, n); got != want {
			t.Errorf("%d distinct prefixes of %d, want %d", got, n, want)
		}
	}
	for range 30 {
		for col := range Columns {
			b.TouchColumn(col)
			b.TouchNear(col, keys[r.IntN(len(keys))][col]+graph.ID(r.IntN(3))-1)
		}
		checkRange(t, r, b, keys)
		k := keys[r.IntN(len(keys))]
		if c := r.IntN(Columns); r.IntN(3) > 0 {
			k[c] += graph.ID(r.IntN(3)) - 1
		}
		from := r.IntN(len(keys) + 1)
		want := from
		for want < len(keys) && keys[want].Compare(&k) < 0 {
			want++
		}
		if got := b.Search(&k, from); got != want {
			t.Fatalf("search of %x from %d gives %d, want %d", k, from, got, want)
		}
	}
}

func checkRange(t *testing.T, r *rand.Rand, b *Block, keys []Key) {
	t.Helper()
	low, high := keys[r.IntN(len(keys))], keys[r.IntN(len(keys))]
	switch r.IntN(3) {
	case 0:
		high = low
		for c := r.IntN(Columns + 1); c < Columns; c++ {
			low[c], high[c] = 0, ^graph.ID(0)
		}
	case 1:
		low[r.IntN(Columns)]++
	}
	if low.Compare(&high) > 0 {
		low, high = high, low
	}
	from, to := 0, len(keys)
	for from < len(keys) && keys[from].Compare(&low) < 0 {
		from++
	}
	for to > from && keys[to-1].Compare(&high) > 0 {
		to--
	}
	if f, g := b.Range(&low, &high); f != from || g != to {
		t.Fatalf("range from %x to %x gives %d to %d, want %d to %d", low, high, f, g, from, to)
	}
}

func checkColumn(t *testing.T, r *rand.Rand, b *Block, col int, keys []Key) {
	t.Helper()
	from := r.IntN(len(keys))
	dst := make([]graph.ID, r.IntN(len(keys)-from)+1)
	b.Fill(dst, col, from)
	for i, id := range dst {
		if id != keys[from+i][col] {
			t.Fatalf("column %d row %d is %x, want %x", col, from+i, id, keys[from+i][col])
		}
	}
	low, high := keys[0][col], keys[0][col]
	for _, k := range keys {
		low, high = min(low, k[col]), max(high, k[col])
	}
	if l, h := b.Bounds(col); l != low || h != high {
		t.Errorf("column %d from %x to %x, want %x to %x", col, l, h, low, high)
	}
}

func countPrefixes(keys []Key, n int) int {
	seen := map[Key]bool{}
	for _, k := range keys {
		clear(k[n:])
		seen[k] = true
	}
	return len(seen)
}

// TestGolden holds the format still: a change of it needs a new version.
func TestGolden(t *testing.T) {
	iri := func(n uint64) graph.ID { return graph.NewID(graph.ClassIRI, n) }
	var rows []Key
	for i := range uint64(300) {
		rows = append(rows, Key{iri(i / 6), iri(40 + i%3*1000), graph.NewID(graph.Class(3+i%2), i*7%100), graph.DefaultGraph})
	}
	cases := map[string][]Key{
		"one row":  {{iri(1), iri(2), iri(3), graph.DefaultGraph}},
		"two rows": {{iri(1), iri(2), iri(3), graph.DefaultGraph}, {iri(1), iri(2), iri(3), iri(9)}},
		"subjects": sorted(rows),
	}
	for name, keys := range cases {
		t.Run(name, func(t *testing.T) {
			var e Encoder
			got := hex.Dump(e.Append(nil, columnsOf(keys)))
			file := filepath.Join("testdata", strings.ReplaceAll(name, " ", "-")+".hex")
			if *update {
				if err := os.MkdirAll("testdata", 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("bytes changed:\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestDamage(t *testing.T) {
	var e Encoder
	data := e.Append(nil, columnsOf([]Key{{1, 2, 3, 4}, {1, 2, 4, 4}, {2, 1, 1, 1}}))
	for i := range data {
		for bit := range 8 {
			bad := bytes.Clone(data)
			bad[i] ^= 1 << bit
			if _, err := Parse(bad); err == nil {
				t.Fatalf("bit %d of byte %d was flipped and not noticed", bit, i)
			}
		}
	}
	for n := range data {
		if _, err := Parse(data[:n]); err == nil {
			t.Fatalf("cut to %d bytes and not noticed", n)
		}
	}
}

// reseal puts the right checksum to a block, so that fuzzing gets past it.
func reseal(data []byte) []byte {
	data = bytes.Clone(data)
	if n := len(data) - crcBytes; n >= 0 {
		binary.LittleEndian.PutUint32(data[n:], crc32.Checksum(data[:n], castagnoli))
	}
	return data
}

func FuzzParse(f *testing.F) {
	var e Encoder
	r := rand.New(rand.NewPCG(1, 2))
	for _, a := range shapes {
		for _, c := range shapes {
			keys := make([]Key, 200)
			for i := range keys {
				keys[i] = Key{a(r), c(r), a(r), c(r)}
			}
			f.Add(e.Append(nil, columnsOf(sorted(keys))))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Parse(reseal(data))
		if err != nil {
			return
		}
		dst := make([]graph.ID, b.Len())
		for col := range Columns {
			b.Fill(dst, col, 0)
			b.Fill(dst[:b.Len()/2], col, b.Len()-b.Len()/2)
			for _, id := range dst {
				b.TouchColumn(col)
				b.TouchNear(col, id+1)
			}
		}
		k := b.Key(b.Len() / 2)
		if n := b.Search(&k, 0); n < 0 || n > b.Len() {
			t.Fatalf("search gives %d of %d", n, b.Len())
		}
		low, high := k, k
		for c := Columns - 1; c >= 0; c-- {
			low[c], high[c] = 0, ^graph.ID(0)
			if from, to := b.Range(&low, &high); from < 0 || to < from || to > b.Len() {
				t.Fatalf("range from %x to %x gives %d to %d of %d", low, high, from, to, b.Len())
			}
		}
	})
}

// libraryRows are like a library's: ten rows a subject, few predicates.
func libraryRows(n int) []Key {
	r := rand.New(rand.NewPCG(3, 4))
	keys := make([]Key, 0, n)
	for s := uint64(0); len(keys) < n; s++ {
		for range 10 {
			o := graph.NewID(graph.Class(2+r.IntN(3)), 1e5+r.Uint64N(1e6))
			keys = append(keys, Key{graph.NewID(graph.ClassIRI, 7e5+s), graph.NewID(graph.ClassIRI, r.Uint64N(50)*9999), o, 1})
		}
	}
	return sorted(keys[:n])
}

func BenchmarkEncode(b *testing.B) {
	cols := columnsOf(libraryRows(MaxRows))
	var e Encoder
	var dst []byte
	for b.Loop() {
		dst = e.Append(dst[:0], cols)
	}
	b.ReportMetric(float64(b.N*len(cols[0]))/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(len(dst))/float64(len(cols[0])), "B/row")
}

func BenchmarkFill(b *testing.B) {
	var e Encoder
	p, err := Parse(e.Append(nil, columnsOf(libraryRows(MaxRows))))
	if err != nil {
		b.Fatal(err)
	}
	dst := make([]graph.ID, p.Len())
	for col := range 3 {
		b.Run(fmt.Sprintf("col%d", col), func(b *testing.B) {
			for b.Loop() {
				p.Fill(dst, col, 0)
			}
			b.ReportMetric(float64(b.N*p.Len())/b.Elapsed().Seconds(), "values/s")
		})
	}
}

func BenchmarkSearch(b *testing.B) {
	var e Encoder
	keys := libraryRows(MaxRows)
	p, err := Parse(e.Append(nil, columnsOf(keys)))
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		p.Search(&keys[i*37%len(keys)], 0)
	}
}

// BenchmarkRange looks for the rows of a subject, as most reads do.
func BenchmarkRange(b *testing.B) {
	var e Encoder
	keys := libraryRows(MaxRows)
	p, err := Parse(e.Append(nil, columnsOf(keys)))
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		s := keys[i*37%len(keys)][0]
		if from, to := p.Range(&Key{s}, &Key{s, ^graph.ID(0), ^graph.ID(0), ^graph.ID(0)}); from == to {
			b.Fatal("it has no rows")
		}
	}
}

// What is told to be the least that bases take, they do not take less.
func TestLeastBases(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 200 {
		values := []uint64{r.Uint64() >> r.IntN(64)}
		for range r.IntN(100) {
			if v := values[len(values)-1] + 1 + r.Uint64()>>(1+r.IntN(63)); v > values[len(values)-1] {
				values = append(values, v)
			}
		}
		least := leastBases(values)
		for w := range uint8(64) {
			gaps, size := uint64(0), uint64(0)
			base := values[0]
			for i, v := range values {
				if v > end(base, w) {
					gaps++
					size += varintBits(v - values[i-1])
					base = v
				}
			}
			if l := least[w]; l.gaps > gaps || l.size > size {
				t.Fatalf("intervals of 2^%d of %x: at least %+v, but %d and %d bits", w, values, l, gaps, size)
			}
		}
	}
}
