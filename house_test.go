package house_test // at the module root, which holds no other Go file

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const module = "mocban/"

// floors lists what each part of the house may import from the rest of it.
// "graph" is that package alone; "sparql/..." is all packages inside it.
// A row of its own wins over the row of a folder.
var floors = map[string]string{
	"graph":          "",
	"graph/...":      "graph graph/... vocab/...",
	"graph/block":    "graph",
	"graph/disk":     "",
	"graph/log":      "graph graph/disk",
	"graph/kv":       "graph/disk",
	"graph/text/vi":  "",
	"vocab":          "graph vocab/...",
	"vocab/...":      "graph vocab/...",
	"ontology/...":   "graph graph/rdfio vocab/... ontology/...",
	"ontology/shacl": "graph graph/rdfio vocab/... ontology sparql/expr sparql/expr/...", // values as SPARQL compares them
	"sparql/...":     "graph vocab/... sparql/...",
	"sparql/syntax":  "graph vocab/...",
	"sparql/algebra": "graph vocab/... sparql/syntax",
	"sparql/w3c":     "graph graph/rdfio graph/canon vocab/... sparql/...",
	"sparql/plan":    "graph vocab/... sparql/algebra sparql/expr sparql/expr/...",
	"ingest/...":     "graph graph/rdfio graph/text/vi vocab/... ontology/... ingest/...",
	"publish/...":    "graph graph/disk graph/rdfio graph/text/vi vocab/... ontology/... sparql sparql/results publish/...",
	"cmd/...":        "graph graph/... vocab/... ontology/... sparql sparql/results ingest/... publish/...",
}

// doors lists the one place that may import each outside library.
var doors = map[string]string{
	"github.com/dgraph-io/badger/...":  "graph/kv",
	"github.com/blevesearch/...":       "graph/text",
	"github.com/knakk/rdf":             "graph/rdfio/...",
	"github.com/piprate/json-gold/...": "graph/rdfio/...",
	"github.com/go-chi/chi/...":        "publish/...",
	"github.com/spf13/cobra":           "cmd/...",
	"github.com/xuri/excelize/...":     "ingest/sheet",
}

// folders are the only ones that may hold Go packages.
var folders = []string{"cmd/...", "graph/...", "sparql/...", "vocab/...", "ingest/...", "publish/...", "ontology/..."}

func TestFloors(t *testing.T) {
	documented := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(file))
		if !match(pkg, folders) {
			t.Errorf("%s: packages stand in the seven folders only", file)
		}
		documented[pkg] = documented[pkg] || f.Doc != nil
		for _, spec := range f.Imports {
			imp, _ := strconv.Unquote(spec.Path.Value)
			if inner, ok := strings.CutPrefix(imp, module); ok && inner != pkg && !match(inner, row(pkg)) {
				t.Errorf("%s: %s must not import %s", file, pkg, inner)
			}
			for lib, door := range doors {
				if match(imp, []string{lib}) && !match(pkg, []string{door}) {
					t.Errorf("%s: only %s may import %s", file, door, imp)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment", pkg)
		}
	}
	checkArchitecture(t, documented)
}

// checkArchitecture compares the packages that ARCHITECTURE.md lists with the real ones. A
// row stands for the packages below it too, but that of a top-level folder only for itself,
// save vocab.
func checkArchitecture(t *testing.T, packages map[string]bool) {
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z0-9/]+)` \\|").FindAllSubmatch(text, -1) {
		listed[string(row[1])] = true
	}
	for pkg := range packages {
		dir := pkg
		for strings.Contains(dir, "/") && !listed[dir] {
			dir = path.Dir(dir)
		}
		if !listed[dir] || dir != pkg && dir != "vocab" && !strings.Contains(dir, "/") {
			t.Errorf("ARCHITECTURE.md does not list %s", pkg)
		}
	}
	for row := range listed {
		_, real := packages[row]
		for pkg := range packages {
			real = real || strings.HasPrefix(pkg, row+"/")
		}
		if !real {
			t.Errorf("ARCHITECTURE.md lists %s, which is no package", row)
		}
	}
}

// row returns what pkg may import.
func row(pkg string) []string {
	if r, ok := floors[pkg]; ok {
		return strings.Fields(r)
	}
	for dir := pkg; dir != "."; dir = path.Dir(dir) {
		if r, ok := floors[dir+"/..."]; ok {
			return strings.Fields(r)
		}
	}
	return nil
}

func match(pkg string, patterns []string) bool {
	for _, p := range patterns {
		root, all := strings.CutSuffix(p, "/...")
		if pkg == root || all && strings.HasPrefix(pkg, root+"/") {
			return true
		}
	}
	return false
}
