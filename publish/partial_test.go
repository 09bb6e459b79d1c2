package publish_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mocban/sparql"
	"mocban/sparql/results"
)

// With partial=allow a limit ends an answer that is well formed, says that it is not whole, and is
// kept by nobody.
func TestPartialAnswers(t *testing.T) {
	c := big(t)
	c.Engine = sparql.New(sparql.Options{Limits: sparql.Limits{Rows: 5000}})
	server := httptest.NewServer(handler(t, c))
	t.Cleanup(server.Close)
	fetch := func(text string, more ...string) (*http.Response, string) {
		t.Helper()
		request, err := http.NewRequest("GET", server.URL+query(text, more...), nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatalf("%v: %v", more, err)
		}
		return r, string(body)
	}
	const product = "SELECT * { ?a ?p ?b . ?c ?q ?d }"
	for _, f := range []*results.Format{results.JSON, results.XML, results.TSV} {
		r, body := fetch(product, "partial", "allow", "format", f.MediaType)
		got, err := results.Read(f, strings.NewReader(body))
		if r.StatusCode != 200 || err != nil || len(got.Rows) == 0 || len(got.Rows) > 5000 {
			t.Fatalf("%s: %d, %d rows, %v", f.MediaType, r.StatusCode, len(got.Rows), err)
		}
		if s := r.Trailer.Get("Query-Status"); s != fmt.Sprintf(`partial; reason="rows"; rows=%d`, len(got.Rows)) {
			t.Errorf("%s: Query-Status is %q", f.MediaType, s)
		}
		if r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("ETag") != "" {
			t.Errorf("%s: %v", f.MediaType, r.Header)
		}
		if f != results.JSON {
			continue
		}
		var document struct{ Meta struct{ Complete *bool } }
		if err := json.Unmarshal([]byte(body), &document); err != nil || document.Meta.Complete == nil || *document.Meta.Complete {
			t.Errorf("meta is %+v (%v)", document.Meta, err)
		}
		job, err := http.Get(server.URL + "/sparql/jobs/" + r.Header.Get("Query-Id"))
		if err != nil {
			t.Fatal(err)
		}
		defer job.Body.Close()
		var state struct{ State, Limit string }
		if err := json.NewDecoder(job.Body).Decode(&state); err != nil || state.State != "partial" || state.Limit != "rows" {
			t.Errorf("the job is %+v (%v)", state, err)
		}
	}
	if r, body := fetch("CONSTRUCT { ?a ?p ?d } { ?a ?p ?b . ?c ?q ?d }", "partial", "allow", "format", "nt"); r.StatusCode != 200 ||
		!strings.HasPrefix(r.Trailer.Get("Query-Status"), `partial; reason="rows"`) || !strings.HasSuffix(body, " .\n") {
		t.Errorf("CONSTRUCT: %d %q", r.StatusCode, r.Trailer.Get("Query-Status"))
	}
	// An answer without rows so far is an answer, too; one that is whole says so.
	if r, body := fetch("SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f FILTER(?b < ?d && ?d < ?f) }", "partial", "allow", "timeout", "0.2"); r.StatusCode != 200 ||
		r.Trailer.Get("Query-Status") != `partial; reason="time"; rows=0` || !strings.Contains(body, `"complete":false`) {
		t.Errorf("no rows: %d %q %s", r.StatusCode, r.Trailer.Get("Query-Status"), body)
	}
	if r, body := fetch("SELECT * { ?a ?p ?b } LIMIT 3", "partial", "allow"); r.Trailer.Get("Query-Status") != "complete; rows=3" || strings.Contains(body, "meta") {
		t.Errorf("whole: %q %s", r.Trailer.Get("Query-Status"), body)
	}
	// A truth value has no part, and nobody gets a part who has not asked for one.
	if r, _ := fetch("ASK { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f FILTER(?b < ?d && ?d < ?f && ?f < ?b) }", "partial", "allow", "timeout", "0.2"); r.StatusCode != 422 {
		t.Errorf("ASK: %d", r.StatusCode)
	}
	if r, _ := fetch(product, "partial", "yes"); r.StatusCode != 400 {
		t.Errorf("partial=yes: %d", r.StatusCode)
	}
	// What it gets instead is a problem, or, when rows are on their way already, an answer broken off.
	r, err := http.Get(server.URL + query(product, "timeout", "20"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if r.StatusCode != 422 && (r.StatusCode != 200 || err == nil) {
		t.Errorf("without partial: %d with %d bytes that look whole", r.StatusCode, len(body))
	}
}

// White space and comments make no other answer.
func TestAnswersOfOneQuery(t *testing.T) {
	h := endpoint(t)
	tag := func(text string) string { return get(h, query(text)).Header.Get("ETag") }
	a := tag("SELECT ?s { ?s ?p \"a  b\" }")
	if b := tag("# what\nSELECT  ?s\n{ ?s ?p \"a  b\" } # ever"); a == "" || a != b {
		t.Errorf("%s and %s", a, b)
	}
	for _, other := range []string{"SELECT ?s { ?s ?p \"a b\" }", "SELECT ?s { ?s ?p \"a  b\"  . }", "SELECT ?p { ?s ?p \"a  b\" }"} {
		if b := tag(other); a == b {
			t.Errorf("%s has the tag of another query", other)
		}
	}
}
