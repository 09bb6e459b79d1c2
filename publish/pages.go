package publish

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"mocban/graph"
	"mocban/publish/resource"
	"mocban/publish/web"
	"mocban/vocab/bf"
	"mocban/vocab/mocban"
	"mocban/vocab/skos"
)

// A kindClass is a kind of thing with the classes by which the store knows it. Foreign tells
// that things which are not ours are of these classes too.
type kindClass struct {
	kind    string
	classes []graph.IRI
	foreign bool
}

var kindClasses = []kindClass{
	{"work", []graph.IRI{bf.Work}, false},
	{"instance", []graph.IRI{bf.Instance}, false},
	{"item", []graph.IRI{bf.Item}, false},
	{"hub", []graph.IRI{bf.Hub}, false},
	{"agent", []graph.IRI{bf.AgentClass, bf.Person, bf.OrganizationClass, bf.Family, bf.Meeting, bf.Jurisdiction}, true},
	{"concept", []graph.IRI{bf.Topic, skos.Concept, bf.GenreFormClass, bf.Temporal}, true},
	{"place", []graph.IRI{bf.PlaceClass}, true},
	{"record", []graph.IRI{mocban.Record}, false},
}

// home is the first page: what is here, and where to begin.
func (s *site) home(w http.ResponseWriter, r *http.Request) error {
	lang := s.lang(r)
	snap, err := s.c.Store.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	counts, err := s.browse.counts(r.Context(), snap)
	if err != nil {
		return err
	}
	p := s.page(r, lang, "")
	p.Canonical, p.Alternates = s.url(""), s.alternates("")
	p.Description = web.Word(lang, "lead")
	h := web.Home{}
	for _, c := range counts {
		if c.count > 0 {
			h.Counts = append(h.Counts, web.Count{Name: web.Word(lang, "kind-"+c.kind), Count: c.count, Href: s.path + lang + "/browse/" + c.kind})
		}
	}
	examples, err := s.browse.examples(r.Context(), snap)
	if err != nil {
		return err
	}
	for _, k := range exampleKinds {
		if k.kind == "work" && len(examples["hub"]) > 0 {
			continue // a hub leads to all works of one title
		}
		for _, e := range examples[k.kind] {
			href, _ := s.link(lang)(e.iri)
			h.Examples = append(h.Examples, web.Value{Text: web.Text{Text: e.label}, Href: href, After: web.Word(lang, "one-"+k.kind)})
			if h.Curl == "" {
				h.Curl = "curl -L -H 'Accept: text/turtle' '" + asciiIRI(e.iri) + "'"
			}
		}
	}
	if s.c.Engine != nil {
		for _, e := range s.examples(lang)[:3] {
			h.Queries = append(h.Queries, web.Example{Name: e.Name, Href: e.Href})
		}
	}
	s.sendPage(w, r, p, s.pages.Home(p, h), snap.Time())
	return nil
}

// warm draws the first page for nobody, and the frame of pages of things, and reads what
// these and the dates of documents need.
func (s *site) warm(ctx context.Context) error {
	for _, lang := range []string{"vi", "en"} {
		p := web.Page{Lang: lang, Title: "mocban", Root: s.path}
		s.pages.Entity(p, web.Entity{})
		s.pages.Home(p, web.Home{})
	}
	snap, err := s.c.Store.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	if err := s.history.follow(ctx, snap.Version()); err != nil {
		return err
	}
	if _, err := s.browse.counts(ctx, snap); err != nil {
		return err
	}
	if _, err = s.browse.examples(ctx, snap); err != nil {
		return err
	}
	if store, ok := s.c.Store.(interface{ Warm(context.Context) error }); ok {
		return store.Warm(ctx)
	}
	return nil
}

// resultsPage is how many results a page shows.
const resultsPage = 20

// search looks for things by their names.
func (s *site) search(w http.ResponseWriter, r *http.Request) error {
	lang := s.lang(r)
	if s.c.Search == nil {
		return &requestError{http.StatusNotFound, "no-search", "Trang này chưa có chỉ mục tìm kiếm.", "This site has no search index."}
	}
	values := r.URL.Query()
	q := strings.TrimSpace(values.Get("q"))
	if utf8.RuneCountInString(q) > 256 {
		return &requestError{http.StatusBadRequest, "bad-request", "Câu tìm dài quá 256 ký tự.", "The search is longer than 256 characters."}
	}
	page, err := pageNumber(values.Get("page"))
	if err != nil {
		return err
	}
	p := s.page(r, lang, "search")
	p.Query, p.NoIndex = q, true
	p.Title = web.Word(lang, "search")
	results := web.Results{Asked: q != ""}
	if q != "" {
		p.Title = q + " · " + p.Title
		if err := s.find(r, lang, q, values.Get("type"), page, &results); err != nil {
			return err
		}
	}
	s.sendPage(w, r, p, s.pages.Search(p, results), noTime)
	return nil
}

// pageNumber reads the number of a page, 1 if there is none.
func pageNumber(text string) (int, error) {
	if text == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 5000 {
		return 0, &requestError{http.StatusBadRequest, "bad-request", "Số trang từ 1 đến 5000.", "A page number is from 1 to 5000."}
	}
	return n, nil
}

// find fills in the results of a search.
func (s *site) find(r *http.Request, lang, q, class string, page int, results *web.Results) error {
	ask := graph.Search{Text: q, Offset: (page - 1) * resultsPage, Limit: resultsPage}
	if class != "" {
		ask.Types = []graph.IRI{graph.IRI(class)}
	}
	found, err := s.c.Search.Search(r.Context(), ask)
	if err != nil {
		return err
	}
	all := found
	if class != "" { // the counts of all classes, so that one can go back
		if all, err = s.c.Search.Search(r.Context(), graph.Search{Text: q, Limit: 1}); err != nil {
			return err
		}
	}
	things := make([]graph.Term, len(found.Hits))
	for i, h := range found.Hits {
		things[i] = h.Thing
	}
	snap, err := s.c.Store.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	list, err := resource.List(r.Context(), snap, things, resource.Options{Labels: labels, Brief: web.Briefs})
	if err != nil {
		return err
	}
	results.Total = found.Total
	results.Entries = web.Entries(list, things, lang, s.link(lang))
	address := func(class string, page int) string {
		v := url.Values{"q": {q}}
		if class != "" {
			v.Set("type", class)
		}
		if page > 1 {
			v.Set("page", strconv.Itoa(page))
		}
		return s.path + lang + "/search?" + v.Encode()
	}
	results.Facets = append(results.Facets, web.Facet{Name: web.Word(lang, "all-types"), Count: all.Total, Href: address("", 1), Chosen: class == ""})
	for _, t := range all.Types {
		if name := web.Class(lang, t.Type); name != "" {
			results.Facets = append(results.Facets, web.Facet{Name: name, Count: t.Count, Href: address(string(t.Type), 1), Chosen: class == string(t.Type)})
		}
	}
	if len(results.Facets) > 12 {
		results.Facets = results.Facets[:12]
	}
	first := uint64(ask.Offset + 1)
	results.Pager = web.Pager{First: first, Last: first + uint64(len(found.Hits)) - 1, Total: found.Total}
	if page > 1 {
		results.Pager.Previous = address(class, page-1)
	}
	if results.Pager.Last < found.Total && len(found.Hits) > 0 {
		results.Pager.Next = address(class, page+1)
	}
	return nil
}

// suggest answers as OpenSearch suggestions do: what was typed, names, nothing, addresses.
func (s *site) suggest(w http.ResponseWriter, r *http.Request) error {
	ask, ok := s.c.Search.(suggester)
	if !ok {
		return &requestError{http.StatusNotFound, "no-search", "Trang này chưa có chỉ mục tìm kiếm.", "This site has no search index."}
	}
	q := r.URL.Query().Get("q")
	if utf8.RuneCountInString(q) > 256 {
		return &requestError{http.StatusBadRequest, "bad-request", "Câu tìm dài quá 256 ký tự.", "The search is longer than 256 characters."}
	}
	found, err := ask.Suggest(r.Context(), graph.Search{Text: q, Limit: 10})
	if err != nil {
		return err
	}
	b := append(appendJSON([]byte("["), q), ",["...)
	var seen []string
	for _, hit := range found.Hits {
		if slices.Contains(seen, hit.Name) {
			continue
		}
		if len(seen) > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, hit.Name)
		seen = append(seen, hit.Name)
	}
	b = append(b, "]]\n"...)
	w.Header().Set("X-Robots-Tag", "noindex")
	s.send(w, r, answer{contentType: "application/x-suggestions+json", body: b, cache: "public, max-age=60"})
	return nil
}
