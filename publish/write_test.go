package publish_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/memstore"
	"mocban/graph/rdfio"
	"mocban/publish"
	"mocban/sparql"
)

const secret = "a secret of 24 letters.."

// writing returns a site that may be changed, and its store.
func writing(t testing.TB, w *publish.Write, quads ...graph.Quad) (http.Handler, graph.Store) {
	s := memstore.New(quads...)
	return handler(t, publish.Config{Base: base, Store: s, Engine: sparql.New(sparql.Options{}), Write: w}), s
}

// problemOf reads the name of a problem.
func problemOf(t testing.TB, r *http.Response) string {
	t.Helper()
	var p struct{ Type string }
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
		t.Fatalf("status %d: %v", r.StatusCode, err)
	}
	return p.Type[strings.LastIndexByte(p.Type, '/')+1:]
}

func stored(t testing.TB, s graph.Store) (quads []graph.Quad) {
	t.Helper()
	for c, err := range s.Changes(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		for op, err := range c.Ops() {
			if err != nil {
				t.Fatal(err)
			}
			switch op.Kind {
			case graph.OpAdd:
				quads = append(quads, op.Quad)
			case graph.OpRemove:
				for i := range quads {
					if quads[i] == op.Quad {
						quads = append(quads[:i], quads[i+1:]...)
						break
					}
				}
			}
		}
	}
	return quads
}

const insert = "INSERT DATA { <urn:s> <urn:p> 1 }"

// Who may write: with a token, who shows it; without one, programs on the machine itself.
func TestWhoMayWrite(t *testing.T) {
	const update = "application/sparql-update"
	type from struct{ peer, host string }
	here, there := from{"127.0.0.1:40000", "127.0.0.1:8206"}, from{"192.0.2.1:40000", "data.example.vn"}
	for _, c := range []struct {
		name   string
		write  *publish.Write
		from   from
		header []string
		status int
		want   string
	}{
		{"nobody may", nil, here, nil, 400, "update-refused"},
		{"nobody may, with a token", nil, here, []string{"Authorization", "Bearer " + secret}, 400, "update-refused"},
		{"from here", &publish.Write{}, here, nil, 204, ""},
		{"from here, IPv6", &publish.Write{}, from{"[::1]:40000", "localhost:8206"}, nil, 204, ""},
		{"from elsewhere", &publish.Write{}, there, nil, 403, "write-local"},
		{"from elsewhere, as if from here", &publish.Write{}, from{"192.0.2.1:40000", "localhost"}, nil, 403, "write-local"},
		{"by a name that leads here", &publish.Write{}, from{"127.0.0.1:40000", "evil.example"}, nil, 403, "write-local"},
		{"through a proxy that runs here", &publish.Write{}, here, []string{"X-Forwarded-For", "192.0.2.1"}, 403, "write-local"},
		{"from a page of another site", &publish.Write{}, here, []string{"Origin", "https://evil.example"}, 403, "write-local"},
		{"from a form of another site", &publish.Write{}, here, []string{"Sec-Fetch-Site", "cross-site"}, 403, "write-local"},
		{"without the token", &publish.Write{Token: secret}, here, nil, 401, "token"},
		{"with another token", &publish.Write{Token: secret}, here, []string{"Authorization", "Bearer " + secret + "x"}, 401, "token"},
		{"with no token", &publish.Write{Token: secret}, here, []string{"Authorization", "Bearer "}, 401, "token"},
		{"with a password", &publish.Write{Token: secret}, here, []string{"Authorization", "Basic " + secret}, 401, "token"},
		{"with the token", &publish.Write{Token: secret}, there, []string{"Authorization", "Bearer " + secret}, 204, ""},
		{"with the token, in small letters", &publish.Write{Token: secret}, there, []string{"Authorization", "bearer " + secret}, 204, ""},
	} {
		for _, path := range []string{"/sparql", "/sparql/update"} {
			for _, form := range []bool{false, true} {
				h, s := writing(t, c.write)
				body, mediaType := insert, update
				if form {
					body, mediaType = url.Values{"update": {insert}}.Encode(), "application/x-www-form-urlencoded"
				}
				r := httptest.NewRequest("POST", path, strings.NewReader(body))
				r.Header.Set("Content-Type", mediaType)
				r.RemoteAddr, r.Host = c.from.peer, c.from.host
				for i := 0; i < len(c.header); i += 2 {
					r.Header.Set(c.header[i], c.header[i+1])
				}
				rec := httptest.NewRecorder()
				h.ServeHTTP(rec, r)
				w := rec.Result()
				if w.StatusCode != c.status {
					t.Errorf("%s, %s: %d, want %d", c.name, path, w.StatusCode, c.status)
					continue
				}
				if (w.StatusCode == 204) != (len(stored(t, s)) == 1) {
					t.Errorf("%s, %s: the store holds %v", c.name, path, stored(t, s))
				}
				if c.want != "" && problemOf(t, w) != c.want {
					t.Errorf("%s, %s: not the problem %s", c.name, path, c.want)
				}
				if challenge := w.Header.Get("WWW-Authenticate"); (c.status == 401) != strings.HasPrefix(challenge, "Bearer ") || strings.Contains(challenge, secret) {
					t.Errorf("%s, %s: WWW-Authenticate %q", c.name, path, challenge)
				}
				if w.Header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s, %s: Cache-Control %q", c.name, path, w.Header.Get("Cache-Control"))
				}
			}
		}
		h, _ := writing(t, c.write)
		r := httptest.NewRequest("PUT", "/graph-store?default", strings.NewReader("<urn:s> <urn:p> 1 ."))
		r.Header.Set("Content-Type", "text/turtle")
		r.RemoteAddr, r.Host = c.from.peer, c.from.host
		for i := 0; i < len(c.header); i += 2 {
			r.Header.Set(c.header[i], c.header[i+1])
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		want := map[int]int{400: 405, 204: 201}[c.status]
		if want == 0 {
			want = c.status
		}
		if rec.Code != want {
			t.Errorf("%s: PUT gives %d, want %d", c.name, rec.Code, want)
		}
	}
}

// write sends a request that may write.
func write(h http.Handler, method, path, body string, header ...string) *http.Response {
	return ask(h, method, path, body, append([]string{"Authorization", "Bearer " + secret}, header...)...)
}

func TestUpdateRequests(t *testing.T) {
	const direct, form = "application/sparql-update", "application/x-www-form-urlencoded"
	for _, c := range []struct {
		name, method, path, body, mediaType string
		status                              int
		want                                string
	}{
		{"direct", "POST", "/sparql", insert, direct, 204, ""},
		{"in UTF-8", "POST", "/sparql", insert, direct + "; charset=UTF-8", 204, ""},
		{"in UTF-16", "POST", "/sparql", insert, direct + "; charset=UTF-16", 415, "media-type"},
		{"by GET", "GET", "/sparql?update=CLEAR+ALL", "", "", 400, "update-refused"},
		{"by QUERY", "QUERY", "/sparql", insert, direct, 400, "update-refused"},
		{"by QUERY in a form", "QUERY", "/sparql", "update=CLEAR+ALL", form, 400, "update-refused"},
		{"by PUT", "PUT", "/sparql", insert, direct, 405, "method"},
		{"update by GET", "GET", "/sparql/update?update=CLEAR+ALL", "", "", 405, "method"},
		{"beside a query", "POST", "/sparql", "update=CLEAR+ALL&query=ASK{}", form, 400, "bad-request"},
		{"beside a query in the address", "POST", "/sparql?query=ASK%7B%7D", insert, direct, 400, "bad-request"},
		{"twice", "POST", "/sparql", "update=CLEAR+ALL&update=CLEAR+ALL", form, 400, "too-many-values"},
		{"a query to the update address", "POST", "/sparql/update", "ASK {}", "application/sparql-query", 400, "bad-request"},
		{"no UTF-8", "POST", "/sparql", "INSERT DATA { <urn:s> <urn:p> '\xff' }", direct, 400, "bad-request"},
		{"wrong", "POST", "/sparql", "INSERT DATA {", direct, 400, "query-syntax"},
		{"empty", "POST", "/sparql", "", direct, 204, ""}, // SPARQL 1.1, 19.8: an Update may be empty
		{"a slip", "POST", "/sparql?using-graph-ur=urn:g", insert, direct, 400, "bad-request"},
		{"using twice", "POST", "/sparql?using-graph-uri=urn:g", "WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", direct, 400, "bad-request"},
		{"a graph that is there", "POST", "/sparql", "CREATE GRAPH <urn:g> ; CREATE GRAPH <urn:g>", direct, 409, "graph-state"},
		{"a graph that is not", "POST", "/sparql", "DROP GRAPH <urn:none>", direct, 409, "graph-state"},
		{"load", "POST", "/sparql", "LOAD <http://example.org/>", direct, 403, "load-off"},
		{"load if possible", "POST", "/sparql", "LOAD SILENT <http://example.org/>", direct, 204, ""},
		{"too long", "POST", "/sparql", insert + strings.Repeat(" ", 4096), direct, 413, "too-large"},
		{"time", "POST", "/sparql?timeout=0.01", "INSERT { ?a <urn:q> ?d } WHERE { ?a ?p ?x . ?b ?p ?y . ?c ?p ?z . ?d ?p ?w }", direct, 422, "query-limit"},
	} {
		var quads []graph.Quad
		for i := range 1000 {
			quads = append(quads, graph.Quad{S: graph.IRI(fmt.Sprint("urn:", i)).Term(), P: "urn:p", O: graph.String("x")})
		}
		h, s := writing(t, &publish.Write{Token: secret, MaxBytes: 4000}, quads...)
		var header []string
		if c.mediaType != "" {
			header = []string{"Content-Type", c.mediaType}
		}
		r := write(h, c.method, c.path, c.body, header...)
		if r.StatusCode != c.status {
			t.Errorf("%s: %d, want %d: %s", c.name, r.StatusCode, c.status, read(t, r))
			continue
		}
		if c.want != "" && problemOf(t, r) != c.want {
			t.Errorf("%s: not the problem %s", c.name, c.want)
		}
		if n := len(stored(t, s)); c.status != 204 && n != len(quads) {
			t.Errorf("%s leaves %d quads", c.name, n)
		}
	}
}

// QUERY is GET with a body: safe, and it can be asked again only if something has changed.
func TestQueryMethod(t *testing.T) {
	h, _ := writing(t, nil, graph.Quad{S: graph.IRI("urn:s").Term(), P: "urn:p", O: graph.String("x")})
	r := ask(h, "QUERY", "/sparql", "ASK { ?s ?p 'x' }", "Content-Type", "application/sparql-query")
	tag := r.Header.Get("ETag")
	if body := read(t, r); r.StatusCode != 200 || !strings.Contains(body, "true") || tag == "" {
		t.Errorf("%d %s, ETag %q", r.StatusCode, body, tag)
	}
	if r := ask(h, "QUERY", "/sparql", "ASK { ?s ?p 'x' }", "Content-Type", "application/sparql-query", "If-None-Match", tag); r.StatusCode != 304 {
		t.Errorf("asked again: %d", r.StatusCode)
	}
	if r := ask(h, "QUERY", "/sparql", "query=ASK{}", "Content-Type", "application/x-www-form-urlencoded"); r.StatusCode != 200 {
		t.Errorf("as a form: %d", r.StatusCode)
	}
	if r := ask(h, "QUERY", "/sparql", "ASK {}", "Content-Type", "text/plain"); r.StatusCode != 415 {
		t.Errorf("as text: %d", r.StatusCode)
	}
	if r := get(h, "/sparql", "Accept", "text/turtle"); !strings.Contains(r.Header.Get("Accept-Query"), "application/sparql-query") {
		t.Errorf("Accept-Query is %q", r.Header.Get("Accept-Query"))
	}
	if r := ask(h, "OPTIONS", "/sparql", "", "Access-Control-Request-Method", "QUERY", "Origin", "https://example.org"); !strings.Contains(r.Header.Get("Access-Control-Allow-Methods"), "QUERY") {
		t.Errorf("scripts of other sites may not ask: %v", r.Header)
	}
}

// What changes data is not offered to scripts of other sites.
func TestNoPreflightForWrites(t *testing.T) {
	h, _ := writing(t, &publish.Write{Token: secret})
	for path, methods := range map[string]string{"/graph-store": "PUT POST DELETE PATCH", "/graph-store/x": "PUT", "/sparql/update": "POST", "/sparql": "PUT"} {
		for method := range strings.FieldsSeq(methods) {
			r := ask(h, "OPTIONS", path, "", "Access-Control-Request-Method", method, "Origin", "https://example.org")
			if allow := r.Header.Get("Access-Control-Allow-Methods"); allow != "" {
				t.Errorf("%s %s: allowed are %s", method, path, allow)
			}
		}
	}
	r := ask(h, "OPTIONS", "/sparql", "", "Access-Control-Request-Method", "POST", "Origin", "https://example.org")
	if strings.Contains(strings.ToLower(r.Header.Get("Access-Control-Allow-Headers")), "authorization") {
		t.Error("scripts of other sites may send a token")
	}
}

func graphOf(t testing.TB, f *rdfio.Format, text string) []graph.Quad {
	t.Helper()
	r, err := rdfio.NewReader(f, strings.NewReader(text), rdfio.ReadOptions{Base: base})
	if err != nil {
		t.Fatal(err)
	}
	quads := make([]graph.Quad, 100)
	n, err := r.Read(quads)
	if err != nil && n == 0 && text != "" {
		t.Fatalf("%v in %s", err, text)
	}
	return quads[:n]
}

// A graph goes through every format.
func TestGraphFormats(t *testing.T) {
	turtle := `<urn:kieu> <urn:title> "Truyện Kiều"@vi ; <urn:by> [ <urn:name> "Nguyễn Du" ] ; <urn:pages> 3254 .`
	h, _ := writing(t, &publish.Write{Token: secret})
	if r := write(h, "PUT", "/graph-store?graph=urn:g", turtle, "Content-Type", "text/turtle"); r.StatusCode != 201 {
		t.Fatal(r.StatusCode, read(t, r))
	}
	want := graphOf(t, rdfio.Turtle, turtle)
	for _, f := range rdfio.Formats {
		r := get(h, "/graph-store?graph=urn:g", "Accept", f.MediaType)
		body := read(t, r)
		if r.StatusCode != 200 || !strings.HasPrefix(r.Header.Get("Content-Type"), f.MediaType) {
			t.Errorf("%s: %d %s", f, r.StatusCode, r.Header.Get("Content-Type"))
			continue
		}
		if r := write(h, "PUT", "/graph-store?graph=urn:copy", body, "Content-Type", f.MediaType); r.StatusCode/100 != 2 {
			t.Errorf("%s is not taken: %d %s", f, r.StatusCode, read(t, r))
			continue
		}
		copied := get(h, "/graph-store?graph=urn:copy", "Accept", "text/turtle")
		if got := graphOf(t, rdfio.Turtle, read(t, copied)); !canon.Isomorphic(got, want) {
			t.Errorf("%s brings %v", f, got)
		}
	}
	if r := get(h, "/graph-store?graph=urn:g", "Accept", "text/html"); r.StatusCode != 406 {
		t.Errorf("as a page: %d", r.StatusCode)
	}
	if r := get(h, "/graph-store?graph=urn:g"); r.Header.Get("Content-Type") != "text/turtle; charset=utf-8" {
		t.Errorf("without Accept: %s", r.Header.Get("Content-Type"))
	}
	for g, status := range map[string]int{"urn:copy": 204, "urn:other": 400} {
		if r := write(h, "PUT", "/graph-store?graph=urn:copy", "<"+g+"> { "+turtle+" }", "Content-Type", "application/trig"); r.StatusCode != status {
			t.Errorf("TriG of %s: %d, want %d", g, r.StatusCode, status)
		}
	}
	r := get(h, "/graph-store", "Accept", "application/n-quads")
	if body := read(t, r); r.StatusCode != 200 || strings.Count(body, "<urn:g> .\n") != 4 || strings.Count(body, "<urn:copy> .\n") != 4 {
		t.Errorf("all of the store: %d\n%s", r.StatusCode, body)
	}
	if r := write(h, "POST", "/graph-store", "<urn:a> <urn:b> <urn:c> <urn:new> .\n<urn:a> <urn:b> 'x' .\n", "Content-Type", "application/n-quads"); r.StatusCode != 400 {
		t.Errorf("N-Quads with another kind of quotes: %d", r.StatusCode)
	}
	if r := write(h, "POST", "/graph-store", "<urn:a> <urn:b> <urn:c> <urn:new> .\n<urn:a> <urn:b> \"x\" .\n", "Content-Type", "application/n-quads"); r.StatusCode != 204 {
		t.Errorf("quads for the store: %d", r.StatusCode)
	}
	if r := get(h, "/graph-store?graph=urn:new"); r.StatusCode != 200 {
		t.Errorf("the graph of the quads: %d", r.StatusCode)
	}
}

func TestGraphRequests(t *testing.T) {
	h, s := writing(t, &publish.Write{Token: secret, MaxBytes: 2000})
	const turtle = "text/turtle"
	for _, c := range []struct {
		method, path, body, mediaType string
		status                        int
	}{
		{"GET", "/graph-store?graph=urn:none", "", "", 404},
		{"HEAD", "/graph-store?graph=urn:none", "", "", 404},
		{"GET", "/graph-store?default", "", "", 200},
		{"GET", "/graph-store?graph=none", "", "", 400},
		{"GET", "/graph-store?graph=urn:a%20b", "", "", 400},
		{"GET", "/graph-store?graph=urn:a&graph=urn:b", "", "", 400},
		{"GET", "/graph-store?graph=urn:a&default", "", "", 400},
		{"GET", "/graph-store/a?default", "", "", 400},
		{"GET", "/graph-store?grap=urn:a", "", "", 400},
		{"GET", "/graph-store/%2E%2E/x", "", "", 400},
		{"GET", "/graph-store/%FF", "", "", 400},
		{"PUT", "/graph-store?default", "<urn:s> <urn:p> 1 .", turtle, 201},
		{"PUT", "/graph-store?default", "<urn:s> <urn:p> 2 .", turtle, 204},
		{"PUT", "/graph-store", "<urn:s> <urn:p> 2 .", turtle, 400},
		{"PUT", "/graph-store?graph=urn:g", "<urn:s> <urn:p> 2", turtle, 400},
		{"PUT", "/graph-store?graph=urn:g", "<urn:s> <urn:p> 2 .", "", 415},
		{"PUT", "/graph-store?graph=urn:g", "<urn:s> <urn:p> 2 .", "text/plain", 415},
		{"PUT", "/graph-store?graph=urn:g", "<urn:s> <urn:p> 2 .", turtle + "; charset=latin1", 415},
		{"PUT", "/graph-store?graph=urn:g", "# " + strings.Repeat("x", 3000), turtle, 413},
		{"GET", "/graph-store?graph=urn:g", "", "", 404},
		{"PUT", "/graph-store?graph=urn:g", "", turtle, 201},
		{"GET", "/graph-store?graph=urn:g", "", "", 200},
		{"POST", "/graph-store?graph=urn:g", "<> <urn:p> <x> .", turtle, 204},
		{"POST", "/graph-store?graph=urn:h", "<urn:s> <urn:p> 2 .", turtle, 201},
		{"POST", "/graph-store?graph=urn:h", "<urn:s> <urn:p> 3 .", turtle, 204},
		{"DELETE", "/graph-store?graph=urn:none", "", "", 404},
		{"DELETE", "/graph-store?graph=urn:h", "", "", 204},
		{"DELETE", "/graph-store?graph=urn:h", "", "", 404},
		{"DELETE", "/graph-store", "", "", 400},
		{"DELETE", "/graph-store?default", "", "", 204},
		{"PUT", "/graph-store/s%C3%A1ch/%31", "<urn:s> <urn:p> 4 .", turtle, 201},
		{"GET", "/graph-store/sách/1", "", "", 200},
		{"GET", "/graph-store?graph=" + url.QueryEscape(base+"graph-store/sách/1"), "", "", 200},
		{"PATCH", "/graph-store?graph=urn:none", insert, "application/sparql-update", 404},
		{"PATCH", "/graph-store?graph=urn:g", insert, "text/plain", 415},
		{"PATCH", "/graph-store?graph=urn:g", insert, "application/sparql-update", 204},
		{"PATCH", "/graph-store?graph=urn:g", "INSERT DATA { GRAPH <urn:h> { <urn:s> <urn:p> 1 } }", "application/sparql-update", 400},
		{"PATCH", "/graph-store?graph=urn:g", "DROP ALL", "application/sparql-update", 400},
		{"PATCH", "/graph-store?graph=urn:g", "DELETE WHERE { ?s <urn:p> 1 } ; INSERT { ?s <urn:q> ?o } WHERE { ?s <urn:p> ?o }", "application/sparql-update", 204},
		{"PATCH", "/graph-store?default", "INSERT { ?s <urn:q> 1 } WHERE { ?s <urn:p> ?o }", "application/sparql-update", 204},
	} {
		var header []string
		if c.mediaType != "" {
			header = []string{"Content-Type", c.mediaType}
		}
		r := write(h, c.method, strings.ReplaceAll(c.path, "á", "%C3%A1"), c.body, header...)
		if r.StatusCode != c.status {
			t.Errorf("%s %s: %d, want %d\n%s", c.method, c.path, r.StatusCode, c.status, read(t, r))
		}
	}
	g, direct := graph.IRI("urn:g").Term(), graph.IRI(base+"graph-store/sách/1").Term()
	want := []graph.Quad{
		{S: g, P: "urn:p", O: graph.IRI("x").Term(), G: g}, {S: g, P: "urn:q", O: graph.IRI("x").Term(), G: g},
		{S: graph.IRI("urn:s").Term(), P: "urn:p", O: graph.Literal("4", "http://www.w3.org/2001/XMLSchema#integer"), G: direct},
	}
	for i := range want[:2] {
		iri, err := graph.IRI("urn:g").Resolve("x")
		if err != nil {
			t.Fatal(err)
		}
		want[i].O = iri.Term()
	}
	if got := stored(t, s); !canon.Isomorphic(got, want) {
		t.Errorf("the store holds %v\nwant %v", got, want)
	}
}

// A change is made only to what the client has seen; another graph does not matter.
func TestConditionalWrites(t *testing.T) {
	h, _ := writing(t, &publish.Write{Token: secret})
	put := func(g, o string, header ...string) int {
		return write(h, "PUT", "/graph-store?graph=urn:"+g, "<urn:s> <urn:p> "+o+" .", append([]string{"Content-Type", "text/turtle"}, header...)...).StatusCode
	}
	tag := func(g string, header ...string) string {
		return get(h, "/graph-store?graph=urn:"+g, header...).Header.Get("ETag")
	}
	if got := put("a", "1", "If-None-Match", "*"); got != 201 {
		t.Errorf("a new graph: %d", got)
	}
	if got := put("a", "2", "If-None-Match", "*"); got != 412 {
		t.Errorf("one that is there: %d", got)
	}
	if got := put("none", "2", "If-Match", "*"); got != 412 {
		t.Errorf("one that is not there: %d", got)
	}
	first := tag("a")
	if got := put("b", "1"); got != 201 || tag("a") != first {
		t.Errorf("another graph: %d, tag %s is %s", got, first, tag("a"))
	}
	if r := get(h, "/graph-store?graph=urn:a", "If-None-Match", first); r.StatusCode != 304 {
		t.Errorf("unchanged: %d", r.StatusCode)
	}
	if a, b := tag("a", "Accept", "application/n-triples"), tag("a", "Accept-Encoding", "gzip"); a == first || b == first {
		t.Errorf("tags of other forms: %s, %s, %s", first, a, b)
	}
	if got := put("a", "3", "If-Match", `"x", `+tag("a", "Accept", "application/n-triples")); got != 204 {
		t.Errorf("with the right tag: %d", got)
	}
	if got := put("a", "4", "If-Match", first); got != 412 {
		t.Errorf("with the old tag: %d", got)
	}
	if r := write(h, "DELETE", "/graph-store?graph=urn:a", "", "If-Match", first); r.StatusCode != 412 {
		t.Errorf("removed with the old tag: %d", r.StatusCode)
	}
	if r := write(h, "DELETE", "/graph-store?graph=urn:a", "", "If-Match", tag("a")); r.StatusCode != 204 {
		t.Errorf("removed with the new tag: %d", r.StatusCode)
	}
}

// A POST to the store makes a graph with a name that leads to it; one with a form adds all of
// its files.
func TestPostedGraphs(t *testing.T) {
	h, _ := writing(t, &publish.Write{Token: secret})
	r := write(h, "POST", "/graph-store", "[] <urn:p> 1 .", "Content-Type", "text/turtle")
	place := r.Header.Get("Location")
	if r.StatusCode != 201 || !strings.HasPrefix(place, base+"graph-store/") {
		t.Fatalf("%d %q", r.StatusCode, place)
	}
	if again := write(h, "POST", "/graph-store", "[] <urn:p> 1 .", "Content-Type", "text/turtle").Header.Get("Location"); again == place {
		t.Error("two graphs have one name")
	}
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for _, f := range []struct{ mediaType, text string }{{"text/turtle", "<urn:a> <urn:p> 1 ."}, {"application/n-triples", "<urn:b> <urn:p> \"2\" ."}} {
		w, err := form.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="graph"; filename="x"`}, "Content-Type": {f.mediaType}})
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(f.text))
	}
	form.Close()
	r = write(h, "POST", strings.TrimPrefix(place, strings.TrimSuffix(base, "/")), b.String(), "Content-Type", form.FormDataContentType())
	if r.StatusCode != 204 {
		t.Fatalf("%d %s", r.StatusCode, read(t, r))
	}
	if got := graphOf(t, rdfio.Turtle, read(t, get(h, strings.TrimPrefix(place, strings.TrimSuffix(base, "/"))))); len(got) != 3 {
		t.Errorf("the graph holds %v", got)
	}
}

// The description of the service says what is true of it.
func TestDescribedService(t *testing.T) {
	q := graph.Quad{S: graph.IRI("urn:s").Term(), P: "urn:p", O: graph.String("x"), G: graph.IRI("urn:g").Term()}
	const sd = "http://www.w3.org/ns/sparql-service-description#"
	for _, c := range []struct {
		write  *publish.Write
		strict bool
		has    []string
		lacks  []string
	}{
		{nil, false, []string{sd + "UnionDefaultGraph", sd + "EmptyGraphs", sd + "SPARQL11Query", "<urn:g>", `"1"^^<http://www.w3.org/2001/XMLSchema#integer>`}, []string{sd + "SPARQL11Update", sd + "inputFormat", sd + "BasicFederatedQuery"}},
		{&publish.Write{}, true, []string{sd + "SPARQL11Update", sd + "inputFormat"}, []string{sd + "UnionDefaultGraph"}},
	} {
		h := handler(t, publish.Config{Base: base, Store: memstore.New(q), Engine: sparql.New(sparql.Options{Strict: c.strict}), Write: c.write})
		body := read(t, get(h, "/sparql", "Accept", "application/n-triples"))
		for _, want := range c.has {
			if !strings.Contains(body, want) {
				t.Errorf("%s is not in\n%s", want, body)
			}
		}
		for _, no := range c.lacks {
			if strings.Contains(body, no) {
				t.Errorf("%s is in\n%s", no, body)
			}
		}
	}
}

// A fullStore has no space to write to.
type fullStore struct{ graph.Store }

func (fullStore) Update(context.Context, func(graph.Txn) error) (graph.Version, error) {
	return 0, fmt.Errorf("update: %w", &graph.SpaceError{Free: 31 << 20, Need: 64 << 20})
}

// Where the disk is full, an update is refused with the numbers, and questions are answered.
func TestStorageLow(t *testing.T) {
	h := handler(t, publish.Config{
		Base: base, Store: fullStore{memstore.New()}, Engine: sparql.New(sparql.Options{}), Write: &publish.Write{Token: secret},
	})
	r := write(h, "POST", "/sparql", "INSERT DATA { <urn:s> <urn:p> <urn:o> }", "Content-Type", "application/sparql-update")
	if text := read(t, r); r.StatusCode != 507 || !strings.Contains(text, "storage low: 31 MiB free, 64 MiB needed") || !strings.Contains(text, "Còn trống 31 MiB") {
		t.Errorf("%d %s", r.StatusCode, text)
	}
	if r := get(h, "/sparql?query=ASK%7B%7D"); r.StatusCode != 200 {
		t.Errorf("a question: %d", r.StatusCode)
	}
}
