package publish

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"

	"mocban/graph"
	"mocban/graph/text/vi"
	"mocban/publish/resource"
	"mocban/publish/web"
	"mocban/vocab/bf"
	"mocban/vocab/rdf"
)

const (
	browsePage = 50
	maxSorted  = 400_000          // things of a kind that are sorted in memory
	listAge    = 60 * time.Second // how long a list may lag behind the store
)

var noTime time.Time

// A browser keeps sorted lists of things by kind. They are made when first asked for, and
// again when the store has changed, at most once a minute.
type browser struct {
	s  *site
	mu sync.Mutex
	by map[string]*listing

	countMu      sync.Mutex
	countVersion graph.Version
	counted      []kindCount

	chosen        map[string][]listed
	chosenVersion graph.Version
}

func newBrowser(s *site) *browser { return &browser{s: s, by: make(map[string]*listing)} }

// A listing is the things of a kind in the order of Vietnamese dictionaries.
type listing struct {
	mu      sync.Mutex // held while it is made
	version graph.Version
	made    time.Time
	things  []listed
}

type listed struct{ iri, label string }

type kindCount struct {
	kind  string
	count uint64
}

// counts returns how many things there are of each kind.
func (b *browser) counts(ctx context.Context, snap graph.Snapshot) ([]kindCount, error) {
	b.countMu.Lock()
	defer b.countMu.Unlock()
	if b.counted != nil && b.countVersion == snap.Version() {
		return b.counted, nil
	}
	var all []kindCount
	for _, k := range kindClasses {
		n, err := b.count(ctx, snap, k)
		if err != nil {
			return nil, err
		}
		all = append(all, kindCount{k.kind, n})
	}
	b.counted, b.countVersion = all, snap.Version()
	return all, nil
}

// count counts the things of a kind: by class where there is one, else what is listed.
func (b *browser) count(ctx context.Context, snap graph.Snapshot, k kindClass) (uint64, error) {
	if k.foreign {
		l, err := b.list(ctx, snap, k.kind)
		return uint64(len(l)), err
	}
	ids := make([]graph.ID, 2)
	if err := snap.IDs(ctx, []graph.Term{graph.IRI(rdf.Type).Term(), k.classes[0].Term()}, ids); err != nil {
		return 0, err
	}
	if ids[0] == graph.None || ids[1] == graph.None {
		return 0, nil
	}
	n, _, err := snap.Distinct(ctx, graph.Pattern{P: ids[0], O: ids[1]}, graph.PosS)
	return n, err
}

// known returns the things of a kind that a property leads to most often, of a sample that is
// spread over all of them.
func (b *browser) known(ctx context.Context, snap graph.Snapshot, kind string, p graph.IRI, n int) ([]listed, error) {
	all, err := b.list(ctx, snap, kind)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	const size = 400
	step := max(1, len(all)/size)
	var sample []listed
	var terms []graph.Term
	for i := 0; i < len(all); i += step {
		sample, terms = append(sample, all[i]), append(terms, graph.IRI(all[i].iri).Term())
	}
	ids := make([]graph.ID, len(terms)+1)
	if err := snap.IDs(ctx, append(terms, p.Term()), ids); err != nil {
		return nil, err
	}
	property := ids[len(terms)]
	ids = ids[:len(terms)]
	counts := make(map[string]uint64, len(ids))
	for i, id := range ids {
		if id == graph.None {
			continue
		}
		links, _, err := snap.Count(ctx, graph.Pattern{P: property, O: id})
		if err != nil {
			return nil, err
		}
		counts[sample[i].iri] = links
	}
	slices.SortStableFunc(sample, func(x, y listed) int { return cmp.Compare(counts[y.iri], counts[x.iri]) })
	return sample[:min(n, len(sample))], nil
}

// exampleKinds are the kinds of things that the first page shows, and the properties by
// which the well-known are known.
var exampleKinds = []struct {
	kind     string
	property graph.IRI
}{{"hub", bf.ExpressionOf}, {"work", bf.InstanceOf}, {"agent", bf.Agent}, {"concept", bf.Subject}}

// examples returns a few well-known things, chosen once for each version.
func (b *browser) examples(ctx context.Context, snap graph.Snapshot) (map[string][]listed, error) {
	b.countMu.Lock()
	defer b.countMu.Unlock()
	if b.chosen != nil && b.chosenVersion == snap.Version() {
		return b.chosen, nil
	}
	chosen := make(map[string][]listed)
	for _, k := range exampleKinds {
		found, err := b.known(ctx, snap, k.kind, k.property, 4)
		if err != nil {
			return nil, err
		}
		chosen[k.kind] = found
	}
	b.chosen, b.chosenVersion = chosen, snap.Version()
	return chosen, nil
}

// list returns the things of a kind in order.
func (b *browser) list(ctx context.Context, snap graph.Snapshot, kind string) ([]listed, error) {
	b.mu.Lock()
	l := b.by[kind]
	if l == nil {
		l = new(listing)
		b.by[kind] = l
	}
	b.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.made.IsZero() && (l.version == snap.Version() || time.Since(l.made) < listAge) {
		return l.things, nil
	}
	things, err := b.gather(ctx, snap, kind)
	if err != nil {
		return nil, err
	}
	l.things, l.version, l.made = things, snap.Version(), time.Now()
	return things, nil
}

// gather reads and sorts the things of a kind.
func (b *browser) gather(ctx context.Context, snap graph.Snapshot, kind string) (things []listed, err error) {
	var classes []graph.IRI
	for _, k := range kindClasses {
		if k.kind == kind {
			classes = k.classes
		}
	}
	prefix := string(b.s.c.Base) + "id/" + kind + "/"
	if kind == "record" {
		prefix = string(b.s.c.Base) + "record/"
	}
	found, err := resource.OfClass(ctx, snap, classes, maxSorted)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(t graph.Term) bool { return !strings.HasPrefix(t.Value(), prefix) })
	names, err := resource.List(ctx, snap, found, resource.Options{Labels: labels[:2]})
	if err != nil {
		return nil, err
	}
	type keyed struct {
		listed
		key []byte
	}
	all := make([]keyed, len(found))
	for i, t := range found {
		label, ok := names.Label(t, "vi")
		text := label.Value()
		if !ok {
			text = tailOf(t.Value())
		}
		all[i] = keyed{listed{t.Value(), text}, vi.SortKey(text)}
	}
	slices.SortFunc(all, func(x, y keyed) int {
		return cmp.Or(bytes.Compare(x.key, y.key), strings.Compare(x.iri, y.iri))
	})
	things = make([]listed, len(all))
	for i := range all {
		things[i] = all[i].listed
	}
	return things, nil
}

// letters of the Vietnamese alphabet, with those that only foreign words have at their place.
var letters = strings.Split("A Ă Â B C D Đ E Ê F G H I J K L M N O Ô Ơ P Q R S T U Ư V W X Y Z", " ")

// browseKind shows the things of a kind, page by page, with an alphabet to jump by.
func (s *site) browseKind(w http.ResponseWriter, r *http.Request) error {
	kind := chi.URLParam(r, "kind")
	if !slices.ContainsFunc(kindClasses, func(k kindClass) bool { return k.kind == kind }) {
		return graph.ErrNotFound
	}
	lang := s.lang(r)
	page, err := pageNumber(r.URL.Query().Get("page"))
	if err != nil {
		return err
	}
	snap, err := s.c.Store.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	all, err := s.browse.list(r.Context(), snap, kind)
	if err != nil {
		return err
	}
	counts, err := s.browse.counts(r.Context(), snap)
	if err != nil {
		return err
	}
	address := func(n int) string {
		path := s.path + lang + "/browse/" + kind
		if n > 1 {
			path += "?page=" + strconv.Itoa(n)
		}
		return path
	}
	start := min((page-1)*browsePage, len(all))
	end := min(start+browsePage, len(all))
	things := make([]graph.Term, end-start)
	for i, t := range all[start:end] {
		things[i] = graph.IRI(t.iri).Term()
	}
	list, err := resource.List(r.Context(), snap, things, resource.Options{Labels: labels, Brief: web.Briefs})
	if err != nil {
		return err
	}
	view := web.List{
		Heading: web.Word(lang, "kind-"+kind),
		Lead:    web.Word(lang, "browse-lead"),
		Entries: web.Entries(list, things, lang, s.link(lang)),
	}
	for i := range view.Entries {
		view.Entries[i].Kind = ""
	}
	view.Letters = alphabet(all, start, address)
	for _, c := range counts {
		if c.count > 0 {
			view.Kinds = append(view.Kinds, web.Count{Name: web.Word(lang, "kind-"+c.kind), Count: c.count, Href: s.path + lang + "/browse/" + c.kind})
		}
	}
	view.Pager = web.Pager{First: uint64(start + 1), Last: uint64(end), Total: uint64(len(all))}
	if page > 1 {
		view.Pager.Previous = address(page - 1)
	}
	if end < len(all) {
		view.Pager.Next = address(page + 1)
	}
	p := s.page(r, lang, "browse/"+kind)
	p.Title, p.Nav, p.NoIndex = view.Heading, "browse", page > 1
	p.Canonical, p.Alternates = s.url(lang+"/browse/"+kind), s.alternates("browse/"+kind)
	s.sendPage(w, r, p, s.pages.List(p, view), noTime)
	return nil
}

// alphabet says on which page each letter begins.
func alphabet(all []listed, start int, address func(int) string) (out []web.Letter) {
	here := -1
	for _, letter := range letters {
		key := vi.SortKey(letter)[:1]
		i := sort.Search(len(all), func(i int) bool {
			k := vi.SortKey(all[i].label)
			return bytes.Compare(k, key) >= 0
		})
		if i == len(all) || !bytes.HasPrefix(vi.SortKey(all[i].label), key) {
			continue
		}
		if i <= start {
			here = len(out)
		}
		out = append(out, web.Letter{Letter: letter, Href: address(i/browsePage + 1)})
	}
	if here >= 0 {
		out[here].Here = true
	}
	if len(out) < 2 {
		return nil
	}
	return out
}
