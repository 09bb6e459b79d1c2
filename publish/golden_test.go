package publish_test

import (
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mocban/graph/canon"
	"mocban/graph/rdfio"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares what was got with a file, or rewrites it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update rewrites it):\n%s", name, diff(string(want), got))
	}
}

// diff shows the lines that only one text has.
func diff(want, got string) string {
	var b strings.Builder
	a, c := strings.Split(want, "\n"), strings.Split(got, "\n")
	for _, l := range a {
		if !slices.Contains(c, l) {
			fmt.Fprintf(&b, "- %s\n", l)
		}
	}
	for _, l := range c {
		if !slices.Contains(a, l) {
			fmt.Fprintf(&b, "+ %s\n", l)
		}
	}
	if s := b.String(); len(s) > 4000 {
		return s[:4000] + "\n..."
	}
	return b.String()
}

var asset = regexp.MustCompile(`(/assets/[a-z]+)\.[\w-]+\.(css|js|svg)`)

// exchange writes an answer as it goes over the wire, headers sorted, without those that
// every answer has.
func exchange(t *testing.T, r *http.Response) string {
	var b strings.Builder
	body := read(t, r)
	r.Header.Del("Server-Timing")
	if turtle := strings.HasPrefix(r.Header.Get("Content-Type"), "text/turtle"); turtle {
		// How Turtle is laid out is another package's business.
		r.Header.Del("Content-Length")
		r.Header.Del("ETag")
		var lines []string
		quads, _, err := canon.Canonicalize(parse(t, rdfio.Turtle, body), canon.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range quads {
			lines = append(lines, q.String()+"\n")
		}
		slices.Sort(lines)
		body = strings.Join(lines, "")
	}
	if strings.Contains(body, "/assets/") { // the names of style and script change with what is in them
		r.Header.Del("ETag")
		body = asset.ReplaceAllString(body, "$1.*.$2")
	}
	fmt.Fprintf(&b, "%d\n", r.StatusCode)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		switch name {
		case "Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "X-Content-Type-Options", "Content-Security-Policy", "Referrer-Policy":
			continue
		case "Link":
			fmt.Fprintf(&b, "Link: %s\n", strings.ReplaceAll(r.Header.Get(name), ", <", ",\n  <"))
			continue
		}
		for _, v := range r.Header[name] {
			fmt.Fprintf(&b, "%s: %s\n", name, v)
		}
	}
	return b.String() + "\n" + body
}

func TestExchanges(t *testing.T) {
	h := handler(t, config(t))
	for _, c := range []struct {
		name, path string
		header     []string
	}{
		{"thing", "/id/work/demo-1", []string{"Accept", "text/turtle"}},
		{"turtle", "/work/demo-1", []string{"Accept", "text/turtle, application/ld+json;q=0.8"}},
		{"ntriples", "/item/demo-1-1.nt", nil},
		{"json", "/work/demo-1.json", nil},
		{"page-vi", "/work/demo-1", []string{"Accept", "text/html", "Accept-Language", "vi"}},
		{"page-en", "/en/instance/demo-1", []string{"Accept", "text/html"}},
		{"agent-vi", "/vi/agent/nguyen-du", nil},
		{"record-vi", "/vi/record/VN-DEMO/demo000001", nil},
		{"record-json", "/record/VN-DEMO/demo000002.json", nil},
		{"home-en", "/en/", nil},
		{"browse-vi", "/vi/browse/work", nil},
		{"search-vi", "/vi/search?q=ki%E1%BB%81u", nil},
		{"search-nothing-en", "/en/search?q=zzz", nil},
		{"dataset-en", "/en/dataset", nil},
		{"dataset-ttl", "/dataset.ttl", nil},
		{"sitemap", "/sitemap.xml", nil},
		{"sitemap-work", "/sitemap/work-0-0.xml", nil},
		{"robots", "/robots.txt", nil},
		{"opensearch", "/opensearch.xml", nil},
		{"suggest", "/suggest?q=ki", nil},
		{"well-known-void", "/.well-known/void", nil},
		{"not-acceptable", "/work/demo-1", []string{"Accept", "image/png"}},
		{"not-found-html", "/en/work/none", []string{"Accept", "text/html"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			golden(t, c.name+".txt", exchange(t, get(h, c.path, c.header...)))
		})
	}
}
