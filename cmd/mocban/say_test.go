package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

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
