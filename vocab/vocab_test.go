package vocab_test

import (
	"strings"
	"testing"

	"mocban/vocab"
)

// A prefix stands for one namespace and a namespace has one prefix; both are as Turtle and
// SPARQL want them.
func TestPrefixes(t *testing.T) {
	seen := map[string]string{}
	for prefix, ns := range vocab.Prefixes {
		if prefix != strings.ToLower(prefix) || strings.ContainsAny(prefix, ":.") {
			t.Errorf("%q is no plain prefix", prefix)
		}
		if !strings.HasSuffix(string(ns), "/") && !strings.HasSuffix(string(ns), "#") {
			t.Errorf("%s: namespace %q ends in neither / nor #", prefix, ns)
		}
		if other, ok := seen[string(ns)]; ok {
			t.Errorf("%s and %s both stand for %s", prefix, other, ns)
		}
		seen[string(ns)] = prefix
	}
}
