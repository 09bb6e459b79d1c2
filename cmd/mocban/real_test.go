package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/rdfio"
	"mocban/graph/store"
	"mocban/ingest"
)

var seed = flag.Uint64("seed", 0, "seed by which records are picked; 0 draws one")

// realFolders are the folders of ../shared/data whose records go through the whole house.
var realFolders = []string{"bib", "authority", "vietnamese", "broken", "holdings", "marc-in-json", "unimarc", "sru", "heritage"}

// uncounted is how many records files hold beyond what the README says of them:
// Catmandu-MARC-broken.xml has 10 for 1, qa-catalogue-wrong-marcxml.xml 3 for 1, dnb-sru.xml 2
// holdings besides its 3, and answers of OAI-PMH count as one there.
var uncounted = map[string]uint64{"broken": 11, "holdings": 2, "heritage": 10}

// realData returns the folder of real records.
func realData(t *testing.T) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("../shared/data is absent: no real records to try")
	}
	return dir
}

// command runs a command in this process.
func command(t *testing.T, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(args, strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

// A realFile is a file of real records, and the names of the records in it.
type realFile struct {
	path    string
	records []graph.IRI
}

// TestRealRecords takes every file of real records through map and load, publishes them,
// and looks at one record of each file in all its forms.
func TestRealRecords(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	data := realData(t)
	var files []realFile
	for _, folder := range realFolders {
		files = append(files, mapFolder(t, data, folder)...)
	}
	dir := filepath.Join(t.TempDir(), "data")
	var paths []string
	for _, f := range files {
		paths = append(paths, f.path)
	}
	args := append([]string{"load", "--lang", "en", "-q", "--json", "-l", dir}, paths...)
	code, out, errOut := command(t, args...)
	if code != exitOK && code != exitFindings {
		t.Fatalf("load: exit %d\n%s", code, errOut)
	}
	var report ingest.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatal(err)
	}
	addsUp(t, "load of all files", report)
	t.Logf("%d records, %d mapped to %d quads, %d set aside, %d refused, %d doubles", report.Records, report.Mapped,
		report.Quads, report.Aside, report.Refused, report.Doubles+report.Replaced)
	checkAside(t, filepath.Join(dir, "aside"), report.Aside)
	t.Run("visit", func(t *testing.T) { visit(t, dir, files) })
	t.Run("round trip", func(t *testing.T) { roundTrip(t, dir) })
}

// mapFolder maps every file of a folder, and compares the counts with those that the
// folder's README gives.
func mapFolder(t *testing.T, data, folder string) []realFile {
	t.Helper()
	var files []realFile
	records := uint64(0)
	err := filepath.WalkDir(filepath.Join(data, folder), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), "README") {
			return err
		}
		out := filepath.Join(t.TempDir(), "out.nq")
		code, report, errOut := command(t, "map", "--lang", "en", "-q", "--json", "--output", out, path)
		if code != exitOK && code != exitFindings {
			t.Errorf("map %s: exit %d\n%s", path, code, errOut)
			return nil
		}
		var r ingest.Report
		if err := json.Unmarshal([]byte(report), &r); err != nil {
			t.Errorf("map %s: %v\n%s", path, err, report)
			return nil
		}
		addsUp(t, path, r)
		f := realFile{path: path, records: readMapped(t, out, r)}
		if r.Mapped > 0 && len(f.records) == 0 {
			t.Errorf("map %s: %d records were mapped and there is no graph", path, r.Mapped)
		}
		files = append(files, f)
		records += r.Records
		return os.Remove(out)
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := readmeCount(t, data, folder) + uncounted[folder]; records != want {
		t.Errorf("%s: %d records, %d expected", folder, records, want)
	}
	return files
}

// readmeCount returns how many records the table of folders gives a folder.
func readmeCount(t *testing.T, data, folder string) uint64 {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?m)^\| ` + folder + ` \| \d+ \| (\d+) \|`).FindSubmatch(text)
	if row == nil {
		t.Fatalf("the README has no row for %s", folder)
	}
	n, _ := strconv.ParseUint(string(row[1]), 10, 64)
	return n
}

// addsUp checks that every record of a report went somewhere.
func addsUp(t *testing.T, what string, r ingest.Report) {
	t.Helper()
	if r.Records != r.Mapped+r.Aside+r.Refused+r.Deleted+r.Doubles {
		t.Errorf("%s: %d records are not %d mapped + %d aside + %d refused + %d doubles",
			what, r.Records, r.Mapped, r.Aside, r.Refused, r.Doubles)
	}
}

// readMapped reads N-Quads that map wrote, strictly, and returns the graphs in them.
func readMapped(t *testing.T, path string, r ingest.Report) []graph.IRI {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	seen := map[graph.IRI]bool{}
	n := uint64(0)
	readAll(t, path, rdfio.NQuads, f, func(q graph.Quad) {
		n++
		if g, ok := q.G.IRI(); ok {
			seen[graph.IRI(strings.Clone(string(g)))] = true
		}
	})
	if n != r.Quads {
		t.Errorf("%s: %d quads were written, %d reported", path, n, r.Quads)
	}
	var graphs []graph.IRI
	for g := range seen {
		graphs = append(graphs, g)
	}
	slices.Sort(graphs)
	return graphs
}

func readAll(t *testing.T, name string, format *rdfio.Format, in io.Reader, use func(graph.Quad)) {
	t.Helper()
	r, err := rdfio.NewReader(format, in, rdfio.ReadOptions{KeepBlanks: format == rdfio.NQuads})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	quads := make([]graph.Quad, 1024)
	for {
		n, err := r.Read(quads)
		for _, q := range quads[:n] {
			use(q)
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// checkAside checks that what was set aside is there with a reason each.
func checkAside(t *testing.T, dir string, want uint64) {
	t.Helper()
	lines := uint64(0)
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".jsonl" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			var e ingest.Entry
			if err := json.Unmarshal([]byte(line), &e); err != nil || e.Rule == "" || e.Vi == "" || e.En == "" {
				t.Errorf("%s: an entry without its reason: %s (%v)", path, line, err)
			}
			lines++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if lines != want {
		t.Errorf("%d entries in %s, %d records were set aside", lines, dir, want)
	}
}

// A site is a server on a data folder, for a test.
type site struct {
	t       *testing.T
	address string // where it listens
	base    string // with which IRIs begin
}

// open serves a data folder until the test ends.
func open(t *testing.T, dir string) *site {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(filepath.Join(dir, "store"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a := &app{out: io.Discard, err: os.Stderr}
	a.settings.location = dir
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- a.serve(ctx, s, l, serveOptions{index: filepath.Join(dir, "text"), wait: true, ready: func(a string) { ready <- a }})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("serve: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	select {
	case address := <-ready:
		return &site{t, address, "http://" + defaultBind + "/"}
	case err := <-done:
		done <- err
		t.Fatalf("serve: %v", err)
	}
	return nil
}

// get asks for an IRI of the site in a form.
func (s *site) get(iri, accept, want string) string {
	s.t.Helper()
	req, err := http.NewRequest("GET", s.address+strings.TrimPrefix(iri, s.base), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	// A redirect goes to the base of the settings: it is followed on the address of the test.
	c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusSeeOther {
		to, err := req.URL.Parse(res.Header.Get("Location"))
		if err != nil {
			s.t.Fatal(err)
		}
		return s.get(s.base+strings.TrimPrefix(to.RequestURI(), "/"), accept, want)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), want) {
		s.t.Errorf("%s for %s: %d %s, want 200 %s\n%.300s", iri, accept, res.StatusCode, res.Header.Get("Content-Type"), want, body)
		return ""
	}
	return string(body)
}

// things returns what a record describes, by SPARQL over HTTP.
func (s *site) things(record graph.IRI) []string {
	s.t.Helper()
	q := fmt.Sprintf(`SELECT DISTINCT ?s { GRAPH <%s> { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?l } FILTER(ISIRI(?s)) } ORDER BY ?s`, record)
	text := s.get(s.base+"sparql?query="+url.QueryEscape(q), "text/csv", "text/csv")
	var things []string
	for line := range strings.Lines(text) {
		if iri := strings.Trim(strings.TrimSpace(line), `"`); strings.HasPrefix(iri, s.base+"id/") && !strings.Contains(iri, "#") {
			things = append(things, iri)
		}
	}
	return things
}

// mostVisits bounds how many files are looked at, which are drawn: each costs ten pages.
const mostVisits = 80

// visit looks at a record of each file that was drawn, and at one thing that it describes.
func visit(t *testing.T, dir string, files []realFile) {
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("-seed %d", *seed)
	r := rand.New(rand.NewPCG(*seed, 0))
	s := open(t, dir)
	files = slices.DeleteFunc(slices.Clone(files), func(f realFile) bool { return len(f.records) == 0 })
	r.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
	for _, f := range files[:min(len(files), mostVisits)] {
		record := f.records[r.IntN(len(f.records))]
		things := s.things(record)
		if len(things) == 0 {
			t.Errorf("%s: record %s describes nothing that has a page", f.path, record)
			continue
		}
		s.look(string(record))
		s.look(things[r.IntN(len(things))])
	}
	for _, page := range []string{"", "sparql", "dataset", "browse/work", "search?q=" + url.QueryEscape("lịch sử")} {
		s.get(s.base+page, "text/html", "text/html")
	}
}

// look asks for a thing in all forms: they say the same, and what the store says.
func (s *site) look(iri string) {
	t := s.t
	t.Helper()
	if page := s.get(iri, "text/html", "text/html"); !strings.Contains(page, "application/ld+json") && strings.Contains(iri, "/id/") {
		t.Errorf("%s: the page has no JSON-LD in it", iri)
	}
	triples := func(accept string, format *rdfio.Format) (quads []graph.Quad) {
		body := s.get(iri, accept, accept)
		readAll(t, iri+" as "+accept, format, strings.NewReader(body), func(q graph.Quad) {
			q.G = graph.Term{}
			quads = append(quads, q)
		})
		return unique(quads)
	}
	turtle := triples("text/turtle", rdfio.Turtle)
	if len(turtle) == 0 {
		t.Errorf("%s: no triples", iri)
	}
	for accept, format := range map[string]*rdfio.Format{
		"application/ld+json": rdfio.JSONLD, "application/n-triples": rdfio.NTriples, "application/rdf+xml": rdfio.RDFXML,
	} {
		if other := triples(accept, format); !canon.Isomorphic(turtle, other) {
			t.Errorf("%s: %d triples as Turtle, other %d as %s", iri, len(turtle), len(other), accept)
		}
	}
	s.known(iri, turtle)
}

// unique leaves out doubles.
func unique(quads []graph.Quad) []graph.Quad {
	slices.SortFunc(quads, graph.CompareQuads)
	return slices.Compact(quads)
}

// known checks by SPARQL that the store holds the triples that have no blank nodes.
func (s *site) known(iri string, quads []graph.Quad) {
	s.t.Helper()
	var ask strings.Builder
	ask.WriteString("ASK {")
	n := 0
	for _, q := range quads {
		if q.S.IsBlank() || q.O.IsBlank() || len(q.O.Value()) > 1000 || n == 20 {
			continue
		}
		fmt.Fprintf(&ask, " %s .", q.Triple())
		n++
	}
	text := strings.ReplaceAll(ask.String(), ". .", ".") + "}"
	body := s.get(s.base+"sparql?query="+url.QueryEscape(text), "application/sparql-results+json", "application/sparql-results+json")
	var answer struct{ Boolean bool }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || !answer.Boolean {
		s.t.Errorf("%s: the store does not hold what is published: %v\n%s", iri, err, text)
	}
}

// roundTrip loads a dump into a new store, whose dump is equal.
func roundTrip(t *testing.T, dir string) {
	tmp := t.TempDir()
	one, two, again := filepath.Join(tmp, "one.nq"), filepath.Join(tmp, "two.nq.zst"), filepath.Join(tmp, "again")
	steps := [][]string{
		{"dump", "-q", "-l", dir, "--output", one, "--check"},
		{"load", "-q", "-l", again, one},
		{"dump", "-q", "-l", again, "--output", two},
		{"dump", "-q", "-l", again, "--output", two + ".nq"},
	}
	for _, args := range steps {
		if code, _, errOut := command(t, args...); code != exitOK {
			t.Fatalf("%v: exit %d\n%s", args, code, errOut)
		}
	}
	a, err := os.ReadFile(one)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(two + ".nq")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Errorf("a dump of %d bytes was loaded, and gives another one of %d", len(a), len(b))
	}
}
