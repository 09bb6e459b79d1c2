package conformance

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A page is checked against what is, and its rows can be had from it.
func TestPage(t *testing.T) {
	p := Page{File: filepath.Join(t.TempDir(), "page.md"), Title: "Suites", Intro: "All.", Write: "go test", Rows: []Row{{"Turtle", 3, 2}, {"TriG", 1, 1}},
		Excuse: map[string]string{"turtle#one": "Turtle, 2.1"}}
	p.Check(t, true)
	text, err := os.ReadFile(p.File)
	if err != nil {
		t.Fatal(err)
	}
	if got := Rows(string(text)); !slices.Equal(got, []string{"| Turtle | 3 | 2 |", "| TriG | 1 | 1 |"}) {
		t.Errorf("rows are %q", got)
	}
	p.Rows[0].Passed = 3
	seen := &failures{TB: t}
	if p.Check(seen, false); seen.n != 1 {
		t.Errorf("a page that is out of date fails %d times", seen.n)
	}
}

// failures counts errors instead of failing.
type failures struct {
	testing.TB
	n int
}

func (f *failures) Errorf(string, ...any) { f.n++ }
