package publish_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"mocban/graph"
	"mocban/publish"
)

// No request is a mistake of ours, and what comes back is a page or data, never half of one.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		"/work/demo-1", "/id/work/nguy%E1%BB%85n-du", "/vi/work/x.ttl", "/record/a%2Fb/c", "/work/%00", "/..%2f..", "//x", "/work/x/",
		"/vi/search?q=%F0%AF%A1%A8&page=2", "/browse/work?page=0", "/sitemap/work-0-0.xml", "/sparql?query=ASK{}&format=csv",
		"/dumps/%2e%2e%2fx", "/dataset.nt", "/context/thing-v1.jsonld", "/problem/x", "/suggest?q=%", "/assets/..",
	} {
		f.Add(seed, "text/html,*/*;q=0.1", "vi,en;q=0.5")
	}
	h := handler(f, withEngine(config(f)))
	f.Fuzz(func(t *testing.T, target, accept, language string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || !strings.HasPrefix(target, "/") || u.Host != "" {
			return // the server of net/http refuses it
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = u
		r.Header.Set("Accept", accept)
		r.Header.Set("Accept-Language", language)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%s (%q): %d %s", target, accept, w.Code, w.Body)
		}
		for name, values := range w.Header() {
			for _, v := range values {
				if strings.ContainsAny(v, "\r\n\x00") || name == "Location" && strings.ContainsFunc(v, func(r rune) bool { return r >= utf8.RuneSelf }) {
					t.Fatalf("%s: header %s is %q", target, name, v)
				}
			}
		}
		if l := w.Header().Get("Location"); l != "" && !strings.HasPrefix(l, base) {
			t.Fatalf("%s leads away, to %s", target, l)
		}
	})
}

// Whatever is sent to the graph store, the answer is no fault of ours, and what is refused
// changes nothing.
func FuzzGraphStore(f *testing.F) {
	f.Add("PUT", "?graph=urn:g", "text/turtle", "<urn:s> <urn:p> 1 .", "")
	f.Add("POST", "", "application/trig", "<urn:g> { <urn:s> <urn:p> 1 }", "*")
	f.Add("POST", "?default", "multipart/form-data; boundary=x", "--x\r\nContent-Type: text/turtle\r\n\r\n<urn:s> <urn:p> 1 .\r\n--x--\r\n", "")
	f.Add("PATCH", "/sách", "application/sparql-update", "INSERT DATA { <urn:s> <urn:p> 1 }", `"v1-ttl"`)
	f.Add("DELETE", "?graph=urn:g&default", "", "", "")
	f.Add("GET", "/a/../b", "application/ld+json", "", `W/"x"`)
	q := graph.Quad{S: graph.IRI("urn:s").Term(), P: "urn:p", O: graph.String("x"), G: graph.IRI("urn:g").Term()}
	h, s := writing(f, &publish.Write{Token: secret, MaxBytes: 64 << 10})
	f.Fuzz(func(t *testing.T, method, target, mediaType, body, match string) {
		if !slices.Contains([]string{"GET", "PUT", "POST", "DELETE", "PATCH"}, method) {
			return
		}
		u, err := url.Parse("/graph-store" + target)
		if err != nil || !strings.HasPrefix(u.Path, "/graph-store") || u.Host != "" {
			return
		}
		if r := write(h, "POST", "/sparql/update", "DROP ALL", "Content-Type", "application/sparql-update"); r.StatusCode != 204 {
			t.Fatal(r.StatusCode)
		}
		before, err := s.Update(t.Context(), func(x graph.Txn) error { return x.Add(q) })
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(method, "/graph-store", strings.NewReader(body))
		r.URL = u
		r.Header.Set("Authorization", "Bearer "+secret)
		r.Header.Set("Content-Type", mediaType)
		r.Header.Set("If-Match", match)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%s %s: %d %s", method, target, w.Code, w.Body)
		}
		snap, err := s.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		defer snap.Close()
		if (w.Code >= 400 || method == "GET") && snap.Version() != before {
			t.Fatalf("%s %s: %d, and the store has changed", method, target, w.Code)
		}
	})
}
