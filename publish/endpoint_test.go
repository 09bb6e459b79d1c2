package publish_test

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/graph/rdfio"
	"mocban/publish"
	"mocban/publish/outbound"
	"mocban/sparql"
	"mocban/sparql/results"
)

const works = "SELECT ?w ?t { ?w a <http://id.loc.gov/ontologies/bibframe/Work> ; <http://www.w3.org/2000/01/rdf-schema#label> ?t }"

func query(text string, more ...string) string {
	v := url.Values{"query": {text}}
	for i := 0; i < len(more); i += 2 {
		v.Add(more[i], more[i+1])
	}
	return "/sparql?" + v.Encode()
}

func endpoint(t testing.TB) http.Handler { return handler(t, withEngine(config(t))) }

// SPARQL 1.1 Protocol, 2.1: a query comes in three ways.
func TestThreeWaysToAsk(t *testing.T) {
	h := endpoint(t)
	form := url.Values{"query": {works}}.Encode()
	for name, r := range map[string]*http.Response{
		"GET":         get(h, query(works)),
		"form":        ask(h, "POST", "/sparql", form, "Content-Type", "application/x-www-form-urlencoded"),
		"direct":      ask(h, "POST", "/sparql", works, "Content-Type", "application/sparql-query"),
		"direct utf8": ask(h, "POST", "/sparql", works, "Content-Type", "application/sparql-query; charset=UTF-8"),
	} {
		if r.StatusCode != 200 {
			t.Errorf("%s: %d %s", name, r.StatusCode, read(t, r))
			continue
		}
		result, err := results.Read(results.JSON, r.Body)
		if err != nil || len(result.Rows) != 4 {
			t.Errorf("%s: %v, %v", name, result, err)
		}
	}
}

func TestResultFormats(t *testing.T) {
	h := endpoint(t)
	const askText, construct = "ASK { ?s ?p ?o }", "CONSTRUCT { ?s ?p ?o } { ?s a <http://id.loc.gov/ontologies/bibframe/Hub> . ?s ?p ?o }"
	for _, c := range []struct {
		text, accept, format string
		status               int
		want                 string
	}{
		{works, "", "", 200, "application/sparql-results+json"},
		{works, "*/*", "", 200, "application/sparql-results+json"},
		{works, "text/html,application/xhtml+xml,*/*;q=0.8", "", 200, "application/sparql-results+json"},
		{works, "application/sparql-results+xml", "", 200, "application/sparql-results+xml"},
		{works, "application/json", "", 200, "application/sparql-results+json"},
		{works, "text/csv", "", 200, "text/csv; charset=utf-8; header=present"},
		{works, "text/tab-separated-values", "", 200, "text/tab-separated-values; charset=utf-8"},
		{works, "text/turtle", "", 406, "application/problem+json"},
		{works, "text/turtle", "csv", 200, "text/csv; charset=utf-8; header=present"},
		{works, "", "text/csv", 200, "text/csv; charset=utf-8; header=present"},
		{works, "", "ttl", 400, "application/problem+json"},
		{works, "", "pdf", 400, "application/problem+json"},
		{askText, "", "", 200, "application/sparql-results+json"},
		{askText, "application/sparql-results+xml", "", 200, "application/sparql-results+xml"},
		{askText, "text/csv", "", 406, "application/problem+json"},
		{askText, "", "csv", 400, "application/problem+json"},
		{construct, "", "", 200, "text/turtle; charset=utf-8"},
		{construct, "application/n-triples", "", 200, "application/n-triples"},
		{construct, "application/ld+json", "", 200, "application/ld+json"},
		{construct, "application/rdf+xml", "", 200, "application/rdf+xml"},
		{construct, "text/csv", "", 406, "application/problem+json"},
		{construct, "", "nt", 200, "application/n-triples"},
		{construct, "", "xml", 200, "application/rdf+xml"}, // as SPARQLWrapper asks
		{construct, "", "turtle", 200, "text/turtle; charset=utf-8"},
		{construct, "", "json-ld", 200, "application/ld+json"},
		{construct, "", "application/x-turtle", 200, "text/turtle; charset=utf-8"},
		{works, "", "srj", 200, "application/sparql-results+json"},
		{construct, "text/xml", "", 200, "application/rdf+xml"},
		{"SELECT (\"\\u0000\" AS ?x) {}", "", "xml", 406, "application/problem+json"}, // XML 1.0 has no such character
		{"SELECT (\"\\u0000\" AS ?x) {}", "", "json", 200, "application/sparql-results+json"},
		{"CONSTRUCT { <a:b> <a:b> \"\\u0000\" } {}", "", "rdf", 406, "application/problem+json"},
		{"DESCRIBE <" + base + "id/hub/truyen-kieu>", "", "", 200, "text/turtle; charset=utf-8"},
	} {
		var header, more []string
		if c.accept != "" {
			header = []string{"Accept", c.accept}
		}
		if c.format != "" {
			more = []string{"format", c.format}
		}
		r := get(h, query(c.text, more...), header...)
		if got := r.Header.Get("Content-Type"); r.StatusCode != c.status || got != c.want {
			t.Errorf("%.20s Accept %q format %q: %d %q, want %d %q", c.text, c.accept, c.format, r.StatusCode, got, c.status, c.want)
		}
		if got := r.Header.Get("Vary"); !strings.HasPrefix(got, "Accept, Accept-Encoding") {
			t.Errorf("%.20s: Vary %q", c.text, got)
		}
	}
}

func TestCSVForSpreadsheets(t *testing.T) {
	r := get(endpoint(t), query(works+" ORDER BY ?w", "format", "csv-excel"))
	body := read(t, r)
	if !strings.HasPrefix(body, "\uFEFFw,t\r\n") || !strings.Contains(body, "Kim Vân Kiều tân truyện\r\n") {
		t.Errorf("got %q", body)
	}
	if r.Header.Get("Content-Disposition") != `attachment; filename="mocban.csv"` {
		t.Errorf("Content-Disposition is %q", r.Header.Get("Content-Disposition"))
	}
}

func TestGraphAnswersAreRDF(t *testing.T) {
	h := endpoint(t)
	text := "CONSTRUCT { ?s ?p ?o } { ?s a <http://id.loc.gov/ontologies/bibframe/Hub> . ?s ?p ?o }"
	for _, f := range rdfio.Formats {
		r := get(h, query(text, "format", f.Extension))
		if quads := parse(t, f, read(t, r)); len(quads) != 2 {
			t.Errorf("%s: %v", f, quads)
		}
	}
}

func TestQueryMistakes(t *testing.T) {
	h := endpoint(t)
	for _, c := range []struct {
		name string
		r    *http.Response
		want int
		code string
	}{
		{"syntax", get(h, query("SELECT * {\n  ?s ?p }")), 400, "query-syntax"},
		{"empty", get(h, query(" ")), 400, "bad-request"},
		{"POST without a query", ask(h, "POST", "/sparql", "", "Content-Type", "application/x-www-form-urlencoded"), 400, "bad-request"},
		{"two queries", get(h, query(works, "query", works)), 400, "too-many-values"},
		{"update by GET", get(h, "/sparql?update=CLEAR+ALL"), 400, "update-refused"},
		{"update by POST", ask(h, "POST", "/sparql", "update=CLEAR+ALL", "Content-Type", "application/x-www-form-urlencoded"), 400, "update-refused"},
		{"update directly", ask(h, "POST", "/sparql", "CLEAR ALL", "Content-Type", "application/sparql-update"), 400, "update-refused"},
		{"update as a query", get(h, query("CLEAR ALL")), 400, "query-syntax"},
		{"wrong type", ask(h, "POST", "/sparql", works, "Content-Type", "text/plain"), 415, "media-type"},
		{"no type", ask(h, "POST", "/sparql", works), 415, "media-type"},
		{"other charset", ask(h, "POST", "/sparql", works, "Content-Type", "application/sparql-query; charset=iso-8859-1"), 415, "media-type"},
		{"gzip body", ask(h, "POST", "/sparql", works, "Content-Type", "application/sparql-query", "Content-Encoding", "gzip"), 415, "media-type"},
		{"too long", ask(h, "POST", "/sparql", works+strings.Repeat(" ", 300<<10), "Content-Type", "application/sparql-query"), 413, "too-large"},
		{"not UTF-8", get(h, "/sparql?query=%FF"), 400, "bad-request"},
		{"timeout", get(h, query(works, "timeout", "soon")), 400, "bad-request"},
		{"timeout below 0", get(h, query(works, "timeout", "-1")), 400, "bad-request"},
		{"a query in both places", ask(h, "POST", query(works), url.Values{"query": {works}}.Encode(), "Content-Type", "application/x-www-form-urlencoded"), 400, "too-many-values"},
		{"slip of the pen", get(h, query(works, "timeuot", "1")), 400, "bad-request"},
		{"pattern", get(h, query(`ASK { ?s ?p ?o FILTER(REGEX(?o, "a{5,3}")) }`)), 400, "query-syntax"},
		{"federation", get(h, query("ASK { SERVICE <http://a.example/> { ?s ?p ?o } }")), 403, "federation-off"},
		{"method", ask(h, "PUT", "/sparql", works), 405, "method"},
	} {
		var p struct {
			Type   string
			Line   int
			Column int
			Status int
		}
		if err := json.NewDecoder(c.r.Body).Decode(&p); err != nil {
			t.Errorf("%s: %d: %v", c.name, c.r.StatusCode, err)
			continue
		}
		if c.r.StatusCode != c.want || p.Status != c.want || p.Type != base+"problem/"+c.code {
			t.Errorf("%s: %d %s, want %d %s", c.name, c.r.StatusCode, p.Type, c.want, c.code)
		}
		if c.name == "syntax" && (p.Line != 2 || p.Column != 9) {
			t.Errorf("the mistake is at line 2 column 9, not %d %d", p.Line, p.Column)
		}
		if got := c.r.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q", c.name, got)
		}
	}
	if r := ask(h, "PUT", "/sparql", ""); r.Header.Get("Allow") != "GET, HEAD, POST, QUERY, OPTIONS" {
		t.Errorf("Allow is %q", r.Header.Get("Allow"))
	}
}

func TestAnswersCanBeKept(t *testing.T) {
	h := endpoint(t)
	first := get(h, query(works))
	tag := first.Header.Get("ETag")
	if tag == "" || !strings.HasPrefix(first.Header.Get("Cache-Control"), "public, max-age=60") {
		t.Fatalf("%v", first.Header)
	}
	if r := get(h, query(works), "If-None-Match", tag); r.StatusCode != 304 {
		t.Errorf("again: %d", r.StatusCode)
	}
	for name, r := range map[string]*http.Response{
		"another query":   get(h, query(works+" LIMIT 1"), "If-None-Match", tag),
		"another format":  get(h, query(works), "If-None-Match", tag, "Accept", "text/csv"),
		"another dataset": get(h, query(works, "default-graph-uri", "http://example.org/none"), "If-None-Match", tag),
	} {
		if r.StatusCode != 200 {
			t.Errorf("%s: %d", name, r.StatusCode)
		}
	}
	r := get(h, query("SELECT (RAND() AS ?x) {}"))
	if r.StatusCode != 200 || r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("ETag") != "" {
		t.Errorf("an answer by chance: %d %v", r.StatusCode, r.Header)
	}
}

func TestDatasetOfTheProtocol(t *testing.T) {
	h := endpoint(t)
	for _, c := range []struct {
		more []string
		want int
	}{
		{nil, 4},
		{[]string{"default-graph-uri", base + "record/VN-DEMO/demo000001"}, 1},
		{[]string{"default-graph-uri", base + "record/VN-DEMO/demo000001", "default-graph-uri", base + "record/VN-DEMO/demo000002"}, 4},
		{[]string{"default-graph-uri", "http://example.org/none"}, 0},
	} {
		result, err := results.Read(results.JSON, get(h, query(works, c.more...)).Body)
		if err != nil || len(result.Rows) != c.want {
			t.Errorf("%v: %v rows, want %d (%v)", c.more, result, c.want, err)
		}
	}
}

func TestServiceDescription(t *testing.T) {
	h := endpoint(t)
	r := get(h, "/sparql", "Accept", "text/turtle")
	body := read(t, r)
	for _, want := range []string{"sd:endpoint <https://data.example.vn/sparql>", "sd:SPARQL11Query", "sd:UnionDefaultGraph", "void:triples 121"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	if r := get(h, "/sparql", "Accept", "text/html,*/*;q=0.8"); r.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("a browser gets %s", r.Header.Get("Content-Type"))
	}
	if r := get(h, "/sparql", "Accept", "image/png"); r.StatusCode != 406 {
		t.Errorf("an image: %d", r.StatusCode)
	}
}

// big is a store whose cross product is far beyond what a test would wait for.
func big(t testing.TB) publish.Config {
	var quads []graph.Quad
	for i := range 3000 {
		quads = append(quads, graph.Quad{S: graph.IRI(fmt.Sprintf("%sid/work/%d", base, i)).Term(), P: "http://example.org/p", O: graph.String(fmt.Sprint("value ", i))})
	}
	c := withEngine(config(t))
	c.Store = memstore.New(quads...)
	return c
}

// A limit before the first byte is a status and a name; 503 would be tried again.
func TestLimitBeforeTheFirstByte(t *testing.T) {
	h := handler(t, big(t))
	start := time.Now()
	r := get(h, query("SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f FILTER(?b < ?d && ?d < ?f) }", "timeout", "0.2"))
	var p struct {
		Type, Limit, Max string
		Elapsed          float64
	}
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
		t.Fatal(err)
	}
	if r.StatusCode != 422 || p.Limit != "time" || p.Elapsed < 0.2 || p.Elapsed > time.Since(start).Seconds() || p.Type != base+"problem/query-limit" {
		t.Errorf("got %d %+v", r.StatusCode, p)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("stopped after %v", d)
	}
	for _, name := range []string{"ETag", "Content-Encoding", "Trailer"} {
		if got := r.Header.Get(name); got != "" {
			t.Errorf("an error has %s %q", name, got)
		}
	}
}

// A limit after bytes were sent breaks the connection: a short answer never looks whole.
func TestLimitAfterBytesWereSent(t *testing.T) {
	c := big(t)
	c.Engine = sparql.New(sparql.Options{Limits: sparql.Limits{Rows: 100_000}}) // far more than is held back
	server := httptest.NewServer(handler(t, c))
	t.Cleanup(server.Close)
	for _, format := range []string{"json", "csv", "tsv", "xml"} {
		if status := brokenOff(t, server.URL+query("SELECT * { ?a ?p ?b . ?c ?q ?d }", "format", format)); status != 200 {
			t.Errorf("%s: %d", format, status)
		}
	}
}

// The limit of time does the same, whenever it strikes. On a slow machine it may strike
// before the first byte, and then it is a status: more time is given until it does not.
func TestTimeIsUpAfterBytesWereSent(t *testing.T) {
	server := httptest.NewServer(handler(t, big(t)))
	t.Cleanup(server.Close)
	status := 0
	for seconds := 2; status != 200 && seconds <= 16; seconds *= 2 {
		status = brokenOff(t, server.URL+query("SELECT * { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }", "timeout", fmt.Sprint(seconds)))
		if status != 200 && status != 422 {
			break
		}
	}
	if status != 200 {
		t.Errorf("no byte was sent before the time was up: %d", status)
	}
}

// brokenOff reads an answer that ends early, and returns its status. One of 200 has bytes,
// does not end as if it were whole, and does not say that it is.
func brokenOff(t *testing.T, address string) (status int) {
	t.Helper()
	r, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	n, err := io.Copy(io.Discard, r.Body)
	if r.StatusCode == 200 && (n == 0 || err == nil) {
		t.Errorf("an answer of %d bytes ended with %v", n, err)
	}
	if got := r.Trailer.Get("Query-Status"); got != "" {
		t.Errorf("Query-Status is %q", got)
	}
	return r.StatusCode
}

func TestWholeAnswersSaySo(t *testing.T) {
	server := httptest.NewServer(handler(t, big(t)))
	defer server.Close()
	for text, want := range map[string]string{
		"SELECT * { ?a ?p ?b }":                      "complete; rows=3000",
		"SELECT * { ?a ?p ?b } LIMIT 7":              "complete; rows=7",
		"CONSTRUCT { ?a ?p ?b } { ?a ?p ?b }":        "complete; rows=3000",
		"ASK {}":                                     "complete; rows=1",
		"SELECT * { ?a <http://example.org/no> ?b }": "complete; rows=0",
	} {
		r, err := http.Get(server.URL + query(text)) // the client asks for gzip
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		r.Body.Close()
		if got := r.Trailer.Get("Query-Status"); got != want {
			t.Errorf("%s: Query-Status %q, want %q", text, got, want)
		}
	}
}

func TestExamplesRun(t *testing.T) {
	h := endpoint(t)
	page := read(t, get(h, "/vi/sparql"))
	n := 0
	for part := range strings.SplitSeq(page, `href="/vi/sparql?`) {
		raw, _, ok := strings.Cut(part, `"`)
		values, err := url.ParseQuery(html.UnescapeString(raw))
		if !ok || err != nil || !values.Has("show") {
			continue
		}
		n++
		if r := get(h, query(values.Get("show"))); r.StatusCode != 200 {
			t.Errorf("%s\n%d %s", values.Get("show"), r.StatusCode, read(t, r))
		}
	}
	if n < 5 {
		t.Errorf("%d examples", n)
	}
}

// Many heavy queries together take no more memory than one setting allows: a few run, and
// those that find no place are told when to come again.
func TestHeavyQueriesAreAdmittedByMemory(t *testing.T) {
	c := big(t)
	c.QueryMemory = 32 << 20 // less than two queries need: one place
	server := httptest.NewServer(handler(t, c))
	defer server.Close()
	statuses := make(chan string, 100)
	var wait sync.WaitGroup
	for range cap(statuses) {
		wait.Go(func() {
			r, err := http.Get(server.URL + query("SELECT * { ?a ?p ?b . ?c ?q ?d } ORDER BY DESC(CONCAT(STR(?b), STR(?d)))"))
			if err != nil {
				t.Error(err)
				return
			}
			defer r.Body.Close()
			var p struct{ Limit, Max string }
			if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
				t.Error(err)
			}
			statuses <- strings.TrimSpace(fmt.Sprint(r.StatusCode, " ", p.Limit, " ", p.Max, r.Header.Get("Retry-After")))
		})
	}
	wait.Wait()
	close(statuses)
	count := make(map[string]int)
	for s := range statuses {
		count[s]++
	}
	if count["422 memory 32 MiB"] == 0 || count["503  5"] == 0 || len(count) != 2 {
		t.Errorf("got %v", count)
	}
	if r := get(handler(t, c), query("ASK {}")); r.StatusCode != 200 {
		t.Errorf("afterwards: %d", r.StatusCode)
	}
}

// 304 carries the validator of the 200 it stands for, which for the compressed variant is
// another (RFC 9110, 15.4.5 and 8.8.3.3); what is posted has no conditions.
func TestUnchangedAnswers(t *testing.T) {
	h := endpoint(t)
	for _, encoding := range []string{"identity", "gzip"} {
		tag := get(h, query(works), "Accept-Encoding", encoding).Header.Get("ETag")
		if r := get(h, query(works), "Accept-Encoding", encoding, "If-None-Match", tag); r.StatusCode != 304 || r.Header.Get("ETag") != tag {
			t.Errorf("%s: %d with ETag %s, want 304 with %s", encoding, r.StatusCode, r.Header.Get("ETag"), tag)
		}
		if r := get(h, query(works), "Accept-Encoding", "br", "If-None-Match", tag); (r.StatusCode == 304) != (encoding == "identity") {
			t.Errorf("the variant with ETag %s, asked for another: %d", tag, r.StatusCode)
		}
		r := ask(h, "POST", "/sparql", works, "Content-Type", "application/sparql-query", "Accept-Encoding", encoding, "If-None-Match", tag)
		if r.StatusCode != 200 {
			t.Errorf("POST: %d", r.StatusCode)
		}
	}
}

// An answer is compressed as its client likes it, and each way has a tag of its own.
func TestZstandard(t *testing.T) {
	h := endpoint(t)
	want := read(t, get(h, query(works)))
	for _, path := range []string{query(works), "/graph-store?default"} {
		r := get(h, path, "Accept-Encoding", "gzip, deflate, br, zstd")
		tag := r.Header.Get("ETag")
		if r.Header.Get("Content-Encoding") != "zstd" || !strings.HasSuffix(tag, `-zst"`) {
			t.Errorf("%s: %d %v", path, r.StatusCode, r.Header)
			continue
		}
		z, err := zstd.NewReader(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(z)
		z.Close()
		if err != nil || path == query(works) && string(body) != want {
			t.Errorf("%s: %v %q", path, err, body)
		}
		if !strings.Contains(strings.Join(r.Header.Values("Vary"), ","), "Accept-Encoding") {
			t.Errorf("%s: Vary %v", path, r.Header.Values("Vary"))
		}
		if r := get(h, path, "Accept-Encoding", "zstd", "If-None-Match", tag); r.StatusCode != 304 {
			t.Errorf("%s: again %d", path, r.StatusCode)
		}
		if r := get(h, path, "Accept-Encoding", "gzip", "If-None-Match", tag); r.StatusCode != 200 || r.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: gzip for who has zstd: %d", path, r.StatusCode)
		}
	}
}

// What is no error and gives nothing is told beside the answer, also beside one that is kept.
func TestWarnings(t *testing.T) {
	h := endpoint(t)
	text := "SELECT (<urn:tính>(1) AS ?x) FROM <urn:nowhere> {}"
	for range 2 {
		r := get(h, query(text))
		want := []string{`299 mocban "There is no function <urn:t%C3%ADnh> here, so it gives no value."`, `299 mocban "The graph <urn:nowhere> is not in this store."`}
		if got := r.Header.Values("Warning"); r.StatusCode != 200 || !slices.Equal(got, want) {
			t.Errorf("%d %q", r.StatusCode, got)
		}
	}
	if got := get(h, query(works)).Header.Values("Warning"); got != nil {
		t.Errorf("a query without fault: %q", got)
	}
	r := ask(h, "POST", "/sparql/check", text, "Content-Type", "application/sparql-query")
	if body := read(t, r); !strings.Contains(body, `"detail":"Ở đây không có hàm`) || !strings.Contains(body, `"ok":true`) {
		t.Errorf("checked: %s", body)
	}
}

// An answer has a greatest length. One that is longer is broken off, or says that it is partial
// to who allows that.
func TestLimitOfBytes(t *testing.T) {
	c := big(t)
	c.ResultBytes = 20_000_000 // far more than is held back, compressed
	server := httptest.NewServer(handler(t, c))
	t.Cleanup(server.Close)
	for _, text := range []string{"SELECT * { ?a ?p ?b . ?c ?q ?d }", "CONSTRUCT { ?a <urn:r> ?d } { ?a ?p ?b . ?c ?q ?d }"} {
		if status := brokenOff(t, server.URL+query(text)); status != 200 {
			t.Errorf("%s: %d", text, status)
		}
		r, err := http.Get(server.URL + query(text, "partial", "allow"))
		if err != nil {
			t.Fatal(err)
		}
		body := read(t, r)
		if got := r.Trailer.Get("Query-Status"); !strings.HasPrefix(got, `partial; reason="bytes"`) || len(body) > 21_000_000 {
			t.Errorf("%s: %d bytes, %s", text, len(body), got)
		}
		r.Body.Close()
	}
	c.ResultBytes = 1000 // the first bytes are held back, so this one gets a status
	if r := get(handler(t, c), query("SELECT * { ?a ?p ?b }")); r.StatusCode != 422 || !strings.Contains(read(t, r), `"limit": "bytes"`) {
		t.Errorf("before the first byte: %d", r.StatusCode)
	}
}

// What may be asked stands on a list. Who asks for more learns that, and not what is on it.
func TestServicesOnTheList(t *testing.T) {
	others, err := outbound.New(outbound.Options{Services: []string{"http://127.0.0.1:9/sparql"}, Documents: []string{"http://127.0.0.1:9/data/"}})
	if err != nil {
		t.Fatal(err)
	}
	c := config(t)
	c.Engine, c.Write = sparql.New(sparql.Options{Services: others, Load: others}), &publish.Write{Token: "a token of our own"}
	h := handler(t, c)
	for _, x := range []struct {
		text   string
		status int
		name   string
	}{
		{"SELECT * { SERVICE <http://127.0.0.1:9/other> { ?s ?p ?o } }", 403, "service-refused"},
		{"SELECT * { VALUES ?e { <http://127.0.0.1:9/other> } SERVICE ?e { ?s ?p ?o } }", 403, "service-refused"},
		{"SELECT * { SERVICE SILENT <http://127.0.0.1:9/other> { ?s ?p ?o } }", 200, ""},
		{"SELECT * { SERVICE <http://127.0.0.1:9/sparql> { ?s ?p ?o } }", 502, "service-failed"}, // a private address, all the same
	} {
		r := get(h, query(x.text))
		body := read(t, r)
		if r.StatusCode != x.status || !strings.Contains(body, x.name) || strings.Contains(body, "9/data") {
			t.Errorf("%s: %d %s", x.text, r.StatusCode, body)
		}
	}
	r := ask(h, "POST", "/sparql/update", "LOAD <http://127.0.0.1:9/other>", "Content-Type", "application/sparql-update", "Authorization", "Bearer a token of our own")
	if r.StatusCode != 403 {
		t.Errorf("LOAD: %d %s", r.StatusCode, read(t, r))
	}
}

// What no address knows is refused with what it does know (RFC 9110, 15.5.6).
func TestUnknownMethods(t *testing.T) {
	h := endpoint(t)
	for _, method := range []string{"PROPFIND", "PUT", "TRACE", "BREW"} {
		r := ask(h, method, "/sparql", "")
		if r.StatusCode != 405 || r.Header.Get("Allow") != "GET, HEAD, POST, QUERY, OPTIONS" {
			t.Errorf("%s: %d, Allow %q", method, r.StatusCode, r.Header.Get("Allow"))
		}
	}
}
