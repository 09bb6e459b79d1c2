package publish

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"mocban/graph"
	"mocban/publish/negotiate"
	"mocban/publish/web"
	"mocban/vocab/rdfs"
	"mocban/vocab/schema"
	"mocban/vocab/skos"
)

// site is what all handlers share.
type site struct {
	c       Config
	path    string // of the base IRI, with slashes around it
	pages   *web.Pages
	assets  map[string]asset
	offers  []negotiate.Offer // of entityForms
	history *history
	cache   cache
	browse  *browser
	gate    *gate // of queries and updates
	budgets budgets
	jobs    jobs
	results cache // of answers of queries
	writers *queryLane
	figures figureCache
	links   *links // nil: there are no short addresses of queries
}

// An asset is a file of style or script.
type asset struct {
	contentType string
	body        []byte
}

func newSite(c Config) (*site, error) {
	base, err := url.Parse(string(c.Base))
	if err != nil {
		return nil, err // Validate has read it before
	}
	s := &site{
		c: c, path: base.EscapedPath(), assets: make(map[string]asset), offers: offers(entityForms),
		history: &history{store: c.Store}, cache: cache{max: c.Cache},
		gate: newGate(c.QueryMemory), budgets: budgets{perMinute: c.QueryBudget, now: time.Now},
		results: cache{max: c.Results},
		writers: newWriters(),
	}
	s.browse = newBrowser(s)
	if c.Links != "" && c.Engine != nil {
		var bad int
		if s.links, bad, err = openLinks(c.Links); err != nil {
			return nil, fmt.Errorf("read the short addresses of queries: %w", err)
		}
		if bad > 0 {
			c.Log.Error("short addresses of queries are damaged", "file", c.Links, "lines", bad)
		}
	}
	addresses := make(map[string]string)
	types := map[string]string{"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml", "txt": "text/plain; charset=utf-8"}
	files := web.Assets()
	names, err := fs.Glob(files, "*")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		stem, ext, _ := strings.Cut(name, ".")
		hashed := stem + "." + hash(body)[:10] + "." + ext
		addresses[name] = s.path + "assets/" + hashed
		s.assets[hashed] = asset{types[ext], body}
	}
	s.pages, err = web.New(addresses)
	return s, err
}

// url returns the absolute address of a path of the site.
func (s *site) url(path string) string { return string(s.c.Base) + path }

// kinds are the kinds of things that have documents.
var kinds = map[string]bool{
	"work": true, "instance": true, "item": true, "hub": true, "agent": true, "concept": true, "place": true,
	"scheme": true, "library": true, "collection": true,
}

// labels are the predicates under which things are called.
var labels = []graph.IRI{rdfs.Label, skos.PrefLabel, schema.Name}

func (s *site) routes() http.Handler {
	r := chi.NewRouter()
	r.Use(s.recover, s.log, s.common, middleware.GetHead)
	below := chi.NewRouter()
	get := func(pattern string, h func(http.ResponseWriter, *http.Request) error) {
		below.Get(pattern, s.handle(h))
	}
	for _, prefix := range []string{"/", "/vi/", "/en/"} {
		get(prefix, s.home)
		get(prefix+"search", s.search)
		get(prefix+"browse/{kind}", s.browseKind)
		get(prefix+"dataset", s.dataset)
		get(prefix+"problem/{name}", s.aboutProblem)
		get(prefix+"dumps", s.slash)
		get(prefix+"dumps/", s.dumps)
		get(prefix+"mapping", s.mapping)
		below.Post(prefix+"mapping", s.handle(s.mapping))
		get(prefix+"mapping/rules", s.mappingRules)
		get(prefix+"mapping/coverage", s.mappingCoverage)
	}
	get("/vi", s.slash)
	get("/en", s.slash)
	get("/vi/sparql", s.editor)
	get("/en/sparql", s.editor)
	get("/dataset.{ext}", s.dataset)
	get("/dumps/{name}", s.dump)
	get("/.well-known/void", s.wellKnownVoid)
	get("/robots.txt", s.robots)
	get("/sitemap.xml", s.sitemap)
	get("/sitemap/{shard}", s.sitemapShard)
	get("/opensearch.xml", s.openSearch)
	get("/suggest", s.suggest)
	get("/context/{name}", s.context)
	get("/healthz", s.healthz)
	get("/readyz", s.readyz)
	get("/assets/{name}", s.asset)
	below.Get("/sparql", s.handle(s.sparql))
	below.Post("/sparql", s.handle(s.sparql))
	if s.c.Engine != nil {
		get("/sparql/terms", s.terms)
		get("/sparql/explain", s.explain)
		below.Post("/sparql/explain", s.handle(s.explain))
		get("/sparql/examples", s.exampleList)
		below.Post("/sparql/check", s.handle(s.checkQuery))
	}
	if s.links != nil {
		for _, prefix := range []string{"/", "/vi/", "/en/"} {
			get(prefix+"sparql/q/{name}", s.followLink)
		}
		below.Post("/sparql/q", s.handle(s.makeLink))
		below.Get("/sparql/q", s.notAllowed)
	}
	get("/sparql/jobs/{id}", s.jobState)
	get("/sparql/jobs/{id}/events", s.jobEvents)
	below.Delete("/sparql/jobs/{id}", s.handle(s.jobCancel))
	below.MethodFunc(methodQuery, "/sparql", s.handle(s.sparql))
	below.Post("/sparql/update", s.handle(s.updateOnly))
	below.Get("/sparql/update", s.notAllowed)
	for _, pattern := range []string{"/" + storePath, "/" + storePath + "/*"} {
		get(pattern, s.getGraph)
		below.Put(pattern, s.handle(s.putGraph))
		below.Post(pattern, s.handle(s.postGraph))
		below.Delete(pattern, s.handle(s.deleteGraph))
		below.Patch(pattern, s.handle(s.patchGraph))
	}
	below.Options("/*", s.preflight)
	get("/*", s.document)
	below.MethodNotAllowed(s.notAllowed)
	below.NotFound(s.handle(s.document))
	r.MethodNotAllowed(s.notAllowed) // of methods that nothing here knows
	if s.path == "/" {
		r.Mount("/", below)
	} else {
		r.Mount(strings.TrimSuffix(s.path, "/"), below)
	}
	return r
}

// handle makes a handler of a function that may fail.
func (s *site) handle(f func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := f(w, r); err != nil {
			s.fail(w, r, err)
		}
	}
}

// exposed are the headers that scripts of other sites may read.
const exposed = "ETag, Link, Content-Location, Content-Language, Last-Modified, Query-Id, Query-Status, RateLimit, RateLimit-Policy, Retry-After, Server-Timing, Warning"

// policy lets a page load nothing but what the site itself serves.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// everywhere is what every answer carries. The lists are shared, and nobody changes them.
var everywhere = []struct {
	name  string
	value []string
}{
	{"Access-Control-Allow-Origin", []string{"*"}},
	{"Access-Control-Expose-Headers", []string{exposed}},
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"Content-Security-Policy", []string{policy}},
	{"Referrer-Policy", []string{"strict-origin-when-cross-origin"}},
}

// common sets what every answer carries.
func (s *site) common(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for _, e := range everywhere {
			h[e.name] = e.value
		}
		next.ServeHTTP(w, r)
	})
}

// preflight answers what a browser asks before a script of another site may send.
func (s *site) preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Allow", s.allowed(r))
	// What changes the data is not for scripts of other sites.
	allow := "GET, HEAD, OPTIONS"
	if strings.HasSuffix(r.URL.Path, "/sparql") {
		allow = "GET, HEAD, POST, QUERY, OPTIONS"
	}
	if strings.Contains(r.URL.Path, "/sparql/jobs/") {
		allow = "GET, HEAD, DELETE, OPTIONS"
	}
	if method := r.Header.Get("Access-Control-Request-Method"); slices.Contains(strings.Split(allow, ", "), method) {
		h.Set("Access-Control-Allow-Methods", allow)
		h.Set("Access-Control-Allow-Headers", "Accept, Accept-Language, Content-Type, If-None-Match, If-Modified-Since, Query-Id, Range")
		h.Set("Access-Control-Max-Age", "3600")
		addVary(h, "Access-Control-Request-Method", "Access-Control-Request-Headers")
	}
	w.WriteHeader(http.StatusNoContent)
}

// allowed returns the methods of an address.
func (s *site) allowed(r *http.Request) string {
	path := strings.TrimPrefix(r.URL.EscapedPath(), s.path)
	switch {
	case path == "sparql":
		return "GET, HEAD, POST, QUERY, OPTIONS"
	case path == "sparql/explain" && s.c.Engine != nil:
		return "GET, HEAD, POST, OPTIONS"
	case path == "sparql/check" && s.c.Engine != nil:
		return "POST, OPTIONS"
	case path == "sparql/update", path == "sparql/q" && s.links != nil:
		return "POST, OPTIONS"
	case strings.TrimPrefix(strings.TrimPrefix(path, "vi/"), "en/") == "mapping":
		return "GET, HEAD, POST, OPTIONS"
	case s.c.Write != nil && (path == storePath || strings.HasPrefix(path, storePath+"/")):
		return "GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS"
	}
	if strings.HasPrefix(path, "sparql/jobs/") {
		return "GET, HEAD, DELETE, OPTIONS"
	}
	return "GET, HEAD, OPTIONS"
}

func (s *site) notAllowed(w http.ResponseWriter, r *http.Request) {
	allow := s.allowed(r)
	w.Header().Set("Allow", allow)
	s.fail(w, r, &requestError{http.StatusMethodNotAllowed, "method", "Dùng: " + allow + ".", "Use: " + allow + "."})
}

// statusWriter remembers what was answered.
type statusWriter struct {
	http.ResponseWriter
	start  time.Time // zero: Server-Timing is not set
	status int
	bytes  int64
}

func (w *statusWriter) WriteHeader(status int) {
	w.first(status)
	w.ResponseWriter.WriteHeader(status)
}

// first keeps the status, and tells how long the answer took until its first byte.
func (w *statusWriter) first(status int) {
	if w.status != 0 {
		return
	}
	w.status = status
	if !w.start.IsZero() {
		w.Header().Set("Server-Timing", fmt.Sprintf("total;dur=%.1f", time.Since(w.start).Seconds()*1000))
	}
}

func (w *statusWriter) Write(b []byte) (int, error) {
	w.first(http.StatusOK)
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// log writes one line for each request. What strangers write is quoted and short.
func (s *site) log(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		sw := &statusWriter{ResponseWriter: w, start: start}
		next.ServeHTTP(sw, r)
		if !s.c.Log.Enabled(r.Context(), slog.LevelInfo) {
			return
		}
		path := r.URL.EscapedPath()
		s.c.Log.Info("request", "method", r.Method, "path", path[:min(len(path), 200)], "status", sw.status,
			"bytes", sw.bytes, "ms", float64(time.Since(start).Microseconds())/1000)
	})
}

// recover makes an error of a panic. A stream that was broken off on purpose stays broken.
func (s *site) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sw := &statusWriter{ResponseWriter: w}
		defer func() {
			x := recover()
			if x == nil {
				return
			}
			if x == http.ErrAbortHandler {
				panic(x)
			}
			s.c.Log.Error("panic", "path", r.URL.EscapedPath(), "panic", fmt.Sprint(x), "stack", string(debug.Stack()))
			if sw.status != 0 {
				panic(http.ErrAbortHandler) // part of an answer is out: it must not look whole
			}
			s.fail(sw, r, fmt.Errorf("panic: %v", x))
		}()
		next.ServeHTTP(sw, r)
	})
}

// lang returns the language of a page: that of the address, else what the request prefers.
func (s *site) lang(r *http.Request) string {
	rest := strings.TrimPrefix(r.URL.EscapedPath(), s.path)
	first, _, _ := strings.Cut(rest, "/")
	if first == "vi" || first == "en" {
		return first
	}
	if l := r.URL.Query().Get("lang"); l == "vi" || l == "en" {
		return l
	}
	langs := []string{"vi", "en"}
	return langs[negotiate.Language(strings.Join(r.Header.Values("Accept-Language"), ","), langs)]
}

// page returns what all pages show. Path is below the root, without language.
func (s *site) page(r *http.Request, lang, path string) web.Page {
	p := web.Page{
		Lang: lang, Site: inLang(s.c.Name, lang, "mocban"), Publisher: inLang(s.c.Publisher, lang, ""),
		Root: s.path, Path: path, License: string(s.c.License),
		HasSearch: s.c.Search != nil, HasEndpoint: s.c.Engine != nil, HasDumps: s.c.Dumps != "", HasMapping: s.c.Mapping != nil,
	}
	if q := r.URL.RawQuery; q != "" && path != "" {
		p.Path += "?" + q
	}
	return p
}

func inLang(m map[string]string, lang, other string) string {
	if s := m[lang]; s != "" {
		return s
	}
	for _, l := range []string{"vi", "en"} {
		if s := m[l]; s != "" {
			return s
		}
	}
	return other
}

// sendPage sends a page that has a generic address and one in each language.
func (s *site) sendPage(w http.ResponseWriter, r *http.Request, p web.Page, body []byte, modified time.Time) {
	if p.NoIndex {
		w.Header().Set("X-Robots-Tag", "noindex")
	}
	a := answer{contentType: "text/html; charset=utf-8", body: body, cache: cachePage, modified: modified}
	rest := strings.TrimPrefix(r.URL.EscapedPath(), s.path)
	if !strings.HasPrefix(rest, "vi/") && !strings.HasPrefix(rest, "en/") {
		a.vary = append(a.vary, "Accept-Language")
		w.Header().Set("Content-Location", p.Root+p.Lang+"/"+p.Path)
	}
	w.Header().Set("Content-Language", p.Lang)
	s.send(w, r, a)
}

// alternates are the forms of a page in the languages.
func (s *site) alternates(path string) []web.Alternate {
	return []web.Alternate{
		{Lang: "vi", URL: s.url("vi/" + path)}, {Lang: "en", URL: s.url("en/" + path)}, {Lang: "x-default", URL: s.url(path)},
	}
}

// link is the web.Linker of the site: documents of ours in the language of the page, other
// sites by http only.
func (s *site) link(lang string) web.Linker {
	return func(iri string) (href string, external bool) {
		if path, ok := s.documentOf(iri); ok {
			return s.path + lang + "/" + strings.TrimPrefix(path, s.path), false
		}
		if strings.HasPrefix(iri, "http://") || strings.HasPrefix(iri, "https://") {
			return iri, true
		}
		return "", false
	}
}

func (s *site) asset(w http.ResponseWriter, r *http.Request) error {
	a, ok := s.assets[chi.URLParam(r, "name")]
	if !ok {
		return graph.ErrNotFound
	}
	s.send(w, r, answer{contentType: a.contentType, body: a.body, cache: cacheImmutable})
	return nil
}

func (s *site) slash(w http.ResponseWriter, r *http.Request) error {
	to := strings.TrimPrefix(r.URL.EscapedPath(), s.path) + "/"
	redirect(w, http.StatusPermanentRedirect, s.url(to), cacheRedirect)
	return nil
}

func (s *site) healthz(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, err := w.Write([]byte("ok\n"))
	return err
}

// readyz tells whether the store answers.
func (s *site) readyz(w http.ResponseWriter, r *http.Request) error {
	snap, err := s.c.Store.Snapshot()
	if err != nil {
		return &requestError{http.StatusServiceUnavailable, "unavailable", "Kho dữ liệu chưa mở.", "The store is not open."}
	}
	defer snap.Close()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	var b bytes.Buffer
	fmt.Fprintf(&b, "ready version %d\n", snap.Version())
	if d, ok := s.c.Store.(interface{ Damaged() int }); ok && d.Damaged() > 0 {
		// What is answered is right all the same: damaged bytes are never answered from.
		fmt.Fprintf(&b, "damage found: %d\n", d.Damaged())
	}
	var low *graph.SpaceError
	if r, ok := s.c.Store.(interface{ Room() error }); ok && errors.As(r.Room(), &low) {
		fmt.Fprintf(&b, "%v; changes are refused\n", low) // reading goes on
	}
	_, err = w.Write(b.Bytes())
	return err
}
