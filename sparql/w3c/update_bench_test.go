package w3c

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mocban/graph/store"
	"mocban/publish"
	"mocban/sparql"
)

// BenchmarkInsertHTTP sends INSERT DATA of a hundred triples by HTTP to a store on disk that
// waits for the disk each time.
func BenchmarkInsertHTTP(b *testing.B) {
	s, err := store.Open(b.TempDir(), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	site, err := publish.New(publish.Config{Base: "http://localhost/", Store: s, Engine: sparql.New(sparql.Options{}), Write: &publish.Write{Token: token}})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(site)
	defer server.Close()
	b.ResetTimer()
	for i := range b.N {
		var text strings.Builder
		text.WriteString("PREFIX : <http://example.org/> INSERT DATA {\n")
		for k := range 10 {
			fmt.Fprintf(&text, ":w%d_%d a :Work ; :title \"Truyện %d\"@vi ; :by :a%d ; :year %d ; :isbn \"978%d%d\" ; :p 1, 2, 3, 4, 5 .\n", i, k, i, i%100, 1900+k, i, k)
		}
		text.WriteString("}")
		r, err := http.NewRequest(http.MethodPost, server.URL+"/sparql", strings.NewReader(text.String()))
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/sparql-update")
		r.Header.Set("Authorization", "Bearer "+token)
		w, err := http.DefaultClient.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		w.Body.Close()
		if w.StatusCode != http.StatusNoContent {
			b.Fatal(w.Status)
		}
	}
	b.ReportMetric(100*float64(b.N)/b.Elapsed().Seconds(), "triples/s")
}
