package outbound

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mocban/graph"
)

func TestPublicAddresses(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "203.162.0.1": true,
		"127.0.0.1": false, "127.9.9.9": false, "::1": false, "0.0.0.0": false, "::": false, "10.0.0.1": false,
		"172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false, "198.18.0.1": false,
		"224.0.0.1": false, "255.255.255.255": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd00:ec2::254": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "ff02::1": false,
		"fec0::1": false, "192.0.0.170": false, "::ffff:8.8.8.8": true,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

const table = `{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"1"}}]}}`

// requests are what a host was asked.
type requests struct {
	mu   sync.Mutex
	list []string
}

func (r *requests) add(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, text)
}

func (r *requests) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = nil
}

func (r *requests) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list)
}

// A host that says what a test wants.
func host(t *testing.T) (address string, asked *requests) {
	asked = new(requests)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.add(r.Method + " " + r.URL.Path)
		if r.Header.Get("Cookie") != "" || r.Header.Get("Authorization") != "" {
			t.Errorf("%s is sent secrets", r.URL)
		}
		switch r.URL.Path {
		case "/sparql":
			if r.FormValue("query") == "" {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			w.Header().Set("Content-Type", "application/sparql-results+json")
			fmt.Fprint(w, table)
		case "/away":
			http.Redirect(w, r, "/sparql", http.StatusTemporaryRedirect)
		case "/large":
			w.Header().Set("Content-Type", "application/sparql-results+json")
			fmt.Fprint(w, `{"head":{"vars":["x"]},"results":{"bindings":[`+strings.Repeat(`{"x":{"type":"literal","value":"1"}},`, 40_000))
		case "/slow":
			select {
			case <-r.Context().Done():
			case <-time.After(5 * time.Second):
			}
		case "/short":
			w.Header().Set("Content-Type", "application/sparql-results+json")
			fmt.Fprint(w, table[:len(table)-10])
		case "/page":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<p>hello")
		case "/docs/a.ttl":
			w.Header().Set("Content-Type", "text/turtle; charset=utf-8")
			fmt.Fprint(w, "<> <urn:p> <b> .")
		case "/docs/wrong.ttl":
			w.Header().Set("Content-Type", "text/turtle")
			fmt.Fprint(w, "<> <urn:p> <b>")
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, asked
}

func TestSelect(t *testing.T) {
	at, asked := host(t)
	c, err := New(Options{Private: true, Bytes: 1 << 20, Time: time.Minute, Services: []string{at + "/sparql", at + "/away", at + "/large", at + "/slow", at + "/short", at + "/page", at + "/none"}})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/sparql": "", "/away": "leads elsewhere", "/large": "longer than 1 MiB", "/slow": "longer than 300ms", "/short": "read the answer",
		"/page": "neither JSON nor XML", "/none": "status 404", "/sparql/": "not on the list", "/sparql?x": "not on the list",
	} {
		asked.clear()
		client := *c
		if path == "/slow" {
			client.o.Time = 300 * time.Millisecond
		}
		res, err := client.Select(context.Background(), graph.IRI(at+path), "SELECT * {}")
		switch {
		case want == "":
			if err != nil || len(res.Rows) != 1 {
				t.Errorf("%s: %v, %v", path, res, err)
			}
		case err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "query="):
			t.Errorf("%s: %v, want %s", path, err, want)
		}
		if len(asked.all()) > 1 || want == "not on the list" && len(asked.all()) > 0 {
			t.Errorf("%s: asked %v", path, asked.all())
		}
	}
	asked.clear()
	if _, err := c.Select(context.Background(), graph.IRI(at+"/sparql"), "SELECT * { # "+strings.Repeat("x", 3000)+"\n}"); err != nil || fmt.Sprint(asked.all()) != "[POST /sparql]" {
		t.Errorf("a long query: %v, %v", asked.all(), err)
	}
}

// An address of this machine is not asked, whatever it is called, and though it is on the list.
func TestPrivateIsRefused(t *testing.T) {
	at, asked := host(t)
	_, port, _ := strings.Cut(strings.TrimPrefix(at, "http://"), ":")
	var names []string
	for _, name := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "0x7f000001", "127.1"} {
		names = append(names, "http://"+name+":"+port+"/sparql")
	}
	c, err := New(Options{Services: names, Documents: []string{at + "/docs/"}, Time: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if _, err := c.Select(context.Background(), graph.IRI(name), "SELECT * {}"); err == nil {
			t.Errorf("%s is asked", name)
		}
	}
	if _, err := c.Select(context.Background(), graph.IRI(names[0]), "SELECT * {}"); !errors.Is(err, ErrPrivate) {
		t.Errorf("%s: %v", names[0], err)
	}
	if err := c.Load(context.Background(), graph.IRI(at+"/docs/a.ttl"), func(...graph.Quad) error { return nil }); !errors.Is(err, ErrPrivate) {
		t.Errorf("a document: %v", err)
	}
	if len(asked.all()) > 0 {
		t.Errorf("asked %v", asked.all())
	}
}

// A name may lead to a public address first, when it is put on the list, and to this machine or
// the machines around it later: what is dialled is looked at each time.
func TestNameThatLeadsElsewhere(t *testing.T) {
	c, err := New(Options{Services: []string{"http://rebound.example/sparql"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		address string
		want    error
	}{{"203.162.0.1:80", nil}, {"127.0.0.1:80", ErrPrivate}, {"[2606:4700::1111]:443", nil}, {"169.254.169.254:80", ErrPrivate}, {"[::ffff:10.0.0.1]:80", ErrPrivate}} {
		if err := c.control("tcp", step.address, nil); !errors.Is(err, step.want) {
			t.Errorf("%s: %v", step.address, err)
		}
	}
	if err := c.control("tcp", "rebound.example:80", nil); err == nil {
		t.Error("an address that is a name is dialled")
	}
}

func TestLoad(t *testing.T) {
	at, asked := host(t)
	dir := t.TempDir()
	for name, text := range map[string]string{"in/a.ttl": "<> <urn:p> 1, 2 .", "in/x.txt": "no RDF", "secret.ttl": "<> <urn:p> 3 ."} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../secret.ttl", filepath.Join(dir, "in", "link.ttl")); err != nil {
		t.Log("no links here: ", err)
	}
	c, err := New(Options{Private: true, Documents: []string{at + "/docs/", "file://" + dir + "/in/"}})
	if err != nil {
		t.Fatal(err)
	}
	for document, want := range map[string]string{
		at + "/docs/a.ttl": "1", at + "/docs/wrong.ttl": "read the document", at + "/docs/none": "status 404",
		at + "/sparql": "not on the list", at + "/docs/../sparql": "not on the list", at + "/docs/%2e%2e/sparql": "not on the list",
		strings.Replace(at, "http://", "http://u@", 1) + "/docs/a.ttl": "not on the list",
		"file://" + dir + "/in/a.ttl":                                  "2", "file://" + dir + "/in/x.txt": "no format", "file://" + dir + "/in/none.ttl": "no such file",
		"file://" + dir + "/secret.ttl": "not on the list", "file://" + dir + "/in/../secret.ttl": "not on the list",
		"file://" + dir + "/in/link.ttl": "no such file", "file:///etc/passwd": "not on the list", "file://elsewhere" + dir + "/in/a.ttl": "not on the list",
		"a.ttl": "not on the list", "ftp://example.org/a.ttl": "not on the list",
	} {
		asked.clear()
		n := 0
		err := c.Load(context.Background(), graph.IRI(document), func(quads ...graph.Quad) error { n += len(quads); return nil })
		if err == nil && fmt.Sprint(n) != want || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %d quads, %v, want %s", document, n, err, want)
		}
		if want == "not on the list" && len(asked.all()) > 0 {
			t.Errorf("%s: asked %v", document, asked.all())
		}
	}
	stop := errors.New("enough")
	if err := c.Load(context.Background(), graph.IRI(at+"/docs/a.ttl"), func(...graph.Quad) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("stopped: %v", err)
	}
}

func TestEntries(t *testing.T) {
	for _, o := range []Options{
		{Services: []string{"example.org"}}, {Services: []string{"file:///x/"}}, {Services: []string{"http://u:p@example.org/"}},
		{Services: []string{"https://"}}, {Documents: []string{"https://example.org"}}, {Documents: []string{"https://example.org/a"}},
		{Documents: []string{"file:///x"}}, {Documents: []string{"file:x/"}}, {Services: []string{"%"}},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
	if _, err := New(Options{Services: []string{"https://query.wikidata.org/sparql"}, Documents: []string{"https://example.org/", "file:///srv/data/"}}); err != nil {
		t.Error(err)
	}
}
