package publish_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// linking is a site with a file of short addresses.
func linking(t testing.TB, file string) http.Handler {
	c := withEngine(config(t))
	c.Links = file
	return handler(t, c)
}

const queryType = "application/sparql-query"

func link(t testing.TB, h http.Handler, text string) (status int, path string) {
	t.Helper()
	r := ask(h, "POST", "/sparql/q", text, "Content-Type", queryType)
	var made struct{ Name, URL string }
	if r.StatusCode < 300 {
		if err := json.NewDecoder(r.Body).Decode(&made); err != nil {
			t.Fatal(err)
		}
		if made.URL != base+"sparql/q/"+made.Name || r.Header.Get("Location") != made.URL {
			t.Errorf("made %+v, Location %q", made, r.Header.Get("Location"))
		}
	}
	return r.StatusCode, "/sparql/q/" + made.Name
}

// A short address is that of one query for good: after a restart, and whoever asks for it.
func TestShortAddresses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "links.txt")
	h := linking(t, file)
	text := "# Tác phẩm & nhan đề <\"'\n" + works
	status, path := link(t, h, text)
	if status != 201 || len(path) > len("/sparql/q/")+10 {
		t.Fatalf("made %d %s", status, path)
	}
	if status, again := link(t, h, text+"\n"); status != 200 || again != path {
		t.Errorf("the same query is %d %s, not %s", status, again, path)
	}
	if _, other := link(t, h, works); other == path {
		t.Error("another query has the same address")
	}
	h = linking(t, file) // started again
	if got := read(t, get(h, path)); got != text+"\n" {
		t.Errorf("who asks for no form gets %q", got)
	}
	r := get(h, path, "Accept", "text/html", "Accept-Language", "en")
	page := read(t, r)
	if r.StatusCode != 200 || !strings.Contains(page, "Tác phẩm &amp; nhan đề &lt;&#34;&#39;\n") || !strings.Contains(page, " data-run>") {
		t.Errorf("the page is %d\n%s", r.StatusCode, page)
	}
	if !strings.Contains(page, `href="/vi`+path+`"`) {
		t.Error("the page leads to no other language")
	}
	if got := get(h, "/vi"+path, "Accept", "text/html").Header.Get("Content-Language"); got != "vi" {
		t.Errorf("the page below /vi/ is in %q", got)
	}
}

// A program gets the answer, as by the query itself.
func TestShortAddressesAnswer(t *testing.T) {
	h := linking(t, filepath.Join(t.TempDir(), "links.txt"))
	_, path := link(t, h, works)
	want := read(t, get(h, query(works, "format", "csv")))
	for name, r := range map[string]*http.Response{
		"by Accept": get(h, path, "Accept", "text/csv"),
		"by format": get(h, path+"?format=csv", "Accept", "text/html"),
	} {
		if got := read(t, r); r.StatusCode != 200 || got != want {
			t.Errorf("%s: %d %q, not %q", name, r.StatusCode, got, want)
		}
	}
	if r := get(h, path, "Accept", "text/turtle"); r.StatusCode != 406 {
		t.Errorf("rows as Turtle: %d", r.StatusCode)
	}
	if r := get(h, path, "Accept", "image/png"); r.StatusCode != 406 {
		t.Errorf("as a picture: %d", r.StatusCode)
	}
}

func TestWhatGetsNoShortAddress(t *testing.T) {
	file := filepath.Join(t.TempDir(), "links.txt")
	h := linking(t, file)
	for _, c := range []struct {
		name, text, contentType string
		status                  int
	}{
		{"a form, which any page may send", "query=" + works, "application/x-www-form-urlencoded", 415},
		{"plain text, too", works, "text/plain", 415},
		{"no query", "Đọc tin ở đây", queryType, 400},
		{"an update", "DELETE WHERE { ?s ?p ?o }", queryType, 400},
		{"not UTF-8", "SELECT * { ?s ?p \"\xff\" }", queryType, 400},
		{"a long one", "SELECT * { ?s ?p \"" + strings.Repeat("a", 16<<10) + "\" }", queryType, 413},
	} {
		if r := ask(h, "POST", "/sparql/q", c.text, "Content-Type", c.contentType); r.StatusCode != c.status {
			t.Errorf("%s: %d", c.name, r.StatusCode)
		}
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("something was kept")
	}
	if r := get(h, "/sparql/q/0123456789", "Accept", "text/html"); r.StatusCode != 404 {
		t.Errorf("an unknown address: %d", r.StatusCode)
	}
	if r := get(h, "/sparql/q"); r.StatusCode != 405 || r.Header.Get("Allow") != "POST, OPTIONS" {
		t.Errorf("GET of all: %d, Allow %q", r.StatusCode, r.Header.Get("Allow"))
	}
	if r := ask(h, "OPTIONS", "/sparql/q", "", "Origin", "https://example.org", "Access-Control-Request-Method", "POST"); strings.Contains(r.Header.Get("Access-Control-Allow-Methods"), "POST") {
		t.Error("scripts of other sites may make addresses")
	}
	if r := ask(endpoint(t), "POST", "/sparql/q", works, "Content-Type", queryType); r.StatusCode/100 == 2 {
		t.Errorf("without a file: %d", r.StatusCode)
	}
}

// What a crash has left of a line is no address, and what is damaged is not answered from.
func TestDamagedShortAddresses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "links.txt")
	h := linking(t, file)
	_, first := link(t, h, "ASK { ?a ?b 1 }")
	_, second := link(t, h, "ASK { ?a ?b 2 }")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	damaged := strings.Replace(string(text), "?b 1", "?b 7", 1) + "0123456789 \"SELECT"
	if err := os.WriteFile(file, []byte(damaged), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := get(h, first); r.StatusCode != 500 {
		t.Errorf("damaged while the site is open: %d", r.StatusCode)
	}
	h = linking(t, file)
	if r := get(h, first); r.StatusCode != 404 {
		t.Errorf("damaged before: %d %s", r.StatusCode, read(t, r))
	}
	_, third := link(t, h, "ASK { ?a ?b 3 }")
	h = linking(t, file)
	for _, path := range []string{second, third} {
		if r := get(h, path); r.StatusCode != 200 {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
}

// Addresses cost a client query time, so that it cannot fill the file at once.
func TestShortAddressesAreCounted(t *testing.T) {
	c := withEngine(config(t))
	c.Links, c.QueryBudget = filepath.Join(t.TempDir(), "links.txt"), 10*time.Second
	h := handler(t, c)
	count := map[int]int{}
	for i := range 40 {
		status, _ := link(t, h, "ASK { ?a ?b "+strings.Repeat("1", i+1)+" }")
		count[status]++
	}
	if count[201] < 4 || count[429] < 30 {
		t.Errorf("of 40 at once: %v", count)
	}
}
