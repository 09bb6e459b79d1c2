package ingest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What the report counts is told in words in both languages, whatever rule it is.
func TestRulesHaveWords(t *testing.T) {
	rule := regexp.MustCompile(`\b(?:bad|repair|find)\((?:\w+, )?"([a-z-]+)"|return "([a-z-]+)", (?:fmt|")|Fault\{"([a-z-]+)"`)
	found := 0
	for _, dir := range []string{".", "charset", "formats", "mapping", "marc", "sheet", "tree"} {
		files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range rule.FindAllStringSubmatch(string(text), -1) {
				found++
				r := m[1] + m[2] + m[3]
				if words := ruleWords[r]; words[0] == "" || words[1] == "" {
					t.Errorf("%s: %q has no words", name, r)
				}
			}
		}
	}
	if found < 60 {
		t.Errorf("only %d rules were found", found)
	}
	r := newReport()
	r.FoundBy["unmapped"], r.AsideBy["truncated"], r.Aside = 3, 1, 1
	if vi, en := r.Text("vi"), r.Text("en"); !strings.Contains(vi, "chưa có quy tắc 3") || !strings.Contains(vi, "bị cắt cụt 1") || !strings.Contains(en, "without a rule 3") {
		t.Error(vi, en)
	}
}
