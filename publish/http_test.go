package publish_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/rdfio"
	"mocban/publish"
	"mocban/vocab/rdfs"
)

// forms are the addresses of every form of a document.
var forms = []string{
	"/work/demo-1.html", "/vi/work/demo-1", "/en/work/demo-1", "/work/demo-1.ttl", "/work/demo-1.nt", "/work/demo-1.nq",
	"/work/demo-1.trig", "/work/demo-1.json", "/record/VN-DEMO/demo000001.mrc", "/record/VN-DEMO/demo000001.marcxml",
	"/dataset.ttl", "/vi/dataset", "/sitemap.xml", "/robots.txt", "/vi/", "/vi/browse/work", "/vi/sparql",
}

func TestConditionalRequests(t *testing.T) {
	h := handler(t, config(t))
	for _, path := range forms {
		first := get(h, path)
		if first.StatusCode == 404 && path == "/vi/sparql" {
			continue // this site has no endpoint
		}
		tag := first.Header.Get("ETag")
		if first.StatusCode != 200 || len(tag) < 10 || strings.HasPrefix(tag, "W/") {
			t.Errorf("%s: %d, ETag %q", path, first.StatusCode, tag)
			continue
		}
		for _, match := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
			r := get(h, path, "If-None-Match", match)
			if r.StatusCode != 304 || read(t, r) != "" {
				t.Errorf("%s: If-None-Match %s: %d", path, match, r.StatusCode)
			}
			for _, name := range []string{"ETag", "Vary", "Cache-Control", "Last-Modified"} {
				if r.Header.Get(name) != first.Header.Get(name) {
					t.Errorf("%s: 304 says %s %q, 200 said %q", path, name, r.Header.Get(name), first.Header.Get(name))
				}
			}
		}
		if r := get(h, path, "If-None-Match", `"other"`); r.StatusCode != 200 {
			t.Errorf("%s: another tag gives %d", path, r.StatusCode)
		}
		if modified := first.Header.Get("Last-Modified"); modified != "" {
			if r := get(h, path, "If-Modified-Since", modified); r.StatusCode != 304 {
				t.Errorf("%s: If-Modified-Since: %d", path, r.StatusCode)
			}
			if r := get(h, path, "If-Modified-Since", "Mon, 02 Nov 2026 00:00:00 GMT"); r.StatusCode != 200 {
				t.Errorf("%s: If-Modified-Since before the change: %d", path, r.StatusCode)
			}
			if r := get(h, path, "If-Modified-Since", "yesterday"); r.StatusCode != 200 {
				t.Errorf("%s: If-Modified-Since that is no date: %d", path, r.StatusCode)
			}
		}
	}
}

// What chose the body stands in Vary, also where there is no body.
func TestVary(t *testing.T) {
	h := handler(t, config(t))
	tag := get(h, "/work/demo-1", "Accept", "text/turtle").Header.Get("ETag")
	for _, c := range []struct {
		path   string
		header []string
		status int
		want   string
	}{
		{"/work/demo-1", []string{"Accept", "text/turtle"}, 200, "Accept, Accept-Encoding"},
		{"/work/demo-1", []string{"Accept", "text/turtle", "If-None-Match", tag}, 304, "Accept, Accept-Encoding"},
		{"/work/demo-1", []string{"Accept", "text/html"}, 200, "Accept, Accept-Language, Accept-Encoding"},
		{"/work/demo-1", []string{"Accept", "image/png"}, 406, "Accept, Accept-Encoding, Accept-Language"},
		{"/work/demo-1.ttl", nil, 200, "Accept-Encoding"},
		{"/vi/work/demo-1", nil, 200, "Accept-Encoding"},
		{"/work/demo-1.html", nil, 200, "Accept-Language, Accept-Encoding"},
		{"/id/work/demo-1", nil, 303, ""},
		{"/id/work/demo-1", []string{"Accept", "text/html"}, 303, ""},
		{"/record/VN-DEMO/demo000001.mrc", nil, 200, ""},
		{"/work/none", nil, 404, "Accept, Accept-Language"},
	} {
		r := get(h, c.path, c.header...)
		if got := r.Header.Get("Vary"); r.StatusCode != c.status || got != c.want {
			t.Errorf("%s %v: %d, Vary %q, want %d %q", c.path, c.header, r.StatusCode, got, c.status, c.want)
		}
	}
}

// The label of an author is part of the page of a work.
func TestETagChangesWithTheLabelOfANeighbour(t *testing.T) {
	c := config(t)
	h := handler(t, c)
	paths := []string{"/work/demo-1.ttl", "/work/demo-1.json", "/vi/work/demo-1", "/en/work/demo-1"}
	var before []string
	for _, p := range paths {
		before = append(before, get(h, p).Header.Get("ETag"))
	}
	unrelated := get(h, "/work/demo-2.nt").Header.Get("ETag")
	_, err := c.Store.Update(context.Background(), func(x graph.Txn) error {
		editor := graph.IRI(base + "id/agent/duy-minh-thi").Term()
		g := graph.IRI(base + "record/VN-DEMO/demo000001").Term()
		if err := x.Remove(graph.Quad{S: editor, P: rdfs.Label, O: graph.String("Duy Minh Thị"), G: g}); err != nil {
			return err
		}
		return x.Add(graph.Quad{S: editor, P: rdfs.Label, O: graph.String("Duy Minh Thị (nhà in)"), G: g})
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range paths {
		if after := get(h, p); after.Header.Get("ETag") == before[i] || after.StatusCode != 200 {
			t.Errorf("%s: ETag stays %s", p, before[i])
		}
	}
	if after := get(h, "/work/demo-2.nt").Header.Get("ETag"); after != unrelated {
		t.Errorf("the ETag of another work went from %s to %s", unrelated, after)
	}
}

func TestForms(t *testing.T) {
	h := handler(t, config(t))
	seen := make(map[string]string)
	for _, path := range forms[:8] {
		tag := get(h, path).Header.Get("ETag")
		if other, ok := seen[tag]; ok {
			t.Errorf("%s and %s share an ETag", path, other)
		}
		seen[tag] = path
	}
}

func TestGzip(t *testing.T) {
	h := handler(t, config(t))
	plain := get(h, "/work/demo-1.ttl")
	zipped := get(h, "/work/demo-1.ttl", "Accept-Encoding", "gzip, br")
	if zipped.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("Content-Encoding is %q", zipped.Header.Get("Content-Encoding"))
	}
	z, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil || string(body) != read(t, plain) {
		t.Errorf("the compressed body is another one: %v", err)
	}
	tag := zipped.Header.Get("ETag")
	if tag == plain.Header.Get("ETag") || !strings.HasSuffix(tag, `-gz"`) {
		t.Errorf("the compressed variant has ETag %s", tag)
	}
	if r := get(h, "/work/demo-1.ttl", "Accept-Encoding", "gzip", "If-None-Match", tag); r.StatusCode != 304 || r.Header.Get("ETag") != tag {
		t.Errorf("304 for the compressed variant: %d %s", r.StatusCode, r.Header.Get("ETag"))
	}
	if r := get(h, "/record/VN-DEMO/demo000001.mrc", "Accept-Encoding", "gzip"); r.Header.Get("Content-Encoding") != "" {
		t.Error("a binary record was compressed")
	}
}

func TestOriginalByteForByte(t *testing.T) {
	want := "00312nam a2200109 i 4500001001100000245003000011\x1edemo000001\x1e10\x1faKim Vân Kiều tân truyện.\x1e\x1d"
	h := handler(t, config(t))
	if got := read(t, get(h, "/record/VN-DEMO/demo000001.mrc")); got != want {
		t.Errorf("got %q", got)
	}
	if got := read(t, get(h, "/record/VN-DEMO/demo000001", "Accept", "application/marcxml+xml")); got != `<record from="application/marc"/>` {
		t.Errorf("converted: %q", got)
	}
}

func TestMethods(t *testing.T) {
	h := handler(t, config(t))
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "TRACE"} {
		r := ask(h, method, "/work/demo-1", "x")
		if r.StatusCode != 405 || r.Header.Get("Allow") != "GET, HEAD, OPTIONS" {
			t.Errorf("%s: %d, Allow %q", method, r.StatusCode, r.Header.Get("Allow"))
		}
	}
	head, whole := ask(h, "HEAD", "/work/demo-1.ttl", ""), get(h, "/work/demo-1.ttl")
	if read(t, head) != "" || head.StatusCode != 200 {
		t.Errorf("HEAD: %d with a body", head.StatusCode)
	}
	for name := range whole.Header {
		if head.Header.Get(name) != whole.Header.Get(name) && name != "Server-Timing" {
			t.Errorf("HEAD says %s %q, GET %q", name, head.Header.Get(name), whole.Header.Get(name))
		}
	}
}

func TestCORS(t *testing.T) {
	h := handler(t, config(t))
	for _, path := range []string{"/work/demo-1.ttl", "/work/none", "/id/work/demo-1", "/dataset.ttl", "/context/thing-v1.jsonld"} {
		r := get(h, path, "Origin", "https://evil.example")
		if r.Header.Get("Access-Control-Allow-Origin") != "*" || r.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %v", path, r.Header)
		}
	}
	r := ask(h, "OPTIONS", "/work/demo-1", "", "Origin", "https://a.example", "Access-Control-Request-Method", "GET")
	if r.StatusCode != 204 || r.Header.Get("Access-Control-Allow-Methods") != "GET, HEAD, OPTIONS" || r.Header.Get("Access-Control-Max-Age") != "3600" {
		t.Errorf("preflight: %d %v", r.StatusCode, r.Header)
	}
	r = ask(h, "OPTIONS", "/work/demo-1", "", "Origin", "https://a.example", "Access-Control-Request-Method", "PUT")
	if strings.Contains(r.Header.Get("Access-Control-Allow-Methods"), "PUT") {
		t.Error("PUT is allowed to scripts")
	}
}

// Nothing that a request says about host or scheme reaches an answer.
func TestHostOfTheRequestIsNotUsed(t *testing.T) {
	h := handler(t, config(t))
	for _, path := range append([]string{"/id/work/demo-1", "/work/demo-1/"}, forms...) {
		r := get(h, path, "Host", "evil.example", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "gopher", "Forwarded", "host=evil.example")
		if s := exchange(t, r); strings.Contains(s, "evil.example") {
			t.Errorf("%s: the host of the request is in the answer", path)
		}
	}
}

var tags = regexp.MustCompile(`(?s)<!--.*?-->|<script[^>]*>.*?</script>|<(/?)([a-zA-Z][a-zA-Z0-9]*)[^>]*?(/?)>`)

// wellFormed tells of elements that are not closed, or not in order.
func wellFormed(page string) (problems []string) {
	void := map[string]bool{"meta": true, "link": true, "input": true, "br": true, "img": true, "hr": true, "rect": true, "path": true}
	var open []string
	for _, m := range tags.FindAllStringSubmatch(page, -1) {
		name := strings.ToLower(m[2])
		switch {
		case name == "" || m[3] == "/" || void[name]:
		case m[1] == "":
			open = append(open, name)
		case len(open) == 0 || open[len(open)-1] != name:
			problems = append(problems, "</"+name+"> closes nothing")
		default:
			open = open[:len(open)-1]
		}
	}
	for _, name := range open {
		problems = append(problems, "<"+name+"> is not closed")
	}
	return problems
}

var pagePaths = []string{
	"/vi/", "/en/", "/vi/work/demo-1", "/en/work/demo-1", "/vi/instance/demo-1", "/en/item/demo-1-1", "/vi/agent/nguyen-du",
	"/vi/concept/truyen-tho-nom", "/vi/place/ha-noi", "/vi/hub/truyen-kieu", "/vi/record/VN-DEMO/demo000001", "/vi/browse/work",
	"/en/browse/record", "/vi/search", "/vi/search?q=kieu", "/en/search?q=zzz", "/vi/dataset", "/en/dataset", "/vi/work/bad",
	"/vi/work/none", "/en/sparql", "/vi/dumps/",
}

func TestPagesAreWellFormed(t *testing.T) {
	h := handler(t, withEngine(config(t)))
	ids := regexp.MustCompile(` id="([^"]*)"`)
	for _, path := range pagePaths {
		r := get(h, path, "Accept", "text/html")
		page := read(t, r)
		if r.StatusCode != 200 && !strings.Contains(path, "none") {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
		for _, p := range wellFormed(page) {
			t.Errorf("%s: %s", path, p)
		}
		seen := make(map[string]bool)
		for _, m := range ids.FindAllStringSubmatch(page, -1) {
			if seen[m[1]] {
				t.Errorf("%s: two elements have the id %q", path, m[1])
			}
			seen[m[1]] = true
		}
		for _, want := range []string{"<!doctype html>", `<html lang="`, "<title>", `<main id="content"`, "<h1>", "<nav", "<footer>"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %s", path, want)
			}
		}
		for _, bad := range []string{"style=\"", " onclick", "⟨", "ZgotmplZ", "http://fonts", "<script>"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s: holds %s", path, bad)
			}
		}
		if lang := path[1:3]; !strings.Contains(page, `<html lang="`+lang+`"`) || r.Header.Get("Content-Language") != lang {
			t.Errorf("%s: language is %q", path, r.Header.Get("Content-Language"))
		}
	}
}

// A page loads nothing from elsewhere.
func TestPagesLoadNothingFromElsewhere(t *testing.T) {
	h := handler(t, withEngine(config(t)))
	loads := regexp.MustCompile(`(?:src|<link rel="(?:stylesheet|icon)"[^>]* href)="([^"]*)"`)
	for _, path := range pagePaths {
		r := get(h, path, "Accept", "text/html")
		if !strings.HasPrefix(r.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: no policy", path)
		}
		for _, m := range loads.FindAllStringSubmatch(read(t, r), -1) {
			if !strings.HasPrefix(m[1], "/assets/") {
				t.Errorf("%s loads %s", path, m[1])
			}
			if a := get(h, m[1]); a.StatusCode != 200 || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %d %s", m[1], a.StatusCode, a.Header.Get("Cache-Control"))
			}
		}
	}
}

// Text of records is text on pages, whatever it holds.
func TestHostileText(t *testing.T) {
	h := handler(t, config(t))
	for _, path := range []string{"/vi/work/bad", "/vi/browse/work", "/vi/", "/vi/search?q=%3Cscript%3Ealert(1)%3C/script%3E", "/vi/%3Cscript%3Ealert(1)%3C%2Fscript%3E"} {
		page := read(t, get(h, path, "Accept", "text/html"))
		if strings.Contains(page, "<script>alert") || strings.Contains(page, "</script><script") {
			t.Errorf("%s: a script got through", path)
		}
		if strings.Contains(page, `href="javascript:`) {
			t.Errorf("%s: links to a script", path)
		}
	}
	page := read(t, get(h, "/vi/work/bad"))
	if !strings.Contains(page, `href="http://www.wikidata.org/entity/Q1"`) {
		t.Error("the good link is missing")
	}
	if !strings.Contains(page, `\u003c/script\u003e`) {
		t.Error("the name is missing in the head")
	}
}

func TestSearchInput(t *testing.T) {
	h := handler(t, config(t))
	for path, want := range map[string]int{
		"/vi/search?q=" + strings.Repeat("a", 257): 400,
		"/vi/search?q=kieu&page=-1":                400,
		"/vi/search?q=kieu&page=1000000000":        400,
		"/vi/search?q=kieu&page=x":                 400,
		"/vi/search?q=kieu&page=3":                 200,
		"/vi/search?q=%22%20OR%20*:*":              200,
		"/vi/search?q=%FF":                         200,
		"/vi/browse/nothing":                       404,
		"/vi/browse/work?page=0":                   400,
	} {
		if r := get(h, path, "Accept", "text/html"); r.StatusCode != want {
			t.Errorf("%.60s: %d, want %d", path, r.StatusCode, want)
		}
	}
}

func TestFramedJSON(t *testing.T) {
	h := handler(t, config(t))
	r := get(h, "/work/demo-1.json")
	if !strings.Contains(r.Header.Get("Link"), `rel="http://www.w3.org/ns/json-ld#context"`) {
		t.Errorf("no link to the context: %s", r.Header.Get("Link"))
	}
	var work struct {
		ID           string   `json:"id"`
		Type         []string `json:"type"`
		Label        string   `json:"label"`
		Contribution []struct {
			Agent struct{ ID, Label string }
			Role  struct {
				Label []struct{ Value, Lang string }
			}
		} `json:"contribution"`
		Reverse map[string]json.RawMessage
	}
	if err := json.Unmarshal([]byte(read(t, r)), &work); err != nil {
		t.Fatal(err)
	}
	if work.ID != base+"id/work/demo-1" || work.Label != "Kim Vân Kiều tân truyện" || !slices.Contains(work.Type, "Text") {
		t.Errorf("got %+v", work)
	}
	if len(work.Contribution) != 2 || work.Contribution[0].Agent.Label == "" || len(work.Contribution[0].Role.Label) != 2 {
		t.Errorf("contributions are %+v", work.Contribution)
	}
	if _, ok := work.Reverse["instanceOf"]; !ok {
		t.Errorf("reverse is %v", work.Reverse)
	}
}

type damagedStore struct{ graph.Store }

func (damagedStore) Damaged() int { return 3 }

type fullDisk struct{ graph.Store }

func (fullDisk) Room() error { return &graph.SpaceError{Free: 19 << 20, Need: 320 << 20} }

func TestHealth(t *testing.T) {
	c := config(t)
	h := handler(t, c)
	for _, path := range []string{"/healthz", "/readyz"} {
		if r := get(h, path); r.StatusCode != 200 || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	damaged := c
	damaged.Store = damagedStore{c.Store}
	if r := get(handler(t, damaged), "/readyz"); r.StatusCode != 200 || !strings.Contains(read(t, r), "damage found: 3") {
		t.Errorf("/readyz of a damaged store: %d", r.StatusCode)
	}
	full := c
	full.Store = fullDisk{c.Store}
	if r := get(handler(t, full), "/readyz"); r.StatusCode != 200 || !strings.Contains(read(t, r), "storage low: 19 MiB free, 320 MiB needed; changes are refused") {
		t.Errorf("/readyz of a full disk: %d", r.StatusCode)
	}
	if err := c.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if r := get(h, "/healthz"); r.StatusCode != 200 {
		t.Errorf("/healthz of a closed store: %d", r.StatusCode)
	}
	if r := get(h, "/readyz"); r.StatusCode != 503 {
		t.Errorf("/readyz of a closed store: %d", r.StatusCode)
	}
}

func TestDumps(t *testing.T) {
	c := config(t)
	c.Dumps = t.TempDir()
	content := bytes.Repeat([]byte("0123456789"), 100)
	for name, data := range map[string][]byte{"mocban.nq.gz": content, "SHA256SUMS": []byte("x  mocban.nq.gz\n"), ".part": content} {
		if err := os.WriteFile(filepath.Join(c.Dumps, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(c.Dumps, "link.nq.gz")); err != nil {
		t.Fatal(err)
	}
	h := handler(t, c)
	if page := read(t, get(h, "/vi/dumps/")); !strings.Contains(page, "mocban.nq.gz") || strings.Contains(page, ".part") {
		t.Error("the list of dumps is wrong")
	}
	r := get(h, "/dumps/mocban.nq.gz")
	if got := read(t, r); got != string(content) || r.Header.Get("Content-Type") != "application/gzip" || r.Header.Get("Accept-Ranges") != "bytes" {
		t.Errorf("%d bytes, %v", len(got), r.Header)
	}
	r = get(h, "/dumps/mocban.nq.gz", "Range", "bytes=10-14", "If-Range", r.Header.Get("ETag"))
	if got := read(t, r); r.StatusCode != 206 || got != "01234" || r.Header.Get("Content-Range") != "bytes 10-14/1000" {
		t.Errorf("range: %d %q %v", r.StatusCode, got, r.Header)
	}
	if r := get(h, "/dumps/mocban.nq.gz", "Range", "bytes=2000-"); r.StatusCode != 416 {
		t.Errorf("range behind the end: %d", r.StatusCode)
	}
	if r := get(h, "/dumps/mocban.nq.gz", "Range", "bytes="+strings.Repeat("0-1,", 50)+"0-1"); r.StatusCode != 200 {
		t.Errorf("fifty ranges: %d", r.StatusCode)
	}
	for _, path := range []string{"/dumps/none.nq.gz", "/dumps/.part", "/dumps/link.nq.gz", "/dumps/..%2fsecret", "/dumps/%2e%2e/secret"} {
		if r := get(h, path); r.StatusCode != 404 && r.StatusCode != 400 {
			t.Errorf("%s: %d %q", path, r.StatusCode, read(t, r))
		}
	}
	if ttl := read(t, get(h, "/dataset.ttl")); !strings.Contains(ttl, "void:dataDump <https://data.example.vn/dumps/mocban.nq.gz>") {
		t.Errorf("the dump is missing in the description:\n%s", ttl)
	}
}

func TestSiteBelowAPath(t *testing.T) {
	c := config(t)
	c.Base = "https://library.example.vn/lod/"
	var quads []graph.Quad
	for _, q := range sample(t) {
		quads = append(quads, parseQuad(t, strings.ReplaceAll(q.String(), base, string(c.Base))))
	}
	c.Store = newStore(quads)
	h := handler(t, c)
	if r := get(h, "/lod/id/work/demo-1"); r.StatusCode != 303 || r.Header.Get("Location") != string(c.Base)+"work/demo-1" {
		t.Errorf("%d %s", r.StatusCode, r.Header.Get("Location"))
	}
	r := get(h, "/lod/vi/work/demo-1")
	page := read(t, r)
	if r.StatusCode != 200 || !strings.Contains(page, `href="/lod/vi/agent/nguyen-du"`) {
		t.Errorf("%d: no link below the path", r.StatusCode)
	}
	for _, m := range regexp.MustCompile(`(?:href|src|action)="(/[^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(m[1], "/lod/") {
			t.Errorf("links to %s", m[1])
		}
	}
	if r := get(h, "/work/demo-1"); r.StatusCode != 404 {
		t.Errorf("above the path: %d", r.StatusCode)
	}
}

func TestBaseMustBeTheAddressOfASite(t *testing.T) {
	for _, bad := range []graph.IRI{"", "data.example.vn/", "https://data.example.vn", "ftp://data.example.vn/", "https://data.example.vn/?x", "https://data.example.vn/#x"} {
		c := config(t)
		c.Base = bad
		if err := c.Validate(); err == nil {
			t.Errorf("%q passed", bad)
		}
	}
}

// What is kept is good for one version of the store, and for one address.
func TestKeptDocuments(t *testing.T) {
	c := config(t)
	kept, fresh := handler(t, c), c
	fresh.Cache = -1
	drawn := handler(t, fresh)
	same := func(when string) {
		for range 2 {
			for _, path := range append(slices.Clone(forms), "/work/demo-1", "/agent/nguyen-du.nt", "/agent/nguyen-du.nt?page=2") {
				for _, lang := range []string{"vi", "en"} {
					a := get(kept, path, "Accept", "text/html", "Accept-Language", lang)
					b := get(drawn, path, "Accept", "text/html", "Accept-Language", lang)
					if x, y := exchange(t, a), exchange(t, b); x != y {
						t.Errorf("%s: %s in %s is kept as another one\n%s", when, path, lang, diff(y, x))
					}
				}
			}
		}
	}
	same("at first")
	_, err := c.Store.Update(context.Background(), func(x graph.Txn) error {
		work := graph.IRI(base + "id/work/demo-1").Term()
		return x.Add(graph.Quad{S: work, P: rdfs.Label, O: graph.String("Truyện Kiều")})
	})
	if err != nil {
		t.Fatal(err)
	}
	same("after a change")
	if body := read(t, get(kept, "/work/demo-1.nt")); !strings.Contains(body, "Truyện Kiều") {
		t.Error("the change is missing")
	}
}

// The type of a problem can be looked up.
func TestProblemsAreExplained(t *testing.T) {
	h := handler(t, config(t))
	r := get(h, "/work/none")
	var p struct{ Type string }
	if err := json.Unmarshal([]byte(read(t, r)), &p); err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(p.Type, strings.TrimSuffix(base, "/"))
	for lang, want := range map[string]string{"vi": "Không có tài nguyên này", "en": "There is no such resource"} {
		r := get(h, path, "Accept", "text/html", "Accept-Language", lang)
		if page := read(t, r); r.StatusCode != 200 || !strings.Contains(page, want) {
			t.Errorf("%s in %s: %d", path, lang, r.StatusCode)
		}
	}
	if r := get(h, "/problem/none"); r.StatusCode != 404 {
		t.Errorf("unknown problem: %d", r.StatusCode)
	}
}

// A public server cuts off who is slow, and takes no headers of any length.
func TestServerHasLimits(t *testing.T) {
	s := publish.Server(config(t), nil)
	if s.ReadHeaderTimeout <= 0 || s.ReadTimeout <= 0 || s.WriteTimeout <= 0 || s.IdleTimeout <= 0 || s.MaxHeaderBytes <= 0 || s.MaxHeaderBytes > 64<<10 {
		t.Errorf("no limits: %+v", s)
	}
}

// The file beside the dumps says what the page about the dataset says.
func TestDescribeIsTheDataset(t *testing.T) {
	c := config(t)
	h := handler(t, c)
	snap, err := c.Store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	c.Store = nil
	got, err := publish.Describe(context.Background(), c, snap)
	if err != nil {
		t.Fatal(err)
	}
	want := parse(t, rdfio.NTriples, read(t, get(h, "/dataset.nt")))
	if !canon.Isomorphic(got, want) {
		t.Errorf("%s", diffQuads(want, got))
	}
}

// What is no page for readers is not for search engines: forms of data, the endpoint, lists
// made for one request.
func TestWhatSearchEnginesLeaveOut(t *testing.T) {
	h := endpoint(t)
	for path, out := range map[string]bool{
		"/work/demo-1.ttl": true, "/work/demo-1.html": true, "/dataset.ttl": true, "/sparql": true, "/vi/sparql": true,
		"/vi/search?q=kieu": true, "/suggest?q=ki": true, query(works): true,
		"/": false, "/work/demo-1": false, "/vi/work/demo-1": false, "/dataset": false, "/browse/work": false,
	} {
		r := get(h, path)
		if got := r.Header.Get("X-Robots-Tag"); r.StatusCode != 200 || (got == "noindex") != out {
			t.Errorf("%s: %d, X-Robots-Tag %q", path, r.StatusCode, got)
		}
	}
}

// The page and its header name one address for search engines.
func TestOneCanonicalAddress(t *testing.T) {
	h := handler(t, config(t))
	for path, want := range map[string]string{
		"/work/demo-1": base + "work/demo-1", "/work/demo-1.html": base + "work/demo-1",
		"/vi/work/demo-1": base + "vi/work/demo-1", "/en/work/demo-1": base + "en/work/demo-1",
	} {
		r := get(h, path, "Accept", "text/html")
		if !strings.Contains(r.Header.Get("Link"), "<"+want+`>; rel="canonical"`) || !strings.Contains(read(t, r), `<link rel="canonical" href="`+want+`">`) {
			t.Errorf("%s: %s", path, r.Header.Get("Link"))
		}
	}
}
