package publish_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
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
