package dict

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/kv"
)

// words are texts that sort in ways that are easily got wrong.
var words = []string{
	"", "a", "b", "ab", "a\x00", "a\x00\x01", "a\x00\xff", "\x00", "\x01", "\xff", "Đ", "đ", "Nguyễn", "nguyễn du", "𠀀",
	strings.Repeat("x", maxSep), strings.Repeat("x", maxSep) + "y", strings.Repeat("x", 3*maxSep) + "a", strings.Repeat("x", 3*maxSep) + "b",
}

func randomTerm(r *rand.Rand) graph.Term {
	w := words[r.IntN(len(words))] + words[r.IntN(len(words))]
	if r.IntN(2) == 0 {
		w += fmt.Sprint(r.IntN(100_000))
	}
	switch r.IntN(7) {
	case 0:
		return graph.IRI("http://example.org/" + w).Term()
	case 1:
		return graph.Blank("b" + fmt.Sprint(r.IntN(100_000)))
	case 2:
		return graph.String(w)
	case 3:
		return graph.Text(w, []string{"vi", "vi-Hani", "en"}[r.IntN(3)])
	case 4:
		return graph.DirText(w, "ar", graph.Direction(r.IntN(3)))
	case 5:
		return graph.Literal(w, graph.IRI("http://example.org/type"+fmt.Sprint(r.IntN(3))))
	}
	return graph.TripleTerm(graph.Triple{S: graph.Blank("x"), P: graph.IRI("http://p/" + fmt.Sprint(r.IntN(3000))), O: graph.String(w)})
}

func randomTerms(r *rand.Rand, n int) (terms []graph.Term) {
	for range n {
		if t := randomTerm(r); graph.ClassOf(t) != graph.ClassSpecial {
			if _, ok := graph.Inline(t); !ok {
				terms = append(terms, t)
			}
		}
	}
	return terms
}

func compareKeys(a, b graph.Term) int {
	if c := cmp.Compare(graph.ClassOf(a), graph.ClassOf(b)); c != 0 {
		return c
	}
	return bytes.Compare(AppendKey(nil, a), AppendKey(nil, b))
}

func TestKeys(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	terms := randomTerms(r, 3000)
	for i, a := range terms {
		back, err := KeyTerm(graph.ClassOf(a), string(AppendKey(nil, a)))
		if err != nil || back != a {
			t.Fatalf("%v reads back as %v, %v", a, back, err)
		}
		for _, b := range terms[:min(i, 100)] {
			if got, want := compareKeys(a, b), graph.Compare(a, b); got != want {
				t.Fatalf("%v and %v compare as %d, want %d", a, b, got, want)
			}
		}
	}
}

func FuzzKey(f *testing.F) {
	f.Add("text", "vi", uint8(1))
	f.Add("a\x00\x01b", "\x00", uint8(0))
	f.Add("no language", "", uint8(1))
	f.Fuzz(func(t *testing.T, text, tag string, dir uint8) {
		for _, term := range []graph.Term{graph.DirText(text, tag, graph.Direction(dir%3)), graph.Literal(text, graph.IRI(tag)), graph.String(text)} {
			back, err := KeyTerm(graph.ClassOf(term), string(AppendKey(nil, term)))
			if err != nil || back != term {
				t.Fatalf("%q reads back as %q, %v", term, back, err)
			}
		}
	})
}

// FuzzPage reads pages that nobody wrote.
func FuzzPage(f *testing.F) {
	f.Add([]byte{pageVersion, formPlain, 2, 0, 1, 'a', 1, 1, 'b'}, true)
	f.Add([]byte{pageVersion, formPlain, 1, 2, 1, 'a'}, false)
	f.Add(pack(bytes.Repeat([]byte{1, 0, 200}, 100)), true)
	f.Fuzz(func(t *testing.T, b []byte, sorted bool) {
		parse := parseLate
		if sorted {
			parse = parseSorted
		}
		if len(b) > 1 && b[1] == formZstd {
			return // zstd has fuzz targets of its own
		}
		p, err := parse(b)
		if err != nil {
			return
		}
		for i := range p.len() {
			p.key(i)
		}
		if sorted {
			p.search("b")
		}
	})
}

// Keys of a sorted page, and those between them, are found where a list of them has them.
func TestSortedPage(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	text := func() string {
		b := make([]byte, r.IntN(30))
		for i := range b {
			b[i] = "ab"[r.IntN(2)]
		}
		return strings.Repeat("http://example.org/", r.IntN(2)*(1+r.IntN(20))) + string(b)
	}
	for range 100 {
		var keys []string
		for range r.IntN(150) {
			keys = append(keys, text())
		}
		slices.Sort(keys)
		keys = slices.Compact(keys)
		body := binary.AppendUvarint([]byte{pageVersion, formPlain}, uint64(len(keys)))
		last := ""
		for _, k := range keys {
			shared := SharedPrefix([]byte(last), []byte(k))
			body = binary.AppendUvarint(body, uint64(shared))
			body = binary.AppendUvarint(body, uint64(len(k)-shared))
			body = append(body, k[shared:]...)
			last = k
		}
		p, err := parseSorted(body)
		if err != nil {
			t.Fatal(err)
		}
		for i, k := range keys {
			if got := p.key(i); got != k {
				t.Fatalf("key %d is %q, want %q", i, got, k)
			}
		}
		for range 300 {
			k := text()
			if len(keys) > 0 && r.IntN(2) == 0 {
				k = keys[r.IntN(len(keys))]
				k = k[:r.IntN(len(k)+1)] + strings.Repeat("b", r.IntN(3))
			}
			want, there := slices.BinarySearch(keys, k)
			if got, found := p.search(k); got != want || found != there {
				t.Fatalf("%q is found at %d, %v, want %d, %v, in %q", k, got, found, want, there, keys)
			}
		}
	}
}

func open(t testing.TB, db kv.DB, m Meta) *Dict {
	t.Helper()
	d, err := Open(db, m, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func setter(db kv.DB) Setter {
	return func(key, value []byte) error {
		var b kv.Batch
		b.Set(key, value)
		return db.Write(&b)
	}
}

// build adds terms in bulk.
func build(t testing.TB, db kv.DB, d *Dict, terms []graph.Term, known map[graph.Term]graph.ID) {
	t.Helper()
	terms = slices.Clone(terms)
	slices.SortFunc(terms, graph.Compare)
	terms = slices.Compact(terms)
	b := d.Build(setter(db))
	for _, term := range terms {
		id, err := b.Add(graph.ClassOf(term), AppendKey(nil, term))
		if err != nil {
			t.Fatal(err)
		}
		give(t, known, term, id)
	}
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	b.Done()
	if got, want := fmt.Sprint(d.Meta()), fmt.Sprint(b.Meta()); got != want {
		t.Fatalf("meta %s, want %s", got, want)
	}
}

// grow adds terms one by one.
func grow(t testing.TB, db kv.DB, d *Dict, terms []graph.Term, known map[graph.Term]graph.ID) {
	t.Helper()
	g := d.Grow()
	for _, term := range terms {
		id, _, err := g.ID(term)
		if err != nil {
			t.Fatal(err)
		}
		give(t, known, term, id)
		if back, err := g.Term(id); err != nil || back != term {
			t.Fatalf("%v grows as %v, %v", term, back, err)
		}
	}
	g.Seal()
	write(t, db, d, g.Len())
}

// write writes the first terms that are pending.
func write(t testing.TB, db kv.DB, d *Dict, n int) {
	t.Helper()
	m, err := d.Write(setter(db), n)
	if err != nil {
		t.Fatal(err)
	}
	d.Done(n)
	if got, want := fmt.Sprint(d.Meta()), fmt.Sprint(m); got != want {
		t.Fatalf("meta %s, want %s", got, want)
	}
}

func give(t testing.TB, known map[graph.Term]graph.ID, term graph.Term, id graph.ID) {
	t.Helper()
	if old, ok := known[term]; ok && old != id {
		t.Fatalf("%v had ID %x and has %x", term, old, id)
	}
	known[term] = id
}

func check(t testing.TB, d *Dict, known map[graph.Term]graph.ID) {
	t.Helper()
	ids := make(map[graph.ID]graph.Term, len(known))
	for term, want := range known {
		if old, ok := ids[want]; ok {
			t.Fatalf("%v and %v have ID %x", old, term, want)
		}
		ids[want] = term
		if id, err := d.ID(term); err != nil || id != want {
			t.Fatalf("%v has ID %x, want %x (%v)", term, id, want, err)
		}
		if back, err := d.Term(want); err != nil || back != term {
			t.Fatalf("ID %x is %v, want %v (%v)", want, back, term, err)
		}
	}
	checkTogether(t, d, ids)
	for i := range 200 {
		term := graph.String(fmt.Sprint("nobody knows ", i))
		if id, err := d.ID(term); err != nil || id != graph.None {
			t.Fatalf("%v has ID %x (%v)", term, id, err)
		}
	}
}

// checkTogether asks for terms in ascending and other orders, with gaps and again and again: each is
// found as if it were alone, on whichever page the one before was.
func checkTogether(t testing.TB, d *Dict, known map[graph.ID]graph.Term) {
	t.Helper()
	up := slices.Sorted(maps.Keys(known))
	down, mixed := slices.Clone(up), slices.Clone(up)
	slices.Reverse(down)
	r := rand.New(rand.NewPCG(uint64(len(up)), 3))
	r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	var gaps, twice, back []graph.ID
	for i, id := range up {
		twice = append(twice, id, id, graph.DefaultGraph, id)
		if i%(markKeys+1) == 0 || r.IntN(5) == 0 {
			gaps = append(gaps, id)
		}
		back = append(back, id, up[max(0, i-r.IntN(2*markKeys))]) // to and fro on a page
	}
	for name, ids := range map[string][]graph.ID{"up": up, "down": down, "mixed": mixed, "gaps": gaps, "twice": twice, "back": back} {
		terms := make([]graph.Term, len(ids))
		if err := d.Terms(context.Background(), ids, terms); err != nil {
			t.Fatal(err)
		}
		for i, id := range ids {
			if terms[i] != known[id] {
				t.Fatalf("%s: ID %x is %v among others, want %v", name, id, terms[i], known[id])
			}
		}
	}
}

// Warm pages are read once, and no more of them than there is room for.
func TestWarm(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	db := new(kv.Tape)
	made, known := open(t, db, Meta{}), make(map[graph.Term]graph.ID)
	build(t, db, made, randomTerms(r, 3000), known)
	grow(t, db, made, randomTerms(r, 1000), known)
	d := open(t, db, made.Meta())
	if err := d.Warm(t.Context(), func(context.Context) {}); err != nil {
		t.Fatal(err)
	}
	read := d.Missed()
	for term, id := range known {
		if back, err := d.Term(id); err != nil || back != term {
			t.Fatalf("ID %x is %v, want %v (%v)", id, back, term, err)
		}
	}
	if d.Missed() != read || read == 0 {
		t.Errorf("%d pages were read to be warm, and %d after that", read, d.Missed()-read)
	}
	small, err := Open(db, made.Meta(), 100<<10)
	if err != nil {
		t.Fatal(err)
	}
	if err := small.Warm(t.Context(), func(context.Context) {}); err != nil {
		t.Fatal(err)
	}
	if n := small.Missed(); n == 0 || n >= read {
		t.Errorf("%d pages of %d were read where there is room for a few", n, read)
	}
	stop, cancel := context.WithCancel(t.Context())
	cancel()
	if err := open(t, db, made.Meta()).Warm(stop, func(context.Context) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("it goes on when nobody waits: %v", err)
	}
}

func TestHistory(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for start := range 2 {
		r := rand.New(rand.NewPCG(seed, uint64(start)))
		db := new(kv.Tape)
		d := open(t, db, Meta{})
		known := make(map[graph.Term]graph.ID)
		for step := range 12 {
			if (step+start)%3 == 0 {
				build(t, db, d, randomTerms(r, 1500), known)
			} else {
				grow(t, db, d, randomTerms(r, r.IntN(200)), known)
			}
			if step%4 == 3 {
				d = open(t, db, d.Meta())
			}
			if step%8 == 4 {
				if err := d.Remember(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			check(t, d, known)
		}
	}
}

// Change sets follow one another before the first is written, and are written some at a time.
// Terms that share a hash are told apart all the while.
func TestPending(t *testing.T) {
	defer func() { hashMask = ^uint64(0) }()
	for _, hashMask = range []uint64{^uint64(0), 7} {
		db, r := new(kv.Tape), rand.New(rand.NewPCG(7, 7))
		d := open(t, db, Meta{})
		known := make(map[graph.Term]graph.ID)
		build(t, db, d, randomTerms(r, 300), known)
		var sizes []int
		for step := range 60 {
			g, given := d.Grow(), make(map[graph.Term]graph.ID)
			for _, term := range randomTerms(r, r.IntN(40)) {
				id, isNew, err := g.ID(term)
				if err != nil {
					t.Fatal(err)
				}
				if old, ok := known[term]; ok && (isNew || id != old) {
					t.Fatalf("%v had ID %x and has %x, new: %v", term, old, id, isNew)
				}
				given[term] = id
			}
			if step%5 == 4 {
				continue // it is given up
			}
			for term, id := range given {
				give(t, known, term, id)
			}
			g.Seal()
			sizes = append(sizes, g.Len())
			check(t, d, known)
			for len(sizes) > r.IntN(5) {
				n := sizes[0]
				if sizes = sizes[1:]; len(sizes) > 0 {
					n, sizes = n+sizes[0], sizes[1:]
				}
				write(t, db, d, n)
			}
			check(t, d, known)
		}
		for _, n := range sizes {
			write(t, db, d, n)
		}
		check(t, open(t, db, d.Meta()), known)
	}
}

// A filter lacks nothing that was added, and most of what was not.
func TestFilter(t *testing.T) {
	var f filter
	r := rand.New(rand.NewPCG(8, 8))
	added := make([]uint64, 5*firstLayer)
	for i := range added {
		added[i] = r.Uint64()
		f.add(added[i])
	}
	if f.lacks(r.Uint64()) {
		t.Fatal("a filter that is not full lacks a hash")
	}
	f.full.Store(true)
	for _, h := range added {
		if f.lacks(h) {
			t.Fatalf("%x was added and is lacking", h)
		}
	}
	told := 0
	for range 10_000 {
		if !f.lacks(r.Uint64()) {
			told++
		}
	}
	if told > 300 {
		t.Errorf("%d of 10,000 hashes that were not added are not lacking", told)
	}
}

// A dictionary that is opened again knows what it has before it remembers it, and after.
func TestRemember(t *testing.T) {
	db, r := new(kv.Tape), rand.New(rand.NewPCG(9, 9))
	d, known := open(t, db, Meta{}), make(map[graph.Term]graph.ID)
	grow(t, db, d, randomTerms(r, 500), known)
	d = open(t, db, d.Meta())
	if d.late.lacks(1) {
		t.Error("a hash is lacking before any was read")
	}
	check(t, d, known)
	grow(t, db, d, randomTerms(r, 500), known)
	if err := d.Remember(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !d.late.lacks(1) {
		t.Error("a hash that no term has is not lacking")
	}
	check(t, d, known)
	grow(t, db, d, randomTerms(r, 500), known)
	check(t, d, known)
	stop, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.Remember(stop); err != nil {
		t.Error("what is remembered is read again")
	}
}

// The first run of a class keeps the order of terms in its IDs.
func TestOrder(t *testing.T) {
	db := new(kv.Tape)
	d := open(t, db, Meta{})
	terms := randomTerms(rand.New(rand.NewPCG(5, 5)), 5000)
	known := make(map[graph.Term]graph.ID)
	build(t, db, d, terms, known)
	slices.SortFunc(terms, graph.Compare)
	for i, b := range terms[1:] {
		if a := terms[i]; a != b && graph.ClassOf(a) == graph.ClassOf(b) && known[a] >= known[b] {
			t.Fatalf("%v has ID %x, %v after it has %x", a, known[a], b, known[b])
		}
	}
}

// What a change set that was cut short wrote is not there, and is no harm.
func TestCutShort(t *testing.T) {
	db := new(kv.Tape)
	d := open(t, db, Meta{})
	r := rand.New(rand.NewPCG(6, 6))
	known := make(map[graph.Term]graph.ID)
	grow(t, db, d, randomTerms(r, 100), known)
	meta := d.Meta()
	lost := randomTerms(r, 100)
	grow(t, db, d, lost, make(map[graph.Term]graph.ID))
	d = open(t, db, meta)
	check(t, d, known)
	for _, term := range lost {
		if id, err := d.ID(term); err != nil || known[term] != id {
			t.Fatalf("%v has ID %x (%v)", term, id, err)
		}
	}
	slices.Reverse(lost)
	grow(t, db, d, lost, known)
	check(t, d, known)
	check(t, open(t, db, d.Meta()), known)
}

func BenchmarkTerm(b *testing.B) {
	db := new(kv.Tape)
	d := open(b, db, Meta{})
	var terms []graph.Term
	for i := range 100_000 {
		terms = append(terms, graph.IRI(fmt.Sprintf("http://example.org/work/%07d", i)).Term())
	}
	known := make(map[graph.Term]graph.ID)
	build(b, db, d, terms, known)
	ids := make([]graph.ID, 0, len(known))
	for _, id := range known {
		ids = append(ids, id)
	}
	out := make([]graph.Term, len(ids))
	d.pages = kv.NewCache[*page](1 << 28)
	b.Run("terms", func(b *testing.B) {
		for b.Loop() {
			if err := d.Terms(context.Background(), ids, out); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*len(ids))/b.Elapsed().Seconds(), "terms/s")
	})
	b.Run("ids", func(b *testing.B) {
		for b.Loop() {
			if err := d.IDs(context.Background(), out, ids); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*len(ids))/b.Elapsed().Seconds(), "ids/s")
	})
}
