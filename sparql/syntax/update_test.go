package syntax

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// updates returns the update requests of the W3C's suites, and which of them are none.
func updates(t testing.TB) (all map[string]string, bad map[string]bool) {
	entry := regexp.MustCompile(`(?s)Negative(?:Update)?SyntaxTest(?:11)?\s*;.*?mf:action\s*<([^>]*)>`)
	all, bad = map[string]string{}, map[string]bool{}
	for _, folder := range []string{"sparql11", "sparql12"} {
		files, _ := filepath.Glob(filepath.Join(suites, folder, "*", "*.ru"))
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			all[f] = string(text)
		}
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
	if len(all) == 0 {
		t.Skip("no W3C suites beside the project: ", suites)
	}
	return all, bad
}

func TestW3CUpdatesReadBack(t *testing.T) {
	all, bad := updates(t)
	for file, text := range all {
		name := strings.TrimPrefix(file, suites)
		u, err := Options{Base: "http://example.org/base/"}.ParseUpdate(text)
		if bad[file] {
			if err == nil {
				t.Errorf("%s is no SPARQL, but was read", name)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again, err := ParseUpdate(u.String())
		if err != nil {
			t.Errorf("%s is printed as %s\n%v", name, u, err)
		} else if !again.Equal(u) {
			t.Errorf("%s is printed as %s\nwhich reads back as %s", name, u, again)
		}
	}
	t.Logf("%d requests, %d of them no SPARQL", len(all), len(bad))
}

func TestUpdateErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"SELECT * {}", `line 1 column 1: expected an update operation, found "SELECT" (this is a query, no update)`},
		{"INSERT DATA { ?s <http://p> 1 }", `line 1 column 15: data holds no variables (use INSERT { } WHERE { }, or DELETE { } WHERE { })`},
		{"DELETE WHERE { ?s <http://p> [] }", `line 1 column 30: what is deleted cannot be a blank node (use a variable)`},
		{"INSERT { ?s <http://p> 1 }", `line 1 column 27: expected "WHERE", found the end of the text`},
		{"CLEAR <http://g>", `line 1 column 7: expected GRAPH, DEFAULT, NAMED or ALL, found "<http://g>"`},
		{"DROP ALL DROP ALL", `line 1 column 10: expected ";" or the end of the request, found "DROP"`},
		{"INSERT DATA { _:b <http://p> 1 } ; INSERT DATA { _:b <http://p> 1 }", `line 1 column 50: blank node _:b stands in two graph patterns (use a variable instead)`},
		{"INSERT DATA { GRAPH <http://g> { GRAPH <http://g> {} } }", `line 1 column 34: expected a variable, an IRI, a literal or a blank node, found "GRAPH"`},
	} {
		if _, err := ParseUpdate(c.text); err == nil || err.Error() != c.want {
			t.Errorf("%s\n%v, want\n%s", c.text, err, c.want)
		}
	}
}

func FuzzParseUpdate(f *testing.F) {
	all, _ := updates(f)
	for _, text := range all {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := Options{Base: "http://e/"}.ParseUpdate(text)
		if err != nil {
			return
		}
		again, err := Options{Depth: 4 * MaxDepth, Parts: 4 * MaxParts}.ParseUpdate(u.String())
		if err != nil || !again.Equal(u) {
			t.Fatalf("%s\nreads back as\n%v (%v)", u, again, err)
		}
	})
}
