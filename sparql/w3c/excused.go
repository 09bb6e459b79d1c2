package w3c

import (
	_ "embed"
	"strings"
)

//go:embed excused.tsv
var excused string

// Excused returns the tests that we do not pass, by [Test.Key], with the reason of each.
func Excused() map[string]string {
	reasons := map[string]string{}
	for line := range strings.Lines(excused) {
		line = strings.TrimSpace(line)
		if key, reason, ok := strings.Cut(line, "\t"); ok && !strings.HasPrefix(line, "# ") {
			reasons[key] = strings.TrimSpace(reason)
		}
	}
	return reasons
}
