package text

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/graph/text/vi"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

// A history changes a store at random, in a small world so that things collide.
type history struct {
	*rand.Rand
	store *memstore.Store
}

func pick[T any](h *history, from []T) T { return from[h.IntN(len(from))] }

var (
	someWords = strings.Fields("Hòa Bình hoà bình Hoa Binh hỏa Đường dương Duong Kiều truyện 傳 翹 𱥺 Lý lí 1984 TP.Hồ the")
	someTypes = []graph.IRI{work, agent, place}
)

func (h *history) quad() graph.Quad {
	q := graph.Quad{S: (ex + graph.IRI(fmt.Sprint("thing", h.IntN(25)))).Term()}
	if h.IntN(10) == 0 {
		q.S = graph.Blank("b")
	}
	if h.IntN(3) > 0 {
		q.G = (ex + graph.IRI(fmt.Sprint("graph", h.IntN(4)))).Term()
	}
	switch h.IntN(7) {
	case 0:
		q.P, q.O = rdf.Type, pick(h, someTypes).Term()
	case 1:
		q.P, q.O = isbn, graph.String(fmt.Sprint(1980+h.IntN(8)))
	case 2:
		q.P, q.O = ex+"note", graph.String(pick(h, someWords))
	case 3:
		q.P, q.O = rdfs.Label, (ex + "not-a-literal").Term()
	default:
		q.P = pick(h, []graph.IRI{rdfs.Label, alt})
		q.O = graph.Text(h.name(), pick(h, []string{"", "vi", "en"}))
	}
	return q
}

func (h *history) name() string {
	var words []string
	for range 1 + h.IntN(3) {
		words = append(words, pick(h, someWords))
	}
	return strings.Join(words, " ")
}

// step makes a change set.
func (h *history) step(t testing.TB) {
	t.Helper()
	_, err := h.store.Update(context.Background(), func(txn graph.Txn) error {
		if h.IntN(12) == 0 {
			return txn.DropGraph(h.quad().G)
		}
		for range h.IntN(12) {
			q := h.quad()
			change := pick(h, []func(...graph.Quad) error{txn.Add, txn.Add, txn.Remove})
			if err := change(q); err != nil {
				return err
			}
		}
		return h.removeSome(txn)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// removeSome removes quads that are there.
func (h *history) removeSome(txn graph.Txn) error {
	for _, q := range quadsOf(txn.Snapshot()) {
		if h.IntN(15) == 0 {
			if err := txn.Remove(q); err != nil {
				return err
			}
		}
	}
	return nil
}

func quadsOf(snap graph.Snapshot) (quads []graph.Quad) {
	ctx := context.Background()
	c, err := snap.Scan(ctx, graph.Pattern{}, graph.SPO, graph.AllColumns)
	if err != nil {
		panic(err)
	}
	defer c.Close()
	var b graph.Block
	for c.Next(&b) {
		for i := range b.Len {
			row := b.Row(i)
			var terms [4]graph.Term
			if err := snap.Terms(ctx, row[:], terms[:]); err != nil {
				panic(err)
			}
			p, _ := terms[1].IRI()
			quads = append(quads, graph.Quad{S: terms[0], P: p, O: terms[2], G: terms[3]})
		}
	}
	return quads
}

// oracle finds things the slow way: by looking at every quad.
type oracle map[graph.Term]*known

type known struct {
	named bool
	words map[string]bool
	types map[graph.IRI]bool
	ids   map[string]bool
}

func newOracle(snap graph.Snapshot) oracle {
	o := oracle{}
	for _, q := range quadsOf(snap) {
		k := o[q.S]
		if k == nil {
			k = &known{words: map[string]bool{}, types: map[graph.IRI]bool{}, ids: map[string]bool{}}
			o[q.S] = k
		}
		switch {
		case q.P == rdf.Type:
			iri, _ := q.O.IRI()
			k.types[iri] = true
		case q.P == isbn:
			k.ids[q.O.Value()] = true
		case (q.P == rdfs.Label || q.P == alt) && q.O.IsLiteral():
			k.named = true
			for w := range vi.Words(q.O.Value()) {
				k.words[vi.Fold(w)] = true
			}
		}
	}
	return o
}

// find returns the things and the counts of classes.
func (o oracle) find(s graph.Search) (things []string, counts []graph.TypeCount) {
	byType := map[graph.IRI]uint64{}
	for thing, k := range o {
		if !thing.IsIRI() || !k.named || !k.matches(thing, s) {
			continue
		}
		things = append(things, thing.Value())
		for c := range k.types {
			byType[c]++
		}
	}
	slices.Sort(things)
	for c, n := range byType {
		counts = append(counts, graph.TypeCount{Type: c, Count: n})
	}
	slices.SortFunc(counts, func(a, b graph.TypeCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(string(a.Type), string(b.Type)))
	})
	return things, counts
}

func (k *known) matches(thing graph.Term, s graph.Search) bool {
	wanted := len(s.Types) == 0 || slices.ContainsFunc(s.Types, func(c graph.IRI) bool { return k.types[c] })
	words, all := 0, true
	for w := range vi.Words(s.Text) {
		words++
		all = all && k.words[vi.Fold(w)]
	}
	return wanted && (words > 0 && all || k.ids[s.Text] || thing.Value() == s.Text)
}

// check compares what the index finds with the oracle, and with a new index.
func (h *history) check(t *testing.T, x *Index) {
	t.Helper()
	snap, err := h.store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	o := newOracle(snap)
	fresh, err := Open("", x.options)
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	catchUp(t, fresh, h.store)
	for range 8 {
		s := graph.Search{Text: h.name(), Limit: 100}
		if h.IntN(6) == 0 {
			s.Text = string(ex) + fmt.Sprint("thing", h.IntN(25))
		}
		if h.IntN(3) == 0 {
			s.Types = []graph.IRI{pick(h, someTypes), pick(h, someTypes)}
		}
		got := search(t, x, s)
		things, counts := o.find(s)
		var found []string
		for _, hit := range got.Hits {
			found = append(found, hit.Thing.Value())
		}
		slices.Sort(found)
		if !slices.Equal(found, things) || got.Total != uint64(len(things)) || !slices.Equal(got.Types, counts) {
			t.Fatalf("%+v at version %d\ngot  %v %v\nwant %v %v", s, snap.Version(), found, got.Types, things, counts)
		}
		if got.Version != snap.Version() {
			t.Fatalf("answered for version %d, the store is at %d", got.Version, snap.Version())
		}
		if want := search(t, fresh, s); !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v: a new index answers otherwise\ngot  %+v\nwant %+v", s, got, want)
		}
	}
}

// histories runs random histories on an index that is opened again now and then.
func histories(t *testing.T, dir string, seed uint64) {
	h := &history{Rand: rand.New(rand.NewPCG(seed, 1)), store: memstore.New()}
	o := testOptions()
	o.Batch = 1 + h.IntN(20)
	open := func() *Index {
		x, err := Open(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		x.few = 5 + h.IntN(30)
		return x
	}
	x := open()
	defer func() { x.Close() }()
	for range 16 {
		for range h.IntN(4) {
			h.step(t)
		}
		if h.IntN(3) == 0 {
			h.interrupt(t, x)
		}
		if h.IntN(4) == 0 && dir != "" {
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			x = open()
		}
		catchUp(t, x, h.store)
		h.check(t, x)
	}
}

// interrupt stops catching up after a batch.
func (h *history) interrupt(t *testing.T, x *Index) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	x.options.Progress = func(Progress) { cancel() }
	defer func() { x.options.Progress = nil }()
	if _, err := x.CatchUp(ctx, h.store); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	h.step(t)
}

var manyHistories = flag.Uint64("histories", 3, "how many random histories are lived through, in memory and on disk")

func TestHistoriesInMemory(t *testing.T) {
	for seed := range *manyHistories {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) { histories(t, "", seed) })
	}
}

func TestHistoriesOnDisk(t *testing.T) {
	for seed := range *manyHistories {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) { histories(t, t.TempDir(), 1e6+seed) })
	}
}
