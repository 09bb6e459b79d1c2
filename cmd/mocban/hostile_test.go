package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	hostileData   = flag.String("hostile", "", "data folder of a library: ask the server on it what nobody should, in a cgroup of 1 GiB")
	hostileBinary = flag.String("hostile-binary", "", "the program to start for that; it is built otherwise")
	hostileLimit  = flag.Duration("hostile-limit", 5*time.Second, "the time that it gives a query")
	hostileSlack  = flag.Float64("hostile-slack", 1, "how many times slower than an idle machine this one is")
)

const hostilePrefixes = "PREFIX bf: <http://id.loc.gov/ontologies/bibframe/>\nPREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"

// hostileQueries are of all the kinds that a server must survive: what never ends, what holds
// too much, what is too long or too deep to be read.
func hostileQueries() map[string]string {
	repeat := func(n int, f func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(f(i))
		}
		return b.String()
	}
	all := "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . "
	return map[string]string{
		"cross product":              "SELECT * { " + all + "}",
		"cross product counted":      "SELECT (COUNT(*) AS ?n) { " + all + "}",
		"cross product, distinct":    "SELECT DISTINCT ?a ?d { ?a ?b ?c . ?d ?e ?f }",
		"cross product, made texts":  "SELECT DISTINCT ?x { ?a ?b ?c . ?d ?e ?f BIND(CONCAT(STR(?c), STR(?f)) AS ?x) }",
		"cross product, sorted":      "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f ?c",
		"cross product, top":         "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY DESC(CONCAT(STR(?c), STR(?f))) LIMIT 10",
		"cross product, grouped":     "SELECT ?a ?d (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f } GROUP BY ?a ?d",
		"cross product, filtered":    `SELECT * { ?a ?b ?c . ?d ?e ?f FILTER(CONCAT(STR(?c), STR(?f)) = "x") }`,
		"cross product, less":        "SELECT * { ?a ?b ?c . ?d ?e ?f MINUS { ?a ?x ?y . ?d ?z ?w } }",
		"cross product, optional":    "SELECT * { ?a ?b ?c OPTIONAL { ?d ?e ?f OPTIONAL { ?g ?h ?i } } }",
		"cross product, exists":      "SELECT * { ?a ?b ?c . ?d ?e ?f FILTER NOT EXISTS { ?g ?h ?i FILTER(?i = ?nope) } }",
		"cross product, constructed": "CONSTRUCT { ?a ?b _:x . _:x ?e ?i } { " + all + "}",
		"cross product, described":   "DESCRIBE * { ?a ?b ?c . ?d ?e ?f }",
		"cross product, far":         "SELECT * { " + all + "} OFFSET 9223372036854775807",
		"everything":                 "SELECT * { ?s ?p ?o }",
		"everything sorted":          "SELECT * { ?s ?p ?o } ORDER BY ?o ?p ?s",
		"everything sorted by text":  "SELECT * { ?s ?p ?o } ORDER BY LCASE(STR(?o))",
		"everything distinct":        "SELECT DISTINCT * { ?s ?p ?o }",
		"everything distinct, made":  "SELECT DISTINCT (CONCAT(STR(?s), STR(?o)) AS ?x) { ?s ?p ?o }",
		"everything grouped":         "SELECT ?s ?o (GROUP_CONCAT(STR(?p)) AS ?x) { ?s ?p ?o } GROUP BY ?s ?o",
		"everything in one text":     "SELECT (GROUP_CONCAT(CONCAT(STR(?s), STR(?p), STR(?o))) AS ?x) { ?s ?p ?o }",
		"everything in texts":        "SELECT ?p (GROUP_CONCAT(DISTINCT ?o) AS ?x) { ?s ?p ?o } GROUP BY ?p",
		"everything constructed":     "CONSTRUCT { ?s ?p ?o . ?o ?p ?s . _:x ?p ?o } { ?s ?p ?o }",
		"everything described":       "DESCRIBE * { ?s ?p ?o }",
		"everything joined":          "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?s ?q ?v . ?o ?r ?w }",
		"everything of one type":     "SELECT (COUNT(*) AS ?n) { ?a a ?t . ?b a ?t . ?c a ?t }",
		"counted apart":              "SELECT (COUNT(DISTINCT *) AS ?n) { ?a ?b ?c . ?d ?e ?f }",
		"drawn by chance":            "SELECT ?k (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f } GROUP BY (STRUUID() AS ?k)",
		"blank nodes without end":    "SELECT ?x { ?a ?b ?c . ?d ?e ?f BIND(BNODE() AS ?x) } ORDER BY ?x",
		"paths over everything":      "SELECT (COUNT(*) AS ?n) { ?a (!bf:nope|!^bf:nope)* ?b }",
		"paths, distinct":            "SELECT DISTINCT ?a ?b { ?a (!bf:nope)+ ?b }",
		"paths of paths":             "SELECT (COUNT(*) AS ?n) { ?a ((!bf:x)*/(!^bf:y)*)* ?b . ?b (bf:agent|^bf:agent)+ ?c }",
		"paths from everywhere":      "SELECT * { ?a (bf:contribution/bf:agent/^bf:agent/^bf:contribution)* ?b } ORDER BY ?b",
		"paths between places":       "SELECT * { ?a (bf:subject|^bf:subject|bf:agent|^bf:agent)+ ?a }",
		"patterns of letters":        `SELECT * { ?a ?b ?t . ?c ?d ?u FILTER(REGEX(CONCAT(STR(?t), STR(?u)), "(a+)+(a+)+b$")) }`,
		"patterns of many states":    `SELECT * { ?a ?b ?t FILTER(REGEX(STR(?t), "(.{0,300}y){2}(\\p{L}{0,500}z){2}")) }`,
		"text doubled":               `SELECT (STRLEN(?t40) AS ?n) { BIND("aaaaaaaaaaaaaaaa" AS ?t0) ` + repeat(40, func(i int) string { return fmt.Sprintf("BIND(CONCAT(?t%d, ?t%d) AS ?t%d) ", i, i, i+1) }) + "}",
		"text replaced":              `SELECT (REPLACE(STR(?o), ".", "` + strings.Repeat("b", 20_000) + `") AS ?n) { ?s ?p ?o }`,
		"long texts sorted":          `SELECT ?x { ?s ?p ?o BIND(REPLACE(STR(?o), ".", "` + strings.Repeat("b", 200) + `") AS ?x) } ORDER BY ?x`,
		"patterns on long texts":     `SELECT * { ?a ?b ?t BIND(REPLACE(STR(?t), ".", "` + strings.Repeat("b", 9000) + `") AS ?x) FILTER(REGEX(?x, "(.{0,500}b){2}")) }`,
		"patterns by row":            `SELECT * { ?a ?b ?t . ?c ?d ?u FILTER(REGEX(STR(?t), CONCAT(STR(?u), ".*x"))) }`,
		"patterns of patterns":       `SELECT * { ?a ?b ?t FILTER(REGEX(STR(?t), "` + strings.Repeat("(", 400) + "a" + strings.Repeat(")*", 400) + `")) }`,
		"patterns that count":        `SELECT * { ?a ?b ?t FILTER(REGEX(STR(?t), "((((((a{0,9}){0,9}){0,9}){0,9}){0,9}){0,9}){0,9}")) }`,
		"paths in paths":             "SELECT (COUNT(*) AS ?n) { ?a " + strings.Repeat("(", 60) + "bf:agent" + strings.Repeat(")*", 60) + " ?b }",
		"paths with many ways":       "SELECT (COUNT(*) AS ?n) { ?a (" + strings.TrimSuffix(repeat(300, func(i int) string { return fmt.Sprintf("!bf:x%d|", i) }), "|") + ")+ ?b }",
		"paths graph by graph":       "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?a (!bf:nope)* ?b } }",
		"keys without number":        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f " + repeat(90, func(i int) string { return fmt.Sprintf(`BIND(CONCAT(STR(?c), "%d", STR(?f)) AS ?k%d) `, i, i) }) + "} GROUP BY " + repeat(90, func(i int) string { return fmt.Sprintf("?k%d ", i) }),
		"texts side by side":         "SELECT " + repeat(90, func(i int) string { return fmt.Sprintf(`(GROUP_CONCAT(CONCAT(STR(?o), "%d")) AS ?n%d) `, i, i) }) + "{ ?s ?p ?o }",
		"sorted by many keys":        "SELECT * { ?s ?p ?o } ORDER BY " + repeat(200, func(i int) string { return fmt.Sprintf(`SHA512(CONCAT(STR(?o), "%d")) `, i) }),
		"words of all kinds":         `SELECT * { ?s <http://jena.apache.org/text#query> ("` + repeat(5000, func(i int) string { return fmt.Sprintf("w%d* ", i) }) + `" 1000000) }`,
		"words for every row":        `SELECT * { ?a ?b ?c . ?s <http://jena.apache.org/text#query> ("a" 1000000) . ?t <http://jena.apache.org/text#query> ("b" 1000000) FILTER(?c < ?s) }`,
		"a long template":            "CONSTRUCT { " + repeat(400, func(i int) string { return fmt.Sprintf("?a ?b _:x%d . ", i) }) + "} { ?a ?b ?c }",
		"triples in triples":         "SELECT * { ?s ?p " + strings.Repeat("<<( ?a ?b ", 200) + "1" + strings.Repeat(" )>>", 200) + " }",
		"sums of digits":             "SELECT (SUM(STRLEN(SHA512(CONCAT(STR(?a), STR(?d))))) AS ?n) { ?a ?b ?c . ?d ?e ?f }",
		"numbers without end":        `SELECT ?n64 { BIND(99999999999999999999999999999999999999999999 AS ?n0) ` + repeat(64, func(i int) string { return fmt.Sprintf("BIND(?n%d * ?n%d AS ?n%d) ", i, i, i+1) }) + "}",
		"tables crossed":             "SELECT * { VALUES ?a { " + repeat(4900, func(i int) string { return fmt.Sprint(i, " ") }) + "} VALUES ?b { " + repeat(4900, func(i int) string { return fmt.Sprint(i, " ") }) + "} FILTER(?a + ?b < 0) }",
		"tables with gaps":           "SELECT * { VALUES (?a ?x) { " + strings.Repeat("(UNDEF UNDEF) (UNDEF 2) ", 3000) + "} ?a ?b ?c VALUES ?d { " + strings.Repeat("UNDEF ", 3000) + "} }",
		"a table too large":          "SELECT * { VALUES ?a { " + repeat(30_000, func(i int) string { return fmt.Sprint(i, " ") }) + "} }",
		"a text too long":            "SELECT * { ?s ?p \"" + strings.Repeat("a", 400_000) + "\" }",
		"deep groups":                "SELECT * " + strings.Repeat("{ ", 20_000) + strings.Repeat("} ", 20_000),
		"deep expressions":           "SELECT * { FILTER(" + strings.Repeat("(", 20_000) + "1" + strings.Repeat(")", 20_000) + ") }",
		"deep optionals":             "SELECT * { ?a bf:agent ?b0 " + repeat(120, func(i int) string { return fmt.Sprintf("OPTIONAL { ?b%d ?p%d ?b%d ", i, i, i+1) }) + strings.Repeat("} ", 120) + "}",
		"deep exists":                "SELECT * { ?a ?p ?b0 " + repeat(60, func(i int) string { return fmt.Sprintf("FILTER EXISTS { ?b%d ?p%d ?b%d ", i, i, i+1) }) + strings.Repeat("} ", 60) + "}",
		"deep subqueries":            "SELECT * { " + strings.Repeat("{ SELECT * { ", 100) + all + strings.Repeat("} } ", 100) + "}",
		"many unions":                "SELECT (COUNT(*) AS ?n) { " + strings.TrimSuffix(repeat(300, func(i int) string { return fmt.Sprintf("{ ?a ?p%d ?b . ?c ?d ?b } UNION ", i) }), "UNION ") + "}",
		"many patterns":              "SELECT * { " + repeat(200, func(i int) string { return fmt.Sprintf("?v%d ?p%d ?v%d . ", i, i, i+1) }) + "}",
		"a star":                     "SELECT * { " + repeat(40, func(i int) string { return fmt.Sprintf("?v bf:agent ?w%d . ?x%d bf:agent ?w%d . ", i, i, i) }) + "}",
		"a clique": "SELECT * { " + repeat(9, func(i int) string {
			return repeat(i, func(k int) string { return fmt.Sprintf("?v%d ?p%dx%d ?v%d . ", i, i, k, k) })
		}) + "}",
		"other hosts":        "SELECT * { ?s ?p ?o SERVICE ?s { ?a ?b ?c } }",
		"this host":          "SELECT * { ?s ?p ?o SERVICE <http://127.0.0.1/sparql> { SERVICE <http://127.0.0.1/sparql> { ?a ?b ?c } } }",
		"other hosts, quiet": "SELECT * { ?s ?p ?o SERVICE SILENT <http://127.0.0.1:1/sparql> { ?s ?b ?c } }",
		"no SPARQL":          "SELECT * { ?s ?p ",
	}
}

// TestHostile starts the program in a cgroup of 1 GiB and asks hostile queries: one by one, each
// of which must end within its time and a second, and then many at once, while somebody looks
// things up who must get answers. The process may neither die nor go over its memory.
//
//	go test ./cmd/mocban -run TestHostile -v -timeout 0 -hostile data
func TestHostile(t *testing.T) {
	if *hostileData == "" {
		t.Skip("takes minutes and a store: give -hostile")
	}
	s := startHostile(t)
	queries := hostileQueries()
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range queries {
			if !yield(name) {
				return
			}
		}
	})
	var most int64
	slack := func(d time.Duration) time.Duration { return time.Duration(float64(d) * *hostileSlack) }
	var slowest time.Duration
	for _, name := range names {
		a := s.ask(queries[name])
		slowest, most = max(slowest, a.took), max(most, s.peak())
		t.Logf("%-28s %6.2f s  %s", name, a.took.Seconds(), a.outcome)
		if a.wrong != "" {
			t.Fatalf("%s: %s", name, a.wrong)
		}
		if a.took > *hostileLimit+slack(time.Second) {
			t.Errorf("%s took %v", name, a.took)
		}
	}
	t.Logf("one by one: %d queries, the slowest %.2f s; %d MiB at most", len(names), slowest.Seconds(), most>>20)

	// Many at once. One that has to wait may take as long as the queue holds it.
	const queue = 6 * time.Second
	var wait sync.WaitGroup
	work := make(chan string)
	for range 16 {
		wait.Go(func() {
			for name := range work {
				a := s.ask(queries[name])
				if a.wrong != "" {
					t.Errorf("%s among others: %s", name, a.wrong)
				}
				if a.took > *hostileLimit+queue+slack(time.Second) {
					t.Errorf("%s among others took %v", name, a.took)
				}
			}
		})
	}
	stop := make(chan struct{})
	var lookups []time.Duration
	var looking sync.WaitGroup
	looking.Go(func() {
		for k := 0; ; k++ {
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
			}
			a := s.ask(fmt.Sprintf("SELECT * { <http://example.org/thing/%d> ?p ?o } LIMIT 10", k))
			if lookups = append(lookups, a.took); a.status != http.StatusOK {
				t.Errorf("a lookup got %s", a.outcome)
			}
		}
	})
	for range 2 {
		for _, name := range names {
			work <- name
		}
	}
	close(work)
	wait.Wait()
	close(stop)
	looking.Wait()
	if len(lookups) == 0 {
		t.Fatal("nothing was looked up")
	}
	slices.Sort(lookups)
	at := func(p int) time.Duration { return lookups[(len(lookups)-1)*p/100].Round(time.Millisecond) }
	t.Logf("16 at once: %d lookups meanwhile, half within %v, 95 of 100 within %v, the slowest %v; %d MiB at most",
		len(lookups), at(50), at(95), at(100), s.peak()>>20)
	if at(95) > slack(time.Second) {
		t.Errorf("95 of 100 lookups took %v", at(95))
	}
	if killed := s.killed(); killed > 0 {
		t.Errorf("the kernel ended %d processes for want of memory", killed)
	}
	if a := s.ask("ASK {}"); a.status != http.StatusOK {
		t.Errorf("afterwards: %s", a.outcome)
	}
}

// A hostileServer is the program in its cgroup.
type hostileServer struct {
	url    string
	cgroup string // "" where there is none
	pid    int
}

const hostileMemory = 1 << 30

func startHostile(t *testing.T) *hostileServer {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("cgroups are of Linux")
	}
	binary := *hostileBinary
	if binary == "" {
		binary = filepath.Join(t.TempDir(), "mocban")
		if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	settings := filepath.Join(t.TempDir(), "mocban.toml")
	if err := os.WriteFile(settings, []byte("query-budget = -1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &hostileServer{url: "http://" + address + "/", cgroup: newCgroup(t)}
	args := []string{binary, "serve", "--config", settings, "-l", *hostileData, "-b", address, "--timeout", hostileLimit.String()}
	if s.cgroup != "" { // the shell joins the cgroup, and becomes the program
		args = append([]string{"sh", "-c", `echo $$ > "$0"/cgroup.procs && exec "$@"`, s.cgroup}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.pid = cmd.Process.Pid
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		select {
		case err := <-ended:
			t.Errorf("the program ended by itself: %v\n%s", err, log.Bytes()[max(0, log.Len()-4000):])
		default:
			cmd.Process.Signal(os.Interrupt)
			<-ended
		}
		if s.cgroup != "" {
			os.Remove(s.cgroup)
		}
	})
	for range 600 {
		if w, err := http.Get(s.url + "readyz"); err == nil {
			w.Body.Close()
			if w.StatusCode == http.StatusOK {
				return s
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("the program did not become ready")
	return nil
}

// newCgroup makes a cgroup of limited memory, of either version of the kernel's.
func newCgroup(t *testing.T) string {
	name := fmt.Sprintf("mocban-hostile-%d", os.Getpid())
	for _, c := range []struct{ root, limit string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"},
		{"/sys/fs/cgroup", "memory.max"},
	} {
		dir := filepath.Join(c.root, name)
		if os.Mkdir(dir, 0o755) != nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, c.limit), []byte(strconv.Itoa(hostileMemory)), 0); err == nil {
			os.WriteFile(filepath.Join(dir, "memory.swap.max"), []byte("0"), 0) // where there is swap
			return dir
		}
		os.Remove(dir)
	}
	t.Log("no cgroup can be made here: memory is only read, and not limited")
	return ""
}

// peak returns the most memory that the program had.
func (s *hostileServer) peak() int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n << 10
		}
	}
	return 0
}

// killed returns how many processes of the cgroup the kernel has ended.
func (s *hostileServer) killed() (n int) {
	for _, file := range []string{"memory.oom_control", "memory.events"} {
		text, _ := os.ReadFile(filepath.Join(s.cgroup, file))
		for line := range strings.Lines(string(text)) {
			if f := strings.Fields(line); len(f) == 2 && f[0] == "oom_kill" {
				n, _ = strconv.Atoi(f[1])
			}
		}
	}
	return n
}

// A hostileAnswer is what came of a query. Wrong says what must not be, if anything.
type hostileAnswer struct {
	status  int
	took    time.Duration
	outcome string
	wrong   string
}

func (s *hostileServer) ask(text string) (a hostileAnswer) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	form := url.Values{"query": {hostilePrefixes + text}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"sparql", strings.NewReader(form.Encode()))
	if err != nil {
		return hostileAnswer{wrong: err.Error()}
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/csv, application/n-triples;q=0.9, application/sparql-results+json;q=0.5")
	start := time.Now()
	defer func() { a.took = time.Since(start) }()
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return hostileAnswer{outcome: "no answer", wrong: err.Error()}
	}
	defer w.Body.Close()
	a.status = w.StatusCode
	var head bytes.Buffer
	n, err := io.Copy(io.Discard, io.TeeReader(w.Body, &limitedBuffer{&head, 600}))
	switch {
	case err != nil && a.status == http.StatusOK && !errors.Is(err, context.DeadlineExceeded):
		a.outcome = fmt.Sprintf("200, broken off after %d KiB", n>>10)
	case err != nil:
		a.wrong = err.Error()
	case a.status == http.StatusOK:
		a.outcome = fmt.Sprintf("200, %d KiB, %s", n>>10, cmp.Or(w.Trailer.Get("Query-Status"), "no status"))
		if !strings.HasPrefix(w.Trailer.Get("Query-Status"), "complete") {
			a.wrong = "an answer ended well, and does not say that it is complete"
		}
	case slices.Contains([]int{400, 403, 413, 422, 429, 503}, a.status):
		a.outcome = fmt.Sprintf("%d %.120s", a.status, detail(head.String()))
	default:
		a.outcome = fmt.Sprintf("%d %s", a.status, head.String())
		a.wrong = a.outcome
	}
	return a
}

// detail returns what a problem report says, in short.
func detail(problem string) string {
	_, rest, _ := strings.Cut(problem, `"detail_en": "`)
	text, _, _ := strings.Cut(rest, `"`)
	return cmp.Or(text, problem)
}

// A limitedBuffer keeps the beginning of what is written.
type limitedBuffer struct {
	b    *bytes.Buffer
	left int
}

func (l *limitedBuffer) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.b.Write(p[:n])
	l.left -= n
	return len(p), nil
}
