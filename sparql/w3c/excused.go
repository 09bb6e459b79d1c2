package w3c

import (
	_ "embed"
	"strings"
)

//go:embed excused.tsv
var excused string

// An Excuse says why we do not pass a test. ByValue is set if we do, once numbers are compared
// by their values and language tags without case: a test checks that.
type Excuse struct {
	ByValue bool
	Reason  string
}

// Excused returns the tests that we do not pass, by [Test.Key].
func Excused() map[string]Excuse {
	all := map[string]Excuse{}
	for line := range strings.Lines(excused) {
		cells := strings.SplitN(strings.TrimSpace(line), "\t", 3)
		if len(cells) == 3 && !strings.HasPrefix(line, "# ") {
			all[cells[0]] = Excuse{cells[1] == "value", cells[2]}
		}
	}
	return all
}
