package publish

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"mocban/graph"
	"mocban/publish/resource"
	"mocban/publish/web"
	"mocban/vocab/rdf"
)

// shardSize is how many addresses a sitemap may hold (sitemaps.org).
const shardSize = 50_000

// sitemap lists the shards: for each class of things, its documents in steps of shardSize.
func (s *site) sitemap(w http.ResponseWriter, r *http.Request) error {
	snap, err := s.c.Store.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	if err := s.history.follow(r.Context(), snap.Version()); err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(xml.Header + `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for _, k := range kindClasses {
		for i, class := range k.classes {
			ids := make([]graph.ID, 2)
			if err := snap.IDs(r.Context(), []graph.Term{graph.IRI(rdf.Type).Term(), class.Term()}, ids); err != nil {
				return err
			}
			if ids[0] == graph.None || ids[1] == graph.None {
				continue
			}
			n, _, err := snap.Count(r.Context(), graph.Pattern{P: ids[0], O: ids[1]})
			if err != nil {
				return err
			}
			for shard := range (n + shardSize - 1) / shardSize {
				fmt.Fprintf(&b, "<sitemap><loc>%s</loc>%s</sitemap>\n", escapeXML(s.url(fmt.Sprintf("sitemap/%s-%d-%d.xml", k.kind, i, shard))), lastmod(snap.Time()))
			}
		}
	}
	b.WriteString("</sitemapindex>\n")
	s.send(w, r, answer{contentType: "application/xml", body: []byte(b.String()), cache: cachePage, modified: snap.Time()})
	return nil
}

func lastmod(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return "<lastmod>" + t.UTC().Format("2006-01-02T15:04:05Z") + "</lastmod>"
}

// sitemapShard lists documents with the time of their last change.
func (s *site) sitemapShard(w http.ResponseWriter, r *http.Request) error {
	kind, place, _ := strings.Cut(strings.TrimSuffix(chi.URLParam(r, "shard"), ".xml"), "-")
	classText, shardText, _ := strings.Cut(place, "-")
	at := slices.IndexFunc(kindClasses, func(k kindClass) bool { return k.kind == kind })
	class, err := strconv.Atoi(classText)
	shard, err2 := strconv.Atoi(shardText)
	if at < 0 || err != nil || err2 != nil || class < 0 || class >= len(kindClasses[at].classes) || shard < 0 || shard > 1_000_000 {
		return graph.ErrNotFound
	}
	snap, err := s.c.Store.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	if err := s.history.follow(r.Context(), snap.Version()); err != nil {
		return err
	}
	members, err := resource.Members(r.Context(), snap, kindClasses[at].classes[class], shard*shardSize, shardSize)
	if err != nil {
		return err
	}
	if len(members) == 0 {
		return graph.ErrNotFound
	}
	var b strings.Builder
	b.WriteString(xml.Header + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for i := 0; i < len(members); {
		thing := members[i].Thing
		var graphs []graph.Term
		for ; i < len(members) && members[i].Thing == thing; i++ {
			graphs = append(graphs, members[i].Graph)
		}
		path, ok := s.documentOf(thing.Value())
		if !ok || strings.Contains(thing.Value(), "#") {
			continue
		}
		b.WriteString("<url><loc>" + escapeXML(s.url(strings.TrimPrefix(path, s.path))) + "</loc>" + lastmod(s.history.modified(graphs...)) + "</url>\n")
	}
	b.WriteString("</urlset>\n")
	s.send(w, r, answer{contentType: "application/xml", body: []byte(b.String()), cache: cachePage, modified: snap.Time()})
	return nil
}

func escapeXML(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}

// robots lets crawlers at the pages, and keeps them from what costs much and says little.
func (s *site) robots(w http.ResponseWriter, r *http.Request) error {
	p := s.path
	body := "User-agent: *\nDisallow: " + p + "sparql\nDisallow: " + p + "vi/sparql\nDisallow: " + p + "en/sparql\nDisallow: " +
		p + "search\nDisallow: " + p + "vi/search\nDisallow: " + p + "en/search\nDisallow: " + p + "suggest\nAllow: " + p + "\n\n" +
		"# All data: " + s.url("dumps/") + "\nSitemap: " + s.url("sitemap.xml") + "\n"
	s.send(w, r, answer{contentType: "text/plain; charset=utf-8", body: []byte(body), cache: "public, max-age=3600"})
	return nil
}

// openSearch tells browsers how to search here (OpenSearch 1.1).
func (s *site) openSearch(w http.ResponseWriter, r *http.Request) error {
	if s.c.Search == nil {
		return graph.ErrNotFound
	}
	lang := s.lang(r)
	name := []rune(inLang(s.c.Name, lang, "mocban"))
	var b strings.Builder
	b.WriteString(xml.Header + `<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">` + "\n")
	fmt.Fprintf(&b, "<ShortName>%s</ShortName>\n<Description>%s</Description>\n<InputEncoding>UTF-8</InputEncoding>\n",
		escapeXML(string(name[:min(16, len(name))])), escapeXML(web.Word(lang, "search-label")))
	fmt.Fprintf(&b, `<Url type="text/html" template="%s"/>`+"\n", escapeXML(s.url("search?q={searchTerms}")))
	fmt.Fprintf(&b, `<Url type="application/x-suggestions+json" template="%s"/>`+"\n", escapeXML(s.url("suggest?q={searchTerms}")))
	b.WriteString("</OpenSearchDescription>\n")
	s.send(w, r, answer{contentType: "application/opensearchdescription+xml", body: []byte(b.String()), cache: "public, max-age=3600", vary: []string{"Accept-Language"}})
	return nil
}
