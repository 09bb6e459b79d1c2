package text

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/graph/text/vi"
	"mocban/vocab/rdfs"
)

func TestPageBounds(t *testing.T) {
	x := indexOf(t, testOptions(), catalogue(shelf)...)
	for _, s := range []graph.Search{{Limit: 10_001}, {Offset: 9_990}, {Offset: 1 << 62, Limit: 1 << 62}, {Types: make([]graph.IRI, 101)}} {
		s.Text = "ho"
		limit := (*graph.LimitError)(nil)
		if _, err := x.Search(context.Background(), s); !errors.As(err, &limit) {
			t.Errorf("%+v: %v", s, err)
		}
	}
	for _, s := range []graph.Search{{Offset: -1}, {Limit: -1}, {Offset: -1 << 63}} {
		if _, err := x.Search(context.Background(), s); err == nil {
			t.Errorf("%+v is no error", s)
		}
	}
	found := search(t, x, graph.Search{Text: "ho", Offset: 50})
	if len(found.Hits) != 0 || found.Total != 2 {
		t.Errorf("got %+v beyond the end", found)
	}
}

// What is beyond 256 characters or 32 words is not looked at.
func TestLongText(t *testing.T) {
	x := indexOf(t, testOptions(), catalogue(shelf)...)
	finds(t, x, "ho"+strings.Repeat(" ", 254)+"x", "hcm tphcm")
	finds(t, x, strings.Repeat("ho ", 32)+"x", "hcm tphcm")
	finds(t, x, strings.Repeat("ho ", 31)+"x", "")
	finds(t, x, strings.Repeat("\u0301", 1<<20), "")
}

func TestDeadline(t *testing.T) {
	x := indexOf(t, testOptions(), manyNames(2000)...)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, find := range []func(context.Context, graph.Search) (graph.Found, error){x.Search, x.Suggest} {
		if _, err := find(ctx, graph.Search{Text: "t"}); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if found, err := find(ctx, graph.Search{Text: "nguyễn"}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %d hits, %v", found.Total, err)
		}
	}
	// A search that was stopped says nothing of damage.
	catchUp(t, x, memstore.New())
}

func TestClosed(t *testing.T) {
	x := indexOf(t, testOptions(), catalogue(shelf)...)
	for range 2 {
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := x.Search(context.Background(), graph.Search{Text: "ho"}); !errors.Is(err, graph.ErrClosed) {
		t.Errorf("search: %v", err)
	}
	if _, err := x.CatchUp(context.Background(), memstore.New()); !errors.Is(err, graph.ErrClosed) {
		t.Errorf("catch up: %v", err)
	}
	if x.Version() != 0 {
		t.Errorf("version %d", x.Version())
	}
}

func TestEmpty(t *testing.T) {
	x, err := Open("", testOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	finds(t, x, "ho", "")
	store := memstore.New()
	catchUp(t, x, store)
	finds(t, x, "ho", "")
	addName(t, store, "new", "Hồ Gươm")
	catchUp(t, x, store)
	finds(t, x, "ho", "new")
	if n, err := x.Things(); n != 1 || err != nil {
		t.Errorf("%d things, %v", n, err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, o := range []Options{
		{},
		{Names: []Name{{Predicate: ""}}},
		{Names: []Name{{Predicate: rdfs.Label, Weight: -1}}},
		{Names: []Name{{Predicate: rdfs.Label, Weight: 1e300}}},
	} {
		if _, err := Open("", o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}

// Names of a weight come first, by their weight, wherever all else is equal.
func TestWeights(t *testing.T) {
	x := indexOf(t, testOptions(), catalogue("b Work Truyện Kiều\na Work Đoạn trường|Truyện Kiều\nc Work Kiều truyện")...)
	finds(t, x, "truyện kiều", "b a c")
}

// What no catalogue holds does no harm.
func TestMonsters(t *testing.T) {
	long := strings.Repeat("a", 100_000)
	name := func(s graph.Term, o string) graph.Quad { return graph.Quad{S: s, P: rdfs.Label, O: graph.String(o)} }
	quads := []graph.Quad{
		name((ex + graph.IRI(long)).Term(), "Hồ dài"),
		name((ex + "long").Term(), "Hồ "+long),
		name((ex + "words").Term(), "Hồ "+strings.Repeat("một hai ", 50_000)),
		name((ex + "bytes").Term(), "Hồ \xff\xfe\x00 \u202e"),
		name((ex + "none").Term(), "…"),
		name((ex + "empty").Term(), ""),
		name((ex + "marks").Term(), "Hồ \u0301\u0302"),
		{S: (ex + "bytes").Term(), P: isbn, O: graph.String("\xff" + long)},
		name(graph.IRI("\xff\xfe").Term(), "Hồ"),
	}
	for range 1000 {
		quads = append(quads, name((ex+"many").Term(), "Hồ "+strings.Repeat("x", len(quads))))
	}
	x := indexOf(t, testOptions(), quads...)
	if found := search(t, x, graph.Search{Text: "hồ"}); found.Total != 6 {
		t.Errorf("found %v", found.Total)
	}
	finds(t, x, string(ex)+"none", "none")
	finds(t, x, "một hai", "words")
}

// Equal hits are in the order of their names, also when Bleve has joined its pieces.
func TestOrderOfEqualHits(t *testing.T) {
	o := testOptions()
	o.Batch = 97
	x, err := Open(t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	store := memstore.New(manyNames(1500)...)
	for i := range 2 {
		catchUp(t, x, store)
		found := search(t, x, graph.Search{Text: "van", Limit: 3000})
		if len(found.Hits) < 20 {
			t.Fatalf("%d hits", len(found.Hits))
		}
		sorted := slices.IsSortedFunc(found.Hits, func(a, b graph.Hit) int {
			return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(vi.Fold(vi.Match(a.Name)), vi.Fold(vi.Match(b.Name))))
		})
		if !sorted {
			t.Errorf("round %d: out of order", i)
		}
		_, err := store.Update(context.Background(), func(txn graph.Txn) error { return txn.Remove(manyNames(600*i + 600)[600*i:]...) })
		if err != nil {
			t.Fatal(err)
		}
	}
}

var fuzzed = sync.OnceValue(func() *Index {
	x, err := Open("", testOptions())
	if err != nil {
		panic(err)
	}
	if _, err := x.CatchUp(context.Background(), memstore.New(append(catalogue(shelf), manyNames(500)...)...)); err != nil {
		panic(err)
	}
	return x
})

func FuzzSearch(f *testing.F) {
	for _, s := range []string{"hòa bình", "*", "name:kiều", "\"", "(((", "/.*/", "a~9 b^2", "+-&&||!", "𱥺\U000F1234", "\xff", "\x00", "978-604-1-12345-8", "⿰口"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x := fuzzed()
		found, err := x.Search(context.Background(), graph.Search{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		for _, hit := range found.Hits {
			if hit.Name == "" || hit.Score < 0 {
				t.Fatalf("%+v", hit)
			}
			if !hasWords(x, hit, text) {
				t.Fatalf("%q finds %+v", text, hit)
			}
		}
		if _, err := x.Suggest(context.Background(), graph.Search{Text: text}); err != nil {
			t.Fatal(err)
		}
	})
}

// hasWords tells whether the names of a hit hold what was looked for, or it was known by
// an identifier.
func hasWords(x *Index, hit graph.Hit, text string) bool {
	v, err := x.acquire()
	if err != nil {
		return false
	}
	defer v.release()
	names, err := v.names(hit.Thing.Value())
	if err != nil {
		return false
	}
	var all []byte
	for _, n := range names {
		all = append(all, " "+vi.Fold(vi.Match(n.text))+" "...)
	}
	for _, w := range firstWords(firstCharacters(text, maxQueryCharacters), maxQueryWords) {
		if !bytes.Contains(all, []byte(" "+w.fold+" ")) {
			return hit.Score >= knownWeight
		}
	}
	return true
}
