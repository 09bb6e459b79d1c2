package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"mocban/graph"
)

// Who runs out of space is told how much is needed and what to do, in both languages.
func TestComplainOfSpace(t *testing.T) {
	err := fmt.Errorf("load: %w", &graph.SpaceError{Free: 31 << 20, Need: 64 << 20})
	for lang, words := range map[string]string{"vi": "còn trống 31 MiB, cần 64 MiB", "en": "only 31 MiB free, 64 MiB needed"} {
		var out bytes.Buffer
		a := &app{err: &out}
		a.settings.lang = lang
		if a.complain(err); !strings.Contains(out.String(), words) || !strings.Contains(out.String(), "storage low") {
			t.Errorf("%s: %q", lang, out.String())
		}
	}
}

// What flags are for stands in one column, whatever letters the names of their values have.
func TestHelpIsAligned(t *testing.T) {
	for _, verb := range []string{"map", "load", "unmap"} {
		code, out, _ := command(t, verb, "--help")
		column := map[int]int{}
		for line := range strings.Lines(out) {
			name, usage, ok := strings.Cut(strings.TrimRight(line, "\n"), "   ")
			if strings.HasPrefix(line, "      --") {
				name, usage, ok = strings.Cut(strings.TrimRight(line[6:], "\n"), "   ")
				name = "      " + name
			}
			if ok && strings.Contains(name, "--") {
				column[utf8.RuneCountInString(name)+3+len(usage)-len(strings.TrimLeft(usage, " "))]++
			}
		}
		if code != 0 || len(column) > 2 { // flags of the verb, and those of all
			t.Errorf("%s: what flags are for begins in columns %v:\n%s", verb, column, out)
		}
	}
}
