// Package conformance keeps the pages of the documentation that say how many tests of a
// standard's suite pass, and why the others do not, in step with the tests.
package conformance

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// A Row is one suite of a page.
type Row struct {
	Suite         string
	Tests, Passed int
}

// A Page is one file of the documentation.
type Page struct {
	File   string // from the folder of the test
	Title  string
	Intro  string            // what is compared, and how
	Write  string            // the command that writes the page
	Rows   []Row             // in their order
	Excuse map[string]string // test, and the paragraph that is on our side
}

func (p *Page) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\nThis page is written by\n\n    %s\n\n", p.Title, p.Intro, p.Write)
	b.WriteString("and the test fails when it is out of date, when a test fails that is not listed here, and\nwhen one passes that is.\n\n")
	b.WriteString("| suite | tests | passed |\n| --- | --: | --: |\n")
	for _, r := range p.Rows {
		fmt.Fprintf(&b, "| %s | %d | %d |\n", r.Suite, r.Tests, r.Passed)
	}
	if len(p.Excuse) > 0 {
		b.WriteString("\nTests that do not pass:\n\n| test | why |\n| --- | --- |\n")
		for _, test := range slices.Sorted(maps.Keys(p.Excuse)) {
			fmt.Fprintf(&b, "| %s | %s |\n", test, p.Excuse[test])
		}
	}
	return b.String()
}

// Check tells the test if the file is not what the page says now, or writes it.
func (p *Page) Check(t testing.TB, update bool) {
	t.Helper()
	text := p.text()
	if update {
		if err := os.WriteFile(p.File, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if is, err := os.ReadFile(p.File); err != nil || string(is) != text {
		t.Errorf("%s is out of date: %s (%v)", p.File, p.Write, err)
	}
}

// Rows returns the rows of the tables of a page, as they are written.
func Rows(page string) (rows []string) {
	table := false
	for line := range strings.Lines(page) {
		switch {
		case strings.HasPrefix(line, "| suite |"):
			table = true
		case !strings.HasPrefix(line, "|"):
			table = false
		case table && !strings.HasPrefix(line, "| ---"):
			rows = append(rows, strings.TrimSpace(line))
		}
	}
	return rows
}
