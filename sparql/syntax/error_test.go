package syntax

import (
	"errors"
	"go/ast"
	goparser "go/parser"
	gotoken "go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestVietnamese(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT * {\n  ?s ?p ?o\n  FILTER ?o\n}": `dòng 3 cột 10: cần "(" hoặc một hàm, nhưng gặp "?o" (điều kiện đặt trong ngoặc)`,
		"SELECT * { ?s ?p ?o":                    `dòng 1 cột 20: cần ".", một mẫu đồ thị hoặc "}", nhưng truy vấn đã hết`,
		"SELECT * { ?s bf:title ?t }":            `dòng 1 cột 15: tiền tố "bf:" chưa được khai báo (hãy thêm PREFIX bf: <http://id.loc.gov/ontologies/bibframe/>)`,
	} {
		_, err := Parse(text)
		var e *Error
		if !errors.As(err, &e) || e.In("vi") != want {
			t.Errorf("%s\n%s, want\n%s", text, e.In("vi"), want)
		}
	}
}

// Everything that errors say has a translation with the same holes.
func TestEverythingIsTranslated(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{"line %d column %d: ": true, "expected %s, found %q": true, "expected %s, found the end of the text": true}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := goparser.ParseFile(gotoken.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				for _, s := range said(call) {
					used[s] = true
				}
			}
			return true
		})
	}
	for s := range used {
		v, ok := vietnamese[s]
		if !ok && strings.ContainsAny(strings.ReplaceAll(s, " or ", ""), "abcdefghijklmnopqrstuvwxyz") {
			t.Errorf("%q has no translation", s)
		}
		if ok && holes(s) != holes(v) {
			t.Errorf("%q has other holes than %q", v, s)
		}
	}
	for s := range vietnamese {
		if !used[s] {
			t.Errorf("nothing says %q", s)
		}
	}
}

// said returns the texts that a call of the functions that make errors gives to them.
func said(call *ast.CallExpr) (texts []string) {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	from := map[string]int{"failAt": 1, "fail": 1, "expected": 0, "hint": 0}
	i, ok := from[f.Sel.Name]
	if !ok || i >= len(call.Args) {
		return nil
	}
	if lit, ok := call.Args[i].(*ast.BasicLit); ok && lit.Kind == gotoken.STRING {
		if s, err := strconv.Unquote(lit.Value); err == nil && s != "" {
			texts = append(texts, s)
		}
	}
	return texts
}

// holes returns the verbs of a format.
func holes(format string) string {
	var b strings.Builder
	for i := 0; i+1 < len(format); i++ {
		if format[i] == '%' {
			b.WriteByte(format[i+1])
			i++
		}
	}
	return b.String()
}

func TestMark(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT * {\n\tTruyện ?p ?o\r\n}": "\tTruyện ?p ?o\n\t^",
		"ASK { \"Kiều\" ?p":               "ASK { \"Kiều\" ?p\n               ^",
	} {
		_, err := Parse(text)
		var e *Error
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		if got := e.Mark(text); got != want {
			t.Errorf("%v\n%s, want\n%s", err, got, want)
		}
	}
}
