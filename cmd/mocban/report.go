package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"mocban/ingest"
)

// tell prints the report of a run: for a person on standard error, or as JSON on standard
// output. Records that were set aside make it errFindings.
func (a *app) tell(r ingest.Report, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(a.out)
		e.SetIndent("", "  ")
		if err := e.Encode(r); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(a.err, strings.TrimRight(r.Text(a.settings.lang), "\n"))
	}
	if r.Aside+r.Refused > 0 {
		return errFindings
	}
	return nil
}
