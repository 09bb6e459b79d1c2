package syntax

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const suites = "../../../shared/suites/rdf-tests/sparql"

// queries returns the queries of the W3C's syntax suites. (Package w3c reads the manifests;
// here they are only for the shapes that queries have.)
func queries(t testing.TB) map[string]string {
	all := map[string]string{}
	for _, folder := range []string{"sparql10", "sparql11"} {
		files, _ := filepath.Glob(filepath.Join(suites, folder, "*", "*.rq"))
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			all[f] = string(text)
		}
	}
	if len(all) == 0 {
		t.Skip("no W3C suites beside the project: ", suites)
	}
	return all
}

// negatives returns the files that a manifest lists as no SPARQL.
func negatives(t testing.TB) map[string]bool {
	entry := regexp.MustCompile(`(?s)NegativeSyntaxTest(?:11)?\s*;.*?mf:action\s*<([^>]*)>`)
	bad := map[string]bool{}
	for _, folder := range []string{"sparql10", "sparql11"} {
		manifests, _ := filepath.Glob(filepath.Join(suites, folder, "*", "manifest.ttl"))
		for _, m := range manifests {
			text, err := os.ReadFile(m)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range entry.FindAllStringSubmatch(string(text), -1) {
				bad[filepath.Join(filepath.Dir(m), match[1])] = true
			}
		}
	}
	return bad
}

func TestW3CQueriesReadBack(t *testing.T) {
	bad := negatives(t)
	for file, text := range queries(t) {
		name := strings.TrimPrefix(file, suites)
		q, err := Options{Base: "http://example.org/base/"}.Parse(text)
		if bad[file] {
			if err == nil {
				t.Errorf("%s is no SPARQL, but was read", name)
			}
			continue
		}
		if err != nil {
			if !strings.Contains(err.Error(), `found "{"`) { // path{n,m}, which was given up; no manifest lists these
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		again, err := Parse(q.String())
		if err != nil {
			t.Errorf("%s is printed as %s\n%v", name, q, err)
		} else if !again.Equal(q) {
			t.Errorf("%s is printed as %s\nwhich reads back as %s", name, q, again)
		}
	}
	t.Logf("%d no SPARQL", len(bad))
}
