package publish_test

import (
	"context"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/publish"
	"mocban/sparql"
)

const base = "https://data.example.vn/"

// sample returns the quads of testdata/site.nq.
func sample(t testing.TB) (quads []graph.Quad) {
	t.Helper()
	data, err := os.ReadFile("testdata/site.nq")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		quads = append(quads, parseQuad(t, line))
	}
	return quads
}

func parseQuad(t testing.TB, line string) graph.Quad {
	t.Helper()
	var terms [4]graph.Term
	rest := strings.TrimSuffix(strings.TrimSpace(line), ".")
	for i := 0; rest != ""; i++ {
		term, r, err := graph.ParseTerm(rest)
		if err != nil || i > 3 {
			t.Fatalf("%s: %v", line, err)
		}
		terms[i], rest = term, strings.TrimSpace(r)
	}
	p, _ := terms[1].IRI()
	return graph.Quad{S: terms[0], P: p, O: terms[2], G: terms[3]}
}

// fixed is a store whose changes were all made at one time.
type fixed struct{ graph.Store }

var when = time.Date(2026, 11, 3, 2, 11, 9, 0, time.UTC)

func (f *fixed) Snapshot() (graph.Snapshot, error) {
	s, err := f.Store.Snapshot()
	if err != nil {
		return nil, err
	}
	return fixedSnapshot{s.(graph.Counted)}, nil
}

func (f *fixed) Changes(ctx context.Context, since graph.Version) iter.Seq2[graph.Change, error] {
	return func(yield func(graph.Change, error) bool) {
		for c, err := range f.Store.Changes(ctx, since) {
			c.Time = when
			if !yield(c, err) {
				return
			}
		}
	}
}

type fixedSnapshot struct{ graph.Counted }

func (fixedSnapshot) Time() time.Time { return when }

// records is a reader of source records that knows one trick.
type records struct{}

func (records) Convert(record []byte, from, to string) ([]byte, error) {
	return []byte("<record from=\"" + from + "\"/>"), nil
}

func (records) Fields(record []byte, from string) ([]publish.RecordField, error) {
	return []publish.RecordField{
		{Tag: "LDR", Value: string(record[:24])},
		{Tag: "245", Indicators: "10", Subfields: []publish.RecordSubfield{{Code: "a", Value: "Kim Vân Kiều tân truyện."}}},
		{Tag: "880", Indicators: "10", Subfields: []publish.RecordSubfield{{Code: "a", Value: "金雲翹新傳.\x1b"}}},
	}, nil
}

// finder finds the works of the sample.
type finder struct{}

func (finder) Search(_ context.Context, q graph.Search) (graph.Found, error) {
	if !strings.Contains(strings.ToLower(q.Text), "ki") {
		return graph.Found{}, nil
	}
	return graph.Found{Total: 1, Types: []graph.TypeCount{{Type: "http://id.loc.gov/ontologies/bibframe/Work", Count: 1}},
		Hits: []graph.Hit{{Thing: graph.IRI(base + "id/work/demo-1").Term(), Name: "Kim Vân Kiều tân truyện"}}}, nil
}

func (f finder) Suggest(ctx context.Context, q graph.Search) (graph.Found, error) {
	return f.Search(ctx, q)
}

// config is the site of the sample.
func config(t testing.TB) publish.Config {
	return publish.Config{
		QueryBudget: -1,
		Base:        base, Store: &fixed{memstore.New(sample(t)...)}, Search: finder{}, Records: records{},
		Name: map[string]string{"vi": "Mộc bản", "en": "Woodblock"},
		Log:  slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
}

func handler(t testing.TB, c publish.Config) http.Handler {
	t.Helper()
	h, err := publish.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// get asks a handler, with headers as pairs of name and value.
func get(h http.Handler, path string, header ...string) *http.Response {
	return ask(h, "GET", path, "", header...)
}

func ask(h http.Handler, method, path, body string, header ...string) *http.Response {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func read(t testing.TB, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestThingsAndDocuments(t *testing.T) {
	h := handler(t, config(t))
	for _, c := range []struct {
		path, accept string
		status       int
		want         string // Location of redirects, else Content-Type
	}{
		{"/id/work/demo-1", "text/turtle", 303, base + "work/demo-1"},
		{"/id/work/demo-1", "text/html", 303, base + "work/demo-1"},
		{"/id/work/none", "", 404, "application/problem+json"},
		{"/work/demo-1", "text/turtle", 200, "text/turtle; charset=utf-8"},
		{"/work/demo-1", "application/n-triples;q=0.9, text/turtle;q=0.3", 200, "application/n-triples; charset=utf-8"},
		{"/work/demo-1", "text/html,application/xhtml+xml,*/*;q=0.8", 200, "text/html; charset=utf-8"},
		{"/work/demo-1", "*/*", 200, "text/html; charset=utf-8"},
		{"/work/demo-1", "image/png", 406, "application/problem+json"},
		{"/work/none", "image/png", 404, "application/problem+json"},
		{"/work/demo-1.ttl", "text/html", 200, "text/turtle; charset=utf-8"},
		{"/work/demo-1.nt", "", 200, "application/n-triples; charset=utf-8"},
		{"/work/demo-1.nq", "", 200, "application/n-quads; charset=utf-8"},
		{"/work/demo-1.trig", "", 200, "application/trig; charset=utf-8"},
		{"/work/demo-1.json", "", 200, "application/json"},
		{"/work/demo-1.html", "", 200, "text/html; charset=utf-8"},
		{"/work/demo-1.docx", "", 404, "application/problem+json"},
		{"/vi/work/demo-1", "text/turtle", 200, "text/html; charset=utf-8"},
		{"/en/work/demo-1.ttl", "", 404, "application/problem+json"},
		{"/work/demo-1/", "", 308, base + "work/demo-1"},
		{"/Work/demo-1", "", 308, base + "work/demo-1"},
		{"/work/DEMO-1", "", 308, base + "work/demo-1"},
		{"/work/DEMO-1.TTL?x=1", "", 308, base + "work/DEMO-1.ttl?x=1"},
		{"/work/DEMO-1.ttl", "", 308, base + "work/demo-1.ttl"},
		{"/record/VN-DEMO/demo000001", "text/turtle", 200, "text/turtle; charset=utf-8"},
		{"/record/VN-DEMO/demo000001.mrc", "", 200, "application/marc"},
		{"/record/VN-DEMO/demo000001.marcxml", "", 200, "application/marcxml+xml"},
		{"/record/VN-DEMO/demo000002.mrc", "", 404, "application/problem+json"}, // kept no original
		{"/record/VN-DEMO/demo000002", "application/marc", 406, "application/problem+json"},
		{"/instance/demo-1.mrc", "", 303, base + "record/VN-DEMO/demo000001.mrc"},
		{"/work/nguy%E1%BB%85n-du", "text/turtle", 200, "text/turtle; charset=utf-8"},
		{"/work/nguye%CC%82%CC%83n-du", "text/turtle", 200, "text/turtle; charset=utf-8"}, // NFD
		{"/id/work/nguy%E1%BB%85n-du", "", 303, base + "work/nguy%E1%BB%85n-du"},
		{"/nothing", "text/html", 404, "text/html; charset=utf-8"},
		{"/work", "", 404, "application/problem+json"},
		{"/work/a%00b", "", 400, "application/problem+json"},
		{"/agent/..%2f..%2fetc", "", 404, "application/problem+json"},
		{"/work/%2e%2e/x", "", 400, "application/problem+json"},
		{"/work/a%5Cb", "", 400, "application/problem+json"},
		{"/work/%ff", "", 400, "application/problem+json"},
		{"/work/demo-1%0d%0aSet-Cookie:x", "", 400, "application/problem+json"},
		{"/vi/work/demo-1?page=-1", "", 400, "application/problem+json"},
		{"/work/demo-1.ttl?page=x", "", 400, "application/problem+json"},
		{"/vi/work/demo-1?page=2", "", 200, "text/html; charset=utf-8"},
		{"/work//demo-1", "", 400, "application/problem+json"},
		{"//evil.example/work", "", 400, "application/problem+json"},
	} {
		var header []string
		if c.accept != "" {
			header = []string{"Accept", c.accept}
		}
		r := get(h, c.path, header...)
		got := r.Header.Get("Content-Type")
		if r.StatusCode >= 300 && r.StatusCode < 400 {
			got = r.Header.Get("Location")
		}
		if r.StatusCode != c.status || got != c.want {
			t.Errorf("GET %s (%s): %d %q, want %d %q\n%.300s", c.path, c.accept, r.StatusCode, got, c.status, c.want, read(t, r))
		}
	}
}

func newStore(quads []graph.Quad) graph.Store { return &fixed{memstore.New(quads...)} }

func withEngine(c publish.Config) publish.Config {
	c.Engine = sparql.New(sparql.Options{Search: finder{}})
	return c
}
