package vi

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// table reads a file of ../shared/data/vietnam: rows of fields between tabs. Lines that
// begin with # are comments; a .tsv has a line of headings.
func table(t testing.TB, name string) (rows [][]string) {
	t.Helper()
	file := filepath.Join("..", "..", "..", "..", "shared", "data", "vietnam", filepath.FromSlash(name))
	text, err := os.ReadFile(file)
	if err != nil {
		t.Skip("../shared is not here: ", err)
	}
	heading := strings.HasSuffix(name, ".tsv")
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "#") || line == "":
		case heading:
			heading = false
		default:
			rows = append(rows, strings.Split(line, "\t"))
		}
	}
	return rows
}
