package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mocban/ingest"
)

// A finding is what the mapper says of a field, without the record it says it of.
type finding struct{ tag, code, vi, en string }

// findings counts them. What names a value is new with each record, so only so many are kept.
type findings map[finding]int

const (
	mostFindings = 10_000 // that are kept
	someFindings = 10     // that are told
)

func (f findings) note(n ingest.Notice) {
	if n.Kind != ingest.Finding {
		return
	}
	key := finding{n.Tag, n.Code, n.Vi, n.En}
	if _, known := f[key]; known || len(f) < mostFindings {
		f[key]++
	}
}

// most returns the most frequent findings as lines.
func (f findings) most(lang string) (lines []string) {
	all := slices.SortedFunc(maps.Keys(f), func(a, b finding) int {
		return cmp.Or(cmp.Compare(f[b], f[a]), strings.Compare(a.tag, b.tag), strings.Compare(a.code, b.code), strings.Compare(a.en, b.en))
	})
	for _, x := range all[:min(len(all), someFindings)] {
		text, field := x.en, x.tag
		if lang == "vi" {
			text = x.vi
		}
		if x.code != "" {
			field += " $" + x.code
		}
		lines = append(lines, fmt.Sprintf("%7d  %-6s  %s", f[x], field, text))
	}
	return lines
}

// tell prints the report of a run: for a person on standard error, or as JSON on standard
// output. Records that were set aside make it errFindings.
func (a *app) tell(r ingest.Report, asJSON bool, p *ingest.Pipeline, seen findings) error {
	if asJSON {
		e := json.NewEncoder(a.out)
		e.SetIndent("", "  ")
		if err := e.Encode(r); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(a.err, strings.TrimRight(r.Text(a.settings.lang), "\n"))
		if lines := seen.most(a.settings.lang); len(lines) > 0 && !a.flags.quiet {
			a.sayf("gặp nhiều nhất:\n%s\n", "most often:\n%s\n", strings.Join(lines, "\n"))
		}
		if len(r.Quality) > 0 {
			fmt.Fprint(a.err, r.Quality.Text(a.settings.lang))
		}
		if r.Aside > 0 && p.Quarantine != "" {
			a.sayf("biểu ghi để riêng và lý do nằm trong %s\n", "what was set aside, and why, is in %s\n", p.Quarantine)
		}
	}
	if r.Aside+r.Refused > 0 {
		return errFindings
	}
	return nil
}
