package publish_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mocban/graph"
	"mocban/publish"
)

// slow is a query that nobody waits for the end of.
const slow = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f FILTER(?b < ?d && ?d < ?f) }"

// asking sends a query under an id from the background, and gives its answer.
func asking(t *testing.T, server, text, id string) <-chan *http.Response {
	t.Helper()
	r, err := http.NewRequest("GET", server+query(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	if id != "" {
		r.Header.Set("Query-Id", id)
	}
	answer := make(chan *http.Response, 1)
	go func() {
		defer close(answer)
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
			return
		}
		answer <- a
	}()
	return answer
}

// jobOf returns the state of a query.
func jobOf(t *testing.T, method, url string) (state struct {
	State, Lane, Error string
	Elapsed            float64
	Rows, Examined     int64
}) {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	if err := json.NewDecoder(a.Body).Decode(&state); err != nil {
		t.Fatal(err)
	}
	return state
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain: ", what)
		}
	}
}

// A query is cancelled by who knows its id, and says so; its end can be watched.
func TestCancelByID(t *testing.T) {
	server := httptest.NewServer(handler(t, big(t)))
	defer server.Close()
	const id = "my-own-query-0001"
	answer := asking(t, server.URL, slow, id)
	job := server.URL + "/sparql/jobs/" + id
	waitFor(t, "the query runs", func() bool { return jobOf(t, "GET", job).State == "running" })
	if r := get(handler(t, big(t)), query("ASK {}"), "Query-Id", "short"); r.StatusCode != 400 {
		t.Errorf("an id that is too short: %d", r.StatusCode)
	}
	if r := <-asking(t, server.URL, "ASK {}", id); r.StatusCode != http.StatusConflict {
		t.Errorf("the id of another query: %d", r.StatusCode)
	}
	events, err := http.Get(job + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	if got := events.Header.Get("X-Accel-Buffering"); got != "no" {
		t.Errorf("a proxy may hold events back: %q", got)
	}
	if got := events.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("events come as %q", got)
	}
	before := jobOf(t, "GET", job) // no row comes of it for ages, but it moves
	waitFor(t, "the query shows that it moves", func() bool { return jobOf(t, "GET", job).Examined > max(before.Examined, 100_000) })
	if state := jobOf(t, "DELETE", job).State; state != "cancelled" {
		t.Errorf("after DELETE it is %s", state)
	}
	r := <-answer
	var p struct{ Type string }
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != 422 || p.Type != base+"problem/query-cancelled" || r.Header.Get("Query-Id") != id {
		t.Errorf("the query got %d %s %v", r.StatusCode, p.Type, r.Header)
	}
	seen, err := io.ReadAll(events.Body)
	if err != nil || !strings.Contains(string(seen), `"state":"running"`) || !strings.Contains(string(seen), `"state":"cancelled"`) {
		t.Errorf("the events are %q, %v", seen, err)
	}
	if r := get(handler(t, big(t)), "/sparql/jobs/nobody-knows-this-one"); r.StatusCode != 404 {
		t.Errorf("an unknown id: %d", r.StatusCode)
	}
}

// An update has an id, too: it can be watched, and cancelled as long as it has changed nothing.
func TestCancelUpdateByID(t *testing.T) {
	c := big(t)
	c.Write = new(publish.Write)
	server := httptest.NewServer(handler(t, c))
	defer server.Close()
	send := func(text, id string) *http.Response {
		r, err := http.NewRequest("POST", server.URL+"/sparql", strings.NewReader(text))
		if err != nil {
			t.Error(err)
			return nil
		}
		r.Header.Set("Content-Type", "application/sparql-update")
		if id != "" {
			r.Header.Set("Query-Id", id)
		}
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
			return nil
		}
		a.Body.Close()
		return a
	}
	const id = "my-own-update-0001"
	answer := make(chan *http.Response, 1)
	go func() {
		answer <- send("INSERT { ?a <urn:x> ?f } WHERE { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f FILTER(?b < ?d && ?d < ?f) }", id)
	}()
	job := server.URL + "/sparql/jobs/" + id
	waitFor(t, "the update runs", func() bool { return jobOf(t, "GET", job).State == "running" })
	if lane := jobOf(t, "GET", job).Lane; lane != "update" {
		t.Errorf("it runs in %q", lane)
	}
	if state := jobOf(t, "DELETE", job).State; state != "cancelled" {
		t.Errorf("after DELETE it is %s", state)
	}
	if r := <-answer; r == nil || r.StatusCode != 422 || r.Header.Get("Query-Id") != id {
		t.Errorf("the update got %v", r)
	}
	r := send("INSERT DATA { <urn:a> <urn:b> <urn:c> }", "")
	if r == nil || r.StatusCode != 204 {
		t.Fatalf("the next update got %v", r)
	}
	if state := jobOf(t, "GET", server.URL+"/sparql/jobs/"+r.Header.Get("Query-Id")).State; state != "complete" {
		t.Errorf("the next update is %s", state)
	}
	kept := get(handler(t, c), query("ASK { ?a <urn:x> ?f }"), "Accept", "application/sparql-results+json")
	if text, err := io.ReadAll(kept.Body); err != nil || !strings.Contains(string(text), "false") {
		t.Errorf("the update that was cancelled has changed something: %s %v", text, err)
	}
}

// A client that goes away takes its query along.
func TestCancelByLeaving(t *testing.T) {
	server := httptest.NewServer(handler(t, big(t)))
	defer server.Close()
	const id = "left-alone-query-1"
	ctx, leave := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, "GET", server.URL+query(slow), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Query-Id", id)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if a, err := http.DefaultClient.Do(r); err == nil {
			a.Body.Close()
		}
	}()
	job := server.URL + "/sparql/jobs/" + id
	waitFor(t, "the query runs", func() bool { return jobOf(t, "GET", job).State == "running" })
	leave()
	<-gone
	waitFor(t, "the query ends", func() bool { return jobOf(t, "GET", job).State == "failed" })
}

// What is quick does not wait for what is not: with as many heavy queries as want to come,
// the record still shows.
func TestLanes(t *testing.T) {
	server := httptest.NewServer(handler(t, big(t)))
	defer server.Close()
	var answers []<-chan *http.Response
	for i := range 12 {
		answers = append(answers, asking(t, server.URL, slow, fmt.Sprintf("heavy-query-%06d", i)))
	}
	waitFor(t, "a heavy query runs", func() bool {
		for i := range answers {
			if s := jobOf(t, "GET", server.URL+fmt.Sprintf("/sparql/jobs/heavy-query-%06d", i)); s.State == "running" && s.Lane != "quick" {
				return true
			}
		}
		return false
	})
	r := <-asking(t, server.URL, "SELECT * { <"+base+"id/work/7> ?p ?o }", "quick-query-00001")
	if body := read(t, r); r.StatusCode != 200 || !strings.Contains(body, "value 7") {
		t.Errorf("the record: %d %s", r.StatusCode, body)
	}
	if s := jobOf(t, "GET", server.URL+"/sparql/jobs/quick-query-00001"); s.Lane != "quick" || s.State != "complete" {
		t.Errorf("the record is %+v", s)
	}
	for i, answer := range answers {
		jobOf(t, "DELETE", server.URL+fmt.Sprintf("/sparql/jobs/heavy-query-%06d", i))
		r := <-answer
		if r.StatusCode != 422 && r.StatusCode != 503 {
			t.Errorf("a heavy query got %d", r.StatusCode)
		}
		r.Body.Close()
	}
}

// growing is a query that is taken for a quick one, and takes more memory than these have when
// much of its answer is out.
func growing() string {
	var values strings.Builder
	for i := range 800 {
		fmt.Fprint(&values, i, " ")
	}
	return "SELECT DISTINCT ?a ?b { VALUES ?a { " + values.String() + "} VALUES ?b { " + values.String() + "} }"
}

// What grows while its answer is on the way goes on in the next lane.
func TestGrowing(t *testing.T) {
	server := httptest.NewServer(handler(t, big(t)))
	defer server.Close()
	ask := func(id string) (lane, status string, err error) {
		form := url.Values{"query": {growing()}, "format": {"csv"}}
		r, err := http.NewRequest("POST", server.URL+"/sparql", strings.NewReader(form.Encode()))
		if err != nil {
			return "", "", err
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Query-Id", id)
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			return "", "", err
		}
		defer a.Body.Close()
		lines := 0
		for s := bufio.NewScanner(a.Body); s.Scan(); {
			lines++
		}
		if a.StatusCode == 200 && lines != 800*800+1 {
			err = fmt.Errorf("%d lines", lines)
		}
		return jobOf(t, "GET", server.URL+"/sparql/jobs/"+id).Lane, a.Trailer.Get("Query-Status"), err
	}
	if lane, status, err := ask("growing-query-0001"); lane != "usual" || status != "complete; rows=640000" || err != nil {
		t.Errorf("it ran in the lane %s: %q, %v", lane, status, err)
	}
}

// A client has so many seconds of queries, and so many mistakes; then it waits, and others
// do not. A proxy on this machine says who its clients are.
func TestBudget(t *testing.T) {
	c := big(t)
	c.QueryBudget = 100 * time.Millisecond
	h := handler(t, c)
	as := func(address, text string) *http.Response {
		r := httptest.NewRequest("GET", query(text, "timeout", "0.3"), nil)
		if r.RemoteAddr = address; strings.Contains(address, "|") {
			var forwarded string
			r.RemoteAddr, forwarded, _ = strings.Cut(address, "|")
			r.Header.Set("X-Forwarded-For", forwarded)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result()
	}
	if r := as("198.51.100.7:999", "ASK {}"); r.StatusCode != 200 || !strings.HasPrefix(r.Header.Get("RateLimit"), `"query-seconds";r=`) {
		t.Fatalf("at first: %d %v", r.StatusCode, r.Header)
	}
	if r := as("198.51.100.7:999", slow); r.StatusCode != 422 {
		t.Fatalf("a slow query: %d", r.StatusCode)
	}
	r := as("198.51.100.7:1000", "ASK {}")
	var p struct{ Type string }
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
		t.Fatal(err)
	}
	if r.StatusCode != 429 || r.Header.Get("Retry-After") == "" || p.Type != base+"problem/too-many" {
		t.Errorf("after it: %d %v %s", r.StatusCode, r.Header, p.Type)
	}
	for _, other := range []string{"198.51.100.8:999", "[2001:db8::1]:999", "127.0.0.1:5", "127.0.0.1:5|203.0.113.9", "127.0.0.1:5|198.51.100.7, 203.0.113.9"} {
		if r := as(other, "ASK {}"); r.StatusCode != 200 {
			t.Errorf("%s got %d", other, r.StatusCode)
		}
	}
	if r := as("127.0.0.1:5|198.51.100.7", "ASK {}"); r.StatusCode != 429 {
		t.Errorf("by way of the proxy: %d", r.StatusCode)
	}
	for i := range 70 {
		if r := as(fmt.Sprintf("[2001:db8:0:5::%x]:9", i), "ASK"); r.StatusCode == 429 {
			if i < 30 {
				t.Errorf("%d mistakes were too many", i)
			}
			return
		}
	}
	t.Error("mistakes are free")
}

// The answer of a query that took its time is kept until the data change.
func TestAnswersAreKept(t *testing.T) {
	c := big(t)
	h := handler(t, c)
	const text = "SELECT (COUNT(*) AS ?n) (SUM(STRLEN(?o)) AS ?l) { ?s ?p ?o FILTER(CONTAINS(?o, '1') || CONTAINS(STR(?s), '99')) }"
	first := get(h, query(text))
	body := read(t, first)
	again := get(h, query(text))
	if first.Header.Get("Query-Id") == "" || again.Header.Get("Query-Id") != "" {
		t.Errorf("the second answer ran a query: %v", again.Header)
	}
	if got := read(t, again); got != body || again.Trailer.Get("Query-Status") != "complete; rows=1" || again.Header.Get("ETag") != first.Header.Get("ETag") {
		t.Errorf("the second answer is %s %v %v", got, again.Header, again.Trailer)
	}
	if _, err := c.Store.Update(context.Background(), func(x graph.Txn) error {
		return x.Add(graph.Quad{S: graph.IRI(base + "id/work/1").Term(), P: "http://example.org/p", O: graph.String("1 more")})
	}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, get(h, query(text))); got == body {
		t.Error("the answer of before is given after a change")
	}
	c = big(t)
	c.Results = -1
	h = handler(t, c)
	get(h, query(text))
	if r := get(h, query(text)); r.Header.Get("Query-Id") == "" {
		t.Error("an answer was kept, and none should be")
	}
}

// A client has few places for what takes long, so that others find one; what is quick goes on.
func TestManyAtOnce(t *testing.T) {
	c := big(t)
	c.QueryBudget = time.Hour
	server := httptest.NewServer(handler(t, c))
	t.Cleanup(server.Close)
	as := func(client, id, text string) (*http.Response, error) {
		r, err := http.NewRequest("GET", server.URL+query(text, "timeout", "20"), nil)
		if err != nil {
			return nil, err
		}
		r.Header.Set("X-Forwarded-For", client)
		r.Header.Set("Query-Id", id)
		return http.DefaultClient.Do(r)
	}
	const one, other = "198.51.100.7", "198.51.100.8"
	var running sync.WaitGroup
	ids := []string{}
	for i := range 4 {
		id := fmt.Sprintf("at-once-query-%06d", i)
		ids = append(ids, id)
		running.Go(func() {
			if r, err := as(one, id, slow+" #"+id); err != nil {
				t.Error(err)
			} else {
				r.Body.Close()
			}
		})
	}
	known := func(id string) bool {
		r, err := http.Get(server.URL + "/sparql/jobs/" + id)
		if err != nil {
			return false
		}
		defer r.Body.Close()
		return r.StatusCode == 200
	}
	waitFor(t, "four queries are there", func() bool { return !slices.ContainsFunc(ids, func(id string) bool { return !known(id) }) })
	// They have come, and are counted a moment later.
	waitFor(t, "the fifth is refused", func() bool {
		id := fmt.Sprintf("at-once-fifth-%d", time.Now().UnixNano())
		answers := make(chan int, 1)
		running.Go(func() {
			status := 0
			if r, err := as(one, id, slow+" # fifth"); err == nil {
				status = r.StatusCode
				if r.Body.Close(); status == 429 && r.Header.Get("Retry-After") == "" {
					t.Error("429 without Retry-After")
				}
			}
			answers <- status
		})
		select {
		case status := <-answers:
			return status == 429
		case <-time.After(2 * time.Second):
			ids = append(ids, id)
			return false
		}
	})
	if r, err := as(one, "at-once-quick-000001", "ASK {}"); err != nil || r.StatusCode != 200 {
		t.Errorf("what is quick: %v, %v", r, err)
	}
	last := "at-once-other-000001"
	running.Go(func() {
		if r, err := as(other, last, slow+" # other"); err == nil {
			if r.Body.Close(); r.StatusCode == 429 {
				t.Error("another client is refused")
			}
		}
	})
	waitFor(t, "another client is let in", func() bool { return known(last) })
	for _, id := range append(ids, last) {
		jobOf(t, "DELETE", server.URL+"/sparql/jobs/"+id)
	}
	running.Wait()
}
