package w3c

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/conformance"
	"mocban/graph/memstore"
	"mocban/sparql"
)

var (
	earlFile = flag.String("earl", "", "write a report of all tests to this file")
	update   = flag.Bool("update", false, "write docs/conformance.md")
	verbose  = flag.Bool("table", false, "print the table of groups, and what excused tests give")
)

const folder = "../../../shared/suites/rdf-tests"

func suites(t testing.TB) fs.FS {
	if _, err := os.Stat(folder); err != nil {
		t.Skip("no W3C suites beside the project: ", err)
	}
	return os.DirFS(folder)
}

func load(t testing.TB, name string) []Test {
	tests, err := Load(suites(t), name)
	if err != nil {
		t.Fatal(err)
	}
	return tests
}

// queryTests returns the tests of queries of SPARQL 1.0 and 1.1, but those of entailment
// regimes and of federation. Their number is that of the suites, so that none gets lost.
func queryTests(t testing.TB) (report Report) {
	for _, s := range []struct {
		manifest           string
		syntax, evaluation int
	}{
		{"sparql/sparql10/manifest.ttl", 199, 283},
		{"sparql/sparql11/manifest-all.ttl", 114, 229 + 6},
		{"sparql/sparql12/manifest.ttl", 183, 63},
	} {
		syntax, evaluation := 0, 0
		for _, test := range load(t, s.manifest) {
			switch {
			case test.Kind == PositiveSyntax, test.Kind == NegativeSyntax:
				syntax++
			case test.Kind == Evaluation && !test.Regime && !test.Service:
				evaluation++
			default:
				continue
			}
			report = append(report, Outcome{Test: &test})
		}
		if syntax != s.syntax || evaluation != s.evaluation {
			t.Errorf("%s lists %d tests of syntax and %d of evaluation, want %d and %d", s.manifest, syntax, evaluation, s.syntax, s.evaluation)
		}
	}
	return report
}

// federatedTests returns the tests of SERVICE.
func federatedTests(t testing.TB) (report Report) {
	for _, test := range load(t, "sparql/sparql11/service/manifest.ttl") {
		if test.Kind == Evaluation && test.Service {
			report = append(report, Outcome{Test: &test})
		}
	}
	if len(report) != 7 {
		t.Errorf("%d tests of SERVICE, want 7", len(report))
	}
	return report
}

func TestSyntax(t *testing.T) {
	var syntax Report
	for _, o := range queryTests(t) {
		if o.Test.Kind != Evaluation {
			syntax = append(syntax, o)
		}
	}
	run(t, syntax, new(Runner))
}

func TestSPARQL(t *testing.T) {
	report, protocols := slices.Concat(queryTests(t), federatedTests(t), updateTests(t)), protocolTests(t)
	reasons := Excused()
	for _, o := range slices.Concat(report, protocols) {
		delete(reasons, o.Test.Key())
	}
	for key := range reasons {
		t.Errorf("excused.tsv lists %s, which is no test", key)
	}
	t.Run("memory", func(t *testing.T) {
		run(t, report, &Runner{Open: func() (graph.Store, error) { return memstore.New(), nil }})
	})
	t.Run("Badger", func(t *testing.T) {
		run(t, report, &Runner{Open: badger(t)})
	})
	t.Run("protocols", func(t *testing.T) { runProtocols(t, protocols) })
	checkPage(t, slices.Concat(report, protocols))
}

const page = "../../docs/conformance.md"

// checkPage sees to it that the documentation says what is.
func checkPage(t *testing.T, report Report) {
	var b strings.Builder
	if err := report.Markdown(&b); err != nil {
		t.Fatal(err)
	}
	b.WriteString("\nThe other suites, of which pages of their own tell more:\n\n| suite | tests | passed |\n| --- | --: | --: |\n")
	for _, name := range []string{"rdf", "rdfc", "jsonld"} {
		file := "conformance-" + name + ".md"
		text, err := os.ReadFile(filepath.Join(filepath.Dir(page), file))
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range conformance.Rows(string(text)) {
			suite, rest, _ := strings.Cut(strings.TrimPrefix(row, "| "), " |")
			fmt.Fprintf(&b, "| [%s](%s) |%s\n", suite, file, rest)
		}
	}
	b.WriteString("\nSHACL Core has [a page](conformance-shacl.md), too.\n")
	if *update {
		if err := os.WriteFile(page, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(page); err != nil || string(text) != b.String() {
		t.Errorf("docs/conformance.md is out of date: run with -args -update (%v)", err)
	}
}

// checkValue sees to it that an excuse covers nothing but other forms of the right values.
func checkValue(t *testing.T, r Runner, test *Test) {
	t.Helper()
	r.ByValue, r.Engine = true, engine(test.Version())
	if err := r.Run(context.Background(), test); err != nil {
		t.Errorf("%s is excused as of the right value: %v", test.Key(), err)
	}
}

// engine returns one that reads texts by a version of SPARQL: SPARQL 1.2 takes back some of what
// the suites of 1.0 and 1.1 ask for.
func engine(version string) *sparql.Engine {
	if engines[version] == nil {
		engines[version] = sparql.New(sparql.Options{Strict: true, Version: version})
	}
	return engines[version]
}

var engines = map[string]*sparql.Engine{}

func run(t *testing.T, report Report, r *Runner) {
	r.Suites, r.RDFXML = suites(t), readRDFXML
	r.Endpoint = func(quads ...graph.Quad) graph.Store { return memstore.New(quads...) }
	judge(t, report, func(test *Test, i int) error {
		r.Bulk = i%2 == 1 // updates and bulk loads take turns
		r.Engine = engine(test.Version())
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		return r.Run(ctx, test)
	})
	for _, o := range report {
		if Excused()[o.Test.Key()].ByValue {
			checkValue(t, *r, o.Test)
		}
	}
}

// judge runs tests and compares what comes of them with what is excused.
func judge(t *testing.T, report Report, run func(test *Test, i int) error) {
	reasons := Excused()
	passed := 0
	for i := range report {
		o := &report[i]
		o.Err = run(o.Test, i)
		excuse, isExcused := reasons[o.Test.Key()]
		switch {
		case o.Err == nil && isExcused:
			t.Errorf("%s passes: take it out of excused.tsv", o.Test.Key())
		case o.Err == nil:
			passed++
		case !isExcused:
			t.Errorf("%s: %v", o.Test.Key(), o.Err)
		case *verbose:
			t.Logf("%s is excused (%s): %v", o.Test.Key(), excuse.Reason, o.Err)
		}
	}
	t.Logf("%d of %d", passed, len(report))
	if *verbose {
		var b strings.Builder
		report.Table(&b)
		t.Log("\n" + b.String())
	}
	if *earlFile != "" {
		f, err := os.Create(*earlFile)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := report.EARL(f, "urn:mocban", time.Now()); err != nil {
			t.Error(err)
		}
	}
}
